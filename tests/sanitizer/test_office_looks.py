"""What people see of documents, kept as it was: sizes that follow the page, colours of links, names in charts, icons."""

import io
import re
import struct

import pytest
from PIL import Image

from sekisho.sanitizer.formats.metafile_blends import on_white
from sekisho.sanitizer.formats.ooxml.formulas import objection
from sekisho.sanitizer.verify import find_complaint
from sekisho.sanitizer.verify.office_text import formula_complaint

from .office import CELLS, document, opened, paragraph, presentation, rewritten, shape, workbook
from .passing import clean, codes

_WP14 = "http://schemas.microsoft.com/office/word/2010/wordprocessingDrawing"
_WPS = "http://schemas.microsoft.com/office/word/2010/wordprocessingShape"


def test_a_shape_whose_size_follows_the_page_goes_on_doing_so() -> None:
    sized = (
        f'<wp14:sizeRelH xmlns:wp14="{_WP14}" relativeFrom="page"><wp14:pctWidth>91000</wp14:pctWidth></wp14:sizeRelH>'
        f'<wp14:sizeRelV xmlns:wp14="{_WP14}" relativeFrom="page"><wp14:pctHeight>100000</wp14:pctHeight></wp14:sizeRelV>'
    )
    body = (
        '<w:p><w:r><w:drawing><wp:anchor><wp:extent cx="9" cy="9"/><wp:wrapNone/><wp:docPr id="1" name="s"/><a:graphic>'
        f'<a:graphicData uri="{_WPS}"><wps:wsp xmlns:wps="{_WPS}"><wps:cNvSpPr/><wps:spPr/><wps:bodyPr/></wps:wsp></a:graphicData></a:graphic>'
        f"{sized}</wp:anchor></w:drawing></w:r></w:p>"
    )
    output, result = clean(document(body).build(), "a.docx")
    inside = opened(output).decode()
    assert "<wp14:pctWidth>91000</wp14:pctWidth>" in inside
    assert 'relativeFrom="page"><wp14:pctHeight>100000<' in inside
    assert "ooxml.extension" not in codes(result)


_IN_ITS_COLOUR = (
    '<a:hlinkClick r:id="rIdL"><a:extLst><a:ext uri="{A12FA001-AC4F-418D-AE19-62706E023703}"><ahyp:hlinkClr '
    'xmlns:ahyp="http://schemas.microsoft.com/office/drawing/2018/hyperlinkcolor" val="tx"/></a:ext>'
    '<a:ext uri="{MARKER}"><MARKER/></a:ext></a:extLst></a:hlinkClick>'
)


def test_a_link_in_the_colour_of_its_words_stays_so() -> None:
    package = presentation(shape("words", _IN_ITS_COLOUR))
    package.relate("ppt/slides/slide1.xml", "hyperlink", "https://example.jp/", external=True, id="rIdL")
    inside = opened(clean(package.build(), "a.pptx")[0]).decode()
    assert re.search(r'<ahyp:hlinkClr( xmlns:ahyp="[^"]*")? val="tx"/>', inside)
    assert "MARKER" not in inside


def test_a_field_whose_result_nobody_sees_leaves_none() -> None:
    simple = '<w:p><w:fldSimple w:instr=" SET a &quot;UNSEEN&quot; "><w:r><w:t>UNSEEN</w:t></w:r></w:fldSimple></w:p>'
    marks = "".join(
        f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>{behind}'
        for kind, behind in (
            ("begin", "<w:r><w:instrText> SET a b </w:instrText></w:r>"),
            ("separate", "<w:r><w:t>UNSEEN</w:t></w:r>"),
            ("end", ""),
        )
    )
    output, result = clean(document(f"{simple}<w:p>{marks}</w:p>{paragraph('seen')}").build(), "a.docx")
    assert b"UNSEEN" not in opened(output)
    assert b"seen" in opened(output)
    assert "ooxml.field" in codes(result)


