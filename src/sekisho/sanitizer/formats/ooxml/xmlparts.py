"""One XML part: parsed without trust, pruned to the vocabulary, written anew.

``vocabulary.txt`` lists every element and attribute that may stay; the rest goes, and what would have been an
attack is named in the report. Compatibility alternatives (ECMA-376-3, ``mc:AlternateContent``) are settled first,
so that no reader can choose another branch than the one that was examined.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any

from lxml import etree

from sekisho.sanitizer.formats.job import Job
from sekisho.sanitizer.formats.ooxml.links import names_a_place, safe_link
from sekisho.sanitizer.formats.ooxml.tags import Harmless, Shape, tags
from sekisho.sanitizer.results import Refused

Element = Any  # lxml ships no types
NS: dict[str, str] = {
    "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
    "xml": "http://www.w3.org/XML/1998/namespace",
}
_STRICT = (
    (b"http://purl.oclc.org/ooxml/officeDocument/relationships", b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"),
    (b"http://purl.oclc.org/ooxml/officeDocument/math", b"http://schemas.openxmlformats.org/officeDocument/2006/math"),
    (b"http://purl.oclc.org/ooxml/wordprocessingml/main", b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"),
    (b"http://purl.oclc.org/ooxml/spreadsheetml/main", b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"),
    (b"http://purl.oclc.org/ooxml/presentationml/main", b"http://schemas.openxmlformats.org/presentationml/2006/main"),
    *(
        (f"http://purl.oclc.org/ooxml/drawingml/{name}".encode(), f"http://schemas.openxmlformats.org/drawingml/2006/{name}".encode())
        for name in ("main", "picture", "chart", "chartDrawing", "diagram", "lockedCanvas", "spreadsheetDrawing", "wordprocessingDrawing", "table")
    ),
)  # fmt: skip
STRICT_MARK = b"http://purl.oclc.org/ooxml/"
# Compatibility branches we understand: their content is in the vocabulary.
_UNDERSTOOD = {
    "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
    "http://schemas.microsoft.com/office/word/2010/wordprocessingGroup",
    "http://schemas.microsoft.com/office/word/2010/wordprocessingCanvas",
}
_ENCODING = re.compile(rb"""^<\?xml[^>]*?encoding\s*=\s*["']([^"']+)["']""")
_TOKEN = re.compile(r"[\w.%#+\-, :()]*")
# Attributes whose text is shown to people or is a pattern of digits: never followed.
_SHOWN_ATTRIBUTES = {
    "formatCode", "display", "tooltip", "prompt", "promptTitle", "error", "errorTitle", "text", "totalsRowLabel", "val",
}  # fmt: skip
_RISKY_ATTRIBUTES = {
    "macro", "href", "src", "target", "althref", "onLoad", "onAction", "invalidUrl", "connectionId", "cmd", "instr",
    "docLocation", "tgtFrame", "link", "schemaLocation", "fmlaMacro", "shortcutKey", "function", "xlm", "vbProcedure",
}  # fmt: skip
_LINK_CODE = re.compile(r' HYPERLINK "([^"]*)"(?: \\[lo] "[^"]*")* ')  # as ``fields`` writes it
_NO = {"", "0", "false"}
# Moves inside a show ([MS-OE376] 2.1.1235 lists the others, which run programs, macros and objects).
_ACTION = re.compile(
    r"ppaction://(?:noaction|hlinksldjump|hlinkshowjump\?jump=(?:nextslide|previousslide|firstslide|lastslide|"
    r"lastslideviewed|endshow))|"
)
GRAPHIC_URIS = {
    "http://schemas.openxmlformats.org/drawingml/2006/picture",
    "http://schemas.openxmlformats.org/drawingml/2006/chart",
    "http://schemas.microsoft.com/office/drawing/2014/chartex",
    "http://schemas.openxmlformats.org/drawingml/2006/diagram",
    "http://schemas.openxmlformats.org/drawingml/2006/table",
    "http://schemas.openxmlformats.org/drawingml/2006/lockedCanvas",
    *_UNDERSTOOD,
}
# Extensions of worksheets, styles, charts, drawings and presentations that are read, and what each holds; see ``extensions`` and ``cellmarks``.
EXTENSIONS = {
    "{78C0D931-6437-407D-A8EE-F0AAD7539E65}": ("x14:conditionalFormattings",),
    "{05C60535-1F16-4FD2-B633-F4F36F0B64E0}": ("x14:sparklineGroups",),
    "{CCE6A557-97BC-4B89-ADB6-D9C93CAAB3DF}": ("x14:dataValidations",),
    "{B025F937-C7B1-47D3-B67F-A62EFF666E3E}": ("x14:id",),
    "{C7286773-470A-42A8-94C5-96B5CB345126}": ("xfpb:xfComplement",),
    "{0417FA29-78FA-4A13-93AC-8FF0FAFDF519}": ("xfpb:DXFComplement",),
    # labels of a chart with the words of cells, and how bars below zero are filled
    "{02D57815-91ED-43CB-92C2-25804820EDAC}": ("c15:datalabelsRange",),
    "{CE6537A1-D6FC-4F65-9D91-7224C49458BB}": (
        "c15:spPr", "c15:xForSave", "c15:layout", "c15:dlblFieldTable", "c15:showDataLabelsRange", "c15:showLeaderLines",
        "c15:leaderLines",
    ),
    "{6F2FDCE9-48DA-4B69-8628-5D25D57E5C99}": ("c14:invertSolidFillFmt",),
    # gaps in lines of a chart where a value is not available
    "{56B9EC1D-385E-4148-901F-78D8002777C0}": ("c16r3:dataDisplayOptions16",),
    # a link in the colour of its words, a picture that readers of the screen pass over
    "{A12FA001-AC4F-418D-AE19-62706E023703}": ("ahyp:hlinkClr",),
    "{C183D7F6-B498-43B3-948B-1728B52AA6E4}": ("adec:decorative",),
    # into which sections a presentation is parted
    "{521415D9-36F7-43E2-AB2F-B90AF26B5E84}": ("p14:sectionLst",),
}  # fmt: skip
_EXTENDED = ("x:extLst", "c:extLst", "p:extLst", "a:extLst")
_COMPAT_URIS = {
    "http://schemas.microsoft.com/office/word",
    "http://schemas.microsoft.com/office/drawing/2008/diagram",
}


class Vocabulary:
    """``elements``: tag -> {attribute: may hold free text}; ``text``: tags that may hold text.

    ``plain``: tag -> attributes in which a mere word or number needs no further look.
    """

    def __init__(self) -> None:
        self.elements: dict[str, dict[str, bool]] = {}
        self.text: set[str] = set()
        lines = (resources.files(__package__) / "vocabulary.txt").read_text("utf-8").splitlines()
        for line in lines:
            if line.startswith("["):
                prefix, uri = line.strip("[]").split()
                NS[prefix] = uri
        self._uri = ""
        for line in lines:
            self._take(line)
        related = f"{{{NS['r']}}}"
        self.plain = {
            tag: frozenset(
                name for name in names if not name.startswith(related) and name not in {"uri", "action"}
            )
            for tag, names in self.elements.items()
        }
        self.harmless = Harmless(NS)

    def _take(self, line: str) -> None:
        if line.startswith("["):
            self._uri = line.strip("[]").split()[1]
        elif line and not line.startswith("#"):
            name, *attributes = line.split()
            tag = f"{{{self._uri}}}{name.rstrip('=')}"
            if name.endswith("="):
                self.text.add(tag)
            # Marks of editing never stay: one that is listed is our own (``replies``).
            self.elements[tag] = {
                name: word.endswith("*")
                for word in attributes
                if (name := qname(word.rstrip("*"))) not in _editing_marks()
            }


def column_of(letters: str) -> int:
    """The number of a column of a sheet, from 0: A, Z, AA."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


