"""What a part of an Office file says, looked through for numbers of persons: words, descriptions, and where links lead."""

from collections.abc import Iterator
from functools import cache

from sekisho.sanitizer.formats.job import Job
from sekisho.sanitizer.formats.ooxml.xmlparts import Element, qname
from sekisho.sanitizer.formats.personal import BREAK, warn_of_personal_numbers

_WORDS = ("w:t", "w:instrText", "m:t", "a:t")
# Each of these is by itself: the value of a chart, what is printed above and below a sheet, an entry of a list.
_ALONE = (
    "c:v", "cx:pt", "x:oddHeader", "x:oddFooter", "x:evenHeader", "x:evenFooter", "x:firstHeader", "x:firstFooter",
    "x:formula1", "x:formula2", "x:definedName",
)  # fmt: skip
_SIGNS = {"w:br": BREAK, "w:cr": BREAK, "a:br": BREAK, "w:tab": "\t", "w:noBreakHyphen": "-"}
_DESCRIBED = {
    "wp:docPr": ("descr", "title"), "xdr:cNvPr": ("descr", "title"), "p:cNvPr": ("descr", "title"),
    "pic:cNvPr": ("descr", "title"), "a:hlinkClick": ("tooltip",), "w:hyperlink": ("w:tooltip",),
    "w:fldSimple": ("w:instr",), "w:listItem": ("w:displayText", "w:value"), "w:listEntry": ("w:val",),
    "w:default": ("w:val",), "v:textpath": ("string",), "x:sheet": ("name",),
    "x:dataValidation": ("prompt", "promptTitle", "error", "errorTitle"), "x:hyperlink": ("tooltip", "display", "location"),
}  # fmt: skip


def warn_of_words(job: Job, root: Element, **where: object) -> None:
    """Look through what stays of a part."""
    if job.policy.warn_personal:
        warn_of_personal_numbers(job, "".join(_told(root)), **where)


@cache
def _signs() -> tuple[frozenset[str], frozenset[str], dict[str, str], dict[str, tuple[str, ...]]]:
    described = {qname(tag): tuple(_named(name) for name in names) for tag, names in _DESCRIBED.items()}
    signs = {qname(name): sign for name, sign in _SIGNS.items()}
    return frozenset(map(qname, _WORDS)), frozenset(map(qname, _ALONE)), signs, described


def _named(attribute: str) -> str:
    return qname(attribute) if ":" in attribute else attribute


def _told(root: Element) -> Iterator[str]:
    words, alone, signs, described = _signs()
    paragraphs, cells = _frames()
    for element in root.iter():
        tag = element.tag
        if tag in words:
            yield element.text or ""
        elif tag in signs:
            yield signs[tag]
        elif tag in paragraphs:
            yield BREAK if _goes_on(element, cells) else "\n"
        elif tag in alone:
            yield f"\n{element.text or ''}\n"
        elif tag in described:
            said = [told for name in described[tag] if (told := element.get(name))]
            yield "".join(f"\n{told}\n" for told in said)


@cache
def _frames() -> tuple[frozenset[str], frozenset[str]]:
    """Paragraphs, and the cells of tables they may stand in."""
    return frozenset(map(qname, ("w:p", "a:p"))), frozenset(map(qname, ("w:tc", "a:txBody")))


def _goes_on(paragraph: Element, cells: frozenset[str]) -> bool:
    """Whether it is not the first of the cell of a table: people begin a new one there to break a line."""
    before, holder = paragraph.getprevious(), paragraph.getparent()
    if before is None or holder is None or before.tag != paragraph.tag or holder.tag not in cells:
        return False
    return holder.tag == qname("w:tc") or holder.getparent().tag == qname("a:tc")
