"""Dashboards: each chart with its table, the list behind each number, its picture and its file."""

import datetime as dt
import io
import re
from decimal import Decimal
from html import unescape
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from django.utils.translation import override
from PIL import Image

from sekisho.book.models import Gate
from sekisho.book.services import gates, planning
from sekisho.people.models import Installation
from sekisho.people.permissions import actor_of
from sekisho.people.roles import SYSTEM
from sekisho.portfolio import jobs
from sekisho.portfolio.charts import Cell, Chart, Row
from sekisho.portfolio.drawing import draw
from sekisho.portfolio.figures import Worth
from sekisho.portfolio.pictures import bitmap, picture, table
from sekisho.portfolio.queries import heads
from sekisho.portfolio.queries.figures import counted, read_filters
from sekisho.portfolio.queries.pages import FIGURES, PAGES
from sekisho.portfolio.queries.words import AMOUNTS, amount_word, total_words
from sekisho.portfolio.services import figures
from sekisho.portfolio.services.operations import report_incident, report_month
from sekisho.portfolio.views import behind
from tests.book.factories import advance, days, make_project, plan_gate, submit_gate
from tests.factories import OrganisationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _set_up(people):
    Installation.objects.get_or_create(name="関野市")


@pytest.fixture
def office(client, people):
    client.force_login(people.quality_office)
    return client


def test_who_reads_single_books_is_led_to_the_registry(client, people, bureau):
    make_project(bureau)
    for person, words in (
        (people.expert, "読めるブックは台帳にあります"),
        (people.quality_office, "工程ごと"),
    ):
        client.force_login(person)
        assert words in client.get(reverse("portfolio:overview")).content.decode()


def rated(bureau, rating=2, **fields):
    project = make_project(bureau, **fields)
    month = timezone.localdate().replace(day=1)
    planning.report_status(
        SYSTEM, project, month=month, schedule=rating, cost=5, scope=5, quality=5, words="順調"
    )
    planning.set_budget(SYSTEM, project, 2026, {"approved": 2_000_000, "requested": 3_000_000})
    return project


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("books", [0, 2])
def test_every_page_opens_with_and_without_books(office, bureau, name, language, books):
    for _number in range(books):
        rated(bureau)
    page = office.get(reverse("portfolio:page", args=[name]), headers={"accept-language": language})
    assert page.status_code == 200
    text = page.content.decode()
    assert not re.search(r"\b(nan|None)\b", text.split("<main", 1)[1])
    cards = re.findall(r'<section class="pf-card[^>]* aria-labelledby="(\S+) (\S+)"', text)
    heard = [tuple(re.search(f'id="{part}">(.*?)<', text)[1] for part in card) for card in cards]
    assert len(set(heard)) == len(heard)  # charts that say the same are told apart by their title


@pytest.mark.parametrize("name", ["portfolio:overview", "portfolio:services"])
def test_before_the_first_book_there_is_a_first_step(office, bureau, name):
    page = office.get(reverse(name)).content.decode()
    assert f'href="{reverse("book:new")}"' in page
    assert f'href="{reverse("intake:imports")}"' in page
    assert "pf-card" not in page
    narrowed = office.get(reverse(name), {"tier": "focus"}).content.decode()
    assert f'href="{reverse("book:new")}"' not in narrowed


def test_a_page_asks_as_much_of_many_books_as_of_few(office, bureau):
    def cost():
        figures.bring_up_to_date()
        with CaptureQueriesContext(connection) as asked:
            assert office.get(reverse("portfolio:overview")).status_code == 200
        return len(asked)

    rated(bureau)
    cost()
    few = cost()
    for _number in range(6):
        rated(bureau)
        rated(OrganisationFactory())
    assert cost() == few
    assert few <= 11


@pytest.fixture
def city(people, bureau):
    """Books that give every chart something to show."""
    late, steady, used = rated(bureau, rating=1), rated(bureau, rating=4), rated(bureau, rating=3)
    for book, due in ((late, 40), (steady, 10), (used, 90)):
        gates.set_due(people.quality_office, plan_gate(book), days(due))
    Gate.objects.filter(project=late).update(due_on=days(-40))  # time went by
    planning.set_milestone(people.member, late, name="稼働", planned_on=days(3))
    submit_gate(people.member, plan_gate(steady))
    advance(people, used, "requirements")
    month = timezone.localdate().replace(day=1)
    for n in range(3):
        report_month(
            SYSTEM,
            used,
            month=month - dt.timedelta(days=28 * n),
            availability=Decimal("99.9") - n,
            incidents=2,
            requests=7,
        )
    report_incident(SYSTEM, used, key="A-1", began_on=month, severity="critical", minutes_down=5)
    figures.bring_up_to_date()
    return late, steady, used


