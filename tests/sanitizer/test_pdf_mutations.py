"""Rebuilt PDF under mutation: of every damaged sample comes a verified file or a refusal with a code, nothing else.

`make fuzz` tries many more.
"""

import io
import os
import random
import re
from functools import cache

import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sekisho.sanitizer import Policy, sanitize
from sekisho.sanitizer.verify import find_complaint
from sekisho.sanitizer.words import all_words

from .attacks.pdf import MARKER, page_file
from .pdf_samples import SAMPLES
from .test_pdf import everything_in
from .test_pdf_rebuilt import DRAWINGS

_EXAMPLES = int(os.environ.get("SEKISHO_FUZZ_EXAMPLES", "12"))
_QUICK = Policy.from_dict({"name": "quick", "methods": {"pdf": "rebuilt"}, "limits": {"seconds": 30}})
_ALL = SAMPLES | DRAWINGS
_NUMBERS = (b"0", b"-5", b"65535", b"2147483648", b"1.5", b"/N", b"(s)", b"true", b"3 0 R", b"null", b"1e9")
_PIECES = (
    b" 99999999999 ", b" -1 ", b" null ", b" [", b">>", b" 0 0 R ", b" 5 0 R ", b"/X", b"(", b" q ", b" BT ", b" Q ",
    b" Do ", b" 0.0000001 ", b"\xff\xfe", b"%", b" endstream ", b" BI ",
)  # fmt: skip


@cache
def _readable(name: str) -> bytes:
    """A sample whose objects and content lie open, so that damage reaches what they mean."""
    kept = pikepdf.StreamDecodeLevel.generalized
    return page_file(_ALL[name], qdf=True, stream_decode_level=kept)


def _damaged(data: bytes, source: random.Random) -> bytes:
    """A few places changed: bytes, pieces doubled or gone, numbers and names of another kind."""
    made = bytearray(data)
    for _time in range(source.choice((1, 1, 2, 4, 8, 20))):
        at, other = source.randrange(len(made)), source.randrange(len(made))
        numbers, names = list(re.finditer(rb"\b\d+\b", made)), list(re.finditer(rb"/[A-Za-z0-9]+", made))
        number, name, taken = source.choice(numbers), source.choice(names), source.choice(names).group()
        piece = made[other : other + source.choice((3, 10, 50))]
        match source.randrange(7):
            case 0:
                made[at] = source.randrange(256)
            case 1:
                del made[at : at + source.choice((1, 2, 5, 40))]
            case 2:
                made[at:at] = source.randbytes(source.choice((1, 3, 9)))
            case 3:
                made[at : at + len(piece)] = piece
            case 4:
                made[at:at] = source.choice(_PIECES)
            case 5:
                made[number.start() : number.end()] = source.choice(_NUMBERS)
            case _:
                made[name.start() : name.end()] = taken
    return bytes(made)


@pytest.mark.parametrize("half", [0, 1])
@settings(max_examples=_EXAMPLES * 2, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(sorted(_ALL)), st.integers(0, 2**32))
def test_whatever_is_damaged_the_answer_is_clean_or_a_code(half: int, name: str, seed: int) -> None:
    result = sanitize(_damaged(_readable(name), random.Random(seed * 2 + half)), _QUICK, name="a.pdf")
    if result.is_clean:
        assert result.output is not None
        assert find_complaint(io.BytesIO(result.output), "pdf") is None
        assert MARKER.encode() not in everything_in(result.output)
        return
    assert result.output is None
    assert result.report.refusal in all_words()
    assert not str(result.report.refusal).startswith(("engine.", "verify.")), result.report.refusal
