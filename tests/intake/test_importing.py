import itertools
import time
from dataclasses import replace

import pytest
from django.urls import reverse
from django.utils import timezone
from tests.book.test_races import at_once
from tests.factories import OrganisationFactory

from sekisho.book.models import (
    BudgetYear,
    Contract,
    ExternalId,
    Gate,
    Goal,
    LedgerEntry,
    PhaseEntry,
    Project,
)
from sekisho.book.queries.search import matching
from sekisho.book.services import gates, ledger, planning, projects, rollup
from sekisho.errors import Conflict, NotPermitted
from sekisho.intake.preview import Preview
from sekisho.intake.records import ContractRecord, GoalRecord, Place, RowProblem, YearRecord
from sekisho.intake.services.importing import StrictRefused, apply, plan
from sekisho.people.models import Organisation
from sekisho.people.roles import SYSTEM
from sekisho.sharing.models import Listing
from sekisho.sharing.services.years import keep_listings

pytestmark = pytest.mark.usefixtures("standard")


def acts(project: Project) -> list[str]:
    return list(project.ledger.order_by("seq").values_list("act", flat=True))


def only() -> Project:
    return Project.objects.get()


def all_chains_hold() -> bool:
    return all(broken is None for _chain, broken in ledger.verify_all())


def test_it_opens_a_book_with_gate_phase_money_organisation_search_and_ledger(record, source):
    done = apply(SYSTEM, source(record("928")))
    book = only()
    assert (book.code, book.name, book.phase, book.tier) == ("RS-000928", "住基ネット", "operate", "standard")
    assert book.owner.name == "行政局"
    assert [Organisation.objects.get(pk=pk).name for pk in book.owner.path.strip("/").split("/")] == [
        "行政事業レビュー（RSシステム）",
        "総務省",
        "行政局",
    ]
    assert Gate.objects.get().phase == "operate"
    assert list(PhaseEntry.objects.filter(not_needed=False).values_list("phase", flat=True)) == ["operate"]
    assert BudgetYear.objects.get().approved == 20_000_000
    assert ExternalId.objects.get().value == "928"
    assert acts(book) == ["gate.opened", "project.imported"]
    assert list(matching(Project.objects.all(), "住基")) == [book]
    assert done.counts["new"] == 1
    assert all_chains_hold()


def test_what_it_rolls_up_is_what_a_refresh_would(record, source):
    apply(SYSTEM, source(record("1"), record("2", years=(YearRecord(2026, approved=600_000_000),))))
    for project in Project.objects.select_related("owner"):
        before = {name: getattr(project, name) for name in rollup._ROLLUP_FIELDS}
        rollup.refresh(project)
        assert before == {name: getattr(project, name) for name in rollup._ROLLUP_FIELDS}
        assert project.blocker_count == 3


def test_a_dry_run_says_the_same_and_changes_nothing(record, source):
    found = source(record("1"), record("2"))
    foreseen = plan(SYSTEM, found)
    assert not Project.objects.exists()
    assert not Organisation.objects.exists()
    assert foreseen.counts == apply(SYSTEM, found).counts
    assert [line.code for line in foreseen.lines["new"]] == ["RS-000001", "RS-000002"]


def test_importing_twice_changes_nothing(record, source):
    found = source(
        record(
            contracts=(ContractRecord("日本電気", title="運用", amount=5, fiscal_year=2023),),
            goals=(GoalRecord("outcome", "減らす", "1"),),
            links=("https://example.jp/",),
        )
    )
    apply(SYSTEM, found)
    before, entries = only().updated_at, LedgerEntry.objects.count()
    done = apply(SYSTEM, found)
    assert done.changes_nothing
    assert done.counts["unchanged"] == 1
    assert (only().updated_at, LedgerEntry.objects.count()) == (before, entries)