def test_every_number_opens_the_list_that_adds_up_to_it(office, people, city):
    actor, seen = actor_of(people.quality_office), set()
    for name, page in PAGES.items():
        for chart in page.charts(actor, read_filters(QueryDict())):
            for cell in (cell for row in chart.rows for cell in row.cells if cell.value):
                asked = QueryDict(cell.behind.partition("?")[2])
                figure = asked["figure"]
                found = counted(actor, read_filters(asked), asked)
                listed = sum((entry.worth for entry in found.entries), Worth(0))
                assert listed == found.total, (name, chart.name, cell)
                if figure == "availability":
                    assert amount_word(figure, listed) == cell.text
                else:
                    summed = figure in AMOUNTS and figure not in ("drift", "available")
                    assert cell.value == (listed.amount if summed else listed.n), (name, chart.name, cell)
                listing = office.get(cell.behind).content.decode()
                assert listing.count('<th scope="row" class="name">') == found.entries.count()
                assert escape(total_words(figure, found.total)) in listing
                seen.add(chart.name)
    assert len(seen) >= 14


def test_every_chart_has_its_table_its_definition_and_its_files(office, city):
    for name in PAGES:
        page = office.get(reverse("portfolio:page", args=[name])).content.decode()
        cards = re.findall(r'<section class="pf-card.*?</section>', page, re.DOTALL)
        assert cards
        for card in cards:
            assert re.search(r'<p class="small muted">[^<]{20,}', card)
            if "<svg" not in card:
                continue
            assert "<table" in card
            for kind in ("svg", "png", "csv"):
                [link] = re.findall(rf'href="([^"]*/charts/[^"]*[.]{kind}[^"]*)"', card)
                answer = office.get(unescape(link))
                assert "attachment" in answer["Content-Disposition"]
            row = re.search(r"<tbody>.*</tbody>", card, re.DOTALL)[0]
            totals = row.count("<tr>") if re.search(r'class="number">(合計|Total)<', card) else 0
            bare = re.findall(r'<td class="number">([1-9][\d,]*)</td>', row)
            assert len(bare) <= totals, "a number without its list"


def test_a_list_goes_on_where_it_stopped(office, bureau, monkeypatch):
    monkeypatch.setattr(behind, "PAGE_SIZE", 2)
    names = {make_project(bureau).code for _number in range(5)}
    figures.bring_up_to_date()
    address, seen = reverse("portfolio:behind") + "?figure=phase&key=plan", []
    while address:
        page = office.get(address).content.decode()
        seen += re.findall(r'<span class="code">([^<]+)</span>', page)
        more = re.search(r'class="more"><a class="button" href="([^"]+)"', page)
        address = reverse("portfolio:behind") + unescape(more[1]) if more else ""
    assert sorted(seen) == sorted(names)


def test_the_list_behind_a_number_asks_as_much_of_many_books_as_of_few(office, bureau):
    def cost():
        figures.bring_up_to_date()
        with CaptureQueriesContext(connection) as asked:
            assert office.get(reverse("portfolio:behind") + "?figure=phase&key=plan").status_code == 200
        return len(asked)

    make_project(bureau)
    cost()
    few = cost()
    for _number in range(5):
        make_project(bureau)
    assert cost() == few


def test_availability_stands_in_percent_in_files(office, city):
    table = office.get(reverse("portfolio:csv", args=["operation", "availability"])).content.decode(
        "utf-8-sig"
    )
    assert re.search(r",98[.]9,99[.]9\r\n$", table)  # and the target beside it


