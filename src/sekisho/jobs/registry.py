"""What kinds of jobs exist, and which of them come round by the clock.

An app writes its handlers in ``jobs.py``::

    @job("intake.import", label=_("Import of a table"), timeout=timedelta(hours=1))
    def import_table(context: JobContext, *, upload_id: int) -> dict[str, Any] | None: ...

    @periodic("notices.digest", at=dt.time(6, 30))
    def send_digests(context: JobContext) -> None: ...

A handler gets the job's params as keywords. What it returns is kept as the job's result; of that, ``url``
(a local path) and ``message`` are shown to the owner. It runs outside any transaction, perhaps more than
once for one job, and its ``SekishoError`` is final while any other exception is tried again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Handler = Callable[..., dict[str, Any] | None]


@dataclass(frozen=True)
class Backoff:
    """Wait before the next try: ``base``, doubled after each failed try, never above ``cap``."""

    base: dt.timedelta = dt.timedelta(seconds=10)
    cap: dt.timedelta = dt.timedelta(hours=1)

    def delay(self, attempt: int) -> dt.timedelta:
        """Wait after failed try number ``attempt`` (1 is the first)."""
        # The exponent is bounded so that a large attempt cannot overflow timedelta before the cap applies.
        return min(self.base * 2 ** min(attempt - 1, 20), self.cap)


@dataclass(frozen=True)
class JobKind:
    """A kind of job. ``timeout`` bounds one try; ``label`` is what its owner reads; ``is_long``: see ``job``."""

    name: str
    handler: Handler
    label: str | Promise
    max_attempts: int
    timeout: dt.timedelta
    backoff: Backoff
    is_long: bool = False


@dataclass(frozen=True)
class Rule:
    """When a periodic job comes round: ``every`` so long, or daily ``at`` a time of the local zone."""

    every: dt.timedelta | None = None
    at: dt.time | None = None

    def __post_init__(self) -> None:
        if (self.every is None) == (self.at is None):
            raise ValueError("A periodic job needs either every= or at=.")
        if self.every is not None and self.every <= dt.timedelta(0):
            raise ValueError("every= must be longer than nothing.")

    def slot(self, now: dt.datetime) -> dt.datetime:
        """Start of the slot that ``now`` (aware) lies in."""
        if self.every is not None:
            epoch = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
            return epoch + (now - epoch) // self.every * self.every
        assert self.at is not None
        today = timezone.localdate(now)
        slot = timezone.make_aware(dt.datetime.combine(today, self.at))
        if slot > now:
            slot = timezone.make_aware(dt.datetime.combine(today - dt.timedelta(days=1), self.at))
        return slot.astimezone(dt.UTC)


DEFAULT_TIMEOUT = dt.timedelta(hours=1)
DEFAULT_BACKOFF = Backoff()
DEFAULT_LABEL = _("Background work")

_kinds: dict[str, JobKind] = {}
_rules: dict[str, Rule] = {}


def job(
    name: str,
    *,
    label: str | Promise = DEFAULT_LABEL,
    max_attempts: int = 3,
    timeout: dt.timedelta = DEFAULT_TIMEOUT,
    backoff: Backoff = DEFAULT_BACKOFF,
    is_long: bool = False,
) -> Callable[[Handler], Handler]:
    """Register a handler under ``name`` (``app.act``). Two handlers of one name raise ``ValueError``.

    ``is_long``: work of minutes or hours, which workers do beside the rest so that nothing short waits for it.
    """

    def register(handler: Handler) -> Handler:
        known = _kinds.get(name)
        if known is not None and known.handler is not handler:
            raise ValueError(f"Two handlers claim the job kind {name!r}.")
        _kinds[name] = JobKind(name, handler, label, max_attempts, timeout, backoff, is_long)
        return handler

    return register


def periodic(
    name: str, *, every: dt.timedelta | None = None, at: dt.time | int | None = None, **options: Any
) -> Callable[[Handler], Handler]:
    """Register a handler that also comes round by the clock; ``options`` are those of ``job``.

    ``at`` is a time of day, or an hour, in the local zone. May stand above ``@job`` of the same name.
    """
    rule = Rule(every=every, at=dt.time(at) if isinstance(at, int) else at)

    def register(handler: Handler) -> Handler:
        if name not in _kinds or _kinds[name].handler is not handler:
            job(name, **options)(handler)
        _rules[name] = rule
        return handler

    return register


def kind(name: str) -> JobKind:
    """The kind of that name; ``LookupError`` when no handler claims it."""
    try:
        return _kinds[name]
    except KeyError:
        raise LookupError(f"No handler is registered for the job kind {name!r}.") from None


def names(*, is_long: bool | None = None) -> list[str]:
    """Names of all kinds that can run here, or of those that are (not) long."""
    return sorted(name for name, kind in _kinds.items() if is_long in (None, kind.is_long))


def label(name: str) -> str | Promise:
    """What people read for a kind, also for one that is no longer registered."""
    return _kinds[name].label if name in _kinds else DEFAULT_LABEL


def longest_wait() -> dt.timedelta:
    """Above which no job of any kind is put off after a failed try."""
    return max((kind.backoff.cap for kind in _kinds.values()), default=DEFAULT_BACKOFF.cap)


def rules() -> dict[str, Rule]:
    """The periodic jobs by name."""
    return dict(_rules)


def forget(name: str) -> None:
    """Remove a kind and its rule (tests register their own and clear up behind themselves)."""
    _kinds.pop(name, None)
    _rules.pop(name, None)
