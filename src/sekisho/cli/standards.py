"""``sekisho standards``: check, list, show and compare packs."""

import sys
from pathlib import Path

import click
from django.utils.translation import get_language

from sekisho.book.measures import all_measures
from sekisho.standards.differences import compare
from sekisho.standards.models import StandardVersion
from sekisho.standards.pack import GATE_SECTIONS, Pack, PackError, load_pack
from sekisho.standards.services import register_pack, shipped_folders


@click.group()
def standards() -> None:
    """Versioned packs of criteria."""


def _checked(folder: Path) -> Pack | None:
    """The pack of a folder; None after its problems were named."""
    try:
        return load_pack(folder, measures=all_measures())
    except PackError as error:
        for problem in error.problems:
            click.echo(
                f"{folder}/{problem.file}: {problem.place}: {problem.message} {problem.mend}", err=True
            )
        return None


def _load(folder: Path) -> Pack:
    return _checked(folder) or sys.exit(1)


@standards.command()
@click.argument("folders", nargs=-1, type=click.Path(exists=True, file_okay=False, path_type=Path))
def check(folders: tuple[Path, ...]) -> None:
    """Check pack folders (without any: the shipped ones). Every problem is named with its place."""
    packs = [_checked(folder) for folder in folders or shipped_folders()]
    for pack in packs:
        if pack:
            click.echo(f"{pack.id} {pack.version}: {len(pack.criteria)} criteria, no problem")
    if not all(packs):
        sys.exit(1)


@standards.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def register(folder: Path) -> None:
    """Register a pack version from a folder, so that bureaus can choose it."""
    version = register_pack(_load(folder))
    click.echo(f"registered {version} ({version.sha256[:12]})")


@standards.command(name="list")
def list_() -> None:
    """Registered versions."""
    for version in StandardVersion.objects.all():
        click.echo(
            f"{version.pack}\t{version.version}\t{len(version.load().criteria)}\t{version.sha256[:12]}"
        )


def _find(reference: str) -> Pack:
    """A pack by folder or by ``pack@version`` (without a version: the newest)."""
    if Path(reference).is_dir():
        return _load(Path(reference))
    name, _at, number = reference.partition("@")
    found = StandardVersion.objects.filter(pack=name, **({"version": number} if number else {})).first()
    if found is None:
        raise click.ClickException(f"there is no standard {reference}; see `sekisho standards list`")
    return found.load()


@standards.command()
@click.argument("reference")
@click.argument("version", default="")
def show(reference: str, version: str) -> None:
    """Show a pack: PACK, PACK VERSION, PACK@VERSION or a folder."""
    pack, language = _find(f"{reference}@{version}" if version else reference), get_language() or "ja"
    click.echo(f"{pack.id} {pack.version}  {pack.title.get(language)}  sha256 {pack.sha256}")
    for section in GATE_SECTIONS:
        for criterion in pack.for_phase(section):
            click.echo(
                f"{section}\t{criterion.code}\t{criterion.requirement}\t{criterion.title.get(language)}"
            )


@standards.command()
@click.argument("old")
@click.argument("new")
@click.argument("newer", default="", metavar="")
def diff(old: str, new: str, newer: str) -> None:
    """Compare two packs, each PACK@VERSION or a folder; or PACK OLD NEW. Exit code 1 when they differ."""
    if newer:
        old, new = f"{old}@{new}", f"{old}@{newer}"
    difference = compare(_find(old), _find(new))
    for criterion in difference.added:
        click.echo(f"+ {getattr(criterion, 'code', criterion)}")
    for criterion in difference.removed:
        click.echo(f"- {getattr(criterion, 'code', criterion)}")
    for change in difference.changed:
        click.echo(f"~ {change.code}: {', '.join(field.name for field in change.fields)}")
    sys.exit(0 if difference.is_empty else 1)
