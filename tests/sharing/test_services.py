"""What is alike is kept beside the books; people judge, answer, propose and decide."""

import pytest
from django.utils import timezone

from sekisho.book.fiscal import fiscal_year_of
from sekisho.book.measures import take
from sekisho.book.models import BudgetYear, LedgerEntry
from sekisho.book.services.rollup import settle_money
from sekisho.errors import Conflict, Invalid, NotFound, NotPermitted
from sekisho.people.roles import SYSTEM
from sekisho.sharing.documents import portfolio
from sekisho.sharing.models import Embedding, Judgement, Likeness, Neighbour, PlatformMatch, ReuseEntry
from sekisho.sharing.queries import Estimate, estimate, history
from sekisho.sharing.services import comparing, judging, platforms, proposals
from tests.book.factories import make_project
from tests.sharing.factories import make_platform

pytestmark = pytest.mark.django_db

APPLY = {
    "purpose": "住民の電子申請をオンラインで受け付ける",
    "summary": "申請の受付、審査、通知を行う申請システム",
}


@pytest.fixture
def books(bureau, other_bureau):
    return [
        make_project(bureau, name="補助金オンライン申請システム", **APPLY),
        make_project(other_bureau, name="給付金オンライン申請システム", **APPLY),
        make_project(bureau, name="道路維持管理システム", purpose="道路の損傷を記録し補修の予定を立てる"),
    ]


def acts(project):
    chain = (
        LedgerEntry.objects.filter(project=project)
        if hasattr(LedgerEntry, "project")
        else LedgerEntry.objects.all()
    )
    return list(chain.values_list("act", flat=True))


def test_a_refresh_embeds_what_is_new_once_and_stores_neighbours(books):
    first = comparing.refresh()
    assert first["embedded"] == 3
    assert Neighbour.objects.filter(project=books[0]).first().other == books[1]
    assert comparing.refresh() == {"embedded": 0, "compared": 0}


def test_books_that_a_command_embedded_are_compared_within_the_minute(books, people):
    make_platform(people)
    comparing.refresh_embeddings()  # as `sekisho similar` and `sekisho years` do
    assert measured(books[0]) is None
    assert comparing.refresh() == {"embedded": 0, "compared": 3}
    assert Neighbour.objects.filter(project=books[0]).first().other == books[1]
    assert measured(books[0]) == 1
    assert comparing.refresh() == {"embedded": 0, "compared": 0}


def test_a_changed_text_is_embedded_again_and_a_touched_book_is_not(books, people):
    from sekisho.book.services.projects import update_project

    comparing.refresh()
    before = Embedding.objects.get(project=books[2]).digest
    update_project(people.member, books[2], {"start_year": 2024})
    assert comparing.refresh_embeddings() == []
    update_project(people.member, books[2], {"purpose": "橋の点検の予定を立てる"})
    assert comparing.refresh_embeddings() == [books[2].pk]
    assert Embedding.objects.get(project=books[2]).digest != before


def test_without_the_embedder_words_alone_decide(books, monkeypatch):
    for module in ("sekisho.sharing.services.comparing", "sekisho.sharing.documents"):
        monkeypatch.setattr(f"{module}.encoder", lambda: None)
    comparing.refresh()
    assert Embedding.objects.get(project=books[0]).engine == "words"
    assert Neighbour.objects.filter(project=books[0]).first().other == books[1]


def test_the_night_groups_likely_duplicates_with_their_money(books):
    comparing.refresh(everything=True)
    group = Likeness.objects.get()
    assert set(group.projects.all()) == set(books[:2])


def test_what_more_people_call_different_is_no_likely_duplicate_and_what_they_call_the_same_is_one(
    books, people
):
    comparing.refresh(everything=True)
    judging.judge(people.quality_office, books[0], books[1], "different")
    assert not Likeness.objects.exists()
    judging.judge(people.quality_office, books[0], books[2], "same")
    comparing.refresh(everything=True)
    assert [set(one.projects.all()) for one in Likeness.objects.all()] == [{books[0], books[2]}]
    judging.judge(people.member, books[0], books[2], "different")
    assert Likeness.objects.exists()  # one for, one against: nothing is settled
    judging.judge(people.quality_office, books[0], books[2], "related")
    judging.judge(people.quality_office, books[0], books[1], "related")
    comparing.refresh(everything=True)
    assert [set(one.projects.all()) for one in Likeness.objects.all()] == [set(books[:2])]


