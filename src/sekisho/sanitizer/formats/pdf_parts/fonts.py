"""Fonts (9.5 to 9.8): dictionaries by allow-list, programs taken apart to outlines and written anew.

A program that cannot be taken apart is never passed on. Where any reader has the font itself (the standard 14), it is
left out; otherwise this method gives up and the next one draws the page.
"""

import hashlib
import re
from collections.abc import Set
from typing import Any

import pikepdf

from sekisho.sanitizer.formats.pdf_parts import cmaps, forms, whole_fonts
from sekisho.sanitizer.formats.pdf_parts.cff import read_cff
from sekisho.sanitizer.formats.pdf_parts.cff_writer import written_cff
from sekisho.sanitizer.formats.pdf_parts.context import Context
from sekisho.sanitizer.formats.pdf_parts.encodings import write_encoding
from sekisho.sanitizer.formats.pdf_parts.glyph_names import plain_glyph_name
from sekisho.sanitizer.formats.pdf_parts.outlines import Program
from sekisho.sanitizer.formats.pdf_parts.truetype import rewritten_truetype, tables_of
from sekisho.sanitizer.formats.pdf_parts.type1 import read_type1
from sekisho.sanitizer.formats.pdf_parts.values import (
    Unreadable,
    decoded,
    dictionary,
    entry,
    items,
    keys,
    name,
    number,
    numbers,
    pieces,
    text,
    whole,
)
from sekisho.sanitizer.formats.pdf_source import Misread
from sekisho.sanitizer.formats.pdf_writer import Name, Ref
from sekisho.sanitizer.results import Refused

STANDARD_14 = {
    "Courier", "Courier-Bold", "Courier-BoldOblique", "Courier-Oblique", "Helvetica", "Helvetica-Bold",
    "Helvetica-BoldOblique", "Helvetica-Oblique", "Times-Roman", "Times-Bold", "Times-BoldItalic", "Times-Italic",
    "Symbol", "ZapfDingbats",
}  # fmt: skip
_WRAPPED = {b"\x00\x01\x00\x00", b"true", b"ttcf", b"OTTO"}  # how files of fonts begin
_FILES = ("FontFile", "FontFile2", "FontFile3")
_DESCRIPTOR = ("Flags", "ItalicAngle", "Ascent", "Descent", "Leading", "CapHeight", "XHeight", "StemV", "StemH",
               "AvgWidth", "MaxWidth", "MissingWidth", "FontWeight")  # fmt: skip
_NAME = re.compile(r"[A-Za-z0-9+,_.-]{1,127}\Z")
# Predefined character maps (9.7.5.2) all look like this; what is not one means nothing to a reader.
_MAP_NAME = re.compile(r"(?:Identity|[A-Za-z0-9]{1,12}(?:-[A-Za-z0-9]{1,12}){0,3})-[HV]\Z|[HV]\Z")
_ORDERINGS = {"Identity", "Japan1", "Japan2", "GB1", "CNS1", "Korea1", "KR", "UCS"}
_MAX_WIDTHS = 70_000
_WIDTH = rb"(?> -?+\d{1,9}+(?>\.\d{1,9}+)?+(?= ))"
_USUAL_WIDTHS = re.compile(rb"\[(?>%s| \[%s*+ \])*+ \]" % (_WIDTH, _WIDTH))


def write_font(context: Context, source: Any) -> Ref | None:
    """The new font. Raises ``Refused`` when its program must be kept and cannot be written anew."""
    return context.once("font", source, lambda: _made(context, source))


def fallback_font(context: Context) -> Ref:
    """Helvetica, where the source names a font it does not have; readers do the same."""
    key = ("fallback", (0, 0))
    if key not in context.written:
        context.written[key] = context.writer.add(
            {"Type": Name("Font"), "Subtype": Name("Type1"), "BaseFont": Name("Helvetica")}
        )
    made = context.written[key]
    assert made is not None
    return made


def _made(context: Context, source: Any) -> Ref | None:
    kind = name(entry(source, "Subtype"))
    if kind == "Type0":
        entries = _composite(context, source)
    elif kind == "Type3":
        return _drawn(context, source)
    else:
        entries = _simple(context, source, "TrueType" if kind == "TrueType" else "Type1")
    if unicode_map := _to_unicode(context, source):
        entries["ToUnicode"] = unicode_map
    return context.writer.add(entries)


