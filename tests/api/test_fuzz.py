"""Whatever is sent, the API answers with a value or a problem, never with a fault of its own."""

import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.api.callers import ROOT, Caller
from tests.book.factories import make_project, plan_gate, submit_gate

pytestmark = pytest.mark.django_db

FAST = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
TEXTS = st.text(st.characters(), max_size=30) | st.sampled_from(
    ["", "\x00", "𠮷野家🏯", "ｶﾞ", "2026-04-01", "*" * 400]
)
VALUES: Any = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)

#: operation -> (method, path, valid body); the fuzzer spoils one field at a time, or everything
TARGETS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "create": (
        "post",
        "/projects",
        {"code": "F", "name": "n", "organisation": "bureau", "audience": ["staff"]},
    ),
    "update": (
        "patch",
        "/projects/T-1",
        {"name": "n", "start_year": 2026, "audience": [], "organisation": "bureau"},
    ),
    "budget": ("put", "/projects/T-1/budget/2026", {"approved": 1, "executed": None}),
    "milestone": ("post", "/projects/T-1/milestones", {"name": "m", "planned_on": "2026-04-01"}),
    "status": (
        "post",
        "/projects/T-1/status",
        {"month": "2026-04", "schedule": 1, "cost": 1, "scope": 1, "quality": 1, "words": "w"},
    ),
    "operation": (
        "post",
        "/projects/T-1/operation",
        {"month": "2026-04", "availability": 99.9, "incidents": 1, "minutes_down": 2, "requests": 3},
    ),
    "incident": (
        "post",
        "/projects/T-1/incidents",
        {"key": "k", "began_on": "2026-04-01", "severity": "minor", "minutes_down": 1, "text": "t"},
    ),
    "risk": ("post", "/projects/T-1/risks", {"kind": "risk", "title": "t", "weight": 1, "owner": "member"}),
    "item": (
        "post",
        "/projects/T-1/retirement-items",
        {
            "kind": "cloud",
            "name": "n",
            "classification": 2,
            "done_on": "2026-01-01",
            "done_by": "a",
            "witness": "b",
        },
    ),
    "answer": (
        "put",
        "/gates/{gate}/answers/plan-1",
        {"value": "met", "comment": "c", "links": ["https://a.jp/"]},
    ),
    "review": (
        "post",
        "/gates/{submitted}/reviews",
        {"recommendation": "go", "findings": [{"severity": "must", "text": "t", "criterion": "plan-1"}]},
    ),
    "decision": (
        "post",
        "/gates/{submitted}/decision",
        {
            "result": "conditional",
            "reason": "r",
            "conditions": [{"text": "t", "owner": "member", "due": "2099-01-01", "criterion": "plan-1"}],
        },
    ),
    "waiver": (
        "post",
        "/gates/{gate}/waivers",
        {"criterion": "plan-1", "reason": "r", "expires": "2099-01-01"},
    ),
    "publish_field": (
        "post",
        "/publication/fields/money",
        {"shown": True, "reason": "r", "at_once": False},
    ),
    "publish": ("post", "/projects/T-1/publication", {"shown": True, "reason": "r", "at_once": False}),
}


#: target -> who may; members may the others
ROLE_OF = {"review": "cio_aide", "decision": "cio_aide"} | dict.fromkeys(
    ("waiver", "publish_field", "publish"), "quality_office"
)


@pytest.fixture
def world(bureau, people, gate):
    other = plan_gate(make_project(bureau, code="T-2"))
    submit_gate(people.member, other)
    return {"gate": gate.pk, "submitted": other.pk}


@pytest.fixture
def calm(monkeypatch):
    """No throttle: the fuzzer asks more often than people do."""
    monkeypatch.setattr("sekisho.people.throttle.Throttle.count", lambda self, source: None)


def accepted(answer: Any) -> None:
    assert answer.status_code < 500, answer.content
    assert answer.status_code == 304 or answer["Content-Type"].startswith("application/")
    if answer.content:
        json.loads(answer.content)


@pytest.mark.parametrize("target", TARGETS)
def test_no_body_makes_it_fail(callers, world, calm, target):
    method, path, valid = TARGETS[target]
    role = ROLE_OF.get(target, "member")
    caller: Caller = getattr(callers, role)
    address = path.format(**world)

    @FAST
    @given(st.sampled_from([*sorted(valid), "unknown", ""]), VALUES)
    def spoil(field: str, value: Any) -> None:
        body = {**valid, field: value} if field else value
        accepted(caller.send(method, address, json.dumps(body, ensure_ascii=True)))

    spoil()


@pytest.mark.parametrize("name", ["q", "phase", "organisation", "tier", "updated_since", "cursor", "limit"])
def test_no_filter_makes_it_fail(callers, project, calm, name):
    @FAST
    @given(TEXTS)
    def spoil(value: str) -> None:
        accepted(callers.auditor.get(f"/projects?{name}={quote(value, errors='surrogatepass')}"))

    spoil()


@pytest.mark.parametrize(
    "header", ["If-Match", "If-None-Match", "Accept-Language", "Authorization", "Content-Length"]
)
def test_no_header_makes_it_fail(callers, project, calm, header, monkeypatch):
    monkeypatch.setattr("sekisho.people.limits.Limit.check", lambda self, source: None)
    client, headers = callers.member.client, callers.member.headers

    @FAST
    @given(
        st.text(st.characters(max_codepoint=255), max_size=20)
        | st.sampled_from(['"1"', 'W/"1"', "*", '"', "Bearer x"])
    )
    def spoil(value: str) -> None:
        address = f"{ROOT}/projects/T-1"
        accepted(client.get(address, headers={**headers, header: value}))
        accepted(
            client.patch(address, b"{}", content_type="application/json", headers={**headers, header: value})
            if header != "Content-Length"
            else client.get(address, headers=headers)
        )

    spoil()


def test_no_path_makes_it_fail(callers, project, calm):
    shapes = (
        "/projects/{}",
        "/gates/{}",
        "/standards/{}/{}",
        "/projects/T-1/phases/{}/enter",
        "/releases/{}/publish",
    )

    @FAST
    @example("/gates/{}", "\n", "get")
    @given(st.sampled_from(shapes), TEXTS, st.sampled_from(["get", "post", "put", "patch", "delete"]))
    def spoil(shape: str, value: str, method: str) -> None:
        part = quote(value, safe="", errors="surrogatepass")
        accepted(callers.member.send(method, shape.replace("{}", part), {} if method != "get" else None))

    spoil()
