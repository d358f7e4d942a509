"""Checks that acts share."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from sekisho.errors import Invalid


def check(instance: models.Model, *, exclude: Iterable[str] = ()) -> None:
    """Run the model's own checks (lengths, choices, uniqueness, constraints).

    Raises:
        Invalid: with the first message of each field.
    """
    try:
        instance.full_clean(exclude=set(exclude))
    except ValidationError as problem:
        fields = {name: messages[0] for name, messages in problem.message_dict.items()}
        first = next(iter(fields.values()))
        raise Invalid(first, fields={k: v for k, v in fields.items() if k != NON_FIELD_ERRORS}) from None


def text(value: str, field: str, *, required: bool = True) -> str:
    """The text without surrounding space.

    Raises:
        Invalid: it is empty though required, or holds characters that cannot be stored or shown.
    """
    value = (value or "").strip()
    if required and not value:
        raise Invalid(_("This must not be empty."), field=field)
    if any(ord(character) < 32 for character in value):
        raise Invalid(_("This holds a control character. Type the text again without it."), field=field)
    return value


def changed(before: dict[str, Any], after: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The parts of two states that differ."""
    names = [name for name in after if before.get(name) != after[name]]
    return {name: before.get(name) for name in names}, {name: after[name] for name in names}
