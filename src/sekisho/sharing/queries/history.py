"""What became of a proposal, as the ledgers of its members tell it."""

import datetime as dt
from dataclasses import dataclass

from sekisho.book.models import LedgerEntry
from sekisho.errors import Message
from sekisho.sharing.models import Proposal
from sekisho.sharing.words import PROPOSAL


@dataclass(frozen=True)
class Step:
    """Something said or done about a proposal: when, by whom, what, and in which words."""

    at: dt.datetime
    who: str
    what: Message
    words: str


def history(proposal: Proposal) -> list[Step]:
    """Every step of a proposal, the newest first. One query: each act stands in the ledgers of all members alike."""
    member = proposal.members.order_by("pk").values("project")[:1]
    acts = LedgerEntry.objects.filter(project__in=member, act__in=PROPOSAL).order_by("-seq")
    return [
        Step(entry.at, entry.actor_name, PROPOSAL[entry.act], entry.params.get("reason", ""))
        for entry in acts
        if entry.params.get("proposal_id") == proposal.pk
    ]
