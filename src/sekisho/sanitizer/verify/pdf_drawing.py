"""Clean drawn pages: content of known operators in their own form, and resources of known kinds.

Everything a page paints with is checked here: forms, pictures, colours, functions, shadings, patterns, states; fonts
in ``pdf_fonts``. Source: ISO 32000-1, 7.10, 8 and annex A.
"""

import itertools
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sekisho.sanitizer.verify.pdf_fonts import Fonts
from sekisho.sanitizer.verify.pdf_syntax import Name, Objects, Ref, Unclean, inflate, numbers, only
from sekisho.sanitizer.verify.pictures import complaint as picture_complaint

_INTENT = rb"(?:AbsoluteColorimetric|RelativeColorimetric|Saturation|Perceptual)"
#: content as a whole: operators with their operands, one blank or line between any two pieces
_CONTENT = re.compile(
    rb"(?>(?>(?>BT|ET|T\*|EMC|[SsqQnh]|[fBbW]\*?+)(?=[ \n])"
    rb"|%(n)s (?>[wJjMiGg]|T[cwzLrs]|%(n)s (?>[ml]|T[dD]|d0|%(n)s (?>RG|rg|%(n)s (?>[vyKk]|re|%(n)s %(n)s (?>cm|c|Tm|d1)))))(?=[ \n])"
    rb"|(?>%(n)s ){0,32}+(?>/P\d++ )?+(?>SCN?|scn?)|\[ ?+(?>(?>%(h)s|%(n)s) ?+)*+\] TJ|%(h)s Tj"
    rb"|/F\d++ %(n)s Tf|/(?>C\d++|Device(?>Gray|RGB|CMYK)|Pattern) (?>cs|CS)|/G\d++ gs|/S\d++ sh|/X\d++ Do"
    rb"|\[ ?+(?>%(n)s ?+)*+\] %(n)s d|/%(i)s ri|/Artifact BMC|/Span <<(?>/MCID \d{1,6}+(?=[ >]) ?+)?+(?>/ActualText <feff(?>[0-9a-f]{4})*+>)?+>> BDC)?+[ \n])*+"
    % {b"n": rb"-?+\d++(?>\.\d++)?+", b"h": rb"<(?>[0-9a-f]{2})*+>", b"i": _INTENT}
)
_NAMED = re.compile(rb"/([FCPGSX]\d+) ")
_BRACKETS = re.compile(rb"[qQ](?=[ \n])|BT|ET")
_CLOSES = {b"Q": b"q", b"ET": b"BT"}
_NUMBER = re.compile(rb"/MCID (\d+)")
_KINDS = {"F": "Font", "C": "ColorSpace", "P": "Pattern", "G": "ExtGState", "S": "Shading", "X": "XObject"}
_DEVICES = {"DeviceGray": 1, "DeviceRGB": 3, "DeviceCMYK": 4}
_INKS = re.compile(r"(?:All|None|Cyan|Magenta|Yellow|Black|Red|Green|Blue|Gray|Spot\d{1,2})\Z")
_BLENDS = {
    "Normal", "Compatible", "Multiply", "Screen", "Overlay", "Darken", "Lighten", "ColorDodge", "ColorBurn",
    "HardLight", "SoftLight", "Difference", "Exclusion", "Hue", "Saturation", "Color", "Luminosity",
}  # fmt: skip
_STATE_NUMBERS = {"LW", "LC", "LJ", "ML", "CA", "ca", "OPM", "FL", "SM"}
_STATE_SWITCHES = {"OP", "op", "SA", "AIS", "TK"}
_MAX_DEPTH = 30


