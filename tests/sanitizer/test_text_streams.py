"""Texts of any size: the same output however they are cut, in memory that does not grow with them."""

import io
import json
import random
import tracemalloc

import pytest

from sekisho.sanitizer import Policy, encodings, verify
from sekisho.sanitizer.filetypes import TYPES
from sekisho.sanitizer.formats import jsons, reading, text
from sekisho.sanitizer.formats.job import Job
from sekisho.sanitizer.results import Refused
from sekisho.sanitizer.verify import texts

SAMPLES = {
    "csv": [
        '番号,名称,式\r\n1,"中区, 栄",=1+1\n2,"二行\nにわたる\n=A1",-5\r3,"a""b",+81\n\n4,2024-03-01,"-1,234"\n',
        "sep=;\nsep=\t\na;b\t=c;-1\n",
        "a;b;c\n1;'=x;\u3000=y\n",
        'a,"never closed\n=1\n-2\n',
        "x,\x1b[31mred\x00,\u202egpj.exe\n=1",
    ],
    "tsv": ["a\tb\n=1\t-2\n\t+3x\n"],
    "txt": ["\ufeff一行目\r\n二行目\r三行目\n\x1b]0;title\x07末尾", "\u202e"],
    "md": [
        "# 題\n\n[a](\n\n  javascript:x) [b](https://example.jp/)\n\n```\n<b>[a](javascript:x)\n```\n![x](y) <b>\n",
        "[a]: <\n\nfile:x\n\n~~~\nopen to the end\n",
        "[a](http://x]: \n\n//y\n",
    ],
    "json": [
        '{"a": [1, -2.5e10, {"b": null, "名": "値\\u0041"}, [], {}], "c": "' + "長い" * 30 + '"}',
        "[" + ",".join(str(n) for n in range(200)) + "]",
        '{"a": 1}\n\n{"b": [1, 2]}\r\n[3]\n',
        "-12.5",
        '{"a": 1} x',
        '{"a": [1, 2}',
        "[1, 2",
    ],
}


def outcome(data: bytes, kind: str, policy: str) -> object:
    out = io.BytesIO()
    job = Job(io.BytesIO(data), out, TYPES[kind], f"a.{kind}", Policy.named(policy), "text")
    try:
        text.rebuild(job)
    except Refused as refusal:
        return refusal.code
    told = {(r.code, r.action, tuple(r.where.items()), r.detail, r.count) for r in job.removals}
    return out.getvalue(), job.fidelity, told


