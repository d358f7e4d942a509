"""The gateway's own part of the ledger: one hash chain per organisation that has routes.

Transfers of one organisation never wait for those of another, and its auditor can prove them alone. The chains are kept
and proved by the book's ledger (``sekisho ledger verify``).
"""

from collections.abc import Iterable, Mapping
from typing import Any

from sekisho.book.services import ledger
from sekisho.book.services.common import plain
from sekisho.gateway.models import OwnPolicy, Route
from sekisho.gateway.models.routes import chain_of
from sekisho.people.models import Organisation
from sekisho.people.roles import Actor


def record(
    actor: Actor,
    organisation: Organisation | int,
    act: str,
    params: Mapping[str, Any],
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Append to an organisation's chain, inside the caller's transaction."""
    chain = chain_of(organisation)
    ledger.append(
        actor, None, act, params=plain(params), before=plain(before), after=plain(after), chain=chain
    )


def expected_chains() -> Iterable[str]:
    """Chains that must exist: making a route or a policy wrote an entry."""
    routes, policies = (
        model.objects.order_by().values_list("organisation_id", flat=True) for model in (Route, OwnPolicy)
    )
    return [chain_of(pk) for pk in sorted({*routes, *policies})]
