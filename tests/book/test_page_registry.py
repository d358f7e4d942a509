"""The registry: who finds what, in which order, at which cost."""

import datetime as dt

import pytest
import time_machine
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from sekisho.book.fiscal import fiscal_year_of
from sekisho.book.jobs import remind_of_overdue_conditions
from sekisho.book.models import Membership, Phase, Project, SavedView
from sekisho.book.queries import registry
from sekisho.book.roads import road_of
from sekisho.book.services import planning, rollup
from sekisho.book.services.projects import create_project
from sekisho.book.views import saved_views
from sekisho.errors import Invalid
from sekisho.people.permissions import actor_of
from sekisho.people.roles import SYSTEM
from tests.book.factories import make_project, make_standard, put_in_force

pytestmark = pytest.mark.django_db


def book(owner, code, name="事業", **fields) -> Project:
    """A book as bulk imports leave it: a row and its search tokens."""
    project = Project.objects.create(owner=owner, code=code, name=name, **fields)
    rollup.index(project)
    return project


def codes(actor, query="", limit=1000) -> list[str]:
    found = registry.stretch(actor, QueryDict(query), limit=limit)
    return [row["code"] for row in registry.rows_of(found.ids)]


def asked(text: str, **more: str) -> str:
    query = QueryDict(mutable=True)
    query.update({"q": text, **more})
    return query.urlencode()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("住民", ["A"]),
        ("税", ["B"]),
        ("ｸﾗｳﾄﾞ", ["A"]),
        ("クラウド", ["A"]),
        ("ＡＢＣ１２", ["B"]),
        ("abc12", ["B"]),
        ("住民 クラウド", ["A"]),
        ("住民　税務", []),
        ("存在しない", []),
        ('"', []),
        ("' OR 1=1 --", []),
        ("*", []),
    ],
)
def test_words_of_one_or_two_characters_and_all_widths_find_books(bureau, words, found):
    book(bureau, "A", "住民記録システムのクラウド移行")
    book(bureau, "B", "税務 ABC12 再構築")
    assert codes(SYSTEM, asked(words)) == found


def test_blank_words_mean_everything(bureau):
    book(bureau, "A")
    assert codes(SYSTEM, asked(" 　 ")) == ["A"]


@pytest.fixture
def mixed(bureau, section, other_bureau):
    """Forty books that differ in everything and tie in much."""
    owners, phases = (bureau, section, other_bureau), list(Phase)
    for n in range(40):
        book(
            owners[n % 3],
            f"M-{n:03d}",
            f"住民事業{n % 7}",
            phase=phases[n % 5],
            tier=("focus", "standard", "light")[n % 3],
            money_this_year=(n % 4) * 1_000,
            confidence=(None, 1, 2, 5)[n % 4],
            next_gate_due=None if n % 3 else dt.date(2026, 1, 1 + n % 5),
            blocker_count=n % 2,
            for_citizens=n % 2 == 0,
            for_staff=n % 5 == 0,
            personal_data=("none", "personal", "mynumber")[n % 3],
        )


QUERIES = [
    "",
    "q=住民",
    "phase=plan&phase=operate",
    "tier=focus",
    "state=barred&confidence=low",
    "audience=citizens&audience=staff",
]


@pytest.mark.parametrize("narrow", [True, False], ids=["sorted here", "walked"])
@pytest.mark.parametrize("sort", list(registry.SORTS))
@pytest.mark.parametrize("query", QUERIES)
def test_following_the_cursor_meets_every_book_once_in_order(mixed, monkeypatch, query, sort, narrow):
    if not narrow:
        monkeypatch.setattr(registry, "NARROW", 1)
    params = QueryDict(f"{query}&sort={sort}")
    expected = list(registry.filtered(SYSTEM, params).values_list("pk", flat=True))
    met, cursor = [], ""
    for _turn in range(20):
        step = params.copy()
        step["after"] = cursor
        found = registry.stretch(SYSTEM, step, limit=7)
        met += found.ids
        cursor = found.following
        if not cursor:
            break
    assert met == expected
    assert len(set(met)) == len(met) > 0


