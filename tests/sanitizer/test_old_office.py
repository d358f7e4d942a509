"""What stands in an old Office file beside the document reaches no reader; the pictures that people saw stay."""

import io
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import olefile
import pytest
from PIL import Image

from sekisho.sanitizer import libreoffice, sanitize
from sekisho.sanitizer.formats import old_office
from sekisho.sanitizer.identify import identify
from sekisho.sanitizer.libreoffice import office_program
from sekisho.sanitizer.results import Refused

from .attacks import legacy
from .compound import compound
from .passing import clean
from .resaving import resaved

WORDS = b"words of a stream " * 400
RED, BLUE = (255, 0, 0), (0, 0, 255)
_OBJECT = struct.pack("<HHI", 0x10, 0x1011, 2_000) + struct.pack("<I", 9_000) + zlib.compress(b"an object")


def anew(kind: str, data: bytes) -> tuple[bytes, dict[str, int]]:
    """The new file, and how often each code was told."""
    new = io.BytesIO()
    told = old_office.write_anew(kind, io.BytesIO(data), new)
    return new.getvalue(), {removal.code: removal.count for removal in told}


def streams_in(data: bytes) -> dict[str, bytes]:
    with olefile.OleFileIO(data, raise_defects=olefile.DEFECT_INCORRECT) as ole:
        found = {"/".join(path): ole.openstream(path).read() for path in ole.listdir()}
        assert ole.parsing_issues == []
    return found


@pytest.mark.parametrize(
    ("kind", "kept", "left", "told"),
    [
        ("doc", {"WordDocument": WORDS, "1Table": WORDS, "Data": b"pictures"},
         {"ObjectPool": {"_1": {"\1Ole10Native": b"x"}, "_2": {"x": b"y"}}, "Macros": {"VBA": {"dir": b"x"}}, "\1CompObj": b"x", "1table ": b"x"},
         {"ooxml.embedded": 2, "ooxml.macro": 1}),
        ("xls", {"Workbook": WORDS, "Book": WORDS, "_SX_DB_CUR/0001": b"cache", "_SX_DB_CUR/00FF": b"cache"},
         {"MBD0000AB12": {"Workbook": b"in"}, "lnk0000ab13": {"x": b"y"}, "_VBA_PROJECT_CUR": {"x": b"y"}, "Ctls": b"x", "Other": {}},
         {"ooxml.embedded": 2, "ooxml.macro": 1, "ooxml.control": 1}),
        ("ppt", {"PowerPoint Document": WORDS, "Current User": b"me", "Pictures": WORDS}, {"Workbook": WORDS, "Other": {}}, {}),
    ],
)  # fmt: skip
def test_only_what_shows_is_written(
    kind: str, kept: dict[str, bytes], left: dict[str, object], told: dict[str, int]
) -> None:
    source: dict[str, object] = {**left}
    for path, content in kept.items():
        storage, _, name = path.rpartition("/")
        (source.setdefault(storage, {}) if storage else source)[name] = content  # type: ignore[index]
    made, found = anew(kind, compound(source))
    assert {name: stream.rstrip(b"\0") for name, stream in streams_in(made).items()} == kept
    assert found == told


def test_names_are_found_in_any_case() -> None:
    made, told = anew("doc", compound({"worddocument": WORDS, "OBJECTPOOL": {"_1": {"x": b"y"}}}))
    assert streams_in(made) == {"WordDocument": WORDS}
    assert told == {"ooxml.embedded": 1}


def test_of_slides_for_two_versions_the_later_are_written() -> None:
    later = {"PowerPoint Document": WORDS, "Current User": WORDS}
    made, _told = anew(
        "ppt", compound({"PP40": b"x", "PowerPoint Document": b"y", "PP97_DUALSTORAGE": later})
    )
    assert streams_in(made) == later


@pytest.mark.parametrize("place", [0, 3, 4_000, (1 << 20) - 11, (1 << 20) - 1, 1 << 20])
def test_no_object_can_be_unpacked_from_slides_wherever_it_stands(place: int) -> None:
    document = bytearray(b"\x11\x10" * (1 << 19)) + bytes(5_000)
    document[place : place + len(_OBJECT)] = _OBJECT
    made, told = anew("ppt", compound({"PowerPoint Document": bytes(document)}))
    document[place + 2 : place + 4] = b"\xff\xff"
    assert streams_in(made) == {"PowerPoint Document": bytes(document)}
    assert told == {"ooxml.embedded": 1}


