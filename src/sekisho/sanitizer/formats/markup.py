"""Web pages and XML data: parsed, filtered by what is known to be harmless, and written anew."""

import base64
import binascii
import codecs
import html
import io
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import nh3
from lxml import etree
from lxml import html as lxml_html

from sekisho.sanitizer.encodings import as_declared, guess
from sekisho.sanitizer.formats import images
from sekisho.sanitizer.formats.html_drawings import Drawings
from sekisho.sanitizer.formats.html_fields import needs_words, with_words_for_fields
from sekisho.sanitizer.formats.html_shape import require_a_page
from sekisho.sanitizer.formats.job import Job
from sekisho.sanitizer.formats.mail_links import attaches_nothing, plain_id
from sekisho.sanitizer.formats.personal import BREAK, in_a_cell, warn_of_address, warn_of_personal_numbers
from sekisho.sanitizer.formats.text import clean_text
from sekisho.sanitizer.identify import identify
from sekisho.sanitizer.results import Refused
from sekisho.sanitizer.xmlparsing import (
    MAX_DEPTH,
    MAX_TEXT,
    XmlRefused,
    has_doctype,
    in_an_encoding_of_xml,
    parse_xml,
    without_rules,
)

_TAGS_WORDS = (
    "a abbr address article aside b bdi bdo blockquote br caption center cite code col colgroup dd del "
    "details dfn div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd "
    "li main mark nav ol p pre q rp rt ruby s samp section small span strike strong sub summary sup "
    "table tbody td tfoot th thead time tr tt u ul var wbr"
)
TAGS = frozenset(_TAGS_WORDS.split())
_COMMON = {"lang", "dir", "title", "align", "style"}
ATTRIBUTES = {
    "*": _COMMON,
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan", "valign", "bgcolor", "width"},
    "th": {"colspan", "rowspan", "scope", "valign", "bgcolor", "width"},
    "table": {"border", "cellpadding", "cellspacing", "width", "bgcolor"},
    "col": {"span", "width"},
    "colgroup": {"span"},
    "ol": {"start", "type"},
    "font": {"color", "size", "face"},
}
_STYLES_WORDS = (
    "color background background-color text-align text-indent text-decoration font-weight font-style font-size font-family "
    "line-height letter-spacing white-space vertical-align list-style-type width height border-collapse "
    "border border-top border-right border-bottom border-left border-color border-style border-width "
    "padding padding-top padding-right padding-bottom padding-left "
    "margin margin-top margin-right margin-bottom margin-left"
)
STYLES = frozenset(_STYLES_WORDS.split())
_DROPPED_WITH_CONTENT = {"script", "style", "iframe", "object", "embed", "applet", "noscript", "template", "svg",
                         "select", "textarea", "title", "head", "frameset", "audio", "video"}  # fmt: skip
_FORMS = {"form", "input", "button"}  # gone like those above, but what they show stays
_LOADING = {"src", "background", "poster", "data", "srcset", "cite", "longdesc", "ping"}
_ACTIVE_ELEMENTS = (_DROPPED_WITH_CONTENT | _FORMS | {"meta", "base", "link"}) - {"head", "title", "style"}
# Only colours and sums are computed in a style that stays; url(), src(), image-set() and attr() fetch or fill in.
_STYLE_TRICKS = re.compile(
    r"expression|\\|@|/\*|<|(?<!\brgb)(?<!\brgba)(?<!\bhsl)(?<!\bhsla)(?<!\bcalc)\(", re.IGNORECASE
)
_LOADS = re.compile(r"@import|url\s*\(", re.IGNORECASE)
_CELLS = {"td", "th"}
_INLINE = {"a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins", "kbd",
           "label", "mark", "q", "rb", "rp", "rt", "ruby", "s", "samp", "small", "span", "strike", "strong", "sub", "sup",
           "time", "tt", "u", "var", "wbr"}  # fmt: skip
