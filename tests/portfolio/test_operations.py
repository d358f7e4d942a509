"""Months in use and incidents: by service, API, file and page; corrections leave a trace."""

import datetime as dt
from decimal import Decimal

import pikepdf
import pypdfium2
import pytest
from click.testing import CliRunner
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from sekisho.book.models import LedgerEntry, Project
from sekisho.book.services import projects
from sekisho.errors import Invalid, NotPermitted, StaleWrite
from sekisho.jobs.models import Job
from sekisho.people.models import Installation
from sekisho.people.permissions import actor_of
from sekisho.people.roles import SYSTEM
from sekisho.portfolio.commands import portfolio
from sekisho.portfolio.models import Incident, OperationMonth, Rollup
from sekisho.portfolio.operationfiles import parse_count, parse_month, parse_percent, read_operation_file
from sekisho.portfolio.queries.figures import read_filters
from sekisho.portfolio.queries.services import service_lines
from sekisho.portfolio.services import figures, ingest, operations
from sekisho.values import ValueProblem
from tests.api.callers import Caller, problem
from tests.book.factories import make_project

pytestmark = pytest.mark.django_db

MAY = dt.date(2026, 5, 1)


@pytest.fixture
def project(bureau, people, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    Installation.objects.get_or_create(name="関野市")
    return make_project(bureau, code="T-1", name="窓口予約")


def month(user, project, **said):
    values = {"month": MAY, "availability": None, "requests": 0, **said}
    return operations.report_month(user, project, **values)


def incident(user, project, key="INC-1", **said):
    values = {"began_on": dt.date(2026, 5, 9), "severity": "major", "minutes_down": 30, **said}
    return operations.report_incident(user, project, key=key, **values)


def acts(project):
    entries = LedgerEntry.objects.filter(project=project).order_by("seq")
    return [(e.act, e.before, e.after) for e in entries if e.act.startswith(("operation", "incident"))]


# -------------------------------------------------------------------------------------------- service


def test_a_corrected_month_keeps_what_stood_there_before(people, project):
    month(people.member, project, availability=Decimal("99.95"), incidents=2)
    month(people.cio_aide, project, availability=Decimal("98.5"), incidents=2)
    assert acts(project)[-1] == (
        "operation.corrected",
        {"availability": "99.95%"},
        {"availability": "98.50%"},
    )
    assert OperationMonth.objects.get().version == 2


def test_systems_of_one_service_are_reported_apart_and_counted_together(people, project):
    month(people.member, project, incidents=1, system="受付", availability=Decimal(99))
    month(people.member, project, incidents=2, system="台帳", availability=Decimal(100))
    figures.bring_up_to_date()
    assert Rollup.objects.get(figure="incidents").amount == 3
    share = Rollup.objects.get(figure="availability")
    assert share.amount / share.n == 9_950


def test_a_month_counts_what_is_listed_unless_it_counts_more(people, project):
    incident(people.member, project)
    incident(people.member, project, "INC-2", minutes_down=15)
    kept = OperationMonth.objects.get()
    assert (kept.incidents, kept.minutes_down) == (2, 45)
    month(people.member, project, incidents=5)
    incident(people.member, project, "INC-3", severity="minor", minutes_down=0)
    kept.refresh_from_db()
    assert (kept.incidents, kept.minutes_down) == (5, 45)
    with pytest.raises(Invalid) as refusal:
        month(people.member, project, incidents=1)
    assert "3 incidents are listed" in refusal.value.fields["incidents"]


def test_a_corrected_incident_corrects_its_month(people, project):
    incident(people.member, project, minutes_down=500)
    incident(people.member, project, minutes_down=50)
    assert OperationMonth.objects.get().minutes_down == 50
    incident(people.member, project, minutes_down=50, began_on=dt.date(2026, 6, 1))
    counted = {row.month.month: (row.incidents, row.minutes_down) for row in OperationMonth.objects.all()}
    assert counted == {5: (0, 0), 6: (1, 50)}
    assert list(figures.recount()) == []


def test_the_same_incident_twice_changes_nothing(people, project):
    incident(people.member, project)
    before = acts(project)
    incident(people.member, project)
    assert acts(project) == before


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"severity": "terrible"}, "severity"),
        ({"minutes_down": -1}, "minutes_down"),
        ({"key": " "}, "key"),
        ({"key": "x" * 101}, "key"),
        ({"began_on": dt.date(2999, 1, 1)}, "began_on"),
        ({"text": "x" * 501}, "text"),
    ],
)
def test_an_incident_that_cannot_be_is_refused_at_its_place(people, project, changes, field):
    with pytest.raises(Invalid) as refusal:
        incident(people.member, project, **changes)
    assert field in refusal.value.fields
    assert not Incident.objects.exists()