def test_the_next_year_updates_adds_years_renames_and_moves(record, source):
    apply(SYSTEM, source(record()))
    later = record(
        year=2025,
        name="住民基本台帳ネット",
        organisation_path=("デジタル庁",),
        years=(YearRecord(2024, approved=20_000_000, executed=19_000_000), YearRecord(2025, approved=7)),
    )
    foreseen = plan(SYSTEM, source(later))
    assert (len(foreseen.lines["renamed"]), len(foreseen.lines["reorganised"])) == (1, 1)
    done = apply(SYSTEM, source(later))
    book = only()
    assert (book.name, book.owner.name) == ("住民基本台帳ネット", "デジタル庁")
    assert list(BudgetYear.objects.values_list("fiscal_year", "approved", "executed")) == [
        (2024, 20_000_000, 19_000_000),
        (2025, 7, None),
    ]
    assert acts(book)[2:] == ["project.renamed", "project.reorganised", "project.imported"]
    renamed = book.ledger.get(act="project.renamed")
    assert renamed.params == {"source": "RS 2025", "old": "住基ネット", "new": "住民基本台帳ネット"}
    assert (done.counts["years"], done.counts["changed"]) == (1, 1)
    assert list(matching(Project.objects.all(), "台帳")) == [book]
    assert all_chains_hold()


def test_what_the_book_has_no_field_for_is_kept_with_the_id_and_follows_the_source(record, source, client):
    texts = {"situation": "紙で受け付けており、処理に時間がかかる。", "remarks": "関連事業:住基ネット"}
    apply(SYSTEM, source(record(extra=texts)))
    assert ExternalId.objects.get().imported["texts"] == texts
    assert only().ledger.get(act="project.imported").after["situation"] == texts["situation"]
    assert apply(SYSTEM, source(record(extra=texts))).changes_nothing
    before = only().updated_at
    done = apply(SYSTEM, source(record(extra={"situation": "オンラインでも受け付ける。"})))
    assert [(line.field, line.after) for line in done.lines["changed"]] == [
        ("situation", "オンラインでも受け付ける。")
    ]
    assert ExternalId.objects.get().imported["texts"]["remarks"] == "関連事業:住基ネット"
    assert only().updated_at > before
    assert all_chains_hold()


def test_what_people_entered_here_is_kept(record, source, people):
    apply(SYSTEM, source(record()))
    book = only()
    projects.update_project(SYSTEM, book, {"summary": "ここで書いた概要"})
    planning.set_budget(SYSTEM, book, 2024, {"approved": 1})
    later = record(
        year=2025,
        summary="新しい概要",
        purpose="目的",
        years=(YearRecord(2024, approved=30_000_000, executed=2),),
    )
    done = apply(SYSTEM, source(later))
    book = only()
    assert (book.summary, book.purpose) == ("ここで書いた概要", "目的")
    year = BudgetYear.objects.get()
    assert (year.approved, year.executed) == (1, 2)
    assert [(line.field, line.before, line.after) for line in done.lines["kept"]] == [
        ("summary", "ここで書いた概要", "新しい概要"),
        ("approved:2024", 1, 30_000_000),
    ]
    assert apply(SYSTEM, source(later)).changes_nothing
    assert all_chains_hold()


def test_what_people_removed_here_stays_removed(record, source):
    found = source(
        record(
            contracts=(ContractRecord("日本電気", title="運用", amount=5),), links=("https://example.jp/",)
        )
    )
    apply(SYSTEM, found)
    planning.remove_item(SYSTEM, Contract.objects.select_related("project").get())
    planning.remove_item(SYSTEM, only().links.select_related("project").get())
    assert apply(SYSTEM, found).changes_nothing
    assert not Contract.objects.exists()
    assert not only().links.exists()


def test_contracts_and_goals_are_updated_not_doubled(record, source):
    def with_amount(year: int, amount: int, text: str):
        return record(
            year=year,
            contracts=(ContractRecord("日本電気", title="運用", amount=amount, fiscal_year=2023),),
            goals=(GoalRecord("outcome", text, "1"),),
        )

    apply(SYSTEM, source(with_amount(2024, 5, "減らす")))
    apply(SYSTEM, source(with_amount(2025, 6, "もっと減らす")))
    assert Contract.objects.get().amount == 6
    assert Goal.objects.get().text == "もっと減らす"


