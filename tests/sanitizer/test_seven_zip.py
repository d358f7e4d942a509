"""7z archives: whatever names and methods they have, files come out by their own passage or in true words not at all."""

import io
import zipfile
from typing import Any

import py7zr
import pytest

from sekisho.sanitizer import sanitize

from .passing import clean, codes


def _seven_zip_of(*names: str, monkeypatch: pytest.MonkeyPatch, **how: Any) -> bytes:
    """A 7z archive of small texts, under names that the library itself would not write."""
    monkeypatch.setattr("py7zr.py7zr.check_archive_path", lambda *_args: True)
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w", **how) as package:
        for number, name in enumerate(names):
            package.writestr(f"text {number}\n".encode() * 40, name)
    return out.getvalue()


@pytest.mark.parametrize("path", ["../../evil.txt", "/etc/evil.txt", "C:\\evil.txt", "a/../../evil.txt"])
def test_nothing_climbs_out_of_a_7z_nor_is_it_called_damaged(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    output, result = clean(_seven_zip_of(path, "ok.txt", monkeypatch=monkeypatch), "a.7z")
    with zipfile.ZipFile(io.BytesIO(output)) as package:
        evil, kept = package.namelist()
        assert kept == "ok.txt"
        assert evil.endswith("evil.txt")
        assert not evil.startswith("/")
        assert ".." not in evil
        assert package.read(evil).startswith(b"text 0")
    assert "archive.unsafe_path" in codes(result)


def test_files_of_one_name_are_told_to_be_renamed(monkeypatch: pytest.MonkeyPatch) -> None:
    output, result = clean(_seven_zip_of("a.txt", "a.txt", "A.TXT", monkeypatch=monkeypatch), "a.7z")
    with zipfile.ZipFile(io.BytesIO(output)) as package:
        assert {name: package.read(name)[:6] for name in package.namelist()} == {
            "a.txt": b"text 0", "a (2).txt": b"text 1", "A (3).txt": b"text 2",
        }  # fmt: skip
    told = [
        (removal.where["member"], removal.detail)
        for removal in result.report.removed
        if removal.code == "archive.same_name"
    ]
    assert told == [("a.txt", "a (2).txt"), ("A.TXT", "A (3).txt")]


def test_a_7z_by_a_method_whose_decoder_needs_threads_is_refused_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ppmd = [{"id": py7zr.FILTER_PPMD, "order": 6, "mem": 24}]
    report = sanitize(_seven_zip_of("a.txt", monkeypatch=monkeypatch, filters=ppmd), name="a.7z").report
    assert report.refusal == "archive.method"
    assert report.milliseconds < 60_000
