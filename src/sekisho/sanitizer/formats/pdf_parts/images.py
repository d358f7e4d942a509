"""Pictures (8.9): each is decoded to its pixels and coded anew.

JPEG and JPEG 2000 are decoded by Pillow, JBIG2 and fax by pdfium; the others are samples once their filters are undone.
What was coded with loss becomes JPEG again, everything else deflated samples.
"""

import io
import math
import re
import struct
import zlib
from collections.abc import Callable
from typing import Any

import pikepdf
import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image, ImageChops, UnidentifiedImageError

from sekisho.sanitizer.formats.pdf_parts import palettes
from sekisho.sanitizer.formats.pdf_parts.colors import components_of, is_indexed, write_color_space
from sekisho.sanitizer.formats.pdf_parts.context import Context
from sekisho.sanitizer.formats.pdf_parts.profiles import profile_of
from sekisho.sanitizer.formats.pdf_parts.values import (
    PLAIN_FILTERS,
    Unreadable,
    decoded,
    entry,
    filters,
    is_external,
    items,
    name,
    numbers,
    whole,
)
from sekisho.sanitizer.formats.pdf_writer import Name, Ref, deflated

Image.preinit()
_KEYS = {
    "Type", "Subtype", "Width", "Height", "ColorSpace", "BitsPerComponent", "Filter", "DecodeParms", "Length",
    "DL", "ImageMask", "Mask", "SMask", "SMaskInData", "Decode", "Interpolate", "Name", "Intent", "Matte",
    "StructParent", "OC", "ID",
}  # fmt: skip
_BY_BANDS = {1: "DeviceGray", 3: "DeviceRGB", 4: "DeviceCMYK"}
_MAX_SIDE = 65_535
_MOST_COMPONENTS = 32
_LOSSY_QUALITY = 75
_PNG_MODES = {1: "L", 3: "RGB"}
_BITMAPS = {
    pdfium.FPDFBitmap_Gray: ("L", "L"), pdfium.FPDFBitmap_BGR: ("RGB", "BGR"), pdfium.FPDFBitmap_BGRx: ("RGB", "BGRX"),
}  # fmt: skip
# A JPEG 2000 picture's start and sizes; then one triple for each component, the depth first (ISO 15444-1, A.5.1).
_SIZES = re.compile(rb"\xff\x4f\xff\x51[\s\S]{36}([\s\S]{2})")
_SMALL, _BAND = 4096, 32  # bytes below which it does not matter; rows by which the better way is chosen


