"""Clean PDF: what a document may be made of, whichever way it was made.

Pages are either a picture under invisible text, or drawn from allow-listed operators and resources (``pdf_drawing``);
structure, bookmarks, page labels, links and notes are plain data. Every object must be reached by the grammar.
Source: ISO 32000-1, 7.5 to 7.7 and 12.
"""

import itertools
import re
import struct
import zlib
from dataclasses import dataclass
from typing import Any

from sekisho.sanitizer.verify.grammar import Complaint, begins_a_plain_letter
from sekisho.sanitizer.verify.pdf_drawing import Drawings
from sekisho.sanitizer.verify.pdf_structure import LANGUAGE, check_structure
from sekisho.sanitizer.verify.pdf_syntax import Objects, Ref, Unclean, inflate, numbers, only
from sekisho.sanitizer.verify.pictures import complaint as picture_complaint
from sekisho.sanitizer.verify.texts import characters_complaint

_ADDRESS = re.compile(r"(?:https?://[A-Za-z0-9._-]+(?::\d+)?(?:[/?#][!-~]*)?|mailto:[!-~]+)\Z")
_OPERATOR = re.compile(
    rb"(?:q|Q|BT|ET|3 Tr|/I Do|/[HV] [\d.]+ Tf [\d.]+ Tz 1 0 0 1 -?[\d.]+ -?[\d.]+ Tm <(?:[0-9a-f]{4})*> Tj"
    rb"|-?[\d.]+ 0 0 -?[\d.]+ -?[\d.]+ -?[\d.]+ cm)\n"
)
_LAYOUTS = {"SinglePage", "OneColumn", "TwoColumnLeft", "TwoColumnRight", "TwoPageLeft", "TwoPageRight"}
_MODES = {"UseNone", "UseOutlines", "UseThumbs"}
_INFORMATION = {"Title", "Author", "Subject", "Keywords", "CreationDate", "ModDate"}
_BOXES = ("CropBox", "BleedBox", "TrimBox", "ArtBox")
_MAX_NOTE = 20_002
_BLANK_TABLES = {b"cmap", b"glyf", b"head", b"hhea", b"hmtx", b"loca", b"maxp", b"post"}
# Every code stands for itself, but those that stand for characters beyond the basic plane.
_UNICODE = re.compile(
    rb"/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
    rb"/CIDSystemInfo <</Registry \(Adobe\) /Ordering \(UCS\) /Supplement 0>> def\n"
    rb"/CMapName /Adobe-Identity-UCS def /CMapType 2 def\n1 begincodespacerange <0000><ffff> endcodespacerange\n"
    rb"(?>\d++ beginbfrange\n(?><([0-9a-f]{2})00><\1ff><\1(?:00)>\n)*+endbfrange\n)*+"
    rb"(?>\d++ beginbfchar\n(?><[0-9a-f]{4}><[0-9a-f]{8}>\n)*+endbfchar\n)*+"
    rb"endcmap CMapName currentdict /CMap defineresource pop end end"
)
_STROKE = 24  # bytes of a glyph of one contour with two points
_TWO_POINTS = (
    b"\x00\x01\x00\x00\x01\x01"  # the last point is number 1; no instructions; both points on the curve
)


def complaint(data: bytes, kind: str) -> Complaint | None:
    """See ``find_complaint``."""
    try:
        _Document(Objects(data)).check()
    except Unclean as unclean:
        return Complaint("pdf.structure", unclean.place)
    except (
        ValueError,
        IndexError,
        KeyError,
        TypeError,
        AttributeError,
        AssertionError,
        RecursionError,
        struct.error,
        zlib.error,
    ) as error:
        return Complaint("pdf.structure", type(error).__name__)
    return None


