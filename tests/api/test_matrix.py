"""Every operation, as anonymous and as each role, against one written table; and that the table is complete.

``2`` the act is done, ``3`` 403 may not, ``4`` 404 may not even see, ``1`` 401 nobody. The columns are the roles held
on the bureau of the book, in the order of ``ROLES``; nobody is always ``1``. Experts and contractors are not named on
this book, so they see nothing of it.
"""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from sekisho.book.models import Condition, Finding, Gate
from sekisho.book.services import decisions, gates, planning, releases, retirement, reviews
from sekisho.config.api import openapi_document
from sekisho.people.roles import MEMBER, ROLES, SYSTEM
from tests.api.callers import Caller, problem
from tests.book.factories import advance, answer_all, days, make_project, pass_gate, plan_gate, review_gate
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

SOON = days(30).isoformat()
STATUS = {"month": days(-40).isoformat(), "schedule": 3, "cost": 3, "scope": 3, "quality": 3, "words": "順調"}

Prepare = Callable[[SimpleNamespace], str]


# How the world is made ready for each act; each returns the path to call. ``w`` has project, gate and helpers.


def here(path: str) -> Prepare:
    return lambda w: path.replace("{gate_id}", str(w.gate.pk))


def answered(path: str) -> Prepare:
    def prepare(w: SimpleNamespace) -> str:
        answer_all(w.helpers.member, w.gate)
        return here(path)(w)

    return prepare


def submitted(path: str, value: str = "met") -> Prepare:
    def prepare(w: SimpleNamespace) -> str:
        answer_all(w.helpers.member, w.gate, value)
        gates.submit(w.helpers.member, w.gate)
        review_gate(w.helpers, w.gate)
        return here(path)(w)

    return prepare


def found(path: str) -> Prepare:
    def prepare(w: SimpleNamespace) -> str:
        submitted(path)(w)
        new = reviews.NewFinding("should", "指摘")
        reviews.give_review(w.helpers.cio_aide, w.gate, recommendation="go", findings=[new])
        return path.replace("{finding_id}", str(Finding.objects.get().pk))

    return prepare


def conditional(path: str) -> Prepare:
    def prepare(w: SimpleNamespace) -> str:
        submitted(path)(w)
        new = decisions.NewCondition("条件", w.helpers.member, days(9))
        decisions.decide(w.helpers.cio_aide, w.gate, result="conditional", reason="x", conditions=[new])
        return path.replace("{condition_id}", str(Condition.objects.get().pk))

    return prepare


def passed(path: str) -> Prepare:
    def prepare(w: SimpleNamespace) -> str:
        pass_gate(w.helpers, w.gate)
        return path

    return prepare


def standing_in(phase: str, path: str) -> Prepare:
    def prepare(w: SimpleNamespace) -> str:
        advance(w.helpers, w.project, phase)
        return path

    return prepare


def releasable(path: str) -> Prepare:
    def prepare(w: SimpleNamespace) -> str:
        advance(w.helpers, w.project, "build")
        release = releases.plan_release(SYSTEM, w.project, version="1", kind="new", planned_on=days(9))
        gate = Gate.objects.select_related("project__owner", "standard", "release").get(release=release)
        pass_gate(w.helpers, gate)
        return path.replace("{release_id}", str(release.pk))

    return prepare


def retirable(path: str) -> Prepare:
    def prepare(w: SimpleNamespace) -> str:
        advance(w.helpers, w.project, "retire")
        proof = {"method": "clear", "done_on": days(0), "done_by": "甲", "witness": "乙", "certificate": "1"}
        retirement.set_retirement_item(
            SYSTEM, w.project, {"kind": "cloud", "name": "保管庫", "classification": 3, **proof}
        )
        pass_gate(w.helpers, plan_gate(w.project))
        return path

    return prepare


