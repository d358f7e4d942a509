"""Answering signs that figures look arranged: nobody hides one, whoever reads the book sees who said what."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from sekisho.book.models import Project
from sekisho.book.services.acting import acting_on
from sekisho.book.services.common import filled, fitting
from sekisho.errors import Conflict, Invalid
from sekisho.portfolio.alarms import ALL, Sign
from sekisho.portfolio.models import SignAnswer
from sekisho.portfolio.queries.signs import signs_of

LONGEST = 1000


def answer_sign(user: Any, project: Project, sign: str, reason: str) -> SignAnswer:
    """Write down why a book's figures look as they do: the sign then counts as answered.

    It is asked about anew when the act is done again, when reports begin such a run again, and after half a year.

    Raises:
        NotPermitted: only the quality office answers.
        Invalid: no reason, or no such sign.
        Conflict: the book does not show it, or it is answered.
    """
    with acting_on(user, project, closed_ok=True) as act:
        act.require("answer_signs")
        words = fitting(filled(reason, "reason"), LONGEST, "reason")
        found = _open(act.project, sign)
        row = SignAnswer.objects.create(
            project=act.project,
            sign=found.code,
            since=found.since,
            reason=words,
            answered_by_id=act.person_id,
            answered_at=act.now,
        )
        said = {"alarm": sign, "since": found.since.isoformat()}
        act.write("sign.answered", said, after={"reason": words})
    return row


def _open(project: Project, code: str) -> Sign:
    if code not in ALL:
        raise Invalid(_("There is no such sign."), field="sign")
    found = next((one for one in signs_of(project) if one.code == code), None)
    if found is None:
        raise Conflict(_("The book does not show this sign."), code="no_such_sign")
    if found.answered:
        raise Conflict(_("This sign is answered."), code="sign_answered")
    return found


def take_back(user: Any, project: Project, answer: SignAnswer) -> None:
    """Ask about a sign again; the answer stays to be read, and counts no longer.

    Raises:
        NotPermitted: only the quality office does this.
        Conflict: it was taken back already.
    """
    with acting_on(user, project, closed_ok=True) as act:
        act.require("answer_signs")
        answer = SignAnswer.objects.get(pk=answer.pk, project=act.project)
        if answer.taken_back_at:
            raise Conflict(_("This answer was taken back."), code="taken_back")
        answer.taken_back_at = act.now
        answer.save(update_fields=["taken_back_at"])
        said = {"alarm": answer.sign, "since": answer.since.isoformat()}
        act.write("sign.asked_again", said, before={"reason": answer.reason})
