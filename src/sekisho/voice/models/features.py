"""What a service does about a feature that its users were asked about."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from sekisho.book.models import Release
from sekisho.voice.models.surveys import Survey


class FeaturePlan(models.Model):
    """What is to become of a feature of a Kano question: built with a release, left, or there already."""

    class Plan(models.TextChoices):
        OPEN = "open", _("Not decided")
        BUILD = "build", _("To be built")
        DONE = "done", _("There already")
        LEFT = "left", _("Not to be built")

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="feature_plans")
    question = models.CharField(max_length=40)
    feature = models.CharField(max_length=40)
    plan = models.CharField(_("what becomes of it"), max_length=5, choices=Plan, default=Plan.OPEN)
    release = models.ForeignKey(
        Release,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("with release"),
    )
    criterion = models.CharField(_("criterion of a gate"), max_length=64, blank=True)
    words = models.CharField(_("in words"), max_length=500, blank=True)
    version = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        ordering = ["survey_id", "question", "feature"]
        constraints = [
            models.UniqueConstraint(fields=["survey", "question", "feature"], name="feature_planned_once")
        ]

    def __str__(self) -> str:
        return f"{self.question}.{self.feature}: {self.plan}"
