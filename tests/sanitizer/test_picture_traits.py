"""What pictures have besides their pixels: how large they are meant, what shows through, how they move."""

import io
import struct
import zlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pillow_heif
import pytest
from PIL import Image, ImageCms

from sekisho.sanitizer import Policy
from sekisho.sanitizer.filetypes import TYPES
from sekisho.sanitizer.formats.drawing_fonts import SANS, SERIF
from sekisho.sanitizer.formats.images import mean_difference
from sekisho.sanitizer.formats.job import Job
from sekisho.sanitizer.formats.ooxml import pictures
from sekisho.sanitizer.verify import find_complaint
from sekisho.sanitizer.verify.grammar import Complaint

from .passing import clean, codes

pillow_heif.register_heif_opener()
GRADIENT = Image.linear_gradient("L").convert("RGB").resize((300, 200))


def encoded(encoder: str, picture: Image.Image = GRADIENT, **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, encoder, **options)
    return out.getvalue()


def complaint_about(data: bytes, kind: str) -> Complaint | None:
    return find_complaint(io.BytesIO(data), kind)


def opened(data: bytes, name: str, policy: str = "inbound") -> Image.Image:
    """The clean picture of one."""
    return Image.open(io.BytesIO(clean(data, name, policy)[0]))


@pytest.mark.parametrize(("encoder", "name"), [("JPEG", "a.jpg"), ("PNG", "a.png"), ("TIFF", "a.tif"), ("BMP", "a.bmp")])  # fmt: skip
def test_it_keeps_how_many_dots_an_inch_has(encoder: str, name: str) -> None:
    across, down = opened(encoded(encoder, dpi=(300, 200)), name).info["dpi"]
    assert (round(across), round(down)) == (300, 200)


def test_dots_of_a_picture_on_its_side_are_turned_with_it() -> None:
    turned = Image.Exif()
    turned[0x0112] = 6
    assert opened(encoded("JPEG", dpi=(300, 200), exif=turned), "a.jpg").info["dpi"] == (200, 300)


def test_dots_that_no_device_has_are_left_out() -> None:
    assert "dpi" not in opened(encoded("PNG", dpi=(1_000_000, 300)), "a.png").info


def test_a_drawing_prints_in_its_size() -> None:
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg" width="100mm" height="50mm"><rect width="9" height="9"/></svg>'
    made = opened(drawing, "a.svg")
    assert made.width / made.info["dpi"][0] * 25.4 == pytest.approx(100, rel=0.01)


def test_no_bytes_cross_as_dots() -> None:
    def with_dots(across: int, down: int, unit: int) -> bytes:
        chunk = b"pHYs" + struct.pack(">IIB", across, down, unit)
        data = encoded("PNG")
        return data[:33] + struct.pack(">I", 9) + chunk + struct.pack(">I", zlib.crc32(chunk)) + data[33:]

    assert complaint_about(with_dots(11811, 11811, 1), "png") is None
    for dots in ((11812, 11811, 1), (0x41424344, 0x45464748, 1), (0, 11811, 1), (11811, 11811, 0)):
        complaint = complaint_about(with_dots(*dots), "png")
        assert complaint is not None
        assert complaint.code == "picture.metadata"
    jpeg = bytearray(encoded("JPEG", dpi=(300, 300)))
    assert complaint_about(bytes(jpeg), "jpeg") is None
    jpeg[14:18] = b"ABCD"
    assert complaint_about(bytes(jpeg), "jpeg") is not None


@pytest.mark.parametrize("mode", ["1", "L", "RGB"])
def test_a_colour_that_is_see_through_stays_so(mode: str) -> None:
    picture = Image.new(mode, (20, 20), "white")
    picture.paste("black", (0, 0, 10, 20))
    data = encoded("PNG", picture, transparency=(255, 255, 255) if mode == "RGB" else 255)
    made = opened(data, "a.png").convert("RGBA")
    assert (made.getpixel((5, 5)), made.getpixel((15, 5))[3]) == ((0, 0, 0, 255), 0)


