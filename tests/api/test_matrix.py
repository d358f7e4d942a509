"""Every operation, as anonymous and as each role, against one written table; and that the table is complete.

``2`` the act is done, ``3`` 403 may not, ``4`` 404 may not even see, ``1`` 401 nobody. The columns are the roles held
on the bureau of the book, in the order of ``ROLES``; nobody is always ``1``. Experts and contractors are not named on
this book, so they see nothing of it.
"""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from sekisho.book.models import Condition, Finding, Gate
from sekisho.book.services import (
    cleaning,
    decisions,
    gates,
    planning,
    projects,
    releases,
    retirement,
    reviews,
)
from sekisho.book.services.acting import acting_on
from sekisho.book.services.files import store_attachment
from sekisho.config.api import openapi_document
from sekisho.gateway.models import Alert, System
from sekisho.gateway.services import holds, policies
from sekisho.gateway.services import planning as planning_of_network
from sekisho.gateway.services.sending import Announced, Receiver, begin
from sekisho.people.roles import MEMBER, ROLES, SYSTEM
from sekisho.portfolio.public.services import deciding
from sekisho.portfolio.services import signs
from sekisho.portfolio.services.operations import report_month
from sekisho.voice.services import surveys
from tests.api.callers import Caller, problem
from tests.book.factories import (
    advance,
    answer_all,
    days,
    make_project,
    make_standard,
    pass_gate,
    plan_gate,
    review_gate,
)
from tests.factories import UserFactory
from tests.gateway.factories import make_route, send, work, zones

pytestmark = pytest.mark.django_db

SOON = days(30).isoformat()
STATUS = {"month": days(-40).isoformat(), "schedule": 3, "cost": 3, "scope": 3, "quality": 3, "words": "順調"}
OPERATION = {"month": f"{days(-40):%Y-%m}", "availability": 99.9, "incidents": 1, "requests": 2}
INCIDENT = {"key": "INC-1", "began_on": days(-40).isoformat(), "severity": "major", "minutes_down": 30}

POLICY = "name: letters\nmethods: {text: [text]}\n"
OWN_POLICY = {"code": "letters", "text": POLICY, "reason": "x"}
NEW_POLICY = {**OWN_POLICY, "organisation": "bureau"}
MOVE = {"step": 2, "system": 1, "zone": "lgwan", "controls": ["edr"]}
TRANSFER = {"route": "in", "purpose": "x", "files": [{"name": "a", "size": 1}]}

Prepare = Callable[[SimpleNamespace], str]


# How the world is made ready for each act; each returns the path to call. ``w`` has project, gate and helpers.


def here(path: str) -> Prepare:
    return lambda w: path.replace("{gate_id}", str(w.gate.pk))


def newer(path: str) -> Prepare:
    def prepare(w: SimpleNamespace) -> str:
        make_standard("1.1")
        return here(path)(w)

    return prepare


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


def operated(path: str) -> Prepare:
    """A month that was reported."""

    def prepare(w: SimpleNamespace) -> str:
        said = {**OPERATION, "month": days(-40), "availability": None}
        report_month(SYSTEM, w.project, **said)
        return here(path)(w)

    return prepare


def lowered(path: str) -> Prepare:
    """A book made less watched right before a submission, which shows a sign; answered where an answer is wanted."""

    def prepare(w: SimpleNamespace) -> str:
        for tier in ("focus", "light"):
            projects.set_tier(w.helpers.quality_office, w.project, tier, "x")
        w.gate.refresh_from_db()
        submitted(path)(w)
        if "{answer}" not in path:
            return path
        answer = signs.answer_sign(w.helpers.quality_office, w.project, "reclassified", "x")
        return path.format(answer=answer.pk)

    return prepare


def asked(path: str) -> Prepare:
    """A survey of the book that is being asked."""

    def prepare(w: SimpleNamespace) -> str:
        survey = surveys.make_survey(SYSTEM, w.project, title="満足度", ready="satisfaction")
        wave = surveys.open_wave(SYSTEM, survey, name="春")
        return path.format(survey=survey.pk, wave=wave.pk)

    return prepare


