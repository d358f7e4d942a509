"""People who own jobs, and job kinds that exist for one test."""

from collections.abc import Callable

import pytest
from django.contrib.auth import get_user_model

from sekisho.jobs import registry


@pytest.fixture
def owner(db):
    return get_user_model().objects.create_user("owner", password="a long password")


@pytest.fixture
def stranger(db):
    return get_user_model().objects.create_user("stranger", password="a long password")


@pytest.fixture
def kind():
    """``kind(handler, name="test.work", **options)`` registers a kind for this test; returns its name."""
    made = []

    def make(handler: Callable, name: str = "test.work", **options) -> str:
        registry.job(name, **options)(handler)
        made.append(name)
        return name

    yield make
    for name in made:
        registry.forget(name)


@pytest.fixture
def only_periodic(monkeypatch):
    """No periodic job but those the test registers."""
    monkeypatch.setattr(registry, "_rules", {})