def _to_unicode(context: Context, source: Any) -> Ref | Name | None:
    given = entry(source, "ToUnicode")
    if isinstance(given, pikepdf.Stream):
        return context.once(
            "unicode",
            given,
            lambda: context.writer.add_stream({}, cmaps.unicode_map(cmaps.parsed(decoded(given)))),
        )
    return Name("Identity-H") if name(given) == "Identity-H" else None


def _font_name(value: Any) -> str:
    """The name in plain letters. Japanese names in the bytes of CP932 become the ones readers know."""
    found = name(value)
    if found and _NAME.match(found):
        return found
    raw = b""
    if isinstance(value, pikepdf.Name):
        try:
            raw = bytes(value)
        except (ValueError, RuntimeError):
            raw = b""
    spelled = raw.decode("cp932", "ignore") + (found or "")
    style = ",Bold" if "Bold" in spelled else ""
    if "明朝" in spelled:
        return ("MS-PMincho" if "Ｐ" in spelled or "P" in spelled else "MS-Mincho") + style
    if "ゴシック" in spelled:
        return ("MS-PGothic" if "Ｐ" in spelled or "P" in spelled else "MS-Gothic") + style
    plain = re.sub(r"[^A-Za-z0-9+,_.-]", "", found or "")[:100]
    return plain + "Font" if not plain or plain.endswith("+") else plain


# -- simple fonts -------------------------------------------------------------------------------------------------


def _simple(context: Context, source: Any, kind: str) -> dict[str, Any]:
    base = _font_name(entry(source, "BaseFont"))
    descriptor = entry(source, "FontDescriptor")
    made, program = _descriptor(context, descriptor, base, composite=False)
    if made and "FontFile2" in made:
        kind = "TrueType"
    elif made and "FontFile3" in made:
        kind = "Type1"
    entries: dict[str, Any] = {"Type": Name("Font"), "Subtype": Name(kind), "BaseFont": Name(base)}
    if made:
        entries["FontDescriptor"] = context.writer.add(made)
    first, widths = whole(entry(source, "FirstChar"), 0, 255), numbers(entry(source, "Widths"), most=400)
    if first is not None and widths:
        entries |= {"FirstChar": first, "LastChar": first + len(widths) - 1, "Widths": widths}
    encoding = write_encoding(entry(source, "Encoding"), program.encoding if program else None)
    if encoding is not None:
        entries["Encoding"] = encoding
    return entries


def _descriptor(
    context: Context, source: Any, base: str, *, composite: bool, by_cid: bool = False
) -> tuple[dict[str, Any] | None, Program | None]:
    """The new descriptor, and the outlines where the program was one of names."""
    if dictionary(source) is None:
        return None, None
    made: dict[str, Any] = {"Type": Name("FontDescriptor"), "FontName": Name(base)}
    for key in _DESCRIPTOR:
        if (amount := number(entry(source, key))) is not None:
            made[key] = amount
    made.setdefault("Flags", 32)
    if bounds := numbers(entry(source, "FontBBox"), 4):
        made["FontBBox"] = bounds
    entries, program = _program(context, source, base, composite=composite, by_cid=by_cid)
    return made | entries, program


def _program(
    context: Context, source: Any, base: str, *, composite: bool, by_cid: bool
) -> tuple[dict[str, Any], Program | None]:
    """The font file entry of a descriptor, written anew from what its outlines are.

    ``by_cid``: strings say the CIDs themselves, so of a large program those glyphs are enough that some string shows.
    """
    stream = next(
        (entry(source, key) for key in _FILES if isinstance(entry(source, key), pikepdf.Stream)), None
    )
    if stream is None:
        return {}, None
    try:
        data = decoded(stream)
        if not data:  # as good as none
            context.removed("pdf.font_dropped", stream)
            return {}, None
        if by_cid and context.whole_fonts and len(data) >= whole_fonts.LARGE and _is_cff(data):
            context.removed("pdf.font_recoded", stream, action="changed")
            return {"FontFile3": context.whole_fonts.later(data, context.writer.reserve)}, None
        ref, program = _written_once(context, data, stream, composite=composite)
    except Unreadable as problem:
        context.removed("pdf.font_dropped", stream, detail=problem.detail)
        if base.rpartition("+")[2] in STANDARD_14:
            return {}, None
        raise Refused("pdf.font_unreadable", font=base) from problem
    return {"FontFile2" if program is None else "FontFile3": ref}, program