def test_macros_of_slides_are_told() -> None:
    atom = struct.pack("<HHIIII", 2, 0x0400, 12, 7, 1, 2)
    _made, told = anew("ppt", compound({"PowerPoint Document": WORDS + atom + _OBJECT}))
    assert told == {"ooxml.embedded": 1, "ooxml.macro": 1}


def test_a_large_file_has_a_list_of_the_sectors_of_its_table() -> None:
    pieces = [bytes([number]) * (1 << 20) for number in range(20)]

    class Large:
        name, size = "Data", 20 << 20

        def pieces(self) -> Iterator[bytes]:
            yield from pieces

    new = io.BytesIO()
    old_office._write(new, [Large()], [], Counter())  # type: ignore[list-item]
    assert streams_in(new.getvalue()) == {"Data": b"".join(pieces)}


def _entry(data: bytearray, name: str) -> int:
    return data.index(name.encode("utf-16-le") + b"\0\0")


def _longer(data: bytearray) -> None:
    struct.pack_into("<Q", data, _entry(data, "WordDocument") + 120, len(WORDS) * 10 + 5_000)


def _as_long_as_can_be(data: bytearray) -> None:
    struct.pack_into("<Q", data, _entry(data, "Data") + 120, 0xFFFFFFF0)


def _shared(data: bytearray) -> None:
    """One stream in the sectors of another."""
    start = _entry(data, "WordDocument") + 116
    for name in ("Data", "0Table", "1Table"):
        data[_entry(data, name) + 116 : _entry(data, name) + 128] = data[start : start + 12]


def _in_a_circle(data: bytearray) -> None:
    """The second sector follows the second one, and the stream is as long as the file."""
    table = (struct.unpack_from("<I", data, 76)[0] + 1) * 512
    first = struct.unpack_from("<I", data, _entry(data, "WordDocument") + 116)[0]
    struct.pack_into("<I", data, table + 4 * (first + 1), first + 1)
    struct.pack_into("<Q", data, _entry(data, "WordDocument") + 120, 1 << 31)


def _without(data: bytearray) -> None:
    data[_entry(data, "WordDocument")] = ord("X")


@pytest.mark.parametrize("damage", [_longer, _as_long_as_can_be, _shared, _in_a_circle, _without])
def test_a_file_that_does_not_hold_what_it_says_is_refused(damage: object) -> None:
    whole = {"WordDocument": WORDS * 10, "Data": WORDS, "0Table": WORDS, "1Table": WORDS}
    data = bytearray(compound(whole))
    assert len(streams_in(anew("doc", bytes(data))[0])) == len(whole)
    damage(data)  # type: ignore[operator]
    with pytest.raises(Refused) as refused:
        anew("doc", bytes(data))
    assert refused.value.code == "input.broken"


@pytest.mark.parametrize("size", [300, 6_000])
def test_properties_that_are_cut_off_do_not_keep_the_document(size: int) -> None:
    data = bytearray(compound({"WordDocument": WORDS, "\5SummaryInformation": b"s" * size}))
    struct.pack_into("<I", data, _entry(data, "\5SummaryInformation") + 116, 0xFFFFFFFE)
    made = streams_in(anew("doc", bytes(data))[0])
    assert made == {"WordDocument": WORDS, "\5SummaryInformation": bytes(max(size, 4_096))}


@pytest.mark.parametrize(("place", "amount"), [(44, 0x7FFFFFFF), (44, 200), (64, 0x7FFFFFFF), (64, 500)])
def test_a_file_whose_tables_would_be_larger_than_itself_is_not_read(place: int, amount: int) -> None:
    data = bytearray(compound({"WordDocument": WORDS}))
    assert identify(io.BytesIO(data)).type.id == "doc"
    struct.pack_into("<I", data, place, amount)
    assert identify(io.BytesIO(data)).type.id == "ole"


@pytest.mark.parametrize("name", ["Root Entry", "WordDocument"])
def test_a_file_with_a_stream_longer_than_itself_is_not_read(name: str) -> None:
    data = bytearray(compound({"WordDocument": WORDS, "Data": b"small"}))
    struct.pack_into("<Q", data, _entry(data, name) + 120, len(data) + 1)
    assert identify(io.BytesIO(data)).type.id == "ole"


