"""A converter of an office's own, for types that would be refused."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sekisho.sanitizer import converters, sanitize

_MODULE = """
from pathlib import Path

class Notes:
    sources = ("jtd",)
    target = "txt"

    def convert(self, source: Path, target: Path) -> None:
        data = source.read_bytes()
        if b"broken" in data:
            raise ValueError("cannot read it")
        target.write_text("変換した文書\\x1b[31m", encoding="utf-8")
"""
# The mark that identification looks for ([MS-CFB] 2.6 gives the directory's names in UTF-16).
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.fixture
def plugged_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "office_notes.py").write_text(_MODULE)
    folder = tmp_path / "office_notes-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: office-notes\nVersion: 1.0\n")
    (folder / "entry_points.txt").write_text("[sekisho.converters]\nnotes = office_notes:Notes\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", ":".join([str(tmp_path), *sys.path]))
    converters._installed.cache_clear()
    yield
    converters._installed.cache_clear()


def test_without_a_converter_the_type_is_refused_in_words() -> None:
    assert sanitize(_OLE + bytes(2_000), name="文書.jtd").report.refusal == "type.unsupported"


@pytest.mark.usefixtures("plugged_in")
def test_what_a_converter_makes_is_sanitized_like_any_file() -> None:
    result = sanitize(_OLE + bytes(2_000), name="文書.jtd")
    assert (result.status, result.method, result.name) == ("clean", "reauthored", "文書.txt")
    assert result.output == "変換した文書".encode()


@pytest.mark.usefixtures("plugged_in")
def test_a_converter_that_fails_is_a_refusal() -> None:
    assert sanitize(_OLE + b"broken" + bytes(2_000), name="文書.jtd").report.refusal == "converter.failed"
    assert not sanitize(_OLE + bytes(2_000), "inbound-strict", name="文書.jtd").is_clean
