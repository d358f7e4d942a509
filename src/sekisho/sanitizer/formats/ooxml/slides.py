"""PowerPoint presentations: pruned part by part, media and actions out, pictures of embedded objects kept."""

from collections import Counter

from sekisho.sanitizer.formats.job import Job
from sekisho.sanitizer.formats.ooxml.kinds import CHARTS, MAIN_TYPES
from sekisho.sanitizer.formats.ooxml.newcomments import NewComments
from sekisho.sanitizer.formats.ooxml.parts import Part, Plan, Writer
from sekisho.sanitizer.formats.ooxml.sheet import settle_references
from sekisho.sanitizer.formats.ooxml.slideobjects import ObjectPictures
from sekisho.sanitizer.formats.ooxml.xmlparts import NS, Element, drop, parsed, qname, vocabulary

_ACTING = ("p:video", "p:audio", "p:cmd")
_COUNTED = {"slide", "notesSlide"}
_HIDDEN = {"0", "false"}
_SHAPES = ("sp", "pic", "graphicFrame", "grpSp", "cxnSp")


def rebuild(job: Job) -> None:
    """Write a macro-free presentation (or template, or show) from the allowed content of ``job.source``."""
    vocabulary()
    plan = Plan(job, "slides")
    work = _Work(job, plan)
    writer = Writer(plan)
    work.comments.write(writer)
    for part in [entry for entry in plan.parts.values() if entry.kind.id != "image"]:
        told = MAIN_TYPES[plan.produced] if part is plan.main else ""
        writer.write_pruned(part, work.prepare, work.finish, told)
    work.objects.forget_unseen()
    writer.finish()
    work.judge()


class _Work:
    """What presentations need around the pruning, and the figures of before and after."""

    def __init__(self, job: Job, plan: Plan) -> None:
        self.job = job
        self.before: Counter[str] = Counter()
        self.after: Counter[str] = Counter()
        self.size = (0, 0)
        if not job.keep.hidden:
            self._forget_hidden(plan)
            self.size = _slide_size(parsed(job, plan.source.read(plan.main.source)))
        self.objects = ObjectPictures(plan)
        self.comments = NewComments(plan)

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
        if not self.job.keep.hidden and part.kind.id == "slide":
            self._drop_unseen(part, root)
        self.objects.show(part, root)
        if part.kind.id in CHARTS:
            settle_references(self.job, root, part)
        if part.kind.id in _COUNTED:
            self.before += _figures(root)

    def finish(self, writer: Writer, part: Part, root: Element) -> bool:
        """Count what is left, and stop animations of what went; whether there was one."""
        still = self._stop_what_moves_nothing(part, root)
        if part.kind.id == "officeDocument":
            still = _settle_sections(root)
        if part.kind.id in _COUNTED:
            self.after += _figures(root)
            self.after["slides"] += part.kind.id == "slide"
        return still

    def _stop_what_moves_nothing(self, part: Part, root: Element) -> bool:
        """Animations of a shape that went: PowerPoint calls a slide damaged that has one."""
        timing = root.find(qname("p:timing"))
        if timing is None:
            return False
        shapes = {named.get("id") for named in root.iter(qname("p:cNvPr"))}
        targets = [next(iter(target), None) for target in timing.iter(qname("p:tgtEl"))]
        moves = [target is not None and target.get("spid", "") for target in targets]
        if all(target is not None for target in targets) and shapes.issuperset(filter(None, moves)):
            return False
        drop(timing)
        self.job.removed("ooxml.animation", part=part.source)
        return True

    def judge(self) -> None:
        """Nothing that people read may be lost: else the next method is tried."""
        self.before["slides"] = self.after["slides"]
        for figure in ("slides", "characters", "tables", "pictures"):
            self.job.fidelity[f"{figure}_before"] = self.before[figure]
            self.job.fidelity[f"{figure}_after"] = self.after[figure]
        kept, there = self.after["characters"], self.before["characters"]
        self.job.require(kept >= 0.98 * there, "text", before=there, after=kept)

    def _drop_unseen(self, part: Part, root: Element) -> None:
        """Shapes that are switched off (19.3.1.12), and those that lie beside the slide."""
        for shape in list(root.iter(*(qname(f"p:{name}") for name in _SHAPES))):
            named = next(shape.iter(qname("p:cNvPr")), None)
            switched_off = named is not None and named.get("hidden", "0") in {"1", "true"}
            if switched_off or _lies_beside(shape, self.size):
                drop(_with_branches(shape))
                self.job.removed("ooxml.hidden", part=part.source, detail="shape")
                for timing in list(root.iter(qname("p:timing"))):  # it may move what is gone
                    drop(timing)


def _settle_sections(root: Element) -> bool:
    """Take slides that went out of the sections of a presentation; whether there was one."""
    there = {slide.get("id") for slide in root.iter(qname("p:sldId"))}
    gone = [slide for slide in root.iter(qname("p14:sldId")) if slide.get("id") not in there]
    for slide in gone:
        drop(slide)
    return bool(gone)


def _with_branches(shape: Element) -> Element:
    """The shape, or all of the branches of which it is one: when one goes, the other would be shown in its place."""
    outer = next(shape.iterancestors(qname("mc:AlternateContent")), None)
    return shape if outer is None else outer


def _slide_size(presentation: Element) -> tuple[int, int]:
    """In English metric units, (0, 0) where it is not said."""
    size = presentation.find(qname("p:sldSz"))
    return (_whole(size.get("cx")), _whole(size.get("cy"))) if size is not None else (0, 0)


def _lies_beside(shape: Element, size: tuple[int, int]) -> bool:
    """Whether no part of a shape of the slide itself is on it; those in groups are placed by their group."""
    place = shape.find(f"{qname('p:spPr')}/{qname('a:xfrm')}")
    place = shape.find(qname("p:xfrm")) if place is None else place
    place = shape.find(f"{qname('p:grpSpPr')}/{qname('a:xfrm')}") if place is None else place
    parent = _with_branches(shape).getparent()
    if not all(size) or place is None or parent is None or parent.tag != qname("p:spTree"):
        return False
    start, extent = place.find(qname("a:off")), place.find(qname("a:ext"))
    if start is None or extent is None:
        return False
    x, y, across, down = (
        _whole(value) for value in (start.get("x"), start.get("y"), extent.get("cx"), extent.get("cy"))
    )
    # A turned shape reaches as far as its longer side.
    reach = max(across, down) if place.get("rot") else 0
    return x - reach >= size[0] or y - reach >= size[1] or x + across + reach <= 0 or y + down + reach <= 0


def _whole(value: str | None) -> int:
    return int(value) if value and value.lstrip("-").isdigit() else 0


def _figures(root: Element) -> Counter[str]:
    return Counter(
        characters=sum(len(text.text or "") for text in root.iter(f"{{{NS['a']}}}t")),
        tables=sum(1 for _ in root.iter(qname("a:tbl"))),
        pictures=sum(1 for _ in root.iter(qname("a:blip"))),
    )
