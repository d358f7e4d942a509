"""Untrusted XML, read with every door shut: no declarations, no entities, no network, bounded depth and size."""

import re
from typing import Any

from lxml import etree

_DOCTYPE = re.compile(rb"<!\s*DOCTYPE", re.IGNORECASE)
# A document type that declares nothing itself, as drawing programs write it. What it names is never fetched.
_NAMED_DOCTYPE = re.compile(
    rb"""<!DOCTYPE\s+[\w:.-]+(?:\s+(?:SYSTEM|PUBLIC\s+(?:"[^"<>]*"|'[^'<>]*'))\s+(?:"[^"<>]*"|'[^'<>]*'))?\s*>"""
)


#: elements in one another; libxml2 stops there
MAX_DEPTH = 256


class XmlRefused(ValueError):
    """The XML is not read. ``code`` is ``dtd``, ``deep`` or ``broken``."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(message or code)
        self.code = code


def parse_xml(data: bytes) -> Any:
    """The root element of an XML document in any encoding it declares.

    A document type that only names what the document is, is read over. Raises ``XmlRefused``: a document type that
    declares something, an entity, or not well formed.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        attribute_defaults=False, remove_comments=False,
    )  # fmt: skip
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        if "Excessive depth" in str(error):
            raise XmlRefused("deep", str(error)) from error
        raise XmlRefused("dtd" if _DOCTYPE.search(data[:4096]) else "broken", str(error)) from error
    if (has_doctype(root) and not _NAMED_DOCTYPE.search(data[:4096])) or _has_entities(root):
        raise XmlRefused("dtd")
    return root


def has_doctype(root: Any) -> bool:
    """Whether the document of ``root`` names a document type."""
    return bool(root.getroottree().docinfo.doctype)


def _has_entities(root: Any) -> bool:
    return any(True for _ in root.iter(etree.Entity))