def transfer(path: str) -> Prepare:
    """A transfer of a helper to the box of the bureau; offered where a file is to be taken."""

    def prepare(w: SimpleNamespace) -> str:
        route = make_route(w.helpers, w.project.owner, code="in")
        box = Receiver("box", box=w.project.owner)
        if "content" in path:
            sent = work(send(w.helpers.member, route, receiver=box))
        else:
            sent = begin(w.helpers.member, route, Receiver(), "x", [Announced("a.txt", 1)])
        return path.format(transfer=sent.pk, file=sent.files.get().pk)

    return prepare


def network(path: str) -> Prepare:
    """A system of the book with a move in the plan."""

    def prepare(w: SimpleNamespace) -> str:
        placed, officer = zones(w.helpers), w.helpers.security_officer
        system = System.objects.create(
            pk=MOVE["system"], project=w.project, name="申請", zone=placed["internet"]
        )
        step, _later = planning_of_network.begin_plan(officer)
        move = planning_of_network.plan_move(officer, step, system, zone=placed["lgwan"])
        return path.format(move=move.pk)

    return prepare


def held(path: str) -> Prepare:
    def prepare(w: SimpleNamespace) -> str:
        made = begin(
            w.helpers.member, make_route(w.helpers, w.project.owner), Receiver(), "x", [Announced("a.txt", 1)]
        )
        holds.place(w.helpers.security_officer, made, reason="x")
        return path.format(transfer=made.pk)

    return prepare


def decided(path: str) -> Prepare:
    """A decision to publish the book that has not taken effect."""

    def prepare(w: SimpleNamespace) -> str:
        made = deciding.decide_service(w.helpers.quality_office, w.project, shown=True)
        return path.format(decision=made.pk)

    return prepare


def held_back(path: str) -> Prepare:
    """A field of the book that is held back."""

    def prepare(w: SimpleNamespace) -> str:
        deciding.withhold(w.helpers.quality_office, w.project, "money")
        return path

    return prepare


def with_policy(w: SimpleNamespace) -> str:
    policies.make_policy(w.helpers.security_officer, organisation=w.project.owner, **OWN_POLICY)
    return "/policies/letters"


def with_part(path: str) -> Prepare:
    def prepare(w: SimpleNamespace) -> str:
        name = path.split("{")[1].split("}", maxsplit=1)[0]
        made = MADE[name](w)
        return path.replace(f"{{{name}}}", str(made if isinstance(made, int | str) else made.pk))

    return prepare


def _budget(w: SimpleNamespace) -> int:
    planning.set_budget(SYSTEM, w.project, 2026, {"approved": 1})
    return 2026


def _month(w: SimpleNamespace) -> str:
    month = days(-40)
    planning.report_status(SYSTEM, w.project, **{**STATUS, "month": month})
    return f"{month:%Y-%m}"


def _evidence(w: SimpleNamespace) -> Any:
    return gates.add_evidence_link(w.helpers.member, w.gate, "plan-1", url="https://a.example/")


def _waiver(w: SimpleNamespace) -> Any:
    office = w.helpers.quality_office
    return decisions.grant_waiver(office, w.gate, criterion="plan-1", reason="x", expires_on=days(9))


def _release(w: SimpleNamespace) -> Any:
    advance(w.helpers, w.project, "build")
    return releases.plan_release(SYSTEM, w.project, version="1", kind="new", planned_on=days(9))


def _file(w: SimpleNamespace) -> Any:
    """A file that was disarmed already."""
    with acting_on(w.helpers.member, w.project) as act:
        kept = store_attachment(act, SimpleUploadedFile("a.txt", b"x"))
    cleaning.clean(kept)
    return kept


#: part of an address -> how what it names is made
MADE: dict[str, Callable[[SimpleNamespace], Any]] = {
    "member": lambda w: projects.add_member(SYSTEM, w.project, w.helpers.auditor, "member"),
    "contract": lambda w: planning.add_contract(SYSTEM, w.project, contractor="甲社", title="開発"),
    "link": lambda w: planning.add_link(SYSTEM, w.project, url="https://a.example/"),
    "module": lambda w: planning.add_module(SYSTEM, w.project, name="受付"),
    "interface": lambda w: planning.add_interface(SYSTEM, w.project, counterpart="住基", direction="in"),
    "goal": lambda w: planning.add_goal(SYSTEM, w.project, kind="outcome", text="短縮"),
    "milestone": lambda w: planning.set_milestone(SYSTEM, w.project, name="公告", planned_on=days(9)),
    "risk": lambda w: planning.note_risk(SYSTEM, w.project, kind="risk", title="要員"),
    "item": lambda w: retirement.set_retirement_item(SYSTEM, w.project, ITEM),
    "year": _budget,
    "month": _month,
    "evidence": _evidence,
    "waiver": _waiver,
    "release": _release,
    "file": _file,
    "alert": lambda w: Alert.objects.create(organisation=w.project.owner, kind="surge", key="x"),
}


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
ALL, SEES, EDITS = "2222222222", "2242224222", "2242334333"
ANSWERS, REVIEWS, OFFICE = "2343334333", "3242334333", "3342334333"
RELEASES = "2342334333"
WATCHES = "3333333332"
PUBLISHES = "3332333333"
PUBLISH = {"shown": True}

