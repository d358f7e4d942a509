"""``sekisho analyse sus``."""

from itertools import pairwise
from typing import Any, Literal

import click

from sekisho.analysis import documents
from sekisho.analysis import sus as scale
from sekisho.analysis.intervals import Difference
from sekisho.analysis.sheets import Sheet, SusSheet, read_sus
from sekisho.analysis.sheets.common import in_order, labels
from sekisho.analysis.words import ACCEPTABILITY, ADJECTIVES
from sekisho.cli.analyse.layout import between, figure, p_value, pairs, table
from sekisho.cli.analyse.reading import (
    Translate,
    chosen,
    language_option,
    put_json,
    put_warnings,
    read_sheet,
    refusing,
)
from sekisho.values import gettext_noop

_ = gettext_noop

Missing = Literal["exclude", "centre"]


@click.command()
@click.argument("file")
@click.option(
    "--missing",
    type=click.Choice(["exclude", "centre"]),
    default="exclude",
    show_default=True,
    help="A sheet with an item missing: leave it out, or take 3 for the item.",
)
@click.option("--by", metavar="COLUMN", help="Also analyse each group of this column.")
@click.option("--waves", metavar="COLUMN", help="Compare the waves named in this column.")
@language_option
def sus(
    file: str,
    missing: Missing,
    by: str | None,
    waves: str | None,
    sheet_name: str | None,
    as_json: bool,
    lang: str | None,
) -> None:
    """System Usability Scale: score, interval, grade and percentile.

    FILE has ten columns Q1 to Q10 with answers 1 (strongly disagree) to 5 (strongly agree) as they were given, one row
    for each respondent. With a column “wave” the figures are those of the last wave, and the change is shown.
    """
    translate = chosen(lang)
    with refusing(file, translate):
        sheet, read = read_sheet(file, sheet_name, read_sus)
        found = _Analysis(sheet, read, missing, by, waves)
    if as_json:
        put_json(found.document(), translate)
    else:
        found.show(translate)


class _Analysis:
    """The figures of one file: the whole (or the last wave), groups, waves and their changes."""

    def __init__(
        self, sheet: Sheet, read: SusSheet, missing: Missing, by: str | None, waves: str | None
    ) -> None:
        self.read, self.missing = read, missing
        everyone = list(range(len(read.sheets)))
        column = sheet.find(waves) if waves else read.wave
        names = labels(sheet, column) if column is not None else ()
        self.waves = self._each(names, everyone, in_order(names)) if len(set(names)) > 1 else {}
        if self.waves:
            everyone = [index for index in everyone if names[index] == next(reversed(self.waves))]
        self.whole = self._figures(everyone)
        groups = labels(sheet, sheet.find(by)) if by else ()
        self.groups = self._each(groups, everyone, list(dict.fromkeys(groups))) if by else {}

    def _each(self, names: tuple[str, ...], of: list[int], order: list[str]) -> dict[str, scale.Sus]:
        return {name: self._figures([index for index in of if names[index] == name]) for name in order}

    def _figures(self, respondents: list[int]) -> scale.Sus:
        return scale.analyse(
            [self.read.sheets[index] for index in respondents],
            missing=self.missing,
            lines=[self.read.lines[index] for index in respondents],
        )

    def changes(self) -> list[tuple[str, str, Difference | None]]:
        """(earlier wave, later wave, change of the mean)."""
        names = list(self.waves)
        return [
            (one, other, scale.compare(self.waves[one], self.waves[other])) for one, other in pairwise(names)
        ]

    def document(self) -> dict[str, Any]:
        document = documents.sus_figures(self.whole)
        document["warnings"] = [
            *({"code": note.code, "params": dict(note.params)} for note in self.read.notes),
            *document["warnings"],
        ]
        if self.waves:
            document["wave"] = next(reversed(self.waves))
            document["waves"] = [
                documents.with_key(documents.sus_figures(found), wave=name)
                for name, found in self.waves.items()
            ]
            document["changes"] = [
                {"from": one, "to": other, "mean": documents.sus_change(change)}
                for one, other, change in self.changes()
            ]
        if self.groups:
            document["segments"] = [
                documents.with_key(documents.sus_figures(found), segment=name)
                for name, found in self.groups.items()
            ]
        return document

    def show(self, translate: Translate) -> None:
        if self.waves:
            click.echo(translate(_("Wave")) + f": {next(reversed(self.waves))}")
        click.echo("\n".join(_lines(self.whole, translate)))
        several = {**self.waves, **self.groups}
        if several:
            headings = ["", "n", translate(_("Mean")), "95 %", translate(_("Grade"))]
            rows = [
                [
                    name,
                    str(found.n),
                    figure(found.mean, 1),
                    between(documents.interval(found.interval), 1, (0, 100)),
                    found.grade or "–",
                ]
                for name, found in several.items()
            ]
            click.echo("\n" + "\n".join(table(headings, rows)))
        for one, other, change in self.changes():
            click.echo(f"{one} → {other}: {_change(change, translate)}")
        put_warnings([("", note) for note in (*self.read.notes, *self.whole.notes)], translate)


def _change(change: Difference | None, translate: Translate) -> str:
    if change is None:
        return translate(_("too few scores to compare"))
    word = translate(_("significant")) if change.significant else translate(_("chance could explain it"))
    return (
        f"{figure(change.value, 1)} ({between(documents.interval(change), 1)}), {p_value(change.p)}, {word}"
    )


def _lines(found: scale.Sus, translate: Translate) -> list[str]:
    adjective = translate(ADJECTIVES[found.adjective]) if found.adjective else "–"
    acceptability = translate(ACCEPTABILITY[found.acceptability]) if found.acceptability else "–"
    benchmark = "–"
    if found.from_benchmark is not None:
        p = "" if found.p_of_benchmark is None else f" ({p_value(found.p_of_benchmark)})"
        benchmark = f"{figure(found.from_benchmark, 1)}{p}"
    rows = [
        (translate(_("Respondents")), str(found.n)),
        (translate(_("Incomplete")), str(found.incomplete)),
        (translate(_("Mean")), figure(found.mean)),
        ("95 %", between(documents.interval(found.interval), scale=(0, 100))),
        (translate(_("Standard deviation")), figure(found.sd)),
        (translate(_("Median")), figure(found.median)),
        (translate(_("Grade")), found.grade or "–"),
        (translate(_("Percentile rank")), figure(found.percentile, 0)),
        (translate(_("Adjective")), adjective),
        (translate(_("Acceptability")), acceptability),
        (translate(_("Usability")), figure(found.usability)),
        (translate(_("Learnability")), figure(found.learnability)),
        (translate(_("Above the average of 68")), benchmark),
        (
            translate(_("Means of the items")),
            "  ".join(f"{number}: {figure(item)}" for number, item in enumerate(found.item_means, start=1)),
        ),
    ]
    return pairs(rows)
