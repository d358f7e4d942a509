"""Reports: one description, three renderings; for the person who asked, whatever people wrote."""

import datetime as dt
import html
import io
import re
import zipfile
from decimal import Decimal

import pypdfium2
import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from sekisho.book.models import BudgetYear
from sekisho.book.services import decisions, planning, releases
from sekisho.errors import Invalid, NotFound
from sekisho.jobs.models import Job
from sekisho.people.models import Installation, Organisation
from sekisho.people.permissions import actor_of
from sekisho.people.roles import SYSTEM
from sekisho.portfolio.documents import Table
from sekisho.portfolio.queries.reports import bureau as quarterly
from sekisho.portfolio.queries.reports.kinds import KINDS
from sekisho.portfolio.rendering.pdf import SHIPPED
from sekisho.portfolio.services import figures, operations, reports
from sekisho.tables.table import read_table
from sekisho.typesetting import typeset
from tests.book.factories import advance, days, make_project, pass_gate, plan_gate, submit_gate

pytestmark = pytest.mark.django_db

HARMFUL = ["#pagebreak() $x$ *a* `b` @c <d>", '"); #import "x.typ"', "\\u{202e}逆", "🏯" * 120]


@pytest.fixture(autouse=True)
def _office(people, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    Installation.objects.get_or_create(name="関野市")


def read(content):
    document = pypdfium2.PdfDocument(content)
    try:
        return "".join(page.get_textpage().get_text_bounded() for page in document)
    finally:
        document.close()


def pdf(user, name="annual", about="", query=""):
    return read(reports.write_report(user, name, str(about), query, "pdf"))


@pytest.mark.parametrize("amount", ["42億5,118万円", "123,456,789円", "¥123,456,789", "¥1.25B"])
def test_an_amount_is_never_broken_between_two_lines_of_a_pdf(amount):
    findings = [f"{'予' * before}{amount}です。" for before in range(20, 48)]
    table = {
        "block": "table",
        "title": "",
        "heads": ["年度", *(f"額{n}" for n in range(5))],
        "kinds": ["short", *["yen"] * 5],
        "numeric": [False, *[True] * 5],
        "rows": [["2026", *[amount] * 5]],
        "empty": "",
    }
    words = {
        "title": "題",
        "office": "市",
        "about": [],
        "nothing": "",
        "language": "ja",
        "findings": findings,
    }
    said = read(typeset(SHIPPED, {**words, "sections": [{"title": "お金", "blocks": [table]}]}))
    assert said.replace(" ", "").count(amount) == len(findings) + 5


def xlsx(user, name="annual", about="", query=""):
    """{sheet: its cells as text}."""
    content = reports.write_report(user, name, str(about), query, "xlsx")
    names = read_table(content, "r.xlsx").sheets
    return {
        sheet: [
            *(table := read_table(content, "r.xlsx", sheet=sheet)).preamble,
            *table.headings,
            *(str(cell) for row in table.rows for cell in row.cells),
        ]
        for sheet in names
    }


def full_book(people, bureau, **fields):
    """A book with money, months, a condition, a release and operation."""
    project = make_project(bureau, purpose="待ち時間を短くする", **fields)
    planning.set_budget(SYSTEM, project, 2025, {"approved": 2_000_000, "executed": 1_900_000})
    BudgetYear.objects.filter(project=project).update(requested=-5)  # as an import may have brought it
    month = timezone.localdate().replace(day=1)
    planning.report_status(SYSTEM, project, month=month, schedule=2, cost=4, scope=4, quality=4, words="遅れ")
    planning.set_milestone(SYSTEM, project, name="公開", planned_on=days(30))
    said = {"month": month, "availability": None, "incidents": 3, "requests": 1, "minutes_down": 12}
    operations.report_month(SYSTEM, project, **said)
    return project


def every_report(people, bureau):
    project = full_book(people, bureau, name="住民票の交付")
    gate = plan_gate(project)
    submit_gate(people.member, gate)
    return [("book", project.code), ("gate", gate.pk), ("bureau", bureau.pk), ("annual", "")]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_report_is_a_tagged_pdf_a_workbook_and_a_page(client, people, bureau, language):
    client.force_login(people.executive)
    for name, about in every_report(people, bureau):
        with override(language):
            content = reports.write_report(people.executive, name, str(about), "", "pdf")
            assert b"/StructTreeRoot" in content, name
            assert "住民票の交付" in read(content), name
            assert any(
                "住民票の交付" in cell
                for cells in xlsx(people.executive, name, about).values()
                for cell in cells
            )
        args = [name, about] if about else [name]
        page = client.get(reverse("portfolio:report", args=args), headers={"accept-language": language})
        assert "住民票の交付" in page.content.decode()
        assert "None" not in page.content.decode().split("<main", 1)[1]


def test_every_chart_of_a_report_is_a_picture_and_a_table_to_take_away(client, people, bureau):
    client.force_login(people.executive)
    for name, about in every_report(people, bureau):
        address = reverse("portfolio:report", args=[name, about] if about else [name])
        links = re.findall(r'href="(\?[^"]*chart=[^"]+)"', client.get(address).content.decode())
        assert name not in ("annual", "bureau") or links
        for link in links:
            answer = client.get(address + html.unescape(link))
            start = {"svg": b"<svg", "png": b"\x89PNG", "csv": b"\xef\xbb\xbf"}[link.rpartition(".")[2]]
            assert answer.content.startswith(start), link
        for wrong in ("no.svg", "money.exe", "svg", "../x.png"):
            assert client.get(address, {"chart": wrong}).status_code == 404


def test_every_heading_of_a_report_is_in_the_readers_language(people, bureau):
    with override("ja"):
        for name, about in every_report(people, bureau):
            report = KINDS[name].read(actor_of(people.quality_office), str(about), QueryDict())
            tables = [one for part in report.sections for one in part.blocks if isinstance(one, Table)]
            headings = [str(column.title) for table in tables for column in table.columns]
            assert headings, name
            assert not [one for one in headings if one.isascii() and one != "SHA-256"], name


def test_a_report_on_nothing_says_so(client, people, bureau):
    assert "Nothing is overdue." in pdf(people.executive)
    assert "There is nothing to report here yet." in pdf(people.executive)
    assert "There is nothing to report here yet." in pdf(people.executive, "bureau", bureau.pk)
    assert "There is nothing to report here yet." in str(xlsx(people.executive))
    client.force_login(people.executive)
    for args in (["annual"], ["bureau", bureau.pk]):
        page = client.get(reverse("portfolio:report", args=args), headers={"accept-language": "en"})
        assert "There is nothing to report here yet." in page.content.decode()


def test_an_empty_book_says_what_is_missing(people, bureau):
    said = pdf(people.member, "book", make_project(bureau).code)
    assert "No money is entered yet." in said
    assert "No month is reported yet" in said


def test_the_annual_report_lists_what_one_may_read_in_ones_language(people, bureau, other_bureau):
    full_book(people, bureau, name="住民票の交付")
    make_project(other_bureau, name="よその事業")
    with override("ja"):
        text = pdf(people.member)
    assert "関野市" in text
    assert "住民票の交付" in text
    assert "工程ごとの事業数" in text
    assert "よその事業" not in text
    assert "よその事業" in pdf(people.executive)


@pytest.mark.parametrize("name", HARMFUL)
def test_what_people_write_is_never_read_as_a_template(people, bureau, name):
    project = make_project(bureau, name=name)
    for report, about in (("annual", ""), ("book", project.code), ("gate", plan_gate(project).pk)):
        assert reports.write_report(people.executive, report, str(about), "", "pdf").startswith(b"%PDF")


def test_text_in_a_workbook_is_never_a_formula(people, bureau):
    project = make_project(bureau, name="=HYPERLINK(1)", purpose="+cmd|' /C calc'!A0")
    for report, about in (("annual", ""), ("book", project.code)):
        content = reports.write_report(people.executive, report, about, "", "xlsx")
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            sheets = [archive.read(name) for name in archive.namelist() if "worksheets/sheet" in name]
        assert not any(b"<f>" in sheet for sheet in sheets)
        assert any(
            "=HYPERLINK(1)" in cell
            for cells in xlsx(people.executive, report, about).values()
            for cell in cells
        )


def test_amounts_in_a_workbook_are_numbers(people, bureau):
    project = full_book(people, bureau)
    content = reports.write_report(people.executive, "book", project.code, "", "xlsx")
    with override("en"):
        table = read_table(content, "r.xlsx", sheet="Money")
    cells = [cell for row in table.rows for cell in row.cells]
    assert 2_000_000 in cells
    assert -5 in cells


def test_the_dossier_holds_answers_reviews_and_the_decision(people, bureau):
    project = make_project(bureau)
    gate = plan_gate(project)
    pass_gate(people, gate)
    said = pdf(people.member, "gate", gate.pk)
    for words in ("Criterion plan-1", "確認しました", "満たしています", "Criteria met: 2 of 2"):
        assert words in said
    assert gate.submissions.get().sha256[:20] in said.replace("\n", "").replace("\r", "")


def test_a_quarter_tells_what_happened_between_its_days(people, bureau):
    project = make_project(bureau, name="予約")
    pass_gate(people, plan_gate(project))
    now = quarterly.quarter_of(timezone.localdate())
    asked = f"year={now.year}&quarter={now.number}"
    assert "Decisions: 1." in pdf(people.member, "bureau", bureau.pk, asked)
    assert "Decisions: 0." in pdf(people.member, "bureau", bureau.pk, f"year={now.year - 1}&quarter=1")


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (dt.date(2026, 4, 1), (2026, 1)),
        (dt.date(2026, 12, 31), (2026, 3)),
        (dt.date(2027, 3, 31), (2026, 4)),
    ],
)
def test_quarters_follow_the_fiscal_year(day, expected):
    quarter = quarterly.quarter_of(day)
    assert (quarter.year, quarter.number) == expected
    assert quarter.first <= day <= quarter.last


