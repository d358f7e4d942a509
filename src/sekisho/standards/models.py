"""Registered pack versions and which version is in force for whom."""

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from sekisho.people.models import Organisation
from sekisho.standards.pack import Pack


class StandardVersion(models.Model):
    """One version of a pack, as read from its files. ``document`` never changes once registered."""

    pack = models.CharField(_("pack"), max_length=64)
    version = models.CharField(_("version"), max_length=32)
    sha256 = models.CharField(max_length=64)
    document = models.JSONField()
    registered_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pack", "-registered_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["pack", "version"], name="standard_version_once")]

    def __str__(self) -> str:
        return f"{self.pack} {self.version}"

    @property
    def title(self) -> str:
        """The pack's title in the active language, with the version: what people read."""
        return f"{self.load().title.get(get_language() or 'ja')} {self.version}"

    def load(self) -> Pack:
        """The pack as a value. Parsed once per process: the same SHA-256 is the same pack for ever."""
        if (pack := _parsed.get(self.sha256)) is None:
            pack = _parsed[self.sha256] = Pack.from_document(self.document)
        return pack


_parsed: dict[str, Pack] = {}


class StandardInForce(models.Model):
    """The pack version an organisation, and all below it, opens its gates with from a day on."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="standards", verbose_name=_("organisation")
    )
    standard = models.ForeignKey(
        StandardVersion, on_delete=models.PROTECT, related_name="uses", verbose_name=_("standard")
    )
    in_force_from = models.DateField(_("in force from"))
    chosen_by = models.ForeignKey("people.User", on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.TextField(_("reason"), blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["organisation__path", "-in_force_from", "-id"]

    def __str__(self) -> str:
        return f"{self.organisation}: {self.standard}"