_BEGIN_OF_LINES = re.compile(r"(<pre(?: [^>]*+)?>)\n")
_ENDS = re.compile(r"</(?:html|body)\b[^<>]*+>", re.IGNORECASE)
_PLACE = re.compile(r"(?:https?://|mailto:)[^\x00-\x20]", re.IGNORECASE)
_NAME = re.compile(r"[\w.:%-]{1,200}")  # of a place in a page
_DATA_IMAGE = re.compile(
    r"^\s*data:image/(?:png|jpeg|gif|webp)\s*;\s*base64\s*,(.*)$", re.IGNORECASE | re.DOTALL
)
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>", re.IGNORECASE)  # XHTML; its encoding is settled by then
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]+)", re.IGNORECASE)
_FOREIGN = re.compile(
    r"gb|hz|big5|euc_kr|cp949|johab|koi8|cp125[013-8]|cp874|tis|iso8859-(?:[2-9]|1[0-46])\b"
)
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
_PAGE = (
    '<!doctype html>\n<html lang="{lang}">\n<head>\n<meta charset="utf-8">\n'
    '<meta http-equiv="Content-Security-Policy" content="{policy}">\n<title>{title}</title>\n</head>\n'
    "<body>\n{body}\n</body>\n</html>\n"
)


def rebuild_html(job: Job) -> None:
    """A page of text, tables, links and embedded pictures, that loads and runs nothing."""
    source = _decoded(job)
    require_a_page(source)
    tree = _tree(job, source)
    title = " ".join((tree.findtext(".//title") or "").split())
    language = re.sub(r"[^A-Za-z-]", "", tree.get("lang") or "") or "ja"
    body = clean_html(job, source).strip("\n")
    text = visible_text(tree)
    warn_of_personal_numbers(job, visible_text(tree, broken=True))
    job.fidelity = {"characters_before": len(text), "characters_after": len(visible_text(_tree(job, body)))}
    page = _PAGE.format(lang=language, policy=_POLICY, title=html.escape(clean_text(job, title)), body=body)
    job.output.write(page.encode("utf-8"))


def write_text(job: Job) -> None:
    """Only the words, as plain text."""
    if job.type.id == "html":
        source = _decoded(job)
        require_a_page(source)
        text = visible_text(_tree(job, source))
    else:
        said = _xml(job).itertext(etree.Element)
        text = "\n".join(part.strip() for part in said if part.strip())
    job.removed("html.active" if job.type.id == "html" else "xml.markup")
    warn_of_personal_numbers(job, text)
    job.produced = "txt"
    job.output.write((clean_text(job, text) + "\n").encode("utf-8"))


def _decoded(job: Job) -> str:
    named = _CHARSET.search(job.data[:2048])
    declared = named.group(1).decode() if named else ""
    guessed = guess(job.data) or ""
    # Pages say to be Western, or Japanese of another kind, that are not: what fits is likelier. Of other scripts any
    # bytes look Japanese.
    is_foreign = _is_foreign(declared) and not guessed.startswith("utf")
    text = as_declared(job.data, declared if is_foreign or not guessed else guessed)
    if text is None:
        raise Refused("text.undecodable")
    return clean_text(job, text.removeprefix("\ufeff"))


def _is_foreign(charset: str) -> bool:
    """Whether it is one for a script that is neither Japanese nor Western."""
    try:
        return bool(_FOREIGN.match(codecs.lookup(charset).name))
    except (LookupError, ValueError):
        return False


def _tree(job: Job, source: str) -> Any:
    try:
        return page_tree(_XML_DECLARATION.sub("", source).strip() or "<p></p>")
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise job.broken() from error


def page_tree(source: str) -> Any:
    """The tree of a page that ``require_a_page`` let through: the parser's own bound is lower, and cuts pages off.

    What stands behind the end of a page, as a second one in a letter, is a part of it, as browsers show it.
    """
    return lxml_html.document_fromstring(_ENDS.sub("", source), parser=lxml_html.HTMLParser(huge_tree=True))


def visible_text(tree: Any, *, broken: bool = False) -> str:
    """The words a reader sees, a line per block, the cells of a row with tabs between them.

    ``broken``: with ``BREAK`` where a line of a block is broken.
    """
    # Within the tree: what stands before the page or behind it, a comment as a rule, has nothing it could be taken out of.
    for element in tree.xpath(".//script|.//style|.//head|.//title|.//noscript|.//template|.//comment()"):
        element.drop_tree()
    pieces: list[str] = []
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        if element.tag == "br":
            pieces.append(BREAK * (event == "start") if broken else "\n")
        elif element.tag in _CELLS:
            pieces.append("\t")
        elif element.tag not in _INLINE:
            pieces.append("\n")
        pieces.append((element.text if event == "start" else element.tail) or "")
    lines = ("\t".join(_cells(line)) for line in "".join(pieces).split("\n"))
    return "\n".join(line for line in lines if line)


