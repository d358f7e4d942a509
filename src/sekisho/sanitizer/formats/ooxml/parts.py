"""The walk from the package root over allowed relations to allowed parts, and the writing of the new package."""

import html
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter
from typing import Any
from urllib.parse import unquote

from sekisho.sanitizer.formats.job import Job
from sekisho.sanitizer.formats.metafiles import MAX_METAFILES, is_metafile, size_of
from sekisho.sanitizer.formats.ooxml import (
    canvases,
    chartbooks,
    charts,
    diagrams,
    headers,
    kinds,
    newcharts,
    pictures,
    transitions,
)
from sekisho.sanitizer.formats.ooxml.kinds import Kind
from sekisho.sanitizer.formats.ooxml.links import leaves_the_book, names_a_place, safe_link
from sekisho.sanitizer.formats.ooxml.package import (
    LINK,
    RELATIONS,
    XML_HEAD,
    Relation,
    Source,
    content_types_xml,
    relations_xml,
)
from sekisho.sanitizer.formats.ooxml.target import Target
from sekisho.sanitizer.formats.ooxml.wording import warn_of_words
from sekisho.sanitizer.formats.ooxml.xmlparts import (
    Element,
    Pruner,
    drop,
    parsed,
    qname,
    resolve_alternates,
    serialised,
)
from sekisho.sanitizer.formats.personal import warn_of_address
from sekisho.sanitizer.results import Refused

_PLACEHOLDER = "placeholder.png"
_LONGEST_PLACE = 255
_USUAL_ID = re.compile(r"rId[1-9][0-9]{0,5}")


@dataclass
class Part:
    """A part on its way: ``source`` its old name, ``name`` its new one, ``ids`` old relation ids to new ones.

    ``places``: old ids of links that lead to a place in the same file, and the place. ``had_book``: of a chart, whether a
    workbook was behind it.
    """

    kind: Kind
    source: str
    name: str
    relations: list[Relation] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    had_book: bool = False
    numbered: int = 0
    _known: dict[tuple[str, str, bool], str] = field(default_factory=dict)
    _taken: set[str] = field(default_factory=set)

    def relate(self, type: str, target: str, *, external: bool = False, wanted: str = "") -> str:
        """Add a relation; its id, which is the ``wanted`` one where that is a free and usual name."""
        if len(self._known) != len(self.relations):  # some were forgotten
            self._known = {(known.type, known.target, known.external): known.id for known in self.relations}
            self._taken = set(self._known.values())
        if (type, target, external) in self._known:
            return self._known[type, target, external]
        id = wanted
        while id in self._taken or not _USUAL_ID.fullmatch(id):
            self.numbered += 1
            id = f"rId{self.numbered}"
        self.relations.append(Relation(id, type, target, external))
        self._known[type, target, external] = id
        self._taken.add(id)
        return id


