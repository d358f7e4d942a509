"""PowerPoint presentations: pruned part by part, media and actions out, pictures of embedded objects kept."""

from collections import Counter

from sekisho.sanitizer.formats.job import Job
from sekisho.sanitizer.formats.ooxml.kinds import MAIN_TYPES
from sekisho.sanitizer.formats.ooxml.parts import Part, Plan, Writer
from sekisho.sanitizer.formats.ooxml.sheet import settle_references
from sekisho.sanitizer.formats.ooxml.xmlparts import NS, Element, drop, parsed, qname, vocabulary
from sekisho.sanitizer.formats.personal import warn_of_personal_numbers

_ACTING = ("p:video", "p:audio", "p:cmd")
_COUNTED = {"slide", "notesSlide"}
_HIDDEN = {"0", "false"}


def rebuild(job: Job) -> None:
    """Write a macro-free presentation (or template, or show) from the allowed content of ``job.source``."""
    vocabulary()
    plan = Plan(job, "slides")
    work = _Work(job, plan)
    writer = Writer(plan)
    for part in [entry for entry in plan.parts.values() if entry.kind.id != "image"]:
        root = writer.tree(part, work.prepare, work.finish)
        writer.write_tree(part, root, MAIN_TYPES[plan.produced] if part is plan.main else "")
    writer.finish()
    work.judge()


class _Work:
    """What presentations need around the pruning, and the figures of before and after."""

    def __init__(self, job: Job, plan: Plan) -> None:
        self.job = job
        self.before: Counter[str] = Counter()
        self.after: Counter[str] = Counter()
        if not job.keep.hidden:
            self._forget_hidden(plan)

    def _forget_hidden(self, plan: Plan) -> None:
        """Hidden slides and speaker notes are not part of what is shown."""
        for part in list(plan.parts.values()):
            if part.kind.id == "slide":
                hidden = parsed(self.job, plan.source.read(part.source)).get("show", "1") in _HIDDEN
            else:
                hidden = part.kind.id == "notesSlide"
            if hidden:
                self.job.removed("ooxml.hidden", part=part.source)
                plan.forget(part)

    def prepare(self, writer: Writer, part: Part, root: Element) -> None:
        for timing in list(root.iter(qname("p:timing"))):
            if next(timing.iter(*(qname(name) for name in _ACTING)), None) is not None:
                drop(timing)
                self.job.removed("ooxml.animation", part=part.source)
        for frame in list(root.iter(qname("p:graphicFrame"))):
            self._show_object(part, frame)
        if part.kind.id == "chart":
            settle_references(self.job, root, part)
        if part.kind.id in _COUNTED:
            self.before += _figures(root)

    def finish(self, writer: Writer, part: Part, root: Element) -> None:
        if part.kind.id in _COUNTED:
            self.after += _figures(root)
            self.after["slides"] += part.kind.id == "slide"
            warn_of_personal_numbers(self.job, "".join(root.itertext()), part=part.source)

    def judge(self) -> None:
        """Nothing that people read may be lost: else the next method is tried."""
        self.before["slides"] = self.after["slides"]
        for figure in ("slides", "characters", "tables", "pictures"):
            self.job.fidelity[f"{figure}_before"] = self.before[figure]
            self.job.fidelity[f"{figure}_after"] = self.after[figure]
        kept, there = self.after["characters"], self.before["characters"]
        self.job.require(kept >= 0.98 * there, "text", before=there, after=kept)

    def _show_object(self, part: Part, frame: Element) -> None:
        """An embedded object gives way to the picture that stands for it (ECMA-376-1, 19.3.2.4)."""
        embedded = next(frame.iter(qname("p:oleObj")), None)
        picture = None if embedded is None else embedded.find(qname("p:pic"))
        if embedded is None:
            return
        self.job.removed("ooxml.embedded", part=part.source, detail="oleObj")
        if picture is None:
            return
        parent = frame.getparent()
        parent.replace(frame, picture)
        names = picture.find(f"{qname('p:nvPicPr')}/{qname('p:cNvPr')}")
        own = frame.find(f"{qname('p:nvGraphicFramePr')}/{qname('p:cNvPr')}")
        if names is not None and own is not None and own.get("id"):
            names.set("id", own.get("id"))


def _figures(root: Element) -> Counter[str]:
    return Counter(
        characters=sum(len(text.text or "") for text in root.iter(f"{{{NS['a']}}}t")),
        tables=sum(1 for _ in root.iter(qname("a:tbl"))),
        pictures=sum(1 for _ in root.iter(qname("a:blip"))),
    )
