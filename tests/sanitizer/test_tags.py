"""Parts judged by their different tags: never kinder than judging every element."""

import io
import random
import zlib
from dataclasses import replace

import openpyxl
import pytest
import xlsxwriter

from sekisho.sanitizer import Policy, sanitize
from sekisho.sanitizer.filetypes import TYPES
from sekisho.sanitizer.formats.job import Job
from sekisho.sanitizer.formats.ooxml.tags import tags
from sekisho.sanitizer.formats.ooxml.word import prepare
from sekisho.sanitizer.formats.ooxml.xmlparts import (
    Pruner,
    TagJudge,
    local,
    parsed,
    qname,
    serialised,
    usual_texts,
    vocabulary,
)
from sekisho.sanitizer.verify import packages
from sekisho.sanitizer.verify.tags import settled_spaces, told
from sekisho.sanitizer.verify.zips import Stored
from tests.sanitizer.office import SPACES

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OPEN = f'<w:document {SPACES} xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"><w:body>'
CLOSE = "</w:body></w:document>"
PIECES = (
    '<w:p w:rsidR="00AB12CD" w14:paraId="12345678"><w:r><w:t>words &amp; more</w:t></w:r></w:p>',
    '<w:p><w:pPr><w:jc w:val="center"/></w:pPr><w:proofErr w:type="spellStart"/>stray<w:r><w:t> x </w:t></w:r></w:p>',
    '<w:p><w:hyperlink r:id="rId1"><w:r><w:t>link</w:t></w:r></w:hyperlink></w:p>',
    '<w:p><w:smartTag w:uri="urn:x" w:element="date"><w:r><w:t>day</w:t></w:r></w:smartTag></w:p>',
    '<w:altChunk r:id="rId9"/>behind',
    '<w:p><w:r><w:object><o:OLEObject ProgID="Package"><w:t>in</w:t></o:OLEObject></w:object></w:r></w:p>',
    '<w:p><w:unknown><w:p><w:r><w:t>gone</w:t></w:r></w:p></w:unknown></w:p>',
    '<w:p><w:r><w:drawing><a:graphic><a:graphicData uri="urn:evil"><a:blip r:embed="rId7"/></a:graphicData></a:graphic></w:drawing></w:r></w:p>',
    '<w:tbl><w:tr><w:tc><w:p><w:r><w:rPr><w:color w:val="FF0000" w:macro="evil()"/></w:rPr></w:r></w:p></w:tc></w:tr></w:tbl>',
    f'<p xmlns="{WORD}"><r><t>own default</t></r></p>',
    '<z:p xmlns:z="urn:z"><z:q/></z:p>',
    f'<x:extLst xmlns:x="{SHEET}"><x:ext uri="{{unknown}}"><z:q xmlns:z="urn:z"/></x:ext></x:extLst>',
)  # fmt: skip


def _job() -> Job:
    return Job(io.BytesIO(), io.BytesIO(), TYPES["docx"], "a.docx", Policy.named("inbound"), "rebuilt")


@pytest.mark.parametrize("seed", range(40))
def test_pruning_by_tags_leaves_and_reports_what_pruning_every_element_does(seed):
    source = random.Random(seed)
    data = (OPEN + "".join(source.choices(PIECES, k=source.randint(1, 8))) + CLOSE).encode()
    results = []
    for by_tags in (True, False):
        job = _job()
        root = parsed(job, data)
        pruner = Pruner(job, "document.xml", {"rId1": "rId5"}, lambda: "rId99")
        if by_tags:
            written = pruner.prune_part(root)
            assert written is None or written == serialised(root)
        else:
            pruner.prune(root)
        results.append((serialised(root), sorted((r.code, r.detail, r.count) for r in job.removals)))
    assert results[0] == results[1]


def test_a_part_in_which_nothing_is_wrong_is_written_as_it_was_judged():
    job = _job()
    root = parsed(job, (OPEN + "<w:p><w:r><w:t>x</w:t></w:r></w:p>" + CLOSE).encode())
    assert Pruner(job, "document.xml", {}).prune_part(root) == serialised(root)


def test_a_prefix_with_two_meanings_tells_nothing():
    text = '<a:x xmlns:a="u"><a:x xmlns:a="v"/></a:x>'
    assert tags(text) is None
    assert told(text.encode()) is None


def test_a_default_namespace_that_begins_inside_tells_nothing():
    text = '<a:x xmlns:a="u"><b xmlns="v"/></a:x>'
    assert tags(text) is None
    assert told(text.encode()) is None


@pytest.mark.parametrize(
    "text",
    [
        "<a xmlns='u'/>",
        '<a xmlns="u"><!-- x --></a>',
        '<a xmlns="u"><![CDATA[x]]></a>',
        '<a xmlns="u"><?x y?></a>',
        '<a xmlns="u" b = "c"/>',
        '<a xmlns="u" b="c"\td="e"/>',
        '<a xmlns="u" b=\'"c\'/>',
        '<a xmlns="u" b=">"/>',
        '\ufeff<a xmlns="u"/>',
        'words <a xmlns="u"/>',
        '<?xml version="1.0" encoding="UTF-16"?><a xmlns="u"/>',
    ],
)
def test_a_part_that_is_not_spelled_plainly_is_left_to_the_walk(text):
    assert told(text.encode()) is None


