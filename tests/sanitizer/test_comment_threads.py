"""Threads of comments stay threads in Word, and become notes with the names of who said what in Excel."""

import io
import re

import openpyxl
import pytest

from sekisho.sanitizer import verify

from .office import CELLS, OFFICE, Package, document, opened, workbook
from .passing import clean, codes, names_in, replaced

_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.{}+xml"
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_W14, _W15 = (f"http://schemas.microsoft.com/office/word/{year}/wordml" for year in (2010, 2012))
_X = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_TC = "http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"
_NEW = "http://schemas.microsoft.com/office/2017/10/relationships/{}"
_TARO, _HANAKO = "{11111111-0000-0000-0000-000000000001}", "{11111111-0000-0000-0000-000000000002}"
_THREAD = "{22222222-0000-0000-0000-000000000001}"

_ENTRIES = (
    '<w15:commentEx w15:paraId="5A0B0C0D" w15:done="1"/>'
    '<w15:commentEx w15:paraId="5A0B0C0E" w15:paraIdParent="5A0B0C0D" w15:done="1"/>'
)


def _commented(entries: str = _ENTRIES) -> bytes:
    """A document with a comment, its answer and another comment."""
    marks = "".join(f'<w:commentRangeStart w:id="{id}"/>' for id in range(3))
    ends = "".join(
        f'<w:commentRangeEnd w:id="{id}"/><w:r><w:commentReference w:id="{id}"/></w:r>' for id in range(3)
    )
    package = document(f"<w:p>{marks}<w:r><w:t>本文</w:t></w:r>{ends}</w:p>")
    said = "".join(
        f'<w:comment w:id="{id}" w:author="東京 太郎" w:initials="T"><w:p w14:paraId="5A0B0C0{letter}" w14:textId="77777777">'
        f"<w:r><w:t>{words}</w:t></w:r></w:p></w:comment>"
        for id, letter, words in ((0, "D", "確認を"), (1, "E", "済み"), (2, "F", "別件"))
    )
    package.add(
        "word/comments.xml", f'<w:comments xmlns:w="{_W}" xmlns:w14="{_W14}">{said}</w:comments>', _WORD.format("comments")
    )  # fmt: skip
    package.link("comments", "word/comments.xml")
    package.add(
        "word/commentsExtended.xml", f'<w15:commentsEx xmlns:w15="{_W15}" xmlns:r="{OFFICE}">{entries}</w15:commentsEx>',
        _WORD.format("commentsExtended"),
    )  # fmt: skip
    package.link(
        "http://schemas.microsoft.com/office/2011/relationships/commentsExtended", "word/commentsExtended.xml"
    )
    return package.build()


def _told(output: bytes) -> list[tuple[str, str]]:
    """Of each entry, the number of the comment and of the one it answers."""
    entry = r'<w15:commentEx w15:paraId="(\w*)"(?: w15:done="1")?(?: w15:paraIdParent="(\w*)")?(?: w15:done="1")?/>'
    return re.findall(entry, opened(output).decode())


def test_answers_and_what_is_settled_stay_in_word_under_new_numbers() -> None:
    output, result = clean(_commented(), "a.docx")
    inside = opened(output).decode()
    assert _told(output) == [("00000001", ""), ("00000002", "00000001")]
    assert inside.count('w15:done="1"') == 2
    assert re.findall(r'w14:paraId="(\w*)"', inside) == ["00000001", "00000002", "00000003"]
    assert "5A0B0C0" not in inside
    assert "77777777" not in inside
    assert result.report.removed == ()
    assert _told(clean(output, "a.docx")[0]) == _told(output)


def test_outward_comments_go_with_what_is_said_of_them() -> None:
    output, result = clean(_commented(), "a.docx", "outbound")
    assert not {name for name in names_in(output) if "comments" in name}
    assert "ooxml.comments" in codes(result)


@pytest.mark.parametrize(
    "entries",
    [
        '<w15:commentEx w15:paraId="MARKER"/>',
        '<w15:commentEx w15:paraId="5A0B0C0D" w15:paraIdParent="MARKER" r:id="rId1"/>',
        '<w15:commentEx w15:paraId="5A0B0C0D" w15:paraIdParent="5A0B0C0D"/>',
        '<w15:commentEx w15:paraId="5A0B0C0D" w15:paraIdParent="5A0B0C0E"/>'
        '<w15:commentEx w15:paraId="5A0B0C0E" w15:paraIdParent="5A0B0C0D"/>',
        '<w15:commentEx w15:paraId="5A0B0C0D" w15:done="https://evil.example/MARKER"/>',
        '<w15:commentEx w15:paraId="5A0B0C0D">MARKER<w15:MARKER/></w15:commentEx>',
    ],
)
def test_comments_that_answer_nothing_here_stand_alone(entries: str) -> None:
    output, _result = clean(_commented(entries), "a.docx")
    assert b"MARKER" not in opened(output)
    assert not any(parent for _id, parent in _told(output))


def test_the_second_opinion_dislikes_what_else_could_be_said_of_comments() -> None:
    output = clean(_commented(), "a.docx")[0]
    assert verify.find_complaint(io.BytesIO(output), "docx") is None
    for old, new in (
        ('w15:paraId="00000001"', 'w15:paraId="file://evil"'), ("</w15:commentsEx>", "<w15:people/></w15:commentsEx>"),
        ("</w15:commentsEx>", "words</w15:commentsEx>"), ('w15:done="1"', 'w15:link="1"'),
        ("office/2011/relationships/commentsExtended", "office/2011/relationships/people"),
    ):  # fmt: skip
        assert verify.find_complaint(io.BytesIO(replaced(output, old, new)), "docx") is not None


