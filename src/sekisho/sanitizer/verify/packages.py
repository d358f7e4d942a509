"""Clean Office files: a strict package, known kinds of part, and in them only words of the vocabulary.

Shares nothing with the writer but the published lists of names (``vocabulary.txt``, ``functions.txt``): the archive is
read by ``zips``, the XML by expat, and fields, formulas and addresses are judged by rules of its own.
"""

import posixpath
import re
import xml.parsers.expat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from html import unescape
from importlib import resources
from typing import Any
from urllib.parse import unquote

from sekisho.sanitizer.verify import pictures
from sekisho.sanitizer.verify.grammar import Complaint, begins_a_plain_letter
from sekisho.sanitizer.verify.office_fixed import CHART_SHEET, FIXED, pictures_of
from sekisho.sanitizer.verify.office_text import FieldReader, are_harmless, formula_complaint, place_complaint
from sekisho.sanitizer.verify.tags import Kind, Passed, Told, settled_spaces, told
from sekisho.sanitizer.verify.zips import Stored, Structure, members

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_XML = "http://www.w3.org/XML/1998/namespace"
_CORE_TYPE = "application/vnd.openxmlformats-package.core-properties+xml"
# Of the workbook behind a chart.
_BOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_RELS_TYPE = "application/vnd.openxmlformats-package.relationships+xml"
_MAIN = {
    "docx": "wordprocessingml.document", "dotx": "wordprocessingml.template", "xlsx": "spreadsheetml.sheet",
    "xltx": "spreadsheetml.template", "pptx": "presentationml.presentation", "potx": "presentationml.template",
    "ppsx": "presentationml.slideshow",
}  # fmt: skip
_RELATIONS_WORDS = (
    "officeDocument styles numbering settings fontTable theme themeOverride footnotes endnotes comments header footer "
    "image chart chartUserShapes diagramData diagramLayout diagramColors diagramQuickStyle worksheet chartsheet "
    "sharedStrings table drawing slideMaster slideLayout slide notesSlide notesMaster handoutMaster presProps "
    "viewProps tableStyles commentAuthors hyperlink vmlDrawing pivotTable pivotCacheDefinition "
    "sheetMetadata extended-properties package"
)
_RELATIONS = {f"{_OFFICE}/{word}" for word in _RELATIONS_WORDS.split()} | {
    "http://schemas.microsoft.com/office/2007/relationships/diagramDrawing",
    "http://schemas.microsoft.com/office/2014/relationships/chartEx",
    "http://schemas.microsoft.com/office/2011/relationships/commentsExtended",
    "http://schemas.microsoft.com/office/2022/11/relationships/FeaturePropertyBag",
    f"{_PACKAGE}/relationships/metadata/core-properties",
}
_TYPES = re.compile(
    r"application/vnd\.(?:openxmlformats-officedocument\."
    r"(?:(?:wordprocessingml|spreadsheetml|presentationml|drawingml|drawing)[.\w]*(?:\+xml)|theme\+xml|themeOverride\+xml|"
    r"themeoverride\+xml|drawing\+xml)|ms-office\.(?:drawingml\.diagramDrawing|chartex)\+xml)"
)
_NAME = re.compile(
    r"(?:word|xl|ppt|docProps|_rels)/(?:[A-Za-z]+/)?(?:_rels/)?[A-Za-z]+\d*\.(?:xml|rels|vml|png|jpeg|gif|xlsx)(?:\.rels)?"
)
_TURNS = r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_LINK = re.compile(rf"(?:https?://[^\s\\<>\"{_TURNS}]+|mailto:[^\s\\<>\"{_TURNS}]*)", re.IGNORECASE)
_ADDRESS = re.compile(
    r"(?:[a-z][a-z0-9+.-]{2,}://|\\\\|(?:javascript|vbscript|ms-[a-z]+|mhtml):)", re.IGNORECASE
)
# Attributes whose value a person reads; the others may not hold an address.
_READ = {
    "descr", "title", "name", "tooltip", "display", "prompt", "promptTitle", "error", "errorTitle", "text", "val",
    "formatCode", "totalsRowLabel",
}  # fmt: skip
_FORMULAS = (
    "f",
    "nf",
    "formula",
    "formula1",
    "formula2",
    "calculatedColumnFormula",
    "totalsRowFormula",
    "definedName",
)
# Attributes whose words count.
_LOOKED_AT = {"action", "uri", "layoutId", "Requires"}
# Newer kinds of charts, but for maps, and what a program has to know to show them, a canvas or how a slide follows another, rather than what is beside.
_LAYOUTS = {"boxWhisker", "clusteredColumn", "funnel", "paretoLine", "sunburst", "treemap", "waterfall"}
_BRANCHES = re.compile(r"cx1|cx2|cx1 cx2|cx2 cx1|wpc|p14|p15|p159|p14 p159|p159 p14|p14 p15|p15 p14")
_FIXED = {"[Content_Types].xml", "_rels/.rels"}
_MAX_DEPTH = 256
# Rows and cells of a sheet with nothing but places, looks, formulas and values; formulas are judged apart.
_FORMULA = rb'<f(?> (?:t="[a-zA-Z]*"|si="[0-9]+"|ref="[A-Z0-9:]*"|a?ca="[a-z01]*"))*+(?:/>|>[^<]*+</f>)'
_CELL = (
    rb'<c(?> [rst]="[A-Za-z0-9]*")*+(?:/>|>(?:%s)?(?:<v(?: xml:space="preserve")?>[^<]*+</v>)?'
    rb'(?:<is><t(?: xml:space="preserve")?>[^<]*+</t></is>)?</c>)' % _FORMULA
)
_ROW_WORDS = rb'(?> (?:r|spans|s|customFormat|ht|hidden|customHeight|outlineLevel|collapsed|thickTop|thickBot|ph)="[0-9A-Za-z.: -]*")*+'
_CELLS = re.compile(rb"(?><row%s(?:/>|>(?>%s)*+</row>))++|(?>%s)++" % (_ROW_WORDS, _CELL, _CELL))
_UNUSUAL_ESCAPE = re.compile(rb"&(?!(?:amp|lt|gt);)")
_AT_ONCE = 8 << 20  # bytes of a part that is held whole; larger ones are read piece by piece
# Extensions that may stay ([MS-XLSX] 2.2.4, [MS-ODRAWXML] 2.24.2): conditional formats, sparklines, validations, the link between a
# rule and its extension, boxes to tick; sections of presentations; links in the colour of their words, and pictures for ornament; in charts labels with the words of cells, and the fill of bars below zero.
_EXTENSIONS = {
    "spreadsheetml/2006/main": {
        "{78C0D931-6437-407D-A8EE-F0AAD7539E65}", "{05C60535-1F16-4FD2-B633-F4F36F0B64E0}",
        "{CCE6A557-97BC-4B89-ADB6-D9C93CAAB3DF}", "{B025F937-C7B1-47D3-B67F-A62EFF666E3E}",
        "{C7286773-470A-42A8-94C5-96B5CB345126}", "{0417FA29-78FA-4A13-93AC-8FF0FAFDF519}",
    },
    "drawingml/2006/main": {"{A12FA001-AC4F-418D-AE19-62706E023703}", "{C183D7F6-B498-43B3-948B-1728B52AA6E4}"},
    "presentationml/2006/main": {"{521415D9-36F7-43E2-AB2F-B90AF26B5E84}"},
    "drawingml/2006/chart": {
        "{02D57815-91ED-43CB-92C2-25804820EDAC}", "{CE6537A1-D6FC-4F65-9D91-7224C49458BB}",
        "{6F2FDCE9-48DA-4B69-8628-5D25D57E5C99}", "{56B9EC1D-385E-4148-901F-78D8002777C0}",
    },
}  # fmt: skip
_SCHEMAS = ("http://schemas.openxmlformats.org/", "http://schemas.microsoft.com/")


