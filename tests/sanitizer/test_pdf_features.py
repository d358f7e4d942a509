"""Rebuilt PDF, one feature of real documents at a time: what shows stays, what hides beside it goes."""

import base64
import io
import re
import struct
import zlib
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String

from sekisho.sanitizer import Policy, sanitize
from sekisho.sanitizer.formats.pdf_parts import tokens
from sekisho.sanitizer.formats.pdf_parts.truetype import rewritten_truetype, tables_of
from sekisho.sanitizer.verify import find_complaint
from sekisho.sanitizer.words import all_words

from .attacks.pdf import MARKER, VISIBLE, page_file
from .passing import clean, codes
from .pdf_fonts import collection, truetype
from .pdf_samples import SAMPLES, SQUARE, column, draw, image, sample
from .test_pdf import PIXEL, REBUILT, everything_in, text_of


@pytest.mark.parametrize("name", SAMPLES)
def test_a_feature_comes_through_without_what_it_hides(name: str) -> None:
    source = sample(name)
    output, result = clean(source, "a.pdf", REBUILT)
    assert result.report.fidelity["similarity_worst"] > 0.98
    assert text_of(output).split()[:2] == text_of(source).split()[:2] == VISIBLE.split()
    assert MARKER.encode() not in everything_in(output)
    again, _result = clean(output, "a.pdf", REBUILT)
    assert text_of(again) == text_of(output)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_picture_of_a_page_says_all_that_the_page_said(name: str) -> None:
    source = sample(name)
    output, _result = clean(source, "a.pdf", PIXEL)
    written_by_hand = "Filled in" if name == "filled_form" else ""
    said = text_of(source) + written_by_hand
    assert sorted("".join(text_of(output).split())) == sorted("".join(said.split()))


def test_a_picture_of_a_page_does_not_say_what_a_hidden_layer_says() -> None:
    def mend(pdf: Pdf, page: Any) -> None:
        hidden = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String("b")))
        pdf.Root.OCProperties = Dictionary(OCGs=Array([hidden]), D=Dictionary(OFF=Array([hidden])))
        draw(pdf, page, f"/OC /B BDC BT /F 12 Tf 20 60 Td ({MARKER}) Tj ET EMC"
             " BT 3 Tr /F 12 Tf 20 30 Td (Recognized) Tj ET", Properties={"/B": hidden})  # fmt: skip

    output, result = clean(page_file(mend), "a.pdf", PIXEL)
    assert MARKER not in text_of(output)
    assert "Recognized" in text_of(output)  # as it lies under scans
    assert "pdf.hidden_text" in codes(result)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("https://www.example.lg.jp/計画", b"https://www.example.lg.jp/%E8%A8%88%E7%94%BB"),
        ("https://www.example.lg.jp/計画".encode("utf-16-le"), None),
        (b"\xff\xfe" + "https://www.example.lg.jp/計".encode("utf-16-le"), b"https://www.example.lg.jp/%E8%A8%88"),
        ("https://www.example.lg.jp/計".encode("cp932"), b"https://www.example.lg.jp/%8Cv"),
        ("https://www.example.lg.jp/計".encode(), b"https://www.example.lg.jp/%E8%A8%88"),
        (b"\xfe\xff" + "javascript:1//https://a".encode("utf-16-be"), None),
    ],
)  # fmt: skip
@pytest.mark.parametrize("policy", [REBUILT, PIXEL], ids=lambda policy: policy.name)
def test_an_address_written_in_any_encoding_leads_there(
    written: str | bytes, kept: bytes | None, policy: Policy
) -> None:
    def mend(pdf: Pdf, page: Any) -> None:
        action = Dictionary(S=Name.URI, URI=String(written))
        page.Annots = Array(
            [Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([1, 2, 30, 40]), A=action)]
        )

    output, _result = clean(page_file(mend), "a.pdf", policy)
    made = pikepdf.open(io.BytesIO(output))
    links = [bytes(link.A.URI) for link in made.pages[0].get("/Annots", ())]
    assert links == ([kept] if kept else [])