def test_a_person_says_what_a_pair_is_and_may_change_it(books, people):
    judging.judge(people.quality_office, books[0], books[1], "same")
    judging.judge(people.quality_office, books[0], books[1], "same")
    judging.judge(people.quality_office, books[1], books[0], "related")
    assert Judgement.objects.get().verdict == "related"


def test_judgements_are_refused_where_nothing_can_be_said(books, people):
    with pytest.raises(Invalid):
        judging.judge(people.member, books[0], books[0], "same")
    with pytest.raises(Invalid):
        judging.judge(people.member, books[0], books[2], "perhaps")
    with pytest.raises(NotFound):
        judging.judge(people.member, books[0], books[1], "same")  # of a bureau that they may not see
    with pytest.raises(NotPermitted):
        judging.judge(people.auditor, books[0], books[1], "same")


def test_enough_judgements_change_the_weights(books, people, bureau):
    from django.utils import timezone

    more = [make_project(bureau, name=f"別の事業{n}", purpose=f"別の目的{n}を果たす") for n in range(8)]
    every = sorted([*books, *more], key=lambda one: one.pk)
    rows = [
        Judgement(first=one, second=other, person=people.member, said_at=timezone.now(),
                  verdict="same" if n % 3 == 0 else "different")
        for n, (one, other) in enumerate((a, b) for a in every for b in every if a.pk < b.pk)
    ]  # fmt: skip
    Judgement.objects.bulk_create(rows)
    comparing.refresh_embeddings()
    assert portfolio().weights.source == "learned"


def measured(project):
    return take(["unanswered_platform_matches"], project, None)["unanswered_platform_matches"].value


def test_a_close_platform_waits_for_an_answer_and_the_measure_says_so(books, people):
    platform = make_platform(people)
    assert measured(books[0]) is None
    comparing.refresh(everything=True)
    assert PlatformMatch.objects.filter(project=books[0], close=True).count() == 1
    assert measured(books[0]) == 1
    assert measured(books[2]) == 0
    assert platforms.offer_platform(people.quality_office, books[0], platform).state == "offered"
    assert measured(books[0]) == 1
    platforms.answer_platform(people.member, books[0], platform, "considered")
    assert measured(books[0]) == 0


def test_declining_takes_a_reason_and_confirming_takes_adoption(books, people):
    platform = make_platform(people)
    with pytest.raises(Invalid):
        platforms.answer_platform(people.member, books[0], platform, "declined")
    entry = platforms.answer_platform(people.member, books[0], platform, "declined", reason="法令が求める")
    with pytest.raises(Conflict):
        platforms.confirm_saving(people.quality_office, entry, amount=1, year=2025)
    platforms.answer_platform(people.member, books[0], platform, "adopted", avoided=5_000_000, satisfaction=4)
    with pytest.raises(NotPermitted):
        platforms.confirm_saving(people.member, entry, amount=1, year=2025)
    with pytest.raises(Invalid, match="no actual spending"):
        platforms.confirm_saving(people.quality_office, entry, amount=4_000_000, year=2025)
    BudgetYear.objects.create(project=books[0], fiscal_year=2025, executed=0)
    platforms.confirm_saving(people.quality_office, entry, amount=4_000_000, year=2025)
    assert ReuseEntry.objects.get().confirmed == 4_000_000


def test_only_the_quality_office_keeps_the_catalogue(people, bureau):
    with pytest.raises(NotPermitted):
        platforms.save_platform(people.member, name="x")
    make_platform(people)
    with pytest.raises(Invalid):
        make_platform(people)


