"""Books for tests, made through the services."""

import datetime as dt
from types import SimpleNamespace
from typing import Any

from django.utils import timezone

from sekisho.book.models import Gate, Project, Submission
from sekisho.book.queries.gates import read_gate
from sekisho.book.services import decisions, gates, phases, projects, reviews
from sekisho.people.models import Organisation, User
from sekisho.people.roles import SYSTEM
from sekisho.standards.models import StandardInForce, StandardVersion
from sekisho.standards.pack import Pack
from sekisho.standards.services import register_pack

_count = iter(range(1, 10**9))


def days(n: int) -> dt.date:
    """The day ``n`` days from today."""
    return timezone.localdate() + dt.timedelta(days=n)


def criterion_document(code: str, phase: str = "plan", **more: Any) -> dict[str, Any]:
    """A criterion as packs store it; ``more`` overrides."""
    words = {"ja": f"項目 {code}", "en": f"Criterion {code}"}
    return {
        "code": code,
        "phase": phase,
        "group": {"ja": "群", "en": "Group"},
        "title": words,
        "guidance": words,
        "level": "must_be",
        "requirement": "mandatory",
        "evidence": "none",
        "source": {"ja": "試験", "en": "Test"},
        **more,
    }


def pack_document(version: str = "1.0", criteria: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """A small pack: two criteria per section unless told otherwise."""
    sections = ("plan", "requirements", "build", "operate", "retire", "release")
    default = [criterion_document(f"{s}-{n}", s) for s in sections for n in (1, 2)]
    return {
        "id": "test-pack",
        "version": version,
        "title": {"ja": "試験用", "en": "For tests"},
        "description": {"ja": "試験用", "en": "For tests"},
        "source": {"ja": "試験用", "en": "For tests"},
        "licence": "CC0-1.0",
        "languages": ["ja", "en"],
        "criteria": criteria if criteria is not None else default,
    }


def make_standard(version: str = "1.0", criteria: list[dict[str, Any]] | None = None) -> StandardVersion:
    """Register a small pack."""
    return register_pack(Pack.from_document(pack_document(version, criteria)))


def put_in_force(standard: StandardVersion, organisation: Organisation) -> None:
    """Let an organisation open its gates with this version."""
    StandardInForce.objects.create(
        organisation=organisation, standard=standard, in_force_from=dt.date(2020, 1, 1)
    )


def make_project(owner: Organisation, *, standard: StandardVersion | None = None, **fields: Any) -> Project:
    """A book in its plan phase, opened by the system, using a small pack."""
    if not StandardInForce.objects.filter(organisation=owner).exists():
        put_in_force(standard or make_standard(), owner)
    number = next(_count)
    code = fields.pop("code", f"T-{number:04d}")
    return projects.create_project(
        SYSTEM, code=code, name=fields.pop("name", f"事業{number}"), owner=owner, **fields
    )


def plan_gate(project: Project) -> Gate:
    """The gate of the project's current phase."""
    return Gate.objects.select_related("project__owner", "standard", "release").get(
        project=project, phase=project.phase, release__isnull=True
    )


def answer_all(user: User, gate: Gate, value: str = "met") -> None:
    """Answer every criterion that applies."""
    for criterion in read_gate(gate).criteria:
        gates.save_answer(user, gate, criterion.code, value=value, comment="確認しました")


def submit_gate(user: User, gate: Gate) -> Submission:
    """Answer everything and submit."""
    answer_all(user, gate)
    return gates.submit(user, gate)


def review_gate(people: SimpleNamespace, gate: Gate) -> None:
    """A CIO aide recommends go without findings."""
    reviews.give_review(people.cio_aide, gate, recommendation="go")


def pass_gate(people: SimpleNamespace, gate: Gate) -> None:
    """Answer, submit, review and decide go (by the quality office)."""
    submit_gate(people.member, gate)
    review_gate(people, gate)
    decisions.decide(people.quality_office, gate, result="go", reason="満たしています")
    gate.refresh_from_db()


def advance(people: SimpleNamespace, project: Project, until: str) -> Project:
    """Travel the road until the project stands in a phase."""
    while project.phase != until:
        pass_gate(people, plan_gate(project))
        project.refresh_from_db()
        phases.enter_phase(people.member, project, phases.next_phase(project) or "")
        project.refresh_from_db()
    return project
