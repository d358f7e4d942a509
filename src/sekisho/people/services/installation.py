"""The first act of all: an administrator and the government's own organisation."""

from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from sekisho.errors import Conflict
from sekisho.people.models import Installation, User
from sekisho.people.permissions import SYSTEM
from sekisho.people.record import record
from sekisho.people.roles import ADMIN
from sekisho.people.services.accounts import create_person
from sekisho.people.services.organisations import create_organisation
from sekisho.people.services.roles import grant_role


@dataclass(frozen=True)
class FirstPerson:
    """The administrator that the first visitor creates."""

    username: str
    display_name: str
    email: str
    password: str


def set_up(*, name: str, name_en: str, code: str, administrator: FirstPerson, language: str = "") -> User:
    """Create the installation, its top organisation and its administrator, once.

    Two visitors at once: the single row of ``Installation`` lets one through.

    Raises:
        Conflict: somebody was faster, or it was set up long ago.
        Invalid: a value cannot be accepted.
    """
    try:
        with transaction.atomic():
            person = _create_all(name, name_en, code, administrator, language)
    except IntegrityError:
        raise _already() from None
    return person


def _create_all(name: str, name_en: str, code: str, administrator: FirstPerson, language: str) -> User:
    if Installation.objects.exists() or User.objects.exists():
        raise _already()
    Installation.objects.create(id=1, name=name.strip()[:300])
    organisation = create_organisation(SYSTEM, code=code, name=name, name_en=name_en)
    person = create_person(SYSTEM, organisation=organisation, language=language, **administrator.__dict__)
    grant_role(SYSTEM, person, role=ADMIN, organisation=organisation)
    record(SYSTEM, "installation.created", params={"name": organisation.name})
    return person


def _already() -> Conflict:
    message = _("Sekisho is already set up here. Sign in, or ask the administrator for an account.")
    return Conflict(message, code="already_set_up")
