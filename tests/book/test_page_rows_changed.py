"""Every row of a book can be changed in its place: recorded with before and after, and never over a newer save."""

import datetime as dt
import html
import re

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from sekisho.book.models import Membership
from sekisho.book.queries.ledger import read_acts
from sekisho.book.services import planning, projects, retirement
from sekisho.people.roles import SYSTEM
from tests.book.factories import days, make_project
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
DAY = dt.date(2027, 4, 1)

#: act -> how the row is made, the field that two people change, the other's value, one's own, the sentence
CHANGES = {
    "goal-change": (
        lambda u, p: planning.add_goal(u, p, kind="outcome", text="待ち時間を減らす", target="5分"),
        ("target", "10分", "3分"),
        "changed the goal",
    ),
    "contract-change": (
        lambda u, p: planning.add_contract(u, p, contractor="甲社", title="開発", amount=100, starts_on=DAY),
        ("contractor", "乙社", "丙社"),
        "changed the contract",
    ),
    "link-change": (
        lambda u, p: planning.add_link(u, p, title="資料", url="https://a.example/"),
        ("url", "https://b.example/", "https://c.example/"),
        "changed the link",
    ),
    "module-change": (
        lambda u, p: planning.add_module(u, p, name="受付", supplier="甲社"),
        ("supplier", "乙社", "丙社"),
        "changed the module",
    ),
    "interface-change": (
        lambda u, p: planning.add_interface(u, p, counterpart="住基", direction="in"),
        ("data", "住所", "氏名"),
        "changed the interface",
    ),
    "member-change": (
        lambda u, p: projects.add_member(u, p, UserFactory(username="named"), "member"),
        ("note", "月水", "火木"),
        "changed how",
    ),
    "milestone-move": (
        lambda u, p: planning.set_milestone(u, p, name="公開", planned_on=DAY),
        ("name", "公開日", "開始"),
        "set the milestone",
    ),
    "risk-change": (
        lambda u, p: planning.note_risk(u, p, kind="risk", title="遅れ"),
        ("text", "人が足りない", "部品が足りない"),
        "updated",
    ),
    "retirement-edit": (
        lambda u, p: retirement.set_retirement_item(
            SYSTEM, p, {"kind": "cloud", "name": "保管庫", "classification": 3}
        ),
        ("location", "東", "西"),
        "recorded",
    ),
}


@pytest.fixture
def project(bureau):
    return make_project(bureau, code="B-1")


@pytest.fixture
def member(client, people):
    people.member.language = "en"
    people.member.save()
    client.force_login(people.member)
    return client


def opened(client, project, name, row):
    """The fields of a row's form as it is fetched when somebody opens it."""
    address = reverse("book:act", args=[project.code, name])
    text = client.get(address, {"item": row.pk}, headers={"HX-Request": "true"}).content.decode()
    return fields(text)


def fields(text):
    found = re.findall(r'<input[^>]* name="(\w+)"(?:[^>]* value="([^"]*)")?', text)
    found += re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>\s*([^<]*)</textarea>', text)
    for select, options in re.findall(r'<select[^>]* name="(\w+)"[^>]*>(.*?)</select>', text, re.S):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found.append((select, chosen[1] if chosen else ""))
    return {name: html.unescape(value) for name, value in found if name != "csrfmiddlewaretoken"}


def save(client, project, name, data):
    return client.post(reverse("book:act", args=[project.code, name]), data)


@pytest.mark.parametrize("name", CHANGES)
def test_a_row_is_changed_in_its_place_and_the_ledger_tells_before_and_after(member, people, project, name):
    make, (field, _theirs, mine), sentence = CHANGES[name]
    row = make(people.member, project)
    page = member.get(reverse("book:book", args=[project.code])).content.decode()
    if name != "retirement-edit":  # its list stands in the last phase
        assert re.search(rf'hx-get="[^"]*/act/{name}/" hx-vals=\'{{"item": "{row.pk}"', page)
    data = opened(member, project, name, row)
    assert data["version"] == "1"
    answer = save(member, project, name, {**data, field: mine})
    assert answer.status_code == 302, answer.context["failed"].form.errors
    entry = project.ledger.order_by("-seq").first()
    assert entry.after[field] == mine
    assert set(entry.before) == set(entry.after) if name != "milestone-move" else field in entry.before
    with override("en"):
        (read,) = read_acts([entry])
    assert sentence in read.sentence
    assert mine in [change.after for change in read.changes]
    assert not [change.label for change in read.changes if "_" in change.label]