def test_a_stale_incident_is_not_overwritten(people, project):
    incident(people.member, project)
    with pytest.raises(StaleWrite):
        incident(people.member, project, minutes_down=1, version=0)


def test_only_who_edits_the_book_lists_incidents(people, project):
    with pytest.raises(NotPermitted):
        incident(people.auditor, project)


# ------------------------------------------------------------------------------------------------ API


def test_a_month_is_reported_by_a_program_and_corrected(people, project):
    caller = Caller(people.member)
    body = {"month": "2026-05", "availability": 99.95, "incidents": 1, "minutes_down": 12, "requests": 3}
    first = caller.post("/projects/T-1/operation", body)
    assert first.status_code == 200, first.content
    assert {**first.json(), **body} == first.json()
    assert first["ETag"] == '"1"'
    assert caller.post("/projects/T-1/operation", body)["ETag"] == '"1"'
    assert caller.post("/projects/T-1/operation", {**body, "incidents": 2}, if_match='"1"')["ETag"] == '"2"'
    stale = problem(
        caller.post("/projects/T-1/operation", {**body, "incidents": 9}, if_match='"1"'), 412, "stale_write"
    )
    assert (stale["current"]["incidents"], stale["yours"]["incidents"]) == (2, 9)
    problem(
        caller.post("/projects/T-1/operation", {**body, "incidents": 9}, if_match='"0"'), 412, "stale_write"
    )
    read = caller.get("/projects/T-1/operation/2026-05")
    assert (read["ETag"], read.json()["incidents"]) == ('"2"', 2)
    assert caller.get("/projects/T-1/operation/2026-05", if_none_match='"2"').status_code == 304
    assert [one["month"] for one in caller.get("/projects/T-1/operation").json()["items"]] == ["2026-05"]
    problem(caller.get("/projects/T-1/operation/2026-05?system=x"), 404, "not_found")
    problem(caller.get("/projects/T-1/operation/nothing"), 404, "not_found")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"month": "2026-13"}, "month"),
        ({"month": "next"}, "month"),
        ({"month": None}, "month"),
        ({"availability": 101}, "availability"),
        ({"availability": "NaN"}, "availability"),
        ({"incidents": -1}, "incidents"),
        ({"minutes_down": 10**9}, "minutes_down"),
        ({"requests": 10**30}, "requests"),
        ({"system": "x" * 101}, "system"),
    ],
)
def test_a_wrong_month_is_named_by_its_field(people, project, changes, field):
    body = {"month": "2026-05", "availability": 99, "incidents": 0, "requests": 0, **changes}
    refused = problem(Caller(people.member).post("/projects/T-1/operation", body), 422, "invalid")
    assert field in refused["errors"]


def test_incidents_are_listed_by_a_program(people, project):
    caller = Caller(people.member)
    body = {
        "key": "INC-1",
        "began_on": "2026-05-09",
        "severity": "critical",
        "minutes_down": 90,
        "text": "停止",
    }
    assert caller.post("/projects/T-1/incidents", body)["ETag"] == '"1"'
    assert caller.post("/projects/T-1/incidents", {**body, "minutes_down": 60})["ETag"] == '"2"'
    assert [one["minutes_down"] for one in caller.get("/projects/T-1/incidents").json()["items"]] == [60]
    refused = problem(caller.post("/projects/T-1/incidents", {**body, "severity": "high"}), 422, "invalid")
    assert "severity" in refused["errors"]
    problem(Caller(people.member, "read").post("/projects/T-1/incidents", body), 403, "scope_read_only")


