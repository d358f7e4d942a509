"""Errors that services raise and that pages, API and command line show.

Each has a stable ``code`` (part of the API), an HTTP ``status`` and a translated message that says
what happened and what to do now.
"""

import errno
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Message = str | Promise
_PG_DISK_FULL = "53100"


class SekishoError(Exception):
    """An act was refused. ``str(error)`` is the message in the active language."""

    code = "error"
    status = 400

    def __init__(self, message: Message, *, code: str | None = None, **extra: Any) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.extra = extra

    def __str__(self) -> str:
        return str(self.message)


class NotPermitted(SekishoError):
    """The person may not do this (HTTP 403)."""

    code = "not_permitted"
    status = 403


class NotFound(SekishoError):
    """What was named does not exist, or may not be seen (HTTP 404)."""

    code = "not_found"
    status = 404


class Conflict(SekishoError):
    """The state does not allow this act now (HTTP 409)."""

    code = "conflict"
    status = 409


class Blocked(Conflict):
    """Blockers stand in the way; ``blockers`` lists them (HTTP 409)."""

    code = "blocked"

    def __init__(self, message: Message, blockers: Sequence[Any]) -> None:
        super().__init__(message, blockers=tuple(blockers))
        self.blockers = tuple(blockers)


class StaleWrite(SekishoError):
    """Someone else saved in between (HTTP 412). ``current`` and ``yours`` hold both versions."""

    code = "stale_write"
    status = 412

    def __init__(self, message: Message, *, current: Mapping[str, Any], yours: Mapping[str, Any]) -> None:
        super().__init__(message, current=dict(current), yours=dict(yours))
        self.current = dict(current)
        self.yours = dict(yours)


class Invalid(SekishoError):
    """A value cannot be accepted (HTTP 422). ``fields`` maps field name to its message."""

    code = "invalid"
    status = 422

    def __init__(
        self, message: Message, *, field: str = "", fields: Mapping[str, Message] | None = None
    ) -> None:
        self.fields: dict[str, Message] = dict(fields or {})
        if field:
            self.fields[field] = message
        super().__init__(message, fields=self.fields)


class DiskFull(SekishoError):
    """There is no room (HTTP 507)."""

    code = "disk_full"
    status = 507


def full_disk(fault: BaseException) -> DiskFull | None:
    """What to say of a fault that comes of a full disk, here or below the database; None for any other."""
    found: BaseException | None = fault
    while found is not None:
        is_full = (
            (isinstance(found, OSError) and found.errno in (errno.ENOSPC, errno.EDQUOT))
            or getattr(found, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
            or getattr(found, "sqlstate", None) == _PG_DISK_FULL
        )
        if is_full:
            return DiskFull(
                _(
                    "There is no room to save anything now. What was saved before is safe. Tell your administrator, and try again later."
                )
            )
        found = found.__cause__
    return None
