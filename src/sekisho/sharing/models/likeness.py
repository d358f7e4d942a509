"""What is alike, what people say of it, the catalogue of common platforms, proposals, and what was reused."""

from collections.abc import Mapping
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from sekisho.book.models import Project
from sekisho.people.models import Organisation, TwoNames, User
from sekisho.people.roles import Actor


class Embedding(models.Model):
    """A book's text as a vector: ``vector`` holds float32 values, ``digest`` is that of the text (see
    ``Document.digest``); empty when the engine is ``words`` alone. ``compared_at``: when its neighbours and matching
    platforms were last found; None while this text waits for that.
    """

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="embedding")
    digest = models.CharField(max_length=64, db_index=True)
    engine = models.CharField(max_length=40)
    vector = models.BinaryField()
    checked_at = models.DateTimeField()
    compared_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["project_id"]

    def __str__(self) -> str:
        return f"{self.project_id} {self.engine}"


class Neighbour(models.Model):
    """One of the likest books of a book, as last compared. ``reasons``: a list of ``[kind, [values]]``."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="likest")
    other = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    rank = models.PositiveSmallIntegerField()
    score = models.FloatField()
    reasons = models.JSONField(default=list)
    copies = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["rank"]
        constraints = [models.UniqueConstraint(fields=["project", "other"], name="neighbour_once")]

    def __str__(self) -> str:
        return f"{self.project_id} ~ {self.other_id}"


class Judgement(models.Model):
    """What a person says of two books; the one with the smaller key stands first."""

    class Verdict(models.TextChoices):
        SAME = "same", _("Same")
        RELATED = "related", _("Related")
        DIFFERENT = "different", _("Different")

    first = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    verdict = models.CharField(_("judgement"), max_length=10, choices=Verdict)
    said_at = models.DateTimeField()

    class Meta:
        ordering = ["-said_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["first", "second", "person"], name="judged_once_by_each"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="judged_pair_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} {self.verdict} {self.second_id}"

    @classmethod
    def calls_same(cls, votes: Mapping[str, int]) -> bool | None:
        """What more people say of two books, from how many gave each verdict: True the same, False different."""
        balance = votes.get(cls.Verdict.SAME, 0) - votes.get(cls.Verdict.DIFFERENT, 0)
        return balance > 0 if balance else None


class Likeness(models.Model):
    """A group of likely duplicates found in the last night; ``score`` is its weakest link (0 to 1)."""

    score = models.FloatField()
    money = models.BigIntegerField(default=0)
    found_at = models.DateTimeField()
    projects = models.ManyToManyField(Project, related_name="+")

    class Meta:
        ordering = ["-money", "id"]

    def __str__(self) -> str:
        return f"{self.pk}"


class Platform(TwoNames, models.Model):
    """A common platform or tool that projects can use instead of building their own."""

    name = models.CharField(_("name"), max_length=300, unique=True)
    name_en = models.CharField(_("English name"), max_length=300, blank=True)
    does = models.TextField(_("what it does"))
    does_en = models.TextField(_("what it does, in English"), blank=True)
    conditions = models.TextField(_("conditions of use"), blank=True)
    contact = models.CharField(_("contact"), max_length=300)
    asking = models.TextField(_("how to ask for it"))
    owner = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="platforms", verbose_name=_("offered by")
    )
    project = models.ForeignKey(
        Project,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("its book"),
    )
    is_offered = models.BooleanField(_("open to new users"), default=True)
    updated_at = models.DateTimeField(auto_now=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def local_does(self) -> str:
        """What it does in the reader's language; in Japanese where nobody said it in English."""
        return (self.does_en if (get_language() or "").startswith("en") else "") or self.does


