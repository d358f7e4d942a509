"""What Excel 2010 and later keep beside the standard: data bars with axes, sparklines, lists from other sheets.

[MS-XLSX] 2.2.4 puts them into ``extLst``, each under an identifier. These few are read; every other extension goes.
"""

import re

from sekisho.sanitizer.formats.job import Job
from sekisho.sanitizer.formats.ooxml.formulas import objection
from sekisho.sanitizer.formats.ooxml.xmlparts import Element, drop, qname

# Rules of the extension: the element that goes when one of its formulas may not stay.
_HOLDERS = ("x14:cfRule", "x14:dataValidation", "x14:sparkline")
# An element that says nothing once all of its kind in it are gone.
_EMPTIED = (
    ("x14:conditionalFormatting", "x14:cfRule"), ("x14:conditionalFormattings", "x14:conditionalFormatting"),
    ("x14:sparklines", "x14:sparkline"), ("x14:sparklineGroup", "x14:sparklines"),
    ("x14:sparklineGroups", "x14:sparklineGroup"), ("x14:dataValidations", "x14:dataValidation"),
)  # fmt: skip
_AREAS = re.compile(r"[A-Z0-9:$ ]{1,10000}")
_LINK = re.compile(r"\{[0-9A-Fa-f-]{36}\}")


def settle_extensions(job: Job, root: Element, sheet: str, dropped_names: frozenset[str]) -> None:
    """Judge the formulas and areas in a sheet's extensions; what may not stay goes with its rule, reported."""
    holders = {qname(name) for name in _HOLDERS}
    for text in list(root.iter(qname("xm:f"), qname("xm:sqref"), qname("x14:id"))):
        if _may_stay(text, dropped_names):
            continue
        holder = next((entry for entry in text.iterancestors() if entry.tag in holders), text)
        drop(holder)
        job.removed("ooxml.rule", sheet=sheet)
    for outer, inner in _EMPTIED:
        for element in list(root.iter(qname(outer))):
            if element.find(qname(inner)) is None:
                drop(element)
    for validations in root.iter(qname("x14:dataValidations")):
        validations.set("count", str(len(validations)))


def _may_stay(element: Element, dropped_names: frozenset[str]) -> bool:
    text = element.text or ""
    if element.tag == qname("xm:f"):
        return not objection(text, dropped_names)
    pattern = _LINK if element.tag == qname("x14:id") else _AREAS
    return bool(pattern.fullmatch(text))