@dataclass
class Drawings:
    """Checks what pages paint; each object once, and none inside itself."""

    objects: Objects
    done: dict[tuple[str, int], Any] = field(default_factory=dict)
    under_way: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.fonts = Fonts(self.objects, self._glyphs)

    def page(self, page: dict[str, Any], place: str) -> int:
        """A page's content, resources and group. How many pieces of it are marked for the structure: 0, 1, 2 ... each once."""
        data = self.objects.inflated(page["Contents"])
        self.content(data, page["Resources"], place, is_page=True)
        self._group(page.get("Group"), place)
        marked = _NUMBER.findall(data)
        if sorted(map(int, marked)) != list(range(len(marked))):
            raise Unclean(f"{place}: marks")
        return len(marked)

    def content(self, data: bytes, resources: dict[str, Any], place: str, *, is_page: bool = False) -> None:
        """Content of which every operator is known and every name is a resource; every resource is of its kind.

        Numbers in the structure stand on pages alone: what is drawn in several places has no one place in it.
        """
        used = _names(data, place)
        if not is_page and _NUMBER.search(data):
            raise Unclean(f"{place}: a mark outside a page")
        known: set[str] = set()
        for category, entries in only(resources, set(_KINDS.values()), place).items():
            for called, ref in entries.items():
                if _KINDS.get(called[:1]) != category:
                    raise Unclean(f"{place}: /{called}")
                known.add(called)
                self._check(category, ref)
        if missing := used - known:
            raise Unclean(f"{place}: /{min(missing)} is missing")

    def _check(self, category: str, ref: Any) -> Any:
        """What ``_CHECKS`` finds out about an object, worked out once."""
        if type(ref) is not Ref:
            raise Unclean(f"{category}: a reference is missing")
        key = (category, ref.number)
        if key not in self.done:
            if ref.number in self.under_way or len(self.under_way) > _MAX_DEPTH:
                raise Unclean(f"object {ref.number} contains itself")
            self.under_way.add(ref.number)
            self.done[key] = _CHECKS[category](self, ref)
            self.under_way.discard(ref.number)
        return self.done[key]

    def _font(self, ref: Ref) -> None:
        self.fonts.check(ref)

    def _glyphs(self, procedures: dict[str, Any], resources: dict[str, Any], place: str) -> None:
        """The glyphs of a drawn font: content that shares the font's resources."""
        for glyph in procedures.values():
            data = self.objects.inflated(glyph)
            used = _names(data, place)
            if _NUMBER.search(data):
                raise Unclean(f"{place}: a mark outside a page")
            if missing := used - {called for entries in resources.values() for called in entries}:
                raise Unclean(f"{place}: /{min(missing)} is missing")
        self.content(b"", resources, place)

    # -- forms and pictures ---------------------------------------------------------------------------------------

    def _xobject(self, ref: Ref) -> None:
        entries = self.objects.dictionary(ref, "XObject")
        if entries["Subtype"] == "Image":
            self._picture(ref, entries)
            return
        place = f"object {ref.number}"
        data = self.objects.inflated(ref, "Type", "Subtype", "BBox", "Matrix", "Resources", "Group")
        if entries["Subtype"] != "Form":
            raise Unclean(place)
        numbers(entries["BBox"], 4, place)
        numbers(entries.get("Matrix", [1, 0, 0, 1, 0, 0]), 6, place)
        self._group(entries.get("Group"), place)
        self.content(data, entries["Resources"], place)

    def _group(self, group: dict[str, Any] | None, place: str) -> None:
        if group is None:
            return
        only(group, {"S", "CS", "I", "K"}, place)
        if group["S"] != "Transparency" or not {group.get("I", True), group.get("K", True)} <= {True, False}:
            raise Unclean(f"{place}: group")
        if "CS" in group:
            self._space(group["CS"])

    def _picture(self, ref: Ref, entries: dict[str, Any]) -> None:
        place = f"object {ref.number}"
        only(entries, {"Type", "Subtype", "Width", "Height", "Interpolate", "ImageMask", "SMask", "Mask", "Matte",
                       "ColorSpace", "BitsPerComponent", "Decode", "Filter", "DecodeParms", "Length"}, place)  # fmt: skip
        width, height, bits = entries["Width"], entries["Height"], entries["BitsPerComponent"]
        if not (0 < width <= 65_535 and 0 < height <= 65_535 and bits in {1, 2, 4, 8, 16}):
            raise Unclean(f"{place}: size")
        components = 1 if entries.get("ImageMask") is True else self._space(entries["ColorSpace"])
        for key in ("Decode", "Matte"):
            numbers(entries.get(key, []), None, place)
        for key in ("SMask", "Mask"):
            if type(entries.get(key)) is Ref:
                self._check("XObject", entries[key])
        if type(entries.get("Mask", [])) is list:
            numbers(entries.get("Mask", []), None, place)
        elif type(entries["Mask"]) is not Ref:
            raise Unclean(f"{place}: mask")
        self._samples(ref, entries, (width * components * bits + 7) // 8, height)

    def _samples(self, ref: Ref, entries: dict[str, Any], row: int, height: int) -> None:
        """Exactly as many samples as the size promises, or a clean JPEG."""
        stream, place = self.objects.entry(ref).stream, f"object {ref.number}"
        if stream is None:
            raise Unclean(place)
        if entries["Filter"] == "DCTDecode":
            if inner := picture_complaint(bytes(stream), "jpeg"):
                raise Unclean(f"{place}: {inner}")
            return
        parameters = only(
            entries.get("DecodeParms", {}), {"Predictor", "Colors", "BitsPerComponent", "Columns"}, place
        )
        row += 1 if parameters.get("Predictor") == 15 else 0
        if entries["Filter"] != "FlateDecode" or len(inflate(stream, ref.number)) != row * height:
            raise Unclean(f"{place}: amount of samples")

    # -- colours and functions ------------------------------------------------------------------------------------

    def _space(self, space: Any) -> int:
        """How many numbers make a colour. A pattern's base space counts as its own."""
        if type(space) is Name:
            if space not in {*_DEVICES, "Pattern"}:
                raise Unclean(f"colour space {space}")
            return _DEVICES.get(space, 0)
        return int(self._check("ColorSpace", space))

    def _composed_space(self, ref: Ref) -> int:
        space, place = self.objects.entry(ref).value, f"object {ref.number}"
        if type(space) is Name:
            return self._space(space)
        kind = space[0]
        if kind == "Lab" and len(space) == 2:
            only(space[1], {"WhitePoint", "Range"}, place)
            numbers(space[1]["WhitePoint"], 3, place)
            numbers(space[1].get("Range", [0, 0, 0, 0]), 4, place)
            return 3
        if kind == "Pattern" and len(space) == 2:
            return self._space(space[1])
        if kind == "Indexed" and len(space) == 4:
            self._palette(space, place)
            return 1
        if kind in {"Separation", "DeviceN"} and len(space) == 4:
            inks = space[1] if kind == "DeviceN" else [space[1]]
            if not all(_INKS.match(ink) for ink in inks):
                raise Unclean(f"{place}: ink")
            self._space(space[2])
            self._check("Function", space[3])
            return len(inks)
        raise Unclean(f"{place}: colour space")

    def _palette(self, space: list[Any], place: str) -> None:
        """As many colours as there are numbers, each once and in order, so that they spell nothing."""
        components, table = self._space(space[1]), space[3]
        if len(table) != (space[2] + 1) * components:
            raise Unclean(f"{place}: palette")
        colours = [table[at : at + components] for at in range(0, len(table), components)]
        if any(low >= high for low, high in itertools.pairwise(colours)):
            raise Unclean(f"{place}: order of the palette")

    def _function(self, ref: Ref) -> None:
        """Samples, powers and joined ones: no function that is a program."""
        entries, place = self.objects.dictionary(ref), f"object {ref.number}"
        kind = entries["FunctionType"]
        shared = {"FunctionType", "Domain", "Range"}
        for key in ("Domain", "Range", "Encode", "Decode", "Size", "C0", "C1", "Bounds"):
            numbers(entries.get(key, []), None, place)
        if kind == 0:
            data = self.objects.inflated(ref, *shared, "Size", "BitsPerSample", "Encode", "Decode")
            count = math.prod(entries["Size"]) * (len(entries["Range"]) // 2)
            if len(data) != (count * entries["BitsPerSample"] + 7) // 8:
                raise Unclean(f"{place}: amount of samples")
        elif kind == 2:
            numbers([only(entries, {*shared, "N", "C0", "C1"}, place)["N"]], 1, place)
        elif kind == 3:
            for part in only(entries, {*shared, "Functions", "Bounds", "Encode"}, place)["Functions"]:
                self._check("Function", part)
        else:
            raise Unclean(f"{place}: function")

    # -- shadings, patterns, states -------------------------------------------------------------------------------

    def _shading(self, ref: Ref) -> None:
        entries, place = self.objects.dictionary(ref), f"object {ref.number}"
        kind = entries["ShadingType"]
        shared = {"ShadingType", "ColorSpace", "Background", "BBox", "AntiAlias", "Function"}
        if kind in {1, 2, 3}:
            only(entries, {*shared, "Domain", "Matrix", "Coords", "Extend"}, place)
        elif kind in {4, 5, 6, 7}:
            more = ("BitsPerCoordinate", "BitsPerComponent", "BitsPerFlag", "Decode", "VerticesPerRow")
            self.objects.inflated(ref, *shared, *more)
            numbers([entries[key] for key in more if key in entries and key != "Decode"], None, place)
        else:
            raise Unclean(f"{place}: shading")
        for key in ("Background", "BBox", "Domain", "Matrix", "Coords", "Decode"):
            numbers(entries.get(key, []), None, place)
        self._space(entries["ColorSpace"])
        functions = entries.get("Function", [])
        for function in functions if type(functions) is list else [functions]:
            self._check("Function", function)

    def _pattern(self, ref: Ref) -> None:
        entries, place = self.objects.dictionary(ref, "Pattern"), f"object {ref.number}"
        numbers(entries.get("Matrix", [1, 0, 0, 1, 0, 0]), 6, place)
        if entries["PatternType"] == 2:
            self._check(
                "Shading", only(entries, {"Type", "PatternType", "Shading", "Matrix"}, place)["Shading"]
            )
            return
        data = self.objects.inflated(ref, "Type", "PatternType", "PaintType", "TilingType", "BBox", "XStep", "YStep",
                                     "Resources", "Matrix")  # fmt: skip
        numbers([*entries["BBox"], entries["XStep"], entries["YStep"], entries["PaintType"]], 7, place)
        self.content(data, entries["Resources"], place)

    def _state(self, ref: Ref) -> None:
        entries, place = self.objects.dictionary(ref, "ExtGState"), f"object {ref.number}"
        only(entries, {*_STATE_NUMBERS, *_STATE_SWITCHES, "Type", "D", "RI", "BM", "SMask", "Font"}, place)
        numbers([value for key, value in entries.items() if key in _STATE_NUMBERS], None, place)
        if not all(type(entries[key]) is bool for key in _STATE_SWITCHES & set(entries)):
            raise Unclean(f"{place}: switch")
        if entries.get("BM", "Normal") not in _BLENDS or not re.fullmatch(
            _INTENT, entries.get("RI", "Saturation").encode()
        ):
            raise Unclean(f"{place}: /BM or /RI")
        if "D" in entries:
            numbers([*entries["D"][0], entries["D"][1]], None, place)
        if "Font" in entries:
            self._check("Font", entries["Font"][0])
            numbers(entries["Font"][1:], 1, place)
        self._soft_mask(entries.get("SMask", "None"), place)

    def _soft_mask(self, mask: Any, place: str) -> None:
        if mask == "None":
            return
        only(mask, {"Type", "S", "G", "BC", "TR"}, place)
        if mask["S"] not in {"Alpha", "Luminosity"}:
            raise Unclean(f"{place}: mask")
        numbers(mask.get("BC", []), None, place)
        self._check("XObject", mask["G"])
        if "TR" in mask:
            self._check("Function", mask["TR"])


_CHECKS: dict[str, Callable[[Drawings, Ref], Any]] = {
    "Font": Drawings._font, "XObject": Drawings._xobject, "ColorSpace": Drawings._composed_space,
    "Function": Drawings._function, "Shading": Drawings._shading, "Pattern": Drawings._pattern,
    "ExtGState": Drawings._state,
}  # fmt: skip


def _names(data: bytes, place: str) -> set[str]:
    """The names that content uses, when every piece of it belongs to an operator and what opens also closes."""
    match = _CONTENT.match(data)
    end = match.end() if match else 0
    if end < len(data):
        raise Unclean(f"{place}: {data[end : end + 40].decode('latin-1')!r}")
    open_: list[bytes] = []
    for bracket in _BRACKETS.findall(data):
        if bracket not in _CLOSES:
            open_.append(bracket)
        elif not open_ or open_.pop() != _CLOSES[bracket]:
            raise Unclean(f"{place}: unpaired {bracket.decode()}")
    if open_:
        raise Unclean(f"{place}: unpaired {open_[-1].decode()}")
    if data.count(b"BDC") + data.count(b"BMC") != data.count(b"EMC"):
        raise Unclean(f"{place}: unpaired EMC")
    return {called.decode("ascii") for called in set(_NAMED.findall(data))}
