"""Appending to and proving the ledger."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from sekisho.book.chain import Break, ChainEntry, sha256_of, verify
from sekisho.book.models import LedgerEntry, LedgerHead, Project, Submission
from sekisho.book.models.ledger import OFFICE, chain_of
from sekisho.book.seals import seal, seal_holds
from sekisho.people.permissions import SYSTEM
from sekisho.people.roles import Actor
from sekisho.standards.models import StandardInForce

#: acts one of which a book begins with; an import opens its gate before it says what it brought
_OPENINGS = ("project.created", "project.imported", "gate.opened")


def append(
    actor: Actor,
    project: Project | None,
    act: str,
    *,
    params: Mapping[str, Any] | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    chain: str = "",
) -> LedgerEntry:
    """Append one act, inside the caller's transaction. The head row is locked, so a chain never forks.

    ``chain`` names a chain of an app's own (see ``register_chains``), which belongs to no book.
    """
    with transaction.atomic():
        chain = chain or chain_of(project)
        length, last_hash, sealed = _locked_head(chain)
        now = timezone.now()
        entry = ChainEntry(
            chain=chain,
            seq=length + 1,
            at=_iso(now),
            actor_id=actor.user_id,
            actor_name=actor.name,
            act=act,
            params=dict(params or {}),
            before=dict(before or {}),
            after=dict(after or {}),
            previous_hash=last_hash,
        )
        digest = entry.digest()
        row = LedgerEntry.objects.create(project=project, hash=digest, **{**entry.__dict__, "at": now})
        end = (chain, entry.seq, digest)
        LedgerHead.objects.filter(chain=chain).update(
            length=entry.seq, last_hash=digest, seal=seal(*end) if sealed else ""
        )
    return row


def _locked_head(chain: str) -> tuple[int, str, bool]:
    """The end of a chain, locked: its length, its last hash, and whether its seal holds.

    Made when this is the chain's first entry. A head that somebody removed is made again from the last entry, so that
    the office can work on, but without a seal: an act never mends a break.
    """
    heads = LedgerHead.objects.select_for_update().filter(chain=chain)
    head = heads.first()
    if head is None:
        last = LedgerEntry.objects.filter(chain=chain).order_by("-seq").first()
        length, last_hash = (last.seq, last.hash) if last else (0, "")
        start = "" if last else seal(chain, length, last_hash)
        LedgerHead.objects.get_or_create(
            chain=chain, defaults={"length": length, "last_hash": last_hash, "seal": start}
        )
        head = heads.get()
    return head.length, head.last_hash, is_sealed(head)


def is_sealed(head: LedgerHead) -> bool:
    """Whether the seal of a head holds."""
    return seal_holds(head.seal, head.chain, head.length, head.last_hash)


#: callables that name the chains which must exist, beyond those of books
_expected_chains: list[Callable[[], Iterable[str]]] = []


def register_chains(expected: Callable[[], Iterable[str]]) -> None:
    """Let an app to our right keep chains of its own, and say which must exist for what its records tell."""
    if expected not in _expected_chains:
        _expected_chains.append(expected)


def record_office(
    actor: Actor, act: str, *, params: Mapping[str, Any], before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    """Recorder for acts of people and standards (see people/record.py)."""
    append(actor, None, act, params=params, before=before, after=after)


def verify_chain(chain: str) -> Break | None:
    """First break of one chain, or None when it holds."""
    head = LedgerHead.objects.filter(chain=chain).first()
    entries = LedgerEntry.objects.filter(chain=chain).order_by("seq").iterator(chunk_size=2000)
    if head is None:
        return Break(chain, 1, "no_head") if LedgerEntry.objects.filter(chain=chain).exists() else None
    submitted: list[LedgerEntry] = []
    openings = () if _key_of(chain) is None else _OPENINGS
    found = verify(chain, _hashed(entries, submitted), head.length, head.last_hash, openings)
    if found is None and submitted:
        found = _altered_snapshot(chain, submitted)
    if found is None and not is_sealed(head):
        found = Break(chain, head.length, "unsealed")
    return found


def _hashed(rows: Iterable[LedgerEntry], submitted: list[LedgerEntry]) -> Iterator[tuple[ChainEntry, str]]:
    """Rows as they were hashed, with their hashes; acts of submitting are set aside."""
    for row in rows:
        if row.act == "gate.submitted":
            submitted.append(row)
        yield _as_entry(row), row.hash


def _altered_snapshot(chain: str, submitted: Iterable[LedgerEntry]) -> Break | None:
    """The first submission whose snapshot is gone or is no longer what the ledger says was submitted."""
    rows = Submission.objects.filter(gate__project=_key_of(chain)).order_by()
    kept = {(row.gate_id, row.number): (row.sha256, sha256_of(row.document)) for row in rows}
    for act in submitted:
        sha = act.params.get("sha")
        if kept.get((act.params.get("gate_id"), act.params.get("number"))) != (sha, sha):
            return Break(chain, act.seq, "snapshot_altered")
    return None


def verify_noted(noted: Iterable[tuple[str, int, str]]) -> Iterator[Break]:
    """Breaks against ends of chains that were noted earlier elsewhere, as (chain, length, last hash)."""
    for chain, length, last_hash in noted:
        kept = LedgerEntry.objects.filter(chain=chain, seq=length, hash=last_hash)
        if not kept.exists():
            yield Break(chain, length, "not_as_noted")


def seal_again(reason: str = "") -> tuple[int, list[Break]]:
    """Seal every chain that holds under today's key; returns how many, and the chains left alone with their breaks.

    A chain on which nothing but the seal fails, because its key was lost, is sealed when there is a ``reason``, which
    goes to the office's chain. One that is broken in itself never is.
    """
    with transaction.atomic():
        results = list(verify_all())
        trusted = [c for c, found in results if found and found.reason == "unsealed" and reason]
        left = [found for _chain, found in results if found and not (found.reason == "unsealed" and reason)]
        for chain in [chain for chain, found in results if found is None] + trusted:
            head = LedgerHead.objects.select_for_update().get(chain=chain)
            if reason or is_sealed(head):
                head.seal = seal(chain, head.length, head.last_hash)
                head.save(update_fields=["seal"])
        if trusted:
            append(
                SYSTEM,
                None,
                "ledger.sealed",
                params={"count": len(trusted), "chains": trusted, "reason": reason},
            )
    return len(results) - len(left), left


def _key_of(chain: str) -> int | None:
    """Key of the book a chain belongs to; None for the office's."""
    kind, _colon, key = chain.partition(":")
    return int(key) if kind == "book" and key.isdecimal() else None


