"""Functions (7.10): sampled, exponential and stitching ones are written anew; calculators become samples.

A calculator (type 4) is a small program. It is run here, on a grid of inputs, and only the table of its results is
written, so that no reader compiles or runs anything.
"""

import itertools
import math
import re
from collections.abc import Callable
from typing import Any

import pikepdf

from sekisho.sanitizer.formats.pdf_parts.context import Context
from sekisho.sanitizer.formats.pdf_parts.values import (
    Number,
    Unreadable,
    decoded,
    entry,
    items,
    numbers,
    whole,
)
from sekisho.sanitizer.formats.pdf_writer import Ref

_MAX_SAMPLES = 1 << 22
_MAX_INPUTS = 8
_MAX_OUTPUTS = 32
# Samples per input of a calculator, by the number of inputs.
_GRID = {1: 256, 2: 48, 3: 17, 4: 9, 5: 5, 6: 4}
_MAX_TOKENS = 20_000
_MAX_STEPS = 20_000
_MAX_STACK = 100
_MAX_NESTING = (
    128  # pdfium goes no deeper; a gradient around a point is one choice within another for each colour
)


def write_function(context: Context, source: Any) -> Ref:
    """The new function. Raises ``Unreadable`` for what is not one."""
    made = context.once("function", source, lambda: _made(context, source))
    if made is None:
        raise Unreadable("pdf.function_dropped")
    return made


def _made(context: Context, source: Any) -> Ref:
    kind = whole(entry(source, "FunctionType"))
    domain = _pairs(entry(source, "Domain"), _MAX_INPUTS)
    if domain is None:
        raise Unreadable("pdf.function_dropped", "Domain")
    entries: dict[str, Any] = {"FunctionType": kind, "Domain": domain}
    limits = _pairs(entry(source, "Range"), _MAX_OUTPUTS)
    if limits:
        entries["Range"] = limits
    if kind == 0 and limits:
        return _sampled(context, source, entries)
    if kind == 2:
        return context.writer.add(entries | _exponential(source))
    if kind == 3:
        return context.writer.add(entries | _stitching(context, source))
    if kind == 4 and limits:
        context.removed("pdf.function_dropped", source, action="changed")
        return _calculated(context, source, domain, limits)
    raise Unreadable("pdf.function_dropped", f"type {kind}")


def _pairs(value: Any, most: int) -> list[Number] | None:
    found = numbers(value, most=most * 2)
    return found if found and len(found) % 2 == 0 else None


def _sampled(context: Context, source: Any, entries: dict[str, Any]) -> Ref:
    """Type 0: the table must hold exactly what its sizes say."""
    inputs, outputs = len(entries["Domain"]) // 2, len(entries["Range"]) // 2
    size = numbers(entry(source, "Size"), inputs)
    bits = whole(entry(source, "BitsPerSample"))
    if (
        size is None
        or any(whole(count, 1) is None for count in size)
        or bits not in {1, 2, 4, 8, 12, 16, 24, 32}
    ):
        raise Unreadable("pdf.function_dropped", "Size")
    count = math.prod(int(side) for side in size) * outputs
    if count > _MAX_SAMPLES:
        raise Unreadable("pdf.function_dropped", "Size")
    length = (count * bits + 7) // 8
    table = decoded(source)[:length]
    if len(table) < length:
        raise Unreadable("pdf.function_dropped", "samples")
    entries |= {"Size": [int(side) for side in size], "BitsPerSample": bits}
    for key, amount in (("Encode", inputs), ("Decode", outputs)):
        found = numbers(entry(source, key), amount * 2)
        if found:
            entries[key] = found
    return context.writer.add_stream(entries, table)


def _exponential(source: Any) -> dict[str, Any]:
    exponent = numbers(pikepdf.Array([entry(source, "N")]), 1)
    found: dict[str, Any] = {"N": exponent[0] if exponent else 1}
    for key in ("C0", "C1"):
        values = numbers(entry(source, key), most=_MAX_OUTPUTS)
        if values:
            found[key] = values
    return found


def _stitching(context: Context, source: Any) -> dict[str, Any]:
    parts = [write_function(context, part) for part in items(entry(source, "Functions"), 500)]
    bounds = numbers(entry(source, "Bounds"), len(parts) - 1) if parts else None
    encode = numbers(entry(source, "Encode"), len(parts) * 2)
    if bounds is None or encode is None:
        raise Unreadable("pdf.function_dropped", "Bounds")
    return {"Functions": parts, "Bounds": bounds, "Encode": encode}


# -- calculators --------------------------------------------------------------------------------------------------


def _calculated(context: Context, source: Any, domain: list[Number], limits: list[Number]) -> Ref:
    """The results of a calculator on a grid, as 16-bit samples."""
    inputs, outputs = len(domain) // 2, len(limits) // 2
    side = _GRID.get(inputs)
    if side is None:
        raise Unreadable("pdf.function_dropped", "inputs")
    program = _parsed(decoded(source))
    axes = [
        [low + (high - low) * at / (side - 1) for at in range(side)]
        for low, high in zip(domain[::2], domain[1::2], strict=True)
    ]
    table = bytearray()
    # The first input varies fastest (7.10.2).
    for point in itertools.product(*reversed(axes)):
        stack: list[Any] = list(reversed(point))
        _Machine(stack).run(program)
        results = stack[-outputs:]
        if len(results) < outputs:
            raise Unreadable("pdf.function_dropped", "results")
        for value, low, high in zip(results, limits[::2], limits[1::2], strict=True):
            share = (min(max(float(value), low), high) - low) / (high - low) if high > low else 0.0
            table += round(share * 65535).to_bytes(2, "big")
    entries = {
        "FunctionType": 0, "Domain": domain, "Range": limits, "Size": [side] * inputs, "BitsPerSample": 16,
    }  # fmt: skip
    return context.writer.add_stream(entries, bytes(table))


