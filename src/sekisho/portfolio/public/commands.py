"""``sekisho public``: the snapshot that citizens see."""

import sys
from pathlib import Path

import click

from sekisho.portfolio.public.models import PublicEntry, PublicFile
from sekisho.portfolio.public.services import snapshot


@click.group()
def public() -> None:
    """What citizens see of services."""


@public.command()
def build() -> None:
    """Let decisions that are due take effect, and take everything public anew."""
    changed = snapshot.rebuild()
    shown = PublicEntry.objects.filter(shown=True).count()
    click.echo(f"{shown} services are public, {changed} say something else now")


@public.command()
def verify() -> None:
    """Work out from books and decisions what should be public, and compare; exit 1 where it differs."""
    found = list(snapshot.verify())
    for one in found:
        click.echo(f"DIFFERS {one.code}: {', '.join(one.fields) or 'whether it is shown'}")
    click.echo(f"{len(found)} services differ")
    sys.exit(1 if found else 0)


@public.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def files(folder: Path) -> None:
    """Write the files of the open data to FOLDER, for a web server or a catalogue of your own."""
    snapshot.bring_up_to_date()
    folder.mkdir(parents=True, exist_ok=True)
    for row in PublicFile.objects.all():
        (folder / row.name).write_bytes(bytes(row.body))
        click.echo(f"{folder / row.name}")
