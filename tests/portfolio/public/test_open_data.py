"""The files: each is what its standard says, they agree with each other, and their addresses lead somewhere."""

import csv
import io
import json
import re

import jsonschema_rs
import pytest
from lxml import etree

from sekisho.book.models import BudgetYear
from sekisho.book.services import planning
from sekisho.people.roles import SYSTEM
from sekisho.portfolio.public.catalogue import Graph, Iri, Literal, json_ld, rdf_xml, turtle
from sekisho.portfolio.public.dictionary import dictionary
from sekisho.portfolio.public.licences import LICENCES
from sekisho.portfolio.public.models import PublicFile
from sekisho.portfolio.public.services import deciding
from sekisho.portfolio.services.operations import report_month
from tests.book.factories import days, make_project
from tests.portfolio.public.conftest import let_time_pass

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("city"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]

DATA = "https://city.example/public/data/"


@pytest.fixture
def project(bureau, publish, people):
    made = make_project(
        bureau, code="D-1", name="=cmd|'/C calc'!A0", summary='改行\nと"引用', for_citizens=True
    )
    planning.set_budget(SYSTEM, made, 2025, {"approved": 1_000})
    BudgetYear.objects.filter(project=made).update(executed=-20)  # as an import may have brought it
    report_month(people.member, made, month=days(0), availability=None, incidents=0, requests=0)
    publish(made)
    return made


def file(name):
    return bytes(PublicFile.objects.get(name=name).body)


def rows(name):
    return list(csv.DictReader(io.StringIO(file(name).decode("utf-8-sig"), newline="")))


@pytest.mark.usefixtures("project")
def test_tables_open_in_a_spreadsheet_and_hold_no_formula():
    assert file("services.csv").startswith(b"\xef\xbb\xbf")
    (row,) = rows("services.csv")
    assert row["name_ja"] == "'=cmd|'/C calc'!A0"
    assert row["summary"] == '改行\nと"引用'
    assert row["page"] == "https://city.example/public/ja/services/D-1/"
    assert rows("money.csv") == [
        {"id": "D-1", "fiscal_year": "2025", "budget_yen": "1000", "spent_yen": "-20"}
    ]


@pytest.mark.usefixtures("project")
def test_json_is_as_its_schema_says():
    document, schema = json.loads(file("services.json")), json.loads(file("services.schema.json"))
    jsonschema_rs.validator_for(schema).validate(document)
    assert document["licence"] == LICENCES["CC-BY-4.0"].address
    assert document["services"][0]["name"]["ja"] == "=cmd|'/C calc'!A0"
    document["services"][0]["requests"] = 1
    assert not jsonschema_rs.validator_for(schema).is_valid(document)


@pytest.mark.usefixtures("project")
def test_the_schema_speaks_only_of_what_is_public(people):
    deciding.decide_fields(people.quality_office, ["phase", "releases"])
    let_time_pass()
    schema = json.loads(file("services.schema.json"))
    service = schema["properties"]["services"]["items"]["properties"]
    assert set(service) == {"id", "name", "page", "changed_at", "phase", "releases"}
    assert "brings" not in service["releases"]["items"]["properties"]
    jsonschema_rs.validator_for(schema).validate(json.loads(file("services.json")))
    assert set(rows("services.csv")[0]) == {
        *("id", "name_ja", "name_en", "page", "changed_at", "phase", "releases", "last_released_on")
    }


@pytest.mark.usefixtures("project")
def test_the_data_package_describes_every_table_as_it_is():
    package = json.loads(file("datapackage.json"))
    assert {one["path"] for one in package["resources"]} == {
        f"{DATA}{table.name}.csv" for table in dictionary().tables
    }
    for resource in package["resources"]:
        heads = file(resource["path"].rpartition("/")[2]).decode("utf-8-sig").splitlines()[0].split(",")
        fields = resource["schema"]["fields"]
        assert [field["name"] for field in fields] == heads
        assert set(resource["schema"].get("primaryKey", [])) <= set(heads)
        assert {field["type"] for field in fields} <= {
            *("string", "integer", "number", "date", "datetime", "yearmonth")
        }


def graphs():
    import rdflib

    kinds = {"catalog.ttl": "turtle", "catalog.jsonld": "json-ld", "catalog.rdf": "xml"}
    return {
        name: rdflib.Graph().parse(data=file(name).decode(), format=kind, publicID=DATA)
        for name, kind in kinds.items()
    }


@pytest.mark.usefixtures("project")
def test_the_catalogue_says_the_same_in_all_three_forms():
    found = graphs()
    assert len(found["catalog.ttl"]) > 150
    for name in ("catalog.jsonld", "catalog.rdf"):
        assert set(found[name]) == set(found["catalog.ttl"])