def write_image(context: Context, source: Any, *, is_mask: bool = False) -> Ref | None:
    """The new picture. ``is_mask``: it serves as another's soft mask and has no masks of its own."""
    if is_external(source):
        raise Unreadable("pdf.external")
    context.unknown_keys(source, _KEYS)
    width, height = _side(source, "Width", "W"), _side(source, "Height", "H")
    context.job.check_limit("pixels", width * height)
    entries: dict[str, Any] = {
        "Type": Name("XObject"),
        "Subtype": Name("Image"),
        "Width": width,
        "Height": height,
    }
    if entry(source, "Interpolate") is True:
        entries["Interpolate"] = True
    if entry(source, "ImageMask") is True:
        return _stencil(context, source, entries)
    if not is_mask:
        entries |= _masks(context, source)
    elif matte := numbers(entry(source, "Matte"), most=_MOST_COMPONENTS):
        entries["Matte"] = matte  # what the picture it masks was blended with beforehand (11.6.5.3)
    last = (filters(source) or [""])[-1]
    if last in {"DCTDecode", "JPXDecode"}:
        return _photograph(context, source, entries, last)
    bits = 1 if last in {"JBIG2Decode", "CCITTFaxDecode"} else whole(entry(source, "BitsPerComponent"), 1, 16)
    space = entry(source, "ColorSpace")
    components = components_of(space)
    if is_indexed(space) and bits:
        samples = _fitted(_samples(context, source, width, height, last), (width * bits + 7) // 8 * height)
        decode = numbers(entry(source, "Decode"), 2)
        return palettes.write_indexed(context, entries, space, samples, bits=bits, decode=decode)
    made = write_color_space(context, space)
    if made is None or components is None or made == "Pattern" or bits not in {1, 2, 4, 8, 16}:
        raise Unreadable(detail="picture")
    entries |= {"ColorSpace": made, "BitsPerComponent": bits} | _decode(source, components)
    row = (width * components * bits + 7) // 8
    samples = _fitted(_samples(context, source, width, height, last), row * height)
    profile = profile_of(context, space) if bits == 8 and "Decode" not in entries else None
    if profile and type(entries.get("Mask")) is not list:
        picture = Image.frombytes(_PNG_MODES[components], (width, height), samples)
        samples = profile.changed(picture).tobytes()
    return _write_samples(context, entries, samples, row, components)


def _side(source: Any, key: str, short: str) -> int:
    found = whole(entry(source, key), 1, _MAX_SIDE) or whole(entry(source, short), 1, _MAX_SIDE)
    if found is None:
        raise Unreadable(detail="picture")
    return found


def _decode(source: Any, components: int) -> dict[str, Any]:
    found = numbers(entry(source, "Decode"), components * 2)
    return {"Decode": found} if found else {}


def _fitted(samples: bytes, length: int) -> bytes:
    """Exactly as many bytes as the size asks for."""
    return samples[:length].ljust(length, b"\x00")


def _stencil(context: Context, source: Any, entries: dict[str, Any]) -> Ref:
    """A mask through which the current colour is painted (8.9.6.2)."""
    width, height = entries["Width"], entries["Height"]
    row = (width + 7) // 8
    last = (filters(source) or [""])[-1]
    samples = _fitted(_samples(context, source, width, height, last), row * height)
    entries |= {"ImageMask": True, "BitsPerComponent": 1} | _decode(source, 1)
    return context.writer.add_stream(entries, samples)


def _masks(context: Context, source: Any) -> dict[str, Any]:
    soft, mask = entry(source, "SMask"), entry(source, "Mask")
    if isinstance(soft, pikepdf.Stream):
        made = context.once("softmask", soft, lambda: write_image(context, soft, is_mask=True))
        return {"SMask": made} if made else {}
    if isinstance(mask, pikepdf.Stream):
        made = context.once("image", mask, lambda: write_image(context, mask, is_mask=True))
        return {"Mask": made} if made else {}
    colours = [whole(item, 0, 65_535) for item in items(mask, 64)]
    if colours and None not in colours and (filters(source) or [""])[-1] != "DCTDecode":
        return {"Mask": colours}
    return {}


# -- samples ------------------------------------------------------------------------------------------------------


def _samples(context: Context, source: Any, width: int, height: int, last: str) -> bytes:
    """The samples as rows of packed bits."""
    if set(filters(source)) <= PLAIN_FILTERS:
        return decoded(source)
    if last in {"JBIG2Decode", "CCITTFaxDecode"}:
        context.removed("pdf.image_recoded", source, action="changed", detail=last)
        return _bilevel(context, source, width, height)
    if last in {"DCTDecode", "JPXDecode"}:
        return _opened(context, source, last).convert("1").tobytes()
    raise Unreadable(detail="picture")


def _bilevel(context: Context, source: Any, width: int, height: int) -> bytes:
    """The bits of a JBIG2 or fax picture."""
    gray = _by_pdfium(source, width, height, 1, "DeviceGray")
    if gray.mode != "L":
        raise Unreadable(detail="picture")
    return gray.convert("1", dither=Image.Dither.NONE).tobytes()


def _by_pdfium(source: Any, width: int, height: int, bits: int, space: str) -> Image.Image:
    """A picture as pdfium decodes it, alone on a page of its own."""
    alone = pikepdf.Pdf.new()
    alone.add_blank_page(page_size=(100, 100))
    copy = alone.make_stream(source.read_raw_bytes())
    copy.Type, copy.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
    copy.Width, copy.Height, copy.BitsPerComponent = width, height, bits
    copy.ColorSpace = pikepdf.Name("/" + space)
    copy.Filter = pikepdf.Array([pikepdf.Name("/" + found) for found in filters(source)])
    copy.DecodeParms = pikepdf.Array([_parameters(alone, found) for found in _listed_parameters(source)])
    page = alone.pages[0]
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=copy))
    page.Contents = alone.make_stream(b"q 100 0 0 100 0 0 cm /I Do Q")
    buffer = io.BytesIO()
    alone.save(buffer)
    return _drawn_pixels(buffer.getvalue(), width, height)


def _listed_parameters(source: Any) -> list[Any]:
    given = entry(source, "DecodeParms") or entry(source, "DP")
    listed = list(items(given, 10)) if isinstance(given, pikepdf.Array) else [given]
    return (listed + [None] * 10)[: len(filters(source))]


def _parameters(target: pikepdf.Pdf, given: Any) -> pikepdf.Dictionary:
    """The numbers and switches of a decoder, and the shared segments of JBIG2."""
    found = pikepdf.Dictionary()
    for key in ("K", "Columns", "Rows"):
        if (amount := whole(entry(given, key), -1, _MAX_SIDE)) is not None:
            found[f"/{key}"] = amount
    for key in ("EndOfLine", "EncodedByteAlign", "EndOfBlock", "BlackIs1"):
        if isinstance(entry(given, key), bool):
            found[f"/{key}"] = entry(given, key)
    shared = entry(given, "JBIG2Globals")
    if isinstance(shared, pikepdf.Stream):
        found.JBIG2Globals = target.make_stream(decoded(shared))
    return found


