"""Words of the portfolio that others say."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from sekisho.book.models import Project

OPERATION = _("Operation figures")
WEEK = _(
    "The portfolio this week: %(overdue)s gates overdue, %(conditions)s conditions overdue, "
    "%(worried)s projects rated 1 or 2, %(alarms)s signs to ask about"
)
ACTS = {"operation.reported": gettext_noop("%(actor)s reported the operation of %(month)s")}


def operation_of(project: Project) -> str:
    """Address of a book's months in use."""
    return reverse("portfolio:operation", args=[project.code])