@pytest.mark.parametrize(
    "query", ["quarter=9", "year=x&quarter=2", "year=99999999999&quarter=1", "quarter=%00"]
)
def test_an_unknown_quarter_is_one_there_is(people, bureau, query):
    quarter = quarterly.asked_quarter(QueryDict(query), dt.date(2026, 11, 29))
    assert 1 <= quarter.number <= 4
    assert pdf(people.executive, "bureau", bureau.pk, query)


def test_a_bureau_closed_in_the_year_says_so(people, bureau, client):
    make_project(bureau)
    Organisation.objects.filter(pk=bureau.pk).update(closed_on=dt.date(2026, 10, 1))
    assert "This organisation was closed on Thu 1 Oct 2026." in pdf(people.executive, "bureau", bureau.pk)
    client.force_login(people.executive)
    page = client.get(reverse("portfolio:page", args=["bureaus"]), headers={"accept-language": "en"})
    assert "(closed on Thu 1 Oct 2026)" in page.content.decode()


def test_a_figure_corrected_for_a_past_year_is_told_with_both_values(people, bureau):
    project = make_project(bureau)
    planning.set_budget(people.member, project, 2024, {"executed": 1_000})
    assert "No figure of a past month or year was corrected." in pdf(people.executive)
    planning.set_budget(people.member, project, 2024, {"executed": 750})
    said = pdf(people.executive)
    assert "¥1,000 → ¥750" in said
    assert "¥1,000 → ¥750" not in pdf(people.executive, query="year=2023")