def test_few_matches_of_many_words_and_many_books_are_counted_exactly(mixed, monkeypatch):
    monkeypatch.setattr(registry, "NARROW", 10)
    found = registry.stretch(SYSTEM, QueryDict("q=住民&phase=plan&tier=focus"))
    assert found.total.count == len(found.ids) > 0


@pytest.mark.parametrize(
    "after", ["x", "W10", "bnVsbA", "WyJhIiwiYiJd", "WzEsMl0", "é", "W251bGwsMV0", "IiI", "W1tb" * 1000]
)
def test_a_broken_cursor_starts_at_the_beginning(mixed, after):
    params = QueryDict(mutable=True)
    params["after"] = after
    assert registry.stretch(SYSTEM, params).ids == registry.stretch(SYSTEM, QueryDict()).ids


def test_each_filter_means_what_it_says(bureau, section, other_bureau):
    now = timezone.now()
    book(bureau, "TOP", blocker_count=2, confidence=2, next_gate_due=dt.date(2026, 4, 1), for_citizens=True)
    book(section, "LOW", phase="operate", tier="focus", personal_data="mynumber", confidence=5)
    book(other_bureau, "GONE", retired_at=now)
    book(other_bureau, "HALT", stopped_at=now, blocker_count=1)
    expected = {
        f"org={bureau.pk}": ["LOW", "TOP"],
        f"org={section.pk}": ["LOW"],
        "org=999999": [],
        "state=active": ["LOW", "TOP"],
        "state=barred": ["TOP"],
        "state=ready": ["LOW"],
        "state=retired": ["GONE"],
        "state=stopped": ["HALT"],
        "confidence=low": ["TOP"],
        "due=2026-04-02": ["TOP"],
        "due=2026-04-01": [],
        "due=2026-99-99": ["GONE", "HALT", "LOW", "TOP"],
        "phase=operate": ["LOW"],
        "phase=nonsense": ["GONE", "HALT", "LOW", "TOP"],
        "tier=focus": ["LOW"],
        "audience=citizens": ["TOP"],
        "personal=mynumber": ["LOW"],
        "org=abc": ["GONE", "HALT", "LOW", "TOP"],
    }
    assert {query: codes(SYSTEM, query) for query in expected} == expected


@pytest.mark.parametrize("narrow", [2000, 0])
def test_everyone_sees_their_own_part(people, bureau, section, other_bureau, monkeypatch, narrow):
    monkeypatch.setattr(registry, "NARROW", narrow)
    book(bureau, "MINE")
    book(section, "BELOW")
    other = book(other_bureau, "OTHER")
    Membership.objects.create(project=other, user=people.contractor, part="contractor")
    everything, reached = ["BELOW", "MINE", "OTHER"], ["BELOW", "MINE"]
    expected = {
        "member": reached,
        "cio_aide": reached,
        "expert": [],
        "contractor": ["OTHER"],
        "quality_office": everything,
        "executive": everything,
        "auditor": everything,
        "admin": everything,
    }
    seen = {role: codes(actor_of(getattr(people, role))) for role in expected}
    assert seen == expected
    for role, books in expected.items():
        assert registry.total_of(actor_of(getattr(people, role)), QueryDict()).count == len(books)