class PlatformMatch(models.Model):
    """A platform that fits what a book wants to do. ``reasons`` as in ``Neighbour``."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="platform_matches")
    platform = models.ForeignKey(Platform, on_delete=models.CASCADE, related_name="matches")
    score = models.FloatField()
    close = models.BooleanField()
    reasons = models.JSONField(default=list)

    class Meta:
        ordering = ["-score"]
        constraints = [models.UniqueConstraint(fields=["project", "platform"], name="platform_match_once")]

    def __str__(self) -> str:
        return f"{self.project_id} → {self.platform}"


class ReuseQuerySet(models.QuerySet["ReuseEntry"]):
    """Entries by who may see them."""

    def visible_to(self, actor: Actor) -> Self:
        """Entries of the books that this person may read."""
        return self.filter(project__in=Project.objects.visible_to(actor).order_by())


class ReuseEntry(models.Model):
    """A book and a platform: offered, considered, adopted or declined. Yen are per fiscal year; ``confirmed`` is what
    actual budgets later showed in ``confirmed_year``, ``confirmed_on`` the spending it rests on (see
    ``queries.savings.Basis``). How it came there stands in the book's ledger.
    """

    class State(models.TextChoices):
        OFFERED = "offered", _("Offered")
        CONSIDERED = "considered", _("Under consideration")
        ADOPTED = "adopted", _("Adopted")
        DECLINED = "declined", _("Declined")

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="reuse")
    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="reuse")
    state = models.CharField(_("state"), max_length=10, choices=State)
    reason = models.TextField(_("reason"), blank=True)
    avoided = models.BigIntegerField(_("cost avoided a year (yen)"), null=True, blank=True)
    confirmed = models.BigIntegerField(_("confirmed by actual budgets (yen)"), null=True, blank=True)
    confirmed_year = models.PositiveSmallIntegerField(_("fiscal year"), null=True, blank=True)
    confirmed_on = models.JSONField(null=True, blank=True, editable=False)
    satisfaction = models.PositiveSmallIntegerField(_("satisfaction, 1 to 5"), null=True, blank=True)
    person = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = ReuseQuerySet.as_manager()

    class Meta:
        ordering = ["-changed_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["project", "platform"], name="reuse_once"),
            models.CheckConstraint(
                condition=~Q(state="declined") | ~Q(reason=""), name="declined_platform_says_why"
            ),
            models.CheckConstraint(
                condition=Q(satisfaction__isnull=True) | Q(satisfaction__range=(1, 5)),
                name="platform_satisfaction_1_to_5",
            ),
            models.CheckConstraint(
                condition=Q(confirmed__isnull=True) | Q(confirmed_year__isnull=False),
                name="confirmed_saving_has_a_year",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project_id} {self.state} {self.platform}"


class Proposal(models.Model):
    """A proposal to make one common thing of several (共通化). Yen are per fiscal year."""

    class State(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        AGREED = "agreed", _("Agreed")
        REJECTED = "rejected", _("Not pursued")
        DONE = "done", _("Carried out")

    title = models.CharField(_("title"), max_length=300)
    why = models.TextField(_("what would become common, and why"))
    platform = models.ForeignKey(
        Platform,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="proposals",
        verbose_name=_("candidate platform"),
    )
    share = models.PositiveSmallIntegerField(_("share of the cost that is saved (percent)"))
    running_cost = models.BigIntegerField(_("cost of the common platform a year (yen)"), default=0)
    assumptions = models.TextField(_("assumptions of the estimate"))
    state = models.CharField(_("decision"), max_length=10, choices=State, default=State.PROPOSED)
    decision_words = models.TextField(_("reason of the decision"), blank=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    progress = models.TextField(_("progress"), blank=True)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    proposed_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering = ["-proposed_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(share__lte=100), name="proposal_share_is_a_percentage"),
            models.CheckConstraint(
                condition=Q(state="proposed") | (~Q(decision_words="") & Q(decided_at__isnull=False)),
                name="proposal_decision_says_why",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class ProposalMember(models.Model):
    """A book in a proposal, and what it spends a year in yen, as it stood when it was proposed; None: not entered."""

    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="members")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="proposals")
    spends = models.BigIntegerField(_("spends a year (yen)"), null=True)

    class Meta:
        ordering = [models.F("spends").desc(nulls_last=True), "id"]
        constraints = [models.UniqueConstraint(fields=["proposal", "project"], name="proposal_member_once")]

    def __str__(self) -> str:
        return f"{self.proposal} {self.project_id}"
