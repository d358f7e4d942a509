"""What each year's portfolio listed, and which book of one year lives on in which of the next."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sekisho.book.models import Project
from sekisho.people.models import User
from sekisho.people.roles import Actor

#: from this confidence on nobody is asked, and below the second a link is not worth asking about
SURE, WORTH_ASKING = 0.9, 0.1
#: from this confidence on a link counts until somebody says otherwise
HOLDS = 0.5


class Listing(models.Model):
    """A book as one fiscal year's portfolio listed it, told anew from the book's ledger whenever the book changes.

    ``owner`` runs from the top down, one name a line. ``text`` is the purpose and summary of that year where they read
    otherwise than now, else empty. ``end_year`` is the last fiscal year as planned then. ``targets``: of each goal said by then, ``[kind, text, unit, target]``.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="listings")
    year = models.PositiveSmallIntegerField(_("fiscal year"))
    name = models.CharField(max_length=500)
    owner = models.TextField(blank=True)
    text = models.TextField(blank=True)
    end_year = models.PositiveSmallIntegerField(null=True)
    targets = models.JSONField(default=list)

    class Meta:
        ordering = ["year", "project_id"]
        constraints = [models.UniqueConstraint(fields=["year", "project"], name="listed_once_a_year")]

    def __str__(self) -> str:
        return f"{self.year} {self.name}"


class SuccessionQuerySet(models.QuerySet["Succession"]):
    """Successions by who may see them."""

    def visible_to(self, actor: Actor) -> Self:
        """Those of which this person may read both books."""
        books = Project.objects.visible_to(actor).order_by()
        return self.filter(old__in=books, new__in=books)


class Succession(models.Model):
    """The book ``old`` of one fiscal year lives on in ``new`` of the next: found by comparing, settled by people.

    ``old`` and ``new`` are the same book where its id came back and nothing else did. ``confidence`` (0 to 1) and
    ``reasons`` (a list of ``[kind, [values]]``) are those of the comparison; a person's word counts instead once said.
    """

    class Kind(models.TextChoices):
        CONTINUED = "continued", _("Continued")
        RENAMED = "renamed", _("Renamed")
        MERGED = "merged", _("Merged")
        SPLIT = "split", _("Split")

    class State(models.TextChoices):
        OPEN = "open", _("Nobody has said")
        CONFIRMED = "confirmed", _("Confirmed")
        REJECTED = "rejected", _("Denied")

    from_year = models.PositiveSmallIntegerField()
    to_year = models.PositiveSmallIntegerField()
    old = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="successors")
    new = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="predecessors")
    kind = models.CharField(max_length=10, choices=Kind)
    confidence = models.FloatField()
    reasons = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    person = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)

    objects = SuccessionQuerySet.as_manager()

    class Meta:
        ordering = ["to_year", "confidence", "id"]
        indexes = [models.Index(fields=["to_year", "state", "confidence"])]
        constraints = [
            models.UniqueConstraint(fields=["from_year", "to_year", "old", "new"], name="succession_once"),
            models.CheckConstraint(
                condition=Q(state="open") | Q(settled_at__isnull=False), name="settled_succession_has_a_day"
            ),
            models.CheckConstraint(
                condition=Q(confidence__gte=0, confidence__lte=1), name="succession_confidence_is_a_share"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.old_id} → {self.new_id} ({self.from_year}–{self.to_year})"
