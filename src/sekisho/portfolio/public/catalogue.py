"""The catalogue of the open data after DCAT-AP 3, as Turtle, JSON-LD and RDF/XML of the same statements. Pure.

Sources: W3C Data Catalog Vocabulary (DCAT) 3; DCAT-AP 3.0 of SEMIC; authority tables of the EU Publications Office.
"""

import datetime as dt
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from sekisho.portfolio.public.dictionary import Table
from sekisho.portfolio.public.licences import Licence
from sekisho.standards.pack import Text

PREFIXES = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_EU = "http://publications.europa.eu/resource/authority/"
_MEDIA = "https://www.iana.org/assignments/media-types/"
#: ending of a file -> name in the authority table of file types, media type
FORMATS = {"csv": ("CSV", "text/csv"), "json": ("JSON", "application/json")}


@dataclass(frozen=True)
class Iri:
    """The name of a thing."""

    value: str


@dataclass(frozen=True)
class Literal:
    """A text, in a language or of a type of XML Schema."""

    value: str
    language: str = ""
    kind: str = ""


@dataclass(frozen=True)
class File:
    """A file of a data set, by its name under the address of the data."""

    name: str
    changed_at: dt.datetime
    size: int


@dataclass(frozen=True)
class Source:
    """What the catalogue is made from. ``schema`` names the file that describes each data set."""

    base: str
    publisher: Mapping[str, str]
    licence: Licence
    contact: str
    tables: Sequence[tuple[Table, Sequence[File]]]
    schema: str = "datapackage.json"


Statement = tuple[str, str, Iri | Literal]


@dataclass
class Graph:
    """Statements, in the order in which they were made."""

    statements: list[Statement] = field(default_factory=list)

    def say(self, subject: str, predicate: str, *values: Iri | Literal) -> None:
        self.statements += [(subject, predicate, value) for value in values]

    def by_subject(self) -> Mapping[str, Mapping[str, list[Iri | Literal]]]:
        """Subject → predicate → what is said."""
        found: dict[str, dict[str, list[Iri | Literal]]] = defaultdict(lambda: defaultdict(list))
        for subject, predicate, value in self.statements:
            found[subject][predicate].append(value)
        return found


def graph_of(source: Source) -> Graph:
    """The catalogue, its publisher and contact, its data sets and their distributions."""
    graph, data = Graph(), f"{source.base}/public/data/"
    catalogue, publisher, contact = f"{data}catalog", f"{data}catalog#publisher", f"{data}catalog#contact"
    titles = Text(
        f"{source.publisher['ja']}のデジタルサービス", f"Digital services of {source.publisher['en']}"
    )
    about = Text(
        "市民などに公開しているデジタルサービスの段階、品質、満足度、費用などのデータです。",
        "What is public of digital services: where they stand, their quality, satisfaction, money and more.",
    )
    graph.say(catalogue, "rdf:type", Iri("dcat:Catalog"))
    graph.say(catalogue, "dct:title", *_words(titles))
    graph.say(catalogue, "dct:description", *_words(about))
    graph.say(catalogue, "foaf:homepage", Iri(f"{source.base}/public/"))
    graph.say(catalogue, "dcat:themeTaxonomy", Iri(f"{_EU}data-theme"))
    _shared(graph, catalogue, source, publisher)
    if files := [file for _table, files in source.tables for file in files]:
        graph.say(catalogue, "dct:modified", _moment(max(file.changed_at for file in files)))
    graph.say(f"{source.base}/public/", "rdf:type", Iri("foaf:Document"))
    graph.say(publisher, "rdf:type", Iri("foaf:Agent"))
    graph.say(publisher, "foaf:name", *_words(Text(source.publisher["ja"], source.publisher["en"])))
    if source.contact:
        _contact(graph, contact, source)
    for table, its_files in source.tables:
        graph.say(catalogue, "dcat:dataset", Iri(f"{data}{table.name}"))
        _dataset(graph, source, table, its_files, publisher, contact if source.contact else "")
    graph.say(source.licence.address, "rdf:type", Iri("dct:LicenseDocument"))
    return graph


def _shared(graph: Graph, subject: str, source: Source, publisher: str) -> None:
    graph.say(subject, "dct:publisher", Iri(publisher))
    graph.say(subject, "dct:language", Iri(f"{_EU}language/JPN"), Iri(f"{_EU}language/ENG"))
    graph.say(subject, "dct:license", Iri(source.licence.address))


def _contact(graph: Graph, contact: str, source: Source) -> None:
    graph.say(contact, "rdf:type", Iri("vcard:Kind"))
    graph.say(contact, "vcard:fn", *_words(Text(source.publisher["ja"], source.publisher["en"])))
    if "://" in source.contact:
        graph.say(contact, "vcard:hasURL", Iri(source.contact))
    else:
        graph.say(contact, "vcard:hasEmail", Iri(f"mailto:{source.contact}"))


