"""Office files of a few kilobytes that would hold another program until its time is up are refused before it sees them."""

import io
import struct
import time
import zipfile

import pytest

from sekisho.sanitizer import Policy, sanitize
from sekisho.sanitizer.formats import biff_strings
from sekisho.sanitizer.formats.swelling import require_bounded
from sekisho.sanitizer.results import Refused

from .compound import compound
from .office import workbook
from .passing import zipped

_LIMITS = Policy.named("inbound").limits
_X = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_SPACES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{prefix}:1.0"'
    for prefix in ("office", "table", "text")
)
_MIME = "application/vnd.oasis.opendocument."
_BLANKS = '<text:p>a<text:s text:c="30000"/></text:p>'
_LONG = "abcd " * 6_000


def refusal(data: bytes, *, drawn: bool = False) -> str:
    try:
        require_bounded(io.BytesIO(data), _LIMITS, drawn=drawn)
    except Refused as refused:
        return refused.code
    return ""


def open_document(body: str, kind: str = "spreadsheet") -> bytes:
    content = f'<?xml version="1.0"?><office:document-content {_SPACES}><office:body>{body}</office:body></office:document-content>'
    return zipped(mimetype=f"{_MIME}{kind}", content__xml=content)


def sheet(cell: str, *, rows: int, columns: int) -> str:
    told = f'table:number-columns-repeated="{columns}"'
    return (
        f'<office:spreadsheet><table:table><table:table-row table:number-rows-repeated="{rows}">'
        f'<table:table-cell office:value-type="string" {told}><text:p>{cell}</text:p></table:table-cell></table:table-row>'
        "</table:table></office:spreadsheet>"
    )


def shared(cells: int, text: str, *, strings: str = "xl/sharedStrings.xml", first: int = 1) -> bytes:
    """A workbook whose cells all show one shared string."""
    rows = "".join(
        f'<row r="{row}"><c r="A{row}" t="s"><v>0</v></c></row>' for row in range(first, first + cells)
    )
    package = workbook(f"<sheetData>{rows}</sheetData>")
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    package.add(strings, f'<x:sst xmlns:x="{_X}"><x:si><x:t>{text}</x:t></x:si></x:sst>', kind)
    package.link("sharedStrings", strings)
    return package.build()


def old_workbook(cells: int, text: str) -> bytes:
    """A stream of [MS-XLS] with one shared string, which goes on in other records, and cells that show it."""
    body = struct.pack("<IIHB", cells, 1, len(text), 0) + text.encode("ascii")
    pieces = [body[:8_000], *(b"\0" + body[at : at + 8_000] for at in range(8_000, len(body), 8_000))]
    records = [(0x00FC, pieces[0]), *((0x003C, piece) for piece in pieces[1:])]
    records += [(0x00FD, struct.pack("<HHHI", row, 0, 0, 0)) for row in range(cells)]
    stream = b"".join(struct.pack("<HH", kind, len(data)) + data for kind, data in records)
    return compound({"Workbook": stream})


def binary_workbook(cells: int, text: str) -> bytes:
    """Parts of [MS-XLSB]: cells that all show one shared string."""
    string = struct.pack("<BI", 0, len(text)) + text.encode("utf-16-le")
    size = bytes([len(string) & 0x7F | 0x80, len(string) >> 7 & 0x7F | 0x80, len(string) >> 14])
    strings = b"\x9f\x01\x08" + bytes(8) + b"\x13" + size + string + b"\xa0\x01\0"
    sheet = b"\x81\x01\0" + (b"\x07\x0c" + bytes(12)) * cells + b"\x82\x01\0"
    return zipped(strings__bin=strings, sheet__bin=sheet)


def inline(cells: int, text: str) -> bytes:
    cell = f'<c t="inlineStr"><is><t>{text}</t></is></c>'
    return workbook(f"<sheetData><row>{cell * cells}</row></sheetData>").build()


@pytest.mark.parametrize(
    "data",
    [
        shared(9_000, _LONG),
        shared(9_000, _LONG, strings="xl/other.xml"),
        old_workbook(9_000, _LONG),
        binary_workbook(9_000, _LONG),
        open_document(sheet(_LONG, rows=10_000, columns=10)),
        open_document(sheet("abcd", rows=1_000_000, columns=1_000)),
        open_document(sheet('<text:s text:c="1000000"/>', rows=1_000, columns=1)),
        open_document(f"<office:text>{_BLANKS * 3_000}</office:text>", "text"),
        f'<?xml version="1.0"?><office:document {_SPACES}>{sheet(_LONG, rows=10_000, columns=10)}</office:document>'.encode(),
        open_document(f"<office:text><text:p>{'a' * 70_000_000}</text:p></office:text>", "text"),
        zipped(word__xml="a" * 70_000_000),
    ],
    ids=["shared", "renamed", "xls", "xlsb", "ods", "cells", "blanks in cells", "blanks", "flat", "odt", "docx"],
)  # fmt: skip
def test_what_swells_beyond_measure_is_refused(data: bytes) -> None:
    assert len(data) < 700_000
    assert refusal(data) == "limit.ratio"


