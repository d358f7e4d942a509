"""API of surveys: made, changed, asked in waves, and what came back. Answers are given on the public page."""

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from ninja import Field, Query, Router, Status

from sekisho.book.api.common import IfMatch, expected_version, find_project, in_api_words, version_tag
from sekisho.book.api.paging import Page, Paging, paginate
from sekisho.errors import NotFound
from sekisho.people.api_paging import Body, Filter, Line, Out
from sekisho.people.permissions import actor_of
from sekisho.voice.models import Survey, Wave
from sekisho.voice.queries.documents import results_document
from sekisho.voice.queries.surveys import seen_survey, seen_wave, surveys_seen
from sekisho.voice.services import surveys as service
from sekisho.voice.services.tally import count_new

router = Router(tags=["surveys"])


class SurveysQuery(Paging):
    """``project`` and ``organisation`` are codes of who holds the surveys."""

    project: Filter = None
    organisation: Filter = None


class NewSurvey(Body):
    """A title, and perhaps the name of a ready survey or a document of one's own."""

    title: Line
    title_en: Line = ""
    ready: Line = Field(
        "", description="satisfaction, counter, staff_digital, kano, sus, training, or empty."
    )
    document: dict[str, Any] | None = Field(None, description="Sections with questions, as GET shows them.")


class SurveyBody(Body):
    """The draft: waves that were opened keep the questions they began with."""

    document: dict[str, Any]
    title: Line | None = None
    title_en: Line | None = None


class SurveyOut(Out):
    """A survey and its draft."""

    id: int
    project: str | None
    organisation: str | None
    title: str
    title_en: str
    document: dict[str, Any]
    version: int


class NewWave(Body):
    """Who may answer, and how: `link` everyone with the address, `once` one-time links, `staff` people who sign in."""

    name: Line
    access: Line = "link"
    anonymous: bool = True
    threshold: int = 5
    invited: int | None = Field(None, ge=1, le=10**9)
    closes_on: dt.date | None = None


class WaveOut(Out):
    """One time that a survey is asked; ``address`` is where people answer."""

    id: int
    survey: int
    number: int
    name: str
    access: str
    anonymous: bool
    threshold: int
    invited: int | None
    opened_at: dt.datetime
    closes_on: dt.date | None
    closed_at: dt.datetime | None
    address: str


def _survey(survey: Survey) -> dict[str, Any]:
    plain = ("title", "title_en", "document", "version")
    return {
        "id": survey.pk,
        "project": survey.project.code if survey.project else None,
        "organisation": survey.organisation.code if survey.organisation else None,
        **{name: getattr(survey, name) for name in plain},
    }


def _wave(request: HttpRequest, wave: Wave) -> dict[str, Any]:
    plain = (
        "number",
        "name",
        "access",
        "anonymous",
        "threshold",
        "invited",
        "opened_at",
        "closes_on",
        "closed_at",
    )
    return {
        "id": wave.pk,
        "survey": wave.survey_id,
        **{name: getattr(wave, name) for name in plain},
        "address": request.build_absolute_uri(reverse("voice:answer", args=[wave.token])),
    }


def _seen_survey(request: HttpRequest, survey_id: int) -> Survey:
    survey = seen_survey(actor_of(request.user), survey_id)
    if survey is None:
        raise NotFound(_("There is no such survey, or you may not see it."))
    return survey


def _seen_wave(request: HttpRequest, wave_id: int) -> Wave:
    wave = seen_wave(actor_of(request.user), wave_id)
    if wave is None:
        raise NotFound(_("There is no such survey, or you may not see it."))
    return wave


@router.get("/surveys", response=Page[SurveyOut])
def list_surveys(request: HttpRequest, filters: Query[SurveysQuery]) -> dict[str, Any]:
    """Surveys the caller may see, of books and of organisations."""
    holder = {"project": filters.project or "", "organisation": filters.organisation or ""}
    return paginate(request, surveys_seen(actor_of(request.user), **holder), filters, _survey)


@router.post("/projects/{code}/surveys", response={201: SurveyOut})
def make_survey(request: HttpRequest, code: str, payload: NewSurvey, response: HttpResponse) -> Any:
    """Make a survey of a book from a ready one, from a document, or empty."""
    said = payload.model_dump(exclude={"document"})
    survey = service.make_survey(request.user, find_project(request, code), **said, document=payload.document)
    response["ETag"] = version_tag(survey.version)
    return Status(201, _survey(survey))


@router.get("/surveys/{int:survey_id}", response=SurveyOut)
def read_survey(request: HttpRequest, survey_id: int, response: HttpResponse) -> dict[str, Any]:
    """One survey with its questions; its ETag guards a change."""
    survey = _seen_survey(request, survey_id)
    response["ETag"] = version_tag(survey.version)
    return _survey(survey)


@router.put("/surveys/{int:survey_id}", response=SurveyOut)
def change_survey(
    request: HttpRequest,
    survey_id: int,
    payload: SurveyBody,
    response: HttpResponse,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Change the draft as a whole. Faults of the document are named by their places."""
    survey, sent = _seen_survey(request, survey_id), payload.model_dump(exclude_unset=True)
    with in_api_words(sent, lambda: _survey(_seen_survey(request, survey_id))):
        service.change_survey(request.user, survey, **sent, expected_version=expected_version(if_match))
    response["ETag"] = version_tag(survey.version)
    return _survey(survey)


@router.get("/surveys/{int:survey_id}/waves", response=Page[WaveOut])
def list_waves(request: HttpRequest, survey_id: int, filters: Query[Paging]) -> dict[str, Any]:
    """The times a survey was asked."""
    rows = _seen_survey(request, survey_id).waves.all()
    return paginate(request, rows, filters, lambda wave: _wave(request, wave))


@router.post("/surveys/{int:survey_id}/waves", response={201: WaveOut})
def open_wave(request: HttpRequest, survey_id: int, payload: NewWave) -> Any:
    """Begin asking: the questions are frozen for this wave, and its address works at once."""
    survey = _seen_survey(request, survey_id)
    return Status(201, _wave(request, service.open_wave(request.user, survey, **payload.model_dump())))


@router.get("/waves/{int:wave_id}", response=WaveOut)
def read_wave(request: HttpRequest, wave_id: int) -> dict[str, Any]:
    """One wave and where it is answered."""
    return _wave(request, _seen_wave(request, wave_id))


@router.post("/waves/{int:wave_id}/close", response=WaveOut)
def close_wave(request: HttpRequest, wave_id: int) -> dict[str, Any]:
    """Stop asking; all answers are counted. What would tell who took part is erased."""
    wave = service.close_wave(request.user, _seen_wave(request, wave_id))
    count_new(wave)
    return _wave(request, wave)


@router.get("/waves/{int:wave_id}/results", response=dict[str, Any])
def read_results(request: HttpRequest, wave_id: int) -> dict[str, Any]:
    """Figures of each question by the field's standard terms; nothing that fewer than the threshold answered."""
    return results_document(_seen_wave(request, wave_id))
