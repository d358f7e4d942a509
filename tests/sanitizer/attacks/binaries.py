"""Office files of 1997 and binary workbooks that run, load or link. They come out as new ones through LibreOffice.

Records of workbooks are those of [MS-XLS] 2.3 and [MS-XLSB] 2.3; letters and slides are what LibreOffice writes of ours, with
other actions of the same length in them ([MS-DOC] 2.8.25, [MS-PPT] 2.6.3).
"""

import io
import struct
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import olefile

from tests.sanitizer.compound import compound
from tests.sanitizer.office import Package
from tests.sanitizer.resaving import resaved

from . import legacy
from .common import MARKER, URL, Attack

_WORDS = "Visible words"
_SHARE = f"\\\\127.0.0.1\\{MARKER}"
pack = struct.pack

# -- workbooks --------------------------------------------------------------------------------------------------------

_BOOK, _SHEET, _MACRO_SHEET = 0x05, 0x10, 0x40
_SHOWN, _VERY_HIDDEN = 0, 2
_CALL, _EXEC, _USERS = 150, 110, 255  # functions, [MS-XLS] 2.5.198.17


def record(number: int, body: bytes = b"") -> bytes:
    return pack("<HH", number, len(body)) + body


def _chars(text: str) -> bytes:
    return b"\1" + text.encode("utf-16-le")


def _short(text: str) -> bytes:
    return pack("<B", len(text)) + _chars(text)


def _long(text: str) -> bytes:
    return pack("<H", len(text)) + _chars(text)


def _text(text: str) -> bytes:
    return b"\x17" + _short(text)


def _called(function: int, arguments: int) -> bytes:
    return pack("<BBH", 0x42, arguments, function)


def _of_sheet(number: int) -> bytes:
    return pack("<BHHH", 0x5A, number, 0, 0)


def _of_link(number: int) -> bytes:
    return pack("<BHHH", 0x39, number, 1, 0)


def _cell(row: int, tokens: bytes) -> bytes:
    return record(6, pack("<HHHdHIH", row, 0, 0, 7.0, 0, 0, len(tokens)) + tokens)


def _name(name: str, tokens: bytes = b"", flags: int = 0) -> bytes:
    head = pack("<HBBHHHI", flags, 0, len(name), len(tokens), 0, 0, 0)
    return record(0x18, head + _chars(name) + tokens)


def _sheets_of(*links: tuple[bytes, int], own: int = 2) -> bytes:
    """The books that formulas reach, this one last; each with the sheet that is meant."""
    books = b"".join(link for link, _sheet in links) + record(0x1AE, pack("<HH", own, 0x0401))
    places = b"".join(pack("<HHH", number, sheet, sheet) for number, (_link, sheet) in enumerate(links))
    return books + record(
        0x17, pack("<H", len(links) + 1) + places + pack("<HHH", len(links), own - 1, own - 1)
    )


def _other_book(address: str, *sheets: str, names: bytes = b"") -> tuple[bytes, int]:
    listed = b"".join(map(_long, sheets))
    return record(0x1AE, pack("<H", len(sheets)) + _long(address) + listed) + names, 0 if sheets else 0xFFFE


def _its_name(name: str, flags: int = 0) -> bytes:
    return record(0x23, pack("<HI", flags, 0) + _short(name))


def _stream(kind: int, body: bytes) -> bytes:
    return record(0x809, pack("<HHHHII", 0x600, kind, 0x0DBB, 0x07CC, 0, 6)) + body + record(0xA)


def workbook(cells: bytes = b"", settings: bytes = b"", macros: bytes = b"", **more: Any) -> bytes:
    """A sheet with the words and ``cells``, and one of ``macros`` that nobody sees when there are some."""
    first = (
        record(0x200, pack("<IIHHH", 0, 9, 0, 9, 0))
        + record(0x204, pack("<HHH", 0, 1, 0) + _long(_WORDS))
        + cells
    )
    sheets = [(_SHOWN, 0, "A", _stream(_SHEET, first))]
    sheets += [(_VERY_HIDDEN, 1, "M", _stream(_MACRO_SHEET, macros))] if macros else []
    head = record(0x31, pack("<HHHHHBBBB", 200, 0, 0x7FFF, 400, 0, 0, 0, 0, 0) + _short("Arial")) + record(
        0xE0, bytes(20)
    )
    at = len(_stream(_BOOK, head + settings)) + sum(
        len(record(0x85, bytes(6) + _short(name))) for _, _, name, _ in sheets
    )
    bounds = b""
    for state_of, kind, name, stream in sheets:
        bounds += record(0x85, pack("<IBB", at, state_of, kind) + _short(name))
        at += len(stream)
    book = _stream(_BOOK, head + bounds + settings) + b"".join(stream for *_, stream in sheets)
    return compound({"Workbook": book, **more})