class _Disliked(Exception):
    """Carries the first complaint out of a parser."""

    def __init__(self, code: str, place: str) -> None:
        super().__init__(code)
        self.complaint = Complaint(f"package.{code}", place)


@dataclass
class _Package:
    """What the package declares: content types and, by part, its relations (id -> type, target, external)."""

    parts: dict[str, Stored]
    types: dict[str, str] = field(default_factory=dict)
    relations: dict[str, dict[str, tuple[str, str, bool]]] = field(default_factory=dict)


@cache
def _vocabulary() -> tuple[dict[str, frozenset[str]], frozenset[str], dict[str, str]]:
    """Elements with their attributes, the elements that may hold text, and the namespaces by prefix."""
    text = (resources.files("sekisho.sanitizer.formats.ooxml") / "vocabulary.txt").read_text("utf-8")
    spaces = dict(re.findall(r"^\[(\S+) (\S+)\]$", text, re.MULTILINE)) | {"xml": _XML}
    elements: dict[str, frozenset[str]] = {}
    texts, space = set(), ""
    for line in text.splitlines():
        if line.startswith("["):
            space = line[1:-1].split(" ")[1]
        elif line and not line.startswith("#"):
            name, *attributes = line.replace("*", "").split()
            if name.endswith("="):
                texts.add(f"{space}}}{name[:-1]}")
            elements[f"{space}}}{name.rstrip('=')}"] = frozenset(_full(word, spaces) for word in attributes)
    return elements, frozenset(texts), spaces


