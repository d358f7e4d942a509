"""The sample municipality, built once: everything a newcomer should meet is there, and its record holds."""

import datetime as dt

import pytest
from django.utils import timezone

from sekisho.book.models import (
    Condition,
    Decision,
    Finding,
    Gate,
    LedgerEntry,
    PhaseEntry,
    Project,
    Release,
    StatusReport,
    Waiver,
)
from sekisho.book.queries.gates import read_gate
from sekisho.book.queries.search import matching
from sekisho.book.services.ledger import verify_all
from sekisho.people.models import Installation, Organisation, RoleAssignment, User
from sekisho.people.roles import ROLES
from sekisho.portfolio.public.models import PublicationDecision, PublicEntry, PublicFile
from sekisho.sample.build import build_sample
from sekisho.standards.models import StandardInForce


@pytest.mark.django_db
def test_the_sample_shows_what_a_newcomer_should_meet(subtests):
    """Built once, because it takes half a minute; each check is reported by its own name."""
    said = []
    assert build_sample(progress=said.append) == Project.objects.count()
    assert len(said) > 3
    for name, check in CHECKS.items():
        with subtests.test(name):
            check()


def today():
    return timezone.localdate()


def check_there_are_eight_bureaus_twelve_people_and_about_sixty_projects():
    city = Organisation.objects.get(parent=None)
    assert city.children.count() == 8
    assert User.objects.count() == 12
    assert 55 <= Project.objects.count() <= 65
    assert Installation.objects.get().is_sample


def check_every_role_is_played_and_nobody_has_a_password():
    assert set(RoleAssignment.objects.in_force(today()).values_list("role", flat=True)) == set(ROLES)
    assert not any(person.has_usable_password() for person in User.objects.all())


def check_every_phase_tier_and_gate_state_is_there():
    assert set(Project.objects.values_list("phase", flat=True)) == {
        "plan",
        "requirements",
        "build",
        "operate",
        "retire",
    }
    assert set(Project.objects.values_list("tier", flat=True)) == {"focus", "standard", "light"}
    assert set(Gate.objects.values_list("state", flat=True)) == {
        "open",
        "submitted",
        "passed",
        "used",
        "stopped",
    }
    assert set(Decision.objects.values_list("result", flat=True)) == {"go", "conditional", "return", "stop"}
    assert set(Finding.objects.values_list("state", flat=True)) == {"open", "answered", "resolved"}


def check_the_turns_of_a_projects_life_are_there():
    assert Gate.objects.filter(lapsed_at__isnull=False, state="open").exists()
    assert Gate.objects.filter(state="open", answers=None).exists()
    assert Waiver.objects.filter(expires_on__gt=today(), revoked_at=None).exists()
    assert PhaseEntry.objects.filter(not_needed=True).exists()
    assert Project.objects.filter(retired_at__isnull=False).count() == 3
    assert Project.objects.filter(stopped_at__isnull=False).count() == 2
    waiting = Project.objects.filter(phase="retire", retired_at=None)
    assert any(item.missing for project in waiting for item in project.retirement_items.all())


def check_conditions_are_open_overdue_and_met():
    conditions = Condition.objects.all()
    assert conditions.filter(resolved_at=None, due_on__lt=today()).exists()
    assert conditions.filter(resolved_at=None, due_on__gte=today()).exists()
    assert conditions.filter(resolved_at__isnull=False).exists()


def check_releases_are_released_pending_and_hurried():
    states = set(Release.objects.values_list("state", flat=True))
    assert {"planned", "released"} <= states
    hurried = Release.objects.filter(emergency=True)
    assert hurried.filter(gate__state="open", gate__due_on__gte=today()).exists()
    assert hurried.filter(gate__state="used").exists()


def check_the_history_spans_two_years_and_ends_before_now():
    first, last = LedgerEntry.objects.order_by("at").first(), LedgerEntry.objects.order_by("at").last()
    assert last.at - first.at > dt.timedelta(days=700)
    assert last.at <= timezone.now()
    months = StatusReport.objects.values_list("month", flat=True).distinct().order_by()
    assert len(set(months)) >= 24
    assert all(project.budget_years.count() >= 3 for project in Project.objects.all())


def check_every_chain_of_the_ledger_holds():
    assert [found for _chain, found in verify_all() if found] == []


def check_time_never_runs_backwards_in_a_book():
    for project in Project.objects.all():
        moments = list(project.ledger.order_by("seq").values_list("at", flat=True))
        assert moments == sorted(moments)


def check_decisions_waiting_to_be_used_still_stand():
    for gate in Gate.objects.filter(state="passed").select_related("project__owner", "standard", "release"):
        assert not read_gate(gate).is_lapsed, gate


def check_the_registry_finds_them():
    assert matching(Project.objects.all(), "住民").exists()


def check_the_citys_standard_is_in_force_for_one_bureau():
    chosen = set(StandardInForce.objects.values_list("standard__pack", "organisation__code"))
    assert {("sekisho-reference", "sekino"), ("sekino-standard", "children")} <= chosen


def check_citizens_see_services_and_one_decision_still_waits():
    public = PublicEntry.objects.filter(shown=True)
    assert public.count() >= 5
    assert all({"summary", "money", "quality"} <= set(entry.document) for entry in public)
    assert [one.field for one in PublicationDecision.objects.filter(applied_at=None)] == ["operation"]
    assert PublicFile.objects.filter(name="catalog.ttl").exists()


CHECKS = {name: check for name, check in list(globals().items()) if name.startswith("check_")}