# ----------------------------------------------------------------------------------------------- files


MONTHS = "project,month,system,availability,incidents,minutes_down,requests\nT-1,2026-05,,99.95,1,12,3\n"
JAPANESE = "コード,年月,稼働率,障害件数,停止時間(分),要望件数\nT-1,令和8年5月,９９．９５％,1件,12分,3\n"
INCIDENTS = "番号,コード,発生日,重大度,停止時間,内容\n7,T-1,2026/5/9,重大,30,停止\n"


@pytest.mark.parametrize(
    "content",
    [MONTHS.encode(), b"\xef\xbb\xbf" + MONTHS.encode(), JAPANESE.encode(), JAPANESE.encode("cp932")],
)
def test_a_file_of_months_is_read_however_it_is_written(people, project, content):
    made = ingest.apply(people.member, content, "months.csv")
    assert (made.kind, made.count("new"), made.problems) == ("months", 1, [])
    kept = OperationMonth.objects.get()
    assert (kept.month, kept.availability, kept.incidents, kept.minutes_down, kept.requests) == (
        MAY,
        9_995,
        1,
        12,
        3,
    )
    again = ingest.apply(people.member, content, "months.csv")
    assert (again.count("same"), again.count("corrected")) == (1, 0)
    assert len(acts(project)) == 1


def test_what_a_line_leaves_empty_stays_as_it_is(people, project):
    ingest.apply(people.member, MONTHS.encode(), "months.csv")
    shorter = b"project,month,requests\nT-1,2026-05,8\n"
    blank = b"project,month,availability,incidents,minutes_down,requests\nT-1,2026-05,,,,9\n"
    for content, requests in ((shorter, 8), (blank, 9)):
        made = ingest.apply(people.member, content, "months.csv")
        assert (made.count("corrected"), made.problems) == (1, [])
        kept = OperationMonth.objects.get()
        assert (kept.availability, kept.incidents, kept.minutes_down) == (9_995, 1, 12)
        assert kept.requests == requests


def test_an_incident_keeps_what_a_line_leaves_empty(people, project):
    ingest.apply(people.member, INCIDENTS.encode(), "incidents.csv")
    again = "番号,コード,発生日,重大度,停止時間,内容\n7,T-1,2026/5/9,軽微,,\n"
    assert ingest.apply(people.member, again.encode(), "incidents.csv").count("corrected") == 1
    kept = Incident.objects.get()
    assert (kept.severity, kept.minutes_down, kept.text) == ("minor", 30, "停止")


def test_the_preview_refuses_what_would_be_refused(people, project):
    ingest.apply(people.member, INCIDENTS.encode(), "incidents.csv")
    ahead = (timezone.localdate() + dt.timedelta(days=40)).isoformat()
    content = (
        f"project,month,incidents\nT-1,{ahead[:7]},1\nT-1,2026-05,0\nT-1,2026-04,\nT-1,2026-03,2\n"
    ).encode()
    looked, made = ingest.plan(people.member, content, "m.csv"), ingest.apply(people.member, content, "m.csv")
    for found in (looked, made):
        assert [(problem.line, problem.column) for problem in found.problems] == [
            (2, "month"),
            (3, "incidents"),
            (4, "month"),
        ]
        assert found.count("new") == 1
    later = f"番号,コード,発生日,重大度\n8,T-1,{ahead},重大\n".encode()
    assert [problem.column for problem in ingest.plan(people.member, later, "i.csv").problems] == ["発生日"]


def test_a_file_with_severities_lists_incidents(people, project):
    made = ingest.apply(people.member, INCIDENTS.encode(), "incidents.csv")
    assert (made.kind, made.count("new"), made.problems) == ("incidents", 1, [])
    kept = Incident.objects.get()
    assert (kept.key, kept.severity, kept.minutes_down) == ("7", "critical", 30)


