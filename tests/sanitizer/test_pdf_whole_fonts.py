"""Fonts embedded whole: what shows stays, what nobody shows does not come along."""

import io
import random
import struct
from functools import cache
from typing import Any

import pikepdf
import pypdfium2
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String

from sekisho.sanitizer.formats.pdf_parts.cff import read_cff
from sekisho.sanitizer.formats.pdf_parts.cff_writer import written_cff
from sekisho.sanitizer.formats.pdf_parts.outlines import Glyph, Program
from sekisho.sanitizer.formats.pdf_parts.whole_fonts import LARGE

from .attacks.pdf import page_file
from .passing import clean
from .pdf_fonts import font_file, font_tables

_GLYPHS = 3_000
_FIRST = 1_000  # the CID of the second glyph


@cache
def large_font() -> bytes:
    """A program of CIDs whose glyphs are all drawn differently, as large as one of kanji."""
    chance = random.Random(11)

    def glyph() -> Glyph:
        dots = [(chance.randrange(1_000), chance.randrange(1_000)) for _corner in range(120)]
        return Glyph(1_000, [("M", *dots[0]), *(("L", *dot) for dot in dots[1:])])

    cids = [0, *range(_FIRST, _FIRST + _GLYPHS - 1)]
    return written_cff(Program([glyph() for _cid in cids], cids=cids))


def with_font(data: bytes, *, encoding: Any, shown: str, within: str = "") -> bytes:
    """A page that shows these codes in the font, and in a form that has no font of its own those ``within``."""

    def mend(pdf: Pdf, page: Any) -> None:
        descriptor = Dictionary(
            Type=Name.FontDescriptor, FontName=Name("/Own"), Flags=4, Ascent=1000, Descent=0, StemV=80,
            FontBBox=Array([0, 0, 1000, 1000]), ItalicAngle=0, CapHeight=1000, FontFile3=pdf.make_stream(data),
        )  # fmt: skip
        descriptor.FontFile3.Subtype = Name.CIDFontType0C
        system = Dictionary(Registry=String("Adobe"), Ordering=String("Identity"), Supplement=0)
        descendant = Dictionary(
            Type=Name.Font, Subtype=Name.CIDFontType0, BaseFont=Name("/Own"), CIDSystemInfo=system,
            FontDescriptor=pdf.make_indirect(descriptor),
        )  # fmt: skip
        page.Resources.Font.O = pdf.make_indirect(
            Dictionary(
                Type=Name.Font,
                Subtype=Name.Type0,
                BaseFont=Name("/Own"),
                Encoding=encoding(pdf),
                DescendantFonts=Array([pdf.make_indirect(descendant)]),
            )
        )
        form = pdf.make_stream(f"BT 1 0 0 1 150 20 Tm {within} ET".encode())
        form.update(Dictionary(Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 400, 400])))
        page.Resources.XObject = Dictionary(W=form)
        said = f"BT /O 30 Tf 20 20 Td {shown} ET /W Do"
        page.Contents = Array([page.Contents, Stream(pdf, said.encode())])

    return page_file(mend)


def identity(pdf: Pdf) -> Any:
    return Name("/Identity-H")


def drawn(data: bytes) -> bytes:
    return bytes(pypdfium2.PdfDocument(data)[0].render(scale=1).to_numpy().tobytes())


def glyphs(output: bytes) -> set[int]:
    """The CIDs that draw anything in the only font of CIDs."""
    with pikepdf.open(io.BytesIO(output)) as pdf:
        (program,) = (
            read_cff(found.read_bytes())
            for found in pdf.objects
            if isinstance(found, pikepdf.Stream) and found.get("/Subtype") == "/CIDFontType0C"
        )
    return {
        cid
        for cid, glyph in zip(program.cids, program.glyphs, strict=True)
        if glyph.steps or glyph.code.strip(b"\x0e")
    }


def test_glyphs_that_no_page_shows_are_left_out() -> None:
    assert len(large_font()) > LARGE
    first, second = _FIRST + 5, _FIRST + 2_000
    data = with_font(
        large_font(),
        encoding=identity,
        shown=f"<{first:04X}> Tj",
        within=f"[<{second:04X}> -20 (\\003\\362)] TJ",
    )
    output, result = clean(data, "a.pdf")
    assert result.method == "rebuilt"
    assert {first, second, 0x03F2} <= glyphs(output)
    assert len(glyphs(output)) < 20
    assert drawn(output) == drawn(data)


def test_a_font_whose_codes_are_mapped_stays_whole() -> None:
    said = b"""begincmap /CMapName /Own def 1 begincodespacerange <0000> <ffff> endcodespacerange
        1 begincidrange <0001> <0100> %d endcidrange endcmap""" % (_FIRST + 1_500)
    data = with_font(large_font(), encoding=lambda pdf: pdf.make_stream(said), shown="<0001> Tj")
    output, result = clean(data, "a.pdf")
    assert result.method == "rebuilt"
    assert len(glyphs(output)) == _GLYPHS
    assert drawn(output) == drawn(data)


def test_of_a_collection_of_fonts_only_what_shows_is_written() -> None:
    """Some programs embed the whole file of a system font."""
    tables = {name: table for name, table in font_tables().items() if name in {b"head", b"hhea", b"hmtx"}}
    tables |= {b"CFF ": large_font(), b"maxp": struct.pack(">IH", 0x5000, _GLYPHS)}
    head = struct.pack(">4sIII", b"ttcf", 0x10000, 1, 16)
    data = with_font(head + b"OTTO" + font_file(tables, len(head))[4:], encoding=identity, shown="<0005> Tj")
    output, result = clean(data, "a.pdf")
    assert result.method == "rebuilt"  # so it looks the same
    assert 5 in glyphs(output)
    assert len(glyphs(output)) < 20


def test_a_large_font_that_cannot_be_read_leaves_a_picture() -> None:
    data = with_font(large_font()[: LARGE + 9], encoding=identity, shown=f"<{_FIRST:04X}> Tj")
    assert clean(data, "a.pdf")[1].method == "pixel"
