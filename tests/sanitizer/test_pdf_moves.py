"""What turns pages by a command of the viewer leads to those pages; no command comes through."""

import io
from typing import Any

import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, String

from sekisho.sanitizer import Policy

from .attacks.pdf import page_file
from .passing import clean, codes
from .test_pdf import PIXEL, REBUILT

_BOTH = pytest.mark.parametrize("policy", [REBUILT, PIXEL], ids=["rebuilt", "pixel"])


def _command(called: str, **more: Any) -> Dictionary:
    return Dictionary(S=Name.Named, N=Name("/" + called), **more)


def _pages(*commands: Any, kind: str = "Link") -> bytes:
    """Three pages; the second one has an annotation for each command."""

    def mend(pdf: Pdf, _page: Any) -> None:
        for _count in range(2):
            pdf.add_blank_page(page_size=(300, 200))
        made = [
            Dictionary(
                Type=Name.Annot, Subtype=Name("/" + kind), Rect=Array([9, y * 9, 99, y * 9 + 8]), A=command
            )
            for y, command in enumerate(commands)
        ]
        pdf.pages[1].Annots = Array([pdf.make_indirect(annotation) for annotation in made])
        if kind == "Widget":
            for button in pdf.pages[1].Annots:
                button.FT, button.Ff, button.T = Name.Btn, 1 << 16, String("turn")
            pdf.Root.AcroForm = Dictionary(Fields=pdf.pages[1].Annots)

    return page_file(mend)


def _led_to(output: bytes, index: int = 1) -> list[int]:
    """Which pages (from 0) the links of a page lead to."""
    with pikepdf.open(io.BytesIO(output)) as pdf:
        pages = [page.obj.objgen for page in pdf.pages]
        links = pdf.pages[index].get("/Annots", [])
        return [pages.index(link.Dest[0].objgen) for link in links]


@_BOTH
def test_links_lead_to_the_pages_that_the_commands_turned_to(policy: Policy) -> None:
    source = _pages(*map(_command, ("FirstPage", "NextPage", "LastPage", "PrevPage")))
    output, result = clean(source, "a.pdf", policy)
    assert _led_to(output) == [0, 2, 2, 0]
    assert b"/Named" not in output
    assert "pdf.turns_mended" in codes(result)
    assert not codes(result) & {"pdf.link", "pdf.named_action"}


@_BOTH
def test_a_button_that_turns_pages_becomes_a_link_over_what_it_shows(policy: Policy) -> None:
    output, _result = clean(_pages(_command("NextPage"), kind="Widget"), "a.pdf", policy)
    assert _led_to(output) == [2]
    assert b"/Widget" not in output


def test_it_shows_the_top_of_the_page_at_the_zoom_there_is() -> None:
    output, _result = clean(_pages(_command("NextPage")), "a.pdf", REBUILT)
    with pikepdf.open(io.BytesIO(output)) as pdf:
        assert [str(part) for part in list(pdf.pages[1].Annots[0].Dest)[1:]] == [
            "/XYZ",
            "None",
            "200",
            "None",
        ]


@_BOTH
@pytest.mark.parametrize("command", [
    _command("Print"), _command("SaveAs"), _command("Quit"), _command("GoToPage"),
    _command("NextPage", Next=Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))),
], ids=["print", "save", "quit", "dialogue", "with another behind"])  # fmt: skip
def test_what_does_more_than_turn_pages_is_removed_and_told(command: Any, policy: Policy) -> None:
    output, result = clean(_pages(command, _command("FirstPage")), "a.pdf", policy)
    assert _led_to(output) == [0]
    assert codes(result) >= {"pdf.link", "pdf.named_action", "pdf.turns_mended"}


def test_there_is_no_page_before_the_first() -> None:
    def mend(_pdf: Pdf, page: Any) -> None:
        page.Annots = Array([
            Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([9, 9, 99, 18]), A=_command("PrevPage"))
        ])  # fmt: skip

    output, result = clean(page_file(mend), "a.pdf", REBUILT)
    assert not _led_to(output, 0)
    assert codes(result) >= {"pdf.link", "pdf.named_action"}


@_BOTH
def test_bookmarks_lead_to_the_first_and_last_page(policy: Policy) -> None:
    def mend(pdf: Pdf, _page: Any) -> None:
        pdf.add_blank_page(page_size=(300, 200))
        with pdf.open_outline() as outline:
            outline.root.append(pikepdf.OutlineItem("終わり", action=_command("LastPage")))

    output, _result = clean(page_file(mend), "a.pdf", policy)
    (bookmark,) = pypdfium2.PdfDocument(output).get_toc()
    target = bookmark.get_dest()
    assert target is not None
    assert target.get_index() == 1
