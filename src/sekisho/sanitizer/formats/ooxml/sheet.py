"""Excel workbooks: formulas judged one by one, sheets streamed row by row, everything else pruned, written anew."""

import re

from sekisho.sanitizer.formats.job import Job
from sekisho.sanitizer.formats.ooxml import headers
from sekisho.sanitizer.formats.ooxml.addedpictures import AddedPictures
from sekisho.sanitizer.formats.ooxml.cellmarks import CellMarks
from sekisho.sanitizer.formats.ooxml.cellpictures import CellPictures
from sekisho.sanitizer.formats.ooxml.extensions import settle_extensions
from sekisho.sanitizer.formats.ooxml.formulas import functions, objection
from sekisho.sanitizer.formats.ooxml.kinds import CHARTS, MAIN_TYPES
from sekisho.sanitizer.formats.ooxml.links import leaves_the_book
from sekisho.sanitizer.formats.ooxml.notes import draw_notes
from sekisho.sanitizer.formats.ooxml.objectpictures import show_objects
from sekisho.sanitizer.formats.ooxml.parts import Part, Plan, Writer
from sekisho.sanitizer.formats.ooxml.pivots import CACHE, drop_empty_list, settle_pivots, without_records
from sekisho.sanitizer.formats.ooxml.sheetdata import (
    HELD_WHOLE,
    Figures,
    Shown,
    StringsStream,
    WorksheetStream,
)
from sekisho.sanitizer.formats.ooxml.threads import tell_threads
from sekisho.sanitizer.formats.ooxml.unseen import unseen_looks
from sekisho.sanitizer.formats.ooxml.wording import warn_of_words
from sekisho.sanitizer.formats.ooxml.xmlparts import NS, Element, drop, parsed, qname, vocabulary
from sekisho.sanitizer.results import Refused

# Names that make macros run by themselves ([MS-XLS] 2.5.114 lists the built-in ones).
_AUTOMATIC = re.compile(
    r"(_xlnm\.|excel_builtin_)?auto_?(open|close|activate|deactivate)|_xlnm\.(consolidate_area|sheet_title)",
    re.I,
)
# The name of a sheet, of any letters; ``objection`` has judged it.
_QUOTED = re.compile(r"'(?:[^']|'')*'(?=!)")
# A name as such, as LibreOffice writes those of series that come from old workbooks, leads nowhere either.
_REFERENCE = re.compile(r"""(?:\[0\]!)?[\w.$:!'\s,()&;#%+\-~{}\u3000-\uffef]*|"[^"|!\[\]\\]{0,255}\"""")


def prepare() -> None:
    """Read the list of functions once for all."""
    functions()


def rebuild(job: Job) -> None:
    """Write a macro-free workbook (or template) from the allowed content of ``job.source``."""
    vocabulary()
    plan = Plan(job, "sheet")
    workbook = _Workbook(job, plan)
    writer = Writer(plan)
    # Strings come last: which of them may stay shows once the cells are written.
    order = sorted(plan.parts.values(), key=lambda entry: entry.kind.id == "sharedStrings")
    for part in [entry for entry in order if entry.kind.id != "image"]:
        workbook.write(writer, part)
    workbook.marks.write(writer)
    workbook.added.write(writer)
    writer.finish()
    workbook.judge()


