"""What every act on a book needs: the locked book, a check, a ledger entry, the rollup."""

import datetime as dt
from collections.abc import Mapping
from enum import Enum
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sekisho.book.models import Gate, Project
from sekisho.book.services import ledger
from sekisho.errors import Conflict, Invalid, NotFound, NotPermitted, StaleWrite
from sekisho.people.roles import Actor
from sekisho.values import shown


class Act:
    """One act in progress on a locked book: checks permission, writes the ledger."""

    def __init__(self, actor: Actor, project: Project) -> None:
        self.actor = actor
        self.project = project
        self.now = timezone.now()
        self.today = timezone.localdate()
        self.wrote = False
        self.money_moved = False

    @property
    def person_id(self) -> int:
        """Key of the person who acts; only for acts the system itself never does."""
        assert self.actor.user_id is not None
        return self.actor.user_id

    def require(self, act: str) -> None:
        """Refuse unless the table of roles allows it on this book (NotPermitted; NotFound when unseen)."""
        path, pid = self.project.owner.path, self.project.pk
        if self.actor.may(act, path=path, project_id=pid):
            return
        if not self.actor.may("read", path=path, project_id=pid):
            raise NotFound(_("There is no such book, or you may not see it."))
        raise NotPermitted(_("Your role does not allow this on this book."))

    def require_any(self, *acts: str) -> None:
        """Refuse unless the table of roles allows one of these."""
        path, pid = self.project.owner.path, self.project.pk
        allowed = [act for act in acts if self.actor.may(act, path=path, project_id=pid)]
        self.require(allowed[0] if allowed else acts[0])

    def require_open(self) -> None:
        """Refuse on a book that was retired or stopped."""
        if self.project.is_closed:
            raise Conflict(_("This book is closed: the project was retired or stopped."), code="book_closed")

    def write(
        self,
        act: str,
        params: Mapping[str, Any] | None = None,
        *,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> None:
        """Append to the book's ledger."""
        self.wrote = True
        ledger.append(
            self.actor, self.project, act, params=plain(params), before=plain(before), after=plain(after)
        )


def locked_book(pk: int) -> Project:
    """The book, locked, with its owner.

    On PostgreSQL a book that was given another owner while we waited for it falls out of the join: it is then
    asked for alone.
    """
    books = Project.objects.select_for_update(of=("self",))
    return books.select_related("owner").filter(pk=pk).first() or books.get(pk=pk)


def locked_gate(gate: Gate | int) -> Gate:
    """The gate row (by itself or its key), locked, with what its evaluation needs.

    The standard comes without its document, which is long and parsed once per process.
    """
    gates = Gate.objects.select_for_update(of=("self",)).select_related(
        "project__owner", "standard", "release"
    )
    return gates.defer("standard__document").get(pk=gate if isinstance(gate, int) else gate.pk)


def plain(values: Mapping[str, Any] | None) -> dict[str, Any]:
    """Values as plain JSON: dates as ISO text, models as their key, enumerations as their value."""
    return {key: _plain(value) for key, value in (values or {}).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    if isinstance(value, Model):
        return value.pk
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return plain(value)
    return str(value)


def not_past(day: dt.date | None, field: str, today: dt.date) -> None:
    """Refuse a due date that has already passed."""
    if day is not None and day < today:
        raise Invalid(_("The date has already passed. Choose today or a later day."), field=field)


def readable(text: str | None) -> str:
    """The stripped text without what no database can keep: NUL and halves of surrogate pairs."""
    whole = (text or "").replace("\x00", "")
    return whole.encode("utf-8", "ignore").decode("utf-8").strip()


def filled(text: str | None, field: str, message: Any = None) -> str:
    """The stripped text; refuse when nothing is there."""
    stripped = readable(text)
    if not stripped:
        raise Invalid(message or _("Please fill this in."), field=field)
    return stripped


def choice(value: Any, choices: Any, field: str) -> str:
    """The value, when it is one of the choices; refuse with the list otherwise."""
    if value not in choices.values:
        allowed = ", ".join(str(item) for item in choices.values)
        raise Invalid(
            _("“%(value)s” is not one of: %(allowed)s") % {"value": value, "allowed": allowed}, field=field
        )
    return value


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Only what differs, as (before, after)."""
    keys = [key for key in after if before.get(key) != after[key]]
    return {key: before.get(key) for key in keys}, {key: after[key] for key in keys}


def fitting(text: str | None, limit: int, field: str) -> str:
    """The stripped text; refuse what is longer than fits, rather than cut it off unseen."""
    stripped = readable(text)
    if len(stripped) > limit:
        said = {"limit": limit, "length": len(stripped)}
        raise Invalid(_("At most %(limit)d characters fit here; this is %(length)d.") % said, field=field)
    return stripped


def clean_url(url: str, field: str = "links") -> str:
    """A web address; refuse anything but http and https. ``field``: where the refusal belongs."""
    text = readable(url)
    try:
        URLValidator(schemes=["http", "https"])(text)
    except ValidationError:
        raise Invalid(
            _("“%(url)s” is not a web address. Write it from https:// on.") % {"url": shown(text)},
            field=field,
        ) from None
    return text


def read_again(row: Model) -> None:
    """Read a row anew inside the act: what the caller holds may be older than the lock on its book.

    Raises:
        NotFound: someone removed it in the meantime.
    """
    try:
        row.refresh_from_db()
    except type(row).DoesNotExist:  # type: ignore[attr-defined]
        raise NotFound(_("Someone removed this in the meantime.")) from None


def expect(
    row: Any, version: int | None, current: Mapping[str, Any], yours: Mapping[str, Any], message: Any
) -> None:
    """Refuse a save that rests on another version than the row's; None expects nothing.

    ``current`` and ``yours`` hold both versions of what is being saved, for people and programs to compare.

    Raises:
        StaleWrite: someone saved in between.
    """
    if version is None or row.version == version:
        return
    both = {**by_name(current), "version": row.version}
    raise StaleWrite(message, current=plain(both), yours=plain(by_name(yours)))


class Unread(Enum):
    """The caller does not say what it has read."""

    UNREAD = "unread"


UNREAD: Final = Unread.UNREAD


def expect_date(name: str, now: dt.date | None, read: dt.date | Unread | None, sent: dt.date | None) -> None:
    """Refuse to move a date that somebody moved since the caller read it.

    Raises:
        StaleWrite: it is not the date that was read.
    """
    if read not in (UNREAD, now):
        message = _("Someone else moved this date while you were looking. Compare both versions.")
        raise StaleWrite(message, current=plain({name: now}), yours=plain({name: sent}))


def by_name(values: Mapping[str, Any]) -> dict[str, Any]:
    """Records by their names, as the ledger keeps them; everything else as it is."""
    return {name: str(value) if isinstance(value, Model) else value for name, value in values.items()}
