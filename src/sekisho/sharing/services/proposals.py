"""Acts on proposals to make several things common: proposed, decided, carried out."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sekisho.book.models import Project
from sekisho.book.queries.registry import knowing_money
from sekisho.book.services.acting import acting_on
from sekisho.book.services.common import expect, filled, fitting
from sekisho.errors import Conflict, Invalid, NotPermitted
from sekisho.people.permissions import actor_of
from sekisho.sharing.models import Platform, Proposal, ProposalMember
from sekisho.sharing.services.platforms import MOST, offer_platform

#: books a proposal may join
MOST_MEMBERS = 100


def propose(
    user: Any,
    *,
    title: str,
    why: str,
    members: Sequence[Project],
    share: int,
    assumptions: str,
    running_cost: int = 0,
    platform: Platform | None = None,
) -> Proposal:
    """Propose to make common what these books do. What each spends is its money of this fiscal year as it stands now.

    ``share``: percent of the members' cost that would no longer be spent; ``running_cost``: yen a year of the common
    platform. Reviewers of all members may propose.

    Raises:
        Invalid: a value cannot be accepted. NotFound, NotPermitted: a member is out of reach.
    """
    chosen = sorted({one.pk: one for one in members}.values(), key=lambda one: one.pk)
    if not 2 <= len(chosen) <= MOST_MEMBERS:
        raise Invalid(_("Name 2 to 100 different projects."), field="members")
    if not 0 <= share <= 100:
        raise Invalid(_("Give a share from 0 to 100 percent."), field="share")
    if not 0 <= running_cost <= MOST:
        raise Invalid(_("This is more money than fits."), field="running_cost")
    books: Any = knowing_money(Project.objects.filter(pk__in=[one.pk for one in chosen]).order_by())
    spends = {one.pk: one.known_money for one in books}
    named = fitting(filled(title, "title"), 300, "title")
    under_way = Proposal.objects.filter(proposed_by=actor_of(user).user_id, state__in=("proposed", "agreed"))
    if under_way.filter(title=named).exists():
        raise Invalid(_("You have a proposal of this title under way: it was kept already."), field="title")
    with transaction.atomic():
        made = Proposal.objects.create(
            title=named,
            why=fitting(filled(why, "why"), 20_000, "why"),
            assumptions=fitting(
                filled(assumptions, "assumptions", _("Say what the estimate rests on.")),
                20_000,
                "assumptions",
            ),
            share=share,
            running_cost=running_cost,
            platform=platform,
            proposed_by_id=actor_of(user).user_id,
            proposed_at=timezone.now(),
        )
        for project in chosen:
            with acting_on(user, project) as act:
                act.require("review")
                ProposalMember.objects.create(proposal=made, project=project, spends=spends[project.pk])
                act.write("proposal.made", {"title": made.title, "proposal_id": made.pk})
    return made


def decide(
    user: Any, proposal: Proposal, state: str, words: str, *, expected_version: int | None = None
) -> Proposal:
    """Agree to a proposal, not pursue it, or close it as carried out, saying why. The quality office does, and nobody
    decides what they proposed. Once it is agreed to, the members are offered the candidate platform.

    Raises:
        NotPermitted, Invalid, StaleWrite. Conflict: it does not stand where this can be decided.
    """
    actor = actor_of(user)
    if not actor.may_anywhere("edit_standards"):
        raise NotPermitted(_("The quality office decides on proposals."))
    said = fitting(filled(words, "words", _("Say why.")), 20_000, "words")
    with transaction.atomic():
        row = Proposal.objects.select_for_update().get(pk=proposal.pk)
        expect(
            row,
            expected_version,
            {"state": row.state},
            {"state": state},
            _("Someone else changed this proposal in the meantime."),
        )
        if state not in {"proposed": ("agreed", "rejected"), "agreed": ("done", "rejected")}.get(
            row.state, ()
        ):
            raise Conflict(_("This cannot be decided as the proposal stands."), code="proposal_state")
        if row.state == "proposed" and row.proposed_by_id == actor.user_id and not actor.is_system:
            raise NotPermitted(_("Someone else decides on what you proposed."))
        row.state, row.decision_words = state, said
        row.decided_by_id, row.decided_at = actor.user_id, timezone.now()
        row.version += 1
        row.save()
        params = {"title": row.title, "reason": said, "proposal_id": row.pk}
        for project in _members(row):
            with acting_on(user, project, closed_ok=True) as act:
                if state == "agreed":
                    act.write("proposal.agreed", params)
                elif state == "done":
                    act.write("proposal.done", params)
                else:
                    act.write("proposal.rejected", params)
            if state == "agreed" and row.platform:
                offer_platform(user, project, row.platform)
    return row


def _members(proposal: Proposal) -> list[Project]:
    """Always in one order, so that two people never wait for each other."""
    members = proposal.members.select_related("project__owner").order_by("project_id")
    return [member.project for member in members]


def report_progress(
    user: Any, proposal: Proposal, progress: str, *, expected_version: int | None = None
) -> Proposal:
    """Say how far an agreed proposal is; who proposed it and the quality office do. Written in the ledgers of all members.

    Raises:
        NotPermitted, Invalid, StaleWrite. Conflict: it was not agreed to.
    """
    actor = actor_of(user)
    with transaction.atomic():
        row = Proposal.objects.select_for_update().get(pk=proposal.pk)
        if not (actor.may_anywhere("edit_standards") or actor.user_id == row.proposed_by_id):
            raise NotPermitted(_("Who proposed it and the quality office report on it."))
        expect(
            row,
            expected_version,
            {"progress": row.progress},
            {"progress": progress},
            _("Someone else changed this proposal in the meantime."),
        )
        if row.state != Proposal.State.AGREED:
            raise Conflict(_("Only an agreed proposal has progress."), code="proposal_state")
        row.progress = fitting(filled(progress, "progress"), 20_000, "progress")
        row.version += 1
        row.save()
        params = {"title": row.title, "reason": row.progress, "proposal_id": row.pk}
        for project in _members(row):
            with acting_on(user, project, closed_ok=True) as act:
                act.write("proposal.progressed", params)
    return row