def test_services_are_held_against_the_target(office, people, bureau, settings):
    settings.AVAILABILITY_TARGET = 9950
    for percent in ("99.5", "99.49", "95", "94.99"):
        book = rated(bureau)
        report_month(
            SYSTEM, book, month=timezone.localdate(), availability=Decimal(percent), incidents=0, requests=0
        )
    figures.bring_up_to_date()
    charts = {
        chart.name: chart
        for chart in PAGES["operation"].charts(actor_of(people.quality_office), read_filters(QueryDict()))
    }
    [row] = charts["targets"].rows
    assert [cell.value for cell in row.cells] == [1, 2, 1]  # ten times as long as allowed: under 95 %
    worst = office.get(row.cells[2].behind).content.decode()
    assert "94.99%" in worst
    assert "97.24%" in charts["availability"].finding


def test_a_changed_target_is_noticed_by_the_figures_themselves(office, people, bureau, settings):
    book = rated(bureau)
    report_month(
        SYSTEM, book, month=timezone.localdate(), availability=Decimal("99.5"), incidents=0, requests=0
    )
    jobs.fold(None)
    for target, expected in ((9990, [0, 1, 0]), (9900, [1, 0, 0]), (9999, [0, 0, 1])):
        settings.AVAILABILITY_TARGET = target
        jobs.fold(None)
        charts = PAGES["operation"].charts(actor_of(people.quality_office), read_filters(QueryDict()))
        [row] = next(chart for chart in charts if chart.name == "targets").rows
        assert [cell.value for cell in row.cells] == expected
    settings.AVAILABILITY_TARGET = 9900
    assert list(figures.recount()) == []  # a recount follows it, too, instead of calling every service wrong


def shares(*values, target=9990):
    rows = [
        Row(f"{n}月", [Cell(value, "", f"{value / 100:.2f}%", parts=100)])
        for n, value in enumerate(values, 1)
    ]
    return Chart("a", "稼働率", "", "定義", "dots", ["稼働率"], ("c1",), rows, target=target)


@pytest.mark.parametrize(
    ("values", "floor"),
    [((10_000,), 9980), ((9991, 9985), 9980), ((9974,), 9950), ((9950,), 9900), ((8000,), 5000), ((0,), 0)],
)
def test_the_scale_of_shares_shows_every_point_and_says_where_it_begins(values, floor):
    chart = shares(*values)
    assert chart.floor == floor
    drawn = str(draw(chart))
    assert ("0.00%" if not floor else f"{floor / 100:.2f}%") in drawn
    assert drawn.count("<circle") == sum(value >= 9990 for value in values)
    assert drawn.count('<path d="M0 -8') == sum(value < 9990 for value in values)


def test_a_negative_amount_is_drawn_to_the_other_side_of_zero():
    rows = [Row("令和8年度", [Cell(300), Cell(-100)])]
    drawn = str(draw(Chart("m", "金額", "", "定義", "bars", ["要求", "承認"], ("c6", "c2"), rows)))
    up, down = re.findall(r'<rect class="pf-c[62]"[^>]* x="([\d.]+)%"[^>]* width="([\d.]+)%"', drawn)
    assert float(up[0]) == float(down[0]) + float(down[1]) > 0
    assert float(up[1]) == pytest.approx(3 * float(down[1]), abs=0.02)
    assert "pf-zero" in drawn


def test_the_list_shows_only_what_one_may_read(client, people, bureau, other_bureau):
    rated(bureau, name="こちらの事業")
    rated(other_bureau, name="あちらの事業")
    figures.bring_up_to_date()
    client.force_login(people.member)
    for name in ("behind", "behind_csv"):
        page = client.get(reverse(f"portfolio:{name}") + "?figure=phase&key=plan").getvalue().decode()
        assert "こちらの事業" in page
        assert "あちらの事業" not in page


def test_formulas_in_names_stay_text_in_the_list(office, bureau):
    rated(bureau, name="=HYPERLINK(1)")
    figures.bring_up_to_date()
    page = (
        office.get(reverse("portfolio:behind_csv") + "?figure=phase&key=plan").getvalue().decode("utf-8-sig")
    )
    assert "'=HYPERLINK(1)" in page


@pytest.mark.parametrize(
    "query",
    [
        {"figure": "phase", "key": "\x00", "low": "%s", "high": "'", "of": "99999999999"},
        {"figure": "gate_due", "low": "2026-99-99", "after": "٣"},
        {"figure": "confidence_flow", "key": "<script>", "org": "-1", "tier": "x", "year": "0"},
        {"figure": "phase", "after": "9" * 40},
        {"figure": "phase", "after": "0:\x00:1"},
        {"figure": "gate_due", "key": "nonsense", "after": "0:2026-01-01:99999999999"},
    ],
)
def test_any_address_of_a_list_is_answered(office, query):
    page = office.get(reverse("portfolio:behind") + "?" + urlencode(query))
    assert page.status_code == 200
    assert "<script>" not in page.content.decode().split("<main", 1)[1]