def test_a_corrected_month_is_told_too(people, bureau):
    project = make_project(bureau)
    month = (timezone.localdate().replace(day=1) - dt.timedelta(days=1)).replace(day=1)
    for share in ("99.9", "98"):
        operations.report_month(people.member, project, month=month, availability=Decimal(share), requests=0)
    assert "99.90% → 98.00%" in pdf(people.executive)


def test_reports_are_for_who_may_see_what_they_are_of(people, bureau, other_bureau, client):
    theirs = make_project(other_bureau)
    for name, about in (("book", theirs.code), ("gate", plan_gate(theirs).pk), ("bureau", other_bureau.pk)):
        for act in (reports.write_report, reports.report_later):
            with pytest.raises(NotFound):
                act(people.member, name, str(about), "", "pdf")
        client.force_login(people.member)
        assert client.get(reverse("portfolio:report", args=[name, about])).status_code == 404
        client.force_login(people.executive)
        assert client.get(reverse("portfolio:report", args=[name, about])).status_code == 200


def test_a_section_is_not_the_whole_bureau(section, bureau):
    from tests.factories import UserFactory

    member = UserFactory(member=True, organisation=section)
    with pytest.raises(NotFound):
        reports.write_report(member, "bureau", str(bureau.pk), "", "pdf")
    assert reports.write_report(member, "bureau", str(section.pk), "", "xlsx")


def test_what_is_no_report_is_not_found(client, people, bureau):
    client.force_login(people.executive)
    for args in (["nothing"], ["annual", "x"], ["book"], ["gate", "x"], ["gate", "9" * 40], ["bureau", "-1"]):
        assert client.get(reverse("portfolio:report", args=args)).status_code == 404
    address = reverse("portfolio:report_make", args=["annual"])
    assert client.post(address, {"format": "docx"}).status_code == 404


