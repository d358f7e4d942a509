"""Sanitizing policies of routes: those that come with Sekisho, the one the settings name, and the office's own.

An own policy is written in the browser, checked as ``sekisho policy check`` checks a file, and kept in versions. A transfer
keeps the version that held when it began, and is sanitized by that one.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from sekisho.book.chain import sha256_of
from sekisho.book.services.common import expect, filled, fitting
from sekisho.errors import Conflict, Invalid
from sekisho.gateway.models import OwnPolicy, PolicyVersion, Transfer
from sekisho.gateway.services.records import record
from sekisho.people.models import Organisation
from sekisho.people.permissions import require
from sekisho.sanitizer import Policy, PolicyError
from sekisho.sanitizer.policies import read_policy, shipped_policies


def given() -> list[str]:
    """Names of the policies that every route may use: the shipped ones and the one of the settings."""
    return sorted({*shipped_policies(), settings.FILE_POLICY})


def names_for(organisation: Organisation) -> list[str]:
    """Names of the policies that routes of an organisation may use."""
    own = OwnPolicy.objects.for_routes_of(organisation)
    return [*given(), *own.values_list("code", flat=True)]


def policy_of(name: str) -> tuple[Policy, str, int | None]:
    """A policy as it is now, the digest of its content, and the number of its version where it is the office's own.

    Raises:
        Invalid: there is no such policy (any more), or its file cannot be used.
    """
    if name in given():
        try:
            policy = Policy.chosen(name)
        except PolicyError as error:
            raise Invalid(str(error), field="policy") from None
        return policy, digest_of(policy), None
    latest = PolicyVersion.objects.filter(policy__code=name).order_by("-number").first()
    if latest is None:
        raise Invalid(_("There is no such sanitizing policy. Choose one of the list."), field="policy")
    return read_policy(latest.text.encode()), latest.digest, latest.number


def policy_for(transfer: Transfer) -> Policy:
    """The policy by which a transfer is sanitized: the version that held when it began."""
    if transfer.policy_version is None:
        return policy_of(transfer.policy)[0]
    version = PolicyVersion.objects.get(policy__code=transfer.policy, number=transfer.policy_version)
    return read_policy(version.text.encode())


def digest_of(policy: Policy) -> str:
    """Digest of what a policy says, however its file is set out."""
    return sha256_of(_jsonable(asdict(policy)))


def _jsonable(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _jsonable(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_jsonable(part) for part in value]
    return value if isinstance(value, str | int | bool | type(None)) else str(value)


def checked(code: str, text: str) -> Policy:
    """A policy from what was written. Raises ``Invalid`` with every problem and its place."""
    try:
        policy = read_policy(text.replace("\r\n", "\n").encode("utf-8", "surrogatepass"))
    except PolicyError as error:
        raise Invalid(
            "\n".join(error.said("ja" if (get_language() or "").startswith("ja") else "en")), field="text"
        ) from None
    if policy.name != code:
        raise Invalid(
            _("The policy calls itself “%(name)s”. Write name: %(code)s.")
            % {"name": policy.name[:80], "code": code},
            field="text",
        )
    if not any(policy.methods.values()):
        raise Invalid(_("This policy lets no file through. Write which methods are allowed."), field="text")
    return policy


def make_policy(user: Any, *, code: str, organisation: Organisation, text: str, reason: str) -> OwnPolicy:
    """Keep the first version of an own policy. Raises ``NotPermitted``, or ``Invalid`` naming the field."""
    actor = require(user, "edit_routes", path=organisation.path)
    code = fitting(filled(code, "code"), 40, "code")
    policy = checked(code, text)
    if code in given() or OwnPolicy.objects.filter(code=code).exists():
        raise Invalid(_("There is a policy of that code already."), field="code")
    try:
        with transaction.atomic():
            own = OwnPolicy.objects.create(code=code, organisation=organisation)
            _write(actor, own, policy, text, reason)
    except IntegrityError:
        raise Invalid(_("There is a policy of that code already."), field="code") from None
    return own


def change_policy(
    user: Any, own: OwnPolicy, *, text: str, reason: str, expected_version: int | None = None
) -> OwnPolicy:
    """Keep another version; transfers that have begun go on by theirs.

    Raises:
        NotPermitted. Invalid: naming the field. StaleWrite: someone kept one in between. Conflict: it says the same.
    """
    actor = require(user, "edit_routes", path=own.organisation.path)
    policy = checked(own.code, text)
    with transaction.atomic():
        row = OwnPolicy.objects.select_for_update().get(pk=own.pk)
        latest = row.versions.order_by("-number")[0]
        now, wanted = {"text": latest.text}, {"text": text}
        expect(row, expected_version, now, wanted, _("Someone else changed this policy in the meantime."))
        if latest.digest == digest_of(policy):
            raise Conflict(
                _("This says the same as the version before. Nothing was kept."), code="nothing_new"
            )
        row.version += 1
        row.save(update_fields=["version"])
        _write(actor, row, policy, text, reason, before=latest.digest)
    return row


def _write(
    actor: Any, own: OwnPolicy, policy: Policy, text: str, reason: str, before: str | None = None
) -> None:
    said = fitting(
        filled(reason, "reason", _("Say what changes and why: it stands in the record.")), 500, "reason"
    )
    version = PolicyVersion.objects.create(
        policy=own,
        number=own.version,
        text=text.replace("\r\n", "\n"),
        digest=digest_of(policy),
        reason=said,
        made_by_id=actor.user_id,
        made_at=timezone.now(),
    )
    told = {"policy": own.code, "version": version.number, "reason": said}
    sides = {"before": {"digest": before} if before else None, "after": {"digest": version.digest}}
    name = "policy.changed" if before else "policy.made"
    record(actor, own.organisation_id, name, told, **sides)