def _dataset(
    graph: Graph, source: Source, table: Table, files: Sequence[File], publisher: str, contact: str
) -> None:
    data = f"{source.base}/public/data/"
    dataset, schema = f"{data}{table.name}", f"{data}{source.schema}"
    graph.say(dataset, "rdf:type", Iri("dcat:Dataset"))
    graph.say(dataset, "dct:identifier", Literal(dataset))
    graph.say(dataset, "dct:title", *_words(table.title))
    graph.say(dataset, "dct:description", *_words(table.description))
    graph.say(dataset, "dct:accrualPeriodicity", Iri(f"{_EU}frequency/UPDATE_CONT"))
    graph.say(dataset, "dct:accessRights", Iri(f"{_EU}access-right/PUBLIC"))
    graph.say(dataset, "dcat:theme", Iri(f"{_EU}data-theme/GOVE"))
    graph.say(dataset, "dcat:keyword", *_words(Text("デジタルサービス", "digital services")))
    graph.say(dataset, "dcat:landingPage", Iri(f"{source.base}/public/ja/data/"))
    graph.say(dataset, "dct:conformsTo", Iri(schema))
    graph.say(schema, "rdf:type", Iri("dct:Standard"))
    graph.say(f"{source.base}/public/ja/data/", "rdf:type", Iri("foaf:Document"))
    _shared(graph, dataset, source, publisher)
    if contact:
        graph.say(dataset, "dcat:contactPoint", Iri(contact))
    if files:
        graph.say(dataset, "dct:modified", _moment(max(file.changed_at for file in files)))
    for file in files:
        graph.say(dataset, "dcat:distribution", Iri(f"{dataset}#{_ending(file)}"))
        _distribution(graph, source, f"{dataset}#{_ending(file)}", table, file)


def _distribution(graph: Graph, source: Source, subject: str, table: Table, file: File) -> None:
    data = f"{source.base}/public/data/"
    kind, media = FORMATS[_ending(file)]
    schema = f"{data}services.schema.json" if kind == "JSON" else f"{data}{source.schema}"
    graph.say(subject, "rdf:type", Iri("dcat:Distribution"))
    graph.say(subject, "dct:title", *_words(Text(f"{table.title.ja}({kind})", f"{table.title.en} ({kind})")))
    graph.say(subject, "dcat:accessURL", Iri(f"{data}{file.name}"))
    graph.say(subject, "dcat:downloadURL", Iri(f"{data}{file.name}"))
    graph.say(subject, "dct:format", Iri(f"{_EU}file-type/{kind}"))
    graph.say(subject, "dcat:mediaType", Iri(f"{_MEDIA}{media}"))
    graph.say(subject, "dct:license", Iri(source.licence.address))
    graph.say(subject, "dct:conformsTo", Iri(schema))
    graph.say(schema, "rdf:type", Iri("dct:Standard"))
    graph.say(subject, "dct:modified", _moment(file.changed_at))
    graph.say(subject, "dcat:byteSize", Literal(str(file.size), kind="xsd:nonNegativeInteger"))


def _ending(file: File) -> str:
    return file.name.rpartition(".")[2]


def _words(text: Text) -> Iterator[Literal]:
    for language, words in text.to_document().items():
        yield Literal(words, language)


def _moment(moment: dt.datetime) -> Literal:
    return Literal(moment.astimezone(dt.UTC).isoformat(timespec="seconds"), kind="xsd:dateTime")


def json_ld(graph: Graph) -> str:
    """The statements as JSON-LD 1.1."""
    nodes = []
    for subject, said in graph.by_subject().items():
        node: dict[str, Any] = {"@id": subject}
        for predicate, values in said.items():
            if predicate == "rdf:type":
                node["@type"] = [value.value for value in dict.fromkeys(values)]
            else:
                node[predicate] = [_json_value(value) for value in values]
        nodes.append(node)
    return json.dumps({"@context": PREFIXES, "@graph": nodes}, ensure_ascii=False, indent=1)


def _json_value(value: Iri | Literal) -> dict[str, str]:
    if isinstance(value, Iri):
        return {"@id": value.value}
    kind = {"@language": value.language} if value.language else {"@type": value.kind} if value.kind else {}
    return {"@value": value.value, **kind}


def turtle(graph: Graph) -> str:
    """The statements as Turtle."""
    lines = [f"@prefix {name}: <{address}> ." for name, address in PREFIXES.items()]
    for subject, said in graph.by_subject().items():
        parts = [
            f"    {predicate} {', '.join(dict.fromkeys(_turtle_value(value) for value in values))}"
            for predicate, values in said.items()
        ]
        lines += ["", f"<{subject}>", " ;\n".join(parts) + " ."]
    return "\n".join(lines) + "\n"


def _turtle_value(value: Iri | Literal) -> str:
    if isinstance(value, Iri):
        return value.value if _is_short(value.value) else f"<{value.value}>"
    written = json.dumps(value.value, ensure_ascii=False)
    return (
        f"{written}@{value.language}"
        if value.language
        else written + (f"^^{value.kind}" if value.kind else "")
    )


def rdf_xml(graph: Graph) -> str:
    """The statements as RDF/XML."""
    spaces = " ".join(f"xmlns:{name}={quoteattr(address)}" for name, address in PREFIXES.items())
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f"<rdf:RDF {spaces}>"]
    for subject, said in graph.by_subject().items():
        lines.append(f"  <rdf:Description rdf:about={quoteattr(subject)}>")
        for predicate, values in said.items():
            lines += [f"    {line}" for line in dict.fromkeys(_xml_value(predicate, v) for v in values)]
        lines.append("  </rdf:Description>")
    return "\n".join([*lines, "</rdf:RDF>", ""])


def _xml_value(predicate: str, value: Iri | Literal) -> str:
    if isinstance(value, Iri):
        return f"<{predicate} rdf:resource={quoteattr(_long(value.value))}/>"
    kind = f" xml:lang={quoteattr(value.language)}" if value.language else ""
    kind = f" rdf:datatype={quoteattr(_long(value.kind))}" if value.kind else kind
    return f"<{predicate}{kind}>{escape(xml_text(value.value))}</{predicate}>"


def _is_short(name: str) -> bool:
    return name.partition(":")[0] in PREFIXES and "//" not in name


def _long(name: str) -> str:
    prefix, _colon, rest = name.partition(":")
    return PREFIXES[prefix] + rest if _is_short(name) else name


def xml_text(text: str) -> str:
    """The text without the control characters that no XML document may hold."""
    return _NO_XML.sub("", text)


_NO_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
