"""The title of a page, by which tabs, bookmarks and screen readers name it."""

import re

import pytest
from django.urls import reverse

from sekisho.people.models import User

pytestmark = pytest.mark.django_db

PAGES = (
    "book:my_work",
    "book:registry",
    "book:gates",
    "portfolio:overview",
    "sharing:catalogue",
    "gateway:transfers",
    "voice:tests",
    "standards:packs",
    "people:account",
    "mfa_index",
)


def title_of(client, path: str) -> str:
    """As browsers read it: white space is one blank."""
    response = client.get(path, follow=True)
    found = re.search(r"<title>(.*?)</title>", response.content.decode(), re.DOTALL)
    assert found, response.status_code
    return " ".join(found[1].split())


@pytest.mark.parametrize("name", PAGES)
def test_every_page_says_what_it_is_and_then_whose(client, name):
    client.force_login(User.objects.create_superuser("yamada", password="x"))

    assert re.fullmatch(r"\S((?!· ·).)* · Sekisho", title_of(client, reverse(name)))


@pytest.mark.parametrize("path", ["/accounts/login/", "/no-such-page/"])
def test_pages_of_nobody_do_so_too(client, path):
    User.objects.create_superuser("yamada", password="x")

    assert re.fullmatch(r"\S((?!· ·).)* · Sekisho", title_of(client, path))