def test_bad_rows_are_named_and_the_others_taken(people, project, other_bureau):
    make_project(other_bureau, code="T-2")
    rows = (
        "T-1,2026-05,,99,1,0,0", "T-1,2026-05,,99,1,0,0", "T-9,2026-05,,99,1,0,0", "T-2,2026-05,,99,1,0,0",
        "T-1,May,,99,1,0,0", "T-1,2026-06,,0.99,1,0,0", "T-1,2026-07,,99,-1,0,0", ",2026-08,,99,1,0,0",
        "T-1,2999-01,,99,1,0,0",
    )  # fmt: skip
    content = MONTHS.splitlines()[0] + "\n" + "\n".join(rows) + "\n"
    made = ingest.apply(people.member, content.encode(), "m.csv")
    assert OperationMonth.objects.count() == 1
    named = [(one.line, one.column, one.value) for one in made.problems]
    assert named == [
        (3, "month", "2026-05"),
        (4, "project", "T-9"),
        (5, "project", "T-2"),
        (6, "month", "May"),
        (7, "availability", "0.99"),
        (8, "incidents", "-1"),
        (9, "project", ""),
        (10, "month", "2999-01"),
    ]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\x01\x02",
        b"a,b\n1,2\n",
        b"%PDF-1.7",
        b"project,month\n" + b"\xff" * 40,
        b"PK\x03\x04broken",
    ],
)
def test_a_file_that_is_no_table_is_refused_in_words(people, project, content):
    from sekisho.errors import SekishoError

    with pytest.raises(SekishoError) as refusal:
        ingest.plan(people.member, content, "x.csv")
    assert "x.csv" in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "month"),
    [("2026-10", 10), ("2026/1", 1), ("202610", 10), ("2026年10月", 10), ("令和8年10月", 10), ("R8.10", 10), (dt.date(2026, 10, 31), 10), ("2026-10-15", 10)],
)  # fmt: skip
def test_months_are_read_as_officials_write_them(text, month):
    assert parse_month(text) == dt.date(2026, month, 1)


@pytest.mark.parametrize(("parse", "text"), [
    (parse_month, "2026"), (parse_month, "2026-13"), (parse_month, ""), (parse_count, "1.5"), (parse_count, "many"),
    (parse_count, "-1"), (parse_percent, "101"), (parse_percent, "0.5"), (parse_percent, "nan"), (parse_percent, "−1"),
])  # fmt: skip
def test_values_that_are_none_are_refused(parse, text):
    with pytest.raises(ValueProblem):
        parse(text)


def test_percent_cells_of_excel_are_understood():
    assert parse_percent(0.9995) == Decimal("99.95")
    assert parse_percent(99.5) == Decimal("99.5")
    assert parse_percent("0%") == 0


def test_a_file_asks_as_much_of_many_rows_as_of_few(people, project):
    def cost(count):
        rows = "".join(f"T-1,2025-{n:02d},,99,0,0,0\n" for n in range(1, count + 1))
        with CaptureQueriesContext(connection) as asked:
            ingest.plan(people.member, (MONTHS.splitlines()[0] + "\n" + rows).encode(), "m.csv")
        return len(asked)

    cost(1)
    assert cost(12) == cost(2)


def test_the_command_shows_and_takes_a_file(project, tmp_path):
    file = tmp_path / "m.csv"
    file.write_text(MONTHS + "T-9,2026-05,,99,1,0,0\n")
    shown = CliRunner().invoke(portfolio, ["operations", str(file), "--dry-run"])
    assert "new T-1 2026-05" in shown.output
    assert not OperationMonth.objects.exists()
    taken = CliRunner().invoke(portfolio, ["operations", str(file)])
    assert taken.exit_code == 1
    assert "m.csv:3: project: There is no book “T-9”" in taken.output
    assert "[T-9]" in taken.output
    assert "1 new, 0 corrected, 0 unchanged, 1 left out." in taken.output
    file.write_text(MONTHS.replace("99.95", "98"))
    again = CliRunner().invoke(portfolio, ["operations", str(file), "--dry-run"])
    assert "Availability 99.95% -> 98.00%" in again.output
    assert CliRunner().invoke(portfolio, ["operations", str(file)]).exit_code == 0
    assert acts(project)[-1][:2] == ("operation.corrected", {"availability": "99.95%"})