@dataclass
class _Document:
    objects: Objects

    def check(self) -> None:
        """Raises ``Unclean`` at the first thing that has no place."""
        trailer = self.objects.read()
        only(trailer, {"Size", "Root", "Info"}, "trailer")
        if "Info" in trailer:
            self._information(trailer["Info"])
        catalog = self.objects.dictionary(trailer["Root"], "Catalog")
        tree = self.objects.dictionary(catalog["Pages"], "Pages")
        only(tree, {"Type", "Kids", "Count"}, "pages")
        self.pages = {kid.number for kid in tree["Kids"]}
        self.drawings = Drawings(self.objects)
        self.marked: dict[
            int, int
        ] = {}  # pieces of content for the structure, by the number of the page's object
        self.tied: dict[int, tuple[int, int]] = {}  # links of the structure: the page's object, and the key
        if len(self.pages) != len(tree["Kids"]) or tree["Count"] != len(self.pages):
            raise Unclean("pages: count")
        for number, kid in enumerate(tree["Kids"], start=1):
            page = self.objects.dictionary(kid, "Page")
            if page["Parent"] != catalog["Pages"]:
                raise Unclean(f"page {number}: parent")
            self.marked[kid.number] = self._page(page, f"page {number}", kid.number)
            if page.get("StructParents", number - 1) != number - 1:
                raise Unclean(f"page {number}: structure")
        self._catalog(catalog)
        self.objects.unreached()

    def _catalog(self, catalog: dict[str, Any]) -> None:
        only(catalog, {"Type", "Pages", "Outlines", "PageLabels", "PageLayout", "PageMode", "ViewerPreferences", "Lang",
                       "StructTreeRoot", "MarkInfo"}, "catalog")  # fmt: skip
        check_structure(self.objects, catalog, self.marked, self.tied)
        if "Outlines" in catalog:
            self._outline(catalog["Outlines"])
        _labels(catalog.get("PageLabels", {"Nums": []}))
        shown = (catalog.get("PageLayout", "OneColumn"), catalog.get("PageMode", "UseNone"))
        if (
            shown[0] not in _LAYOUTS
            or shown[1] not in _MODES
            or not LANGUAGE.match(catalog.get("Lang", b"ja"))
        ):
            raise Unclean("catalog")
        if catalog.get("ViewerPreferences", {"Direction": "R2L"}) != {"Direction": "R2L"}:
            raise Unclean("viewer preferences")

    def _information(self, ref: Ref) -> None:
        entries = only(self.objects.dictionary(ref), _INFORMATION, "information")
        for value in entries.values():
            _require_words(value, "information")

    # -- pages ------------------------------------------------------------------------------------------------

    def _page(self, page: dict[str, Any], place: str, own: int) -> int:
        """How many pieces of the page are marked for the structure."""
        only(page, {"Type", "Parent", "MediaBox", *_BOXES, "UserUnit", "Group", "Contents", "Resources", "Rotate",
                    "Annots", "StructParents"}, place)  # fmt: skip
        numbers(page["MediaBox"], 4, place)
        for key in _BOXES:
            numbers(page.get(key, page["MediaBox"]), 4, place)
        numbers([page.get("UserUnit", 1)], 1, place)
        if page.get("Rotate", 0) not in {0, 90, 180, 270}:
            raise Unclean(f"{place}: rotation")
        for annotation in page.get("Annots", []):
            if type(annotation) is Ref:
                self._tied_link(annotation, place, own)
            else:
                self._annotation(annotation, place)
        if set(page["Resources"].get("XObject", {})) == {"I"}:
            self._pixels(page, place)
            return 0
        return self.drawings.page(page, place)

    def _pixels(self, page: dict[str, Any], place: str) -> None:
        """A page that is one picture under invisible text."""
        content = self.objects.inflated(page["Contents"])
        if _OPERATOR.sub(b"", content):
            raise Unclean(f"{place}: content")
        resources = page["Resources"]
        only(resources, {"XObject", "Font"}, place)
        only(resources["XObject"], {"I"}, place)
        self._picture(resources["XObject"]["I"])
        for font in only(resources.get("Font", {}), {"H", "V"}, place).values():
            self._font(font)

    def _picture(self, ref: Any) -> None:
        found = self.objects.entry(ref)
        entries = found.value
        only(entries, {"Type", "Subtype", "Width", "Height", "ColorSpace", "BitsPerComponent", "Filter",
                        "Length"}, "picture")  # fmt: skip
        if entries["Subtype"] != "Image" or entries["ColorSpace"] not in {"DeviceRGB", "DeviceGray"}:
            raise Unclean("picture")
        assert found.stream is not None
        if entries["Filter"] == "DCTDecode":
            inner = picture_complaint(bytes(found.stream), "jpeg")
            if inner:
                raise Unclean(f"picture: {inner}")
            return
        if (entries["Filter"], entries["ColorSpace"], entries["BitsPerComponent"]) != (
            "FlateDecode",
            "DeviceGray",
            4,
        ):
            raise Unclean("picture")
        row = (entries["Width"] + 1) // 2
        if len(inflate(found.stream, ref.number)) != row * entries["Height"]:
            raise Unclean("picture: amount of pixels")

    def _font(self, ref: Any) -> None:
        if ref.number in self.objects.reached:
            return
        font = self.objects.dictionary(ref, "Font")
        only(font, {"Type", "Subtype", "BaseFont", "Encoding", "DescendantFonts", "ToUnicode"}, "font")
        self.drawings.fonts.composite(font, "font")
        own = (font["Subtype"], font["BaseFont"]) == ("Type0", "SekishoBlank")
        if not own or not _UNICODE.fullmatch(self.objects.inflated(font["ToUnicode"])):
            raise Unclean("font: map")
        (descendant,) = font["DescendantFonts"]
        inner = self.objects.dictionary(descendant, "Font")
        only(
            inner,
            {"Type", "Subtype", "BaseFont", "CIDSystemInfo", "FontDescriptor", "DW", "CIDToGIDMap", "W"},
            "font",
        )
        descriptor = self.objects.dictionary(inner["FontDescriptor"], "FontDescriptor")
        only(descriptor, {"Type", "FontName", "Flags", "FontBBox", "ItalicAngle", "Ascent", "Descent", "CapHeight",
                           "StemV", "FontFile2"}, "font")  # fmt: skip
        glyphs = self.objects.inflated(inner["CIDToGIDMap"])
        if len(glyphs) != 0x20000 or any(glyphs[::2]) or set(glyphs[1::2]) - {1, 2}:
            raise Unclean("font: glyphs")
        _blank_font(self.objects.inflated(descriptor["FontFile2"], "Length1"))

    def _annotation(self, annotation: dict[str, Any], place: str) -> None:
        if annotation.get("Subtype") == "Link":
            self._link(annotation, place)
            return
        only(annotation, {"Type", "Subtype", "Rect", "Contents", "F"}, place)
        numbers(annotation["Rect"], 4, place)
        if (annotation["Type"], annotation["Subtype"], annotation.get("F", 32)) != ("Annot", "Text", 32):
            raise Unclean(f"{place}: annotation")
        _require_words(annotation["Contents"], place)
        if len(annotation["Contents"]) > _MAX_NOTE:
            raise Unclean(f"{place}: note")

    def _tied_link(self, ref: Ref, place: str, page: int) -> None:
        """A link that an element of the structure refers to, on one page alone."""
        link = dict(self.objects.dictionary(ref, "Annot"))
        key = link.pop("StructParent")
        if ref.number in self.tied or type(key) is not int:
            raise Unclean(f"{place}: annotation")
        self.tied[ref.number] = (page, key)
        self._link(link, place)

    def _link(self, link: dict[str, Any], place: str) -> None:
        only(link, {"Type", "Subtype", "Rect", "Border", "C", "A", "Dest"}, place)
        numbers(link["Rect"], 4, place)
        numbers(link["Border"][:3], 3, place)
        for dashes in link["Border"][3:4]:
            numbers(dashes, None, place)
        colour = link.get("C", [0])
        numbers(colour, None, place)
        if len(link["Border"]) > 4 or len(colour) not in {1, 3, 4}:
            raise Unclean(f"{place}: border")
        if (link["Type"], link["Subtype"]) != ("Annot", "Link"):
            raise Unclean(f"{place}: annotation")
        if "A" in link:
            action = only(link["A"], {"Type", "S", "URI"}, place)
            address = action["URI"].decode("ascii")
            if action["S"] != "URI" or not _ADDRESS.match(address) or not begins_a_plain_letter(address):
                raise Unclean(f"{place}: address")
        if "Dest" in link:
            self._destination(link["Dest"], place)

    def _destination(self, target: list[Any], place: str) -> None:
        page, kind, *rest = target
        if page.number not in self.pages or kind not in {"Fit", "XYZ"}:
            raise Unclean(f"{place}: destination")
        numbers([number for number in rest if number is not None], None, place)

    def _outline(self, ref: Any) -> None:
        """Bookmarks: each reached once, so that they cannot form a ring."""
        waiting = [ref]
        while waiting:
            current = waiting.pop()
            if current.number in self.objects.reached:
                raise Unclean("bookmarks form a ring")
            entry = self.objects.entry(current).value
            only(
                entry,
                {"Type", "Title", "Parent", "Dest", "Prev", "Next", "First", "Last", "Count"},
                "bookmark",
            )
            if "Dest" in entry:
                self._destination(entry["Dest"], "bookmark")
            _require_words(entry.get("Title", b""), "bookmark")
            if type(entry.get("Count", 0)) is not int:
                raise Unclean("bookmark")
            waiting += [entry[key] for key in ("Next", "First") if key in entry]


