"""Zones, the systems placed in them, the flows between systems."""

from collections.abc import Iterable
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sekisho.book.models import Project
from sekisho.people.models import TwoNames
from sekisho.people.roles import Actor


class NetworkChoice(models.Model):
    """The one row that says which model of separated networks the government follows, and when house was last kept."""

    class Model(models.TextChoices):
        ALPHA = "alpha", _("Model α")
        ALPHA_DASH = "alpha_dash", _("Model α′")
        BETA = "beta", _("Model β")
        BETA_DASH = "beta_dash", _("Model β′")

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    model = models.CharField(_("model"), max_length=12, choices=Model, default=Model.ALPHA)
    kept_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="network_choice_is_single")]

    def __str__(self) -> str:
        return str(self.get_model_display())


class Zone(TwoNames, models.Model):
    """A zone of the network."""

    class Kind(models.TextChoices):
        MYNUMBER = "mynumber", _("My Number zone")
        LGWAN = "lgwan", _("LGWAN zone")
        INTERNET = "internet", _("Internet zone")
        CLOUD = "cloud", _("Cloud")

    code = models.SlugField(_("code"), max_length=32, unique=True)
    name = models.CharField(_("name"), max_length=100)
    name_en = models.CharField(_("English name"), max_length=100, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "id"]

    def __str__(self) -> str:
        return self.local_name


class DataClass(models.TextChoices):
    PUBLIC = "public", _("Public")
    INTERNAL = "internal", _("Internal")
    PERSONAL = "personal", _("Personal information")
    SPECIFIC = "specific", _("Personal information with My Number")


class SystemQuerySet(models.QuerySet["System"]):
    """Systems by who may see them."""

    def visible_to(self, actor: Actor) -> Self:
        """Systems of the books that this person may read."""
        return self.filter(project__in=Project.objects.visible_to(actor).order_by())


class System(TwoNames, models.Model):
    """A system of a book, standing in a zone."""

    class Control(models.TextChoices):
        EPP = "epp", _("EPP (keeps malware from running)")
        EDR = "edr", _("EDR (notices and answers attacks)")

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="systems")
    zone = models.ForeignKey(Zone, on_delete=models.PROTECT, related_name="systems", verbose_name=_("zone"))
    name = models.CharField(_("name"), max_length=100)
    name_en = models.CharField(_("English name"), max_length=100, blank=True)
    data_class = models.CharField(
        _("information held"), max_length=10, choices=DataClass, default=DataClass.INTERNAL
    )
    workplace = models.BooleanField(_("terminals that staff work on"), default=False)
    controls = models.JSONField(_("protections"), default=list, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    #: of another book, and shown only because a flow leads to it
    is_beyond = False

    objects = SystemQuerySet.as_manager()

    class Meta:
        ordering = ["project_id", "name", "id"]
        constraints = [models.UniqueConstraint(fields=["project", "name"], name="system_name_once_a_book")]

    def __str__(self) -> str:
        return self.local_name

    @property
    def protections(self) -> str:
        """Its protections in words."""
        return _in_words(self.controls, self.Control)


class Flow(models.Model):
    """Data that goes from one system to another; it belongs to the book of the system it leaves."""

    class Handover(models.TextChoices):
        GATEWAY = "gateway", _("Transfer of files")
        API = "api", _("Connection between programs")
        SHARE = "share", _("Shared folder")
        MAIL = "mail", _("Mail")
        MEDIA = "media", _("USB stick or other medium")

    class Control(models.TextChoices):
        SANITIZING = "sanitizing", _("Sanitizing")
        APPROVAL = "approval", _("Approval")
        ENCRYPTION = "encryption", _("Encryption")

    source = models.ForeignKey(
        System, on_delete=models.CASCADE, related_name="leaving", verbose_name=_("from system")
    )
    target = models.ForeignKey(
        System, on_delete=models.CASCADE, related_name="arriving", verbose_name=_("to system")
    )
    what = models.CharField(_("what is handed over"), max_length=200)
    data_class = models.CharField(
        _("kind of information"), max_length=10, choices=DataClass, default=DataClass.INTERNAL
    )
    handover = models.CharField(_("how"), max_length=10, choices=Handover, default=Handover.GATEWAY)
    protocol = models.CharField(_("protocol"), max_length=60, blank=True)
    controls = models.JSONField(_("protections"), default=list, blank=True)

    class Meta:
        ordering = ["source_id", "target_id", "id"]
        constraints = [models.CheckConstraint(condition=~Q(source=F("target")), name="flow_goes_somewhere")]

    def __str__(self) -> str:
        return self.what

    @property
    def protections(self) -> str:
        """Its protections in words."""
        return _in_words(self.controls, self.Control)


def _in_words(values: Iterable[str], choices: type[models.TextChoices]) -> str:
    return ", ".join(str(choices(value).label) for value in values)
