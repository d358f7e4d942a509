"""Notes on a page: what they say stays, and the sign of one that says nothing."""

import io
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, String

from .attacks.pdf import page_file
from .passing import clean
from .test_pdf import REBUILT


def _noted(**entries: Any) -> bytes:
    def mend(pdf: Pdf, page: Any) -> None:
        usual: dict[str, Any] = {
            "Type": Name.Annot, "Subtype": Name.Text, "Rect": Array([100, 100, 124, 124]), "F": 28,
        }  # fmt: skip
        page.Annots = Array([Dictionary(**(usual | entries))])

    return page_file(mend)


def _notes(output: bytes) -> list[str]:
    with pikepdf.open(io.BytesIO(output)) as pdf:
        return [str(note.Contents) for note in pdf.pages[0].get("/Annots", [])]


@pytest.mark.parametrize("entries", [{}, {"Contents": String("")}])
def test_a_note_that_says_nothing_stays_as_its_sign(entries: dict[str, Any]) -> None:
    output, _result = clean(_noted(**entries), "a.pdf", REBUILT)
    assert _notes(output) == [""]


def test_what_a_note_says_as_a_page_stays_as_plain_text() -> None:
    said = "<body><p>見て&amp;ください</p>\n<p>第2<b>条</b><br/>まで<script>x</p></body>"
    output, _result = clean(_noted(RC=String(said)), "a.pdf", REBUILT)
    assert _notes(output) == ["見て&ください\n第2条\nまでx"]


@pytest.mark.parametrize("entries", [{"F": 2}, {"Subtype": Name.Stamp}])
def test_no_sign_appears_where_there_was_none(entries: dict[str, Any]) -> None:
    output, _result = clean(_noted(**entries), "a.pdf", REBUILT)
    assert _notes(output) == []
