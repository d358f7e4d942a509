"""Traits of real files that are not quite as they should be, and come through as readers show them."""

import io
import re
import struct
from typing import Any

import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String
from PIL import Image

from sekisho.sanitizer import Policy, sanitize
from sekisho.sanitizer.formats.pdf_parts import cmaps
from sekisho.sanitizer.formats.pdf_parts.cff import read_cff
from sekisho.sanitizer.formats.pdf_parts.cff_writer import written_cff
from sekisho.sanitizer.formats.pdf_parts.outlines import Glyph, Program
from sekisho.sanitizer.formats.pdf_parts.truetype import rewritten_truetype, tables_of
from sekisho.sanitizer.formats.pdf_parts.values import Unreadable

from .attacks.pdf import VISIBLE, page_file
from .passing import clean, codes
from .pdf_fonts import font_file, font_tables
from .pdf_samples import draw, encoded, image
from .test_pdf import PIXEL, REBUILT, text_of


def _drawn(output: bytes) -> Any:
    return pypdfium2.PdfDocument(output)[0].render(scale=1).to_pil().convert("RGB")


def _colours_in(output: bytes, box: tuple[int, int, int, int]) -> set[tuple[int, ...]]:
    """The colours in a part of the page, in its own units (300 by 200, from below)."""
    left, bottom, right, top = box
    part = _drawn(output).crop((left, 200 - top, right, 200 - bottom))
    return {colour for _count, colour in part.getcolors(100_000)}


# -- comments without an appearance -------------------------------------------------------------------------------

_QUAD = Array([40, 60, 100, 60, 40, 40, 100, 40])
_COMMENTS: dict[str, tuple[dict[str, Any], tuple[int, int, int, int]]] = {
    "Highlight": ({"QuadPoints": _QUAD}, (60, 45, 80, 55)),
    "Underline": ({"QuadPoints": _QUAD}, (60, 40, 80, 42)),
    "StrikeOut": ({"QuadPoints": _QUAD}, (60, 49, 80, 51)),
    "Squiggly": ({"QuadPoints": _QUAD}, (60, 39, 80, 43)),
    "Square": ({"BS": Dictionary(W=4)}, (41, 45, 43, 55)),
    "Circle": ({"IC": Array([1, 0, 0])}, (60, 45, 80, 55)),
    "Ink": ({"InkList": Array([Array([40, 50, 100, 50])]), "BS": Dictionary(W=4)}, (60, 49, 80, 51)),
    "Line": ({"L": Array([40, 50, 100, 50]), "BS": Dictionary(W=4)}, (60, 49, 80, 51)),
    "PolyLine": ({"Vertices": Array([40, 50, 100, 50]), "Border": Array([0, 0, 4])}, (60, 49, 80, 51)),
    "Polygon": ({"Vertices": Array([40, 40, 100, 40, 70, 90]), "IC": Array([1, 0, 0])}, (65, 45, 75, 55)),
    "Caret": ({}, (65, 41, 75, 45)),
    "Stamp": ({"Name": Name.NotApproved}, (50, 45, 90, 55)),
    "Redact": ({"QuadPoints": _QUAD}, (60, 39, 80, 42)),
}


def _commented(kind: str) -> bytes:
    def mend(pdf: Pdf, page: Any) -> None:
        page.Annots = Array([Dictionary(
            Type=Name.Annot, Subtype=Name(f"/{kind}"), Rect=Array([40, 40, 100, 60]), C=Array([1, 0, 0]), F=4,
            Contents=String("see here"), **_COMMENTS[kind][0],
        )])  # fmt: skip

    return page_file(mend)


@pytest.mark.parametrize("policy", [REBUILT, PIXEL], ids=["rebuilt", "pixel"])
@pytest.mark.parametrize("kind", _COMMENTS)
def test_a_comment_without_an_appearance_is_drawn_as_it_says(kind: str, policy: Any) -> None:
    output, result = clean(_commented(kind), "a.pdf", policy)
    assert any(red - green > 60 for red, green, _blue in _colours_in(output, _COMMENTS[kind][1]))
    assert "pdf.comments_drawn" in codes(result)
    assert VISIBLE in text_of(output)


def test_a_comment_that_does_not_leave_is_not_drawn() -> None:
    output, result = clean(_commented("Highlight"), "a.pdf", "outbound")
    assert all(green > 200 for _red, green, _blue in _colours_in(output, _COMMENTS["Highlight"][1]))
    assert "pdf.comments_drawn" not in codes(result)
    assert "pdf.comment_lost" in codes(result)


