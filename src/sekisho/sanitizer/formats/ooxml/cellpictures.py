"""Pictures that stand in cells ([MS-XLSX] 2.6.213, "IMAGE in cell"): each is anchored over its cell instead.

A cell's ``vm`` counts into the value metadata, which leads over a rich value to a relation to a picture. The tables on the
way are only asked which picture a cell shows; of them nothing is written.
"""

import io
import re
from collections.abc import Callable
from functools import cached_property
from typing import TypeVar

from PIL import Image

from sekisho.sanitizer.formats.ooxml.addedpictures import AddedPictures
from sekisho.sanitizer.formats.ooxml.cellboxes import CellBoxes
from sekisho.sanitizer.formats.ooxml.parts import Part, Plan
from sekisho.sanitizer.formats.ooxml.xmlparts import NS, Element, column_of, local, parsed, qname
from sekisho.sanitizer.results import Refused

Entry = TypeVar("Entry")
_VALUES, _STRUCTURES, _TARGETS, _METADATA = (
    "rdRichValue",
    "rdRichValueStructure",
    "richValueRel",
    "sheetMetadata",
)
_PICTURE_KEY = "_rvRel:LocalImageIdentifier"
_MARKED = re.compile(rb"<(?:[\w.-]+:)?c\s([^<>]*\bvm\s*=[^<>]*)>")
_PLACE, _MARK = (
    re.compile(rb"""\br\s*=\s*["']([A-Z]{1,3})([1-9][0-9]{0,6})["']"""),
    re.compile(rb"""\bvm\s*=\s*["']([0-9]{1,9})["']"""),
)
_YES = {"1", "true"}
_MOST = 5_000
_HELD = 16 << 20  # bytes of a sheet whose cells are measured; in larger ones all are of the usual size


class CellPictures:
    """The pictures in the cells of one workbook. ``cells`` are those that show one, by the source of their sheet."""

    def __init__(self, plan: Plan, sheets: dict[str, str], added: AddedPictures) -> None:
        self.plan, self.job, self.added = plan, plan.job, added
        self.cells: dict[str, frozenset[str]] = {}
        if self._pictures:
            for part in [entry for entry in plan.parts.values() if entry.kind.id == "worksheet"]:
                self._take(part, sheets.get(part.source.lower(), ""))

    def _take(self, sheet: Part, name: str) -> None:
        data = self.plan.source.read(sheet.source)
        if b"\0" in data[:4]:
            data = data.decode("utf-16", "replace").encode()
        root = parsed(self.job, data) if len(data) <= _HELD or not self.job.keep.hidden else None
        is_hidden = self._hidden(root)
        boxes = CellBoxes(root)
        found: dict[str, str] = {}
        for written in _MARKED.finditer(data):
            place, mark = _PLACE.search(written[1]), _MARK.search(written[1])
            picture = self._pictures.get(mark[1].decode()) if mark else None
            if place and picture and len(found) < _MOST:
                cell = (place[1] + place[2]).decode()
                if not is_hidden(*_split(cell)):
                    found[cell] = picture
        if not found:
            return
        self.cells[sheet.source] = frozenset(found)
        for cell, source in found.items():
            shown = self._picture(source)
            begin, end = boxes.corners(*_split(cell), self._size(shown.name))
            self.added.add(sheet, shown, cell, begin, end)
            self.job.changed("ooxml.cell_picture", sheet=name, cell=cell)

    def _size(self, picture: str) -> tuple[int, int]:
        with Image.open(io.BytesIO(self.plan.pictures[picture].data)) as image:
            return image.size

    def _hidden(self, root: Element | None) -> Callable[[int, int], bool]:
        """Whether a cell is in a row or column that is hidden, where what is hidden goes."""
        if self.job.keep.hidden or root is None:
            return lambda column, row: False
        rows = {entry.get("r") for entry in root.iter(qname("x:row")) if entry.get("hidden") in _YES}
        columns = [
            range(int(entry.get("min", "0")) - 1, int(entry.get("max", "0")))
            for entry in root.iter(qname("x:col"))
            if entry.get("hidden") in _YES
            and entry.get("min", "").isdigit()
            and entry.get("max", "").isdigit()
        ]
        return lambda column, row: str(row + 1) in rows or any(column in hidden for hidden in columns)

    def _picture(self, source: str) -> Part:
        return self.plan.parts.get(source.lower()) or self.plan.add_image(source)

    # -- from a mark to a picture -----------------------------------------------------------------------------

    @cached_property
    def _pictures(self) -> dict[str, str]:
        """By value of ``vm``, the part with the picture."""
        metadata, values = self._table(_METADATA), self._table(_VALUES)
        if metadata is None or values is None:
            return {}
        keys, targets = self._keys(), self._targets()
        rich = [entry for entry in values if local(entry.tag) == "rv"]
        future = self._future(metadata)
        found = {}
        marks = metadata.iterfind(f"{qname('x:valueMetadata')}/{qname('x:bk')}")
        for number, block in enumerate(marks, start=1):
            record = _at(future, block[0].get("v", "")) if len(block) == 1 else None
            value = _at(rich, record or "")
            key = None if value is None else _at(keys, value.get("s", ""))
            listed = [] if value is None else [child.text or "" for child in value]
            picture = _at(targets, listed[key]) if key is not None and key < len(listed) else None
            if picture:
                found[str(number)] = picture
        return found

    def _future(self, metadata: Element) -> list[str]:
        """For each block of the metadata of rich values, the number of its value."""
        blocks: Element = next(
            (
                entry
                for entry in metadata.iter(qname("x:futureMetadata"))
                if entry.get("name") == "XLRICHVALUE"
            ),
            (),
        )
        return [
            next((entry.get("i", "") for entry in block.iter() if local(str(entry.tag)) == "rvb"), "")
            for block in blocks
        ]

    def _keys(self) -> list[int | None]:
        """For each structure, at which place its values name a picture."""
        root = self._table(_STRUCTURES)
        return [
            next((at for at, key in enumerate(entry) if key.get("n") == _PICTURE_KEY), None)
            for entry in (() if root is None else root)
        ]

    def _targets(self) -> list[str]:
        """The parts with pictures, as rich values count them."""
        root = self._table(_TARGETS)
        if root is None:
            return []
        parts = self.plan.pictures_of(self._name(_TARGETS))
        related = f"{{{NS['r']}}}id"
        return [parts.get(entry.get(related, ""), "") for entry in root]

    def _name(self, kind: str) -> str:
        """The workbook's table whose relation ends in this word."""
        source = self.plan.source
        return next(
            (
                entry.target
                for entry in source.relations(self.plan.main.source)
                if entry.type.rpartition("/")[2] == kind and not entry.external and entry.target in source
            ),
            "",
        )

    def _table(self, kind: str) -> Element | None:
        name = self._name(kind)
        try:
            return parsed(self.job, self.plan.source.read(name)) if name else None
        except Refused:
            return None


def _at(listed: list[Entry], number: str) -> Entry | None:
    at = int(number) if number.isascii() and number.isdigit() and len(number) < 8 else -1
    return listed[at] if 0 <= at < len(listed) else None


def _split(cell: str) -> tuple[int, int]:
    """Column and row, counted from 0."""
    letters = cell.rstrip("0123456789")
    return column_of(letters), int(cell[len(letters) :]) - 1