def test_a_book_moved_here_is_not_moved_back(record, source):
    apply(SYSTEM, source(record()))
    here = OrganisationFactory(name="総務局")
    projects.update_project(SYSTEM, only(), {"owner": here})
    done = apply(SYSTEM, source(record(year=2025, organisation_path=("デジタル庁",))))
    assert only().owner == here
    assert [line.field for line in done.lines["kept"]] == ["owner"]


def test_an_organisation_spelt_in_another_width_is_the_same_one(record, source):
    spelt, respelt = ("総務省", "情報室（ＩＴ）"), ("総務省", "情報室(IT)")
    both = source(record("1", organisation_path=spelt), record("2", organisation_path=respelt))
    assert plan(SYSTEM, both).counts["organisations"] == 3
    apply(SYSTEM, both)
    assert Organisation.objects.filter(name__startswith="情報室").count() == 1
    later = source(record("1", 2025, organisation_path=respelt), record("2", 2025, organisation_path=spelt))
    done = apply(SYSTEM, later)
    assert (done.counts["reorganised"], done.counts["organisations"]) == (0, 0)
    assert "project.reorganised" not in acts(Project.objects.get(code="RS-000001"))


def test_vanished_projects_are_noted_once_and_never_deleted(record, source):
    apply(SYSTEM, source(record("1"), record("2")))
    later = source(record("2", 2025))
    assert plan(SYSTEM, later).counts["vanished"] == 1
    assert [line.code for line in apply(SYSTEM, later).lines["vanished"]] == ["RS-000001"]
    assert apply(SYSTEM, later).counts["vanished"] == 0
    assert apply(SYSTEM, source(record("2", 2026))).counts["vanished"] == 0
    gone = Project.objects.get(code="RS-000001")
    assert gone.ledger.filter(act="project.vanished").get().params == {"source": "RS", "year": 2025}
    back = apply(SYSTEM, source(record("1", 2026), record("2", 2026)))
    assert back.counts["vanished"] == 0
    assert apply(SYSTEM, source(record("2", 2027))).counts["vanished"] == 1


def test_a_list_of_one_bureau_says_nothing_of_the_others(record, source):
    roads, care = ("市", "道路局", "管理課"), ("市", "福祉局", "介護課")
    apply(SYSTEM, source(record("1", organisation_path=roads), record("2", organisation_path=roads)))
    first = apply(SYSTEM, source(record("3", organisation_path=care), record("4", organisation_path=care)))
    assert first.counts["vanished"] == 0
    own = source(record("1", 2025, organisation_path=roads))
    assert plan(SYSTEM, own).only_some
    assert [line.code for line in apply(SYSTEM, own).lines["vanished"]] == ["RS-000002"]
    later = apply(SYSTEM, source(record("3", 2025, organisation_path=care)))
    assert [line.code for line in later.lines["vanished"]] == ["RS-000004"]


def test_the_projects_of_a_dissolved_bureau_vanish_from_a_list_of_the_others(record, source):
    bureaus = [("市", name) for name in ("道路局", "福祉局", "港湾局")]
    apply(SYSTEM, source(*(record(str(n), organisation_path=path) for n, path in enumerate(bureaus, 1))))
    done = apply(
        SYSTEM,
        source(*(record(str(n), 2025, organisation_path=path) for n, path in enumerate(bureaus[:2], 1))),
    )
    assert [line.code for line in done.lines["vanished"]] == ["RS-000003"]
    assert not done.only_some


def test_nothing_is_called_vanished_when_rows_of_the_list_were_lost(record, source):
    apply(SYSTEM, source(record("1"), record("2")))
    lost = RowProblem("1-2.csv", 3, "事業名", "", "This must not be empty.")
    done = apply(SYSTEM, source(record("2", 2025), problems=(lost,)))
    assert (done.counts["vanished"], done.judged_vanished) == (0, False)


def test_years_are_replayed_in_order_and_again_change_nothing(record, source):
    found = source(
        record("1", 2019, name="甲"),
        record("1", 2021, name="乙", organisation_path=("デジタル庁",)),
        record("2", 2019),
    )
    done = apply(SYSTEM, found)
    assert done.counts["new"] == 2
    first = Project.objects.get(code="RS-000001")
    assert acts(first) == [
        "gate.opened",
        "project.imported",
        "project.vanished" if 2020 in found.source_years else "project.renamed",
        "project.reorganised",
        "project.imported",
    ]
    assert ExternalId.objects.get(value="1").last_year == 2021
    again = apply(SYSTEM, found)
    assert again.changes_nothing
    assert all_chains_hold()


