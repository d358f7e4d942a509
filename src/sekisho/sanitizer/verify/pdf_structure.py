"""Clean structure of a PDF: a tree of standard elements, each with its parent, and every marked piece of a page once.

Source: ISO 32000-1, 14.7 and 14.8.
"""

import re
from typing import Any

from sekisho.sanitizer.verify.pdf_syntax import Objects, Ref, Unclean, only

_TYPES = {
    "Document", "Part", "Art", "Sect", "Div", "BlockQuote", "Caption", "TOC", "TOCI", "Index", "NonStruct",
    "Private", "P", "H", "H1", "H2", "H3", "H4", "H5", "H6", "L", "LI", "Lbl", "LBody", "Table", "TR", "TH",
    "TD", "THead", "TBody", "TFoot", "Span", "Quote", "Note", "Reference", "BibEntry", "Code", "Link",
    "Annot", "Ruby", "RB", "RT", "RP", "Warichu", "WT", "WP", "Figure", "Formula", "Form",
}  # fmt: skip
_ELEMENT = {"Type", "S", "P", "Pg", "K", "Alt", "ActualText", "Lang", "A"}
LANGUAGE = re.compile(rb"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,3}\Z")
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
_LONGEST = 10_002  # bytes of a text
_MAX_SPAN = 1_000


def check_structure(
    objects: Objects, catalog: dict[str, Any], marked: dict[int, int], tied: dict[int, tuple[int, int]]
) -> None:
    """Raises ``Unclean``. ``marked``: how many pieces of each page are marked, in the order of the pages.

    ``tied``: by number of a link that says it is part of the structure, its page and its key.
    """
    if "StructTreeRoot" not in catalog:
        if "MarkInfo" in catalog or any(marked.values()) or tied:
            raise Unclean("marks without a structure")
        return
    if catalog.get("MarkInfo") != {"Marked": True}:
        raise Unclean("catalog: marks")
    tree = objects.dictionary(catalog["StructTreeRoot"], "StructTreeRoot")
    only(tree, {"Type", "K", "ParentTree", "ParentTreeNextKey"}, "structure")
    elements = _Elements(objects, marked, tied)
    told = elements.told(catalog["StructTreeRoot"], tree["K"])
    listed = only(objects.dictionary(tree["ParentTree"]), {"Nums"}, "structure")["Nums"]
    numbers = {page: number for number, page in enumerate(marked)}
    expected: list[Any] = []
    for page, count in marked.items():
        if count:
            expected += [numbers[page], [told[page, number] for number in range(count)]]
    for key in range(len(marked), len(marked) + len(tied)):
        if key not in elements.links:
            raise Unclean("structure: places of links")
        expected += [key, elements.links[key]]
    if listed != expected or tree["ParentTreeNextKey"] != len(marked) + len(tied):
        raise Unclean("structure: places of marks")


class _Elements:
    def __init__(self, objects: Objects, marked: dict[int, int], tied: dict[int, tuple[int, int]]) -> None:
        self.objects, self.marked, self.tied = objects, marked, tied
        self.links: dict[int, Ref] = {}  # the element of each link, by its key

    def told(self, root: Ref, top: list[Any]) -> dict[tuple[int, int], Ref]:
        """The element of every marked piece (page and number). Each element is reached once, so that there is no ring."""
        found: dict[tuple[int, int], Ref] = {}
        waiting = [(kid, root) for kid in top]
        while waiting:
            ref, parent = waiting.pop()
            if type(ref) is not Ref or ref.number in self.objects.reached:
                raise Unclean("structure: an element twice")
            element = self.objects.dictionary(ref, "StructElem")
            self._check(element, f"object {ref.number}")
            if element["P"] != parent:
                raise Unclean(f"object {ref.number}: parent")
            for kid in element.get("K", []):
                if type(kid) is Ref:
                    waiting.append((kid, ref))
                elif type(kid) is dict and kid.get("Type") == "OBJR":
                    self._link(kid, ref)
                elif found.setdefault(self._piece(kid, element), ref) is not ref:
                    raise Unclean(f"object {ref.number}: a mark twice")
        return found

    def _link(self, kid: dict[str, Any], ref: Ref) -> None:
        only(kid, {"Type", "Pg", "Obj"}, "link")
        if type(kid["Obj"]) is not Ref or type(kid["Pg"]) is not Ref:
            raise Unclean("structure: a link")
        page, key = self.tied.get(kid["Obj"].number, (-1, -1))
        if page != kid["Pg"].number or key in self.links:
            raise Unclean("structure: a link that is not there")
        self.links[key] = ref

    def _check(self, element: dict[str, Any], place: str) -> None:
        only(element, _ELEMENT, place)
        if element["S"] not in _TYPES or not LANGUAGE.match(element.get("Lang", b"ja")):
            raise Unclean(f"{place}: structure")
        for key in ("Alt", "ActualText"):
            said = element.get(key, b"")
            if type(said) is not bytes or len(said) > _LONGEST:
                raise Unclean(f"{place}: /{key}")
        attributes = only(element.get("A", {}), {"O", "RowSpan", "ColSpan", "Scope", "ListNumbering"}, place)
        spans = [attributes.get("RowSpan", 2), attributes.get("ColSpan", 2)]
        if (
            attributes.get("O", "Table") not in {"Table", "List"}
            or not all(type(span) is int and 1 < span <= _MAX_SPAN for span in spans)
            or attributes.get("Scope", "Row") not in _SCOPES
            or attributes.get("ListNumbering", "None") not in _NUMBERINGS
        ):
            raise Unclean(f"{place}: attributes")

    def _piece(self, kid: Any, element: dict[str, Any]) -> tuple[int, int]:
        page, number = element.get("Pg"), kid
        if type(kid) is dict:
            only(kid, {"Type", "Pg", "MCID"}, "mark")
            page, number = kid["Pg"], kid["MCID"]
        if (
            type(page) is not Ref
            or type(number) is not int
            or not 0 <= number < self.marked.get(page.number, 0)
        ):
            raise Unclean("structure: a mark that is not there")
        return page.number, number