class Plan:
    """Everything of the source that the new package will hold."""

    def __init__(self, job: Job, family: str) -> None:
        self.job, self.family = job, family
        self.source = Source(job)
        self.kinds = {kind.id: kind for kind in kinds.FAMILIES[family]}
        self.parts: dict[str, Part] = {}
        self.accounted: set[str] = set()  # parts that do not stay, of which nothing more need be said
        self.pictures: dict[str, pictures.Picture] = {}
        self.headers: dict[str, list[headers.HeaderPicture]] = {}
        self.metafiles: dict[str, bytes] = {}  # that wait to be drawn, by part
        self._looks: dict[bytes, pictures.Picture | None] = {}  # of all that there have been
        self.counts: Counter[str] = Counter()
        self.numbers: Counter[str] = Counter()
        self.produced = kinds.PRODUCED[job.type.id]
        self.main = self._main()
        self._walk()
        if self.metafiles:
            self._draw_metafiles()
        self._report_orphans()

    @cached_property
    def program(self) -> bytes | None:
        """The part that says which version of Office the file is like."""
        return _program(self)

    def _main(self) -> Part:
        mains = [entry for entry in self.source.relations("") if entry.type == RELATIONS + "officeDocument"]
        for relation in self.source.relations(""):
            if relation.type != RELATIONS + "officeDocument":
                self._report(relation)
        kind = self.kinds["officeDocument"]
        if len(mains) != 1 or mains[0].external or mains[0].target not in self.source:
            raise self.job.broken()
        if self.source.content_type(mains[0].target) not in kind.types:
            raise Refused("ooxml.wrong_part", detail=self.source.content_type(mains[0].target)[:80])
        return self._add(kind, mains[0].target)

    def _add(self, kind: Kind, source: str) -> Part:
        self.numbers[kind.id] += 1
        name = kind.name.replace("{family}", kinds.FOLDERS[self.family])
        if "{}" not in name and self.numbers[kind.id] > 1:
            raise Refused("ooxml.package_tricks", detail=f"two parts of kind {kind.id}")
        part = Part(kind, source, name.replace("{}", str(self.numbers[kind.id])))
        self.parts[source.lower()] = part
        if kind.id == "image":
            self._add_picture(part, self.source.read(source))
        return part

    def add_image(self, source: str) -> Part:
        """Take a picture in that no allowed relation leads to, but what stands in a cell."""
        self.add_images([source])
        return self.parts[source.lower()]

    def pictures_of(self, source: str) -> dict[str, str]:
        """The parts with pictures that a part of the source leads to, by the ids of its relations."""
        types = self.kinds["image"].types
        return {
            id: target
            for id, target in self.source.targets(source, RELATIONS + "image").items()
            if self.source.content_type(target) in types
        }

    def add_images(self, sources: Iterable[str]) -> None:
        """Take several in, those that are not in yet."""
        for source in sources:
            if source.lower() not in self.parts:
                self._add(self.kinds["image"], source)
        if self.metafiles:
            self._draw_metafiles()

    def _add_picture(self, part: Part, data: bytes) -> None:
        """Pictures are made at once; metafiles wait, so that one program draws all of them."""
        if is_metafile(data) and (data in self._looks or len(self._looks) < MAX_METAFILES):
            self._looks.setdefault(data)
            self.metafiles[part.source] = data
            part.name += ".png"
            return
        picture = pictures.rebuilt(self.job, data, part.source)
        part.name += f".{picture.extension}"
        self.pictures[part.name] = picture

    def _draw_metafiles(self) -> None:
        unseen = [data for data in dict.fromkeys(self.metafiles.values()) if not self._looks[data]]
        self._looks |= pictures.drawn(self.job, unseen)
        for source, data in self.metafiles.items():
            look = self._looks[data]
            if look:
                self.job.changed("ooxml.metafile_drawn", part=source)
            else:
                self.job.lost("ooxml.metafile", part=source)
            self.pictures[self.parts[source.lower()].name] = look or pictures.placeholder(size_of(data))
        self.metafiles.clear()

    def _walk(self) -> None:
        waiting = [self.main]
        while waiting:
            part = waiting.pop(0)
            if part.kind.id == "image":
                continue
            for relation in self.source.relations(part.source):
                waiting += self._follow(part, relation)

    def _follow(self, part: Part, relation: Relation) -> Iterator[Part]:
        if relation.type == LINK and relation.target.startswith("#") and part.kind.links:
            self._within(part, relation)
            return
        if part.kind.id == charts.KIND and self.family != "sheet" and relation.type in chartbooks.BEHIND:
            part.had_book = True
            if not relation.external:
                self.accounted.add(relation.target.lower())
                return
        if relation.external:
            self._external(part, relation)
            return
        content_type = self.source.content_type(relation.target)
        kind = next(
            (self.kinds[id] for id in sorted(part.kind.children)
             if self.kinds[id].relation == relation.type and content_type in self.kinds[id].types), None,
        )  # fmt: skip
        if kind is None or relation.target not in self.source or self._unwanted(kind, relation):
            self._report(relation, part=part)
            return
        if part.kind.id == headers.KIND and not self._stands_in_header(part, relation):
            self._report(relation)
            return
        known = self.parts.get(relation.target.lower())
        if known and known.kind is not kind:
            raise Refused("ooxml.package_tricks", detail=f"{relation.target} is two kinds of part")
        child = known or self._add(kind, relation.target)
        part.ids[relation.id] = part.relate(kind.relation, child.name, wanted=relation.id)
        if not known:
            yield child

    def forget(self, part: Part) -> None:
        """Leave a part out, with every relation that leads to it."""
        self.parts.pop(part.source.lower(), None)
        for other in self.parts.values():
            gone = {relation.id for relation in other.relations if relation.target == part.name}
            other.relations = [relation for relation in other.relations if relation.id not in gone]
            other.ids = {old: new for old, new in other.ids.items() if new not in gone}
        reached = self._reached()
        self.parts = {source: kept for source, kept in self.parts.items() if kept.name in reached}
        self.pictures = {name: picture for name, picture in self.pictures.items() if name in reached}

    def _reached(self) -> set[str]:
        """The names of all parts that relations lead to from the main one."""
        by_name = {part.name: part for part in self.parts.values()}
        reached, waiting = {self.main.name}, [self.main]
        while waiting:
            for relation in waiting.pop().relations:
                if relation.target in by_name and relation.target not in reached:
                    reached.add(relation.target)
                    waiting.append(by_name[relation.target])
        return reached

    def drawings_beside(self, data: Part) -> dict[str, str]:
        """The relations to drawings of diagrams in the part that shows a diagram, old ids and new. ``data``: the diagram's own."""
        drawings = {part.name for part in self.parts.values() if part.kind.id == "diagramDrawing"}
        for owner in self.parts.values():
            if any(relation.target == data.name for relation in owner.relations):
                led = {relation.id for relation in owner.relations if relation.target in drawings}
                return {old: new for old, new in owner.ids.items() if new in led}
        return {}

    def _unwanted(self, kind: Kind, relation: Relation) -> bool:
        # Most drawings of this kind are of comments and controls, and are not read.
        if kind.id == headers.KIND:
            source = relation.target
            self.headers[source] = headers.header_pictures(self.job, self.source.read(source))
            return not self.headers[source]
        if kind.id == newcharts.KIND:
            return not newcharts.is_drawn_from_itself(self.job, self.source.read(relation.target))
        return not self.job.keep.comments and kind.id in {"comments", "commentAuthors", "commentsExtended"}

    def _stands_in_header(self, part: Part, relation: Relation) -> bool:
        return any(picture.relation == relation.id for picture in self.headers[part.source])

    def _within(self, part: Part, relation: Relation) -> None:
        """A link to a place in the same file: of a shape, such as a button that leads to another sheet, or of a cell."""
        place = relation.target[1:]
        told = f"{place} {unquote(place)}"
        if names_a_place(told) or leaves_the_book(told) or not 0 < len(place) <= _LONGEST_PLACE:
            self.job.removed("ooxml.link", part=part.source)
        elif part.kind.id == "worksheet":
            part.places[relation.id] = place
        else:
            part.ids[relation.id] = part.relate(LINK, relation.target, wanted=relation.id)

    def _external(self, part: Part, relation: Relation) -> None:
        if relation.type != LINK or not part.kind.links:
            self._report(relation, "ooxml.external")
            return
        address = safe_link(relation.target)
        if address and self.job.keep.links:
            part.ids[relation.id] = part.relate(relation.type, address, external=True, wanted=relation.id)
        else:
            self.job.removed("ooxml.link", part=part.source)

    def _report(self, relation: Relation, code: str = "", part: Part | None = None) -> None:
        short = relation.type.rpartition("/")[2]
        is_ours = relation.type == _EXTENDED and self.program == self._content(relation)
        if not relation.external:
            self.accounted.add(relation.target.lower())
        if (short in kinds.UNNOTICED or is_ours) and not relation.external:
            return
        if not self.job.keep.comments and short in {"comments", "commentAuthors"}:
            self.job.removed("ooxml.comments")
            return
        if relation.type == kinds.NEW_COMMENTS and self.family == "slides":
            return
        if short.endswith("-properties") and self.job.keep.metadata and not relation.external:
            return
        found = code or kinds.DROPPED.get(short.lower(), "ooxml.unknown_part")
        if found == "ooxml.embedded" and part and part.kind.id in kinds.CHARTS:
            found = "ooxml.chart_data"
        where: dict[str, Any] = {"part": part.source} if part and found in kinds.PLACED else {}
        action = "lost" if found in kinds.LOST else "removed"
        self.job.removed(found, action=action, detail=short[:60], **where)

    def _content(self, relation: Relation) -> bytes | None:
        within = not relation.external and relation.target in self.source
        return self.source.read(relation.target) if within else None

    def _report_orphans(self) -> None:
        """Parts nothing allowed leads to. Those of dropped relations are reported already; the rest hide."""
        reached = set(self.parts) | self._behind_accounted()
        left = [name for name in self.source.names() if name not in reached]
        if left:
            self.job.removed("ooxml.parts_left_out", count=len(left))

    def _behind_accounted(self) -> set[str]:
        """The parts accounted for, and those that only they lead to, such as what describes a piece of custom XML."""
        found, waiting = set(self.accounted), list(self.accounted)
        while waiting:
            try:
                relations = self.source.relations(waiting.pop())
            except Refused:  # what cannot be read leads nowhere
                continue
            led = {relation.target.lower() for relation in relations if not relation.external} - found
            found |= led
            waiting += led
        return found


