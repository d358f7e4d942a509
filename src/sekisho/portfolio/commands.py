"""``sekisho portfolio``: prove the figures, report operation from a file, write reports."""

import sys
from pathlib import Path
from typing import Any

import click
from django.http import QueryDict
from django.utils import timezone, translation

from sekisho.book.fiscal import fiscal_year_of
from sekisho.book.models import Tier
from sekisho.intake import words as intake_words
from sekisho.people.models import Organisation
from sekisho.people.roles import SYSTEM
from sekisho.portfolio.queries.figures import EARLIEST
from sekisho.portfolio.queries.reports.kinds import KINDS
from sekisho.portfolio.rendering.pdf import ALL, SHIPPED, own_template
from sekisho.portfolio.services import figures, ingest, reports


def _a_year(_context: click.Context, _option: click.Parameter, year: int | None) -> int | None:
    last = fiscal_year_of(timezone.localdate()) + 1
    if year is not None and not EARLIEST <= year <= last:
        raise click.BadParameter(f"there are figures from {EARLIEST} to {last}")
    return year


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


@portfolio.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Show what would change; change nothing.")
def operations(file: Path, dry_run: bool) -> None:
    """Report months in use, or incidents, from a CSV or Excel FILE.

    Bad rows are named on standard error with line, column, value, and how to mend them; the others are taken. Exits
    with 1 when any row was left out.
    """
    made = ingest.plan(SYSTEM, file) if dry_run else ingest.apply(SYSTEM, file)
    if dry_run:
        click.echo("Nothing was changed. This would happen:")
        for line in made.lines:
            if line.state != ingest.SAME:
                corrected = line.state == ingest.CORRECTED
                said = (f"{n} {f'{b} -> ' if corrected else ''}{a}" for n, b, a in line.changes)
                click.echo(f"  {line.state} {line.project.code} {line.what}: {', '.join(said)}")
    for problem in made.problems:
        place = ": ".join(part for part in (f"{problem.file}:{problem.line}", problem.column) if part)
        click.echo(f"{place}: {intake_words.message(problem)} [{problem.value}]", err=True)
    click.echo(ingest.summary(made))
    sys.exit(1 if made.problems else 0)


@portfolio.command()
@click.argument("kind", type=click.Choice([ALL, *KINDS]), default=ALL)
def template(kind: str) -> None:
    """Copy the template of reports into the data directory, to be adapted there: of all kinds, or of one KIND."""
    own = own_template(kind)
    if own.exists():
        raise click.ClickException(f"{own} is there already; move it away to begin anew")
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_bytes(SHIPPED.read_bytes())
    click.echo(f"{own} written; change it there, delete it to go back to the shipped one")


@portfolio.command()
@click.argument("kind", type=click.Choice(list(KINDS)))
@click.argument("about", default="")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), required=True, help="File that ends in .pdf or .xlsx."
)
@click.option("--year", type=int, callback=_a_year, help="Fiscal year, e.g. 2026.")
@click.option("--quarter", type=click.Choice(["1", "2", "3", "4"]), help="Quarter of the fiscal year.")
@click.option("--tier", type=click.Choice(Tier.values), help="Only projects of this tier.")
@click.option("--organisation", default="", help="Code of an organisation.")
@click.option(
    "--lang", type=click.Choice(["ja", "en"]), help="Language of the report; that of the terminal else."
)
def report(kind: str, about: str, output: Path, organisation: str, lang: str | None, **asked: Any) -> None:
    """Write a report: book CODE, gate NUMBER, bureau (--organisation), or annual."""
    params = QueryDict(mutable=True)
    params.update({name: str(value) for name, value in asked.items() if value})
    if organisation:
        found = Organisation.objects.filter(code=organisation).values_list("pk", flat=True).first()
        if found is None:
            raise click.ClickException(f"there is no organisation with the code {organisation}")
        params["org"] = str(found)
        about = str(found) if kind == "bureau" and not about else about
    fmt = output.suffix.lower().removeprefix(".")
    if fmt not in reports.CONTENT_TYPES:
        raise click.BadParameter("the file must end in .pdf or .xlsx", param_hint="--output")
    with translation.override(lang or translation.get_language()):
        made = reports.write_report(SYSTEM, kind, about, params.urlencode(), fmt)
    output.write_bytes(made)
    click.echo(f"{output} written")
