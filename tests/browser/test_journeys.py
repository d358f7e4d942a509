"""Journeys in a real browser, and every main page checked for accessibility in both languages."""

import pytest
from playwright.sync_api import expect

from sekisho.book.models import Answer, BudgetYear, Condition
from sekisho.book.services import decisions, gates, planning
from sekisho.people.models import Installation, Notice
from tests.book.factories import days, make_project, make_standard, plan_gate, review_gate, submit_gate
from tests.browser.driving import chromium, faults, open_page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


@pytest.fixture
def project(bureau):
    Installation.objects.create(name="関野市")
    standard = make_standard()
    return make_project(
        bureau, standard=standard, code="J-1", name="保育所入所のオンライン申請", for_citizens=True
    )


def test_a_gate_is_answered_reviewed_and_decided(live_server, browser, project, people):
    gate = plan_gate(project)
    page = open_page(browser, live_server.url, people.member)
    page.goto(f"/gates/{gate.pk}/?open=plan-1")
    for code in ("plan-1", "plan-2"):
        criterion = page.locator(f"#c-{code}")
        if not criterion.get_attribute("open") and criterion.get_attribute("open") != "":
            criterion.locator("summary").first.click()
        criterion.get_by_label("Met", exact=True).check()
        criterion.get_by_role("textbox", name="In words").fill("確認しました")
        criterion.get_by_role("button", name="Save the answer").click()
        expect(page.locator(f"#c-{code}").get_by_role("status")).to_contain_text("Saved")
    assert page.complaints == []
    page.get_by_role("button", name="Submit for review").click()
    expect(page.locator("main")).to_contain_text("Submitted")

    page = open_page(browser, live_server.url, people.cio_aide)
    page.goto(f"/gates/{gate.pk}/review/")
    page.get_by_label("Go", exact=True).check()
    page.get_by_role("button", name="Give this review").click()
    page.get_by_role("link", name="Decide", exact=True).click()
    page.get_by_label("Go", exact=True).check()
    page.get_by_label("Reason").fill("満たしています")
    page.get_by_role("button", name="Decide", exact=True).click()
    expect(page.locator("main")).to_contain_text("満たしています")

    page = open_page(browser, live_server.url, people.member)
    page.goto("/projects/J-1/")
    page.get_by_role("button", name="Enter the phase Requirements").click()
    project.refresh_from_db()
    assert project.phase == "requirements"


def test_two_people_save_the_same_answer_and_nothing_is_lost(live_server, browser, project, people):
    gate = plan_gate(project)
    page = open_page(browser, live_server.url, people.member)
    page.goto(f"/gates/{gate.pk}/?open=plan-1")
    gates.save_answer(people.member, gate, "plan-1", value="met", comment="ほかの人の言葉")
    criterion = page.locator("#c-plan-1")
    criterion.get_by_label("Partly met", exact=True).check()
    criterion.get_by_role("textbox", name="In words").fill("自分の言葉")
    criterion.get_by_role("button", name="Save the answer").click()
    expect(page.locator("#c-plan-1 .versions")).to_contain_text("ほかの人の言葉")
    expect(page.locator("#c-plan-1").get_by_role("textbox", name="In words")).to_have_value("自分の言葉")
    page.locator("#c-plan-1").get_by_role("button", name="Save the answer").click()
    expect(page.locator("#c-plan-1").get_by_role("status")).to_contain_text("Saved")
    assert Answer.objects.get().comment == "自分の言葉"


def test_a_draft_survives_leaving_the_page(live_server, browser, project, people):
    gate = plan_gate(project)
    page = open_page(browser, live_server.url, people.member)
    page.goto(f"/gates/{gate.pk}/?open=plan-1")
    page.locator("#c-plan-1").get_by_role("textbox", name="In words").fill("まだ保存していない")
    page.wait_for_timeout(1500)
    page.goto("/projects/")
    page.goto(f"/gates/{gate.pk}/?open=plan-1")
    expect(page.locator("#c-plan-1").get_by_role("textbox", name="In words")).to_have_value(
        "まだ保存していない"
    )


def test_a_form_stays_with_its_words_while_the_connection_is_lost_and_is_sent_when_it_is_back(
    live_server, browser, project, people
):
    gate = plan_gate(project)
    page = open_page(browser, live_server.url, people.quality_office)
    page.goto(f"/gates/{gate.pk}/answers/plan-1/waiver/")
    page.get_by_label("Reason").fill("代わりの手順がある")
    page.get_by_label("Until").fill(days(20).isoformat())
    page.context.set_offline(True)
    page.get_by_role("button", name="Grant the waiver").click()
    expect(page.get_by_text("The connection is lost.")).to_be_visible()
    expect(page.get_by_label("Reason")).to_have_value("代わりの手順がある")
    page.context.set_offline(False)
    page.get_by_role("button", name="Grant the waiver").click()
    expect(page.locator("#c-plan-1")).to_contain_text("代わりの手順がある")


