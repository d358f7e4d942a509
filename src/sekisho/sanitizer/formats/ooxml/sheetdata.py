"""The large parts of a workbook as streams: rows and shared strings pass one at a time, so size costs no memory.

Cells are not pruned but written: each from its checked reference, style, type, formula and value.
"""

import copy
import html
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from io import BytesIO
from typing import IO, Any

from lxml import etree

from sekisho.sanitizer.formats.job import Job
from sekisho.sanitizer.formats.ooxml import plainrows
from sekisho.sanitizer.formats.ooxml.formulas import objection
from sekisho.sanitizer.formats.ooxml.package import XML_HEAD, Source
from sekisho.sanitizer.formats.ooxml.parts import Part
from sekisho.sanitizer.formats.ooxml.plainrows import ROW_ATTRIBUTES, count_formulas
from sekisho.sanitizer.formats.ooxml.unseen import UnseenLooks, run_colours
from sekisho.sanitizer.formats.ooxml.xmlparts import (
    NS,
    STRICT_MARK,
    Element,
    Pruner,
    check_head,
    column_of,
    drop,
    parsed,
    qname,
    resolve_alternates,
    transitional,
)
from sekisho.sanitizer.formats.personal import in_a_cell, warn_of_personal_numbers
from sekisho.sanitizer.results import Refused

_PLACE = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")
_WHOLE = re.compile(r"\d{1,9}")
_NUMBER = re.compile(r"\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?\s*")
_AREA = re.compile(r"\$?[A-Z]{1,3}\$?\d{1,7}(?::\$?[A-Z]{1,3}\$?\d{1,7})?")
_SIMPLE = re.compile(r"[\w.:\- ]*", re.ASCII)
_CELL_TYPES = {"b", "d", "e", "inlineStr", "n", "s", "str"}
_LONG_NUMBER = 12  # digits of the shortest number of a person
_EXACT = 1 << 53  # a double holds every whole number below it
_PLAIN_KINDS = {"n": "", "s": ' t="s"', "b": ' t="b"'}  # and how they are written
_NUMERIC = {"b", "n", "s", ""}
_FORMULA_FLAGS = ("aca", "ca", "bx", "dt2D", "dtr", "del1", "del2")
_BEHIND_NOTES = ("x:legacyDrawingHF", "x:picture", "x:tableParts", "x:extLst")
_ROWS_AT_ONCE = 200
HELD_WHOLE = 2 << 20  # bytes of a part that is parsed as a whole; larger ones pass row by row
_LITERAL = re.compile(r'"((?:[^"]|"")*)"')
_WARN_EVERY = 1_000  # values looked through at once for personal numbers


@dataclass
class Figures:
    """What went in and what came out. Cells are those that hold a value."""

    sheets_before: int = 0
    sheets_after: int = 0
    cells_before: int = 0
    cells_after: int = 0
    formulas_before: int = 0
    formulas_after: int = 0
    strings: int = 0
    merged: int = 0
    pictures: int = 0
    charts: int = 0

    def as_dict(self) -> dict[str, int]:
        return asdict(self)


def _events(job: Job, source: Source, part: Part, tag: str) -> Iterator[tuple[Element, Element]]:
    """(element, root) for every finished element ``tag``; after the last, (None, root)."""
    with source.open(part.source) as stream:
        peeked = stream.peek(65_536)  # type: ignore[attr-defined]
        check_head(peeked)
        feed: Any = BytesIO(transitional(stream.read())) if STRICT_MARK in peeked[:4_096] else stream
        parse = etree.iterparse(
            feed, events=("end",), tag=tag, resolve_entities=False, no_network=True, load_dtd=False,
            huge_tree=False, remove_comments=True, remove_pis=True,
        )  # fmt: skip
        try:
            for _event, element in parse:
                yield element, None
        except (etree.XMLSyntaxError, ValueError) as error:
            raise job.broken() from error
        if parse.root is None:
            raise job.broken()
        if parse.root.getroottree().docinfo.doctype:
            raise Refused("ooxml.dtd")
        yield None, parse.root


def _forget(element: Element) -> None:
    """Free what has been written."""
    element.clear()
    parent = element.getparent()
    while element.getprevious() is not None:
        del parent[0]


