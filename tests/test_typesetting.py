"""Which fonts a document is set with."""

from pathlib import Path

import pytest
import typst

from sekisho.typesetting import typeset

TEMPLATE = """#set document(title: "題")
#set text(font: "Noto Sans JP", lang: "ja")
= #json(bytes(sys.inputs.data)).name
"""


@pytest.fixture
def template(tmp_path) -> Path:
    path = tmp_path / "short.typ"
    path.write_text(TEMPLATE)
    return path


@pytest.fixture
def tried(monkeypatch) -> list[bool]:
    """Whether the fonts of the server were left out, at each try."""
    found: list[bool] = []
    compiled = typst.compile

    def noted(*args, **kwargs):
        found.append(kwargs["ignore_system_fonts"])
        return compiled(*args, **kwargs)

    monkeypatch.setattr(typst, "compile", noted)
    return found


@pytest.mark.parametrize("name", ["図書館の予約", "Réservation", "Đặt phòng họp", "Система бронирования"])
def test_what_the_shipped_fonts_have_is_set_with_them_alone(template, tried, name):
    assert b"pdfuaid" in typeset(template, {"name": name})
    assert tried == [True]


def test_a_script_that_they_lack_is_set_with_fonts_of_the_server(template, tried):
    assert typeset(template, {"name": "도서관 예약 시스템"}).startswith(b"%PDF")
    assert tried[:2] == [True, False]


def test_a_letter_that_no_font_has_does_not_cost_the_document(template):
    assert typeset(template, {"name": "予約 \U000e0fff"}).startswith(b"%PDF")
