"""Archives from before LHA: the packings of LArc and LHarc 1."""

import contextlib
import random
import zipfile
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.sanitizer import sanitize
from sekisho.sanitizer.formats import larc
from tests.sanitizer import lzhuf
from tests.sanitizer.test_archives import bits, lzh


@given(st.lists(st.binary(max_size=20), max_size=40).flatmap(lambda words: st.just(b" ".join(words * 3))))
def test_lharc_packs_with_codes_that_follow_the_text(data: bytes) -> None:
    assert larc.unpacked("-lh1-", lzhuf.packed(data), len(data)) == data


def test_codes_are_made_anew_when_their_counts_are_full() -> None:
    noise = random.Random(7).randbytes(50_000)
    assert larc.unpacked("-lh1-", lzhuf.packed(noise), len(noise)) == noise


def test_a_copy_before_the_beginning_is_of_spaces() -> None:
    tree = lzhuf.Tree()
    body = bits(tree.code(256) + lzhuf.distance(100) + tree.code(ord("a")))
    assert larc.unpacked("-lh1-", body, 4) == b"   a"


def test_larc_copies_from_the_ring_it_begins_with() -> None:
    at = 13 * ord("z")
    copied = bytes([at & 0xFF, (at >> 8) << 4 | 2])
    back = 4096 - 18  # where writing begins
    again = bytes([back & 0xFF, (back >> 8) << 4 | 0])
    assert larc.unpacked("-lz5-", bytes([0b0001]) + b"!" + copied + again, 9) == b"!zzzzz!zz"


def test_larc_of_old_copies_within_2048_bytes() -> None:
    start = 2048 - 17
    body = bits(f"1 {ord('a'):08b} 1 {ord('b'):08b} 0 {start:011b} {4:04b} 1 {ord('c'):08b}")
    assert larc.unpacked("-lzs-", body, 9) == b"ab" + b"ababab" + b"c"


@pytest.mark.parametrize("method", sorted(larc.METHODS))
@given(body=st.binary(max_size=300))
def test_whatever_is_packed_comes_to_an_end(method: str, body: bytes) -> None:
    with contextlib.suppress(larc.CutOff):
        assert len(larc.unpacked(method, body, 1_000)) == 1_000


def test_an_archive_of_lharc_goes_through() -> None:
    words = "関所の記録。".encode() * 30
    data = lzh("記録.txt".encode("cp932"), words, method=b"-lh1-", body=lzhuf.packed(words))
    result = sanitize(data, name="old.lzh")
    assert zipfile.ZipFile(BytesIO(result.output or b"")).read("記録.txt") == words


def test_an_archive_that_is_cut_off_is_called_damaged_and_an_unknown_packing_by_its_name() -> None:
    words = b"words " * 30
    packed = lzhuf.packed(words)
    report = sanitize(lzh(b"a.txt", words, method=b"-lh1-", body=packed[:9]), name="a.lzh").report
    assert report.refusal == "input.broken"
    report = sanitize(lzh(b"a.txt", words, method=b"-lh2-", body=packed), name="a.lzh").report
    assert report.refusal == "archive.method"
