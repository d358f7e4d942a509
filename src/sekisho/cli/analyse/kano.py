"""``sekisho analyse kano``."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import click

from sekisho.analysis import documents
from sekisho.analysis import kano as model
from sekisho.analysis.problems import AnalysisProblem
from sekisho.analysis.sheets import KanoSheet, Sheet, read_kano
from sekisho.analysis.sheets.common import in_order, labels
from sekisho.analysis.words import CATEGORIES, verdict
from sekisho.cli.analyse.layout import between, figure, p_value, percent, table
from sekisho.cli.analyse.reading import (
    Translate,
    chosen,
    language_option,
    put_json,
    put_warnings,
    read_sheet,
    refusing,
)
from sekisho.values import gettext_noop, shown

_ = gettext_noop


@click.command()
@click.argument("file")
@click.option(
    "--table",
    "table_name",
    default=model.STANDARD,
    show_default=True,
    metavar="NAME|FILE",
    help="Evaluation table: standard, pouliot-1993, or a YAML or CSV file.",
)
@click.option("--by", metavar="COLUMN", help="Also analyse each group of this column.")
@click.option("--waves", metavar="COLUMN", help="Compare the waves named in this column.")
@language_option
def kano(
    file: str,
    table_name: str,
    by: str | None,
    waves: str | None,
    sheet_name: str | None,
    as_json: bool,
    lang: str | None,
) -> None:
    """What each feature is to its users: must-be, one-dimensional, attractive, indifferent.

    FILE has columns F1, D1, F2, D2, … (functional and dysfunctional question), optionally I1, I2, … (importance).
    Answers are 1 to 5 or their words. With a column “wave” the figures are those of the last wave, and the change
    from wave to wave is shown.
    """
    translate = chosen(lang)
    with refusing(table_name, translate):
        evaluation = _evaluation_table(table_name)
    with refusing(file, translate):
        sheet, read = read_sheet(file, sheet_name, read_kano)
        found = _Analysis(sheet, read, evaluation, by, waves)
    if as_json:
        put_json(found.document(), translate)
    else:
        found.show(translate)


def _evaluation_table(name: str) -> model.EvaluationTable:
    path = Path(name)
    if not path.is_file():
        return model.table_named(name)
    try:
        return model.read_table_file(_text_of(path), path.name)
    except (OSError, UnicodeDecodeError) as error:
        raise AnalysisProblem(
            _("The evaluation table “%(name)s” is no text in UTF-8."),
            {"name": shown(name)},
            _("Save it as UTF-8."),
        ) from error


def _text_of(path: Path) -> str:
    """The text of a file in UTF-8, or as Excel in Japan writes it."""
    read = path.read_bytes()
    try:
        return read.decode("utf-8-sig")
    except UnicodeDecodeError:
        return read.decode("cp932")


class _Analysis:
    """The studies of one file: the whole (or the last wave), groups, waves and their changes."""

    def __init__(
        self,
        sheet: Sheet,
        read: KanoSheet,
        evaluation: model.EvaluationTable,
        by: str | None,
        waves: str | None,
    ) -> None:
        column = sheet.find(waves) if waves else read.wave
        self.waves: dict[str, model.Study] = {}
        features, groups = read.features, labels(sheet, sheet.find(by)) if by else ()
        if column is not None:
            names = labels(sheet, column)
            studies = model.segments(features, names, evaluation)
            self.waves = {name: studies[name] for name in in_order(names)} if len(studies) > 1 else {}
        if self.waves:
            last = [index for index, name in enumerate(names) if name == next(reversed(self.waves))]
            features = tuple(one.chosen(last) for one in features)
            groups = tuple(groups[index] for index in last) if groups else ()
        self.study = (
            next(reversed(self.waves.values())) if self.waves else model.analyse(features, evaluation)
        )
        self.groups = model.segments(features, groups, evaluation) if groups else {}

    def changes(self) -> list[tuple[str, str, tuple[model.Change, ...]]]:
        """(earlier wave, later wave, changes) for waves that follow one another."""
        names = list(self.waves)
        return [
            (one, other, model.drift(self.waves[one], self.waves[other])) for one, other in pairwise(names)
        ]

    def document(self) -> dict[str, Any]:
        document = documents.kano_study(self.study)
        if self.waves:
            document["wave"] = next(reversed(self.waves))
            document["waves"] = [
                documents.with_key(documents.kano_study(study), wave=name)
                for name, study in self.waves.items()
            ]
            document["changes"] = [
                {"from": one, "to": other, "features": [documents.kano_change(change) for change in changes]}
                for one, other, changes in self.changes()
            ]
        if self.groups:
            document["segments"] = [
                documents.with_key(documents.kano_study(study), segment=name)
                for name, study in self.groups.items()
            ]
        return document

    def show(self, translate: Translate) -> None:
        _show_table(self.study.table, translate)
        if self.waves:
            click.echo("\n" + translate(_("Wave")) + f": {next(reversed(self.waves))}")
        _show_study(self.study, translate)
        for name, study in self.groups.items():
            click.echo(f"\n== {name} ==")
            _show_study(study, translate)
        for one, other, changes in self.changes():
            click.echo(f"\n== {one} → {other} ==")
            _show_changes(changes, translate)


def _show_table(evaluation: model.EvaluationTable, translate: Translate) -> None:
    click.echo(translate(_("Evaluation table")) + f": {evaluation.name}")
    click.echo(translate(_("Rows: functional question; columns: dysfunctional question")))
    heading = [translate(answer) for answer in _ANSWERS]
    rows = [[answer, *evaluation.rows[index]] for index, answer in enumerate(map(translate, _ANSWERS))]
    click.echo("\n".join(table(["", *heading], rows)))


_ANSWERS = (
    _("I like it"),
    _("It must be that way"),
    _("I am neutral"),
    _("I can live with it"),
    _("I dislike it"),
)


def _show_study(study: model.Study, translate: Translate) -> None:
    click.echo("\n" + translate(_("Respondents")) + f": {study.n}\n")
    headings = [
        translate(_("Feature")),
        translate(_("Category")),
        *model.CATEGORIES,
        "n",
        "Better",
        "95 %",
        "Worse",
        "95 %",
        "Fong",
        "CS",
        "TS",
    ]
    has_importance = any(feature.importance is not None for feature in study.features)
    if has_importance:
        headings.append(translate(_("Importance")))
    rows = [_feature_row(feature, translate) for feature in study.features]
    if has_importance:
        for row, feature in zip(rows, study.features, strict=True):
            row.append(figure(feature.importance, 1))
    click.echo("\n".join(table(headings, rows, left=2)))
    click.echo(
        translate(
            _(
                "Fong: the two most frequent categories differ significantly. CS, TS: category and total strength."
            )
        )
    )
    warnings = [("", note) for note in study.notes]
    warnings += [(_name(feature), note) for feature in study.features for note in feature.notes]
    put_warnings(warnings, translate)


def _feature_row(feature: model.Feature, translate: Translate) -> list[str]:
    category = f"{feature.category} {translate(CATEGORIES[feature.category])}" if feature.category else "–"
    fong = {None: "–", True: translate(_("yes")), False: translate(_("no"))}[feature.fong_significant]
    return [
        _name(feature),
        category,
        *(str(feature.counts[letter]) for letter in model.CATEGORIES),
        str(feature.n),
        figure(feature.better.value if feature.better else None),
        between(documents.interval(feature.better)),
        figure(feature.worse.value if feature.worse else None),
        between(documents.interval(feature.worse)),
        fong,
        percent(feature.category_strength, 0),
        percent(feature.total_strength, 0),
    ]


def _name(feature: model.Feature | model.Change) -> str:
    if feature.number and feature.number != feature.feature:
        return f"{feature.number} {feature.feature}"
    return feature.feature


def _show_changes(changes: tuple[model.Change, ...], translate: Translate) -> None:
    headings = [
        translate(_("Feature")),
        translate(_("Change between waves")),
        "Better ±",
        "95 %",
        "Worse ±",
        "95 %",
        "",
    ]
    rows = [
        [
            _name(change),
            verdict(change.verdict, change.before, change.after, translate),
            figure(change.better.value if change.better else None),
            between(documents.interval(change.better)),
            figure(change.worse.value if change.worse else None),
            between(documents.interval(change.worse)),
            p_value(change.p),
        ]
        for change in changes
    ]
    click.echo("\n".join(table(headings, rows, left=2)))
