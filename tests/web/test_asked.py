"""What an address asks for is read without trusting it."""

import pytest
from django.core.paginator import UnorderedObjectListWarning

from sekisho.people.models import Organisation
from sekisho.web.asked import stretch_of, whole_number


@pytest.mark.parametrize(
    ("given", "number"),
    [
        ("7", 7),
        ("007", 7),
        ("", None),
        ("-1", None),
        ("1.5", None),
        ("٣", None),
        ("²", None),
        ("9" * 19, None),
    ],
)
def test_a_number_is_ascii_digits_that_a_key_can_have(given, number):
    assert whole_number(given) == number


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("after", "codes", "more"),
    [("", "ab", 2), ("2", "cd", 4), ("4", "e", 0), ("99", "", 0), ("x", "ab", 2), ("9" * 40, "ab", 2)],
)
def test_a_long_list_is_shown_in_stretches(after, codes, more):
    for code in "abcde":
        Organisation.objects.create(code=code, name=code, path=f"/{code}/")
    found = stretch_of(Organisation.objects.order_by("code"), after, 2)
    assert ("".join(row.code for row in found.rows), found.more) == (codes, more)


@pytest.mark.django_db
def test_a_stretch_of_rows_without_an_order_is_told_to_who_wrote_it():
    with pytest.warns(UnorderedObjectListWarning):
        stretch_of(Organisation.objects.order_by(), "", 2)
