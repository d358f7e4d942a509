"""The signs of one book that its figures look arranged, and what was answered."""

from dataclasses import dataclass

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from sekisho.book.models import Project
from sekisho.portfolio.alarms import BASELINE_RESET, RECLASSIFIED, Sign, signs
from sekisho.portfolio.models import SignAnswer
from sekisho.portfolio.queries.truth import ALARMS
from sekisho.portfolio.records import Reader
from sekisho.web.formats import date_long, month

_ACTS = (BASELINE_RESET, RECLASSIFIED)


@dataclass(frozen=True)
class SignLine:
    """A sign in words, and what it rests on."""

    code: str
    title: str
    ground: str
    answered: bool


def signs_of(project: Project) -> list[Sign]:
    """What the book shows now."""
    return signs(Reader([project]).record(project))


def sign_lines(project: Project) -> list[SignLine]:
    """The same as a page shows it, open ones first."""
    lines = [
        SignLine(one.code, str(ALARMS[one.code]), _ground(one), one.answered) for one in signs_of(project)
    ]
    return sorted(lines, key=lambda line: line.answered)


def answers_of(project: Project) -> list[tuple[str, SignAnswer]]:
    """(sign in words, answer), the newest first; those taken back among them."""
    rows = project.sign_answers.select_related("answered_by")
    return [(str(ALARMS.get(row.sign, row.sign)), row) for row in rows]


def _ground(sign: Sign) -> str:
    lang = get_language()
    if sign.code in _ACTS:
        return _("Last done on %(day)s.") % {"day": date_long(sign.since, lang)}
    if sign.since == sign.until:
        return _("Report of %(month)s.") % {"month": month(sign.since, lang)}
    return _("Reports from %(first)s to %(last)s.") % {
        "first": month(sign.since, lang),
        "last": month(sign.until, lang),
    }