def _noted(box: str = "", comments: str = "", author: str = f"tc={_THREAD}") -> Package:
    package = workbook(CELLS.format(visible="x", cells="") + '<legacyDrawing r:id="rId2"/>')
    sheet = "xl/worksheets/sheet1.xml"
    note = "[スレッド化されたコメント] https://go.microsoft.com/fwlink/?linkid=870924 コメント: 金額を"
    package.add(
        "xl/comments1.xml",
        f'<comments xmlns="{_X}"><authors><author>{author}</author></authors><commentList><comment ref="A1" authorId="0" shapeId="0">'
        f"<text><t>{note}</t></text></comment></commentList></comments>", _SHEET,
    )  # fmt: skip
    package.relate(sheet, "comments", "xl/comments1.xml")
    drawing = (
        '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:x="urn:schemas-microsoft-com:office:excel">'
        f'<v:shape {box}><x:ClientData ObjectType="Note"><x:Row>0</x:Row><x:Column>0</x:Column></x:ClientData></v:shape></xml>'
    )
    package.add("xl/drawings/vml1.vml", drawing, "application/vnd.openxmlformats-officedocument.vmlDrawing")
    package.relate(sheet, "vmlDrawing", "xl/drawings/vml1.vml")
    if comments:
        package.add(
            "xl/threadedComments/threadedComment1.xml",
            f'<ThreadedComments xmlns="{_TC}">{comments}</ThreadedComments>',
            "application/vnd.ms-excel.threadedcomments+xml",
        )
        package.relate(sheet, _NEW.format("threadedComment"), "xl/threadedComments/threadedComment1.xml")
        package.add(
            "xl/persons/person.xml",
            f'<personList xmlns="{_TC}"><person displayName="東京 太郎" id="{_TARO}" userId="S::MARKER" providerId="AD"/>'
            f'<person displayName="花子" id="{_HANAKO}" userId="MARKER" providerId="AD"/></personList>',
            "application/vnd.ms-excel.person+xml",
        )
        package.link(_NEW.format("person"), "xl/persons/person.xml")
    return package


_SAID = (
    f'<threadedComment ref="A1" dT="2026-04-01T00:30:00.12" personId="{_TARO}" id="{_THREAD}" done="1"><text>金額を &lt;確認&gt;</text>'
    '<mentions><mention mentionpersonId="MARKER"/></mentions></threadedComment>'
    f'<threadedComment ref="A1" dT="2026-04-01T01:00:00.00" personId="{_HANAKO}" id="{{3}}" parentId="{_THREAD}"><text>直しました</text></threadedComment>'
)


def _note(output: bytes) -> tuple[str, str]:
    comment = openpyxl.load_workbook(io.BytesIO(output)).active["A1"].comment
    return comment.author, comment.text


def test_threads_of_excel_become_notes_with_names() -> None:
    output, result = clean(_noted(comments=_SAID).build(), "a.xlsx")
    assert _note(output) == ("東京 太郎", "東京 太郎 ✓:\n金額を <確認>\n花子:\n直しました")
    assert b"MARKER" not in opened(output)
    assert codes(result) & {"ooxml.new_comments", "ooxml.unknown_part", "ooxml.parts_left_out"} == {
        "ooxml.new_comments"
    }
    again, result = clean(output, "a.xlsx")
    assert _note(again) == _note(output)
    assert "ooxml.new_comments" not in codes(result)


@pytest.mark.parametrize(
    ("author", "comments"),
    [
        ("東京", _SAID),
        (f"tc={_THREAD}", _SAID.replace('ref="A1"', 'ref="B1"')),
        (f"tc={_THREAD}", "<MARKER/>"),
        (f"tc={_THREAD}", "<broken"),
    ],
)
def test_notes_without_a_thread_keep_their_words(author: str, comments: str) -> None:
    output, _result = clean(_noted(comments=comments, author=author).build(), "a.xlsx")
    assert _note(output)[0] == author
    assert "金額を" in _note(output)[1]


@pytest.mark.parametrize(
    ("told", "colour"),
    [
        ("#C6efce [42]", "#c6efce"), ("#fc0", "#ffcc00"), ("yellow", "#ffff00"), ("infoBackground [80]", "#ffffe1"),
        ("#ff0000 url(MARKER)", "#ffffe1"), ("MARKER", "#ffffe1"), ("", "#ffffe1"),
    ],
)  # fmt: skip
def test_boxes_of_notes_keep_their_colour(told: str, colour: str) -> None:
    output, _result = clean(_noted(f'fillcolor="{told}"').build(), "a.xlsx")
    drawn = opened(output).decode()
    assert f'fillcolor="{colour}"' in drawn
    assert f'<v:fill color2="{colour}"/>' in drawn
    assert "MARKER" not in drawn


def test_the_second_opinion_dislikes_other_colours() -> None:
    output = clean(_noted('fillcolor="red"').build(), "a.xlsx")[0]
    assert verify.find_complaint(io.BytesIO(output), "xlsx") is None
    for colour in ("red", "#ff00000", "url(x)"):
        worse = replaced(output, 'fillcolor="#ff0000"', f'fillcolor="{colour}"')
        assert verify.find_complaint(io.BytesIO(worse), "xlsx") is not None