@pytest.mark.parametrize("policy", ["inbound", "outbound"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
@pytest.mark.parametrize(("kind", "sample"), [(kind, s) for kind, listed in SAMPLES.items() for s in listed])
def test_it_is_the_same_however_the_file_is_cut(kind, sample, encoding, policy, monkeypatch):
    data = sample.encode(encoding)
    whole = outcome(data, kind, policy)
    for piece, window in ((8, 1), (13, 10), (64, 40)):
        monkeypatch.setattr(reading, "PIECE", piece)
        monkeypatch.setattr(encodings, "_PIECE", piece)
        monkeypatch.setattr(texts, "_PIECE", piece)
        monkeypatch.setattr(jsons, "WINDOW", window)
        assert outcome(data, kind, policy) == whole
        if not isinstance(whole, str):
            assert verify.find_complaint(io.BytesIO(whole[0]), kind) is None  # type: ignore[index]


def test_a_large_list_is_written_as_python_writes_it_whole(monkeypatch):
    monkeypatch.setattr(jsons, "WINDOW", 50)
    value = {"data": [{"id": n, "名": ["a", {"b": []}]} for n in range(40)], "n": {"x": {}, "y": "z" * 200}}
    for indent in (None, 1, 4):
        given = json.dumps(value, indent=indent)
        assert "".join(jsons.document([given])) == json.dumps(value, ensure_ascii=False, indent=2) + "\n"
        dense = "".join(jsons.document([given], indent=None))
        assert json.loads(dense) == value
        assert len(dense) < len(json.dumps(value)) * 1.2


def test_a_key_twice_in_an_object_too_large_to_hold_is_refused(monkeypatch):
    data = b'{"a": 1, "b": "' + b"x" * 100 + b'", "a": 2}'
    assert not isinstance(outcome(data, "json", "inbound"), str)  # the last counts, as it does for Python
    monkeypatch.setattr(jsons, "WINDOW", 50)
    monkeypatch.setattr(reading, "PIECE", 20)
    assert outcome(data, "json", "inbound") == "input.broken"


def peak_of(act) -> int:
    tracemalloc.start()
    try:
        act()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("csv", '12,"中区, 栄",=1+1,-5\n'),
        ("csv", "12,plain,2024-03-01\n"),
        ("txt", "本文\n"),
        ("json", '{"id": 12, "値": [1, 2]},'),
    ],
)
def test_memory_does_not_grow_with_the_file(kind, line, monkeypatch, tmp_path):
    for module, name, size in (
        (reading, "PIECE", 1 << 12), (encodings, "_PIECE", 1 << 12), (texts, "_PIECE", 1 << 12),
        (reading, "LONG_LINE", 1 << 13), (jsons, "WINDOW", 1 << 13),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, size)
    source, out = tmp_path / "source", tmp_path / "out"

    def through() -> None:
        with source.open("rb") as read, out.open("wb") as written:
            text.rebuild(Job(read, written, TYPES[kind], f"a.{kind}", Policy.named("inbound"), "text"))

    def checked() -> None:
        with out.open("rb") as read:
            assert verify.find_complaint(read, kind) is None

    peaks = []
    for size in (100_000, 400_000):
        body = line * (size // len(line.encode()))
        source.write_text(f'{{"data": [{body.rstrip(",")}]}}' if kind == "json" else body, "utf-8")
        peaks.append((peak_of(through), peak_of(checked)))
    assert peaks[1][0] < 2 * peaks[0][0]
    assert peaks[1][1] < 2 * peaks[0][1]


@pytest.mark.parametrize(
    "wrong", ["=1", "\u3000+1x", '"=1"', '""-1x', "\t=1", ";@a", "＝1", '"\n=1"', "\u202e", "\x00"]
)
def test_the_reader_finds_one_bad_cell_far_into_a_table(wrong, monkeypatch):
    monkeypatch.setattr(texts, "_PIECE", 100)
    good = 'a,-5,"-1,234",2024-03-01,名\r\n' * 50
    assert verify.find_complaint(io.BytesIO(good.encode()), "csv") is None
    found = verify.find_complaint(io.BytesIO(f"{good}a,{wrong},b\r\n{good}".encode()), "csv")
    assert found is not None
    assert "51" in found.place or "52" in found.place


@pytest.mark.parametrize(
    "wrong",
    ['{"a": 1, "a": 2}', '{"a": 1, "\\u0061": 2}', "[1,]", "{1: 2}", "[1 2]", "[01]", '["\n"]', "[1] [2]", "nul", '["a', "[" * 2000],
)  # fmt: skip
@pytest.mark.parametrize("piece", [3, 1 << 20])
def test_the_reader_takes_no_json_that_others_read_differently(wrong, piece, monkeypatch):
    monkeypatch.setattr(texts, "_PIECE", piece)
    for given in (wrong, f'{{"x": {wrong}}}', f"[[], {wrong}]"):
        assert verify.find_complaint(io.BytesIO(given.encode()), "json") is not None


@pytest.mark.parametrize(
    ("said", "is_fine"),
    [
        (r"\ud83d\ude00 \u3042 \n\t\r \" \\ \/", True), (r"\\u0001 \\b", True), (r"\u0001", False), (r"\b", False), (r"\f", False),
        (r"\ud83d x \ude00", False), (r"\u202E", False), (r"\u2028", False), (r"\udb40\udc41", False), (r"\\\u0000", False),
    ],
)  # fmt: skip
def test_the_reader_takes_no_json_that_hides_signs_in_escapes(said, is_fine):
    for given in (f'{{"a": "{said}"}}', f'{{"{said}": 1}}', f'["{said}"]'):
        assert (verify.find_complaint(io.BytesIO(given.encode()), "json") is None) == is_fine, given


def test_the_reader_reads_what_python_writes():
    chance = random.Random(7)

    def value(depth: int) -> object:
        kinds = [lambda: chance.choice([None, True, -1, 2.5e-9, 10**30, '値\n"\\\t', ""])]
        if depth < 5:
            kinds += [
                lambda: [value(depth + 1) for _ in range(chance.randint(0, 4))],
                lambda: {f"k{n}": value(depth + 1) for n in range(chance.randint(0, 4))},
            ]
        return chance.choice(kinds)()

    for _ in range(200):
        given = json.dumps(
            value(0), indent=chance.choice([None, 2]), ensure_ascii=chance.choice([True, False])
        )
        assert verify.find_complaint(io.BytesIO(given.encode()), "json") is None