@pytest.mark.parametrize("name", CHANGES)
def test_a_row_saved_in_between_shows_both_and_loses_neither(member, people, project, name):
    make, (field, theirs, mine), _sentence = CHANGES[name]
    row = make(people.member, project)
    first, second = opened(member, project, name, row), opened(member, project, name, row)
    assert save(member, project, name, {**first, field: theirs}).status_code == 302
    refused = save(member, project, name, {**second, field: mine})
    text = refused.content.decode()
    assert refused.status_code == 412
    assert [(was, now) for _label, was, now in refused.context["failed"].differences] == [(theirs, mine)]
    assert opened(member, project, name, row)[field] == theirs
    (form,) = re.findall(r'<form[^>]*class="stack act-body".*?</form>', text, re.S)
    again = fields(form)
    assert (again[field], again["version"]) == (mine, "2")
    assert save(member, project, name, again).status_code == 302
    assert opened(member, project, name, row)[field] == mine


@pytest.mark.parametrize(
    ("act", "typed"),
    [
        ("risk-close", {"outcome": "わたしの結末"}),
        ("risk-change", {"kind": "risk", "title": "要員", "text": "わたしの書き足し", "weight": "2"}),
    ],
)
def test_what_was_typed_about_a_risk_that_somebody_closed_meanwhile_is_shown_beside_how_it_ended(
    member, people, project, act, typed
):
    risk = planning.note_risk(people.member, project, kind="risk", title="要員", weight=2)
    seen = opened(member, project, act, risk)
    planning.close_risk(people.quality_office, risk, "先に終えた")
    refused = save(member, project, act, {**seen, **typed})
    page = refused.content.decode()
    assert refused.status_code == 412
    assert "先に終えた" in page
    assert next(text for text in typed.values() if text.startswith("わたし")) in page
    risk.refresh_from_db()
    assert (risk.outcome, risk.text) == ("先に終えた", "")


def test_a_risk_that_somebody_changed_meanwhile_is_closed_only_after_reading_it_again(
    member, people, project
):
    risk = planning.note_risk(people.member, project, kind="risk", title="要員", weight=1)
    seen = opened(member, project, "risk-close", risk)
    planning.note_risk(
        people.quality_office, project, kind="risk", title="要員", text="二人辞めた", risk=risk
    )
    refused = save(member, project, "risk-close", {**seen, "outcome": "足りている"})
    page = refused.content.decode()
    assert refused.status_code == 412
    assert "二人辞めた" in page
    assert "Read it as it stands now" in page
    risk.refresh_from_db()
    assert risk.closed_at is None
    (form,) = re.findall(r'<form[^>]*class="stack act-body".*?</form>', page, re.S)
    assert save(member, project, "risk-close", fields(form)).status_code == 302
    risk.refresh_from_db()
    assert risk.outcome == "足りている"


def test_a_corporate_number_is_read_in_full_width_digits_and_groups(member, people, project):
    row = planning.add_contract(people.member, project, contractor="甲社", title="開発")
    seen = opened(member, project, "contract-change", row)
    written = {**seen, "corporate_number": "１ ２３４５ ６７８９ ０１２３"}
    assert save(member, project, "contract-change", written).status_code == 302
    assert project.contracts.get().contractor.corporate_number == "1234567890123"
    refused = save(member, project, "contract-change", {**written, "version": 2, "corporate_number": "１２"})
    assert refused.status_code == 422
    assert "A corporate number has 13 digits." in refused.content.decode()
    assert 'value="１２"' in refused.content.decode()


