"""Sound pictures of every depth and variety come out as they look, or are refused in true words; none is called damaged."""

import base64
import io
import struct
import zlib
from typing import Any

import pytest
from PIL import Image

from sekisho.sanitizer import sanitize
from sekisho.sanitizer.formats.images import mean_difference

from .passing import clean, codes
from .test_picture_traits import GRADIENT, encoded

GRAY = Image.linear_gradient("L").resize((32, 16))
# The same picture by arithmetic coding (ITU-T T.81, annex D), which no program here writes.
ARITHMETIC = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgICAgMCAgIDAwMDBAYEBAQEBAgGBgUGCQgKCgkICQkKDA8MCgsOCwkJDRENDg8QEBEQCgwSEx"
    "IQEw8QEBD/2wBDAQMDAwQDBAgEBAgQCwkLEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBD/yQARCAAQ"
    "ACADASIAAhEBAxEB/8wACgAQEAUBEBEF/9oADAMBAAIRAxEAPwD/AN3CCWXacISQ8Xvg3ciHvrvnPGqQpdsHuENB+30QjXDEvq0ZoFD/2Q=="
)


def tiff(data: bytes, bits: int, *, order: str = "<", is_big: bool = False, **tags: int) -> bytes:
    """A gray page of 32 by 16 pixels as these samples. ``tags``: further ones by ``tag_NUMBER``."""
    listed = {
        256: GRAY.width, 257: GRAY.height, 258: bits, 259: 1, 262: 1, 273: 0, 277: 1, 278: GRAY.height, 279: len(data),
    } | {int(key.removeprefix("tag_")): value for key, value in tags.items()}  # fmt: skip
    mark = b"II" if order == "<" else b"MM"
    if is_big:
        at = 16 + 8 + 20 * len(listed) + 8
        rows = b"".join(
            struct.pack(order + "HHQQ", tag, 16, 1, at if tag == 273 else listed[tag])
            for tag in sorted(listed)
        )
        head = mark + struct.pack(order + "HHHQ", 43, 8, 0, 16)
        return head + struct.pack(order + "Q", len(listed)) + rows + bytes(8) + data
    at = 8 + 2 + 12 * len(listed) + 4
    rows = b"".join(
        struct.pack(order + "HHII", tag, 4, 1, at if tag == 273 else listed[tag]) for tag in sorted(listed)
    )
    head = mark + struct.pack(order + "HI", 42, 8) + struct.pack(order + "H", len(listed))
    return head + rows + bytes(4) + data


def planar_tiff(planes: list[bytes], bits: int) -> bytes:
    """A picture in colour whose planes stand one after the other."""
    size, count = len(planes[0]), len(planes)
    more = {258: (3, [bits] * count), 273: (4, []), 279: (4, [size] * count)}
    plain = {256: GRAY.width, 257: GRAY.height, 259: 1, 262: 2, 277: count, 278: GRAY.height, 284: 2}
    tables = 8 + 2 + 12 * (len(plain) + len(more)) + 4
    places = {258: tables, 273: tables + 2 * count, 279: tables + 6 * count}
    begin = tables + 10 * count
    more[273][1].extend(begin + size * number for number in range(count))
    rows = b"".join(
        struct.pack("<HHII", tag, 4, 1, plain[tag])
        if tag in plain
        else struct.pack("<HHII", tag, more[tag][0], count, places[tag])
        for tag in sorted([*plain, *more])
    )
    head = b"II" + struct.pack("<HIH", 42, 8, len(plain) + len(more)) + rows + bytes(4)
    lists = struct.pack(f"<{count}H{2 * count}I", *more[258][1], *more[273][1], *more[279][1])
    return head + lists + b"".join(planes)


def samples(form: str, change: Any = lambda value: value) -> bytes:
    return b"".join(struct.pack(form, change(value)) for value in GRAY.tobytes())


def _packed(values: list[int]) -> bytes:
    """Pairs of 12 bits in three bytes."""
    pairs = zip(values[::2], values[1::2], strict=True)
    return b"".join((first << 12 | second).to_bytes(3, "big") for first, second in pairs)


