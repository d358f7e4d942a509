"""Words of a Word file that its page does not show: hidden, or too small to read, by their own look or by a style's."""

from collections.abc import Iterator

from sekisho.sanitizer.formats.job import Job
from sekisho.sanitizer.formats.ooxml.parts import Part, Plan
from sekisho.sanitizer.formats.ooxml.xmlparts import Element, drop, parsed, qname

# Half points: what is set in one point or less is not meant to be read.
_TOO_SMALL = {"1", "2"}
_OFF = {"0", "false", "off"}
_SHADES = ("{*}shd", "{*}highlight")
_DEEPEST = 50  # styles based on one another; Word itself stops at 11


class HiddenText:
    """Takes hidden runs out of the stories of one document, by the rules of ECMA-376-1, 17.7.2 and 17.7.3."""

    def __init__(self, job: Job, plan: Plan) -> None:
        self.job = job
        self.styles: dict[str, Element] = {}
        self.standard: dict[str, str] = {}  # the style of what names none, by type
        self.everywhere = False
        for part in plan.parts.values():
            if part.kind.id == "styles":
                self._read(parsed(job, plan.source.read(part.source)))

    def take_out(self, part: Part, root: Element) -> None:
        """Drop the runs that do not show, and warn of white ones on a ground that is not said to be dark."""
        for run in list(root.iter(qname("w:r"), qname("m:r"))):
            looks = self._looks(run)
            if self._vanishes(run) or _first(looks, "w:sz") in _TOO_SMALL:
                drop(run)
                self.job.removed("ooxml.hidden", part=part.source)
            elif _first(looks, "w:color").upper() == "FFFFFF" and self._is_on_paper(run):
                self.job.warn("ooxml.white_text", part=part.source)

    def _read(self, root: Element) -> None:
        for style in root.iter(qname("w:style")):
            id, kind = style.get(qname("w:styleId"), ""), style.get(qname("w:type"), "paragraph")
            self.styles.setdefault(id, style)
            if style.get(qname("w:default"), "0") not in _OFF:
                self.standard.setdefault(kind, id)
        for look in root.iter(qname("w:rPrDefault")):
            self.everywhere = _switch(look.find(qname("w:rPr"))) is True

    def _vanishes(self, run: Element) -> bool:
        """What the run says itself counts; else each kind of style that hides turns the other over."""
        own = _switch(run.find(qname("w:rPr")))
        if own is not None:
            return own
        hiding = sum(self._hides(name) for name in self._styles_of(run))
        return self.everywhere or hiding % 2 == 1

    def _hides(self, name: str) -> bool:
        found = (_switch(style.find(qname("w:rPr"))) for style in self._chain(name))
        return next((value for value in found if value is not None), False)

    def _styles_of(self, run: Element) -> list[str]:
        """The names of the run's character, paragraph and table style, as far as there are."""
        paragraph = next(run.iterancestors(qname("w:p")), None)
        table = next(run.iterancestors(qname("w:tbl")), None)
        character = _named(run, "w:rPr", "w:rStyle") or self.standard.get("character", "")
        names = [character, _named(paragraph, "w:pPr", "w:pStyle") or self.standard.get("paragraph", "")]
        if table is not None:
            names.append(_named(table, "w:tblPr", "w:tblStyle") or self.standard.get("table", ""))
        return [name for name in names if name in self.styles]

    def _chain(self, name: str) -> Iterator[Element]:
        """A style and those that it is based on, the nearest first. A ring ends where it has gone far enough."""
        for _step in range(_DEEPEST):
            if name not in self.styles:
                return
            style = self.styles[name]
            yield style
            based_on = style.find(qname("w:basedOn"))
            name = "" if based_on is None else based_on.get(qname("w:val"), "")

    def _looks(self, run: Element) -> list[Element]:
        """The properties that shape a run, the strongest first."""
        holders = [run, *(style for name in self._styles_of(run) for style in self._chain(name))]
        return [look for holder in holders if (look := holder.find(qname("w:rPr"))) is not None]

    def _is_on_paper(self, run: Element) -> bool:
        """Whether nothing around a run says that its ground is not white."""
        grounds = {qname(name) for name in ("w:tbl", "w:txbxContent")}
        if any(entry.tag in grounds for entry in run.iterancestors()):
            return False
        styles = [style for name in self._styles_of(run) for style in self._chain(name)]
        return not any(
            next(entry.iter(*_SHADES), None) is not None for entry in (run, run.getparent(), *styles)
        )


def _switch(look: Element | None) -> bool | None:
    """Whether properties say hidden, shown, or (None) nothing of it."""
    mark = None if look is None else look.find(qname("w:vanish"))
    return None if mark is None else mark.get(qname("w:val"), "1") not in _OFF


def _first(looks: list[Element], tag: str) -> str:
    """The value that the strongest of some properties gives for ``tag``."""
    found = (look.find(qname(tag)) for look in looks)
    return next((entry.get(qname("w:val"), "") for entry in found if entry is not None), "")


def _named(holder: Element | None, properties: str, tag: str) -> str:
    style = None if holder is None else holder.find(f"{qname(properties)}/{qname(tag)}")
    return "" if style is None else style.get(qname("w:val"), "")
