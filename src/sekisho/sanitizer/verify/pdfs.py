"""Clean PDF: the strict subset our writer makes, read with a parser of its own that accepts nothing else.

One header, objects one after another, one cross-reference table, one trailer; pages that are a picture under invisible
text; bookmarks, page labels and web links as plain data. Every object must be reached by the grammar: what nothing
refers to has no place. Source: ISO 32000-1, 7.3 to 7.5.
"""

import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sekisho.sanitizer.verify.grammar import Complaint
from sekisho.sanitizer.verify.pictures import complaint as picture_complaint

_HEADER = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
_TOKEN = re.compile(
    rb"\s*(?:(?P<ref>\d+ 0 R)(?![A-Za-z0-9])|(?P<number>[+-]?(?:\d+\.?\d*|\.\d+))|(?P<name>/[^\x00-\x20()<>\[\]{}/%]*)"
    rb"|(?P<hex><[0-9a-fA-F]*>)|(?P<text>\((?:[^()\\\x00-\x1f\x7f-\xff]|\\[\\()])*\))"
    rb"|(?P<open><<|\[)|(?P<close>>>|\])|(?P<word>true|false|null)(?![A-Za-z]))"
)
_OBJECT = re.compile(rb"(\d+) 0 obj\n")
_ADDRESS = re.compile(r"(?:https?://[A-Za-z0-9._-]+(?::\d+)?(?:[/?#][!-~]*)?|mailto:[!-~]+)\Z")
_OPERATOR = re.compile(
    rb"(?:q|Q|BT|ET|3 Tr|/I Do|/[HV] [\d.]+ Tf [\d.]+ Tz 1 0 0 1 -?[\d.]+ -?[\d.]+ Tm <(?:[0-9a-f]{4})*> Tj"
    rb"|-?[\d.]+ 0 0 -?[\d.]+ -?[\d.]+ -?[\d.]+ cm)\n"
)
_MAX_DEPTH = 40
_MAX_STREAM = 1 << 30


class _Unclean(Exception):
    def __init__(self, place: str) -> None:
        super().__init__(place)
        self.place = place


@dataclass(frozen=True)
class _Ref:
    number: int


class _Name(str):
    __slots__ = ()


@dataclass(frozen=True)
class _Object:
    value: Any
    stream: bytes | None = None


def complaint(data: bytes, kind: str) -> Complaint | None:
    """See ``find_complaint``."""
    try:
        _Document(data).check()
    except _Unclean as unclean:
        return Complaint("pdf.structure", unclean.place)
    except (ValueError, IndexError, KeyError, TypeError, zlib.error) as error:
        return Complaint("pdf.structure", type(error).__name__)
    return None


# -- syntax -------------------------------------------------------------------------------------------------------


