"""Charstrings matched by their shape draw what they draw run step by step."""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.sanitizer.formats.pdf_parts.cff_writer import _charstring, _operand
from sekisho.sanitizer.formats.pdf_parts.charstrings import Plain, bias, plain_type1
from sekisho.sanitizer.formats.pdf_parts.outlines import Glyph
from sekisho.sanitizer.formats.pdf_parts.type1 import _Run
from sekisho.sanitizer.formats.pdf_parts.type2 import Charstring
from sekisho.sanitizer.formats.pdf_parts.values import Unreadable
from sekisho.sanitizer.verify import pdf_fonts

AMOUNTS = st.one_of(
    st.integers(-107, 107), st.integers(-1131, 1131), st.sampled_from([1.5, -0.25, 2000, -3000])
)
# operator, and how many operands it takes: of a number more so many times of another
TAKES = {
    5: (0, 2),
    6: (1, 1),
    7: (1, 1),
    8: (0, 6),
    24: (2, 6),
    25: (6, 2),
    26: (0, 4),
    27: (1, 4),
    30: (0, 4),
    31: (1, 4),
}


def _operands(draw: Any, count: int) -> bytes:
    return b"".join(map(_operand, draw(st.lists(AMOUNTS, min_size=count, max_size=count))))


@st.composite
def charstrings(draw: Any) -> bytes:
    """Perhaps a width, hints and masks; movements with lines and curves; seldom something odd."""
    made, stems = b"", 0
    width = _operands(draw, draw(st.sampled_from([0, 1])))
    for operator in draw(st.lists(st.sampled_from([1, 18, 3, 23]), max_size=2)):
        count = draw(st.integers(1, 5))
        made, width, stems = made + width + _operands(draw, 2 * count) + bytes([operator]), b"", stems + count
    if stems and draw(st.booleans()):
        count = draw(st.integers(0, 6))
        stems += count
        made += (
            _operands(draw, 2 * count)
            + b"\x13"
            + bytes(draw(st.lists(st.integers(0, 255), min_size=(stems + 7) // 8, max_size=(stems + 7) // 8)))
        )
    for _path in range(draw(st.integers(0, 3))):
        move = draw(st.sampled_from([4, 21, 22]))
        made, width = made + width + _operands(draw, 2 if move == 21 else 1) + bytes([move]), b""
        for operator in draw(st.lists(st.sampled_from(sorted(TAKES)), max_size=5)):
            fixed, each = TAKES[operator]
            count = fixed + each * draw(st.integers(1, 5)) + draw(st.sampled_from([0] * 12 + [1]))
            made += _operands(draw, count) + bytes([operator])
    return made + width + draw(st.sampled_from([b"\x0e"] * 6 + [b"", b"\x0b", b"\x0c\x22\x0e", b"\x0e\x0e"]))


def _run(code: bytes, subroutines: list[bytes]) -> Glyph | None:
    try:
        return Charstring(subroutines, [], 500, 600).glyph(code)
    except Unreadable:
        return None


@settings(max_examples=300, deadline=None)
@given(charstrings(), st.data())
def test_what_is_kept_draws_the_same(code: bytes, data: Any) -> None:
    whole, subroutines = code, list[bytes]()
    if (at := code.find(b"\x15")) > 0 and data.draw(
        st.booleans()
    ):  # what follows a movement, as a subroutine
        subroutines = [code[at + 1 :]]
        code = code[: at + 1] + _operand(-bias(subroutines)) + b"\x0a"
    found = Plain(subroutines, []).glyph(code)
    if found is None:
        return
    width, paths = found
    expected = _run(whole, [])
    assert expected is not None
    kept = Glyph(500 if width is None else 600 + width, code=paths)
    assert kept.width == expected.width
    assert [*map(tuple, _run_alone(paths).steps)] == [*map(tuple, expected.steps)]
    pdf_fonts._charstring(_charstring(kept))


def _run_alone(paths: bytes) -> Glyph:
    made = Charstring([], [], 0, 0).glyph(paths)
    assert made is not None
    return made


def test_usual_glyphs_are_kept_and_their_hints_are_not() -> None:
    line = _operand(10) + b"\x06\x0b"
    code = (
        _operand(50) + _operand(0) + _operand(20) + b"\x12" + _operand(5) + _operand(9) + b"\x13\x15"  # the mask looks like a movement
        + _operand(300) + _operand(-200) + b"\x15" + _operand(-107) + b"\x0a" + _operand(7) + b"\x07\x0e"
    )  # fmt: skip
    found = Plain([line], []).glyph(code)
    assert found == (
        50,
        _operand(300) + _operand(-200) + b"\x15" + _operand(10) + b"\x06" + _operand(7) + b"\x07\x0e",
    )


@pytest.mark.parametrize(
    "code",
    [
        b"", b"\x0e\x0e", b"\x8b\x8b\x15\x8b\x05\x0e", b"\x8b\x8b\x15\x8b\x8b\x0c\x0a\x0e", b"\x8b\x06\x0e", b"\x8b\x0a", b"\x8b\x8b\x15",
        b"\xff\x0e", b"\x1c\x0e", b"\xff\x7f\xff\x00\x00\x16" * 4 + b"\x0e", b"\x8b\x8b\x8b\x8b\x0e",
    ],
)  # fmt: skip
def test_anything_odd_is_left_to_others(code: bytes) -> None:
    assert Plain([], []).glyph(code) is None


def test_subroutines_that_call_one_another_come_to_an_end() -> None:
    many = [bytes([139 - 107 + at + 1]) + b"\x0a" for at in range(9)]
    subroutines = [call * 2000 + b"\x0b" for call in many] + [b"\x0b"]
    assert Plain(subroutines, []).glyph(b"\x20\x0a" * 2000 + b"\x0e") is None
    assert Plain([b"\x20\x0a"], []).glyph(b"\x20\x0a\x0e") is None


@pytest.mark.parametrize(
    "code",
    [b"\x0e", b"\x8b\x8b\x8b\x15\x01\x0e", b"\x8b\x0e\x0e", b"\x8b" * 60 + b"\x15\x0e", b"\x8b\x8b\x0a\x0e"],
)
def test_the_reader_refuses_what_does_not_only_draw(code: bytes) -> None:
    with pytest.raises(ValueError, match=re.escape("charstring")):
        pdf_fonts._charstring(code)


# -- Type 1 -------------------------------------------------------------------------------------------------------

CHANGES_HINTS = b"\x8c\x8e\x0c\x10\x0c\x11\x0a"
SUBROUTINES = {3: b"\x0b", 4: CHANGES_HINTS + b"\x0b", 5: b"\x8b\x8b\x01\x0b"}
SHORT = st.one_of(st.integers(-107, 107), st.integers(-1131, 1131)).map(_operand)
OLD = {b"\x04": 1, b"\x15": 2, b"\x16": 1, b"\x05": 2, b"\x06": 1, b"\x07": 1, b"\x08": 6, b"\x1e": 4, b"\x1f": 4, b"\x01": 2,
       b"\x03": 2, b"\x0c\x01": 6, b"\x0c\x02": 6, b"\x0c\x00": 0, b"\x09": 0, CHANGES_HINTS: 1, b"\x8f\x0a": 1}  # fmt: skip


@st.composite
def old_charstrings(draw: Any) -> bytes:
    made = draw(SHORT) + draw(st.one_of(SHORT, st.just(b"\xff\x00\x00\x05\xdc"))) + b"\x0d"
    made += draw(SHORT) + draw(SHORT) + b"\x15"
    for operator in draw(st.lists(st.sampled_from(sorted(OLD)), max_size=14)):
        count = OLD[operator] + draw(st.sampled_from([0] * 30 + [1]))
        is_call = operator in {CHANGES_HINTS, b"\x8f\x0a"}
        said = [_operand(5)] if is_call else draw(st.lists(SHORT, min_size=count, max_size=count))
        made += b"".join(said) + operator
    return made + draw(st.sampled_from([b"\x0e"] * 8 + [b"\x0e\x09", b"", b"\x0b", b"\x8b\x8d\x0c\x0c\x0e"]))


def _alone(steps: list[Any]) -> list[Any]:
    """Without movements that another one follows, or nothing."""
    following = [*(step[0] for step in steps[1:]), "M"]
    return [
        tuple(step) for step, after in zip(steps, following, strict=True) if (step[0], after) != ("M", "M")
    ]


@settings(max_examples=300, deadline=None)
@given(old_charstrings())
def test_what_is_kept_of_type_1_draws_the_same(code: bytes) -> None:
    found = plain_type1(code, SUBROUTINES)
    if found is None:
        return
    width, paths = found
    expected = _Run({}, SUBROUTINES).glyph(code)
    assert width == expected.width
    assert _alone(_run_alone(paths).steps) == _alone(expected.steps)
    pdf_fonts._charstring(_charstring(Glyph(width, code=paths)))


def test_usual_type_1_glyphs_are_kept_and_their_hints_are_not() -> None:
    code = (
        b"\x95\xff\x00\x00\x05\xdc\x0d\x8b\x90\x01\x8b\x8b\x15\x95\x06\x90"
        + CHANGES_HINTS
        + b"\x95\x07\x09\x0e"
    )
    assert plain_type1(code, SUBROUTINES) == (1500, b"\x95\x16\x8b\x8b\x15\x95\x06\x95\x07\x0e")
    assert plain_type1(code, {**SUBROUTINES, 3: b"\x8b\x06\x0b"}) is None
