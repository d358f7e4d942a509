"""Content streams: every operator is written anew with the operands its grammar asks for (annex A).

Runs of usual operators are taken whole (``runs``), anything else operator by operator, to the same effect.
Nothing unknown is kept. Names of resources are given anew, of marks only those stay that the structure of the document
names or that replace text, what lies in a hidden layer is not painted, and brackets (``q Q``, ``BT ET``) are balanced.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pikepdf

from sekisho.sanitizer.formats.pdf_parts import (
    colors,
    fonts,
    forms,
    images,
    painting,
    patterns,
    runs,
    shadings,
    states,
    tokens,
)
from sekisho.sanitizer.formats.pdf_parts.context import MAX_WEIGHT, Context, Made
from sekisho.sanitizer.formats.pdf_parts.structure import Marks
from sekisho.sanitizer.formats.pdf_parts.tokens import NUMERIC, instructions, named
from sekisho.sanitizer.formats.pdf_parts.values import (
    Unreadable,
    decoded,
    dictionary,
    entry,
    name,
    number,
    numbers,
    text,
    whole,
)
from sekisho.sanitizer.formats.pdf_text_layer import filtered
from sekisho.sanitizer.formats.pdf_writer import Raw, Ref, number_bytes, serialised
from sekisho.sanitizer.results import Refused

_PAINTING = {operator: operator.encode() for operator in ("S", "s", "f", "f*", "B", "B*", "b", "b*")} | {
    "F": b"f"
}
_GLYPH_METRICS = {"d0": 2, "d1": 6}
_INTENTS = {"AbsoluteColorimetric", "RelativeColorimetric", "Saturation", "Perceptual"}
_DEVICES = {"DeviceGray": "DeviceGray", "DeviceRGB": "DeviceRGB", "DeviceCMYK": "DeviceCMYK", "Pattern": "Pattern",
            "G": "DeviceGray", "RGB": "DeviceRGB", "CMYK": "DeviceCMYK"}  # fmt: skip
_MAX_SAVED = 500
_SHORT_RUN = 120  # bytes that are as soon read one by one
_PIECES_EACH = 3  # of a run, about, make an operator
_CLOSES = {b"q": b"Q", b"BT": b"ET"}
_MAX_COLORANTS = 32
_NUMBER_ALONE = re.compile(rb"<<\s*+/MCID\s++(\d++)\s*+>>")
_PREFIX = {"Font": "F", "XObject": "X", "ExtGState": "G", "ColorSpace": "C", "Pattern": "P", "Shading": "S"}


def rewrite(
    context: Context,
    source: Any,
    resources: tuple[Any, ...],
    *,
    is_glyph: bool = False,
    marks: Marks | None = None,
) -> Made:
    """One content stream, or a page's, written anew. ``marks``: those of a page in a document with a structure."""
    return Rewriter(context, resources, is_glyph, marks).made(source)


