"""Pages of similar projects, the catalogue, proposals and the reuse ledger, as people use them."""

import json
import re

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from sekisho.book.fiscal import fiscal_year_of
from sekisho.book.models import BudgetYear, Project
from sekisho.people.models import Installation
from sekisho.sharing.models import Judgement, Likeness, Neighbour, PlatformMatch, Proposal, ReuseEntry
from sekisho.sharing.queries.savings import split
from sekisho.sharing.services import comparing, platforms, proposals
from sekisho.web import formats
from tests.book.factories import criterion_document, make_project, make_standard, plan_gate
from tests.sharing.factories import make_platform

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(client, people):
    Installation.objects.create(name="関野市")
    people.quality_office.language = "en"
    people.quality_office.save()
    client.force_login(people.quality_office)
    return client


@pytest.fixture
def project(bureau):
    return make_project(bureau, code="S-1", name="申請システム")


def near(project, count):
    others = [make_project(project.owner) for _n in range(count)]
    first = Neighbour.objects.filter(project=project).count()
    reasons = [["function", ["application"]], ["terms", ["電子申請"]]]
    for rank, other in enumerate(others, first + 1):
        Neighbour.objects.create(project=project, other=other, rank=rank, score=0.7, reasons=reasons)
    return others


def at(name, *args):
    return reverse(f"sharing:{name}", args=args)


def queries_of(client, address):
    with CaptureQueriesContext(connection) as caught:
        assert client.get(address).status_code == 200
    return len(caught)


def test_neighbours_are_shown_with_reasons_in_words(office, project):
    near(project, 2)
    page = office.get(at("similar", "S-1")).content.decode()
    assert "Shared functions: Applications online" in page
    assert "Shared words: 電子申請" in page


def test_before_a_book_is_compared_nothing_is_said_of_what_fits(office, project):
    page = office.get(at("similar", "S-1")).content.decode()
    assert "being compared with the catalogue" in page
    assert "No common platform waits" not in page
    assert "Nothing in the catalogue fits" not in page
    assert "were not compared yet" in office.get(at("groups")).content.decode()
    comparing.refresh()
    assert "No two projects that you may see say the same" in office.get(at("groups")).content.decode()
    page = office.get(at("similar", "S-1")).content.decode()
    assert "No common platform waits" in page
    assert "Nothing in the catalogue fits" in page


def test_reasons_name_sections_in_the_readers_language(office, people, project):
    owner = project.owner
    owner.name, owner.name_en = "税務課", "Tax Section"
    owner.save()
    make_project(owner, code="S-9")
    other = Project.objects.get(code="S-9")
    Neighbour.objects.create(project=project, other=other, rank=1, score=0.7, reasons=[["owner", ["税務課"]]])
    assert "Both of Tax Section" in office.get(at("similar", "S-1")).content.decode()
    people.quality_office.language = "ja"
    people.quality_office.save()
    assert "税務課" in office.get(at("similar", "S-1")).content.decode()


def test_the_catalogue_says_what_a_platform_does_in_the_readers_language(office, people):
    platform = make_platform(people, does="本人を確かめる", does_en="Checks who somebody is")
    for page in (at("catalogue"), at("platform", platform.pk)):
        said = office.get(page).content.decode()
        assert "Checks who somebody is" in said
        assert "本人を確かめる" not in said


def test_the_page_takes_the_same_queries_for_more_neighbours(office, project):
    near(project, 2)
    queries_of(office, at("similar", "S-1"))  # the first page of a session reads a little more
    few = queries_of(office, at("similar", "S-1"))
    near(project, 15)
    assert queries_of(office, at("similar", "S-1")) == few


def test_a_judgement_is_kept_and_shown_as_pressed(office, project):
    other = near(project, 1)[0]
    answer = office.post(at("judge", "S-1"), {"other": other.pk, "verdict": "same"}, follow=True)
    assert Judgement.objects.get().verdict == "same"
    assert 'aria-pressed="true"' in answer.content.decode()
    assert office.post(at("judge", "S-1"), {"other": "x", "verdict": "same"}).status_code == 404


