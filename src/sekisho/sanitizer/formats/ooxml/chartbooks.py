"""The workbook behind a chart of a document or a presentation, made anew of what the chart shows.

What was embedded is left out: it may hold sheets, rows and formulas that the chart does not show. In the new one each value
stands in the cell to which the chart refers (ECMA-376-1, 21.2.2.63), so that "Edit data" goes on working.
"""

import html
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from sekisho.sanitizer.formats.ooxml.package import (
    RELATIONS,
    XML_HEAD,
    Relation,
    content_types_xml,
    relations_xml,
)
from sekisho.sanitizer.formats.ooxml.target import Target
from sekisho.sanitizer.formats.ooxml.xmlparts import NS, Element, column_of, qname

TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
RELATION = RELATIONS + "package"
BEHIND = (RELATION, RELATIONS + "oleObject")
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml."
_SPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_AREA = re.compile(
    r"(?:'((?:[^'\[\]:*?/\\]|''){1,62})'|([^\s'!:,()\[\]*?/\\]{1,31}))!"
    r"\$?([A-Z]{1,3})\$?([1-9][0-9]{0,6})(?::\$?([A-Z]{1,3})\$?([1-9][0-9]{0,6}))?"
)
_REFERENCE = re.compile(rf"\(?{_AREA.pattern}(?:,{_AREA.pattern})*\)?")
_FILE = re.compile(r"('?)[^'\[\]!,()]{0,250}\[[^'\[\]!]{1,250}\]")
_NUMBER = re.compile(r"-?[0-9]{1,30}(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)
_ERRORS = {"#N/A", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#NULL!"}
_MOST_CELLS, _LONGEST_TEXT, _LONGEST_FORMAT = 200_000, 32_000, 255
_LAST_COLUMN, _LAST_ROW, _LONGEST_NAME = 16_384, 1_048_576, 31
_CACHES = ("c:strCache", "c:numCache", "c:multiLvlStrCache", "c15:dlblRangeCache")
_BEFORE_DATA = ("c:chart", "c:spPr", "c:txPr")  # what stands before it in a chart


class _Unplaced(Exception):
    """A chart refers to something else than cells."""


@dataclass(frozen=True)
class _Area:
    """Cells of one sheet: first column and row, from 1, and how many of each."""

    sheet: str
    column: int
    row: int
    across: int
    down: int


@dataclass
class _Book:
    """``sheets``: by name in lower letters, the name and what stands in its cells (row, column -> content as XML)."""

    sheets: dict[str, tuple[str, dict[tuple[int, int], str]]] = field(default_factory=dict)
    formats: dict[str, int] = field(default_factory=lambda: {"General": 0})
    room: int = _MOST_CELLS

    def put(self, area: _Area, row: int, column: int, content: str, attributes: str) -> None:
        _name, cells = self.sheets[area.sheet.lower()]
        self.room -= 1
        if self.room < 0:
            raise _Unplaced
        cells.setdefault((row, column), f'<c r="{_letters(column)}{row}"{attributes}>{content}</c>')


def made_for(chart: Element) -> bytes | None:
    """The workbook for a chart whose references are judged; None where its values have no cells."""
    book = _Book()
    try:
        for cache in chart.iter(*map(qname, _CACHES)):
            reference = cache.getprevious()
            _fill(book, _areas((reference.text or "") if reference is not None else ""), cache)
    except _Unplaced:
        return None
    return _written(book, chart) if book.sheets else None


def name_no_file(chart: Element) -> int:
    """In references of a chart that stands in no workbook leave the name of the one behind it out: there is one alone.

    How many named one.
    """
    count = 0
    for reference in chart.iter(qname("c:f"), qname("c15:f")):
        bare = _FILE.sub(lambda found: found[1], reference.text or "")
        if bare != reference.text and _REFERENCE.fullmatch(bare):
            reference.text = bare
            count += 1
    return count


def refer_to(chart: Element, relation: str) -> None:
    """Have a chart say in which workbook its values stand. ``relation``: an id of the chart's part."""
    last = [child for child in chart if child.tag in {qname(name) for name in _BEFORE_DATA}][-1]
    data = chart.makeelement(qname("c:externalData"), {f"{{{NS['r']}}}id": relation}, nsmap={"r": NS["r"]})
    data.append(data.makeelement(qname("c:autoUpdate"), {"val": "0"}))
    last.addnext(data)


def _areas(reference: str) -> list[_Area]:
    """The areas of a reference: one, or several in brackets. Raises ``_Unplaced`` for anything else."""
    found, at = [], 0
    listed = reference.strip()
    if listed.startswith("(") and listed.endswith(")"):
        listed = listed[1:-1]
    while match := _AREA.match(listed, at):
        found.append(_area(match))
        at = match.end() + 1
        if match.end() == len(listed):
            return found
        if listed[match.end()] != ",":
            break
    raise _Unplaced


def _area(match: re.Match[str]) -> _Area:
    quoted, plain, *corners = match.groups()
    sheet = quoted.replace("''", "'") if quoted else plain
    first, top, last, bottom = corners[0], corners[1], corners[2] or corners[0], corners[3] or corners[1]
    columns, rows = sorted((column_of(first) + 1, column_of(last) + 1)), sorted((int(top), int(bottom)))
    fits = columns[1] <= _LAST_COLUMN and rows[1] <= _LAST_ROW and len(sheet) <= _LONGEST_NAME
    if not fits or sheet.startswith("'") or sheet.endswith("'"):
        raise _Unplaced
    return _Area(sheet, columns[0], rows[0], columns[1] - columns[0] + 1, rows[1] - rows[0] + 1)


def _fill(book: _Book, areas: list[_Area], cache: Element) -> None:
    """Put the values that a chart remembers of some areas into their cells."""
    for area in areas:
        book.sheets.setdefault(area.sheet.lower(), (area.sheet, {}))
    levels = cache.findall(qname("c:lvl"))
    for number, level in enumerate(reversed(levels)):  # the first is the innermost, which stands last
        for point, at in _points(level):
            book.put(areas[0], *_of_level(areas[0], number, at, len(levels)), *_content(book, cache, point))
    for point, at in _points(cache):
        if place := _place(areas, at):
            book.put(*place, *_content(book, cache, point))


def _place(areas: list[_Area], at: int) -> tuple[_Area, int, int] | None:
    """The area, row and column of the cell with this number, from 0, counted row by row through all areas."""
    for area in areas:
        if at < area.across * area.down:
            return area, area.row + at // area.across, area.column + at % area.across
        at -= area.across * area.down
    return None


def _of_level(area: _Area, level: int, at: int, levels: int) -> tuple[int, int]:
    """Row and column of a piece of categories in several levels, which stand beside or below one another."""
    if area.across == levels and at < area.down:
        return area.row + at, area.column + level
    if area.down == levels and at < area.across:
        return area.row + level, area.column + at
    raise _Unplaced


def _points(cache: Element) -> Iterator[tuple[Element, int]]:
    for point in cache.findall(qname("c:pt")):
        place = point.get("idx", "")
        if place.isascii() and place.isdigit() and len(place) < 8:
            yield point, int(place)


def _content(book: _Book, cache: Element, point: Element) -> tuple[str, str]:
    """What stands in the cell of a value, and the attributes of the cell."""
    text = (point.findtext(qname("c:v")) or "").replace("\r", "")[:_LONGEST_TEXT]
    if cache.tag == qname("c:numCache"):
        code = (point.get("formatCode") or cache.findtext(qname("c:formatCode")) or "General")[
            :_LONGEST_FORMAT
        ]
        if _NUMBER.fullmatch(text):
            return f"<v>{text}</v>", f' s="{book.formats.setdefault(code, len(book.formats))}"'
        if text in _ERRORS:
            return f"<v>{text}</v>", ' t="e"'
    return f'<is><t xml:space="preserve">{html.escape(text, quote=False)}</t></is>', ' t="inlineStr"'


def _letters(column: int) -> str:
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


# -- writing ------------------------------------------------------------------------------------------------------


def _written(book: _Book, chart: Element) -> bytes:
    out = io.BytesIO()
    target = Target(out)
    names = [name for name, _cells in book.sheets.values()]
    types = {"xl/workbook.xml": f"{_SHEET}sheet.main+xml", "xl/styles.xml": f"{_SHEET}styles+xml"}
    relations = [Relation("rId1", f"{RELATIONS}styles", "xl/styles.xml", external=False)]
    for number, (_name, cells) in enumerate(book.sheets.values(), start=1):
        part = f"xl/worksheets/sheet{number}.xml"
        target.write(part, _sheet(cells))
        types[part] = f"{_SHEET}worksheet+xml"
        relations.append(Relation(f"rId{number + 1}", f"{RELATIONS}worksheet", part, external=False))
    target.write("xl/workbook.xml", _workbook(names, _begins_in_1904(chart)))
    target.write("xl/styles.xml", _styles(list(book.formats)))
    target.write("xl/_rels/workbook.xml.rels", relations_xml(relations, "xl"))
    main = Relation("rId1", f"{RELATIONS}officeDocument", "xl/workbook.xml", external=False)
    target.write("_rels/.rels", relations_xml([main]))
    target.write("[Content_Types].xml", content_types_xml(types))
    target.close()
    return out.getvalue()


def _begins_in_1904(chart: Element) -> bool:
    told = chart.find(qname("c:date1904"))
    return told is not None and told.get("val", "1") in {"1", "true"}


def _sheet(cells: dict[tuple[int, int], str]) -> bytes:
    rows: dict[int, list[str]] = {}
    for (row, _column), cell in sorted(cells.items()):
        rows.setdefault(row, []).append(cell)
    lines = "".join(f'<row r="{row}">{"".join(listed)}</row>' for row, listed in rows.items())
    return f'{XML_HEAD}<worksheet xmlns="{_SPACE}"><sheetData>{lines}</sheetData></worksheet>'.encode()


def _workbook(names: list[str], is_1904: bool) -> bytes:
    begin = '<workbookPr date1904="1"/>' if is_1904 else ""
    sheets = "".join(
        f'<sheet name="{html.escape(name)}" sheetId="{number}" r:id="rId{number + 1}"/>'
        for number, name in enumerate(names, start=1)
    )
    return f'{XML_HEAD}<workbook xmlns="{_SPACE}" xmlns:r="{NS["r"]}">{begin}<sheets>{sheets}</sheets></workbook>'.encode()


def _styles(codes: list[str]) -> bytes:
    """``codes``: of numbers, by the number of their look."""
    first = 164  # below are those that the format knows by itself
    formats = "".join(
        f'<numFmt numFmtId="{first + at}" formatCode="{html.escape(code)}"/>' for at, code in enumerate(codes)
    )
    looks = "".join(
        f'<xf numFmtId="{first + at}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
        for at in range(len(codes))
    )
    return (
        f'{XML_HEAD}<styleSheet xmlns="{_SPACE}"><numFmts count="{len(codes)}">{formats}</numFmts>'
        '<fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/>'
        '</fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/>'
        '<diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        f'<cellXfs count="{len(codes)}">{looks}</cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    ).encode()
