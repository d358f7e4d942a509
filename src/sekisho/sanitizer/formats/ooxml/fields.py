"""Fields of word processing (ECMA-376-1, 17.16): a few that only compute or show stay, all others leave their result.

A field's code may be split over runs, nested in another field, or built by one (``QUOTE``); what counts is the whole
of it, joined as a word processor joins it. A field that stays gets its code written anew in one piece.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from sekisho.sanitizer.formats.job import Job
from sekisho.sanitizer.formats.ooxml.links import names_a_place, safe_link
from sekisho.sanitizer.formats.ooxml.xmlparts import Element, drop, qname, unwrap

# ECMA-376-1, 17.16.5, without those that fetch, run, ask or insert files:
# AUTOTEXT, DATABASE, DDE, DDEAUTO, GOTOBUTTON, IMPORT, INCLUDE*, LINK, MACROBUTTON, PRINT, QUOTE, RD, SET, ASK ...
_HARMLESS_WORDS = (
    "= ADVANCE AUTHOR AUTONUM AUTONUMLGL AUTONUMOUT BIBLIOGRAPHY CITATION COMMENTS COMPARE CREATEDATE DATE "
    "EDITTIME EQ FILENAME FILESIZE FORMCHECKBOX FORMDROPDOWN FORMTEXT IF INDEX INFO KEYWORDS LASTSAVEDBY LISTNUM "
    "MERGEFIELD MERGEREC MERGESEQ NEXT NOTEREF NUMCHARS NUMPAGES NUMWORDS PAGE PAGEREF PRINTDATE REF REVNUM SAVEDATE "
    "SECTION SECTIONPAGES SEQ STYLEREF SUBJECT SYMBOL TA TC TIME TITLE TOA TOC USERNAME XE"
)
HARMLESS = frozenset(_HARMLESS_WORDS.split())
# Of those, the ones that take nothing but switches of format.
_WORDS_ALONE = (
    "PAGE NUMPAGES SECTION SECTIONPAGES NUMWORDS NUMCHARS FILESIZE REVNUM EDITTIME DATE TIME CREATEDATE SAVEDATE "
    "PRINTDATE LASTSAVEDBY MERGEREC MERGESEQ NEXT"
)
_ALONE = frozenset(_WORDS_ALONE.split())
# What shows a property of the file shows nothing, or another one, once the property is gone: days never stay.
_PROPERTIES = frozenset(("AUTHOR", "COMMENTS", "INFO", "KEYWORDS", "LASTSAVEDBY", "SUBJECT", "TITLE"))
_DAYS = frozenset(("CREATEDATE", "SAVEDATE", "PRINTDATE", "EDITTIME", "REVNUM"))
_FORMATS = re.compile(r'(?: ?\\[*#@a-z!] ?(?:"[^"]*"|[^\s"\\]*))*')
# Inside the code of another field only these: their results are numbers or words of this document.
_NESTABLE = frozenset(
    ("=", "PAGE", "NUMPAGES", "SECTIONPAGES", "SECTION", "MERGEFIELD", "SEQ", "REF", "STYLEREF")
)
_MAY_NEST = frozenset(("=", "IF", "COMPARE"))
# Those whose result nobody sees.
_UNSEEN = frozenset(("ASK", "SET"))
_HYPERLINK = re.compile(
    r'\s*HYPERLINK(?:\s+(?:"(?P<quoted>[^"]*)"|(?P<bare>[^\s\\"]\S*)))?(?P<rest>(?:\s+\\[a-zA-Z](?:\s+"[^"]*")?)*)\s*',
    re.IGNORECASE,
)
_SWITCH = re.compile(r'\\([a-zA-Z])(?:\s+"([^"]*)")?')
_LONGEST = 4_000


def harmless(code: str, *, links: bool) -> str | None:
    """The code as it may be written, or None. ``links``: whether hyperlinks may stay.

    >>> harmless(" page ", links=True)
    'PAGE'
    >>> harmless('HYPERLINK "https://example.jp/" \\\\o "x"', links=True)
    'HYPERLINK "https://example.jp/" \\\\o "x"'
    >>> harmless("DDEAUTO c:\\\\\\\\cmd.exe", links=True) is None
    True
    """
    code = " ".join(code.split())
    if not code or len(code) > _LONGEST:
        return None
    word = "=" if code.startswith("=") else code.split(" ")[0].upper()
    if word == "HYPERLINK":
        return _hyperlink(code) if links else None
    if word not in HARMLESS or names_a_place(code):
        return None
    if word in _ALONE and not _FORMATS.fullmatch(code[len(word) :]):
        return None
    return code if word == "=" else f"{word}{code[len(word) :]}"


def _hyperlink(code: str) -> str | None:
    parts = _HYPERLINK.fullmatch(code)
    if parts is None:
        return None
    switches = dict(_SWITCH.findall(parts["rest"] or ""))
    address = parts["quoted"] if parts["quoted"] is not None else parts["bare"]
    if address and not safe_link(address):
        return None
    # Before a quote a backslash has it count as a letter: what stands behind would be the address.
    told = {
        name: said for name, said in switches.items() if said and "\\" not in said and not names_a_place(said)
    }
    if not address and "l" not in told:
        return None
    shown = "".join(f' \\{switch} "{told[switch]}"' for switch in ("l", "o") if switch in told)
    return "HYPERLINK" + (f' "{safe_link(address)}"' if address else "") + shown


@dataclass
class _Field:
    """One field while its end is looked for. ``pieces`` hold its code; ``nested`` the fields inside its code."""

    begin: Element
    separate: Element | None = None
    pieces: list[Element] = field(default_factory=list)
    nested: list["_Field"] = field(default_factory=list)
    end: Element | None = None

    @property
    def code(self) -> str:
        return "".join(piece.text or "" for piece in self.pieces)

    @property
    def word(self) -> str:
        code = self.code.strip()
        return "=" if code.startswith("=") else code.split(" ")[0].upper()


class FieldCleaner:
    """Settles every field of one part."""

    def __init__(self, job: Job, part: str) -> None:
        self.job, self.part = job, part
        self._kind = qname("w:fldCharType")
        self._char, self._instr, self._text = qname("w:fldChar"), qname("w:instrText"), qname("w:t")
        self._simple, self._simple_code = qname("w:fldSimple"), qname("w:instr")
        self._empty = _DAYS if job.keep.metadata else _DAYS | _PROPERTIES

    def clean(self, root: Element) -> None:
        """Field characters, then simple fields."""
        open_fields: list[_Field] = []
        branched = self._in_branches(root)
        # Text only counts inside a field's code, but walking it all keeps this one pass.
        for element in list(root.iter(self._char, self._instr, self._text, self._simple)):
            if element in branched:
                if element.tag != self._text or (open_fields and open_fields[-1].separate is None):
                    drop(element)
            elif element.tag == self._char:
                self._mark(open_fields, element)
            elif element.tag == self._simple:
                if open_fields and open_fields[-1].separate is None:  # what it shows would be code
                    self._remove_simple(element)
            elif open_fields and open_fields[-1].separate is None:
                open_fields[-1].pieces.append(element)
            elif element.tag == self._instr:
                drop(element)
        for unfinished in reversed(open_fields):
            self._dissolve(unfinished)
        for simple in list(root.iter(self._simple)):
            self._settle_simple(simple)

    def _in_branches(self, root: Element) -> set[Element]:
        """What stands in one branch of several that stay: no reader sees all, so no field may begin, go on or end there."""
        branches = root.iter(qname("mc:Choice"), qname("mc:Fallback"))
        return {entry for branch in branches for entry in branch.iter(self._char, self._instr, self._text)}

    def _mark(self, open_fields: list[_Field], mark: Element) -> None:
        kind = mark.get(self._kind)
        if kind == "begin":
            open_fields.append(_Field(mark))
        elif not open_fields or kind not in {"separate", "end"}:
            drop(mark)
        elif kind == "separate":
            if open_fields[-1].separate is None:
                open_fields[-1].separate = mark
            else:
                drop(mark)
        else:
            finished = open_fields.pop()
            finished.end = mark
            outer = open_fields[-1] if open_fields else None
            if outer is not None and outer.separate is None:
                outer.nested.append(finished)
            else:
                self._settle(finished)

    def _settle(self, finished: _Field) -> None:
        code = self._allowed(finished)
        if code is None:
            self._dissolve(finished)
            return
        if finished.nested:
            for inner in finished.nested:
                self._rewrite(inner, harmless(inner.code, links=False) or "")
            return
        self._rewrite(finished, code)

    def _allowed(self, finished: _Field) -> str | None:
        """The code that may stay; fields inside it must be simple ones, in a code that takes them."""
        for inner in finished.nested:
            simple = inner.word in _NESTABLE and not inner.nested and harmless(inner.code, links=False)
            if finished.word not in _MAY_NEST or not simple:
                return None
        return self._kept(finished.code)

    def _kept(self, code: str) -> str | None:
        """The code as it may be written, where what it shows stays as well."""
        written = harmless(code, links=self.job.keep.links)
        return None if written is None or written.split(" ")[0] in self._empty else written

    def _rewrite(self, kept: _Field, code: str) -> None:
        """One piece holds the whole code; the others go."""
        first = next((piece for piece in kept.pieces if piece.tag == self._instr), None)
        for piece in kept.pieces:
            if piece is not first:
                drop(piece)
        if first is not None:
            first.text = f" {code} "
            first.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")

    def _dissolve(self, finished: _Field) -> None:
        """Take the code and the marks out; the result stays where people see it."""
        word = finished.word[:20]
        code = "ooxml.link" if word == "HYPERLINK" else "ooxml.field"
        self.job.removed(code, part=self.part, detail=word if word.isascii() else "")
        if word in _UNSEEN:
            self._remove(finished)
            return
        for inner in finished.nested:
            self._remove(inner)
        for piece in finished.pieces:
            drop(piece)
        for mark in (finished.begin, finished.separate, finished.end):
            if mark is not None:
                drop(mark)

    def _remove(self, inner: _Field) -> None:
        """A field of which nothing was ever shown, such as one inside a code, which is code itself."""
        for deeper in inner.nested:
            self._remove(deeper)
        between = _runs_between(inner.separate, inner.end)
        for text in [entry for run in between for entry in run.iter(self._text)]:
            drop(text)
        for piece in [*inner.pieces, inner.begin, inner.separate, inner.end]:
            if piece is not None:
                drop(piece)

    def _settle_simple(self, simple: Element) -> None:
        code = self._kept(simple.get(self._simple_code, ""))
        if code is not None:
            simple.set(self._simple_code, f" {code} ")
            return
        self._remove_simple(simple)

    def _remove_simple(self, simple: Element) -> None:
        word = simple.get(self._simple_code, "").strip().split(" ")[0][:20].upper()
        self.job.removed("ooxml.field", part=self.part, detail=word if word.isascii() else "")
        (drop if word in _UNSEEN else unwrap)(simple)


def _runs_between(start: Element | None, end: Element | None) -> Iterator[Element]:
    """The runs after the one that holds ``start`` up to the one that holds ``end``, in the same paragraph."""
    if start is None or end is None or start.getparent() is None or end.getparent() is None:
        return
    last = end.getparent()
    for run in start.getparent().itersiblings():
        if run is last:
            return
        yield run
