"""Figures kept with the writes, and a service's months in use."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sekisho.book.models import Project, Tier
from sekisho.people.models import Organisation
from sekisho.portfolio.public.models import (  # noqa: F401 - Django finds models here
    Edition,
    PublicationDecision,
    PublicEntry,
    PublicEvent,
    PublicFile,
)


class Touched(models.Model):
    """A book whose figures are to be taken anew; written in the transaction that changed it."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+", db_index=False)

    def __str__(self) -> str:
        return str(self.project_id)


class Figure(models.Model):
    """What the figures know of: see ``figures.py``. ``year`` is a fiscal year, 0 where none applies."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    tier = models.CharField(max_length=10, choices=Tier)
    figure = models.CharField(max_length=20)
    year = models.PositiveSmallIntegerField(default=0)
    key = models.CharField(max_length=20, blank=True)
    n = models.IntegerField(default=0)
    amount = models.BigIntegerField(default=0)

    class Meta:
        abstract = True


class Entry(Figure):
    """What one book adds to one figure: the list behind the number."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "figure", "year", "key"], name="portfolio_entry_once")
        ]
        indexes = [models.Index(fields=["figure", "year", "key", "project"], name="portfolio_behind")]

    def __str__(self) -> str:
        return f"{self.project_id} {self.figure} {self.year} {self.key}"


class Rollup(Figure):
    """The sum of the entries of all books of one owner section and tier."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["figure", "year", "key", "organisation", "tier"], name="portfolio_rollup_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.figure} {self.year} {self.key}: {self.n}"


class OperationMonth(models.Model):
    """One month of a service in use, as its operator reports it."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="operation_months")
    month = models.DateField(_("month"))
    availability = models.PositiveIntegerField(_("availability"), null=True, blank=True)
    incidents = models.PositiveIntegerField(_("incidents"), default=0)
    requests = models.PositiveIntegerField(_("requests for changes and help"), default=0)
    reported_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering = ["-month"]
        constraints = [
            models.UniqueConstraint(fields=["project", "month"], name="operation_once_a_month"),
            models.CheckConstraint(
                condition=Q(availability__isnull=True) | Q(availability__lte=10_000),
                name="availability_at_most_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project} {self.month:%Y-%m}"

    @property
    def percent(self) -> str:
        """Availability as people write it: 99.95%; "" where it is not measured."""
        return "" if self.availability is None else f"{self.availability / 100:.2f}%"
