"""People for tests: organisations, users by role, and the fixtures every app's tests start from.

Fixtures: ``bureau``, ``other_bureau``, ``section`` (below ``bureau``) and ``people`` (one user per role, on
``bureau``). ``Organisation.path`` is filled in when an organisation is made, as the services do.
"""

import datetime as dt
from types import SimpleNamespace
from typing import Any

import factory
import pytest
from django.contrib.auth.hashers import make_password

from sekisho.people.models import Organisation, RoleAssignment, User
from sekisho.people.roles import ROLES

#: the password of every user a factory makes; hashed once, because hashing is not what tests are about
PASSWORD = "correct horse battery"
_HASHES: dict[str, str] = {}


def _hash(password: str) -> str:
    if password not in _HASHES:
        _HASHES[password] = make_password(password)
    return _HASHES[password]


class OrganisationFactory(factory.django.DjangoModelFactory):
    """``OrganisationFactory(name="総務局", parent=None)``; its path follows from the parent."""

    class Meta:
        model = Organisation

    code = factory.Sequence(lambda n: f"org-{n:04d}")
    name = factory.Sequence(lambda n: f"第{n}局")
    name_en = factory.Sequence(lambda n: f"Bureau {n}")
    parent = None

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> Organisation:
        organisation: Organisation = super()._create(model_class, *args, **kwargs)
        above = organisation.parent.path if organisation.parent else "/"
        organisation.path = f"{above}{organisation.pk}/"
        organisation.save(update_fields=["path"])
        return organisation


class RoleAssignmentFactory(factory.django.DjangoModelFactory):
    """A role in force since long ago: ``RoleAssignmentFactory(user=u, role="auditor", organisation=o)``."""

    class Meta:
        model = RoleAssignment

    user = factory.SubFactory("tests.factories.UserFactory")
    role = "member"
    organisation = factory.SubFactory(OrganisationFactory)
    valid_from = dt.date(2020, 4, 1)
    valid_until = None


class UserFactory(factory.django.DjangoModelFactory):
    """A person with ``PASSWORD``. A trait grants its role: ``UserFactory(cio_aide=True, organisation=b)``."""

    class Meta:
        model = User

    class Params:
        member = factory.Trait(role="member")
        cio_aide = factory.Trait(role="cio_aide")
        expert = factory.Trait(role="expert")
        quality_office = factory.Trait(role="quality_office")
        executive = factory.Trait(role="executive")
        auditor = factory.Trait(role="auditor")
        contractor = factory.Trait(role="contractor")
        admin = factory.Trait(role="admin")
        superior = factory.Trait(role="superior")
        security_officer = factory.Trait(role="security_officer")

    username = factory.Sequence(lambda n: f"person{n:04d}")
    display_name = factory.Sequence(lambda n: f"山田 {n}")
    email = factory.LazyAttribute(lambda person: f"{person.username}@example.lg.jp")
    organisation = None
    password = factory.LazyFunction(lambda: _hash(PASSWORD))
    role = ""

    @classmethod
    def _create(cls, model_class: Any, *args: Any, role: str = "", **kwargs: Any) -> User:
        person = User(*args, **kwargs)
        if role and person.organisation is None:
            person.organisation = OrganisationFactory()
        person.save()
        if role:
            RoleAssignmentFactory(user=person, role=role, organisation=person.organisation)
        return person


def people_of(organisation: Organisation) -> SimpleNamespace:
    """One user per role, each held on ``organisation``: ``.member``, ``.cio_aide``, … ``.admin``."""
    return SimpleNamespace(
        **{
            role: UserFactory(
                username=role, display_name=f"山田 {role}", organisation=organisation, **{role: True}
            )
            for role in ROLES
        }
    )


@pytest.fixture
def bureau(db: None) -> Organisation:
    return OrganisationFactory(code="bureau", name="総務局", name_en="General Affairs Bureau")


@pytest.fixture
def other_bureau(db: None) -> Organisation:
    return OrganisationFactory(code="other-bureau", name="福祉保健局", name_en="Welfare and Health Bureau")


@pytest.fixture
def section(bureau: Organisation) -> Organisation:
    """A section below ``bureau``."""
    return OrganisationFactory(
        code="section", name="総務局情報課", name_en="Information Section", parent=bureau
    )


@pytest.fixture
def people(bureau: Organisation) -> SimpleNamespace:
    """One user per role on ``bureau``, each usable with ``client.force_login``."""
    return people_of(bureau)
