import pytest

from sekisho.sanitizer import Policy, converters
from sekisho.sanitizer.filetypes import TYPES
from sekisho.sanitizer.judging import judged
from sekisho.sanitizer.results import Refused

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
