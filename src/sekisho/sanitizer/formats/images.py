"""Pictures: decoded to pixels, turned upright, brought to sRGB, and encoded anew. Nothing else crosses."""

import io
import mmap
import re
import struct
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import islice
from typing import IO, Any, BinaryIO, cast

from PIL import (
    Image,
    ImageChops,
    ImageCms,
    ImageOps,
    ImageSequence,
    ImageStat,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    UnidentifiedImageError,
)
from pillow_heif import register_heif_opener

from sekisho.sanitizer.formats import image_metadata, image_varieties, jpeg_bands
from sekisho.sanitizer.formats.image_depths import eight_bit, is_deep
from sekisho.sanitizer.formats.job import Job
from sekisho.sanitizer.results import Refused

register_heif_opener(thumbnails=False)
Image.preinit()
Image.init()
# Pillow's own reader of TIFF pages that are not packed mixes up planes of 16 bits.
TiffImagePlugin.READ_LIBTIFF = True
# Texts in a PNG do not come through, however long one is; all of them together have a bound of their own.
PngImagePlugin.MAX_TEXT_CHUNK = PngImagePlugin.MAX_TEXT_MEMORY
Image.MAX_IMAGE_PIXELS = None  # the policy's limit is checked before pixels are decoded

# Only the decoder of the identified type is tried: a name or a second signature cannot pick another.
_DECODERS = {
    "jpeg": "JPEG", "png": "PNG", "gif": "GIF", "tiff": "TIFF", "bmp": "BMP", "webp": "WEBP", "heic": "HEIF",
    "avif": "AVIF",
}  # fmt: skip
# What each type becomes: formats that every desktop opens.
_PRODUCED = {"bmp": "png", "heic": "jpeg", "avif": "jpeg"}
_SRGB = ImageCms.createProfile("sRGB")
_SMALL = 1 << 14  # pixels of an icon, of which each one counts
_BEST = 95
_SHOWS_EVERYTHING = {"1", "L", "LA", "P", "RGB", "RGBA"}
# What the decoders raise on damaged data.
_DAMAGED = (
    UnidentifiedImageError, ArithmeticError, EOFError, LookupError, OSError, RuntimeError, SyntaxError, TypeError,
    ValueError, struct.error,
)  # fmt: skip
_THUMB = (256, 256)
# Full size; colours as they are stored, which is once for four pixels as a rule, and not smoothed: averaged again by the
# encoder they come out as they were, with a quarter of the difference that smoothing leaves.
AS_STORED = (1, 1)
_ORIENTATION = 0x0112  # EXIF tag
_ON_ITS_SIDE = frozenset({5, 6, 7, 8})
_MOST_DPI = 9_600
_MOST_LOOPS = 0xFFFF
# Mean difference of a channel, of 255, that lossy encoding may cause in a reduced picture.
_TOLERANCE = {"jpeg": 12.0, "webp": 12.0, "gif": 12.0}

# What begins a part of a JPEG, but for the marks that stand between its bits.
_MARK = re.compile(rb"\xff++[^\x00\x01\xd0-\xd8\xff]", re.DOTALL)
_SCAN, _END_OF_PICTURE = b"\xff\xda", 0xD9
_SEQUENTIAL = {0xC0, 0xC1}  # frames whose components are coded at once
_MOST_SCANS = 100  # programs write ten


def rebuild(job: Job) -> None:
    """Write the picture anew, frame by frame."""
    _encode(job, job.source, job.type.id, job.output)


@dataclass(frozen=True)
class _Shown:
    """What a picture shows: frames (or TIFF pages) upright and in sRGB, how long each stays in milliseconds and how
    often they are gone through (0: without end, None: once), the dots an inch across and down that say how large it
    is meant, and the new Exif block when the policy keeps one. ``is_exact``: the source loses nothing, or stores a
    colour for each pixel, where its kind may also do otherwise. ``begins_still``: the first frame is for readers that know
    no animation, and is none of its frames (PNG)."""

    frames: list[Image.Image]
    durations: list[int]
    total: int = 1  # frames or pages of the source
    loop: int | None = None
    dpi: tuple[int, int] | None = None
    exif: Image.Exif | None = None
    is_exact: bool = False
    begins_still: bool = False


