"""Named places of joined documents, whose names stand where some readers look and others do not."""

import io
from typing import Any

import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, String

from .attacks.pdf import page_file
from .passing import clean, codes
from .test_pdf import PIXEL, REBUILT

_CALLED = ("z", "a", "第1章")


def _joined(tree: Any) -> bytes:
    """A page with links and a bookmark to three names. ``tree``: what they stand in, given their lists."""

    def mend(pdf: Pdf, page: Any) -> None:
        lists = [Array([String(called), Array([page.obj, Name.XYZ, 0, 90, 0])]) for called in _CALLED]
        pdf.Root.Names = Dictionary(Dests=tree(pdf, lists))
        page.Annots = Array(
            [
                Dictionary(
                    Type=Name.Annot, Subtype=Name.Link, Rect=Array([9, y, 99, y + 9]), Dest=String(called)
                )
                for y, called in enumerate(_CALLED)
            ]
        )
        with pdf.open_outline() as outline:
            outline.root.append(pikepdf.OutlineItem("first", Array([])))
        pdf.Root.Outlines.First.Dest = String(_CALLED[1])

    return page_file(mend)


def _behind_one_another(_pdf: Pdf, lists: list[Any]) -> Any:
    return Dictionary(Names=Array([piece for named in lists for piece in named]))


def _beside_branches(pdf: Pdf, lists: list[Any]) -> Any:
    called = lists[0][0]
    branch = pdf.make_indirect(Dictionary(Names=lists[0], Limits=Array([called, called])))
    return Dictionary(Names=Array([*lists[1], *lists[2]]), Kids=Array([branch]))


def _round_and_round(pdf: Pdf, lists: list[Any]) -> Any:
    tree = pdf.make_indirect(_behind_one_another(pdf, lists))
    tree.Kids = Array([tree])
    return tree


@pytest.mark.parametrize("policy", [REBUILT, PIXEL], ids=["rebuilt", "pixel"])
@pytest.mark.parametrize("tree", [_behind_one_another, _beside_branches, _round_and_round])
def test_links_and_bookmarks_of_joined_documents_lead_on(tree: Any, policy: Any) -> None:
    output, result = clean(_joined(tree), "a.pdf", policy)
    assert "pdf.names_mended" in codes(result)
    with pikepdf.open(io.BytesIO(output)) as pdf:
        assert len(pdf.pages[0].Annots) == len(_CALLED)
        assert "/Names" not in pdf.Root
    (bookmark,) = pypdfium2.PdfDocument(output).get_toc()
    target = bookmark.get_dest()
    assert target is not None
    assert target.get_index() == 0


def test_names_in_their_order_are_left() -> None:
    def in_order(_pdf: Pdf, lists: list[Any]) -> Any:
        return Dictionary(Names=Array([*lists[1], *lists[0], *lists[2]]))

    output, result = clean(_joined(in_order), "a.pdf", REBUILT)
    assert "pdf.names_mended" not in codes(result)
    with pikepdf.open(io.BytesIO(output)) as pdf:
        assert len(pdf.pages[0].Annots) == len(_CALLED)
