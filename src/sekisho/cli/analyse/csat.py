"""``sekisho analyse csat``."""

from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from typing import Any

import click

from sekisho.analysis import csat as model
from sekisho.analysis import documents
from sekisho.analysis.intervals import Difference
from sekisho.analysis.sheets import CountRow, read_csat, read_populations
from sekisho.analysis.sheets.common import in_order
from sekisho.cli.analyse.layout import between, figure, p_value, pairs, percent, percent_between, table
from sekisho.cli.analyse.reading import (
    Translate,
    chosen,
    language_option,
    open_sheet,
    put_json,
    put_warnings,
    read_sheet,
    refusing,
)
from sekisho.values import gettext_noop

_ = gettext_noop


@click.command()
@click.argument("file")
@click.option("--column", default="", metavar="COLUMN", help="The column of the answers.")
@click.option("--by", default="", metavar="COLUMN", help="Also analyse each group of this column.")
@click.option("--waves", default="", metavar="COLUMN", help="Compare the waves named in this column.")
@click.option("--population", type=click.IntRange(min=1), metavar="N", help="How many people were asked.")
@click.option(
    "--populations",
    "populations_file",
    metavar="FILE",
    help="Groups and how many people each has, to weight the answers to the population.",
)
@language_option
def csat(
    file: str,
    column: str,
    by: str,
    waves: str,
    population: int | None,
    populations_file: str | None,
    sheet_name: str | None,
    as_json: bool,
    lang: str | None,
) -> None:
    """Five-point satisfaction: shares, mean, intervals, response, change.

    FILE has answers 1 (worst) to 5 (best) or their words, one row for each respondent; or counts, under the headings
    1 to 5 (or their words) with one row for each wave or group; or two columns, answer and count. With several waves
    the figures are those of the last one.
    """
    translate = chosen(lang)
    populations = None
    if populations_file:
        with refusing(populations_file, translate):
            populations = read_populations(open_sheet(populations_file))
    with refusing(file, translate):
        reader = partial(read_csat, column=column, wave=waves, group=by)
        _sheet, read = read_sheet(file, sheet_name, reader)
        questions = [
            _Question(name, [row for row in read.rows if row.question == name], population, populations)
            for name in read.named("question")
        ]
    if as_json:
        first = questions[0].document()
        if len(questions) > 1:
            first["questions"] = [question.document() for question in questions]
        put_json(first, translate)
        return
    for question in questions:
        question.show(translate)


class _Question:
    """The figures of one question: the whole (or the last wave), groups, waves and their changes."""

    def __init__(
        self, name: str, rows: list[CountRow], population: int | None, populations: dict[str, int] | None
    ) -> None:
        self.name = name
        names = in_order(row.wave for row in rows)
        by_wave = {wave: [row for row in rows if row.wave == wave] for wave in names}
        several = len(names) > 1
        self.waves = {wave: _pooled(found, None) for wave, found in by_wave.items()} if several else {}
        last = by_wave[names[-1]]
        self.wave = names[-1]
        self.whole = _pooled(last, population)
        if several:
            self.waves[self.wave] = self.whole
        groups = [row for row in last if row.group]
        several_groups = len(groups) > 1
        self.groups = {row.group: _pooled([row], None) for row in groups} if several_groups else {}
        self.weighted = None
        if populations is not None:
            self.weighted = model.weighted(
                {row.group or "–": [int(count) for count in _counts(row)] for row in last}, populations
            )

    def changes(self) -> list[tuple[str, str, model.Change]]:
        """(earlier wave, later wave, change)."""
        names = list(self.waves)
        return [
            (one, other, model.compare(self.waves[one], self.waves[other])) for one, other in pairwise(names)
        ]

    def document(self) -> dict[str, Any]:
        document = documents.satisfaction(self.whole)
        if self.name:
            document["question"] = self.name
        if self.wave:
            document["wave"] = self.wave
        if self.waves:
            document["waves"] = [
                documents.with_key(documents.satisfaction(found), wave=name)
                for name, found in self.waves.items()
            ]
            document["changes"] = [
                {"from": one, "to": other, **documents.satisfaction_change(change)}
                for one, other, change in self.changes()
            ]
        if self.groups:
            document["groups"] = [
                documents.with_key(documents.satisfaction(found), group=name)
                for name, found in self.groups.items()
            ]
        if self.weighted:
            document["weighted"] = documents.weighted_satisfaction(self.weighted)
        return document

    def show(self, translate: Translate) -> None:
        if self.name:
            click.echo(f"\n== {self.name} ==")
        if self.wave:
            click.echo(translate(_("Wave")) + f": {self.wave}")
        click.echo("\n".join(_lines(self.whole, translate)))
        if self.weighted:
            click.echo("\n" + translate(_("Weighted to the population")))
            click.echo("\n".join(_lines(self.weighted.figures, translate)))
            click.echo(translate(_("Design effect")) + "  " + figure(self.weighted.design_effect))
        for found in (self.waves, self.groups):
            if found:
                click.echo("\n" + "\n".join(_table(found, translate)))
        for one, other, change in self.changes():
            click.echo(f"\n{one} → {other}")
            click.echo("\n".join(_change(change, translate)))
        notes = [*self.whole.notes, *(self.weighted.notes if self.weighted else ())]
        put_warnings([("", note) for note in notes], translate)