def test_what_an_object_looked_like_gets_no_frame() -> None:
    said = '<v:shape id="{}" type="#_x0000_t75" style="width:9pt;height:9pt"{}><v:imagedata r:id="rId1"/></v:shape>'
    objects = "".join(
        f"<w:object>{said.format(*each)}</w:object>" for each in (("a", ""), ("b", ' stroked="t"'))
    )
    body = f"<w:p><w:r>{objects}</w:r></w:p>"
    package = document(body)
    package.link("image", "word/media/a.png")
    package.add("word/media/a.png", _png(), "image/png")
    inside = opened(clean(package.build(), "a.docx")[0])
    assert re.findall(rb'<v:shape [^>]*stroked="(\w)"', inside) == [b"f", b"t"]


def test_blanks_count_where_the_whole_document_says_so() -> None:
    package = document(
        '<w:p><w:r><w:t>two</w:t></w:r><w:r><w:t> </w:t></w:r><w:r><w:t xml:space="default">words</w:t></w:r></w:p>'
    )
    name, content = package.parts[0]
    package.parts[0] = name, content.replace(b"<w:document ", b'<w:document xml:space="preserve" ')
    inside = opened(clean(package.build(), "a.docx")[0]).decode()
    assert '<w:t xml:space="preserve"> </w:t>' in inside
    assert '<w:t xml:space="default">words</w:t>' in inside


def _png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize("encoder", ["PNG", "JPEG"])
def test_pictures_that_fill_shapes_keep_their_size(encoder: str) -> None:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(out, encoder, dpi=(300, 300))
    package = document(paragraph("words"))
    package.link("image", "word/media/a.png")
    package.add("word/media/a.png", out.getvalue(), f"image/{encoder.lower()}")
    output, _result = clean(package.build(), "a.docx")
    begin = output.index(b"\x89PNG" if encoder == "PNG" else b"\xff\xd8\xff")
    across, down = Image.open(io.BytesIO(output[begin:])).info["dpi"]
    assert (round(across), round(down)) == (300, 300)
    assert find_complaint(io.BytesIO(output), "docx") is None


@pytest.mark.parametrize("formula", ["[0]!売上", "SUM([0]!a,A1)", "OFFSET([0]!a,0,0)"])
def test_names_of_the_book_itself_stay(formula: str) -> None:
    assert objection(formula) == ""
    assert formula_complaint(formula) == ""


@pytest.mark.parametrize("formula", ["[1]!a", "[0]!WEBSERVICE(A1)", "[0]!RTD", "[0]Sheet1!A1", "'[0]S'!A1", "[0]!'a b'!A1", "cmd|[0]!a", "[00]!a", "[0]![1]!a"])  # fmt: skip
def test_names_of_other_books_and_what_acts_do_not(formula: str) -> None:
    assert objection(formula)
    assert formula_complaint(formula)


def _blended(pixels: bytes, *, constant: int = 255, compression: int = 0, size: int | None = None) -> bytes:
    """An EMF with one see-through picture of a single row ([MS-EMF] 2.3.1.1)."""
    count = len(pixels) // 4
    masks = struct.pack("<III", 0xFF0000, 0xFF00, 0xFF) if compression == 3 else b""
    head = struct.pack("<IiiHHIIiiII", 40, count, 1, 1, 32, compression, 0, 0, 0, 0, 0) + masks
    at = 108 + len(head)
    record = struct.pack("<4i4i4B2i6fII4I2i", *range(4), 0, 0, count, 1, 0, 0, constant, 1, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 108, len(head), at, size or len(pixels), count, 1)  # fmt: skip
    body = record + head + pixels
    return (
        struct.pack("<II", 1, 8)
        + struct.pack("<II", 114, 8 + len(body))
        + body
        + struct.pack("<IIIII", 14, 20, 0, 0, 20)
    )