def test_a_column_set_letter_by_letter_is_found_as_one_word() -> None:
    output, _result = clean(page_file(column), "a.pdf", PIXEL)
    assert "縦書、𠮟" in text_of(output)


@pytest.mark.parametrize(
    "saving",
    [
        {"object_stream_mode": pikepdf.ObjectStreamMode.generate},
        {"linearize": True},
        {"qdf": True},
        {"compress_streams": False},
    ],
)
def test_however_a_file_was_saved_the_same_comes_out(saving: dict[str, Any]) -> None:
    plain, _result = clean(sample("nested_forms"), "a.pdf", REBUILT)
    assert clean(sample("nested_forms", **saving), "a.pdf", REBUILT)[0] == plain


# -- palettes -----------------------------------------------------------------------------------------------------


def _palette_of(output: bytes) -> tuple[int, bytes]:
    made = pikepdf.open(io.BytesIO(output))
    (picture,) = made.pages[0].Resources.XObject.values()
    return int(picture.BitsPerComponent), bytes(picture.ColorSpace[3])


@pytest.mark.parametrize("name", ["palette_4", "palette_8", "palette_masked"])
def test_a_palette_holds_the_colours_that_show_in_order(name: str) -> None:
    output, _result = clean(sample(name), "a.pdf", REBUILT)
    assert _palette_of(output) == (1, bytes([0, 0, 255, 255, 0, 0]))


def test_the_reader_dislikes_a_palette_out_of_order() -> None:
    output, _result = clean(sample("palette_8"), "a.pdf", REBUILT)
    assert find_complaint(io.BytesIO(output), "pdf") is None
    turned = output.replace(b"<0000ffff0000>", b"<ff00000000ff>")
    complaint = find_complaint(io.BytesIO(turned), "pdf")
    assert complaint is not None
    assert "palette" in complaint.place


def test_a_palette_to_paint_with_is_left_out() -> None:
    def mend(pdf: Pdf, page: Any) -> None:
        space = Array([Name.Indexed, Name.DeviceRGB, 3, String(MARKER.encode()[:12].ljust(12))])
        draw(pdf, page, "/S cs", ColorSpace={"/S": pdf.make_indirect(space)})

    output, _result = clean(page_file(mend), "a.pdf", REBUILT)
    assert b"/Indexed" not in output
    assert MARKER.encode()[3:12] not in everything_in(output)


# -- fonts --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("program", [truetype, collection])
def test_names_of_glyphs_stand_where_readers_look(program: Any) -> None:
    tables = tables_of(rewritten_truetype(program()))
    assert set(tables) == {b"cmap", b"glyf", b"head", b"hhea", b"hmtx", b"loca", b"maxp", b"post"}
    post = tables[b"post"]
    assert post[:4] == b"\x00\x02\x00\x00"
    assert struct.unpack_from(">3H", post, 32) == (2, 0, 258)
    assert post[38:] == b"\x06square"
    assert MARKER.encode() not in rewritten_truetype(program())


def test_a_font_used_twice_is_written_once() -> None:
    def mend(pdf: Pdf, page: Any) -> None:
        SAMPLES["truetype"](pdf, page)
        twin = Dictionary(dict(page.Resources.Font.O.items()))
        twin.FontDescriptor = Dictionary(dict(twin.FontDescriptor.items()))
        twin.FontDescriptor.FontFile2 = pdf.make_stream(truetype())
        page.Resources.Font.P = pdf.make_indirect(twin)
        page.contents_add(Stream(pdf, b"BT /P 20 Tf 100 150 Td (A) Tj ET"))

    output, _result = clean(page_file(mend), "a.pdf", REBUILT)
    assert output.count(b"/Length1") == 1


# -- damage -------------------------------------------------------------------------------------------------------


def test_nothing_is_left_of_what_turned_out_unreadable() -> None:
    def mend(pdf: Pdf, page: Any) -> None:
        mask = image(pdf, bytes(1800), ColorSpace=Name.DeviceGray, BitsPerComponent=8)
        broken = image(
            pdf, bytes(10), ColorSpace=Name.Unknown, BitsPerComponent=8, SMask=pdf.make_indirect(mask)
        )
        draw(pdf, page, "q 9 0 0 9 0 0 cm /I Do Q", XObject={"/I": broken})

    output, result = clean(page_file(mend), "a.pdf", REBUILT)
    assert "pdf.content" in codes(result)
    assert b"/Subtype /Image" not in output


