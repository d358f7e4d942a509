"""What the book's API operations share: finding what may be seen, people by username, and ETags."""

import datetime as dt
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, Any

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja import Header

from sekisho.book.models import Gate, Project
from sekisho.book.queries.gates import get_gate
from sekisho.book.queries.registry import knowing_money
from sekisho.errors import Invalid, NotFound, SekishoError, StaleWrite
from sekisho.people.models import User
from sekisho.people.permissions import actor_of

IfMatch = Annotated[
    str | None, Header(alias="If-Match", description="The ETag you read; a stale one is refused (412).")
]
_TAG = re.compile(r'(W/)?"([^"]*)"')
_VERSION = re.compile(r"(\d{1,18})(?:-[0-9a-f]+)?")
#: a version nothing ever has: a tag that cannot match is a stale write
NEVER = -1


def find_project(request: HttpRequest, code: str) -> Project:
    """A book this person may see.

    Raises:
        NotFound: there is none, or it may not be seen.
    """
    seen = knowing_money(Project.objects.visible_to(actor_of(request.user)).select_related("owner"))
    project = None if "\x00" in code else seen.filter(code=code).first()
    if project is None:
        raise NotFound(_("There is no such book, or you may not see it."))
    return project


def find_gate(request: HttpRequest, gate_id: int) -> Gate:
    """A gate of a book this person may see.

    Raises:
        NotFound: there is none, or it may not be seen.
    """
    gate = get_gate(actor_of(request.user), gate_id)
    if gate is None:
        raise NotFound(_("There is no such gate, or you may not see it."))
    return gate


def find_seen(request: HttpRequest, rows: QuerySet[Any], pk: int, path: str) -> Any:
    """A row whose book (at ``path``, a lookup) this person may see.

    Raises:
        NotFound: there is none, or it may not be seen.
    """
    seen = Project.objects.visible_to(actor_of(request.user)).order_by().values("pk")
    row = rows.filter(pk=pk, **{f"{path}__in": seen}).first()
    if row is None:
        raise NotFound(_("There is nothing at this address, or you may not see it."))
    return row


def find_part(rows: Any, pk: int) -> Any:
    """A part of a book already found.

    Raises:
        NotFound: the book has no such part.
    """
    row = rows.filter(pk=pk).first()
    if row is None:
        raise NotFound(_("This book has no such entry."))
    return row


def find_person(username: str, field: str) -> User:
    """An active person by username.

    Raises:
        Invalid: nobody is called so; ``field`` is named.
    """
    person = User.objects.filter(username=username, is_active=True).first()
    if person is None:
        raise Invalid(
            _("There is no person with the username “%(name)s”.") % {"name": username[:150]}, field=field
        )
    return person


def named(problem: Invalid, **names: str) -> Invalid:
    """A refusal with the API's field names where they differ from the service's."""
    return Invalid(
        problem.message, fields={names.get(name, name): text for name, text in problem.fields.items()}
    )


def version_tag(version: int) -> str:
    """The ETag of one version."""
    return f'"{version}"'


def content_tag(version: int, document: Any) -> str:
    """The ETag of a document: its version, which If-Match compares, and a hash of all it shows."""
    text = json.dumps(document, sort_keys=True, default=_plain)
    return f'"{version}-{hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]}"'


def _plain(value: Any) -> str:
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    return str(value.pk) if isinstance(value, Model) else str(value)


@contextmanager
def in_api_words(sent: Mapping[str, Any], now: Callable[[], Mapping[str, Any]]) -> Iterator[None]:
    """Let a stale write show both versions as the API names them; ``now`` reads the document as it is saved."""
    try:
        yield
    except StaleWrite as stale:
        saved = now()
        current = {name: saved.get(name) for name in (*sent, "version")}
        raise StaleWrite(stale.message, current=current, yours=sent) from None


def expect_unchanged(if_match: str | None, tag: str, current: Mapping[str, Any], yours: Any) -> None:
    """Refuse a change to a document other than the one that was read; ``tag`` is its ETag now.

    Raises:
        StaleWrite: If-Match names another version.
        SekishoError: ``bad_if_match`` (HTTP 400), the header is not one ETag.
    """
    if expected_version(if_match) is not None and (if_match or "").strip() != tag:
        message = _("Someone else saved this while you were looking. Compare both versions.")
        raise StaleWrite(message, current=current, yours=yours)


def expected_version(if_match: str | None) -> int | None:
    """The version a caller has read; None when any will do. A tag that cannot match is ``NEVER``.

    Raises:
        SekishoError: ``bad_if_match`` (HTTP 400), the header is not one ETag.
    """
    text = (if_match or "").strip()
    if text in ("", "*"):
        return None
    tag = _TAG.fullmatch(text)
    if tag is None:
        message = _("If-Match must hold one ETag in quotation marks, as it was read, or *.")
        raise SekishoError(message, code="bad_if_match")
    version = _VERSION.fullmatch(tag[2])
    # RFC 9110 §13.1.1: a weak tag never matches
    return int(version[1]) if version and not tag[1] else NEVER
