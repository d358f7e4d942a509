"""Two years' portfolios side by side: found after an import, settled by people, shown, downloaded, and on the command line."""

import csv
import io
import json
from dataclasses import replace

import pytest
from click.testing import CliRunner
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from sekisho.book.models import BudgetYear, LedgerEntry, Project
from sekisho.errors import Invalid, NotPermitted
from sekisho.intake.models import ImportRun
from sekisho.intake.preview import Preview
from sekisho.intake.records import GoalRecord, ImportSet, Place, ProjectRecord, YearRecord, import_set
from sekisho.intake.services.importing import apply
from sekisho.people.models import Installation
from sekisho.people.permissions import actor_of
from sekisho.sharing.commands_years import years as command
from sekisho.sharing.models import Listing, Succession
from sekisho.sharing.queries.years import Years, unlisted
from sekisho.sharing.services import comparing
from sekisho.sharing.services.years import compare_years, settle

pytestmark = pytest.mark.django_db

PATH = ("福祉局", "介護課")
CARE = "介護保険の要介護認定の申請から認定までを電子化し、審査会の資料を共有する。"
ROADS = "道路の損傷を住民から受け付け、補修の予定を地図で公開する。"
BOOKS = "図書館の本を蔵書検索し、貸出の予約を受け付ける。"


@pytest.fixture(autouse=True)
def words_alone(monkeypatch):
    """Without the embedder: it adds seconds here, and little to what is found (docs/years.md)."""
    monkeypatch.setattr("sekisho.sharing.services.comparing.encoder", lambda: None)
    monkeypatch.setattr("sekisho.sharing.services.years.encoder", lambda: None)


def record(year, number, name, purpose, *, amount=1_000_000, target="", history=()):
    goals = (GoalRecord("outcome", "利用率", "1", unit="%", target=target),) if target else ()
    money = (*history, YearRecord(year, approved=amount))
    return ProjectRecord(
        "rs",
        number,
        year,
        name,
        Place("x.csv", 1),
        purpose=purpose,
        organisation_path=PATH,
        years=money,
        goals=goals,
    )


def take(people, *records):
    found: ImportSet = import_set("rs", records, [], len(records))
    apply(people.quality_office, found)
    comparing.refresh_all_texts()


@pytest.fixture
def portfolio(people):
    """2023: care, roads, books. 2024: care goes on, roads has another number and name, books ended, something is new."""
    past = (YearRecord(2021, approved=3_141_000), YearRecord(2022, approved=2_718_000))
    take(
        people,
        record(2023, "1", "要介護認定システム", CARE, target="60"),
        record(2023, "2", "道路損傷通報サービス", ROADS, history=past, amount=1_618_000),
        record(2023, "3", "蔵書検索システム", BOOKS),
    )
    take(
        people,
        record(2024, "1", "要介護認定システム", CARE, amount=1_500_000, target="70"),
        record(
            2024, "8", "道路の傷み通報窓口", ROADS,
            history=(*past, YearRecord(2023, approved=1_618_000)), amount=1_700_000,
        ),
        record(2024, "9", "学校給食予約", "学校給食の献立と食材の発注を管理し、アレルギーを知らせる。"),
    )  # fmt: skip
    return people


def run(*args):
    return CliRunner().invoke(command, [str(arg) for arg in args])


def book(number):
    return Project.objects.get(external_ids__value=number)


def roads():
    return Succession.objects.get(old=book("2"), new=book("8"))


@pytest.fixture
def office(client, portfolio):
    Installation.objects.create(name="関野市")
    portfolio.quality_office.language = "en"
    portfolio.quality_office.save()
    client.force_login(portfolio.quality_office)
    return client


