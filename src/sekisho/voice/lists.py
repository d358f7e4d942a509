"""Lists of user tests, surveys and quality levels as files."""

from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from sekisho.voice.models import Survey, UserTest
from sekisho.voice.quality import Rule
from sekisho.voice.queries.quality import lacks_of, title
from sekisho.web.lists import Cells, as_file


def tests_file(fmt: str, tests: QuerySet[UserTest]) -> FileResponse:
    """User tests in their order."""
    cells = [
        Cells("title", _("User test"), lambda test: test.title),
        Cells("code", _("Code"), lambda test: test.project.code),
        Cells("project", _("Project"), lambda test: test.project.local_name),
        Cells("kind", _("Kind"), lambda test: test.get_kind_display()),
        Cells("starts_on", _("When"), lambda test: test.starts_on, "date"),
        Cells("state", _("State"), lambda test: test.get_state_display()),
        Cells("sessions", _("Sessions"), lambda test: test.held, "number"),
        Cells("planned", _("Sessions planned"), lambda test: test.wanted, "number"),
        Cells("open_problems", _("Open problems"), lambda test: test.open_problems, "number"),
    ]
    return as_file(fmt, "user_tests", _("User tests"), cells, tests.iterator(chunk_size=1000))


def surveys_file(fmt: str, surveys: QuerySet[Survey]) -> FileResponse:
    """Surveys in their order."""
    cells = [
        Cells("title", _("Survey"), lambda survey: survey.local_title),
        Cells("holder", _("Book or organisation"), lambda s: (s.project or s.organisation).local_name),
        Cells("code", _("Code"), lambda survey: (survey.project or survey.organisation).code),
        Cells("waves", _("Waves"), lambda survey: survey.asked, "number"),
        Cells("state", _("State"), _state),
    ]
    return as_file(fmt, "surveys", _("Surveys"), cells, surveys.iterator(chunk_size=1000))


def _state(survey: Any) -> str:
    if survey.open:
        return _("Being asked")
    return pgettext("survey", "Closed") if survey.asked else pgettext("state", "Draft")


def levels_file(fmt: str, levels: QuerySet[Any], rule: Rule) -> FileResponse:
    """Services with the quality level of a fiscal year."""
    cells = [
        Cells("code", _("Code"), lambda row: row.project.code),
        Cells("service", _("Service"), lambda row: row.project.local_name),
        Cells("level", _("Quality level"), lambda row: title(rule, row.level)),
        Cells("owner", _("Owner section"), lambda row: row.project.owner.local_name),
        Cells("missing", _("What is missing for the next level"), lambda row: "; ".join(lacks_of(rule, row))),
        Cells("judged_at", _("Judged"), lambda row: row.judged_at, "moment"),
    ]
    return as_file(fmt, "quality_levels", _("Quality levels"), cells, levels.iterator(chunk_size=1000))
