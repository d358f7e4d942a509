"""Figures kept with the writes, proved by a recount; months in use."""

import datetime as dt
from decimal import Decimal

import pytest
from click.testing import CliRunner
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sekisho.book.models import LedgerEntry
from sekisho.book.services import planning, projects
from sekisho.errors import Invalid, NotPermitted, StaleWrite
from sekisho.people.permissions import actor_of
from sekisho.people.roles import SYSTEM
from sekisho.portfolio.commands import portfolio
from sekisho.portfolio.models import Entry, OperationMonth, Rollup, Touched
from sekisho.portfolio.queries.figures import Sums, read_filters
from sekisho.portfolio.services import figures, operations
from tests.book.factories import advance, make_project

pytestmark = pytest.mark.django_db


def sums(user, **query):
    from django.http import QueryDict

    figures.bring_up_to_date()
    asked = QueryDict(mutable=True)
    asked.update({name: str(value) for name, value in query.items()})
    return Sums(actor_of(user), read_filters(asked), ("phase", "money_approved", "reported"))


def report(user, project, month, rating=4):
    planning.report_status(
        user, project, month=month, schedule=rating, cost=rating, scope=rating, quality=rating, words="順調"
    )


def test_a_write_marks_the_book_and_the_figures_follow(people, bureau):
    project = make_project(bureau)
    assert Touched.objects.filter(project=project).exists()
    assert sums(people.quality_office).n("phase", "plan") == 1
    assert not Touched.objects.exists()
    planning.set_budget(SYSTEM, project, 2026, {"approved": 1_000})
    assert sums(people.quality_office).amount("money_approved", year=2026) == 1_000
    planning.set_budget(SYSTEM, project, 2026, {"approved": 700})
    assert sums(people.quality_office).amount("money_approved", year=2026) == 700
    advance(people, project, "requirements")
    after = sums(people.quality_office)
    assert (after.n("phase", "plan"), after.n("phase", "requirements")) == (0, 1)


def test_a_refused_act_marks_nothing(people, bureau):
    project = make_project(bureau)
    figures.bring_up_to_date()
    with pytest.raises(NotPermitted):
        planning.set_budget(people.auditor, project, 2026, {"approved": 1})
    assert not Touched.objects.exists()


def test_a_book_that_changes_hands_moves_its_figures(people, bureau, other_bureau):
    project = make_project(bureau)
    assert sums(people.quality_office, org=bureau.pk).n("phase", "plan") == 1
    projects.update_project(SYSTEM, project, {"owner": other_bureau})
    assert sums(people.quality_office, org=bureau.pk).n("phase", "plan") == 0
    assert sums(people.quality_office, org=other_bureau.pk).n("phase", "plan") == 1
    assert list(figures.recount()) == []


def test_people_see_figures_of_what_they_read(people, bureau, other_bureau):
    make_project(bureau)
    make_project(other_bureau)
    assert sums(people.executive).n("phase", "plan") == 2
    assert sums(people.member).n("phase", "plan") == 1
    assert sums(people.member, org=other_bureau.pk).n("phase", "plan") == 0


def test_filters_narrow_by_tier(people, bureau):
    project = make_project(bureau)
    projects.set_tier(SYSTEM, project, "focus", "議会の関心が高い")
    assert sums(people.executive, tier="focus").n("phase", "plan") == 1
    assert sums(people.executive, tier="light").n("phase", "plan") == 0
    assert sums(people.executive, tier="nonsense", org="x" * 40, year="٣").n("phase", "plan") == 1


def test_recount_finds_and_mends_what_was_altered(people, bureau):
    for _number in range(3):
        make_project(bureau)
    assert list(figures.recount()) == []
    Rollup.objects.filter(figure="phase").update(n=99)
    Entry.objects.filter(figure="reported").delete()
    found = list(figures.recount())
    assert {difference.place[2].figure for difference in found} == {"phase", "reported"}
    assert figures.rebuild() == 3
    assert list(figures.recount()) == []


