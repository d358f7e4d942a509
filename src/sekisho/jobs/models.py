"""The job row, and the row that keeps a periodic job to one run per slot."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractUser, AnonymousUser


class State(models.TextChoices):
    """Where a job stands. A job leaves ``queued`` and ``running`` for good unless somebody retries it."""

    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


LIVE = (State.QUEUED, State.RUNNING)
FINISHED = (State.DONE, State.FAILED, State.CANCELLED)


class JobQuerySet(models.QuerySet["Job"]):
    def visible_to(self, user: AbstractUser | AnonymousUser) -> JobQuerySet:
        """The person's own jobs; all of them for who holds ``jobs.view_job`` (superusers do)."""
        if not user.is_authenticated:
            return self.none()
        return self if user.has_perm("jobs.view_job") else self.filter(owner_id=user.pk)

    def due(self, now: dt.datetime) -> JobQuerySet:
        """Waiting jobs whose time has come, most urgent first, then oldest."""
        return self.filter(state=State.QUEUED, run_after__lte=now).order_by("-priority", "run_after", "id")

    def abandoned(self, now: dt.datetime) -> JobQuerySet:
        """Running jobs whose worker has stopped renewing its lease."""
        return self.filter(state=State.RUNNING, lease_until__lt=now)


class Job(models.Model):
    """One piece of background work.

    It is delivered at least once: a worker that dies lets its lease run out and the job runs again, so
    handlers must be idempotent. ``attempt`` counts the runs begun; a larger ``priority`` goes first.
    """

    State = State

    kind = models.CharField(max_length=100)
    params = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="jobs"
    )
    priority = models.SmallIntegerField(default=0)
    attempt = models.PositiveSmallIntegerField(default=0)
    max_attempts = models.PositiveSmallIntegerField(default=3)
    run_after = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True, blank=True)
    leased_by = models.CharField(max_length=120, blank=True)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    dedupe_key = models.CharField(max_length=200, blank=True)
    progress_done = models.PositiveBigIntegerField(default=0)
    progress_total = models.PositiveBigIntegerField(default=0)
    progress_text = models.CharField(max_length=300, blank=True)
    result = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    error = models.TextField(blank=True)
    error_detail = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["state", "run_after", "priority"], name="job_claim"),
            models.Index(fields=["state", "lease_until"], name="job_lease"),
            models.Index(fields=["owner", "-id"], name="job_owner"),
            models.Index(fields=["finished_at"], name="job_finished"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="job_state_is_known"),
            models.CheckConstraint(
                condition=Q(state=State.RUNNING, lease_until__isnull=False) & ~Q(leased_by="")
                | ~Q(state=State.RUNNING) & Q(lease_until__isnull=True, leased_by=""),
                name="job_is_leased_while_running",
            ),
            models.CheckConstraint(
                condition=Q(state__in=LIVE, finished_at__isnull=True)
                | Q(state__in=FINISHED, finished_at__isnull=False),
                name="job_finished_at_matches_state",
            ),
            models.CheckConstraint(
                condition=Q(attempt__lte=F("max_attempts")), name="job_attempts_within_limit"
            ),
            models.UniqueConstraint(
                fields=["dedupe_key"],
                condition=Q(state__in=LIVE) & ~Q(dedupe_key=""),
                name="job_once_while_live",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk} ({self.state})"

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen unless somebody retries it."""
        return self.state in FINISHED

    def may_be_steered_by(self, user: Any) -> bool:
        """Whether this person may cancel or retry it: its owner, or who holds ``jobs.change_job``."""
        if not user.is_authenticated:
            return False
        return (self.owner_id is not None and self.owner_id == user.pk) or user.has_perm("jobs.change_job")


class Schedule(models.Model):
    """The last slot for which a periodic job was enqueued."""

    kind = models.CharField(max_length=100, unique=True)
    last_slot = models.DateTimeField()

    class Meta:
        ordering = ["kind"]

    def __str__(self) -> str:
        return f"{self.kind} @ {self.last_slot:%Y-%m-%d %H:%M}"
