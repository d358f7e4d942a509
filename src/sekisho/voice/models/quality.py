"""The quality level of a service, as it stood in each fiscal year."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from sekisho.book.models import Project


class QualityLevel(models.Model):
    """What was judged last in a fiscal year; the present year's row is brought up to date, earlier ones stay.

    ``findings``: a list of ``{"level", "measure", "value", "state"}``, in the order of the rule.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="quality_levels")
    fiscal_year = models.PositiveSmallIntegerField(_("fiscal year"))
    level = models.CharField(_("quality level"), max_length=20)
    rule = models.CharField(_("rule"), max_length=60)
    findings = models.JSONField(default=list)
    judged_at = models.DateTimeField()

    class Meta:
        ordering = ["-fiscal_year"]
        indexes = [models.Index(fields=["fiscal_year", "level"], name="quality_of_year")]
        constraints = [
            models.UniqueConstraint(fields=["project", "fiscal_year"], name="quality_level_once_a_year")
        ]

    def __str__(self) -> str:
        return f"{self.fiscal_year} {self.level}"
