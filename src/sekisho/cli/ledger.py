"""``sekisho ledger``: prove the history."""

import sys
from collections.abc import Iterable
from typing import TextIO

import click

from sekisho.book.chain import Break
from sekisho.book.models import LedgerEntry, LedgerHead, Project
from sekisho.book.models.ledger import OFFICE, chain_of
from sekisho.book.services.ledger import seal_again, verify_all, verify_chain, verify_noted

_REASONS = {
    "altered": "the entry does not match its hash: it was edited",
    "missing": "an entry is missing here: it was deleted",
    "relinked": "the entry does not carry the hash of the one before",
    "cut_off": "the chain ends before its head says: the end was deleted or added to",
    "unsealed": "the seal of the chain's end does not hold: the chain was rewritten, or the key was lost",
    "begun_anew": "the chain does not begin with the opening of the book: it was removed and begun anew",
    "snapshot_altered": "the snapshot that was submitted here was edited or deleted",
    "not_as_noted": "the chain no longer holds what was noted",
    "no_head": "the chain's head is missing",
    "no_book": "the book itself was deleted",
}


@click.group()
def ledger() -> None:
    """The append-only, hash-chained history."""


@ledger.command()
@click.argument("code", required=False)
@click.option("--heads", type=click.File(), help="What `ledger heads` once printed: it must still be there.")
def verify(code: str | None, heads: TextIO | None) -> None:
    """Recompute the chains, of one book (CODE) or all, and name the first broken entry of each."""
    results = [_one(code)] if code else list(verify_all())
    broken = [found for _chain, found in results if found]
    noted = _read_noted(heads) if heads else []
    broken += verify_noted(end for end in noted if not code or end[0] == results[0][0])
    _tell(broken)
    entries = (
        LedgerEntry.objects.count() if not code else LedgerEntry.objects.filter(chain=results[0][0]).count()
    )
    click.echo(f"{len(results)} chains, {entries} entries, {len(broken)} broken")
    sys.exit(1 if broken else 0)


@ledger.command()
@click.option(
    "-o", "--output", type=click.File("w"), default="-", help="File to write; the screen unless told."
)
def heads(output: TextIO) -> None:
    """Print where each chain ends. Keep it where the database's owner cannot write: it proves the ledger later."""
    for head in LedgerHead.objects.order_by("chain"):
        output.write(f"{head.chain}\t{head.length}\t{head.last_hash}\n")


@ledger.command()
@click.option("--reason", default="", help="Seal also chains whose old key was lost; the reason is recorded.")
def seal(reason: str) -> None:
    """Seal each chain that holds under today's key, after which earlier keys are no longer needed."""
    sealed, left = seal_again(reason.strip())
    _tell(left)
    click.echo(f"{sealed} chains sealed, {len(left)} left alone")
    sys.exit(1 if left else 0)


def _tell(broken: Iterable[Break]) -> None:
    for found in broken:
        click.echo(f"BROKEN {_name(found.chain)} entry {found.seq}: {_REASONS[found.reason]}")


def _read_noted(noted: TextIO) -> list[tuple[str, int, str]]:
    """What ``heads`` printed.

    Raises:
        ClickException: a line is something else.
    """
    ends = []
    for number, line in enumerate(noted, start=1):
        chain, length, last_hash = (*line.rstrip("\n").split("\t"), "", "")[:3]
        if not (chain and length.isascii() and length.isdecimal() and len(length) < 19):
            raise click.ClickException(f"{noted.name} line {number}: this is not what `ledger heads` prints")
        ends.append((chain, int(length), last_hash))
    return ends


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
