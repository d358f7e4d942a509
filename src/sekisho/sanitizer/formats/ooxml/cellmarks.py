"""Two marks of newer Excel that lead to tables of their own: formulas that spill, and cells shown as boxes to tick.

A cell's ``cm`` counts into the cell metadata (ECMA-376-1, 18.9; [MS-XLSX] 2.6.132), a look's ``xfComplement`` into the
bags of features ([MS-XLSX] 2.6.227). The source's tables are only asked what a mark means: one that means a formula that spills,
or a box, stays and leads to a table of ours in one fixed form; every other goes.
"""

from functools import cached_property
from typing import Any

from sekisho.sanitizer.formats.ooxml.package import RELATIONS, XML_HEAD
from sekisho.sanitizer.formats.ooxml.parts import Part, Plan, Writer
from sekisho.sanitizer.formats.ooxml.xmlparts import Element, drop, local, parsed, qname
from sekisho.sanitizer.results import Refused

_METADATA = RELATIONS + "sheetMetadata"
_METADATA_NAME = "xl/metadata.xml"
_METADATA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheetMetadata+xml"
_BAGS = "http://schemas.microsoft.com/office/2022/11/relationships/FeaturePropertyBag"
_BAGS_NAME = "xl/featurePropertyBag/featurePropertyBag.xml"
_BAGS_TYPE = "application/vnd.ms-excel.featurepropertybag+xml"
_SPILLING = (
    f'{XML_HEAD}<metadata xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:xda="http://schemas.microsoft.com/office/spreadsheetml/2017/dynamicarray"><metadataTypes count="1">'
    '<metadataType name="XLDAPR" minSupportedVersion="120000" copy="1" pasteAll="1" pasteValues="1" merge="1" '
    'splitFirst="1" rowColShift="1" clearFormats="1" clearComments="1" assign="1" coerce="1" cellMeta="1"/>'
    '</metadataTypes><futureMetadata name="XLDAPR" count="1"><bk><extLst><ext uri="{bdbb8cdc-fa1e-496e-a857-3c3f30c029c3}">'
    '<xda:dynamicArrayProperties fDynamic="1" fCollapsed="0"/></ext></extLst></bk></futureMetadata>'
    '<cellMetadata count="1"><bk><rc t="1" v="0"/></bk></cellMetadata></metadata>'
).encode()
_MAPPED = '<a k="MappedFeaturePropertyBags"><bagId>2</bagId></a>'
_BOXES = (
    f'{XML_HEAD}<FeaturePropertyBags xmlns="http://schemas.microsoft.com/office/spreadsheetml/2022/featurepropertybag">'
    '<bag type="Checkbox"/><bag type="XFControls"><bagId k="CellControl">0</bagId></bag>'
    '<bag type="XFComplement"><bagId k="XFControls">1</bagId></bag>'
    f'<bag type="XFComplements" extRef="XFComplementsMapperExtRef">{_MAPPED}</bag>'
    f'<bag type="DXFComplements" extRef="DXFComplementsMapperExtRef">{_MAPPED}</bag></FeaturePropertyBags>'
).encode()


class CellMarks:
    """What the marks of one workbook mean, and the tables that those which stay lead to."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.job = plan, plan.job
        if self.spilling:
            plan.main.relate(_METADATA, _METADATA_NAME)
        if self.boxes["XFComplements"] or self.boxes["DXFComplements"]:
            plan.main.relate(_BAGS, _BAGS_NAME)

    @cached_property
    def spilling(self) -> frozenset[str]:
        """The values of ``cm`` that say a formula spills."""
        root = self._table(_METADATA, _METADATA_TYPE, "x:metadata")
        if root is None:
            return frozenset()
        types = [entry.get("name") for entry in root.iter(qname("x:metadataType"))]
        future = next(
            (entry for entry in root.iter(qname("x:futureMetadata")) if entry.get("name") == "XLDAPR"), ()
        )
        dynamic = [any(_says_dynamic(piece) for piece in block.iter()) for block in future]
        return frozenset(
            str(number)
            for number, block in enumerate(
                root.iterfind(f"{qname('x:cellMetadata')}/{qname('x:bk')}"), start=1
            )
            if len(block) == 1
            and _at(types, block[0].get("t", ""), first=1) == "XLDAPR"
            and _at(dynamic, block[0].get("v", ""))
        )

    @cached_property
    def boxes(self) -> dict[str, frozenset[str]]:
        """By kind of table, the values of ``i`` that say a cell is shown as a box to tick."""
        root = self._table(_BAGS, _BAGS_TYPE, "xfpb:FeaturePropertyBags")
        bags = [] if root is None else list(root)
        boxes = [
            number
            for number, bag in enumerate(bags)
            if bag.get("type") == "XFComplement"
            and _kind(control := _follow(bags, bag, "XFControls")) == "XFControls"
            and _kind(_follow(bags, control, "CellControl")) == "Checkbox"
        ]
        return {kind: _mapped(bags, kind, boxes) for kind in ("XFComplements", "DXFComplements")}

    def settle_looks(self, part: Part, styles: Element) -> None:
        """Looks that say box lead to ours; what else a look's extension says goes."""
        for name, kind in (("xfpb:xfComplement", "XFComplements"), ("xfpb:DXFComplement", "DXFComplements")):
            for mark in list(styles.iter(qname(name))):
                if mark.get("i") in self.boxes[kind]:
                    mark.set("i", "0")
                else:
                    self.job.lost("ooxml.extension", part=part.source, detail=local(mark.tag))
                    drop(mark.getparent())

    def write(self, writer: Writer) -> None:
        """Write the tables that marks lead to."""
        for relation, name, told, data in (
            (_METADATA, _METADATA_NAME, _METADATA_TYPE, _SPILLING), (_BAGS, _BAGS_NAME, _BAGS_TYPE, _BOXES),
        ):  # fmt: skip
            if any(kept.type == relation for kept in self.plan.main.relations):
                writer.target.write(name, data)
                writer.types[name] = told

    def _table(self, relation: str, told: str, root: str) -> Element | None:
        """The root of the workbook's table of this kind, where it has one that is what it says."""
        source = self.plan.source
        found = [
            entry
            for entry in source.relations(self.plan.main.source)
            if entry.type == relation and not entry.external
        ]
        if (
            len(found) != 1
            or found[0].target not in source
            or source.content_type(found[0].target) != told.lower()
        ):
            return None
        try:
            table = parsed(self.job, source.read(found[0].target))
        except Refused:
            return None
        return table if table.tag == qname(root) else None


def _says_dynamic(element: Element) -> bool:
    return local(element.tag) == "dynamicArrayProperties" and element.get("fDynamic") in {"1", "true"}


def _at(listed: list[Any], number: str, *, first: int = 0) -> Any:
    at = int(number) - first if number.isascii() and number.isdigit() else -1
    return listed[at] if 0 <= at < len(listed) else None


def _kind(bag: Element | None) -> str | None:
    return None if bag is None else bag.get("type")


def _follow(bags: list[Element], bag: Element | None, key: str) -> Element | None:
    """The bag that an entry of this one names."""
    entries = [] if bag is None else [entry for entry in bag if entry.get("k") == key]
    return _at(bags, (entries[0].text or "").strip()) if entries else None


def _mapped(bags: list[Element], kind: str, boxes: list[int]) -> frozenset[str]:
    table = next((bag for bag in bags if bag.get("type") == kind), None)
    listed = (
        [] if table is None else [(entry.text or "").strip() for entry in table.iter(qname("xfpb:bagId"))]
    )
    return frozenset(str(place) for place, number in enumerate(listed) if number in map(str, boxes))
