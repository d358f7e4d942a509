"""The snapshot follows books and decisions, says nothing else, and can be proved."""

import pytest
from click.testing import CliRunner
from django.core.cache import caches

from sekisho.book.services import planning, projects
from sekisho.people.models import Organisation
from sekisho.people.roles import SYSTEM
from sekisho.portfolio.public.commands import public
from sekisho.portfolio.public.models import Edition, PublicEntry, PublicEvent, PublicFile
from sekisho.portfolio.public.services import deciding, snapshot
from tests.book.factories import make_project
from tests.portfolio.public.conftest import let_time_pass

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("city")]


def entry(project):
    return PublicEntry.objects.get(project=project)


def test_a_change_of_a_public_book_is_followed(people, bureau, publish):
    project = make_project(bureau, summary="前")
    publish(project, fields=["summary", "money"])
    number = Edition.objects.get().number
    planning.set_budget(SYSTEM, project, 2026, {"approved": 1_000, "requested": 9_999})
    projects.update_project(SYSTEM, project, {"summary": "後"})
    assert snapshot.bring_up_to_date() == 1
    assert entry(project).document["summary"] == "後"
    assert entry(project).document["money"] == [{"fiscal_year": 2026, "budget_yen": 1_000, "spent_yen": None}]
    assert Edition.objects.get().number > number
    assert PublicEvent.objects.first().fields == ["money", "summary"]


def test_an_act_that_changes_nothing_public_is_no_new_edition(bureau, publish):
    project = make_project(bureau)
    publish(project, fields=["summary"])
    number = Edition.objects.get().number
    planning.set_budget(SYSTEM, project, 2026, {"requested": 9_999})
    assert snapshot.bring_up_to_date() == 0
    assert Edition.objects.get().number == number


def test_a_book_that_is_not_public_leaves_no_trace(bureau, publish):
    publish(make_project(bureau))
    hidden = make_project(bureau)
    planning.set_budget(SYSTEM, hidden, 2026, {"approved": 1})
    snapshot.bring_up_to_date()
    assert not PublicEntry.objects.filter(project=hidden).exists()


def test_a_withdrawn_service_keeps_nothing_but_its_code(people, bureau, publish):
    project = make_project(bureau, name="消えるサービス", summary="消える概要")
    publish(project)
    deciding.decide_service(people.quality_office, project, shown=False)
    let_time_pass()
    kept = entry(project)
    assert (kept.shown, kept.document, kept.name, kept.sha256) == (False, {}, "", "")
    assert [event.kind for event in PublicEvent.objects.all()] == ["withdrawn"]
    assert not any("消える" in bytes(file.body).decode() for file in PublicFile.objects.all())


def test_a_file_whose_field_is_hidden_is_no_longer_handed_out(people, bureau, publish):
    publish(make_project(bureau), fields=["money", "phase"])
    assert PublicFile.objects.filter(name="money.csv").exists()
    deciding.decide_fields(people.quality_office, ["phase"])
    let_time_pass()
    assert not PublicFile.objects.filter(name="money.csv").exists()
    assert b"data/money" not in bytes(PublicFile.objects.get(name="catalog.ttl").body)


def test_a_file_that_says_the_same_keeps_its_date(bureau, publish):
    publish(make_project(bureau))
    before = PublicFile.objects.get(name="services.json").changed_at
    Edition.objects.update(files_due=True)
    snapshot.bring_up_to_date()
    assert PublicFile.objects.get(name="services.json").changed_at == before


def test_a_renamed_section_is_seen_after_the_night(bureau, publish):
    project = make_project(bureau)
    publish(project, fields=["owner"])
    Organisation.objects.filter(pk=bureau.pk).update(name="新しい局")
    assert snapshot.bring_up_to_date() == 0
    assert snapshot.rebuild() == 1
    assert entry(project).document["owner"]["ja"] == "新しい局"


def test_verify_finds_what_somebody_changed_in_the_snapshot(bureau, publish):
    project = make_project(bureau, summary="本物")
    publish(project)
    assert list(snapshot.verify()) == []
    PublicEntry.objects.update(document={**entry(project).document, "summary": "偽物"})
    (wrong,) = snapshot.verify()
    assert (wrong.code, wrong.fields) == (project.code, ["summary"])


def test_verify_finds_an_entry_that_is_missing(bureau, publish):
    project = make_project(bureau)
    publish(project)
    PublicEntry.objects.all().delete()
    assert [wrong.code for wrong in snapshot.verify()] == [project.code]


def test_the_command_builds_proves_and_writes_files(bureau, publish, tmp_path):
    publish(make_project(bureau))
    run = CliRunner().invoke
    assert run(public, ["verify"]).exit_code == 0
    PublicEntry.objects.update(document={"id": "x", "name": {"ja": "偽", "en": ""}})
    assert run(public, ["verify"]).exit_code == 1
    assert "1 say something else" in run(public, ["build"]).output.replace("1 services are public, ", "")
    assert run(public, ["verify"]).exit_code == 0
    assert run(public, ["files", str(tmp_path / "out")]).exit_code == 0
    assert (tmp_path / "out" / "catalog.ttl").read_text().startswith("@prefix")


def test_nothing_due_asks_little_and_writes_nothing(bureau, publish, django_assert_num_queries):
    publish(make_project(bureau))
    caches["public"].clear()
    with django_assert_num_queries(3):
        assert snapshot.bring_up_to_date() == 0


def test_a_batch_of_books_is_read_in_a_fixed_number_of_queries(bureau, publish):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from sekisho.portfolio.public.facts import facts_of

    books = [make_project(bureau).pk for _n in range(6)]
    with CaptureQueriesContext(connection) as one:
        facts_of(books[:1])
    with CaptureQueriesContext(connection) as many:
        assert len(facts_of(books)) == 6
    assert len(many) == len(one) <= 9
