"""Structure (14.7 and 14.8): headings, paragraphs, lists and tables in the order that a screen reader reads them.

It is plain data, so it stays: read before the pages are written, which then keep the marks that it names, and written
behind them with numbers of our own. Elements are of the standard types, others by the role they are given; of what they
say only description, replacement text, language and the spans of cells remain.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pikepdf

from sekisho.sanitizer.formats.pdf_parts.values import entry, items, name, pieces, text, whole
from sekisho.sanitizer.formats.pdf_text_layer import filtered
from sekisho.sanitizer.formats.pdf_writer import Name, PdfWriter, Ref, name_bytes, serialised

TYPES = {
    "Document", "Part", "Art", "Sect", "Div", "BlockQuote", "Caption", "TOC", "TOCI", "Index", "NonStruct",
    "Private", "P", "H", "H1", "H2", "H3", "H4", "H5", "H6", "L", "LI", "Lbl", "LBody", "Table", "TR", "TH",
    "TD", "THead", "TBody", "TFoot", "Span", "Quote", "Note", "Reference", "BibEntry", "Code", "Link",
    "Annot", "Ruby", "RB", "RT", "RP", "Warichu", "WT", "WP", "Figure", "Formula", "Form",
}  # fmt: skip
_OTHER = "NonStruct"
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,3}\Z")
_SCOPES = {"Row", "Column", "Both"}
_NUMBERINGS = {
    "None",
    "Disc",
    "Circle",
    "Square",
    "Decimal",
    "UpperRoman",
    "LowerRoman",
    "UpperAlpha",
    "LowerAlpha",
}
_MAX_PIECES = 300_000  # elements and pieces of pages
_MAX_DEPTH = 100
_MAX_TEXT = 5_000
_MAX_SPAN = 1_000
_MAX_ROLES = 10

_NUMBERS = re.compile(rb"\[(?> \d{1,9}+)*+ \]")
_TELLING = re.compile(rb"/(?:RowSpan|ColSpan|Scope|ListNumbering)\b")

#: a piece of content: the page, from 0, and its number there
Content = tuple[int, int]


@dataclass
class Marks:
    """The marks of one page: ``wanted`` by the structure, and the new number of each that was met there."""

    wanted: set[int] = field(default_factory=set)
    met: dict[int, int] = field(default_factory=dict)

    def given(self, number: int | None) -> int | None:
        """The new number of a mark; None for one that nobody wants, or that was there before."""
        if number is None or number not in self.wanted or number in self.met:
            return None
        self.met[number] = len(self.met)
        return self.met[number]

    def forget(self, count: int) -> None:
        """Take back all new numbers but the first ``count``."""
        while len(self.met) > count:
            self.met.popitem()


#: the number of an object of the source, and its generation
Source = tuple[int, int]


@dataclass(frozen=True)
class _Link:
    """A reference to an annotation (14.7.4.3)."""

    source: Source


@dataclass
class _Element:
    kind: str
    says: dict[str, Any] = field(default_factory=dict)
    kids: list["_Element | Content | _Link"] = field(default_factory=list)


#: an element whose kids are not read yet: the element, its ``K``, and the page its pieces are on
_Waiting = tuple[_Element, Any, int]


class Structure:
    """The structure of one document; empty where it has none, or one that is too large."""

    def __init__(self, pdf: pikepdf.Pdf, *, with_texts: bool) -> None:
        """``with_texts``: whether what a page does not show, descriptions and replacement texts, may stay."""
        tree = entry(pdf.Root, "StructTreeRoot")
        self._with_texts = with_texts
        self._roles = entry(tree, "RoleMap")
        self._pages = (
            {page.obj.objgen: index for index, page in enumerate(pdf.pages)} if tree is not None else {}
        )
        self._seen: set[Source] = set()
        self._links: set[Source] = set()
        self._written: dict[Source, tuple[int, Ref]] = {}  # new links: the page, from 0, and the annotation
        self._first_key = len(pdf.pages)  # of links in the parent tree, behind those of pages
        self._count = 0
        self._marks: dict[int, Marks] = {}
        self._left_out = 0
        self._kinds: dict[str, str] = {}
        self._spelled: dict[bytes, dict[str, Any]] = {}
        self.elements = self._read(tree)

    def marks(self, page: int) -> Marks | None:
        """Those of a page, from 0; None where the document has no structure."""
        return self._marks.setdefault(page, Marks()) if self.elements else None

    def wants_link(self, annotation: Any) -> bool:
        """Whether an element refers to this annotation of the source, and no new one stands for it yet."""
        source = annotation.objgen
        return bool(self.elements) and source in self._links and source not in self._written

    def link_key(self, annotation: Any, page: int, written: Ref) -> int:
        """Note the link that stands for this annotation on a page, from 0; its key in the parent tree."""
        self._written[annotation.objgen] = (page, written)
        return self._first_key + len(self._written) - 1

    @property
    def left_out(self) -> int:
        """How many pieces of content lost their place in the structure."""
        return self._left_out + sum(len(marks.wanted) - len(marks.met) for marks in self._marks.values())

    # -- reading ----------------------------------------------------------------------------------------------

    def _read(self, tree: Any) -> list[_Element]:
        root = _Element("")
        waiting = [(root, entry(tree, "K"), -1)]
        for _depth in range(_MAX_DEPTH):
            below: list[_Waiting] = []
            for element, listed, page in waiting:
                numbers = pieces(listed, _NUMBERS)
                kids = map(int, numbers) if numbers is not None else _listed(listed)
                for kid in kids:
                    self._count += 1
                    if self._count > _MAX_PIECES:
                        return []
                    self._take(element, kid, page, below)
            waiting = below
        self._left_out += len(waiting)  # too deep: what is in them is not looked for
        return [kid for kid in root.kids if isinstance(kid, _Element)]

    def _take(self, element: _Element, kid: Any, page: int, below: list[_Waiting]) -> None:
        """Note a kid of an element: a piece of a page (14.7.4.2), or an element, which is put among those ``below``.

        Of references to objects those to links matter, which are written anew; what fields and comments show is on the page.
        """
        if type(kid) is int:
            self._claim(element, page, kid)
            return
        if not isinstance(kid, pikepdf.Dictionary):
            return
        entries = dict(kid.items())
        kind = name(entries.get("/Type"))
        page = self._page_of(entries.get("/Pg"), page)
        if kind == "MCR":
            self._claim(element, page, None if "/Stm" in entries else whole(entries.get("/MCID")))
        elif kind == "OBJR":
            self._refer(element, entries.get("/Obj"))
        elif self._is_new(kid):
            found = _Element(self._kind(name(entries.get("/S")) or ""), self._said(entries))
            element.kids.append(found)
            below.append((found, entries.get("/K"), page))

    def _refer(self, element: _Element, target: Any) -> None:
        """Give a link to an element, unless another has it."""
        is_link = isinstance(target, pikepdf.Dictionary) and name(entry(target, "Subtype")) == "Link"
        if element.kind and is_link and target.objgen[0] and target.objgen not in self._links:
            self._links.add(target.objgen)
            element.kids.append(_Link(target.objgen))

    def _claim(self, element: _Element, page: int, number: int | None) -> None:
        """Give a piece of a page to an element, unless another has it or it lies elsewhere."""
        marks = self._marks.setdefault(page, Marks()) if page >= 0 else None
        if marks is None or number is None or number < 0 or number in marks.wanted:
            self._left_out += 1
            return
        marks.wanted.add(number)
        element.kids.append((page, number))

    def _is_new(self, source: Any) -> bool:
        """Whether an element is met for the first time: it has one place in the tree."""
        if source.objgen[0] == 0:
            return True
        if source.objgen in self._seen:
            return False
        self._seen.add(source.objgen)
        return True

    def _page_of(self, page: Any, otherwise: int) -> int:
        return self._pages.get(page.objgen, -1) if isinstance(page, pikepdf.Dictionary) else otherwise

    def _kind(self, called: str) -> str:
        """The standard type of an element: its own, or that of the role it plays (14.8.4, 14.7.3)."""
        if called not in self._kinds:
            found, roles = called, 0
            while found not in TYPES and roles < _MAX_ROLES:
                found, roles = name(entry(self._roles, found)) or _OTHER, roles + 1
            self._kinds[called] = found if found in TYPES else _OTHER
        return self._kinds[called]

    def _said(self, entries: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key in ("Alt", "ActualText") if self._with_texts else ():
            if (value := entries.get(f"/{key}")) is not None and (said := _plain(text(value) or "")):
                found[key] = said
        if LANGUAGE.match(language := text(entries.get("/Lang")) or ""):
            found["Lang"] = language
        if (source := entries.get("/A")) is not None and (attributes := self._attributes(source)):
            found["A"] = attributes
        return found

    def _attributes(self, source: Any) -> dict[str, Any]:
        """Those of cells and lists; the same are spelled the same in most of thousands of cells."""
        spelled = bytes(source.unparse(resolved=True)) if isinstance(source, pikepdf.Object) else b""
        if spelled not in self._spelled:
            telling = _TELLING.search(spelled) or b" R" in spelled
            self._spelled[spelled] = _attributes(source) if telling else {}
        return self._spelled[spelled]

    # -- writing ----------------------------------------------------------------------------------------------

    def write(self, writer: PdfWriter, pages: list[Ref]) -> dict[str, Any]:
        """What the catalog says of the structure, when every page is written."""
        if not self.elements:
            return {}
        root = writer.reserve()
        parents: dict[int, dict[int, Ref]] = {}
        tied: dict[Source, Ref] = {}
        waiting = [(element, writer.reserve(), root) for element in self.elements]
        top = [ref for _element, ref, _parent in waiting]
        while waiting:
            element, ref, parent = waiting.pop()
            kids, refers = [], [parent.number]
            own = next((kid[0] for kid in element.kids if isinstance(kid, tuple)), -1)
            for kid in element.kids:
                if isinstance(kid, _Element):
                    below = writer.reserve()
                    waiting.append((kid, below, ref))
                    refers.append(below.number)
                    kids.append(b"%d 0 R" % below.number)
                elif isinstance(kid, _Link):
                    if kid.source in self._written:
                        page, link = self._written[kid.source]
                        tied[kid.source] = ref
                        refers += [pages[page].number, link.number]
                        kids.append(
                            b"<</Type /OBJR /Pg %d 0 R /Obj %d 0 R>>" % (pages[page].number, link.number)
                        )
                elif (number := self._marks[kid[0]].met.get(kid[1])) is not None:
                    parents.setdefault(kid[0], {})[number] = ref
                    refers.append(pages[kid[0]].number)
                    elsewhere = b"<</Type /MCR /Pg %d 0 R /MCID %d>>" % (pages[kid[0]].number, number)
                    kids.append(b"%d" % number if kid[0] == own else elsewhere)
            place = b" /Pg %d 0 R" % pages[own].number if own >= 0 else b""
            said = b" " + serialised(element.says)[2:-2] if element.says else b""
            begin = b"<</Type /StructElem /S %s /P %d 0 R" % (name_bytes(element.kind), parent.number)
            writer.add_composed(ref, begin + place + said + b" /K [%s]>>" % b" ".join(kids), refers)
        found: list[Any] = []
        for page, refs in sorted(parents.items()):
            found += [page, [refs[number] for number in range(len(refs))]]
        for key, source in enumerate(self._written, start=self._first_key):
            found += [key, tied[source]]
        tree = {"Type": Name("StructTreeRoot"), "K": top, "ParentTree": writer.add({"Nums": found})}
        writer.add(tree | {"ParentTreeNextKey": len(pages) + len(self._written)}, root)
        return {"StructTreeRoot": root, "MarkInfo": {"Marked": True}}


def _listed(kids: Any) -> Iterator[Any]:
    if isinstance(kids, pikepdf.Array):
        yield from items(kids)
    elif kids is not None:
        yield kids


def _plain(said: str) -> str:
    return "".join(chr(code) for code in (filtered(ord(letter)) for letter in said[:_MAX_TEXT]) if code)


def _attributes(source: Any) -> dict[str, Any]:
    """Those of the cells of tables and of lists (14.8.5.5 and 14.8.5.7)."""
    for found in _listed(source):
        owner = name(entry(found, "O"))
        if owner == "Table":
            spans = {
                key: amount
                for key in ("RowSpan", "ColSpan")
                if (amount := whole(entry(found, key), 2, _MAX_SPAN))
            }
            scope = name(entry(found, "Scope"))
            kept = spans | ({"Scope": Name(scope)} if scope in _SCOPES else {})
        elif owner == "List" and (numbering := name(entry(found, "ListNumbering"))) in _NUMBERINGS:
            kept = {"ListNumbering": Name(numbering)}
        else:
            continue
        if kept:
            return {"O": Name(owner), **kept}
    return {}
