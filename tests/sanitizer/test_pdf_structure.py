"""What screen readers go by comes through a rebuilt PDF, and nothing else does."""

import ctypes
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pypdfium2.raw as pdfium
import pytest
import typst
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String

from sekisho.sanitizer.verify import find_complaint
from sekisho.sanitizer.verify.pdf_drawing import Drawings
from sekisho.sanitizer.verify.pdf_syntax import Objects, Unclean

from .attacks.pdf import VISIBLE, page_file, structured
from .passing import clean, codes

REPORT = """
#set document(title: "Report")
#set text(lang: "en")
= Results
Some words, and *strong* ones.
- one
- two
#table(columns: 2, table.header[Year][Amount], [2026], table.cell(rowspan: 2)[12], [2027])
#figure(rect(width: 2cm), alt: "A chart of costs", caption: [Costs])
== Outlook
#link("https://www.example.lg.jp/")[More of it]
#pagebreak()
Words on the second page.
"""


def told(data: bytes) -> list[tuple[int, int, str, str, int]]:
    """The structure as pdfium reads it: page, depth, type, description, and pieces of content of every element."""
    document = pypdfium2.PdfDocument(data)
    return [
        line
        for index in range(len(document))
        for line in _of_page(index, pdfium.FPDF_StructTree_GetForPage(document[index]))
    ]


def _of_page(index: int, tree: Any) -> Iterator[tuple[int, int, str, str, int]]:
    count = pdfium.FPDF_StructTree_CountChildren(tree)
    waiting = [
        (pdfium.FPDF_StructTree_GetChildAtIndex(tree, place), 0) for place in reversed(range(max(count, 0)))
    ]
    while waiting:
        element, depth = waiting.pop()
        numbers = [
            pdfium.FPDF_StructElement_GetMarkedContentIdAtIndex(element, place)
            for place in range(max(pdfium.FPDF_StructElement_GetMarkedContentIdCount(element), 0))
        ]
        kind, said = (
            _text(ask, element)
            for ask in (pdfium.FPDF_StructElement_GetType, pdfium.FPDF_StructElement_GetAltText)
        )
        yield index, depth, kind, said, sum(number >= 0 for number in numbers)
        for place in reversed(range(max(pdfium.FPDF_StructElement_CountChildren(element), 0))):
            if kid := pdfium.FPDF_StructElement_GetChildAtIndex(element, place):
                waiting.append((kid, depth + 1))


def _text(ask: Callable[..., int], element: Any) -> str:
    size = ask(element, None, 0)
    held = ctypes.create_string_buffer(max(size, 2))
    ask(element, held, size)
    return held.raw[: max(size - 2, 0)].decode("utf-16-le")


