"""libmagic as a second look at what a file is: it objects, it never decides."""

import io
import zipfile

import pytest
from PIL import Image

from sekisho.sanitizer import Policy, crosscheck, sanitize
from sekisho.sanitizer.identify import identify

from .office import CELLS, document, paragraph, presentation, shape, workbook
from .passing import clean, codes, zipped

pytestmark = pytest.mark.skipif(not crosscheck.version(), reason="libmagic is not installed")


def picture(kind: str) -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").save(out, kind)
    return out.getvalue()


def two_faced() -> bytes:
    """A Word document to those who read content types, an OpenDocument text to those who read the first member."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        target.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        with zipfile.ZipFile(io.BytesIO(document(paragraph("words")).build())) as source:
            for name in source.namelist():
                target.writestr(name, source.read(name))
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "extension"),
    [
        (document(paragraph("words")).build(), "docx"),
        (workbook(CELLS.format(visible="words", cells="")).build(), "xlsx"),
        (presentation(shape("words")).build(), "pptx"),
        (zipped(a__txt="words"), "zip"),
        (b"%PDF-1.7\n%words\n", "pdf"),
        (b"{\\rtf1 words}", "rtf"),
        (b"GIF89a is what this text begins with".replace(b"GIF", b"gif"), "txt"),
        ("氏名,金額\r\n".encode("cp932"), "csv"),
        ("個人番号１２３４５６７８９０１８".encode("cp932"), "txt"),
        ("公立大学法人福島県立医科大学".encode("cp932"), "csv"),
        ("二期の計画".encode("utf-16"), "txt"),
        (b"From: a@example.jp\nSubject: words\n\nwords", "eml"),
        *((picture(kind), kind.lower()) for kind in ("JPEG", "PNG", "GIF", "TIFF", "BMP", "WEBP")),
    ],
)
def test_it_has_nothing_against_ordinary_files(data: bytes, extension: str) -> None:
    source = io.BytesIO(data)
    assert crosscheck.objection(source, identify(source, extension=extension).type.id) == ""
    assert source.tell() == 0


def test_a_file_it_takes_for_something_else_is_refused_or_reported_as_the_policy_says() -> None:
    result = sanitize(two_faced(), name="a.docx")
    assert result.report.refusal == "type.cross_check"
    assert "opendocument" in result.report.as_dict()["refusal"]["words"]["en"]
    _output, reported = clean(two_faced(), "a.docx", "archive")
    assert "type.cross_check" in codes(reported)


def test_the_report_and_the_policy_say_what_was_there() -> None:
    result = sanitize(b"words", name="a.txt")
    assert result.report.engine["libmagic"] == crosscheck.version()
    assert {Policy.named(name).cross_check for name in ("inbound", "inbound-strict", "outbound")} == {
        "refuse"
    }


def test_without_libmagic_there_is_no_objection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crosscheck, "_loaded", lambda: None)
    assert crosscheck.objection(io.BytesIO(two_faced()), "docx") == ""
    assert crosscheck.version() == ""
