"""One book over the years: what it came from, its money, and forecasts with how good they were."""

import datetime as dt
import random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from sekisho.book.fiscal import fiscal_year_of
from sekisho.book.models import BudgetYear, Milestone, Project
from sekisho.people.models import Installation
from sekisho.sharing.models import Listing
from sekisho.sharing.queries import forecasts
from tests.book.factories import make_project
from tests.sharing.factories import make_succession

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh():
    forecasts._pasts.cache_clear()
    yield
    forecasts._pasts.cache_clear()


@pytest.fixture
def project(bureau):
    return make_project(bureau, code="S-1", name="申請システム")


@pytest.fixture
def office(client, people):
    Installation.objects.create(name="関野市")
    people.quality_office.language = "en"
    people.quality_office.save()
    client.force_login(people.quality_office)
    return client


def this_year():
    return fiscal_year_of(timezone.localdate())


def others(project, count):
    """Plain rows: opening so many books one by one takes minutes."""
    first = Project.objects.count()
    rows = [Project(code=f"O-{first + n}", name=f"事業{n}", owner=project.owner) for n in range(count)]
    return Project.objects.bulk_create(rows)


def spend(project, count=30):
    """Other books of the last years, of which about nine tenths were spent."""
    draw = random.Random(5)
    for other in others(project, count):
        for year in range(this_year() - 4, this_year()):
            executed = int(10_000_000 * draw.uniform(0.85, 0.95))
            BudgetYear.objects.create(project=other, fiscal_year=year, approved=10_000_000, executed=executed)


def open_page(client):
    return client.get(reverse("sharing:life", args=["S-1"])).content.decode()


def test_this_years_spending_is_expected_with_an_interval_and_its_past_accuracy(office, people, project):
    spend(project)
    BudgetYear.objects.create(project=project, fiscal_year=this_year(), approved=100_000_000)
    row = forecasts.life(people_actor(people), project).years[-1]
    assert 83_000_000 < row.expected.low < 90_000_000 < row.expected.high < 97_000_000
    # what was spent so far is neither the outcome nor more than it
    BudgetYear.objects.filter(project=project).update(executed=88_000_000)
    forecasts._pasts.cache_clear()
    assert forecasts.life(people_actor(people), project).years[-1].expected.low == 88_000_000
    page = open_page(office)
    assert "came within the 80 % interval" in page
    assert "percentage points" in page


def people_actor(people):
    from sekisho.people.permissions import actor_of

    return actor_of(people.quality_office)


def test_too_few_past_years_are_said_to_be_too_few(office, project):
    BudgetYear.objects.create(project=project, fiscal_year=this_year(), approved=100_000_000)
    assert "Too few past years to say" in open_page(office)


def test_negative_or_absent_budgets_are_not_forecast(people, project):
    spend(project)
    BudgetYear.objects.create(project=project, fiscal_year=this_year(), approved=-5)
    BudgetYear.objects.create(project=project, fiscal_year=this_year() + 1)
    assert [one.expected for one in forecasts.life(people_actor(people), project).years][-2:] == [None, None]


def test_the_next_milestone_is_expected_by_how_late_others_came(office, people, project):
    today = timezone.localdate()
    Milestone.objects.create(project=project, name="本番開始", planned_on=today + dt.timedelta(days=100))
    assert "Too few milestones" in open_page(office)
    for other in others(project, 20):
        for ago in (3, 2, 1):
            day = today - dt.timedelta(days=365 * ago)
            Milestone.objects.create(
                project=other, name="x", planned_on=day, done_on=day + dt.timedelta(days=30)
            )
    forecasts._pasts.cache_clear()
    said = forecasts.life(people_actor(people), project).milestone
    assert said.middle == today + dt.timedelta(days=130)
    assert "本番開始" in open_page(office)


def test_the_end_is_expected_by_how_others_ended(office, people, project):
    project.end_year = this_year() + 1
    project.save()
    Listing.objects.create(project=project, year=this_year(), name=project.name, end_year=this_year() + 1)
    for n, other in enumerate(others(project, 90)):
        ended = this_year() - 3 + n % 3
        Listing.objects.create(project=other, year=ended, name="x", end_year=ended - n % 2)
    said = forecasts.life(people_actor(people), project).end
    assert said.low >= this_year()
    assert said.low <= said.middle <= said.high
    assert "Its last fiscal year is planned" in open_page(office)


def test_the_book_says_where_it_came_from(office, project):
    make_succession(make_project(project.owner, code="OLD-1", name="旧申請システム"), project, confidence=0.8)
    page = open_page(office)
    assert "旧申請システム" in page
    assert "continues" in page


def test_the_page_takes_the_same_queries_for_more_years(office, project):
    def queries():
        forecasts._pasts.cache_clear()
        with CaptureQueriesContext(connection) as caught:
            open_page(office)
        return len(caught)

    BudgetYear.objects.create(project=project, fiscal_year=2020, approved=1)
    queries()
    few = queries()
    for year in range(2010, 2020):
        BudgetYear.objects.create(project=project, fiscal_year=year, approved=1, executed=1)
        Listing.objects.create(project=project, year=year, name="x")
    assert queries() == few
