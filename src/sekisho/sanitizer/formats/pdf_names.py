"""Names of places that pdfium looks for in vain (7.9.6): programs that join documents leave their lists one behind
another, or a list beside branches. Other readers find them, so links and bookmarks must still lead there.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pikepdf

from sekisho.sanitizer.formats import pdf_source
from sekisho.sanitizer.formats.job import Job
from sekisho.sanitizer.formats.pdf_parts.values import dictionary, entry, items, text

_MAX_NODES = 10_000
_MAX_NAMES = 200_000


def require_order(job: Job, pdf: pikepdf.Pdf) -> None:
    """Raises ``Astray`` once, where a list of names is out of order or stands beside branches, which are then not looked at."""
    if pdf_source.Astray.mend in job.mends:
        return
    for node in _nodes(pdf):
        named = [said for said, _place in _listed(node)]
        if named and (entry(node, "Kids") is not None or any(a > b for a, b in pairwise(named))):
            raise pdf_source.Astray


def put_in_order(pdf: pikepdf.Pdf) -> None:
    """One list of all names in their order. Of two places of one name the first stays."""
    places: dict[str, Any] = {}
    for node in _nodes(pdf):
        for said, place in _listed(node):
            if len(places) < _MAX_NAMES:
                places.setdefault(said, place)
    flat = pikepdf.Array()
    for said in sorted(places):
        flat.append(pikepdf.String(said))
        flat.append(places[said])
    pdf.Root.Names.Dests = pikepdf.Dictionary(Names=flat)


def _nodes(pdf: pikepdf.Pdf) -> Iterator[Any]:
    """The nodes of the tree, each once."""
    waiting, met = [entry(entry(pdf.Root, "Names"), "Dests")], set[tuple[int, int]]()
    while waiting and len(met) < _MAX_NODES:
        node = waiting.pop()
        if dictionary(node) is None or (node.is_indirect and node.objgen in met):
            continue
        met.add(node.objgen if node.is_indirect else (0, len(met)))
        yield node
        waiting += reversed(list(items(entry(node, "Kids"), _MAX_NODES)))


def _listed(node: Any) -> Iterator[tuple[str, Any]]:
    pieces = items(entry(node, "Names"), 2 * _MAX_NAMES)
    for said, place in zip(pieces, pieces, strict=False):
        if (plain := text(said)) is not None:
            yield plain, place