def _drawn_pixels(data: bytes, width: int, height: int) -> Image.Image:
    try:
        document = pypdfium2.PdfDocument(data)
        picture = next(document[0].get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE]))
        bitmap = picture.get_bitmap(render=False)
    except (pypdfium2.PdfiumError, StopIteration) as error:
        raise Unreadable(detail="picture") from error
    if (bitmap.width, bitmap.height) != (width, height) or bitmap.format not in _BITMAPS:
        raise Unreadable(detail="picture")
    mode, spelled = _BITMAPS[bitmap.format]
    return Image.frombytes(mode, (width, height), bytes(bitmap.buffer), "raw", spelled, bitmap.stride, 1)


def _write_samples(
    context: Context, entries: dict[str, Any], samples: bytes, row: int, components: int
) -> Ref:
    """Deflated samples; photographs are first coded as differences, which deflate better."""
    width, height = entries["Width"], entries["Height"]
    entries = entries | {"Filter": Name("FlateDecode")}
    if entries["BitsPerComponent"] == 8 and components in _PNG_MODES and len(samples) > _SMALL:
        mode = _PNG_MODES[components]
        first = max(0, height - _BAND) // 2 * row
        band = samples[first : first + _BAND * row]
        differences = _as_differences(mode, width, band)
        if len(differences) < len(deflated(band)):
            entries["DecodeParms"] = {
                "Predictor": 15,
                "Colors": components,
                "BitsPerComponent": 8,
                "Columns": width,
            }
            data = differences if len(band) == len(samples) else _as_differences(mode, width, samples)
            return context.writer.add_stream(entries, data, compress=False)
    return context.writer.add_stream(entries, deflated(samples), compress=False)


