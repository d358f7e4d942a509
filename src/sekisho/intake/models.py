"""Imports through the browser: what was uploaded, what it would change, what it did."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sekisho.jobs.models import Job
from sekisho.people.models import User


class ImportRun(models.Model):
    """One upload on its way into the books. Its files live in ``folder`` below MEDIA_ROOT until it is over."""

    class Source(models.TextChoices):
        RS = "rs", _("RS system (review of government programmes)")
        JUDGIT = "judgit", _("JUDGIT! tables")
        TABLE = "table", _("Excel or CSV table")

    class State(models.TextChoices):
        MAPPING = "mapping", _("Columns to be assigned")
        READING = "reading", _("Being read")
        READY = "ready", _("Ready to be looked at")
        APPLYING = "applying", _("Being imported")
        DONE = "done", _("Imported")
        REFUSED = "refused", _("Refused")
        ABANDONED = "abandoned", _("Abandoned")

    source = models.CharField(_("source"), max_length=10, choices=Source)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.READING)
    started_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, related_name="imports", verbose_name=_("who")
    )
    job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, related_name="+")
    files = models.JSONField(default=list)
    folder = models.CharField(max_length=64, editable=False)
    mapping = models.TextField(blank=True)
    strict = models.BooleanField(_("all or nothing"), default=False)
    preview = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["state", "created_at"], name="import_state")]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state__in=["mapping", "reading", "ready", "applying", "done", "refused", "abandoned"]
                ),
                name="import_state_known",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_source_display()} #{self.pk}"

    @property
    def is_over(self) -> bool:
        """Done, refused or abandoned: its files are gone."""
        return self.state in (self.State.DONE, self.State.REFUSED, self.State.ABANDONED)

    @property
    def is_stuck(self) -> bool:
        """Its background work ended without an end of the import: it failed or was cancelled."""
        working = self.state in (self.State.READING, self.State.APPLYING)
        return working and (self.job is None or self.job.is_over)

    @property
    def file_names(self) -> str:
        """Names of what was uploaded."""
        return ", ".join(item["name"] for item in self.files)