def test_a_close_platform_is_answered_in_place_and_a_refusal_comes_back(office, project, people):
    platform = make_platform(people)
    PlatformMatch.objects.create(project=project, platform=platform, score=0.8, close=True)
    assert "1 common platform is close" in office.get(at("similar", "S-1")).content.decode()
    key = f"p{platform.pk}"
    refused = office.post(at("answer", "S-1", platform.pk), {f"{key}-state": "declined"})
    assert refused.status_code == 400 or refused.status_code == 422
    assert "Say why it is not used." in refused.content.decode()
    office.post(at("answer", "S-1", platform.pk), {f"{key}-state": "adopted", f"{key}-avoided": "100"})
    assert ReuseEntry.objects.get().avoided == 100
    assert "No common platform waits" in office.get(at("similar", "S-1")).content.decode()


def test_the_plan_gate_names_each_match_of_the_catalogue(client, bureau, people):
    Installation.objects.create(name="関野市")
    demand = {"name": "unanswered_platform_matches", "operator": "==", "value": 0}
    standard = make_standard(criteria=[criterion_document("plan-16", measure=demand)])
    project = make_project(bureau, code="S-1", standard=standard)
    for name, close in (("予約の基盤", True), ("申請の基盤", True), ("遠い基盤", False)):
        platform = make_platform(people, name=name)
        PlatformMatch.objects.create(project=project, platform=platform, score=0.8, close=close)
    platforms.answer_platform(
        people.member, project, PlatformMatch.objects.earliest("pk").platform, "considered"
    )
    client.force_login(people.member)
    page = client.get(reverse("book:gate", args=[plan_gate(project).pk])).content.decode()
    [listed] = re.findall(r'class="measurement">.*?<ul class="plain-list">(.*?)</ul>', page, re.DOTALL)
    named = re.findall(r"<li>(.*?) <span[^>]*>(.*?)</span>", listed)
    assert named == [("申請の基盤", "回答待ち"), ("予約の基盤", "検討中")]


def test_a_reviewer_offers_a_platform_and_the_owner_section_answers(client, project, people):
    Installation.objects.create(name="関野市")
    platform = make_platform(people)
    PlatformMatch.objects.create(project=project, platform=platform, score=0.8, close=True)
    client.force_login(people.cio_aide)
    assert at("offer", "S-1", platform.pk) in client.get(at("similar", "S-1")).content.decode()
    client.post(at("offer", "S-1", platform.pk))
    assert at("offer", "S-1", platform.pk) not in client.get(at("similar", "S-1")).content.decode()
    assert "申請システム" in client.get(at("reuse") + "?state=offered").content.decode()
    client.force_login(people.member)
    page = client.get(at("similar", "S-1")).content.decode()
    assert at("answer", "S-1", platform.pk) in page
    assert at("offer", "S-1", platform.pk) not in page
    client.post(at("answer", "S-1", platform.pk), {f"p{platform.pk}-state": "considered"})
    assert ReuseEntry.objects.get().state == "considered"


def test_a_platform_is_added_and_changed_through_its_form(office, bureau):
    values = {"name": "共通認証", "does": "本人確認", "contact": "課", "asking": "申込書", "owner": bureau.pk}
    assert office.post(at("new_platform"), {**values, "name": ""}).status_code == 422
    address = office.post(at("new_platform"), values)["Location"]
    assert "共通認証" in office.get(address).content.decode()
    assert "共通認証" in office.get(at("catalogue")).content.decode()


def test_a_proposal_is_made_from_codes_and_shows_its_estimate(office, project, bureau):
    make_project(bureau, code="S-2")
    values = {
        "title": "共通化",
        "members": "Ｓ－１、s-2",
        "why": "同じ",
        "share": 40,
        "running_cost": 0,
        "assumptions": "前提",
    }
    wrong = office.post(at("new_proposal"), {**values, "members": "S-1 S-99"})
    assert "S-99" in wrong.content.decode()
    address = office.post(at("new_proposal"), values)["Location"]
    assert "40 %" in office.get(address).content.decode()
    refused = office.post(at("proposal_act", Proposal.objects.get().pk, "agree"), {"agree-words": "よい"})
    assert refused.status_code == 403
    assert "Someone else decides" in refused.content.decode()