@cache
def qname(name: str) -> str:
    """``w:p`` as lxml writes it; a name without prefix stays as it is."""
    prefix, colon, local = name.partition(":")
    return f"{{{NS[prefix]}}}{local}" if colon else name


@cache
def vocabulary() -> Vocabulary:
    return Vocabulary()


def local(tag: str) -> str:
    return tag.rpartition("}")[2]


@cache
def parser(**more: Any) -> Any:
    """A parser, for one part after the other, that fetches nothing, expands nothing and keeps to libxml2's own limits."""
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
        remove_comments=True, remove_pis=True, strip_cdata=True, collect_ids=False, **more,
    )  # fmt: skip


def check_head(data: bytes) -> None:
    """Refuse document types and encodings that OPC does not allow (ECMA-376-2, 6.2.5)."""
    encoding = _ENCODING.match(data[:200].removeprefix(b"\xef\xbb\xbf"))
    if encoding and encoding.group(1).lower() not in {b"utf-8", b"utf8", b"utf-16", b"us-ascii", b"ascii"}:
        raise Refused("ooxml.encoding", detail=encoding.group(1)[:20].decode("ascii", "replace"))
    head = data[:65_536]
    if b"<!DOCTYPE" in head or b"<\0!\0D\0" in head or b"\0<\0!\0D" in head:
        raise Refused("ooxml.dtd")