@dataclass
class Rewriter:
    """Rewrites one content stream. ``resources``: its own, those around it, at last the page's."""

    context: Context
    resources: tuple[Any, ...]
    is_glyph: bool = False
    marks: Marks | None = None
    out: list[bytes] = field(default_factory=list)
    used: dict[str, dict[str, Ref]] = field(default_factory=dict)
    weight: int = 0
    _fonts: dict[str, bytes] = field(default_factory=dict)
    _names: dict[bytes, Any] = field(default_factory=dict)
    _open: list[bytes] = field(default_factory=list)
    _marks: list[str] = field(default_factory=list)
    _marks_hide: int = 0  # how many of the marks hide what they mark
    _lines: dict[bytes, bytes] = field(
        default_factory=dict
    )  # what came of instructions, by how they are spelled
    _dropped: dict[str, int] = field(default_factory=dict)
    _painting: painting.Painting | None = None  # where a palette or a profile may be painted with

    def __post_init__(self) -> None:
        spaces = [entry(resources, "ColorSpace") for resources in self.resources[:1] + self.resources[-1:]]
        if any(painting.is_followed(self.context, found) for found in spaces):
            self._painting = painting.Painting(self.context)

    def made(self, source: Any) -> Made:
        """``source``: a stream, or the data of one."""
        data = source if isinstance(source, bytes) else decoded(source)
        for instruction in instructions(self.context.pdf, data, self._run):
            if isinstance(instruction, bytes):
                self.out.append(self._painting.line(instruction) if self._painting else instruction)
            elif isinstance(instruction, tuple):
                operator, operands, spelled = instruction
                if spelled and not self._painting:
                    self._spelled(operator, operands, spelled)
                else:
                    self._operator(operator, operands)
            else:
                self._inline_image(instruction.iimage)
        self._close()
        for operator in sorted(self._dropped):
            shown = operator if operator.isascii() and operator.isprintable() else "?"
            self.context.removed("pdf.content", detail=shown[:20])
        weight = self.weight + len(self.out)
        if weight > MAX_WEIGHT:
            raise Refused("pdf.too_complex")
        content = b"\n".join(self.out) + b"\n"
        if self.context.whole_fonts:
            self.context.whole_fonts.look_at(content)
        return Made(content, self.used, weight)

    # -- runs -------------------------------------------------------------------------------------------------

    def _run(self, data: bytes, at: int) -> tuple[int, int]:
        """Write the run that begins at a place, if there is a long one: see ``Taking``."""
        if self._marks_hide or self._painting:  # what stands before decides what an instruction means
            return at, at
        run = runs.run_at(data, at, marking=not self._marks, in_text=b"BT" in self._open)
        end = at + len(run)
        if len(run) < _SHORT_RUN:
            return at, end
        weight, met = self.weight, len(self.marks.met) if self.marks else 0
        lines = runs.tidied(run, self._named, self._told)
        left = runs.brackets(lines)
        if left is None or left[0] > len(self._open) or len(self._open) + left[1] > _MAX_SAVED:
            self.weight = weight
            if self.marks:
                self.marks.forget(met)
            return at, end
        closed, opened = left
        self._open[len(self._open) - closed :] = [b"q"] * opened
        self.out.append(lines)
        self.weight += lines.count(b" ") // _PIECES_EACH
        return end, end

    def _named(self, calls: list[bytes]) -> Iterable[bytes]:
        """What comes of instructions that name resources, each worked out once; drawing weighs each time."""
        made: dict[bytes, bytes] = {}
        for call, times in Counter(calls).items():
            if line := self._lines.get(call):
                made[call] = line
                continue
            weight = self.weight
            operator, operands, _spelled = named(call, self._names)
            line = made[call] = self._apart(operator, operands)
            added = self.weight - weight
            self.weight += added * (times - 1)
            if not added:
                self._lines[call] = line
        return map(made.__getitem__, calls)

    def _told(self, properties: bytes) -> bytes:
        """The mark that keeps what these properties tell, or one of an ornament."""
        if properties == b"/Artifact":
            return b"/Artifact BMC" if self.marks else b""
        if number := _NUMBER_ALONE.fullmatch(properties):
            return self._mark_of(int(number[1]), None)
        if not (line := self._lines.get(properties)):
            line = self._telling(tokens.properties(self.context.pdf, properties))
            if b"MCID" not in properties:
                self._lines[properties] = line
        return line

    def _telling(self, properties: Any) -> bytes:
        return self._mark_of(whole(entry(properties, "MCID")), text(entry(properties, "ActualText")))

    def _mark_of(self, number: int | None, said: str | None) -> bytes:
        """The mark that keeps a number in the structure and a replacement text; empty where there is neither."""
        parts = []
        if self.marks and (given := self.marks.given(number)) is not None:
            parts.append(b"/MCID %d" % given)
        if said is not None and not self.context.job.keep.hidden:
            self.context.removed("pdf.replacement_text")
            self.context.hidden_on.add(self.context.page)
        elif said is not None:
            kept = "".join(chr(code) for code in (filtered(ord(letter)) for letter in said[:2000]) if code)
            parts.append(b"/ActualText <feff%s>" % kept.encode("utf-16-be", "replace").hex().encode())
        return b"/Span <<%s>> BDC" % b" ".join(parts) if parts else b""

    def _apart(self, operator: str, operands: list[Any]) -> bytes:
        """What an instruction would write."""
        count = len(self.out)
        self._operator(operator, operands)
        made = b" ".join(self.out[count:])
        del self.out[count:]
        return made

    # -- operators --------------------------------------------------------------------------------------------

    def _spelled(self, operator: str, operands: list[Any], spelled: bytes) -> None:
        """An instruction that comes again and again: worked out once, unless it weighs or may be hidden."""
        known = self._lines.get(spelled)
        if known and not self._marks_hide:
            self.out.append(known)
            return
        weight, count = self.weight, len(self.out)
        self._operator(operator, operands)
        if len(self.out) == count + 1 and weight == self.weight and not self._marks_hide:
            self._lines[spelled] = self.out[-1]

    def _operator(self, operator: str, operands: list[Any]) -> None:
        if self._painting:
            operands = self._painting.follow(operator, operands)
        if special := _SPECIAL.get(operator):
            special(self, operator, operands)
        elif (count := NUMERIC.get(operator)) is not None:
            self._numeric(operator, operands, count)
        elif operator in _GLYPH_METRICS and self.is_glyph:
            self._numeric(operator, operands, _GLYPH_METRICS[operator])
        else:
            self._drop(operator)

    def _numeric(self, operator: str, operands: list[Any], count: int) -> None:
        if not count:
            self.out.append(operator.encode("ascii"))
            return
        wanted = operands[-count:]
        if len(wanted) != count:
            self._drop(operator)
            return
        try:
            self.out.append(b"%s %s" % (b" ".join([_number(value) for value in wanted]), operator.encode()))
        except Unreadable:
            self._drop(operator)

    def _drop(self, operator: str) -> None:
        self._dropped[operator] = self._dropped.get(operator, 0) + 1

    def _paint(self, operator: str, operands: list[Any]) -> None:
        self.out.append(b"n" if self._marks_hide else _PAINTING[operator])

    def _save(self, operator: str, operands: list[Any]) -> None:
        if len(self._open) >= _MAX_SAVED:
            raise Refused("limit.depth", limit=_MAX_SAVED)
        self._open.append(b"q")
        self.out.append(b"q")

    def _restore(self, operator: str, operands: list[Any]) -> None:
        """``Q``, which closes text begun since the ``q`` and opens it again: brackets must not cross."""
        if b"q" not in self._open:
            return
        if self._open.pop() == b"q":
            self.out.append(b"Q")
            return
        self._open[-1] = b"BT"
        self.out += [b"ET", b"Q", b"BT"]

    def _begin_text(self, operator: str, operands: list[Any]) -> None:
        self._end_text(operator, operands)
        self._open.append(b"BT")
        self.out.append(b"BT")

    def _end_text(self, operator: str, operands: list[Any]) -> None:
        """``ET``, which closes what was saved since the ``BT`` and saves it again."""
        if b"BT" not in self._open:
            return
        at = self._open.index(b"BT")
        inner = len(self._open) - at - 1
        self._open[at:] = [b"q"] * inner
        self.out += [*[b"Q"] * inner, b"ET", *[b"q"] * inner]

    def _close(self) -> None:
        self.out += [b"EMC"] * self._marks.count("kept")
        self.out += [_CLOSES[bracket] for bracket in reversed(self._open)]

    def _dash(self, operator: str, operands: list[Any]) -> None:
        lengths = numbers(operands[-2], most=100) if len(operands) >= 2 else None
        phase = number(operands[-1]) if operands else None
        if lengths is None or phase is None or any(length < 0 for length in lengths):
            self._drop(operator)
            return
        self.out.append(b"%s %s d" % (serialised(lengths), _number(phase)))

    def _intent(self, operator: str, operands: list[Any]) -> None:
        found = name(operands[-1]) if operands else None
        if found in _INTENTS:
            self.out.append(b"/%s ri" % found.encode("ascii"))

    # -- text -------------------------------------------------------------------------------------------------

    def _show(self, operator: str, operands: list[Any]) -> None:
        """``Tj ' "``. In a hidden layer the line still moves on."""
        said = _string(operands[-1]) if operands else None
        if said is None:
            self._drop(operator)
            return
        if operator == '"':
            for value, spacing in zip(operands[-3:-1], (b"Tw", b"Tc"), strict=False):
                if number(value) is not None:
                    self.out.append(b"%s %s" % (_number(value), spacing))
        if operator != "Tj":
            self.out.append(b"T*")
        if not self._marks_hide:
            self.out.append(b"<%s> Tj" % said.hex().encode("ascii"))

    def _show_spaced(self, operator: str, operands: list[Any]) -> None:
        if self._marks_hide:
            return
        if operands and type(operands[-1]) is Raw:
            self.out.append(b"[%s] TJ" % operands[-1])
            return
        if not operands or not isinstance(operands[-1], (pikepdf.Array, list)):
            self._drop(operator)
            return
        parts = []
        for part in operands[-1]:
            if (said := _string(part)) is not None:
                parts.append(b"<%s>" % said.hex().encode("ascii"))
            elif number(part) is not None:
                parts.append(_number(part))
        self.out.append(b"[%s] TJ" % b" ".join(parts))

    def _font(self, operator: str, operands: list[Any]) -> None:
        size = number(operands[-1]) if len(operands) >= 2 else None
        if size is None:
            self._drop(operator)
            return
        called = name(operands[-2]) or ""
        if called not in self._fonts:
            font = self._resource("Font", operands[-2])
            ref = fonts.write_font(self.context, font) if dictionary(font) is not None else None
            self._fonts[called] = self._use("Font", ref or fonts.fallback_font(self.context))
        self.out.append(b"%s %s Tf" % (self._fonts[called], _number(size)))

    # -- colours ----------------------------------------------------------------------------------------------

    def _color_space(self, operator: str, operands: list[Any]) -> None:
        called = name(operands[-1]) if operands else None
        found: Any = None
        if operands and called not in _DEVICES:
            found = self._resource("ColorSpace", operands[-1])
        try:
            first = self._painting.choose(operator, found) if self._painting else []
            made = self._space(called, found[1] if colors.is_indexed(found) else found)
        except Unreadable:
            made = None
        if made is None:
            self._drop(operator)
            return
        self.out.append(b"%s %s" % (made, operator.encode("ascii")))
        if first:
            self._color("scn" if operator == "cs" else "SCN", list(first))

    def _space(self, called: str | None, found: Any) -> bytes | None:
        if called in _DEVICES:
            return b"/" + _DEVICES[called].encode("ascii")
        made = colors.write_color_space(self.context, found) if found is not None else None
        if isinstance(made, Ref):
            return self._use("ColorSpace", made)
        return b"/" + made.encode("ascii") if made is not None else None

    def _color(self, operator: str, operands: list[Any]) -> None:
        amounts = [value for value in operands if number(value) is not None][:_MAX_COLORANTS]
        parts = [_number(value) for value in amounts]
        if operands and isinstance(operands[-1], pikepdf.Name):
            found = self._resource("Pattern", operands[-1])
            ref = (
                patterns.write_pattern(self.context, found, self.resources)
                if dictionary(found) is not None
                else None
            )
            if ref is None:
                self._drop(operator)
                return
            self.weight += self.context.weights.get(ref.number, 0)
            parts.append(self._use("Pattern", ref))
        if not parts:
            self._drop(operator)
            return
        self.out.append(b"%s %s" % (b" ".join(parts), operator.encode("ascii")))

    def _state(self, operator: str, operands: list[Any]) -> None:
        found = self._resource("ExtGState", operands[-1]) if operands else None
        ref = (
            states.write_state(self.context, found, self.resources) if dictionary(found) is not None else None
        )
        if ref:
            self.weight += self.context.weights.get(ref.number, 0)
            self.out.append(b"%s gs" % self._use("ExtGState", ref))

    def _shade(self, operator: str, operands: list[Any]) -> None:
        found = self._resource("Shading", operands[-1]) if operands else None
        ref = shadings.write_shading(self.context, found) if dictionary(found) is not None else None
        if ref and not self._marks_hide:
            self.out.append(b"%s sh" % self._use("Shading", ref))

    # -- objects ----------------------------------------------------------------------------------------------

    def _draw(self, operator: str, operands: list[Any]) -> None:
        found = self._resource("XObject", operands[-1]) if operands else None
        if found is None or self._marks_hide:
            return
        self.draw(found)

    def draw(self, source: Any) -> None:
        """Draw a form or picture, unless its layer is hidden."""
        if not self.context.layers.shows(entry(source, "OC")):
            self._say_hidden(source)
            return
        ref = forms.write_xobject(self.context, source, self.resources)
        if ref:
            self.weight += self.context.weights.get(ref.number, 0)
            self.out.append(b"%s Do" % self._use("XObject", ref))

    def _inline_image(self, found: Any) -> None:
        """An inline picture becomes an object of its own, checked like the others."""
        if self._marks_hide:
            return
        stream = images.inline_image(self.context, found, lambda space: self._resource("ColorSpace", space))
        if stream is None:
            self._drop("BI")
            return
        ref = self.context.once("image", stream, lambda: images.write_image(self.context, stream))
        if ref:
            self.out.append(b"%s Do" % self._use("XObject", ref))

    # -- marks ------------------------------------------------------------------------------------------------

    def _mark(self, operator: str, operands: list[Any]) -> None:
        """A layer decides whether what it marks is painted; of other marks what they tell stays."""
        tag = name(operands[0]) if operands else None
        properties = operands[-1] if operator == "BDC" and len(operands) >= 2 else None
        if isinstance(properties, pikepdf.Name):
            properties = self._resource("Properties", properties)
        if tag == "OC" and not self.context.layers.shows(properties):
            self._say_hidden(properties)
            self._marks.append("hidden")
            self._marks_hide += 1
            return
        line = b""
        if not self._marks_hide:
            line = self._told(b"/Artifact") if tag == "Artifact" else self._telling(properties)
        if line:
            self.out.append(line)
        if line or self._marks:  # at the bottom one that tells nothing need not be noted
            self._marks.append("kept" if line else "")

    def _end_mark(self, operator: str, operands: list[Any]) -> None:
        mark = self._marks.pop() if self._marks else ""
        if mark == "kept":
            self.out.append(b"EMC")
        elif mark == "hidden":
            self._marks_hide -= 1

    def _ignore(self, operator: str, operands: list[Any]) -> None:
        """Points of structure and compatibility marks draw nothing."""

    def _say_hidden(self, source: Any) -> None:
        self.context.removed("pdf.hidden_content", source)
        self.context.hidden_on.add(self.context.page)

    # -- resources --------------------------------------------------------------------------------------------

    def _resource(self, category: str, called: Any) -> Any:
        """The resource of this name: its own, and where there are none of its kind, the page's, as pdfium looks for it."""
        if not isinstance(called, pikepdf.Name):
            return None
        try:
            key = str(called)
        except UnicodeDecodeError:
            return None
        for resources in (self.resources[:1], self.resources[-1:]):
            found = entry(resources[0], category) if resources else None
            if isinstance(found, pikepdf.Dictionary):
                return found.get(key)
        return None

    def _use(self, category: str, ref: Ref) -> bytes:
        called = f"{_PREFIX[category]}{ref.number}"
        self.used.setdefault(category, {})[called] = ref
        return b"/" + called.encode("ascii")