def test_a_member_sees_only_what_they_may(client, people, project, other_bureau):
    hidden = make_project(other_bureau, code="H-1", name="見えない事業")
    Neighbour.objects.create(project=project, other=hidden, rank=1, score=0.9)
    client.force_login(people.member)
    assert "見えない事業" not in client.get(at("similar", "S-1")).content.decode()
    made = proposals.propose(
        people.quality_office, title="x", why="x", members=[project, hidden], share=1, assumptions="x"
    )
    assert "見えない事業" not in client.get(at("proposal", made.pk)).content.decode()


def test_the_reuse_ledger_adds_up_and_takes_confirmed_amounts(office, project, people):
    entry = platforms.answer_platform(people.member, project, make_platform(people), "adopted", avoided=300)
    BudgetYear.objects.create(project=project, fiscal_year=2025, executed=900)
    office.post(at("confirm", entry.pk), {"amount": "200", "year": "2025"})
    entry.refresh_from_db()
    assert entry.confirmed == 200
    assert office.get(at("reuse") + "?state=adopted").status_code == 200
    assert office.get(at("reuse") + "?after=²&state=zzz").status_code == 200


@pytest.mark.parametrize(
    ("typed", "yen"), [("１億5,000万円", 150_000_000), ("1,200", 1200), ("500万", 5_000_000)]
)
def test_yen_are_read_as_officials_write_them(office, project, bureau, people, typed, yen):
    make_project(bureau, code="S-2", name="申請")
    values = {"title": "共通化", "why": "同じ", "members": "S-1 S-2", "share": 40, "assumptions": "一つ"}
    office.post(at("new_proposal"), {**values, "running_cost": typed})
    assert Proposal.objects.get().running_cost == yen
    entry = platforms.answer_platform(people.member, project, make_platform(people), "adopted")
    BudgetYear.objects.create(project=project, fiscal_year=2025, executed=900)
    office.post(at("confirm", entry.pk), {"amount": typed, "year": "令和7年度"})
    entry.refresh_from_db()
    assert (entry.confirmed, entry.confirmed_year) == (yen, 2025)


def test_what_is_no_amount_stays_in_the_field_with_its_reason(office, project, bureau):
    make_project(bureau, code="S-2", name="申請")
    values = {"title": "共通化", "why": "同じ", "members": "S-1 S-2", "share": 40, "assumptions": "一つ"}
    for typed in ("およそ5百", "-3", "9" * 40):
        answer = office.post(at("new_proposal"), {**values, "running_cost": typed})
        assert answer.status_code == 422
        assert f'value="{typed}"' in answer.content.decode()
    assert not Proposal.objects.exists()


def test_likely_duplicates_stand_under_their_function_or_by_cost(office, project, bureau):
    twin = make_project(bureau, code="S-2", name="申請システム", purpose="電子申請を受け付ける")
    other = [make_project(bureau, code=f"S-{n}", name="ひみつの事業") for n in (3, 4)]
    for books in ((project, twin), other):
        group = Likeness.objects.create(score=0.9, found_at=timezone.now())
        group.projects.set(books)
    BudgetYear.objects.create(project=twin, fiscal_year=fiscal_year_of(timezone.localdate()), approved=0)
    page = office.get(at("groups") + "?by=function").content.decode()
    words = re.sub(r"<[^>]+>", "", page)
    assert "S-2 General Affairs Bureau · ¥0" in words
    assert "2 groups of projects say much the same. Money this year: ¥0 (3 projects not entered)" in words
    assert "ひみつの事業 2 · not entered" in words
    assert "S-3 General Affairs Bureau · not entered" in words
    assert "Applications online" in page
    assert page.index("Applications online") < page.index("No function is named")
    assert "No function is named" not in office.get(at("groups")).content.decode()


def test_likely_duplicates_say_why_they_are_alike_and_lead_to_where_it_is_judged(office, project, bureau):
    def seen():
        with CaptureQueriesContext(connection) as caught:
            page = office.get(at("groups")).content.decode()
        return page, len(caught)

    seen()
    for n in (1, 2):
        twins = [make_project(bureau, code=f"T-{n}{letter}", name="申請") for letter in "ab"]
        Likeness.objects.create(score=0.9, found_at=timezone.now()).projects.set(twins)
        Neighbour.objects.create(
            project=twins[0], other=twins[1], rank=1, score=0.9, reasons=[["owner", ["総務局"]]]
        )
        page, queries = seen()
        if n == 1:
            few = queries
    assert page.count("Both of") == 2
    assert at("similar", "T-1a") + "#likest" in page
    assert queries == few