def parsed(job: Job, data: bytes, **more: Any) -> Element:
    """The root of a part. Raises the refusal of a broken part or of a document type. ``more`` is for the parser."""
    vocabulary()
    check_head(data)
    try:
        root = etree.fromstring(data, parser(**more))
        if STRICT_MARK in data:
            root = etree.fromstring(transitional(etree.tostring(root)), parser(**more))
    except (etree.XMLSyntaxError, ValueError) as error:
        raise job.broken() from error
    if root.getroottree().docinfo.doctype:
        raise Refused("ooxml.dtd")
    job.hold(root, len(data))
    return root


def transitional(data: bytes) -> bytes:
    """Strict namespaces written as transitional ones: same elements, same meaning (ECMA-376-4, annex A)."""
    for strict, loose in _STRICT:
        data = data.replace(strict, loose)
    return data


_DECLARATION = b"<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\n"


def serialised(root: Element) -> bytes:
    """A part as it is written, with its declaration."""
    return _DECLARATION + _written(root).encode("utf-8")


def _written(root: Element) -> str:
    branches = next(root.iter(qname("mc:AlternateContent")), None) is not None
    # What a branch requires is told by prefixes in an attribute's value.
    etree.cleanup_namespaces(
        root, keep_ns_prefixes=["cx1", "cx2", "wpc", "p14", "p15", "p159"] if branches else None
    )
    text: str = etree.tostring(root, encoding="unicode")
    return text


def resolve_alternates(root: Element, stays: Callable[[Element], bool] = lambda alternate: False) -> None:
    """Put the branch we understand, else the fallback, in place of every ``mc:AlternateContent`` but those that stay."""
    for alternate in list(root.iter(qname("mc:AlternateContent"))):
        parent = alternate.getparent()
        if parent is None or stays(alternate):
            continue
        chosen = next((branch for branch in alternate if _fits(branch)), None)
        place = parent.index(alternate)
        for child in reversed([] if chosen is None else list(chosen)):
            parent.insert(place, child)
        parent.remove(alternate)


def keep_both(alternate: Element, branch: Element, prefixes: list[str]) -> bool:
    """Leave this branch, which requires what our ``prefixes`` stand for, and the fallback, where there is one.

    Nothing is done, and ``False`` answered, where our prefixes would not be declared: another one has their namespace.
    """
    chosen = alternate.makeelement(qname("mc:Choice"), nsmap={prefix: NS[prefix] for prefix in prefixes})
    chosen.set("Requires", " ".join(prefixes))
    fallback = alternate.find(qname("mc:Fallback"))
    alternate.append(chosen)
    if any(chosen.nsmap.get(prefix) != NS[prefix] for prefix in prefixes):
        alternate.remove(chosen)
        return False
    chosen.extend(list(branch))
    for entry in list(alternate):
        alternate.remove(entry)
    alternate.attrib.clear()
    alternate.append(chosen)
    if fallback is not None:
        fallback.attrib.clear()
        alternate.append(fallback)
    return True


def _fits(branch: Element) -> bool:
    if branch.tag == qname("mc:Fallback"):
        return True
    needed = {branch.nsmap.get(prefix) for prefix in branch.get("Requires", "").split()}
    understood = set(_UNDERSTOOD)
    if next(branch.iter(qname("a14:m")), None) is not None:  # an equation of a slide or sheet
        understood.add(NS["a14"])
    if next(branch.iter(qname("w:numFmt")), None) is not None:  # numbers as 00001
        understood.add(NS["w14"])
    return bool(needed) and needed <= understood


@cache
def _editing_marks() -> tuple[str, ...]:
    return tuple(
        f"{{{NS.get(space, space)}}}{name}"
        for space, names in _EDITING_SPACES.items()
        for name in names.split()
    )


def drop(element: Element) -> None:
    """Take an element out, keeping what stands behind it."""
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def unwrap(element: Element) -> list[Element]:
    """Replace an element by its children, which are returned."""
    parent, children = element.getparent(), list(element)
    place = parent.index(element)
    for child in reversed(children):
        parent.insert(place, child)
    parent.remove(element)
    return children


