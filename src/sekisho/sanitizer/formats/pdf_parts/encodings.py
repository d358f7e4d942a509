"""The encoding of simple fonts (9.6.6): a base and differences, by glyph names."""

import re
from typing import Any

import pikepdf

from sekisho.sanitizer.formats.pdf_parts.glyph_names import plain_glyph_name
from sekisho.sanitizer.formats.pdf_parts.values import entry, items, name, pieces, whole
from sekisho.sanitizer.formats.pdf_writer import Name

# codes, and names without escapes
_USUAL = re.compile(rb"\[(?> (?>\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5]|/[A-Za-z0-9._]++)(?= ))*+ \]")
_BASES = {"WinAnsiEncoding", "MacRomanEncoding", "MacExpertEncoding", "StandardEncoding"}


def write_encoding(source: Any, built_in: dict[int, str] | None = None) -> Any:
    """The new encoding, None for the font's own. ``built_in``: what an embedded font that is renamed says itself."""
    simple = name(source)
    if simple in _BASES:
        return Name(simple)
    base = name(entry(source, "BaseEncoding"))
    found = {} if base in _BASES else dict(built_in or {})
    found |= _differences(entry(source, "Differences"))
    if not found and base not in _BASES:
        return None
    made: dict[str, Any] = {"Type": Name("Encoding")}
    if base in _BASES:
        made["BaseEncoding"] = Name(base)
    if found:
        made["Differences"] = _listed(found)
    return made


def _differences(source: Any) -> dict[int, str]:
    found: dict[int, str] = {}
    code = 0
    if (plain := pieces(source, _USUAL)) is not None:
        for piece in plain[:2000]:
            if piece[:1] != b"/":
                code = int(piece)
                continue
            if code < 256:
                found[code] = plain_glyph_name(piece[1:].decode("ascii"))
            code += 1
        return found
    for item in items(source, 2000):
        if isinstance(item, pikepdf.Name):
            called = name(item)
            if called and code < 256:
                found[code] = plain_glyph_name(called)
            code += 1
        elif (start := whole(item, 0, 255)) is not None:
            code = start
    return found


def _listed(found: dict[int, str]) -> list[Any]:
    listed: list[Any] = []
    last = -2
    for code, called in sorted(found.items()):
        if code != last + 1:
            listed.append(code)
        listed.append(Name(called))
        last = code
    return listed