@pytest.mark.parametrize(
    ("entries", "border", "colour"),
    [
        ({"Border": Array([0, 0, 1]), "C": Array([1, 0, 0])}, [0, 0, 1], [1, 0, 0]),
        ({"Border": Array([9, 9, 2, Array([3, 2])])}, [0, 0, 2, [3, 2]], None),
        ({"BS": Dictionary(W=3, S=Name.D, D=Array([4])), "Border": Array([0, 0, 0])}, [0, 0, 3, [4]], None),
        ({"Border": Array([0, 0, 1]), "C": Array([])}, [0, 0, 0], None),
        ({"Border": Array([0, 0, 1, Array([Name.JavaScript])]), "C": Array([7, 0, 0])}, [0, 0, 1], None),
        ({}, [0, 0, 1], None),
        ({"Border": Array([0, 0, 0])}, [0, 0, 0], None),
    ],
)
def test_a_link_keeps_its_frame(entries: dict[str, Any], border: list[Any], colour: Any) -> None:
    def mend(pdf: Pdf, page: Any) -> None:
        action = Dictionary(S=Name.URI, URI=String("https://www.example.lg.jp/"))
        page.Annots = Array(
            [
                Dictionary(
                    Type=Name.Annot, Subtype=Name.Link, Rect=Array([20, 90, 120, 120]), A=action, **entries
                )
            ]
        )

    output, _result = clean(page_file(mend), "a.pdf", REBUILT)
    pdf = pikepdf.open(_file(output))
    link = pdf.pages[0].Annots[0]
    plain = [[int(part) for part in item] if isinstance(item, Array) else int(item) for item in link.Border]
    assert plain == border
    assert (list(link.C) if "/C" in link else None) == colour


@pytest.mark.filterwarnings("ignore:.*not reachable from /AcroForm")
@pytest.mark.parametrize("policy", [REBUILT, PIXEL], ids=["rebuilt", "pixel"])
@pytest.mark.parametrize("keeps_form", [True, False])
def test_what_is_filled_into_the_fields_of_a_page_taken_out_of_a_form_shows(
    keeps_form: bool, policy: Any
) -> None:
    def mend(pdf: Pdf, page: Any) -> None:
        look = Stream(pdf, b"1 0 0 rg 0 0 60 20 re f 0 g BT /F 12 Tf 2 5 Td (filled in) Tj ET")
        look.Type, look.Subtype, look.BBox = Name.XObject, Name.Form, Array([0, 0, 60, 20])
        look.Resources = page.Resources
        field = Dictionary(
            Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T=String("a"), V=String("filled in"), F=4,
            Rect=Array([40, 40, 100, 60]), AP=Dictionary(N=pdf.make_indirect(look)),
        )  # fmt: skip
        page.Annots = Array([pdf.make_indirect(field)])
        if keeps_form:
            pdf.Root.AcroForm = Dictionary(Fields=Array([]))

    output, result = clean(page_file(mend), "a.pdf", policy)
    assert any(red - green > 60 for red, green, _blue in _colours_in(output, (42, 55, 98, 59)))
    assert "filled in" in text_of(output)
    assert VISIBLE in text_of(output)
    assert "pdf.stray_fields" in codes(result)


@pytest.mark.parametrize("method", ["rebuilt", "pixel"])
def test_links_that_a_policy_does_not_keep_are_said_to_be_gone(method: str) -> None:
    def mend(pdf: Pdf, page: Any) -> None:
        action = Dictionary(S=Name.URI, URI=String("https://www.example.lg.jp/"))
        page.Annots = Array(
            [Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([20, 90, 120, 120]), A=action)]
        )

    policy = Policy.from_dict({"name": "no-links", "methods": {"pdf": method}, "keep": {"links": False}})
    output, result = clean(page_file(mend), "a.pdf", policy)
    assert b"example.lg.jp" not in output
    assert [removal.count for removal in result.report.removed if removal.code == "pdf.link_left_out"] == [1]


# -- files that one parser cannot open ----------------------------------------------------------------------------


@pytest.mark.parametrize("policy", [REBUILT, PIXEL], ids=["rebuilt", "pixel"])
def test_what_only_one_parser_opens_is_mended(policy: Any) -> None:
    broken = re.sub(rb"trailer\s*<<", b"trailer << /Encrypt (none)", page_file(qdf=True))
    with pytest.raises(pikepdf.PdfError):
        pikepdf.open(_file(broken))
    output, result = clean(broken, "a.pdf", policy)
    assert VISIBLE in text_of(output)
    assert "pdf.pages_mended" in codes(result)