# What a dropped element would have been. Others are extensions whose loss changes little.
_ATTACKS: Mapping[str, str] = {
    "w:subDoc": "ooxml.external", "w:frameset": "ooxml.external",
    "w:attachedTemplate": "ooxml.external", "w:mailMerge": "ooxml.connection", "w:control": "ooxml.control",
    "w:object": "ooxml.embedded", "w:entryMacro": "ooxml.macro", "w:exitMacro": "ooxml.macro",
    "w:docVars": "ooxml.metadata", "w:movie": "ooxml.media", "o:OLEObject": "ooxml.embedded",
    "p:oleObj": "ooxml.embedded", "p:controls": "ooxml.control", "p:control": "ooxml.control",
    "p:cmd": "ooxml.action", "p:audio": "ooxml.media", "p:video": "ooxml.media", "p:snd": "ooxml.media",
    "p:sndAc": "ooxml.media", "a:snd": "ooxml.media", "a:hlinkMouseOver": "ooxml.action",
    "a:hlinkHover": "ooxml.action", "a:audioFile": "ooxml.media", "a:videoFile": "ooxml.media",
    "a:wavAudioFile": "ooxml.media", "a:audioCd": "ooxml.media", "a:quickTimeFile": "ooxml.media",
    "x:oleObjects": "ooxml.embedded", "x:controls": "ooxml.control",
    "x:externalReferences": "ooxml.external_link", "x:functionGroups": "ooxml.macro",
    "x:webPublishing": "ooxml.external", "x:webPublishItems": "ooxml.external", "x:customProperties": "ooxml.custom_xml",
    "p:custDataLst": "ooxml.custom_xml", "w:fldData": "ooxml.embedded", "w:saveThroughXslt": "ooxml.external",
    "w:printerSettings": "ooxml.printer", "p:htmlPubPr": "ooxml.external", "p:contentPart": "ooxml.embedded",
    "w:contentPart": "ooxml.embedded", "w:dataBinding": "ooxml.custom_xml",
}  # fmt: skip
# Marks of editing that stand at most elements of what Word and Excel save, and that no list of names holds.
_EDITING_SPACES = {
    "w": "rsidR rsidRPr rsidRDefault rsidP rsidTr rsidDel rsidSect",
    "http://schemas.microsoft.com/office/word/2010/wordml": "paraId textId",
    "http://schemas.microsoft.com/office/spreadsheetml/2009/9/ac": "dyDescent",
    "http://schemas.openxmlformats.org/markup-compatibility/2006": "Ignorable",
}
_SILENT = {"altChunk", "externalData", "placeholder", "storeMappedDataAs", "proofErr", "extLst", "ext", "rsids", "rsid", "calcChain", "lastRenderedPageBreak", "proofState", "docId",
           "chartTrackingRefBased", "savePreviewPicture", "defaultImageDpi", "shapeDefaults", "hdrShapeDefaults",
           "revisionPtr", "fileRecoveryPr", "xmlColumnPr", "activeWritingStyle", "smartTagType",
           "attachedSchema", "divId", "embedTrueTypeFonts", "saveSubsetFonts", "revisionView", "repeatingSection", "repeatingSectionItem"}  # fmt: skip
_EDITING_ELEMENTS = (
    "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}proofErr",
    "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}lastRenderedPageBreak",
    "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}rsids",
    "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}rsid",
)
_UNWRAPPED = ("w:customXml", "w:smartTag", "w:sdtContentRun")
_PICTURES = ("a:blip", "v:imagedata")
# What makes sense without the part it points to.
_OPTIONAL = ("x:pageSetup", "v:fill", "dgm:shape", "a:blip")


@cache
def _attacks() -> dict[str, str]:
    return {qname(name): code for name, code in _ATTACKS.items()}


@cache
def _qnames(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(qname, names))


