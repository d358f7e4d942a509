"""API of sanitizing policies: the shipped ones to read, the office's own with their versions."""

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import Field, Router, Status

from sekisho.book.api.common import IfMatch, expected_version, in_api_words, version_tag
from sekisho.errors import Invalid, NotFound, NotPermitted
from sekisho.gateway.models import OwnPolicy
from sekisho.gateway.queries.network import words
from sekisho.gateway.services import policies as service
from sekisho.people.api_paging import Body, Line, Out
from sekisho.people.models import Organisation
from sekisho.people.permissions import actor_of
from sekisho.people.roles import Actor
from sekisho.sanitizer.policies import shipped_policies, shipped_text

router = Router(tags=["policies"])


class PolicyBody(Body):
    """The YAML of a policy, and what changes and why."""

    text: str = Field(max_length=64 * 1024)
    reason: Line


class NewPolicy(PolicyBody):
    """A policy that is not there yet, for the routes of an organisation and of those below it."""

    code: Line
    organisation: Line = Field(description="Code of the organisation.")


class PolicyLine(Out):
    """A policy that routes may use. ``organisation`` is null and ``version`` 0 for one that came with Sekisho."""

    code: str
    title: str
    organisation: str | None
    version: int
    digest: str


class VersionOut(Out):
    """A version as it was written."""

    number: int
    digest: str
    reason: str
    made_by: str
    made_at: dt.datetime


class PolicyOut(PolicyLine):
    """A policy with its text and, of an own one, every version."""

    text: str
    versions: list[VersionOut]


def _officer(request: HttpRequest) -> Actor:
    actor = actor_of(request.user)
    if not actor.may_anywhere("edit_routes"):
        raise NotPermitted(_("Policies are for the information security officer."))
    return actor


def _line(code: str, organisation: str | None = None) -> dict[str, Any]:
    policy, digest, version = service.policy_of(code)
    title = words(policy.title) if policy.title else code
    return {
        "code": code,
        "title": title,
        "organisation": organisation,
        "version": version or 0,
        "digest": digest,
    }


def _own(actor: Actor) -> Any:
    return OwnPolicy.objects.where(actor, "edit_routes").select_related("organisation").order_by("code")


def _found(actor: Actor, code: str) -> OwnPolicy:
    found: OwnPolicy | None = _own(actor).filter(code=code.replace("\x00", "")).first()
    if found is None:
        raise NotFound(_("There is no such policy."))
    return found


def _document(actor: Actor, code: str) -> dict[str, Any]:
    if code in shipped_policies():
        return {**_line(code), "text": shipped_text(code), "versions": []}
    own = _found(actor, code)
    versions = list(own.versions.select_related("made_by"))
    shown = [
        {
            **{name: getattr(one, name) for name in ("number", "digest", "reason", "made_at")},
            "made_by": one.made_by.username,
        }
        for one in versions
    ]
    return {**_line(code, own.organisation.code), "text": versions[0].text, "versions": shown}


@router.get("/policies", response=list[PolicyLine])
def list_policies(request: HttpRequest) -> list[dict[str, Any]]:
    """The policies that routes may use: those that come with Sekisho, then the office's own."""
    actor = _officer(request)
    own = [_line(policy.code, policy.organisation.code) for policy in _own(actor)]
    return [*(_line(code) for code in sorted(shipped_policies())), *own]


@router.get("/policies/{code}", response=PolicyOut)
def read_policy(request: HttpRequest, response: HttpResponse, code: str) -> dict[str, Any]:
    """A policy: its text, and of an own one every version. The ETag is for ``PUT``."""
    shown = _document(_officer(request), code)
    response["ETag"] = version_tag(shown["version"])
    return shown


@router.post("/policies", response={201: PolicyOut})
def make_policy(request: HttpRequest, response: HttpResponse, body: NewPolicy) -> Any:
    """Keep the first version of an own policy. 422 names each mistake with its place."""
    actor = _officer(request)
    holder = Organisation.objects.filter(code=body.organisation, closed_on=None).first()
    if holder is None:
        raise Invalid(_("There is no such organisation."), field="organisation")
    service.make_policy(request.user, code=body.code, organisation=holder, text=body.text, reason=body.reason)
    response["ETag"] = version_tag(1)
    return Status(201, _document(actor, body.code))


@router.put("/policies/{code}", response=PolicyOut)
def change_policy(
    request: HttpRequest, response: HttpResponse, code: str, body: PolicyBody, if_match: IfMatch = None
) -> dict[str, Any]:
    """Keep another version; transfers that have begun go on by theirs."""
    actor = _officer(request)
    own, said = _found(actor, code), body.model_dump()
    with in_api_words({"text": body.text}, lambda: _document(actor, code)):
        service.change_policy(request.user, own, expected_version=expected_version(if_match), **said)
    shown = _document(actor, code)
    response["ETag"] = version_tag(shown["version"])
    return shown
