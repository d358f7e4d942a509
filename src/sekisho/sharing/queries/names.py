"""Names in the reader's language for what was stored by its Japanese one."""

from collections.abc import Iterable, Sequence

from django.utils.translation import get_language

from sekisho.people.models import Organisation

#: kinds of reasons whose values are names of organisations
_OF_OWNERS = ("owner", "successor")


def owners_named(reasons: Iterable[Iterable[Sequence[object]]]) -> dict[str, str]:
    """English names of the organisations that stored reasons, ``[[kind, [values]], …]`` each, speak of. One query; none
    for readers of Japanese.
    """
    return in_english(
        str(value)
        for stored in reasons
        for kind, values in stored
        if kind in _OF_OWNERS
        for value in values  # type: ignore[attr-defined]
    )


def in_english(names: Iterable[str]) -> dict[str, str]:
    """English names by Japanese ones, of organisations that have one; empty for readers of Japanese."""
    wanted = set(names) if (get_language() or "").startswith("en") else set()
    if not wanted:
        return {}
    known = Organisation.objects.filter(name__in=wanted).exclude(name_en="").order_by("-pk")
    return dict(known.values_list("name", "name_en"))