class TagJudge:
    """Tells by the tags of a part which of its elements have to be looked at. ``relations``: as for ``Pruner``."""

    def __init__(self, relations: Mapping[str, str]) -> None:
        words = vocabulary()
        self._elements, self._text, self._plain = words.elements, words.text, words.plain
        self._harmless, self._relations = words.harmless, relations
        self._relation = f"{{{NS['r']}}}"
        self._extensions = _qnames(_EXTENDED)

    def doubtful(self, text: str) -> set[str] | None:
        """The names of the elements of a part of which one may have to be changed; None when its tags do not tell."""
        found = tags(text, self._harmless)
        if found is None:
            return None
        doubtful = set()
        for shape in found.shapes:
            if self._is_doubtful(shape):
                doubtful.add(shape.name)
            elif not any(name.startswith(self._relation) for name in shape.attributes):
                self._harmless.keep(found.known, shape)
        doubtful |= found.behind | (found.words - self._text)
        if not doubtful:
            self._harmless.keep_all(found)
        return doubtful

    def _is_doubtful(self, shape: Shape) -> bool:
        allowed = self._elements.get(shape.name)
        if allowed is None or shape.name in self._extensions:
            return True
        plain = self._plain[shape.name]
        for place, name in enumerate(shape.attributes):
            if not name:
                continue
            values = {values[place] for values in shape.values}
            if name in plain and "".join(values).isalnum():
                continue
            free = allowed.get(name)
            if name.startswith(self._relation) and free is not None:
                if any(self._relations.get(value) != value for value in values):
                    return True
                continue
            if free is None:
                return True
            if not all(
                "&" not in value and (_shown_or(name, value) if free else _is_token(value))
                for value in values
            ):
                return True
        return False


class Pruner:
    """Prunes one tree to the vocabulary.

    ``relations`` maps the relation ids of the source to those of the new part. ``placeholder`` gives the id of a
    neutral picture for one that did not come through. ``cell`` or ``slide`` may place what is reported.
    """

    def __init__(
        self, job: Job, part: str, relations: Mapping[str, str], placeholder: Callable[[], str] | None = None
    ) -> None:
        self.job, self.part, self.relations = job, part, relations
        self.placeholder = placeholder
        words = vocabulary()
        self._elements, self._text, self._plain = words.elements, words.text, words.plain
        self._relation = f"{{{NS['r']}}}"
        self._extensions = _qnames(_EXTENDED)
        self._click, self._cell_link = qname("a:hlinkClick"), qname("x:hyperlink")
        self._blip, self._graphic = qname("a:blip"), qname("a:graphicData")

    def prune_part(self, root: Element) -> bytes | None:
        """``prune`` for a whole part: only elements whose tag leaves something to judge are visited.

        Answers the part as it is written, where nothing had to be changed.
        """
        if root.tag not in self._elements:
            raise Refused("ooxml.wrong_part", detail=local(root.tag)[:60])
        etree.strip_attributes(root, *_editing_marks())
        etree.strip_elements(root, *_EDITING_ELEMENTS)
        text = _written(root)
        doubtful = TagJudge(self.relations).doubtful(text)
        if doubtful is None:
            self.prune(root)
            return None
        if not doubtful:
            return _DECLARATION + text.encode("utf-8")
        self._visit(root, doubtful)
        return None

    def _visit(self, root: Element, names: set[str]) -> None:
        """Prune the elements of these names; what is in one that went needs no look."""
        for element in list(root.iter(*names)):
            top = element
            for ancestor in element.iterancestors():
                top = ancestor
            if top is not root:
                continue
            allowed = self._elements.get(element.tag)
            if allowed is None:
                for _child in self._unknown(element):
                    pass
            elif not element.attrib or self._attributes(element, allowed):
                if element.tag in self._extensions and not self._has_known(element):
                    drop(element)
                else:
                    self._texts(element)

    def prune(self, root: Element) -> None:
        """Leave only what the vocabulary knows; ``Refused`` when the root itself is unknown."""
        if root.tag not in self._elements:
            raise Refused("ooxml.wrong_part", detail=local(root.tag)[:60])
        stack = [root]
        while stack:
            element = stack.pop()
            allowed = self._elements.get(element.tag)
            if allowed is None:
                stack.extend(self._unknown(element))
                continue
            if element.attrib and not self._attributes(element, allowed):
                continue
            if element.tag in self._extensions and not self._has_known(element):
                drop(element)
                continue
            if element.text or element.tail:
                self._texts(element)
            stack.extend(element)

    def _unknown(self, element: Element) -> Iterator[Element]:
        if element.tag in _qnames(_UNWRAPPED):
            yield from unwrap(element)
            return
        code = _attacks().get(element.tag)
        if code:
            self.job.removed(code, part=self.part, detail=local(element.tag))
        elif local(element.tag) not in _SILENT:
            self.job.lost("ooxml.extension", part=self.part, detail=local(element.tag))
        drop(element)

    def _has_known(self, extensions: Element) -> bool:
        """Take out every extension that is not read; False when none is left."""
        for extension in list(extensions):
            known = _qnames(EXTENSIONS.get(extension.get("uri", "").upper(), ()))
            for child in [child for child in extension if child.tag not in known]:
                drop(child)
            if len(extension) == 0 or (len(known) == 1 and len(extension) > 1):
                drop(extension)
        return len(extensions) > 0

    def _texts(self, element: Element) -> None:
        text, tail = element.text, element.tail
        if text and element.tag not in self._text and not text.isspace():
            element.text = None
            self.job.removed("ooxml.stray_text", part=self.part)
        if tail and not tail.isspace():
            element.tail = None
            self.job.removed("ooxml.stray_text", part=self.part)

    def _attributes(self, element: Element, allowed: Mapping[str, bool]) -> bool:
        """Prune the attributes; False when the element went with one of them."""
        attributes, plain = element.attrib, self._plain[element.tag]
        for name, value in attributes.items():
            if name in plain and value.isalnum():
                continue  # most by far
            free = allowed.get(name)
            if free is None:
                self._unknown_attribute(element, name)
            elif name.startswith(self._relation):
                if not self._relate(element, name, value):
                    drop(element)
                    return False
            elif not (_shown_or(name, value) if free else _is_token(value)):
                if local(name) in {"uri", "action"}:
                    drop(element)
                    if element.tag != self._graphic:  # its frame is told of as a whole
                        self.job.removed("ooxml.action", part=self.part, detail=local(element.tag))
                    return False
                self.job.removed("ooxml.attribute", part=self.part, detail=local(name))
                attributes[name] = ""
        return True

    def _unknown_attribute(self, element: Element, name: str) -> None:
        value = element.attrib.pop(name)
        if name == self._relation + "link":
            self.job.removed("ooxml.external", part=self.part, detail="link")
            wanted = element.tag == self._blip and self._relation + "embed" not in element.attrib
            if wanted and self.placeholder:
                element.set(self._relation + "embed", self.placeholder())
        elif value not in _NO and local(name) in _RISKY_ATTRIBUTES:
            self.job.removed("ooxml.attribute", part=self.part, detail=local(name))

    def _relate(self, element: Element, name: str, value: str) -> bool:
        """Point to the new relation; False when the element makes no sense without it."""
        new = self.relations.get(value)
        if new:
            element.set(name, new)
        elif element.tag in _qnames(_PICTURES) and self.placeholder:
            element.set(name, self.placeholder())
        elif element.tag == self._click:
            # Moves such as "next slide" need no target; an empty id is how the format says so.
            element.set(name, "")
            return bool(element.get("action", "")) and "sldjump" not in element.get("action", "")
        elif element.tag in _qnames(_OPTIONAL) or (
            element.tag == self._cell_link and element.get("location")
        ):
            del element.attrib[name]
        else:
            return False
        return True


