"""Maps of codes to glyphs that some programs write as maps of codes to letters: readers differ about them."""

import io
from typing import Any

import pikepdf
import pypdfium2
import pytest
from pikepdf import Name, Pdf

from sekisho.sanitizer.formats.pdf_parts.cmaps import with_cids

from .attacks.pdf import page_file
from .passing import clean, codes
from .pdf_samples import SAMPLES, draw
from .test_pdf import REBUILT

_SPACES = b"1 begincodespacerange <0000> <ffff> endcodespacerange "


def _mapped(told: bytes) -> bytes:
    def mend(pdf: Pdf, page: Any) -> None:
        SAMPLES["opentype_by_number"](pdf, page)
        page.Resources.Font.O.Encoding = pdf.make_stream(_SPACES + told, Type=Name.CMap, CMapName=Name.Own)
        draw(pdf, page, "BT /O 30 Tf 20 20 Td <00410041> Tj ET")

    return page_file(mend)


def _inked(data: bytes) -> int:
    picture = pypdfium2.PdfDocument(data)[0].render(scale=1, grayscale=True).to_pil()
    return sum(picture.histogram()[:128])


@pytest.mark.parametrize(
    "told",
    [
        b"1 beginbfchar <0041> <0001> endbfchar",
        b"1 beginbfrange <0040> <0041> <0000> endbfrange",
        b"1 beginbfrange <0041> <0041> [<0001>] endbfrange 1 beginbfchar <0041> <0001> endbfchar",
    ],
)
def test_letters_stand_where_other_readers_see_them(told: bytes) -> None:
    expected, _result = clean(_mapped(b"1 begincidchar <0041> 1 endcidchar"), "a.pdf", REBUILT)
    output, result = clean(_mapped(told), "a.pdf", REBUILT)
    assert "pdf.map_mended" in codes(result)
    assert _inked(output) == _inked(expected) > 0
    with pikepdf.open(io.BytesIO(output)) as pdf:
        maps = [
            font.Encoding.read_bytes()
            for font in pdf.objects
            if isinstance(font, pikepdf.Dictionary) and isinstance(font.get("/Encoding"), pikepdf.Stream)
        ]
    assert all(b"cidrange" in told and b"bf" not in told for told in maps)
    assert maps


def test_other_maps_are_left() -> None:
    assert (
        with_cids(_SPACES + b"1 begincidchar <0041> 1 endcidchar 1 beginbfchar <0042> <0002> endbfchar")
        is None
    )
    assert with_cids(_SPACES) is None
    assert with_cids(b"1 beginbfchar <0041> <0001> endbfchar") is None
    assert with_cids(_SPACES + b"/Identity-H usecmap 1 beginbfchar <0041> <0001> endbfchar") is None
