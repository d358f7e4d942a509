"""What a page holds and does not show must not leave the office with it."""

import pytest
from pikepdf import Array, Dictionary, Name, Pdf, Stream

from sekisho.sanitizer import Policy, sanitize

from .attacks.pdf import VISIBLE, page_file
from .pdf_samples import draw
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


def _boxed(pdf: Pdf, page: object) -> None:
    """A black square drawn over the words as a comment."""
    look = Stream(pdf, b"0 g 0 0 300 200 re f")
    look.Type, look.Subtype, look.BBox = Name.XObject, Name.Form, Array([0, 0, 300, 200])
    page.Annots = Array([pdf.make_indirect(Dictionary(  # type: ignore[attr-defined]
        Type=Name.Annot, Subtype=Name.Square, Rect=Array([0, 0, 300, 200]), F=4,
        AP=Dictionary(N=pdf.make_indirect(look)),
    ))])  # fmt: skip


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


def test_a_comment_drawn_over_words_keeps_covering_them() -> None:
    result = sanitize(page_file(_boxed), "outbound", name="a.pdf")
    assert result.output is not None
    assert VISIBLE not in text_of(result.output)
    assert "pdf.cover_kept" in {entry.code for entry in result.report.removed}


def test_pages_that_show_all_they_hold_keep_their_text_as_text() -> None:
    for operators in ("", "0 g 10 40 200 30 re f 1 g BT /F 12 Tf 20 50 Td (White on black) Tj ET"):
        result = sanitize(_page(operators), "outbound", name="a.pdf")
        assert result.method == "rebuilt"


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
