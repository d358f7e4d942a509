"""Colours of newer CSS in drawings, which resvg takes for black: draw.io, Mermaid and browsers write them.

``light-dark()``, ``var()`` and the forms of ``rgb()`` and ``hsl()`` without commas (CSS Color 4 and 5, CSS Variables) become
what they stand for on white paper; a declaration in any other form is left out, as a reader does that does not know it.
"""

import colorsys
import re
from collections.abc import Iterable, Mapping

#: attributes that are colours
PAINTS = {"fill", "stroke", "color", "stop-color", "flood-color", "lighting-color"}
_MODERN = re.compile(
    r"(?<![\w-])(?:(?:light-dark|var|env|ok(?:lab|lch)|lab|lch|hwb|color(?:-mix)?)\(|(?:rgb|hsl)a?\([^(),]*+\))",
    re.I,
)
# A call whose arguments are no calls any more.
_CALL = re.compile(r"(?<![\w-])(light-dark|var|rgba?|hsla?)\(([^()]*+)\)", re.IGNORECASE)
_DECLARATION = re.compile(r"[^;{}]++")
_PROPERTY = re.compile(r"(?<![\w-])(--[\w-]++)\s*+:([^;{}]*+)")
_NUMBER = re.compile(r"(-?+(?>\d{1,9}+(?>\.\d{0,9}+)?+|\.\d{1,9}+))(%|deg|rad|grad|turn|)")
_TURNS = {"deg": 360.0, "": 360.0, "rad": 6.283185, "grad": 400.0, "turn": 1.0}
_DEPTH = 8  # calls within one another
_LONGEST = 100  # characters of a colour


def properties(sheets: Iterable[str]) -> dict[str, str]:
    """What style sheets call their own (``--name: value``), where it leans on no other; of two of one name the first."""
    found: dict[str, str] = {}
    for sheet in sheets:
        for named, value in _PROPERTY.findall(sheet):
            if len(value) <= _LONGEST and "var(" not in value.lower():
                found.setdefault(named, value.strip())
    return found


def plain(css: str, own: Mapping[str, str]) -> str:
    """Declarations, or the value of one, with colours that every reader knows. ``own``: see ``properties``."""
    if not _MODERN.search(css):
        return css
    for _level in range(_DEPTH):
        css, count = _CALL.subn(lambda call: _meant(call[1].lower(), call[2], own), css)
        if not count:
            break
    return _DECLARATION.sub(lambda found: "" if _MODERN.search(found[0]) else found[0], css)


def _meant(called: str, given: str, own: Mapping[str, str]) -> str:
    first, _comma, rest = given.partition(",")
    if called == "light-dark":
        return first.strip()
    if called == "var":
        # Left unknown, the declaration that uses it is left out.
        return own.get(first.strip()) or rest.strip() or "env()"
    return _hexadecimal(called, given)


def _hexadecimal(called: str, given: str) -> str:
    """``#rrggbb`` and the opacity behind it."""
    parts = [(float(value), unit) for value, unit in _NUMBER.findall(given)]
    if len(parts) not in {3, 4}:
        return "env()"
    shares = [value / (100 if unit == "%" else 255) for value, unit in parts[:3]]
    if called.startswith("hsl"):
        hue, unit = parts[0]
        saturation, lightness = (value / 100 for value, _unit in parts[1:3])
        shares = list(colorsys.hls_to_rgb(hue / _TURNS.get(unit, 360.0) % 1, lightness, saturation))
    shares += [value / (100 if unit == "%" else 1) for value, unit in parts[3:]]
    return "#" + "".join(f"{round(min(max(share, 0), 1) * 255):02x}" for share in shares)
