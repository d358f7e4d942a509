"""``sekisho years``: what became of each project of one fiscal year in another."""

import json

import click
from django.utils import translation

from sekisho.book.models import Project
from sekisho.people.roles import SYSTEM
from sekisho.sharing import words
from sekisho.sharing.models import Listing
from sekisho.sharing.queries import years as queries
from sekisho.sharing.services import comparing
from sekisho.sharing.services.years import compare_years


@click.command()
@click.option("--from", "from_year", type=click.IntRange(1868, 2199), help="The first fiscal year.")
@click.option("--to", "to_year", type=click.IntRange(1868, 2199), help="The second fiscal year.")
@click.option("--kind", type=click.Choice(queries.KINDS), help="Only what became of this kind.")
@click.option("--lang", type=click.Choice(["ja", "en"]), help="Language of kinds and reasons.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def years(
    from_year: int | None, to_year: int | None, kind: str | None, lang: str | None, as_json: bool
) -> None:
    """What continued, was renamed, merged, split, ended or is new between two fiscal years, with confidence and reasons.

    Without --from and --to: the latest two years that the record knows.
    """
    if lang:
        translation.activate(lang)
    if not Project.objects.exists():
        raise click.ClickException("there are no projects yet; take some in with `sekisho import`")
    comparing.refresh_all_texts()
    pair = _pair(from_year, to_year)
    compare_years(*pair)
    found = queries.Years(SYSTEM, *pair)
    cases = [case for case in found.cases if kind in (None, case.kind)]
    rows = found.rows(cases)
    if as_json:
        click.echo(json.dumps(queries.document(found, rows), ensure_ascii=False, indent=2))
        return
    for one, count in found.counts.items():
        click.echo(f"{words.KINDS[one]}\t{count}")
    for row in rows:
        if row.case.kind != "continued" or kind == "continued":
            click.echo(_line(row))
    if found.doubtful:
        click.echo(
            f"sekisho: {len(found.doubtful)} doubtful; settle them on the page “Year over year”", err=True
        )


def _pair(from_year: int | None, to_year: int | None) -> tuple[int, int]:
    known = queries.known_years()
    if len(known) < 2 and (from_year is None or to_year is None):
        raise click.ClickException(
            "the record knows fewer than two fiscal years; import the next year's portfolio"
        )
    second = to_year if to_year is not None else known[-1]
    first = (
        from_year if from_year is not None else max((year for year in known if year < second), default=None)
    )
    if first is None or first >= second:
        raise click.ClickException("--from must be an earlier fiscal year than --to")
    for year in (first, second):
        if not Listing.objects.filter(year=year).exists():
            listed = ", ".join(map(str, known)) or "none"
            raise click.ClickException(f"no project is listed in fiscal year {year} (known: {listed})")
    return first, second


def _line(row: queries.Row) -> str:
    def side(found: list[queries.Side]) -> str:
        return " + ".join(f"{one.code} {one.name}" for one in found) or "–"

    percent = "" if row.case.percent is None else f" {row.case.percent} %"
    return f"{words.KINDS[row.case.kind]}{percent}\t{side(row.old)} → {side(row.new)}\t{' / '.join(row.why)}"
