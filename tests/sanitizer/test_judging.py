import io

import pytest

from sekisho.sanitizer import Policy, converters
from sekisho.sanitizer.filetypes import TYPES
from sekisho.sanitizer.identify import identify
from sekisho.sanitizer.judging import judged
from sekisho.sanitizer.results import Refused

from .compound import compound
from .passing import zipped

INBOUND = Policy.named("inbound")


def judge(shown, *claimed, extension="x"):
    return judged(TYPES[shown], tuple(TYPES[each] for each in claimed), extension, INBOUND).id


@pytest.mark.parametrize(
    ("shown", "claimed", "taken"),
    [
        ("pdf", ["pdf"], "pdf"),
        ("pdf", [], "pdf"),
        ("html", ["txt"], "txt"),
        ("script", ["md"], "md"),
        ("xml", ["html"], "html"),
        ("dotx", ["docx"], "dotx"),
    ],
)
def test_content_settles_the_type_and_the_name_says_how_text_is_read(shown, claimed, taken):
    assert judge(shown, *claimed) == taken


@pytest.mark.parametrize(
    ("shown", "claimed", "code"),
    [
        ("exe", [], "type.dangerous"),
        ("pdf", ["exe"], "type.dangerous"),
        ("png", ["pdf"], "type.name_lies"),
        ("docm", ["docx"], "type.name_lies"),
        ("zip", ["docx"], "input.broken"),
        ("unknown", [], "type.unknown"),
        ("unknown", ["pdf"], "input.broken"),
        ("unknown", ["csv"], "text.undecodable"),
        ("jtd", ["jtd"], "type.unsupported"),
    ],
)
def test_what_is_refused_says_why(shown, claimed, code):
    with pytest.raises(Refused) as refusal:
        judge(shown, *claimed)
    assert refusal.value.code == code


def test_a_converter_does_not_excuse_a_name_that_lies(monkeypatch):
    monkeypatch.setattr(converters, "target_of", lambda kind: "pdf" if kind.id == "jtd" else "")
    monkeypatch.setattr(Policy, "methods_for", lambda self, kind: ("rebuilt",))
    assert judge("jtd", "jtd") == "jtd"
    with pytest.raises(Refused) as refusal:
        judge("jtd", "docx")
    assert refusal.value.code == "type.name_lies"


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\x09\x00\x04\x00\x02\x00\x10\x00", "xls"),  # Excel 2
        (b"\x09\x02\x06\x00\x00\x00\x10\x00", "xls"),  # Excel 3
        (b"\x09\x04\x06\x00\x00\x00\x10\x00", "xls"),  # Excel 4
        (b"\xdb\xa5\x2d\x00" + bytes(60), "doc"),  # Word 2
        (compound({"WORKBOOK": bytes(99)}), "xls"),
        (compound({"worddocument": bytes(99)}), "doc"),
        (compound({"PP40": bytes(99)}), "ppt"),
        (compound({"Contents": bytes(99), "Quill": {"QuillSub": {"CONTENTS": bytes(99)}}}), "publisher"),
        (b"\xffWPC\x10\x00\x00\x00\x01\x0a", "wordperfect"),
        (b"RIFF\x84\x4c\x00\x00CDR9vrsn", "cdr"),
        (
            zipped(mimetype="application/x-vnd.corel.draw.document+zip", **{"content/riffData__cdr": "x"}),
            "cdr",
        ),
        (b"\x00\x00\x00\x0cJXL \r\n\x87\n", "jxl"),
    ],
)
def test_a_file_is_told_by_what_it_begins_with_or_holds(data: bytes, kind: str) -> None:
    assert identify(io.BytesIO(data)).type.id == kind
