"""The words of a ledger entry's values: codes, days, months, years and versions as people read them."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from sekisho.people.notices import role_word
from sekisho.web import formats


@dataclass(frozen=True)
class Names:
    """Names that stand behind keys and codes in entries, read beforehand (see ``queries/ledger_names.py``).

    ``organisations``: key -> name. ``standards``: "pack version" -> title with version. ``criteria``: key of a
    gate -> titles by code.
    """

    organisations: Mapping[int, str] = field(default_factory=dict)
    standards: Mapping[str, str] = field(default_factory=dict)
    criteria: Mapping[int, Mapping[str, str]] = field(default_factory=dict)

    def criterion(self, gate_id: Any, code: str) -> str:
        """A criterion's title; its code only when the gate no longer knows it."""
        return self.criteria.get(gate_id, {}).get(code, code)


NO_NAMES = Names()

_KINDS: dict[str, Promise] = {
    "goal": gettext_lazy("the goal"),
    "link": gettext_lazy("the link"),
    "module": gettext_lazy("the module"),
    "interface": gettext_lazy("the interface with"),
    "contract": gettext_lazy("the contract"),
}
_PARTS: dict[str, Promise] = {
    "contracts": gettext_lazy("contracts"),
    "goals": gettext_lazy("goals"),
    "links": gettext_lazy("links"),
    "listed_year": gettext_lazy("year of the list"),
    "listed_name": gettext_lazy("name in that list"),
    "listed_owner": gettext_lazy("organisation in that list"),
    "situation": gettext_lazy("present state and issues"),
    "remarks": gettext_lazy("remarks"),
}
#: texts that only a source has, in the order they are shown
_TEXTS: dict[str, Promise] = {
    "situation": gettext_lazy("Present state and issues"),
    "remarks": gettext_lazy("Remarks of the source"),
}
_SOURCES: dict[str, Promise | str] = {"rs": gettext_lazy("the RS system"), "judgit": "JUDGIT!"}


def value_words(act: str, params: Mapping[str, Any], names: Names = NO_NAMES) -> dict[str, str]:
    """Each of an entry's params in words of the active language. Free text stays as it was written."""
    return {name: _word(act, name, value, params, names) for name, value in params.items()}


def _word(act: str, name: str, value: Any, params: Mapping[str, Any], names: Names) -> str:
    if value is None:
        return ""
    if name == "fields" and isinstance(value, list):
        return _(", ").join(field_word(act, str(item)) for item in value)
    if name == "criterion":
        return names.criterion(params.get("gate_id"), str(value))
    if name == "standard" or (act == "gate.upgraded" and name in ("old", "new")):
        return names.standards.get(str(value), str(value))
    words = _BY_NAME.get(name)
    return words(value) if words else _choice_word(name, str(value))


def day_word(value: Any) -> str:
    """An ISO day as the long date; everything else as it is."""
    try:
        return formats.date_long(dt.date.fromisoformat(str(value)), get_language())
    except ValueError:
        return str(value)


def month_word(value: Any) -> str:
    """2026年4月 or Apr 2026, from ``2026-04``."""
    try:
        return formats.month(dt.date.fromisoformat(f"{value}-01"), get_language())
    except ValueError:
        return str(value)


def year_word(value: Any) -> str:
    """A fiscal year as people read it."""
    return formats.fiscal_year(int(value), get_language()) if str(value).isdecimal() else str(value)


def source_word(value: Any) -> str:
    """``judgit 2021`` as the source's name and fiscal year; a table of the office's own keeps its name."""
    scheme, _space, year = str(value).rpartition(" ")
    if not scheme or not year.isdecimal():
        scheme, year = str(value), ""
    name = str(_SOURCES.get(scheme, scheme))
    return f"{name} {year_word(year)}" if year else name


def source_texts(imported: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What a source says beyond the book's fields, as ``ExternalId.imported`` keeps it: (heading, text)."""
    texts = imported.get("texts") or {}
    return [(str(title), texts[name]) for name, title in _TEXTS.items() if texts.get(name)]


def _gate_word(value: Any) -> str:
    from sekisho.book.models.gates import gate_title

    return gate_title(str(value))


_BY_NAME: dict[str, Callable[[Any], str]] = {
    "date": day_word,
    "due": day_word,
    "until": day_word,
    "from": day_word,
    "month": month_word,
    "year": year_word,
    "source": source_word,
    "gate": _gate_word,
    "role": lambda value: role_word(str(value)),
    "kind": lambda value: str(_KINDS.get(str(value), value)),
    "sha": lambda value: str(value)[:12],
}


def register_values(words: Mapping[str, Callable[[Any], str]]) -> None:
    """Let an app to our right say the values of its params: name of the param -> its words. From ``ready``."""
    _BY_NAME.update(words)


def field_word(act: str, name: str) -> str:
    """The label of a field that an act names."""
    from sekisho.book.models import Project
    from sekisho.people.models import User

    kind, _colon, year = name.partition(":")
    if kind == "budget" and year:
        return _("money for %(year)s") % {"year": year_word(year)}
    if name in _PARTS:
        return str(_PARTS[name])
    record = User if act.startswith("person.") else Project
    columns = {column.name: column for column in record._meta.fields}
    return str(columns[name].verbose_name) if name in columns else name


def _choice_word(name: str, value: str) -> str:
    from sekisho.book.models import AnswerValue, Membership, Phase, Result, Severity, Tier

    choices: dict[str, Any] = {
        "value": AnswerValue,
        "result": Result,
        "recommendation": Result,
        "severity": Severity,
        "phase": Phase,
        "tier": Tier,
        "part": Membership.Part,
    }
    return str(dict(choices[name].choices).get(value, value)) if name in choices else value
