"""The pages themselves, and above all what never stands on them."""

import datetime as dt
import re
from html.parser import HTMLParser
from itertools import count

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from sekisho.book.models import Project, Release
from sekisho.book.services import planning, projects, reviews
from sekisho.book.services.reviews import NewFinding
from sekisho.people.models import Organisation
from sekisho.people.roles import SYSTEM
from sekisho.portfolio.public.models import PublicFile
from sekisho.portfolio.public.services import snapshot
from sekisho.portfolio.services.operations import report_month
from sekisho.voice.models import Wave
from sekisho.voice.services import answering, surveys, tally, usertests
from sekisho.voice.services.problems import found_problem
from tests.book.factories import days, make_project, plan_gate, submit_gate
from tests.voice.factories import hold, plan, see

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("city")]


def asked_of(people, project, answers, *, close=True, threshold=5):
    """A wave of satisfaction with these answers."""
    survey = surveys.make_survey(people.member, project, title="満足度", ready="satisfaction")
    wave = surveys.open_wave(people.member, survey, name="1回目")
    Wave.objects.filter(pk=wave.pk).update(threshold=threshold)
    wave.refresh_from_db()
    for value in answers:
        answering.submit(wave, {"q-overall": [str(value)], "q-finished": ["yes"], "q-words": ["SAID"]})
    tally.count_new(wave)
    if close:
        surveys.close_wave(people.member, wave)
        tally.count_new(wave)
    return wave


@pytest.fixture
def whole_book(people, bureau):
    """A book with something in every chapter, one release out and one planned."""
    project = make_project(bureau, code="W-1", for_citizens=True)
    person = people.member
    gate = plan_gate(project)
    submit_gate(person, gate)
    reviews.give_review(
        people.cio_aide, gate, recommendation="return", findings=[NewFinding("must", "だめです", "plan-1")]
    )
    planning.set_budget(SYSTEM, project, 2025, {"approved": 5_000_000, "executed": 4_000_000, "requested": 9})
    projects.add_member(SYSTEM, project, person, "lead", note="x")
    planning.note_risk(person, project, kind="risk", title="x", text="x")
    planning.report_status(
        person, project, month=days(0).replace(day=1), schedule=1, cost=1, scope=1, quality=1, words="x"
    )
    planning.set_milestone(person, project, name="x", planned_on=days(90))
    Release.objects.create(project=project, version="9.9", kind="new", planned_on=days(30), name="x")
    Release.objects.create(
        project=project,
        version="1.0",
        kind="new",
        name="x",
        planned_on=days(-30),
        state="released",
        released_at=dt.datetime(2026, 5, 1, tzinfo=dt.UTC),
    )
    test = plan(person, project)
    see(person, hold(person, test))
    found_problem(person, test, title="x", severity="minor")
    usertests.finish_test(person, test, conclusions="x")
    asked_of(people, project, [5, 4, 4, 3, 5, 5, 4])
    report_month(person, project, month=days(0), availability=None, incidents=2, requests=77)
    return project


def everything_public(client, code):
    """All that a stranger can fetch, as one text."""
    snapshot.rebuild()
    pages = [
        reverse(f"public:{name}", args=[language, *more])
        for language in ("ja", "en")
        for name, more in (("services", []), ("service", [code]), ("data", []), ("feed", []))
    ]
    texts = [client.get(page).content.decode() for page in [*pages, f"/public/data/services/{code}.json"]]
    return "\n".join([*texts, *(bytes(file.body).decode() for file in PublicFile.objects.all())])


#: text columns that may come out, where the office publishes everything
OUT = {
    "book.Project.name",
    "book.Project.name_en",
    "book.Project.summary",
    "book.Release.version",
    "book.Release.name",
    "people.Organisation.name",
    "people.Organisation.name_en",
    "people.Installation.name",
}


def mark_everything(project):
    """Write a mark of its own into every text of every row in the database; mark -> column and key."""
    numbers, marks = count(1000), {}
    for model in apps.get_models():
        if model._meta.app_label not in ("book", "people", "voice", "sharing", "gateway", "standards"):
            continue
        texts = [
            field
            for field in model._meta.concrete_fields
            if isinstance(field, models.CharField | models.TextField) and not field.choices
        ]
        for row in model.objects.all():
            for field in texts:
                mark = f"mk{next(numbers)}zz"
                if (field.max_length or 99) < len(mark) or field.attname in ("path", "code", "role"):
                    continue
                try:
                    with transaction.atomic():
                        model.objects.filter(pk=row.pk).update(**{field.attname: mark})
                except IntegrityError:
                    continue
                marks[mark] = (f"{model._meta.label}.{field.attname}", row.pk)
    return marks


