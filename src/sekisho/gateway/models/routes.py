"""Routes: ways on which an organisation's files may cross."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from sekisho.gateway.models.network import Zone
from sekisho.people.models import Organisation, TwoNames
from sekisho.people.roles import Actor


def chain_of(organisation: Organisation | int) -> str:
    """Name of an organisation's chain."""
    return f"gateway:{organisation if isinstance(organisation, int) else organisation.pk}"


class RouteQuerySet(models.QuerySet["Route"]):
    """Routes by who may do what on them."""

    def where(self, actor: Actor, act: str) -> Self:
        """Routes of organisations where the table of roles allows ``act``."""
        allowed = [
            o
            for o in Organisation.objects.filter(routes__in=self.order_by()).distinct()
            if actor.may(act, path=o.path)
        ]
        return self.filter(organisation__in=allowed)


class Route(TwoNames, models.Model):
    """From zone to zone, for the people of an organisation and those below it. Never deleted: closed."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=100)
    name_en = models.CharField(_("English name"), max_length=100, blank=True)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="routes", verbose_name=_("organisation")
    )
    source = models.ForeignKey(Zone, on_delete=models.PROTECT, related_name="+", verbose_name=_("from zone"))
    target = models.ForeignKey(Zone, on_delete=models.PROTECT, related_name="+", verbose_name=_("to zone"))
    policy = models.CharField(_("sanitizing policy"), max_length=300)
    needs_approval = models.BooleanField(_("the superior approves"), default=False)
    allows_outside = models.BooleanField(
        _("outside parties may receive, by a link with a code"), default=False
    )
    expiry_days = models.PositiveSmallIntegerField(_("days offered"), default=7)
    download_limit = models.PositiveSmallIntegerField(_("downloads of each file at most"), default=5)
    hold_days = models.PositiveSmallIntegerField(_("days originals are held"), default=30)
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = RouteQuerySet.as_manager()

    class Meta:
        ordering = ["source__order", "target__order", "code"]
        constraints = [
            models.CheckConstraint(condition=~Q(source=F("target")), name="route_crosses_zones"),
            models.CheckConstraint(
                condition=Q(expiry_days__gte=1, download_limit__gte=1, hold_days__gte=1),
                name="route_limits_are_positive",
            ),
        ]

    def __str__(self) -> str:
        return self.local_name
