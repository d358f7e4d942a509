"""Money, contracts, milestones, monthly status, risks, links, modules and interfaces."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sekisho.book.models.project import Project
from sekisho.book.models.vocabulary import Confidence
from sekisho.people.models import User


class BudgetYear(models.Model):
    """One fiscal year's money, in yen. None means nobody has said; 0 means zero."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="budget_years")
    fiscal_year = models.PositiveSmallIntegerField(_("fiscal year"))
    requested = models.BigIntegerField(_("requested"), null=True, blank=True)
    approved = models.BigIntegerField(_("approved"), null=True, blank=True)
    supplementary = models.BigIntegerField(_("supplementary"), null=True, blank=True)
    carried_in = models.BigIntegerField(_("carried in"), null=True, blank=True)
    carried_out = models.BigIntegerField(_("carried out"), null=True, blank=True)
    executed = models.BigIntegerField(_("executed"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    #: money fields in the order people read them
    AMOUNTS = ("requested", "approved", "supplementary", "carried_in", "carried_out", "executed")
    #: those that say what there is to spend; where none of them is known, a year's money is not entered
    FUNDS = ("approved", "supplementary", "carried_in")

    class Meta:
        ordering = ["fiscal_year"]
        constraints = [models.UniqueConstraint(fields=["project", "fiscal_year"], name="budget_year_once")]

    def __str__(self) -> str:
        return f"{self.project} {self.fiscal_year}"

    @property
    def available(self) -> int | None:
        """Yen that could be spent: approved + supplementary + carried in − carried out; None when nothing is known."""
        known = [getattr(self, name) for name in self.FUNDS]
        if all(amount is None for amount in known):
            return None
        return sum(amount or 0 for amount in known) - (self.carried_out or 0)


class Contractor(models.Model):
    """A company that works for projects. ``corporate_number`` is the 13-digit 法人番号 when known."""

    name = models.CharField(_("name"), max_length=300)
    corporate_number = models.CharField(_("corporate number"), max_length=13, blank=True, db_index=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["name", "corporate_number"], name="contractor_once")]

    def __str__(self) -> str:
        return self.name


class Contract(models.Model):
    """What a contractor was asked to do, for how much (yen)."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="contracts")
    contractor = models.ForeignKey(
        Contractor, on_delete=models.PROTECT, related_name="contracts", verbose_name=_("contractor")
    )
    title = models.CharField(_("title"), max_length=1000)
    method = models.CharField(_("method of award"), max_length=200, blank=True)
    amount = models.BigIntegerField(_("amount"), null=True, blank=True)
    fiscal_year = models.PositiveSmallIntegerField(_("fiscal year"), null=True, blank=True)
    starts_on = models.DateField(_("starts on"), null=True, blank=True)
    ends_on = models.DateField(_("ends on"), null=True, blank=True)
    source_key = models.CharField(max_length=64, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering = [models.F("fiscal_year").desc(nulls_last=True), "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "source_key"], condition=~Q(source_key=""), name="imported_contract_once"
            )
        ]

    def __str__(self) -> str:
        return self.title


class Goal(models.Model):
    """An outcome, output or activity the project promised, with baseline and target in words or numbers."""

    class Kind(models.TextChoices):
        ACTIVITY = "activity", pgettext_lazy("goal", "Activity")
        OUTPUT = "output", pgettext_lazy("goal", "Output")
        OUTCOME = "outcome", pgettext_lazy("goal", "Outcome")

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="goals")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    text = models.TextField(_("goal"))
    unit = models.CharField(_("unit"), max_length=100, blank=True)
    baseline = models.CharField(_("baseline"), max_length=200, blank=True)
    target = models.CharField(_("target"), max_length=200, blank=True)
    source_key = models.CharField(max_length=64, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "source_key"], condition=~Q(source_key=""), name="imported_goal_once"
            )
        ]

    def __str__(self) -> str:
        return self.text[:80]


class Milestone(models.Model):
    """A point in time the project aims for. What was promised stands in the baselines and is never rewritten."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="milestones")
    name = models.CharField(_("name"), max_length=300)
    planned_on = models.DateField(_("planned on"))
    done_on = models.DateField(_("done on"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering = ["planned_on", "id"]

    def __str__(self) -> str:
        return self.name


class Baseline(models.Model):
    """The plan as it stood: number 1 is fixed at the plan gate, later ones carry a reason."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="baselines")
    number = models.PositiveSmallIntegerField()
    reason = models.TextField(_("reason"), blank=True)
    fixed_at = models.DateTimeField()
    fixed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="baseline_number_once"),
            models.CheckConstraint(condition=Q(number=1) | ~Q(reason=""), name="later_baseline_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.project} #{self.number}"


class BaselineMilestone(models.Model):
    """A milestone's date in one baseline."""

    baseline = models.ForeignKey(Baseline, on_delete=models.CASCADE, related_name="milestones")
    milestone = models.ForeignKey(Milestone, on_delete=models.PROTECT, related_name="baselines")
    name = models.CharField(max_length=300)
    planned_on = models.DateField()

    class Meta:
        ordering = ["planned_on", "id"]

    def __str__(self) -> str:
        return f"{self.name} {self.planned_on}"


class StatusReport(models.Model):
    """One month's word on schedule, cost, scope and quality: 1 very worried … 5 very confident."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="status_reports")
    month = models.DateField(_("month"))
    schedule = models.PositiveSmallIntegerField(_("schedule"), choices=Confidence)
    cost = models.PositiveSmallIntegerField(_("cost"), choices=Confidence)
    scope = models.PositiveSmallIntegerField(_("scope"), choices=Confidence)
    quality = models.PositiveSmallIntegerField(_("quality"), choices=Confidence)
    words = models.TextField(_("in words"))
    author = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    reported_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering = ["-month"]
        constraints = [
            models.UniqueConstraint(fields=["project", "month"], name="status_once_a_month"),
            models.CheckConstraint(
                condition=Q(
                    schedule__range=(1, 5), cost__range=(1, 5), scope__range=(1, 5), quality__range=(1, 5)
                ),
                name="status_is_one_to_five",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project} {self.month:%Y-%m}"

    @property
    def lowest(self) -> int:
        """The weakest of the four: a project is as sure as its weakest side."""
        return min(self.schedule, self.cost, self.scope, self.quality)


class Risk(models.Model):
    """A risk, or a question nobody has answered yet."""

    class Kind(models.TextChoices):
        RISK = "risk", _("Risk")
        QUESTION = "question", _("Open question")

    class Weight(models.IntegerChoices):
        LOW = 1, _("Low")
        MIDDLE = 2, _("Middle")
        HIGH = 3, _("High")

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="risks")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    title = models.CharField(_("title"), max_length=300)
    text = models.TextField(_("in words"), blank=True)
    weight = models.PositiveSmallIntegerField(_("weight"), choices=Weight, default=Weight.MIDDLE)
    owner = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="risks", verbose_name=_("who")
    )
    due_on = models.DateField(_("by when"), null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.TextField(_("outcome"), blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering = [models.F("closed_at").asc(nulls_first=True), "-weight", "due_on", "id"]
        indexes = [models.Index(fields=["owner", "closed_at", "due_on"])]

    def __str__(self) -> str:
        return self.title


class Link(models.Model):
    """An address that belongs to the project."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="links")
    title = models.CharField(_("title"), max_length=300)
    url = models.URLField(_("address"), max_length=2000)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.title


class Module(models.Model):
    """A part of the system that can be built, bought and replaced on its own."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="modules")
    name = models.CharField(_("name"), max_length=300)
    purpose = models.TextField(_("purpose"), blank=True)
    supplier = models.CharField(_("supplier"), max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class Interface(models.Model):
    """Where the project exchanges data with another system."""

    class Direction(models.TextChoices):
        IN = "in", _("Receives")
        OUT = "out", _("Sends")
        BOTH = "both", _("Both ways")

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="interfaces")
    counterpart = models.CharField(_("other system"), max_length=300)
    direction = models.CharField(_("direction"), max_length=4, choices=Direction, default=Direction.BOTH)
    method = models.CharField(_("method"), max_length=200, blank=True)
    data = models.CharField(_("data"), max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.counterpart
