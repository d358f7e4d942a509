"""Files kept with a project, and the clean copies that people may open."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from sekisho.book.models.project import Project
from sekisho.people.models import User


class Attachment(models.Model):
    """A file kept with the project: stored, hashed, named; never served from our origin as it came."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="attachments")
    name = models.CharField(_("name"), max_length=300)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64, db_index=True)
    stored = models.FileField(upload_to="evidence/%Y/%m/")
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    uploaded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-uploaded_at", "-id"]

    def __str__(self) -> str:
        return self.name


class CleanCopy(models.Model):
    """What the sanitizer made of a file: a newly written copy that may be opened, or the reason why there is none.

    ``removed`` and ``refusal`` hold the report's words in both languages: a list of ``{"words", "where", "count"}``
    and one ``{"code", "words"}``. ``removed_total`` counts what a very long list leaves out.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Being disarmed")
        CLEAN = "clean", _("Disarmed")
        REFUSED = "refused", _("Cannot be opened")

    attachment = models.OneToOneField(Attachment, on_delete=models.CASCADE, related_name="clean")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    policy = models.CharField(max_length=100, blank=True)
    method = models.CharField(max_length=12, blank=True)
    name = models.CharField(_("name"), max_length=300, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    stored = models.FileField(upload_to="clean/%Y/%m/", blank=True)
    removed = models.JSONField(default=list, blank=True)
    removed_total = models.PositiveIntegerField(default=0)
    refusal = models.JSONField(default=dict, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["attachment_id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="clean") & ~models.Q(stored="")
                | ~models.Q(state="clean") & models.Q(stored=""),
                name="clean_copy_is_there_when_clean",
            )
        ]

    def __str__(self) -> str:
        return self.name or self.attachment.name
