"""Reports keep to the published schema, in every kind of outcome."""

import json
from pathlib import Path

import jsonschema_rs
import pytest

from sekisho.sanitizer import sanitize

from .office import CELLS, document, paragraph, workbook
from .passing import zipped

_SCHEMA = json.loads((Path(__file__).parents[2] / "docs/sanitizer-report.schema.json").read_text("utf-8"))


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"a,b\n=1,2\n", "a.csv"),
        (b"", "a.txt"),
        (b"MZ\x90\x00" + bytes(200), "a.exe"),
        (document(paragraph("x") + '<w:altChunk r:id="rId1"/>').build(), "a.docx"),
        (workbook(CELLS.format(visible="x", cells='<c r="B1"><f>RTD(1)</f><v>1</v></c>')).build(), "a.xlsx"),
        (zipped(a__txt="words\x00", b__exe=b"MZ\x90\x00" + bytes(200)), "a.zip"),
    ],
)
def test_a_report_keeps_to_the_schema(data: bytes, name: str) -> None:
    report = json.loads(json.dumps(sanitize(data, name=name).report.as_dict()))
    jsonschema_rs.validate(_SCHEMA, report)


def test_the_schema_refuses_what_is_no_report() -> None:
    report = sanitize(b"x", name="a.txt").report.as_dict()
    with pytest.raises(jsonschema_rs.ValidationError):
        jsonschema_rs.validate(_SCHEMA, report | {"status": "perhaps"})