def verify_all() -> Iterator[tuple[str, Break | None]]:
    """Every chain with its first break or None.

    A book without a chain is broken too, since an act opened it, and so is an office that chose standards without
    one; a chain without its book is broken because books are never deleted.
    """
    chains = set(LedgerHead.objects.values_list("chain", flat=True))
    chains |= set(LedgerEntry.objects.order_by().values_list("chain", flat=True).distinct())
    expected = {f"book:{pk}" for pk in Project.objects.order_by().values_list("pk", flat=True)}
    if StandardInForce.objects.filter(chosen_by__isnull=False).exists():
        expected.add(OFFICE)
    for source in _expected_chains:
        expected |= set(source())
    for chain in sorted(chains | expected):
        if chain not in chains:
            yield chain, Break(chain, 1, "no_head")
        elif chain not in expected and _key_of(chain) is not None:
            yield chain, Break(chain, 1, "no_book")
        else:
            yield chain, verify_chain(chain)


def _as_entry(row: LedgerEntry) -> ChainEntry:
    """The row as it was hashed. The hash names the book through the chain, so a row laid to another book is altered;
    so is a row whose moment can no longer be read."""
    in_place = row.project_id == _key_of(row.chain)
    return ChainEntry(
        chain=row.chain if in_place else f"book:{row.project_id}",
        seq=row.seq,
        at=_iso(row.at) if row.at else "",
        actor_id=row.actor_id,
        actor_name=row.actor_name,
        act=row.act,
        params=row.params,
        before=row.before,
        after=row.after,
        previous_hash=row.previous_hash,
    )


def _iso(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).isoformat(timespec="microseconds")