@pytest.mark.parametrize("compression", [0, 3])
def test_see_through_icons_stand_on_white(compression: int) -> None:
    unseen, half, full = b"\0\0\0\0", b"\0\0\x80\x80", b"\x01\x02\x03\xff"
    before = _blended(unseen + half + full, compression=compression)
    after = on_white(before)
    assert len(after) == len(before)
    pixels = after[-20 - 12 : -20]
    assert [pixels[at : at + 3] for at in (0, 4, 8)] == [b"\xff\xff\xff", b"\x7f\x7f\xff", b"\x01\x02\x03"]
    assert struct.unpack_from("<I", after, 8)[0] == 77


@pytest.mark.parametrize(
    "metafile",
    [
        _blended(b"\0\0\0\0", constant=100),
        _blended(b"\0\0\0\0", size=4_000),
        _blended(b"\0\0\0\0", compression=1),
        _blended(b"\0\0\0\0")[:60],
        b"\x01\0\0\0\x08\0\0\0\x72\0\0\0\0\0\0\0",
        b"\x01\0\0\0",
    ],
)
def test_other_metafiles_stay_as_they_are(metafile: bytes) -> None:
    assert on_white(metafile) == metafile


def test_parts_are_named_as_seen_from_their_owner() -> None:
    """LibreOffice falls over a chosen show whose slides are named from the root."""
    output, _result = clean(presentation(shape("words")).build(), "a.pptx")
    targets = set(re.findall(rb' Target="([^"]*)"', opened(output)))
    assert {b"ppt/presentation.xml", b"slides/slide1.xml", b"../slideLayouts/slideLayout1.xml"} <= targets
    assert not any(target.startswith(b"/") for target in targets)


@pytest.mark.parametrize("target", ["../slides/slide1.xml", "slide1.xml", "/slides/slide1.xml", "../ppt/slides/slide9.xml", "../../slides/slide1.xml"])  # fmt: skip
def test_the_second_opinion_finds_the_part_that_is_named(target: str) -> None:
    output, _result = clean(presentation(shape("words")).build(), "a.pptx")
    rels = "ppt/_rels/presentation.xml.rels"
    assert (
        find_complaint(
            io.BytesIO(rewritten(output, rels, b'"slides/slide1.xml"', b'"/ppt/slides/slide1.xml"')), "pptx"
        )
        is None
    )
    assert (
        find_complaint(
            io.BytesIO(rewritten(output, rels, b'"slides/slide1.xml"', f'"{target}"'.encode())), "pptx"
        )
        is not None
    )


def test_the_ground_of_pages_stays() -> None:
    package = document(paragraph("words"))
    package.link("image", "word/media/a.png")
    package.add("word/media/a.png", _png(), "image/png")
    name, content = package.parts[0]
    ground = b'<w:background w:color="FFFF00"><v:background id="b" fillcolor="yellow"><v:fill r:id="rId1" o:title="MARKER" type="frame"/></v:background></w:background>'
    package.parts[0] = name, content.replace(b"<w:body>", ground + b"<w:body>")
    inside = opened(clean(package.build(), "a.docx")[0])
    assert re.search(
        rb'<v:background [^>]*><v:fill r:id="rId1" type="frame"/></v:background></w:background>', inside
    )
    assert b"MARKER" not in inside


def test_a_picture_for_ornament_is_passed_over_by_readers_of_the_screen() -> None:
    ornament = (
        '<a:extLst><a:ext uri="{C183D7F6-B498-43B3-948B-1728B52AA6E4}"><adec:decorative '
        'xmlns:adec="http://schemas.microsoft.com/office/drawing/2017/decorative" val="1"/></a:ext></a:extLst>'
    )
    inside = opened(clean(presentation(shape("words", properties=ornament)).build(), "a.pptx")[0]).decode()
    assert re.search(r'<adec:decorative( xmlns:adec="[^"]*")? val="1"/>', inside)


def test_a_workbook_that_counts_anew_when_it_is_opened_does_so() -> None:
    package = workbook(CELLS.format(visible="words", cells="") + '<sheetCalcPr fullCalcOnLoad="1"/>')
    output, result = clean(package.build(), "a.xlsx")
    assert b'<sheetCalcPr fullCalcOnLoad="1"/>' in opened(output)
    assert "ooxml.extension" not in codes(result)