@cache
def _plain_attributes() -> dict[str, frozenset[str]]:
    """By element, the attributes in which a plain number or word needs no further look."""
    elements, _texts, spaces = _vocabulary()
    related = spaces["r"] + "}"
    return {
        tag: frozenset(name for name in names if not name.startswith(related) and name not in _LOOKED_AT)
        for tag, names in elements.items()
    }


@cache
def _passed() -> Passed:
    return Passed(_vocabulary()[2])


def _full(word: str, spaces: dict[str, str]) -> str:
    prefix, colon, local = word.partition(":")
    return f"{spaces[prefix]}}}{local}" if colon else word


def prepare() -> None:
    """Read the lists of names once for all, and judge the tags that most files hold."""
    _plain_attributes()
    formula_complaint("SUM(1)")
    reader = _PartReader(_Package({}, {"": ""}), "")
    for text in usual_texts(_vocabulary()[2]):
        _read_bytes("", text, plain_names=False)
        if found := told(text, passed=_passed()):
            reader.remember(found, filter(reader._is_plain_kind, found.kinds))


def usual_texts(spaces: Mapping[str, str]) -> Iterator[bytes]:
    """By namespace of names without a prefix, the tags of ``usual_tags.txt`` in an element."""
    text = (resources.files("sekisho.sanitizer.formats.ooxml") / "usual_tags.txt").read_text("ascii")
    declared = "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in spaces.items() if prefix != "xml")
    for section in text.split("\n[")[1:]:
        space, _, lines = section.partition("]\n")
        tags = [
            line if line.endswith("/") else f"{line}></{line.split(' ')[0]}" for line in lines.splitlines()
        ]
        default = f' xmlns="{space}"' if space else ""
        yield f"<root{default}{declared}><{'><'.join(tags)}></root>".encode()


def complaint(data: bytes, kind: str) -> Complaint | None:
    """See ``find_complaint``."""
    try:
        package = _opened(data)
        _check_types(package, kind)
        _check_relations(package)
        for name, part in package.parts.items():
            if not name.endswith(".rels") and name != "[Content_Types].xml":
                _check_part(package, name, part)
    except Structure as error:
        return Complaint("package.structure", str(error))
    except _Disliked as disliked:
        return disliked.complaint
    return None


def _opened(data: bytes) -> _Package:
    parts: dict[str, Stored] = {}
    lowered: set[str] = set()
    for member in members(data):
        if member.name.lower() in lowered:
            raise _Disliked("structure", f"{member.name} twice")
        if member.name not in _FIXED and not _NAME.fullmatch(member.name):
            raise _Disliked("structure", member.name)
        lowered.add(member.name.lower())
        parts[member.name] = member
    return _Package(parts)


