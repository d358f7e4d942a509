"""Words of the portfolio that others say."""

import datetime as dt
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext_lazy as _

from sekisho.book.models import Gate, Project
from sekisho.portfolio.public.dictionary import dictionary
from sekisho.portfolio.queries.truth import ALARMS
from sekisho.web import formats

OPERATION = _("Operation figures")
WEEK = _(
    "The portfolio this week: gates overdue %(overdue)s, conditions overdue %(conditions)s, "
    "projects rated 1 or 2 %(worried)s, signs to ask about %(alarms)s"
)
PUBLIC = _("What citizens see")
REPORT = _("Report of the book")
DOSSIER = _("Dossier of the gate")
SIGNS = _("Signs to ask about")
ACTS = {
    "sign.answered": gettext_noop("%(actor)s wrote down why “%(alarm)s” holds for this book"),
    "sign.asked_again": gettext_noop("%(actor)s took back the answer to “%(alarm)s”"),
    "operation.reported": gettext_noop("%(actor)s reported the operation of %(month)s"),
    "operation.corrected": gettext_noop("%(actor)s corrected the operation of %(month)s"),
    "incident.reported": gettext_noop("%(actor)s listed the incident “%(key)s”"),
    "incident.corrected": gettext_noop("%(actor)s corrected the incident “%(key)s”"),
    "publication.service_shown": gettext_noop(
        "%(actor)s decided to publish this service from %(from_moment)s"
    ),
    "publication.service_hidden": gettext_noop(
        "%(actor)s decided to publish this service no longer from %(from_moment)s"
    ),
    "publication.part_shown": gettext_noop(
        "%(actor)s decided to publish “%(public_field)s” of this service from %(from_moment)s"
    ),
    "publication.part_hidden": gettext_noop(
        "%(actor)s decided to keep “%(public_field)s” of this service back from %(from_moment)s"
    ),
    "publication.field_shown": gettext_noop(
        "%(actor)s decided to publish “%(public_field)s” of all public services from %(from_moment)s"
    ),
    "publication.field_hidden": gettext_noop(
        "%(actor)s decided to publish “%(public_field)s” no longer from %(from_moment)s"
    ),
    "publication.taken_back": gettext_noop(
        "%(actor)s took back what was to be published or hidden from %(from_moment)s"
    ),
}


def operation_of(project: Project) -> str:
    """Address of a book's months in use."""
    return reverse("portfolio:operation", args=[project.code])


def signs_of(project: Project) -> str:
    """Address of the signs of a book that its figures look arranged."""
    return reverse("portfolio:signs", args=[project.code])


def alarm_word(code: Any) -> str:
    """A sign in words."""
    return str(ALARMS.get(str(code), code))


def public_of(project: Project) -> str:
    """Address of what is public of a book."""
    return reverse("portfolio:publishing_service", args=[project.code])


def field_word(name: Any) -> str:
    """A field of the public side in the active language."""
    found = dictionary().fields.get(str(name))
    return found.title.get(get_language() or "ja") if found else str(name)


def moment_word(text: Any) -> str:
    """An ISO moment with its day, hours and minutes."""
    try:
        return formats.date_time(dt.datetime.fromisoformat(str(text)), get_language())
    except ValueError:
        return str(text)


def report_of(project: Project) -> str:
    """Address of a book's report."""
    return reverse("portfolio:report", args=["book", project.code])


def dossier_of(gate: Gate) -> str:
    """Address of a gate's dossier."""
    return reverse("portfolio:report", args=["gate", str(gate.pk)])
