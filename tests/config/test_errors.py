"""Requests that no view takes still get a page in the reader's language."""

import pytest
from django.test import Client

from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def test_the_address_of_a_form_opened_as_a_page_says_what_to_do() -> None:
    client = Client(HTTP_ACCEPT_LANGUAGE="ja")
    client.force_login(UserFactory())
    response = client.get("/i18n/setlang/")
    assert response.status_code == 405
    assert "POST" in response["Allow"]
    assert "フォームを送るための場所" in response.content.decode()
