"""The ledger's own page: by subject, changes in words, and the proof of its chain."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from sekisho.book.models import LedgerEntry
from sekisho.book.queries import ledger as read
from sekisho.book.services import decisions, planning, projects
from sekisho.book.views import ledger as view
from sekisho.book.words import ACTS
from sekisho.gateway.words import CHAIN_ACTS
from sekisho.people.acts import ACTS as PEOPLE_ACTS
from sekisho.people.roles import ACTS as ACTS_OF_ROLES
from sekisho.people.roles import ROLES
from tests.book.factories import days, make_project, plan_gate, submit_gate

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(bureau):
    return make_project(bureau, code="B-1", name="申請のオンライン化 🗾")


@pytest.fixture
def reader(client, people):
    people.auditor.language = "en"
    people.auditor.save()
    client.force_login(people.auditor)
    return client


def page(client, project, **query):
    return client.get(reverse("book:ledger", args=[project.code]), query)


def words_of(client, project, **query):
    return page(client, project, **query).content.decode()


def test_every_act_of_a_book_belongs_to_one_subject():
    elsewhere = {*PEOPLE_ACTS, *CHAIN_ACTS}
    of_books = {act for act in ACTS if act not in elsewhere and not act.startswith(("standard.", "ledger."))}
    firsts = {act.partition(".")[0] for act in of_books}
    gathered = [first for _words, parts in read.SUBJECTS.values() for first in parts]
    assert sorted(gathered) == sorted(firsts)


@pytest.mark.parametrize("role", ROLES)
def test_it_opens_for_whom_the_table_of_roles_allows(client, people, project, role):
    client.force_login(getattr(people, role))
    assert (page(client, project).status_code == 200) == (role in ACTS_OF_ROLES["read_ledger"])


def test_a_subject_shows_only_its_acts(reader, people, project):
    planning.set_budget(people.member, project, 2026, {"approved": 5_000})
    planning.add_module(people.member, project, name="受付")
    money = words_of(reader, project, about="money")
    assert "entered the money for FY2026" in money
    assert "受付" not in money
    assert "受付" in words_of(reader, project, about="parts")


@pytest.mark.parametrize("subject", [*read.SUBJECTS, "", "nonsense", "'; drop"])
def test_every_subject_opens_and_unknown_ones_show_all(reader, project, subject):
    assert page(reader, project, about=subject).status_code == 200


def test_a_subject_without_acts_says_what_would_be_here(reader, project):
    assert "Nothing of this kind has been recorded" in words_of(reader, project, about="retirement")


@pytest.mark.parametrize("before", ["x", "-1", "9" * 40, "１２", "0", "²"])
def test_a_forged_number_does_no_harm(reader, project, before):
    assert page(reader, project, before=before).status_code == 200


def test_before_and_after_are_in_words(reader, people, project):
    projects.update_project(people.member, project, {"network_zone": "internet", "for_citizens": True})
    planning.set_budget(people.member, project, 2026, {"approved": 1_234_000})
    text = words_of(reader, project)
    for words in ("Network zone", "Internet zone", "¥1,234,000", "Yes"):
        assert words.casefold() in text.casefold()
    assert "network_zone" not in text
    assert "for_citizens" not in text


def test_an_owner_is_named_not_numbered(people, project, section):
    projects.update_project(people.quality_office, project, {"owner": section})
    (act,) = read.read_acts(LedgerEntry.objects.filter(act="project.updated"))
    assert [(c.label, c.before, c.after) for c in act.changes] == [
        ("owner section", "総務局", "総務局情報課")
    ]


def test_what_stays_the_same_is_not_listed(people, project):
    milestone = planning.set_milestone(people.member, project, name="公開", planned_on=days(9))
    planning.set_milestone(people.member, project, name="公開", planned_on=days(12), milestone=milestone)
    act = read.read_acts(read.entries_of(project, subject="milestones"))[0]
    assert [change.label for change in act.changes] == ["planned on"]


def test_what_was_removed_still_tells_what_it_said(people, project):
    from sekisho.book.services import retirement

    values = {"name": "予備の磁気テープ", "kind": "backup", "classification": 2}
    item = retirement.set_retirement_item(people.member, project, values)
    retirement.remove_retirement_item(people.member, item)
    act = read.read_acts(read.entries_of(project, subject="retirement"))[0]
    assert ("kind", "Backup", "") in [(c.label, c.before, c.after) for c in act.changes]


def test_an_intact_chain_says_so_with_its_last_hash(reader, project):
    text = words_of(reader, project)
    assert "Intact" in text
    assert read.entries_of(project)[0].hash[:16] in text


def test_an_edited_entry_is_named(reader, people, project):
    planning.add_module(people.member, project, name="受付")
    last = read.entries_of(project)[0]
    LedgerEntry.objects.filter(pk=last.pk).update(actor_name="別人")
    text = words_of(reader, project)
    assert f"The chain breaks at entry {last.seq}" in text
    assert "is-broken" in text
    assert "Intact" not in text


def test_a_long_chain_is_recomputed_on_asking(reader, project, monkeypatch):
    monkeypatch.setattr(view, "PROVED_AT_ONCE", 0)
    assert "Intact" not in words_of(reader, project)
    assert "Recompute the chain" in words_of(reader, project)
    assert "Intact" in words_of(reader, project, prove="1")


def test_more_keeps_the_subject_and_shows_each_entry_once(reader, people, project):
    for n in range(view.PAGE_SIZE + 5):
        planning.add_module(people.member, project, name=f"部品{n:02d}")
    first = page(reader, project, about="parts")
    assert f"about=parts&amp;before={first.context['more']}" in first.content.decode()
    second = page(reader, project, about="parts", before=first.context["more"])
    shown = [act.entry.seq for answer in (first, second) for act in answer.context["acts"]]
    assert len(shown) == len(set(shown)) == view.PAGE_SIZE + 5
    assert second.context["more"] is None


def test_markup_in_names_stays_text(reader, people, project):
    planning.add_module(people.member, project, name="<script>alert(1)</script>" + "長" * 200)
    assert "<script>alert(1)" not in words_of(reader, project)


def test_a_book_with_decisions_reads_through(reader, people, project):
    gate = plan_gate(project)
    submit_gate(people.member, gate)
    decisions.decide(people.quality_office, gate, result="return", reason="根拠が足りない")
    text = words_of(reader, project, about="gates")
    for word in ("None", "null", "plan_gate"):
        assert word not in text


def test_the_query_count_stays_the_same(reader, people, bureau):
    counts = []
    for size in (1, 25):
        project = make_project(bureau)
        for n in range(size):
            planning.set_budget(people.member, project, 2000 + n, {"approved": n + 1})
        page(reader, project)
        with CaptureQueriesContext(connection) as captured:
            page(reader, project)
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert counts[0] <= 20


def test_the_kind_of_a_goal_is_a_word(reader, people, project):
    planning.add_goal(people.member, project, kind="outcome", text="来庁せずに終えられた割合")
    [act] = read.read_acts(read.entries_of(project, subject="parts")[:1])
    assert "Outcome" in [change.after for change in act.changes]
    with override("ja"):
        [act] = read.read_acts(read.entries_of(project, subject="parts")[:1])
        assert "成果(アウトカム)" in [change.after for change in act.changes]