def _check_types(package: _Package, kind: str) -> None:
    if "[Content_Types].xml" not in package.parts:
        raise _Disliked("structure", "[Content_Types].xml")

    def start(name: str, attributes: dict[str, str]) -> None:
        space, local = name.rpartition("}")[::2]
        if space != f"{_PACKAGE}/content-types" or local not in {"Types", "Default", "Override"}:
            raise _Disliked("element", name)
        if local == "Default" and (attributes.get("Extension"), attributes.get("ContentType")) != (
            "rels",
            _RELS_TYPE,
        ):
            raise _Disliked("structure", f"default {attributes.get('Extension')}")
        if local == "Override":
            part = attributes.get("PartName", "")
            if part[:1] != "/" or part[1:] in package.types:  # of two, readers take either
                raise _Disliked("structure", f"type of {part}")
            package.types[part[1:]] = attributes.get("ContentType", "")

    _read(package.parts["[Content_Types].xml"], start)
    undeclared = {
        name for name in package.parts if not name.endswith(".rels") and name != "[Content_Types].xml"
    } ^ set(package.types)
    if undeclared:
        raise _Disliked("structure", min(undeclared))
    mains = [name for name, told in package.types.items() if told.endswith(".main+xml")]
    if len(mains) != 1 or f"{_MAIN[kind]}.main+xml" not in package.types[mains[0]]:
        raise _Disliked("structure", "main part")


def _check_relations(package: _Package) -> None:
    for name, part in package.parts.items():
        if not name.endswith(".rels"):
            continue
        owner = _owner(name)
        if owner and owner not in package.parts:
            raise _Disliked("relation", name)
        package.relations[owner] = _relations(package, name, part)
    reached, waiting = {""}, [""]
    while waiting:
        for _type, target, external in package.relations.get(waiting.pop(), {}).values():
            if not external and target not in reached:
                reached.add(target)
                waiting.append(target)
    unreached = set(package.types) - reached
    if unreached:
        raise _Disliked("relation", f"nothing leads to {min(unreached)}")


def _owner(name: str) -> str:
    """The part whose relations stand in this one, '' for those of the package."""
    return name.replace("_rels/", "", 1).removesuffix(".rels") if name != "_rels/.rels" else ""


def _part_at(owner: str, target: str) -> str:
    """The part that a target leads to, as seen from the folder of its owner or from the root."""
    seen = target if target.startswith("/") else f"/{owner.rpartition('/')[0]}/{target}"
    return posixpath.normpath(seen).lstrip("/")


def _relations(package: _Package, name: str, part: Stored) -> dict[str, tuple[str, str, bool]]:
    owner = _owner(name)
    is_chart = package.types.get(owner, "").endswith(".drawingml.chart+xml")
    found: dict[str, tuple[str, str, bool]] = {}

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag == f"{_PACKAGE}/relationships}}Relationships":
            return
        id, kind, target = (attributes.get(key, "") for key in ("Id", "Type", "Target"))
        external = attributes.get("TargetMode", "Internal") != "Internal"
        if tag != f"{_PACKAGE}/relationships}}Relationship" or kind not in _RELATIONS or id in found:
            raise _Disliked("relation", f"{name}: {kind or tag}")
        if external != (kind == f"{_OFFICE}/hyperlink") and not (
            kind.endswith("/hyperlink") and not external
        ):
            raise _Disliked("relation", f"{name}: {target}")
        if external and not (_LINK.fullmatch(target) and begins_a_plain_letter(target)):
            raise _Disliked("relation", f"{name}: {target}")
        within = kind.endswith("/hyperlink") and target.startswith("#")
        place = target[1:] + unquote(target)
        if within and (place_complaint(place) or _ADDRESS.search(place)):
            raise _Disliked("relation", f"{name}: {target}")
        led = target if external or within else _part_at(owner, target)
        if not external and not within and led not in package.types:
            raise _Disliked("relation", f"{name}: {target}")
        is_book = package.types.get(led) == _BOOK_TYPE
        if (kind == f"{_OFFICE}/package") != is_book or (is_book and not is_chart):
            raise _Disliked("relation", f"{name}: {target}")
        found[id] = (kind, led, external)

    _read(part, start)
    return found


