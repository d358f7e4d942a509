"""Looks of Excel cells under which a value does not show: the colour of its ground, or a number format that writes nothing."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from sekisho.sanitizer.formats.job import Job
from sekisho.sanitizer.formats.ooxml.parts import Plan
from sekisho.sanitizer.formats.ooxml.xmlparts import Element, parsed, qname

# Places of the theme and of the old palette that are white or black unless somebody chose otherwise.
_THEME = {"0": "FFFFFF", "1": "000000"}
_INDEXED = {"0": "000000", "1": "FFFFFF", "8": "000000", "9": "FFFFFF", "64": "000000", "65": "FFFFFF"}
_WORDS = {"s", "str", "inlineStr"}
# What of a section of a number format writes nothing: empty quotes and names of colours.
_PAPER, _INK = "FFFFFF", "000000"
_SILENT = re.compile(r'""|\[[A-Za-z]+\d*\]|\s')
_SECTION = re.compile(r';(?=(?:[^"]*"[^"]*")*[^"]*$)')

_LONGEST = 255  # characters of a number format that Excel takes


@dataclass(frozen=True)
class UnseenLooks:
    """The numbers of the cell formats that hide, as cells name them, and the ground of each.

    ``rules``: by number, the codes of the formats that conditions give to cells and that hide.
    """

    colours: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    grounds: tuple[str, ...] = ()
    rules: Mapping[str, str] = field(default_factory=dict)

    def ground(self, style: str) -> str:
        """A name for the colour of the ground under a cell; ``""`` where words show on it."""
        known = style.isdecimal() and int(style) < len(self.grounds)
        return self.grounds[int(style)] if known else _PAPER

    def rule_code(self, rule: Element) -> str:
        """The code of the warning about a condition whose format hides what it is about, ``""`` when it does not."""
        own = rule.find(qname("x14:dxf"))
        return self.rules.get(rule.get("dxfId", ""), "") if own is None else _rule_code(own)

    def code(self, style: str, kind: str) -> str:
        """The code of the warning about a cell that holds a value of the type ``kind``, ``""`` when it shows."""
        if style in (self.words if kind in _WORDS else self.numbers):
            return "ooxml.silent_format"
        return "ooxml.cell_colour" if style in self.colours else ""


def unseen_looks(job: Job, plan: Plan) -> UnseenLooks:
    """Read the styles of a workbook (ECMA-376-1, 18.8)."""
    part = next((entry for entry in plan.parts.values() if entry.kind.id == "styles"), None)
    if part is None:
        return UnseenLooks()
    root = parsed(job, plan.source.read(part.source))
    fonts = [_colour(font.find(qname("x:color")), "000000") for font in _all(root, "x:fonts")]
    grounds = [_ground(fill) for fill in _all(root, "x:fills")]
    codes = {entry.get("numFmtId", ""): entry.get("formatCode", "") for entry in _all(root, "x:numFmts")}
    colours, numbers, words, under = set(), set(), set(), []
    for number, look in enumerate(_all(root, "x:cellXfs")):
        font, ground = _chosen(look, "fontId", fonts), _chosen(look, "fillId", grounds)
        under.append(ground)
        if font and font == ground:
            colours.add(str(number))
        without_numbers, without_words = _silent(codes.get(look.get("numFmtId", ""), ""))
        numbers |= {str(number)} if without_numbers else set()
        words |= {str(number)} if without_words else set()
    rules = {str(number): _rule_code(look) for number, look in enumerate(_all(root, "x:dxfs"))}
    return UnseenLooks(frozenset(colours), frozenset(numbers), frozenset(words), tuple(under), rules)


def run_colours(item: Element) -> set[str]:
    """Names of the colours in which words of a rich string stand; those without one have the cell's."""
    found = set()
    for run in item.iter(qname("x:r")):
        colour = run.find(f"{qname('x:rPr')}/{qname('x:color')}")
        if colour is not None and "".join(run.itertext(qname("x:t"))).strip():
            found.add(_colour(colour, _INK))
    return found


def _rule_code(look: Element) -> str:
    """What a conditional format (ECMA-376-1, 18.8.14) hides: its ground is its own, else that of paper."""
    colour = look.find(f"{qname('x:font')}/{qname('x:color')}")
    fill = look.find(f"{qname('x:fill')}/{qname('x:patternFill')}")
    own = None if fill is None else fill.find(qname("x:bgColor"))
    ground = _PAPER if own is None else _colour(own, _PAPER)
    if colour is not None and _colour(colour, _INK) == ground:
        return "ooxml.cell_colour"
    numbers = look.find(qname("x:numFmt"))
    return "ooxml.silent_format" if numbers is not None and _silent(numbers.get("formatCode", ""))[0] else ""


def _all(root: Element, tag: str) -> list[Element]:
    holder = root.find(qname(tag))
    return [] if holder is None else list(holder)


def _chosen(look: Element, attribute: str, values: list[str]) -> str:
    place = look.get(attribute, "0")
    return values[int(place)] if place.isdecimal() and int(place) < len(values) else ""


def _colour(entry: Element | None, usual: str) -> str:
    """A name that is the same for the same colour."""
    if entry is None or entry.get("auto", "0") in {"1", "true"}:
        return usual
    if rgb := entry.get("rgb"):
        return rgb[-6:].upper()
    shade = float(tint) if re.fullmatch(r"-?\d+(\.\d+)?", tint := entry.get("tint", "0")) else 1.0
    for attribute, known in (("theme", _THEME), ("indexed", _INDEXED)):
        if place := entry.get(attribute):
            return known.get(place, f"{attribute} {place}") + (f" {shade}" if shade else "")
    return usual


def _ground(fill: Element) -> str:
    """The colour of a plain ground; ``""`` for hatches and gradients, on which words may show."""
    pattern = fill.find(qname("x:patternFill"))
    if pattern is None:
        return "" if len(fill) else "FFFFFF"
    kind = pattern.get("patternType", "none")
    if kind == "none":
        return "FFFFFF"
    return _colour(pattern.find(qname("x:fgColor")), "000000") if kind == "solid" else ""


def _silent(code: str) -> tuple[bool, bool]:
    """Whether a number format writes nothing of numbers, and nothing of words (ECMA-376-1, 18.8.31)."""
    sections = [_SILENT.sub("", section) for section in _SECTION.split(code[:_LONGEST])]
    if len(sections) < 2:
        return code.strip() == '""', False
    return not any(sections[:3]), len(sections) > 3 and not sections[3]