class _Parser:
    """Reads values at a place in the file; ``at`` moves behind them."""

    def __init__(self, data: bytes, at: int) -> None:
        self.data = data
        self.at = at

    def value(self, depth: int = 0) -> Any:
        match = _TOKEN.match(self.data, self.at)
        if not match or depth > _MAX_DEPTH:
            raise _Unclean(f"byte {self.at}")
        self.at = match.end()
        token = match.group(match.lastgroup or 0)
        if match.lastgroup == "open":
            return self._dictionary(depth) if token == b"<<" else self._array(depth)
        if match.lastgroup == "close":
            raise _Unclean(f"byte {self.at}")
        return _SCALARS[str(match.lastgroup)](token)

    def _array(self, depth: int) -> list[Any]:
        found = []
        while not self._closes(b"]"):
            found.append(self.value(depth + 1))
        return found

    def _dictionary(self, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not self._closes(b">>"):
            key = self.value(depth + 1)
            if type(key) is not _Name or key in found:
                raise _Unclean(f"key at byte {self.at}")
            found[key] = self.value(depth + 1)
        return found

    def _closes(self, mark: bytes) -> bool:
        match = re.compile(rb"\s*").match(self.data, self.at)
        place = match.end() if match else self.at
        if self.data.startswith(mark, place):
            self.at = place + len(mark)
            return True
        return False


def _number(token: bytes) -> float | int:
    return float(token) if b"." in token else int(token)


_SCALARS: dict[str, Callable[[bytes], Any]] = {
    "ref": lambda token: _Ref(int(token.split()[0])),
    "number": _number,
    "name": lambda token: _Name(re.sub(rb"#([0-9a-fA-F]{2})", lambda m: bytes([int(m[1], 16)]), token[1:]).decode("latin-1")),
    "hex": lambda token: bytes.fromhex(token[1:-1].decode("ascii")),
    "text": lambda token: re.sub(rb"\\(.)", rb"\1", token[1:-1]),
    "word": {b"true": True, b"false": False, b"null": None}.__getitem__,
}  # fmt: skip


# -- the document -------------------------------------------------------------------------------------------------


@dataclass
class _Document:
    data: bytes
    objects: dict[int, _Object] = field(default_factory=dict)
    reached: set[int] = field(default_factory=set)

    def check(self) -> None:
        trailer = self._read_objects()
        _only(trailer, {"Size", "Root"}, "trailer")
        catalog = self._dictionary(trailer["Root"], "Catalog")
        _only(catalog, {"Type", "Pages", "Outlines", "PageLabels"}, "catalog")
        tree = self._dictionary(catalog["Pages"], "Pages")
        _only(tree, {"Type", "Kids", "Count"}, "pages")
        self.pages = {kid.number for kid in tree["Kids"]}
        for number, kid in enumerate(tree["Kids"], start=1):
            self._page(self._dictionary(kid, "Page"), f"page {number}")
        if "Outlines" in catalog:
            self._outline(catalog["Outlines"])
        _labels(catalog.get("PageLabels", {"Nums": []}))
        missed = {number for number, entry in self.objects.items() if entry.value is not None} - self.reached
        if missed:
            raise _Unclean(f"object {min(missed)} is not part of the document")

    def _read_objects(self) -> dict[str, Any]:
        data = self.data
        if not data.startswith(_HEADER):
            raise _Unclean("header")
        at, offsets = len(_HEADER), {}
        while match := _OBJECT.match(data, at):
            number = int(match[1])
            if number in self.objects:
                raise _Unclean(f"object {number} is there twice")
            offsets[number] = at
            at = self._read_object(number, match.end())
        return self._read_end(at, offsets)

    def _read_object(self, number: int, at: int) -> int:
        parser = _Parser(self.data, at)
        value, stream = parser.value(), None
        if self.data.startswith(b"\nstream\n", parser.at):
            begin = parser.at + len(b"\nstream\n")
            stream = self.data[begin : begin + value["Length"]]
            parser.at = begin + value["Length"]
            if not self.data.startswith(b"\nendstream", parser.at):
                raise _Unclean(f"length of object {number}")
            parser.at += len(b"\nendstream")
        if not self.data.startswith(b"\nendobj\n", parser.at):
            raise _Unclean(f"end of object {number}")
        self.objects[number] = _Object(value, stream)
        return parser.at + len(b"\nendobj\n")

    def _read_end(self, at: int, offsets: dict[int, int]) -> dict[str, Any]:
        """The table must say exactly where each object is, and the file must end right after it."""
        rows = b"".join(b"%010d 00000 n \n" % offsets[number] for number in range(1, len(offsets) + 1))
        table = b"xref\n0 %d\n0000000000 65535 f \n" % (len(offsets) + 1) + rows + b"trailer\n"
        if not self.data.startswith(table, at):
            raise _Unclean(f"cross-reference table at byte {at}")
        parser = _Parser(self.data, at + len(table))
        trailer: dict[str, Any] = parser.value()
        if self.data[parser.at :] != b"\nstartxref\n%d\n%%%%EOF\n" % at:
            raise _Unclean("end of file")
        return trailer

    def _object(self, ref: Any) -> _Object:
        if type(ref) is not _Ref:
            raise _Unclean("a reference is missing")
        self.reached.add(ref.number)
        return self.objects[ref.number]

    def _dictionary(self, ref: Any, kind: str) -> dict[str, Any]:
        value: dict[str, Any] = self._object(ref).value
        if value.get("Type") != kind:
            raise _Unclean(f"object {ref.number} is not {kind}")
        return value

    def _inflated(self, ref: Any) -> bytes:
        found = self._object(ref)
        _only(found.value, {"Length", "Length1", "Filter"}, f"object {ref.number}")
        if found.value.get("Filter") != "FlateDecode" or found.stream is None:
            raise _Unclean(f"filter of object {ref.number}")
        return _inflate(found.stream, ref.number)

    # -- pages ------------------------------------------------------------------------------------------------

    def _page(self, page: dict[str, Any], place: str) -> None:
        _only(page, {"Type", "Parent", "MediaBox", "Contents", "Resources", "Rotate", "Annots"}, place)
        _numbers(page["MediaBox"], 4, place)
        if page.get("Rotate", 0) not in {0, 90, 180, 270}:
            raise _Unclean(f"{place}: rotation")
        content = self._inflated(page["Contents"])
        if _OPERATOR.sub(b"", content):
            raise _Unclean(f"{place}: content")
        resources = page["Resources"]
        _only(resources, {"XObject", "Font"}, place)
        _only(resources["XObject"], {"I"}, place)
        self._picture(resources["XObject"]["I"])
        for font in _only(resources.get("Font", {}), {"H", "V"}, place).values():
            self._font(font)
        for link in page.get("Annots", []):
            self._link(link, place)

    def _picture(self, ref: Any) -> None:
        found = self._object(ref)
        entries = found.value
        _only(entries, {"Type", "Subtype", "Width", "Height", "ColorSpace", "BitsPerComponent", "Filter",
                        "DecodeParms", "Length"}, "picture")  # fmt: skip
        if entries["Subtype"] != "Image" or entries["ColorSpace"] not in {"DeviceRGB", "DeviceGray"}:
            raise _Unclean("picture")
        assert found.stream is not None
        if entries["Filter"] == "DCTDecode":
            inner = picture_complaint(found.stream, "jpeg")
            if inner:
                raise _Unclean(f"picture: {inner}")
            return
        _only(
            entries.get("DecodeParms", {}), {"Predictor", "Colors", "BitsPerComponent", "Columns"}, "picture"
        )
        row = 1 + (entries["Width"] * entries["BitsPerComponent"] + 7) // 8
        if (
            entries["Filter"] != "FlateDecode"
            or len(_inflate(found.stream, ref.number)) != row * entries["Height"]
        ):
            raise _Unclean("picture: amount of pixels")

    def _font(self, ref: Any) -> None:
        if ref.number in self.reached:
            return
        font = self._dictionary(ref, "Font")
        _only(font, {"Type", "Subtype", "BaseFont", "Encoding", "DescendantFonts", "ToUnicode"}, "font")
        self._inflated(font["ToUnicode"])
        (descendant,) = font["DescendantFonts"]
        inner = self._dictionary(descendant, "Font")
        _only(
            inner,
            {"Type", "Subtype", "BaseFont", "CIDSystemInfo", "FontDescriptor", "DW", "CIDToGIDMap", "W"},
            "font",
        )
        descriptor = self._dictionary(inner["FontDescriptor"], "FontDescriptor")
        _only(descriptor, {"Type", "FontName", "Flags", "FontBBox", "ItalicAngle", "Ascent", "Descent", "CapHeight",
                           "StemV", "FontFile2"}, "font")  # fmt: skip
        if self._inflated(inner["CIDToGIDMap"]) != b"\x00\x01" * 0x10000:
            raise _Unclean("font: glyphs")
        _blank_font(self._inflated(descriptor["FontFile2"]))

    def _link(self, link: dict[str, Any], place: str) -> None:
        _only(link, {"Type", "Subtype", "Rect", "Border", "A", "Dest"}, place)
        _numbers(link["Rect"], 4, place)
        if (link["Type"], link["Subtype"]) != ("Annot", "Link"):
            raise _Unclean(f"{place}: annotation")
        if "A" in link:
            action = _only(link["A"], {"Type", "S", "URI"}, place)
            if action["S"] != "URI" or not _ADDRESS.match(action["URI"].decode("ascii")):
                raise _Unclean(f"{place}: address")
        if "Dest" in link:
            self._destination(link["Dest"], place)

    def _destination(self, target: list[Any], place: str) -> None:
        page, kind, *rest = target
        if page.number not in self.pages or kind not in {"Fit", "XYZ"}:
            raise _Unclean(f"{place}: destination")
        _numbers([number for number in rest if number is not None], None, place)

    def _outline(self, ref: Any) -> None:
        """Bookmarks: each reached once, so that they cannot form a ring."""
        waiting = [ref]
        while waiting:
            current = waiting.pop()
            if current.number in self.reached:
                raise _Unclean("bookmarks form a ring")
            entry = self._object(current).value
            _only(
                entry,
                {"Type", "Title", "Parent", "Dest", "Prev", "Next", "First", "Last", "Count"},
                "bookmark",
            )
            if "Dest" in entry:
                self._destination(entry["Dest"], "bookmark")
            waiting += [entry[key] for key in ("Next", "First") if key in entry]


def _only(entries: dict[str, Any], allowed: set[str], place: str) -> dict[str, Any]:
    for key in entries:
        if key not in allowed:
            raise _Unclean(f"{place}: /{key}")
    return entries


def _numbers(values: list[Any], count: int | None, place: str) -> None:
    if (count is not None and len(values) != count) or not all(
        type(value) in {int, float} for value in values
    ):
        raise _Unclean(f"{place}: numbers")


def _inflate(stream: bytes, number: int) -> bytes:
    inflate = zlib.decompressobj()
    content = inflate.decompress(stream, _MAX_STREAM)
    if inflate.unused_data or not inflate.eof:
        raise _Unclean(f"compressed data of object {number}")
    return content


def _labels(labels: dict[str, Any]) -> None:
    _only(labels, {"Nums"}, "page labels")
    for entry in labels["Nums"][1::2]:
        _only(entry, {"P"}, "page labels")


def _blank_font(program: bytes) -> None:
    """A font without a single outline, and without tables that hold programs."""
    count = int.from_bytes(program[4:6], "big")
    tags = {program[12 + 16 * at : 16 + 16 * at] for at in range(count)}
    if (
        tags != {b"cmap", b"glyf", b"head", b"hhea", b"hmtx", b"loca", b"maxp", b"post"}
        or len(program) > 1024
    ):
        raise _Unclean("font: tables")
