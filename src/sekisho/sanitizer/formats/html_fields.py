"""Fields of forms and formulas in web pages: what they show stands as words in their place; nothing is left to send."""

import re
from collections.abc import Iterator
from typing import Any

from lxml import html as lxml_html

_FIELDS = ("input", "select", "textarea", "math")
# Names of SVG and MathML that pages also use for elements of their own (<text>, <list>, <product>, <card>).
_OF_DRAWINGS_WORDS = (
    "abs and animate annotation annotation-xml apply approx arccos arcsin arctan arg bind bvar card "
    "cartesianproduct ceiling ci circle cn codomain complexes compose condition conjugate cos cosh cot coth cs "
    "csc csch csymbol curl declare defs degree desc determinant diff discard divergence divide domain "
    "domainofapplication ellipse emptyset eq equivalent eulergamma exists exp exponentiale factorial factorof "
    "false filter floor fn forall g gcd geq grad gt ident imaginary imaginaryi implies in infinity int integers "
    "intersect interval inverse lambda laplacian lcm leq limit line list ln log logbase lowlimit lt maction "
    "maligngroup malignmark marker mask matrix matrixrow max mean median menclose merror metadata mfenced mfrac "
    "mglyph mi min minus mlabeledtr mlongdiv mmultiscripts mn mo mode moment momentabout mover mpadded mpath "
    "mphantom mprescripts mroot mrow ms mscarries mscarry msgroup msline mspace msqrt msrow mstack mstyle msub "
    "msubsup msup mtable mtd mtext mtr munder munderover naturalnumbers neq none not notanumber notin notprsubset "
    "notsubset or otherwise outerproduct partialdiff path pattern pi piece piecewise plus polygon polyline power "
    "primes product prsubset quotient rationals real reals rect reln rem root scalarproduct sdev sec sech "
    "selector semantics sep set setdiff share sin sinh stop subset sum switch symbol tan tanh tendsto text times "
    "transpose true tspan union uplimit use variance vector vectorproduct view xor"
)
_OF_DRAWINGS = tuple(_OF_DRAWINGS_WORDS.split())
_MARKUP = re.compile(r"<[^>]*>?")  # shown as it is in a field, and nothing that people would miss
_UNSAID = {"annotation", "annotation-xml", "style", "script"}
_UNSEEN = {"hidden", "password", "file", "image"}
_TICKED = {"checkbox": ("☐", "☑"), "radio": ("○", "◉")}


def needs_words(tree: Any) -> bool:
    """Whether the page has fields, or elements that would be taken out as those of a drawing: see ``with_words_for_fields``."""
    return next(tree.iter(*_FIELDS), None) is not None or next(_strays(tree), None) is not None


def _strays(tree: Any) -> Iterator[Any]:
    """Elements that are of drawings or formulas by their name, and stand in none."""
    return (
        element
        for element in tree.iter(*_OF_DRAWINGS)
        if next(element.iterancestors("svg", "math"), None) is None
    )


def with_words_for_fields(tree: Any) -> str:
    """The page with words in place of fields, as markup that is still to be cleaned."""
    for field in list(tree.iter(*_FIELDS)):
        words = _words(field)
        tail, parent = field.tail, field.getparent()
        if parent is None:
            continue
        shown = lxml_html.Element("span")
        shown.tail = tail
        for number, line in enumerate(words.split("\n")):
            if number:
                lxml_html.etree.SubElement(shown, "br").tail = line
            else:
                shown.text = line
        parent.replace(field, shown)
    for stray in list(_strays(tree)):
        stray.tag = "span"  # its words would be taken out as those of a drawing
    markup: str = lxml_html.tostring(tree, encoding="unicode")
    return markup


def _words(field: Any) -> str:
    if field.tag == "textarea":
        return _MARKUP.sub("", field.text or "").strip("\n")
    if field.tag == "math":
        return " ".join("".join(_said(field)).split())
    if field.tag == "select":
        return " ".join(_chosen(field))
    kind = (field.get("type") or "text").lower()
    if kind in _TICKED:
        return _TICKED[kind]["checked" in field.attrib]
    return "" if kind in _UNSEEN else field.get("value") or field.get("placeholder") or ""


def _said(formula: Any) -> Iterator[str]:
    """The words of a formula, without its source in another notation and what stands in it to be run."""
    for part in formula.iter():
        above = {entry.tag for entry in (part, *part.iterancestors())}
        if isinstance(part.tag, str) and not above & _UNSAID:
            yield part.text or ""
        if part is not formula and not (above - {part.tag}) & _UNSAID:
            yield part.tail or ""


def _chosen(field: Any) -> list[str]:
    """What a list shows while it is closed: the options that are chosen, else the first one."""
    options = list(field.iter("option"))
    chosen = [option for option in options if "selected" in option.attrib]
    if not chosen and "multiple" not in field.attrib:
        chosen = options[:1]
    return [" ".join(option.text_content().split()) for option in chosen]
