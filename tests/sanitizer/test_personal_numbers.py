"""Numbers of persons that leave in the address of a link, or that a break of a line cuts in two; and what is none."""

from email.message import EmailMessage
from typing import Any

import pytest
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String

from sekisho.sanitizer import Policy, Result, sanitize

from .attacks.pdf import page_file
from .office import CELLS, document, paragraph, presentation, shape, workbook
from .passing import clean, zipped

_NUMBER = "123456789018"  # its check digit fits
_CARD = "4111111111111111"
_WARNS = [
    Policy.from_dict(
        {"name": method, "methods": {"pdf": method}, "keep": {"hidden": False}, "warn_personal": True}
    )
    for method in ("rebuilt", "pixel")
]
both_ways = pytest.mark.parametrize("policy", _WARNS, ids=lambda policy: policy.name)


def warned(result: Result) -> set[str]:
    return {
        removal.code.removeprefix("personal.")
        for removal in result.report.removed
        if removal.action == "warned" and removal.code.startswith("personal.")
    }


def leaving(data: bytes | str, name: str) -> set[str]:
    """The kinds of numbers that a file which leaves is warned of."""
    content = data.encode() if isinstance(data, str) else data
    return warned(clean(content, name, "outbound")[1])


# -- addresses of links -------------------------------------------------------------------------------------------

_ADDRESSES = pytest.mark.parametrize(
    ("address", "kinds"),
    [
        ("mailto:taro.yamada@example.lg.jp", {"mail"}),
        ("mailto:taro%2Eyamada%40example.lg.jp", {"mail"}),
        ("mailto:?body=1234%205678%209018", {"my_number"}),
        (f"https://example.lg.jp/apply?number={_NUMBER}", {"my_number"}),
        ("https://example.lg.jp/apply?a=1&n=1234+5678+9018", {"my_number"}),
        ("https://example.lg.jp/apply?n=1234-5678-9018#a", {"my_number"}),
        (f"https://example.lg.jp/persons/{_NUMBER}/", {"my_number"}),
        ("https://example.lg.jp/?%E5%80%8B%E4%BA%BA%E7%95%AA%E5%8F%B7=111122223334", {"identifier"}),
        ("https://example.lg.jp/?my_number=111122223334", {"identifier"}),
        (f"https://example.lg.jp/pay?card={_CARD}", {"card"}),
        ("https://example.lg.jp/?tel=03-1234-5678", {"phone"}),
        # A day with its time, and the number of a company in the address of a public register.
        ("https://example.lg.jp/news/202611301237", set()),
        ("https://example.lg.jp/photo/20261130123452.jpg", set()),
        ("https://info.gbiz.go.jp/hojin/ichiran?hojinBango=7000012050002", set()),
        ("https://example.lg.jp/1234/5678/9018", set()),
        ("https://example.lg.jp/?a=1234&b=5678&c=9018", set()),
    ],
)


def _attribute(address: str) -> str:
    return address.replace("&", "&amp;")


@_ADDRESSES
def test_numbers_in_addresses_are_found_in_word(address: str, kinds: set[str]) -> None:
    package = document('<w:p><w:hyperlink r:id="rId1"><w:r><w:t>here</w:t></w:r></w:hyperlink></w:p>')
    package.link("hyperlink", _attribute(address), external=True)
    assert leaving(package.build(), "a.docx") == kinds


@_ADDRESSES
def test_numbers_in_addresses_are_found_in_web_pages(address: str, kinds: set[str]) -> None:
    page = f'<html><body><p><a href="{_attribute(address)}">here</a></p></body></html>'
    assert leaving(page, "a.html") == kinds
    mail = (
        f"From: a\nTo: b\nSubject: c\nMIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\n{page}\n"
    )
    assert leaving(mail, "a.eml") == kinds


@both_ways
@_ADDRESSES
def test_numbers_in_addresses_are_found_in_pdf(address: str, kinds: set[str], policy: Policy) -> None:
    def link(pdf: Pdf, page: Any) -> None:
        action = Dictionary(S=Name.URI, URI=String(address))
        page.Annots = Array(
            [Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([20, 90, 100, 120]), A=action)]
        )

    assert warned(clean(page_file(link), "a.pdf", policy)[1]) == kinds


