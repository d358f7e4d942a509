"""Pictures inside documents: decoded to pixels and encoded anew; metafiles give way to a neutral placeholder.

Sizes of metafiles: [MS-EMF] 2.3.4.2 (frame in hundredths of a millimetre), [MS-WMF] 2.3.2.3 (placeable header).
"""

import io
import struct
from dataclasses import dataclass

from PIL import Image, ImageDraw

from sekisho.sanitizer.formats.images import with_own_palette
from sekisho.sanitizer.formats.job import Job

Image.init()
_READ = ("PNG", "JPEG", "GIF", "BMP", "DIB", "TIFF", "WEBP")
_EMF, _WMF = b"\x01\x00\x00\x00", b"\xd7\xcd\xc6\x9a"
_PLACEHOLDER = (320, 240)


@dataclass(frozen=True)
class Picture:
    """``extension`` is png, jpeg or gif."""

    data: bytes
    extension: str


def rebuilt(job: Job, data: bytes, part: str) -> Picture:
    """The picture from its pixels alone; what cannot be decoded becomes a placeholder and is reported lost."""
    if data[:4] in (_EMF, _WMF) or data[:2] == b"\x01\x00":
        job.lost("ooxml.metafile", part=part)
        return placeholder(_metafile_size(data))
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
    if image.format == "JPEG":
        pixels = image if image.mode in {"L", "RGB", "CMYK"} else image.convert("RGB")
        bare = _bare(pixels)
        bare.save(out, "JPEG", quality=job.policy.jpeg_quality, dpi=_dpi(image))
        return Picture(out.getvalue(), "jpeg")
    image.load()
    if image.mode not in {"1", "L", "LA", "P", "RGB", "RGBA"}:
        image = image.convert("L" if image.mode.startswith("I") or image.mode == "F" else "RGB")
    if image.mode == "P":  # a palette as received is up to 768 bytes of anybody's choice
        image = image.convert("RGBA") if "transparency" in image.info else with_own_palette(image)
        image.info.pop("transparency", None)
    more = {"transparency": image.info["transparency"]} if "transparency" in image.info else {}
    _bare(image).save(out, "PNG", compress_level=4, **more)
    return Picture(out.getvalue(), "png")


def _animated(image: Image.Image, frames: int, out: io.BytesIO) -> Picture:
    pictures, durations = [], []
    for number in range(frames):
        image.seek(number)
        pictures.append(image.convert("RGBA"))
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


def _dpi(image: Image.Image) -> tuple[float, float]:
    try:
        across, down = (float(value) for value in image.info.get("dpi", (96, 96)))
    except (TypeError, ValueError):
        return (96, 96)
    return (across, down) if 10 <= across <= 5_000 and 10 <= down <= 5_000 else (96, 96)


def _metafile_size(data: bytes) -> tuple[int, int]:
    try:
        if data[:4] == _EMF:
            left, top, right, bottom = struct.unpack_from("<4i", data, 24)
            size = ((right - left) * 96 // 2540, (bottom - top) * 96 // 2540)
        elif data[:4] == _WMF:
            left, top, right, bottom, inch = struct.unpack_from("<4hH", data, 6)
            size = ((right - left) * 96 // max(inch, 1), (bottom - top) * 96 // max(inch, 1))
        else:
            size = _PLACEHOLDER
    except struct.error:
        size = _PLACEHOLDER
    return size if all(1 <= side <= 4_000 for side in size) else _PLACEHOLDER


def placeholder(size: tuple[int, int] = _PLACEHOLDER) -> Picture:
    """A light field with a border: something was here."""
    image = Image.new("P", size, 0)
    image.putpalette([244, 244, 244, 160, 160, 160])
    if min(size) > 2:
        ImageDraw.Draw(image).rectangle((0, 0, size[0] - 1, size[1] - 1), outline=1)
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return Picture(out.getvalue(), "png")