def test_an_earlier_year_only_fills_gaps(record, source):
    apply(SYSTEM, source(record(year=2025, years=(YearRecord(2024, approved=9),))))
    early = record(
        year=2020, name="旧名", years=(YearRecord(2020, approved=5), YearRecord(2024, approved=1, executed=3))
    )
    apply(SYSTEM, source(early))
    assert only().name == "住基ネット"
    assert list(BudgetYear.objects.values_list("fiscal_year", "approved", "executed")) == [
        (2020, 5, None),
        (2024, 9, 3),
    ]


def test_a_corrected_list_of_a_past_year_corrects_what_no_later_one_told(record, source):
    def listed(year, *amounts):
        return source(record(year=year, years=[YearRecord(at, approved=yen) for at, yen in amounts]))

    for found in (listed(2024, (2023, 7), (2024, 20)), listed(2025, (2023, 8), (2025, 30))):
        apply(SYSTEM, found)
    done = apply(SYSTEM, listed(2024, (2023, 7), (2024, 21)))
    assert [(line.field, line.before, line.after) for line in done.lines["changed"]] == [
        ("approved:2024", 20, 21)
    ]
    assert list(BudgetYear.objects.values_list("fiscal_year", "approved")) == [
        (2023, 8),
        (2024, 21),
        (2025, 30),
    ]
    assert apply(SYSTEM, listed(2024, (2023, 7), (2024, 21))).changes_nothing


def test_years_taken_in_the_wrong_order_are_told_as_if_in_order(record, source):
    for year, name, path in (
        (2025, "新名", ("新局", "課")),
        (2023, "旧名", ("旧局", "課")),
        (2024, "新名", ("新局", "課")),
    ):
        apply(SYSTEM, source(record(year=year, name=name, organisation_path=path, years=())))
    assert only().name == "新名"
    keep_listings()
    told = Listing.objects.order_by("year").values_list("year", "name", "owner")
    assert [(year, name, owner.split("\n")[-2]) for year, name, owner in told] == [
        (2023, "旧名", "旧局"),
        (2024, "新名", "新局"),
        (2025, "新名", "新局"),
    ]
    again = source(record(year=2023, name="旧名", organisation_path=("旧局", "課"), years=()))
    assert apply(SYSTEM, again).changes_nothing


@pytest.mark.parametrize("order", [*itertools.permutations((2023, 2024, 2025))])
def test_a_year_that_did_not_list_a_book_between_two_that_did_is_told_whatever_came_first(
    record, source, order
):
    lists = {
        2023: source(record("1", 2023, years=()), record("2", 2023, years=())),
        2024: source(record("2", 2024, years=())),
        2025: source(record("1", 2025, years=()), record("2", 2025, years=())),
    }
    foreseen = {}
    for year in order:
        foreseen[year] = plan(SYSTEM, lists[year]).counts
        assert apply(SYSTEM, lists[year]).counts == foreseen[year]
    apply(SYSTEM, source(record("1", 2026, years=()), record("2", 2026, years=())))
    gone = Project.objects.get(external_ids__value="1")
    told = [act for act in acts(gone) if act in ("project.vanished", "project.absent")]
    assert len(told) == 1
    assert sum(counts["vanished"] + counts["absent"] for counts in foreseen.values()) == 1
    keep_listings()
    assert list(gone.listings.values_list("year", flat=True)) == [2023, 2025, 2026]
    stayed = Project.objects.get(external_ids__value="2")
    assert list(stayed.listings.values_list("year", flat=True)) == [2023, 2024, 2025, 2026]
    assert all(apply(SYSTEM, lists[year]).changes_nothing for year in order)
    assert all_chains_hold()