@pytest.mark.parametrize("policy", [REBUILT, PIXEL], ids=["rebuilt", "pixel"])
def test_a_password_that_is_for_attachments_alone_is_not_asked_for(policy: Any) -> None:
    """The pages open to anybody (7.6.5: ``StmF`` and ``StrF`` are ``Identity``); what is attached does not come through."""
    locked = pikepdf.open(
        _file(page_file(encryption=pikepdf.Encryption(user="u", owner="o", R=6))), password="u"
    )
    rules = locked.trailer.Encrypt
    rules.StmF = rules.StrF = Name.Identity
    rules.EFF = Name.StdCF
    rules.CF.StdCF.AuthEvent = Name.EFOpen
    told = b"trailer << /Encrypt " + rules.unparse(resolved=True)
    output, result = clean(re.sub(rb"trailer\s*<<", lambda _: told, page_file(qdf=True)), "a.pdf", policy)
    assert VISIBLE in text_of(output)
    assert "pdf.password_removed" in codes(result)


@pytest.mark.parametrize("policy", [REBUILT, PIXEL], ids=["rebuilt", "pixel"])
def test_a_password_longer_than_counts_opens(policy: Any) -> None:
    """Of a password 127 bytes count (7.6.4.3.3): qpdf and pdfium do not agree on where that is so."""
    locked = page_file(encryption=pikepdf.Encryption(user="long" * 40, owner="o", R=6))
    output, result = clean(locked, "a.pdf", policy, password="long" * 40)
    assert VISIBLE in text_of(output)
    assert "pdf.password_removed" in codes(result)
    assert "pdf.pages_mended" not in codes(result)
    refused = sanitize(locked, policy, name="a.pdf", password="short")
    assert refused.report.refusal == "input.wrong_password"


@pytest.mark.parametrize(("password", "refusal"), [(None, "encrypted"), ("wrong", "wrong_password")])
def test_an_empty_password_of_the_owner_leaves_no_file_open(password: str | None, refusal: str) -> None:
    locked = page_file(encryption=pikepdf.Encryption(user="secret", owner="", R=6))
    pikepdf.open(_file(locked)).close()
    result = sanitize(locked, "inbound", name="a.pdf", password=password)
    assert result.report.refusal == f"input.{refusal}"


@pytest.mark.parametrize("policy", [REBUILT, PIXEL], ids=["rebuilt", "pixel"])
def test_pages_that_only_qpdf_finds_a_way_to_are_mended(policy: Any) -> None:
    """A number stands before the trailer's dictionary."""
    broken = re.sub(rb"trailer\s*<<", b"trailer 3 <<", page_file(qdf=True))
    with pytest.raises(pypdfium2.PdfiumError):
        pypdfium2.PdfDocument(broken)
    output, result = clean(broken, "a.pdf", policy)
    assert VISIBLE in text_of(output)
    assert "pdf.pages_mended" in codes(result)


# -- pictures -----------------------------------------------------------------------------------------------------


def test_a_picture_of_runs_of_bytes_is_kept() -> None:
    """``RunLengthDecode``, which qpdf counts among the special filters."""

    def mend(pdf: Pdf, page: Any) -> None:
        rows = b"".join(bytes([257 - 60, row * 8]) for row in range(30))
        made = image(pdf, b"", ColorSpace=Name.DeviceGray, BitsPerComponent=8)
        made.write(rows + b"\x80", filter=Name.RunLengthDecode)
        draw(pdf, page, "q 100 0 0 50 150 20 cm /I Do Q", XObject={"/I": made})

    output, result = clean(page_file(mend), "a.pdf", REBUILT)
    assert "pdf.content" not in codes(result)
    assert len(_colours_in(output, (160, 25, 240, 65))) > 1


@pytest.mark.parametrize("mode", ["I;16", "CMYK"])
def test_a_jpeg_2000_picture_of_many_bits_or_inks_keeps_its_colours(mode: str) -> None:
    """Sixteen bits a component, of which white is the largest number; and inks, of which it is none."""
    picture = Image.new(mode, (60, 30), 0xFFFF if mode == "I;16" else (0, 0, 0, 0))
    picture.paste(0x1000 if mode == "I;16" else (0, 255, 255, 0), (0, 0, 30, 30))
    space = Name.DeviceGray if mode == "I;16" else Name.DeviceCMYK

    def mend(pdf: Pdf, page: Any) -> None:
        made = image(pdf, b"", ColorSpace=space, BitsPerComponent=8)
        made.write(encoded(picture, "JPEG2000"), filter=Name.JPXDecode)
        draw(pdf, page, "q 100 0 0 50 150 20 cm /I Do Q", XObject={"/I": made})

    output, _result = clean(page_file(mend), "a.pdf", REBUILT)
    assert all(min(colour) > 240 for colour in _colours_in(output, (205, 25, 240, 65)))
    assert all(green < 90 for _red, green, _blue in _colours_in(output, (155, 25, 190, 65)))


