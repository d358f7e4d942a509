"""How a slide follows another in newer versions of PowerPoint ([MS-PPTX] 2.2.10): its kind, its length and its morphing.

It stands in one branch, a plain one for other programs beside it. Both stay, both pruned: a sound or a macro leaves neither.
"""

from sekisho.sanitizer.formats.ooxml.xmlparts import NS, Element, keep_both, qname

#: what a program has to know for a branch, by the prefix that we write
_NEEDED = ("p14", "p15", "p159")


def stays(alternate: Element) -> bool:
    """Leave the newer transition and the plain one, where the branches hold nothing else."""
    fallback = alternate.find(qname("mc:Fallback"))
    if fallback is None or any(
        entry.tag != qname("p:transition") for branch in alternate for entry in branch
    ):
        return False
    branch = next((entry for entry in alternate if _is_known(entry)), None)
    return branch is not None and keep_both(alternate, branch, branch.get("Requires", "").split())


def _is_known(branch: Element) -> bool:
    needed = branch.get("Requires", "").split()
    known = all(prefix in _NEEDED and branch.nsmap.get(prefix) == NS[prefix] for prefix in needed)
    return branch.tag == qname("mc:Choice") and bool(needed) and known and len(branch) == 1
