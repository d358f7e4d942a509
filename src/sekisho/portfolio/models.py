"""Figures kept with the writes, and a service's months in use."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sekisho.book.models import Project, Tier
from sekisho.people.models import Organisation
from sekisho.portfolio.figures import Worth
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


class Grounds(models.Model):
    """The settings that the figures were taken under: one row, none before the first were taken."""

    said = models.JSONField(default=dict)

    def __str__(self) -> str:
        return str(self.said)


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

    @property
    def worth(self) -> Worth:
        """How many, and their amount."""
        return Worth(self.n, self.amount)


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
    """One month of a service in use, as its operator reports it. ``system`` is "" for the service as a whole.

    ``availability`` in hundredths of a percent (9995 is 99.95 %), None where it is not measured.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="operation_months")
    month = models.DateField(_("month"))
    system = models.CharField(_("system"), max_length=100, blank=True)
    availability = models.PositiveIntegerField(_("availability"), null=True, blank=True)
    incidents = models.PositiveIntegerField(_("incidents"), default=0)
    minutes_down = models.PositiveIntegerField(_("minutes down"), default=0)
    requests = models.PositiveIntegerField(_("requests for changes and help"), default=0)
    reported_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1, editable=False)

    #: what is said of a month, in the order people read it
    PARTS = ("availability", "incidents", "minutes_down", "requests")

    class Meta:
        ordering = ["-month", "system"]
        constraints = [
            models.UniqueConstraint(fields=["project", "month", "system"], name="operation_once_a_month"),
            models.CheckConstraint(
                condition=Q(availability__isnull=True) | Q(availability__lte=10_000),
                name="availability_at_most_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project} {self.month:%Y-%m} {self.system}".strip()

    @property
    def percent(self) -> str:
        """Availability as people write it: 99.95%; "" where it is not measured."""
        return "" if self.availability is None else f"{self.availability / 100:.2f}%"


class Incident(models.Model):
    """Something that went wrong with a service in use. ``key`` is its number where it was reported, so that
    reporting it again changes it."""

    class Severity(models.TextChoices):
        CRITICAL = "critical", pgettext_lazy("incident", "Critical")
        MAJOR = "major", pgettext_lazy("incident", "Major")
        MINOR = "minor", pgettext_lazy("incident", "Minor")

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="incidents")
    key = models.CharField(_("number"), max_length=100)
    system = models.CharField(_("system"), max_length=100, blank=True)
    began_on = models.DateField(_("began on"))
    severity = models.CharField(_("severity"), max_length=8, choices=Severity)
    minutes_down = models.PositiveIntegerField(_("minutes down"), default=0)
    text = models.CharField(_("what happened"), max_length=500, blank=True)
    reported_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1, editable=False)

    #: what is said of an incident, in the order people read it
    PARTS = ("system", "began_on", "severity", "minutes_down", "text")

    class Meta:
        ordering = ["-began_on", "-id"]
        indexes = [models.Index(fields=["project", "began_on"], name="incident_of_month")]
        constraints = [
            models.UniqueConstraint(fields=["project", "key"], name="incident_once"),
            models.CheckConstraint(
                condition=Q(severity__in=["critical", "major", "minor"]), name="incident_severity_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project} {self.key}"


class SignAnswer(models.Model):
    """The quality office asked about a sign that figures look arranged, and wrote down why they do.

    ``since``: which sign, see ``alarms.Sign``. Never changed; a wrong one is taken back, so that the question stands again.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="sign_answers")
    sign = models.CharField(_("sign"), max_length=20)
    since = models.DateField(_("since"))
    reason = models.CharField(_("reason"), max_length=1000)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField()
    taken_back_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-answered_at", "-id"]
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="sign_answer_says_why")]

    def __str__(self) -> str:
        return f"{self.project_id} {self.sign} {self.since}"


class WeeklyMail(models.Model):
    """When a person gets the portfolio by mail. ``weekday`` 0 is Monday, None never; ``chosen`` by themselves.

    ``said``: the numbers of the last mail, so that the next one tells what moved.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    weekday = models.PositiveSmallIntegerField(
        _("day of the week"), null=True, blank=True, choices=list(WEEKDAYS.items())
    )
    chosen = models.BooleanField(default=False)
    sent_on = models.DateField(null=True, blank=True)
    said = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(weekday__isnull=True) | Q(weekday__lte=6), name="weekly_mail_on_a_weekday"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.weekday}"
