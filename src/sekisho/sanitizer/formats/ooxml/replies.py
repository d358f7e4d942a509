"""Which comments of a Word file answer which, and which are settled ([MS-DOCX] 2.5.2.2): told by numbers of our own.

Word knows a comment by the id of its last paragraph. These ids are given anew, since those of the source tell of its editing.
"""

from lxml import etree

from sekisho.sanitizer.formats.ooxml.parts import Plan
from sekisho.sanitizer.formats.ooxml.xmlparts import NS, Element, parsed, qname

KIND = "commentsExtended"


class Replies:
    """The threads of one document's comments."""

    def __init__(self, plan: Plan) -> None:
        self._ids: dict[str, str] = {}  # of comments, by that of their last paragraph in the source
        kinds = {part.kind.id: part for part in plan.parts.values()}
        if KIND in kinds and "comments" in kinds:
            root = parsed(plan.job, plan.source.read(kinds["comments"].source))
            for number, last in enumerate(_last_paragraphs(root), start=1):
                if last is not None and (id := last.get(qname("w14:paraId"))):
                    self._ids[id] = f"{number:08X}"

    def settle(self, root: Element) -> None:
        """Name the comments anew in the part that tells of them; those that are not there go."""
        answers = {entry.get(qname("w15:paraId")) for entry in root if entry.get(qname("w15:paraIdParent"))}
        for entry in list(root):
            id, parent = (entry.get(qname(f"w15:{name}"), "") for name in ("paraId", "paraIdParent"))
            if id not in self._ids:
                root.remove(entry)
                continue
            entry.set(qname("w15:paraId"), self._ids[id])
            entry.attrib.pop(qname("w15:paraIdParent"), None)
            if parent in self._ids and parent not in answers:
                entry.set(qname("w15:paraIdParent"), self._ids[parent])

    def mark(self, root: Element) -> bool:
        """Give the comments, once they are pruned, the ids that are told of; whether there are any."""
        known = set(self._ids.values())
        etree.register_namespace("w14", NS["w14"])  # the prefix that every program writes
        for number, last in enumerate(_last_paragraphs(root), start=1):
            if last is not None and f"{number:08X}" in known:
                last.set(qname("w14:paraId"), f"{number:08X}")
        return bool(known)


def _last_paragraphs(root: Element) -> list[Element | None]:
    return [
        next(iter(comment.findall(qname("w:p"))[-1:]), None) for comment in root.findall(qname("w:comment"))
    ]
