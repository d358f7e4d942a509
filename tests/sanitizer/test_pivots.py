"""Pivot tables stay where they count cells of their own book, and remember nothing."""

import io
import zipfile
from collections.abc import Callable

import openpyxl
import pytest

from .attacks.common import MARKER
from .office import OFFICE, Package, opened, workbook
from .passing import clean, codes, names_in

_X = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml."
_CACHE, _TABLE = "xl/pivotCache/pivotCacheDefinition1.xml", "xl/pivotTables/pivotTable1.xml"
SOURCE = '<cacheSource type="worksheet"><worksheetSource ref="A1:B3" sheet="Sheet1"/></cacheSource>'
FIELDS = (
    '<cacheFields count="2"><cacheField name="課" numFmtId="0"><sharedItems count="2"><s v="総務"/><s v="財務"/></sharedItems></cacheField>'
    '<cacheField name="額" numFmtId="0"><sharedItems containsSemiMixedTypes="0" containsString="0" containsNumber="1" containsInteger="1" '
    'minValue="10" maxValue="20"/></cacheField></cacheFields>'
)
DEFINITION = (
    f'<pivotTableDefinition xmlns="{_X}" name="集計" cacheId="7" dataCaption="値" updatedVersion="6" createdVersion="6" outline="1">'
    '<location ref="D1:E4" firstHeaderRow="1" firstDataRow="1" firstDataCol="1"/>'
    '<pivotFields count="2"><pivotField axis="axisRow" showAll="0"><items count="3"><item x="0"/><item x="1"/><item t="default"/></items></pivotField>'
    '<pivotField dataField="1" showAll="0"/></pivotFields><rowFields count="1"><field x="0"/></rowFields>'
    '<rowItems count="3"><i><x/></i><i><x v="1"/></i><i t="grand"><x/></i></rowItems><colItems count="1"><i/></colItems>'
    '<dataFields count="1"><dataField name="合計 / 額" fld="1" baseField="0" baseItem="0"/></dataFields>'
    '<pivotTableStyleInfo name="PivotStyleLight16" showRowHeaders="1" showColHeaders="1"/></pivotTableDefinition>'
)


def _row(number: int, *cells: str) -> str:
    shown = "".join(
        f'<c r="{letter}{number}"><v>{cell}</v></c>' if cell.isdigit()
        else f'<c r="{letter}{number}" t="inlineStr"><is><t>{cell}</t></is></c>'
        for letter, cell in zip("ABDE", cells, strict=False)
    )  # fmt: skip
    return f'<row r="{number}">{shown}</row>'


def pivoted(source: str = SOURCE, fields: str = FIELDS, definition: str = DEFINITION) -> bytes:
    """A book with a table of two rows, and the pivot table that sums it up."""
    rows = (
        _row(1, "課", "額", "行ラベル", "合計 / 額"), _row(2, "総務", "10", "総務", "10"),
        _row(3, "財務", "20", "財務", "20"), '<row r="4"><c r="D4" t="inlineStr"><is><t>総計</t></is></c><c r="E4"><v>30</v></c></row>',
    )  # fmt: skip
    caches = '<pivotCaches><pivotCache cacheId="7" r:id="rIdC"/></pivotCaches>'
    package = workbook(f"<sheetData>{''.join(rows)}</sheetData>", names=caches)
    package.relate("xl/workbook.xml", "pivotCacheDefinition", _CACHE, id="rIdC")
    package.add(
        _CACHE, f'<pivotCacheDefinition xmlns="{_X}" xmlns:r="{OFFICE}" r:id="rId1" refreshedBy="{MARKER}" recordCount="2">{source}{fields}</pivotCacheDefinition>',
        f"{_KIND}pivotCacheDefinition+xml",
    )  # fmt: skip
    _records(package)
    package.relate("xl/worksheets/sheet1.xml", "pivotTable", _TABLE)
    package.add(_TABLE, definition, f"{_KIND}pivotTable+xml")
    package.relate(_TABLE, "pivotCacheDefinition", _CACHE)
    return package.build()


def _records(package: Package) -> None:
    name = "xl/pivotCache/pivotCacheRecords1.xml"
    package.relate(_CACHE, "pivotCacheRecords", name)
    package.add(
        name, f'<pivotCacheRecords xmlns="{_X}" count="1"><r><s v="{MARKER}"/><n v="5"/></r></pivotCacheRecords>',
        f"{_KIND}pivotCacheRecords+xml",
    )  # fmt: skip


def test_a_pivot_table_of_its_own_book_stays_without_its_records() -> None:
    output, result = clean(pivoted(), "a.xlsx")
    assert result.method == "rebuilt"
    assert {_CACHE, _TABLE} <= set(names_in(output))
    inside = opened(output).decode()
    assert MARKER not in inside
    assert 'refreshOnLoad="1"' in inside
    (pivot,) = openpyxl.load_workbook(io.BytesIO(output)).active._pivots
    assert (pivot.name, pivot.location.ref, pivot.dataFields[0].name) == ("集計", "D1:E4", "合計 / 額")
    assert pivot.cache.cacheSource.worksheetSource.ref == "A1:B3"
    assert "ooxml.pivot_rebuilt" in codes(result)


def test_the_rebuilt_pivot_table_passes_again_unchanged() -> None:
    once, _result = clean(pivoted(), "a.xlsx")
    twice, _result = clean(once, "a.xlsx")
    assert opened(once) == opened(twice)


