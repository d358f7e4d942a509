"""What a picture tells about itself: what of it is reported, and the little that a policy may keep.

Kept are the date, the author and the copyright as an Exif block of our own making (Exif 2.32: tags 0x0132, 0x013B
and 0x8298, each written anew from its filtered value). Place, camera, serial numbers, thumbnails and maker notes
never cross. Orientation is applied to the pixels, colours are converted to sRGB.
"""

import contextlib
import struct
import unicodedata
from datetime import datetime

from PIL import ExifTags, Image

DATE, AUTHOR, COPYRIGHT = 0x0132, 0x013B, 0x8298
_DATE_TAKEN = 0x9003  # in the Exif IFD
_DATE_FORM = "%Y:%m:%d %H:%M:%S"
_MAX_TEXT = 200
_PUNCTUATION = frozenset(" .,-()&'©・、。")
# Tags that say how the pixels of a TIFF lie (TIFF 6.0, sections 8 to 22) and where its metadata is: no metadata.
_STRUCTURE = frozenset(
    {254, 255, 256, 257, 258, 259, 262, 263, 264, 265, 266, 273, 277, 278, 279, 280, 281, 282, 283, 284, 290, 291,
     292, 293, 296, 297, 301, 317, 318, 319, 320, 321, 322, 323, 324, 325, 330, 332, 334, 336, 338, 339, 340, 341,
     342, 347, 512, 513, 514, 515, 517, 518, 519, 520, 521, 529, 530, 531, 532, 34675}
)  # fmt: skip
_ORIENTATION = 0x0112


def exif(picture: Image.Image) -> Image.Exif:
    """The Exif block of a picture, an empty one where it is no such: it says nothing about the pixels."""
    try:
        return picture.getexif()
    except (SyntaxError, struct.error, ValueError, OSError, KeyError, TypeError):
        return Image.Exif()


def told(picture: Image.Image) -> list[int]:
    """The tags of a picture that tell more than its pixels need."""
    structure = _STRUCTURE if picture.format == "TIFF" else frozenset()
    upright = exif(picture).get(_ORIENTATION, 1) == 1
    return [tag for tag in exif(picture) if tag not in structure and not (tag == _ORIENTATION and upright)]


def tells_place(picture: Image.Image) -> bool:
    """Whether it says where it was taken."""
    return ExifTags.IFD.GPSInfo in exif(picture)


def kept(picture: Image.Image) -> Image.Exif | None:
    """A new Exif block of date, author and copyright; None when the picture has none that can be kept."""
    found = exif(picture)
    fresh = Image.Exif()
    date = _date(found.get_ifd(ExifTags.IFD.Exif).get(_DATE_TAKEN)) or _date(found.get(DATE))
    if date:
        fresh[DATE] = date
    for tag in (AUTHOR, COPYRIGHT):
        words = _words(found.get(tag))
        if words:
            fresh[tag] = words.encode("utf-8")
    return fresh if len(fresh) else None


def _date(value: object) -> str:
    try:
        return datetime.strptime(str(value).strip("\0 "), _DATE_FORM).strftime(_DATE_FORM)  # noqa: DTZ007
    except ValueError:
        return ""


def _words(value: object) -> str:
    """Letters, digits and plain punctuation; nothing that markup, a script or an address is made of."""
    if not isinstance(value, str):
        return ""
    with contextlib.suppress(UnicodeError):  # Pillow reads Latin-1; cameras and editors in Japan write UTF-8
        value = value.encode("latin-1").decode("utf-8")
    allowed = (
        character
        for character in unicodedata.normalize("NFC", value)
        if character in _PUNCTUATION or unicodedata.category(character)[0] in "LN"
    )
    return " ".join("".join(allowed).split())[:_MAX_TEXT]
