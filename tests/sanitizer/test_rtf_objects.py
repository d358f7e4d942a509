"""Embedded objects of RTF never reach another program; what stood for them does."""

import io
import struct
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from sekisho.sanitizer import libreoffice, sanitize
from sekisho.sanitizer.formats.rtf_objects import leave_out
from sekisho.sanitizer.libreoffice import office_program
from sekisho.sanitizer.results import Refused

from .office import CELLS, document, opened, paragraph, workbook
from .passing import clean
from .resaving import resaved


def rewritten(rtf: bytes) -> tuple[bytes, int]:
    new = io.BytesIO()
    with tempfile.TemporaryFile() as source:
        source.write(rtf)
        source.flush()
        told = leave_out(source, new)
    return new.getvalue(), sum(removal.count for removal in told)


@pytest.mark.parametrize(
    ("inside", "left"),
    [
        (rb"{\object\objemb{\*\objclass X}{\*\objdata 0105}{\result {\b r}}}", b"{{\n{\\b r}}}"),
        (rb"{\*\object\objocx{\*\objdata 0105}}", b"{}"),
        (rb"{\b x\object 01{\result k}02}", b"{\\b x{\nk}}"),
        (rb"{\object\objhtml\result k}", b"{\nk}"),
        (rb"{\*\objdata 0105}", b"{}"),
        (rb"{\upr{\object{\*\objdata 01}}{\*\ud{\object{\*\objdata 01}}}}", rb"{\upr{}{\*\ud{}}}"),
        (rb"{\*\unknown{\object{\*\objdata 01}}}", rb"{\*\unknown{}}"),
        (rb"{\object{\*\objdata 01{\result r}}}", b"{}"),
        (rb"{\object{\b{\i{\result r}}}}", b"{{\nr}}"),
        (rb"{\object{\result a{\object{\result b}}}}", b"{{\na{{\nb}}}}"),
        (rb"{\object{\*\objdata \bin11 }}{\object}}{\result r}}", b"{{\nr}}"),
        (rb"{\object{\*\objdata 01\}\{}{\result r}}", b"{{\nr}}"),
        (b"{\\*\n\\object{\\result r}}", b"{{\nr}}"),
    ],
)  # fmt: skip
def test_of_an_object_stays_what_was_shown_for_it(inside: bytes, left: bytes) -> None:
    made, objects = rewritten(rb"{\rtf1 a" + inside + rb"b\par}")
    assert made == rb"{\rtf1 a" + left + rb"b\par}"
    assert objects >= 1


@pytest.mark.parametrize(
    "inside",
    [
        rb"{\*\obj\bin0 data 0105}",
        rb"{\*\objdat\bin0 a 0105}",
        rb"{\*\\bin1  \objdata}",
        rb"{\bin-3 x}{\*\bin3 \bi}\objdata",
        rb"{\objdata\result}{\*\obj{\*\bin}data}",
        rb"{\objemb\bin99999999999 {\objdata 01}",
        rb"{\Objdata 01}{\OBJECT 01}",
        rb"{\pict\bin8 \objdata}",
    ],
)
def test_no_object_is_put_together_from_what_is_left(inside: bytes) -> None:
    made, _objects = rewritten(rb"{\rtf1 " + inside + rb"}")
    words = made.replace(rb"\\", b"").lower()
    assert not any(word in words for word in (rb"\objdata", rb"\object", rb"\bin"))
    assert rewritten(made)[0] == made


@pytest.mark.parametrize(
    "rtf",
    [
        rb"{\rtf1\ansi{\fonttbl{\f0 Arial;}}\f0\'82\'a0\u12354 ?\{\}\\objdata\~x\par\pard-3}",
        b"{\\rtf1 {\\*\\fldinst PAGE}\\\n\\uc0\\u-10179 \\u-8704 {\\pict\\pngblip 89504e\r\n47}}",
        rb"{\rtf1 {\objectattribute}{\binary3}{\pictured}{\results}}",
        rb"{\rtf1 cut {\b off",
        rb"{\rtf1 cut \'8",
        rb"{\rtf1 {\*}{\* words}}",
    ],
)
def test_all_else_stays_as_it_was(rtf: bytes) -> None:
    assert rewritten(rtf) == (rtf, 0)


def test_bytes_of_a_picture_become_digits_and_nothing_stays_behind_the_end() -> None:
    made, _objects = rewritten(b"{\\rtf1 {\\pict\\pngblip\\bin3 {}\\}\\bin2 }}x}{\\object}")
    assert made == b"{\\rtf1 {\\pict\\pngblip\n7b7d5c\n}\nx}"


