"""What goes out to strangers: the same for everybody, kept, short to ask for again, and silent about what is not public."""

import gzip

import pytest
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from sekisho.portfolio.public import site
from sekisho.portfolio.public.services import deciding, snapshot
from tests.book.factories import make_project

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("city")]


@pytest.fixture
def project(bureau, publish):
    made = make_project(bureau, code="S-1", name="子育て申請")
    publish(made)
    return made


ADDRESSES = (
    "/public/ja/",
    "/public/en/services/S-1/",
    "/public/ja/data/",
    "/public/ja/changes.atom",
    "/public/data/services.csv",
    "/public/data/services/S-1.json",
    "/public/sitemap.xml",
    "/robots.txt",
)


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("address", ADDRESSES)
def test_no_cookie_is_set_and_nothing_varies_by_visitor(client, people, address):
    stranger = client.get(address)
    client.force_login(people.admin)
    client.cookies["django_language"] = "en"
    known = client.get(address, headers={"Accept-Language": "en"})
    assert stranger.status_code == 200
    assert not stranger.cookies
    assert not known.cookies
    assert stranger["Vary"] == "Accept-Encoding"
    assert stranger.content == known.content
    assert "public" in stranger["Cache-Control"]


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("address", ADDRESSES)
def test_what_was_asked_for_once_asks_the_database_nothing(client, people, address):
    first = client.get(address)
    client.force_login(people.admin)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).content == first.content
    assert len(queries) == 0


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("address", ADDRESSES)
def test_asked_again_with_its_mark_only_changes_are_sent(client, address):
    first = client.get(address)
    again = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get(address, headers={"If-None-Match": '"other"'}).status_code == 200
    if "Last-Modified" in first:
        since = client.get(address, headers={"If-Modified-Since": first["Last-Modified"]})
        assert since.status_code == 304


@pytest.mark.usefixtures("project")
def test_answers_are_packed_for_those_who_take_it(client):
    plain, packed = client.get("/public/ja/"), client.get("/public/ja/", headers={"Accept-Encoding": "gzip"})
    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
    assert len(packed.content) < len(plain.content) / 2


@pytest.mark.usefixtures("project")
def test_a_head_is_answered_without_a_body(client):
    whole, head = client.get("/public/ja/"), client.head("/public/ja/")
    assert (head.status_code, head.content) == (200, b"")
    assert int(head["Content-Length"]) == len(whole.content)


def test_a_change_is_seen_as_soon_as_the_edition_is_looked_at_again(client, people, project):
    assert "子育て申請" in client.get("/public/ja/").content.decode()
    deciding.decide_service(people.quality_office, project, shown=False, at_once=True)
    caches["public"].delete("edition")  # a second later
    assert "子育て申請" not in client.get("/public/ja/").content.decode()


@pytest.mark.parametrize("form", ["/public/{}/services/{}/", "/public/data/services/{1}.json"])
@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.usefixtures("project")
def test_a_book_that_is_not_public_is_as_one_that_is_not(client, bureau, form, language):
    make_project(bureau, code="SECRET-1")
    answers, asked = [], []
    for code in ("SECRET-1", "NOBODY-1"):
        with CaptureQueriesContext(connection) as queries:
            answers.append(client.get(form.format(language, code)))
        asked.append([query["sql"].replace(code, "X") for query in queries if "public" in query["sql"]])
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content
    assert dict(answers[0].headers) == dict(answers[1].headers)
    assert asked[0] == asked[1]
    assert b"SECRET" not in answers[0].content


def test_a_withdrawn_service_is_as_one_that_never_was(client, people, project):
    deciding.decide_service(people.quality_office, project, shown=False, at_once=True)
    caches["public"].clear()
    gone, never = client.get("/public/ja/services/S-1/"), client.get("/public/ja/services/NEVER/")
    assert (gone.status_code, gone.content) == (404, never.content)


@pytest.mark.parametrize(
    "address",
    [
        "/public/xx/",
        "/public/ja/services/%00/",
        "/public/ja/services/" + "あ" * 300 + "/",
        "/public/data/..%2fsettings.csv",
        "/public/data/nothing.csv",
        "/public/data/changes.ja.atom",
        "/public/data/services/x.json",
        "/public/data/unknown",
        "/public/ja/other/",
        "/public/nothing",
    ],
)
def test_what_is_not_there_is_not_found(client, project, address):
    answer = client.get(address, follow=True)
    assert answer.status_code == 404
    assert not answer.cookies


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    "query",
    [
        "q=%00",
        "page=-1",
        "page=99999999999999999999",
        "page=٣",
        "phase=<script>",
        "q=" + "あ" * 5000,
        "q=%FF",
    ],
)
def test_any_query_is_answered(client, query):
    answer = client.get(f"/public/ja/?{query}")
    assert answer.status_code == 200
    assert b"<script>" not in answer.content


def test_addresses_without_their_last_slash_lead_on(client):
    assert client.get("/public/ja")["Location"] == "/public/ja/"
    assert client.get("/public")["Location"] == "/public/"
    assert client.get("/public/")["Location"] == "/public/ja/"


def test_nothing_can_be_sent_here(client):
    for method in ("post", "put", "delete", "patch"):
        assert getattr(client, method)("/public/ja/").status_code == 405


def test_a_query_that_no_page_understands_is_not_kept_apart(client, project):
    client.get("/public/ja/")
    with CaptureQueriesContext(connection) as queries:
        client.get("/public/ja/?utm_source=x")
    assert len(queries) == 0


def test_only_what_must_be_made_anew_is_counted_against_an_address(client, project, monkeypatch):
    monkeypatch.setattr(site, "MADE", site.Throttle("public-test", requests=2, seconds=60))
    for _n in range(20):
        assert client.get("/public/ja/").status_code == 200
    assert client.get("/public/ja/?q=a").status_code == 200
    refused = client.get("/public/ja/?q=b")
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) <= 60
    assert client.get("/public/ja/").status_code == 200


def test_search_engines_are_kept_to_the_public_side(client):
    said = client.get("/robots.txt").content.decode()
    assert "Disallow: /\n" in said
    assert "Allow: /public/\n" in said
    assert "Sitemap: https://city.example/public/sitemap.xml" in said


def test_before_anything_is_set_up_the_public_side_says_that_nothing_is_published(client):
    answer = client.get("/public/en/")
    assert answer.status_code == 200
    assert "Nothing is published yet" in answer.content.decode()


@pytest.mark.parametrize("name", ["services", "data"])
def test_pages_open_in_both_languages_without_any_service(client, name):
    snapshot.rebuild()
    for language in ("ja", "en"):
        answer = client.get(reverse(f"public:{name}", args=[language]))
        assert answer.status_code == 200
        assert f'<html lang="{language}"' in answer.content.decode()