def test_a_report_is_written_from_the_command_line(project, tmp_path):
    for name in ("a.pdf", "a.xlsx"):
        file = tmp_path / name
        assert CliRunner().invoke(portfolio, ["report", "book", "T-1", "-o", str(file)]).exit_code == 0
        assert file.stat().st_size > 1_000
    assert (
        CliRunner().invoke(portfolio, ["report", "book", "T-1", "-o", str(tmp_path / "a.doc")]).exit_code == 2
    )
    asked = ["report", "bureau", "--organisation", "bureau", "--quarter", "1", "-o", str(tmp_path / "b.pdf")]
    assert CliRunner().invoke(portfolio, asked).exit_code == 0


@pytest.mark.parametrize(
    "asked",
    [["--year", "1989"], ["--year", "二千"], ["--year", "9999"], ["--tier", "huge"], ["--lang", "fr"]],
)
def test_a_report_of_what_is_not_is_refused_on_the_command_line(project, tmp_path, asked):
    file = tmp_path / "a.pdf"
    made = CliRunner().invoke(portfolio, ["report", "annual", *asked, "-o", str(file)])
    assert made.exit_code == 2
    assert not file.exists()


def test_a_report_is_written_in_the_language_asked_for(project, tmp_path):
    for lang, title in (("ja", "年次報告"), ("en", "Annual report")):
        file = tmp_path / f"{lang}.pdf"
        CliRunner().invoke(portfolio, ["report", "annual", "--lang", lang, "-o", str(file)])
        with pikepdf.open(file) as made:
            assert made.Root.Lang == lang
            assert title in str(made.docinfo.Title)