def test_a_list_that_is_corrected_names_the_book_after_all(record, source):
    both = [record("1", 2024, years=()), record("2", 2024, years=())]
    apply(SYSTEM, source(record("1", 2023, years=()), record("2", 2023, years=())))
    apply(SYSTEM, source(record("1", 2025, years=()), record("2", 2025, years=())))
    assert [line.year for line in apply(SYSTEM, source(both[1])).lines["absent"]] == [2024]
    apply(SYSTEM, source(*both))
    keep_listings()
    gone = Project.objects.get(external_ids__value="1")
    assert list(gone.listings.values_list("year", flat=True)) == [2023, 2024, 2025]


def test_a_book_that_only_an_early_list_named_vanished_with_the_next(record, source):
    apply(SYSTEM, source(record("2", 2024)))
    apply(SYSTEM, source(record("2", 2025)))
    done = apply(SYSTEM, source(record("1", 2023), record("2", 2023)))
    assert [line.year for line in done.lines["vanished"]] == [2024]
    late = apply(SYSTEM, source(record("1", 2024), record("2", 2024)))
    assert [line.year for line in late.lines["vanished"]] == [2025]


def test_the_year_of_a_late_list_of_another_bureau_is_no_absence(record, source):
    roads, care = ("市", "道路局"), ("市", "福祉局")
    for year in (2023, 2025):
        apply(
            SYSTEM,
            source(record("1", year, organisation_path=roads), record("2", year, organisation_path=care)),
        )
    assert apply(SYSTEM, source(record("2", 2024, organisation_path=care))).counts["absent"] == 0


def test_an_unknown_id_is_matched_by_earlier_ids(record, source):
    apply(SYSTEM, source(record("33", 2020)))
    apply(SYSTEM, source(record("2021-7", 2021, previous_ids=("33",))))
    assert sorted(only().external_ids.values_list("value", flat=True)) == ["2021-7", "33"]
    apply(SYSTEM, source(record("2021-7", 2022)))
    assert Project.objects.count() == 1


def test_a_table_adopts_the_book_whose_code_it_gives_and_fills_what_is_blank(record, source, bureau):
    book = projects.create_project(SYSTEM, code="DX-1", name="窓口予約", owner=bureau)
    row = record(
        "7",
        None,
        scheme="mine",
        name="予約",
        organisation_path=("総務局",),
        extra={"code": "DX-1", "phase": "build", "personal_data": "mynumber"},
    )
    done = apply(SYSTEM, source(row))
    book.refresh_from_db()
    assert Project.objects.count() == 1
    assert (book.name, book.summary, book.phase) == ("窓口予約", "住民の情報をつなぎます", "plan")
    assert {line.field for line in done.lines["kept"]} == {"name", "phase", "personal_data"}
    assert book.owner == bureau
    assert apply(SYSTEM, source(row)).changes_nothing


def test_a_table_finds_organisations_by_name_and_makes_what_is_missing_below(record, source, bureau, section):
    apply(
        SYSTEM,
        source(
            record("1", None, scheme="mine", organisation_path=("総務局", "総務局情報課")),
            record("2", None, scheme="mine", organisation_path=("総務局", "会計課")),
            record("3", None, scheme="mine", organisation_path=()),
        ),
    )
    owners = dict(Project.objects.values_list("code", "owner__name"))
    assert owners == {"MINE-000001": "総務局情報課", "MINE-000002": "会計課", "MINE-000003": "mine"}
    assert Organisation.objects.get(name="会計課").parent == bureau
    assert Organisation.objects.get(name="会計課").path.startswith(bureau.path)


def test_a_table_that_leaves_out_divisions_finds_the_section_below_them(record, source, bureau):
    division = OrganisationFactory(name="こども部", parent=bureau)
    care = OrganisationFactory(name="保育課", parent=division)
    for above in (OrganisationFactory(name="教育部", parent=bureau), division):
        OrganisationFactory(name="庶務係", parent=above)
    paths = (bureau.name, "保育課"), (bureau.name, "庶務係")
    rows = [record(str(n), None, scheme="mine", organisation_path=path) for n, path in enumerate(paths, 1)]
    assert plan(SYSTEM, source(*rows)).counts["organisations"] == 1
    apply(SYSTEM, source(*rows))
    assert Project.objects.get(code="MINE-000001").owner == care
    # of two sections of this name nobody knows which one is meant
    assert Project.objects.get(code="MINE-000002").owner.parent == bureau
    assert all_chains_hold()


