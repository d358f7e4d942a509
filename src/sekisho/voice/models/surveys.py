"""Surveys, the waves in which they are asked, and what came back.

Anonymity is kept by the shape of these tables: beside an anonymous answer stands no person, no address and no time but
the day, its key is random, and nothing that remembers who took part leads to it.
"""

import uuid
from functools import reduce
from operator import or_
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from sekisho.book.models import Project
from sekisho.people.models import Organisation, User
from sekisho.people.roles import Actor

#: fewer answers than this are never shown unless the wave says otherwise
THRESHOLD = 5


class SurveyQuerySet(models.QuerySet["Survey"]):
    """Surveys by who may see them."""

    def visible_to(self, actor: Actor) -> Self:
        """Surveys of the books and of the organisations that this person may read."""
        of_books = Q(project__in=Project.objects.visible_to(actor).order_by())
        paths = actor.reading_paths()
        if paths is None:
            return self.filter(of_books | Q(organisation__isnull=False))
        below = [Q(path__startswith=path) for path in paths]
        if not below:
            return self.filter(of_books)
        reached = Organisation.objects.filter(reduce(or_, below)).order_by().values("pk")
        return self.filter(of_books | Q(organisation__in=reached))


def chain_of(organisation_id: int) -> str:
    """Name of the chain of an organisation's surveys."""
    return f"voice:{organisation_id}"


class Survey(models.Model):
    """A set of questions, worked on as a draft; each wave asks its own frozen copy.

    It is held by the book of a service, or by an organisation that asks its own people.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="surveys", null=True)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="surveys", null=True, blank=True
    )
    title = models.CharField(_("title"), max_length=200)
    title_en = models.CharField(_("English title"), max_length=200, blank=True)
    document = models.JSONField()
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = SurveyQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(project__isnull=False, organisation__isnull=True)
                | Q(project__isnull=True, organisation__isnull=False),
                name="survey_has_one_holder",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def holder(self) -> Project | Organisation:
        """Whose survey it is."""
        held = self.project or self.organisation
        assert held is not None
        return held

    @property
    def owner(self) -> Organisation:
        """The organisation that asks."""
        return self.holder.owner if isinstance(self.holder, Project) else self.holder

    @property
    def local_title(self) -> str:
        """The title in the reader's language."""
        english = (get_language() or "").startswith("en")
        return self.title_en if english and self.title_en else self.title


class Wave(models.Model):
    """One time that a survey is asked. ``secret`` keys what remembers who took part; closing the wave erases it.

    ``source``: digest of the file whose answers it holds, where they were brought in rather than asked here.
    """

    class Access(models.TextChoices):
        LINK = "link", _("Everyone who has the link")
        STAFF = "staff", _("People who can sign in here")
        ONCE = "once", _("One-time links")

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="waves")
    number = models.PositiveIntegerField()
    name = models.CharField(_("name of this wave"), max_length=200)
    document = models.JSONField()
    token = models.CharField(max_length=32, unique=True)
    access = models.CharField(_("who may answer"), max_length=5, choices=Access, default=Access.LINK)
    anonymous = models.BooleanField(_("anonymous"), default=True)
    threshold = models.PositiveSmallIntegerField(_("fewest answers shown"), default=THRESHOLD)
    invited = models.PositiveIntegerField(_("how many were asked"), null=True, blank=True)
    secret = models.BinaryField(default=b"")
    source = models.CharField(max_length=64, blank=True, default="", editable=False)
    opened_at = models.DateTimeField()
    closes_on = models.DateField(_("closes after"), null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    #: by what the results of a wave that is over are broken down: PLACE or the code of a question; "" is not chosen
    group_by = models.CharField(_("broken down by"), max_length=40, blank=True)
    grouped_at = models.DateTimeField(null=True, blank=True, editable=False)
    #: group -> how many people it has in the population; empty when results are not weighted
    populations = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["survey", "number"], name="wave_number_once"),
            models.UniqueConstraint(
                fields=["survey", "source"], condition=~Q(source=""), name="answers_brought_in_once"
            ),
            models.CheckConstraint(condition=Q(threshold__gte=1), name="wave_threshold_is_one_or_more"),
            models.CheckConstraint(
                condition=Q(access="staff") | Q(anonymous=True), name="wave_with_names_is_for_staff"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_over(self) -> bool:
        """Closed, or past its last day."""
        return bool(self.closed_at or (self.closes_on and self.closes_on < timezone.localdate()))


class AnswerFile(models.Model):
    """A table of answers that waits to be brought in: its file lies in a folder that is never served, for a day at most.

    ``mapping`` has a target for each column, ``words`` what unknown words stand for (see ``definition/incoming.py``).
    """

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=200)
    folder = models.CharField(max_length=32)
    sha256 = models.CharField(max_length=64)
    mapping = models.JSONField(default=list)
    words = models.JSONField(default=dict)
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    #: the wave that a job is filling with its answers
    wave = models.ForeignKey(Wave, on_delete=models.SET_NULL, null=True, editable=False, related_name="+")

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name


