"""``sekisho analyse nps``."""

import click

from sekisho.analysis import documents
from sekisho.analysis import nps as score
from sekisho.analysis.sheets import read_nps
from sekisho.cli.analyse.layout import between, figure, pairs, percent
from sekisho.cli.analyse.reading import (
    chosen,
    language_option,
    open_sheet,
    put_json,
    put_warnings,
    refusing,
)
from sekisho.values import gettext_noop

_ = gettext_noop


@click.command()
@click.argument("file")
@click.option("--column", default="", metavar="COLUMN", help="The column of the answers.")
@language_option
def nps(file: str, column: str, sheet_name: str | None, as_json: bool, lang: str | None) -> None:
    """Net Promoter Score: answers 0 to 10, one row for each respondent."""
    translate = chosen(lang)
    with refusing(file, translate):
        found = score.analyse(read_nps(open_sheet(file, sheet_name), column))
    if as_json:
        put_json(documents.nps_figures(found), translate)
        return
    value = found.score.value if found.score else None
    rows = [
        (translate(_("Respondents")), str(found.n)),
        ("NPS", figure(value, 1)),
        ("95 %", between(documents.interval(found.score), 1)),
    ]
    groups = (
        (_("Promoters (9–10)"), found.promoters),
        (_("Passives (7–8)"), found.passives),
        (_("Detractors (0–6)"), found.detractors),
    )
    rows += [
        (translate(name), f"{count} ({percent(count / found.n if found.n else None)})")
        for name, count in groups
    ]
    click.echo("\n".join(pairs(rows)))
    put_warnings([("", note) for note in found.notes], translate)
