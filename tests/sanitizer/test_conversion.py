"""Old and open formats through LibreOffice; runs where it is installed."""

import errno
import hashlib
import io
import os
import re
import signal
import socket
import struct
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from sekisho.sanitizer import Policy, engine, libreoffice, sanitize
from sekisho.sanitizer.formats import metafiles
from sekisho.sanitizer.isolation.sandbox import abilities
from sekisho.sanitizer.libreoffice import box_program, office_program
from sekisho.sanitizer.results import Refused

from .attacks import legacy
from .compound import locked_workbook
from .office import CELLS, document, opened, paragraph, presentation, shape, workbook
from .passing import clean, codes
from .resaving import resaved

pytestmark = pytest.mark.skipif(office_program() is None, reason="needs LibreOffice")
VISIBLE = "見える言葉"
_SOURCES = {
    "docx": lambda: document(paragraph(VISIBLE)).build(),
    "xlsx": lambda: workbook(CELLS.format(visible=VISIBLE, cells='<c r="B1"><f>1+1</f><v>2</v></c>')).build(),
    "pptx": lambda: presentation(shape(VISIBLE)).build(),
}


@pytest.mark.parametrize(
    ("kind", "source"),
    [
        ("doc", "docx"),
        ("rtf", "docx"),
        ("odt", "docx"),
        ("xls", "xlsx"),
        ("ods", "xlsx"),
        ("ppt", "pptx"),
        ("odp", "pptx"),
        ("fodt", "docx"),
        ("fods", "xlsx"),
        ("fodp", "pptx"),
    ],
)
def test_old_and_open_formats_come_out_as_new_ones(kind: str, source: str) -> None:
    output, result = clean(resaved(kind, f"a.{source}", _SOURCES[source]()), f"a.{kind}")
    assert (result.method, result.name) == ("reauthored", f"a.{source}")
    assert VISIBLE.encode() in opened(output)


def test_an_old_workbook_opens_with_its_password_only() -> None:
    locked = locked_workbook(resaved("xls", "a.xlsx", _SOURCES["xlsx"]()), "ひみつ")
    output, result = clean(locked, "a.xls", password="ひみつ")
    assert (result.method, result.name) == ("reauthored", "a.xlsx")
    assert VISIBLE.encode() in opened(output)
    assert sanitize(locked, name="a.xls", password="違う").report.refusal == "input.wrong_password"
    assert sanitize(locked, name="a.xls").report.refusal == "input.encrypted"


def test_pixel_only_policies_draw_a_document() -> None:
    import pypdfium2

    output, result = clean(_SOURCES["docx"](), "a.docx", "inbound-strict")
    assert (result.method, result.name) == ("pixel", "a.pdf")
    page = pypdfium2.PdfDocument(io.BytesIO(output))[0]
    assert VISIBLE in page.get_textpage().get_text_range()


def test_what_a_workbook_leaves_to_its_place_is_as_in_japan() -> None:
    import openpyxl
    import pypdfium2

    book = openpyxl.Workbook()
    book.active["A1"] = datetime(2026, 11, 30)
    book.active["A1"].number_format = "mm-dd-yy"  # what a date gets by itself: the short one of the machine
    book.active.column_dimensions["A"].width = 20
    source = io.BytesIO()
    book.save(source)
    policy = Policy.from_dict({"name": "pages", "methods": {"sheet": "pixel"}})
    page = pypdfium2.PdfDocument(io.BytesIO(clean(source.getvalue(), "a.xlsx", policy)[0]))[0]
    assert "2026/11/30" in page.get_textpage().get_text_range()
    assert [round(side) for side in page.get_size()] == [595, 842]


def metafile(comment: bytes = b"") -> bytes:
    """An EMF of 40 by 30 mm: a black rectangle over its left half, and a comment ([MS-EMF] 2.3)."""
    brush = struct.pack("<IIIIII", 39, 24, 1, 0, 0x000000, 0) + struct.pack("<III", 37, 12, 1)
    box = struct.pack("<II4i", 43, 24, 0, 0, 75, 113)
    said = struct.pack("<III", 70, 12 + len(comment), len(comment)) + comment
    records = brush + box + said + struct.pack("<IIIII", 14, 20, 0, 0, 20)
    header = struct.pack(
        "<II4i4i4sIIIHHIIIiiii", 1, 88, 0, 0, 151, 113, 0, 0, 4000, 3000, b" EMF", 0x10000, 88 + len(records), 6,
        2, 0, 0, 0, 0, 1920, 1080, 508, 286,
    )  # fmt: skip
    return header + records


