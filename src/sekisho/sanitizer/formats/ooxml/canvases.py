"""Drawing canvases of Word ([MS-ODRAWXML] 2.9): shown by Word, while programs that do not know them show the older drawing beside.

Both stay, both pruned, but where a field stands in one of them: then no reader could tell where it ends.
"""

from sekisho.sanitizer.formats.ooxml.xmlparts import NS, Element, keep_both, qname


def stays(alternate: Element) -> bool:
    """Leave the branch with a canvas and the older drawing, where there is one."""
    fallback = alternate.find(qname("mc:Fallback"))
    branch = next((entry for entry in alternate if _shows_canvas(entry)), None)
    if branch is None or fallback is None or next(fallback.iter(qname("w:pict")), None) is None:
        return False
    if next(alternate.iter(qname("w:fldChar"), qname("w:instrText")), None) is not None:
        return False
    return keep_both(alternate, branch, ["wpc"])


def _shows_canvas(branch: Element) -> bool:
    needed = [branch.nsmap.get(prefix) for prefix in branch.get("Requires", "").split()]
    shown = next(branch.iter(qname("wpc:wpc")), None) is not None
    return branch.tag == qname("mc:Choice") and needed == [NS["wpc"]] and shown