def test_of_all_texts_in_the_database_only_those_come_out_that_may(client, whole_book, publish):
    publish(whole_book)
    marks = mark_everything(whole_book)
    out = everything_public(client, "W-1")
    seen = {mark: what for mark, what in marks.items() if mark in out}
    planned = Release.objects.get(project=whole_book, state="planned")
    assert len(marks) > 100
    assert {column for column, _key in seen.values()} == OUT
    assert not {
        mark
        for mark, (column, key) in seen.items()
        if column.startswith("book.Release") and key == planned.pk
    }
    owners = {whole_book.owner_id, Organisation.objects.filter(parent=None).order_by("pk").first().pk}
    assert {key for column, key in seen.values() if column.startswith("people.Organisation")} <= owners


def test_with_no_field_decided_only_code_and_name_come_out(client, whole_book, publish):
    publish(whole_book, fields=[])
    marks = mark_everything(whole_book)
    out = everything_public(client, "W-1")
    seen = {column for mark, (column, _key) in marks.items() if mark in out}
    assert seen - {"people.Organisation.name_en", "people.Installation.name"} == {
        "book.Project.name",
        "book.Project.name_en",
    }


def test_figures_that_are_not_public_do_not_come_out(client, whole_book, publish, people):
    hidden = make_project(whole_book.owner, code="H-1")
    planning.set_budget(SYSTEM, hidden, 2025, {"approved": 7_777_777})
    planning.set_budget(SYSTEM, whole_book, 2024, {"requested": 8_888_888})
    publish(whole_book)
    out = everything_public(client, "W-1")
    assert "5000000" in out
    for secret in ("7777777", "8888888", "H-1", '"requests"', people.member.username, "SAID"):
        assert secret not in out


@pytest.mark.parametrize(
    ("answers", "close", "threshold", "seen"),
    [
        ([5] * 12, True, 5, True),
        ([5] * 12, False, 5, False),  # figures that still move could be subtracted from each other
        ([5] * 4, True, 5, False),
        ([5] * 4, True, 1, False),  # whatever the wave itself would show
        ([5] * 12, True, 20, False),
    ],
)
def test_satisfaction_is_shown_of_surveys_that_are_over_and_large_enough(
    people, bureau, publish, client, answers, close, threshold, seen
):
    project = make_project(bureau, code="V-1")
    asked_of(people, project, answers, close=close, threshold=threshold)
    publish(project)
    found = client.get("/public/data/services/V-1.json").json()["satisfaction"]
    assert bool(found) == seen
    if seen:
        assert found[0]["mean"] == 5
        assert found[0]["answers"] == 12


@pytest.mark.usefixtures("whole_book")
@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_page_of_a_service_reads_as_sentences(client, publish, language, whole_book):
    publish(whole_book)
    page = client.get(reverse("public:service", args=[language, "W-1"])).content.decode()
    words = {
        "ja": ("利用者の満足度", "回答7件", "利用者に1回試してもらい", "予算現額", "リリース", "企画中"),
        "en": (
            "Satisfaction of users",
            "from 7 answers",
            "Tests with users: 1.",
            "Budget",
            "Being planned",
        ),
    }
    for said in words[language]:
        assert said in page
    assert "None" not in page