def test_what_is_not_there_is_not_found(office):
    for address in (
        reverse("portfolio:behind") + "?figure=secrets",
        reverse("portfolio:page", args=["nothing"]),
        reverse("portfolio:svg", args=["overview", "nothing"]),
    ):
        assert office.get(address).status_code == 404


def test_filters_are_remembered_for_a_person_who_signs_out_and_in(client, people, office):
    overview = reverse("portfolio:overview")
    office.get(overview + "?tier=focus&year=2025")
    office.post(reverse("account_logout"))
    client.force_login(people.auditor)
    assert office.get(overview).status_code == 200  # another person at the same browser
    office.post(reverse("account_logout"))
    client.force_login(people.quality_office)
    assert office.get(overview).url == f"{overview}?tier=focus&year=2025"


def test_the_form_names_the_section_that_the_address_narrows_to(office, section, bureau):
    overview = reverse("portfolio:overview")
    page = office.get(f"{overview}?org={section.pk}").content.decode()
    assert f'<option value="{section.pk}" selected>{section.name}</option>' in page
    page = office.get(f"{overview}?org=99999999").content.decode()
    assert '<option value="99999999" selected>' in page


def test_filters_are_remembered_until_cleared(office, bureau):
    overview, services = reverse("portfolio:overview"), reverse("portfolio:services")
    truth = reverse("portfolio:page", args=["truth"])
    for chosen_on in (overview, services):
        office.get(chosen_on + "?tier=focus&org=&year=2025&after=T-1")
        for address in (overview, services, truth):
            back = office.get(address)
            assert back.status_code == 302
            assert back.url == f"{address}?org=&tier=focus&year=2025"
            assert office.get(back.url).status_code == 200
        assert (
            office.get(services + "?after=T-1").status_code == 200
        )  # in the middle of a list nobody is moved
        assert 'href="?all=1"' in office.get(services + "?tier=focus").content.decode()
        assert office.get(chosen_on + "?all=1").url == chosen_on
        assert office.get(services).status_code == 200


@pytest.mark.parametrize("name", ["overview", "truth"])
def test_every_chart_is_downloaded_as_picture_and_table(office, bureau, name):
    rated(bureau)
    page = office.get(reverse("portfolio:page", args=[name])).content.decode()
    links = re.findall(r'href="([^"]*/charts/[^"]*)"', page)
    assert links
    for link in links:
        answer = office.get(unescape(link))
        assert answer.status_code == 200
        assert "attachment" in answer["Content-Disposition"]
        if ".png" in link:
            assert Image.open(io.BytesIO(answer.content)).size[0] == 1920


def chart(rows, kind="stack", series=("甲", "乙")):
    return Chart("c", "<b>題", "=1+1", "説明", kind, series, ("c1", "c2"), rows)


@pytest.mark.parametrize("kind", ["stack", "bars", "flow"])
@pytest.mark.parametrize("values", [[(1, 0)], [(0, 3), (2, 10**13)], [(1, 1)] * 40])
def test_charts_of_one_point_and_of_many_are_drawn(kind, values):
    made = chart([Row("<i>行", [Cell(n) for n in row]) for row in values], kind)
    if kind == "flow" and len(values) > 2:
        return  # a flow has a colour for each row
    drawn = str(draw(made))
    assert drawn.startswith("<svg")
    assert "<i>" not in drawn
    assert "nan" not in drawn
    assert bitmap(made).startswith(b"\x89PNG")


@pytest.mark.parametrize("kind", ["stack", "bars"])
@pytest.mark.parametrize("values", [[(-5, 3)], [(-5, -3), (2, -9)], [(-1, -1)]])
def test_negative_amounts_draw_no_bar_that_runs_backwards(kind, values):
    drawn = str(draw(chart([Row("行", [Cell(n) for n in row]) for row in values], kind)))
    assert 'width="-' not in drawn
    assert 'height="-' not in drawn


