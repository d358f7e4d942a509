"""Releases: planned, judged at their own gate, published."""

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from sekisho.book.models import Gate, Phase, Project, Release, ReleaseKind
from sekisho.book.services.acting import acting_on
from sekisho.book.services.common import UNREAD, Unread, choice, expect_date, filled, fitting, not_past
from sekisho.book.services.decisions import refuse_lapsed, use_decision
from sekisho.book.services.gates import EMERGENCY_DAYS, open_release_gate
from sekisho.errors import Conflict, Invalid


def plan_release(
    user: Any, project: Project, *, version: str, kind: str, planned_on: dt.date, name: str = ""
) -> Release:
    """Plan a release and open its gate."""
    with acting_on(user, project) as act:
        act.require("release")
        _require_deliverable(act.project)
        not_past(planned_on, "planned_on", act.today)
        release = _create(act.project, version, kind, planned_on, name)
        act.write(
            "release.planned", {"version": release.version, "date": planned_on, "release_id": release.pk}
        )
        open_release_gate(act, release)
    return release


def _require_deliverable(project: Project) -> None:
    if project.phase not in (Phase.BUILD, Phase.OPERATE):
        raise Conflict(_("Releases are made in the build and operation phases."), code="wrong_phase")


def _create(
    project: Project, version: str, kind: str, planned_on: dt.date, name: str, **more: Any
) -> Release:
    text = fitting(filled(version, "version"), 60, "version")
    choice(kind, ReleaseKind, "kind")
    try:
        with transaction.atomic():
            return Release.objects.create(
                project=project,
                version=text,
                kind=kind,
                planned_on=planned_on,
                name=fitting(name, 300, "name"),
                **more,
            )
    except IntegrityError:
        raise Invalid(_("There is already a release with this version."), field="version") from None


def reschedule_release(
    user: Any, release: Release, planned_on: dt.date, *, read: dt.date | Unread = UNREAD
) -> Release:
    """Move a planned release to another day; its gate moves along. ``read`` is the day that the caller saw.

    Raises:
        Conflict: it is released or cancelled.
        StaleWrite: it was moved since.
    """
    with acting_on(user, release.project) as act:
        act.require("release")
        not_past(planned_on, "planned_on", act.today)
        release.refresh_from_db(fields=["planned_on", "state"])
        expect_date("planned_on", release.planned_on, read, planned_on)
        if release.state != Release.State.PLANNED:
            raise Conflict(_("Only a planned release can be moved."), code="release_not_planned")
        before, release.planned_on = release.planned_on, planned_on
        release.save(update_fields=["planned_on"])
        Gate.objects.filter(release=release).update(due_on=planned_on)
        params = {"version": release.version, "release_id": release.pk}
        act.write("release.updated", params, before={"planned_on": before}, after={"planned_on": planned_on})
    return release


def publish_release(user: Any, release: Release) -> Release:
    """Mark a release as released. Only a standing go or conditional decision allows it.

    Raises:
        Conflict: ``release_not_planned``, ``gate_not_passed`` or ``decision_lapsed``.
    """
    refuse_lapsed(user, release.project, release.gate, "release")
    with acting_on(user, release.project) as act:
        act.require("release")
        release = Release.objects.select_for_update(of=("self",)).get(pk=release.pk)
        if release.state != Release.State.PLANNED:
            raise Conflict(_("This release is already released or stopped."), code="release_not_planned")
        gate = Gate.objects.select_for_update(of=("self",)).get(release=release)
        decision = use_decision(act, gate)
        release.state, release.released_at, release.released_by_id = (
            Release.State.RELEASED,
            act.now,
            act.actor.user_id,
        )
        release.save()
        act.write(
            "release.published",
            {"version": release.version, "release_id": release.pk, "decision_id": decision.pk},
        )
    return release


def emergency_release(
    user: Any, project: Project, *, version: str, kind: str, reason: str, name: str = ""
) -> Release:
    """Release at once, with a reason. A gate due within 14 days judges it afterwards."""
    with acting_on(user, project) as act:
        act.require("release")
        _require_deliverable(act.project)
        text = filled(reason, "reason", _("Say why this could not wait for the gate."))
        release = _create(
            act.project,
            version,
            kind,
            act.today,
            name,
            emergency=True,
            emergency_reason=text,
            state=Release.State.RELEASED,
            released_at=act.now,
            released_by_id=act.actor.user_id,
        )
        act.write("release.emergency", {"version": release.version, "reason": text, "release_id": release.pk})
        open_release_gate(act, release, due_on=act.today + dt.timedelta(days=EMERGENCY_DAYS))
    return release
