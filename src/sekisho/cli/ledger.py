"""``sekisho ledger``: prove the history."""

import sys

import click

from sekisho.book.chain import Break
from sekisho.book.models import LedgerEntry, Project
from sekisho.book.services.ledger import OFFICE, chain_of, verify_all, verify_chain

_REASONS = {
    "altered": "the entry does not match its hash: it was edited",
    "missing": "an entry is missing here: it was deleted",
    "relinked": "the entry does not carry the hash of the one before",
    "cut_off": "the chain ends before its head says: the end was deleted or added to",
    "no_head": "the chain's head is missing",
    "no_book": "the book itself was deleted",
}


@click.group()
def ledger() -> None:
    """The append-only, hash-chained history."""


@ledger.command()
@click.argument("code", required=False)
def verify(code: str | None) -> None:
    """Recompute the chains, of one book (CODE) or all, and name the first broken entry of each."""
    results = [_one(code)] if code else list(verify_all())
    broken = [found for _chain, found in results if found]
    for found in broken:
        click.echo(f"BROKEN {_name(found.chain)} entry {found.seq}: {_REASONS[found.reason]}")
    entries = (
        LedgerEntry.objects.count() if not code else LedgerEntry.objects.filter(chain=results[0][0]).count()
    )
    click.echo(f"{len(results)} chains, {entries} entries, {len(broken)} broken")
    sys.exit(1 if broken else 0)


def _one(code: str) -> tuple[str, Break | None]:
    if code == OFFICE:
        return OFFICE, verify_chain(OFFICE)
    project = Project.objects.filter(code=code).first()
    if project is None:
        raise click.ClickException(f"there is no project with the code {code}")
    chain = chain_of(project)
    if not LedgerEntry.objects.filter(chain=chain).exists():
        return chain, Break(chain, 1, "no_head")
    return chain, verify_chain(chain)


def _name(chain: str) -> str:
    kind, _colon, key = chain.partition(":")
    project = Project.objects.filter(pk=key).first() if kind == "book" else None
    return project.code if project else chain
