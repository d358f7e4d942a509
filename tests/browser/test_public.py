"""The public side in a browser: for a stranger with a phone, and for the office that decides."""

import pytest
from django.core.cache import caches
from playwright.sync_api import expect

from sekisho.book.services import planning
from sekisho.people.models import Installation
from sekisho.people.roles import SYSTEM
from sekisho.portfolio.public.dictionary import dictionary
from sekisho.portfolio.public.models import PublicationDecision
from sekisho.portfolio.public.services import deciding
from tests.book.factories import make_project
from tests.browser.driving import chromium, faults, open_page
from tests.portfolio.public.conftest import let_time_pass

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


@pytest.fixture
def published(people, bureau):
    """A city with one public service."""
    Installation.objects.get_or_create(name="関野市")
    project = make_project(
        bureau, code="P-1", name="子ども・子育て支援手続きの総合案内" * 12, for_citizens=True
    )
    planning.set_budget(SYSTEM, project, 2025, {"approved": 12_000_000, "executed": 9_000_000})
    deciding.decide_fields(people.quality_office, list(dictionary().fields))
    deciding.decide_service(people.quality_office, project, shown=True)
    let_time_pass()
    yield project
    caches["public"].clear()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("language", ["ja", "en"])
def test_public_pages_have_no_faults_and_leave_no_cookie(live_server, browser, published, language, width):
    page = open_page(browser, live_server.url, None, language=language, width=width)
    page.context.clear_cookies()
    for path in ("", "services/P-1/", "data/"):
        page.goto(f"/public/{language}/{path}")
        page.wait_for_load_state("networkidle")
        assert faults(page) == [], path
    assert page.context.cookies() == []


@pytest.mark.parametrize("width", [1280, 390])
def test_the_pages_of_the_office_have_no_faults(live_server, browser, published, people, width):
    deciding.decide_fields(people.quality_office, ["money"])
    page = open_page(browser, live_server.url, people.quality_office, language="ja", width=width)
    base = "/portfolio/publishing/"
    for path in ("", "check/?fields=phase", "services/", "services/P-1/", "services/P-1/preview/"):
        page.goto(f"{base}{path}")
        page.wait_for_load_state("networkidle")
        assert faults(page) == [], path


def test_the_office_decides_looks_and_takes_back(live_server, browser, published, people):
    page = open_page(browser, live_server.url, people.quality_office)
    page.goto("/portfolio/")
    page.get_by_role("link", name="What citizens see").click()
    page.get_by_label("Money").uncheck()
    page.get_by_role("button", name="Look at what changes").click()
    expect(page.locator("main")).to_contain_text("Will be hidden")
    page.get_by_label("Reason").fill("見直しのため")
    page.get_by_role("button", name="Decide this").click()
    expect(page.locator("main")).to_contain_text("見直しのため")
    page.get_by_role("button", name="Take this decision back").click()
    expect(page.locator("main")).to_contain_text("It is taken back")
    assert not PublicationDecision.objects.filter(applied_at=None, taken_back_at=None).exists()
