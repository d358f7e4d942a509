"""What is painted with a palette (8.6.6.3) keeps its colours, without the palette."""

import io
from typing import Any

import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String

from .attacks.pdf import page_file
from .passing import clean, codes
from .test_pdf import REBUILT

Colour = tuple[int, ...]
RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)
TABLE = String(bytes([255, 0, 0, 0, 255, 0, 0, 0, 255]))


def _rgb(pdf: Pdf) -> Array:
    return Array([Name.Indexed, Name.DeviceRGB, 2, TABLE])


def _painted(operators: str, space: Any = _rgb, **resources: Any) -> Any:
    """The output and result of a page with these operators, where ``/S`` is the space."""

    def mend(pdf: Pdf, page: Any) -> None:
        page.Resources.ColorSpace = Dictionary(S=space(pdf))
        for category, make in resources.items():
            page.Resources[f"/{category}"] = make(pdf)
        page.Contents = Array([page.Contents, Stream(pdf, operators.encode())])

    return clean(page_file(mend), "a.pdf", REBUILT)


def _at(output: bytes, x: int, y: int) -> Colour:
    picture = pypdfium2.PdfDocument(output)[0].render(scale=1).to_pil().convert("RGB")
    found: Colour = picture.getpixel((x, 200 - y))
    return found


@pytest.mark.parametrize(("number", "colour"), [("0", RED), ("1", GREEN), ("2", BLUE)])
def test_a_number_paints_its_colour(number: str, colour: Colour) -> None:
    output, result = _painted(f"/S cs {number} sc 0 0 50 50 re f /S CS {number} SCN 10 w 100 5 m 150 5 l S")
    assert _at(output, 20, 20) == _at(output, 120, 5) == colour
    assert b"/Indexed" not in output
    assert not codes(result)


@pytest.mark.parametrize(
    ("operators", "written"),
    [
        ("/S cs", b"/DeviceRGB cs\n1 0 0 scn\n"),
        ("/S CS", b"/DeviceRGB CS\n1 0 0 SCN\n"),
        ("/S cs 9 sc", b"\n0 0 1 sc\n"),
        ("/S cs -1 sc", b"\n1 0 0 sc\n"),
    ],
)
def test_colours_are_those_of_the_standard_where_readers_differ(operators: str, written: bytes) -> None:
    """The first colour before one is chosen, and the nearest one for a number beyond the last."""
    output, _result = _painted(operators)
    with pikepdf.open(io.BytesIO(output)) as made:
        assert written in made.pages[0].Contents.read_bytes()


def test_what_is_restored_paints_with_the_palette_again_and_what_else_is_chosen_ends_it() -> None:
    output, _result = _painted(
        "/S cs 1 sc q 0 0 1 rg 0 0 20 20 re f /DeviceRGB cs 1 0 0 sc 20 0 20 20 re f Q 2 sc 40 0 20 20 re f"
        " 0 g /DeviceGray cs 1 sc 60 0 20 20 re f"
    )
    assert [_at(output, x, 10) for x in (10, 30, 50, 70)] == [BLUE, RED, BLUE, WHITE]


def test_strokes_and_fills_have_palettes_of_their_own() -> None:
    output, _result = _painted("/S cs /DeviceRGB CS 1 sc 1 0 0 SC 8 w 10 10 40 40 re B")
    assert (_at(output, 30, 30), _at(output, 10, 30)) == (GREEN, RED)


def test_many_instructions_in_a_row_paint_as_they_should() -> None:
    rows = " ".join(f"/S cs {at % 3} sc {at} 0 1 40 re f" for at in range(120))
    output, _result = _painted(rows)
    assert [_at(output, x, 20) for x in (3, 4, 5, 117)] == [RED, GREEN, BLUE, RED]


def _gray(pdf: Pdf) -> Array:
    return Array([Name("/I"), Name.DeviceGray, 1, pdf.make_stream(b"\xff\x00")])


def _lab(pdf: Pdf) -> Array:
    base = Array(
        [Name.Lab, Dictionary(WhitePoint=Array([0.9505, 1, 1.089]), Range=Array([-128, 127, -128, 127]))]
    )
    return Array([Name.Indexed, base, 1, String(bytes([0, 128, 128, 255, 128, 128]))])


def _ink(pdf: Pdf) -> Array:
    tint = Dictionary(FunctionType=2, Domain=Array([0, 1]), C0=Array([1, 1, 1]), C1=Array([0, 0, 1]), N=1)
    base = Array([Name.Separation, Name("/Gold"), Name.DeviceRGB, pdf.make_indirect(tint)])
    return Array([Name.Indexed, base, 1, String(bytes([0, 255]))])


@pytest.mark.parametrize(("space", "number", "colour"), [
    (_gray, 1, (0, 0, 0)), (_gray, 0, WHITE), (_lab, 0, (0, 0, 0)), (_lab, 1, WHITE), (_ink, 1, BLUE),
])  # fmt: skip
def test_a_palette_may_stand_on_any_space(space: Any, number: int, colour: Colour) -> None:
    output, result = _painted(f"0.5 g 0 0 50 50 re f /S cs {number} sc 0 0 50 50 re f", space)
    assert result.method == "rebuilt"
    assert all(abs(one - other) < 4 for one, other in zip(_at(output, 20, 20), colour, strict=True))


def test_tiles_without_a_colour_take_that_of_the_palette() -> None:
    def over(pdf: Pdf) -> Array:
        return Array([Name.Pattern, _rgb(pdf)])

    def tiles(pdf: Pdf) -> Dictionary:
        tile = Stream(
            pdf, b"0 0 10 10 re f", Type=Name.Pattern, PatternType=1, PaintType=2, TilingType=1,
            BBox=Array([0, 0, 10, 10]), XStep=10, YStep=10, Resources=Dictionary(),
        )  # fmt: skip
        return Dictionary(P=pdf.make_indirect(tile))

    output, _result = _painted("/S cs 1 /P scn 0 0 50 50 re f", over, Pattern=tiles)
    assert _at(output, 25, 25) == GREEN


def test_a_palette_that_stands_on_nothing_is_left_out() -> None:
    def broken(pdf: Pdf) -> Array:
        return Array([Name.Indexed, Name("/Nothing"), 1, String(b"\x00\xff")])

    output, result = _painted("/S cs 1 sc", broken)
    assert "pdf.content" in codes(result)
    assert b" sc\n" not in output