@contextmanager
def elements(data: bytes) -> Iterator[list[Any]]:
    """Those at the top of the structure."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        yield list(pdf.Root.StructTreeRoot.K)


def tagged(mend: Callable[[Any, Any, Any], None] = lambda pdf, page, tree: None, **more: Any) -> bytes:
    """A page of one paragraph in a structure, after ``mend``."""
    return page_file(lambda pdf, page: mend(pdf, page, structured(pdf, page, **more)))


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    source: Path = tmp_path_factory.mktemp("typst") / "a.typ"
    source.write_text(REPORT)
    return typst.compile(str(source))


def test_a_report_keeps_its_headings_lists_tables_and_descriptions(report: bytes) -> None:
    output, result = clean(report, "a.pdf")
    assert result.method == "rebuilt"
    assert told(output) == told(report)
    kinds = [kind for _page, _depth, kind, _said, _count in told(output)]
    assert {"H1", "H2", "L", "LI", "Table", "TH", "TD", "Link"} <= set(kinds)
    assert not codes(result) & {"pdf.tags_lost", "pdf.tags_left_out"}
    with pikepdf.open(io.BytesIO(output)) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert pdf.Root.Lang == "en"
        described = [found for found in pdf.objects if isinstance(found, Dictionary) and "/Alt" in found]
        assert [(str(found.S), str(found.Alt)) for found in described] == [("/Figure", "A chart of costs")]


def test_a_second_passage_changes_nothing_of_it(report: bytes) -> None:
    once, _result = clean(report, "a.pdf")
    twice, _result = clean(once, "a.pdf")
    assert told(twice) == told(once)


def test_what_leaves_keeps_its_headings_but_not_what_no_page_shows(report: bytes) -> None:
    output, result = clean(report, "a.pdf", "outbound")
    assert result.method == "rebuilt"
    assert [line[:3] for line in told(output)] == [line[:3] for line in told(report)]
    assert b"/Alt" not in output


def test_page_pictures_say_that_tags_are_lost(report: bytes) -> None:
    _output, result = clean(report, "a.pdf", "inbound-strict")
    assert "pdf.tags_lost" in codes(result)


def test_cells_tell_what_they_span_and_roles_what_they_are() -> None:
    def mend(pdf: Pdf, page: Any, tree: Any) -> None:
        tree.RoleMap = Dictionary(Kopf=Name.Ueber, Ueber=Name.H1, Ring=Name.Ring)
        tree.K[0].S = Name.Kopf
        cell = Dictionary(O=Name.Table, RowSpan=2, ColSpan=1, Scope=Name.Row, Headers=Array([String("x")]))
        listed = Dictionary(O=Name.List, ListNumbering=Name.Decimal)
        tree.K.append(Dictionary(S=Name.TH, A=Array([0, cell]), Lang=String("ja-JP")))
        tree.K.append(Dictionary(S=Name.L, A=listed))
        tree.K.append(Dictionary(S=Name.Ring))

    output, _result = clean(tagged(mend), "a.pdf")
    with elements(output) as found:
        assert [str(element.S) for element in found] == ["/H1", "/TH", "/L", "/NonStruct"]
        assert found[1].A.unparse() == b"<< /O /Table /RowSpan 2 /Scope /Row >>"
        assert found[1].Lang == "ja-JP"
        assert found[2].A.unparse() == b"<< /ListNumbering /Decimal /O /List >>"


def test_descriptions_are_plain_text() -> None:
    output, _result = clean(tagged(Alt=String("A\x00 chart\u202e of\ufeff costs")), "a.pdf")
    with elements(output) as (paragraph,):
        assert paragraph.Alt == "A chart of costs"


def marks(content: str) -> Callable[[Any, Any, Any], None]:
    def mend(pdf: Pdf, page: Any, tree: Any) -> None:
        page.Contents = Stream(
            pdf, content.replace("WORDS", f"BT /F 14 Tf 20 100 Td ({VISIBLE}) Tj ET").encode()
        )

    return mend


@pytest.mark.parametrize(
    ("content", "left_out"),
    [
        ("/P <</MCID 0>> BDC WORDS EMC", 0),
        ("/Artifact BMC 0 0 5 5 re f EMC /P <</MCID 0>> BDC WORDS EMC", 0),
        ("/Sect BMC /P <</MCID 0/Lang (ja)>> BDC WORDS EMC EMC", 0),
        ("/P <</MCID 0>> BDC WORDS", 0),  # without an end
        (
            "/P <</MCID 0>> BDC WORDS EMC /P <</MCID 0>> BDC WORDS EMC EMC EMC",
            0,
        ),  # twice, and ends without a beginning
        ("/P <</MCID 4>> BDC WORDS EMC", 1),  # nobody speaks of it
        ("WORDS", 1),
    ],
)
def test_marks_are_kept_once_and_in_pairs(content: str, left_out: int) -> None:
    output, result = clean(tagged(marks(content)), "a.pdf")
    assert result.method == "rebuilt"
    with elements(output) as (paragraph,):
        assert list(paragraph.K) == [0] * (1 - left_out)
    said = sum(removal.count for removal in result.report.removed if removal.code == "pdf.tags_left_out")
    assert said == left_out


def test_content_that_two_elements_claim_is_the_first_ones() -> None:
    def mend(pdf: Pdf, page: Any, tree: Any) -> None:
        tree.K.append(Dictionary(S=Name.Span, K=Array([0, -1, 99999999999, True, String("x")]), Pg=page.obj))
        tree.K.append(Dictionary(S=Name.Span, K=Dictionary(Type=Name.MCR, MCID=0)))  # on no page

    output, result = clean(tagged(mend), "a.pdf")
    with elements(output) as found:
        assert [list(element.K) for element in found] == [[0], [], []]
    assert "pdf.tags_left_out" in codes(result)


def _deep(pdf: Pdf, page: Any, tree: Any) -> None:
    inner = tree.K[0]
    for _level in range(300):
        inner = pdf.make_indirect(Dictionary(S=Name.Div, K=Array([inner])))
    tree.K = Array([inner])


def _wide(pdf: Pdf, page: Any, tree: Any) -> None:
    shared = pdf.make_indirect(Array(range(1000)))
    tree.K = Array([pdf.make_indirect(Dictionary(S=Name.P, Pg=page.obj, K=shared)) for _ in range(1000)])


@pytest.mark.parametrize("mend", [_deep, _wide])
def test_structures_without_measure_come_to_an_end(mend: Callable[[Any, Any, Any], None]) -> None:
    output, result = clean(tagged(mend), "a.pdf")
    assert result.method == "rebuilt"
    assert codes(result) & {"pdf.tags_left_out", "pdf.tags_lost"}
    assert find_complaint(io.BytesIO(output), "pdf") is None


@pytest.mark.parametrize(
    ("written", "twisted"),
    [
        (b"/S /P ", b"/S /X "),
        (b"/K [0]>>", b"/K [1]>>"),
        (b"/K [0]>>", b"/K [ ]>>"),
        (b"/K [0]>>", b"/A /x >>"),
        (b"/Marked true", b"/Marked null"),
        (b"/StructParents 0", b"/StructParents 1"),
        (b"/ParentTreeNextKey 1", b"/ParentTreeNextKey 2"),
        (b"/Lang (ja)", b"/Lang (**)"),
        (b"/RowSpan 2", b"/RowSpan 1"),
        (b"/Nums [0 [", b"/Nums [1 ["),
        (b"/Alt (words)", b"/AF  (words)"),
    ],
)
def test_the_second_opinion_dislikes_structure_of_any_other_form(written: bytes, twisted: bytes) -> None:
    spans = Dictionary(O=Name.Table, RowSpan=2)
    output, _result = clean(tagged(Alt=String("words"), Lang=String("ja"), A=spans), "a.pdf")
    assert find_complaint(io.BytesIO(output), "pdf") is None
    assert written in output
    assert len(written) == len(twisted)
    complaint = find_complaint(io.BytesIO(output.replace(written, twisted)), "pdf")
    assert complaint is not None
    assert complaint.code == "pdf.structure"


def test_numbers_in_the_structure_stand_on_pages_alone() -> None:
    drawings = Drawings(Objects(clean(tagged(), "a.pdf")[0]))
    marked = b"/Span <</MCID 0>> BDC\nEMC\n"
    drawings.content(marked, {}, "a page", is_page=True)
    with pytest.raises(Unclean, match="outside a page"):
        drawings.content(marked, {}, "a form")


def test_marks_within_a_form_are_not_carried_over() -> None:
    def form(pdf: Any, page: Any, tree: Any) -> None:
        inside = pikepdf.Stream(
            pdf, b"/P <</MCID 0>> BDC 0 0 9 9 re f EMC", Type=Name.XObject, Subtype=Name.Form
        )
        inside.BBox, inside.StructParents = [0, 0, 9, 9], 1
        page.Resources = Dictionary(page.get("/Resources", Dictionary()))
        page.Resources.XObject = Dictionary(Fm0=pdf.make_indirect(inside))
        page.Contents = pikepdf.Stream(pdf, page.Contents.read_bytes() + b"\n/Fm0 Do")

    output, result = clean(tagged(form), "a.pdf")
    assert result.method == "rebuilt"
    with pikepdf.open(io.BytesIO(output)) as pdf:
        forms = [
            entry
            for entry in pdf.objects
            if isinstance(entry, pikepdf.Stream) and entry.get("/Subtype") == "/Form"
        ]
        assert forms
        assert all(b"MCID" not in entry.read_bytes() for entry in forms)


def _linked(pdf: Any, page: Any, tree: Any) -> None:
    """Two links: one that an element refers to twice, and one to a program."""
    first = pdf.make_indirect(Dictionary(
        Type=Name.Annot, Subtype=Name.Link, Rect=[10, 10, 90.5, 30], A=Dictionary(S=Name.URI, URI=String("https://example.jp/"))
    ))  # fmt: skip
    second = pdf.make_indirect(Dictionary(
        Type=Name.Annot, Subtype=Name.Link, Rect=[10, 50, 90, 70], A=Dictionary(S=Name.Launch, F=String("MARKER.exe"))
    ))  # fmt: skip
    page.Annots = pikepdf.Array([first, second])
    for target in (first, first, second):
        reference = Dictionary(Type=Name.OBJR, Obj=target, Pg=page.obj if hasattr(page, "obj") else page)
        tree.K.append(pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Link, P=tree, K=reference)))


def test_a_link_keeps_its_place_in_the_structure() -> None:
    output, result = clean(tagged(_linked), "a.pdf")
    assert result.method == "rebuilt"
    assert b"MARKER" not in output
    for passed in (output, clean(output, "a.pdf")[0]):
        _assert_tied(passed)


def _assert_tied(output: bytes) -> None:
    with pikepdf.open(io.BytesIO(output)) as pdf:
        (link,) = pdf.pages[0].Annots
        tied = [
            kid
            for element in pdf.Root.StructTreeRoot.K
            for kid in element.get("/K", [])
            if isinstance(kid, Dictionary)
        ]
        assert [kid.Obj.objgen for kid in tied] == [link.objgen]
        numbers = list(pdf.Root.StructTreeRoot.ParentTree.Nums)
        assert numbers[numbers.index(int(link.StructParent)) + 1].S == "/Link"


@pytest.mark.parametrize(
    ("written", "twisted"),
    [
        (b"/StructParent 1", b"/StructParent 2"),
        (b"/Type /OBJR", b"/Type /OBJX"),
        (b"/ParentTreeNextKey 2", b"/ParentTreeNextKey 1"),
    ],
)
def test_the_second_opinion_dislikes_links_that_are_tied_otherwise(written: bytes, twisted: bytes) -> None:
    output, _result = clean(tagged(_linked), "a.pdf")
    assert written in output
    assert find_complaint(io.BytesIO(output.replace(written, twisted, 1)), "pdf") is not None