def test_filters_that_match_nothing_say_so_and_can_be_cleared(office, bureau):
    rated(bureau)
    for name in PAGES:
        page = office.get(
            reverse("portfolio:page", args=[name]), {"org": "999999"}, headers={"accept-language": "en"}
        )
        assert "No project is counted here" in page.content.decode()
        assert 'href="?all=1"' in page.content.decode()


def test_the_charts_of_a_service_are_downloaded(office, bureau):
    project = make_project(bureau)
    said = {"month": timezone.localdate(), "availability": None, "incidents": 2, "requests": 1}
    report_month(SYSTEM, project, **said)
    for kind, begins in (("svg", b"<svg"), ("png", b"\x89PNG"), ("csv", b"\xef\xbb\xbf")):
        answer = office.get(reverse("portfolio:operation_chart", args=[project.code, "beside", kind]))
        assert answer.content.startswith(begins)
    for name, kind in (("nothing", "svg"), ("beside", "exe")):
        assert (
            office.get(reverse("portfolio:operation_chart", args=[project.code, name, kind])).status_code
            == 404
        )


@pytest.mark.parametrize("kind", ["stack", "bars", "flow"])
def test_the_parts_of_a_chart_open_their_lists_on_the_page_alone(kind):
    made = chart(
        [Row("行", [Cell(3, "/x?a=1&b=2"), Cell(2)]), Row("列", [Cell(0, "/y"), Cell(4, "/z")])], kind
    )
    drawn = str(draw(made, linked=True))
    assert '<a href="/x?a=1&amp;b=2" aria-label="' in drawn
    assert "<a " not in str(draw(made))
    assert "<a " not in picture(made)


def test_a_chart_of_nothing_says_so():
    empty = chart([Row("行", [Cell(0), Cell(0)])])
    assert draw(empty) == ""
    assert "Nothing to show." in picture(empty)


def test_bureaus_are_compared_by_one_figure_and_named_together_where_they_are_equal(
    office, bureau, other_bureau, monkeypatch
):
    monkeypatch.setattr(heads, "SHOWN", 1)
    first, other = make_project(bureau), make_project(other_bureau)
    planning.set_budget(SYSTEM, first, 2026, {"approved": 100})
    planning.set_budget(SYSTEM, other, 2026, {"approved": 90, "executed": 90})

    def shown():
        address = reverse("portfolio:page", args=["bureaus"]) + "?year=2026"
        return office.get(address, headers={"accept-language": "en"}).content.decode()

    page = shown()
    with override("en"):
        one, two = bureau.local_name, other_bureau.local_name
    assert f"{one} has the largest sum." in page
    assert any(f"{both} run most projects: 1 each." in page for both in (f"{one}, {two}", f"{two}, {one}"))
    make_project(other_bureau)
    assert f"{two} runs most projects: 2." in shown()
    assert "1 smaller bureau is not shown." in page
    monkeypatch.setattr(heads, "SHOWN", 2)
    assert "not shown" not in shown()


def test_text_in_a_downloaded_table_is_never_a_formula():
    rows = table(chart([Row("=2+3", [Cell(4), Cell(-5)])])).decode("utf-8-sig").splitlines()
    assert rows[1] == "'=2+3,4,-5"


def test_a_month_is_reported_on_its_page(client, people, bureau):
    project = make_project(bureau)
    client.force_login(people.member)
    address = reverse("portfolio:operation", args=[project.code])
    today = timezone.localdate().isoformat()
    wrong = client.post(address, {"month": today, "availability": "120", "incidents": "1", "requests": "2"})
    assert wrong.status_code == 422
    assert 'value="120"' in wrong.content.decode()
    said = client.post(address, {"month": today, "availability": "99.5", "incidents": "1", "requests": "2"})
    assert said.status_code == 302
    assert "99.50%" in client.get(address).content.decode()
    client.force_login(people.auditor)
    assert '<form method="post" class="stack"' not in client.get(address).content.decode()


def test_the_wall_shows_the_charts_without_anything_to_press(office, bureau):
    rated(bureau)
    whole = office.get(reverse("portfolio:wall")).content.decode()
    assert "<svg" in whole
    assert "<form" not in whole
    part = office.get(reverse("portfolio:wall"), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part


def test_figures_have_words_for_every_chart(office):
    links = set()
    for name in PAGES:
        page = office.get(reverse("portfolio:page", args=[name])).content.decode()
        links |= set(re.findall(r"figure=(\w+)", page))
    assert links <= set(FIGURES)