#: part -> what is sent to add one, and to change one; None where that operation is named below or there is none
PARTS: dict[str, tuple[Any, Any]] = {
    "member": ({"person": "helper-expert", "part": "expert"}, {"note": "x"}),
    "contract": ({"title": "開発", "contractor": "甲社"}, {"amount": 5}),
    "link": ({"url": "https://a.example/"}, {"title": "x"}),
    "module": ({"name": "受付"}, {"supplier": "x"}),
    "interface": ({"counterpart": "住基", "direction": "in"}, {"data": "x"}),
    "goal": ({"text": "短縮"}, {"target": "x"}),
    "milestone": (None, None),
    "risk": (None, None),
    "retirement_item": (None, None),
}


def operations_of(word: str, new: Any, change: Any) -> dict[str, tuple[str, Prepare, Any, str]]:
    """A part's own lines of the table."""
    many = f"{BOOK}/{word.replace('_', '-')}s"
    one = f"{many}/{{{word.removeprefix('retirement_')}}}"
    lines: dict[str, tuple[str, Prepare, Any, str]] = {
        "list": ("get", here(many), None, SEES),
        "read": ("get", with_part(one), None, SEES),
        "remove": ("delete", with_part(one), None, RELEASES if word == "retirement_item" else EDITS),
    }
    if new:
        lines |= {
            "add": ("post", here(many), new, EDITS),
            "update": ("patch", with_part(one), change, EDITS),
        }
    if word == "risk":  # a risk is closed, with its outcome
        del lines["remove"]
    return lines


