"""Drawing canvases of Word are kept beside the older drawing, by which other programs show them."""

import io

import pytest

from sekisho.sanitizer.verify import find_complaint

from .attacks.common import MARKER, URL
from .office import document, opened, paragraph
from .passing import clean, codes, replaced

_WORD = "http://schemas.microsoft.com/office/word/2010/wordprocessing{}"
_MC = "http://schemas.openxmlformats.org/markup-compatibility/2006"
_BOX = (
    '<v:group style="width:100pt;height:50pt"><v:rect style="width:50;height:50"><v:textbox><w:txbxContent>{}'
    "</w:txbxContent></v:textbox></v:rect></v:group>"
)


def _canvas(
    words: str = paragraph("案内図"),
    older: str = "",
    space: str = _WORD.format("Canvas"),
    beside: str = "",
    prefix: str = "wpc",
) -> bytes:
    """A document with a canvas of one box, and the drawing beside it."""
    shape = (
        '<wps:wsp><wps:cNvSpPr/><wps:spPr><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></wps:spPr>'
        f"<wps:txbx><w:txbxContent>{words}</w:txbxContent></wps:txbx><wps:bodyPr/></wps:wsp>"
    )
    frame = (
        '<w:drawing><wp:inline><wp:extent cx="99" cy="99"/><wp:docPr id="1" name="c"/><a:graphic>'
        f'<a:graphicData uri="{_WORD.format("Canvas")}"><{prefix}:wpc><{prefix}:bg/><{prefix}:whole/>{shape}</{prefix}:wpc></a:graphicData></a:graphic></wp:inline></w:drawing>'
    )
    drawn = older or f"<w:pict>{_BOX.format(paragraph('古い図'))}</w:pict>"
    spaces = f'xmlns:mc="{_MC}" xmlns:{prefix}="{space}" xmlns:wps="{_WORD.format("Shape")}"'
    return document(
        f'{paragraph("words")}<w:p><w:r><mc:AlternateContent {spaces}><mc:Choice Requires="{prefix}">{frame}</mc:Choice>'
        f"<mc:Fallback>{drawn}</mc:Fallback></mc:AlternateContent></w:r></w:p>"
    ).build()


def test_both_drawings_stay() -> None:
    output, result = clean(_canvas(), "a.docx")
    inside = opened(output).decode()
    assert "案内図" in inside
    assert "古い図" in inside
    assert f'xmlns:wpc="{_WORD.format("Canvas")}"' in inside
    assert '<mc:Choice Requires="wpc">' in inside
    assert result.method == "rebuilt"
    assert result.report.removed == ()
    again, second = clean(output, "a.docx")
    assert again == output
    assert second.report.removed == ()


@pytest.mark.parametrize(
    "older", ["<w:t>見られません</w:t>", f'<w:object><o:OLEObject Type="Link" r:id="{MARKER}"/></w:object>']
)
def test_a_canvas_without_an_older_drawing_stands_alone(older: str) -> None:
    inside = opened(clean(_canvas(older=older), "a.docx")[0]).decode()
    assert "案内図" in inside
    assert "<mc:" not in inside
    assert MARKER not in inside


def test_a_canvas_whose_prefix_is_another_one_stands_alone() -> None:
    inside = opened(clean(_canvas(prefix="n"), "a.docx")[0]).decode()
    assert "案内図" in inside
    assert "<mc:" not in inside


def test_a_canvas_in_name_only_leaves_the_older_drawing() -> None:
    inside = opened(clean(_canvas(space=f"{URL}/canvas"), "a.docx")[0]).decode()
    assert "古い図" in inside
    assert "案内図" not in inside
    assert "<mc:" not in inside


@pytest.mark.parametrize(
    "older",
    [
        f'<w:pict><v:shape href="{URL}"><v:imagedata src="{URL}"/></v:shape></w:pict>',
        f'<w:pict><v:shape><v:imagedata r:id="rId9" r:href="{MARKER}"/></v:shape></w:pict>',
        f'<w:pict><v:shape equationxml="{MARKER}"/><o:OLEObject Type="Link" ProgID="{MARKER}"/></w:pict>',
        f'<w:pict><v:rect><v:textbox><w:txbxContent>{paragraph("x")}<w:altChunk r:id="{MARKER}"/></w:txbxContent></v:textbox></v:rect></w:pict>',
        f'<w:pict/><w:control r:id="{MARKER}"/>',
    ],
)
def test_what_acts_in_the_older_drawing_goes(older: str) -> None:
    output, _result = clean(_canvas(older=older), "a.docx")
    assert MARKER.encode() not in opened(output)
    assert URL.encode() not in opened(output)


def _mark(kind: str) -> str:
    return f'<w:fldChar w:fldCharType="{kind}"/>'


def test_fields_in_a_canvas_are_settled_and_leave_one_drawing() -> None:
    page = (
        f"<w:p><w:r>{_mark('begin')}<w:instrText> EQ \\o\\ac(○,印) </w:instrText>{_mark('end')}</w:r></w:p>"
    )
    inside = opened(clean(_canvas(page), "a.docx")[0]).decode()
    assert " EQ \\o\\ac(○,印) " in inside
    assert "<mc:" not in inside
    result = clean(_canvas(page.replace("EQ", f"DDEAUTO {MARKER}")), "a.docx")[1]
    assert "ooxml.field" in codes(result)


def test_the_second_opinion_dislikes_other_branches_and_fields_in_one() -> None:
    output, _result = clean(_canvas(), "a.docx")
    assert find_complaint(io.BytesIO(output), "docx") is None
    for old, new in (
        ('Requires="wpc"', 'Requires="wpi"'), ("</mc:Choice>", f"{_mark('begin')}</mc:Choice>"),
        ("<w:pict>", f'<w:pict href="{URL}">'), ("</mc:Fallback>", "<w:altChunk/></mc:Fallback>"),
    ):  # fmt: skip
        assert find_complaint(io.BytesIO(replaced(output, old, new)), "docx") is not None