Cleaner = Callable[["Writer", Part, Element], None]
Finisher = Callable[["Writer", Part, Element], bool]


class Writer:
    """Writes the parts of a plan."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.job = plan, plan.job
        self.target = Target(plan.job.output)
        self.types: dict[str, str] = {}
        self._placeholder = f"{kinds.FOLDERS[plan.family]}/media/{_PLACEHOLDER}"
        self._placeholder_used = False
        self._books = 0  # of charts

    def write_pruned(self, part: Part, before: Cleaner, after: Finisher, content_type: str = "") -> None:
        """Read a part, prune it and write it anew. ``before`` and ``after`` are steps a family takes around the pruning.

        ``after`` says whether it changed the tree.
        """
        data = self.plan.source.read(part.source)
        root = parsed(self.job, data)
        if root.tag != qname(part.kind.root):
            raise Refused("ooxml.wrong_part", detail=part.source[:80])
        if _may_hold(data, b"AlternateContent"):
            resolve_alternates(root, lambda alternate: _both_stay(alternate, part))
        if part.kind.id == diagrams.KIND:
            diagrams.settle(root, self.plan.drawings_beside(part))
        if part.kind.id == charts.KIND:
            charts.settle(root)
            if self.plan.family != "sheet" and (count := chartbooks.name_no_file(root)):
                self.job.removed("ooxml.external_link", part=part.source, count=count)
        before(self, part, root)
        written = self.pruner(part).prune_part(root)
        framed = part.kind.id == "drawing" or _may_hold(data, b"graphic")
        changed = framed and drop_hollow_frames(self.job, part, root)
        changed |= part.had_book and self._add_book(part, root)
        if after(self, part, root) or changed or written is None:
            written = serialised(root)
        warn_of_words(self.job, root, part=part.source)
        self.target.write(part.name, written)
        self.declare(part, content_type)

    def _add_book(self, part: Part, chart: Element) -> bool:
        """Give a chart a workbook of the values that it shows; whether they have cells to stand in."""
        book = chartbooks.made_for(chart)
        if book is None:
            self.job.removed("ooxml.chart_data", part=part.source)
            return False
        self._books += 1
        name = f"{kinds.FOLDERS[self.plan.family]}/embeddings/workbook{self._books}.xlsx"
        self.target.write(name, book, packed=True)
        self.types[name] = chartbooks.TYPE
        chartbooks.refer_to(chart, part.relate(chartbooks.RELATION, name))
        self.job.changed("ooxml.chart_book", part=part.source)
        return True

    def pruner(self, part: Part) -> Pruner:
        return Pruner(self.job, part.source, part.ids, lambda: self.placeholder(part))

    def placeholder(self, part: Part) -> str:
        """The relation id of the neutral picture."""
        self._placeholder_used = True
        return part.relate(RELATIONS + "image", self._placeholder)

    def declare(self, part: Part, content_type: str = "") -> None:
        """Note the part's content type and write its relations."""
        self.types[part.name] = content_type or kinds.spelled(part.kind.types[0])
        for relation in filter(attrgetter("external"), part.relations):
            warn_of_address(self.job, relation.target, part=part.source)
        if part.relations:
            folder, _, name = part.name.rpartition("/")
            self.target.write(f"{folder}/_rels/{name}.rels", relations_xml(part.relations, folder))

    def finish(self) -> None:
        """Pictures, content types, properties the policy keeps, and the package's own relations."""
        for name, picture in self.plan.pictures.items():
            self._picture(name, picture)
        if self._placeholder_used:
            self._picture(self._placeholder, pictures.placeholder())
        relations = [Relation("rId1", RELATIONS + "officeDocument", self.plan.main.name, external=False)]
        if self.job.keep.metadata and (properties := _properties(self.plan)):
            self.target.write("docProps/core.xml", properties)
            self.types["docProps/core.xml"] = "application/vnd.openxmlformats-package.core-properties+xml"
            relations.append(Relation("rId2", _CORE, "docProps/core.xml", external=False))
        if program := self.plan.program:
            self.target.write("docProps/app.xml", program)
            self.types["docProps/app.xml"] = (
                "application/vnd.openxmlformats-officedocument.extended-properties+xml"
            )
            relations.append(Relation("rId3", _EXTENDED, "docProps/app.xml", external=False))
        self.target.write("_rels/.rels", relations_xml(relations))
        self.target.write("[Content_Types].xml", content_types_xml(self.types))
        self.target.close()
        self.job.produced = self.plan.produced

    def _picture(self, name: str, picture: pictures.Picture) -> None:
        self.target.write(name, picture.data, packed=True)
        self.types[name] = f"image/{picture.extension}"