@pytest.mark.parametrize(("kind", "name"), [("doc", "WordDocument"), ("xls", "Workbook"), ("ppt", "PP40")])
def test_a_document_that_is_no_stream_is_refused_as_broken(kind: str, name: str) -> None:
    assert sanitize(compound({name: {"x": WORDS}}), name=f"a.{kind}").report.refusal == "input.broken"


# -- as LibreOffice reads them --------------------------------------------------------------------------------------


def _picture(color: tuple[int, int, int]) -> bytes:
    shown = io.BytesIO()
    Image.new("RGB", (60, 40), color).save(shown, "PNG")
    return shown.getvalue()


def _with_objects(kind: str) -> bytes:
    """A file of an old kind with a workbook and an equation in it, as LibreOffice writes it. Their pictures are of one color."""
    frames = [
        f"<draw:frame text:anchor-type='as-char' svg:width='3cm' svg:height='2cm' svg:x='{4 * number}cm' svg:y='5cm'>"
        f"<draw:object xlink:href='./Object {number}'/><draw:image xlink:href='./ObjectReplacements/Object {number}'/></draw:frame>"
        for number in (1, 2)
    ]
    inside = "".join(frames)
    name, source = {
        "doc": ("a.odt", lambda: legacy.text(f"<text:p>{inside}</text:p>")),
        "xls": ("a.ods", lambda: legacy.sheet(inner=f"<table:shapes>{inside}</table:shapes>")),
        "ppt": ("a.odp", lambda: legacy.slides(inside)),
    }[kind]
    parts = {
        "Object 1": ("spreadsheet", zipfile.ZipFile(io.BytesIO(legacy.sheet())).read("content.xml"), RED),
        "Object 2": ("formula", b'<math xmlns="http://www.w3.org/1998/Math/MathML"><mi>a</mi></math>', BLUE),
    }
    listed = "".join(
        f'<m:file-entry m:full-path="{part}/" m:media-type="application/vnd.oasis.opendocument.{what}"/>'
        f'<m:file-entry m:full-path="{part}/content.xml" m:media-type="text/xml"/>'
        f'<m:file-entry m:full-path="ObjectReplacements/{part}" m:media-type="image/png"/>'
        for part, (what, _content, _color) in parts.items()
    )
    came, made = zipfile.ZipFile(io.BytesIO(source())), io.BytesIO()
    with zipfile.ZipFile(made, "w") as package:
        for member in came.namelist():
            package.writestr(
                member, came.read(member).replace(b"</m:manifest>", f"{listed}</m:manifest>".encode())
            )
        for part, (_what, content, color) in parts.items():
            package.writestr(f"{part}/content.xml", content)
            package.writestr(f"ObjectReplacements/{part}", _picture(color))
    return resaved(kind, name, made.getvalue())


def _colors(output: bytes) -> set[object]:
    package = zipfile.ZipFile(io.BytesIO(output))
    pictures = [package.read(name) for name in package.namelist() if "/media/" in name]
    return {Image.open(io.BytesIO(picture)).convert("RGB").getpixel((30, 20)) for picture in pictures}


@pytest.mark.skipif(office_program() is None, reason="needs LibreOffice")
@pytest.mark.parametrize("kind", ["doc", "xls", "ppt"])
def test_objects_leave_their_pictures_and_are_told(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[bytes] = []
    convert = libreoffice.convert

    def spied(untrusted: Path, *rest: object) -> None:
        given.append(untrusted.read_bytes())
        convert(untrusted, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(libreoffice, "convert", spied)
    output, result = clean(_with_objects(kind), f"a.{kind}")
    assert legacy.shows_words(output)
    assert _colors(output) == {RED, BLUE}
    told = [
        (one.code, one.detail, one.count) for one in result.report.removed if one.code == "ooxml.embedded"
    ]
    assert told == [("ooxml.embedded", "object", 2)]
    assert anew(kind, given[0])[1] == {}


@pytest.mark.skipif(office_program() is None, reason="needs LibreOffice")
def test_pages_are_drawn_without_objects_too(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[bytes] = []
    monkeypatch.setattr(
        libreoffice, "convert", lambda untrusted, *_rest: given.append(untrusted.read_bytes())
    )
    letter = compound({"WordDocument": bytes(5_000), "ObjectPool": {"_1": {"\1Ole": b"x"}}})
    assert sanitize(letter, "inbound-strict", name="a.doc").report.refusal == "input.broken"
    assert [set(streams_in(one)) for one in given] == [{"WordDocument"}]