def _written_once(
    context: Context, data: bytes, stream: Any, *, composite: bool
) -> tuple[Ref, Program | None]:
    """The new program and its outlines unless it is TrueType; the same bytes are taken apart but once."""
    key = (hashlib.sha256(data).digest(), composite)
    if key not in context.programs:
        form, program = _taken_apart(data, composite=composite)
        context.programs[key] = _write_program(context, data, form, program), program
        context.removed("pdf.font_recoded", stream, action="changed")
    return context.programs[key]


def _is_cff(data: bytes) -> bool:
    return data[:1] == b"\x01" or (data[:4] in _WRAPPED and b"CFF " in tables_of(data))


def write_whole(context: Context, data: bytes, shown: Set[int], ref: Ref) -> None:
    """A large CFF program with the glyphs of these CIDs. Raises ``Refused`` for one that cannot be read."""
    try:
        form, program = _taken_apart(data, composite=True, shown=shown)
        _write_program(context, data, form, program, ref)
    except Unreadable as problem:
        raise Refused("pdf.font_unreadable", font=problem.detail) from problem


def _taken_apart(
    data: bytes, *, composite: bool, shown: Set[int] | None = None
) -> tuple[str, Program | None]:
    """What kind of program it is by its own bytes, and its outlines unless it is TrueType."""
    is_wrapped = data[:4] in _WRAPPED
    if is_wrapped:
        tables = tables_of(data)
        if b"CFF " not in tables:
            return "TrueType", None
        data = tables[b"CFF "]
    if data[:1] == b"\x01":
        program = read_cff(data, shown, by_number=is_wrapped)
        # FreeType takes a CID for the number of a glyph where tables stand around them.
        if is_wrapped and program.cids:
            program.cids = list(range(len(program.glyphs)))
    else:
        program = read_type1(data)
        if composite:  # against the standard; readers take CIDs for the numbers of its glyphs
            program.cids = list(range(len(program.glyphs)))
    return ("CIDFontType0C" if composite else "Type1C"), program


def _write_program(
    context: Context, data: bytes, form: str, program: Program | None, ref: Ref | None = None
) -> Ref:
    if program is None:
        font = rewritten_truetype(data)
        return context.writer.add_stream({"Length1": len(font)}, font)
    if form == "Type1C" and not program.names:
        program.names = [f"cid{cid}" if at else ".notdef" for at, cid in enumerate(program.cids)]
        program.cids = []
    return context.writer.add_stream({"Subtype": Name(form)}, written_cff(program), ref)


# -- composite fonts ----------------------------------------------------------------------------------------------


def _composite(context: Context, source: Any) -> dict[str, Any]:
    descendant = next(items(entry(source, "DescendantFonts"), 1), None)
    if dictionary(descendant) is None:
        raise Unreadable("pdf.font_unreadable", "DescendantFonts")
    base, mapping = _font_name(entry(source, "BaseFont")), _map(context, entry(source, "Encoding"))
    by_cid = mapping in {"Identity-H", "Identity-V"}
    return {
        "Type": Name("Font"), "Subtype": Name("Type0"), "BaseFont": Name(base), "Encoding": mapping,
        "DescendantFonts": [context.writer.add(_descendant(context, descendant, by_cid=by_cid))],
    }  # fmt: skip


def _map(context: Context, source: Any) -> Name | Ref:
    """A predefined map by its name, or an embedded one from its tables."""
    if isinstance(source, pikepdf.Stream):
        found = cmaps.parsed(decoded(source))
        base = name(entry(source, "UseCMap")) or found.base
        if base or not found.cids or not found.spaces:
            if Misread.mend not in context.job.mends and cmaps.with_cids(decoded(source)):
                raise Misread
            raise Refused("pdf.font_unreadable", font="CMap")
        entries = {
            "Type": Name("CMap"), "CMapName": Name("Sekisho-CMap"), "WMode": int(found.vertical),
            "CIDSystemInfo": {"Registry": "Adobe", "Ordering": "Identity", "Supplement": 0},
        }  # fmt: skip
        return context.writer.add_stream(entries, cmaps.encoding_map(found))
    called = name(source) or ""
    return Name(called if _MAP_NAME.match(called) else "Identity-H")