def test_taking_the_figures_anew_writes_the_rollups_once_for_all_batches(bureau, other_bureau, monkeypatch):
    for owner in (bureau, bureau, other_bureau):
        make_project(owner)
    figures.bring_up_to_date()
    columns = ("organisation_id", "tier", "figure", "year", "key", "n", "amount")
    kept = set(Rollup.objects.values_list(*columns))
    monkeypatch.setattr(figures, "BATCH", 1)
    with CaptureQueriesContext(connection) as asked:
        assert figures.rebuild() == 3
    written = [q for q in asked.captured_queries if f'INSERT INTO "{Rollup._meta.db_table}"' in q["sql"]]
    assert len(written) == 1
    assert set(Rollup.objects.values_list(*columns)) == kept
    assert list(figures.recount()) == []


def test_the_command_says_what_differs_and_repairs(bureau):
    make_project(bureau)
    assert CliRunner().invoke(portfolio, ["verify"]).exit_code == 0
    Rollup.objects.filter(figure="phase").update(n=5)
    wrong = CliRunner().invoke(portfolio, ["verify"])
    assert wrong.exit_code == 1
    assert "DIFFERS phase" in wrong.output
    assert "kept 5" in wrong.output
    assert CliRunner().invoke(portfolio, ["verify", "--repair"]).exit_code == 0
    assert "0 figures differ" in CliRunner().invoke(portfolio, ["verify"]).output


def test_many_marks_are_worked_off_in_a_fixed_number_of_queries(bureau):
    def cost(count):
        figures.touch([make_project(bureau).pk for _number in range(count)])
        with CaptureQueriesContext(
            connection,
        ) as asked:
            figures.bring_up_to_date()
        return len(asked)

    cost(1)
    assert cost(12) <= cost(2) + 2


def test_a_limit_leaves_the_rest_for_later(bureau):
    for _number in range(4):
        make_project(bureau)
    assert figures.bring_up_to_date(2) == 2
    assert figures.bring_up_to_date() == 0


def test_a_month_in_use_is_kept_told_and_counted(people, bureau):
    project = make_project(bureau)
    month = timezone.localdate().replace(day=15)
    said = {"month": month, "availability": Decimal("99.95"), "incidents": 1, "requests": 3}
    row = operations.report_month(people.member, project, **said)
    assert (row.month.day, row.availability, row.percent) == (1, 9_995, "99.95%")
    entry = LedgerEntry.objects.filter(project=project, act="operation.reported").get()
    assert entry.after == {"availability": "99.95%", "incidents": 1, "minutes_down": 0, "requests": 3}
    operations.report_month(people.member, project, **said)
    assert LedgerEntry.objects.filter(project=project, act="operation.reported").count() == 1
    operations.report_month(people.member, project, **{**said, "incidents": 2})
    assert OperationMonth.objects.get().incidents == 2
    figures.bring_up_to_date()
    assert Rollup.objects.get(figure="incidents").amount == 2


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"availability": Decimal("100.01")}, "availability"),
        ({"availability": Decimal("NaN")}, "availability"),
        ({"incidents": -1}, "incidents"),
        ({"requests": 10**12}, "requests"),
        ({"month": dt.date(2999, 1, 1)}, "month"),
    ],
)
def test_a_month_that_cannot_be_is_refused_at_its_place(people, bureau, changes, field):
    said = {"month": timezone.localdate(), "availability": None, "incidents": 0, "requests": 0, **changes}
    with pytest.raises(Invalid) as refusal:
        operations.report_month(people.member, make_project(bureau), **said)
    assert field in refusal.value.fields


def test_a_stale_month_is_not_overwritten(people, bureau):
    project = make_project(bureau)
    said = {"month": timezone.localdate(), "availability": None, "requests": 0}
    operations.report_month(people.member, project, incidents=1, **said)
    with pytest.raises(StaleWrite):
        operations.report_month(people.member, project, incidents=2, version=7, **said)


def test_only_who_edits_the_book_reports(people, bureau):
    said = {"month": timezone.localdate(), "availability": None, "incidents": 0, "requests": 0}
    with pytest.raises(NotPermitted):
        operations.report_month(people.auditor, make_project(bureau), **said)


def test_a_page_does_not_wait_for_who_writes_long(monkeypatch, bureau):
    make_project(bureau)

    def locked(_limit):
        raise OperationalError("database is locked")

    monkeypatch.setattr(figures, "_fold_some", locked)
    assert figures.before_reading() == 1
    monkeypatch.undo()
    assert figures.before_reading() == 0
    with CaptureQueriesContext(connection) as asked:
        figures.before_reading()
    assert len(asked) == 1