def test_who_may_not_read_the_ledger_sees_no_hash(people, bureau):
    project = make_project(bureau)
    last = project.ledger.order_by("-seq").first().hash
    assert last[:20] in pdf(people.auditor, "book", project.code).replace("\r\n", "")


def test_an_office_adapts_the_template(people, settings):
    own = settings.MEDIA_ROOT.parent / "reports" / "annual.typ"
    own.parent.mkdir()
    words = '#let data = json(bytes(sys.inputs.data))\n#set document(title: "x")\nOurs: #data.title'
    own.write_text(words)
    assert "Ours: Annual report" in pdf(people.executive)
    (own.parent / "report.typ").write_text(words.replace("Ours", "For all"))
    assert "Ours: Annual report" in pdf(people.executive)
    own.write_text(f"{words}\n#nonsense(")
    with pytest.raises(Invalid) as refusal:
        pdf(people.executive)
    assert "annual.typ, line 4: unclosed delimiter" in str(refusal.value)


def test_a_report_is_made_in_the_background_and_given_to_its_owner(client, people, bureau):
    client.force_login(people.executive)
    address = reverse("portfolio:report_make", args=["annual"])
    answer = client.post(address, {"tier": "focus", "nonsense": "x", "format": "xlsx"})
    job = Job.objects.get(kind=reports.KIND)
    assert job.params["query"] == "tier=focus"
    assert answer.url == reverse("jobs:job", args=[job.pk])
    assert client.post(address, {"tier": "focus", "format": "xlsx"}).url == answer.url
    seen = []
    reports.run_report(
        people.executive, progress=lambda done, total: seen.append((done, total)), **job.params
    )
    assert seen == [(1, 3), (2, 3), (3, 3)]
    Job.objects.filter(pk=job.pk).update(state="done", finished_at=timezone.now())
    address = reverse("portfolio:report_file", args=[job.pk])
    answer = client.get(address)
    assert answer["Content-Disposition"] == 'attachment; filename="sekisho-annual.xlsx"'
    assert b"".join(answer.streaming_content).startswith(b"PK")
    client.force_login(people.member)
    assert client.get(address).status_code == 404
    with pytest.raises(NotFound):
        reports.finished_report(people.member, job.pk)


def test_book_and_gate_lead_to_their_reports(client, people, bureau):
    project = make_project(bureau)
    gate = plan_gate(project)
    client.force_login(people.member)
    book = client.get(reverse("book:book", args=[project.code])).content.decode()
    assert reverse("portfolio:report", args=["book", project.code]) in book
    page = client.get(reverse("book:gate", args=[gate.pk])).content.decode()
    assert reverse("portfolio:report", args=["gate", gate.pk]) in page


def test_reports_ask_as_much_of_many_books_as_of_few(people, bureau):
    def cost(name, about):
        figures.bring_up_to_date()
        with CaptureQueriesContext(connection) as asked:
            reports.KINDS[name].read(actor_of(people.executive), str(about), QueryDict())
        return len(asked)

    full_book(people, bureau)
    cost("annual", "")
    few = [cost("annual", ""), cost("bureau", bureau.pk)]
    for _number in range(5):
        full_book(people, bureau)
    cost("annual", "")  # what past years tell is read once more after it changed
    assert [cost("annual", ""), cost("bureau", bureau.pk)] == few


def test_a_long_table_is_cut_on_the_page_and_whole_in_the_file(people, bureau, monkeypatch, client):
    from sekisho.portfolio.views import reports as views

    monkeypatch.setattr(views, "SHOWN", 2)
    for number in range(4):
        make_project(bureau, name=f"長{number}")
    client.force_login(people.executive)
    page = client.get(
        reverse("portfolio:report", args=["annual"]), headers={"accept-language": "en"}
    ).content.decode()
    assert "Rows not shown here: 2 of 4" in page
    assert "長3" not in page
    assert "長3" in pdf(people.executive).replace(" ", "")  # Typst sets a thin space between the two


def test_releases_and_conditions_of_a_book_are_told(people, bureau):
    project = advance(people, make_project(bureau), "build")
    releases.plan_release(people.member, project, version="1.0", kind="new", planned_on=days(9))
    gate = project.gates.get(release__version="1.0")
    submit_gate(people.member, gate)
    asked = [decisions.NewCondition("予備の手順を書く", people.member, days(30))]
    decisions.decide(people.quality_office, gate, result="conditional", reason="条件つき", conditions=asked)
    said = pdf(people.member, "book", project.code)
    assert "予備の手順を書く" in said
    assert "1.0" in said
