"""Pivot tables (ECMA-376-1, 18.10): their layout stays, what they had counted goes and is counted anew from the sheet.

Only a pivot table over cells of the same book stays, without calculated fields. Its records are left out, and the
program that opens the book takes them from those cells again. What is leaving the office keeps none: the values that
a pivot table remembers may be of rows that were deleted or hidden.
"""

import re

from sekisho.sanitizer.formats.job import Job
from sekisho.sanitizer.formats.ooxml.parts import Part, Plan
from sekisho.sanitizer.formats.ooxml.xmlparts import NS, Element, drop, parsed, qname
from sekisho.sanitizer.results import Refused

CACHE, TABLE = "pivotCacheDefinition", "pivotTable"
_AREA = re.compile(r"\$?[A-Z]{1,3}\$?\d{1,7}:\$?[A-Z]{1,3}\$?\d{1,7}")
_COMPUTED = (
    "calculatedItems",
    "calculatedMembers",
    "cacheHierarchies",
    "kpis",
    "consolidation",
    "tupleCache",
)


def settle_pivots(job: Job, plan: Plan, sheets: set[str]) -> None:
    """Forget the caches that may not stay, and the tables without a cache. ``sheets``: the names of those that stay."""
    caches_of_source = _of_kind(plan, CACHE)
    named = _named_areas(job, plan, sheets) if caches_of_source else frozenset()
    for part in caches_of_source:
        if not job.keep.hidden or not _is_plain(job, plan, part, sheets, named):
            plan.forget(part)
            job.lost("ooxml.pivot", part=part.source)
    caches = {part.name for part in _of_kind(plan, CACHE)}
    used: set[str] = set()
    for part in _of_kind(plan, TABLE):
        leads_to = [relation.target for relation in part.relations]
        if len(leads_to) != 1 or leads_to[0] not in caches or _root(job, plan, part) is None:
            plan.forget(part)
            job.lost("ooxml.pivot", part=part.source)
        else:
            used.add(leads_to[0])
            job.changed("ooxml.pivot_rebuilt", part=part.source)
    for part in _of_kind(plan, CACHE):
        if part.name not in used:
            plan.forget(part)


def _of_kind(plan: Plan, kind: str) -> list[Part]:
    return [part for part in plan.parts.values() if part.kind.id == kind]


def _root(job: Job, plan: Plan, part: Part) -> Element | None:
    """The part's root when it is what its kind says."""
    try:
        root = parsed(job, plan.source.read(part.source))
    except Refused:
        return None
    return root if root.tag == qname(part.kind.root) else None


def _named_areas(job: Job, plan: Plan, sheets: set[str]) -> frozenset[str]:
    """The names of tables, and of areas of cells in a sheet that stays. A pivot table may be of one of them."""
    roots = [root for part in _of_kind(plan, "table") if (root := _root(job, plan, part)) is not None]
    names = {root.get("displayName") or root.get("name", "") for root in roots}
    for name in parsed(job, plan.source.read(plan.main.source)).iter(qname("x:definedName")):
        sheet, _, area = (name.text or "").rpartition("!")
        within = sheet.removeprefix("'").removesuffix("'").replace("''", "'") in sheets
        if within and _AREA.fullmatch(area) and name.get("localSheetId") is None:
            names.add(name.get("name", ""))
    return frozenset(names - {""})


def _is_plain(job: Job, plan: Plan, part: Part, sheets: set[str], named: frozenset[str]) -> bool:
    """Whether the cache is of cells in a sheet that stays, told by place or one of their names, and computes nothing."""
    root = _root(job, plan, part)
    if root is None:
        return False
    source = root.find(qname("x:cacheSource"))
    area = source.find(qname("x:worksheetSource")) if source is not None else None
    if root is None or source is None or area is None or source.get("type") != "worksheet":
        return False
    computed = any(next(root.iter(qname(f"x:{name}")), None) is not None for name in _COMPUTED)
    formulas = any(field.get("formula") for field in root.iter(qname("x:cacheField")))
    return (
        not computed
        and not formulas
        and area.get(f"{{{NS['r']}}}id") is None
        and _is_of_cells(area, sheets, named)
    )


def _is_of_cells(area: Element, sheets: set[str], named: frozenset[str]) -> bool:
    if "name" in area.attrib:
        return (
            area.get("name") in named and "ref" not in area.attrib and area.get("sheet", "") in sheets | {""}
        )
    return bool(_AREA.fullmatch(area.get("ref", ""))) and area.get("sheet", "") in sheets


def without_records(root: Element) -> None:
    """Have the cache filled again when the book is opened, from the cells alone."""
    for attribute in (f"{{{NS['r']}}}id", "recordCount", "refreshedBy", "refreshedDate", "refreshedDateIso"):
        root.attrib.pop(attribute, None)
    root.set("saveData", "0")
    root.set("refreshOnLoad", "1")


def drop_empty_list(root: Element) -> None:
    """A workbook whose caches all went has no list of them."""
    caches = root.find(qname("x:pivotCaches"))
    if caches is not None and len(caches) == 0:
        drop(caches)
