"""A user test: its plan, whom it needs, and what they are asked to do."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from sekisho.book.models import Phase, Project, Release
from sekisho.people.models import User
from sekisho.people.roles import Actor


class UserTestQuerySet(models.QuerySet["UserTest"]):
    """User tests by who may see them."""

    def visible_to(self, actor: Actor) -> Self:
        """Tests of the books that this person may read."""
        return self.filter(project__in=Project.objects.visible_to(actor).order_by())


class UserTest(models.Model):
    """One round of trying something with its users: research, a prototype, or a usability test.

    What is recorded in sessions belongs to the test; what it found lives on as problems of the project.
    """

    class Kind(models.TextChoices):
        RESEARCH = "research", _("User research")
        PROTOTYPE = "prototype", _("Prototyping")
        USABILITY = "usability", _("Usability test")

    class Method(models.TextChoices):
        IN_PERSON = "in_person", _("In person, with a facilitator")
        REMOTE = "remote", _("Remote, with a facilitator")
        UNMODERATED = "unmoderated", _("Alone, without a facilitator")
        INTERVIEW = "interview", _("Interviews")
        FIELD = "field", _("Observation in the field")
        DESK = "desk", _("Desk research")

    class State(models.TextChoices):
        PLANNED = "planned", _("Planned")
        RUNNING = "running", _("Under way")
        DONE = "done", _("Done")
        CANCELLED = "cancelled", _("Cancelled")

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="user_tests")
    release = models.ForeignKey(
        Release, on_delete=models.PROTECT, null=True, blank=True, related_name="user_tests"
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    title = models.CharField(_("title"), max_length=200)
    phase = models.CharField(_("phase"), max_length=12, choices=Phase)
    purpose = models.TextField(_("what it is to find out"))
    hypotheses = models.TextField(_("hypotheses"), blank=True)
    method = models.CharField(_("method"), max_length=12, choices=Method)
    place = models.CharField(_("where"), max_length=200, blank=True)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    staff = models.TextField(_("who does what"), blank=True)
    consent = models.TextField(_("what participants agree to"), blank=True)
    without_citizens = models.TextField(_("why no citizens take part"), blank=True)
    conclusions = models.TextField(_("what was learnt"), blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.PLANNED)
    done_on = models.DateField(_("done on"), null=True, blank=True)
    cancelled_why = models.TextField(_("why it was cancelled"), blank=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = UserTestQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "-id"]
        indexes = [models.Index(fields=["project", "state", "kind"], name="user_test_of_project")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="user_test_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(state="done", done_on__isnull=False)
                | (~Q(state="done") & Q(done_on__isnull=True)),
                name="user_test_done_has_a_day",
            ),
            models.CheckConstraint(
                condition=~Q(state="cancelled") | ~Q(cancelled_why=""), name="user_test_cancelled_says_why"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_over(self) -> bool:
        """Whether nothing more is recorded in it."""
        return self.state in (self.State.DONE, self.State.CANCELLED)


class UserGroup(models.Model):
    """A kind of user that a test needs, and how many of them."""

    test = models.ForeignKey(UserTest, on_delete=models.CASCADE, related_name="groups")
    name = models.CharField(_("user group"), max_length=200)
    citizens = models.BooleanField(_("citizens or people from outside"), default=True)
    wanted = models.PositiveSmallIntegerField(_("how many"))
    needs = models.TextField(_("accessibility needs"), blank=True)
    recruiting = models.TextField(_("how they are found"), blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["test", "name"], name="user_group_once_a_test"),
            models.CheckConstraint(condition=Q(wanted__gte=1), name="user_group_wants_someone"),
        ]

    def __str__(self) -> str:
        return self.name


class Participant(models.Model):
    """A person who takes part, known only by a number. Names and addresses are not kept here.

    Withdrawn consent leaves the number and the day, and nothing else.
    """

    test = models.ForeignKey(UserTest, on_delete=models.CASCADE, related_name="participants")
    group = models.ForeignKey(UserGroup, on_delete=models.PROTECT, related_name="participants")
    number = models.PositiveSmallIntegerField()
    about = models.CharField(_("what matters about them"), max_length=300, blank=True)
    needs = models.CharField(_("accessibility needs"), max_length=300, blank=True)
    consented_on = models.DateField(_("agreed on"), null=True, blank=True)
    withdrew_on = models.DateField(_("withdrew on"), null=True, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["test", "number"], name="participant_number_once"),
            models.CheckConstraint(
                condition=Q(withdrew_on__isnull=True) | (Q(about="") & Q(needs="")),
                name="withdrawn_leaves_nothing",
            ),
        ]

    def __str__(self) -> str:
        return f"P{self.number}"


class Task(models.Model):
    """Something participants are asked: a task to do, or a question to answer."""

    class Kind(models.TextChoices):
        TASK = "task", _("Task")
        QUESTION = "question", _("Question")

    test = models.ForeignKey(UserTest, on_delete=models.CASCADE, related_name="tasks")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.TASK)
    title = models.CharField(_("task or question"), max_length=300)
    scenario = models.TextField(_("what the participant is told"), blank=True)
    success = models.TextField(_("when it counts as done"), blank=True)
    essential = models.BooleanField(_("an essential operation"), default=False)

    class Meta:
        ordering = ["number", "id"]
        constraints = [models.UniqueConstraint(fields=["test", "number"], name="task_number_once")]

    def __str__(self) -> str:
        return self.title
