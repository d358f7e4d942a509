"""What strangers write into an address: nothing of it makes a page fail, on PostgreSQL neither."""

import pytest
from django.db import DataError, connection
from django.urls import NoReverseMatch, reverse
from django.urls.converters import IntConverter

from sekisho.people.models import Installation
from tests.config.test_access import patterns

pytestmark = pytest.mark.django_db

#: for texts and for numbers: a NUL, more digits than Python reads, more than a column holds
SPOILED = [("a\x00b", 2**63), ("1" * 5000, 10**30)]


@pytest.fixture
def strict():
    """A database that takes no text with a NUL, as PostgreSQL takes none."""

    def refuse(execute, sql, params, many, context):
        if not many and any(isinstance(value, str) and "\x00" in value for value in params or ()):
            raise DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse):
        yield


@pytest.mark.parametrize(("text", "number"), SPOILED, ids=["nul", "digits"])
def test_no_address_fails_on_spoiled_arguments(client, people, strict, text, number):
    Installation.objects.create(name="関野市")
    client.force_login(people.quality_office)
    client.raise_request_exception = False
    failed = {}
    for name, pattern in patterns():
        taken = pattern.pattern.converters
        if not pattern.name or not taken:
            continue
        spoiled = {arg: number if isinstance(kind, IntConverter) else text for arg, kind in taken.items()}
        try:
            address = reverse(name, kwargs=spoiled)
        except NoReverseMatch:  # the pattern takes none of this
            continue
        for method in ("get", "post"):
            status = getattr(client, method)(address).status_code
            if status >= 500:
                failed[f"{method} {name}"] = status
    assert failed == {}