def _check_part(package: _Package, name: str, part: Stored) -> None:
    told = package.types[name]
    if told.startswith("image/"):
        wrong = pictures.complaint(part.data, told.removeprefix("image/"))
        if wrong or not name.endswith("." + told.removeprefix("image/")):
            raise _Disliked("picture", f"{name}: {wrong}")
    elif told in FIXED:
        if not FIXED[told].fullmatch(part.data):
            raise _Disliked("part", name)
        along = package.relations.get(name, {})
        if set(along) != pictures_of(part.data) or any(
            kind != f"{_OFFICE}/image" for kind, _to, _out in along.values()
        ):
            raise _Disliked("relation", name)
    elif told == _CORE_TYPE:
        _check_properties(name, part)
    elif told == _BOOK_TYPE:
        _check_book(name, part)
    elif _TYPES.fullmatch(told):
        _PartReader(package, name).read(part)
    else:
        raise _Disliked("part", f"{name}: {told}")


def _check_book(name: str, part: Stored) -> None:
    """The workbook behind a chart: sheets of one form, their looks, and nothing else."""
    book = _opened(part.data)
    _check_types(book, "xlsx")
    _check_relations(book)
    for inner, kind in book.types.items():
        last = kind.rpartition(".")[2]
        fits = last != "worksheet+xml" or CHART_SHEET.fullmatch(book.parts[inner].data)
        if last not in {"main+xml", "styles+xml", "worksheet+xml"} or not fits:
            raise _Disliked("part", f"{name}: {inner}")
        _check_part(book, inner, book.parts[inner])


def _check_properties(name: str, part: Stored) -> None:
    def start(tag: str, attributes: dict[str, str]) -> None:
        space = tag.rpartition("}")[0]
        if attributes or space not in {
            f"{_PACKAGE}/metadata/core-properties",
            "http://purl.org/dc/elements/1.1/",
        }:
            raise _Disliked("element", f"{name}: {tag}")

    _read(part, start)


def _read(part: Stored, start: object, *, end: object = None, text: object = None) -> None:
    """Parse a part with expat; document types, comments and instructions are disliked."""
    parser = _parser(part.name)
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    try:
        for chunk in part.chunks():
            _require_bytes_of_utf8(part.name, chunk)
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except xml.parsers.expat.ExpatError as error:
        raise _Disliked("part", f"{part.name}: {error}") from error


def _read_bytes(name: str, data: bytes, *, plain_names: bool) -> None:
    """Have expat see that a part is well formed, and its prefixes declared, without looking at its elements.

    ``plain_names``: what prefixes mean is settled already, and expat need not follow it, which takes it more than half of its time.
    """
    _require_bytes_of_utf8(name, data)
    try:
        _parser(name, None if plain_names else "}").Parse(data, True)
    except xml.parsers.expat.ExpatError as error:
        raise _Disliked("part", f"{name}: {error}") from error


def _require_bytes_of_utf8(name: str, data: bytes) -> None:
    """Raise for UTF-16, which needs no declaration, and in which programs that look into files see nothing."""
    if b"\0" in data:
        raise _Disliked("part", f"{name}: not UTF-8")


def _parser(name: str, separator: str | None = "}") -> Any:
    parser = xml.parsers.expat.ParserCreate(namespace_separator=separator)

    def refuse(*_rest: object) -> None:
        raise _Disliked("element", f"{name}, line {parser.CurrentLineNumber}")

    parser.StartDoctypeDeclHandler = parser.CommentHandler = parser.ProcessingInstructionHandler = refuse
    parser.StartCdataSectionHandler = refuse
    parser.XmlDeclHandler = lambda _version, encoding, _alone: refuse() if not _is_utf8(encoding) else None
    return parser


def _is_utf8(encoding: str | None) -> bool:
    return encoding is None or encoding.lower() == "utf-8"


