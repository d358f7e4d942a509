"""Cells of a table that a spreadsheet could take for a formula."""

import re
import unicodedata

# The wide and small forms are taken for formulas by Japanese input and by importers that normalise.
_FORMULA_STARTS = "=+-@＝＋－＠﹦﹢﹣﹫−⁺⁻⁼₊₋₌⩵⩶"
# What shows nothing, or stands around a cell's text: blanks, format characters, selectors of forms, what is no character.
BLANKS = (
    " \u3000\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u200b\u200c\u200d"
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u2060\u2061\u2062\u2063\u2064\u206a\u206b\u206c\u206d\u206e\u206f\u2800\u3164\uffa0\ufeff"
    "\t\r\n'\""
    + "\ufff9\ufffa\ufffb\U000110bd\U000110cd\U000e0001"
    + "".join(
        map(
            chr,
            [
                *range(0xFE00, 0xFE10),
                *range(0xFDD0, 0xFDF0),
                *range(0x1BCA0, 0x1BCA4),
                *range(0x1D173, 0x1D17B),
                *range(0xE0100, 0xE01F0),
                *(plane << 16 | last for plane in range(17) for last in (0xFFFE, 0xFFFF)),
            ],
        )
    )
)
_LONGEST_NUMBER = 1_000  # characters; no spreadsheet reads so many digits
_BOUNDARIES = ",;\t\n"
_BAR = "|"  # parts cells in some tables, and programs from their topics in formulas
_PARTED = re.compile(f"([{_BOUNDARIES}])")
_START = re.compile(f"[{re.escape(_FORMULA_STARTS)}]")


def neutralised(cell: str) -> str:
    """The cell with a ' before it when a spreadsheet could take it for a formula; numbers stay.

    Every piece that a spreadsheet guessing another delimiter would see as a cell of its own is treated alike.
    """
    if not _START.search(cell):
        return cell
    if len(cell) == 1:
        return _neutral_piece(cell)
    return "".join(map(_neutral_between_bars, _PARTED.split(cell)))


def _neutral_between_bars(piece: str) -> str:
    first, *others = _neutral_piece(piece).split(_BAR)
    return _BAR.join([first, *map(_neutral_piece, others)])


def may_hold_formulas(rows: str, delimiter: str) -> bool:
    """Whether a cell of these whole rows, as they stand in the file, could change in ``neutralised``.

    True when in doubt, and much faster than taking the cells apart: what begins a formula stands behind a boundary,
    perhaps with blanks and quotes between.
    """
    boundaries = _BOUNDARIES + delimiter
    for found in _START.finditer(rows):
        at = found.start() - 1
        while at >= 0 and rows[at] in BLANKS and rows[at] not in boundaries:
            at -= 1
        before = rows[at] if at >= 0 else "\n"
        if before not in boundaries and before != _BAR:
            continue
        lead = rows[at + 1 : found.start()]
        # a quote that opens a cell is gone once it is read; any other is part of what the cell says
        opens = lead == '"' and before in (delimiter, "\n")
        if (lead.strip() and not opens) or not is_number(_piece(rows, found.start(), boundaries)):
            return True
    return False


def _piece(text: str, start: int, boundaries: str) -> str:
    end = start + 1
    while end < len(text) and text[end] not in boundaries:
        end += 1
    return text[start:end]


def _neutral_piece(piece: str) -> str:
    start = piece.lstrip(BLANKS)[:1]
    if not start or start not in _FORMULA_STARTS or is_number(piece):
        return piece
    return piece if piece.startswith("'") else "'" + piece


def is_number(text: str) -> bool:
    """Whether a spreadsheet would read the text as a plain number (-1,234.5, ＋３, -12%) or as the dash for "none"."""
    if len(text) > _LONGEST_NUMBER:
        return False
    bare = unicodedata.normalize("NFKC", text).replace("−", "-").strip().replace(",", "").removesuffix("%")
    return bool(re.fullmatch(r"-{1,3}|[+-]?(?:\d++\.?\d*+|\.\d++)(?:[eE][+-]?\d++)?", bare))