@pytest.fixture
def plain():
    """Whether the second opinion takes a part by its tags alone."""

    def judge(text: str, kind: str = "wordprocessingml.document.main+xml") -> bool:
        told_type = f"application/vnd.openxmlformats-officedocument.{kind}"
        reader = packages._PartReader(packages._Package({}, {"a.xml": told_type}), "a.xml")
        return reader._is_plain(text.encode(), settled_spaces(text.encode()) or {})

    return judge


BOOK = f'<worksheet xmlns="{SHEET}"><sheetData><row r="1">{{}}</row></sheetData></worksheet>'


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="A1"><f>WEBSERVICE(A2)</f><v>1</v></c>',
        "<c r=\"A1\"><f>cmd|' /C calc'!A0</f><v>1</v></c>",
        '<c r="A1"><f>SUM<v/>(WEBSERVICE(1))</f></c>',
        '<c r="A1"><f t="shared" si="0" ref="A1">[1]Sheet!A1</f></c>',
        '<c r="A1"><f>A2&amp;WEBSERVICE(1)</f></c>',
        '<c r="A1"><f>WEBSERVICE&#13;(1)</f></c>',
        '<c r="A1" onLoad="x"><v>1</v></c>',
        '<c r="A1"><v>1</v>stray</c>',
        '<c r="A1"><unknown/></c>',
        "stray",
        '<c r="A1"><f ca="file://evil/">1</f></c>',
        '<c r="A1"><f t="shared" si="0"><b/></f></c>',
        '</row><row r="2" onLoad="x"><c r="A2"/>',
        '</row><row r="2"><z:c r="A2"/>',
        '<c r="A1" z:s="1"/>',
    ],
)
def test_cells_with_something_to_dislike_are_never_passed_by_their_tags(plain, cell):
    assert not plain(BOOK.format(cell), "spreadsheetml.worksheet+xml")


def test_plain_cells_are_passed_by_their_tags(plain):
    cells = '<c r="A1" s="1" t="s"><v>0</v></c><c r="B1"><f>SUM(A1:A9)*2</f><v>3</v></c><c r="C1" s="2"/>'
    cells += '<c r="D1"><f>IF(A1&gt;0,A1&amp;"語",A1&lt;&gt;2)</f></c>'
    assert plain(BOOK.format(cells), "spreadsheetml.worksheet+xml")
    words = '<c r="D1" t="inlineStr"><is><t xml:space="preserve">語 &amp; 語</t></is></c>'
    assert plain(BOOK.format(words), "spreadsheetml.worksheet+xml")


def test_rows_of_another_namespace_are_not_passed_as_rows_of_a_sheet(plain):
    rows = '<row r="1"><c r="A1"><v>1</v></c></row>'
    book = f'<x:worksheet xmlns:x="{SHEET}" xmlns="{{}}"><x:sheetData>{rows}</x:sheetData></x:worksheet>'
    assert not plain(book.format("urn:z"), "spreadsheetml.worksheet+xml")


@pytest.mark.parametrize(
    "text",
    [
        '<a:x xmlns:a="u"><a:y xmlns:b="v"/></a:x>',  # declared further in
        '<a:x xmlns:a="u" xmlns:b="u" a:c="1" b:c="2"/>',  # one attribute under two names
        '<a:x xmlns:a="u" xmlns:xml="u"/>',
        '<a:x xmlns:a="http://www.w3.org/2000/xmlns/"/>',
        "<a:x xmlns:a='u'/>",
        '<a:x xmlns:a="u>"><a:y xmlns:b="v"/></a:x>',
        "no tag",
    ],
)
def test_namespaces_that_the_first_tag_does_not_settle_are_left_to_expat(text):
    assert settled_spaces(text.encode()) is None


def test_a_prefix_nobody_declares_is_disliked_though_expat_does_not_follow_namespaces():
    inside = "<w:body><w:p><w:r><w:t>x</w:t></w:r></w:p>{}</w:body>"
    for odd in ("<q:p/>", '<w:p q:id="1"/>', "</q:p>"):
        data = f'<w:document xmlns:w="{WORD}">{inside.format(odd)}</w:document>'.encode()
        assert settled_spaces(data) is not None
        told_type = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
        reader = packages._PartReader(packages._Package({}, {"a.xml": told_type}), "a.xml")
        with pytest.raises(packages._Disliked):
            reader.read(Stored("a.xml", memoryview(data), 0, len(data), zlib.crc32(data)))


