"""Tracked changes, accepted (ECMA-376-1, 17.13.5): what was inserted stays, what was deleted goes, history goes."""

from sekisho.sanitizer.formats.job import Job
from sekisho.sanitizer.formats.ooxml.xmlparts import Element, drop, qname, unwrap

_KEPT = ("w:ins", "w:moveTo")
_GONE = ("w:del", "w:moveFrom")
# What may stand between two paragraphs that follow one another.
_BETWEEN = (
    "w:bookmarkStart", "w:bookmarkEnd", "w:commentRangeStart", "w:commentRangeEnd", "w:permStart", "w:permEnd", "w:proofErr",
)  # fmt: skip
_HISTORY_WORDS = (
    "w:rPrChange w:pPrChange w:tblPrChange w:tblPrExChange w:sectPrChange w:tcPrChange w:trPrChange w:tblGridChange "
    "w:numberingChange w:moveFromRangeStart w:moveFromRangeEnd w:moveToRangeStart w:moveToRangeEnd "
    "w:customXmlInsRangeStart w:customXmlInsRangeEnd w:customXmlDelRangeStart w:customXmlDelRangeEnd "
    "w:customXmlMoveFromRangeStart w:customXmlMoveFromRangeEnd w:customXmlMoveToRangeStart "
    "w:customXmlMoveToRangeEnd w:cellIns w:cellMerge"
)


def accept_changes(job: Job, part: str, root: Element) -> None:
    """Accept every tracked change of a part and say how many there were."""
    count = _drop_all(root, _HISTORY_WORDS.split())
    count += _drop_rows_and_cells(root)
    count += _join_paragraphs(root)
    for change in list(root.iter(*(qname(name) for name in _GONE))):
        drop(change)
        count += 1
    for change in list(root.iter(*(qname(name) for name in _KEPT))):
        unwrap(change)
        count += 1
    if count:
        job.changed("ooxml.tracked", part=part, count=count)


def _drop_all(root: Element, names: list[str]) -> int:
    found = list(root.iter(*(qname(name) for name in names)))
    for element in found:
        drop(element)
    return len(found)


def _drop_rows_and_cells(root: Element) -> int:
    """Rows and cells whose deletion was tracked."""
    count = 0
    for properties, mark in (("w:trPr", "w:del"), ("w:tcPr", "w:cellDel")):
        for element in list(root.iter(qname(mark))):
            holder = element.getparent()
            if holder is not None and holder.tag == qname(properties) and holder.getparent() is not None:
                drop(holder.getparent())
                count += 1
    return count


def _join_paragraphs(root: Element) -> int:
    """A paragraph whose mark was deleted, or moved elsewhere, is one with the paragraph behind it."""
    count, between = 0, {qname(name) for name in _BETWEEN}
    for mark in list(root.iter(*(qname(name) for name in _GONE))):
        holder = mark.getparent()
        if holder is None or holder.tag != qname("w:rPr") or holder.getparent().tag != qname("w:pPr"):
            continue
        count += 1
        drop(mark)
        paragraph = holder.getparent().getparent()
        following = next((entry for entry in paragraph.itersiblings() if entry.tag not in between), None)
        if following is None or following.tag != qname("w:p"):
            continue
        # The joined paragraph has the properties of the one whose mark remains.
        for child in reversed([entry for entry in paragraph if entry.tag != qname("w:pPr")]):
            own = following.find(qname("w:pPr"))
            following.insert(0 if own is None else 1, child)
        drop(paragraph)
    return count