_CORE = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"
_EXTENDED = RELATIONS + "extended-properties"
_CP = "http://schemas.openxmlformats.org/package/2006/metadata/core-properties"
_DC = "http://purl.org/dc/elements/1.1/"
_EP = "http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"
_VERSION = re.compile(r"(\d{1,2})\.\d{1,4}", re.ASCII)
_KEPT_PROPERTIES = {
    f"{{{_DC}}}title": "dc:title", f"{{{_DC}}}subject": "dc:subject", f"{{{_DC}}}creator": "dc:creator",
    f"{{{_DC}}}description": "dc:description", f"{{{_CP}}}keywords": "cp:keywords",
    f"{{{_CP}}}lastModifiedBy": "cp:lastModifiedBy", f"{{{_CP}}}category": "cp:category",
}  # fmt: skip


def _program(plan: Plan) -> bytes | None:
    """Which version of Office the file is like: readers go by it for what a file leaves unsaid (labels of charts)."""
    root = _root_of_properties(plan, _EXTENDED)
    if root is None or not (root.findtext(f"{{{_EP}}}Application") or "").startswith("Microsoft"):
        return None
    version = _VERSION.fullmatch(root.findtext(f"{{{_EP}}}AppVersion") or "")
    if version is None:
        return None
    told = f"<Application>Microsoft Office</Application><AppVersion>{version[1]}.0000</AppVersion>"
    return f'{XML_HEAD}<Properties xmlns="{_EP}">{told}</Properties>'.encode()