class Unmarked(HTMLParser):
    """Texts of the body with Japanese letters that stand in no element that says ``lang="ja"``."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, str]] = []
        self.found: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag not in ("meta", "link", "input", "br", "img", "hr", "col"):
            self.open.append((tag, dict(attrs).get("lang", self.open[-1][1] if self.open else "")))

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        inside = [tag for tag, _language in self.open]
        if re.search("[ぁ-ヿ一-鿿]", data) and "body" in inside and self.open[-1][1] != "ja":
            self.found.append(data.strip())


@pytest.mark.parametrize("address", ["/public/en/", "/public/en/services/W-1/", "/public/en/data/"])
def test_japanese_on_english_pages_says_that_it_is(client, publish, whole_book, address):
    Project.objects.filter(pk=whole_book.pk).update(
        name="窓口の予約", name_en="", summary="予約を受け付ける。"
    )
    Release.objects.filter(version="1.0").update(name="初版 of 2026")
    Organisation.objects.update(name="窓口課", name_en="")
    publish(whole_book)
    page = client.get(address).content.decode()
    parser = Unmarked()
    parser.feed(page)
    assert parser.found == []
    assert 'lang="ja"' in page
    assert "lang=" not in client.get("/public/ja/services/W-1/").content.decode().partition("<main")[2]


def test_what_is_public_but_not_there_yet_says_so(client, bureau, publish):
    publish(make_project(bureau, code="E-1"))
    page = client.get("/public/en/services/E-1/").content.decode()
    assert "Nothing yet" in page
    assert "None" not in page


@pytest.mark.parametrize("language", ["ja", "en"])
def test_names_of_three_hundred_characters_and_markup_stand_as_they_are(client, bureau, publish, language):
    name = "子ども・子育て支援手続きの総合案内" * 17 + "<b>&\"'"
    publish(make_project(bureau, code="L-1", name=name, summary="<script>alert(1)</script>\x0b"))
    for address in (f"/public/{language}/", f"/public/{language}/services/L-1/"):
        page = client.get(address).content.decode()
        assert "子育て支援手続きの総合案内&lt;b&gt;" in page
        assert "<b>" not in page
        assert "<script" not in page


def test_the_list_is_searched_filtered_and_goes_on(client, bureau, publish):
    books = [make_project(bureau, name=f"図書館サービス{n:02d}") for n in range(52)]
    books.append(make_project(bureau, name="税の相談", name_en="Tax advice"))
    publish(*books)
    first = client.get("/public/ja/").content.decode()
    assert "53件" in first
    assert first.count("<h2>") == 50
    assert client.get("/public/ja/?page=2").content.decode().count("<h2>") == 3
    assert client.get("/public/ja/?q=tax").content.decode().count("<h2>") == 1
    assert client.get("/public/ja/?phase=operate").content.decode().count("<h2>") == 0
    assert "当てはまるサービスがありません" in client.get("/public/ja/?q=ない").content.decode()


def test_pages_ask_as_much_of_many_services_as_of_few(client, bureau, publish):
    def cost(address):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    publish(make_project(bureau, code="Q-0"))
    addresses = ("/public/ja/", "/public/ja/services/Q-0/", "/public/ja/data/")
    few = [cost(address) for address in addresses]
    from tests.portfolio.public.conftest import let_time_pass

    for n in range(8):
        from sekisho.portfolio.public.services import deciding

        deciding.decide_service(SYSTEM, make_project(bureau, code=f"Q-{n + 1}"), shown=True)
    let_time_pass()
    assert [cost(address) for address in addresses] == few
    assert max(few) <= 6


def test_no_page_reads_a_book(client, whole_book, publish):
    publish(whole_book)
    with CaptureQueriesContext(connection) as queries:
        for address in (
            "/public/ja/",
            "/public/ja/services/W-1/",
            "/public/ja/data/",
            "/public/ja/changes.atom",
        ):
            client.get(address)
    read = {query["sql"].split('FROM "')[1].split('"')[0] for query in queries if 'FROM "' in query["sql"]}
    assert read <= {"portfolio_publicentry", "portfolio_publicfile", "portfolio_edition"}


def test_retired_and_stopped_services_say_so(client, bureau, publish):
    retired, stopped = make_project(bureau, code="R-1"), make_project(bureau, code="R-2")
    Project.objects.filter(pk=retired.pk).update(
        phase="retire", retired_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    )
    Project.objects.filter(pk=stopped.pk).update(stopped_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    publish(retired, stopped)
    assert "Retired" in client.get("/public/en/services/R-1/").content.decode()
    assert "Stopped" in client.get("/public/en/services/R-2/").content.decode()


def test_money_below_zero_is_written(client, bureau, publish):
    project = make_project(bureau, code="N-1")
    planning.set_budget(SYSTEM, project, 2025, {"approved": 1_000, "carried_out": 5_000})
    publish(project)
    assert "-¥4,000" in client.get("/public/en/services/N-1/").content.decode()
