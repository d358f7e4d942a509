"""Excel workbooks as rows, after a look at what unpacking them would cost. No Django."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import python_calamine

from sekisho.tables import files
from sekisho.tables.files import OLE, ZIP, Cell, FileProblem, Span, not_what_it_claims, refusal
from sekisho.tables.headings import NumberedCells
from sekisho.values import gettext_noop, is_blank, shown

_ = gettext_noop


@dataclass(frozen=True)
class Sheet:
    """Rows with their numbers from 1, and the merged cells among them; ``titles`` are those of the whole workbook."""

    rows: Iterable[NumberedCells]
    title: str = ""
    titles: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()


def excel_sheets(data: bytes, name: str, sheet: str | None) -> Iterator[Sheet]:
    """The sheets with content one after the other: the one called ``sheet``, else all that are not hidden."""
    if data.startswith(OLE):
        if len(data) > files.MAX_XLS_BYTES:
            raise _bomb(name)
    else:
        _check_zip(data, name)
    try:
        yield from _read_workbook(data, name, sheet)
    except FileProblem:
        raise
    except (KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:  # the Rust reader's panics are no Exceptions
        raise _damaged(name) from error


def _damaged(name: str) -> FileProblem:
    return refusal(
        name,
        _("The file “%(file)s” is damaged, cut off, or not an Excel workbook."),
        _("Open it in Excel, save it again as .xlsx, and choose that file."),
    )


def _bomb(name: str) -> FileProblem:
    return refusal(
        name,
        _("The workbook “%(file)s” is too large once unpacked."),
        _("Delete unused sheets, rows and pictures, or save the sheet as CSV."),
    )


def _check_zip(data: bytes, name: str) -> None:
    """Unpack once without keeping anything: declared sizes may lie, and a sparse sheet may span a huge
    rectangle.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            starts = [_content_start(data, entry) for entry in entries]
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, OverflowError, EOFError) as error:
        raise _damaged(name) from error
    if not any(entry.filename.lower() == "xl/workbook.xml" for entry in entries):
        raise not_what_it_claims(name, Path(name).suffix, "ZIP")
    left = files.MAX_UNPACKED_BYTES
    for entry, start in zip(entries, starts, strict=True):
        left -= _unpacked_size(data, entry, start, left, name)


def _content_start(data: bytes, entry: zipfile.ZipInfo) -> int:
    offset = entry.header_offset
    if data[offset : offset + 4] != ZIP:
        raise zipfile.BadZipFile(entry.filename)
    lengths = data[offset + 26 : offset + 30]
    return offset + 30 + int.from_bytes(lengths[:2], "little") + int.from_bytes(lengths[2:], "little")


def _unpacked_size(data: bytes, entry: zipfile.ZipInfo, start: int, limit: int, name: str) -> int:
    """Bytes of one entry when unpacked; raises beyond the limit, or when the sheet in it is too wide and
    long.
    """
    extent = _Extent(name) if re.match(r"xl/worksheets/[^/]+$", entry.filename, re.IGNORECASE) else None
    size = 0
    try:
        for chunk in _unpacked(data[start : start + entry.compress_size], entry.compress_type):
            size += len(chunk)
            if size > limit:
                raise _bomb(name)
            if extent:
                extent.see(chunk)
    except zlib.error as error:
        raise _damaged(name) from error
    return size


def _unpacked(packed: bytes, method: int) -> Iterator[bytes]:
    if method != zipfile.ZIP_DEFLATED:
        yield packed
        return
    stream, step = zlib.decompressobj(-15), 1024**2
    chunk = stream.decompress(packed, step)
    while chunk:
        yield chunk
        chunk = stream.decompress(stream.unconsumed_tail, step)


class _Extent:
    """How far a sheet reaches, from the cell references in its XML."""

    _REFERENCE = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{0,3})(\d{1,10})["']""")

    def __init__(self, name: str) -> None:
        self.name, self.width, self.height, self.tail = name, 1, 1, b""
        self.columns: set[bytes] = set()

    def see(self, chunk: bytes) -> None:
        window = self.tail + chunk
        self.tail = window[-64:]
        found = self._REFERENCE.findall(window)
        if not found:
            return
        self.height = max(self.height, *(int(row) for _column, row in found))
        for letters in {column for column, _row in found} - self.columns:
            self.columns.add(letters)
            self.width = max(self.width, _column_number(letters))
        if self.width * self.height > files.MAX_SHEET_CELLS:
            raise _bomb(self.name)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _read_workbook(data: bytes, name: str, sheet: str | None) -> Iterator[Sheet]:
    with python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)) as workbook:
        titles = tuple(workbook.sheet_names)
        if sheet is not None and sheet not in titles:
            raise _no_sheet(name, sheet, titles)
        for title in (sheet,) if sheet is not None else _visible(workbook):
            found = workbook.get_sheet_by_name(title)
            grid = found.to_python(skip_empty_area=False)
            if any(any(not is_blank(cell) for cell in row) for row in grid):
                rows = [(number, [_cell(c) for c in row]) for number, row in enumerate(grid, 1)]
                yield Sheet(rows, title, titles, _spans(found))


def _spans(sheet: python_calamine.CalamineSheet) -> tuple[Span, ...]:
    """Merged cells; old .xls files do not tell."""
    ranges = sheet.merged_cell_ranges or ()
    return tuple(Span(top + 1, bottom + 1, left + 1, right + 1) for (top, left), (bottom, right) in ranges)


def _visible(workbook: python_calamine.CalamineWorkbook) -> list[str]:
    cells = [meta for meta in workbook.sheets_metadata if meta.typ == python_calamine.SheetTypeEnum.WorkSheet]
    visible = [meta.name for meta in cells if meta.visible == python_calamine.SheetVisibleEnum.Visible]
    return visible or [meta.name for meta in cells]


def _no_sheet(name: str, sheet: str, sheets: Sequence[str]) -> FileProblem:
    return refusal(
        name,
        _("The workbook “%(file)s” has no sheet “%(sheet)s”."),
        _("Its sheets are: %(sheets)s."),
        sheet=sheet,
        sheets="、".join(map(shown, sheets[:20])),
    )


def _cell(value: object) -> Cell:
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value  # type: ignore[return-value]
