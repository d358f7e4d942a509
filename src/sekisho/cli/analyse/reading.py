"""What the subcommands share: the file as a sheet, the language, refusals as one line, JSON with words."""

import gettext
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import click

import sekisho
from sekisho.analysis.notes import Note
from sekisho.analysis.problems import AnalysisProblem, CellProblem
from sekisho.analysis.sheets import Sheet
from sekisho.analysis.sheets.common import joined_headings
from sekisho.analysis.words import say
from sekisho.cli.main import terminal_language
from sekisho.tables.table import Table, read_table
from sekisho.values import Problem, gettext_noop, sentences

_ = gettext_noop

Translate = Callable[[str], str]
Read = TypeVar("Read")
STANDARD = "-"
#: a message may fill the line of a terminal, never more than one line
_ONE_LINE = str.maketrans({"\n": " ", "\r": " "})


@cache
def translator(language: str) -> Translate:
    """Looks messages up in the catalogue; English is the message itself. Needs no settings."""
    if language == "en":
        return lambda message: message
    folder = Path(sekisho.__path__[0]) / "locale"
    catalogue = gettext.translation("django", folder, [language], fallback=True)
    return lambda message: catalogue.gettext(message) if message else ""


def language_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--lang``, ``--json`` and ``--sheet``, as every subcommand has them."""
    for option in (
        click.option("--sheet", "sheet_name", metavar="NAME", help="Sheet of an Excel workbook."),
        click.option("--json", "as_json", is_flag=True, help="Write the figures as JSON."),
        click.option(
            "--lang", type=click.Choice(["ja", "en"]), help="Language of the words; default: the locale's."
        ),
    ):
        command = option(command)
    return command


def chosen(lang: str | None) -> Translate:
    """The translator of ``--lang``, or of the terminal."""
    return translator(lang or terminal_language())


@contextmanager
def refusing(file: str, translate: Translate) -> Iterator[None]:
    """Turn a `Problem` into one line on standard error, with the file's name, and exit code 1."""
    try:
        yield
    except Problem as problem:
        said = translate(problem.template) % problem.params
        mend = translate(problem.mend_template) % problem.mend_params
        name = "" if "file" in problem.params else f"{file}: "
        click.echo(f"sekisho: {name}{sentences(said, mend)}".translate(_ONE_LINE).rstrip(), err=True)
        sys.exit(1)


def open_sheet(file: str, sheet_name: str | None = None) -> Sheet:
    """A CSV or Excel file (``-``: standard input) as a sheet. Raises `sekisho.tables.table.FileProblem`."""
    return _sheet(_opened(_source(file), file, sheet_name))


def read_sheet(file: str, sheet_name: str | None, reader: Callable[[Sheet], Read]) -> tuple[Sheet, Read]:
    """A file as a sheet, and what ``reader`` finds in it. Where it finds nothing, the headings may stand in two rows, the
    upper one in merged cells: then both together are read.

    Raises `sekisho.tables.table.FileProblem`, and what ``reader`` raises for the sheet as it stands.
    """
    source = _source(file)
    table = _opened(source, file, sheet_name)
    try:
        return _sheet(table), reader(_sheet(table))
    except CellProblem:
        raise
    except AnalysisProblem as problem:
        both = _with_two_heading_rows(source, file, sheet_name, table)
        if both is None:
            raise
        try:
            return both, reader(both)
        except AnalysisProblem:
            raise problem from None


def _source(file: str) -> Path | bytes:
    return sys.stdin.buffer.read() if file == STANDARD else Path(file)


def _opened(source: Path | bytes, file: str, sheet_name: str | None, heading_row: int | None = None) -> Table:
    return read_table(source, "stdin" if file == STANDARD else "", sheet=sheet_name, heading_row=heading_row)


def _sheet(table: Table, headings: tuple[str, ...] | None = None) -> Sheet:
    rows = tuple((row.number, row.cells) for row in table.rows)
    return Sheet(table.name, headings or table.headings, rows, table.preamble)


def _with_two_heading_rows(
    source: Path | bytes, file: str, sheet_name: str | None, table: Table
) -> Sheet | None:
    """The sheet whose headings are the heading row and the one below it, or the one above it where headings repeat,
    together; None without such a row."""
    if table.heading_row > 1 and any(table.repeats(heading) for heading in table.headings):
        upper = _opened(source, file, sheet_name, table.heading_row - 1)
        if upper.heading_row == table.heading_row - 1:
            return _sheet(table, joined_headings(upper.headings, table.headings))
    if (below := next(iter(table.rows), None)) is None:
        return None
    lower = _opened(source, file, sheet_name, below.number)
    if "" not in table.headings and len(lower.headings) == len(table.headings):
        return None
    return _sheet(lower, joined_headings(table.headings, lower.headings))


def put_json(document: dict[str, Any], translate: Translate) -> None:
    """Write a document; each warning also gets its ``message`` in the chosen language."""
    _add_words(document, translate)
    click.echo(json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False))


def _add_words(document: Any, translate: Translate) -> None:
    if isinstance(document, list):
        for entry in document:
            _add_words(entry, translate)
    elif isinstance(document, dict):
        for key, entry in document.items():
            if key == "warnings":
                for warning in entry:
                    note = Note(warning["code"], warning["params"])
                    warning["message"] = say(note, translate)
            else:
                _add_words(entry, translate)


def put_warnings(warnings: list[tuple[str, Note]], translate: Translate) -> None:
    """Write notes below a table, each behind the name of what it is about."""
    if warnings:
        click.echo()
        click.echo(translate(_("Beware:")))
    for about, note in warnings:
        click.echo(f"  {about + ': ' if about else ''}{say(note, translate)}")