@pytest.mark.parametrize(
    "content",
    [b"(never closed", b"1 0 0 1 << cm", b"\xff\xfe\x9c Tj q", b"/F\xca 9 Tf (x) Tj", b"[[[[ 1 ] d"],
)
def test_damaged_content_is_refused_in_words_or_left_out(content: bytes) -> None:
    def mend(pdf: Pdf, page: Any) -> None:
        page.Contents = Array([page.Contents, Stream(pdf, content)])

    result = sanitize(page_file(mend), REBUILT, name="a.pdf")
    assert result.is_clean or result.report.refusal == "input.broken"
    assert clean(page_file(mend), "a.pdf")[1].method in {"rebuilt", "pixel"}


def test_a_page_that_cannot_be_loaded_is_refused_in_words() -> None:
    data = page_file(lambda pdf, page: pdf.add_blank_page(), qdf=True)
    broken = data.replace(b"/Type /Page\n", b"/Type /Pave\n", 1)
    assert sanitize(broken, REBUILT, name="a.pdf").report.refusal in {"input.broken", "fidelity.failed", None}


# -- content, read by patterns and by qpdf ------------------------------------------------------------------------

STRINGS = b"(a\\(b\\)c(d)e\\101\\n\\\r\nx) Tj (a\rb\r\nc) Tj <4142 4> Tj (x)' 1 2(y)\""
CONTENTS = (
    STRINGS,
    b"[(a)-3.5<41 4>.5(\\051\\n)+2]TJ [(x) 5 ]TJ []TJ",
    b"/A#20B 12 Tf % hi (\n1 0 0 1 0 0 cm 1 2 3 4 5 6 7 cm .5 w 5. w +3 w 1.5.5 w --3 w",
    b"/P<</MCID 0/A(x)>>BDC EMC <</A<</B 1>>>> /X DP true false null foo",
    b"123456789012 w 0.00000000001 w -0 w 1 w\x002 w [3 2]0 d [1 [2]] 0 d",
    b"/F1 12 Tf/c0 cs /X.1 Do /F1 12 Tf\n/F1 8. Tf /P\nscn 0 /P scn (a\\(\\101\\7\\\\) Tj [(\\)b)2(\\478)]TJ",
    b"1 2 m\n3 4 l\nS\n1 2 3 4 re\nf*\n1 2 m\n1 2 3 4 5 6 c\nh\nb\n1 2 3 4 5 c\n1 2 l\nQ\n/OC /A BDC 1 2 m\n",
    b"/OC/A BDC /Span/B BDC",
    b"1 2 m 3 4 l S 1 2 m\r\n 3  4 l h S n\tf* B* 1 2 3 4 re W n W* n 1 2 m -1 .5 l S S S S S S 1 2 m s b b* f B 5 w",
    b"1 2 m 3 4 l S",
    b"q BI /W 1 /H 1 /CS /G /BPC 8 ID x EI Q 1 0 0 rg/F1 9 Tf(x)Tj",
)


def _plain(value: Any) -> Any:
    if isinstance(value, (bytes, pikepdf.String)):
        return bytes(value)
    if isinstance(value, (list, Array)):
        return [_plain(one) for one in value]
    if isinstance(value, (Name, Dictionary)):
        return value.unparse()
    return value if value is None or isinstance(value, bool) else float(value)


def _told(found: Any) -> list[Any]:
    """Instructions in one form, whichever way they were read."""
    told: list[Any] = []
    for one in found:
        if type(one) is bytes:
            for line in one.decode().split("\n"):
                *amounts, operator = line.split()
                told.append((operator, [float(amount) for amount in amounts]))
        elif isinstance(one, pikepdf.ContentStreamInlineImage):
            told.append("picture")
        elif one[1] and type(one[1][-1]) is tokens.Raw:
            told.append((one[0], [_plain(pikepdf.Object.parse(b"[%s]" % one[1][-1]))]))
        else:
            told.append((one[0], [_plain(value) for value in one[1]]))
    return told


