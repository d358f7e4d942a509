"""A survey of many kinds answered on a phone with the keyboard alone, in both languages."""

import pytest
from playwright.sync_api import expect

from sekisho.people.models import Installation
from sekisho.voice.models import Response
from sekisho.voice.services import surveys
from sekisho.voice.views import answering
from tests.book.factories import make_project
from tests.browser.driving import chromium, faults, open_page
from tests.browser.test_keyboard import tab_to

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def said(ja, en):
    return {"ja": ja, "en": en}


def choices(*codes):
    return [{"code": code, "title": said(f"選択肢{code}", f"Choice {code}")} for code in codes]


def question(code, kind, **more):
    return {"code": code, "kind": kind, "title": said(f"質問 {code}", f"Question {code}"), **more}


DOCUMENT = {
    "intro": said("お答えください。", "Please answer."),
    "thanks": said("ありがとうございました。", "Thank you."),
    "sections": [
        {
            "title": said("使ってみて", "How it was"),
            "questions": [
                question("overall", "satisfaction", required=True),
                question("done", "single", choices=choices("yes", "no")),
                question("why", "text", show_if={"question": "done", "among": ["no"]}),
                question("ways", "multiple", choices=choices("web", "desk")),
            ],
        },
        {
            "title": said("これから", "From now on"),
            "questions": [
                question("views", "matrix", choices=choices("good", "bad"), rows=choices("speed", "words")),
                question("order", "ranking", choices=choices("a", "b", "c"), most=2),
                question("voice", "text"),
            ],
        },
    ],
}


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


@pytest.fixture
def wave(bureau, people, monkeypatch):
    Installation.objects.create(name="関野市")
    monkeypatch.setattr(answering, "LEAST_SECONDS", 0)
    survey = surveys.make_survey(people.member, make_project(bureau, code="J-1"), title="窓口")
    surveys.change_survey(people.member, survey, DOCUMENT)
    return surveys.open_wave(people.member, survey, name="春")


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_survey_is_answered_by_keyboard(live_server, browser, wave, language):
    page = open_page(browser, live_server.url, None, language=language, width=390)
    page.goto(f"/s/{wave.token}/")
    assert faults(page) == []

    def choose(name, downs=0):
        tab_to(page, page.locator(f"input[name='{name}']").first)
        page.keyboard.press("Space")
        for _down in range(downs):
            page.keyboard.press("ArrowDown")

    choose("q-overall", 3)
    assert not page.locator("[name='q-why']").is_visible()
    choose("q-done", 1)
    expect(page.locator("[name='q-why']")).to_be_visible()
    tab_to(page, page.locator("[name='q-why']"))
    page.keyboard.insert_text("字が小さい")
    choose("q-ways")
    choose("q-views-speed")
    choose("q-views-words", 1)
    for place, downs in ((1, 2), (2, 1)):
        tab_to(page, page.locator(f"select[name='q-order-{place}']"))
        for _down in range(downs):
            page.keyboard.press("ArrowDown")
    tab_to(page, page.locator("[name='q-voice']"))
    page.keyboard.insert_text("<b>よい</b>")
    page.reload()  # what was chosen is kept on this device
    expect(page.locator("[name='q-voice']")).to_have_value("<b>よい</b>")
    tab_to(page, page.locator("button.send"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/thanks/")
    assert faults(page) == []
    answer = Response.objects.get()
    assert answer.answers == {
        "overall": 4,
        "done": "no",
        "why": "字が小さい",
        "ways": ["web"],
        "views": {"speed": "good", "words": "bad"},
        "order": ["b", "a"],
        "voice": "<b>よい</b>",
    }
    assert (answer.language, answer.person) == (language, None)


def test_what_is_missing_is_said_where_it_is_missing(live_server, browser, wave):
    page = open_page(browser, live_server.url, None, width=390)
    page.goto(f"/s/{wave.token}/")
    tab_to(page, page.get_by_role("button", name="Send", exact=True))
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator("#q-overall-error")).to_be_visible()
    found = [one for one in faults(page) if "422" not in one]
    assert found == []
    assert not Response.objects.exists()


def test_a_follow_up_question_reads_a_number_as_the_server_does(
    live_server, browser, bureau, people, monkeypatch
):
    monkeypatch.setattr(answering, "LEAST_SECONDS", 0)
    survey = surveys.make_survey(people.member, make_project(bureau, code="J-1"), title="窓口")
    asked = [
        question("times", "number"),
        question("why", "text", show_if={"question": "times", "at_least": 1000}),
    ]
    surveys.change_survey(people.member, survey, {"sections": [{"questions": asked}]})
    wave = surveys.open_wave(people.member, survey, name="春")
    page = open_page(browser, live_server.url, None, width=390)
    page.goto(f"/s/{wave.token}/")
    page.locator("[name='q-times']").fill("１，２００")
    expect(page.locator("[name='q-why']")).to_be_visible()
    page.locator("[name='q-why']").fill("毎日")
    page.locator("button.send").click()
    page.wait_for_url("**/thanks/")
    assert Response.objects.get().answers == {"times": 1200, "why": "毎日"}