@pytest.mark.parametrize(
    ("years", "shown"),
    [
        ({}, "not entered"),
        ({-1: {"approved": 5_000}}, "not entered"),
        ({0: {"requested": 5_000}}, "not entered"),
        ({0: {"approved": 0}}, "¥0"),
        ({0: {"supplementary": 5_000}}, "¥5,000"),
        ({0: {"carried_in": 5_000}}, "¥5,000"),
        ({0: {"carried_in": 0}}, "¥0"),
        ({0: {"approved": 9_000, "carried_in": 1_000, "carried_out": 2_000}}, "¥8,000"),
        ({0: {"carried_out": 5_000}}, "not entered"),
    ],
)
def test_registry_and_cover_say_the_same_of_this_years_money_and_no_zero_for_what_nobody_entered(
    client, people, bureau, years, shown
):
    project = book(bureau, "X-1")
    for year, amounts in years.items():
        planning.set_budget(SYSTEM, project, fiscal_year_of(timezone.localdate()) + year, amounts)
    rollup.refresh(project)
    people.member.language = "en"
    people.member.save()
    client.force_login(people.member)
    page = client.get(reverse("book:registry"), {"cols": "money"})
    assert shown in page.content.decode().split("<tbody", 1)[1].split("</tbody>")[0]
    total = page.content.decode().split("total-line", 1)[1].split("</p>")[0]
    assert ("this year" in total) == (shown not in ("not entered", "¥0"))
    cover = client.get(reverse("book:book", args=["X-1"])).content.decode()
    fact = cover.split("Money this year", 1)[1].split("</dd>", 1)[0]
    assert shown in fact
    assert fact.count("not entered") <= 1


def test_a_new_fiscal_year_brings_its_money_into_the_registry_of_books_nobody_touched(people, bureau):
    project = book(bureau, "X-1")
    with time_machine.travel("2026-03-31T10:00:00+09:00"):
        planning.set_budget(SYSTEM, project, 2025, {"approved": 7_000})
        planning.set_budget(SYSTEM, project, 2026, {"approved": 5_000, "carried_in": 500})
        assert Project.objects.get().money_this_year == 7_000
    with time_machine.travel("2026-04-01T10:00:00+09:00"):
        remind_of_overdue_conditions(None)
        assert Project.objects.get().money_this_year == 5_500
        assert rollup.settle_money() == 0


def test_the_page_shows_rows_total_and_escapes_names(client, people, bureau):
    book(bureau, "X-1", "<script>alert(1)</script>", money_this_year=123_450_000)
    client.force_login(people.member)
    page = client.get(reverse("book:registry"), {"q": "<b>alert"})
    assert "<b>alert" not in page.content.decode()
    with translation.override("en"):
        text = client.get(reverse("book:registry"), headers={"accept-language": "en"}).content.decode()
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text
    assert "<strong>1</strong> project" in text


def test_the_same_number_of_queries_for_three_rows_and_thirty(client, people, bureau):
    client.force_login(people.quality_office)

    def count(path="") -> int:
        with CaptureQueriesContext(connection) as caught:
            assert client.get(reverse("book:registry") + path).status_code == 200
        return len(caught)

    for n in range(3):
        book(bureau, f"Q-{n}", "住民")
    count()  # the first page asks whether anybody can sign in
    few = count(), count("?q=住民&sort=due")
    for n in range(3, 30):
        book(bureau, f"Q-{n:02d}", "住民")
    assert (count(), count("?q=住民&sort=due")) == few


def test_more_rows_come_by_htmx_and_by_link(client, people, bureau, monkeypatch):
    monkeypatch.setattr(registry, "PAGE", 50)
    for n in range(60):
        book(bureau, f"R-{n:02d}")
    client.force_login(people.quality_office)
    first = client.get(reverse("book:registry"))
    more = first.context["more"]
    assert "R-49" in first.content.decode()
    assert "R-50" not in first.content.decode()
    rows = client.get(reverse("book:registry") + more, headers={"hx-request": "true"})
    assert "<html" not in rows.content.decode()
    assert "R-59" in rows.content.decode()
    assert "HX-Request" in rows.headers["Vary"]
    page = client.get(reverse("book:registry") + more).content.decode()
    assert "<html" in page
    assert "R-59" in page


