"""The words of notices: a sentence per kind, filled with the notice's params in the reader's language."""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from sekisho.people.models import Notice, RoleAssignment
from sekisho.web.formats import date_long

Words = Callable[[Mapping[str, Any]], Mapping[str, Any]]

_FALLBACK = _("Something happened that concerns you")
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class _Kind:
    sentence: str | Promise
    words: Words | None


_kinds: dict[str, _Kind] = {}


def register_kind(kind: str, sentence: str | Promise, words: Words | None = None) -> None:
    """Let an app tell how its notices read.

    ``sentence`` is a lazy msgid with ``%(name)s`` places. Params that are ISO dates are written as dates;
    ``words`` may turn other params (codes of choices) into words of the active language.
    """
    _kinds[kind] = _Kind(sentence, words)


def sentence_of(notice: Notice) -> str:
    """The notice as a sentence in the active language; kinds nobody registered read as a general one."""
    kind = _kinds.get(notice.kind)
    if kind is None:
        return str(_FALLBACK)
    params = {name: _readable(value) for name, value in notice.params.items()}
    if kind.words:
        params |= kind.words(notice.params)
    try:
        return str(kind.sentence) % params
    except KeyError:
        return str(_FALLBACK)


def _readable(value: Any) -> Any:
    if isinstance(value, str) and _ISO_DATE.fullmatch(value):
        try:
            return date_long(dt.date.fromisoformat(value), get_language())
        except ValueError:
            return value
    return value


def role_word(role: str) -> str:
    """The role's name in the active language."""
    return str(dict(RoleAssignment.Role.choices).get(role, role))


def _role_words(params: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"role": role_word(str(params.get("role", "")))}


register_kind("role_granted", _("You hold the role %(role)s for %(organisation)s from %(date)s"), _role_words)
register_kind("role_ended", _("Your role %(role)s for %(organisation)s ends on %(date)s"), _role_words)
register_kind("second_factor_removed", _("An administrator removed your second factor on %(date)s"))
register_kind("token_expires", _("Your API token “%(name)s” expires on %(date)s"))
