"""API of signs that figures look arranged: what a book shows, what was answered, answering, and asking again."""

import datetime as dt
from typing import Any, Literal

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router, Status
from pydantic import Field

from sekisho.book.api.common import find_project
from sekisho.errors import NotFound
from sekisho.people.api_paging import Body, Out, Page, Paging, Text, paginate
from sekisho.portfolio.models import SignAnswer
from sekisho.portfolio.queries.signs import sign_lines
from sekisho.portfolio.services import signs

router = Router(tags=["signs"])

Code = Literal["baseline_reset", "reclassified", "never_changes", "copied", "against_measures"]


class SignOut(Out):
    """A sign a book shows now; ``title`` and ``ground`` are in the caller's language."""

    sign: Code
    title: str
    ground: str
    answered: bool


class SignsOut(Out):
    """Every sign of a book, those to ask about first; ``next`` is always null."""

    items: list[SignOut]
    next: None = None


class SignAnswerBody(Body):
    """Why the figures look as they do."""

    reason: Text = Field(max_length=signs.LONGEST)


class SignAnswerOut(Out):
    """An answer. ``since``: the day of the act, or the first month of the reports, that it was given to."""

    id: int
    sign: Code
    since: dt.date
    reason: str
    answered_by: str
    answered_at: dt.datetime
    withdrawn_at: dt.datetime | None


@router.get("/projects/{code}/signs", response=SignsOut)
def list_signs(request: HttpRequest, code: str) -> dict[str, Any]:
    """What looks arranged in a book's figures. Each is a question to the owner section, not a verdict."""
    lines = sign_lines(find_project(request, code))
    return {
        "items": [
            {"sign": line.code, "title": line.title, "ground": line.ground, "answered": line.answered}
            for line in lines
        ]
    }


@router.get("/projects/{code}/signs/answers", response=Page[SignAnswerOut])
def list_sign_answers(request: HttpRequest, code: str, filters: Query[Paging]) -> dict[str, Any]:
    """What was answered so far, those withdrawn among them, in the order they were given."""
    return paginate(request, _answers(request, code), filters, _document)


@router.post("/projects/{code}/signs/{sign}/answers", response={201: SignAnswerOut})
def answer_sign(request: HttpRequest, code: str, sign: str, payload: SignAnswerBody) -> Any:
    """Write down why a book's figures look as they do. For the quality office."""
    project = find_project(request, code)
    return Status(201, _document(signs.answer_sign(request.user, project, sign, payload.reason)))


@router.post("/projects/{code}/signs/answers/{int:answer_id}/withdraw", response=SignAnswerOut)
def withdraw_sign_answer(request: HttpRequest, code: str, answer_id: int) -> dict[str, Any]:
    """Ask about a sign again; the answer stays to be read. For the quality office."""
    found = _answers(request, code).filter(pk=answer_id).first()
    if found is None:
        raise NotFound(_("There is no such answer."))
    signs.take_back(request.user, found.project, found)
    found.refresh_from_db()
    return _document(found)


def _answers(request: HttpRequest, code: str) -> Any:
    return SignAnswer.objects.filter(project=find_project(request, code)).select_related(
        "project__owner", "answered_by"
    )


def _document(row: SignAnswer) -> dict[str, Any]:
    return {
        "id": row.pk,
        "sign": row.sign,
        "since": row.since,
        "reason": row.reason,
        "answered_by": row.answered_by.username,
        "answered_at": row.answered_at,
        "withdrawn_at": row.taken_back_at,
    }
