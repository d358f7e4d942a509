"""Pictures that carry something else: programs, scripts, addresses, other files."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pillow_heif
from PIL import Image, ImageChops, ImageStat, PngImagePlugin, TiffImagePlugin

from .common import MARKER, URL, Attack

pillow_heif.register_heif_opener()
PHOTO = Image.merge(
    "RGB", [Image.linear_gradient("L").rotate(turn).resize((96, 64)) for turn in (0, 90, 180)]
)
_SCRIPT = f"<script>fetch('{URL}')</script>".encode()
_PHP = f"<?php system('{MARKER}'); ?>".encode()


def encoded(encoder: str, picture: Image.Image = PHOTO, **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, encoder, **options)
    return out.getvalue()


def looks_alike(output: bytes) -> bool:
    """Whether the picture is still the one that people were sent."""
    shown = Image.open(io.BytesIO(output)).convert("RGB").resize(PHOTO.size)
    return sum(ImageStat.Stat(ImageChops.difference(shown, PHOTO)).mean) / 3 < 14


def archive(name: str = "a.txt", content: bytes = MARKER.encode()) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr(name, content)
    return out.getvalue()


# -- JPEG -------------------------------------------------------------------------------------------------------------


def segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def jpeg_with(marker: int, body: bytes, *, data: bytes | None = None) -> bytes:
    base = data or encoded("JPEG", quality=92)
    return base[:2] + segment(marker, body) + base[2:]


def exif(**tags: Any) -> bytes:
    """An Exif block. Tags are given as ``t010E=value``, those of its inner directories as ``e9286`` and ``g001B``."""
    block = Image.Exif()
    for name, value in tags.items():
        directory = {"t": block, "e": block.get_ifd(0x8769), "g": block.get_ifd(0x8825)}[name[0]]
        directory[int(name[1:], 16)] = value
    return block.tobytes()


def _jpeg_script() -> bytes:
    """The first segment is as long as "/*" reads: a script engine sees a comment, then code."""
    base = encoded("JPEG", quality=92)
    head = b"\xff\xd8\xff\xe0" + b"/*" + b"JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
    return (
        head
        + b"\0" * (0x2F2A - 16)
        + segment(0xFE, f"*/=1;alert('{MARKER}');/*".encode())
        + base[20:]
        + b"*/"
    )


_JPEG: dict[str, Callable[[], bytes]] = {
    "exif description script": lambda: jpeg_with(0xE1, exif(t010E=_SCRIPT.decode())),
    "exif user comment": lambda: jpeg_with(0xE1, exif(e9286=b"ASCII\0\0\0" + _PHP)),
    "exif maker note": lambda: jpeg_with(0xE1, exif(e927C=_SCRIPT)),
    "exif camera as sql": lambda: jpeg_with(0xE1, exif(t010F=f"'; DROP TABLE {MARKER}--")),
    "exif windows title": lambda: jpeg_with(0xE1, exif(t9C9B=MARKER.encode() + b"\0")),
    "exif place": lambda: jpeg_with(0xE1, exif(g001B=MARKER.encode(), g0001="N")),
    "exif thumbnail": lambda: jpeg_with(0xE1, exif(t0132="2026:01:01 00:00:00") + encoded("JPEG") + MARKER.encode()),
    "exif twice": lambda: jpeg_with(0xE1, exif(t010E=MARKER), data=jpeg_with(0xE1, exif(t013B=MARKER))),
    "comment php": lambda: jpeg_with(0xFE, _PHP),
    "comment many": lambda: jpeg_with(0xFE, _PHP, data=jpeg_with(0xFE, _SCRIPT)),
    "xmp": lambda: jpeg_with(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>" + _SCRIPT + b"</x:xmpmeta>"),
    "xmp with entity": lambda: jpeg_with(0xE1, b"http://ns.adobe.com/xap/1.0/\0<!DOCTYPE x [<!ENTITY e SYSTEM '" + URL.encode() + b"'>]><x>&e;</x>"),
    "extended xmp": lambda: jpeg_with(0xE1, b"http://ns.adobe.com/xmp/extension/\0" + b"0" * 40 + _SCRIPT),
    "iptc": lambda: jpeg_with(0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x1e\x1c\x02\x78\0\x19" + _SCRIPT),
    "flashpix": lambda: jpeg_with(0xE2, b"FPXR\0" + _SCRIPT),
    "multi-picture": lambda: jpeg_with(0xE2, b"MPF\0II*\0\x08\0\0\0" + MARKER.encode()),
    "unknown segment": lambda: jpeg_with(0xEF, MARKER.encode() * 50),
    "jfif extension thumbnail": lambda: jpeg_with(0xE0, b"JFXX\0\x10" + MARKER.encode()),
    "zip behind": lambda: encoded("JPEG", quality=92) + archive(),
    "java archive behind": lambda: encoded("JPEG", quality=92) + archive("META-INF/MANIFEST.MF"),
    "program behind": lambda: encoded("JPEG", quality=92) + b"MZ" + bytes(58) + MARKER.encode(),
    "rar behind": lambda: encoded("JPEG", quality=92) + b"Rar!\x1a\x07\x00" + MARKER.encode(),
    "page behind": lambda: encoded("JPEG", quality=92) + b"<html><body>" + _SCRIPT,
    "second picture behind": lambda: encoded("JPEG", quality=92) + jpeg_with(0xFE, MARKER.encode()),
    "motion photo": lambda: encoded("JPEG", quality=92) + b"\0\0\0\x18ftypmp42" + MARKER.encode(),
    "script polyglot": _jpeg_script,
    "profile with a name": lambda: encoded("JPEG", quality=92, icc_profile=MARKER.encode() * 20),
    "fill bytes": lambda: encoded("JPEG", quality=92)[:2] + b"\xff" * 40 + jpeg_with(0xFE, MARKER.encode())[2:],
}  # fmt: skip

# -- PNG --------------------------------------------------------------------------------------------------------------


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_with(name: bytes, body: bytes, *, place: int = 33, data: bytes | None = None) -> bytes:
    base = data or encoded("PNG")
    return base[:place] + chunk(name, body) + base[place:]


def _animated_png() -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", MARKER)
    return encoded("PNG", save_all=True, append_images=[PHOTO.rotate(180)], pnginfo=info)


_PNG: dict[str, Callable[[], bytes]] = {
    "text": lambda: png_with(b"tEXt", b"Comment\0" + _SCRIPT),
    "compressed text": lambda: png_with(b"zTXt", b"Comment\0\0" + zlib.compress(_PHP)),
    "international text": lambda: png_with(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + _SCRIPT),
    "compressed international text": lambda: png_with(b"iTXt", b"Comment\0\1\0\0\0" + zlib.compress(_SCRIPT)),
    "exif": lambda: png_with(b"eXIf", exif(t010E=MARKER)[6:]),
    "profile": lambda: png_with(b"iCCP", b"a\0\0" + zlib.compress(MARKER.encode() * 9)),
    "private chunk": lambda: png_with(b"evIl", MARKER.encode()),
    "time and palette": lambda: png_with(b"sPLT", MARKER.encode() + b"\0\x08"),
    "chunk behind the end": lambda: encoded("PNG") + chunk(b"tEXt", b"a\0" + _SCRIPT),
    "zip behind": lambda: encoded("PNG") + archive(),
    "program behind": lambda: encoded("PNG") + b"MZ" + MARKER.encode(),
    "page behind": lambda: encoded("PNG") + _SCRIPT,
    "hidden in the pixel stream": lambda: _png_with_tail(),
    "hidden in the end": lambda: encoded("PNG")[:-12] + chunk(b"IEND", _SCRIPT),
    "palette of a picture that has none": lambda: png_with(b"PLTE", (_SCRIPT * 3)[: len(_SCRIPT) // 3 * 3]),
    "see-through colours of nothing": lambda: png_with(b"tRNS", _SCRIPT),
    "animation": _animated_png,
    "palette spelled in hidden colours": lambda: with_palette("PNG", used=False),
    "palette spelled in colours that show": lambda: with_palette("PNG", used=True),
    "text between pixels and end": lambda: png_with(b"tEXt", b"a\0" + _PHP, place=len(encoded("PNG")) - 12),
}  # fmt: skip


def _png_with_tail() -> bytes:
    """The compressed pixels go on after the last row."""
    rows = b"".join(b"\0" + PHOTO.crop((0, y, 96, y + 1)).tobytes() for y in range(64))
    packed = zlib.compress(rows + MARKER.encode() * 20, 0)
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 96, 64, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def with_palette(encoder: str, *, used: bool) -> bytes:
    """A picture of few colours whose palette spells the marker, in colours that show or in ones that do not."""
    spelled = (MARKER.encode() * 20)[:300]
    picture = PHOTO.quantize(100)
    own = picture.getpalette("RGB") or []
    if used:  # a strip of a hundred pixels at the edge shows the spelled colours
        picture = picture.point([index + 100 if index < 100 else index for index in range(256)])
        for number in range(64):
            picture.putpixel((95, number), number)
        own = [0] * 300 + own[:300]
    picture.putpalette(list(spelled) + own[300:600] if used else own[:300] + list(spelled), "RGB")
    return encoded(encoder, picture, optimize=False)


# -- GIF, BMP, TIFF, WebP, HEIC ---------------------------------------------------------------------------------------


def gif_with(block: bytes) -> bytes:
    base = encoded("GIF")
    start = 13 + (3 << ((base[10] & 7) + 1))
    return base[:start] + block + base[start:]


def gif_block(label: int, *parts: bytes) -> bytes:
    return b"\x21" + bytes([label]) + b"".join(bytes([len(part)]) + part for part in parts) + b"\0"


def _gif_script() -> bytes:
    """The width reads "/*", so that a script engine sees GIF89a, a comment, and then code."""
    base = bytearray(encoded("GIF"))
    base[6:8] = b"/*"
    return bytes(base) + f"*/=1;alert('{MARKER}')".encode()


_GIF: dict[str, Callable[[], bytes]] = {
    "comment": lambda: gif_with(gif_block(0xFE, _PHP)),
    "application block": lambda: gif_with(gif_block(0xFF, b"MARKERAPP01", MARKER.encode())),
    "xmp": lambda: gif_with(gif_block(0xFF, b"XMP DataXMP", _SCRIPT)),
    "plain text block": lambda: gif_with(gif_block(0x01, bytes(12), MARKER.encode())),
    "unknown block": lambda: gif_with(gif_block(0x77, MARKER.encode())),
    "zip behind": lambda: encoded("GIF") + archive("META-INF/MANIFEST.MF"),
    "script behind": lambda: encoded("GIF") + _SCRIPT,
    "php behind": lambda: encoded("GIF") + _PHP,
    "hidden in how long it stays": lambda: gif_with(gif_block(0xF9, bytes(4), _PHP)),
    "hidden in how often it moves": lambda: gif_with(gif_block(0xFF, b"NETSCAPE2.0", b"\x01\0\0", _SCRIPT)),
    "palette spelled in hidden colours": lambda: with_palette("GIF", used=False),
    "palette spelled in colours that show": lambda: with_palette("GIF", used=True),
}  # fmt: skip


def _bmp_with_gap() -> bytes:
    base = encoded("BMP")
    start = struct.unpack_from("<I", base, 10)[0]
    hidden = MARKER.encode() * 3
    return base[:10] + struct.pack("<I", start + len(hidden)) + base[14:start] + hidden + base[start:]


def _bmp_linked_profile() -> bytes:
    """A V5 header whose colour profile lies on another machine (PROFILE_LINKED)."""
    base = encoded("BMP")
    path = f"\\\\127.0.0.1\\{MARKER}.icm".encode() + b"\0"
    header = bytearray(base[14:54]) + bytearray(84)
    struct.pack_into("<I", header, 0, 124)
    header[56:60] = b"KNIL"
    pixels = base[54:]
    struct.pack_into("<II", header, 112, 124 + len(pixels), len(path))
    size = 14 + 124 + len(pixels) + len(path)
    return b"BM" + struct.pack("<IHHI", size, 0, 0, 138) + bytes(header) + pixels + path


def tiff_with(**tags: Any) -> bytes:
    directory = TiffImagePlugin.ImageFileDirectory_v2()
    for name, value in tags.items():
        tag = int(name[1:])
        if isinstance(value, bytes):
            directory.tagtype[tag] = 7
        directory[tag] = value
    return encoded("TIFF", tiffinfo=directory)


_OTHERS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "bmp trailing": ("bmp", lambda: encoded("BMP") + archive()),
    "bmp gap before the pixels": ("bmp", _bmp_with_gap),
    "bmp reserved fields": ("bmp", lambda: encoded("BMP")[:6] + b"/**/" + encoded("BMP")[10:] + MARKER.encode()),
    "bmp profile on another machine": ("bmp", _bmp_linked_profile),
    "tiff description": ("tif", lambda: tiff_with(t270=_SCRIPT.decode())),
    "tiff artist and software": ("tif", lambda: tiff_with(t305=MARKER, t315=MARKER)),
    "tiff xmp": ("tif", lambda: tiff_with(t700=_SCRIPT)),
    "tiff iptc": ("tif", lambda: tiff_with(t33723=_SCRIPT)),
    "tiff photoshop": ("tif", lambda: tiff_with(t34377=_SCRIPT)),
    "tiff private tag": ("tif", lambda: tiff_with(t65000=MARKER.encode())),
    "tiff place": ("tif", lambda: tiff_with(t34737=MARKER)),
    "tiff document name": ("tif", lambda: tiff_with(t269=f"\\\\127.0.0.1\\{MARKER}")),
    "tiff trailing zip": ("tif", lambda: encoded("TIFF") + archive()),
    "webp exif": ("webp", lambda: encoded("WEBP", exif=exif(t010E=MARKER))),
    "webp xmp": ("webp", lambda: encoded("WEBP", xmp=_SCRIPT)),
    "webp profile": ("webp", lambda: encoded("WEBP", icc_profile=MARKER.encode() * 9)),
    "webp unknown chunk": ("webp", lambda: _webp_with(b"EVIL", MARKER.encode() * 2)),
    "webp hidden in a longer header": ("webp", lambda: _webp_with(b"VP8X", bytes(10) + MARKER.encode())),
    "webp second picture": ("webp", lambda: _webp_with(b"VP8 ", MARKER.encode() * 2)),
    "tiff gap between pixels and tags": ("tif", lambda: _tiff_with_gap()),
    "webp trailing": ("webp", lambda: encoded("WEBP") + archive()),
    "heic exif": ("heic", lambda: encoded("HEIF", exif=exif(t010E=MARKER))),
    "heic xmp": ("heic", lambda: encoded("HEIF", xmp=_SCRIPT)),
    "heic trailing": ("heic", lambda: encoded("HEIF") + b"\0\0\0\x40free" + MARKER.encode().ljust(56)),
    "avif exif": ("avif", lambda: encoded("AVIF", exif=exif(t010E=MARKER))),
    "avif xmp": ("avif", lambda: encoded("AVIF", xmp=_SCRIPT)),
}  # fmt: skip


def _tiff_with_gap() -> bytes:
    """The tags stand once more at the end, and what lies before them belongs to nothing."""
    base = encoded("TIFF")
    at = struct.unpack_from("<I", base, 4)[0]
    tags = base[at : at + 6 + 12 * struct.unpack_from("<H", base, at)[0]]
    behind = base + _SCRIPT * 9
    return behind[:4] + struct.pack("<I", len(behind)) + behind[8:] + tags


def _webp_with(name: bytes, body: bytes) -> bytes:
    base = encoded("WEBP")
    longer = base[8:] + name + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", len(longer)) + longer


_REFUSED: dict[str, tuple[str, Callable[[], bytes]]] = {
    "jpeg with a pdf header": ("jpg", lambda: jpeg_with(0xFE, b"%PDF-1.7\n" + MARKER.encode())),
    "gif with a pdf header": ("gif", lambda: gif_with(gif_block(0xFE, b"%PDF-1.7 " + MARKER.encode()))),
    "a program named jpg": ("jpg", lambda: b"MZ" + bytes(100) + MARKER.encode()),
    "a png named jpg": ("jpg", lambda: encoded("PNG")),
    "a page named png": ("png", lambda: b"<html>" + _SCRIPT),
    "a drawing named png": ("png", lambda: f"<svg xmlns='http://www.w3.org/2000/svg'><text>{MARKER}</text></svg>".encode()),
    "delegate script named jpg": ("jpg", lambda: f"push graphic-context\nfill 'url({URL})'\npop graphic-context".encode()),
    "postscript named tif": ("tif", lambda: f"%!PS\n({MARKER}) run".encode()),
    "png of a billion pixels": ("png", lambda: b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 65000, 65000, 8, 2, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")),
    "gif of a billion pixels": ("gif", lambda: b"GIF89a\xff\xff\xff\xff\x80\0\0" + bytes(6) + b"\x2c\0\0\0\0\xff\xff\xff\xff\0\x02\x02\x4c\x01\0\x3b"),
    "jpeg with tables that no decoder knows": ("jpg", lambda: jpeg_with(0xCC, MARKER.encode())),
}  # fmt: skip


def _ring() -> bytes:
    base = bytearray(encoded("TIFF"))
    at = struct.unpack_from("<I", base, 4)[0]
    count = struct.unpack_from("<H", base, at)[0]
    struct.pack_into("<I", base, at + 2 + 12 * count, at)
    return bytes(base)


def _attacks() -> Iterator[Attack]:
    for kind, group in (("jpg", _JPEG), ("png", _PNG), ("gif", _GIF)):
        for name, build in group.items():
            yield Attack(f"{kind} {name}", build, kind, shows=looks_alike)
    for name, (extension, build) in _OTHERS.items():
        yield Attack(name, build, extension, shows=looks_alike)
    yield Attack("tif whose pages form a ring", _ring, "tif", shows=looks_alike)
    yield Attack("gif as script and picture", _gif_script, "gif", shows=lambda output: b"*/" not in output)
    for name, (extension, build) in _REFUSED.items():
        yield Attack(name, build, extension, refused=True)


ATTACKS = tuple(_attacks())