def test_the_next_years_import_shows_what_became_of_each_project(portfolio):
    found = json.loads(run("--from", 2023, "--to", 2024, "--lang", "en", "--json").output)
    assert found["counts"] == {
        "continued": 1,
        "renamed": 1,
        "merged": 0,
        "split": 0,
        "absent": 0,
        "returned": 0,
        "ended": 1,
        "new": 1,
    }
    by_kind = {case["kind"]: case for case in found["cases"]}
    renamed = by_kind["renamed"]
    assert [side["code"] for side in renamed["old"]] == [book("2").code]
    assert [side["budget"] for side in (*renamed["old"], *renamed["new"])] == [1_618_000, 1_700_000]
    assert 0.5 < renamed["confidence"] < 1
    assert any("same amounts for 2021" in why for why in renamed["reasons"])
    assert by_kind["continued"]["targets"] == [{"goal": "利用率", "from": "60 %", "to": "70 %"}]
    assert by_kind["ended"]["old"][0]["name"] == "蔵書検索システム"
    assert found["budgets"]["new"] == {"from": None, "to": 1_000_000}


@pytest.mark.parametrize("order", [(2023, 2024, 2025), (2025, 2023, 2024)])
def test_a_project_that_one_years_list_leaves_out_has_neither_ended_nor_begun(people, bureau, order):
    care = {year: record(year, "1", "要介護認定システム", CARE) for year in order}
    roads = {year: record(year, "2", "道路損傷通報", ROADS) for year in order}
    for year in order:
        take(people, care[year], *([roads[year]] if year != 2024 else []))
    gone = json.loads(run("--from", 2023, "--to", 2024, "--lang", "en", "--json").output)
    assert (gone["counts"]["absent"], gone["counts"]["ended"]) == (1, 0)
    (case,) = (case for case in gone["cases"] if case["kind"] == "absent")
    assert case["old"][0]["code"] == book("2").code
    assert case["reasons"] == ["Listed again in FY2025"]
    back = json.loads(run("--from", 2024, "--to", 2025, "--lang", "en", "--json").output)
    assert (back["counts"]["returned"], back["counts"]["new"]) == (1, 0)
    (case,) = (case for case in back["cases"] if case["kind"] == "returned")
    assert case["reasons"] == ["Last listed in FY2023"]


def test_the_latest_two_years_are_taken_when_none_are_named(portfolio):
    found = json.loads(run("--json").output)
    assert (found["from"], found["to"]) == (2023, 2024)
    assert "蔵書検索システム" in run("--kind", "ended").output


def test_years_that_list_nothing_are_named(portfolio):
    assert "2019" in run("--from", 2019, "--to", 2024).output
    assert run("--from", 2024, "--to", 2023).exit_code == 1


def test_a_record_of_one_year_or_of_nothing_is_explained(people, bureau):
    assert "there are no projects yet" in run().output
    take(people, record(2023, "1", "要介護認定システム", CARE))
    assert "fewer than two" in run().output


def test_settling_writes_to_both_books_and_stays_when_compared_again(portfolio):
    settle(portfolio.quality_office, roads(), "confirmed")
    acts = {entry.project_id: entry.act for entry in LedgerEntry.objects.filter(act__startswith="succession")}
    assert acts == {book("2").pk: "succession.leads", book("8").pk: "succession.follows"}
    compare_years(2023, 2024)
    assert roads().state == "confirmed"


def test_what_was_denied_has_ended_and_is_not_found_again(portfolio):
    settle(portfolio.quality_office, roads(), "rejected")
    compare_years(2023, 2024)
    assert roads().state == "rejected"
    counts = json.loads(run("--json").output)["counts"]
    assert (counts["renamed"], counts["ended"], counts["new"]) == (0, 2, 2)
    settle(portfolio.quality_office, roads(), "open")
    assert json.loads(run("--json").output)["counts"]["renamed"] == 1


def test_only_those_who_edit_or_review_both_settle(portfolio):
    with pytest.raises(NotPermitted):
        settle(portfolio.executive, roads(), "confirmed")
    with pytest.raises(Invalid):
        settle(portfolio.quality_office, roads(), "perhaps")
    assert roads().state == "open"


