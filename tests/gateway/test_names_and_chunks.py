"""Names and chunks, tried with everything that can come."""

import hashlib
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.gateway.chunks import ChunkError, Plan, ranges
from sekisho.gateway.names import arrived_name, kept_apart


@pytest.mark.parametrize(
    ("came", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\秘密\\計画.docx", "計画.docx"),
        ("CON", "_CON"),
        ("aux.txt", "_aux.txt"),
        ("報告\u202excod.exe", "報告xcod.exe"),
        ("\ue000島.pdf", "〓島.pdf"),
        ("", "file"),
        ("...", "file"),
        ("a\x00b.txt", "ab.txt"),
    ],
)
def test_names_are_mended(came, kept):
    assert arrived_name(came) == kept


def test_255_bytes_of_private_characters_become_a_name_that_fits():
    kept = arrived_name("\ue001" * 85 + ".pdf")
    assert len(kept.encode()) <= 211
    assert kept.endswith(".pdf")


@given(st.text(max_size=300))
def test_every_name_is_safe_and_mending_is_stable(name):
    kept = arrived_name(name)
    assert kept
    assert arrived_name(kept) == kept
    assert len(kept.encode()) <= 211
    assert not set(kept) & set('<>:"/\\|?*\u202e')
    assert not any(unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co"} for c in kept)


@given(st.lists(st.sampled_from(["a.txt", "A.TXT", "a.txt", "b", "B", "a (2).txt"]), max_size=12))
def test_names_are_kept_apart_by_case(names):
    kept = kept_apart(names)
    assert len({name.casefold() for name in kept}) == len(names)


@given(st.binary(min_size=1, max_size=300), st.integers(1, 40), st.randoms(use_true_random=False))
def test_chunks_in_any_order_and_repeated_make_the_file_again(body, size, rng):
    plan = Plan(len(body), size)
    numbers = [*range(plan.count), *range(plan.count)]
    rng.shuffle(numbers)
    there, kept = {}, {}
    for number in numbers:
        piece = body[number * size : (number + 1) * size]
        if digest := plan.accept(number, piece, "", there):
            there[number], kept[number] = digest, piece
    assert plan.missing(there) == []
    assert b"".join(kept[n] for n in range(plan.count)) == body


def test_a_chunk_of_another_file_a_wrong_length_and_a_wrong_digest_are_refused():
    plan = Plan(10, 4)
    first = hashlib.sha256(b"abcd").hexdigest()
    for number, body, said, there, code in [
        (3, b"", "", {}, "range"),
        (-1, b"", "", {}, "range"),
        (2, b"abcd", "", {}, "length"),
        (0, b"abcd", "f" * 64, {}, "digest"),
        (0, b"abce", "", {0: first}, "other_file"),
    ]:
        with pytest.raises(ChunkError) as error:
            plan.accept(number, body, said, there)
        assert error.value.code == code
    assert plan.accept(0, b"abcd", first, {0: first}) is None


def test_missing_chunks_are_named_for_people():
    assert ranges(Plan(100, 10).missing({0, 4})) == "2–4, 6–10"
    assert ranges([]) == ""