class _Workbook:
    """The workbook's own part settles which sheets and names there are; the others are written by kind."""

    def __init__(self, job: Job, plan: Plan) -> None:
        self.job, self.plan = job, plan
        self.figures = Figures()
        self.used: Shown | None = None if job.keep.hidden else {}
        self.unseen = None if job.keep.hidden else unseen_looks(job, plan)
        self.marks = CellMarks(plan)
        self.dropped_names: frozenset[str] = frozenset()
        self.sheet_names: dict[str, str] = {}
        self._settle_sheets()
        settle_pivots(job, plan, set(self.sheet_names.values()))
        self.added = AddedPictures(plan)
        self.cell_pictures = CellPictures(plan, self.sheet_names, self.added)
        show_objects(plan, self.added)

    def write(self, writer: Writer, part: Part) -> None:
        if part.kind.id == "worksheet":
            self._worksheet(writer, part)
        elif part.kind.id == headers.KIND:
            shown = self.plan.headers[part.source]
            writer.target.write(part.name, headers.drawing(shown, part.ids))
            writer.declare(part, headers.TYPE)
            self.figures.pictures += len(part.relations)
        elif part.kind.id == "sharedStrings" and not self._may_hold_strings(part):
            with writer.target.open(part.name) as stream:
                strings = StringsStream(self.job, writer.pruner(part), self.figures, self.used)
                strings.copy(self.plan.source, part, stream)
            writer.declare(part)
        else:
            told = MAIN_TYPES[self.plan.produced] if part is self.plan.main else ""
            writer.write_pruned(part, self._before, self._after, told)

    def _may_hold_strings(self, part: Part) -> bool:
        """Whether shared strings may pass as a whole, like other parts: all of them stay, and none is looked into."""
        small = self.plan.source.size_of(part.source) <= HELD_WHOLE
        return small and self.used is None and not self.job.policy.warn_personal

    def judge(self) -> None:
        """Every cell that held a value must hold one again: else the next method is tried."""
        self.job.fidelity.update(self.figures.as_dict())
        self.job.require(
            self.figures.cells_after == self.figures.cells_before, "cells",
            before=self.figures.cells_before, after=self.figures.cells_after,
        )  # fmt: skip

    def _worksheet(self, writer: Writer, part: Part) -> None:
        name = self.sheet_names.get(part.source.lower(), "")
        targets = {relation.target for relation in part.relations}
        comments = next(
            (
                entry
                for entry in self.plan.parts.values()
                if entry.kind.id == "comments" and entry.name in targets
            ),
            None,
        )
        drawing = draw_notes(writer, part, comments) if comments else ""
        stream = WorksheetStream(
            self.job, writer.pruner(part), self.figures, sheet=name, dropped_names=self.dropped_names,
            settle=lambda element: self._settle(element, name, part), notes=drawing, used=self.used,
            unseen=self.unseen, spilling=self.marks.spilling, pictured=self.cell_pictures.cells.get(part.source, frozenset()),
            drawing=self.added.new_drawings.get(part.source, ""),
        )  # fmt: skip
        with writer.target.open(part.name) as sink:
            stream.copy(self.plan.source, part, sink)
        writer.declare(part)

    # -- sheets and names -------------------------------------------------------------------------------------

    def _settle_sheets(self) -> None:
        """Find the sheets that stay, in order, and forget the parts of those that do not."""
        root = parsed(self.job, self.plan.source.read(self.plan.main.source))
        main, by_name = self.plan.main, {part.name: part for part in self.plan.parts.values()}
        targets = {relation.id: by_name.get(relation.target) for relation in main.relations}
        self.kept: list[bool] = []
        for sheet in root.iter(qname("x:sheet")):
            part = targets.get(main.ids.get(sheet.get(f"{{{NS['r']}}}id", ""), ""))
            hidden = sheet.get("state", "visible") != "visible"
            if part is not None and hidden and not self.job.keep.hidden:
                self.job.removed("ooxml.hidden", sheet=sheet.get("name", "")[:31])
                self.plan.forget(part)
                part = None
            self.kept.append(part is not None)
            if part is not None:
                self.sheet_names[part.source.lower()] = sheet.get("name", "")[:31]
        self.figures.sheets_before, self.figures.sheets_after = len(self.kept), sum(self.kept)
        if not any(self.kept):
            raise Refused("fidelity.failed", what="sheets")

    def _before(self, writer: Writer, part: Part, root: Element) -> None:
        if part is self.plan.main:
            self._settle_names(root)
        if part.kind.id in {*CHARTS, "table", "drawing"}:
            self._settle_references(root, part)
        if part.kind.id == "drawing":
            self.added.place(part, root)
        if part.kind.id == "comments":
            tell_threads(self.plan, part, root)
        if part.kind.id == CACHE:
            without_records(root)
        if part.kind.id == "styles":
            self.marks.settle_looks(part, root)
            _name_sides(root)

    def _after(self, writer: Writer, part: Part, root: Element) -> bool:
        if part is self.plan.main:
            self._settle_view(root)
            drop_empty_list(root)
        self.figures.pictures += sum(1 for _ in root.iter(qname("a:blip")))
        self.figures.charts += part.kind.id in CHARTS
        if part.kind.id == "sharedStrings":
            self.figures.strings += sum(1 for _ in root.iter(qname("x:si")))
        return part is self.plan.main

    def _settle_names(self, root: Element) -> None:
        positions = {old: sum(self.kept[:old]) for old, kept in enumerate(self.kept) if kept}
        dropped: set[str] = set()
        for name in list(root.iter(qname("x:definedName"))):
            short = name.get("name", "")
            place = name.get("localSheetId")
            wrong = self._name_objection(name, short)
            if place is not None and (not place.isdigit() or int(place) not in positions):
                wrong = wrong or "sheet"
            if wrong:
                dropped.add(short.upper())
                self.job.removed("ooxml.name", detail=short[:60])
                drop(name)
            elif place is not None:
                name.set("localSheetId", str(positions[int(place)]))
        names = root.find(qname("x:definedNames"))
        if names is not None and len(names) == 0:
            drop(names)
        self.dropped_names = frozenset(dropped)

    def _name_objection(self, name: Element, short: str) -> str:
        risky = {"function", "vbProcedure", "xlm", "macro", "functionGroupId", "shortcutKey"}
        if any(name.get(attribute, "0") not in {"0", "false", ""} for attribute in risky):
            return "macro"
        if _AUTOMATIC.match(short):
            return "automatic"
        return objection(name.text) if name.text else "empty"

    def _settle_view(self, root: Element) -> None:
        """At least one sheet is seen, and the active one exists."""
        sheets = list(root.iter(qname("x:sheet")))
        if not sheets:
            raise Refused("fidelity.failed", what="sheets")
        if all(sheet.get("state", "visible") != "visible" for sheet in sheets):
            sheets[0].attrib.pop("state", None)
        for view in root.iter(qname("x:workbookView")):
            for attribute in ("activeTab", "firstSheet"):
                if not view.get(attribute, "0").isdigit() or int(view.get(attribute, "0")) >= len(sheets):
                    view.set(attribute, "0")

    # -- formulas outside cells -------------------------------------------------------------------------------

    def _settle(self, element: Element, sheet: str, part: Part) -> None:
        """What stands around the rows: links to places in the same book, rules and extensions."""
        related = f"{{{NS['r']}}}id"
        for link in element.iter(qname("x:hyperlink")):
            place = part.places.get(link.get(related, ""))
            if place and not link.get("location"):
                link.set("location", place)
                del link.attrib[related]
            if leaves_the_book(link.get("location", "")):
                del link.attrib["location"]
                self.job.removed("ooxml.link", sheet=sheet)
        self._settle_rules(element, sheet)
        warn_of_words(self.job, element, sheet=sheet)

    def _settle_rules(self, element: Element, sheet: str) -> None:
        """Conditional formats and validations whose formulas may not stay go as a whole."""
        settle_extensions(self.job, element, sheet, self.dropped_names)
        holders = {qname("x:cfRule"), qname("x:dataValidation")}
        told = {qname("x:cfvo")}  # where a scale, a bar or an icon begins may be a formula
        for formula in list(element.iter(*told, *map(qname, ("x:formula", "x:formula1", "x:formula2")))):
            text = formula.get("val", "") if formula.tag in told else formula.text or ""
            if not objection(text, self.dropped_names):
                continue
            holder = next((entry for entry in formula.iterancestors() if entry.tag in holders), formula)
            drop(holder)
            self.job.removed("ooxml.rule", sheet=sheet)
        for rules in list(element.iter(qname("x:conditionalFormatting"))):
            if len(rules) == 0 and rules is not element:
                drop(rules)

    def _settle_references(self, root: Element, part: Part) -> None:
        """Charts and tables: a reference that is more than one loses its text; cached values stay."""
        settle_references(self.job, root, part, self.dropped_names)


