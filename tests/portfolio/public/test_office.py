"""The pages on which the quality office decides, with previews, and what owner sections see of them."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from sekisho.portfolio.public.dictionary import dictionary
from sekisho.portfolio.public.models import PublicationDecision, PublicEntry
from sekisho.portfolio.public.services import deciding
from tests.book.factories import make_project
from tests.portfolio.public.conftest import let_time_pass

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("city")]

PAGE, CHECK = "/portfolio/publishing/", "/portfolio/publishing/check/"
SERVICES = "/portfolio/publishing/services/"


@pytest.fixture(autouse=True)
def _in_english(client):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"


@pytest.fixture
def office(client, people):
    client.force_login(people.quality_office)
    return client


def text(response):
    return re.sub(r">\s+<", "><", re.sub(r"\s+", " ", response.content.decode()))


def test_a_choice_of_fields_is_looked_at_before_it_is_decided(office, bureau, publish):
    publish(make_project(bureau, code="O-1"), fields=["phase"])
    looked = text(office.get(f"{CHECK}?fields=&fields=money"))
    assert "Will be published</dt><dd>Money" in looked
    assert "Will be hidden</dt><dd>Where it stands" in looked
    assert "1 public service" in looked
    assert "O-1/preview/?language=ja&amp;fields=money" in looked
    assert PublicationDecision.objects.count() == 2
    decided = office.post(CHECK, {"fields": ["money"], "reason": "説明のため"}, follow=True)
    assert "2 decisions are made" in text(decided)
    assert "説明のため" in text(decided)
    let_time_pass()
    assert set(PublicEntry.objects.get().document) == {"id", "name", "money"}


def test_a_choice_that_changes_nothing_says_so_and_keeps_what_was_typed(office, publish):
    publish(fields=["money"])
    assert "Nothing changes" in text(office.get(f"{CHECK}?fields=money"))
    refused = office.post(CHECK, {"fields": ["money"], "reason": "理由"})
    assert refused.status_code == 422
    assert 'value="理由"' in text(refused)


def test_names_that_are_no_field_are_left_out(office):
    page = office.get(f"{CHECK}?fields=risks,<script>,money")
    assert page.status_code == 200
    assert "<script>," not in text(page)
    office.post(CHECK, {"fields": ["risks", "money"]})
    assert list(PublicationDecision.objects.values_list("field", flat=True)) == ["money"]


def test_a_waiting_decision_is_shown_and_taken_back_on_the_page(office, people):
    (made,) = deciding.decide_fields(people.quality_office, ["money"], reason="予定どおり")
    page = text(office.get(PAGE))
    assert "予定どおり" in page
    assert "to be published" in page
    back = office.post(reverse("portfolio:publishing_take_back", args=[made.pk]), follow=True)
    assert "It is taken back" in text(back)
    assert "予定どおり" not in text(office.get(PAGE))
    again = office.post(reverse("portfolio:publishing_take_back", args=[made.pk]), follow=True)
    assert "taken back already" in text(again)


def test_the_preview_is_the_page_that_citizens_get_later(office, bureau, people, client):
    project = make_project(bureau, code="O-2", summary="概要です")
    deciding.decide_fields(people.quality_office, ["summary", "phase"])
    deciding.decide_service(people.quality_office, project, shown=True)
    preview = office.get(f"{SERVICES}O-2/preview/?language=ja").content.decode()
    assert "見え方の確認です" in preview
    assert "概要です" in preview
    let_time_pass()
    real = office.get("/public/ja/services/O-2/").content.decode()

    def body(page):
        main = page.split("<main", 1)[1].split("<h1>", 1)[1]
        return main.split('<p class="small muted">')[0]

    assert body(preview) == body(real)


@pytest.mark.parametrize("language", ["ja", "en", "xx", ""])
def test_a_preview_tries_other_fields_and_any_language(office, bureau, language):
    make_project(bureau, code="O-3", summary="概要です")
    shown = office.get(f"{SERVICES}O-3/preview/?language={language}&fields=summary")
    assert shown.status_code == 200
    assert "概要です" in shown.content.decode()
    assert (
        "概要です" not in office.get(f"{SERVICES}O-3/preview/?language={language}&fields=").content.decode()
    )


def test_several_services_are_published_at_once(office, bureau):
    for n in range(3):
        make_project(bureau, code=f"M-{n}")
    said = office.post(
        SERVICES, {"code": ["M-0", "M-1", "NOBODY"], "act": "show", "reason": "x"}, follow=True
    )
    assert "2 decisions are made" in text(said)
    let_time_pass()
    assert set(PublicEntry.objects.filter(shown=True).values_list("code", flat=True)) == {"M-0", "M-1"}
    again = text(office.post(SERVICES, {"code": ["M-0", "M-2"], "act": "show"}, follow=True))
    assert "Nothing changes" in again
    assert "It is decided" in again
    office.post(SERVICES, {"code": ["M-0"], "act": "hide_now"})
    assert set(PublicEntry.objects.filter(shown=True).values_list("code", flat=True)) == {"M-1"}
    assert "Choose at least one" in text(office.post(SERVICES, {"act": "show"}, follow=True))
    assert "Choose at least one" in text(
        office.post(SERVICES, {"act": "show", "code": "a\x00b"}, follow=True)
    )


def test_the_list_of_services_is_filtered_by_state(office, bureau, people, publish):
    seen, hidden, coming = (make_project(bureau, name=f"甲{n}") for n in "123")
    publish(seen)
    deciding.decide_service(people.quality_office, coming, shown=True)
    for state, expected in (("public", [seen]), ("waiting", [coming]), ("hidden", [hidden, coming])):
        page = text(office.get(f"{SERVICES}?state={state}"))
        assert [one.name in page for one in (seen, hidden, coming)] == [
            one in expected for one in (seen, hidden, coming)
        ]
    assert "No project fits" in text(office.get(f"{SERVICES}?q=ない"))
    for query in ("q=%00", "after=%00", "state=x", "after=" + "あ" * 500):
        assert office.get(f"{SERVICES}?{query}").status_code == 200


def test_one_service_is_decided_on_its_page(office, bureau, publish):
    project = make_project(bureau, code="O-4")
    publish(project, fields=["money"])
    address = f"{SERVICES}O-4/"
    assert "This service is public since" in text(office.get(address))
    kept = office.post(address, {"act": "keep:money", "reason": "契約中のため"}, follow=True)
    assert "It is decided" in text(kept)
    assert "契約中のため" in text(kept)
    let_time_pass()
    assert "money" not in PublicEntry.objects.get().document
    assert "kept back for this service" in text(office.get(address))
    office.post(address, {"act": "give:money"})
    let_time_pass()
    assert "money" in PublicEntry.objects.get().document
    office.post(address, {"act": "keep_now:money"})
    assert "money" not in PublicEntry.objects.get().document
    office.post(address, {"act": "hide_now"})
    assert "This service is not public" in text(office.get(address))
    for act in ("keep:risks", "hide"):
        refused = office.post(address, {"act": act, "reason": "残る"})
        assert refused.status_code == 422
        assert 'value="残る"' in text(refused)


def test_an_owner_section_sees_what_is_public_of_its_book_and_decides_nothing(client, people, bureau):
    make_project(bureau, code="O-5")
    client.force_login(people.member)
    page = text(client.get(f"{SERVICES}O-5/"))
    assert "This service is not public" in page
    assert 'method="post"' not in page.split("<main", 1)[1]
    assert client.get(f"{SERVICES}O-5/preview/").status_code == 200
    assert client.post(f"{SERVICES}O-5/", {"act": "show"}).status_code == 422
    assert not PublicationDecision.objects.exists()
    assert f'href="{SERVICES}O-5/"' in client.get(reverse("book:book", args=["O-5"])).content.decode()


def test_a_book_one_may_not_read_is_not_found_here_either(client, people, bureau, other_bureau):
    make_project(other_bureau, code="O-6")
    client.force_login(people.member)
    assert client.get(f"{SERVICES}O-6/").status_code == 404
    assert client.get(f"{SERVICES}O-6/preview/").status_code == 404


def test_pages_ask_as_much_of_many_as_of_few(office, bureau, people):
    def cost(address):
        with CaptureQueriesContext(connection) as queries:
            assert office.get(address).status_code == 200
        return len(queries)

    def more(count):
        for _n in range(count):
            deciding.decide_service(people.quality_office, make_project(bureau), shown=True)

    more(1)
    code = PublicationDecision.objects.first().project.code
    addresses = (PAGE, SERVICES, f"{SERVICES}{code}/", f"{CHECK}?fields=money")
    office.get(PAGE)
    few = [cost(address) for address in addresses]
    more(6)
    assert [cost(address) for address in addresses] == few


def test_the_ledger_says_in_words_what_was_decided(office, bureau, people):
    project = make_project(bureau, code="O-7")
    deciding.withhold(people.quality_office, project, "money")
    page = text(office.get(reverse("book:ledger", args=["O-7"])))
    assert "decided to keep “Money” of this service back" in page


@pytest.mark.parametrize("name", dictionary().fields)
def test_every_field_has_words_in_both_languages(name):
    field = dictionary().fields[name]
    assert all((field.title.ja, field.title.en, field.meaning.ja, field.meaning.en))
