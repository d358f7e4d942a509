"""Old and open formats through LibreOffice; runs where it is installed."""

import io
import subprocess
from pathlib import Path

import pytest

from sekisho.sanitizer import sanitize
from sekisho.sanitizer.conversion import office_program

from .compound import locked_workbook
from .office import CELLS, document, opened, paragraph, presentation, shape, workbook
from .passing import clean

pytestmark = pytest.mark.skipif(office_program() is None, reason="needs LibreOffice")
VISIBLE = "見える言葉"
_SOURCES = {
    "docx": lambda: document(paragraph(VISIBLE)).build(),
    "xlsx": lambda: workbook(CELLS.format(visible=VISIBLE, cells='<c r="B1"><f>1+1</f><v>2</v></c>')).build(),
    "pptx": lambda: presentation(shape(VISIBLE)).build(),
}


def _written_as(kind: str, source: str, folder: Path) -> bytes:
    """What LibreOffice makes of one of our sources, as a file of the old kind."""
    (folder / f"a.{source}").write_bytes(_SOURCES[source]())
    profile = f"-env:UserInstallation=file://{folder}/profile"
    command = [
        str(office_program()),
        profile,
        "--headless",
        "--convert-to",
        kind,
        "--outdir",
        str(folder),
        f"a.{source}",
    ]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=120)
    return (folder / f"a.{kind}").read_bytes()


@pytest.mark.parametrize(
    ("kind", "source"),
    [
        ("doc", "docx"),
        ("rtf", "docx"),
        ("odt", "docx"),
        ("xls", "xlsx"),
        ("ods", "xlsx"),
        ("ppt", "pptx"),
        ("odp", "pptx"),
    ],
)
def test_old_and_open_formats_come_out_as_new_ones(kind: str, source: str, tmp_path: Path) -> None:
    output, result = clean(_written_as(kind, source, tmp_path), f"a.{kind}")
    assert (result.method, result.name) == ("reauthored", f"a.{source}")
    assert VISIBLE.encode() in opened(output)


def test_an_old_workbook_opens_with_its_password_only(tmp_path: Path) -> None:
    locked = locked_workbook(_written_as("xls", "xlsx", tmp_path), "ひみつ")
    output, result = clean(locked, "a.xls", password="ひみつ")
    assert (result.method, result.name) == ("reauthored", "a.xlsx")
    assert VISIBLE.encode() in opened(output)
    assert sanitize(locked, name="a.xls", password="違う").report.refusal == "input.wrong_password"
    assert sanitize(locked, name="a.xls").report.refusal == "input.encrypted"


def test_pixel_only_policies_draw_a_document() -> None:
    import pypdfium2

    output, result = clean(_SOURCES["docx"](), "a.docx", "inbound-strict")
    assert (result.method, result.name) == ("pixel", "a.pdf")
    page = pypdfium2.PdfDocument(io.BytesIO(output))[0]
    assert VISIBLE in page.get_textpage().get_text_range()