OTHERS: dict[str, Callable[[], bytes]] = {
    "another book": lambda: pivoted(f'<cacheSource type="worksheet"><worksheetSource ref="A1:B3" sheet="{MARKER}"/></cacheSource>'),
    "a part outside": lambda: pivoted(f'<cacheSource type="worksheet"><worksheetSource ref="A1:B3" sheet="Sheet1" r:id="{MARKER}"/></cacheSource>'),
    "a connection": lambda: pivoted(f'<cacheSource type="external" connectionId="1"><worksheetSource ref="A1:B3" sheet="Sheet1" name="{MARKER}"/></cacheSource>'),
    "consolidation": lambda: pivoted(f'<cacheSource type="consolidation"><consolidation><rangeSets><rangeSet ref="A1" sheet="{MARKER}"/></rangeSets></consolidation></cacheSource>'),
    "a name": lambda: pivoted(f'<cacheSource type="worksheet"><worksheetSource name="{MARKER}"/></cacheSource>'),
    "a formula": lambda: pivoted(fields=FIELDS.replace('name="額"', f'name="額" formula="cmd|\'/C {MARKER}\'!A0"')),
    "calculated items": lambda: pivoted(fields=FIELDS + f'<calculatedItems count="1"><calculatedItem formula="{MARKER}"/></calculatedItems>'),
    "an unknown root": lambda: pivoted(definition=DEFINITION.replace("pivotTableDefinition", "other") + f"<!--{MARKER}-->"),
}  # fmt: skip


@pytest.mark.parametrize("build", OTHERS.values(), ids=OTHERS.keys())
def test_any_other_pivot_table_leaves_its_values(build: Callable[[], bytes]) -> None:
    output, result = clean(build(), "a.xlsx")
    assert result.method == "rebuilt"
    assert "ooxml.pivot" in codes(result)
    assert not [name for name in names_in(output) if "pivot" in name]
    inside = opened(output).decode()
    assert MARKER not in inside
    assert "pivotCache" not in inside
    assert openpyxl.load_workbook(io.BytesIO(output)).active["E4"].value == 30


def test_going_out_a_workbook_keeps_no_pivot_table() -> None:
    output, result = clean(pivoted(), "a.xlsx", "outbound")
    assert not [name for name in names_in(output) if "pivot" in name]
    assert "ooxml.pivot" in codes(result)


def _by_name(name: str, names: str = "", *, table: str = "") -> bytes:
    """The same book, whose pivot table is of a table or an area with a name."""
    data = pivoted(f'<cacheSource type="worksheet"><worksheetSource name="{name}"/></cacheSource>')
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w") as target:
        for member in source.namelist():
            content = source.read(member).decode()
            if member == "xl/workbook.xml":
                content = content.replace("<pivotCaches>", f"{names}<pivotCaches>")
            if table and member == "[Content_Types].xml":
                content = content.replace(
                    "</Types>",
                    f'<Override PartName="/xl/tables/table1.xml" ContentType="{_KIND}table+xml"/></Types>',
                )
            if table and member == "xl/worksheets/_rels/sheet1.xml.rels":
                content = content.replace(
                    "</Relationships>",
                    f'<Relationship Id="rIdT" Type="{OFFICE}/table" Target="/xl/tables/table1.xml"/></Relationships>',
                )
            if table and member == "xl/worksheets/sheet1.xml":
                content = content.replace(
                    "</sheetData>", '</sheetData><tableParts count="1"><tablePart r:id="rIdT"/></tableParts>'
                )
            target.writestr(member, content)
        if table:
            target.writestr(
                "xl/tables/table1.xml",
                f'<table xmlns="{_X}" id="1" name="{table}" displayName="{table}" ref="A1:B3"><autoFilter ref="A1:B3"/><tableColumns count="2"><tableColumn id="1" name="課"/><tableColumn id="2" name="額"/></tableColumns></table>',
            )
    return out.getvalue()


def _area(text: str, more: str = "") -> str:
    return f'<definedNames><definedName name="範囲"{more}>{text}</definedName></definedNames>'


@pytest.mark.parametrize(
    "data", [_by_name("表1", table="表1"), _by_name("範囲", _area("Sheet1!$A$1:$B$3")), _by_name("範囲", _area("'Sheet1'!$A$1:$B$3"))]
)  # fmt: skip
def test_a_pivot_table_of_a_table_or_a_named_area_stays(data: bytes) -> None:
    output, result = clean(data, "a.xlsx")
    assert {_CACHE, _TABLE} <= set(names_in(output))
    assert "ooxml.pivot_rebuilt" in codes(result)
    assert "<worksheetSource name=" in opened(output).decode()
    assert clean(output, "a.xlsx")[0] == output


@pytest.mark.parametrize(
    "data",
    [
        _by_name("範囲"), _by_name("範囲", _area("[1]Sheet1!$A$1:$B$3")), _by_name("範囲", _area("Other!$A$1:$B$3")),
        _by_name("範囲", _area("OFFSET(Sheet1!$A$1,0,0,2,2)")), _by_name("[1]!範囲", _area("Sheet1!$A$1:$B$3")), _by_name("表2", table="表1"),
    ],
)  # fmt: skip
def test_a_pivot_table_of_another_name_goes(data: bytes) -> None:
    output, result = clean(data, "a.xlsx")
    assert result.method == "rebuilt"
    assert _TABLE not in names_in(output)
    assert "ooxml.pivot" in codes(result)