# -- fonts --------------------------------------------------------------------------------------------------------


def _glyph(program: bytes, index: int) -> bytes:
    tables = tables_of(rewritten_truetype(program))
    offsets = struct.unpack(f">{len(tables[b'loca']) // 4}I", tables[b"loca"])
    return tables[b"glyf"][offsets[index] : offsets[index + 1]]


def test_glyphs_that_do_not_lie_in_order_are_kept() -> None:
    """Subsetters that leave places of dropped glyphs at nought: what follows a glyph is no end of it."""
    tables = font_tables()
    square = tables[b"glyf"]
    tables |= {b"glyf": bytes(4) + square, b"loca": struct.pack(">3H", 0, 2, 0)}
    assert _glyph(font_file(tables), 1)
    assert _glyph(font_file(tables), 1) == _glyph(font_file(font_tables()), 1)


def test_a_character_table_by_high_bytes_leads_to_the_same_glyphs() -> None:
    """Format 2 (OpenType, "cmap"): here one range of single bytes, and one for the lead byte 0x82."""
    keys = [8 if lead == 0x82 else 0 for lead in range(256)]
    ranges = struct.pack(">HHhH", 65, 1, 0, 2 + 8) + struct.pack(">HHhH", 0xA0, 1, 0, 2 + 2)
    body = struct.pack(">256H", *keys) + ranges + struct.pack(">2H", 1, 1)
    table = struct.pack(">HHH", 2, 6 + len(body), 0) + body
    held = font_tables() | {b"cmap": struct.pack(">HHHHI", 0, 1, 3, 1, 12) + table}
    cmap = tables_of(rewritten_truetype(font_file(held)))[b"cmap"]
    assert _codes_of(cmap) == {65, 0x82A0}


def test_a_list_of_character_tables_longer_than_it_is_ends_where_it_ends() -> None:
    cmap = bytearray(font_tables()[b"cmap"])
    cmap[2:4] = struct.pack(">H", 25)
    rewritten = tables_of(rewritten_truetype(font_file(font_tables() | {b"cmap": bytes(cmap)})))
    assert _codes_of(rewritten[b"cmap"]) == {65}


def test_a_glyph_that_cannot_be_followed_stays_empty() -> None:
    first, second, third, fourth = (
        Glyph(1000, [("M", 0, 0), ("L", side, 0), ("L", side, side)]) for side in (100, 200, 300, 400)
    )
    odd = Glyph(1000, code=b"\x0a\x0e")  # calls a subroutine, and does not say which
    names = [".notdef", "a", "b", "c", "d", "e"]
    made = read_cff(written_cff(Program([Glyph(), first, odd, second, third, fourth], names=names)))
    assert [bool(glyph.steps or len(glyph.code) > 1) for glyph in made.glyphs] == [
        False,
        True,
        False,
        True,
        True,
        True,
    ]
    with pytest.raises(Unreadable):
        read_cff(written_cff(Program([Glyph(), odd, odd], names=names[:3])))


def test_a_font_file_without_a_byte_is_none() -> None:
    def mend(pdf: Pdf, page: Any) -> None:
        descriptor = Dictionary(
            Type=Name.FontDescriptor,
            FontName=Name.Own,
            Flags=32,
            FontFile3=pdf.make_stream(b"", Subtype=Name.Type1C),
        )
        font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Own, FontDescriptor=descriptor)
        page.Resources.Font.O = pdf.make_indirect(font)
        draw(pdf, page, "BT /O 20 Tf 20 20 Td (also here) Tj ET")

    output, result = clean(page_file(mend), "a.pdf", REBUILT)
    assert "also here" in text_of(output)
    assert "pdf.font_dropped" in codes(result)


def test_a_text_that_counts_past_the_last_letter_does_no_harm() -> None:
    found = cmaps.parsed(
        b"1 beginbfrange <0041> <0043> <ffff> endbfrange 1 beginbfchar <0050> <0051> endbfchar"
    )
    assert found.unicode[0x50, 2] == "Q"


def _codes_of(cmap: bytes) -> set[int]:
    """The codes in the format 4 table that we write."""
    (at,) = struct.unpack_from(">I", cmap, 8)
    count = struct.unpack_from(">H", cmap, at + 6)[0] // 2
    ends = struct.unpack_from(f">{count}H", cmap, at + 14)
    starts = struct.unpack_from(f">{count}H", cmap, at + 16 + 2 * count)
    runs = zip(starts, ends, strict=True)
    return {code for low, high in runs for code in range(low, high + 1)} - {0xFFFF}


def _file(data: bytes) -> io.BytesIO:
    return io.BytesIO(data)