def _root_of_properties(plan: Plan, kind: str) -> Element | None:
    """Properties of the whole package, where it has any of this kind."""
    relation = next((entry for entry in plan.source.relations("") if entry.type == kind), None)
    if relation is None or relation.external or relation.target not in plan.source:
        return None
    try:
        return parsed(plan.job, plan.source.read(relation.target))
    except Refused as refusal:
        if refusal.code != "input.broken":
            raise
        return None  # nobody would miss them in a document that is whole


def _properties(plan: Plan) -> bytes:
    """Core properties (ECMA-376-2, 8) as plain text, written anew."""
    root = _root_of_properties(plan, _CORE)
    if root is None:
        return b""
    lines = [
        f"<{_KEPT_PROPERTIES[entry.tag]}>{html.escape(entry.text, quote=False)}</{_KEPT_PROPERTIES[entry.tag]}>"
        for entry in root
        if entry.tag in _KEPT_PROPERTIES and entry.text
    ]
    body = f'<cp:coreProperties xmlns:cp="{_CP}" xmlns:dc="{_DC}">{"".join(lines)}</cp:coreProperties>'
    return (XML_HEAD + body).encode()


def _both_stay(alternate: Element, part: Part) -> bool:
    """Whether two branches stay, and no others: each program shows the one that it knows."""
    return newcharts.stays(alternate, part.ids) or canvases.stays(alternate) or transitions.stays(alternate)


def _may_hold(data: bytes, name: bytes) -> bool:
    """Whether a part may have elements whose name holds this one: names are never escaped. UTF-16 may hold any."""
    return name in data or b"\0" in data[:4]


_FRAMES = ("w:drawing", "p:graphicFrame", "xdr:twoCellAnchor", "xdr:oneCellAnchor", "xdr:absoluteAnchor",
           "cdr:relSizeAnchor", "cdr:absSizeAnchor")  # fmt: skip


def drop_hollow_frames(job: Job, part: Part, root: Element) -> bool:
    """A frame whose object went is taken out: an empty one makes programs call the file damaged.

    Whether there was one.
    """
    frames, dropped = {qname(name) for name in _FRAMES}, False
    for data in list(root.iter(qname("a:graphic"))):
        content = data.find(qname("a:graphicData"))
        if content is not None and len(content):
            continue
        holder = next((entry for entry in data.iterancestors() if entry.tag in frames), None)
        if holder is not None:
            drop(holder)
            dropped = True
            job.lost("ooxml.frame", part=part.source)
    if part.kind.id != "drawing":
        return dropped
    anchors = {qname(name) for name in _FRAMES[2:]}
    wanted = {qname(f"xdr:{name}") for name in ("sp", "grpSp", "graphicFrame", "cxnSp", "pic")}
    wanted.add(qname("mc:AlternateContent"))
    for anchor in [entry for entry in root if entry.tag in anchors]:
        if not any(child.tag in wanted for child in anchor):
            drop(anchor)
            dropped = True
    return dropped
