"""Pages as pictures: in one channel where a page draws grays alone, in colours wherever one may come from."""

import io
from typing import Any

import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, Stream
from PIL import Image, ImageChops, ImageStat

from .attacks.pdf import page_file
from .passing import clean
from .pdf_samples import SAMPLES, draw, sample, stream
from .test_pdf import PIXEL

_SIDE = 100
_RED = "1 0 0 rg 0 0 30 30 re f"


def _shown(file: bytes) -> Image.Image:
    page = pypdfium2.PdfDocument(file)[0]
    return page.render(scale=1, may_draw_forms=True).to_pil().convert("RGB")


def _space_of_picture(file: bytes) -> str:
    with pikepdf.open(io.BytesIO(file)) as pdf:
        return str(pdf.pages[0].Resources.XObject.I.ColorSpace)


def _colored(picture: Image.Image) -> bool:
    red, green, blue = picture.split()
    return any(
        extreme[1] > 40
        for extreme in (
            ImageChops.difference(red, green).getextrema(),
            ImageChops.difference(green, blue).getextrema(),
        )
    )


def _tiled(pdf: Pdf, page: Any) -> None:
    tile = stream(pdf, _RED.encode(), {
        "/Type": Name.Pattern, "/PatternType": 1, "/PaintType": 1, "/TilingType": 1, "/BBox": Array([0, 0, 40, 40]),
        "/XStep": 40, "/YStep": 40, "/Resources": Dictionary(),
    })  # fmt: skip
    draw(pdf, page, "/Pattern cs /P scn 10 10 80 80 re f", Pattern={"/P": tile})


def _drawn_glyphs(pdf: Pdf, page: Any) -> None:
    glyph = Stream(pdf, b"1000 0 d0 1 0 0 rg 0 0 900 900 re f")
    page.Resources.Font.T = Dictionary(
        Type=Name.Font, Subtype=Name.Type3, FontBBox=Array([0, 0, 1000, 1000]),
        FontMatrix=Array([0.001, 0, 0, 0.001, 0, 0]), CharProcs=Dictionary(a=glyph), FirstChar=97, LastChar=97,
        Encoding=Dictionary(Differences=Array([97, Name("/a")])), Widths=Array([1000]), Resources=Dictionary(),
    )  # fmt: skip
    draw(pdf, page, "BT /T 40 Tf 20 20 Td (a) Tj ET")


def _within_a_form(pdf: Pdf, page: Any) -> None:
    inner = stream(pdf, _RED.encode(), {"/Subtype": Name.Form, "/BBox": Array([0, 0, 50, 50])})
    draw(pdf, page, "/X Do", XObject={"/X": inner})


def _stamped(pdf: Pdf, page: Any) -> None:
    shown = stream(pdf, _RED.encode(), {"/Subtype": Name.Form, "/BBox": Array([0, 0, 30, 30])})
    stamp = Dictionary(
        Type=Name.Annot, Subtype=Name.Stamp, Rect=Array([10, 10, 60, 60]), AP=Dictionary(N=shown)
    )
    page.Annots = Array([pdf.make_indirect(stamp)])


def _drawing(operators: str) -> Any:
    return lambda pdf, page: draw(pdf, page, operators)


COLORED = {
    "filled": _drawing(_RED),
    "stroked": _drawing("1 0 0 RG 6 w 10 10 m 90 90 l S"),
    "inked": _drawing("0 1 1 0 k 10 10 30 30 re f"),
    "letters": _drawing("BT 0 0 1 rg /F 30 Tf 20 20 Td (blue) Tj ET"),
    "outlined_letters": _drawing("BT 0 0 1 RG 2 w 1 Tr /F 30 Tf 20 20 Td (blue) Tj ET"),
    "tiled": _tiled,
    "drawn_glyphs": _drawn_glyphs,
    "within_a_form": _within_a_form,
    "stamped": _stamped,
}
GRAY = {
    "words": _drawing(""),
    "lines": _drawing("0.4 G 10 10 m 90 90 l S 0.7 g 20 60 40 40 re f"),
    "equal_colors": _drawing("0.3 0.3 0.3 rg 10 10 30 30 re f"),
}


@pytest.mark.parametrize("name", COLORED)
def test_a_colour_stays_wherever_it_comes_from(name: str) -> None:
    source = page_file(COLORED[name])
    assert _colored(_shown(source))
    output, _result = clean(source, "a.pdf", PIXEL)
    assert _space_of_picture(output) == "/DeviceRGB"
    assert _colored(_shown(output))


@pytest.mark.parametrize("name", GRAY)
def test_a_page_in_grays_takes_one_channel(name: str) -> None:
    source = page_file(GRAY[name])
    output, _result = clean(source, "a.pdf", PIXEL)
    assert _space_of_picture(output) == "/DeviceGray"
    _look_alike(source, output)


@pytest.mark.parametrize("name", SAMPLES)
def test_every_feature_looks_as_it_did(name: str) -> None:
    source = sample(name)
    output, _result = clean(source, "a.pdf", PIXEL)
    _look_alike(source, output)


def _look_alike(source: bytes, output: bytes) -> None:
    before, after = (_shown(file).resize((_SIDE, _SIDE)) for file in (source, output))
    assert max(ImageStat.Stat(ImageChops.difference(before, after)).mean) < 2
