"""The main journey with the keyboard alone, and pages under zoom, forced colours and reduced motion."""

import pytest
from playwright.sync_api import Locator, Page, expect

from sekisho.people.models import Installation
from tests.book.factories import make_project, make_standard, plan_gate, review_gate, submit_gate
from tests.browser.driving import chromium, faults, open_page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

#: what has focus: its name, whether an outline is drawn around it (or what stands for it), what covers it
FOCUSED = """() => {
  const seen = document.activeElement;
  if (!seen || seen === document.body) return null;
  const box = seen.getBoundingClientRect();
  const ringed = [seen, seen.parentElement, seen.closest('label')].some((e) => {
    const style = e && getComputedStyle(e);
    return style && style.outlineStyle !== 'none' && style.outlineWidth !== '0px';
  });
  const top = document.elementFromPoint(box.x + box.width / 2, box.y + Math.min(box.height / 2, 20));
  const covered = top && !seen.contains(top) && !top.contains(seen) && !(seen.labels && [...seen.labels].some((l) => l.contains(top)));
  return {what: seen.outerHTML.slice(0, 90), ringed, covered: covered ? top.outerHTML.slice(0, 60) : ''};
}"""


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


@pytest.fixture
def gate(bureau):
    Installation.objects.create(name="関野市")
    return plan_gate(make_project(bureau, standard=make_standard(), code="J-1", name="保育所の申請"))


def tab_to(page: Page, target: Locator, limit: int = 80) -> None:
    """Press Tab until the target has focus; fails when it cannot be reached."""
    for _press in range(limit):
        if target.count() and target.first.evaluate("e => e === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{target} is not reached by Tab")