def _cells(line: str) -> Iterator[str]:
    pieces = (BREAK.join(" ".join(part.split()) for part in cell.split(BREAK)) for cell in line.split("\t"))
    return (shown for piece in pieces if (shown := piece.strip()))


def clean_html(job: Job, source: str, *, schemes: frozenset[str] = frozenset()) -> str:
    """A harmless fragment of the page: allow-listed elements and attributes, safe links, pictures re-encoded.

    The page is one that ``require_a_page`` lets through. ``schemes``: further URL schemes that may stay (``cid`` in mail).
    """
    drawings = Drawings(job)
    source = drawings.drawn_within(source)
    tree = _tree(job, source)
    _report_active(job, tree)
    if needs_words(tree):
        source = with_words_for_fields(tree)
    links = {"http", "https", "mailto"} if job.keep.links else set()
    places: dict[str, str] = {}
    # Places within a page stay; a mail stands in a page of others.
    named = set() if schemes else {"id", "name"}
    cleaned = nh3.clean(
        source,
        tags=set(TAGS),
        clean_content_tags=set(_DROPPED_WITH_CONTENT),
        attributes={tag: set(names) | named for tag, names in ATTRIBUTES.items()},
        attribute_filter=lambda tag, name, value: (
            _place(tag, name, value, places)
            if not schemes and (name in {"id", "name"} or (name == "href" and value[:1] == "#"))
            else _attribute(job, tag, name, value, schemes, drawings)
        ),
        filter_style_properties=set(STYLES),
        url_schemes={*links, "data", *schemes},
        url_relative="pass_through",  # ``_attribute`` leaves none but places in the page
        strip_comments=True,
        link_rel="noopener noreferrer",
    )
    # A reader takes the first line break of such text for the end of its tag's line: one that belongs to it comes second.
    cleaned = _BEGIN_OF_LINES.sub(r"\1\n\n", cleaned)
    return clean_text(job, cleaned)  # once more, for what entities had hidden


def _attribute(
    job: Job, tag: str, name: str, value: str, schemes: frozenset[str], drawings: Drawings
) -> str | None:
    if tag == "img" and name == "src":
        return _picture(job, value, schemes, drawings)
    if name == "href":
        if not _leads_to_a_place(value):
            return None
        if job.keep.links:
            warn_of_address(job, value.strip())
        return value.strip()
    return _style(job, value) if name == "style" else value


def _style(job: Job, value: str) -> str | None:
    parts = value.split(";")  # what quotes hold is parted too, and then left out: it has lost one of them
    kept = [
        part
        for part in parts
        if not (_STYLE_TRICKS.search(part) or part.count('"') % 2 or part.count("'") % 2)
    ]
    if len(kept) < len(parts):
        job.removed("html.external", object="style")
    return ";".join(kept) or None


def _place(tag: str, name: str, value: str, places: dict[str, str]) -> str | None:
    """A place in the page, or the link to one, under a number of ours: no name is anybody's choice."""
    told = value.removeprefix("#") if name == "href" else value
    if not _NAME.fullmatch(told) or (name == "name" and tag != "a"):
        return None
    number = places.setdefault(told, f"place-{len(places) + 1}")
    return f"#{number}" if name == "href" else number


def _leads(address: str) -> bool:
    return (
        bool(_NAME.fullmatch(address.removeprefix("#"))) if address[:1] == "#" else _leads_to_a_place(address)
    )


def _leads_to_a_place(address: str) -> bool:
    """Whether a link leads to the web or to a letter that attaches nothing."""
    address = address.strip()
    return bool(_PLACE.match(address)) and (address[:4].lower() == "http" or attaches_nothing(address))


def _picture(job: Job, value: str, schemes: frozenset[str], drawings: Drawings) -> str | None:
    """A picture inside the page is decoded and encoded anew; one from elsewhere is not fetched."""
    scheme, _colon, said = value.strip().partition(":")
    if scheme.lower() == "cid" and "cid" in schemes:
        return f"cid:{plain_id(unquote(said))}"
    match = _DATA_IMAGE.match(drawings.drawn_address(value) or value)
    if not match:
        job.removed("html.external", object="img")
        return None
    try:
        data = base64.b64decode(match.group(1), validate=False)
        kind = identify(io.BytesIO(data)).type
        if kind.family != "image":
            raise Refused("input.broken")
        encoded = _reencoded(job, data, kind.id)
    except (Refused, binascii.Error, ValueError):
        job.removed("html.external", object="img")
        return None
    return encoded


