"""Fields of forms and formulas in web pages: what they show stands as words in their place; nothing is left to send."""

import re
from collections.abc import Iterator
from typing import Any

from lxml import html as lxml_html

_FIELDS = ("input", "select", "textarea", "math")
_MARKUP = re.compile(r"<[^>]*>?")  # shown as it is in a field, and nothing that people would miss
_UNSAID = {"annotation", "annotation-xml", "style", "script"}
_UNSEEN = {"hidden", "password", "file", "image"}
_TICKED = {"checkbox": ("☐", "☑"), "radio": ("○", "◉")}


def has_fields(tree: Any) -> bool:
    return next(tree.iter(*_FIELDS), None) is not None


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