MATRIX: dict[str, tuple[str, Prepare, Any, str]] = {
    "read_me": ("get", here("/me"), None, ALL),
    "list_organisations": ("get", here("/organisations"), None, ALL),
    "list_people": ("get", here("/people"), None, "2232333233"),
    "list_standards": ("get", here("/standards"), None, ALL),
    "read_standard": ("get", here("/standards/test-pack/1.0"), None, ALL),
    "list_projects": ("get", here("/projects"), None, ALL),
    "create_project": ("post", here("/projects"), NEW, "2232333233"),
    "read_project": ("get", here(BOOK), None, SEES),
    "update_project": ("patch", here(BOOK), {"summary": "x"}, EDITS),
    "enter_phase": ("post", passed(f"{BOOK}/phases/requirements/enter"), None, EDITS),
    "skip_phase": ("post", here(f"{BOOK}/phases/build/skip"), SKIP, REVIEWS),
    "retire_project": ("post", retirable(f"{BOOK}/retire"), None, RELEASES),
    "read_budget": ("get", with_part(f"{BOOK}/budget/{{year}}"), None, SEES),
    "set_budget": ("put", here(f"{BOOK}/budget/2026"), {"approved": 1}, EDITS),
    "add_milestone": ("post", here(f"{BOOK}/milestones"), {"name": "公告", "planned_on": SOON}, EDITS),
    "update_milestone": ("patch", with_part(f"{BOOK}/milestones/{{milestone}}"), {"name": "入札"}, EDITS),
    "report_status": ("post", here(f"{BOOK}/status"), STATUS, EDITS),
    "report_operation": ("post", here(f"{BOOK}/operation"), OPERATION, EDITS),
    "read_operation": ("get", operated(f"{BOOK}/operation/{OPERATION['month']}"), None, SEES),
    "list_operation": ("get", here(f"{BOOK}/operation"), None, SEES),
    "list_signs": ("get", here(f"{BOOK}/signs"), None, SEES),
    "list_sign_answers": ("get", here(f"{BOOK}/signs/answers"), None, SEES),
    "answer_sign": ("post", lowered(f"{BOOK}/signs/reclassified/answers"), {"reason": "x"}, OFFICE),
    "withdraw_sign_answer": ("post", lowered(f"{BOOK}/signs/answers/{{answer}}/withdraw"), None, OFFICE),
    "list_incident": ("post", here(f"{BOOK}/incidents"), INCIDENT, EDITS),
    "list_incidents": ("get", here(f"{BOOK}/incidents"), None, SEES),
    "add_risk": ("post", here(f"{BOOK}/risks"), RISK, EDITS),
    "update_risk": ("patch", with_part(f"{BOOK}/risks/{{risk}}"), {"weight": 3}, EDITS),
    "add_retirement_item": ("post", here(f"{BOOK}/retirement-items"), ITEM, RELEASES),
    "update_retirement_item": (
        "patch",
        with_part(f"{BOOK}/retirement-items/{{item}}"),
        {"name": "x"},
        RELEASES,
    ),
    **{
        f"{act}_{word}{'s' if act == 'list' else ''}": entry
        for word, (new, change) in PARTS.items()
        for act, entry in operations_of(word, new, change).items()
    },
    "list_budget": ("get", here(f"{BOOK}/budget"), None, SEES),
    "list_baselines": ("get", here(f"{BOOK}/baselines"), None, SEES),
    "fix_baseline": ("post", standing_in("requirements", f"{BOOK}/baselines"), {"reason": "x"}, EDITS),
    "list_status": ("get", here(f"{BOOK}/status"), None, SEES),
    "read_status": ("get", with_part(f"{BOOK}/status/{{month}}"), None, SEES),
    "set_gate_due": ("patch", here(GATE), {"due_on": SOON}, EDITS),
    "preview_gate_standard": ("get", here(f"{GATE}/standard?version=1.0"), None, SEES),
    "move_gate_to_standard": ("put", newer(f"{GATE}/standard"), {"version": "1.1"}, ANSWERS),
    "list_invitations": ("get", here(f"{GATE}/invitations"), None, SEES),
    "invite_reviewer": ("post", here(f"{GATE}/invitations"), {"person": "helper-expert"}, EDITS),
    "revoke_waiver": ("post", with_part("/waivers/{waiver}/revoke"), None, OFFICE),
    "list_evidence": ("get", here(f"{GATE}/evidence"), None, SEES),
    "remove_evidence": ("delete", with_part("/evidence/{evidence}"), None, ANSWERS),
    "list_files": ("get", here(f"{BOOK}/files"), None, SEES),
    "add_file": ("file", here(f"{BOOK}/files"), None, EDITS),
    "read_file": ("get", with_part("/files/{file}"), None, SEES),
    "read_file_content": ("get", with_part("/files/{file}/content"), None, SEES),
    "read_release": ("get", with_part("/releases/{release}"), None, SEES),
    "move_release": ("patch", with_part("/releases/{release}"), {"planned_on": SOON}, RELEASES),
    "list_gates": ("get", here(f"{BOOK}/gates"), None, SEES),
    "read_gate_in_full": ("get", here(GATE), None, SEES),
    "list_snapshots": ("get", here(f"{GATE}/snapshots"), None, SEES),
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
    "list_public_fields": ("get", here("/publication/fields"), None, PUBLISHES),
    "decide_public_field": ("post", here("/publication/fields/money"), PUBLISH, PUBLISHES),
    "read_publication": ("get", here(f"{BOOK}/publication"), None, SEES),
    "decide_publication": ("post", here(f"{BOOK}/publication"), PUBLISH, OFFICE),
    "hold_back_field": ("post", held_back(f"{BOOK}/publication/fields/money"), PUBLISH, OFFICE),
    "list_publication_decisions": ("get", here("/publication/decisions"), None, PUBLISHES),
    "read_publication_decision": ("get", decided("/publication/decisions/{decision}"), None, PUBLISHES),
    "withdraw_publication_decision": (
        "post",
        decided("/publication/decisions/{decision}/withdraw"),
        None,
        PUBLISHES,
    ),
    "list_surveys": ("get", here("/surveys"), None, "2" * 10),
    "make_survey": ("post", here(f"{BOOK}/surveys"), {"title": "満足度", "ready": "satisfaction"}, EDITS),
    "read_survey": ("get", asked("/surveys/{survey}"), None, SEES),
    "change_survey": ("put", asked("/surveys/{survey}"), {"document": {"sections": []}}, EDITS),
    "list_waves": ("get", asked("/surveys/{survey}/waves"), None, SEES),
    "open_wave": ("post", asked("/surveys/{survey}/waves"), {"name": "春"}, EDITS),
    "read_wave": ("get", asked("/waves/{wave}"), None, SEES),
    "close_wave": ("post", asked("/waves/{wave}/close"), None, EDITS),
    "read_results": ("get", asked("/waves/{wave}/results"), None, SEES),
    "list_routes": ("get", transfer("/routes"), None, "2" * 10),
    "list_transfers": ("get", transfer("/transfers"), None, "2" * 10),
    "begin_transfer": ("post", transfer("/transfers"), TRANSFER, "2242444422"),
    "read_transfer": ("get", transfer("/transfers/{transfer}"), None, "4444444442"),
    "put_chunk": ("put", transfer("/transfers/files/{file}/chunks/0"), None, "4" * 10),
    "send_transfer": ("post", transfer("/transfers/{transfer}/send"), None, "4" * 10),
    "take_file": ("post", transfer("/transfers/files/{file}/content?reason=x"), None, "2444444422"),
    "list_zones": ("get", network("/network/zones"), None, "2" * 10),
    "list_systems": ("get", network("/network/systems"), None, "2" * 10),
    "list_findings": ("get", network("/network/findings"), None, "2" * 10),
    "list_moves": ("get", network("/network/moves"), None, "2" * 10),
    "read_plan": ("get", network("/network/plan"), None, "2" * 10),
    "begin_plan": ("post", transfer("/network/plan"), None, WATCHES),
    "change_step": ("patch", network("/network/plan/steps/2"), {"note": "x"}, WATCHES),
    "plan_move": ("post", network("/network/moves"), MOVE, "2242334332"),
    "carry_out_move": ("post", network("/network/moves/{move}/done"), None, EDITS),
    "drop_move": ("delete", network("/network/moves/{move}"), None, "2242334332"),
    "list_policies": ("get", here("/policies"), None, WATCHES),
    "read_policy": ("get", here("/policies/inbound"), None, WATCHES),
    "make_policy": ("post", here("/policies"), NEW_POLICY, WATCHES),
    "change_policy": ("put", with_policy, {"text": f"{POLICY}limits: {{pages: 5}}", "reason": "x"}, WATCHES),
    "list_holds": ("get", here("/holds"), None, WATCHES),
    "place_hold": ("post", transfer("/transfers/{transfer}/hold"), {"reason": "x"}, WATCHES),
    "end_hold": ("post", held("/transfers/{transfer}/hold/end"), {"reason": "x"}, WATCHES),
    "list_alerts": ("get", here("/alerts"), None, WATCHES),
    "answer_alert": ("post", with_part("/alerts/{alert}/answer"), {"answer": "x"}, WATCHES),
}


