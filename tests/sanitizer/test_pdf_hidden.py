"""What a page holds and does not show must not leave the office with it."""

from typing import Any

import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, Stream
from PIL import Image

from sekisho.sanitizer import Policy, sanitize

from .attacks.pdf import VISIBLE, page_file
from .pdf_samples import draw, image
from .test_pdf import everything_in, text_of

WAYS = {
    "under a black box": "BT /F 12 Tf 20 50 Td (Secret words) Tj ET 0 g 10 40 200 30 re f",
    "white on white": "BT 1 g /F 12 Tf 20 50 Td (Secret words) Tj ET",
    "invisible over visible words": "BT /F 12 Tf 20 50 Td (Shown tables) Tj ET BT 3 Tr /F 12 Tf 20 50 Td (Secret words) Tj ET",
    "off the page": "BT /F 12 Tf 20 -80 Td (Secret words) Tj ET",
    "too small": "BT /F .1 Tf 20 50 Td (Secret words) Tj ET",
    "outside the clip": "q 0 0 5 5 re W n BT /F 12 Tf 20 50 Td (Secret words) Tj ET Q",
}


def _page(operators: str) -> bytes:
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    return page_file(lambda pdf, page: draw(pdf, page, operators, Font={"/F": font}))


def _boxed(pdf: Pdf, page: Any, place: tuple[int, int, int, int] = (0, 0, 300, 200)) -> None:
    """A black square drawn over a part of the page as a comment."""
    look = Stream(pdf, b"0 g 0 0 300 200 re f")
    look.Type, look.Subtype = Name.XObject, Name.Form
    look.BBox = Array([0, 0, place[2] - place[0], place[3] - place[1]])
    square = Dictionary(
        Type=Name.Annot, Subtype=Name.Square, Rect=Array(list(place)), F=4,
        AP=Dictionary(N=pdf.make_indirect(look)),
    )  # fmt: skip
    page.Annots = Array([pdf.make_indirect(square)])


@pytest.mark.parametrize("operators", WAYS.values(), ids=WAYS.keys())
def test_text_that_does_not_show_stays_behind(operators: str) -> None:
    result = sanitize(_page(operators), "outbound", name="a.pdf")
    assert result.output is not None, result.report.refusal
    assert result.method == "pixel"
    assert [attempt.outcome for attempt in result.report.attempts] == ["pdf.hides_text", "clean"]
    assert "Secret" not in text_of(result.output)
    assert VISIBLE in text_of(result.output)
    found = next(entry for entry in result.report.removed if entry.code == "pdf.hidden_text")
    assert (found.where, found.count) == ({"page": 1}, 11)


@pytest.mark.parametrize("method", ["rebuilt", "pixel"])
def test_what_is_copied_in_place_of_what_shows_stays_behind(method: str) -> None:
    leaving = Policy.named("outbound")
    policy = Policy.from_dict({
        "name": "a", "methods": {"pdf": method}, "warn_personal": True,
        "keep": {"comments": leaving.keep.comments, "hidden": leaving.keep.hidden},
    })  # fmt: skip
    told = "/Span <</ActualText (Secret words)>> BDC BT /F 12 Tf 20 50 Td (Shown tables) Tj ET EMC"
    result = sanitize(_page(told), policy, name="a.pdf")
    assert result.output is not None, result.report.refusal
    assert b"Secret" not in everything_in(result.output)
    assert "Secret" not in text_of(result.output)
    assert VISIBLE in text_of(result.output)
    code = "pdf.replacement_text" if method == "rebuilt" else "pdf.hidden_text"
    assert code in {entry.code for entry in result.report.removed}
    assert "pdf.cover_kept" not in {entry.code for entry in result.report.removed}


def test_a_comment_drawn_over_words_keeps_covering_them() -> None:
    result = sanitize(page_file(_boxed), "outbound", name="a.pdf")
    assert result.output is not None
    assert VISIBLE not in text_of(result.output)
    assert "pdf.cover_kept" in {entry.code for entry in result.report.removed}


def test_pages_that_show_all_they_hold_keep_their_text_as_text() -> None:
    for operators in ("", "0 g 10 40 200 30 re f 1 g BT /F 12 Tf 20 50 Td (White on black) Tj ET"):
        result = sanitize(_page(operators), "outbound", name="a.pdf")
        assert result.method == "rebuilt"


SCAN = "q 120 0 0 60 150 20 cm /I Do Q "


def _scanned(pdf: Pdf, page: Any, operators: str = "") -> None:
    """A picture with detail, and what is drawn over it."""
    noise = Image.effect_noise((120, 60), 90).convert("L")
    made = image(pdf, noise.tobytes(), (120, 60), ColorSpace=Name.DeviceGray, BitsPerComponent=8)
    draw(pdf, page, SCAN + operators, XObject={"/I": made})


def _look(output: bytes) -> Image.Image:
    return pypdfium2.PdfDocument(output)[0].render().to_pil().convert("L")


def test_a_box_over_a_scan_becomes_part_of_the_picture() -> None:
    data = page_file(lambda pdf, page: _scanned(pdf, page, "0 g 170 30 60 30 re f"))
    result = sanitize(data, "outbound", name="a.pdf")
    assert result.output is not None
    assert [attempt.outcome for attempt in result.report.attempts] == ["pdf.hides_picture", "clean"]
    assert _look(result.output).crop((175, 145, 225, 165)).getextrema()[1] < 40
    assert sanitize(data, "inbound", name="a.pdf").method == "rebuilt"


def test_a_comment_over_a_scan_keeps_covering_it() -> None:
    def commented(pdf: Pdf, page: Any) -> None:
        _scanned(pdf, page)
        _boxed(pdf, page, (170, 30, 230, 60))

    result = sanitize(page_file(commented), "outbound", name="a.pdf")
    assert result.output is not None
    assert "pdf.cover_kept" in {entry.code for entry in result.report.removed}
    assert _look(result.output).crop((175, 145, 225, 165)).getextrema()[1] < 40


def test_a_scan_without_boxes_and_a_frame_around_it_are_rebuilt() -> None:
    for operators in ("", "0 G 5 w 150 20 120 60 re S", "0 g 20 20 60 60 re f"):
        data = page_file(lambda pdf, page, operators=operators: _scanned(pdf, page, operators))
        assert sanitize(data, "outbound", name="a.pdf").method == "rebuilt"


def test_an_office_that_allows_no_pictures_is_refused() -> None:
    policy = Policy.from_dict(
        {"name": "s", "methods": {"pdf": "rebuilt"}, "keep": {"hidden": False}, "warn_personal": True}
    )
    result = sanitize(_page(WAYS["white on white"]), policy, name="a.pdf")
    assert (result.output, result.report.refusal) == (None, "pdf.hides_text")


def test_text_under_a_scan_comes_in_with_it() -> None:
    result = sanitize(_page(WAYS["invisible over visible words"]), "inbound", name="a.pdf")
    assert result.output is not None
    assert "Secret words" in text_of(result.output)
    assert b"3 Tr" in everything_in(result.output)
