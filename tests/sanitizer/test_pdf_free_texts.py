"""Words that someone wrote onto a page, in a comment that brings no drawing of them."""

from typing import Any

import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, String

from .attacks.pdf import VISIBLE, page_file
from .passing import clean, codes
from .test_pdf import PIXEL, REBUILT

_SAID = "ここを直してください。\r第2条"


def _noted(**entries: Any) -> bytes:
    def mend(pdf: Pdf, page: Any) -> None:
        usual: dict[str, Any] = {
            "Type": Name.Annot, "Subtype": Name.FreeText, "Rect": Array([20, 20, 200, 80]), "F": 4,
            "Contents": String(_SAID), "DA": String("1 0 0 rg /Helv 10 Tf"),
        }  # fmt: skip
        page.Annots = Array([Dictionary(**(usual | entries))])

    return page_file(mend)


def _shown(output: bytes) -> Any:
    return pypdfium2.PdfDocument(output)[0]


def _at(output: bytes, x: int, y: int) -> tuple[int, ...]:
    found: tuple[int, ...] = _shown(output).render(scale=1).to_pil().convert("RGB").getpixel((x, 200 - y))
    return found


@pytest.mark.parametrize("policy", [REBUILT, PIXEL], ids=["rebuilt", "pixel"])
def test_words_written_onto_a_page_show(policy: Any) -> None:
    output, result = clean(_noted(), "a.pdf", policy)
    said = _shown(output).get_textpage().get_text_range()
    assert "ここを直してください。" in said
    assert "第2条" in said
    assert VISIBLE in said
    part = _shown(output).render(scale=2).to_pil().convert("RGB").crop((40, 240, 400, 360))
    assert any(red - green > 100 for _count, (red, green, _blue) in part.getcolors(10_000))
    assert "pdf.comments_drawn" in codes(result)


def test_they_stand_on_their_ground_and_in_their_frame() -> None:
    output, _result = clean(_noted(C=Array([1, 1, 0]), BS=Dictionary(W=4)), "a.pdf", REBUILT)
    assert _at(output, 190, 25) == (255, 255, 0)
    assert _at(output, 22, 50) == (0, 0, 0)


def test_a_line_leads_to_what_is_meant() -> None:
    line = {"CL": Array([250, 50, 150, 50]), "RD": Array([0, 0, 130, 0]), "Rect": Array([20, 20, 280, 80])}
    output, _result = clean(_noted(BS=Dictionary(W=4), **line), "a.pdf", REBUILT)
    assert _at(output, 240, 50) == (0, 0, 0)
    assert _at(output, 270, 50) == (255, 255, 255)


def test_they_do_not_leave_with_the_file() -> None:
    output, result = clean(_noted(), "a.pdf", "outbound")
    assert "直して" not in _shown(output).get_textpage().get_text_range()
    assert "pdf.comment_lost" in codes(result)


@pytest.mark.parametrize(
    "entries", [{"F": 2}, {"Rect": Array([20, 20, 22, 22])}, {"Rect": Array([0, 0, 9e9, 9e9])}]
)
def test_what_cannot_be_seen_is_not_set(entries: dict[str, Any]) -> None:
    output, result = clean(_noted(**entries), "a.pdf", REBUILT)
    assert "直して" not in _shown(output).get_textpage().get_text_range()
    assert "pdf.comments_drawn" not in codes(result)


def test_a_comment_without_words_is_an_empty_place() -> None:
    output, _result = clean(_noted(Contents=String(" "), DA=String("")), "a.pdf", REBUILT)
    assert _at(output, 100, 50) == (255, 255, 255)