@pytest.mark.parametrize("content", CONTENTS)
def test_patterns_read_content_as_qpdf_does(content: bytes) -> None:
    pdf = Pdf.new()
    assert _told(tokens.instructions(pdf, content)) == _told(tokens.read_by_qpdf(pdf, content))


def test_marks_that_can_say_nothing_are_read_without_operands() -> None:
    marks = b"/Span<</Lang/en>>BDC /OCR BMC /Span <</ActualText(x)>> BDC /P <</MCID 0>> BDC"
    found = tokens.instructions(Pdf.new(), marks)
    told = [("BMC", False), ("BMC", False), ("BDC", True), ("BDC", True)]
    assert [(one[0], bool(one[1])) for one in found] == told


def test_every_code_of_the_handlers_has_words() -> None:
    sources = (
        Path(tokens.__file__).parents[1].rglob("pdf*/*.py"),
        Path(tokens.__file__).parents[1].glob("pdf*.py"),
    )
    said = {
        code
        for files in sources
        for file in files
        for code in re.findall(r'"(pdf\.[a-z_]+)"', file.read_text())
    }
    assert len(said) > 20
    assert said - set(all_words()) == set()


# A red square whose right half is magenta, as a JPEG that loses nothing (ITU-T T.81, annex H) and has no tables to keep.
_LOSSLESS = base64.b64decode(
    "/9j/7gAOQWRvYmUAZAAAAAAA/8MAEQgACAAIA1IRAEcRAEIRAP/EABYAAQEBAAAAAAAAAAAAAAAAAAAIB//aAAwDUgBHAEIAAQAA3qf5/ABf"
    "QAAAL6AAABfQAAAL6AAABfQAAAL6AAABfQAAAL6AH//Z"
)


def test_a_jpeg_that_loses_nothing_is_kept() -> None:
    def mend(pdf: Pdf, page: Any) -> None:
        made = image(pdf, b"", (8, 8), ColorSpace=Name.DeviceRGB, BitsPerComponent=8)
        made.write(_LOSSLESS, filter=Name.DCTDecode)
        draw(pdf, page, SQUARE, XObject={"/I": made})

    output, _result = clean(page_file(mend), "a.pdf", REBUILT)
    shown = pypdfium2.PdfDocument(output)[0].render(scale=1).to_pil().convert("RGB")
    left, right = shown.getpixel((160, 150)), shown.getpixel((260, 150))
    assert left[0] > 200 > 60 > left[2]
    assert min(right[0], right[2]) > 200


# -- large files --------------------------------------------------------------------------------------------------


def test_a_large_file_is_read_from_where_it_lies(tmp_path: Path) -> None:
    """Past 16 MB the source and what is made of it are never in memory as a whole."""

    def mend(pdf: Pdf, page: Any) -> None:
        for number in range(24):
            pdf.add_blank_page(page_size=(300, 200))
            noise = zlib.compress(bytes((number + at * 7) % 256 for at in range(1800)) * 450, 0)
            made = image(pdf, b"", (1800, 450), ColorSpace=Name.DeviceGray, BitsPerComponent=8)
            made.write(noise, filter=Name.FlateDecode)
            draw_on = pdf.pages[-1]
            draw_on.Resources = Dictionary(XObject=Dictionary(I=pdf.make_indirect(made)))
            draw_on.Contents = Stream(pdf, b"q 300 0 0 200 0 0 cm /I Do Q")

    data = page_file(mend, recompress_flate=False)
    assert len(data) > 17 << 20
    (tmp_path / "large.pdf").write_bytes(data + b"\n")
    result = sanitize(tmp_path / "large.pdf", REBUILT, name="large.pdf")
    assert result.is_clean, result.report.refusal
    assert result.report.fidelity["pages_compared"] == 25
    assert find_complaint(io.BytesIO(result.output or b""), "pdf") is None
