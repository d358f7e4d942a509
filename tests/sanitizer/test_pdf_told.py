"""What the report of a PDF tells of numbers of persons, and of what bookmarks led to."""

from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, OutlineItem, Pdf, Stream, String

from sekisho.sanitizer import Policy

from .attacks.pdf import page_file
from .passing import clean, codes
from .test_pdf import PIXEL, REBUILT
from .test_pdf_fields import form

_NUMBER = "123456789018"
_WARNS = [
    Policy.from_dict(
        {"name": method, "methods": {"pdf": method}, "keep": {"hidden": False}, "warn_personal": True}
    )
    for method in ("rebuilt", "pixel")
]
both_ways = pytest.mark.parametrize("policy", _WARNS, ids=lambda policy: policy.name)


def _saying(*lines: str) -> bytes:
    shown = " ".join(f"({line}) Tj 0 -16 Td" for line in lines)

    def mend(pdf: Pdf, page: Any) -> None:
        page.Contents = Stream(pdf, f"BT /F 12 Tf 20 150 Td {shown} ET".encode())

    return page_file(mend)


def _bookmarked(pdf: Pdf, page: Any) -> None:
    with pdf.open_outline() as outline:
        outline.root.append(OutlineItem(f"No. {_NUMBER}", 0))


def _labelled(pdf: Pdf, page: Any) -> None:
    pdf.Root.PageLabels = Dictionary(Nums=Array([0, Dictionary(P=String(_NUMBER))]))


@both_ways
def test_a_number_below_a_line_that_ends_in_digits_is_found(policy: Policy) -> None:
    _output, result = clean(_saying("2025", _NUMBER), "a.pdf", policy)
    assert "personal.my_number" in codes(result)


@both_ways
@pytest.mark.parametrize("mend", [_bookmarked, _labelled])
def test_numbers_in_bookmarks_and_names_of_pages_are_found(mend: Any, policy: Policy) -> None:
    _output, result = clean(page_file(mend), "a.pdf", policy)
    assert "personal.my_number" in codes(result)


@both_ways
def test_a_number_filled_into_cells_of_a_form_is_found(policy: Policy) -> None:
    full_width = "".join(chr(ord(digit) + 0xFEE0) for digit in _NUMBER)
    _output, result = clean(form({"V": String(full_width), "Ff": 1 << 24, "MaxLen": 12}), "a.pdf", policy)
    assert "personal.my_number" in codes(result)


@pytest.mark.parametrize("policy", [REBUILT, PIXEL], ids=["rebuilt", "pixel"])
def test_a_bookmark_that_led_out_of_the_document_keeps_its_title_and_is_told_of(
    policy: Policy, tmp_path: Any
) -> None:
    def mend(pdf: Pdf, page: Any) -> None:
        with pdf.open_outline() as outline:
            away = Dictionary(S=Name.URI, URI=String("https://www.example.lg.jp/"))
            outline.root += [OutlineItem("the site", action=away), OutlineItem("page 1", 0)]

    output, result = clean(page_file(mend), "a.pdf", policy)
    (tmp_path / "a.pdf").write_bytes(output)
    with pikepdf.open(tmp_path / "a.pdf") as made, made.open_outline() as outline:
        assert [item.title for item in outline.root] == ["the site", "page 1"]
    (told,) = [each for each in result.report.removed if each.code == "pdf.bookmark_target"]
    assert (told.action, told.count) == ("lost", 1)