def test_a_large_total_comes_afterwards(client, people, bureau, monkeypatch):
    for n in range(5):
        book(bureau, f"T-{n}", money_this_year=10)
    monkeypatch.setattr(registry, "NARROW", 2)
    client.force_login(people.quality_office)
    page = client.get(reverse("book:registry") + "?state=active").content.decode()
    assert f'hx-get="{reverse("book:registry_total")}?state=active"' in page
    line = client.get(
        reverse("book:registry_total") + "?state=active", headers={"hx-request": "true"}
    ).content.decode()
    assert "<strong>5</strong>" in line
    plain = client.get(reverse("book:registry_total") + "?state=active", follow=True).content.decode()
    assert "<strong>5</strong>" in plain


def test_an_empty_registry_teaches_and_an_empty_search_helps(client, people):
    client.force_login(people.quality_office)
    assert reverse("book:new") in client.get(reverse("book:registry")).content.decode()
    found = client.get(reverse("book:registry") + "?q=zzz")
    assert found.status_code == 200
    assert 'class="empty"' in found.content.decode()


def test_columns_of_choice_are_shown_and_kept(client, people, bureau):
    book(bureau, "C-1")
    client.force_login(people.quality_office)
    page = client.get(reverse("book:registry") + "?cols=due&cols=road&sort=-money")
    assert [column.name for column in page.context["columns"]] == ["road", "due"]
    assert page.context["kept"] == "sort=-money&cols=due,road"
    assert len(client.get(reverse("book:registry") + "?cols=nonsense").context["columns"]) > 2


def test_views_are_saved_replaced_and_removed_by_their_owner_alone(client, people, monkeypatch):
    client.force_login(people.member)
    save = reverse("book:view_save")
    client.post(save, {"name": "止まった事業", "query": "state=barred"})
    client.post(save, {"name": "止まった事業", "query": "state=stopped&sort=-money"})
    view = SavedView.objects.get(user=people.member)
    assert view.query == "state=stopped&sort=-money"
    assert "止まった事業" in client.get(reverse("book:registry")).content.decode()
    monkeypatch.setattr(saved_views, "MAX_VIEWS", 1)
    client.post(save, {"name": "別の事業", "query": "state=barred"})
    client.post(save, {"name": "止まった事業", "query": "state=barred"})
    assert SavedView.objects.values_list("name", "query").get() == ("止まった事業", "state=barred")
    client.post(save, {"name": " ", "query": "state=barred"})
    assert SavedView.objects.count() == 1
    client.force_login(people.auditor)
    assert "止まった事業" not in client.get(reverse("book:registry")).content.decode()
    assert client.post(reverse("book:view_delete", args=[view.pk])).status_code == 404
    client.force_login(people.member)
    assert client.get(reverse("book:view_delete", args=[view.pk])).status_code == 405
    client.post(reverse("book:view_delete", args=[view.pk]))
    assert not SavedView.objects.exists()


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        ("j-1", "/projects/J-1/"),
        ("税務", "/projects/J-2/"),
        ("事業", "/projects/?q="),
        ("無", "/projects/?q="),
        ("", "/projects/"),
    ],
)
def test_a_jump_leads_to_the_one_book_meant_or_to_the_list(client, people, bureau, typed, place):
    book(bureau, "J-1", "住民事業")
    book(bureau, "J-2", "税務事業")
    client.force_login(people.member)
    assert client.get(reverse("book:jump"), {"q": typed}).url.startswith(place)


def test_a_jump_never_tells_of_books_one_may_not_see(client, people, other_bureau):
    book(other_bureau, "SECRET")
    client.force_login(people.member)
    assert client.get(reverse("book:jump"), {"q": "SECRET"}).url == "/projects/?q=SECRET"


def new_book(**changes):
    fields = {
        "personal_data": "none",
        "information_class": "2",
        "network_zone": "lgwan",
        "development_form": "saas",
    }
    return {"code": "N-1", "name": "新しい事業", **fields, **changes}


