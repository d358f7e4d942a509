"""The one promise, tried with broken and poisoned files of every family.

Whatever is done to a file: no exception reaches the caller, nothing unverified comes out, and no run of bytes that
was put in comes out again. `make fuzz` tries many more.
"""

import io
import os
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from email.message import EmailMessage

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from pillow_heif import register_heif_opener

from sekisho.sanitizer import sanitize
from sekisho.sanitizer.verify import find_complaint

from .attacks.pdf import page_file
from .compound import attached_letter, compound, letter
from .office import CELLS, document, paragraph, presentation, shape, workbook
from .passing import zipped

register_heif_opener()
_EXAMPLES = int(os.environ.get("SEKISHO_FUZZ_EXAMPLES", "12"))


def _picture(kind: str) -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").resize((40, 30)).convert("RGB").save(out, kind)
    return out.getvalue()


def _mail() -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.jp", "b@example.jp", "件名"
    message.set_content("本文です\n")
    message.add_attachment(b"a,b\n1,2\n", maintype="text", subtype="csv", filename="表.csv")
    return message.as_bytes()


def _tar() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        entry = tarfile.TarInfo("a.txt")
        entry.size = 5
        archive.addfile(entry, io.BytesIO(b"words"))
    return out.getvalue()


SEEDS: dict[str, Callable[[], bytes]] = {
    "docx": lambda: document(paragraph("words") * 20).build(),
    "xlsx": lambda: workbook(CELLS.format(visible="words", cells='<c r="B1"><f>1+1</f><v>2</v></c>')).build(),
    "pptx": lambda: presentation(shape("words")).build(),
    "pdf": page_file,
    "png": lambda: _picture("PNG"),
    "jpg": lambda: _picture("JPEG"),
    "gif": lambda: _picture("GIF"),
    "csv": lambda: "名前,金額\r\n鈴木,100\r\n".encode() * 5,
    "html": lambda: b"<!doctype html><title>t</title><p>words <a href='https://example.jp/'>link</a></p>",
    "svg": lambda: (
        b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'
    ),
    "eml": _mail,
    "msg": lambda: compound(
        letter(rich=b"{\\rtf1\\ansi words}", attachments=(attached_letter(letter(body="words", inner=True)),))
    ),
    "xml": lambda: b"<?xml version='1.0'?><report><a b='c'>words</a></report>",
    "tif": lambda: _picture("TIFF"),
    "webp": lambda: _picture("WEBP"),
    "heic": lambda: _picture("HEIF"),
    "avif": lambda: _picture("AVIF"),
    "zip": lambda: zipped(a__txt="words", b__csv="a,b\n1,2\n"),
    "tar": _tar,
}
# Bytes that are text in no encoding an office uses, so that keeping words cannot look like keeping bytes.
_POISON = st.binary(min_size=24, max_size=48).map(
    lambda data: bytes(0xF8 | (byte & 7) for byte in data) + data[:24]
)
_change = st.tuples(
    st.sampled_from(["flip", "insert", "replace", "cut", "repeat", "append"]), st.floats(0, 1), _POISON
)


def _mutated(data: bytes, changes: list[tuple[str, float, bytes]]) -> bytes:
    for act, where, poison in changes:
        place = int(where * len(data))
        if act == "flip" and place < len(data):
            data = data[:place] + bytes([data[place] ^ 1 << poison[0] % 8]) + data[place + 1 :]
        elif act == "insert":
            data = data[:place] + poison + data[place:]
        elif act == "replace":
            data = data[:place] + poison + data[place + len(poison) :]
        elif act == "cut":
            data = data[:place]
        elif act == "repeat":
            data = data[:place] + data[max(0, place - 200) :]
        else:
            data += poison
    return data


def _opened(data: bytes) -> bytes:
    """A file with what it holds compressed laid beside it."""
    found = [data]
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            found += [_opened(archive.read(name)) for name in archive.namelist()]
    for piece in data.split(b"stream\n")[1:]:
        try:
            found.append(zlib.decompressobj().decompress(piece))
        except zlib.error:
            continue
    return b"\n".join(found)


@pytest.mark.parametrize("kind", SEEDS)
@settings(max_examples=_EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(changes=st.lists(_change, max_size=4))
def test_whatever_is_done_to_a_file_nothing_of_it_slips_through(
    kind: str, changes: list[tuple[str, float, bytes]]
) -> None:
    result = sanitize(_mutated(SEEDS[kind](), changes), "inbound", name=f"a.{kind}")
    tried = [result.report.refusal or "", *(attempt.outcome for attempt in result.report.attempts)]
    assert [code for code in tried if code in {"engine.crashed", "engine.failed", "verify.failed"}] == []
    if result.output is None:
        assert result.status == "refused"
        assert result.report.refusal
        return
    assert result.report.output is not None
    assert find_complaint(io.BytesIO(result.output), result.report.output.type) is None
    inside = _opened(result.output)
    assert [poison for act, _where, poison in changes if act != "flip" and poison[:24] in inside] == []


@settings(max_examples=_EXAMPLES * 4, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.binary(max_size=400), name=st.text(max_size=40))
def test_any_bytes_under_any_name_end_in_a_result(data: bytes, name: str) -> None:
    result = sanitize(data, "inbound", name=name)
    assert (result.output is None) == (result.status == "refused")
    assert not {"/", "\\", "\0"} & set(result.name)
