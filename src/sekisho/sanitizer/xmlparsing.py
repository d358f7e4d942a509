"""Untrusted XML, read with every door shut: no declarations, no entities, no network, bounded depth and size."""

import codecs
import re
from html import escape
from typing import Any

from lxml import etree

from sekisho.sanitizer.encodings import MEANT, as_declared, guess

_DOCTYPE = re.compile(rb"<!\s*DOCTYPE", re.IGNORECASE)
# A document type that declares nothing itself, as drawing programs write it. What it names is never fetched.
_NAMED_DOCTYPE = re.compile(
    rb"""<!DOCTYPE\s+[\w:.\x80-\xff-]+(?:\s+(?:SYSTEM|PUBLIC\s+(?:"[^"<>]*"|'[^'<>]*'))\s+(?:"[^"<>]*"|'[^'<>]*'))?\s*>"""
)
_ENCODING = re.compile(rb"""\A<\?xml\s[^<>]*?\bencoding\s*=\s*["']([A-Za-z0-9._-]+)["'][^<>]*\?>""")
_DECLARATION_OF_BYTES = re.compile(rb"\A<\?xml[^<>]*\?>")
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_DECLARATION = re.compile(r"\A\ufeff?\s*<\?xml[^>]*\?>", re.IGNORECASE)
# What Illustrator declares: short names for the addresses of its namespaces, or nothing at all. No name stands for markup,
# for another name or for a file.
_NAME = rb"""<!ENTITY\s++([\w.-]++)\s++(?:"([^"&%<]{0,300}+)"|'([^'&%<]{0,300}+)')\s*+>"""
_NAMES = re.compile(rb"<!DOCTYPE\s[^\[\]<>]*+(\[(?>\s++|" + _NAME + rb")*+\]\s*+)>")
_EACH_NAME = re.compile(_NAME)
_NAMED = re.compile(rb"&([\w.-]++);")
# A document type with the rules that elements and attributes follow, and nothing that stands for something else: no
# entity, no notation. Rules show nothing; only a reader that goes by them adds the attributes that were left out.
_PROLOG = rb"\A(?>\xef\xbb\xbf)?+(?>\s++|<\?(?>[^?]|\?(?!>))*+\?>|<!--(?>[^-]|-(?!-))*+-->)*+"
_QUOTED = rb"""(?>"[^"<>&%]*+"|'[^'<>&%]*+')"""
_RULES = re.compile(
    _PROLOG + rb"(<!DOCTYPE\s++[^\s<>\[\]'\"&%%]++(?>\s++(?>SYSTEM|PUBLIC\s++%(q)s)\s++%(q)s)?+\s*+"
    rb"\[(?>\s++|<!ELEMENT\s(?>[^<>'\"&%%])*+>|<!ATTLIST\s(?>[^<>'\"&%%]|%(q)s)*+>|<!--(?>[^-]|-(?!-))*+-->)*+\]\s*+>)"
    % {b"q": _QUOTED}
)
_MOST_NAMED = 1000  # times that names stand in a document
_TOO_LONG = re.compile(r"Resource limit exceeded|[Tt]oo (?:big|long)")
#: bytes of one text or attribute; libxml2 stops there
MAX_TEXT = 10_000_000
#: elements in one another; libxml2 stops there
MAX_DEPTH = 256


class XmlRefused(ValueError):
    """The XML is not read. ``code`` is ``dtd``, ``deep``, ``long`` or ``broken``."""

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
        if _TOO_LONG.search(str(error)):
            raise XmlRefused("long", str(error)) from error
        declares = _DOCTYPE.search(data[:4096]) and not _NAMED_DOCTYPE.search(data[:4096])
        raise XmlRefused("dtd" if declares else "broken", str(error)) from error
    if (has_doctype(root) and not _NAMED_DOCTYPE.search(data[:4096])) or _has_entities(root):
        raise XmlRefused("dtd")
    return root


def in_an_encoding_of_xml(data: bytes) -> bytes:
    """The document in UTF-8 where it is in an encoding of Japan, which has more signs in practice (①, 髙) than by its name,
    in UTF-16, or in another one than it says; else as it came. Blanks before its declaration, which no parser forgives, are left out.
    """
    bare = data.lstrip(b" \t\r\n")
    said = _ENCODING.match(bare)
    named = said[1].decode().lower() if said else ""
    if bare.startswith(_WIDE) and not bare.startswith(codecs.BOM_UTF32_LE):
        wide = as_declared(bare, "utf-16")
        return bare if wide is None else _DECLARATION.sub("", wide).encode()
    if named.startswith("utf-16"):  # and is not, as its declaration would be unread then
        named = "utf-8"
        bare = _DECLARATION_OF_BYTES.sub(b"", bare, 1)
    if named not in MEANT and (named not in {"", "utf-8"} or guess(bare) != "cp932"):
        return bare
    text = as_declared(bare, named)
    return bare if text is None else _DECLARATION.sub("", text).encode()


def without_rules(data: bytes) -> bytes:
    """The document without its document type, where that only lays down rules for elements and attributes.

    Any other document comes back as it is.
    """
    found = _RULES.match(data)
    return data[: found.start(1)] + data[found.end(1) :] if found else data


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