@pytest.fixture
def adopted(project, people):
    """Adopted in fiscal year 2023, with actual figures from 2022 to 2024."""
    with time_machine.travel("2023-06-01T00:00:00+09:00", tick=False):
        entry = platforms.answer_platform(people.member, project, make_platform(people), "adopted", avoided=5)
    for year, executed in ((2021, 90), (2022, 8_000_000), (2023, 9_000_000), (2024, 5_000_000), (2025, None)):
        BudgetYear.objects.create(project=project, fiscal_year=year, executed=executed)
    return entry


def test_actual_budgets_propose_what_was_saved_and_say_what_they_assume(office, adopted):
    page = office.get(at("reuse")).content.decode()
    assert 'name="amount" value="3000000"' in page
    assert 'name="year" value="2024"' in page
    assert "assumes that the work stayed the same" in page
    office.post(at("confirm", adopted.pk), {"amount": "2500000", "year": "2024"})
    adopted.refresh_from_db()
    assert (adopted.confirmed, adopted.confirmed_year) == (2_500_000, 2024)


def test_spending_more_than_before_is_told_as_it_is(office, adopted, project):
    BudgetYear.objects.filter(project=project, fiscal_year=2024).update(executed=8_500_000)
    page = office.get(at("reuse")).content.decode()
    assert 'name="amount" value="-500000"' in page
    assert "nothing was saved" in page


def test_without_a_full_year_after_the_adoption_nothing_is_proposed(office, adopted, project):
    BudgetYear.objects.filter(project=project, fiscal_year=2024).delete()
    page = office.get(at("reuse")).content.decode()
    assert "Actual budgets cannot propose an amount yet" in page
    assert 'name="amount" value' not in page


def test_an_adoption_that_was_taken_back_counts_from_the_next(office, adopted, project, people):
    platforms.answer_platform(people.member, project, adopted.platform, "considered")
    platforms.answer_platform(people.member, project, adopted.platform, "adopted")
    assert "Actual budgets cannot propose an amount yet" in office.get(at("reuse")).content.decode()


@pytest.fixture
def second(adopted, project, people):
    """Another platform that the same book adopted in the same year, expected to avoid three times as much."""
    with time_machine.travel("2023-08-01T00:00:00+09:00", tick=False):
        return platforms.answer_platform(
            people.member, project, make_platform(people, name="地図の基盤"), "adopted", avoided=15
        )


def test_no_yen_is_put_down_to_two_platforms(office, adopted, second):
    page = office.get(at("reuse")).content.decode()
    assert sorted(re.findall(r'name="amount" value="(\d+)"', page)) == ["2250000", "750000"]
    assert "¥2.25M is put down to other common platforms" in words_of(page)
    office.post(at("confirm", second.pk), {"amount": "2900000", "year": "2024"})
    assert 'name="amount" value="100000"' in office.get(at("reuse")).content.decode()


def test_a_platform_adopted_before_another_is_not_credited_with_what_the_later_one_saved(
    office, adopted, project, people
):
    with time_machine.travel("2024-06-01T00:00:00+09:00", tick=False):
        platforms.answer_platform(people.member, project, make_platform(people, name="後の基盤"), "adopted")
    BudgetYear.objects.filter(project=project, fiscal_year=2025).update(executed=4_000_000)
    page = office.get(at("reuse")).content.decode()
    # the later one: 9,000,000 in 2023 less 4,000,000 in 2025; of 8,000,000 in 2022 nothing is left for the earlier one
    assert sorted(re.findall(r'name="amount" value="(-?\d+)"', page)) == ["-1000000", "5000000"]


def test_what_was_corrected_moves_two_confirmed_savings_once(office, adopted, second, project):
    for entry, amount in ((adopted, "1000000"), (second, "2000000")):
        office.post(at("confirm", entry.pk), {"amount": amount, "year": "2024"})
    BudgetYear.objects.filter(project=project, fiscal_year=2024).update(executed=4_400_000)
    page = words_of(office.get(at("reuse")).content.decode())
    assert "of which confirmed by actual budgets: ¥3.6M" in page