def _reencoded(job: Job, data: bytes, kind: str) -> str:
    before = job.produced, job.fidelity
    written = images.encode(job, data, kind)
    mime = f"image/{job.produced}"
    job.produced, job.fidelity = before
    return f"data:{mime};base64,{base64.b64encode(written).decode('ascii')}"


def _report_active(job: Job, tree: Any) -> None:
    """Say what is about to go, since nh3 removes without telling."""
    for element in tree.iter():
        if not isinstance(element.tag, str) or _is_written_anew(element):
            continue
        if element.tag in _ACTIVE_ELEMENTS:
            job.removed("html.active", object=element.tag)
        if element.tag == "style":
            if _LOADS.search(element.text or ""):
                job.removed("html.external", object="style")
            job.lost("html.style")
        for name, value in element.attrib.items():
            if name.lower().startswith("on"):
                job.removed("html.active", object=name[:40])
            elif name in _LOADING and (element.tag != "img" or name != "src"):
                job.removed("html.external", object=element.tag)
            elif name == "href" and element.tag in {"a", "area"} and not _leads(value):
                job.removed("html.link")


def _is_written_anew(element: Any) -> bool:
    """Whether this says what our own head says too: the encoding, or what a page may load."""
    told = element.get("http-equiv", "").lower()
    return element.tag == "meta" and (
        "charset" in element.attrib or told in {"content-type", "content-security-policy"}
    )


# -- XML ----------------------------------------------------------------------------------------------------------

# Browsers and programs run what is in these namespaces, whatever document it stands in; XInclude loads. Some are whole
# Office documents, forms, build files and windows in one XML file.
_ACTIVE_NAMESPACES = (
    "http://www.w3.org/1999/xhtml", "http://www.w3.org/2000/svg", "http://www.w3.org/2001/XInclude",
    "http://www.w3.org/2003/XInclude",  # of its drafts, which libraries still follow
    "http://www.w3.org/1999/XSL/Transform", "http://www.w3.org/TR/WD-xsl", "http://www.w3.org/2001/xml-events",
    "urn:schemas-microsoft-com:xslt", "urn:schemas-microsoft-com:vml", "urn:schemas-microsoft-com:office:",
    "http://schemas.microsoft.com/office/", "http://schemas.microsoft.com/developer/msbuild/",
    "http://schemas.microsoft.com/winfx/", "clr-namespace:", "http://www.mozilla.org/keymaster/",
    "http://www.mozilla.org/xbl", "http://www.w3.org/ns/xbl", "http://www.w3.org/2002/xforms",
    "http://www.w3.org/2001/SMIL20", "http://www.w3.org/2005/SMIL21", "http://www.w3.org/ns/SMIL",
    "urn:oasis:names:tc:opendocument:", "http://ns.adobe.com/xdp/", "http://www.xfa.org/schema/",
)  # fmt: skip
_XML_SPACE, _XSI, _XLINK = (
    "http://www.w3.org/XML/1998/namespace", "http://www.w3.org/2001/XMLSchema-instance", "http://www.w3.org/1999/xlink",
)  # fmt: skip
# Readers fetch what these name, or follow a link by themselves.
_LOADING_ATTRIBUTES = {
    f"{{{_XML_SPACE}}}base", f"{{{_XSI}}}schemaLocation", f"{{{_XSI}}}noNamespaceSchemaLocation",
    f"{{{_XLINK}}}show", f"{{{_XLINK}}}actuate",
}  # fmt: skip
_MAX_ATTRIBUTES = 1_000  # of one element; to read them takes time by the square
_GONE = "{urn:sekisho:gone}gone"
_LINK_ATTRIBUTE = f"{{{_XLINK}}}href"
_FORMULA = "{http://www.w3.org/1998/Math/MathML}"  # whose elements browsers follow by a plain href too
# To the web, to mail, to a place within, or to a file beside this one.
_LINK = re.compile(r"(?:https?://|mailto:|#)|(?![a-z][a-z0-9+.-]*:|[/\\])", re.IGNORECASE)
_CODE = re.compile(
    r"(?:javascript|vbscript|livescript|mocha):|data:(?:text/(?:html|xml)|application/xhtml|image/svg)",
    re.IGNORECASE,
)
_UNREAD_SIGNS = re.compile(r"[\x00-\x20]+")  # readers of addresses skip them
_HIDDEN = re.compile(
    "[\u061c\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069\x7f-\x9f\U000e0000-\U000e007f]"
)