def with_part(path: str) -> Prepare:
    def prepare(w: SimpleNamespace) -> str:
        made = {
            "milestone_id": lambda: planning.set_milestone(
                SYSTEM, w.project, name="公告", planned_on=days(9)
            ),
            "risk_id": lambda: planning.note_risk(SYSTEM, w.project, kind="risk", title="要員"),
            "item_id": lambda: retirement.set_retirement_item(
                SYSTEM, w.project, {"kind": "cloud", "name": "保管庫", "classification": 3}
            ),
            "year": lambda: planning.set_budget(SYSTEM, w.project, 2026, {"approved": 1}),
        }
        name = path.split("{")[1].split("}", maxsplit=1)[0]
        row = made[name]()
        return path.replace(f"{{{name}}}", str(2026 if name == "year" else row.pk))

    return prepare


BOOK = "/projects/T-1"
GATE = "/gates/{gate_id}"
SKIP = {"reason": "既製品"}
REVIEW, DECIDE = {"recommendation": "go"}, {"result": "return", "reason": "x"}
RISK = {"kind": "risk", "title": "要員"}
ITEM = {"kind": "cloud", "name": "保管庫", "classification": 3}
NEW = {"code": "N-1", "name": "新規", "organisation": "bureau"}
RELEASE = {"version": "1", "kind": "new", "planned_on": SOON}
WAIVE = {"criterion": "plan-1", "reason": "x", "expires": SOON}

#                                       member aide expert quality executive auditor contractor admin
ALL, SEES, EDITS = "22222222", "22422242", "22423343"
ANSWERS, REVIEWS, OFFICE = "23433343", "32423343", "33423343"
RELEASES = "23423343"

MATRIX: dict[str, tuple[str, Prepare, Any, str]] = {
    "read_me": ("get", here("/me"), None, ALL),
    "list_organisations": ("get", here("/organisations"), None, ALL),
    "list_people": ("get", here("/people"), None, "22323332"),
    "list_standards": ("get", here("/standards"), None, ALL),
    "read_standard": ("get", here("/standards/test-pack/1.0"), None, ALL),
    "list_projects": ("get", here("/projects"), None, ALL),
    "create_project": ("post", here("/projects"), NEW, "22323332"),
    "read_project": ("get", here(BOOK), None, SEES),
    "update_project": ("patch", here(BOOK), {"summary": "x"}, EDITS),
    "enter_phase": ("post", passed(f"{BOOK}/phases/requirements/enter"), None, EDITS),
    "skip_phase": ("post", here(f"{BOOK}/phases/build/skip"), SKIP, REVIEWS),
    "retire_project": ("post", retirable(f"{BOOK}/retire"), None, RELEASES),
    "read_budget": ("get", with_part(f"{BOOK}/budget/{{year}}"), None, SEES),
    "set_budget": ("put", here(f"{BOOK}/budget/2026"), {"approved": 1}, EDITS),
    "add_milestone": ("post", here(f"{BOOK}/milestones"), {"name": "公告", "planned_on": SOON}, EDITS),
    "update_milestone": ("patch", with_part(f"{BOOK}/milestones/{{milestone_id}}"), {"name": "入札"}, EDITS),
    "report_status": ("post", here(f"{BOOK}/status"), STATUS, EDITS),
    "add_risk": ("post", here(f"{BOOK}/risks"), RISK, EDITS),
    "update_risk": ("patch", with_part(f"{BOOK}/risks/{{risk_id}}"), {"weight": 3}, EDITS),
    "add_retirement_item": ("post", here(f"{BOOK}/retirement-items"), ITEM, RELEASES),
    "update_retirement_item": (
        "patch",
        with_part(f"{BOOK}/retirement-items/{{item_id}}"),
        {"name": "x"},
        RELEASES,
    ),
    "list_gates": ("get", here(f"{BOOK}/gates"), None, SEES),
    "read_gate_in_full": ("get", here(GATE), None, SEES),
    "read_answer": ("get", here(f"{GATE}/answers/plan-1"), None, SEES),
    "save_answer": ("put", here(f"{GATE}/answers/plan-1"), {"value": "met"}, ANSWERS),
    "add_evidence_file": ("file", here(f"{GATE}/answers/plan-1/files"), None, EDITS),
    "submit_gate": ("post", answered(f"{GATE}/submit"), None, ANSWERS),
    "withdraw_gate": ("post", submitted(f"{GATE}/withdraw"), None, ANSWERS),
    "give_review": ("post", submitted(f"{GATE}/reviews"), REVIEW, REVIEWS),
    "reply_to_finding": ("post", found("/findings/{finding_id}/reply"), {"text": "直した"}, ANSWERS),
    "resolve_finding": ("post", found("/findings/{finding_id}/resolve"), None, REVIEWS),
    "decide_gate": ("post", submitted(f"{GATE}/decision"), DECIDE, REVIEWS),
    "grant_waiver": ("post", here(f"{GATE}/waivers"), WAIVE, OFFICE),
    "resolve_condition": (
        "post",
        conditional("/conditions/{condition_id}/resolve"),
        {"text": "済み"},
        ANSWERS,
    ),
    "list_releases": ("get", here(f"{BOOK}/releases"), None, SEES),
    "plan_release": ("post", standing_in("build", f"{BOOK}/releases"), RELEASE, RELEASES),
    "release_in_emergency": (
        "post",
        standing_in("build", f"{BOOK}/releases/emergency"),
        {"version": "1", "reason": "脆弱性"},
        RELEASES,
    ),
    "publish_release": ("post", releasable("/releases/{release_id}/publish"), None, RELEASES),
    "read_ledger": ("get", here(f"{BOOK}/ledger"), None, SEES),
}


