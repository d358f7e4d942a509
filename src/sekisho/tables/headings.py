"""Where the headings of a table stand: found by looks, or by words the reader looks for. No Django.

Official workbooks often have headings over two rows, a year above 予算額 and 決算額. Rows are joined to one heading a
column (令和5年度 予算額) when somebody looks for words and finds more of them that way.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sekisho.tables.files import Cell, Span

#: headings are looked for in this many rows
HEADING_ROWS: Final = 30
#: headings stand over at most this many rows
_DEEPEST: Final = 4

#: a row's number and its cells
NumberedCells = tuple[int, Sequence[Cell]]
#: whether a heading is one that the reader looks for
Fits = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Headings:
    """A text for each column, and the rows they stand in."""

    first: int
    last: int
    texts: tuple[str, ...]

    def hits(self, fits: Fits) -> int:
        """How many of them the reader looks for."""
        return sum(fits(text) for text in self.texts if text)

    def rank(self, fits: Fits) -> tuple[int, bool]:
        """How well they answer: by hits, joined rows before single ones when there is any."""
        hits = self.hits(fits)
        return hits, hits > 0 and self.last > self.first


def find_headings(
    top: Sequence[NumberedCells], spans: Sequence[Span] = (), fits: Fits | None = None
) -> Headings:
    """The headings among the first rows of a table (at least one, none empty).

    Without ``fits``: the first row that fills most columns with words. With it, the row or joined rows with the most
    headings that fit; among equals joined rows, then those found by looks.
    """
    by_looks = _plain(top[_looks_like_headings([cells for _number, cells in top])])
    if fits is None:
        return by_looks
    candidates = [by_looks, *(found for index in range(len(top)) for found in _at(top, index, spans))]
    return max(candidates, key=lambda found: found.rank(fits))


def given_headings(
    top: Sequence[NumberedCells], row: int, spans: Sequence[Span] = (), fits: Fits | None = None
) -> Headings | None:
    """The headings that begin in this row; None when it is empty."""
    index = next((index for index, (number, _cells) in enumerate(top) if number == row), None)
    if index is None:
        return None
    if fits is None:
        return _plain(top[index])
    return max(_at(top, index, spans), key=lambda found: found.rank(fits))


def is_empty(cell: Cell) -> bool:
    """True for a cell without content."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def cell_text(cell: Cell) -> str:
    """A cell as a person would read it: 2023, not 2023.0; days as 2023-04-01."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, dt.datetime) and cell.time() == dt.time.min:
        return cell.date().isoformat()
    return str(cell)


def heading_key(heading: str) -> str:
    """A heading for comparing: half width, no white space, one kind of dash and bracket, lower case."""
    text = "".join(unicodedata.normalize("NFKC", heading).split()).casefold()
    return text.translate(_SAME)


_SAME: Final = str.maketrans(
    {"ー": "-", "－": "-", "−": "-", "‐": "-", "―": "-", "〔": "(", "〕": ")", "【": "(", "】": ")"}
)


# ------------------------------------------------------------------------------------------ one row


def _texts(cells: Sequence[Cell]) -> list[str]:
    return [" ".join(cell_text(cell).split()) for cell in cells]


def _plain(row: NumberedCells) -> Headings:
    return Headings(row[0], row[0], _told_apart(_texts(row[1])))


def _told_apart(texts: Sequence[str]) -> tuple[str, ...]:
    """The headings without empty ones at the end, with a number behind those that stand again."""
    width = max((place for place, text in enumerate(texts, 1) if text), default=0)
    seen: set[str] = set()
    told: list[str] = []
    for heading in texts[:width]:
        name, number = heading, 1
        while name and heading_key(name) in seen:
            number += 1
            name = f"{heading} ({number})"
        seen.add(heading_key(name))
        told.append(name)
    return tuple(told)


def _looks_like_headings(rows: Sequence[Sequence[Cell]]) -> int:
    """The first row that fills most columns with words, each only once; titles and notes above it do not.

    A single row may be wider than all others: an unquoted comma gave it a cell too many.
    """
    counts = [sum(not is_empty(cell) for cell in row) for row in rows]
    for widest in sorted(counts, reverse=True)[:2]:
        for index, row in enumerate(rows):
            words = [cell_text(cell).strip() for cell in row if not is_empty(cell)]
            enough = len(words) >= max(1, 0.6 * widest)
            if enough and len(set(words)) == len(words) and all(map(_is_word, words)):
                return index
    return next(index for index, count in enumerate(counts) if count >= 0.6 * max(counts))


_FIGURE = re.compile(r"[\d,.¥△▲%()\-/:\s]+")


def _is_word(text: str) -> bool:
    return not _FIGURE.fullmatch(unicodedata.normalize("NFKC", text))


# ------------------------------------------------------------------------------------- joined rows


def _at(top: Sequence[NumberedCells], index: int, spans: Sequence[Span]) -> Iterator[Headings]:
    """The headings that begin in a row: by itself, and joined with the rows below that continue it."""
    yield _plain(top[index])
    number = top[index][0]
    reach = max((span.bottom for span in spans if span.top == number), default=number)
    below = [row for row in top[index + 1 :] if row[0] <= min(reach, number + _DEEPEST - 1)]
    following = top[index + 1 : index + 2]
    if (
        not below
        and following
        and following[0][0] == number + 1
        and _continues(top[index], following[0], spans)
    ):
        below = list(following)
    if below:
        yield Headings(number, below[-1][0], _told_apart(_joined([top[index], *below], spans)))


def _continues(upper: NumberedCells, lower: NumberedCells, spans: Sequence[Span]) -> bool:
    """Whether a row of words names the columns below the groups of the row above it."""
    above, below = _texts(upper[1]), _texts(lower[1])
    groups = {place for place, text in enumerate(above) if text}
    named = {place for place, text in enumerate(below) if text}
    if not groups or not named - groups or not all(_is_word(below[place]) for place in named):
        return False
    if any(span.top == span.bottom == upper[0] for span in spans):
        return True
    whole = groups | named == set(range(min(groups), max(groups | named) + 1))
    alone = min(groups) not in named  # 番号 stands by itself, 令和5年度 over two others
    repeated = len(groups) > 1 and len({below[place] for place in named}) < len(named)
    return (whole and alone) or repeated


def _joined(rows: Sequence[NumberedCells], spans: Sequence[Span]) -> list[str]:
    """One text a column: that of each row, groups first, none twice."""
    width = max(len(cells) for _number, cells in rows)
    texts = [_texts(cells) + [""] * (width - len(cells)) for _number, cells in rows]
    for depth, (number, _cells) in enumerate(rows[:-1]):
        across = [span for span in spans if span.top == number and span.right > span.left]
        named = {place for row in texts[depth + 1 :] for place, text in enumerate(row) if text}
        texts[depth] = _across(texts[depth], across) if across else _rightwards(texts[depth], named)
    return [" ".join(dict.fromkeys(row[place] for row in texts if row[place])) for place in range(width)]


def _across(texts: Sequence[str], spans: Sequence[Span]) -> list[str]:
    """Each group over the columns that its merged cell covers."""
    filled = list(texts)
    for span in spans:
        if span.left <= len(filled) and (text := filled[span.left - 1]):
            for place in range(span.left, min(span.right, len(filled))):
                filled[place] = text
    return filled


def _rightwards(texts: Sequence[str], named: set[int]) -> list[str]:
    """Each group over the named columns without a group to its right, unless it stands over no named column."""
    filled, group = list(texts), ""
    for place, text in enumerate(texts):
        if text:
            group = text if place in named else ""
        elif place in named:
            filled[place] = group
    return filled
