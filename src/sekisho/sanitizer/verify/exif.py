"""The one Exif block a clean picture may hold: date, author and copyright, each once, and not a byte more.

Source: Exif 2.32 and TIFF 6.0, section 2 (header, image file directory, ASCII values).
"""

import re
import struct
import unicodedata

from sekisho.sanitizer.verify.grammar import Complaint

DATE = 306
TEXTS = {DATE, 315, 33432}
_ASCII = 2
_DATE_FORM = re.compile(r"\d{4}:\d\d:\d\d \d\d:\d\d:\d\d")
_LONGEST = 200
_MARKS = set(" .,-()&'©・、。")


def block_complaint(block: bytes) -> Complaint | None:
    """What is wrong with a whole Exif block (from its byte order mark on), or None."""
    order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(block[:4])
    if order is None or struct.unpack_from(f"{order}I", block, 4)[0] != 8:
        return Complaint("picture.metadata", "Exif header")
    count = struct.unpack_from(f"{order}H", block, 8)[0]
    end = 10 + 12 * count
    if struct.unpack_from(f"{order}I", block, end)[0]:
        return Complaint("picture.metadata", "Exif thumbnail")
    accounted = set(range(end + 4))
    seen: set[int] = set()
    for number in range(count):
        entry = 10 + 12 * number
        tag, _kind, size = struct.unpack_from(f"{order}HHI", block, entry)
        if tag in seen or not is_plain_text(block, entry, order):
            return Complaint("picture.metadata", f"Exif tag {tag}")
        seen.add(tag)
        if size > 4:
            place = struct.unpack_from(f"{order}I", block, entry + 8)[0]
            accounted.update(range(place, place + size))
    hidden = [at for at, byte in enumerate(block) if byte and at not in accounted]
    return Complaint("picture.metadata", f"Exif byte {hidden[0]}") if hidden else None


def is_plain_text(data: bytes, entry: int, order: str) -> bool:
    """Whether the directory entry at ``entry`` is a date, author or copyright in plain words."""
    tag, kind, size = struct.unpack_from(f"{order}HHI", data, entry)
    if tag not in TEXTS or kind != _ASCII or size > 4 * _LONGEST + 1:
        return False
    place = struct.unpack_from(f"{order}I", data, entry + 8)[0] if size > 4 else entry + 8
    raw = data[place : place + size]
    try:
        text = raw.removesuffix(b"\0").decode("utf-8")
    except UnicodeDecodeError:
        return False
    if len(raw) != size or len(text) > _LONGEST:
        return False
    if tag == DATE:
        return bool(_DATE_FORM.fullmatch(text))
    return all(mark in _MARKS or unicodedata.category(mark)[0] in "LN" for mark in text)
