"""Fonts that are not as the standard says and that readers show all the same."""

import re
import struct
from typing import Any

import pypdfium2
import pytest
from pikepdf import Dictionary, Name, Pdf

from sekisho.sanitizer.formats.pdf_parts.cff import read_cff
from sekisho.sanitizer.formats.pdf_parts.cff_writer import written_cff
from sekisho.sanitizer.formats.pdf_parts.outlines import Glyph, Program

from .attacks.pdf import page_file
from .passing import clean
from .pdf_samples import SAMPLES, draw
from .test_pdf import REBUILT

_SQUARE = Glyph(1000, [("M", 0, 0), ("L", 800, 0), ("L", 800, 800), ("L", 0, 800)])


def _with_private(odd: bytes) -> bytes:
    """A CFF program with these bytes before what its private dictionary says."""
    data = written_cff(Program([Glyph(500), _SQUARE], names=[".notdef", "A"]))
    told = re.search(rb"\x1d(.{4})\x1d(.{4})\x12", data, re.DOTALL)
    assert told
    size, start = (int.from_bytes(number, "big") for number in told.groups())
    private = odd + data[start : start + size]
    pointer = b"\x1d%s\x1d%s\x12" % (struct.pack(">i", len(private)), struct.pack(">i", len(data)))
    return data.replace(told[0], pointer) + private


@pytest.mark.parametrize("odd", [b"\xff", b"\x1f\x8b", b"\x16", b"\x1e\x4c\x03\x4f\x14", b"\x1e\xee\xff\x06"])
def test_a_dictionary_with_what_no_reader_knows_is_read(odd: bytes) -> None:
    made = read_cff(_with_private(odd))
    assert [(glyph.width, bool(glyph.steps or len(glyph.code) > 1)) for glyph in made.glyphs] == [
        (glyph.width, bool(glyph.steps or len(glyph.code) > 1))
        for glyph in read_cff(_with_private(b"")).glyphs
    ]


def _enciphered(data: bytes, key: int) -> bytes:
    out = bytearray()
    for byte in data:
        out.append(byte ^ (key >> 8))
        key = ((out[-1] + key) * 52845 + 22719) & 0xFFFF
    return bytes(out)


def _type1(*names: str) -> bytes:
    """A Type 1 program; all but ``.notdef`` are squares, each larger than the one before."""
    codes = b""
    for at, called in enumerate(names, start=1):
        side = b"\xf7" + bytes([at * 40])  # 108 and more
        square = b"\x8b\xf9\x8c\x0d" + (
            b"" if called == ".notdef" else b"\x8b\x8b\x15" + side + b"\x06" + side + b"\x07\x09"
        )
        code = _enciphered(b"\0\0\0\0" + square + b"\x0e", 4330)
        codes += b"/%s %d RD %s ND\n" % (called.encode(), len(code), code)
    private = b"dup /Private 8 dict dup begin /lenIV 4 def /CharStrings %d dict dup begin\n%send end\n" % (
        len(names),
        codes,
    )
    clear = b"%!PS-AdobeFont-1.0: Own\n/FontMatrix [0.001 0 0 0.001 0 0] def\n/Encoding StandardEncoding def\n/FontBBox {0 0 1000 1000} def\ncurrentfile eexec\n"
    return clear + _enciphered(b"\0\0\0\0" + private, 55665)


@pytest.mark.parametrize("names", [(".notdef", "A", "B"), ("A", ".notdef", "B"), ("A", "B", ".notdef")])
def test_a_type_1_program_in_a_font_of_many_letters_shows_its_glyphs_by_number(
    names: tuple[str, ...],
) -> None:
    def mend(pdf: Pdf, page: Any) -> None:
        SAMPLES["opentype_by_number"](pdf, page)
        descriptor = page.Resources.Font.O.DescendantFonts[0].FontDescriptor
        del descriptor["/FontFile3"]
        descriptor["/FontFile"] = pdf.make_stream(_type1(*names))
        page.Resources.Font.O.DescendantFonts[0].CIDToGIDMap = Name.Identity
        draw(pdf, page, "BT /O 60 Tf 20 20 Td <000100020000> Tj ET")

    source = page_file(mend)
    output, result = clean(source, "a.pdf", REBUILT)
    shown = [
        pypdfium2.PdfDocument(data)[0].render(scale=2, grayscale=True).to_pil() for data in (source, output)
    ]
    assert shown[0].tobytes() == shown[1].tobytes()
    assert sum(shown[1].histogram()[:128]) > 300
    assert result.report.fidelity["similarity_worst"] > 0.999


def test_a_font_of_nothing_but_the_sign_for_what_is_missing_stays() -> None:
    """As LibreOffice embeds one where no font has a letter."""

    def mend(pdf: Pdf, page: Any) -> None:
        descriptor = Dictionary(
            Type=Name.FontDescriptor, FontName=Name("/AAAAAA+Own"), Flags=4, FontBBox=[0, 0, 1000, 1000],
            ItalicAngle=0, Ascent=800, Descent=-200, CapHeight=700, StemV=80, FontFile=pdf.make_stream(_type1(".notdef")),
        )  # fmt: skip
        page.Resources.Font.O = Dictionary(
            Type=Name.Font, Subtype=Name.Type1, BaseFont=Name("/AAAAAA+Own"), FirstChar=0, LastChar=1, Widths=[500, 500],
            FontDescriptor=pdf.make_indirect(descriptor),
        )  # fmt: skip
        draw(pdf, page, "BT /O 60 Tf 20 20 Td <0101> Tj ET 20 20 30 30 re f")

    _output, result = clean(page_file(mend), "a.pdf", REBUILT)
    assert result.method == "rebuilt"
    assert result.report.fidelity["similarity_worst"] > 0.999
