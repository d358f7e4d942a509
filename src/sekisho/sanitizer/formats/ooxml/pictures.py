"""Pictures inside documents: decoded to pixels and encoded anew; metafiles are drawn, or give way to a placeholder."""

import io
import struct
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageDraw, JpegImagePlugin

from sekisho.sanitizer.formats.image_depths import eight_bit
from sekisho.sanitizer.formats.images import (
    AS_STORED,
    has_colours_for_each_pixel,
    in_srgb,
    jpeg_quality,
    whole_dpi,
    with_own_palette,
)
from sekisho.sanitizer.formats.job import Job
from sekisho.sanitizer.formats.metafiles import DRAWN_DPI
from sekisho.sanitizer.formats.metafiles import draw as draw_metafiles
from sekisho.sanitizer.results import Refused

Image.init()
_READ = ("PNG", "JPEG", "GIF", "BMP", "DIB", "TIFF", "WEBP")
_PLACEHOLDER = (320, 240)
_SAYS_SRGB = (b"sRGB", "sRGB".encode("utf-16-be"))  # in the name of a profile
_LEVEL = 3  # of deflating: harder takes up to twice as long and often saves nothing


@dataclass(frozen=True)
class Picture:
    """``extension`` is png, jpeg or gif."""

    data: bytes
    extension: str


def rebuilt(job: Job, data: bytes, part: str) -> Picture:
    """The picture from its pixels alone; what cannot be decoded becomes a placeholder and is reported lost."""
    try:
        with Image.open(io.BytesIO(data), formats=_READ) as image:
            job.check_limit("pixels", image.width * image.height)
            return _encoded(job, image)
    except (OSError, ValueError, SyntaxError, struct.error, EOFError, IndexError, KeyError, TypeError,
            OverflowError, AttributeError, Image.DecompressionBombError):  # fmt: skip
        job.lost("ooxml.picture", part=part)
        return placeholder(_PLACEHOLDER)


def _encoded(job: Job, image: Image.Image) -> Picture:
    frames = getattr(image, "n_frames", 1)
    out = io.BytesIO()
    if image.format == "GIF" and frames > 1:
        job.check_limit("frames", frames)
        job.check_limit("pixels", image.width * image.height * frames)
        return _animated(image, frames, out)
    dpi = whole_dpi(image.info.get("dpi"))
    # Tells how large a picture is that fills a shape again and again.
    more: dict[str, Any] = {"dpi": dpi} if dpi else {}
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        image.decoderconfig = AS_STORED
        more |= jpeg_quality(job, image, is_exact=has_colours_for_each_pixel(image))
        pixels = _in_usual_colours(image)
        pixels = pixels if pixels.mode in {"L", "RGB", "CMYK"} else pixels.convert("RGB")
        _bare(pixels).save(out, "JPEG", **more)
        return Picture(out.getvalue(), "jpeg")
    image = _in_usual_colours(image)
    if image.mode not in {"1", "L", "LA", "P", "RGB", "RGBA"}:
        image = image.convert("RGB")
    if image.mode == "P":  # a palette as received is up to 768 bytes of anybody's choice
        image = image.convert("RGBA") if "transparency" in image.info else with_own_palette(image)
        image.info.pop("transparency", None)
    if "transparency" in image.info:
        more["transparency"] = image.info["transparency"]
    _bare(image).save(out, "PNG", compress_level=_LEVEL, **more)
    return Picture(out.getvalue(), "png")


def _in_usual_colours(image: Image.Image) -> Image.Image:
    """In sRGB, as its own profile, which does not cross, tells; and in eight bits a channel."""
    image.load()
    source = image
    profile = image.info.get("icc_profile") or b""
    if profile and not any(word in profile for word in _SAYS_SRGB):
        if image.mode in {"1", "L", "RGB"} and "transparency" in image.info:
            image = image.convert("RGBA")
        image = in_srgb(image, profile)
    if image.mode.startswith("I") or image.mode == "F":
        image = eight_bit(image, source)
        image.info.pop("transparency", None)  # which is a number of 16 bits
    return image


def _animated(image: Image.Image, frames: int, out: io.BytesIO) -> Picture:
    pictures, durations = [], []
    for number in range(frames):
        image.seek(number)
        pictures.append(_bare(image.convert("RGBA")))
        durations.append(image.info.get("duration", 100))
    pictures[0].save(
        out, "GIF", save_all=True, append_images=pictures[1:], duration=durations, loop=0, disposal=2
    )
    return Picture(out.getvalue(), "gif")


def _bare(image: Image.Image) -> Image.Image:
    """Pixels (and palette) without a trace of the file they came from."""
    image.load()
    bare = image.copy()
    bare.info = {}
    bare.getexif().clear()
    return bare


def drawn(job: Job, metafiles: Sequence[bytes]) -> dict[bytes, Picture]:
    """Those of these metafiles that could be drawn as pixels, where LibreOffice is there to do it."""
    found: dict[bytes, Picture] = {}
    with suppress(Refused):
        for data, image in zip(metafiles, draw_metafiles(job, metafiles) if metafiles else (), strict=False):
            if image is not None:
                out = io.BytesIO()
                image.save(out, "PNG", compress_level=_LEVEL, dpi=(DRAWN_DPI, DRAWN_DPI))
                found[data] = Picture(out.getvalue(), "png")
    return found


def placeholder(size: tuple[int, int] = _PLACEHOLDER) -> Picture:
    """A light field with a border: something was here."""
    image = Image.new("P", size, 0)
    image.putpalette([244, 244, 244, 160, 160, 160])
    if min(size) > 2:
        ImageDraw.Draw(image).rectangle((0, 0, size[0] - 1, size[1] - 1), outline=1)
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return Picture(out.getvalue(), "png")