@pytest.mark.parametrize(
    "told",
    [
        '<hyperlinks><hyperlink ref="A1" r:id="rId1"/></hyperlinks>',
        f'<hyperlinks><hyperlink ref="A1" location="Sheet1!A1" tooltip="{_NUMBER}"/></hyperlinks>',
        f"<headerFooter><oddHeader>&amp;C{_NUMBER}</oddHeader></headerFooter>",
    ],
)
def test_numbers_around_the_cells_of_a_sheet_are_found(told: str) -> None:
    package = workbook(CELLS.format(visible="here", cells="") + told)
    package.relate(
        "xl/worksheets/sheet1.xml", "hyperlink", f"https://example.lg.jp/?n={_NUMBER}", external=True
    )
    assert leaving(package.build(), "a.xlsx") == {"my_number"}


def test_numbers_in_the_words_of_a_formula_are_found() -> None:
    formula = f'HYPERLINK("https://example.lg.jp/?n={_NUMBER}","here")'
    cells = f'<c r="B1" t="str"><f>{formula.replace("&", "&amp;")}</f><v>here</v></c>'
    assert leaving(workbook(CELLS.format(visible="x", cells=cells)).build(), "a.xlsx") == {"my_number"}


def test_numbers_in_links_and_descriptions_of_slides_are_found() -> None:
    package = presentation(shape("here", run='<a:hlinkClick r:id="rId9"/>'))
    package.relate(
        "ppt/slides/slide1.xml", "hyperlink", "mailto:taro@example.lg.jp", external=True, id="rId9"
    )
    assert leaving(package.build(), "a.pptx") == {"mail"}
    described = shape("here").replace('name="box"', f'name="box" descr="No. {_NUMBER}"')
    assert leaving(presentation(described).build(), "a.pptx") == {"my_number"}


def test_numbers_in_addresses_of_plain_text_are_found() -> None:
    assert leaving("[here](https://example.lg.jp/?n=1234%205678%209018)\n", "a.md") == {"my_number"}
    assert leaving("<mailto:taro%40example.lg.jp>\n", "a.md") == {"mail"}


def test_numbers_in_the_subject_and_the_page_of_a_mail_are_found() -> None:
    head = "From: a\nTo: b\nMIME-Version: 1.0\n"
    assert leaving(f"{head}Subject: No. {_NUMBER}\n\nhello\n", "a.eml") == {"my_number"}
    page = f"{head}Subject: a\nContent-Type: text/html; charset=utf-8\n\n<p>{_NUMBER}</p>\n"
    assert leaving(page, "a.eml") == {"my_number"}


def test_numbers_in_lists_to_choose_from_and_in_drawn_letters_are_found() -> None:
    choice = f'<w:sdt><w:sdtPr><w:dropDownList><w:listItem w:displayText="{_NUMBER}" w:value="1"/></w:dropDownList></w:sdtPr>'
    choice += f"<w:sdtContent>{paragraph('choose')}</w:sdtContent></w:sdt>"
    assert leaving(document(choice).build(), "a.docx") == {"my_number"}
    drawn = f'<w:p><w:r><w:pict><v:shape style="width:9pt;height:9pt"><v:textpath on="t" string="{_NUMBER}"/></v:shape></w:pict></w:r></w:p>'
    assert leaving(document(drawn + paragraph("words")).build(), "a.docx") == {"my_number"}


def test_numbers_in_the_names_of_files_are_found() -> None:
    archive = {f"{_NUMBER}_list.txt": "words", "20261130123452.txt": "words", "202611301237.txt": "words"}
    found = zipped(**{name.replace(".", "__"): words for name, words in archive.items()})
    (warning,) = [
        told for told in clean(found, "a.zip", "outbound")[1].report.removed if told.action == "warned"
    ]
    assert (warning.code, warning.count) == ("personal.my_number", 1)
    mail = EmailMessage()
    mail["Subject"] = "a"
    mail.set_content("words")
    mail.add_attachment(b"words\n", maintype="text", subtype="plain", filename=f"{_NUMBER}.txt")
    assert leaving(mail.as_bytes(), "a.eml") == {"my_number"}


