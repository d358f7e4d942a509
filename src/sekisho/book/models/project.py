"""Projects, who is named on them, their identity elsewhere, and the phases they went through."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sekisho.book.models.vocabulary import (
    DevelopmentForm,
    InformationClass,
    NetworkZone,
    PersonalData,
    Phase,
    Tier,
)
from sekisho.people.models import Organisation, TwoNames, User
from sekisho.people.roles import Actor
from sekisho.values import half_width


class ProjectQuerySet(models.QuerySet["Project"]):
    def visible_to(self, actor: Actor) -> "ProjectQuerySet":
        """Books this person may read: by role over their organisations, or by being named."""
        paths = actor.reading_paths()
        if paths is None:
            return self
        below = Q(pk__in=[])
        for path in paths:
            below |= Q(path__startswith=path)
        reached = Organisation.objects.filter(below).order_by().values("pk")
        return self.filter(Q(owner__in=reached) | Q(pk__in=actor.reading_books()))

    def coded(self, *codes: str) -> "ProjectQuerySet":
        """Books of codes as people type them: in full-width signs, in the other case, with blanks around them."""
        typed = [half_width(code.replace("\x00", "")).strip() for code in codes]
        return self.filter(code__in={way for text in typed for way in (text, text.upper(), text.lower())})


class Project(TwoNames, models.Model):
    """The unit of the book; lives until it is retired.

    ``version`` counts saves of the fields people edit here, so that a stale save is seen. ``phase``, ``blocker_count``, ``next_gate_due``, ``money_this_year`` and ``confidence`` repeat, for lists of
    100,000 rows, what the rest of the book says; services keep them (see services/rollup.py).
    """

    code = models.CharField(_("code"), max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=500)
    name_en = models.CharField(_("English name"), max_length=500, blank=True)
    summary = models.TextField(_("summary"), blank=True)
    purpose = models.TextField(_("purpose"), blank=True)
    owner = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="projects", verbose_name=_("owner section")
    )
    for_citizens = models.BooleanField(_("citizens"), default=False)
    for_businesses = models.BooleanField(_("businesses"), default=False)
    for_staff = models.BooleanField(_("staff"), default=False)
    personal_data = models.CharField(
        _("personal data"), max_length=10, choices=PersonalData, default=PersonalData.NONE
    )
    information_class = models.PositiveSmallIntegerField(
        _("information class"), choices=InformationClass, default=InformationClass.MIDDLE
    )
    network_zone = models.CharField(
        _("network zone"), max_length=10, choices=NetworkZone, default=NetworkZone.LGWAN
    )
    development_form = models.CharField(
        _("development form"), max_length=10, choices=DevelopmentForm, default=DevelopmentForm.CONTRACT
    )
    start_year = models.PositiveSmallIntegerField(_("first fiscal year"), null=True, blank=True)
    end_year = models.PositiveSmallIntegerField(_("last fiscal year"), null=True, blank=True)

    tier = models.CharField(_("tier"), max_length=10, choices=Tier, default=Tier.STANDARD)
    computed_tier = models.CharField(max_length=10, choices=Tier, default=Tier.STANDARD, editable=False)
    tier_reason = models.TextField(_("reason for the tier"), blank=True)

    phase = models.CharField(_("phase"), max_length=12, choices=Phase, default=Phase.PLAN)
    retired_at = models.DateTimeField(null=True, blank=True)
    stopped_at = models.DateTimeField(null=True, blank=True)

    blocker_count = models.PositiveIntegerField(default=0, editable=False)
    next_gate_due = models.DateField(null=True, blank=True, editable=False)
    money_this_year = models.BigIntegerField(default=0, editable=False)
    confidence = models.PositiveSmallIntegerField(null=True, blank=True, editable=False)
    road = models.JSONField(default=dict, editable=False)

    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        indexes = [
            models.Index(fields=["-updated_at", "id"]),
            models.Index(fields=["name", "id"]),
            models.Index(fields=["phase", "-updated_at"]),
            models.Index(fields=["tier", "-updated_at"]),
            models.Index(fields=["owner", "-updated_at"]),
            models.Index(fields=["-money_this_year", "id"]),
            models.Index(fields=["confidence", "id"]),
            models.Index(fields=["next_gate_due", "id"]),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(phase__in=Phase.values), name="project_phase_known"),
            models.CheckConstraint(condition=Q(tier__in=Tier.values), name="project_tier_known"),
            models.CheckConstraint(
                condition=~Q(retired_at__isnull=False, stopped_at__isnull=False),
                name="project_retired_or_stopped_not_both",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def audience(self) -> list[str]:
        """The audience as the condition language knows it."""
        flags = {"citizens": self.for_citizens, "businesses": self.for_businesses, "staff": self.for_staff}
        return [name for name, on in flags.items() if on]

    @property
    def is_closed(self) -> bool:
        """Retired or stopped: nothing more is decided here."""
        return bool(self.retired_at or self.stopped_at)


class Membership(models.Model):
    """A person named on a book, with the part they play."""

    class Part(models.TextChoices):
        LEAD = "lead", _("Lead")
        MEMBER = "member", _("Member")
        EXPERT = "expert", _("Expert")
        CONTRACTOR = "contractor", _("Contractor")

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="memberships", verbose_name=_("person")
    )
    part = models.CharField(_("part"), max_length=12, choices=Part)
    note = models.CharField(_("note"), max_length=200, blank=True)
    added_at = models.DateTimeField(auto_now_add=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering = ["part", "id"]
        constraints = [models.UniqueConstraint(fields=["project", "user", "part"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_part_display()}"


class ExternalId(models.Model):
    """The project's identity in another system, e.g. scheme ``rs``, value ``000011``."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="external_ids")
    scheme = models.CharField(max_length=32)
    value = models.CharField(max_length=200)
    last_year = models.PositiveSmallIntegerField(null=True, blank=True)
    imported = models.JSONField(default=dict, editable=False)

    class Meta:
        ordering = ["scheme", "value"]
        constraints = [models.UniqueConstraint(fields=["scheme", "value"], name="external_id_once")]

    def __str__(self) -> str:
        return f"{self.scheme}:{self.value}"


class PhaseEntry(models.Model):
    """A phase was entered, or marked as not needed with a reason."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="phase_entries")
    phase = models.CharField(max_length=12, choices=Phase)
    gate = models.ForeignKey("book.Gate", on_delete=models.PROTECT, null=True, related_name="+")
    not_needed = models.BooleanField(default=False)
    reason = models.TextField(blank=True)
    entered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    entered_at = models.DateTimeField()

    class Meta:
        ordering = ["entered_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["project", "phase"], name="phase_entered_once"),
            models.CheckConstraint(
                condition=Q(not_needed=False) | ~Q(reason=""), name="skipped_phase_has_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project} → {self.phase}"


class SavedView(models.Model):
    """A registry query someone kept: filters, sort and columns, as the address has them."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_views")
    name = models.CharField(_("name"), max_length=100)
    query = models.CharField(max_length=2000)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="saved_view_name_once")]

    def __str__(self) -> str:
        return self.name
