"""Word files: every allowed part pruned to the vocabulary, tracked changes accepted, fields settled, written anew."""

from collections import Counter

from sekisho.sanitizer.formats.job import Job
from sekisho.sanitizer.formats.ooxml.fields import FieldCleaner
from sekisho.sanitizer.formats.ooxml.hidden import HiddenText
from sekisho.sanitizer.formats.ooxml.kinds import CHARTS, MAIN_TYPES
from sekisho.sanitizer.formats.ooxml.parts import Part, Plan, Writer
from sekisho.sanitizer.formats.ooxml.replies import KIND as REPLIES
from sekisho.sanitizer.formats.ooxml.replies import Replies
from sekisho.sanitizer.formats.ooxml.revisions import accept_changes
from sekisho.sanitizer.formats.ooxml.sheet import settle_references
from sekisho.sanitizer.formats.ooxml.xmlparts import (
    NS,
    Element,
    drop,
    meet_usual_tags,
    qname,
    unwrap,
    vocabulary,
)

STORIES = {"officeDocument", "footnotes", "endnotes", "comments", "header", "footer"}
_SPACE = f"{{{NS['xml']}}}space"
_COMMENT_MARKS = ("w:commentRangeStart", "w:commentRangeEnd", "w:commentReference")


def prepare() -> None:
    """Read the vocabulary once for all, and judge what most files hold."""
    meet_usual_tags()


def rebuild(job: Job) -> None:
    """Write a macro-free document (or template) from the allowed content of ``job.source``."""
    vocabulary()
    plan = Plan(job, "word")
    writer = Writer(plan)
    work = _Work(job, plan)
    for part in [entry for entry in plan.parts.values() if entry.kind.id != "image"]:
        told = MAIN_TYPES[plan.produced] if part is plan.main else ""
        writer.write_pruned(part, work.prepare, work.finish, told)
    writer.finish()
    work.judge()


class _Work:
    """What Word files need around the pruning, and the figures of before and after."""

    def __init__(self, job: Job, plan: Plan) -> None:
        self.job = job
        self.before: Counter[str] = Counter()
        self.after: Counter[str] = Counter()
        self.hidden = None if job.keep.hidden else HiddenText(job, plan)
        self.replies = Replies(plan)
        self.comments = any(part.kind.id == "comments" for part in plan.parts.values())

    def prepare(self, writer: Writer, part: Part, root: Element) -> None:
        if part.kind.id in CHARTS:
            settle_references(self.job, root, part)
        if part.kind.id == REPLIES:
            self.replies.settle(root)
        if part.kind.id not in STORIES:
            return
        _hand_blanks_down(root)
        accept_changes(self.job, part.source, root)
        if not self.comments:
            for mark in list(root.iter(*(qname(name) for name in _COMMENT_MARKS))):
                drop(mark)
        if self.hidden:
            self.hidden.take_out(part, root)
        FieldCleaner(self.job, part.source).clean(root)
        self._free_links(part, root)
        self._show_objects(part, root)
        self.before += _figures(root)

    def finish(self, writer: Writer, part: Part, root: Element) -> bool:
        """Mend what was pruned and count what is left; whether anything was mended."""
        if part.kind.id not in STORIES:
            return False
        mended = mend(root)
        if part.kind.id == "comments":
            mended |= self.replies.mark(root)
        self.after += _figures(root)
        return mended

    def judge(self) -> None:
        """Nothing that people read may be lost: else the next method is tried."""
        for figure in ("characters", "paragraphs", "tables", "pictures"):
            self.job.fidelity[f"{figure}_before"] = self.before[figure]
            self.job.fidelity[f"{figure}_after"] = self.after[figure]
        kept, there = self.after["characters"], self.before["characters"]
        self.job.require(kept >= 0.98 * there, "text", before=there, after=kept)

    def _free_links(self, part: Part, root: Element) -> None:
        """A link whose address did not pass leaves its words."""
        id_name = f"{{{NS['r']}}}id"
        for link in list(root.iter(qname("w:hyperlink"))):
            if link.get(id_name) in part.ids:
                continue
            link.attrib.pop(id_name, None)
            if not link.get(qname("w:anchor")):
                unwrap(link)

    def _show_objects(self, part: Part, root: Element) -> None:
        """An embedded object leaves the picture that stood for it."""
        for holder in list(root.iter(qname("w:object"))):
            self.job.removed("ooxml.embedded", part=part.source, detail="object")
            holder.tag = qname("w:pict")
            for shape in holder.iter(qname("v:shape")):  # an object has no line around it that is not said
                shape.set("stroked", shape.get("stroked", "f"))
            for child in list(holder):
                if not str(child.tag).startswith(f"{{{NS['v']}}}"):
                    holder.remove(child)
            if len(holder) == 0:
                drop(holder)


def _hand_blanks_down(root: Element) -> None:
    """Blanks at the ends of texts count where that is said of the whole part, too (XML 1.0, 2.10), as some programs do."""
    if root.get(_SPACE) == "preserve":
        for text in root.iter(qname("w:t"), qname("w:instrText")):
            text.set(_SPACE, text.get(_SPACE, "preserve"))


def _figures(root: Element) -> Counter[str]:
    return Counter(
        characters=sum(len(text.text or "") for text in root.iter(qname("w:t"))),
        paragraphs=sum(1 for _ in root.iter(qname("w:p"))),
        tables=sum(1 for _ in root.iter(qname("w:tbl"))),
        pictures=sum(1 for _ in root.iter(qname("a:blip"), qname("v:imagedata"))),
    )


# What must end in a paragraph (ECMA-376-1, 17.4.65 and the like).
_HOLDERS = ("w:tc", "w:txbxContent", "w:comment", "w:footnote", "w:endnote")


def mend(root: Element) -> bool:
    """Give back what the schema demands where something was taken out; whether it had to."""
    mended = False
    for outer, inner in (("w:tr", ("w:tc", "w:sdt")), ("w:tbl", ("w:tr", "w:sdt"))):
        wanted = {qname(name) for name in inner}
        for element in list(root.iter(qname(outer))):
            if not any(child.tag in wanted for child in element):
                drop(element)
                mended = True
    ends = {qname("w:p"), qname("w:sdt")}
    for holder in root.iter(*(qname(name) for name in _HOLDERS)):
        if len(holder) == 0 or holder[-1].tag not in ends:
            holder.append(holder.makeelement(qname("w:p")))
            mended = True
    return mended