def _as_differences(mode: str, width: int, samples: bytes) -> bytes:
    """Rows as PNG codes and deflates them (7.4.4.4), by runs: twice as fast as by matches and as small."""
    picture = Image.frombytes(mode, (width, len(samples) // (width * len(mode))), samples)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_type=zlib.Z_RLE)
    return _deflated_rows(buffer.getvalue())


def _deflated_rows(png: bytes) -> bytes:
    rows, at = [], 8
    while at < len(png):
        length = int.from_bytes(png[at : at + 4], "big")
        if png[at + 4 : at + 8] == b"IDAT":
            rows.append(png[at + 8 : at + 8 + length])
        at += length + 12
    return b"".join(rows)


# -- photographs --------------------------------------------------------------------------------------------------


def _opened(context: Context, source: Any, last: str) -> Image.Image:
    """The pixels of a JPEG or JPEG 2000 file, whose own header must keep to the limits as well."""
    context.removed("pdf.image_recoded", source, action="changed", detail=last)
    data = _before_last_filter(source)
    kinds = ("JPEG",) if last == "DCTDecode" else ("JPEG2000",)
    try:
        picture = Image.open(io.BytesIO(data), formats=kinds)
        context.job.check_limit("pixels", math.prod(picture.size))
        picture.load()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Unreadable(detail="picture") from error
    return picture


def _deep(context: Context, source: Any, last: str) -> Image.Image | None:
    """A JPEG 2000 picture of more than eight bits a component, of which Pillow makes white black; None for any other."""
    sizes = _SIZES.search(data := _before_last_filter(source)) if last == "JPXDecode" else None
    if sizes is None:
        return None
    count = int.from_bytes(sizes[1], "big")
    depths = [depth & 0x7F for depth in data[sizes.end() : sizes.end() + 3 * count : 3]]
    if count not in {1, 3} or max(depths, default=0) < 8:
        return None
    across, down, left, up = struct.unpack_from(">4I", sizes[0], 8)
    context.removed("pdf.image_recoded", source, action="changed", detail=last)
    context.job.check_limit("pixels", max(across - left, 0) * max(down - up, 0))
    return _by_pdfium(source, across - left, down - up, 8, _BY_BANDS[count])


def _before_last_filter(source: Any) -> bytes:
    """The coded picture, after the filters around it are undone."""
    outer = filters(source)[:-1]
    if not outer:
        return bytes(source.read_raw_bytes())
    if not set(outer) <= PLAIN_FILTERS:
        raise Unreadable(detail="filter")
    owner = pikepdf.Pdf.new()  # a stream lives as long as the file it belongs to
    wrapped = owner.make_stream(source.read_raw_bytes())
    wrapped.Filter = pikepdf.Array([pikepdf.Name("/" + found) for found in outer])
    return decoded(wrapped)


def _photograph(context: Context, source: Any, entries: dict[str, Any], last: str) -> Ref:
    picture = _deep(context, source, last) or _opened(context, source, last)
    if last == "JPXDecode":
        if picture.mode == "CMYK":
            picture = ImageChops.invert(picture)  # as it is written below
        entries |= _alpha(context, source, picture, entries)
        picture = _without_alpha(picture)
    if picture.mode not in {"L", "RGB", "CMYK"}:
        picture = picture.convert("L" if picture.mode.startswith(("I", "F", "1")) else "RGB")
    bands = len(picture.getbands())
    profile = profile_of(context, entry(source, "ColorSpace")) if entry(source, "Decode") is None else None
    if profile and profile.components == bands:
        picture = profile.changed(picture)
    entries |= {"Width": picture.width, "Height": picture.height, "BitsPerComponent": 8}
    space = entry(source, "ColorSpace")
    if is_indexed(space) and bands == 1:
        return palettes.write_indexed(context, entries, space, picture.tobytes(), bits=8, decode=None)
    made = write_color_space(context, space) if space is not None else None
    if made is None or made == "Pattern" or components_of(space) != bands:
        entries["ColorSpace"] = Name(_BY_BANDS[bands])
    else:
        entries["ColorSpace"] = made
        entries |= _decode(source, bands)
    buffer = io.BytesIO()
    picture.info.clear()  # a comment in the source would be written again
    # Coded with its own tables a second time, a JPEG loses almost nothing more.
    keeps = picture.format == "JPEG" and bands != 4 and bool(getattr(picture, "quantization", None))
    picture.save(
        buffer, "JPEG", quality="keep" if keeps else max(context.job.policy.jpeg_quality, _LOSSY_QUALITY)
    )
    return context.writer.add_stream(
        entries | {"Filter": Name("DCTDecode")}, buffer.getvalue(), compress=False
    )


def _alpha(context: Context, source: Any, picture: Image.Image, entries: dict[str, Any]) -> dict[str, Any]:
    """The opacity inside a JPEG 2000 file as a soft mask, where the source says it counts (8.9.5)."""
    if not whole(entry(source, "SMaskInData"), 1, 2) or "A" not in picture.getbands() or "SMask" in entries:
        return {}
    alpha = picture.getchannel("A")
    mask = {
        "Type": Name("XObject"), "Subtype": Name("Image"), "Width": alpha.width, "Height": alpha.height,
        "ColorSpace": Name("DeviceGray"), "BitsPerComponent": 8,
    }  # fmt: skip
    return {"SMask": context.writer.add_stream(mask, alpha.tobytes())}


def _without_alpha(picture: Image.Image) -> Image.Image:
    if picture.mode == "LA":
        return picture.getchannel("L")
    return picture.convert("RGB") if picture.mode in {"RGBA", "P", "PA"} else picture


# -- inline pictures ----------------------------------------------------------------------------------------------

_SHORT = {
    "W": "Width", "H": "Height", "BPC": "BitsPerComponent", "CS": "ColorSpace", "D": "Decode",
    "DP": "DecodeParms", "F": "Filter", "I": "Interpolate", "IM": "ImageMask",
}  # fmt: skip
_SHORT_SPACES = {"G": "DeviceGray", "RGB": "DeviceRGB", "CMYK": "DeviceCMYK", "I": "Indexed"}


def inline_image(context: Context, found: Any, resource: Callable[[Any], Any]) -> Any:
    """An inline picture (8.9.7) as a stream of its own, None when it cannot be read."""
    try:
        data = found.read_raw_bytes()
        given = found.obj
    except (pikepdf.PdfError, AttributeError, NotImplementedError, RuntimeError, ValueError):
        return None
    context.unknown_keys(given, _KEYS | _SHORT.keys())
    stream = context.pdf.make_stream(data)
    for key in given.keys():  # noqa: SIM118
        known = _SHORT.get(key[1:], key[1:])
        if known in _SHORT.values():
            stream[f"/{known}"] = given[key]
    space = stream.get("/ColorSpace")
    called = name(space)
    if called is not None and called not in {"DeviceGray", "DeviceRGB", "DeviceCMYK"}:
        inner = resource(space)
        if inner is not None:
            stream.ColorSpace = inner
        elif called in _SHORT_SPACES:
            stream.ColorSpace = pikepdf.Name("/" + _SHORT_SPACES[called])
    return stream
