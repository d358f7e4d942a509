"""The rail: at most eight places, and the one that a page belongs to is marked."""

import re

import pytest
from django.urls import reverse


def rail(client, name):
    """Each place of the rail by its address, and whether it is the current one."""
    page = client.get(reverse(name)).content.decode()
    nav = page[page.index('<nav class="rail"') :]
    return {
        url: bool(current)
        for url, current in re.findall(
            r'<li><a href="([^"]+)"( aria-current="page")?', nav[: nav.index("</nav>")]
        )
    }


@pytest.mark.parametrize(
    ("page", "place"),
    [
        ("book:my_work", "book:my_work"),
        ("book:registry", "book:registry"),
        ("intake:imports", "book:registry"),
        ("book:gates", "book:gates"),
        ("standards:packs", "book:gates"),
        ("standards:compare", "book:gates"),
        ("people:people", "people:administration"),
    ],
)
def test_a_page_marks_its_place_and_no_other(client, people, page, place):
    client.force_login(people.admin)
    found = rail(client, page)
    assert len(found) == 8
    assert [url for url, current in found.items() if current] == [reverse(place)]


def test_who_administers_nothing_sees_no_administration(client, people):
    client.force_login(people.member)
    found = rail(client, "book:registry")
    assert reverse("people:administration") not in found
    assert reverse("book:gates") in found


def test_parts_of_a_place_are_one_click_from_it(client, people):
    client.force_login(people.quality_office)
    assert reverse("standards:packs") in client.get(reverse("book:gates")).content.decode()
    assert reverse("intake:imports") in client.get(reverse("book:registry")).content.decode()
    client.force_login(people.member)
    assert f'href="{reverse("intake:imports")}"' not in client.get(reverse("book:registry")).content.decode()