@pytest.mark.parametrize("encoder", ["AVIF", "HEIF"])
def test_what_shows_the_ground_through_it_becomes_a_png(encoder: str) -> None:
    picture = GRADIENT.convert("RGBA")
    picture.putalpha(Image.new("L", picture.size, 90))
    made, result = clean(encoded(encoder, picture), f"a.{encoder.lower()[:4]}")
    assert result.name == "a.png"
    assert abs(Image.open(io.BytesIO(made)).getpixel((5, 5))[3] - 90) < 6
    opaque = GRADIENT.convert("RGBA")
    assert clean(encoded(encoder, opaque), f"a.{encoder.lower()[:4]}")[1].name == "a.jpg"


def test_grey_as_a_share_of_white_is_seen() -> None:
    made = opened(encoded("TIFF", Image.new("F", (9, 9), 0.5)), "a.tif")
    assert made.convert("L").getpixel((4, 4)) in range(126, 130)


def swapped_profile() -> bytes:
    """Of a device that shows red for green."""
    plain = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    renamed = plain.replace(b"sRGB", b"Swap").replace("sRGB".encode("utf-16-be"), "Swap".encode("utf-16-be"))
    return renamed.replace(b"rXYZ", b"????").replace(b"gXYZ", b"rXYZ").replace(b"????", b"gXYZ")


def test_colours_of_a_palette_are_brought_to_srgb() -> None:
    picture = Image.new("P", (10, 10))
    picture.putpalette([10, 200, 30])
    made = opened(encoded("PNG", picture, icc_profile=swapped_profile()), "a.png")
    assert made.mode == "P"
    red, green, _blue = made.convert("RGB").getpixel((3, 3))
    assert red > 150 > 100 > green


@pytest.mark.parametrize(("encoder", "name"), [("GIF", "a.gif"), ("WEBP", "a.webp"), ("PNG", "a.png")])
@pytest.mark.parametrize("loop", [0, 3])
def test_it_moves_as_often_as_before(encoder: str, name: str, loop: int) -> None:
    frames = [GRADIENT, GRADIENT.rotate(180)]
    made = opened(
        encoded(encoder, save_all=True, append_images=frames[1:], duration=[100, 300], loop=loop), name
    )
    assert made.info["loop"] == loop


def test_what_moves_once_moves_once() -> None:
    made = opened(encoded("GIF", save_all=True, append_images=[GRADIENT.rotate(180)], duration=100), "a.gif")
    assert made.n_frames == 2
    assert "loop" not in made.info


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "L"])
def test_a_png_that_moves_keeps_its_frames_and_their_times(mode: str) -> None:
    frames = [GRADIENT.rotate(turn).convert(mode) for turn in (0, 90, 180)]
    data = encoded("PNG", frames[0], save_all=True, append_images=frames[1:], duration=[100, 200, 300])
    output, result = clean(data, "a.png")
    assert "image.frames" not in codes(result)
    made = Image.open(io.BytesIO(output))
    times = []
    for number, frame in enumerate(frames):
        made.seek(number)
        times.append(made.info["duration"])
        assert mean_difference(made.convert("RGBA"), frame.convert("RGBA")) < 1
    assert times == [100, 200, 300]
    assert clean(output, "a.png")[0] == output


def test_a_png_that_moves_keeps_the_picture_for_older_readers() -> None:
    frames = [GRADIENT.rotate(90), GRADIENT.rotate(180)]
    data = encoded("PNG", save_all=True, append_images=frames, duration=[100, 200], default_image=True)
    made = opened(data, "a.png")
    assert made.info["default_image"] is True
    assert made.n_frames == 3
    made.seek(2)
    assert made.info["duration"] == 200


def _chunks(data: bytes) -> list[bytes]:
    """The chunks of a PNG, each whole."""
    found, at = [], 8
    while at < len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        found.append(data[at:end])
        at = end
    return found