def test_numbers_in_attributes_of_xml_are_found() -> None:
    assert leaving(f'<persons><person number="{_NUMBER}"/></persons>', "a.xml") == {"my_number"}


# -- breaks -------------------------------------------------------------------------------------------------------

_BROKEN = [
    "1234 5678|9018",
    "1234-5678-|9018",
    "1234|5678 9018",
    "1234 56|78 9018",
    "No. 12345678|9018",
    "12345678|9018",
    "個人番号は１２３４５６７８|９０１８です",
    "1234|5678|9018",
]
_APART = [
    "2020 2021|2022",  # years
    "123456|789018",  # two rows of a column
    "1234567890|12|34",
    "0.1234 5678|9018",
    "1234 5678|9018.5",
    "1234 5678|9018 5678 9018 1234",
]
broken = pytest.mark.parametrize(
    ("said", "found"), [*((said, True) for said in _BROKEN), *((said, False) for said in _APART)]
)


@broken
@pytest.mark.parametrize("end", ["\n", "\r\n", " \n　"])
def test_a_number_on_two_lines_is_found_in_text_and_mail(said: str, found: bool, end: str) -> None:
    text = said.replace("|", end)
    assert ("my_number" in leaving(text + "\n", "a.txt")) == found
    mail = f"From: a\nTo: b\nSubject: c\nContent-Type: text/plain; charset=utf-8\n\n{text}\n"
    assert ("my_number" in leaving(mail, "a.eml")) == found


@broken
def test_a_number_on_two_lines_is_found_in_office_files(said: str, found: bool) -> None:
    lines = said.split("|")
    word = "<w:br/>".join(f"<w:t>{line}</w:t>" for line in lines)
    assert ("my_number" in leaving(document(f"<w:p><w:r>{word}</w:r></w:p>").build(), "a.docx")) == found
    cell = workbook(CELLS.format(visible=said.replace("|", "&#10;"), cells="")).build()
    assert ("my_number" in leaving(cell, "a.xlsx")) == found
    slide = shape("@").replace("@", "</a:t></a:r><a:br/><a:r><a:t>".join(lines))
    assert ("my_number" in leaving(presentation(slide).build(), "a.pptx")) == found


@broken
def test_a_number_on_two_lines_is_found_in_pages_and_tables(said: str, found: bool) -> None:
    page = f"<html><body><table><tr><td>{said.replace('|', '<br>')}</td></tr></table></body></html>"
    assert ("my_number" in leaving(page, "a.html")) == found
    in_lines = said.replace("|", "\n")
    assert ("my_number" in leaving(f'a,b\n"{in_lines}",c\n', "a.csv")) == found
    escaped = said.replace("|", r"\n")
    assert ("my_number" in leaving(f'{{"a": "{escaped}"}}\n', "a.json")) == found


@both_ways
@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (["1234 5678", "9018"], True),
        (["No. 1234-5678-", "9018"], True),
        (["of 12345678", "9018, and"], True),
        (["2020 2021", "2022"], False),
        (["123456", "789018"], False),
    ],
)
def test_a_number_on_two_lines_of_a_page_is_found(lines: list[str], found: bool, policy: Policy) -> None:
    def mend(pdf: Pdf, page: Any) -> None:
        shown = " ".join(f"({line}) Tj 0 -16 Td" for line in lines)
        page.Contents = Stream(pdf, f"BT /F 12 Tf 20 150 Td {shown} ET".encode())

    assert ("my_number" in warned(clean(page_file(mend), "a.pdf", policy)[1])) == found