def test_a_server_that_is_away_for_a_while_is_said_and_nothing_typed_is_lost(
    live_server, browser, project, people
):
    gate = plan_gate(project)
    page = open_page(browser, live_server.url, people.member)
    page.goto(f"/gates/{gate.pk}/?open=plan-1")
    words = page.locator("#c-plan-1").get_by_role("textbox", name="In words")
    save = page.locator("#c-plan-1").get_by_role("button", name="Save the answer")
    page.locator("#c-plan-1").get_by_label("Met", exact=True).check()
    page.route("**/*", lambda route: route.abort())
    words.fill("止まっている間の言葉")
    save.click()
    expect(page.get_by_text("The connection is lost.")).to_be_visible()
    expect(words).to_have_value("止まっている間の言葉")
    page.unroute("**/*")
    expect(page.get_by_text("The connection is lost.")).to_be_hidden(timeout=10_000)
    save.click()
    expect(page.locator("#c-plan-1").get_by_role("status")).to_contain_text("Saved")
    assert Answer.objects.get().comment == "止まっている間の言葉"


@pytest.fixture
def rich(project, people):
    """A gate submitted, decided with a condition, and a book with something in each chapter."""
    gate = plan_gate(project)
    planning.set_milestone(people.member, project, name="公開", planned_on=days(90))
    planning.set_budget(people.member, project, 2026, {"requested": 120_000_000, "approved": 100_000_000})
    planning.note_risk(people.member, project, kind="risk", title="要員が足りない", weight=3, due_on=days(9))
    submit_gate(people.member, gate)
    review_gate(people, gate)
    given = [decisions.NewCondition("手順書を直す", people.member, days(9))]
    decisions.decide(people.quality_office, gate, result="conditional", reason="期限つき", conditions=given)
    return gate


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("width", [1280, 390])
def test_every_main_page_is_without_fault(live_server, browser, project, people, rich, language, width):
    condition = Condition.objects.get()
    assert Notice.objects.exists()
    visits = {
        "member": [
            "/",
            "/projects/",
            "/projects/new/",
            "/projects/J-1/",
            "/projects/J-1/ledger/",
            f"/gates/{rich.pk}/?open=plan-1",
            "/gates/",
            f"/conditions/{condition.pk}/",
            f"/gates/{rich.pk}/snapshots/1/",
            "/notices/",
            "/account/",
        ],
        "quality_office": [
            "/standards/",
            "/standards/in-force/",
            "/import/",
            f"/gates/{rich.pk}/waive-none/",
            f"/gates/{rich.pk}/answers/plan-1/waiver/",
        ],
        "admin": ["/administration/"],
    }
    found = {}
    for role, paths in visits.items():
        page = open_page(browser, live_server.url, getattr(people, role), language=language, width=width)
        for path in paths:
            response = page.goto(path)
            page.wait_for_load_state("networkidle")
            if response.status == 404:
                page.complaints.clear()
            if wrong := faults(page):
                found[path] = wrong
    page = open_page(browser, live_server.url, None, language=language, width=width)
    page.goto("/accounts/login/")
    if wrong := faults(page):
        found["sign in"] = wrong
    assert found == {}


@pytest.mark.parametrize("language", ["ja", "en"])
def test_years_of_money_opened_for_change_do_not_push_the_page_of_a_phone_sideways(
    live_server, browser, project, people, language
):
    amounts = dict.fromkeys(BudgetYear.AMOUNTS, 1_234_567_890_123)
    for year in range(2021, 2027):
        planning.set_budget(people.member, project, year, amounts)
    page = open_page(browser, live_server.url, people.member, language=language, width=390)
    page.goto("/projects/J-1/")
    page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true })")
    expect(page.locator("#money td.number").first).to_be_attached()
    assert faults(page) == []
    page.emulate_media(media="print")
    broken = page.locator("#money td.number data").evaluate_all(
        "all => all.filter(one => one.getClientRects().length > 1).length"
    )
    assert broken == 0


def test_the_main_pages_hold_in_the_dark(live_server, browser, project, people, rich):
    page = open_page(browser, live_server.url, people.member, dark=True)
    for path in ("/", "/projects/", "/projects/J-1/", f"/gates/{rich.pk}/?open=plan-1"):
        page.goto(path)
        page.wait_for_load_state("networkidle")
        assert faults(page) == []
