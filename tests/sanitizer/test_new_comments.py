"""Comments of newer versions of PowerPoint are read by every version once they are out."""

import re

import pytest

from .office import Package, opened, presentation, shape
from .passing import clean, codes

_P188 = "http://schemas.microsoft.com/office/powerpoint/2018/8/main"
_A = "http://schemas.openxmlformats.org/drawingml/2006/main"
_RELATIONS = "http://schemas.microsoft.com/office/2018/10/relationships"
_TYPE = "application/vnd.ms-powerpoint.{}+xml"
_TARO, _HANAKO = "{11111111-0000-0000-0000-000000000001}", "{11111111-0000-0000-0000-000000000002}"


def _body(*paragraphs: str) -> str:
    lines = "".join(f"<a:p><a:r><a:rPr/><a:t>{words}</a:t></a:r></a:p>" for words in paragraphs)
    return f"<p188:txBody><a:bodyPr/><a:lstStyle/>{lines}</p188:txBody>"


_COMMENT = (
    f'<p188:cm id="{{22222222-0000-0000-0000-000000000001}}" authorId="{_TARO}" created="2026-04-01T09:30:00.123" status="resolved">'
    '<ac:deMkLst xmlns:ac="http://schemas.microsoft.com/office/drawing/2013/main/command"><MARKER/></ac:deMkLst>'
    '<p188:pos x="120" y="-7"/><p188:replyLst>'
    f'<p188:reply id="{{2}}" authorId="{_HANAKO}" created="2026-04-01T10:00:00">{_body("直しました")}</p188:reply></p188:replyLst>'
    f"{_body('金額を &lt;確認&gt;', 'してください')}</p188:cm>"
)


def _commented(comments: str = _COMMENT) -> Package:
    package = presentation(shape("words"))
    package.link(f"{_RELATIONS}/authors", "ppt/authors.xml")
    package.add(
        "ppt/authors.xml",
        f'<p188:authorLst xmlns:p188="{_P188}"><p188:author id="{_TARO}" name="東京 太郎" initials="太" userId="S::MARKER" providerId="AD"/>'
        f'<p188:author id="{_HANAKO}" name="花子" initials="花" userId="MARKER" providerId="AD"/></p188:authorLst>',
        _TYPE.format("authors"),
    )
    package.relate("ppt/slides/slide1.xml", f"{_RELATIONS}/comments", "ppt/comments/modernComment_100_0.xml")
    return package.add(
        "ppt/comments/modernComment_100_0.xml",
        f'<p188:cmLst xmlns:p188="{_P188}" xmlns:a="{_A}">{comments}</p188:cmLst>', _TYPE.format("comments"),
    )  # fmt: skip


def _said(inside: str) -> list[tuple[str, ...]]:
    """Of each usual comment its author, time, number, place and words."""
    comment = r'<p:cm authorId="(\d)" dt="([^"]*)" idx="(\d)"><p:pos x="(-?\d+)" y="(-?\d+)"/><p:text>([^<]*)</p:text>'
    return re.findall(comment, inside)


def test_their_words_authors_times_and_places_stay() -> None:
    output, result = clean(_commented().build(), "a.pptx")
    inside = opened(output).decode()
    said = _said(inside)
    assert said == [
        ("0", "2026-04-01T09:30:00.000", "1", "120", "-7", "金額を &lt;確認&gt;\nしてください"),
        ("1", "2026-04-01T10:00:00.000", "1", "144", "17", "直しました"),
    ]
    assert re.findall(r'name="([^"]*)" initials="(.)"', inside)[-2:] == [("東京 太郎", "太"), ("花子", "花")]
    assert "MARKER" not in inside
    assert codes(result) & {"ooxml.new_comments", "ooxml.comments", "ooxml.unknown_part"} == {
        "ooxml.new_comments"
    }
    assert _said(opened(clean(output, "a.pptx")[0]).decode()) == said


def test_outward_they_go_and_are_told() -> None:
    output, result = clean(_commented().build(), "a.pptx", "outbound")
    assert "金額を".encode() not in opened(output)
    assert "東京".encode() not in opened(output)
    assert "ooxml.comments" in codes(result)


@pytest.mark.parametrize(
    "comments", ["", "<p188:cm/>", '<p188:cm authorId="x" created="MARKER"><p188:pos x="MARKER"/></p188:cm>']
)
def test_comments_without_words_leave_nothing(comments: str) -> None:
    inside = opened(clean(_commented(comments).build(), "a.pptx")[0])
    assert b"cmLst" not in inside
    assert b"MARKER" not in inside


def test_what_is_not_said_is_not_made_up() -> None:
    output, _result = clean(
        _commented(
            f'<p188:cm created="MARKER"><p188:pos x="MARKER" y="1"/>{_body("words")}</p188:cm>'
        ).build(),
        "a.pptx",
    )
    assert b'<p:cm authorId="0" idx="1"><p:pos x="24" y="24"/><p:text>words</p:text>' in opened(output)
    assert b"MARKER" not in opened(output)