def meet_usual_tags() -> None:
    """Judge the tags that most files hold before the first file comes, for all children that are forked from here."""
    judge = TagJudge({})
    for text in usual_texts():
        etree.fromstring(text, parser())  # the library keeps names that it has met
        judge.doubtful(text)


def usual_texts() -> Iterator[str]:
    """A part for each namespace of ``usual_tags.txt``, of these tags alone."""
    vocabulary()
    listed = (resources.files(__package__) / "usual_tags.txt").read_text("ascii")
    declared = "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in NS.items() if prefix != "xml")
    for space, lines in re.findall(r"^\[(.*)\]\n((?:[^\[#].*\n)+)", listed, re.MULTILINE):
        default = f' xmlns="{space}"' if space else ""
        yield f"<root{default}{declared}>{''.join(map(_whole, lines.splitlines()))}</root>"


def _whole(tag: str) -> str:
    return f"<{tag}>" if tag.endswith("/") else f"<{tag}></{tag.partition(' ')[0]}>"


def _is_token(value: str) -> bool:
    """Whether a value is a number, a word or a place in the document, and no address."""
    return bool(_TOKEN.fullmatch(value)) and (":" not in value or not names_a_place(value))


def _shown_or(name: str, value: str) -> bool:
    """Whether the text of an attribute may stay: it is only shown, or it names no place."""
    short = local(name)
    if short == "uri":
        return value in GRAPHIC_URIS or value in _COMPAT_URIS or value.upper() in EXTENSIONS
    if short == "action":
        return bool(_ACTION.fullmatch(value))
    if short == "instr" and (link := _LINK_CODE.fullmatch(value)):
        return safe_link(link[1]) is not None
    return short in _SHOWN_ATTRIBUTES or not names_a_place(value)