def _changed(chunk: bytes, place: int, value: int) -> bytes:
    """A chunk with another byte in its content."""
    body = bytearray(chunk[4:-4])
    body[4 + place] = value
    return chunk[:4] + bytes(body) + zlib.crc32(body).to_bytes(4, "big")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda head, control, *rest: (head, *rest),  # nobody says that it moves
        lambda head, control, *rest: (head, control, control, *rest),
        lambda head, control, *rest: (head, _changed(control, 3, 9), *rest),  # more frames than there are
        lambda *chunks: (*chunks[:-2], chunks[-1]),  # a frame without pixels
        lambda *chunks: (*chunks[:-1], chunks[-2], chunks[-1]),  # pixels twice
        lambda *chunks: (*chunks[:-3], _changed(chunks[-3], 7, 200), *chunks[-2:]),  # a frame beyond the picture
        lambda *chunks: (*chunks[:-3], _changed(chunks[-3], 3, 9), *chunks[-2:]),  # out of order
        lambda *chunks: (*chunks[:-3], _changed(chunks[-3], 24, 3), *chunks[-2:]),  # nothing is done so afterwards
    ],
)  # fmt: skip
def test_its_reader_dislikes_an_animation_that_hides_something(
    spoil: Callable[..., tuple[bytes, ...]],
) -> None:
    data = encoded("PNG", save_all=True, append_images=[GRADIENT.rotate(180)], duration=100)
    assert find_complaint(io.BytesIO(data), "png") is None
    spoilt = data[:8] + b"".join(spoil(*_chunks(data)))
    complaint = find_complaint(io.BytesIO(spoilt), "png")
    assert complaint is not None
    assert complaint.code == "picture.structure"


@pytest.mark.parametrize("order", ["<", ">"])
def test_grey_of_16_bits_is_seen_in_either_order_of_bytes(order: str) -> None:
    picture = Image.new("I;16" if order == "<" else "I;16B", (9, 7), 40_000)
    made = opened(encoded("TIFF", picture), "a.tif")
    assert made.convert("L").getpixel((4, 4)) in range(154, 158)


def test_grey_that_is_multiplied_with_what_it_covers_is_seen() -> None:
    data = encoded("TIFF", Image.new("LA", (8, 8), (100, 128)))
    tag = struct.pack("<HHI", 338, 3, 1)  # ExtraSamples
    at = data.index(tag) + len(tag)
    made = opened(data[:at] + struct.pack("<I", 1) + data[at + 4 :], "a.tif")  # 1: associated
    assert made.convert("LA").getpixel((3, 3))[1] == 128


def test_a_webp_that_loses_nothing_stays_so() -> None:
    noise = Image.effect_noise((200, 200), 90).convert("RGB")
    made = opened(encoded("WEBP", noise, lossless=True), "a.webp")
    assert made.convert("RGB").tobytes() == noise.tobytes()
    frames = [noise, noise.rotate(90)]
    moving = opened(encoded("WEBP", frames[0], save_all=True, append_images=frames[1:], duration=90, lossless=True), "a.webp")  # fmt: skip
    assert moving.convert("RGB").tobytes() == noise.tobytes()


def test_a_jpeg_that_stores_a_colour_for_each_pixel_keeps_doing_so() -> None:
    red = Image.new("RGB", (200, 200), "white")
    for column in range(0, 200, 2):
        red.paste("red", (column, 0, column + 1, 200))
    made = opened(encoded("JPEG", red, subsampling=0, quality=90), "a.jpg").convert("RGB")
    assert made.getpixel((101, 100))[1] > 200
    assert made.getpixel((100, 100))[1] < 60


def test_a_noisy_icon_comes_out() -> None:
    clean(
        encoded("JPEG", Image.effect_noise((12, 12), 99).convert("RGB"), quality=95, subsampling=0), "a.jpg"
    )


def test_of_an_animation_that_is_too_long_the_end_is_left_out_and_told() -> None:
    frames = [GRADIENT.rotate(turn) for turn in range(0, 180, 30)]
    data = encoded("GIF", frames[0], save_all=True, append_images=frames[1:], duration=100)
    policy = Policy.named("inbound")
    small = replace(policy, limits=replace(policy.limits, pixels=4 * 300 * 200))
    output, result = clean(data, "a.gif", small)
    assert Image.open(io.BytesIO(output)).n_frames == 4
    assert [(removal.action, removal.count) for removal in result.report.removed if removal.code == "image.frames"] == [("lost", 2)]  # fmt: skip
    assert result.report.fidelity["frames_before"] == 6


