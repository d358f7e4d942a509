"""A book before its plan gate, and a caller for each person."""

from types import SimpleNamespace

import pytest

from sekisho.people.roles import ROLES
from tests.api.callers import Caller
from tests.book.factories import make_project, plan_gate


@pytest.fixture
def callers(people) -> SimpleNamespace:
    """A caller with a token that may write, per role; ``anonymous`` has none."""
    made = {role: Caller(getattr(people, role)) for role in ROLES}
    return SimpleNamespace(**made, anonymous=Caller(None))


@pytest.fixture
def project(bureau, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return make_project(bureau, code="T-1", name="窓口予約")


@pytest.fixture
def gate(project):
    return plan_gate(project)