def _descendant(context: Context, source: Any, *, by_cid: bool) -> dict[str, Any]:
    base = _font_name(entry(source, "BaseFont"))
    kind = "CIDFontType2" if name(entry(source, "Subtype")) == "CIDFontType2" else "CIDFontType0"
    made, _program = _descriptor(
        context, entry(source, "FontDescriptor"), base, composite=True, by_cid=by_cid
    )
    if made and "FontFile2" in made:
        kind = "CIDFontType2"
    system = entry(source, "CIDSystemInfo")
    ordering = text(entry(system, "Ordering")) or ""
    entries: dict[str, Any] = {
        "Type": Name("Font"), "Subtype": Name(kind), "BaseFont": Name(base),
        "CIDSystemInfo": {
            "Registry": "Adobe", "Ordering": ordering if ordering in _ORDERINGS else "Identity",
            "Supplement": whole(entry(system, "Supplement"), 0, 99) or 0,
        },
    }  # fmt: skip
    if made:
        entries["FontDescriptor"] = context.writer.add(made)
    if (default := number(entry(source, "DW"))) is not None:
        entries["DW"] = default
    if defaults := numbers(entry(source, "DW2"), 2):
        entries["DW2"] = defaults
    for key in ("W", "W2"):
        if widths := _widths(entry(source, key)):
            entries[key] = widths
    glyphs = entry(source, "CIDToGIDMap")
    if isinstance(glyphs, pikepdf.Stream):
        entries["CIDToGIDMap"] = context.once("glyphs", glyphs, lambda: _glyph_map(context, glyphs))
    elif kind == "CIDFontType2" and made and "FontFile2" in made:
        entries["CIDToGIDMap"] = Name("Identity")
    return {key: value for key, value in entries.items() if value is not None}


def _glyph_map(context: Context, source: Any) -> Ref:
    """Glyph numbers by CID, each read as the number it is."""
    data = decoded(source)[: 2 * 65_536]
    glyphs = [int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data) - 1, 2)]
    return context.writer.add_stream({}, b"".join(glyph.to_bytes(2, "big") for glyph in glyphs))


def _widths(source: Any) -> list[Any]:
    """Widths of CIDs: numbers, and lists of numbers (9.7.4.3)."""
    if (plain := pieces(source, _USUAL_WIDTHS)) is not None and len(plain) <= _MAX_WIDTHS:
        return _nested(plain)
    found: list[Any] = []
    for item in items(source, _MAX_WIDTHS):
        value = numbers(item, most=_MAX_WIDTHS) if isinstance(item, pikepdf.Array) else number(item)
        if value is None:
            return []
        found.append(value)
    return found


def _nested(said: list[bytes]) -> list[Any]:
    """Numbers, and lists of them, as they are spelled."""
    found: list[Any] = []
    into = found
    for piece in said:
        if piece == b"[":
            into = []
            found.append(into)
        elif piece == b"]":
            into = found
        else:
            into.append(float(piece) if b"." in piece else int(piece))
    return found


# -- drawn fonts --------------------------------------------------------------------------------------------------


def _drawn(context: Context, source: Any) -> Ref:
    """A Type 3 font: each glyph is a content stream."""
    matrix = numbers(entry(source, "FontMatrix"), 6)
    bounds = numbers(entry(source, "FontBBox"), 4)
    procedures = entry(source, "CharProcs")
    if matrix is None or not isinstance(procedures, pikepdf.Dictionary):
        raise Unreadable("pdf.font_unreadable", "Type 3")
    own = entry(source, "Resources")
    around = (own,) if dictionary(own) is not None else ()
    written: dict[str, Ref] = {}
    used: dict[str, dict[str, Ref]] = {}
    weight = 0
    for called in keys(procedures)[:2000]:
        glyph = procedures.get(f"/{called}")
        if not isinstance(glyph, pikepdf.Stream):
            continue
        made = context.rewrite(context, glyph, around, is_glyph=True)
        written[plain_glyph_name(called)] = forms.written(context, {}, made)
        weight = max(weight, made.weight)
        for category, names in made.resources.items():
            used.setdefault(category, {}).update(names)
    entries: dict[str, Any] = {
        "Type": Name("Font"), "Subtype": Name("Type3"), "FontMatrix": matrix, "FontBBox": bounds or [0, 0, 0, 0],
        "CharProcs": written, "Resources": used, "Encoding": write_encoding(entry(source, "Encoding")),
    }  # fmt: skip
    if entries["Encoding"] is None:
        raise Unreadable("pdf.font_unreadable", "Type 3")
    first, widths = whole(entry(source, "FirstChar"), 0, 255), numbers(entry(source, "Widths"), most=400)
    if first is not None and widths:
        entries |= {"FirstChar": first, "LastChar": first + len(widths) - 1, "Widths": widths}
    if unicode_map := _to_unicode(context, source):
        entries["ToUnicode"] = unicode_map
    return context.writer.add(entries)