DEEP = {
    "16 bit": tiff(samples("<H", lambda value: value * 257), 16),
    "16 bit, the other way round": tiff(samples(">H", lambda value: value * 257), 16, order=">"),
    "16 bit, white is zero": tiff(samples("<H", lambda value: 65535 - value * 257), 16, tag_262=0),
    "12 bit": tiff(_packed([value * 4095 // 255 for value in GRAY.tobytes()]), 12),
    "32 bit": tiff(samples("<I", lambda value: value * 16843009), 32),
    "floating shares of white": tiff(samples("<f", lambda value: value / 255), 32, tag_339=3),
    "floating heights below and above the sea": tiff(samples("<f", lambda value: value * 10.0 - 500), 32, tag_339=3),
}  # fmt: skip


@pytest.mark.parametrize("name", DEEP)
def test_deep_grays_look_as_they_did(name: str) -> None:
    output, result = clean(DEEP[name], "a.tif")
    assert (
        mean_difference(Image.open(io.BytesIO(output)), GRAY) < 5
    )  # measured values are stretched to black and white
    assert "image.depth" in codes(result)


@pytest.mark.parametrize("depth", ["8", "16"])
def test_planes_one_after_the_other_are_not_mixed_up(depth: str) -> None:
    """Red as the gradient, green and blue upside down."""
    samples_of = {
        "8": lambda gray: gray.tobytes(),
        "16": lambda gray: b"".join(bytes([v, v]) for v in gray.tobytes()),
    }
    planes = [GRAY, *[GRAY.transpose(Image.Transpose.FLIP_TOP_BOTTOM)] * 2]
    data = planar_tiff([samples_of[depth](plane) for plane in planes], int(depth))
    made = Image.open(io.BytesIO(clean(data, "a.tif")[0]))
    assert mean_difference(made, Image.merge("RGB", planes)) < 1


@pytest.mark.parametrize("name", ["rgb", "tiff"])
def test_deep_colours_are_told_to_lose_their_depth(name: str) -> None:
    rows = b"".join(b"\0" + bytes([value, 0] * 3) * 8 for value in range(0, 256, 32))
    head = struct.pack(">IIBBBBB", 8, 8, 16, 2, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    )
    _output, result = clean(png, "a.png") if name == "rgb" else clean(DEEP["16 bit"], "a.tif")
    assert "image.depth" in codes(result)
    _output, usual = clean(encoded("PNG"), "a.png")
    assert "image.depth" not in codes(usual)


def test_the_gray_of_a_deep_png_that_is_see_through_stays_so() -> None:
    rows = b"".join(b"\0" + struct.pack(">H", value * 257) * 8 for value in range(0, 256, 32))
    chunks = ((b"IHDR", struct.pack(">IIBBBBB", 8, 8, 16, 0, 0, 0, 0)), (b"tRNS", struct.pack(">H", 64 * 257)),
              (b"IDAT", zlib.compress(rows)), (b"IEND", b""))  # fmt: skip
    png = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
    made = Image.open(io.BytesIO(clean(png, "a.png")[0])).convert("RGBA")
    assert [made.getpixel((3, y))[3] for y in range(8)] == [255, 255, 0, 255, 255, 255, 255, 255]


@pytest.mark.parametrize("options", [{"lossless": True}, {"quality": 80}])
def test_a_webp_that_moves_keeps_the_times_of_its_frames(options: dict[str, Any]) -> None:
    frames = [GRADIENT.rotate(turn) for turn in (0, 90, 180)]
    data = encoded(
        "WEBP", frames[0], save_all=True, append_images=frames[1:], duration=[100, 250, 40], **options
    )
    made = Image.open(io.BytesIO(clean(data, "a.webp")[0]))
    times = []
    for number in range(made.n_frames):
        made.seek(number)
        made.load()
        times.append(made.info["duration"])
    assert times == [100, 250, 40]


def test_arithmetic_coding_is_read() -> None:
    assert b"\xff\xc9" in ARITHMETIC
    output, _result = clean(ARITHMETIC, "a.jpg")
    assert mean_difference(Image.open(io.BytesIO(output)), GRAY) < 4


def test_a_long_text_in_a_png_goes_without_the_picture() -> None:
    usual = encoded("PNG")
    text = b"zTXtnotes\0\0" + zlib.compress(b"x" * 10_000_000)
    told = struct.pack(">I", len(text) - 4) + text + struct.pack(">I", zlib.crc32(text))
    output, result = clean(usual[:33] + told + usual[33:], "a.png")
    assert mean_difference(Image.open(io.BytesIO(output)), GRADIENT) < 1
    assert codes(result) == {"image.comment"}


# -- what is not read ---------------------------------------------------------------------------------------------


def _jpeg_with(frame: int = 0xC0, bits: int = 8) -> bytes:
    """A JPEG whose frame says that it is another."""
    data = bytearray(encoded("JPEG"))
    at = data.index(b"\xff\xc0")
    data[at + 1], data[at + 4] = frame, bits
    return bytes(data)


def _jpeg_of_unknown_height() -> bytes:
    """Whose height is told behind its first scan (ITU-T T.81, B.2.5)."""
    data = bytearray(encoded("JPEG"))
    at = data.index(b"\xff\xc0") + 5
    height, data[at : at + 2] = data[at : at + 2], b"\0\0"
    return bytes(data[:-2]) + b"\xff\xdc\0\x04" + height + b"\xff\xd9"


def _bmp_with_masks(*masks: int) -> bytes:
    rows = bytes(4 * 8 * 8)
    head = struct.pack("<IiiHHIIiiII", 40, 8, 8, 1, 32, 3, len(rows), 0, 0, 0, 0) + struct.pack(
        "<III", *masks
    )
    return b"BM" + struct.pack("<IHHI", 14 + len(head) + len(rows), 0, 0, 14 + len(head)) + head + rows


UNREAD = {
    "12.jpg": (_jpeg_with(0xC1, 12), "JPEG, 12 bit"),
    "late.jpg": (_jpeg_of_unknown_height(), "JPEG, height at the end"),
    "ls.jpg": (_jpeg_with(0xF7), "JPEG-LS"),
    "hierarchical.jpg": (_jpeg_with(0xC5), "JPEG, lossless or hierarchical"),
    "jp2.tif": (tiff(b"x" * 50, 8, tag_259=34712), "TIFF, JPEG 2000"),
    "webp.tif": (tiff(b"x" * 50, 8, tag_259=50001), "TIFF, WebP"),
    "double.tif": (tiff(samples("<d", float), 64, tag_339=3), "TIFF, 1 × 64 bit float"),
    "half.tif": (tiff(samples("<e", float), 16, tag_339=3), "TIFF, 1 × 16 bit float"),
    "big.tif": (tiff(samples("B"), 8, order=">", is_big=True), "BigTIFF, big-endian"),
    "ten.bmp": (_bmp_with_masks(0x3FF00000, 0xFFC00, 0x3FF), "BMP, 32 bit, compression 3"),
}


@pytest.mark.parametrize("name", UNREAD)
def test_what_no_decoder_here_reads_is_not_called_damaged(name: str) -> None:
    data, variety = UNREAD[name]
    report = sanitize(data, name=name).report
    assert (report.refusal, report.refusal_params["variety"]) == ("image.variety", variety)


@pytest.mark.parametrize("data", [encoded("JPEG")[:200], tiff(b"", 8)[:40], DEEP["16 bit"][:-900], _bmp_with_masks(255, 255 << 8, 255 << 16)[:20]])  # fmt: skip
def test_what_is_cut_off_is_called_damaged(data: bytes) -> None:
    assert sanitize(data, name="a").report.refusal in {"input.broken", "type.unknown", "type.mismatch"}


def test_a_tiff_in_64_bits_is_read() -> None:
    output, _result = clean(tiff(samples("B"), 8, is_big=True), "a.tif")
    assert mean_difference(Image.open(io.BytesIO(output)), GRAY) < 1