def _name_sides(styles: Element) -> None:
    """Strict files call the sides of cells start and end (ECMA-376-1, 18.8.4); few programs look for a line there."""
    for border in styles.iter(qname("x:border")):
        for told, usual in (("x:start", "x:left"), ("x:end", "x:right")):
            side = border.find(qname(told))
            if side is not None and border.find(qname(usual)) is None:
                side.tag = qname(usual)


def settle_references(job: Job, root: Element, part: Part, dropped: frozenset[str] = frozenset()) -> None:
    """Judge the formulas of charts, tables and shapes; those that may not stay become ``#REF!`` or go."""
    for reference in root.iter(*map(qname, ("c:f", "c15:f", "cx:f", "cx:nf"))):
        if objection(reference.text or "", dropped) or not _REFERENCE.fullmatch(
            _QUOTED.sub("S", reference.text or "")
        ):
            reference.text = "#REF!"
            job.removed("ooxml.external_link", part=part.source)
    for shape in root.iter(qname("xdr:sp")):  # it shows what stands in a cell
        if objection(shape.get("textlink", ""), dropped):
            del shape.attrib["textlink"]
            job.removed("ooxml.external_link", part=part.source)
    for formula in list(root.iter(qname("x:calculatedColumnFormula"), qname("x:totalsRowFormula"))):
        if objection(formula.text or "", dropped):
            drop(formula)
            job.removed("ooxml.formula", part=part.source)