def test_groups_nested_beyond_measure_are_refused() -> None:
    assert rewritten(b"{\\rtf1 " + b"{" * 900 + b"}" * 901)[1] == 0
    with pytest.raises(Refused) as refused:
        rewritten(b"{\\rtf1 " + b"{" * 1_001)
    assert refused.value.code == "limit.nesting"


_PIECES = [
    rb"{", rb"}", rb"\object", rb"\objdata", rb"\obj", rb"ect", rb"data ", rb"\result ", rb"\*", rb"\bin", rb"0 ", rb"3 ", rb"-2",
    rb"\pict", rb"\\", rb"\'41", rb"\u9 ?", b"\n", b"\r", b" ", b"\0", rb"\{", b"\\", rb"x", rb"bin4 ", rb"\par",
]  # fmt: skip


@settings(max_examples=500, deadline=None)
@given(st.lists(st.sampled_from(_PIECES), max_size=30))
def test_what_is_written_holds_no_object_for_whoever_reads_it_next(pieces: list[bytes]) -> None:
    made, _objects = rewritten(rb"{\rtf1 " + b"".join(pieces) + b"}")
    assert rewritten(made) == (made, 0)


RED, BLUE = (255, 0, 0), (0, 0, 255)


def _picture(color: tuple[int, int, int], *, in_bytes: bool = False) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), color).save(out, "PNG")
    data = (
        rb"\bin%d %s" % (len(out.getvalue()), out.getvalue())
        if in_bytes
        else b" " + out.getvalue().hex().encode()
    )
    return rb"{\pict\pngblip\picw60\pich40\picwgoal1800\pichgoal1200" + data + b"}"


def _object(data: bytes, size: int, shown: bytes) -> bytes:
    """An object as Word writes it ([MS-OLEDS] 2.2.5)."""
    name = b"Excel.Sheet.8\0"
    head = struct.pack("<III", 0x501, 2, len(name)) + name + struct.pack("<III", 0, 0, size)
    return (
        rb"{\object\objemb\objw1800\objh1200{\*\objclass Excel.Sheet.8}{\*\objdata "
        + (head + data).hex().encode()
        + rb"}{\result {\rtlch\fcs1 \ltrch\fcs0 {\*\shppict"
        + shown
        + rb"}{\nonshppict"
        + shown
        + rb"}}}}"
    )


def _in_letter(*inside: bytes) -> bytes:
    """A letter as LibreOffice writes it, with more at its end."""
    letter = resaved("rtf", "a.docx", document(paragraph("見える言葉")).build())
    return letter[: letter.rindex(b"}")] + b"".join(inside) + rb"\par}"


def _colors(output: bytes) -> list[Any]:
    package = zipfile.ZipFile(io.BytesIO(output))
    pictures = [package.read(name) for name in package.namelist() if name.startswith("word/media/")]
    return sorted(Image.open(io.BytesIO(picture)).convert("RGB").getpixel((30, 20)) for picture in pictures)


@pytest.mark.skipif(office_program() is None, reason="needs LibreOffice")
def test_a_letter_with_a_workbook_in_it_keeps_its_words_and_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[bytes] = []
    convert = libreoffice.convert

    def spied(untrusted: Path, *rest: object) -> None:
        given.append(untrusted.read_bytes())
        convert(untrusted, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(libreoffice, "convert", spied)
    inner = resaved("xls", "a.xlsx", workbook(CELLS.format(visible="かくれた表", cells="")).build())
    letter = _in_letter(_object(inner, len(inner), _picture(RED)), _picture(BLUE, in_bytes=True))
    output, result = clean(letter, "a.rtf")
    assert "見える言葉".encode() in opened(output)
    assert _colors(output) == [BLUE, RED]
    told = [
        (one.code, one.detail, one.count) for one in result.report.removed if one.code == "ooxml.embedded"
    ]
    assert told == [("ooxml.embedded", "object", 1)]
    assert b"objdata" not in given[0]
    assert inner.hex().encode() not in given[0]


@pytest.mark.skipif(office_program() is None, reason="needs LibreOffice")
def test_pages_are_drawn_without_objects_too(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[bytes] = []
    monkeypatch.setattr(
        libreoffice, "convert", lambda untrusted, *_rest: given.append(untrusted.read_bytes())
    )
    lying = _in_letter(_object(b"x", 0x7FFFFFF0, _picture(RED)))
    assert sanitize(lying, "inbound-strict", name="a.rtf").report.refusal == "input.broken"
    assert [b"objdata" in one for one in given] == [False]