def test_signs_that_are_not_seen_do_not_hide_a_number() -> None:
    for unseen in ("\u00ad", "\u200b", "\u2060"):
        assert leaving(f"1234{unseen}5678{unseen}9018\n", "a.txt") == {"my_number"}
    for hyphen in "‐‑–−ー":
        assert leaving(f"1234{hyphen}5678{hyphen}9018\n", "a.txt") == {"my_number"}
    for first in ("softHyphen", "noBreakHyphen"):
        word = f"<w:t>1234</w:t><w:{first}/><w:t>5678</w:t><w:noBreakHyphen/></w:r><w:r><w:t>9018</w:t>"
        assert leaving(document(f"<w:p><w:r>{word}</w:r></w:p>").build(), "a.docx") == {"my_number"}


def test_other_numbers_and_addresses_on_two_lines_are_found() -> None:
    assert leaving("電話 03-1234-\n5678\n", "a.txt") == {"phone"}
    assert leaving("連絡先 taro.yamada@\nexample.lg.jp\n", "a.txt") == {"mail"}
    assert leaving("with your\n@example.lg.jp account\n", "a.txt") == set()
    assert leaving("運転免許証 1234567\n89012\n", "a.txt") == {"identifier"}
    assert leaving("マイナンバー 1111 2222\n3334\n", "a.txt") == {"identifier"}


def test_what_stands_in_cells_and_paragraphs_of_its_own_is_not_joined() -> None:
    assert leaving(document(paragraph("1234 5678") + paragraph("9018")).build(), "a.docx") == set()
    cells = "".join(f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>' for place, text in
                    (("B1", "1234"), ("C1", "5678"), ("D1", "9018")))  # fmt: skip
    assert leaving(workbook(CELLS.format(visible="x", cells=cells)).build(), "a.xlsx") == set()
    assert leaving("1234 5678,a\n9018,b\n", "a.csv") == set()
    assert leaving("1234 5678\n\n9018\n", "a.txt") == set()
    page = "<html><body><table><tr><td>1234</td><td>5678</td><td>9018</td></tr></table><p>1234 5678</p><p>9018</p></body></html>"
    assert leaving(page, "a.html") == set()
    assert leaving("<a><b>1234</b> <b>5678</b> <b>9018</b></a>", "a.xml") == set()


def test_paragraphs_in_one_cell_of_a_table_are_lines_of_it() -> None:
    cell = f"<w:tc><w:tcPr/>{paragraph('1234 5678')}{paragraph('9018')}</w:tc>"
    table = f"<w:tbl><w:tblPr/><w:tblGrid><w:gridCol/></w:tblGrid><w:tr>{cell}</w:tr></w:tbl>"
    assert leaving(document(table + paragraph("words")).build(), "a.docx") == {"my_number"}


def test_where_a_picture_stands_is_no_number() -> None:
    """Places in a Word file are digits between tags."""
    place = (
        '<w:p><w:r><w:drawing><wp:anchor distT="0" distB="0" distL="0" distR="0" simplePos="0" relativeHeight="1" '
        'behindDoc="0" locked="0" layoutInCell="1" allowOverlap="1"><wp:simplePos x="0" y="0"/>'
        '<wp:positionH relativeFrom="page"><wp:posOffset>1234567</wp:posOffset></wp:positionH>'
        '<wp:positionV relativeFrom="page"><wp:posOffset>89018</wp:posOffset></wp:positionV>'
        '<wp:extent cx="1" cy="1"/><wp:wrapNone/><wp:docPr id="1" name="a"/></wp:anchor></w:drawing></w:r></w:p>'
    )
    assert leaving(document(place + paragraph("words")).build(), "a.docx") == set()


@pytest.mark.parametrize(
    ("digits", "is_card"),
    [
        (_CARD, True),
        ("378282246310005", True),
        ("30569309025904", True),
        ("20261130123452", False),
        ("9000000000000001", False),
    ],
)
def test_cards_begin_as_cards_do(digits: str, is_card: bool) -> None:
    assert ("card" in leaving(f"{digits}\n", "a.txt")) == is_card


def test_nothing_is_looked_for_where_the_policy_does_not_ask() -> None:
    assert not warned(sanitize(f"{_NUMBER}\n".encode(), name="a.txt"))