def _has_plain_formulas(data: bytes, spelling: bytes) -> bool:
    """Whether every formula in elements of this name is one piece of text with no escapes but the usual, and harmless."""
    element = re.escape(spelling)
    found = re.findall(rb"<%s(?: [^<>]*)?(?<!/)>([^<]*)(</%s>)?" % (element, element), data)
    texts = {text for text, _end in found}
    if not all(end for _text, end in found) or any(map(_UNUSUAL_ESCAPE.search, texts)):
        return False
    formulas = [unescape(text.decode()) for text in texts]
    return are_harmless(formulas) or not any(map(formula_complaint, formulas))


class _PartReader:
    """One XML part against the vocabulary, its relations, and the rules of fields and formulas."""

    def __init__(self, package: _Package, name: str) -> None:
        self.name, self.relations = name, package.relations.get(name, {})
        self.told_type = package.types[name]
        self.elements, self.texts, spaces = _vocabulary()
        self.related = spaces["r"] + "}"
        self.formulas = {
            f"{spaces[prefix]}}}{local}"
            for prefix in ("x", "c", "c15", "cx", "xm", "x14")
            for local in _FORMULAS
        }
        word, self.sheets = spaces["w"], spaces["x"].encode()
        self.plain = _plain_attributes()
        self.said = f"{word}}}t"
        self.marks = {f"{word}}}fldChar", f"{word}}}instrText", f"{word}}}t", f"{word}}}fldSimple"}
        self.gathered = self.formulas | self.marks  # elements whose text is judged as a whole
        self.word, self.fields = word, FieldReader()
        self.open: list[str] = []
        self.collected: list[str] | None = None
        self.parser_place = ""

    def read(self, part: Stored) -> None:
        """Judge the part by its different tags where they tell enough, else element by element."""
        if part.size <= _AT_ONCE:
            data = part.data
            spaces = settled_spaces(data)
            _read_bytes(self.name, data, plain_names=spaces is not None)
            if self._is_plain(data, spaces or {}):
                return
        _read(part, self.start, end=self.end, text=self.text)
        if self.fields.is_open:
            raise _Disliked("text", f"{self.name}: a field without end")

    def _is_plain(self, data: bytes, spaces: Mapping[bytes, bytes]) -> bool:
        """Whether the tags show that nothing in the part would be disliked. False where that is not sure."""
        sheet = self.told_type.endswith(".worksheet+xml") and spaces.get(b"") == self.sheets
        if sheet and not _has_plain_formulas(data, b"f"):
            return False
        found = told(data, _CELLS if sheet else None, passed=_passed(), most=_MAX_DEPTH)
        if found is None or found.outside:
            return False
        if not found.speaking <= self.texts or any(
            kind.name in self.marks for kind in found.kinds if kind.name != self.said
        ):
            return False
        if not all(map(self._is_plain_kind, found.kinds)) or not self._has_plain_formulas(data, found):
            return False
        self.remember(found, found.kinds)
        if not any(kind.name in self.gathered for kind in found.kinds):
            _passed().add_all(found)
        return True

    def remember(self, found: Told, kinds: Iterable[Kind]) -> None:
        """Note the tags of plain kinds that neither lead to other parts nor hold text that is judged as a whole."""
        for kind in kinds:
            related = any(name.startswith(self.related) for name in kind.attributes)
            if not related and kind.name not in self.gathered:
                _passed().add(found.known, kind)

    def _is_plain_kind(self, kind: Kind) -> bool:
        allowed = self.elements.get(kind.name)
        if allowed is None or kind.name.endswith("}cacheSource"):
            return False
        plain = self.plain[kind.name]
        for place, name in enumerate(kind.attributes):
            values = {values[place] for values in kind.values}
            if not name or (name in plain and b"".join(values).isalnum()):
                continue
            if name not in allowed or not all(
                self._is_plain_value(kind.name, name, value) for value in values
            ):
                return False
        return True

    def _is_plain_value(self, tag: str, name: str, value: bytes) -> bool:
        if b"&" in value:
            return False
        try:
            self._attribute(tag, name, value.decode())
        except (_Disliked, UnicodeDecodeError):
            return False
        return True

    def _has_plain_formulas(self, data: bytes, found: Told) -> bool:
        return all(
            _has_plain_formulas(data, spelling)
            for name in self.formulas & found.names.keys()
            for spelling in found.names[name]
        )

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        allowed = self.elements.get(tag)
        if allowed is None or len(self.open) >= _MAX_DEPTH:
            raise _Disliked("element", f"{self.name}: {tag}")
        plain = self.plain[tag]
        for name, value in attributes.items():
            if name in plain and value.isalnum():
                continue  # most attributes by far: numbers, flags and cell places
            if name not in allowed:
                raise _Disliked("element", f"{self.name}: {tag} {name}")
            self._attribute(tag, name, value)
        if tag.endswith("}cacheSource") and attributes.get("type") != "worksheet":
            raise _Disliked("text", f"{self.name}: a pivot table of {attributes.get('type')}")
        self.open.append(tag)
        self.collected = [] if tag in self.gathered else None
        if self.collected is not None and tag in self.marks:
            self._mark(tag, attributes)

    def end(self, tag: str) -> None:
        self.open.pop()
        if self.collected is None:
            return
        text, self.collected = "".join(self.collected), None
        if tag in self.formulas:
            wrong = formula_complaint(text)
        elif tag in self.marks:
            told = tag.endswith(("}fldChar", "}instrText")) or self.fields.in_code
            if told and self._is_in_branch():
                raise _Disliked("text", f"{self.name}: a field in one branch of two")
            wrong = self.fields.text(tag.rpartition("}")[2], text)
        else:
            return
        if wrong:
            raise _Disliked("text", f"{self.name}: {wrong}")

    def _is_in_branch(self) -> bool:
        """Whether what is read stands where only some readers see it."""
        return any(tag.endswith(("}Choice", "}Fallback")) for tag in self.open)

    def text(self, data: str) -> None:
        if self.collected is not None:
            self.collected.append(data)
        elif not data.isspace() and (not self.open or self.open[-1] not in self.texts):
            raise _Disliked("element", f"{self.name}: text in {self.open[-1] if self.open else ''}")

    def _mark(self, tag: str, attributes: dict[str, str]) -> None:
        wrong = ""
        if tag.endswith("}fldChar"):
            wrong = self.fields.mark(attributes.get(f"{self.word}}}fldCharType", ""))
        elif tag.endswith("}fldSimple"):
            wrong = self.fields.simple(attributes.get(f"{self.word}}}instr", ""))
        if wrong:
            raise _Disliked("text", f"{self.name}: {wrong}")

    def _attribute(self, tag: str, name: str, value: str) -> None:
        local = name.rpartition("}")[2]
        if name.startswith(self.related):
            if value not in self.relations and not (value == "" and tag.endswith("}hlinkClick")):
                raise _Disliked("relation", f"{self.name}: {value}")
            leads = self.relations.get(value, ("",))[0]
            if (leads == f"{_OFFICE}/package") != tag.endswith("/chart}externalData"):
                raise _Disliked("relation", f"{self.name}: {value}")
            return
        if local == "location" and tag.endswith("}hyperlink"):
            fits = not place_complaint(value) and not _ADDRESS.search(value)
        elif local == "textlink" or (local == "val" and tag.endswith("}cfvo")):
            fits = not formula_complaint(value)
        elif local == "layoutId" and tag.endswith("/chartex}series"):
            fits = value in _LAYOUTS
        elif local == "Requires":
            fits = _BRANCHES.fullmatch(value) is not None
        elif local == "action":
            fits = not value or value.startswith(("ppaction://noaction", "ppaction://hlinks"))
        elif local == "uri":
            known = next((ids for space, ids in _EXTENSIONS.items() if tag.endswith(f"{space}}}ext")), ())
            fits = value.startswith(_SCHEMAS) or value.upper() in known
        else:
            fits = local in _READ or local == "instr" or not _ADDRESS.search(value)
        if not fits:
            raise _Disliked("text", f"{self.name}: {local}={value[:60]}")