def _counts(row: CountRow) -> Sequence[float]:
    return row.figures().counts


def _pooled(rows: list[CountRow], population: int | None) -> model.Satisfaction:
    """The figures of several rows together."""
    if len(rows) == 1:
        return rows[0].figures(population)
    sums = [int(sum(_counts(row)[point] for row in rows)) for point in range(model.POINTS)]
    asked = [row.population for row in rows]
    known = sum(one for one in asked if one) if all(asked) else None
    return model.from_counts(sums, population if known is None else known)


def _lines(found: model.Satisfaction, translate: Translate) -> list[str]:
    shares = [
        (str(point), f"{count}  {percent(share.value)}  ({percent_between(documents.interval(share))})")
        for point, (count, share) in enumerate(zip(found.counts, found.shares, strict=False), start=1)
    ]
    rows = [
        (translate(_("Number of answers")), str(found.n)),
        (translate(_("People asked")), "–" if found.population is None else str(found.population)),
        (translate(_("Response rate")), percent(found.response_rate)),
        *shares,
        (translate(_("Satisfied (4 and 5)")), _share(found.satisfied)),
        (translate(_("Dissatisfied (1 and 2)")), _share(found.dissatisfied)),
        (translate(_("Satisfied minus dissatisfied, points")), _points(found.net)),
        (
            translate(_("Mean")),
            f"{figure(found.mean.value if found.mean else None)}  ({between(documents.interval(found.mean), scale=(1, 5))})",
        ),
    ]
    return pairs(rows)


def _share(share: model.Estimate | None) -> str:
    if share is None:
        return "–"
    return f"{percent(share.value)}  ({percent_between(documents.interval(share))})"


def _points(net: model.Estimate | None) -> str:
    if net is None:
        return "–"
    return f"{figure(100 * net.value, 1)}  ({between((100 * net.low, 100 * net.high), 1)})"


def _table(several: dict[str, model.Satisfaction], translate: Translate) -> list[str]:
    headings = [
        "",
        "n",
        translate(_("Satisfied")),
        "95 %",
        translate(_("Dissatisfied")),
        "95 %",
        translate(_("Mean")),
    ]
    rows = [
        [
            name,
            str(found.n),
            percent(found.satisfied.value if found.satisfied else None),
            percent_between(documents.interval(found.satisfied)),
            percent(found.dissatisfied.value if found.dissatisfied else None),
            percent_between(documents.interval(found.dissatisfied)),
            figure(found.mean.value if found.mean else None),
        ]
        for name, found in several.items()
    ]
    return table(headings, rows)


def _change(change: model.Change, translate: Translate) -> list[str]:
    rows = []
    for name, difference, scale in (
        (_("Satisfied"), change.satisfied, 100),
        (_("Dissatisfied"), change.dissatisfied, 100),
        (_("Mean"), change.mean, 1),
    ):
        rows.append((translate(name), _difference(difference, scale, translate)))
    return pairs(rows)


def _difference(difference: Difference | None, scale: int, translate: Translate) -> str:
    if difference is None:
        return "–"
    digits = 1 if scale > 1 else 2
    word = translate(_("significant")) if difference.significant else translate(_("chance could explain it"))
    ends = [scale * difference.low, scale * difference.high]
    value = figure(scale * difference.value, digits)
    return f"{value} ({between(ends, digits)}), {p_value(difference.p)}, {word}"