def drawn_words(said: str, css: str = "") -> Image.Image:
    drawing = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="200" height="50"><style>{css}</style>'
        f'<text x="5" y="35" font-size="24" {said}>Words 東京</text></svg>'
    )
    return opened(drawing.encode(), "a.svg").convert("RGBA")


SANS_WORDS = f'font-family="{SANS}"'
SERIF_WORDS = f'font-family="{SERIF}"'


@pytest.mark.parametrize(
    ("said", "css", "alike"),
    [
        ('font-family="Arial-that-is-not-there"', "", SANS_WORDS),
        ('font-family="Missing, sans-serif"', "", SANS_WORDS),
        ('font-family="sans-serif"', "", SANS_WORDS),
        ('style="font-family:Missing; fill:black"', "", SANS_WORDS),
        ("", "text { font-family: 'メイリオのない版' }", SANS_WORDS),
        ("", "text { font: 24px Missing !important }", SANS_WORDS),
        ('font-family="serif"', "", SERIF_WORDS),
        ('font-family="ＭＳ 明朝のない版"', "", SERIF_WORDS),
        ("style=\"font-family:'Times that is not there'\"", "", SERIF_WORDS),
        ('font-family="monospace"', "", SANS_WORDS),
    ],
)
def test_words_in_a_font_that_is_not_there_are_drawn(said: str, css: str, alike: str) -> None:
    made = drawn_words(said, css)
    assert made.getbbox() is not None
    assert made.tobytes() == drawn_words(alike).tobytes()


@pytest.mark.skipif(SANS == "Noto Sans JP", reason="the fonts that are shipped are not bold")
def test_bold_words_are_drawn_bold() -> None:
    def ink(words: Image.Image) -> int:
        return sum(count * shade for shade, count in enumerate(words.getchannel("A").histogram()))

    assert ink(drawn_words('font-weight="bold" font-family="Missing"')) > 1.2 * ink(
        drawn_words('font-family="Missing"')
    )


def drawn(inside: str) -> Image.Image:
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40">{inside}</svg>'
    return opened(drawing.encode(), "a.svg").convert("RGB")


def test_of_two_elements_with_one_name_the_first_is_meant() -> None:
    colour = '<linearGradient id="a"><stop stop-color="red"/></linearGradient>'
    made = drawn(f'{colour}<g id="a"/><rect width="40" height="40" fill="url(#a)"/>')
    assert made.getpixel((20, 20)) == (255, 0, 0)


def test_a_style_that_begins_with_nothing_counts() -> None:
    assert drawn('<rect width="40" height="40" fill="red" style=";;fill:blue"/>').getpixel((20, 20)) == (
        0,
        0,
        255,
    )


def within_a_document(data: bytes) -> pictures.Picture:
    job = Job(
        source=io.BytesIO(), output=io.BytesIO(), type=TYPES["docx"], name="a.docx", policy=Policy.named("inbound"),
        method="rebuilt",
    )  # fmt: skip
    return pictures.rebuilt(job, data, "word/media/image1.png")


def test_an_animation_within_a_document_says_nothing_but_its_frames() -> None:
    frames = [GRADIENT.convert("P"), GRADIENT.rotate(180).convert("P")]
    data = encoded("GIF", frames[0], save_all=True, append_images=frames[1:], duration=90, comment=b"MARKER")
    made = within_a_document(data)
    assert made.extension == "gif"
    assert b"MARKER" not in made.data
    assert complaint_about(made.data, "gif") is None


def test_grey_of_16_bits_within_a_document_is_seen() -> None:
    made = within_a_document(encoded("PNG", Image.new("I;16", (9, 7), 40_000)))
    assert abs(Image.open(io.BytesIO(made.data)).convert("L").getpixel((4, 3)) - 156) < 2


@pytest.mark.parametrize(("encoder", "mode"), [("JPEG", "RGB"), ("PNG", "RGB"), ("PNG", "P")])
def test_colours_within_a_document_are_brought_to_srgb(encoder: str, mode: str) -> None:
    picture = Image.new("RGB", (9, 7), (10, 200, 30)).convert(mode)
    made = within_a_document(encoded(encoder, picture, icc_profile=swapped_profile()))
    red, green, _blue = Image.open(io.BytesIO(made.data)).convert("RGB").getpixel((3, 3))
    assert red > 150 > 100 > green
