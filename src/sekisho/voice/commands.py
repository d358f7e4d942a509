"""``sekisho voice``: prove the counts of surveys."""

import sys

import click

from sekisho.voice.models import Wave
from sekisho.voice.services import tally


@click.group()
def voice() -> None:
    """What users say: surveys and their counts."""


@voice.command()
@click.option("--repair", is_flag=True, help="Count anew where counts differ.")
def verify(repair: bool) -> None:
    """Count every answer again and compare with the counts that pages show."""
    differing = 0
    for wave in Wave.objects.select_related("survey__project", "survey__organisation").order_by("pk"):
        if tally.is_exact(wave):
            continue
        differing += 1
        click.echo(f"DIFFERS {wave.survey.holder.code} {wave.survey.title}: {wave.name} (wave {wave.pk})")
        if repair:
            tally.recount(wave)
    click.echo(f"{differing} waves differ" + (", counted anew" if differing and repair else ""))
    sys.exit(1 if differing and not repair else 0)