def test_a_month_that_two_people_report_at_once_shows_both(member, people, project):
    def form_in(page):
        (form,) = re.findall(r'<form[^>]*class="stack act-body".*?</form>', page, re.S)
        return fields(form)

    address = reverse("book:act", args=[project.code, "status"])
    seen = form_in(member.get(address, headers={"HX-Request": "true"}).content.decode())
    marks = {"schedule": 3, "cost": 3, "scope": 3, "quality": 3}
    month = timezone.localdate().replace(day=1)
    planning.report_status(people.quality_office, project, month=month, words="先の報告", **marks)
    mine = {**seen, **marks, "month": f"{month:%Y-%m-%d}", "words": "わたしの報告"}
    refused = save(member, project, "status", mine)
    assert refused.status_code == 412
    differences = [(was, now) for _label, was, now in refused.context["failed"].differences]
    assert differences == [("先の報告", "わたしの報告")]
    assert project.status_reports.get().words == "先の報告"
    assert save(member, project, "status", form_in(refused.content.decode())).status_code == 302
    assert project.status_reports.get().words == "わたしの報告"


@pytest.mark.parametrize("name", CHANGES)
def test_saving_a_row_as_it_is_writes_nothing(member, people, project, name):
    row = CHANGES[name][0](people.member, project)
    length = project.ledger.count()
    assert save(member, project, name, opened(member, project, name, row)).status_code == 302
    assert project.ledger.count() == length


@pytest.mark.parametrize("name", CHANGES)
def test_readers_change_no_row(client, people, project, name):
    row = CHANGES[name][0](people.member, project)
    client.force_login(people.executive)
    assert save(client, project, name, {"item": row.pk, **CHANGED[name]}).status_code == 403
    row.refresh_from_db()
    assert row.version == 1


CHANGED = {
    "goal-change": {"text": "x"},
    "contract-change": {"title": "x", "contractor": "y"},
    "link-change": {"url": "https://x.example/"},
    "module-change": {"name": "x"},
    "interface-change": {"counterpart": "x", "direction": "in"},
    "member-change": {"part": "lead"},
    "milestone-move": {"name": "x", "planned_on": "2027-04-02"},
    "risk-change": {"kind": "risk", "title": "x", "weight": "1"},
    "retirement-edit": {"kind": "cloud", "name": "x", "classification": "3"},
}


def test_a_person_is_named_once_in_a_part(member, people, project):
    person = UserFactory(username="named")
    projects.add_member(people.member, project, person, "lead")
    row = projects.add_member(people.member, project, person, "member")
    answer = save(member, project, "member-change", {"item": row.pk, "part": "lead", "version": "1"})
    assert answer.status_code == 422
    assert "already named in this part" in answer.content.decode()
    assert Membership.objects.get(pk=row.pk).part == "member"


def test_a_refused_row_far_down_its_list_is_shown_with_what_was_typed(member, people, project):
    rows = [planning.add_goal(people.member, project, kind="outcome", text=f"目標{n}") for n in range(55)]
    data = {"item": rows[-1].pk, "text": "目標", "unit": "長" * 101}
    text = save(member, project, "goal-change", data).content.decode()
    assert "長" * 101 in text


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("contract-change", {"title": "開発", "contractor": "甲社", "corporate_number": "12"}),
        ("contract-change", {"title": "", "contractor": "甲社"}),
        ("contract-change", {"title": "開発", "contractor": "甲社", "starts_on": "2027-04-02", "ends_on": "2027-04-01"}),
        ("link-change", {"url": "javascript:alert(1)"}),
        ("interface-change", {"counterpart": "住基", "direction": "sideways"}),
        ("milestone-move", {"name": "長" * 301, "planned_on": days(9).isoformat()}),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_accepted_changes_nothing(member, people, project, name, typed):
    row = CHANGES[name][0](people.member, project)
    assert save(member, project, name, {"item": row.pk, "version": 1, **typed}).status_code == 422
    row.refresh_from_db()
    assert row.version == 1