def test_attributes_of_a_table_reach_the_book_and_its_tier(record, source):
    extra = {
        "phase": "requirements",
        "audience": ("citizens", "staff"),
        "personal_data": "mynumber",
        "information_class": 3,
        "network_zone": "mynumber",
        "development_form": "saas",
    }
    apply(SYSTEM, source(record("a/b", None, scheme="mine", extra=extra)))
    book = only()
    assert (book.code, book.phase, book.tier, book.audience) == (
        "MINE-a-b",
        "requirements",
        "focus",
        ["citizens", "staff"],
    )
    assert book.road["stations"] == ["skipped", "here_barred", "ahead", "ahead", "ahead"]


def test_a_decision_lapses_when_an_import_moves_its_ground(record, source, people, bureau):
    from tests.book.factories import pass_gate

    row = record("1", 2024, scheme="mine", organisation_path=("総務局",))
    apply(SYSTEM, source(row))
    gate = Gate.objects.select_related("project__owner", "standard", "release").get()
    pass_gate(people, gate)
    apply(SYSTEM, source(replace(row, source_year=2025, extra={"network_zone": "internet"})))
    gate.refresh_from_db()
    assert gate.state == "open"
    assert "gate.lapsed" in acts(only())
    assert all_chains_hold()


def test_answers_given_here_survive(record, source, people, bureau):
    row = record("1", 2024, scheme="mine", organisation_path=("総務局",))
    apply(SYSTEM, source(row))
    gate = Gate.objects.select_related("project__owner", "standard", "release").get()
    gates.save_answer(people.member, gate, "operate-1", value="met")
    apply(SYSTEM, source(replace(row, source_year=2025, name="新しい名")))
    assert gate.answers.count() == 1
    assert only().blocker_count == 2


def test_a_closed_book_is_left_alone(record, source):
    apply(SYSTEM, source(record()))
    Project.objects.update(stopped_at=timezone.now())
    done = apply(SYSTEM, source(record(year=2025, name="別名")))
    assert only().name == "住基ネット"
    assert done.counts["closed"] == 1


def test_strict_is_everything_or_nothing(record, source):
    bad = RowProblem("2-1.csv", 9, "当初予算", "abc", "“%(value)s” is no amount.", {"value": "abc"})
    with pytest.raises(StrictRefused):
        apply(SYSTEM, source(record(), problems=(bad,)), strict=True)
    assert not Project.objects.exists()
    apply(SYSTEM, source(record(), problems=(bad,)))
    assert Project.objects.exists()