def _labels(labels: dict[str, Any]) -> None:
    only(labels, {"Nums"}, "page labels")
    for entry in labels["Nums"][1::2]:
        _require_words(only(entry, {"P"}, "page labels").get("P", b""), "page labels")


def _require_words(said: Any, place: str) -> None:
    """A text string (7.9.2.2) without control and direction characters."""
    if type(said) is not bytes:
        raise Unclean(place)
    is_wide = said.startswith(b"\xfe\xff")
    if characters_complaint([said[2:].decode("utf-16-be") if is_wide else said.decode("ascii")]):
        raise Unclean(f"{place}: control character")


def _blank_font(program: bytes) -> None:
    """A font that draws nothing, and without tables that hold programs: a glyph is a line between two points at most."""
    count = int.from_bytes(program[4:6], "big")
    tables = {}
    for at in range(12, 12 + 16 * count, 16):
        start, length = struct.unpack(">II", program[at + 8 : at + 16])
        tables[program[at : at + 4]] = program[start : start + length]
    if tables.keys() != _BLANK_TABLES or len(tables) != count or len(program) > 1024:
        raise Unclean("font: tables")
    places = struct.unpack(f">{len(tables[b'loca']) // 2}H", tables[b"loca"])
    for low, high in itertools.pairwise(places):
        glyph = tables[b"glyf"][2 * low : 2 * high]
        if glyph and (len(glyph) != _STROKE or glyph[:2] != b"\x00\x01" or glyph[10:16] != _TWO_POINTS):
            raise Unclean("font: outlines")