_RUNS = _cell(0, _text(MARKER) + _called(_EXEC, 1)) + _cell(1, _text(MARKER) * 4 + _called(_CALL, 4))
_OPENS = _sheets_of() + _name("\1", _of_sheet(0), flags=0x21)
_LINK = bytes.fromhex("D0C9EA79F9BACE118C8200AA004BA90B")
_BY_FILE, _BY_URL, _BY_BOTH = (bytes.fromhex(code) for code in (
    "0303000000000000C000000000000046", "E0C9EA79F9BACE118C8200AA004BA90B", "0903000000000000C000000000000046"))  # fmt: skip


def _link(flags: int, moniker: bytes) -> bytes:
    return record(0x1B8, pack("<HHHH", 0, 0, 1, 1) + _LINK + pack("<II", 2, flags) + moniker)


def _file(path: str, short: str = "") -> bytes:
    narrow, wide = f"{short or path}\0".encode("latin-1"), path.encode("utf-16-le")
    head = _BY_FILE + pack("<HI", 0, len(narrow)) + narrow + b"\xff\xff\xad\xde" + bytes(20)
    return head + pack("<IIH", len(wide) + 6, len(wide), 3) + wide


def _url(address: str) -> bytes:
    wide = f"{address}\0".encode("utf-16-le")
    return _BY_URL + pack("<I", len(wide)) + wide


_DRAWINGS = "0f0000f02000000000 0006f018000000020400000200000002000000010000000100000002000000"
_ONE_BUTTON = (
    "0f0002f07a000000100008f0080000000200000001040000 0f0003f062000000 0f0004f028000000010009f010000000" + "00" * 16
    + "02000af0080000000004000005000000 0f0004f02a000000 12000af00800000001040000000a0000 000010f012000000"
    "000003000000030000000500000006000000"
)  # fmt: skip


def _button(macro: bytes) -> bytes:
    assigned = pack("<HI", len(macro), 0) + macro
    assigned += bytes(len(assigned) % 2)
    shape = (
        pack("<HHHHHIII", 0x15, 0x12, 7, 1, 0x6011, 0, 0, 0)
        + pack("<HH", 4, len(assigned))
        + assigned
        + bytes(4)
    )
    return record(0xEC, bytes.fromhex(_ONE_BUTTON)) + record(0x5D, shape)


_WEB_QUERY = (
    record(0x1AD, bytes(10) + _long("q")) + record(0xDC, pack("<HHHHHH", 0x104, 0, 0, 0, 0, 0)) + record(0xCD, _long(URL))
    + record(0x803, bytes(22) + b"\1\0") + record(0x804, _long("1"))
)  # fmt: skip
_STORAGES: Mapping[str, Any] = {
    "_VBA_PROJECT_CUR": {"VBA": {"dir": MARKER.encode(), "Module1": MARKER.encode()}, "PROJECT": MARKER.encode()},
    "MBD00000001": {"\x01Ole": MARKER.encode(), "\x01Ole10Native": MARKER.encode()},
    "_SX_DB_CUR": {"0001": MARKER.encode()}, "Ctls": MARKER.encode(), "Book": MARKER.encode(),
}  # fmt: skip

