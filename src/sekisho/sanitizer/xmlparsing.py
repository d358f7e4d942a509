"""Untrusted XML, read with every door shut: no declarations, no entities, no network, bounded depth and size."""

import re
from html import escape
from typing import Any

from lxml import etree

from sekisho.sanitizer.encodings import MEANT, as_declared, guess

_DOCTYPE = re.compile(rb"<!\s*DOCTYPE", re.IGNORECASE)
# A document type that declares nothing itself, as drawing programs write it. What it names is never fetched.
_NAMED_DOCTYPE = re.compile(
    rb"""<!DOCTYPE\s+[\w:.-]+(?:\s+(?:SYSTEM|PUBLIC\s+(?:"[^"<>]*"|'[^'<>]*'))\s+(?:"[^"<>]*"|'[^'<>]*'))?\s*>"""
)
_ENCODING = re.compile(rb"""\A<\?xml\s[^<>]*?\bencoding\s*=\s*["']([A-Za-z0-9._-]+)["'][^<>]*\?>""")
_DECLARATION = re.compile(r"\A\ufeff?\s*<\?xml[^>]*\?>", re.IGNORECASE)
# What Illustrator declares: short names for the addresses of its namespaces, or nothing at all. No name stands for markup,
# for another name or for a file.
_NAME = rb"""<!ENTITY\s++([\w.-]++)\s++(?:"([^"&%<]{0,300}+)"|'([^'&%<]{0,300}+)')\s*+>"""
_NAMES = re.compile(rb"<!DOCTYPE\s[^\[\]<>]*+(\[(?>\s++|" + _NAME + rb")*+\]\s*+)>")
_EACH_NAME = re.compile(_NAME)
_NAMED = re.compile(rb"&([\w.-]++);")
_MOST_NAMED = 1000  # times that names stand in a document
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


def in_an_encoding_of_xml(data: bytes) -> bytes:
    """The document in UTF-8 where it is in an encoding of Japan, which has more signs in practice (①, 髙) than by its name,
    or in another one than it says; else as it came. Blanks before its declaration, which no parser forgives, are left out.
    """
    bare = data.lstrip(b" \t\r\n")
    said = _ENCODING.match(bare)
    named = said[1].decode().lower() if said else ""
    if named not in MEANT and (named not in {"", "utf-8"} or guess(bare) != "cp932"):
        return bare
    text = as_declared(bare, named)
    return bare if text is None else _DECLARATION.sub("", text).encode()


def with_names_spelled_out(data: bytes) -> bytes:
    """The document with what its names stand for in their places, where its document type declares nothing but names.

    Any other document comes back as it is.
    """
    declared = _NAMES.search(data[:8192])
    if declared is None or len(_NAMED.findall(data)) > _MOST_NAMED:
        return data
    names = {
        name: escape((one or other).decode("utf-8", "replace")).encode()
        for name, one, other in _EACH_NAME.findall(declared[1])
    }
    bare = data[: declared.start(1)] + data[declared.end(1) :]
    return _NAMED.sub(lambda found: names.get(found[1], found[0]), bare)


def has_doctype(root: Any) -> bool:
    """Whether the document of ``root`` names a document type."""
    return bool(root.getroottree().docinfo.doctype)


def _has_entities(root: Any) -> bool:
    return any(True for _ in root.iter(etree.Entity))