@pytest.fixture
def world(bureau, settings, tmp_path) -> SimpleNamespace:
    """A book before its plan gate, and helpers in every role who made it ready (never those who then call)."""
    settings.MEDIA_ROOT = tmp_path
    settings.GATEWAY_FOLDER = tmp_path / "gateway"
    project = make_project(bureau, code="T-1")
    helpers = SimpleNamespace(
        **{role: UserFactory(username=f"helper-{role}", organisation=bureau, role=role) for role in ROLES}
    )
    return SimpleNamespace(project=project, gate=plan_gate(project), helpers=helpers)


def call(caller: Caller, method: str, path: str, body: Any) -> Any:
    if method == "file":
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
                f"[{answer.status_code} {getattr(answer, 'content', b'')[:200]}]",
            )
            answer.getvalue()  # a stream that was read has closed its file
            transaction.set_rollback(True)
    assert seen == row


@pytest.mark.parametrize("operation", [name for name, entry in MATRIX.items() if entry[0] != "get"])
def test_a_read_token_writes_nowhere(world, bureau, operation):
    method, prepare, body, _row = MATRIX[operation]
    caller = Caller(UserFactory(username="reader", organisation=bureau, role=MEMBER), scope="read")
    problem(call(caller, method, prepare(world), body), 403, "scope_read_only")
