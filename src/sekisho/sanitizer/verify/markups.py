"""Clean web pages and XML, read by the standard library's own parsers."""

import base64
import binascii
import html
import re
import xml.parsers.expat
from html.parser import HTMLParser

from sekisho.sanitizer.verify import pictures
from sekisho.sanitizer.verify.grammar import Complaint, begins_a_plain_letter

_FRAME = {"html", "head", "meta", "title", "body"}
_ELEMENTS_WORDS = (
    "a abbr address article aside b bdi bdo blockquote br caption center cite code col colgroup dd del "
    "details dfn div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd "
    "li main mark nav ol p pre q rp rt ruby s samp section small span strike strong sub summary sup "
    "table tbody td tfoot th thead time tr tt u ul var wbr"
)
_ELEMENTS = _FRAME | set(_ELEMENTS_WORDS.split())
_ATTRIBUTES_WORDS = (
    "lang dir title align style href src alt width height colspan rowspan scope valign bgcolor border "
    "cellpadding cellspacing span start type color size face rel charset id name"
)
_ATTRIBUTES = set(_ATTRIBUTES_WORDS.split())
_LINK = re.compile(r"(?:https?://|mailto:)[^\x00-\x20]", re.IGNORECASE)
_PLACE = re.compile(r"#place-[0-9]{1,7}")
_PICTURE = re.compile(r"data:image/(png|jpeg|gif|webp);base64,([A-Za-z0-9+/=]+)$|cid:[^\s]+$")
_STYLES_WORDS = (
    "color background background-color text-align text-indent text-decoration font-weight font-style font-size font-family "
    "line-height letter-spacing white-space vertical-align list-style-type width height border-collapse "
    "border border-top border-right border-bottom border-left border-color border-style border-width "
    "padding padding-top padding-right padding-bottom padding-left "
    "margin margin-top margin-right margin-bottom margin-left"
)
_STYLES = frozenset(_STYLES_WORDS.split())
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_MAX_DEPTH, _MAX_XML_ATTRIBUTES = 300, 1_000
_MAX_PAGE_DEPTH, _MAX_ATTRIBUTES = 6_000, 500
_EMPTY = {"br", "col", "hr", "img", "meta", "wbr"}
_META = ({"charset": "utf-8"}, {
    "http-equiv": "Content-Security-Policy",
    "content": "default-src 'none'; img-src data:; style-src 'unsafe-inline'",
})  # fmt: skip
_STYLE_TRICKS = re.compile(
    r"expression|\\|@|/\*|<|(?<!rgb)(?<!rgba)(?<!hsl)(?<!hsla)(?<!calc)\(", re.IGNORECASE
)
_ACTIVE_NAMESPACES = ("http://www.w3.org/1999/xhtml", "http://www.w3.org/2000/svg", "http://www.w3.org/2001/XInclude",
                      "http://www.w3.org/2003/XInclude",
                      "http://www.w3.org/1999/XSL/Transform", "http://www.w3.org/TR/WD-xsl", "http://www.w3.org/2001/xml-events",
                      "urn:schemas-microsoft-com:xslt", "urn:schemas-microsoft-com:vml", "http://schemas.microsoft.com/office/",
                      "urn:schemas-microsoft-com:office:", "http://schemas.microsoft.com/developer/msbuild/",
                      "http://schemas.microsoft.com/winfx/", "clr-namespace:", "http://www.mozilla.org/keymaster/",
                      "http://www.mozilla.org/xbl", "http://www.w3.org/ns/xbl", "http://www.w3.org/2002/xforms",
                      "http://www.w3.org/2001/SMIL20", "http://www.w3.org/2005/SMIL21", "http://www.w3.org/ns/SMIL",
                      "urn:oasis:names:tc:opendocument:", "http://ns.adobe.com/xdp/", "http://www.xfa.org/schema/")  # fmt: skip
_ADDRESSES = {"http://www.w3.org/XML/1998/namespace base", "http://www.w3.org/2001/XMLSchema-instance schemaLocation",
              "http://www.w3.org/2001/XMLSchema-instance noNamespaceSchemaLocation",
              "http://www.w3.org/1999/xlink show", "http://www.w3.org/1999/xlink actuate"}  # fmt: skip
_XLINK = "http://www.w3.org/1999/xlink href"
_FORMULA = "http://www.w3.org/1998/Math/MathML "  # every element of it may be a link
_SCRIPTS = ("javascript:", "vbscript:", "livescript:", "mocha:", "data:text/html", "data:text/xml",
            "data:application/xhtml", "data:image/svg")  # fmt: skip
_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069\U000e0000-\U000e007f]")
# In XML, controls may be spelled by their numbers.
_UNSEEN = re.compile(_TURNING.pattern[:-1] + "\x7f-\x9f]")
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|[/\\]")


def complaint(data: bytes, kind: str) -> Complaint | None:
    """See ``find_complaint``."""
    return _xml(data) if kind == "xml" else html_complaint(data)


