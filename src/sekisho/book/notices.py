"""Who is told what, when something happens in a book."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sekisho.book.models import Condition, Decision, Finding, Gate, Membership, Review, Submission
from sekisho.book.models.gates import gate_title
from sekisho.people.models import RoleAssignment, User
from sekisho.people.notices import register_kind
from sekisho.people.services import notify

KINDS = {
    "gate_submitted": _("%(project)s: %(gate)s was submitted and waits for your review"),
    "review_asked": _("%(project)s: you are asked to review %(gate)s"),
    "review_given": _("%(project)s: %(gate)s was reviewed by %(reviewer)s"),
    "finding_answered": _("%(project)s: the team answered your finding: %(text)s"),
    "gate_decided": _("%(project)s: a decision was made on %(gate)s"),
    "decision_lapsed": _("%(project)s: the decision on %(gate)s lapsed, because what it rested on changed"),
    "condition_set": _("%(project)s: you owe by %(due)s: %(text)s"),
    "condition_overdue": _("%(project)s: overdue since %(due)s: %(text)s"),
    "emergency_overdue": _("%(project)s: the emergency release has not been judged since %(due)s: %(gate)s"),
    "condition_escalated": _("%(project)s: %(owner)s has not met a condition due %(due)s: %(text)s"),
}


def register() -> None:
    """Tell people's notices how each kind reads."""
    for kind, sentence in KINDS.items():
        register_kind(kind, sentence, _words)


def _words(params: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"gate": gate_title(str(params.get("gate", "")))}


def gate_submitted(gate: Gate, submission: Submission) -> None:
    """To the bureau's CIO aides, and the quality office for focus projects, and whoever was invited."""
    people = set(aides_of(gate))
    people |= set(User.objects.filter(review_invitations__gate=gate))
    if gate.project.tier == "focus":
        people |= set(_holders(["quality_office"]))
    _tell(people, "gate_submitted", gate, f"submission:{submission.pk}")


def review_asked(gate: Gate, person: User, due_on: dt.date | None) -> None:
    _tell([person], "review_asked", gate, f"invitation:{gate.pk}")


def review_given(gate: Gate, review: Review) -> None:
    _tell(team_of(gate), "review_given", gate, f"review:{review.pk}", reviewer=str(review.reviewer))


def finding_answered(finding: Finding) -> None:
    key = f"finding:{finding.pk}:{finding.replied_at}"
    _tell([finding.review.reviewer], "finding_answered", finding.gate, key, text=finding.text[:100])


def gate_decided(gate: Gate, decision: Decision) -> None:
    _tell(team_of(gate), "gate_decided", gate, f"decision:{decision.pk}")


def decision_lapsed(gate: Gate) -> None:
    people = set(team_of(gate)) | set(aides_of(gate))
    _tell(people, "decision_lapsed", gate, f"lapse:{gate.pk}:{timezone.now():%Y%m%d%H%M%S}")


def condition_set(condition: Condition) -> None:
    _tell_condition([condition.owner], "condition_set", condition)


def condition_overdue(condition: Condition) -> None:
    _tell_condition([condition.owner], "condition_overdue", condition)


def condition_escalated(condition: Condition) -> None:
    _tell_condition(aides_of(condition.gate), "condition_escalated", condition)


def emergency_overdue(gate: Gate) -> None:
    """To the team, and to everyone who could decide: what is with its users still stands unjudged."""
    people = {*team_of(gate), *aides_of(gate), *_holders(["quality_office"])}
    due = gate.due_on.isoformat() if gate.due_on else ""
    _tell(people, "emergency_overdue", gate, f"gate:{gate.pk}:{due}", due=due)


def team_of(gate: Gate) -> list[User]:
    """Those named on the book as lead or member."""
    named = Membership.objects.filter(project_id=gate.project_id, part__in=("lead", "member"))
    return list(User.objects.filter(pk__in=named.values("user_id"), is_active=True))


def aides_of(gate: Gate) -> list[User]:
    """CIO aides whose role reaches the owner section."""
    path = gate.project.owner.path
    roles = (
        RoleAssignment.objects.in_force(timezone.localdate())
        .filter(role="cio_aide")
        .select_related("organisation", "user")
    )
    return [r.user for r in roles if path.startswith(r.organisation.path) and r.user.is_active]


def _holders(roles: list[str]) -> Iterable[User]:
    held = RoleAssignment.objects.in_force(timezone.localdate()).filter(role__in=roles)
    return User.objects.filter(pk__in=held.values("user_id"), is_active=True)


def _tell(people: Iterable[User], kind: str, gate: Gate, key: str, **params: str) -> None:
    url = reverse("book:gate", args=[gate.pk])
    for person in people:
        notify(
            person,
            kind,
            {"project": gate.project.name, "gate": gate.reference, **params},
            url,
            f"{kind}:{key}"[:120],
        )


def _tell_condition(people: Iterable[User], kind: str, condition: Condition) -> None:
    due = condition.due_on.isoformat()
    params = {"text": condition.text[:100], "due": due, "owner": str(condition.owner)}
    _tell(people, kind, condition.gate, f"condition:{condition.pk}:{due}", **params)