_BOOKS: dict[str, bytes] = {
    "macro sheet that nobody sees": workbook(settings=_OPENS, macros=_RUNS),
    "macro that opens, in odd letters": workbook(settings=_sheets_of() + _name("aUtO_oPeN", _of_sheet(0), flags=0xC) + _name("Auto_Close\0", _of_sheet(0), flags=1), macros=_RUNS),
    "name that calls": workbook(_cell(1, b"\x23\1\0\0\0" + _called(_USERS, 1)), _sheets_of(own=1) + _name("f", _text(MARKER) + _called(_EXEC, 1), flags=0xE)),
    "formula that calls": workbook(_cell(1, _text(MARKER) * 4 + _called(_CALL, 4))),
    "formula of the web by a name": workbook(_cell(1, b"\x23\1\0\0\0" + _text(URL) + _called(_USERS, 2)), _sheets_of(own=1) + _name("_xlfn.WEBSERVICE", b"\x1c\x1d", flags=1)),
    "dde": workbook(_cell(1, _of_link(0)), _sheets_of(_other_book(f"cmd\3/k {MARKER}", names=_its_name("a", 2)), own=1)),
    "linked object": workbook(_cell(1, _of_link(0)), _sheets_of(_other_book(f"Package\3\1\1C{MARKER}.exe", names=_its_name("'", 0x12)), own=1)),
    "cell of a book on the web": workbook(_cell(1, _of_sheet(0)), _sheets_of(_other_book(f"\1\5{chr(len(URL))}{URL}", "S"), own=1)),
    "link to a file in two spellings": workbook(_link(3, _file(f"C:\\{MARKER}.exe", short="a.txt"))),
    "link of two monikers": workbook(_link(3, _BY_BOTH + pack("<I", 2) + _file(_SHARE) + _url(f"#{MARKER}"))),
    "query of the web": workbook(_WEB_QUERY, _sheets_of(own=1) + _name("q", pack("<BHHHHH", 0x3B, 0, 5, 6, 0, 1))),
    "button with a macro of another book": workbook(_button(_of_link(0)), _sheets_of(_other_book(f"\1\1@127.0.0.1\3{MARKER}.xls", "S", names=_its_name(MARKER)), own=1) + record(0xEB, bytes.fromhex(_DRAWINGS))),
    "storages": workbook(settings=record(0xD3), **_STORAGES),
}  # fmt: skip

# -- binary workbooks of today ----------------------------------------------------------------------------------------


def _part(number: int, body: bytes = b"") -> bytes:
    head = bytes([number]) if number < 128 else bytes([number & 0x7F | 0x80, number >> 7])
    size = len(body)
    return head + (bytes([size & 0x7F | 0x80, size >> 7]) if size > 127 else bytes([size])) + body


def _wide(text: str) -> bytes:
    return pack("<I", len(text)) + text.encode("utf-16-le")


def _formula(tokens: bytes) -> bytes:
    return _part(8, pack("<II", 2, 0) + _wide("7") + bytes(2) + pack("<I", len(tokens)) + tokens + bytes(4))


def _said(text: str) -> bytes:
    return b"\x17" + pack("<H", len(text)) + text.encode("utf-16-le")


def _sheet_part(cells: bytes, tail: bytes = b"") -> bytes:
    row = _part(0, bytes(17)) + _part(6, bytes(8) + _wide(_WORDS)) + cells
    return (
        _part(129) + _part(148, pack("<4I", 0, 1, 0, 3)) + _part(145) + row + _part(146) + tail + _part(130)
    )


def _binary(cells: bytes = b"", tail: bytes = b"", macros: bytes = b"", link: str = "") -> bytes:
    sheets = _part(156, pack("<II", 0, 1) + _wide("rId1") + _wide("A"))
    sheets += _part(156, pack("<II", _VERY_HIDDEN, 2) + _wide("rId2") + _wide("M")) if macros else b""
    book = Package("xl/workbook.bin", "application/vnd.ms-excel.sheet.binary.macroEnabled.main", "")
    book.parts = [("xl/workbook.bin", _part(131) + _part(143) + sheets + _part(144) + _part(132))]
    book.add("xl/worksheets/sheet1.bin", _sheet_part(cells, tail), "application/vnd.ms-excel.worksheet")  # type: ignore[arg-type]
    book.link("worksheet", "xl/worksheets/sheet1.bin")
    if macros:
        book.add("xl/macrosheets/sheet1.bin", _sheet_part(macros), "application/vnd.ms-excel.macrosheet")  # type: ignore[arg-type]
        book.link(
            "http://schemas.microsoft.com/office/2006/relationships/xlMacrosheet", "xl/macrosheets/sheet1.bin"
        )
    if link:
        book.relate("xl/worksheets/sheet1.bin", "hyperlink", link, external=True, id="rIdH")
    owned = book.relations["xl/workbook.bin"]
    book.relations["xl/workbook.bin"] = [entry.replace('"/xl/', '"') for entry in owned]
    return book.build()


