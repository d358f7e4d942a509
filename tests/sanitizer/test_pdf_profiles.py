"""Colours of a profile show as they did, though no profile comes through."""

import io
import struct
from typing import Any

import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Name, Pdf, Stream, String
from PIL import Image

from .attacks.pdf import page_file
from .passing import clean, codes
from .pdf_samples import draw, encoded, image
from .test_pdf import REBUILT

_RED, _GREEN, _BLUE = (0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141)
_WHITE = (0.9642, 1.0, 0.8249)


def _numbers(*values: float) -> bytes:
    return b"XYZ \0\0\0\0" + b"".join(struct.pack(">i", round(value * 65_536)) for value in values)


def _power(exponent: float) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IHH", 1, round(exponent * 256), 0)


def profile(space: bytes, tags: dict[bytes, bytes], called: bytes = b"odd") -> bytes:
    """An ICC profile of version 2 (ICC.1:2001-04) of these tags."""
    described = b"desc\0\0\0\0" + struct.pack(">I", len(called) + 1) + called + b"\0" + bytes(78)
    tags = {b"desc": described, b"cprt": b"text\0\0\0\0none\0", b"wtpt": _numbers(*_WHITE)} | tags
    index, body = b"", b""
    start = 132 + 12 * len(tags)
    for tag, data in tags.items():
        index += tag + struct.pack(">II", start + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    head = bytearray(128)
    head[8:12], head[12:24], head[36:40] = b"\x02\x10\0\0", b"mntr" + space + b"XYZ ", b"acsp"
    head[68:80] = _numbers(*_WHITE)[8:]
    head[:4] = struct.pack(">I", start + len(body))
    return bytes(head) + struct.pack(">I", len(tags)) + index + body


def _exchanged(called: bytes = b"odd") -> bytes:
    """A profile in which red is blue and blue is red."""
    return profile(b"RGB ", {
        b"rXYZ": _numbers(*_BLUE), b"gXYZ": _numbers(*_GREEN), b"bXYZ": _numbers(*_RED),
        b"rTRC": _power(2.2), b"gTRC": _power(2.2), b"bTRC": _power(2.2),
    }, called)  # fmt: skip


_GRAY = profile(b"GRAY", {b"kTRC": _power(1.0)})  # in which half is much lighter


def _space(pdf: Pdf, data: bytes, components: int) -> Array:
    return Array([Name.ICCBased, pdf.make_indirect(Stream(pdf, data, N=components))])


def _shown(output: bytes, x: int = 60, y: int = 40) -> tuple[int, ...]:
    found: tuple[int, ...] = (
        pypdfium2.PdfDocument(output)[0].render(scale=1).to_pil().convert("RGB").getpixel((x, 200 - y))
    )
    return found


def _is_blue(colour: tuple[int, ...]) -> bool:
    red, green, blue = colour
    return blue > 200 and red < 80 and green < 80


@pytest.mark.parametrize(
    ("space", "painted"), [(_exchanged(), "1 0 0 sc"), (_GRAY, "0.5 sc")], ids=["RGB", "gray"]
)
def test_what_is_painted_in_a_profile_keeps_the_look_it_has_there(space: bytes, painted: str) -> None:

    def mend(pdf: Pdf, page: Any) -> None:
        spaces = {"/C": _space(pdf, space, 1 if space is _GRAY else 3)}
        draw(pdf, page, f"/C cs {painted} 40 20 60 40 re f", ColorSpace=spaces)

    source = page_file(mend)
    output, result = clean(source, "a.pdf")
    assert result.method == "rebuilt"
    assert b"ICCBased" not in output
    assert all(abs(before - after) < 8 for before, after in zip(_shown(source), _shown(output), strict=True))


def _raw(pdf: Pdf, space: Any) -> Stream:
    return image(pdf, bytes([255, 0, 0] * 1800), ColorSpace=space, BitsPerComponent=8)


def _photograph(pdf: Pdf, space: Any) -> Stream:
    found = image(pdf, b"", ColorSpace=space, BitsPerComponent=8)
    found.write(encoded(Image.new("RGB", (60, 30), (255, 0, 0)), "JPEG"), filter=Name.DCTDecode)
    return found


def _of_few_colours(pdf: Pdf, space: Any) -> Stream:
    palette = Array([Name.Indexed, space, 1, String(bytes([255, 0, 0, 0, 0, 0]))])
    return image(pdf, bytes(1800), ColorSpace=palette, BitsPerComponent=8)


@pytest.mark.parametrize("kind", [_raw, _photograph, _of_few_colours])
def test_a_picture_in_a_profile_shows_as_it_says(kind: Any) -> None:
    def mend(pdf: Pdf, page: Any) -> None:
        made = kind(pdf, _space(pdf, _exchanged(), 3))
        draw(pdf, page, "q 60 0 0 40 40 20 cm /I Do Q", XObject={"/I": made})

    output, _result = clean(page_file(mend), "a.pdf", REBUILT)
    assert _is_blue(_shown(output))


def test_the_usual_profile_gives_way_to_the_device() -> None:
    def mend(pdf: Pdf, page: Any) -> None:
        usual = profile(b"RGB ", {
            b"rXYZ": _numbers(*_RED), b"gXYZ": _numbers(*_GREEN), b"bXYZ": _numbers(*_BLUE),
            b"rTRC": _power(2.2), b"gTRC": _power(2.2), b"bTRC": _power(2.2),
        })  # fmt: skip
        draw(pdf, page, "/C cs 1 0 0 sc 40 20 60 40 re f", ColorSpace={"/C": _space(pdf, usual, 3)})

    output, result = clean(page_file(mend), "a.pdf", REBUILT)
    assert "pdf.color_profile" in codes(result)
    with pikepdf.open(io.BytesIO(output)) as pdf:
        assert not any(b"ICCBased" in found.unparse() for found in pdf.objects if isinstance(found, Array))


def test_what_is_painted_in_a_profile_again_and_again_keeps_its_look() -> None:
    """In a long run of usual instructions, of strokes and of tiles without a colour too; the device's colours between stay."""

    def mend(pdf: Pdf, page: Any) -> None:
        space = _space(pdf, _exchanged(), 3)
        tile = Stream(
            pdf, b"0 0 9 9 re f", Type=Name.Pattern, PatternType=1, PaintType=2, TilingType=1,
            BBox=Array([0, 0, 9, 9]), XStep=9, YStep=9, Resources=pikepdf.Dictionary(),
        )  # fmt: skip
        page.Resources["/Pattern"] = pikepdf.Dictionary({"/T": pdf.make_indirect(tile)})
        rows = "".join(f"/C cs 1 0 0 sc {20 + 2 * at} 20 2 40 re f " for at in range(40))
        rows += "q 1 0 0 rg 120 20 20 40 re f Q 1 0 0 scn 140 20 20 40 re f /C CS 1 0 0 SC 9 w 165 20 m 165 60 l S"
        rows += " /P cs 1 0 0 /T scn 180 20 20 40 re f"
        draw(pdf, page, rows, ColorSpace={"/C": space, "/P": Array([Name.Pattern, space])})

    output, result = clean(page_file(mend), "a.pdf")
    assert result.method == "rebuilt"
    assert all(_is_blue(_shown(output, x)) for x in (40, 90, 150, 165, 190))
    assert _shown(output, 130) == (255, 0, 0)
