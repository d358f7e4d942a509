"""Shared fixtures: people by role on two bureaus, a clean cache, noise as failure."""

import os

import pytest
from django.core.cache import cache
from django.utils import translation

pytest_plugins = ["tests.factories"]


@pytest.fixture(autouse=True)
def _english():
    """Messages of services are asserted in English; pages choose their language themselves."""
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def _clean_cache():
    cache.clear()
    yield
    cache.clear()


def pytest_collection_modifyitems(config, items):
    from django.db import connection

    for item in items:
        if "postgres" in item.keywords and connection.vendor != "postgresql":
            item.add_marker(pytest.mark.skip(reason="needs PostgreSQL"))
        if "browser" in item.keywords and not os.environ.get("SEKISHO_TEST_BROWSER"):
            item.add_marker(pytest.mark.skip(reason="set SEKISHO_TEST_BROWSER=/usr/bin/chromium to run"))
