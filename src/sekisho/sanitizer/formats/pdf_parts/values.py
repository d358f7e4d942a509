"""Plain typed values out of objects that qpdf parsed: whatever is not of the wanted type becomes None."""

import re
import zlib
from collections.abc import Iterator
from decimal import Decimal
from itertools import islice
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Stream

from sekisho.sanitizer.results import Refused

MAX_STREAM = 256 << 20
MAX_ITEMS = 200_000
_LARGEST = 2**31
_NUMBERS = re.compile(rb"\[(?> -?+(?>\d{1,9}+(?>\.\d{1,9}+)?+|\.\d{1,9}+))*+ \]")
# Broken and hostile streams must not swell without end: qpdf stops decoding at these amounts.
pikepdf.settings.set_qpdf_limits(
    parser_max_nesting=100, parser_max_errors=0, max_stream_filters=8, flate_max_memory=MAX_STREAM,
    png_max_memory=MAX_STREAM, run_length_max_memory=MAX_STREAM, tiff_max_memory=MAX_STREAM,
    dct_max_memory=MAX_STREAM,
)  # fmt: skip

Number = int | float


class Unreadable(Exception):
    """A part cannot be read and therefore not be written. ``code`` says which kind of part, for the report."""

    def __init__(self, code: str = "pdf.content", detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


def number(value: Any) -> Number | None:
    """A finite number of a size that readers know."""
    kind = type(value)
    if kind is int:
        return value if -_LARGEST < value < _LARGEST else None
    if kind is Decimal or kind is float:
        real = float(value)
        return real if -_LARGEST < real < _LARGEST else None
    return None


def whole(value: Any, low: int = 0, high: int = 2**31 - 1) -> int | None:
    """An integer within bounds; a real that is whole counts as one."""
    found = number(value)
    if found is None or found != int(found) or not low <= found <= high:
        return None
    return int(found)


def numbers(value: Any, count: int | None = None, most: int = MAX_ITEMS) -> list[Number] | None:
    """An array of numbers, of ``count`` where that is given."""
    if (
        not isinstance(value, (Array, list))
        or len(value) > most
        or (count is not None and len(value) != count)
    ):
        return None
    if (plain := pieces(value, _NUMBERS)) is not None:
        return [float(piece) if b"." in piece else int(piece) for piece in plain]
    found = [number(entry) for entry in value]
    return None if None in found else [entry for entry in found if entry is not None]


def pieces(value: Any, usual: re.Pattern[bytes]) -> list[bytes] | None:
    """How the entries of an array are spelled, asked of qpdf at once; None where the whole is not as usual."""
    if not isinstance(value, Array):
        return None
    said = bytes(value.unparse())
    return said[1:-1].split() if usual.fullmatch(said) else None


def box(value: Any) -> list[Number] | None:
    """A rectangle with its corners in order and an area."""
    found = numbers(value, 4)
    if found is None:
        return None
    left, bottom, right, top = found
    return [min(left, right), min(bottom, top), max(left, right), max(bottom, top)]


def name(value: Any) -> str | None:
    """A name without its slash."""
    if not isinstance(value, pikepdf.Name):
        return None
    try:
        return str(value)[1:]
    except UnicodeDecodeError:
        return None


def text(value: Any) -> str | None:
    """A text string, decoded."""
    if not isinstance(value, pikepdf.String):
        return None
    try:
        return str(value)
    except (UnicodeDecodeError, ValueError):
        return bytes(value).decode("latin-1")


def entry(holder: Any, key: str) -> Any:
    """``holder[key]`` where holder is a dictionary or stream that has it, else None."""
    # Asked first: what is missing is an exception of C++ to ``get``, ten times as dear.
    if isinstance(holder, (Dictionary, Stream)) and (key := f"/{key}") in holder:
        return holder[key]
    return None


def inherited(page: Any, key: str) -> Any:
    """An entry of the page or of the nearest node above that has it (7.7.3.4)."""
    node = page
    for _level in range(50):
        found = entry(node, key)
        if found is not None:
            return found
        node = entry(node, "Parent")
        if node is None:
            return None
    return None


def dictionary(value: Any) -> Any:
    """The value when it is a dictionary or a stream (whose dictionary is meant), else None."""
    return value if isinstance(value, (Dictionary, Stream)) else None


def items(value: Any, most: int = MAX_ITEMS) -> Iterator[Any]:
    """The entries of an array, none for anything else."""
    if isinstance(value, Array):
        yield from value.as_list() if len(value) <= most else islice(value, most)


def keys(value: Any) -> list[str]:
    """The keys of a dictionary, without slashes."""
    return [key[1:] for key in value.keys()] if isinstance(value, (Dictionary, Stream)) else []  # noqa: SIM118


def shown_key(key: str) -> str:
    """A key as a report may show it."""
    plain = "".join(letter if letter.isascii() and letter.isprintable() else "?" for letter in key)
    return f"/{plain}"[:40]


def filters(stream: Stream) -> list[str]:
    """The names of the filters a stream passes, in order."""
    listed = stream.get("/Filter")
    names = [name(item) for item in items(listed)] if isinstance(listed, Array) else [name(listed)]
    return [_LONG_FILTERS.get(found, found) for found in names if found]


_LONG_FILTERS = {
    "AHx": "ASCIIHexDecode", "A85": "ASCII85Decode", "LZW": "LZWDecode", "Fl": "FlateDecode",
    "RL": "RunLengthDecode", "CCF": "CCITTFaxDecode", "DCT": "DCTDecode",
}  # fmt: skip
PLAIN_FILTERS = {"ASCIIHexDecode", "ASCII85Decode", "LZWDecode", "FlateDecode", "RunLengthDecode", "Crypt"}


def is_external(stream: Any) -> bool:
    """Whether the data of a stream are said to lie in another file (7.3.8.2)."""
    return any(key in stream for key in ("/F", "/FFilter", "/FDecodeParms"))


def decoded(stream: Any) -> bytes:
    """The data of a stream after all its filters. Raises ``Unreadable`` for pictures' filters and damage."""
    if not isinstance(stream, Stream) or is_external(stream):
        raise Unreadable("pdf.external" if isinstance(stream, Stream) else "pdf.content", "stream")
    if not set(filters(stream)) <= PLAIN_FILTERS:
        raise Unreadable(detail="filter")
    try:
        # Of the kinds that qpdf calls special only runs of bytes (7.4.5) may come here.
        found = stream.read_bytes(pikepdf.StreamDecodeLevel.specialized)
    except (pikepdf.PdfError, pikepdf.DataDecodingError, RuntimeError, ValueError) as error:
        found = _what_is_sound(stream)
        if not found:
            raise Unreadable(detail="filter") from error
    found = found or _what_is_sound(stream)
    if len(found) >= MAX_STREAM:
        raise Refused("limit.memory")
    return found


def _what_is_sound(stream: Stream) -> bytes:
    """The beginning of damaged data, as readers show it."""
    if filters(stream) != ["FlateDecode"] or "/DecodeParms" in stream:
        return b""
    try:
        data = stream.read_raw_bytes()
    except (pikepdf.PdfError, RuntimeError, ValueError):
        return b""
    inflate = zlib.decompressobj()
    pieces = []
    try:
        for start in range(0, len(data), 4096):
            pieces.append(inflate.decompress(data[start : start + 4096], MAX_STREAM))
            if sum(map(len, pieces)) >= MAX_STREAM:
                break
    except zlib.error:
        pass
    return b"".join(pieces)


def number_of(value: Any) -> int:
    """The object number, 0 for a direct object."""
    return int(value.objgen[0]) if hasattr(value, "objgen") else 0