def _alone(element: Element) -> str:
    """An element as text that stands by itself, without namespaces it does not use."""
    lone = copy.deepcopy(element)
    lone.tail = None
    etree.cleanup_namespaces(lone)
    text: str = etree.tostring(lone, encoding="unicode")
    return text


def _settle_lists(holder: Element) -> None:
    """A list says how many it holds now, and none stays that holds nothing: Excel would mend the file before it opens."""
    for child in list(holder):
        if "count" in child.attrib and len(child):
            child.set("count", str(len(child)))
        elif not (len(child) or set(child.attrib) - {"count"} or (child.text or "").strip()):
            drop(child)


def _inside(holder: Element) -> str:
    """What stands in an element of a sheet, whose own tag says the same of namespaces as that of the sheet written."""
    etree.cleanup_namespaces(holder)
    text: str = etree.tostring(holder, encoding="unicode")
    return text[text.index(">") + 1 : text.rindex("<")]


def _plain_text(holder: Element, tag: str) -> str | None:
    """The text of a string that is one plain piece, else None."""
    if len(holder) == 1 and holder[0].tag == tag and len(holder[0]) == 0:
        return holder[0].text or ""
    return None


def _escaped(text: str) -> str:
    return html.escape(text, quote=False)


# By number of a shared string: the colour of the ground under the first cell of each colour that shows it, and the cell.
Shown = dict[int, dict[str, tuple[str, str]]]


class StringsStream:
    """Shared strings: plain ones written directly, rich ones (runs, furigana) pruned.

    ``used``: the numbers of those that cells still show, and where; the others are emptied. None keeps all.
    """

    def __init__(self, job: Job, pruner: Pruner, figures: Figures, used: Shown | None) -> None:
        self.job, self.pruner, self.figures, self.used = job, pruner, figures, used
        self._text, self._space = qname("x:t"), "{http://www.w3.org/XML/1998/namespace}space"

    def copy(self, source: Source, part: Part, sink: IO[bytes]) -> None:
        sink.write(f'{XML_HEAD}<sst xmlns="{NS["x"]}">'.encode())
        looked: list[str] = []
        for item, root in _events(self.job, source, part, qname("x:si")):
            if item is None:
                if root.tag != qname("x:sst"):
                    raise Refused("ooxml.wrong_part", detail=part.source[:80])
                break
            if self.used is None or self.figures.strings in self.used:
                looked.append(in_a_cell("".join(item.itertext(self._text))))
                sink.write(self._item(item).encode("utf-8"))
            else:
                sink.write(b"<si><t/></si>")
            if len(looked) >= _WARN_EVERY:
                self._look(looked)
            self.figures.strings += 1
            _forget(item)
        self._look(looked)
        sink.write(b"</sst>")

    def _item(self, item: Element) -> str:
        plain = _plain_text(item, self._text)
        if plain is not None:
            return f'<si><t xml:space="preserve">{_escaped(plain)}</t></si>'
        for colour in run_colours(item) if self.used else ():
            if place := (self.used or {})[self.figures.strings].get(colour):
                self.job.warn("ooxml.cell_colour", sheet=place[0], cell=place[1])
        self.pruner.prune(item)
        return _alone(item)

    def _look(self, texts: list[str]) -> None:
        warn_of_personal_numbers(self.job, "\n".join(texts))
        texts.clear()