def test_a_book_is_opened_and_its_page_follows(client, people, bureau):
    put_in_force(make_standard(), bureau)
    client.force_login(people.member)
    answer = client.post(
        reverse("book:new"), new_book(owner=bureau.pk, for_citizens="on", purpose="手続を短くする")
    )
    assert answer.url == reverse("book:book", args=["N-1"])
    project = Project.objects.get(code="N-1")
    assert (project.for_citizens, project.development_form, project.information_class) == (True, "saas", 2)
    assert project.memberships.get().user == people.member


def test_what_cannot_be_opened_is_said_beside_the_field_and_kept(client, people, bureau, other_bureau):
    book(bureau, "N-1")
    client.force_login(people.member)
    for changes, field in (
        ({}, "code"),
        ({"code": "a/b"}, "code"),
        ({"code": "N-2", "owner": other_bureau.pk}, "owner"),
        ({"code": "N-2", "name": " "}, "name"),
        ({"code": "N-2", "name": "長" * 501}, "name"),
    ):
        answer = client.post(
            reverse("book:new"), {**new_book(owner=bureau.pk, purpose="残る言葉"), **changes}
        )
        assert answer.status_code == 422
        assert field in answer.context["form"].errors
        assert "残る言葉" in answer.content.decode()
    assert Project.objects.count() == 1


def test_only_those_who_may_open_books_see_the_form(client, people):
    allowed = {}
    for role in (
        "member",
        "cio_aide",
        "quality_office",
        "admin",
        "executive",
        "auditor",
        "contractor",
        "expert",
    ):
        client.force_login(getattr(people, role))
        try:
            allowed[role] = client.get(reverse("book:new")).status_code == 200
        except Exception:  # noqa: BLE001 - the page for refusals belongs to another part
            allowed[role] = False
    assert [role for role, may in allowed.items() if may] == ["member", "cio_aide", "quality_office", "admin"]


@pytest.mark.parametrize("code", ["..", ".", "…", "NEW", "p-7", "Ｐ－７", "a/b", "あ" * 65])
def test_a_code_under_which_no_book_could_be_found_again_is_refused_beside_its_field(
    client, people, bureau, code
):
    book(bureau, "P-7")
    client.force_login(people.member)
    refused = client.post(reverse("book:new"), {**new_book(owner=bureau.pk), "code": code})
    assert refused.status_code == 422
    assert "code" in refused.context["form"].errors
    with pytest.raises(Invalid):
        create_project(people.member, code=code, name="予約", owner=bureau)


def test_full_width_signs_of_a_code_are_read_as_half_width(client, people, bureau):
    client.force_login(people.member)
    made = client.post(reverse("book:new"), {**new_book(owner=bureau.pk), "code": "Ｐ２０２６－７"})
    assert made["Location"] == reverse("book:book", args=["P2026-7"])


def test_the_suggested_code_follows_the_last(client, people, bureau):
    client.force_login(people.member)
    first = client.get(reverse("book:new")).context["form"]["code"].value()
    book(bureau, first)
    second = client.get(reverse("book:new")).context["form"]["code"].value()
    assert int(second.rsplit("-", 1)[1]) == int(first.rsplit("-", 1)[1]) + 1


def test_the_road_of_a_book_says_where_it_stands(bureau):
    project = make_project(bureau)
    project.refresh_from_db()
    with translation.override("en"):
        road = road_of(project)
        assert road.stations[0].state == "here_barred"
        assert str(project.blocker_count) in road.description
        assert [s.state for s in road.stations[1:]] == ["ahead"] * 4
        project.road, project.phase = {}, "build"
        assert [s.state for s in road_of(project).stations] == [
            "passed",
            "passed",
            "here_open",
            "ahead",
            "ahead",
        ]
    project.road = {
        "stations": ["passed", "skipped", "conditional", "here_open", "ahead"],
        "bars": 0,
        "marks": [{"label": str(n), "state": "released"} for n in range(8)],
    }
    project.phase = "operate"
    marks = road_of(project).marks
    assert len(marks) == 4
    assert all(0.3 < mark.position < 0.7 for mark in marks)
