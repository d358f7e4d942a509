"""From files to records: opens what a source's files are, or refuses in one sentence."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from sekisho.intake.judgit import read_judgit
from sekisho.intake.mapping import Mapping, load_mapping, suggests_field
from sekisho.intake.mapping import suggest as suggest_mapping
from sekisho.intake.records import ImportSet
from sekisho.intake.rs import read_rs
from sekisho.intake.tabular import read_tabular
from sekisho.intake.words import refusal
from sekisho.tables.table import Table, read_table
from sekisho.values import Problem

Progress = Callable[[int, str], None]

#: schemes that name official sources; a table may not pose as one
RESERVED: Final = ("rs", "judgit")


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except Problem as problem:
        raise refusal(problem) from problem


def read_source(
    source: str,
    place: Path,
    *,
    mapping: str | Path = "",
    scheme: str = "",
    years: Collection[int] | None = None,
    progress: Progress | None = None,
) -> ImportSet:
    """The records of a folder (rs, judgit) or of one table file with its mapping (YAML text or a path).

    Raises:
        Refused: a file is not what it claims, empty or cut off, or the mapping does not fit.
    """
    with _refusing():
        if source == "rs":
            return read_rs(place, progress=progress)
        if source == "judgit":
            return read_judgit(place, years=years, progress=progress)
        found = load_mapping(mapping)
        chosen = replace(found, scheme=scheme or found.scheme)
        return read_tabular(_table(place, chosen), chosen, progress=progress)


def _table(place: Path, mapping: Mapping) -> Table:
    sheet = mapping.sheet or None
    return read_table(place, sheet=sheet, heading_row=mapping.heading_row, fits=mapping.is_heading)


def open_table(place: Path) -> tuple[Table, Mapping]:
    """A table with a first mapping from its headings.

    Raises:
        Refused: the file cannot be read.
    """
    with _refusing():
        table = read_table(place, fits=suggests_field)
        return table, suggest_mapping(table)


def check_mapping(text: str) -> Mapping:
    """A mapping from its YAML text.

    Raises:
        Refused: with everything that is wrong.
    """
    with _refusing():
        return load_mapping(text)