_TOKEN = re.compile(rb"\s*(?:%[^\r\n]*[\r\n])*\s*([{}]|[-+]?(?:\d+\.?\d*|\.\d+)|[a-z]+)")
Program = list[Any]


def _parsed(code: bytes) -> Program:
    tokens: Program = []
    at, code = 0, code.strip()
    while at < len(code):
        match = _TOKEN.match(code, at)
        if not match or len(tokens) > _MAX_TOKENS:
            raise Unreadable("pdf.function_dropped", "calculator")
        tokens.append(match[1])
        at = match.end()
    if tokens[:1] != [b"{"]:
        raise Unreadable("pdf.function_dropped", "calculator")
    program, after = _block(tokens, 1, 0)
    if after != len(tokens):
        raise Unreadable("pdf.function_dropped", "calculator")
    return program


def _block(tokens: list[bytes], at: int, depth: int) -> tuple[Program, int]:
    program: Program = []
    while at < len(tokens) and depth < _MAX_NESTING:
        token = tokens[at]
        at += 1
        if token == b"}":
            return program, at
        if token == b"{":
            inner, at = _block(tokens, at, depth + 1)
            program.append(inner)
        elif token[:1].isalpha():
            word = token.decode("ascii")
            if word not in _WORDS and word not in {"if", "ifelse", "copy", "index", "roll"}:
                raise Unreadable("pdf.function_dropped", "calculator")
            program.append(word)
        else:
            program.append(float(token) if b"." in token else int(token))
    raise Unreadable("pdf.function_dropped", "calculator")


class _Machine:
    """Runs a calculator on a stack. There are no loops in the language; steps are counted all the same."""

    def __init__(self, stack: list[Any]) -> None:
        self.stack = stack
        self.steps = 0

    def run(self, program: Program) -> None:
        try:
            self._run(program)
        except (IndexError, ValueError, TypeError, ZeroDivisionError, OverflowError) as error:
            raise Unreadable("pdf.function_dropped", "calculator") from error

    def _run(self, program: Program) -> None:
        stack = self.stack
        for word in program:
            self.steps += 1
            if self.steps > _MAX_STEPS or len(stack) > _MAX_STACK:
                raise ValueError
            if not isinstance(word, str):
                stack.append(word)
            elif word == "if":
                then = stack.pop()
                if stack.pop():
                    self._run(then)
            elif word == "ifelse":
                otherwise, then = stack.pop(), stack.pop()
                self._run(then if stack.pop() else otherwise)
            else:
                self._word(word)

    def _word(self, word: str) -> None:
        stack = self.stack
        if word == "copy":
            count = int(stack.pop())
            if not 0 <= count <= len(stack):
                raise ValueError
            stack += stack[len(stack) - count :]
        elif word == "index":
            stack.append(stack[-1 - abs(int(stack.pop()))])
        elif word == "roll":
            turn, count = int(stack.pop()), int(stack.pop())
            if not 0 <= count <= len(stack):
                raise ValueError
            if count:
                part = stack[-count:]
                turn %= count
                stack[-count:] = part[count - turn :] + part[: count - turn]
        else:
            taken, function = _WORDS[word]
            operands = [stack.pop() for _ in range(taken)][::-1]
            stack += function(*operands)


def _shifted(value: int, by: int) -> int:
    return (value << min(by, 31)) & 0xFFFFFFFF if by >= 0 else value >> min(-by, 31)


_WORDS: dict[str, tuple[int, Callable[..., list[Any]]]] = {
    "abs": (1, lambda a: [abs(a)]), "add": (2, lambda a, b: [a + b]), "sub": (2, lambda a, b: [a - b]),
    "mul": (2, lambda a, b: [a * b]), "div": (2, lambda a, b: [a / b]), "neg": (1, lambda a: [-a]),
    "idiv": (2, lambda a, b: [int(a / b)]), "mod": (2, lambda a, b: [int(math.fmod(a, b))]),
    "ceiling": (1, lambda a: [math.ceil(a)]), "floor": (1, lambda a: [math.floor(a)]),
    "round": (1, lambda a: [math.floor(a + 0.5)]), "truncate": (1, lambda a: [math.trunc(a)]),
    "sqrt": (1, lambda a: [math.sqrt(a)]), "exp": (2, lambda a, b: [float(a) ** float(b)]),
    "ln": (1, lambda a: [math.log(a)]), "log": (1, lambda a: [math.log10(a)]),
    "sin": (1, lambda a: [math.sin(math.radians(a))]), "cos": (1, lambda a: [math.cos(math.radians(a))]),
    "atan": (2, lambda a, b: [math.degrees(math.atan2(a, b)) % 360]), "cvi": (1, lambda a: [int(a)]),
    "cvr": (1, lambda a: [float(a)]), "eq": (2, lambda a, b: [a == b]), "ne": (2, lambda a, b: [a != b]),
    "gt": (2, lambda a, b: [a > b]), "ge": (2, lambda a, b: [a >= b]), "lt": (2, lambda a, b: [a < b]),
    "le": (2, lambda a, b: [a <= b]), "and": (2, lambda a, b: [a & b]), "or": (2, lambda a, b: [a | b]),
    "xor": (2, lambda a, b: [a ^ b]), "not": (1, lambda a: [not a if isinstance(a, bool) else ~a]),
    "bitshift": (2, lambda a, b: [_shifted(a, b)]), "true": (0, lambda: [True]), "false": (0, lambda: [False]),
    "pop": (1, lambda a: []), "exch": (2, lambda a, b: [b, a]), "dup": (1, lambda a: [a, a]),
}  # fmt: skip
