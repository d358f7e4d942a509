"""Evaluation tables: which pair of answers means which category. Data, so that a bureau can bring its own."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any, Final

import yaml

from sekisho.analysis.problems import AnalysisProblem
from sekisho.analysis.scales import Reader
from sekisho.values import gettext_noop, shown

_ = gettext_noop

LETTERS: Final = "MOAIRQ"
STANDARD: Final = "standard"
SIZE: Final = 5
_MEND: Final = _("Give five rows of five letters: M O A I R Q, for example “Q A A A O”.")


@dataclass(frozen=True, slots=True)
class EvaluationTable:
    """Five rows (functional: like, must-be, neutral, live with, dislike) of five letters (dysfunctional, same order)."""

    name: str
    rows: tuple[str, str, str, str, str]
    title: str = ""
    source: str = ""

    def category(self, functional: int, dysfunctional: int) -> str:
        """The letter for a pair of answers 1…5."""
        return self.rows[functional - 1][dysfunctional - 1]

    def transposed(self) -> "EvaluationTable":
        """The same table with its axes swapped, as some publications print it."""
        rows = ["".join(row[column] for row in self.rows) for column in range(SIZE)]
        return replace(self, rows=_five(rows))

    def swapped_form_of(self) -> "EvaluationTable | None":
        """The shipped table that this one is with its axes swapped, if any."""
        return next(
            (table for table in shipped_tables().values() if table.transposed().rows == self.rows), None
        )


def _five(rows: Sequence[str]) -> tuple[str, str, str, str, str]:
    one, two, three, four, five = rows
    return one, two, three, four, five


@cache
def shipped_tables() -> Mapping[str, EvaluationTable]:
    """The tables of this package by name."""
    text = (resources.files("sekisho.analysis") / "data" / "kano_tables.yaml").read_text(encoding="utf-8")
    return {name: _from_document(entry, name) for name, entry in yaml.safe_load(text).items()}


@cache
def _other_names() -> Mapping[str, str]:
    text = (resources.files("sekisho.analysis") / "data" / "kano_tables.yaml").read_text(encoding="utf-8")
    return {other: name for name, entry in yaml.safe_load(text).items() for other in entry.get("names", ())}


def table_named(name: str) -> EvaluationTable:
    """A shipped table by its name or by the publication that prints it. `AnalysisProblem` when there is none."""
    tables = shipped_tables()
    wanted = _other_names().get(name, name)
    if wanted in tables:
        return tables[wanted]
    raise AnalysisProblem(
        _("There is no evaluation table “%(name)s”."),
        {"name": shown(name), "names": ", ".join(tables)},
        _("Name one of %(names)s, or a YAML or CSV file."),
    )


def read_table_file(text: str, name: str) -> EvaluationTable:
    """A table from the text of a YAML or CSV file called ``name``.

    YAML: a list of five rows, or ``rows:`` with them and, if wanted, ``name:``, ``title:``, ``source:`` and
    ``axes: rows-dysfunctional`` for a table printed the other way round. CSV: five rows of five letters; a heading
    row and a heading column may stand around them. Raises `AnalysisProblem` naming the cell.
    """
    text = text.removeprefix("\ufeff")
    if name.lower().endswith((".csv", ".tsv", ".txt")):
        return EvaluationTable(name, _checked(_csv_rows(text)))
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise AnalysisProblem(
            _("The evaluation table is no YAML (line %(line)s)."),
            {"line": mark.line + 1 if mark else 1},
            _MEND,
        ) from error
    if isinstance(document, str):
        document = text.split("\n")
    if isinstance(document, list):
        document = {"rows": [row for row in document if row not in ("", None)]}
    return _from_document(_described(document), name)


def _described(document: Any) -> Mapping[str, Any]:
    """A table with its words, however it lies in the file: ``rows`` or ``table``, under a name of its own, or its rows
    alone under the words of their answers."""
    if not isinstance(document, Mapping):
        return {}
    if "rows" in document:
        return document
    if isinstance(document.get("table"), list | Mapping):
        return {**document, "rows": document["table"]}
    if len(document) == SIZE:
        return {"rows": document}
    inner = next(iter(document.values()), None)
    if len(document) == 1 and isinstance(inner, Mapping):
        return {"name": str(next(iter(document))), **_described(inner)}
    return document


def _from_document(document: Mapping[str, Any], name: str) -> EvaluationTable:
    table = EvaluationTable(
        str(document.get("name") or name),
        _checked(document.get("rows")),
        str(document.get("title", "")),
        str(document.get("source", "")),
    )
    axes = str(document.get("axes", "rows-functional"))
    if axes not in {"rows-functional", "rows-dysfunctional"}:
        raise AnalysisProblem(
            _("axes is “%(value)s”."),
            {"value": shown(axes)},
            _("Write rows-functional or rows-dysfunctional."),
        )
    return table.transposed() if axes == "rows-dysfunctional" else table


def _csv_rows(text: str) -> list[list[str]]:
    mark = max(",;\t ", key=text.count)
    if mark == " ":
        text = "\n".join(" ".join(line.split()) for line in text.splitlines())
    rows = [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text), delimiter=mark)]
    rows = [row for row in rows if any(row)]
    if len(rows) == SIZE + 1:
        rows = rows[1:]
    if rows and all(len(row) == SIZE + 1 and not _is_letter(row[0]) for row in rows):
        rows = [row[1:] for row in rows]
    return rows


def _is_letter(text: str) -> bool:
    return len(text) == 1 and text.upper() in LETTERS


def _checked(rows: Any) -> tuple[str, str, str, str, str]:
    if isinstance(rows, Mapping):
        rows = _by_answer(rows)
    if not isinstance(rows, list) or len(rows) != SIZE:
        count = len(rows) if isinstance(rows, list) else 0
        raise AnalysisProblem(
            _("The evaluation table has %(count)s rows instead of 5."), {"count": count}, _MEND
        )
    return _five([_row(number, row) for number, row in enumerate(rows, start=1)])


def _by_answer(rows: Mapping[Any, Any]) -> list[Any]:
    """Rows under the words of their answers, in order."""
    reader = Reader((), "kano")
    try:
        read = sorted(
            ((reader.code(answer) or 0, row) for answer, row in rows.items()), key=lambda one: one[0]
        )
        return [_by_answer(row) if isinstance(row, Mapping) else row for _code, row in read]
    except ValueError as error:
        raise AnalysisProblem(
            _("“%(value)s” is not one of the five answers."), {"value": shown(error.args[0])}, _MEND
        ) from None


def _row(number: int, row: Any) -> str:
    cells = [str(cell) for cell in row] if isinstance(row, list) else str(row).replace(",", " ").split()
    if len(cells) == 1 and len(cells[0]) == SIZE:
        cells = list(cells[0])
    cells = [cell.strip().upper() for cell in cells]
    if len(cells) != SIZE:
        raise AnalysisProblem(
            _("Row %(row)s of the evaluation table has %(count)s cells instead of 5."),
            {"row": number, "count": len(cells)},
            _MEND,
        )
    for column, cell in enumerate(cells, start=1):
        if not _is_letter(cell):
            raise AnalysisProblem(
                _("Row %(row)s, column %(column)s of the evaluation table: “%(value)s” is no category."),
                {"row": number, "column": column, "value": shown(cell)},
                _MEND,
            )
    return "".join(cells)