_BINARY_BOOKS = {
    "macro sheet that nobody sees": _binary(macros=_formula(_said(MARKER) + _called(_EXEC, 1))),
    "link to a share": _binary(tail=_part(494, bytes(16) + _wide("rIdH") + _wide("") + _wide(MARKER) + _wide("")), link=f"file://127.0.0.1/{MARKER}"),
}  # fmt: skip

# -- letters and slides -----------------------------------------------------------------------------------------------

_ADDRESS = "http://a.example/" + "A" * 60
_FIELD = f'HYPERLINK "{_ADDRESS}"'
_ACTION = b"\xf3\x0f\x10\0\0\0"  # an atom that says what a click does
_RUN_MACRO, _RUN_PROGRAM = 1, 2


@cache
def _written(kind: str) -> dict[str, bytes]:
    """The streams of a letter or of slides with links, as LibreOffice writes them."""
    anywhere = f"{{\\field{{\\*\\fldinst {_FIELD}}}{{\\fldrslt link}}}}"
    source = {
        "doc": ("a.rtf", legacy.rtf(f"{{\\header {anywhere}}}{anywhere}{{\\footnote {anywhere}}}")),
        "ppt": ("a.odp", legacy.slides(legacy.clicked(f"presentation:action='show' xlink:href='{_ADDRESS}'"))),
    }[kind]  # fmt: skip
    with olefile.OleFileIO(io.BytesIO(resaved(kind, *source))) as ole:
        return {"/".join(entry): ole.openstream(entry).read() for entry in ole.listdir()}


def _patched(stream: bytes, old: str, new: str) -> bytes:
    assert len(new) <= len(old), new
    return stream.replace(old.encode("utf-16-le"), new.ljust(len(old)).encode("utf-16-le"))


def _letter(code: str = _FIELD, kind: int = 88, address: str = f"file:///{MARKER}", **more: Any) -> bytes:
    """Fields of ``code``, told to be of the kind ``kind``; ``address``: where the objects of their links lead."""
    streams = dict(_written("doc"))
    streams["WordDocument"] = _patched(streams["WordDocument"], _FIELD, code)
    streams["Data"] = _patched(streams["Data"], _ADDRESS, address)
    streams["1Table"] = streams["1Table"].replace(b"\x13\x58", bytes([0x13, kind]))
    return compound({**streams, **more})


def _slides(action: int, address: str = f"file:///{MARKER}", **more: Any) -> bytes:
    streams = {name: _patched(stream, _ADDRESS, address) for name, stream in _written("ppt").items()}
    first, *rest = streams["PowerPoint Document"].split(_ACTION)
    assert rest
    acting = [piece[:8] + bytes([action]) + piece[9:] for piece in rest]
    streams["PowerPoint Document"] = _ACTION.join([first, *acting])
    return compound({**streams, **more})


_MACROS = {
    "Macros": {"VBA": {"dir": MARKER.encode(), "ThisDocument": MARKER.encode()}, "PROJECT": MARKER.encode()}
}
_OBJECTS = {"ObjectPool": {"_1": {"\x01Ole10Native": MARKER.encode(), "Equation Native": MARKER.encode()}}, "MsoDataStore": {"a": {"Item": MARKER.encode()}}}  # fmt: skip


def _attacks() -> Iterator[Attack]:
    def attack(name: str, build: Any, extension: str, gone: tuple[str, ...] = (MARKER,)) -> Attack:
        return Attack(f"{extension} {name}", build, extension, gone, shows=legacy.shows_words)

    for name, data in _BOOKS.items():
        # a formula that is none any more is no formula that programs read
        yield attack(name, lambda data=data: data, "xls", (MARKER, "#NAME!"))
    for name, data in _BINARY_BOOKS.items():
        yield attack(name, lambda data=data: data, "xlsb")
    yield attack("dde", lambda: _letter(f'DDEAUTO cmd "/k {MARKER}" a', 46), "doc")
    yield attack("dde told as a page number", lambda: _letter(f'DDEAUTO cmd "/k {MARKER}" a', 33), "doc")
    yield attack("link whose object leads elsewhere", _letter, "doc")
    yield attack("macros and objects", lambda: _letter(address=_ADDRESS, **_MACROS, **_OBJECTS), "doc")
    yield attack("program", lambda: _slides(_RUN_PROGRAM, f"{_SHARE}\\a.exe"), "ppt")
    yield attack("macro", lambda: _slides(_RUN_MACRO, MARKER, **_MACROS), "ppt")


ATTACKS = tuple(_attacks())