@pytest.fixture
def world(bureau, settings, tmp_path) -> SimpleNamespace:
    """A book before its plan gate, and helpers in every role who made it ready (never those who then call)."""
    settings.MEDIA_ROOT = tmp_path
    project = make_project(bureau, code="T-1")
    helpers = SimpleNamespace(
        **{role: UserFactory(username=f"helper-{role}", organisation=bureau, role=role) for role in ROLES}
    )
    return SimpleNamespace(project=project, gate=plan_gate(project), helpers=helpers)


def call(caller: Caller, method: str, path: str, body: Any) -> Any:
    if method == "file":
        from django.core.files.uploadedfile import SimpleUploadedFile

        return caller.upload(path, file=SimpleUploadedFile("a.txt", b"x"))
    return caller.send(method, path, body)


def test_the_table_names_every_operation():
    document = openapi_document()
    operations = [op["operationId"] for item in document["paths"].values() for op in item.values()]
    assert sorted(operations) == sorted(MATRIX)
    assert len(set(operations)) == len(operations)


@pytest.mark.parametrize("operation", MATRIX)
def test_nobody_may_do_anything(world, operation):
    method, prepare, body, _row = MATRIX[operation]
    problem(call(Caller(None), method, here(prepare(world))(world), body), 401, "unauthenticated")


@pytest.mark.parametrize("operation", MATRIX)
def test_each_role_may_do_what_the_table_says(world, bureau, operation):
    from django.db import transaction

    method, prepare, body, row = MATRIX[operation]
    path = prepare(world)
    seen = ""
    for role in ROLES:
        caller = Caller(UserFactory(username=role, organisation=bureau, role=role))
        with transaction.atomic():
            answer = call(caller, method, path, body)
            seen += {2: "2", 403: "3", 404: "4"}.get(
                2 if answer.status_code < 300 else answer.status_code,
                f"[{answer.status_code} {answer.content[:200]}]",
            )
            transaction.set_rollback(True)
    assert seen == row


@pytest.mark.parametrize("operation", [name for name, entry in MATRIX.items() if entry[0] != "get"])
def test_a_read_token_writes_nowhere(world, bureau, operation):
    method, prepare, body, _row = MATRIX[operation]
    caller = Caller(UserFactory(username="reader", organisation=bureau, role=MEMBER), scope="read")
    problem(call(caller, method, prepare(world), body), 403, "scope_read_only")