def _string(value: Any) -> bytes | None:
    """The bytes of a string, None for anything else."""
    if type(value) is bytes:
        return value
    return bytes(value) if isinstance(value, pikepdf.String) else None


def _number(value: Any) -> bytes:
    """A number as plain decimals, as exact as it was given."""
    kind = type(value)
    if kind is int and -(2**31) < value < 2**31:
        return b"%d" % value
    if kind is Decimal and value.is_finite() and abs(value) < 2**31:
        plain = format(value, "f")
        return plain.encode("ascii") if len(plain) <= 14 else number_bytes(float(value), 9)
    if kind is float:
        return number_bytes(value)
    raise Unreadable(detail="number")


_SPECIAL: dict[str, Callable[[Rewriter, str, list[Any]], None]] = {
    "q": Rewriter._save, "Q": Rewriter._restore, "BT": Rewriter._begin_text, "ET": Rewriter._end_text,
    "d": Rewriter._dash, "ri": Rewriter._intent, "Tj": Rewriter._show, "'": Rewriter._show,
    '"': Rewriter._show, "TJ": Rewriter._show_spaced, "Tf": Rewriter._font, "CS": Rewriter._color_space,
    "cs": Rewriter._color_space, "SC": Rewriter._color, "SCN": Rewriter._color, "sc": Rewriter._color,
    "scn": Rewriter._color, "gs": Rewriter._state, "sh": Rewriter._shade, "Do": Rewriter._draw,
    "BMC": Rewriter._mark, "BDC": Rewriter._mark, "EMC": Rewriter._end_mark, "MP": Rewriter._ignore,
    "DP": Rewriter._ignore, "BX": Rewriter._ignore, "EX": Rewriter._ignore,
    **dict.fromkeys(_PAINTING, Rewriter._paint),
}  # fmt: skip