_PICTURE = (
    '<w:p><w:r><w:pict xmlns:v="urn:schemas-microsoft-com:vml" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<v:shape style="width:90pt;height:60pt"><v:imagedata r:id="rIdP"/></v:shape></w:pict></w:r></w:p>'
)


def with_picture(data: bytes, kind: str) -> bytes:
    package = document(paragraph(VISIBLE) + _PICTURE)
    package.relate("word/document.xml", "image", f"word/media/a.{kind}", id="rIdP")
    return package.add(f"word/media/a.{kind}", data, f"image/x-{kind}").build()


needs_box = pytest.mark.skipif(box_program() is None, reason="needs bubblewrap")


def shape_in(picture: bytes) -> tuple[bool, bool]:
    """Whether the left and the right half are black."""
    drawn = Image.open(io.BytesIO(picture)).convert("RGBA")
    across, down = drawn.size
    halves = (drawn.getpixel((across // 4, down // 2)), drawn.getpixel((across * 3 // 4, down // 2)))
    left, right = (isinstance(pixel, tuple) and pixel[3] > 200 and max(pixel[:3]) < 60 for pixel in halves)
    return left, right


@needs_box
def test_metafiles_in_a_document_are_drawn_and_their_commands_go() -> None:
    output, result = clean(with_picture(metafile(b"MARKER01"), "emf"), "a.docx")
    package = zipfile.ZipFile(io.BytesIO(output))
    picture = package.read(next(name for name in package.namelist() if name.startswith("word/media/")))
    assert shape_in(picture) == (True, False)
    assert b"MARKER01" not in opened(output)
    assert "ooxml.metafile_drawn" in codes(result)


def _count_letters(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many metafiles each letter to LibreOffice holds, from now on."""
    counts: list[int] = []
    real = engine._Attempt._letter

    def counted(attempt: Any, files: list[int]) -> Any:
        letter = zipfile.ZipFile(io.BytesIO(os.pread(files[0], 1 << 24, 0)))
        counts.append(sum(name.endswith(".emf") for name in letter.namelist()))
        return real(attempt, files)

    monkeypatch.setattr(engine._Attempt, "_letter", counted)
    return counts


@needs_box
def test_equal_metafiles_are_drawn_once_and_all_of_many_are(monkeypatch: pytest.MonkeyPatch) -> None:
    package = document(
        paragraph(VISIBLE) + "".join(_PICTURE.replace("rIdP", f"rId{at}") for at in range(450))
    )
    for at in range(450):
        package.relate("word/document.xml", "image", f"word/media/a{at}.emf", id=f"rId{at}")
        package.add(f"word/media/a{at}.emf", metafile(b"%04d" % (at // 2 if at < 40 else at)), "image/x-emf")
    letters = _count_letters(monkeypatch)
    output, result = clean(package.build(), "a.docx")
    assert letters == [400, 30]
    drawn = [told for told in result.report.removed if told.code == "ooxml.metafile_drawn"]
    assert len(drawn) == 450
    written = zipfile.ZipFile(io.BytesIO(output))
    pictures = [written.read(name) for name in written.namelist() if name.startswith("word/media/")]
    assert len(pictures) == 450
    assert {shape_in(picture) for picture in pictures} == {(True, False)}


def test_when_a_letter_fails_what_was_drawn_before_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    letters: list[int] = []

    def drawn(_job: object, letter: list[bytes]) -> list[Image.Image | None]:
        letters.append(len(letter))
        if len(letters) == 3:
            raise Refused("limit.time", seconds=1)
        return [Image.new("RGBA", (1, 1)) for _data in letter]

    monkeypatch.setattr(metafiles, "_drawn", drawn)
    found = metafiles.draw(None, [b"%d" % at for at in range(1_000)])  # type: ignore[arg-type]
    assert letters == [400, 400, 200]
    assert [one is None for one in found] == [at >= 800 for at in range(1_000)]


@needs_box
def test_a_metafile_comes_out_as_a_picture() -> None:
    output, result = clean(metafile(b"MARKER01"), "a.emf")
    assert result.name == "a.png"
    assert shape_in(output) == (True, False)


@needs_box
def test_broken_metafiles_leave_a_plain_picture_and_the_rest_stays() -> None:
    output, result = clean(with_picture(metafile()[:60] + b"MARKER01" * 20, "emf"), "a.docx")
    assert VISIBLE.encode() in opened(output)
    assert b"MARKER01" not in opened(output)
    assert {"ooxml.metafile", "ooxml.metafile_drawn"} & codes(result)


def test_metafiles_are_not_drawn_outside_a_box(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "box_program", lambda: None)
    _output, result = clean(with_picture(metafile(), "emf"), "a.docx")
    assert "ooxml.metafile" in codes(result)
    assert sanitize(metafile(), name="a.emf").report.refusal == "engine.unavailable"


@pytest.mark.skipif(not abilities().complete, reason="needs Landlock and seccomp")
def test_outside_a_box_a_file_reaches_neither_the_network_nor_files_of_the_machine(
    places: libreoffice._Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(libreoffice, "box_program", lambda: None)
    Image.new("RGB", (40, 40), (255, 0, 0)).save(tmp_path / "secret.png")
    frame = '<draw:frame svg:width="3cm" svg:height="3cm"><draw:image xlink:href="{}"/></draw:frame>'
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}/a"
        sound = f'<anim:par><anim:par><anim:audio xlink:href="{address}.wav"/></anim:par></anim:par>'
        pictures = "".join(
            frame.format(place) for place in (f"file://{tmp_path}/secret.png", f"{address}.png")
        )
        output, _result = clean(legacy.slides(pictures + sound), "a.odp")
        server.setblocking(False)
        with pytest.raises(BlockingIOError):
            server.accept()
    assert legacy.shows_words(output)
    package = zipfile.ZipFile(io.BytesIO(output))
    drawn = [package.read(name) for name in package.namelist() if name.startswith("ppt/media/")]
    assert (255, 0, 0) not in [Image.open(io.BytesIO(one)).convert("RGB").getpixel((0, 0)) for one in drawn]


def test_outside_a_box_no_pipe_of_it_stays_in_the_folder_of_all(
    places: libreoffice._Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    used: list[Path] = []
    walls = libreoffice._box
    monkeypatch.setattr(libreoffice, "box_program", lambda: None)
    monkeypatch.setattr(libreoffice, "_box", lambda folder: walls(used.append(folder) or folder))  # type: ignore[func-returns-value]
    assert VISIBLE in _converted(tmp_path, "one")
    killed = libreoffice._Place("soffice", None)
    killed._process = killed._run([*libreoffice._box(killed.folder), *killed._start])
    _wait_for(lambda: _pipes(killed.folder))
    killed.close()
    assert len(used) == 3
    assert not any(map(_pipes, used))


def _pipes(folder: Path) -> list[Path]:
    """Of the LibreOffice whose profile lies in this folder."""
    digest = hashlib.md5(f"file://{folder}/profile".encode("utf-16-le")).digest()
    return list(Path("/tmp").glob(f"OSL_PIPE_*{''.join(f'{byte:x}' for byte in digest)}"))


def _wait_for(true: Callable[[], object], seconds: float = 150) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.1)


@pytest.fixture
def places(monkeypatch: pytest.MonkeyPatch) -> Iterator[libreoffice._Places]:
    own = libreoffice._Places()
    monkeypatch.setattr(libreoffice, "_places", own)
    yield own
    own.close()


def _converted(folder: Path, name: str, text: str = VISIBLE) -> str:
    """What a text becomes by way of LibreOffice."""
    (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    made = folder / f"{name}.docx"
    libreoffice.convert(folder / f"{name}.txt", made, "docx", 60)
    return zipfile.ZipFile(made).read("word/document.xml").decode()


@needs_box
def test_from_the_third_file_on_one_stands_ready_and_serves_it_alone(
    places: libreoffice._Places, tmp_path: Path
) -> None:
    _converted(tmp_path, "one")
    assert places._model is None, "it may be the only file"
    _converted(tmp_path, "two")
    _wait_for(lambda: places._ready)
    ready = places._ready
    assert ready is not None
    assert VISIBLE in _converted(tmp_path, "three")
    assert not ready.stands_by
    assert not ready.folder.exists()
    _wait_for(lambda: places._ready)
    assert places._ready is not ready


@needs_box
def test_a_file_is_converted_though_what_stood_ready_is_gone(
    places: libreoffice._Places, tmp_path: Path
) -> None:
    _converted(tmp_path, "one")
    _converted(tmp_path, "two")
    _wait_for(lambda: places._ready)
    ready = places._ready
    assert ready is not None
    assert ready._process is not None
    os.killpg(ready._process.pid, signal.SIGKILL)
    assert VISIBLE in _converted(tmp_path, "three")


def _limits_within(folder: Path) -> list[str]:
    """What the kernel allows each LibreOffice whose profile lies in this folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            program, *arguments = (process / "cmdline").read_bytes().split(b"\0")
            if program.endswith(b"soffice.bin") and str(folder).encode() in b" ".join(arguments):
                found.append((process / "limits").read_text())
    return found


def test_memory_goes_by_the_size_of_the_file() -> None:
    limits = []
    for size in (0, 10 << 20, 1 << 30):
        place = libreoffice._Place("soffice", None, size)
        limits.append(re.findall(r"ulimit -v (\d+);", " ".join(place._start)))
        place.close()
    assert limits == [["3145728"], ["3801088"], ["6291456"]]


@needs_box
def test_what_stands_ready_has_our_settings_and_ends_with_its_place(
    places: libreoffice._Places, tmp_path: Path
) -> None:
    program = office_program()
    assert program is not None
    model = libreoffice._set_up(program)
    assert model is not None
    place = libreoffice._Place(program, model.profile)
    settings = place.profile / "user/registrymodifications.xcu"
    assert settings.read_text() == libreoffice._SETTINGS
    assert sum(1 for _ in place.profile.rglob("*")) > 10
    place.standing_by()
    assert place.stands_by
    _wait_for(lambda: _limits_within(place.folder))
    assert all(re.search(r"Max address space +3221225472", limits) for limits in _limits_within(place.folder))
    for done_with in (place, model):
        done_with.close()
        assert not done_with.folder.exists()
    assert not place.stands_by


@pytest.mark.parametrize("call", ["shutil.copytree", "subprocess.Popen"])
def test_nothing_stays_of_a_place_for_which_there_is_no_room(
    call: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fails(*_parts: object, **_how: object) -> None:
        raise OSError(errno.ENOSPC, "no room")

    model, folder = tmp_path / "model", tmp_path / "places"
    model.mkdir()
    folder.mkdir()
    box_program()  # asked before what it is asked with fails
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setattr(call, fails)
    with pytest.raises(OSError, match="no room"):
        libreoffice._Place("soffice", model).standing_by()
    assert list(folder.iterdir()) == []


def test_a_full_disk_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_parts: object) -> None:
        raise OSError(errno.ENOSPC, "no room")

    old = resaved("rtf", "a.docx", _SOURCES["docx"]())
    monkeypatch.setattr(libreoffice, "convert", fails)
    assert sanitize(old, name="a.rtf").report.refusal == "engine.no_room"


def _flat(inside: str) -> bytes:
    names = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "text", "script")
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><!-- a --><office:document {names} office:version="1.3" '
        f'office:mimetype="application/vnd.oasis.opendocument.text"><office:body><office:text><text:p>{VISIBLE}</text:p>'
        f"{inside}</office:text></office:body></office:document>"
    ).encode()


def test_a_document_in_one_piece_of_xml_is_reauthored_without_what_runs() -> None:
    field = "<text:p><text:script script:language='JavaScript'>MARKER</text:script></text:p>"
    output, result = clean(_flat(field), "a.fodt")
    assert (result.name, result.method) == ("a.docx", "reauthored")
    parts = zipfile.ZipFile(io.BytesIO(output))
    whole = b"".join(parts.read(name) for name in parts.namelist())
    assert VISIBLE.encode() in whole
    assert b"MARKER" not in whole


def test_one_that_is_named_xml_is_read_as_such() -> None:
    output, result = clean(_flat(""), "a.xml")
    assert (result.method, result.name) == ("text", "a.txt")
    assert VISIBLE in output.decode()