@pytest.mark.parametrize(
    "data",
    [
        shared(1_000, "abcd"),
        old_workbook(1_000, "abcd"),
        binary_workbook(1_000, "abcd"),
        inline(1_000, "abcd"),
        open_document(sheet("", rows=1_048_576, columns=1)),  # a column that is formatted down to its end
        open_document(sheet("abcd", rows=1_000, columns=10)),
        open_document('<office:text><text:p>a<text:s text:c="30"/></text:p></office:text>', "text"),
        b"PK no package",
        b"<?xml no document",
        compound({"Workbook": b"\xfc\0\x10\0abcd"}),
    ],
)
def test_what_people_send_is_not(data: bytes) -> None:
    assert refusal(data) == refusal(data, drawn=True) == ""


def test_less_is_drawn_than_converted() -> None:
    data = shared(900, _LONG)
    assert (refusal(data), refusal(data, drawn=True)) == ("", "limit.ratio")


def _tables(levels: int, tag: str = "<t a='/>' b=\">\">") -> str:
    return f"<?xml version='1.0'?>{tag * levels}<e/>{'</t>' * levels}"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_what_is_nested_beyond_measure_is_refused(encoding: str) -> None:
    assert refusal(zipped(word__xml=_tables(300).encode(encoding))) == "limit.nesting"
    assert refusal(zipped(word__xml=_tables(200).encode(encoding))) == ""
    assert refusal(_tables(300).encode()) == "limit.nesting"


def test_tags_count_across_the_pieces_in_which_they_are_read() -> None:
    for begin in range(1, 40):
        told = (_tables(1) + " " * ((1 << 20) - len(_tables(1)) - begin)).encode()
        assert refusal(zipped(word__xml=told + (b"<t></t>" * 400) + b"<t>" * 200)) == ""
    told = b"<?xml version='1.0'?>" + b"<t>" * 250 + b"<p/><q></q>" * 300_000
    assert refusal(zipped(word__xml=told)) == ""
    assert refusal(zipped(word__xml=told + b"<t>" * 9)) == "limit.nesting"


def test_strings_in_cells_count_as_those_that_are_shared() -> None:
    data = inline(400, _LONG)
    assert (refusal(data), refusal(data, drawn=True)) == ("", "limit.ratio")


def test_a_part_that_cannot_be_read_hides_no_bomb_behind_it() -> None:
    assert refusal(zipped(content__xml="<broken", word__xml="a" * 70_000_000)) == "limit.ratio"
    assert refusal(zipped(sheet__bin=b"\x81\x01\xff", word__xml="a" * 70_000_000)) == "limit.ratio"


def test_each_part_is_expanded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    expanded = 0
    read = zipfile.ZipExtFile.read

    def counting(self: zipfile.ZipExtFile, size: int | None = -1) -> bytes:
        nonlocal expanded
        piece = read(self, size)
        expanded += len(piece)
        return piece

    monkeypatch.setattr(zipfile.ZipExtFile, "read", counting)
    for data in (
        shared(900, "abcd"),
        binary_workbook(900, _LONG),
        open_document(sheet("abcd", rows=9, columns=9)),
    ):
        members = zipfile.ZipFile(io.BytesIO(data)).infolist()
        expanded = 0
        assert refusal(data) == ""
        assert expanded <= sum(info.file_size for info in members) + 1_000 * len(members)


def test_strings_of_old_workbooks_are_as_long_as_they_say() -> None:
    for text in ("abcd", "x" * 7_989, "x" * 20_000):
        assert list(biff_strings.shown(io.BytesIO(old_workbook(3, text)))) == [len(text)] * 3


def test_no_bomb_waits_for_another_program() -> None:
    """Broken for our own reader (a row 0), it would become pages by way of LibreOffice."""
    begun = time.monotonic()
    result = sanitize(shared(9_000, _LONG, first=0), name="a.xlsx")
    assert result.report.refusal == "limit.ratio"
    assert [attempt.outcome for attempt in result.report.attempts] == ["input.broken", "limit.ratio"]
    assert time.monotonic() - begun < 30
    result = sanitize(open_document(sheet(_LONG, rows=10_000, columns=10)), name="a.ods")
    assert result.report.refusal == "limit.ratio"
