"""Words of the portfolio that others say."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from sekisho.book.models import Gate, Project

OPERATION = _("Operation figures")
WEEK = _(
    "The portfolio this week: %(overdue)s gates overdue, %(conditions)s conditions overdue, "
    "%(worried)s projects rated 1 or 2, %(alarms)s signs to ask about"
)
ACTS = {
    "operation.reported": gettext_noop("%(actor)s reported the operation of %(month)s"),
    "operation.corrected": gettext_noop("%(actor)s corrected the operation of %(month)s"),
    "incident.reported": gettext_noop("%(actor)s listed the incident “%(key)s”"),
    "incident.corrected": gettext_noop("%(actor)s corrected the incident “%(key)s”"),
}


def operation_of(project: Project) -> str:
    """Address of a book's months in use."""
    return reverse("portfolio:operation", args=[project.code])


REPORT = _("Report of the book")
DOSSIER = _("Dossier of the gate")


def report_of(project: Project) -> str:
    """Address of a book's report."""
    return reverse("portfolio:report", args=["book", project.code])


def dossier_of(gate: Gate) -> str:
    """Address of a gate's dossier."""
    return reverse("portfolio:report", args=["gate", str(gate.pk)])