class HalfAnswer(models.Model):
    """What somebody has answered so far, sealed with a key that only their link holds (see ``services/halves.py``).

    Nobody can read it here: ``name`` is a digest of the link's code, and the code also opens the seal.
    """

    name = models.CharField(primary_key=True, max_length=64)
    wave = models.ForeignKey(Wave, on_delete=models.CASCADE, related_name="halves")
    sealed = models.BinaryField()
    day = models.DateField()

    class Meta:
        ordering = ["name"]
        indexes = [models.Index(fields=["day"], name="half_answer_by_day")]

    def __str__(self) -> str:
        return self.name[:8]


class KanoTable(models.Model):
    """An evaluation table brought in for the Kano questions of a survey: five rows of five letters."""

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="kano_tables")
    name = models.CharField(_("name"), max_length=100)
    source = models.CharField(_("source"), max_length=500, blank=True)
    rows = models.JSONField()
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["survey", "name"], name="kano_table_named_once")]

    def __str__(self) -> str:
        return self.name


class Response(models.Model):
    """What one person answered. Its key is random, so that the order of keys tells nothing."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    wave = models.ForeignKey(Wave, on_delete=models.CASCADE, related_name="responses")
    anonymous = models.BooleanField(default=True)
    person = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    day = models.DateField()
    place = models.CharField(max_length=100, blank=True)
    language = models.CharField(max_length=2, default="ja")
    answers = models.JSONField(default=dict)
    counted = models.BooleanField(default=False)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["wave"], condition=Q(counted=False), name="response_to_count"),
            # workbooks read counted answers in the order of their random keys
            models.Index(fields=["wave", "id"], condition=Q(counted=True), name="response_by_key"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(anonymous=False) | Q(person__isnull=True), name="anonymous_names_nobody"
            ),
            models.UniqueConstraint(fields=["wave", "person"], name="a_person_answers_once"),
        ]

    def __str__(self) -> str:
        return f"{self.wave} {self.day}"


class Participation(models.Model):
    """That somebody took part, without saying who: a keyed digest, with nothing that leads to an answer."""

    wave = models.ForeignKey(Wave, on_delete=models.CASCADE, related_name="participations")
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["digest"]
        constraints = [models.UniqueConstraint(fields=["wave", "digest"], name="take_part_once")]

    def __str__(self) -> str:
        return self.digest[:8]


class Invitation(models.Model):
    """A one-time link: only its digest is kept, and whether it was used; not by whom, when, or for which answer."""

    wave = models.ForeignKey(Wave, on_delete=models.CASCADE, related_name="invitations")
    digest = models.CharField(max_length=64)
    used = models.BooleanField(default=False)

    class Meta:
        ordering = ["digest"]
        constraints = [models.UniqueConstraint(fields=["wave", "digest"], name="invitation_once")]

    def __str__(self) -> str:
        return self.digest[:8]


class Tally(models.Model):
    """How often a value was answered in a wave. ``key`` names question and value (see ``services/tally.py``)."""

    wave = models.ForeignKey(Wave, on_delete=models.CASCADE, related_name="tallies")
    question = models.CharField(max_length=90)
    value = models.CharField(max_length=90)
    count = models.PositiveBigIntegerField(default=0)

    class Meta:
        ordering = ["question", "value"]
        constraints = [models.UniqueConstraint(fields=["wave", "question", "value"], name="tally_once")]

    def __str__(self) -> str:
        return f"{self.question}={self.value}: {self.count}"


class Excerpt(models.Model):
    """A text of a question, kept apart so that pages need not look for it among all answers (``services/excerpts.py``)."""

    #: texts kept of each question; where fewer were given, all of them
    KEPT = 5000

    wave = models.ForeignKey(Wave, on_delete=models.CASCADE, related_name="excerpts")
    question = models.CharField(max_length=40)
    place = models.CharField(max_length=16)
    text = models.TextField()

    class Meta:
        ordering = ["question", "place"]
        indexes = [models.Index(fields=["wave", "question", "place"], name="excerpt_in_order")]

    def __str__(self) -> str:
        return self.text[:40]


class GroupTally(models.Model):
    """How often the people of one group of a wave gave a value; "" as group or value is no answer. ``question`` also names
    the row, choice or feature (see ``cells_of`` in ``services/breakdown.py``)."""

    wave = models.ForeignKey(Wave, on_delete=models.CASCADE, related_name="group_tallies")
    group = models.CharField(max_length=100, blank=True)
    question = models.CharField(max_length=90)
    value = models.CharField(max_length=40, blank=True)
    count = models.PositiveBigIntegerField(default=0)

    class Meta:
        ordering = ["question", "group", "value"]
        constraints = [
            models.UniqueConstraint(fields=["wave", "question", "group", "value"], name="group_tally_once")
        ]

    def __str__(self) -> str:
        return f"{self.group}: {self.question}={self.value}: {self.count}"
