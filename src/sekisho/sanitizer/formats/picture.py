"""One page of a file as a picture to look at: pixels alone, newly encoded as PNG. Runs inside the walls.

PDF pages and pictures are drawn as they are; text is set in lines of a fixed width, with what has no shape shown as a
mark, so that nothing stays hidden.
"""

import io
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import BinaryIO

import pypdfium2
from PIL import Image, ImageDraw, ImageFont, ImageOps

from sekisho.sanitizer.encodings import guess
from sekisho.sanitizer.filetypes import FileType
from sekisho.sanitizer.isolation.zygote import FONT_FOLDERS
from sekisho.sanitizer.results import Refused

WIDTH = 900
_MAX_HEIGHT = 4_000
_MAX_PIXELS = 100_000_000
LINES, COLUMNS, SIZE = 60, 100, 16
_MOST_TEXT = 4 << 20
#: what stands for a character without a shape (controls, direction marks)
_SHAPELESS = "□"


@dataclass(frozen=True)
class Drawn:
    """A picture and of how many pages it is one."""

    picture: Image.Image
    pages: int


def prepare() -> None:
    """Find the font before the walls go up."""
    _font_file()


def draw(source: BinaryIO, kind: FileType, page: int, password: str | None = None) -> Drawn:
    """Page ``page`` (from 1). Raises ``Refused`` for a type that is not drawn, a page that is not there, and damage."""
    if kind.id == "pdf":
        return _pdf(source, page, password)
    if kind.family == "image":
        return _image(source, kind, page)
    if kind.family in ("text", "markup"):
        return _text(source, page)
    raise Refused("policy.no_method", type=kind.id)


def encoded(picture: Image.Image) -> bytes:
    """The picture as PNG that holds nothing else."""
    kept = io.BytesIO()
    picture.convert("RGB").save(kept, "PNG", compress_level=3)
    return kept.getvalue()


def _require(page: int, pages: int) -> None:
    if not 1 <= page <= pages:
        raise Refused("limit.pages", limit=pages)


def _pdf(source: BinaryIO, page: int, password: str | None) -> Drawn:
    try:
        document = pypdfium2.PdfDocument(source.read(), password=password)
        _require(page, len(document))
        shown = document[page - 1]
        width, height = (max(side, 1.0) for side in shown.get_size())
        scale = min(WIDTH / width, _MAX_HEIGHT / height)
        return Drawn(shown.render(scale=scale).to_pil(), len(document))
    except pypdfium2.PdfiumError as error:
        raise Refused("input.broken", type="pdf") from error


def _image(source: BinaryIO, kind: FileType, page: int) -> Drawn:
    try:
        with Image.open(source) as picture:
            if picture.width * picture.height > _MAX_PIXELS:
                raise Refused("limit.pixels", limit=_MAX_PIXELS)
            pages = getattr(picture, "n_frames", 1)
            _require(page, pages)
            picture.seek(page - 1)
            shown = ImageOps.exif_transpose(picture.convert("RGBA"))
            shown.thumbnail((WIDTH, _MAX_HEIGHT))
            ground = Image.new("RGBA", shown.size, "white")
            return Drawn(Image.alpha_composite(ground, shown), pages)
    except (OSError, ValueError, SyntaxError) as error:
        raise Refused("input.broken", type=kind.id) from error


def _text(source: BinaryIO, page: int) -> Drawn:
    data = source.read(_MOST_TEXT)
    text = data.decode(guess(data, cut=True) or "latin-1", errors="replace")
    lines = [part for line in text.splitlines() for part in _folded(line)] or [""]
    pages = -(-len(lines) // LINES)
    _require(page, pages)
    sheet = Image.new("RGB", (WIDTH, (LINES + 2) * (SIZE + 6)), "white")
    pen, font = ImageDraw.Draw(sheet), _font()
    for row, line in enumerate(lines[(page - 1) * LINES : page * LINES]):
        pen.text((SIZE, SIZE + row * (SIZE + 6)), line, fill="black", font=font)
    return Drawn(sheet, pages)


def _folded(line: str) -> list[str]:
    """A line cut to the width of the sheet; wide characters take two places."""
    parts, part, used = [], "", 0
    for character in line.replace("\t", "    "):
        shown = _SHAPELESS if unicodedata.category(character)[0] == "C" else character
        takes = 2 if unicodedata.east_asian_width(shown) in "WFA" else 1
        if used + takes > COLUMNS:
            parts.append(part)
            part, used = "", 0
        part, used = part + shown, used + takes
    return [*parts, part]


@cache
def _font_file() -> str:
    """A font with Japanese, where the machine has one."""
    found = [
        path
        for folder in FONT_FOLDERS
        for path in sorted(Path(folder).rglob("*"))
        if path.suffix.lower() in (".ttc", ".otf", ".ttf")
    ]
    wanted = ("notosanscjk-regular", "notosansjp", "ipag", "takaogothic", "vl-gothic", "cjk")
    names = [(path.name.lower(), str(path)) for path in found]
    return next(
        (path for want in wanted for name, path in names if name.startswith(want) or want in name), ""
    )


def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    try:
        return ImageFont.truetype(_font_file(), SIZE) if _font_file() else ImageFont.load_default(SIZE)
    except OSError:
        return ImageFont.load_default(SIZE)
