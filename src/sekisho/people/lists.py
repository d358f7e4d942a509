"""Lists of people and organisations as files."""

from collections.abc import Iterable
from typing import Any

from django.http import FileResponse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from sekisho.people.models import Notice, User
from sekisho.people.notices import sentence_of
from sekisho.people.queries import Branch
from sekisho.people.record import RecordedAct
from sekisho.web.lists import Cells, as_file


def people_file(fmt: str, people: Iterable[User]) -> FileResponse:
    """People with the roles they hold today."""
    cells = [
        Cells("name", _("Name"), str),
        Cells("username", _("User name"), lambda person: person.username),
        Cells("email", _("E-mail address"), lambda person: person.email),
        Cells("organisation", _("Organisation"), lambda person: _named(person.organisation)),
        Cells("roles", _("Roles today"), _roles),
        Cells("open", _("Account open"), lambda person: person.is_active),
    ]
    return as_file(fmt, "people", _("People"), cells, people)


def _roles(person: Any) -> list[str]:
    return [f"{held.get_role_display()} ({held.organisation.local_name})" for held in person.roles_now]


def _named(organisation: Any) -> str:
    return organisation.local_name if organisation else ""


def organisations_file(fmt: str, tree: Iterable[Branch]) -> FileResponse:
    """Organisations in the order of the tree; ``level`` counts from 1."""
    cells = [
        Cells("code", _("Code"), lambda branch: branch.organisation.code),
        Cells("name", _("Name"), lambda branch: branch.organisation.local_name),
        Cells("level", pgettext("organisation", "Level"), lambda branch: branch.depth + 1, "number"),
        Cells("people", _("People"), lambda branch: branch.people, "number"),
        Cells("closed_on", _("Closed on"), lambda branch: branch.organisation.closed_on, "date"),
    ]
    return as_file(fmt, "organisations", _("Organisations"), cells, tree)


def history_file(fmt: str, acts: Iterable[RecordedAct]) -> FileResponse:
    """What was done to people, organisations and standards."""
    cells = [
        Cells("at", _("When"), lambda act: act.at, "moment"),
        Cells("actor", _("Who"), lambda act: act.actor_name),
        Cells("what", _("What"), lambda act: act.sentence),
    ]
    return as_file(fmt, "history", _("History of administration"), cells, acts)


def notices_file(fmt: str, notices: Iterable[Notice]) -> FileResponse:
    """One's notices as sentences."""
    cells = [
        Cells("created_at", _("When"), lambda notice: notice.created_at, "moment"),
        Cells("what", _("What"), sentence_of),
        Cells("read_at", _("Read at"), lambda notice: notice.read_at, "moment"),
    ]
    return as_file(fmt, "notices", _("Notices"), cells, notices)
