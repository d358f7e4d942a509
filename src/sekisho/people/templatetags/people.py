"""Template tags of signing in: people of the sample, the way on after setting up a second factor."""

from typing import Any

from django import template

from sekisho.people import gatekeeping, queries
from sekisho.people.gatekeeping import offers_sample_people
from sekisho.people.models import User
from sekisho.people.notices import role_word

register = template.Library()


@register.simple_tag(takes_context=True)
def sample_people(context: dict[str, Any]) -> list[tuple[str, User]]:
    """(role in words, person) to sign in as by one click; only in sample mode on this very machine."""
    request = context.get("request")
    if request is None or not offers_sample_people(request):
        return []
    return [(role_word(role), person) for role, person in queries.sample_people()]


@register.simple_tag(takes_context=True)
def way_on(context: dict[str, Any]) -> str:
    """The page somebody was on the way to when a second factor was demanded; empty while one is owed."""
    request = context.get("request")
    return gatekeeping.way_on(request) if request is not None else ""
