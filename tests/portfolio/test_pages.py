"""Dashboards: each chart with its table, the list behind each number, its picture and its file."""

import io
import re
from html import unescape
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from sekisho.book.services import planning
from sekisho.people.models import Installation
from sekisho.people.roles import SYSTEM
from sekisho.portfolio.charts import Cell, Chart, Row
from sekisho.portfolio.drawing import draw
from sekisho.portfolio.pictures import bitmap, picture, table
from sekisho.portfolio.queries.pages import FIGURES, PAGES
from sekisho.portfolio.services import figures
from sekisho.portfolio.services.operations import report_month
from tests.book.factories import make_project

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _set_up(people):
    Installation.objects.get_or_create(name="関野市")


@pytest.fixture
def office(client, people):
    client.force_login(people.quality_office)
    return client


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
    assert not re.search(r"\b(nan|None)\b", page.content.decode().split("<main", 1)[1])


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
    assert cost() == few
    assert few <= 12


def test_every_number_opens_the_list_that_it_counts(office, bureau):
    rated(bureau, rating=1, name="遅れた事業")
    rated(bureau, rating=4)
    seen = 0
    for name in PAGES:
        page = office.get(reverse("portfolio:page", args=[name])).content.decode()
        for href, text in re.findall(r'<a href="([^"]*behind/[^"]*)">([^<]*)</a>', page):
            listed = office.get(unescape(href)).content.decode()
            assert listed.count('<th scope="row" class="name">') >= 1
            if text.isdigit():
                assert listed.count('<th scope="row" class="name">') == int(text)
            seen += 1
    assert seen > 8


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


def test_filters_are_remembered_until_cleared(office, bureau):
    address = reverse("portfolio:overview")
    office.get(address + "?tier=focus")
    back = office.get(address)
    assert back.status_code == 302
    assert back.url.endswith("?tier=focus")
    assert office.get(address + "?all=1").status_code == 302
    assert office.get(address).status_code == 200


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


def test_a_chart_of_nothing_says_so():
    empty = chart([Row("行", [Cell(0), Cell(0)])])
    assert draw(empty) == ""
    assert "Nothing to show." in picture(empty)


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
