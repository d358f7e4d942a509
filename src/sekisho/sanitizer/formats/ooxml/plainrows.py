"""Plain rows of worksheets, told by a grammar of their text as our serialiser writes it: many are taken at once.

A plain row has attributes of numbers and words, and cells which are empty or hold a number, a shared string, a truth, an
error or words, and perhaps a formula in one piece. What a formula comes to may be missing: libraries that write workbooks do
not reckon. Formulas are judged apart.
"""

import html
import re
from collections.abc import Iterator

from lxml import etree

from sekisho.sanitizer.formats.ooxml.formulas import are_plain, objection
from sekisho.sanitizer.formats.ooxml.xmlparts import NS, Element

ROW_ATTRIBUTES = ("r", "spans", "s", "customFormat", "ht", "hidden", "customHeight", "outlineLevel", "collapsed",
                  "thickTop", "thickBot", "ph")  # fmt: skip
_ROW_WORDS = rf'(?> (?:{"|".join(ROW_ATTRIBUTES)})="[\w.:\- ]*")*+'
_FORMULA_WORDS = (
    r'<f(?> (?:t="shared"|si="[0-9]{1,9}"|ref="[A-Z]{1,3}[0-9]{1,7}(?::[A-Z]{1,3}[0-9]{1,7})?"|a?ca="(?:0|1|true|false)"))*+'
    r"(?:/>|>[^<&]*+(?>&(?:amp|lt|gt);[^<&]*+)*+</f>)"
)
_LOOK = r'(?: s="[0-9]{1,9}")?'
_CELL_WORDS = (
    rf'<c r="[A-Z]{{1,3}}[1-9][0-9]{{0,6}}"{_LOOK}(?:/>|'
    rf'(?: t="(?:n|s|b)")?{_LOOK}>(?:{_FORMULA_WORDS})?<v>[-+]?[0-9]++(?:\.[0-9]++)?(?:[eE][-+]?[0-9]{{1,3}})?</v></c>|'
    rf' t="(?:str|e)"{_LOOK}>(?:{_FORMULA_WORDS})?<v>(?!\s)[^<]++(?<!\s)</v></c>|'
    rf'(?: t="(?:n|str)")?{_LOOK}>{_FORMULA_WORDS}(?:<v/>)?</c>|'
    rf' t="inlineStr"{_LOOK}><is><t(?: xml:space="preserve")?>[^<]++</t></is></c>)'
)
_ROW_BEHIND_NAME = rf"{_ROW_WORDS}(?:/>|>(?>{_CELL_WORDS})*+</row>)"
_ROW = re.compile(_ROW_BEHIND_NAME, re.ASCII)
_ROWS = re.compile(rf"(?><row{_ROW_BEHIND_NAME})*+", re.ASCII)
_ROW_BEGIN = re.compile(r"<row[ />]")
_BEGIN = re.compile(r'<(?:row|sheetData)((?: xmlns(?::[\w.-]+)?="[^"]*")*)', re.ASCII)
_FORMULAS = re.compile(r"<f([^>/]*)(?:/>|>([^<]*)</f>)")
_TEXTS = re.compile(r"<f[^>/]*>([^<]+)</f>")
_FEW = 4  # formulas that are sooner judged one by one
_SHARED = re.compile(r' si="([0-9]+)"')
_HEIGHT_OF_LETTERS = "{http://schemas.microsoft.com/office/spreadsheetml/2009/9/ac}dyDescent"


def alone(row: Element, begin: str) -> tuple[str, str]:
    """The text of a plain row by itself, or '', and how rows begin here: ``begin`` is what was told of the row before."""
    row.attrib.pop(_HEIGHT_OF_LETTERS, None)
    text: str = etree.tostring(row, encoding="unicode", with_tail=False)
    if not begin or not text.startswith(begin):
        found = _BEGIN.match(text)
        if found is None or not _is_of_sheets(found):
            return "", begin
        begin = found[0]
    return (f"<row{text[len(begin) :]}" if _ROW.fullmatch(text, len(begin)) else ""), begin


def runs(data: Element) -> Iterator[tuple[str, list[Element]]]:
    """All rows in ``data``, in order: the text of plain ones that follow one another, or '' and a row that is not plain."""
    row_tag = f"{{{NS['x']}}}row"
    rows = [child for child in data if child.tag == row_tag]
    etree.strip_attributes(data, _HEIGHT_OF_LETTERS)
    text: str = etree.tostring(data, encoding="unicode", with_tail=False)
    begin = _BEGIN.match(text)
    told = begin is not None and _is_of_sheets(begin) and text.startswith(">", begin.end())
    # What is called a row within a row would end the outer one for those who look at text alone.
    if (
        not told
        or not len(rows) == len(data) == len(_ROW_BEGIN.findall(text))
        or any(row.prefix for row in rows)
    ):
        yield from (("", [row]) for row in rows)
        return
    place, done = begin.end() + 1 if begin else 0, 0
    while done < len(rows):
        found = _ROWS.match(text, place)
        run = found[0] if found else ""
        if count := run.count("<row"):
            yield run, rows[done : done + count]
        place, done = place + len(run), done + count
        if done < len(rows):
            yield "", [rows[done]]
            place, done = _behind_row(text, place), done + 1


def _is_of_sheets(begin: "re.Match[str]") -> bool:
    return f' xmlns="{NS["x"]}"' in begin[1]


def _behind_row(text: str, place: int) -> int:
    """Where the row that begins at ``place`` is over."""
    end = text.index(">", place) + 1
    return end if text[end - 2] == "/" else text.index("</row>", end) + len("</row>")


def count_formulas(rows: str, dropped_names: frozenset[str], shared: dict[str, bool]) -> int | None:
    """How many formulas plain rows hold; None when one may not stay.

    ``shared``: by number, whether a formula that cells share may stay; those that begin here are added.
    """
    if "<f" not in rows:
        return 0
    texts = _TEXTS.findall(rows)
    bare = [html.unescape(text) for text in texts] if "&" in rows else texts
    if not (len(bare) > _FEW and are_plain(bare)) and any(objection(text, dropped_names) for text in bare):
        return None
    if 't="shared"' not in rows and rows.count("<f") == len(texts):
        return len(texts)
    found = _FORMULAS.findall(rows)
    for attributes, text in found:
        number = _SHARED.search(attributes) if 't="shared"' in attributes else None
        if text and number:
            shared[number[1]] = True
        elif not text and not (number and shared.get(number[1])):
            return None
    return len(found)