@pytest.mark.parametrize("inline", [False, True])
def test_rows_taken_as_a_whole_hold_what_rows_taken_apart_do(inline):
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"constant_memory": inline}) as book:
        sheet = book.add_worksheet()
        for row in range(40):
            sheet.write_row(row, 0, [row, f"語 & <{row}>", row / 3, row % 2 == 0, f"=A{row + 1}&B1"])
            sheet.write_formula(row, 5, "=SUM(A1:A9)", None, "words")
            sheet.write_formula(row, 6, "=WEBSERVICE(A1)", None, 5)
    whole = sanitize(out.getvalue(), "inbound", name="a.xlsx")
    apart = sanitize(out.getvalue(), replace(Policy.named("inbound"), warn_personal=True), name="a.xlsx")
    assert whole.report.fidelity == apart.report.fidelity
    assert whole.report.fidelity["cells_after"] == 40 * 7
    read = [list(openpyxl.load_workbook(io.BytesIO(made.output)).active.values) for made in (whole, apart)]
    assert read[0] == read[1]
    assert read[0][3][:3] == (3, "語 & <3>", 1)
    assert read[0][3][6] == 5


def test_formulas_that_nobody_has_reckoned_stay_and_others_go():
    book, out = openpyxl.Workbook(), io.BytesIO()
    formulas = ["=A1*2", '=IF(A1>0,A1&"語",A1<>2)', "=WEBSERVICE(A1)", "=WEBSERVICE\r(A1)", "=SUM(A1,\rA2)"]
    for row in range(3):
        book.active.append([row, *formulas])
    book.save(out)
    made = sanitize(out.getvalue(), "inbound", name="a.xlsx")
    read = list(openpyxl.load_workbook(io.BytesIO(made.output)).active.values)
    assert [row[:3] for row in read] == [(row, *formulas[:2]) for row in range(3)]
    assert [row[3:5] for row in read] == [(None, None)] * 3
    assert {removal.detail for removal in made.report.removed if removal.code == "ooxml.formula"} == {
        "WEBSERVICE"
    }


@pytest.mark.parametrize(
    "body",
    [
        '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r></w:p>',
        "<w:p><w:r><w:instrText>DDEAUTO</w:instrText></w:r></w:p>",
        '<w:p><w:hyperlink r:id="rId1"/></w:p>',
        "<w:p>words</w:p>",
        "<w:p/>words",
        '<w:p w:rsidR="1"/>',
        "<w:tbl>" * 300 + "</w:tbl>" * 300,
    ],
)
def test_documents_with_something_to_judge_are_never_passed_by_their_tags(plain, body):
    assert not plain(OPEN + body + CLOSE)


def test_plain_documents_are_passed_by_their_tags(plain):
    assert plain(OPEN + '<w:p><w:pPr><w:jc w:val="center"/></w:pPr><w:r><w:t>語</w:t></w:r></w:p>' + CLOSE)


def test_nothing_stands_among_the_usual_tags_that_either_side_objects_to():
    prepare()
    packages.prepare()
    for text in usual_texts():
        assert {local(name) for name in TagJudge({}).doubtful(text)} == {"root"}
    reader = packages._PartReader(packages._Package({}, {"": ""}), "")
    for text in packages.usual_texts(packages._vocabulary()[2]):
        found = told(text)
        assert [kind.name for kind in found.kinds if not reader._is_plain_kind(kind)] == [found.kinds[0].name]


@pytest.mark.parametrize(
    "part",
    [
        '<w:styles xmlns:w="urn:z"><w:b/></w:styles>',
        f'<w:styles xmlns:w="{WORD}" xmlns="{WORD}"><row r="1"/></w:styles>',
        f'<w:styles xmlns:w="{WORD}" xmlns:a="{SHEET}"><a:br/></w:styles>',
        f'<w:styles xmlns:w="{WORD}"><w:b w:onLoad="0"/></w:styles>',
        f'<w:styles xmlns:w="{WORD}"><w:color w:themeColor="file://x"/></w:styles>',
    ],
)
def test_a_tag_that_is_usual_elsewhere_is_judged_where_it_means_something_else(plain, part):
    prepare()
    packages.prepare()
    assert TagJudge({}).doubtful(part)
    assert not plain(part)


def test_relations_that_one_part_has_are_not_taken_for_those_of_another(plain):
    spaces = f'xmlns:w="{WORD}" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    for id in ("rId1", "R1", "1"):
        part = f'<w:hdr {spaces}><w:hyperlink r:id="{id}"/></w:hdr>'
        assert not TagJudge({id: id}).doubtful(part) or not id.startswith("rId")
        assert TagJudge({}).doubtful(part) == {qname("w:hyperlink")}
        assert TagJudge({id: "rId5"}).doubtful(part) == {qname("w:hyperlink")}
        known = packages._PartReader(packages._Package({}, {"a": ""}, {"a": {id: ("", "", True)}}), "a")
        known._is_plain(part.encode(), {})
        assert not plain(part)


def test_the_tags_of_one_part_are_known_in_the_next():
    part = f'<w:styles xmlns:w="{WORD}"><w:style w:styleId="x" w:type="odd"><w:b/></w:style></w:styles>'
    assert TagJudge({}).doubtful(part) == set()
    found = tags(part, vocabulary().harmless)
    assert [shape.name for shape in found.shapes] == [qname("w:styles")]
    assert [piece for piece in found.pieces if piece] == [f'w:styles xmlns:w="{WORD}">']