def test_the_first_tab_offers_to_skip_to_the_content(live_server, browser, gate, people):
    page = open_page(browser, live_server.url, people.member)
    page.goto("/projects/J-1/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_a_gate_is_answered_submitted_reviewed_and_decided_without_a_mouse(
    live_server, browser, gate, people
):
    page = open_page(browser, live_server.url, people.member)
    page.goto(f"/gates/{gate.pk}/")
    for code in ("plan-1", "plan-2"):
        criterion = page.locator(f"#c-{code}")
        if criterion.get_attribute("open") is None:
            tab_to(page, criterion.locator("summary").first)
            page.keyboard.press("Enter")
        tab_to(page, criterion.locator("input[type=radio]").first)
        page.keyboard.press("Space")
        tab_to(page, criterion.get_by_role("textbox", name="In words"))
        page.keyboard.insert_text("確認しました")
        tab_to(page, criterion.get_by_role("button", name="Save the answer"))
        page.keyboard.press("Enter")
        expect(page.locator(f"#c-{code}").get_by_role("status")).to_contain_text("Saved")
    tab_to(page, page.get_by_role("button", name="Submit for review"))
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("Submitted")

    page = open_page(browser, live_server.url, people.cio_aide)
    page.goto(f"/gates/{gate.pk}/")
    for link, field, button in (("Review", "In words", "Give this review"), ("Decide", "Reason", "Decide")):
        tab_to(page, page.locator("main").get_by_role("link", name=link, exact=True))
        page.keyboard.press("Enter")
        tab_to(page, page.get_by_label("Go", exact=True))
        page.keyboard.press("Space")
        tab_to(page, page.get_by_label(field).first)
        page.keyboard.insert_text("満たしています")
        tab_to(page, page.get_by_role("button", name=button, exact=True))
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/gates/{gate.pk}/**")
    expect(page.locator("main")).to_contain_text("満たしています")


def test_choosing_a_conditional_decision_brings_its_conditions(live_server, browser, gate, people):
    submit_gate(people.member, gate)
    review_gate(people, gate)
    page = open_page(browser, live_server.url, people.cio_aide)
    page.goto(f"/gates/{gate.pk}/decide/")
    conditions = page.locator(".decide-conditions")
    expect(conditions).to_be_hidden()
    tab_to(page, page.get_by_label("Go", exact=True))
    page.keyboard.press("Space")
    expect(conditions).to_be_hidden()
    page.keyboard.press("ArrowDown")
    expect(conditions).to_be_visible()


def test_menus_open_by_key_and_close_by_escape(live_server, browser, gate, people):
    page = open_page(browser, live_server.url, people.member)
    for path, menu in (("/", ".topbar details[data-menu]"), ("/projects/", "main details[data-menu]")):
        page.goto(path)
        opened = page.locator(menu).last
        tab_to(page, opened.locator("summary"))
        page.keyboard.press("Enter")
        assert opened.evaluate("e => e.open")
        page.keyboard.press("Tab")
        page.keyboard.press("Escape")
        assert not opened.evaluate("e => e.open")
        assert opened.locator("summary").evaluate("e => e === document.activeElement")


@pytest.mark.parametrize("width", [1280, 390])
def test_focus_is_seen_and_never_trapped(live_server, browser, gate, people, width):
    submit_gate(people.member, gate)
    visits = {
        "cio_aide": ["/", "/projects/", "/projects/J-1/", f"/gates/{gate.pk}/", f"/gates/{gate.pk}/decide/"],
        "quality_office": ["/standards/in-force/", "/import/new/table/"],
        "admin": ["/administration/people/", f"/administration/people/{people.member.pk}/"],
    }
    wrong = []
    for role, paths in visits.items():
        page = open_page(browser, live_server.url, getattr(people, role), width=width)
        for path in paths:
            page.goto(path)
            for _press in range(150):
                page.keyboard.press("Tab")
                focused = page.evaluate(FOCUSED)
                if focused is None:
                    break
                if not focused["ringed"] or focused["covered"]:
                    wrong.append((path, focused))
            else:
                wrong.append((path, "Tab never leaves the page"))
    assert wrong == []


def test_going_back_no_row_has_focus_under_the_sticky_heading(live_server, browser, gate, people, bureau):
    for number in range(2, 40):
        make_project(bureau, code=f"J-{number}", name=f"事業{number}")
    page = open_page(browser, live_server.url, people.cio_aide)
    page.goto("/projects/")
    covered = []
    for _press in range(70):
        page.keyboard.press("Shift+Tab")
        if (focused := page.evaluate(FOCUSED)) and focused["covered"]:
            covered.append(focused)
    assert covered == []


def test_a_chapter_with_focus_is_scrolled_into_sight(live_server, browser, gate, people):
    page = open_page(browser, live_server.url, people.member, width=390)
    page.goto("/projects/J-1/")
    links, cut = page.locator(".toc a:visible"), []
    tab_to(page, links.first)
    for _press in range(links.count()):
        page.wait_for_timeout(30)  # marking the chapter being read scrolls the list, too
        if not page.evaluate("document.activeElement.getBoundingClientRect().right <= innerWidth"):
            cut.append(page.evaluate("document.activeElement.innerText"))
        page.keyboard.press("Tab")
    assert cut == []


def test_pages_reflow_at_320_pixels_and_hold_in_forced_colours(live_server, browser, gate, people):
    submit_gate(people.member, gate)
    page = open_page(browser, live_server.url, people.cio_aide, language="ja", width=320)
    page.emulate_media(forced_colors="active", reduced_motion="reduce")
    found = {}
    for path in ("/", "/projects/", "/projects/J-1/", "/gates/", f"/gates/{gate.pk}/decide/", "/notices/"):
        page.goto(path)
        page.wait_for_load_state("networkidle")
        if wrong := faults(page):
            found[path] = wrong
    assert found == {}
    moving = page.evaluate(
        "[...document.querySelectorAll('*')].filter((e) => parseFloat(getComputedStyle(e).transitionDuration) > 0.01).length"
    )
    assert moving == 0
