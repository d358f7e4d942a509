"""What a content stream names is looked for where pdfium looks for it: in its own resources, else in those of its page."""

from typing import Any

import pypdfium2
from pikepdf import Array, Dictionary, Name, Pdf, Stream

from .attacks.pdf import page_file
from .passing import clean
from .test_pdf import REBUILT

Colour = tuple[int, ...]


def _square(pdf: Pdf, colour: str) -> Stream:
    """A form of 20 by 20 in one colour."""
    return _form(pdf, f"{colour} rg 0 0 20 20 re f")


def _form(pdf: Pdf, operators: str, **entries: Any) -> Stream:
    return Stream(
        pdf, operators.encode(), Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 300, 200], **entries
    )


def _at(output: bytes, x: int, y: int, page: int = 0) -> Colour:
    picture = pypdfium2.PdfDocument(output)[page].render(scale=1).to_pil().convert("RGB")
    found: Colour = picture.getpixel((x, 200 - y))
    return found


def test_a_form_without_resources_of_a_kind_takes_those_of_the_page() -> None:
    def mend(pdf: Pdf, page: Any) -> None:
        own = Dictionary(XObject=Dictionary(S=_square(pdf, "1 0 0")))
        form = _form(pdf, "/S Do BT /F 14 Tf 20 40 Td (said within) Tj ET", Resources=own)
        page.Resources.XObject = Dictionary(A=pdf.make_indirect(form))
        page.Contents = Array([page.Contents, Stream(pdf, b"/A Do")])

    output, _result = clean(page_file(mend), "a.pdf", REBUILT)
    assert "said within" in pypdfium2.PdfDocument(output)[0].get_textpage().get_text_range()
    assert _at(output, 10, 10) == (255, 0, 0)


def test_what_a_form_does_not_name_among_its_own_of_a_kind_is_not_drawn() -> None:
    def mend(pdf: Pdf, page: Any) -> None:
        own = Dictionary(XObject=Dictionary(S=_square(pdf, "1 0 0")))
        form = _form(pdf, "/S Do q 1 0 0 1 40 0 cm /T Do Q", Resources=own)
        page.Resources.XObject = Dictionary(A=pdf.make_indirect(form), T=_square(pdf, "0 0 1"))
        page.Contents = Array([page.Contents, Stream(pdf, b"/A Do")])

    output, _result = clean(page_file(mend), "a.pdf", REBUILT)
    assert _at(output, 10, 10) == (255, 0, 0)
    assert _at(output, 50, 10) == (255, 255, 255)


def test_a_form_without_resources_shows_on_each_page_what_that_page_has() -> None:
    def mend(pdf: Pdf, page: Any) -> None:
        form = pdf.make_indirect(_form(pdf, "/S Do"))
        pdf.add_blank_page(page_size=(300, 200))
        for shown, colour in ((page, "1 0 0"), (pdf.pages[1], "0 0 1")):
            shown.Resources = Dictionary(XObject=Dictionary(A=form, S=_square(pdf, colour)))
            shown.Contents = Stream(pdf, b"/A Do")

    output, _result = clean(page_file(mend), "a.pdf", REBUILT)
    assert _at(output, 10, 10) == (255, 0, 0)
    assert _at(output, 10, 10, page=1) == (0, 0, 255)


def test_the_appearance_of_a_comment_without_resources_takes_those_of_the_page() -> None:
    def mend(pdf: Pdf, page: Any) -> None:
        page.Resources.XObject = Dictionary(S=_square(pdf, "1 0 0"))
        look = _form(pdf, "/S Do")
        page.Annots = Array([Dictionary(
            Type=Name.Annot, Subtype=Name.Stamp, Rect=Array([0, 0, 300, 200]), F=4,
            AP=Dictionary(N=pdf.make_indirect(look)),
        )])  # fmt: skip

    output, _result = clean(page_file(mend), "a.pdf", REBUILT)
    assert _at(output, 10, 10) == (255, 0, 0)
