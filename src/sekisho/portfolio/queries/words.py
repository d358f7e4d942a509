"""What a number counts, in words: for the page behind it."""

import datetime as dt
from collections.abc import Callable, Mapping

from django.http import QueryDict
from django.utils.dateparse import parse_date
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from sekisho.book.models import Phase, ReleaseKind, Tier
from sekisho.errors import Message
from sekisho.portfolio.figures import MONEY, NEVER, Worth
from sekisho.portfolio.models import Incident
from sekisho.portfolio.queries import overview, quality, running, truth
from sekisho.voice.quality import current_rule
from sekisho.voice.queries.quality import title
from sekisho.web.formats import date_long, fiscal_year, month, yen_short

_CHOICES: Mapping[str, Mapping[str, Message]] = {
    "phase": {**dict(Phase.choices), **overview.CLOSED},
    "drift": overview.DRIFT,
    "release": {**dict(ReleaseKind.choices), "emergency": overview.EMERGENCY},
    "satisfaction": quality.SATISFACTION,
    "alarm": truth.ALARMS,
    "alarm_answered": truth.ALARMS,
    "reviewed": quality.REVIEWED,
    "available": running.TARGETS,
    "severity": dict(Incident.Severity.choices),
}


#: figures whose numbers count something else than projects: a project may add several
COUNTS = frozenset({"gate_due", "condition_due", "release", "quality", "reviewed", "no_reviewer", "severity"})
#: figures that are counted under something which the list says of each line
KEYED = frozenset(
    {
        *COUNTS,
        "phase",
        "reported",
        "complete",
        "confidence_flow",
        "drift",
        "alarm",
        "alarm_answered",
        "satisfaction",
    }
)
#: figures whose amounts are added up, and what they are
AMOUNTS: Mapping[str, Message] = {
    **dict.fromkeys(MONEY, gettext_lazy("Amount")),
    "incidents": gettext_lazy("Incidents"),
    "requests": gettext_lazy("Requests"),
    "minutes_down": gettext_lazy("Minutes down"),
    "availability": gettext_lazy("Availability"),
    "available": gettext_lazy("Availability"),
    "drift": gettext_lazy("Days late"),
}


def amount_word(figure: str, worth: Worth) -> str:
    """An amount as people read it; "" of figures that have none."""
    if figure not in AMOUNTS:
        return ""
    if figure in ("availability", "available"):
        return f"{worth.amount / worth.n / 100:.2f}%" if worth.n else ""
    return yen_short(worth.amount, get_language()) if figure in MONEY else f"{worth.amount:,}"


def total_words(figure: str, total: Worth) -> str:
    """What a list comes to: the number that led here, and how many projects it is of."""
    n = f"{total.n:,}"
    if figure in COUNTS:
        return _("%(n)s in all") % {"n": n}
    if figure == "availability":
        return ngettext("%(mean)s in %(n)s month", "%(mean)s on average of %(n)s months", total.n) % {
            "mean": amount_word(figure, total),
            "n": n,
        }
    projects = ngettext("%(n)s project", "%(n)s projects", total.n) % {"n": n}
    if figure not in AMOUNTS or figure in ("drift", "available"):  # days and shares of several are no sum
        return projects
    return f"{projects} · {_('%(n)s in all') % {'n': amount_word(figure, total)}}"


def key_word(figure: str, key: str) -> str:
    """What an entry was counted under: a day, a month, a share, a choice. "" where the figure says it all."""
    if figure in ("gate_due", "condition_due"):
        return date_long(dt.date.fromisoformat(key), get_language())
    if figure == "reported" and key != NEVER:
        return month(dt.date.fromisoformat(f"{key}-01"), get_language())
    if figure == "complete":
        return f"{10 * int(key)}–{10 * int(key) + 9}%" if int(key) < 10 else "100%"
    return _key(figure, key)


def key_words(figure: str, params: QueryDict) -> list[str]:
    """Each narrowing in words: the key, the span, the fiscal year, the tier."""
    found = []
    if key := params.get("key", ""):
        found.append(_key(figure, key))
    found += _span(figure, params.get("low", ""), params.get("high", ""))
    if (year := params.get("of", "")).isdigit() and len(year) == 4:
        words = fiscal_year(int(year), get_language())
        since = params.get("since", "")
        earlier = since.isdigit() and len(since) == 4
        found.append(f"{fiscal_year(int(since), get_language())} – {words}" if earlier else words)
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