def html_complaint(data: bytes) -> Complaint | None:
    """What a page or a fragment of mail may not hold."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return Complaint("text.not_utf8", f"byte {error.start}")
    if _CONTROL.search(text) or _TURNING.search(html.unescape(text)):
        return Complaint("text.control", "in a page")
    reader = _Reader()
    reader.feed(text)
    reader.close()
    if not reader.complaint and reader.brackets != text.count("<"):
        return Complaint("markup.structure", "a tag without an end")
    return reader.complaint


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.complaint: Complaint | None = None
        self.brackets = 0  # that belong to tags
        self._open: dict[str, int] = {}
        self._depth = 0

    def _say(self, what: str) -> None:
        line, column = self.getpos()
        self.complaint = self.complaint or Complaint(
            "markup.structure", f"line {line}, column {column}: {what}"
        )

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.brackets += (self.get_starttag_text() or "").count("<")
        # A title ends where its end stands, be it in quotes: nothing may begin in one.
        if tag not in _ELEMENTS or self._open.get("title"):
            self._say(tag)
        if tag == "meta":
            # Of two attributes alike, readers take the first.
            if dict(attrs) not in _META or len(dict(attrs)) != len(attrs):
                self._say("meta")
            return
        if len(attrs) > _MAX_ATTRIBUTES:
            self._say("attributes")
        if tag not in _EMPTY:
            self._open[tag] = self._open.get(tag, 0) + 1
            self._depth += 1
            if self._depth > _MAX_PAGE_DEPTH:
                self._say("depth")
        for name, value in attrs:
            self._attribute(tag, name, value or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        self.brackets += 1
        if self._open.get("title") and tag != "title":
            self._say(tag)
        if self._open.get(tag):
            self._open[tag] -= 1
            self._depth -= 1

    def _attribute(self, tag: str, name: str, value: str) -> None:
        if name not in _ATTRIBUTES:
            self._say(name)
        elif name in {"id", "name"}:
            if not _PLACE.fullmatch("#" + value) or (name == "name" and tag != "a"):
                self._say(name)
        elif name == "href" and not (tag == "a" and _is_link(value)):
            self._say("href")
        elif name == "src" and not (tag == "img" and _is_picture(value)):
            self._say("src")
        elif name == "style" and not _is_plain_style(value):
            self._say("style")

    def handle_comment(self, data: str) -> None:
        self._say("comment")

    def handle_decl(self, decl: str) -> None:
        self.brackets += 1
        if decl.strip().lower() != "doctype html":
            self._say("declaration")

    def handle_pi(self, data: str) -> None:
        self._say("instruction")

    def unknown_decl(self, data: str) -> None:
        self._say("declaration")


def _is_link(address: str) -> bool:
    """Whether it leads to the web, to a plain letter or to a place in the page."""
    return bool(_PLACE.fullmatch(address) or (_LINK.match(address) and begins_a_plain_letter(address)))


def _is_picture(source: str) -> bool:
    """A picture within the page that is clean itself, or one that came with the mail."""
    match = _PICTURE.match(source)
    if match is None or match.group(1) is None:
        return match is not None
    try:
        return pictures.complaint(base64.b64decode(match.group(2), validate=True), match.group(1)) is None
    except binascii.Error:
        return False


def _is_plain_style(style: str) -> bool:
    properties = (part.partition(":")[0].strip().lower() for part in style.split(";") if part.strip())
    return not _STYLE_TRICKS.search(style) and all(name in _STYLES for name in properties)


def _xml(data: bytes) -> Complaint | None:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return Complaint("text.not_utf8", f"byte {error.start}")
    found: list[Complaint] = []
    parser = xml.parsers.expat.ParserCreate(namespace_separator=" ")

    def say(what: str) -> None:
        found.append(Complaint("markup.structure", f"line {parser.CurrentLineNumber}: {what}"))

    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _MAX_DEPTH:
            say("depth")
        if len(attributes) > _MAX_XML_ATTRIBUTES:
            say("attributes")
        if name.startswith(_ACTIVE_NAMESPACES):
            say(name.rpartition(" ")[2])
        if name.rpartition(" ")[2].lower() == "script":
            say("script")
        for attribute, value in attributes.items():
            if attribute in _ADDRESSES:
                say(attribute.rpartition(" ")[2])
            if attribute.startswith(_ACTIVE_NAMESPACES):
                say(attribute.rpartition(" ")[2])
            if _UNSEEN.search(value):
                say("direction")
            address = "".join(sign for sign in value.lower() if sign > " ")
            if address.startswith(_SCRIPTS):
                say("script")
            if (
                (attribute == _XLINK or (attribute == "href" and name.startswith(_FORMULA)))
                and not address.startswith(("http://", "https://", "mailto:", "#"))
                and _ELSEWHERE.match(address)
            ):
                say("link")

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1

    def words(said: str) -> None:
        if _UNSEEN.search(said):
            say("direction")

    def declared(_version: str, encoding: str | None, _standalone: int) -> None:
        if (encoding or "utf-8").lower() != "utf-8":
            say("encoding")

    parser.XmlDeclHandler = declared
    parser.StartElementHandler, parser.EndElementHandler = start, end
    if b"&#" in data:  # else the look at the text as it stands says all
        parser.CharacterDataHandler = words
    parser.StartDoctypeDeclHandler = lambda *rest: say("doctype")
    parser.ProcessingInstructionHandler = lambda *rest: say("instruction")
    parser.CommentHandler = lambda *rest: say("comment")
    try:
        parser.Parse(data, True)
    except (
        xml.parsers.expat.ExpatError,
        ValueError,
        LookupError,
    ) as error:  # also encodings it does not read
        return Complaint("markup.structure", str(error))
    if not found and _UNSEEN.search(text):
        return Complaint("markup.structure", "direction")
    return found[0] if found else None