def test_the_page_shows_the_years_and_settles_in_one_act(office):
    page = office.get(reverse("sharing:years")).content.decode()
    assert "道路の傷み通報窓口" in page
    link = roads()
    Succession.objects.filter(pk=link.pk).update(confidence=0.6)
    page = office.get(reverse("sharing:years")).content.decode()
    assert "1 case is doubtful" in page
    answer = office.post(reverse("sharing:settle", args=[link.pk]), {"verdict": "confirmed"}, follow=True)
    assert "No case is in doubt" in answer.content.decode()
    assert office.post(reverse("sharing:settle", args=[link.pk]), {"verdict": "x"}).status_code == 422


def page_of_import(client, people, year, state="done"):
    """The page of an import that changed nothing."""
    preview = Preview.of(import_set("rs", [record(year, "1", "要介護認定システム", CARE)], [], 1)).document()
    run = ImportRun.objects.create(
        source="rs", state=state, started_by=people.quality_office, preview=preview
    )
    return client.get(reverse("intake:run", args=[run.pk])).content.decode()


def test_a_finished_import_leads_to_the_comparison_of_its_year(office, portfolio):
    years = reverse("sharing:years")
    assert f'href="{years}?to=2024"' in page_of_import(office, portfolio, 2024)
    assert f'href="{years}"' in page_of_import(office, portfolio, 2023)  # the first year has none before it
    assert f'href="{years}' not in page_of_import(office, portfolio, 2024, state="ready")


def test_an_import_of_the_only_year_leads_to_no_comparison(client, people):
    Installation.objects.create(name="関野市")
    take(people, record(2023, "1", "要介護認定システム", CARE))
    client.force_login(people.quality_office)
    assert reverse("sharing:years") not in page_of_import(client, people, 2023)


def test_a_filter_that_matches_nothing_says_so_and_odd_addresses_are_read_kindly(office):
    assert "No case of this kind" in office.get(reverse("sharing:years") + "?kind=split").content.decode()
    assert office.get(reverse("sharing:years") + "?to=abc&kind=%00&after=-1").status_code == 200


def test_an_empty_record_teaches(client, people, bureau):
    Installation.objects.create(name="関野市")
    client.force_login(people.quality_office)
    page = client.get(reverse("sharing:years") + "?export=csv")
    assert page.status_code == 200
    assert "export=xlsx" not in page.content.decode()


def test_the_cases_shown_are_exported_with_text_that_is_never_a_formula(office):
    Listing.objects.filter(project=book("3")).update(name="=1+1")
    address = reverse("sharing:years") + "?kind=ended"
    assert "export=xlsx" in office.get(address).content.decode()
    heads, row = csv.reader(io.StringIO(office.get(address + "&export=csv").getvalue().decode("utf-8-sig")))
    assert "'=1+1" in row
    assert len(heads) == len(row)
    assert office.get(address + "&export=xlsx").getvalue().startswith(b"PK")
    (case,) = json.loads(office.get(address + "&export=json").getvalue())["years"]
    assert case["name_before"] == "=1+1"
    assert case["code_after"] == ""


def test_the_page_takes_the_same_queries_for_more_projects(office, portfolio):
    def queries():
        with CaptureQueriesContext(connection) as caught:
            assert office.get(reverse("sharing:years")).status_code == 200
        return len(caught)

    queries()
    few = queries()
    take(portfolio, *(record(2024, f"n{n}", f"新しい事業{n}", f"{n}番目の目的") for n in range(30)))
    assert queries() == few


def test_a_person_sees_only_cases_of_books_they_may_read(client, portfolio):
    Installation.objects.create(name="関野市")
    client.force_login(portfolio.member)
    page = client.get(reverse("sharing:years")).content.decode()
    assert "道路の傷み通報窓口" not in page
    assert (
        client.post(reverse("sharing:settle", args=[roads().pk]), {"verdict": "confirmed"}).status_code == 404
    )


