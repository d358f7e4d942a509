"""Embedded objects of old workbooks reach no reader; the picture that people saw stays."""

import io
import zipfile

import olefile
import pytest
from PIL import Image

from sekisho.sanitizer.formats.workbook_objects import hide
from sekisho.sanitizer.libreoffice import office_program
from sekisho.sanitizer.results import Refused

from .attacks import legacy
from .compound import compound
from .passing import clean
from .resaving import resaved

_WORDS = b"words of a stream MBD0000AB12 " * 200


def hidden(data: bytes) -> tuple[bytes, int]:
    new = io.BytesIO()
    objects = hide(data, new)
    return new.getvalue(), objects


def names_in(data: bytes) -> set[str]:
    with olefile.OleFileIO(data) as ole:
        return {entry[0] for entry in ole.listdir(storages=True)}


def test_storages_of_objects_are_found_under_no_name_that_workbooks_know() -> None:
    book = {
        "Workbook": _WORDS,
        "MBD0000AB12": {"Workbook": b"in"},
        "lnk0000ab13": {"x": b"y"},
        "MBD": b"",
        "Other": {},
    }
    made, objects = hidden(compound(book))
    assert objects == 2
    assert names_in(made) == {"Workbook", "XBD0000AB12", "Xnk0000ab13", "MBD", "Other"}
    with olefile.OleFileIO(made) as ole:
        assert ole.openstream("Workbook").read() == _WORDS


def test_an_entry_that_no_tree_leads_to_is_renamed_too() -> None:
    book = bytearray(compound({"Workbook": _WORDS, "Another": {"x": b"y"}}))
    entry = "MBD0000AB12".encode("utf-16-le").ljust(128, b"\xff")
    made, objects = hidden(bytes(book) + entry + bytes(384))
    assert objects == 1
    assert "MBD0000AB12".encode("utf-16-le") not in made


def test_a_workbook_without_objects_stays_as_it_is() -> None:
    assert hidden(compound({"Workbook": _WORDS})) == (b"", 0)


def test_sectors_of_another_size_are_refused() -> None:
    book = bytearray(compound({"Workbook": _WORDS}))
    book[30] = 6
    with pytest.raises(Refused):
        hidden(bytes(book))


def _with_object() -> bytes:
    """A sheet with another workbook in it, as LibreOffice writes it in the old kind."""
    shown = io.BytesIO()
    Image.new("RGB", (60, 40), (255, 0, 0)).save(shown, "PNG")
    frame = (
        "<table:shapes><draw:frame svg:width='3cm' svg:height='2cm' svg:x='1cm' svg:y='3cm'>"
        "<draw:object xlink:href='./Object 1'/><draw:image xlink:href='./ObjectReplacements/Object 1'/></draw:frame></table:shapes>"
    )
    inner = zipfile.ZipFile(io.BytesIO(legacy.sheet())).read("content.xml").decode()
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    listed = f'<m:file-entry m:full-path="Object 1/" m:media-type="{kind}"/><m:file-entry m:full-path="ObjectReplacements/Object 1" m:media-type="image/png"/>'
    source = legacy.sheet(inner=frame, more={"Object 1/content.xml": inner})
    came, made = zipfile.ZipFile(io.BytesIO(source)), io.BytesIO()
    with zipfile.ZipFile(made, "w") as package:
        for name in came.namelist():
            package.writestr(
                name, came.read(name).replace(b"</m:manifest>", f"{listed}</m:manifest>".encode())
            )
        package.writestr("ObjectReplacements/Object 1", shown.getvalue())
    return resaved("xls", "a.ods", made.getvalue())


@pytest.mark.skipif(office_program() is None, reason="needs LibreOffice")
def test_a_workbook_in_a_workbook_leaves_its_picture_and_is_told() -> None:
    book = _with_object()
    assert any(name.startswith("MBD") for name in names_in(book))
    output, result = clean(book, "a.xls")
    assert legacy.shows_words(output)
    assert [name for name in zipfile.ZipFile(io.BytesIO(output)).namelist() if name.startswith("xl/media/")]
    assert ("ooxml.embedded", "object", 1) in [
        (one.code, one.detail, one.count) for one in result.report.removed
    ]
