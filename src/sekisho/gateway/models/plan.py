"""The plan by which a network changes: from today over step 2 to step 3."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sekisho.gateway.models.network import NetworkChoice, System, Zone
from sekisho.people.models import User
from sekisho.people.roles import Actor


class PlanStep(models.Model):
    """A step of the plan: until when, and the model of the network that holds after it. Today is no row."""

    class Number(models.IntegerChoices):
        TWO = 2, _("Step 2")
        THREE = 3, _("Step 3")

    number = models.PositiveSmallIntegerField(choices=Number, unique=True)
    model = models.CharField(_("model after it"), max_length=12, choices=NetworkChoice.Model)
    due = models.DateField(_("done until"))
    note = models.CharField(_("what it is about"), max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering = ["number"]
        constraints = [models.CheckConstraint(condition=Q(number__in=[2, 3]), name="plan_step_is_known")]

    def __str__(self) -> str:
        return str(self.get_number_display())


class PlannedMoveQuerySet(models.QuerySet["PlannedMove"]):
    """Moves by who may see them."""

    def visible_to(self, actor: Actor) -> Self:
        """Moves of systems this person may see."""
        return self.filter(system__in=System.objects.visible_to(actor).order_by())


class PlannedMove(models.Model):
    """What a step does to a system: the zone it moves to (perhaps its own), and the protections it gains."""

    step = models.ForeignKey(PlanStep, on_delete=models.PROTECT, related_name="moves", verbose_name=_("step"))
    system = models.ForeignKey(
        System, on_delete=models.CASCADE, related_name="moves", verbose_name=_("system")
    )
    zone = models.ForeignKey(Zone, on_delete=models.PROTECT, related_name="+", verbose_name=_("to zone"))
    controls = models.JSONField(_("protections to add"), default=list, blank=True)
    task = models.CharField(_("what the project must do"), max_length=500, blank=True)
    planned_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    planned_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True, blank=True)

    objects = PlannedMoveQuerySet.as_manager()

    class Meta:
        ordering = ["step__number", "system__project_id", "id"]
        constraints = [models.UniqueConstraint(fields=["step", "system"], name="system_moves_once_a_step")]

    def __str__(self) -> str:
        return f"{self.step_id}: {self.system_id}"

    @property
    def is_done(self) -> bool:
        return self.done_at is not None

    def holds(self) -> bool:
        """Whether the system is as this move wants it."""
        return self.system.zone_id == self.zone_id and set(self.controls) <= set(self.system.controls)
