"""Where a picture stands that fills a cell as far as its own shape allows: in the middle, as Excel shows it.

Widths of columns are in digits of the standard font (ECMA-376-1, 18.3.1.13), heights of rows in points.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from sekisho.sanitizer.formats.ooxml.xmlparts import Element, column_of, qname

_PIXEL, _POINT = 9_525, 12_700  # in English metric units, in which drawings are measured
_DIGIT = 7  # pixels of a digit of the usual fonts at their usual size
_USUAL_WIDTH, _USUAL_HEIGHT = 9.140625, 15.0
_NUMBER = re.compile(r"\d{1,5}(?:\.\d{1,20})?", re.ASCII)
_AREA = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6}):([A-Z]{1,3})([1-9]\d{0,6})", re.ASCII)
_MOST = 1_000  # rows or columns that one cell may be merged from


@dataclass(frozen=True)
class Corner:
    """A cell, counted from 0, and how far into it."""

    column: int
    across: int
    row: int
    down: int


class CellBoxes:
    """The sizes of a sheet's cells, told by ``root``; all are of the usual size where there is none."""

    def __init__(self, root: Element | None) -> None:
        self._columns: list[tuple[range, float]] = []
        self._rows: dict[int, float] = {}
        self._merged: dict[tuple[int, int], tuple[int, int]] = {}
        self._width, self._height = _USUAL_WIDTH, _USUAL_HEIGHT
        if root is not None:
            self._read(root)

    def _read(self, root: Element) -> None:
        for usual in root.iter(qname("x:sheetFormatPr")):
            self._width = _number(usual.get("defaultColWidth"), self._width)
            self._height = _number(usual.get("defaultRowHeight"), self._height)
        for column in root.iter(qname("x:col")):
            first, last = (int(_number(column.get(end), 0)) for end in ("min", "max"))
            self._columns.append((range(first - 1, last), _number(column.get("width"), self._width)))
        for row in root.iter(qname("x:row")):
            if row.get("ht"):
                self._rows[int(_number(row.get("r"), 0)) - 1] = _number(row.get("ht"), self._height)
        for area in root.iter(qname("x:mergeCell")):
            if told := _AREA.fullmatch(area.get("ref", "")):
                begin = column_of(told[1]), int(told[2]) - 1
                self._merged[begin] = column_of(told[3]), int(told[4]) - 1

    def corners(self, column: int, row: int, picture: tuple[int, int]) -> tuple[Corner, Corner]:
        """Upper left and lower right of a picture of this size in this cell, or in what is merged with it."""
        last_column, last_row = self._merged.get((column, row), (column, row))
        widths = [self._across(number) for number in range(column, min(last_column, column + _MOST) + 1)]
        heights = [self._down(number) for number in range(row, min(last_row, row + _MOST) + 1)]
        scale = min(sum(widths) / max(picture[0], 1), sum(heights) / max(picture[1], 1))
        left, top = (sum(widths) - picture[0] * scale) / 2, (sum(heights) - picture[1] * scale) / 2
        right, bottom = sum(widths) - left, sum(heights) - top
        return (
            Corner(*_within(left, column, self._across), *_within(top, row, self._down)),
            Corner(*_within(right, column, self._across), *_within(bottom, row, self._down)),
        )

    def _across(self, column: int) -> int:
        width = next((width for columns, width in self._columns if column in columns), self._width)
        return max(int((256 * width + 128 // _DIGIT) / 256 * _DIGIT), 1) * _PIXEL

    def _down(self, row: int) -> int:
        return max(int(self._rows.get(row, self._height) * _POINT), 1)


def _within(distance: float, first: int, size: Callable[[int], int]) -> tuple[int, int]:
    """The cell in which a distance from the first one ends, and how far into it."""
    while distance > size(first):
        distance -= size(first)
        first += 1
    return first, round(distance)


def _number(told: str | None, otherwise: float) -> float:
    return float(told) if told and _NUMBER.fullmatch(told) else otherwise
