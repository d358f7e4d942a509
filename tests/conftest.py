"""Shared fixtures: people by role on two bureaus, a clean cache, noise as failure."""

import os

import pytest
from django.core.cache import caches
from django.utils import translation

pytest_plugins = ["tests.factories"]


@pytest.fixture(autouse=True)
def _english():
    """Messages of services are asserted in English; pages choose their language themselves."""
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def _clean_cache():
    """What a process remembers; the shared cache lies in the database and is rolled back with it."""
    caches["process"].clear()
    yield
    caches["process"].clear()


def pytest_collection_modifyitems(config, items):
    from django.db import connection

    for item in items:
        if "postgres" in item.keywords and connection.vendor != "postgresql":
            item.add_marker(pytest.mark.skip(reason="needs PostgreSQL"))
        if "browser" in item.keywords and not os.environ.get("SEKISHO_TEST_BROWSER"):
            item.add_marker(pytest.mark.skip(reason="set SEKISHO_TEST_BROWSER=/usr/bin/chromium to run"))