def test_a_closed_platform_takes_no_new_users(books, people):
    platform = make_platform(people, is_offered=False)
    with pytest.raises(Conflict):
        platforms.answer_platform(people.member, books[0], platform, "adopted")


def make(people, books, **parts):
    values = {
        "title": "申請の共通化",
        "why": "同じ申請",
        "share": 40,
        "assumptions": "受付を一つにする",
    } | parts
    return proposals.propose(people.quality_office, members=books[:2], **values)


def test_a_proposal_sent_twice_is_kept_once(books, people):
    first = make(people, books)
    with pytest.raises(Invalid, match="kept already"):
        make(people, books)
    proposals.decide(SYSTEM, first, "rejected", "費用が合わない")
    assert make(people, books).pk != first.pk


def test_what_a_member_spends_is_unknown_while_nobody_entered_it(books, people):
    BudgetYear.objects.create(
        project=books[0], fiscal_year=fiscal_year_of(timezone.localdate()), approved=500
    )
    settle_money()
    proposal = make(people, books, share=40)
    members = list(proposal.members.all())
    assert [one.spends for one in members] == [500, None]
    assert estimate(proposal, members) == Estimate(spent=500, saved=200, net=200, unknown=1)


def test_a_proposal_is_decided_by_someone_else_and_carried_out(books, people):
    from tests.factories import RoleAssignmentFactory, UserFactory

    proposal = make(people, books)
    with pytest.raises(NotPermitted):
        proposals.decide(people.quality_office, proposal, "agreed", "よい")
    other = RoleAssignmentFactory(user=UserFactory(), role="quality_office", organisation=books[0].owner).user
    with pytest.raises(Conflict):
        proposals.decide(other, proposal, "done", "早い")
    proposals.decide(other, proposal, "agreed", "よい")
    proposals.report_progress(people.quality_office, proposal, "一つ目が移った")
    assert proposals.decide(other, proposal, "done", "全て移った").state == "done"


def test_a_proposal_that_is_agreed_to_offers_its_platform_and_tells_every_step(books, people):
    from tests.factories import RoleAssignmentFactory, UserFactory

    platform = make_platform(people)
    platforms.answer_platform(SYSTEM, books[1], platform, "declined", reason="法令が求める")
    proposal = make(people, books, platform=platform)
    other = RoleAssignmentFactory(user=UserFactory(), role="quality_office", organisation=books[0].owner).user
    proposals.decide(other, proposal, "agreed", "よい")
    for said in ("一つ目が移った", "二つ目も移った"):
        proposals.report_progress(people.quality_office, proposal, said)
    proposals.decide(other, proposal, "done", "全て移った")
    states = dict(ReuseEntry.objects.values_list("project_id", "state"))
    assert states == {books[0].pk: "offered", books[1].pk: "declined"}  # what was answered stays
    steps = [step.words for step in history(proposal)]
    assert steps == ["全て移った", "二つ目も移った", "一つ目が移った", "よい", ""]
    for book in books[:2]:
        assert LedgerEntry.objects.filter(project=book, act="proposal.progressed").count() == 2


def test_what_was_answered_is_not_offered_again(books, people):
    platform = make_platform(people)
    assert platforms.offer_platform(people.cio_aide, books[0], platform)
    assert platforms.offer_platform(people.cio_aide, books[0], platform) is None
    platforms.answer_platform(people.member, books[0], platform, "adopted")
    with pytest.raises(Conflict):
        platforms.answer_platform(people.cio_aide, books[0], platform, "offered")
    with pytest.raises(NotPermitted):
        platforms.offer_platform(people.auditor, books[1], platform)
    closed = make_platform(people, name="閉じた基盤", is_offered=False)
    assert platforms.offer_platform(people.cio_aide, books[1], closed) is None


def test_a_proposal_needs_two_books_and_an_assumption(books, people):
    with pytest.raises(Invalid):
        make(people, books[:1])
    with pytest.raises(Invalid):
        make(people, books, assumptions=" ")
    with pytest.raises(Invalid):
        make(people, books, share=101)