@pytest.mark.usefixtures("project")
def test_the_catalogue_has_what_dcat_ap_demands(settings):
    from rdflib import DCAT, DCTERMS, FOAF, RDF, Literal, Namespace, URIRef

    vcard = Namespace("http://www.w3.org/2006/vcard/ns#")

    settings.OPEN_DATA_CONTACT = "data@city.example"
    from sekisho.portfolio.public.services import snapshot

    snapshot.rebuild()
    graph = graphs()["catalog.ttl"]
    catalogue = URIRef(f"{DATA}catalog")
    agent = graph.value(catalogue, DCTERMS.publisher)
    assert (agent, RDF.type, FOAF.Agent) in graph
    assert (agent, FOAF.name, Literal("関野市", "ja")) in graph
    datasets = set(graph.objects(catalogue, DCAT.dataset))
    assert datasets == set(graph.subjects(RDF.type, DCAT.Dataset))
    assert len(datasets) == len(dictionary().tables)
    for subject in (catalogue, *datasets):
        for predicate in (DCTERMS.title, DCTERMS.description):
            assert {word.language for word in graph.objects(subject, predicate)} == {"ja", "en"}
    for dataset in datasets:
        assert (
            graph.value(dataset, DCAT.contactPoint),
            vcard.hasEmail,
            URIRef("mailto:data@city.example"),
        ) in graph
        assert list(graph.objects(dataset, DCAT.distribution))
    for distribution in graph.subjects(RDF.type, DCAT.Distribution):
        address = str(graph.value(distribution, DCAT.downloadURL))
        assert graph.value(distribution, DCAT.accessURL)
        assert graph.value(distribution, DCTERMS.license) == URIRef(LICENCES["CC-BY-4.0"].address)
        assert graph.value(distribution, DCTERMS.format)
        size = len(file(address.removeprefix(DATA)))
        assert int(graph.value(distribution, DCAT.byteSize)) == size


@pytest.mark.usefixtures("project")
def test_every_address_in_catalogue_feed_and_sitemap_is_answered(client):
    texts = [
        file(name).decode() for name in ("catalog.ttl", "changes.ja.atom", "sitemap.xml", "datapackage.json")
    ]
    found = {address for text in texts for address in re.findall(r'https://city\.example(/[^"<>#\s]*)', text)}
    assert len(found) > 15
    for address in found:
        assert client.get(address, follow=True).status_code == 200, address


def test_a_literal_of_any_text_is_read_back_as_it_was():
    import rdflib

    graph = Graph()
    text = '"引用" \\ 改行\n<タグ> & 絵文字🎌 \t]]>'
    graph.say("https://x.example/a", "dct:title", Literal(text, "ja"), Iri("https://x.example/?a=1&b=2"))
    for written, kind in ((turtle(graph), "turtle"), (json_ld(graph), "json-ld"), (rdf_xml(graph), "xml")):
        read = rdflib.Graph().parse(data=written, format=kind)
        assert rdflib.Literal(text, "ja") in set(read.objects())
        assert rdflib.URIRef("https://x.example/?a=1&b=2") in set(read.objects())


ATOM = {"a": "http://www.w3.org/2005/Atom", "at": "http://purl.org/atompub/tombstones/1.0"}


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_feed_is_atom_and_tells_what_changed(people, project, language):
    planning.set_budget(SYSTEM, project, 2026, {"approved": 5})
    let_time_pass()
    feed = etree.fromstring(file(f"changes.{language}.atom"))
    assert feed.tag == f"{{{ATOM['a']}}}feed"
    for name in ("id", "title", "updated", "author", "entry"):
        assert feed.find(f"a:{name}", ATOM) is not None
    entries = feed.findall("a:entry", ATOM)
    assert len(entries) == 2
    for entry in entries:
        assert (
            entry.findtext("a:id", namespaces=ATOM) == f"https://city.example/public/{language}/services/D-1/"
        )
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", entry.findtext("a:updated", namespaces=ATOM))
    money = {"ja": "費用", "en": "Money"}[language]
    assert money in entries[0].findtext("a:summary", namespaces=ATOM)
    assert feed.findtext("a:updated", namespaces=ATOM) == entries[0].findtext("a:updated", namespaces=ATOM)
    deciding.decide_service(people.quality_office, project, shown=False, at_once=True)
    feed = etree.fromstring(file(f"changes.{language}.atom"))
    assert not feed.findall("a:entry", ATOM)
    (gone,) = feed.findall("at:deleted-entry", ATOM)
    assert gone.get("ref") == f"https://city.example/public/{language}/services/D-1/"


def test_a_name_with_characters_that_xml_forbids_breaks_no_file(bureau, publish):
    from sekisho.book.models import Project

    made = make_project(bureau, code="X-1")
    Project.objects.filter(pk=made.pk).update(name="名\x0b前\x01 & <b>")
    publish(made)
    feed = etree.fromstring(file("changes.ja.atom"))
    assert feed.findtext("a:entry/a:title", namespaces=ATOM) == "名前 & <b>"


def test_of_nothing_all_files_are_whole(client):
    from sekisho.portfolio.public.services import snapshot

    snapshot.rebuild()
    assert not PublicFile.objects.filter(name="money.csv").exists()
    etree.fromstring(file("changes.ja.atom"))
    etree.fromstring(file("sitemap.xml"))
    assert json.loads(file("services.json"))["services"] == []
    assert rows("services.csv") == []
    assert graphs()["catalog.ttl"]


@pytest.mark.parametrize("licence", LICENCES)
def test_the_licence_is_named_everywhere(client, bureau, publish, settings, licence):
    settings.OPEN_DATA_LICENCE = licence
    publish(make_project(bureau, code="C-1"))
    address = LICENCES[licence].address
    for name in ("catalog.ttl", "datapackage.json", "services.json"):
        assert address in file(name).decode()
    for page in ("/public/ja/", "/public/en/data/", "/public/ja/services/C-1/"):
        assert f'href="{address}"' in client.get(page).content.decode()


@pytest.mark.usefixtures("project")
def test_data_may_be_fetched_by_pages_of_others(client):
    for name in ("services.json", "catalog.ttl", "services/D-1.json"):
        assert client.get(f"/public/data/{name}")["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Origin" not in client.get("/public/ja/")