class WorksheetStream:
    """One worksheet. ``settle`` judges formulas outside cells; ``notes`` is the relation id of drawn comments.

    ``used`` gathers the shared strings that its cells show; ``unseen`` are the looks to warn of.
    ``spilling``: the values of a cell's ``cm`` that say its formula spills; ``pictured``: the cells that show a
    picture, which stands in ``drawing`` (a relation id) where the sheet had no drawing of its own.
    """

    def __init__(
        self, job: Job, pruner: Pruner, figures: Figures, *, sheet: str, dropped_names: frozenset[str],
        settle: Callable[[Element], None], notes: str = "", used: Shown | None = None,
        unseen: UnseenLooks | None = None, spilling: frozenset[str] = frozenset(),
        pictured: frozenset[str] = frozenset(), drawing: str = "",
    ) -> None:  # fmt: skip
        self.spilling, self.pictured, self.drawing = spilling, pictured, drawing
        self.used, self.unseen = used, unseen
        self._unseen: dict[str, tuple[str, int]] = {}
        self.job, self.pruner, self.figures = job, pruner, figures
        self.sheet, self.dropped_names, self.settle, self.notes = sheet, dropped_names, settle, notes
        self._data, self._row_tag = qname("x:sheetData"), qname("x:row")
        self._cell, self._value, self._formula, self._inline = (
            qname(name) for name in ("x:c", "x:v", "x:f", "x:is")
        )
        self._text = qname("x:t")
        self._shared: dict[str, bool] = {}
        self._hidden_columns: list[tuple[int, int]] = []
        self._rows: list[str] = []
        # Whether a row may be taken as a whole: nothing hidden goes, and no value is looked at.
        self._simply = job.keep.hidden and job.keep.formulas and not job.policy.warn_personal

    def copy(self, source: Source, part: Part, sink: IO[bytes]) -> None:
        """Write the sheet to ``sink``. Raises ``Refused``."""
        if self._simply and source.size_of(part.source) <= HELD_WHOLE:
            root = parsed(self.job, source.read(part.source), remove_blank_text=True)
            self._copy_whole(root, sink, part)
            return
        begun, start = False, ""
        for row, root in _events(self.job, source, part, self._row_tag):
            if row is None:
                self._finish(root, sink, begun=begun, part=part)
                return
            data = row.getparent()
            if data is None or data.tag != self._data or data.getparent() is None:
                continue
            if not begun:
                self._begin(data)
                begun = True
            text = ""
            if self._simply:
                text, start = plainrows.alone(row, start)
            self._put((text and self._whole_rows(text)) or self._row(row), sink)
            _forget(row)

    def _copy_whole(self, root: Element, sink: IO[bytes], part: Part) -> None:
        """Write a sheet that is held as a whole, its plain rows many at a time."""
        data = root.find(self._data)
        if data is not None:
            self._begin(data)
            for text, rows in plainrows.runs(data):
                plain = text and self._whole_rows(text)
                self._rows += [plain] if plain else [self._row(row) for row in rows]
        self._finish(root, sink, begun=data is not None, part=part)

    def _put(self, row: str, sink: IO[bytes]) -> None:
        """Rows are encoded and compressed many at a time."""
        self._rows.append(row)
        if len(self._rows) >= _ROWS_AT_ONCE:
            self._flush(sink)

    def _flush(self, sink: IO[bytes]) -> None:
        sink.write("".join(self._rows).encode("utf-8"))
        self._rows.clear()

    def _begin(self, data: Element) -> None:
        self._rows.append(f'{XML_HEAD}<worksheet xmlns="{NS["x"]}" xmlns:r="{NS["r"]}">')
        self._write_around(list(data.getparent())[: data.getparent().index(data)])
        self._rows.append("<sheetData>")

    def _finish(self, root: Element, sink: IO[bytes], *, begun: bool, part: Part) -> None:
        places = [place for place, child in enumerate(root) if child.tag == self._data]
        if root.tag != qname("x:worksheet") or len(places) != 1:
            raise Refused("ooxml.wrong_part", detail=part.source[:80])
        if not begun:
            self._begin(root[places[0]])
        self._rows.append("</sheetData>")
        self._write_around(list(root)[places[0] + 1 :], behind=True)
        self._rows.append("</worksheet>")
        self._flush(sink)
        for code, (first, count) in self._unseen.items():
            self.job.warn(code, sheet=self.sheet, cell=first, count=count)

    def _write_around(self, children: list[Element], *, behind: bool = False) -> None:
        """What stands before or behind the rows: pruned as a whole, then written child by child."""
        holder = etree.Element(qname("x:worksheet"), nsmap={None: NS["x"], "r": NS["r"]})
        holder.extend(copy.deepcopy(child) for child in children)
        resolve_alternates(holder)
        for misplaced in list(holder.iter(self._data, self._row_tag, self._cell, qname("x:legacyDrawing"))):
            drop(misplaced)
        self.settle(holder)
        self.pruner.prune(holder)
        for column in holder.iter(qname("x:col")):
            if column.get("hidden") in {"1", "true"} and column.get("min", "").isdigit():
                self._hidden_columns.append((int(column.get("min")), int(column.get("max", "0") or 0)))
        self.figures.merged += sum(1 for _ in holder.iter(qname("x:mergeCell")))
        if self.unseen:
            self._warn_of_rules(holder, self.unseen)
        if behind and self.drawing:
            self._place(holder, "x:drawing", self.drawing, ("x:legacyDrawing", *_BEHIND_NOTES))
        if behind and self.notes:
            self._place(holder, "x:legacyDrawing", self.notes, _BEHIND_NOTES)
        _settle_lists(holder)
        if len(holder):
            self._rows.append(_inside(holder))

    def _warn_of_rules(self, holder: Element, unseen: UnseenLooks) -> None:
        """Conditions whose format hides the cells that they are about."""
        for rule in holder.iter(qname("x:cfRule"), qname("x14:cfRule")):
            if code := unseen.rule_code(rule):
                about = rule.getparent()
                area = about.get("sqref") or about.findtext(qname("xm:sqref")) or ""
                self.job.warn(code, sheet=self.sheet, cell=area.partition(" ")[0][:40], detail="rule")

    def _place(self, holder: Element, tag: str, relation: str, behind: Iterable[str]) -> None:
        drawing = etree.Element(qname(tag))
        drawing.set(f"{{{NS['r']}}}id", relation)
        later = {qname(name) for name in behind}
        place = next((index for index, child in enumerate(holder) if child.tag in later), len(holder))
        holder.insert(place, drawing)

    # -- rows -------------------------------------------------------------------------------------------------

    def _row(self, row: Element) -> str:
        attributes = row.attrib
        if not self.job.keep.hidden and attributes.get("hidden") in {"1", "true"}:
            self.job.removed("ooxml.hidden", sheet=self.sheet, detail="row")
            return ""
        shown = "".join(
            f' {name}="{attributes[name]}"'
            for name in ROW_ATTRIBUTES
            if name in attributes and _SIMPLE.fullmatch(attributes[name])
        )
        cells = "".join(
            [self._plain_cell(cell) or self._one_cell(cell) for cell in row if cell.tag == self._cell]
        )
        return f"<row{shown}>{cells}</row>"

    def _whole_rows(self, rows: str) -> str:
        """The text of plain rows, counted, as it is written; '' when a formula in them may not stay."""
        formulas = count_formulas(rows, self.dropped_names, self._shared)
        if formulas is None:
            return ""
        count = rows.count("<v>") + rows.count("<is>")
        self.figures.cells_before += count
        self.figures.cells_after += count
        self.figures.formulas_before += formulas
        self.figures.formulas_after += formulas
        return rows.replace("<v/>", "")

    def _plain_cell(self, cell: Element) -> str:
        """A cell of one number (or the number of a shared string): most by far. '' when it is anything else."""
        if len(cell) != 1 or cell[0].tag != self._value or self._hidden_columns or self.used is not None:
            return ""
        attributes, text = cell.attrib, cell[0].text
        place, style, kind = attributes.get("r", ""), attributes.get("s", ""), attributes.get("t", "n")
        if not text or kind not in _PLAIN_KINDS or len(attributes) > 3 or "ph" in attributes:
            return ""
        if not (
            _NUMBER.fullmatch(text) and _PLACE.fullmatch(place) and (not style or _WHOLE.fullmatch(style))
        ):
            return ""
        if kind == "n" and len(text) >= _LONG_NUMBER:
            self._warn_of_number(text)
        self.figures.cells_before += 1
        self.figures.cells_after += 1
        shown = f' s="{style}"' if style else ""
        return f'<c r="{place}"{shown}{_PLAIN_KINDS[kind]}><v>{text.strip()}</v></c>'

    def _one_cell(self, cell: Element) -> str:
        attributes = cell.attrib
        place, style, kind = attributes.get("r", ""), attributes.get("s"), attributes.get("t", "")
        found = _PLACE.fullmatch(place)
        if place and not found:
            raise self.job.broken()
        if self._hidden_columns and not self.job.keep.hidden and found and self._is_hidden(found.group(1)):
            self.job.removed("ooxml.hidden", sheet=self.sheet, detail="column")
            return ""
        if kind and kind not in _CELL_TYPES:
            raise self.job.broken()
        inside = "" if place in self.pictured else self._content(cell, kind, place, style or "0")
        if self.unseen and inside and (code := self.unseen.code(style or "0", kind)):
            first, count = self._unseen.get(code, (place, 0))
            self._unseen[code] = (first, count + 1)
        written = f'<c r="{place}"' if place else "<c"
        if style and _WHOLE.fullmatch(style):
            written += f' s="{style}"'
        if kind and kind != "n" and inside:
            written += f' t="{kind}"'
        if attributes.get("cm") in self.spilling and "<f" in inside:
            written += ' cm="1"'
        if attributes.get("ph") in {"1", "true"}:
            written += ' ph="1"'
        return f"{written}>{inside}</c>" if inside else f"{written}/>"

    def _is_hidden(self, letters: str) -> bool:
        column = column_of(letters) + 1
        return any(first <= column <= last for first, last in self._hidden_columns)

    def _content(self, cell: Element, kind: str, place: str, style: str) -> str:
        written, valued = "", False
        for child in cell:
            if child.tag == self._value and child.text:
                valued = True
                written += self._one_value(child.text, kind, place, style)
            elif child.tag == self._formula:
                written += self._one_formula(child, place)
            elif child.tag == self._inline and kind == "inlineStr":
                valued = True
                written += self._one_inline(child, place, style)
        self.figures.cells_before += valued
        self.figures.cells_after += valued and ("<v" in written or "<is" in written)
        return written

    def _one_inline(self, inline: Element, place: str, style: str) -> str:
        warn_of_personal_numbers(self.job, in_a_cell("".join(inline.itertext())), sheet=self.sheet)
        plain = _plain_text(inline, self._text)
        if plain is not None:
            return f'<is><t xml:space="preserve">{_escaped(plain)}</t></is>'
        if self.unseen and self.unseen.ground(style) in run_colours(inline):
            self.job.warn("ooxml.cell_colour", sheet=self.sheet, cell=place)
        self.pruner.prune(inline)
        return _alone(inline)

    def _one_value(self, text: str, kind: str, place: str, style: str) -> str:
        if kind in _NUMERIC and not _NUMBER.fullmatch(text):
            raise self.job.broken()
        if kind == "s" and self.used is not None and _WHOLE.fullmatch(text):
            ground = self.unseen.ground(style) if self.unseen else ""
            self.used.setdefault(int(text), {}).setdefault(ground, (self.sheet, place))
        if kind in {"", "n"} and len(text) >= _LONG_NUMBER:
            self._warn_of_number(text)
        if kind == "str":
            warn_of_personal_numbers(self.job, in_a_cell(text), sheet=self.sheet)
        kept = ' xml:space="preserve"' if text != text.strip() else ""
        return f"<v{kept}>{_escaped(text)}</v>"

    def _warn_of_number(self, text: str) -> None:
        """Look at the digits of a number; programs write large ones as ``1.23456789018E11``."""
        value = float(text)
        if value.is_integer() and value < _EXACT:
            warn_of_personal_numbers(self.job, str(int(value)), sheet=self.sheet)

    # -- formulas ---------------------------------------------------------------------------------------------

    def _one_formula(self, formula: Element, place: str) -> str:
        self.figures.formulas_before += 1
        text, attributes = formula.text or "", formula.attrib
        kind, shared = attributes.get("t", "normal"), attributes.get("si", "")
        wrong = "" if self.job.keep.formulas else "="
        if kind not in {"normal", "shared", "array", "dataTable"}:
            wrong = kind
        elif kind == "shared" and not text:
            wrong = wrong or ("" if self._shared.get(shared) else "shared")
        else:
            wrong = wrong or objection(text, self.dropped_names)
            if kind == "shared" and _WHOLE.fullmatch(shared):
                self._shared[shared] = not wrong
        if wrong:
            self.job.changed("ooxml.formula", sheet=self.sheet, cell=place, detail=wrong)
            return ""
        if self.job.policy.warn_personal:
            warn_of_personal_numbers(self.job, "\n".join(_LITERAL.findall(text)), sheet=self.sheet)
        self.figures.formulas_after += 1
        return f"<f{self._formula_attributes(attributes, kind)}>{_escaped(text)}</f>"

    def _formula_attributes(self, attributes: Any, kind: str) -> str:
        written = "" if kind == "normal" else f' t="{kind}"'
        for name in ("ref", "r1", "r2"):
            if _AREA.fullmatch(attributes.get(name, "")):
                written += f' {name}="{attributes[name]}"'
        if _WHOLE.fullmatch(attributes.get("si", "")):
            written += f' si="{attributes["si"]}"'
        for name in _FORMULA_FLAGS:
            if attributes.get(name) in {"0", "1", "true", "false"}:
                written += f' {name}="{attributes[name]}"'
        return written