def encode(job: Job, data: bytes, kind: str, *, dpi: float = 0, **where: Any) -> bytes:
    """A picture's bytes as newly encoded bytes of ``job.produced``. Raises ``Refused``.

    ``dpi``: of a picture that was drawn, and does not say so itself.
    """
    out = io.BytesIO()
    _encode(job, io.BytesIO(data), kind, out, dpi=dpi, **where)
    return out.getvalue()


def _encode(job: Job, source: BinaryIO, kind: str, out: BinaryIO, dpi: float = 0, **where: Any) -> None:
    """See ``encode``; the bytes go to ``out``, which holds nothing yet.

    Of formats that say their size at the beginning no more is read before it is judged.
    """
    source.seek(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of what it repairs; the result is judged below
        try:
            with Image.open(source, formats=[_DECODERS[kind]]) as picture:
                said = picture.info
                if isinstance(picture, JpegImagePlugin.JpegImageFile):
                    picture.decoderconfig = AS_STORED
                shown = replace(_decoded(job, picture, source), is_exact=_is_exact(picture, source))
                _report_what_went(job, picture, {**said, **picture.info}, source, kind, **where)
        except _DAMAGED as error:
            if variety := image_varieties.unread(source, kind, error):
                raise Refused("image.variety", variety=variety) from error
            raise job.broken() from error
        except Image.DecompressionBombError as error:
            raise Refused("limit.pixels", limit=job.limits.pixels) from error
    if dpi:
        shown = replace(shown, dpi=whole_dpi((dpi, dpi)))
    job.produced = _produced(kind, shown.frames)
    if shown.exif is not None and job.produced != "gif":
        job.changed("image.metadata_kept", **where)
    _WRITERS[job.produced](job, shown, out)
    _compare(job, shown, out)


def _has_too_many_scans(source: BinaryIO) -> bool:
    """Whether a JPEG goes over its pixels more often than any program writes: each time costs as much as all of them."""
    place = source.tell()
    try:
        if not _may_have_scans(source):
            return False
        source.seek(0)
        data = source.read()
        # What is no scan may look like one, in a thumbnail or behind the picture.
        return data.count(_SCAN) > _MOST_SCANS and _scans(data) > _MOST_SCANS
    finally:
        source.seek(place)


def _may_have_scans(source: BinaryIO) -> bool:
    """Whether a JPEG can have more than one scan: the first holds all components, once, in most (ITU-T T.81, B.2.1)."""
    source.seek(2)
    components = b""
    while len(head := source.read(4)) == 4 and head[0] == _SCAN[0]:
        following = source.tell() + int.from_bytes(head[2:], "big") - 2
        if head[1] in _SEQUENTIAL:
            components = source.read(6)[5:]
        elif head[1] == _SCAN[1]:
            return source.read(1) != components  # which are unknown of those that are not sequential
        source.seek(following)
    return True


def _scans(data: bytes) -> int:
    """How many scans a JPEG has (ITU-T T.81, B.1.1)."""
    found, at = 0, 2
    while mark := _MARK.search(data, at):
        if mark[0][-1] == _END_OF_PICTURE:
            break
        found += mark[0].endswith(_SCAN)
        at = mark.end() + int.from_bytes(data[mark.end() : mark.end() + 2], "big")
    return found


def has_colours_for_each_pixel(picture: JpegImagePlugin.JpegImageFile) -> bool:
    """Whether a JPEG stores colours as often as brightness (4:4:4)."""
    return JpegImagePlugin.get_sampling(picture) == 0


def _is_exact(picture: Image.Image, source: BinaryIO) -> bool:
    if isinstance(picture, JpegImagePlugin.JpegImageFile):
        return has_colours_for_each_pixel(picture)
    return picture.format == "WEBP" and _is_lossless_webp(source)


def _is_lossless_webp(source: BinaryIO) -> bool:
    """By the first picture among its blocks (RFC 9649): VP8L loses nothing."""
    at = source.seek(12)
    while len(head := source.read(8)) == 8:
        name, length = struct.unpack("<4sI", head)
        if name in {b"VP8 ", b"VP8L"}:
            return name == b"VP8L"
        # that of a frame of an animation is behind its place, size and time
        at += 8 + (16 if name == b"ANMF" else length + (length & 1))
        source.seek(at)
    return False


def _produced(kind: str, frames: list[Image.Image]) -> str:
    """The type to write: what shows the ground through it is no photograph."""
    becomes = _PRODUCED.get(kind, kind)
    is_see_through = becomes != kind and frames[0].mode in {"LA", "RGBA"} and _lowest_alpha(frames[0]) < 255
    return "png" if is_see_through else becomes


def _lowest_alpha(frame: Image.Image) -> float:
    low = frame.getchannel("A").getextrema()[0]
    return low if isinstance(low, int | float) else 0


def _decoded(job: Job, picture: Image.Image, source: BinaryIO) -> _Shown:
    count = getattr(picture, "n_frames", 1)
    job.check_limit("frames", count)
    job.check_limit("pixels", picture.width * picture.height)
    if isinstance(picture, JpegImagePlugin.JpegImageFile) and _has_too_many_scans(source):
        raise Refused("limit.scans", limit=_MOST_SCANS)
    # All frames of an animation are held at once; of one that is too long the end is left out.
    most = (
        count
        if picture.format == "TIFF"
        else max(1, job.limits.pixels // (picture.width * picture.height or 1))
    )
    if most < count:
        job.lost("image.frames", count=count - most)
    frames: list[Image.Image] = []
    durations: list[int] = []
    exif, loop, dpi = None, _loop(picture), _dpi(picture)
    for frame in islice(ImageSequence.Iterator(picture), most):
        job.check_limit("pixels", frame.width * frame.height)
        if is_deep(frame):
            job.lost("image.depth")
        frame.load()  # WebP and AVIF tell only then how long a frame stays; Exif may follow the pixels
        durations.append(int(frame.info.get("duration", 0) or 0))
        if job.keep.metadata and not frames:
            exif = image_metadata.kept(frame)
        frames.append(_pixels(job, frame))
    begins_still = picture.info.get("default_image") is True and len(frames) > 1
    return _Shown(frames, durations, count, loop, dpi, exif, begins_still=begins_still)


def _loop(picture: Image.Image) -> int | None:
    loop = picture.info.get("loop")
    return loop if isinstance(loop, int) and 0 <= loop <= _MOST_LOOPS else None


def _dpi(picture: Image.Image) -> tuple[int, int] | None:
    """Of the upright picture; None where it does not say, or says what no device has."""
    across, down = whole_dpi(picture.info.get("dpi")) or (0, 0)
    if not across:
        return None
    return (
        (down, across)
        if image_metadata.exif(picture).get(_ORIENTATION, 1) in _ON_ITS_SIDE
        else (across, down)
    )


def whole_dpi(said: object) -> tuple[int, int] | None:
    try:
        across, down = (round(float(each)) for each in cast("tuple[float, float]", said))
    except (TypeError, ValueError, ArithmeticError):
        return None
    return (across, down) if min(across, down) >= 1 and max(across, down) <= _MOST_DPI else None


def _pixels(job: Job, frame: Image.Image) -> Image.Image:
    if frame.mode == "La":  # grey times what it covers
        frame = frame.convert("LA")
    if frame.mode in {"1", "L", "RGB"} and "transparency" in frame.info:  # one colour of it is see-through
        frame = frame.convert("RGBA")
    turned = image_metadata.exif(frame).get(_ORIENTATION, 1) != 1
    upright = ImageOps.exif_transpose(frame) if turned else frame
    coloured = in_srgb(upright, frame.info.get("icc_profile"))
    if coloured.mode not in _SHOWS_EVERYTHING:
        if coloured.mode.startswith("I") or coloured.mode == "F":
            coloured = eight_bit(coloured, frame)
        else:
            coloured = coloured.convert("RGBA" if coloured.has_transparency_data else "RGB")
    if coloured.format == "JPEG" and getattr(frame, "n_frames", 1) == 1 and coloured.mode in {"L", "RGB"}:
        coloured.info = {}  # nothing else of a picture reaches the encoders: a copy of the pixels is saved
        return coloured
    if coloured.mode == "P" and "transparency" not in coloured.info:
        return with_own_palette(coloured)
    coloured = coloured.convert("RGBA") if coloured.mode == "P" else coloured
    bare = Image.new(coloured.mode, coloured.size)
    bare.paste(coloured)
    return bare


def with_own_palette(frame: Image.Image) -> Image.Image:
    """The same picture with a palette of the colours that it shows, each once and in order.

    A palette as received is up to 768 bytes of anybody's choice.
    """
    given = frame.getpalette("RGB") or []
    shown = [at for at, count in enumerate(frame.histogram()[:256]) if count]
    colours = {at: bytes(given[3 * at : 3 * at + 3]).ljust(3, b"\0") for at in shown}
    ordered = sorted(set(colours.values()))
    places = {colour: place for place, colour in enumerate(ordered)}
    bare = Image.new("P", frame.size)
    bare.paste(frame.point([places[colours[at]] if at in colours else 0 for at in range(256)]))
    bare.putpalette([value for colour in ordered for value in colour], "RGB")
    return bare


def in_srgb(frame: Image.Image, profile: bytes | None) -> Image.Image:
    """Apply the colour profile, which itself does not cross. A profile that cannot be used is left out."""
    if frame.mode == "P" and profile:
        return _palette_in_srgb(frame, profile)
    if frame.mode in {"CMYK", "RGB", "RGBA", "L"} and profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            mode = "RGBA" if frame.mode == "RGBA" else "RGB"
            converted = ImageCms.profileToProfile(frame, source, _SRGB, outputMode=mode)
            return converted if converted is not None else frame
        except (ImageCms.PyCMSError, OSError, ValueError):
            return frame
    return frame


def _palette_in_srgb(frame: Image.Image, profile: bytes) -> Image.Image:
    colours = bytes(frame.getpalette("RGB") or b"\0\0\0")
    strip = Image.frombytes("RGB", (len(colours) // 3, 1), colours)
    converted = frame.copy()
    alphas = frame.info.get("transparency")
    converted.putpalette(in_srgb(strip, profile).tobytes(), "RGB")
    if alphas is not None:
        converted.info["transparency"] = alphas
    return converted


# -- writing ------------------------------------------------------------------------------------------------------


def _jpeg(job: Job, shown: _Shown, out: BinaryIO) -> None:
    if len(shown.frames) > 1:
        job.lost("image.frames", count=len(shown.frames) - 1)
    frame = _without_alpha(shown.frames[0])
    large = frame.width * frame.height >= jpeg_bands.LARGE
    more = {"restart_marker_rows": jpeg_bands.BLOCK_ROWS} if large else {}
    more |= jpeg_quality(job, frame, is_exact=shown.is_exact)
    _save(shown, frame, out, "JPEG", **more)


def jpeg_quality(job: Job, frame: Image.Image, *, is_exact: bool) -> dict[str, int]:
    """How well to save a picture. ``is_exact``: the source stores a colour for each pixel."""
    if frame.width * frame.height <= _SMALL:  # each pixel counts, and takes no room
        return {"quality": max(job.policy.jpeg_quality, _BEST), "subsampling": 0}
    return {"quality": job.policy.jpeg_quality} | ({"subsampling": 0} if is_exact else {})


def _png(job: Job, shown: _Shown, out: BinaryIO) -> None:
    if len(shown.frames) == 1:
        _save(shown, shown.frames[0], out, "PNG", compress_level=4)
        return
    mode = "RGBA" if any(frame.mode in {"LA", "RGBA"} for frame in shown.frames) else "RGB"
    first, *rest = [frame.convert(mode) for frame in shown.frames]
    more = {
        "save_all": True,
        "append_images": rest,
        "loop": shown.loop or 0,
        "default_image": shown.begins_still,
    }
    moving = shown.durations[1 if shown.begins_still else 0 :]
    _save(shown, first, out, "PNG", compress_level=4, duration=moving, **more)


def _webp(job: Job, shown: _Shown, out: BinaryIO) -> None:
    first, *rest = shown.frames
    more = {"save_all": True, "append_images": rest, "duration": shown.durations} if rest else {}
    if rest:
        more["loop"] = 1 if shown.loop is None else shown.loop
    if shown.is_exact or first.width * first.height <= _SMALL:
        more |= {"lossless": True, "method": 2}
    try:
        _save(shown, first, out, "WEBP", quality=job.policy.jpeg_quality, **more)
    except ValueError as error:  # libwebp's first error: it was given no memory
        raise (MemoryError if str(error) == "encoding error 1" else ValueError) from error


def _gif(job: Job, shown: _Shown, out: BinaryIO) -> None:
    without = replace(shown, exif=None)  # the format has no place for it
    if len(shown.frames) == 1:
        _save(without, shown.frames[0], out, "GIF")
        return
    first, *rest = [frame.convert("RGBA") for frame in shown.frames]
    more = {"save_all": True, "append_images": rest, "duration": shown.durations, "disposal": 2}
    if shown.loop is not None:
        more["loop"] = shown.loop
    _save(without, first, out, "GIF", **more)


def _tiff(job: Job, shown: _Shown, out: BinaryIO) -> None:
    first, *rest = shown.frames
    _save(shown, first, out, "TIFF", save_all=True, append_images=rest, compression="tiff_lzw")


_WRITERS: dict[str, Callable[[Job, _Shown, BinaryIO], None]] = {
    "jpeg": _jpeg, "png": _png, "webp": _webp, "gif": _gif, "tiff": _tiff,
}  # fmt: skip


def _without_alpha(frame: Image.Image) -> Image.Image:
    """On white, as paper shows it."""
    if frame.mode in {"RGBA", "LA"} or (frame.mode == "P" and "transparency" in frame.info):
        ground = Image.new("RGBA", frame.size, "white")
        return Image.alpha_composite(ground, frame.convert("RGBA")).convert("RGB")
    return frame if frame.mode in {"L", "RGB"} else frame.convert("RGB")


def _save(shown: _Shown, frame: Image.Image, out: BinaryIO, encoder: str, **options: Any) -> None:
    if shown.exif is not None:
        # TIFF holds the tags among its own; elsewhere they are a block of their own.
        options["exif"] = shown.exif if encoder == "TIFF" else shown.exif.tobytes()
    if shown.dpi and encoder in {"JPEG", "PNG", "TIFF"}:
        options["dpi"] = shown.dpi
    if encoder == "JPEG":  # written from its beginning to its end; the others go back in what they wrote
        frame.save(out, encoder, **options)
        return
    held = io.BytesIO()
    frame.save(held, encoder, **options)
    out.write(held.getbuffer())


# -- the report ---------------------------------------------------------------------------------------------------


def _report_what_went(
    job: Job, picture: Image.Image, info: dict[Any, Any], source: BinaryIO, kind: str, **where: Any
) -> None:
    if tags := image_metadata.told(picture):
        job.removed("image.exif", count=len(tags), **where)
        if image_metadata.tells_place(picture):
            job.removed("image.location", **where)
    for key, code in (("icc_profile", "image.profile"), ("xmp", "image.xmp"), ("comment", "image.comment"),
                      ("photoshop", "image.iptc"), ("XML:com.adobe.xmp", "image.xmp")):  # fmt: skip
        if info.get(key):
            job.removed(code, **where)
    for key in getattr(picture, "text", {}):
        job.removed("image.comment", detail=str(key), **where)
    trailing = _behind_picture(source, kind)
    if trailing > 0:
        job.removed("image.trailing", detail=f"{trailing} bytes", **where)


_LAST_MARKS = {"png": b"IEND\xaeB`\x82", "jpeg": b"\xff\xd9", "gif": b"\x00\x3b"}
_WINDOW = 1 << 20


def _behind_picture(source: BinaryIO, kind: str) -> int:
    """How many bytes follow the picture's own; 0 where the format does not say where it ends."""
    size = source.seek(0, io.SEEK_END)
    if kind == "webp":
        source.seek(4)
        return size - 8 - int.from_bytes(source.read(4), "little")
    mark = _LAST_MARKS.get(kind, b"")
    end = size
    while mark and end > 0:
        begin = max(0, end - _WINDOW)
        source.seek(begin)
        at = source.read(end - begin).rfind(mark)
        if at >= 0:
            return size - begin - at - len(mark)
        end = begin + len(mark) - 1 if begin else 0
    return 0


def _compare(job: Job, shown: _Shown, out: BinaryIO) -> None:
    """Measure how alike the pictures are, and refuse what lost its content."""
    first = shown.frames[0]
    written = _written(out)
    # The decoder of JPEG reads on; others seek beyond the end, which only a file of Python's own allows.
    in_place = job.produced == "jpeg" and not isinstance(written, bytes)
    file = cast("IO[bytes]", written) if in_place else io.BytesIO(written)
    with Image.open(file, formats=[_DECODERS[job.produced]]) as made:
        size_and_frames = (*made.size, getattr(made, "n_frames", 1))
        sampled = _sampled(made, first, written)
        if sampled:
            difference = _difference(*sampled)
        else:
            # A JPEG can be decoded at an eighth of its size, which is all the comparison needs.
            made.draft("RGB", _THUMB)
            difference = mean_difference(first, made)
    similarity = round(1 - difference / 255, 4)
    width, height, count = size_and_frames
    job.fidelity = {
        "frames_before": shown.total, "frames_after": count, "width": first.width,
        "height": first.height, "pixel_similarity": similarity,
    }  # fmt: skip
    job.require((width, height) == first.size, "size", width=width, height=height)
    job.require(difference <= _TOLERANCE.get(job.produced, 2.0), "pixels", pixel_similarity=similarity)


def _written(out: BinaryIO) -> bytes | mmap.mmap:
    """What was written, where it lies when that is a file: it takes no memory of its own."""
    if isinstance(out, io.BytesIO):
        return out.getvalue()
    out.flush()
    return mmap.mmap(out.fileno(), 0, access=mmap.ACCESS_READ)


def _sampled(
    made: Image.Image, frame: Image.Image, written: bytes | mmap.mmap
) -> tuple[Image.Image, Image.Image] | None:
    """Bands of a large JPEG before and after at an eighth of their size, spread over its whole height; None where all
    is compared."""
    if made.format != "JPEG" or made.width * made.height < jpeg_bands.LARGE:
        return None
    found = jpeg_bands.bands(written)
    if found is None:
        return None
    data, places = found
    after = Image.open(io.BytesIO(data), formats=["JPEG"])
    after.draft(after.mode, (1, 1))  # the decoder's smallest: an eighth
    before = Image.new(after.mode, after.size)
    top = 0
    for place in places:
        band = _without_alpha(frame.crop((0, place[0], frame.width, place[1])).reduce(jpeg_bands.SHRUNK))
        before.paste(band, (0, top))
        top += band.height
    return before, after


def mean_difference(one: Image.Image, other: Image.Image) -> float:
    """Mean absolute difference of the channels of two pictures reduced to at most 256 pixels a side, 0 to 255."""
    size = _reduced_size(one)
    reduced = [_without_alpha(picture).resize(size, reducing_gap=2.0) for picture in (one, other)]
    return _difference(*reduced)


def _difference(one: Image.Image, other: Image.Image) -> float:
    """Mean absolute difference of the channels of two pictures of one size, 0 to 255."""
    apart = ImageChops.difference(one.convert("RGB"), other.convert("RGB"))
    return sum(ImageStat.Stat(apart).mean) / 3


def _reduced_size(picture: Image.Image) -> tuple[int, int]:
    return min(picture.width, _THUMB[0]), min(picture.height, _THUMB[1])
