"""Sessions with participants: results of tasks, observations, and the problems they add up to."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sekisho.book.models import Attachment, Project
from sekisho.people.models import User
from sekisho.voice.models.usertests import Participant, Task, UserTest


class Severity(models.TextChoices):
    """How much a problem hurts (Nielsen's ratings 4, 3 and 2; good is what works well)."""

    CRITICAL = "critical", _("Critical: they cannot go on")
    SERIOUS = "serious", _("Serious: they lose much time or do it wrongly")
    MINOR = "minor", _("Minor: they stumble and go on")
    GOOD = "good", _("Works well")


class UserTestSession(models.Model):
    """One participant's session, kept by one note-taker."""

    class State(models.TextChoices):
        PLANNED = "planned", _("Planned")
        RUNNING = "running", _("Under way")
        DONE = "done", _("Done")

    test = models.ForeignKey(UserTest, on_delete=models.CASCADE, related_name="sessions")
    participant = models.OneToOneField(Participant, on_delete=models.CASCADE, related_name="session")
    note_taker = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    planned_for = models.DateTimeField(_("planned for"), null=True, blank=True)
    device = models.CharField(_("device"), max_length=200, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.PLANNED)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    notes = models.TextField(_("notes"), blank=True)
    #: ten answers 1..5 of the System Usability Scale; an unanswered item is None. Empty: not asked.
    sus = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["participant__number"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="done") | Q(ended_at__isnull=False), name="session_done_has_an_end"
            ),
            models.CheckConstraint(
                condition=Q(state="planned") | Q(started_at__isnull=False),
                name="session_under_way_has_a_start",
            ),
        ]

    def __str__(self) -> str:
        return str(self.participant)


class TaskResult(models.Model):
    """How one participant fared with one task. A question has words instead of an outcome."""

    class Outcome(models.TextChoices):
        SUCCESS = "success", _("Done alone")
        HELPED = "helped", _("Done with help")
        FAILED = "failed", _("Not done")
        SKIPPED = "skipped", _("Not tried")

    session = models.ForeignKey(UserTestSession, on_delete=models.CASCADE, related_name="results")
    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="results")
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome, blank=True)
    seconds = models.FloatField(_("time on task"), null=True, blank=True)
    words = models.TextField(_("what they said"), blank=True)

    class Meta:
        ordering = ["task__number"]
        constraints = [
            models.UniqueConstraint(fields=["session", "task"], name="task_result_once"),
            models.CheckConstraint(
                condition=Q(seconds__isnull=True) | Q(seconds__gt=0, seconds__lte=86_400),
                name="time_on_task_is_possible",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session} {self.task}"


class Problem(models.Model):
    """Something that users stumble over: merged from observations, owned, fixed, and tried again."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("problem", "Open")
        FIXED = "fixed", _("Fixed, to be tried again")
        CLOSED = "closed", pgettext_lazy("problem", "Closed")

    class Ending(models.TextChoices):
        RETESTED = "retested", _("Tried again with users: gone")
        NOT_ONE = "not_one", _("Not a problem after all")

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="problems")
    test = models.ForeignKey(UserTest, on_delete=models.CASCADE, related_name="problems")
    number = models.PositiveIntegerField()
    title = models.CharField(_("problem"), max_length=300)
    place = models.CharField(_("where in the service"), max_length=200, blank=True)
    severity = models.CharField(
        _("severity"), max_length=8, choices=[c for c in Severity.choices if c[0] != Severity.GOOD]
    )
    owner = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    due_on = models.DateField(_("due on"), null=True, blank=True)
    state = models.CharField(max_length=6, choices=State, default=State.OPEN)
    fix = models.TextField(_("what was changed"), blank=True)
    fixed_at = models.DateTimeField(null=True, blank=True)
    ending = models.CharField(max_length=8, choices=Ending, blank=True)
    ending_words = models.TextField(_("how that is known"), blank=True)
    retested_in = models.ForeignKey(
        UserTest, on_delete=models.PROTECT, null=True, blank=True, related_name="retested_problems"
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering = ["number"]
        indexes = [
            models.Index(fields=["project", "state", "severity"], name="problem_of_project"),
            models.Index(fields=["owner", "state", "due_on"], name="problem_owed"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="problem_number_once"),
            models.CheckConstraint(
                condition=Q(state="open", fixed_at__isnull=True, closed_at__isnull=True, ending="")
                | Q(state="fixed", fixed_at__isnull=False, closed_at__isnull=True, ending="")
                | (Q(state="closed", closed_at__isnull=False) & ~Q(ending="")),
                name="problem_state_has_its_dates",
            ),
            models.CheckConstraint(
                condition=~Q(ending="retested") | Q(retested_in__isnull=False, fixed_at__isnull=False),
                name="retested_names_its_test",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Observation(models.Model):
    """What a note-taker saw, tagged at once. ``client_id`` lets a device send it again without doubling it."""

    session = models.ForeignKey(UserTestSession, on_delete=models.CASCADE, related_name="observations")
    client_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    task = models.ForeignKey(
        Task, on_delete=models.SET_NULL, null=True, blank=True, related_name="observations"
    )
    problem = models.ForeignKey(
        Problem, on_delete=models.SET_NULL, null=True, blank=True, related_name="observations"
    )
    severity = models.CharField(_("severity"), max_length=8, choices=Severity)
    place = models.CharField(_("where in the service"), max_length=200, blank=True)
    words = models.TextField(_("what happened"))
    seconds = models.PositiveIntegerField(_("seconds into the session"), default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["session__participant__number", "seconds", "id"]

    def __str__(self) -> str:
        return self.words[:60]


class SessionFile(models.Model):
    """A screenshot or recording of a session: a file of the book, tied to the session."""

    session = models.ForeignKey(UserTestSession, on_delete=models.CASCADE, related_name="files")
    attachment = models.OneToOneField(Attachment, on_delete=models.PROTECT, related_name="test_session")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return str(self.attachment)
