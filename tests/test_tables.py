import io
import zipfile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.tables import files
from sekisho.tables.table import FileProblem, read_table


def workbook(*sheets: tuple[str, list[list[object]]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def rezipped(data: bytes, change: dict[str, bytes]) -> bytes:
    source, target = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in source.namelist():
            archive.writestr(name, change.get(name, source.read(name)))
    return target.getvalue()


def refusal(data: bytes, name: str = "表.csv", **options: object) -> str:
    with pytest.raises(FileProblem) as caught:
        read_table(data, name, **options)
    assert caught.value.params["file"] == name
    assert caught.value.mend
    return caught.value.message


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_text_of_every_usual_encoding_and_delimiter_is_read(encoding, delimiter):
    text = f"番号{delimiter}事業名\r\n1{delimiter}髙﨑①システム\r\n"
    table = read_table(text.encode(encoding), "表.csv")
    assert table.headings == ("番号", "事業名")
    assert [row.cells for row in table.rows] == [("1", "髙﨑①システム")]


def test_line_numbers_are_those_of_the_file_also_after_quoted_line_ends():
    table = read_table('名,備考\n"a","1\n2\n3"\n\nb,x\n'.encode(), "a.csv")
    assert [(row.number, row.cells[0]) for row in table.rows] == [(2, "a"), (6, "b")]


def test_headings_are_found_below_titles_and_compared_without_width():
    text = "令和6年度　一覧,,\n,,（単位：千円）\n番号,件名,予算額（千円）\n1,予約,500\n"
    table = read_table(text.encode(), "a.csv")
    assert table.heading_row == 3
    assert table.preamble == ("令和6年度　一覧", "（単位：千円）")
    assert table.column("予算額(千円)") == 2
    assert table.column("なし", "件 名") == 1
    assert read_table(text.encode(), "a.csv", heading_row=1).headings == ("令和6年度 一覧",)


def test_short_rows_are_filled_and_surplus_cells_counted():
    table = read_table(b"a,b\n1\n1,2,3\n1,2,,\n", "a.csv")
    assert [(row.cells, row.surplus) for row in table.rows] == [
        (("1", ""), 0),
        (("1", "2"), 1),
        (("1", "2"), 0),
    ]


@pytest.mark.parametrize("data", [b"", b" \r\n", b"\xef\xbb\xbf", b"\x00\x00"])
def test_an_empty_file_is_refused(data):
    refusal(data)


@pytest.mark.parametrize(
    "data",
    [
        b'a,b\n1,"never closed\n2,3\n',
        b"a,b,c\n1,2,3\n4,5,6\n7,8",
        "番号,事業名\n1,住民".encode()[:-1],
        "番号,事業名\n1,住民".encode("utf-16")[:-1],
    ],
)
def test_a_file_that_is_cut_off_says_so(data):
    assert "cut off" in refusal(data)


@pytest.mark.parametrize(
    "data", [b"%PDF-1.7 ...", b"\x89PNG\r\n", b"PK\x03\x04rest", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1x"]
)
def test_a_csv_that_is_something_else_says_so(data):
    assert "not what its name says" in refusal(data)


@pytest.mark.parametrize("name", ["表.xlsx", "表.xls"])
def test_a_workbook_that_is_text_says_so(name):
    assert "not what its name says" in refusal(b"<html><table>", name)
    assert "not what its name says" in refusal(b"a,b\n1,2\n", name)


def test_binary_and_unknown_text_are_refused():
    assert "not text" in refusal(b"a,b\n1,\x00\x01\x02\n")
    assert "neither UTF-8" in refusal(b"a,b\n1,\xff\xff\n")


def test_a_lone_quotation_mark_is_refused_with_its_line():
    assert "line 3" in refusal(b'a,b\n1,2\n"x"y,3\n')


def test_an_endless_field_is_refused(monkeypatch):
    monkeypatch.setattr(files, "MAX_FIELD_CHARACTERS", 100)
    assert "100" in refusal(b"a,b\n1," + b"x" * 200 + b"\n")


def test_a_workbook_is_read_from_its_first_filled_sheet():
    data = workbook(
        ("空", []),
        (
            "一覧",
            [
                ["令和6年度"],
                ["番号", "件名", "金額"],
                [1, "予約😀", 1.5],
                [None, None, None],
                [2, "台帳", 10],
            ],
        ),
    )
    table = read_table(data, "表.xlsx")
    assert (table.sheet, table.sheets, table.heading_row) == ("一覧", ("空", "一覧"), 2)
    assert [(row.number, row.cells) for row in table.rows] == [(3, (1, "予約😀", 1.5)), (5, (2, "台帳", 10))]


def test_an_unknown_sheet_is_refused_and_the_known_ones_named():
    data = workbook(("一覧", [["a"]]), ("参考", [["b"]]))
    with pytest.raises(FileProblem) as caught:
        read_table(data, "表.xlsx", sheet="なし")
    assert "一覧、参考" in caught.value.mend
    assert read_table(data, "表.xlsx", sheet="参考").headings == ("b",)


def test_a_damaged_workbook_is_refused():
    data = workbook(("一覧", [["a", "b"], [1, 2]]))
    assert "damaged" in refusal(data[: len(data) // 2], "表.xlsx")
    assert "damaged" in refusal(rezipped(data, {"xl/workbook.xml": b"<oops"}), "表.xlsx")
    assert "no sheet with content" in refusal(workbook(("空", [])), "表.xlsx")


def test_a_zip_that_is_no_workbook_is_refused():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    assert "not what its name says" in refusal(target.getvalue(), "表.xlsx")


def test_a_workbook_that_unpacks_to_too_much_is_refused_before_it_is_read(monkeypatch):
    monkeypatch.setattr(files, "MAX_UNPACKED_BYTES", 200_000)
    data = workbook(("一覧", [["a"]]))
    bomb = rezipped(data, {"xl/styles.xml": b" " * 5_000_000})
    assert len(bomb) < 20_000
    assert "too large once unpacked" in refusal(bomb, "表.xlsx")


def test_a_sheet_that_spans_a_huge_rectangle_is_refused_before_it_is_read():
    book = openpyxl.Workbook()
    book.active["A1"] = "a"
    book.active["XFD1048576"] = "z"
    target = io.BytesIO()
    book.save(target)
    assert "too large once unpacked" in refusal(target.getvalue(), "表.xlsx")


def test_a_protected_workbook_asks_for_its_password_to_be_removed():
    data = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le")
    assert "password" in refusal(data, "表.xls")
    assert "password" in refusal(data, "表.xlsx"), "Excel keeps the ending of a protected workbook"


def test_a_missing_file_a_folder_and_a_huge_file_are_refused(tmp_path, monkeypatch):
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(FileProblem):
            read_table(path)
    monkeypatch.setattr(files, "MAX_FILE_BYTES", 3)
    assert "too large" in refusal(b"a,b\n")


_STARTS = st.sampled_from(
    [b"", b"\xef\xbb\xbf", b"\xff\xfe", b"PK\x03\x04", b"%PDF", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b'"']
)
_NAMES = st.sampled_from(["a.csv", "a.tsv", "a.xlsx", "a.xls", "a"])


@settings(max_examples=300, deadline=None)
@given(_STARTS, st.one_of(st.binary(), st.text().map(str.encode)), _NAMES)
def test_no_bytes_raise_anything_but_a_file_problem(start, data, name):
    shown: list[str] = []
    try:
        table = read_table(start + data, name)
    except FileProblem as problem:
        shown.append(problem.message)
    else:
        assert all(len(row.cells) == len(table.headings) for row in table.rows)
    assert all(shown)


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 255), st.booleans())
def test_no_harmed_workbook_raises_anything_but_a_file_problem(position, byte, cut):
    shown: list[str] = []
    data = bytearray(WORKBOOK)
    position %= len(data)
    data[position] = byte
    try:
        list(read_table(bytes(data[:position] if cut else data), "a.xlsx").rows)
    except FileProblem as problem:
        shown.append(problem.message)
    assert all(shown)


WORKBOOK = workbook(("一覧", [["番号", "件名"], [1, "予約"], [2, "台帳"]]))
