"""``sekisho portfolio``: prove the figures."""

import sys

import click

from sekisho.people.models import Organisation
from sekisho.portfolio.services import figures


@click.group()
def portfolio() -> None:
    """The figures over all projects."""


@portfolio.command()
@click.option("--repair", is_flag=True, help="Take the figures anew where they differ.")
def verify(repair: bool) -> None:
    """Count every book again and compare with the figures that pages show."""
    found = list(figures.recount())
    names = dict(Organisation.objects.values_list("pk", "name"))
    for difference in found:
        organisation, tier, name = difference.place
        click.echo(
            f"DIFFERS {name.figure} {name.year or '-'} {name.key or '-'} ({names.get(organisation, organisation)}, {tier}): "
            f"kept {difference.kept.n} / {difference.kept.amount}, counted {difference.counted.n} / {difference.counted.amount}"
        )
    if found and repair:
        click.echo(f"taken anew from {figures.rebuild()} books")
    click.echo(f"{len(found)} figures differ")
    sys.exit(1 if found and not repair else 0)
