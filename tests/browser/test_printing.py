"""A gate on paper: all that was said of it, and nothing that can only be pressed."""

import pypdfium2
import pytest

from sekisho.book.services import gates, reviews
from sekisho.people.models import Installation
from tests.book.factories import answer_all, make_project, make_standard, plan_gate, submit_gate
from tests.browser.driving import chromium, open_page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


@pytest.fixture
def gate(bureau):
    Installation.objects.create(name="関野市")
    return plan_gate(make_project(bureau, standard=make_standard(), code="J-1", name="入所の申請"))


def printed(browser, base, person, gate) -> str:
    """The words of the paper, without spaces. Every criterion is folded on the screen."""
    page = open_page(browser, base, person)
    page.goto(f"/gates/{gate.pk}/")
    assert page.locator("details.criterion[open]").count() == 0
    document = pypdfium2.PdfDocument(page.pdf())
    try:
        words = "".join(sheet.get_textpage().get_text_bounded() for sheet in document)
    finally:
        document.close()
    return "".join(words.split())


def lacking(paper: str, *words: str) -> list[str]:
    return [said for said in words if "".join(said.split()) not in paper]


def test_a_decider_prints_answers_evidence_findings_and_blockers_but_nothing_to_press(
    live_server, browser, gate, people
):
    gates.add_evidence_link(people.member, gate, "plan-1", url="https://example.jp/plan", title="計画書")
    submit_gate(people.member, gate)
    said = [reviews.NewFinding("must", "体制が足りません", "plan-1")]
    reviews.give_review(
        people.cio_aide, gate, recommendation="return", comment="直してください", findings=said
    )
    paper = printed(browser, live_server.url, people.quality_office, gate)
    answers = [answer.comment for answer in gate.answers.all() if answer.comment]
    assert answers
    guidance = [c.guidance.get("en") for c in gate.standard.load().criteria if c.code == "plan-1"]
    told = (
        "入所の申請",
        "計画書",
        "https://example.jp/plan",
        "体制が足りません",
        "直してください",
        "1 thing bars the way",
    )
    assert lacking(paper, *answers, *guidance, *told) == []
    pressed = (
        "Decide",
        "Ask someone to review",
        "Set the due date",
        "Waive this criterion",
        "My work",
        "Accept as resolved",
    )
    assert lacking(paper, *pressed) == list(pressed)


def test_whoever_still_answers_prints_what_was_answered(live_server, browser, gate, people):
    answer_all(people.member, gate)
    gates.save_answer(
        people.member, gate, "plan-1", value="met", comment="三課で確かめました", expected_version=1
    )
    paper = printed(browser, live_server.url, people.member, gate)
    assert lacking(paper, "三課で確かめました", "Submitting freezes answers") == [
        "Submitting freezes answers"
    ]
    assert lacking(paper, "Save the answer", "Submit for review") == ["Save the answer", "Submit for review"]
