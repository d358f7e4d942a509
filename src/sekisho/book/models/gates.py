"""Gates: what is asked, answered, frozen, reviewed and decided."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sekisho.book.models.project import Project
from sekisho.book.models.releases import Release
from sekisho.book.models.vocabulary import (
    AnswerValue,
    GateState,
    Phase,
    Recommendation,
    Result,
    Severity,
)
from sekisho.people.models import User
from sekisho.standards.models import StandardVersion


def gate_title(reference: str) -> str:
    """A gate's reference as people read it, in the active language."""
    kind, _colon, version = reference.partition(":")
    if kind == "release":
        return str(_("Release gate %(version)s") % {"version": version})
    return str(_("%(phase)s gate") % {"phase": dict(Phase.choices).get(kind, kind)})


class GateQuerySet(models.QuerySet["Gate"]):
    def to_evaluate(self) -> "GateQuerySet":
        """With the rows an evaluation reads. The pack's document stays behind: a process parses it once."""
        return self.select_related("project__owner", "standard", "release").defer("standard__document")


class Gate(models.Model):
    """The check at the end of a phase, or before a release. Pins the pack version it was opened with."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="gates")
    phase = models.CharField(_("phase"), max_length=12, choices=Phase)
    release = models.OneToOneField(Release, on_delete=models.CASCADE, null=True, related_name="gate")
    standard = models.ForeignKey(StandardVersion, on_delete=models.PROTECT, related_name="gates")
    state = models.CharField(max_length=10, choices=GateState, default=GateState.OPEN)
    due_on = models.DateField(_("due on"), null=True, blank=True)
    opened_at = models.DateTimeField()
    lapsed_at = models.DateTimeField(null=True, blank=True)
    lapse_changes = models.JSONField(default=list, editable=False)

    objects = GateQuerySet.as_manager()

    class Meta:
        ordering = ["opened_at", "id"]
        indexes = [models.Index(fields=["state", "due_on"]), models.Index(fields=["project", "state"])]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "phase"], condition=Q(release__isnull=True), name="one_gate_per_phase"
            ),
            models.CheckConstraint(condition=Q(state__in=GateState.values), name="gate_state_known"),
        ]

    def __str__(self) -> str:
        return f"{self.project}: {self.title}"

    @property
    def section(self) -> str:
        """Section of the pack that is asked here: the phase, or ``release``."""
        return "release" if self.release_id else self.phase

    @property
    def reference(self) -> str:
        """Language-free name for the ledger: the phase, or ``release:`` and the version."""
        return f"release:{self.release.version}" if self.release_id and self.release else str(self.phase)

    @property
    def title(self) -> str:
        """In the active language."""
        return gate_title(self.reference)


class Answer(models.Model):
    """What the owner section says of one criterion. ``version`` counts saves, so that a stale one is seen."""

    gate = models.ForeignKey(Gate, on_delete=models.CASCADE, related_name="answers")
    criterion = models.CharField(max_length=64)
    value = models.CharField(max_length=15, choices=AnswerValue, blank=True)
    comment = models.TextField(blank=True)
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)
    needs_look = models.BooleanField(default=False)

    class Meta:
        ordering = ["criterion"]
        constraints = [
            models.UniqueConstraint(fields=["gate", "criterion"], name="answer_once"),
            models.CheckConstraint(
                condition=~Q(value="not_applicable") | ~Q(comment=""), name="not_applicable_has_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.criterion}: {self.value}"


class Evidence(models.Model):
    """A link or a file that shows what an answer says. May be gathered before the answer is given."""

    gate = models.ForeignKey(Gate, on_delete=models.CASCADE, related_name="evidence")
    criterion = models.CharField(max_length=64)
    title = models.CharField(max_length=300)
    url = models.URLField(max_length=2000, blank=True)
    attachment = models.ForeignKey(
        "book.Attachment", on_delete=models.PROTECT, null=True, related_name="evidence"
    )
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["added_at", "id"]
        indexes = [models.Index(fields=["gate", "criterion"])]
        constraints = [
            models.CheckConstraint(
                condition=(Q(attachment__isnull=True) & ~Q(url=""))
                | (Q(attachment__isnull=False) & Q(url="")),
                name="evidence_is_link_or_file",
            )
        ]

    def __str__(self) -> str:
        return self.title


class Submission(models.Model):
    """A frozen snapshot. ``sha256`` is over the canonical JSON of ``document``."""

    gate = models.ForeignKey(Gate, on_delete=models.CASCADE, related_name="submissions")
    number = models.PositiveSmallIntegerField()
    document = models.JSONField()
    sha256 = models.CharField(max_length=64)
    submitted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    submitted_at = models.DateTimeField()

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["gate", "number"], name="submission_number_once")]

    def __str__(self) -> str:
        return f"{self.gate} #{self.number}"


class ReviewInvitation(models.Model):
    """An expert or aide was asked to review a gate."""

    gate = models.ForeignKey(Gate, on_delete=models.CASCADE, related_name="invitations")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="review_invitations")
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    invited_at = models.DateTimeField()
    due_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["gate", "user"], name="invited_once")]

    def __str__(self) -> str:
        return f"{self.user} → {self.gate}"


class Review(models.Model):
    """What a CIO aide or expert says of a submission."""

    gate = models.ForeignKey(Gate, on_delete=models.CASCADE, related_name="reviews")
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="reviews")
    reviewer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="reviews")
    reviewer_role = models.CharField(max_length=20)
    recommendation = models.CharField(max_length=12, choices=Recommendation)
    comment = models.TextField(blank=True)
    reviewed_at = models.DateTimeField()

    class Meta:
        ordering = ["reviewed_at", "id"]

    def __str__(self) -> str:
        return f"{self.reviewer}: {self.recommendation}"


class Finding(models.Model):
    """One thing a review found, tied to a criterion where it can be. The team answers; the reviewer resolves."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        ANSWERED = "answered", _("Answered")
        RESOLVED = "resolved", _("Resolved")

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="findings")
    gate = models.ForeignKey(Gate, on_delete=models.CASCADE, related_name="findings")
    criterion = models.CharField(max_length=64, blank=True)
    severity = models.CharField(max_length=6, choices=Severity)
    text = models.TextField()
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    reply = models.TextField(blank=True)
    replied_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    replied_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["gate", "state", "severity"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="resolved", resolved_at__isnull=False)
                | (~Q(state="resolved") & Q(resolved_at__isnull=True)),
                name="finding_resolved_means_a_date",
            )
        ]

    def __str__(self) -> str:
        return self.text[:80]


