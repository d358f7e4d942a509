"""How much of a year's money will probably be spent: with its bounds, and without them where too little is known."""

import re

import pytest
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from sekisho.book.fiscal import fiscal_year_of
from sekisho.people.models import Installation
from sekisho.people.permissions import actor_of
from sekisho.portfolio.models import Rollup
from sekisho.portfolio.queries.figures import read_filters
from sekisho.portfolio.queries.outlook import likely
from tests.factories import OrganisationFactory

pytestmark = pytest.mark.django_db
NOW = fiscal_year_of(timezone.localdate())
MILLION = 1_000_000


def spent(section, tier, year, executed, outlook, *, told=1, books=1):
    Rollup.objects.create(
        organisation=section, tier=tier, figure="money_executed", year=year, n=told, amount=executed * MILLION
    )
    Rollup.objects.create(
        organisation=section, tier=tier, figure="money_outlook", year=year, n=books, amount=outlook * MILLION
    )


@pytest.fixture
def sections(people, bureau):
    Installation.objects.get_or_create(name="関野市")
    return [OrganisationFactory(parent=bureau.parent) for n in range(12)]


@pytest.fixture
def past(sections):
    """Nine years in which sections spent 80 to 95 % of their money; of this year 30 % so far."""
    for n, section in enumerate(sections):
        for year in range(NOW - 9, NOW):
            spent(section, "standard", year, 80 + (7 * n + 3 * year) % 16, 100)
        spent(section, "standard", NOW, 30, 100)
    return sections


def asked(user, **query):
    made = QueryDict(mutable=True)
    made.update({name: str(value) for name, value in query.items()})
    return likely(actor_of(user), read_filters(made))


def test_nothing_is_foretold_from_too_little(people, sections):
    spent(sections[0], "standard", NOW - 1, 90, 100)
    spent(sections[0], "standard", NOW, 30, 100)
    assert asked(people.executive) is None


def test_the_bounds_lie_where_past_years_came_out(people, past):
    found = asked(people.executive)
    assert 75 * 12 * MILLION <= found.low < found.high <= 98 * 12 * MILLION
    assert 70 <= found.accuracy.percent <= 100


def test_what_is_spent_already_is_never_foretold_away(people, past):
    Rollup.objects.filter(figure="money_executed", year=NOW).update(amount=99 * MILLION)
    assert asked(people.executive).low == 99 * 12 * MILLION


def test_a_year_that_not_every_project_told_is_not_taken_for_thrift(people, past):
    before = asked(people.executive)
    for section in past:
        spent(section, "focus", NOW - 1, 1, 100, told=1, books=9)
    assert asked(people.executive) == before


def test_the_past_is_read_again_only_when_it_changed(people, past, django_assert_num_queries):
    asked(people.executive)
    with django_assert_num_queries(2):
        before = asked(people.executive)
    Rollup.objects.filter(figure="money_executed", year=NOW - 1).update(amount=50 * MILLION)
    assert asked(people.executive).low < before.low


def test_the_bounds_are_of_what_is_shown(people, past):
    whole, one = asked(people.executive), asked(people.executive, org=past[0].pk)
    assert one.high < whole.high / 6
    assert asked(people.executive, tier="focus") is None
    assert asked(people.executive, org=999_999) is None


def test_negative_and_huge_amounts_do_not_break_it(people, past):
    spent(past[0], "focus", NOW - 1, -5, -9)
    spent(past[0], "focus", NOW, -5, 0)
    spent(past[1], "focus", NOW, 0, 10**9)
    assert asked(people.executive).high > 10**14


def test_the_money_card_its_table_and_its_files_show_the_bounds(client, people, past):
    client.force_login(people.executive)
    page = client.get(reverse("portfolio:overview"), headers={"accept-language": "en"}).content.decode()
    card = re.search(r'<section[^>]*aria-labelledby="chart-money about-money".*?</section>', page, re.DOTALL)[
        0
    ]
    assert "likely in all" in card
    assert re.search(r"likely [^<]*\d[^<]* to [^<]*\d", card)
    assert 'class="pf-likely"' in card
    assert "such forecasts of past years" in card
    found = asked(people.executive)
    table = client.get(reverse("portfolio:csv", args=["overview", "money"])).content.decode("utf-8-sig")
    assert table.splitlines()[-1].endswith(f",{found.low},{found.high}")
    assert table.splitlines()[1].endswith(",,")
    assert (
        'class="pf-likely"'
        in client.get(reverse("portfolio:svg", args=["overview", "money"])).content.decode()
    )


def test_a_year_that_is_over_shows_what_was_spent_without_bounds(client, people, past):
    client.force_login(people.executive)
    page = client.get(reverse("portfolio:overview") + f"?year={NOW - 1}").content.decode()
    assert 'class="pf-likely"' not in page
