"""A report as a value: what it says, before anybody decides whether it becomes a page, a PDF or a workbook. Pure.

Queries build one; ``rendering`` writes it. Cells keep their exact values (yen, days, numbers): each rendering says them
in its own way.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from sekisho.errors import Message
from sekisho.portfolio.charts import Chart

Value = str | int | float | dt.date | None
#: how a cell is said. ``yen`` whole yen, ``percent`` of 100, ``number`` a count, ``date`` a day, ``month`` its first
#: day, ``code`` never broken, ``short`` a word or two, ``text`` as long as it likes
Kind = Literal["text", "short", "code", "yen", "number", "percent", "date", "month"]


@dataclass(frozen=True)
class Column:
    """A column of a table."""

    title: Message
    kind: Kind = "text"


@dataclass(frozen=True)
class Words:
    """A paragraph, as somebody wrote it."""

    text: str
    block: ClassVar[str] = "words"


@dataclass(frozen=True)
class Facts:
    """Names and what they are, in the order people read them."""

    lines: Sequence[tuple[Message, Value, Kind]]
    block: ClassVar[str] = "facts"


@dataclass(frozen=True)
class Table:
    """Rows under headings. ``empty`` is the sentence that stands there when there are none."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[Value]]
    empty: Message
    title: Message = ""
    block: ClassVar[str] = "table"


@dataclass(frozen=True)
class Picture:
    """A chart with its finding, its definition and its numbers. ``beside_table``: a table beneath has the numbers."""

    chart: Chart
    beside_table: bool = False
    block: ClassVar[str] = "picture"


Block = Words | Facts | Table | Picture


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it."""

    title: Message
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Document:
    """A whole report. ``about`` says of what and as of when, ``findings`` are the sentences to read first."""

    title: str
    office: str
    about: Sequence[str]
    findings: Sequence[str]
    sections: Sequence[Section] = field(default=())

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell: no row, no number, no word."""
        return all(is_empty(block) for section in self.sections for block in section.blocks)


def is_empty(block: Block) -> bool:
    """Whether a block holds nothing that was entered or counted."""
    if isinstance(block, Table):
        return not block.rows
    if isinstance(block, Picture):
        return block.chart.is_empty
    if isinstance(block, Facts):
        return all(value in (None, "", 0) for _name, value, _kind in block.lines)
    return not block.text.strip()