@pytest.mark.parametrize(
    ("amount", "weights", "parts"),
    [
        (10, [1, 2], [3, 7]),
        (7, [None, 3], [3, 4]),
        (-5, [1, 1], [-3, -2]),
        (0, [], []),
        (9, [0, 0, 5], [3, 3, 3]),
    ],
)
def test_parts_of_a_saving_add_up(amount, weights, parts):
    assert split(amount, weights) == parts
    assert sum(parts) == amount


@pytest.fixture
def confirmed(office, adopted):
    """The saving of fiscal year 2024 confirmed as 2,500,000 yen, though the figures alone say 3,000,000."""
    office.post(at("confirm", adopted.pk), {"amount": "2500000", "year": "2024"})
    return adopted


@pytest.mark.parametrize(
    ("year", "executed", "counts", "told"),
    [
        (2024, 6_000_000, 1_500_000, "FY2024: ¥6,000,000 instead of ¥5,000,000"),
        (2022, 9_000_000, 3_500_000, "FY2022: ¥9,000,000 instead of ¥8,000,000"),
    ],
)
def test_a_confirmed_saving_moves_with_a_corrected_budget_and_says_so(
    office, confirmed, project, year, executed, counts, told
):
    assert "Corrected since" not in office.get(at("reuse")).content.decode()
    BudgetYear.objects.filter(project=project, fiscal_year=year).update(executed=executed)
    page = words_of(office.get(at("reuse") + "?state=corrected").content.decode())
    assert f"of which confirmed by actual budgets: {formats.yen_short(counts, 'en')}" in page
    assert "¥2,500,000 was confirmed; then the actual budgets were corrected." in page
    assert told in page
    rows = json.loads(office.get(at("reuse") + "?export=json").getvalue())["reuse"]
    assert (rows[0]["confirmed"], rows[0]["confirmed_before_correction"]) == (counts, 2_500_000)
    assert f'name="amount" value="{counts}"' in office.get(at("reuse")).content.decode()
    office.post(at("confirm", confirmed.pk), {"amount": counts, "year": "2024"})
    confirmed.refresh_from_db()
    assert confirmed.confirmed == counts
    assert "Corrected since" not in office.get(at("reuse")).content.decode()


def test_a_saving_is_not_confirmed_by_a_figure_that_is_gone(office, confirmed, project):
    BudgetYear.objects.filter(project=project, fiscal_year=2024).update(executed=None)
    page = words_of(office.get(at("reuse")).content.decode())
    assert "of which confirmed by actual budgets: ¥0" in page
    assert "The ¥5,000,000 of FY2024 is no longer on record." in page


def test_a_budget_corrected_in_a_year_nothing_rests_on_changes_nothing(office, confirmed, project):
    BudgetYear.objects.filter(project=project, fiscal_year=2021).update(executed=70)
    assert "Corrected since" not in office.get(at("reuse")).content.decode()


def test_a_state_that_no_entry_has_says_so_and_leads_back(office, adopted):
    page = office.get(at("reuse") + "?state=declined").content.decode()
    assert "Nothing was offered yet" not in page
    assert "Show all" in page


def words_of(page):
    """What a page says, without tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_a_refused_confirmation_comes_back_with_what_was_typed(office, adopted):
    answer = office.post(at("confirm", adopted.pk), {"amount": "123", "year": "2999"})
    assert answer.status_code == 422
    assert 'name="amount" value="123"' in answer.content.decode()
    answer = office.post(at("confirm", adopted.pk), {"amount": "123", "year": "2199"})
    assert "Give a fiscal year that is over or under way." in answer.content.decode()


def test_the_reuse_ledger_takes_the_same_queries_for_more_entries(office, adopted, people):
    queries_of(office, at("reuse"))
    few = queries_of(office, at("reuse"))
    for number in range(5):
        other = make_project(adopted.project.owner, code=f"Q-{number}")
        platforms.answer_platform(people.member, other, adopted.platform, "adopted")
    assert queries_of(office, at("reuse")) == few


def test_the_catalogue_is_in_the_order_of_its_names(office, people, bureau):
    names = ["C", "A", "B"]
    for name in names:
        make_platform(people, name=name)
    page = office.get(at("catalogue")).content.decode()
    assert sorted(names, key=lambda name: page.index(f">{name}</a>")) == ["A", "B", "C"]