def test_a_failure_in_a_chunk_leaves_whole_books(record, source, monkeypatch):
    from sekisho.book.services import bulk

    monkeypatch.setattr(bulk, "index_books", lambda _books: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        apply(SYSTEM, source(record()))
    assert not Project.objects.exists()
    assert not LedgerEntry.objects.filter(project__isnull=False).exists()


def test_members_may_not_import(record, source, people):
    with pytest.raises(NotPermitted):
        apply(people.member, source(record()))
    apply(people.quality_office, source(record()))
    assert only().ledger.filter(act="project.imported").get().actor_name == str(people.quality_office)


def test_codes_that_are_taken_get_a_number(record, source, bureau):
    projects.create_project(SYSTEM, code="RS-000001", name="先にあった", owner=bureau)
    apply(SYSTEM, source(record("1")))
    assert ExternalId.objects.get().project.code == "RS-000001-2"


def coded(record, number: int, code: str, **fields):
    """A row of an office's own table that gives its book a code."""
    place = Place("一覧.csv", number + 1)
    return record(
        str(number), None, scheme="mine", name=f"業務{number}", place=place, extra={"code": code}, **fields
    )


def test_a_code_that_differs_from_a_books_by_case_alone_is_told_by_its_line_and_the_rest_goes_in(
    record, source, bureau
):
    projects.create_project(SYSTEM, code="DX-1", name="窓口予約", owner=bureau)
    found = source(coded(record, 1, "dx-1"), coded(record, 2, "DX-2"))
    foreseen, done = plan(SYSTEM, found), apply(SYSTEM, found)
    for preview in (foreseen, done):
        (problem,) = preview.problems
        assert (problem.file, problem.line, problem.value) == ("一覧.csv", 2, "dx-1")
        assert "“DX-1”" in problem.message
        assert "Write “DX-1”" in problem.mend
        assert (preview.counts["new"], preview.counts["problems"]) == (1, 1)
    assert set(Project.objects.values_list("code", "name")) == {("DX-1", "窓口予約"), ("DX-2", "業務2")}
    with pytest.raises(StrictRefused):
        apply(SYSTEM, source(coded(record, 3, "dX-1")), strict=True)


def test_a_code_in_full_width_signs_is_that_code(record, source, bureau):
    book = projects.create_project(SYSTEM, code="DX-1", name="窓口予約", owner=bureau)
    apply(SYSTEM, source(coded(record, 1, "ＤＸ－１"), coded(record, 2, "ＤＸ－２")))
    assert set(Project.objects.values_list("code", flat=True)) == {"DX-1", "DX-2"}
    assert book.external_ids.get().value == "1"


def test_two_rows_of_a_table_cannot_have_codes_that_cannot_be_told_apart(record, source):
    done = apply(SYSTEM, source(coded(record, 1, "ab-1"), coded(record, 2, "AB-1"), coded(record, 3, "ab-1")))
    assert [(problem.line, problem.params["line"]) for problem in done.problems] == [(3, 2), (4, 2)]
    assert list(Project.objects.values_list("code", flat=True)) == ["ab-1"]
    # the book that has the code keeps it when the table is read again
    assert apply(SYSTEM, source(coded(record, 1, "AB-1"))).problems == ()


def test_a_row_of_another_number_does_not_take_the_code_of_a_book_of_the_source(record, source):
    apply(SYSTEM, source(coded(record, 1, "DX-1")))
    done = apply(SYSTEM, source(coded(record, 1, "DX-1"), coded(record, 2, "DX-1")))
    (problem,) = done.problems
    assert problem.line == 3
    assert list(Project.objects.values_list("code", flat=True)) == ["DX-1"]


def test_ids_that_differ_by_case_alone_get_codes_that_can_be_told_apart(record, source):
    rows = [record(number, None, scheme="mine", name=number) for number in ("a1", "A1", "Ａ1")]
    foreseen = [line.code for line in plan(SYSTEM, source(*rows)).lines["new"]]
    apply(SYSTEM, source(*rows))
    assert sorted(Project.objects.values_list("code", flat=True)) == sorted(foreseen)
    assert len({code.casefold() for code in foreseen}) == 3


@pytest.mark.parametrize("code", ["..", "new", "Total"])
def test_a_code_that_is_no_address_gets_the_name_of_its_source_in_front(record, source, client, people, code):
    apply(SYSTEM, source(record("1", None, scheme="mine", extra={"code": code})))
    client.force_login(people.quality_office)
    assert client.get(reverse("book:book", args=[only().code])).context["project"] == only()


def test_many_books_need_few_queries(record, source, django_assert_max_num_queries):
    found = source(*(record(str(n), place=Place("a.csv", n)) for n in range(1, 151)))
    began = time.monotonic()
    with django_assert_max_num_queries(60):
        apply(SYSTEM, found)
    assert time.monotonic() - began < 20
    with django_assert_max_num_queries(20):
        apply(SYSTEM, found)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_imports_of_a_year_that_moves_books_meet_without_losing_any(record, source):
    """The second waits for the books the first moves to another owner, then finds nothing to do, or is refused."""
    ids = [str(number) for number in range(30)]
    apply(SYSTEM, source(*(record(value, 2024) for value in ids)))
    moved = source(*(record(value, 2025, organisation_path=("総務省", "新局")) for value in ids))
    results = at_once(*[lambda: apply(SYSTEM, moved)] * 3)
    assert {type(result) for result in results} <= {Preview, Conflict}
    assert Project.objects.filter(owner__name="新局").count() == 30
    assert all_chains_hold()