def test_books_of_a_bureau_without_a_list_for_the_second_year_are_left_out(office, people):
    def listed(year, number, bureau, name, purpose):
        return replace(record(year, number, name, purpose), organisation_path=(bureau,))

    tax = listed(2024, "20", "税務局", "税の証明書", "税の証明書をコンビニエンスストアで交付する。")
    arrears = listed(2024, "21", "税務局", "滞納整理支援", "滞納者との折衝と差押えを記録する。")
    ports = [
        listed(2024, "22", "港湾局", "係留の許可", "船の係留と荷役を許可する。"),
        listed(2024, "23", "港湾局", "潮位の観測", "潮位計の値を集めて警報を出す。"),
    ]
    take(people, tax, arrears, *ports)
    take(people, listed(2025, "20", "税務局", "税の証明書", "税の証明書をコンビニエンスストアで交付する。"))
    found = Years(actor_of(people.quality_office), 2024, 2025)
    ended = {found.old[pk] for case in found.cases if case.kind == "ended" for pk in case.old}
    assert ended == {"滞納整理支援"}
    assert {found.old[pk] for pk in found.unheard} >= {"係留の許可", "潮位の観測"}
    assert "5 projects are left out" in office.get(reverse("sharing:years"), {"to": 2025}).content.decode()


def test_a_list_that_is_not_compared_yet_is_said_to_be_so(office, people):
    address = reverse("sharing:years")
    assert "are still being compared" not in office.get(address).content.decode()
    new = [record(2025, "90", "係留の許可", "船の係留と荷役を許可する。")]
    apply(people.quality_office, import_set("rs", new, [], 1))
    page = office.get(address).content.decode()
    assert "are still being compared" in page
    assert "left out" not in page  # whose list is missing is not known before
    comparing.refresh_all_texts()
    assert "are still being compared" not in office.get(address).content.decode()


def test_a_project_that_is_listed_again_without_any_change_stands_in_that_year_too(people, bureau):
    same = record(2024, "1", "要介護認定システム", CARE)
    take(people, same)
    take(people, replace(same, source_year=2025))
    assert list(Listing.objects.order_by("year").values_list("year", flat=True)) == [2024, 2025]
    assert not unlisted().exists()


def test_the_same_import_again_changes_nothing(portfolio):
    before = list(Listing.objects.order_by("pk").values("pk", "year", "name", "targets"))
    take(portfolio, record(2024, "1", "要介護認定システム", CARE, amount=1_500_000, target="70"))
    kept = list(Listing.objects.order_by("pk").values("pk", "year", "name", "targets"))
    assert {row["pk"] for row in before} >= {row["pk"] for row in kept}


def test_negative_and_missing_budgets_are_shown_as_they_are(portfolio):
    BudgetYear.objects.filter(project=book("1"), fiscal_year=2024).update(approved=-500)
    BudgetYear.objects.filter(project=book("3")).delete()
    cases = {case["kind"]: case for case in json.loads(run("--json").output)["cases"]}
    assert cases["continued"]["new"][0]["budget"] == -500
    assert cases["ended"]["old"][0]["budget"] is None


def test_an_id_that_came_back_with_something_else_is_asked_about(portfolio):
    """The source gave the number of one project to another, whose own number is gone."""
    take(portfolio, record(2025, "1", "道路の傷み通報窓口", ROADS), record(2025, "9", "学校給食予約", "献立"))
    found = json.loads(run("--from", 2024, "--to", 2025, "--lang", "en", "--json").output)
    renamed = [case for case in found["cases"] if case["kind"] == "renamed"]
    assert not [
        case for case in renamed if case["old"][0]["code"] == book("1").code and case["confidence"] > 0.9
    ]
    assert found["doubtful"] + len([case for case in found["cases"] if case["kind"] == "continued"]) >= 2
