"""Organisations, people, their dated roles, notices, API tokens and the installation itself."""

import datetime as dt
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class TwoNames:
    """Something with a Japanese ``name`` and perhaps an English one, ``name_en``."""

    name: Any
    name_en: Any

    @property
    def local_name(self) -> str:
        """The name in the reader's language; the Japanese one where there is no English one."""
        english = self.name_en if (get_language() or "").startswith("en") else ""
        return str(english or self.name)


class Organisation(TwoNames, models.Model):
    """A bureau, division or section. ``path`` (ids from the root: ``/1/4/``) turns descent into a prefix."""

    code = models.CharField(_("code"), max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=300)
    name_en = models.CharField(_("English name"), max_length=300, blank=True)
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("belongs to"),
    )
    path = models.CharField(max_length=255, db_index=True, editable=False)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)

    class Meta:
        ordering = ["path"]
        constraints = [
            models.CheckConstraint(condition=~Q(parent=F("id")), name="organisation_is_not_its_own_parent")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def depth(self) -> int:
        """0 for a root."""
        return self.path.count("/") - 2


class User(AbstractUser):
    """A person. Roles say what they may do; the organisation here is only where they sit."""

    class Digest(models.TextChoices):
        DAILY = "daily", _("One e-mail a day at most")
        EACH = "each", _("An e-mail for each notice")
        NEVER = "never", _("No e-mail")

    display_name = models.CharField(_("name"), max_length=300, blank=True)
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="people",
        verbose_name=_("organisation"),
    )
    language = models.CharField(
        _("language"), max_length=2, blank=True, choices=[("ja", "日本語"), ("en", "English")]
    )
    digest = models.CharField(_("notices by e-mail"), max_length=5, choices=Digest, default=Digest.DAILY)
    digest_sent_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta(AbstractUser.Meta):
        ordering = ["username"]

    def __str__(self) -> str:
        return self.display_name or self.username


class RoleAssignmentQuerySet(models.QuerySet["RoleAssignment"]):
    def in_force(self, on: dt.date) -> "RoleAssignmentQuerySet":
        """Assignments that hold on a day (both ends included)."""
        return self.filter(Q(valid_from__lte=on), Q(valid_until__isnull=True) | Q(valid_until__gte=on))


class RoleAssignment(models.Model):
    """A role held for an organisation and everything below it, from a day until a day."""

    class Role(models.TextChoices):
        MEMBER = "member", _("Owner section")
        CIO_AIDE = "cio_aide", _("CIO aide")
        EXPERT = "expert", _("Expert")
        QUALITY_OFFICE = "quality_office", _("Quality office")
        EXECUTIVE = "executive", _("Executive")
        AUDITOR = "auditor", _("Auditor")
        CONTRACTOR = "contractor", _("Contractor")
        ADMIN = "admin", _("Administrator")
        SUPERIOR = "superior", _("Superior")
        SECURITY_OFFICER = "security_officer", _("Information security officer")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="roles")
    role = models.CharField(_("role"), max_length=20, choices=Role)
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="role_assignments",
        verbose_name=_("organisation"),
    )
    valid_from = models.DateField(_("from"))
    valid_until = models.DateField(_("until"), null=True, blank=True)

    objects = RoleAssignmentQuerySet.as_manager()

    class Meta:
        ordering = ["user", "role", "valid_from"]
        indexes = [models.Index(fields=["role", "organisation"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
                name="role_does_not_end_before_it_starts",
                violation_error_message=_("The role ends before it starts."),
            ),
            models.UniqueConstraint(
                fields=["user", "role", "organisation", "valid_from"], name="role_once_a_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()} · {self.organisation}"


class Notice(models.Model):
    """One line that tells a person what happened or what waits. ``key`` keeps repeats from piling up."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=40)
    params = models.JSONField(default=dict)
    url = models.CharField(max_length=500)
    key = models.CharField(max_length=120)
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True, blank=True)
    emailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["user", "read_at", "-created_at"])]
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="notice_once")]

    def __str__(self) -> str:
        return f"{self.kind} → {self.user}"


class ApiToken(models.Model):
    """A bearer token. Only its SHA-256 is kept; the token itself is shown once."""

    class Scope(models.TextChoices):
        READ = "read", _("Read")
        WRITE = "write", _("Read and write")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("name"), max_length=100)
    prefix = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    scope = models.CharField(_("scope"), max_length=5, choices=Scope, default=Scope.READ)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(_("expires"))
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class SharedCache(models.Model):
    """The table of Django's database cache (see CACHES): kept by it, written here so that migrations make it."""

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.cache_key


class Installation(models.Model):
    """The one row that says what this installation is: its name, and whether its data are the sample."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    name = models.CharField(_("name of the government"), max_length=300)
    is_sample = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="installation_is_single")]

    def __str__(self) -> str:
        return self.name
