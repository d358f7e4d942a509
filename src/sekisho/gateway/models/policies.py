"""Sanitizing policies that an office writes itself, each with all its versions."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sekisho.people.models import Organisation, User
from sekisho.people.roles import Actor


class OwnPolicyQuerySet(models.QuerySet["OwnPolicy"]):
    """Policies by who may do what with them."""

    def where(self, actor: Actor, act: str) -> Self:
        """Policies of organisations where the table of roles allows ``act``."""
        holders = Organisation.objects.filter(policies__in=self.order_by()).distinct()
        return self.filter(organisation__in=[o for o in holders if actor.may(act, path=o.path)])

    def for_routes_of(self, organisation: Organisation) -> Self:
        """Policies that routes of an organisation may use: its own, and those of the organisations above it."""
        above = [int(part) for part in organisation.path.split("/") if part]
        return self.filter(organisation__in=above)


class OwnPolicy(models.Model):
    """A policy of an organisation. Never deleted: transfers name its versions. ``version`` is the latest one."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="policies", verbose_name=_("organisation")
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = OwnPolicyQuerySet.as_manager()

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


class PolicyVersion(models.Model):
    """One version, as it was written: it never changes. ``digest`` is of its content, as transfers keep it."""

    policy = models.ForeignKey(OwnPolicy, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    text = models.TextField()
    digest = models.CharField(max_length=64)
    reason = models.CharField(_("what changes, and why"), max_length=500)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["policy_id", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["policy", "number"], name="policy_version_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="policy_versions_count_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.policy_id}: {self.number}"
