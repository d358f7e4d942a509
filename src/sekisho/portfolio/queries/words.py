"""What a number counts, in words: for the page behind it."""

from collections.abc import Callable, Mapping

from django.http import QueryDict
from django.utils.dateparse import parse_date
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from sekisho.book.models import Phase, ReleaseKind, Tier
from sekisho.errors import Message
from sekisho.portfolio.models import Incident
from sekisho.portfolio.queries import overview, quality, truth
from sekisho.voice.quality import current_rule
from sekisho.voice.queries.quality import title
from sekisho.web.formats import date_long, fiscal_year

_CHOICES: Mapping[str, Mapping[str, Message]] = {
    "phase": {**dict(Phase.choices), **overview.CLOSED},
    "drift": overview.DRIFT,
    "release": {**dict(ReleaseKind.choices), "emergency": overview.EMERGENCY},
    "satisfaction": quality.SATISFACTION,
    "alarm": truth.ALARMS,
    "reviewed": quality.REVIEWED,
    "severity": dict(Incident.Severity.choices),
}


def key_words(figure: str, params: QueryDict) -> list[str]:
    """Each narrowing in words: the key, the span, the fiscal year, the tier."""
    found = []
    if key := params.get("key", ""):
        found.append(_key(figure, key))
    found += _span(figure, params.get("low", ""), params.get("high", ""))
    if (year := params.get("of", "")).isdigit() and len(year) == 4:
        found.append(fiscal_year(int(year), get_language()))
    found.append(str(dict(Tier.choices).get(params.get("tier", ""), "")))
    return [words for words in found if words]


def _key(figure: str, key: str) -> str:
    if figure in _CHOICES:
        return str(_CHOICES[figure].get(key, ""))
    special: dict[str, Callable[[str], str]] = {
        "quality": lambda code: title(current_rule(), code) if code in _levels() else "",
        "confidence_flow": _flow,
        "reported": lambda _key: _("Never"),
    }
    return special[figure](key) if figure in special else ""


def _levels() -> set[str]:
    rule = current_rule()
    return {"below", *(level.code for level in rule.levels)}


def _flow(key: str) -> str:
    before, _arrow, now = key.partition(">")
    return f"{before if before.isdigit() else _('Not rated')} → {now}" if now.isdigit() else ""


def _span(figure: str, low: str, high: str) -> list[str]:
    """Of dates: from and before. Months and shares say themselves by the number that led here."""
    found = []
    lang = get_language()
    for text, words in ((low, _("from %(day)s")), (high, _("before %(day)s"))):
        try:
            day = parse_date(text)
        except ValueError:
            day = None
        if day:
            found.append(words % {"day": date_long(day, lang)})
    return found