def rebuild_xml(job: Job) -> None:
    """Elements, attributes and text, written anew; instructions, comments and active namespaces go."""
    root = _xml(job)
    if has_doctype(root):
        job.removed("xml.doctype")
    before = sum(1 for _ in root.iter())
    for node in list(root.iter()):
        _strip_xml(job, root, node)
    # All at once: what stands behind each is kept, and joining it piece by piece takes time by the square.
    etree.strip_elements(root, _GONE, with_tail=False)
    etree.strip_tags(root, etree.Comment, etree.PI)
    _strip_hidden(job, root)
    warn_of_personal_numbers(job, "\n".join(_said(root)))
    job.fidelity = {"elements_before": before, "elements_after": sum(1 for _ in root.iter())}
    for sibling in (*root.itersiblings(preceding=True), *root.itersiblings()):
        job.removed("xml.instruction" if sibling.tag is etree.PI else "xml.comment")
    alone = etree.fromstring(etree.tostring(root, encoding="utf-8"))  # without what stood before and behind
    job.output.write(etree.tostring(alone, encoding="utf-8", xml_declaration=True))


def _said(root: Any) -> Iterator[str]:
    """What elements say, and their attributes under their names."""
    for node in root.iter():
        yield from (f"{etree.QName(name).localname} {value}" for name, value in node.attrib.items())
        yield from (in_a_cell(text) for text in (node.text, node.tail) if text)


def _xml(job: Job) -> Any:
    try:
        received = in_an_encoding_of_xml(job.data)
        bare = without_rules(received)
        root = parse_xml(bare)
    except XmlRefused as refused:
        if refused.code == "deep":
            raise Refused("limit.nesting", limit=MAX_DEPTH) from refused
        if refused.code == "long":
            raise Refused("limit.xml_text", limit=MAX_TEXT) from refused
        raise (Refused("xml.dtd") if refused.code == "dtd" else job.broken()) from refused
    if any(len(node.attrib) > _MAX_ATTRIBUTES for node in root.iter(etree.Element)):
        raise Refused("limit.attributes", limit=_MAX_ATTRIBUTES)
    if bare is not received:
        job.removed("xml.rules")
    return root


def _strip_hidden(job: Job, root: Any) -> None:
    """Direction marks and the like, which references to characters bring in behind the look at the text."""
    if not _HIDDEN.search(etree.tostring(root, encoding="unicode")):
        return
    for node in root.iter():
        node.text, node.tail = _shown(job, node.text), _shown(job, node.tail)
        for name, value in node.attrib.items():
            node.attrib[name] = _shown(job, value)


def _shown(job: Job, text: str | None) -> str | None:
    shown, count = _HIDDEN.subn("", text or "")
    if count:
        job.removed("text.direction", count=count)
    return shown if count else text


def _strip_xml(job: Job, root: Any, node: Any) -> None:
    if node.tag is etree.Comment or node.tag is etree.PI:
        job.removed("xml.comment" if node.tag is etree.Comment else "xml.instruction")
    elif isinstance(node.tag, str) and _is_active(node):
        if node is root:
            raise Refused("policy.no_method", type=job.type.id)
        job.removed("html.active", object=etree.QName(node).localname[:40])
        node.tag = _GONE
    elif isinstance(node.tag, str):
        for name, value in list(node.attrib.items()):
            if name[1:].startswith(_ACTIVE_NAMESPACES):
                job.removed("html.active", object=etree.QName(name).localname[:40])
                del node.attrib[name]
            elif name in _LOADING_ATTRIBUTES or _leads_astray(node.tag, name, value):
                job.removed("xml.address", object=etree.QName(name).localname)
                del node.attrib[name]


def _leads_astray(tag: str, name: str, value: str) -> bool:
    """Whether an attribute is a link to where none may lead, or a script wherever it stands."""
    address = _UNREAD_SIGNS.sub("", value)
    is_link = name == _LINK_ATTRIBUTE or (name == "href" and tag.startswith(_FORMULA))
    return bool(_CODE.match(address)) or (is_link and not _LINK.match(address))


def _is_active(node: Any) -> bool:
    """Whether something runs or loads this element: by its namespace, or a script in a file for script hosts."""
    name = etree.QName(node)
    return (name.namespace or "").startswith(_ACTIVE_NAMESPACES) or name.localname.lower() == "script"