class Decision(models.Model):
    """Go, conditional, return or stop; names the snapshot it rests on. One per submission."""

    gate = models.ForeignKey(Gate, on_delete=models.CASCADE, related_name="decisions")
    submission = models.OneToOneField(Submission, on_delete=models.PROTECT, related_name="decision")
    result = models.CharField(max_length=12, choices=Result)
    reason = models.TextField()
    basis = models.JSONField(default=dict, editable=False)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    lapsed_at = models.DateTimeField(null=True, blank=True)
    lapse_changes = models.JSONField(default=list, editable=False)

    class Meta:
        ordering = ["-decided_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(used_at__isnull=True) | Q(lapsed_at__isnull=True), name="decision_used_or_lapsed"
            )
        ]

    def __str__(self) -> str:
        return f"{self.gate}: {self.result}"


class ConditionQuerySet(models.QuerySet["Condition"]):
    def standing(self) -> "ConditionQuerySet":
        """Those still to be met. What a lapsed decision demanded lapsed with it."""
        return self.filter(resolved_at__isnull=True, decision__lapsed_at__isnull=True)


class Condition(models.Model):
    """What a conditional decision demands, of whom, by when."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="conditions")
    gate = models.ForeignKey(Gate, on_delete=models.CASCADE, related_name="conditions")
    decision = models.ForeignKey(Decision, on_delete=models.CASCADE, related_name="conditions")
    criterion = models.CharField(max_length=64, blank=True)
    text = models.TextField(_("condition"))
    owner = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="conditions", verbose_name=_("who")
    )
    due_on = models.DateField(_("by when"))
    resolution = models.TextField(_("how it was met"), blank=True)
    links = models.JSONField(default=list)
    resolved_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    resolved_at = models.DateTimeField(null=True, blank=True)
    escalated_at = models.DateTimeField(null=True, blank=True)

    objects = ConditionQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "id"]
        indexes = [
            models.Index(fields=["owner", "resolved_at", "due_on"]),
            models.Index(fields=["project", "resolved_at", "due_on"]),
        ]

    def __str__(self) -> str:
        return self.text[:80]

    @property
    def state(self) -> str:
        """Code of the state mark today. Reads the decision."""
        if self.resolved_at:
            return "resolved"
        if self.decision.lapsed_at:
            return "lapsed"
        return "overdue" if self.due_on < timezone.localdate() else "open"


class Waiver(models.Model):
    """The quality office lets one criterion pass for a while, for a reason."""

    gate = models.ForeignKey(Gate, on_delete=models.CASCADE, related_name="waivers")
    criterion = models.CharField(max_length=64)
    reason = models.TextField(_("reason"))
    expires_on = models.DateField(_("expires on"))
    granted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    granted_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-granted_at", "-id"]

    def __str__(self) -> str:
        return f"{self.criterion} – {self.expires_on}"