def test_the_template_is_copied_to_be_adapted_and_never_written_over(project, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"
    made = CliRunner().invoke(portfolio, ["template", "annual"])
    own = tmp_path / "reports" / "annual.typ"
    assert str(own) in made.output
    own.write_text(own.read_text() + "\n#pagebreak()\nOurs\n")
    assert CliRunner().invoke(portfolio, ["template", "annual"]).exit_code == 1
    assert "Ours" in own.read_text()
    texts = {}
    for asked in (["annual"], ["book", "T-1"]):
        file = tmp_path / f"{asked[0]}.pdf"
        CliRunner().invoke(portfolio, ["report", *asked, "-o", str(file)])
        document = pypdfium2.PdfDocument(file)
        texts[asked[0]] = document[len(document) - 1].get_textpage().get_text_range()
    assert "Ours" in texts["annual"]
    assert "Ours" not in texts["book"]


# ----------------------------------------------------------------------------------------------- pages


def upload(client, content, name="m.csv"):
    file = SimpleUploadedFile(name, content)
    return client.post(
        reverse("portfolio:operation_upload"), {"table": file}, headers={"accept-language": "en"}
    )


def test_a_file_is_looked_at_before_it_is_taken(client, people, project):
    month(SYSTEM, project, incidents=1)
    client.force_login(people.member)
    page = upload(client, (MONTHS + "T-9,2026-05,,99,1,0,0\n").encode())
    shown = page.content.decode()
    assert "Availability: – → 99.95%" in shown
    assert "There is no book “T-9”" in shown
    assert OperationMonth.objects.get().availability is None
    answer = client.post(reverse("portfolio:operation_confirm"), {"token": page.context["token"]})
    job = Job.objects.get(kind=ingest.KIND)
    assert answer.url == reverse("jobs:job", args=[job.pk])
    seen = []
    words = ingest.run_apply(people.member, **job.params, progress=lambda *at: seen.append(at))
    assert OperationMonth.objects.get().availability == 9_995
    assert "1" in words
    assert seen == [(1, 1)]
    gone = client.post(reverse("portfolio:operation_confirm"), {"token": page.context["token"]})
    assert gone.url == reverse("portfolio:operation_upload")


def test_a_token_is_only_for_who_uploaded(client, people, project):
    client.force_login(people.member)
    token = upload(client, MONTHS.encode()).context["token"]
    for user, given in ((people.cio_aide, token), (people.member, token + "x"), (people.member, "")):
        client.force_login(user)
        client.post(reverse("portfolio:operation_confirm"), {"token": given})
    assert not Job.objects.filter(kind=ingest.KIND).exists()


@pytest.mark.parametrize(("content", "name"), [(b"", "m.csv"), (b"a,b\n1,2\n", "m.csv"), (b"x", "m.exe")])
def test_a_file_that_cannot_be_read_comes_back_with_words(client, people, project, content, name):
    client.force_login(people.member)
    assert upload(client, content, name).status_code == 422


def test_files_nobody_confirmed_are_forgotten(client, people, project):
    client.force_login(people.member)
    upload(client, MONTHS.encode())
    assert ingest.tidy(timezone.now()) == 0
    assert ingest.tidy(timezone.now() + dt.timedelta(days=2)) == 1


def test_an_incident_is_listed_on_its_page_and_kept_when_refused(client, people, project):
    client.force_login(people.member)
    address = reverse("portfolio:incident", args=["T-1"])
    said = {
        "incident-key": "I-1",
        "incident-began_on": "2026-05-09",
        "incident-severity": "minor",
        "incident-minutes_down": "5",
    }
    wrong = client.post(address, {**said, "incident-minutes_down": "many"})
    assert wrong.status_code == 422
    assert 'value="I-1"' in wrong.content.decode()
    assert client.post(address, said).status_code == 302
    assert "I-1" in client.get(reverse("portfolio:operation", args=["T-1"])).content.decode()


def test_development_stands_beside_operation(client, people, project, other_bureau):
    make_project(other_bureau, code="T-2", name="よその事業")
    month(SYSTEM, project, availability=Decimal("99.5"), incidents=4, minutes_down=77)
    client.force_login(people.member)
    page = client.get(reverse("portfolio:services"), {"year": "2026"}).content.decode()
    assert "99.50%" in page
    assert "77" in page
    assert "よその事業" not in page
    client.force_login(people.executive)
    assert "よその事業" in client.get(reverse("portfolio:services")).content.decode()
    nothing = client.get(reverse("portfolio:services"), {"tier": "focus"}, headers={"accept-language": "en"})
    assert "No project is counted here" in nothing.content.decode()


@pytest.mark.parametrize("asked", ["", "tier=focus", "tier=standard", "org=own"])
def test_the_list_of_services_counts_what_it_lists(people, project, bureau, other_bureau, asked):
    make_project(other_bureau, code="T-2")
    projects.set_tier(SYSTEM, make_project(bureau, code="T-3"), "focus", "議会の関心が高い")
    figures.bring_up_to_date()
    for user in (people.executive, people.member):
        filters = read_filters(QueryDict(asked.replace("own", str(bureau.pk))))
        lines, total, more = service_lines(actor_of(user), filters)
        seen = Project.objects.filter(tier=filters.tier) if filters.tier else Project.objects.all()
        if user == people.member or filters.organisation:
            seen = seen.filter(owner=bureau)
        assert [line.project for line in lines] == list(seen.order_by("code"))
        assert (total, more) == (len(lines), "")


def test_the_list_of_services_asks_as_much_of_many_as_of_few(client, people, project, bureau):
    client.force_login(people.executive)

    def cost():
        figures.bring_up_to_date()
        with CaptureQueriesContext(connection) as asked:
            assert client.get(reverse("portfolio:services")).status_code == 200
        return len(asked)

    cost()
    few = cost()
    for _number in range(5):
        month(SYSTEM, make_project(bureau), incidents=1)
    assert cost() == few


@pytest.mark.parametrize(
    "content",
    [b"project,severity,key,began_on\nx,y,z,w\n", b"project,month,month\nT-1,1,2\n"],
)
def test_rows_that_say_nothing_are_named(content):
    assert read_operation_file(content, "x.csv").problems.found
