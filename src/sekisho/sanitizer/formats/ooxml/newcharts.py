"""Charts of newer kinds ([MS-ODRAWXML] 2.24.3): sunburst, treemap, waterfall, histogram, box and whisker, funnel.

They stand in one branch of an ``mc:AlternateContent`` whose other branch is a picture or words for programs that do not know
them. Both branches stay, both pruned. Maps go: a program fetches what they are drawn with.
"""

from collections.abc import Container

from sekisho.sanitizer.formats.job import Job
from sekisho.sanitizer.formats.ooxml.xmlparts import NS, Element, keep_both, parsed, qname
from sekisho.sanitizer.results import Refused

KIND = "chartEx"
_LAYOUTS = {"boxWhisker", "clusteredColumn", "funnel", "paretoLine", "sunburst", "treemap", "waterfall"}
#: what a program has to know for a branch, by the prefix that we write
_NEEDED = ("cx1", "cx2")


def is_drawn_from_itself(job: Job, data: bytes) -> bool:
    """Whether a chart is of a kind that is drawn from what the file holds."""
    try:
        root = parsed(job, data)
    except Refused:
        return False
    layouts = {series.get("layoutId") for series in root.iter(qname("cx:series"))}
    return root.tag == qname("cx:chartSpace") and layouts <= _LAYOUTS


def stays(alternate: Element, charts: Container[str]) -> bool:
    """Leave the branch with a chart and the fallback, where there is one. ``charts``: ids of relations that stay."""
    branch = next((entry for entry in alternate if _shows_chart(entry, charts)), None)
    if branch is None:
        return False
    return keep_both(alternate, branch, _needed(branch))


def _shows_chart(branch: Element, charts: Container[str]) -> bool:
    chart = next(branch.iter(qname("cx:chart")), None)
    shown = chart is not None and chart.get(f"{{{NS['r']}}}id", "") in charts
    return branch.tag == qname("mc:Choice") and shown and bool(_needed(branch))


def _needed(branch: Element) -> list[str]:
    """Our prefixes for what a branch requires; none where it requires anything else."""
    told = [branch.nsmap.get(prefix) for prefix in branch.get("Requires", "").split()]
    known = {NS[prefix]: prefix for prefix in _NEEDED}
    return [known[uri] for uri in told if uri in known] if set(told) <= known.keys() else []
