"""Filters of the voice of users: `{% load voice %}`. Figures with the interval they lie in."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _

from sekisho.analysis.intervals import Estimate
from sekisho.analysis.kano import Change
from sekisho.analysis.words import verdict
from sekisho.standards.pack import Text
from sekisho.voice.queries.outcomes import is_known, sus_standing
from sekisho.web import formats
from sekisho.web.templatetags.web import or_not_entered

register = template.Library()

CATEGORIES = {
    "M": gettext_noop("must-be"),
    "O": gettext_noop("one-dimensional"),
    "A": gettext_noop("attractive"),
    "I": gettext_noop("indifferent"),
    "R": gettext_noop("reverse"),
    "Q": gettext_noop("questionable"),
}

#: titles of the evaluation tables that ship with `sekisho.analysis`
TABLES = (
    gettext_noop("Kano's evaluation table"),
    gettext_noop("Table with the contradictions of equal answers made questionable"),
)


register.filter(sus_standing)


@register.filter
def kano_table(title: str) -> str:
    """The title of an evaluation table: shipped ones in the reader's language, others as they were named."""
    return _(title) if title in TABLES else title


@register.filter
def percent(share: float | None) -> str:
    """0.853 as 85%."""
    return "" if share is None else f"{100 * share:.0f}%"


@register.filter
def percent_between(estimate: Estimate | None) -> str | SafeString:
    """70% (39–90): the share and its interval."""
    if estimate is None:
        return str(or_not_entered(None))
    low, high = f"{100 * estimate.low:.0f}", f"{100 * estimate.high:.0f}"
    return _with_interval(percent(estimate.value), low, high)


@register.filter
def points_between(estimate: Estimate | None) -> str | SafeString:
    """(61.2–88.1): the interval of a mean score; nothing when it rests on one value."""
    if estimate is None or not is_known(estimate):
        return ""
    return _with_interval("", f"{estimate.low:.1f}", f"{estimate.high:.1f}")


@register.filter
def coefficient(estimate: Estimate | None) -> str | SafeString:
    """−0.62 (−0.71, −0.52): a coefficient or a difference, and its interval."""
    if estimate is None:
        return "–"
    low, high = (f"{end:.2f}".replace("-", "−") for end in (estimate.low, estimate.high))
    value = f"{estimate.value:.2f}".replace("-", "−")
    return _with_interval(value, low, high, ", ") if is_known(estimate) else value


@register.filter
def score_between(estimate: Estimate | None) -> str | SafeString:
    """−36 (−47, −24): a score that may lie below nought, and its interval."""
    if estimate is None:
        return "–"
    value, low, high = (
        f"{end:.0f}".replace("-", "−") for end in (estimate.value, estimate.low, estimate.high)
    )
    return _with_interval(value, low, high, ", ")


@register.filter
def change_between(line: Any) -> SafeString:
    """+4.2 (−1.0, 9.4): how a figure changed, and the interval of the change; ``line`` has ``difference`` and ``scale``."""
    found, scale = line.difference, line.scale
    digits = 2 if scale == 1 else 1
    value, low, high = (
        f"{end * scale:+.{digits}f}".replace("-", "−") for end in (found.value, found.low, found.high)
    )
    return _with_interval(value, low, high, ", ")


@register.filter
def seconds_between(estimate: Estimate | None) -> str | SafeString:
    """1:23 (0:58–1:59): time on task and its interval."""
    if estimate is None:
        return str(or_not_entered(None))
    if not is_known(estimate):
        return clock(estimate.value)
    return _with_interval(clock(estimate.value), clock(estimate.low), clock(estimate.high))


@register.filter
def clock(seconds: float | None) -> str:
    """83 seconds as 1:23."""
    whole = round(seconds or 0)
    return f"{whole // 60}:{whole % 60:02d}"


@register.filter
def in_language(words: Any) -> Any:
    """Words of a definition in the reader's language, a month too; numbers as they are."""
    if isinstance(words, date):
        return formats.month(words, get_language())
    return words.get(get_language() or "ja") if isinstance(words, Text) else words


@register.filter
def kano_word(category: str | None) -> str:
    """A Kano category with its letter: M must-be."""
    return f"{category} {_(CATEGORIES[category])}" if category in CATEGORIES else "–"


@register.filter
def kano_verdict(change: Change) -> str:
    """What became of a feature between two waves, in words."""
    return verdict(change.verdict, change.before, change.after, _)


@register.simple_tag
def answer_bar(share: Estimate | None) -> SafeString:
    """A bar as long as the share; silent, as the figures stand beside it."""
    width = f"{100 * share.value:.1f}%" if share else "0"
    return format_html(
        '<svg class="answer-bar" aria-hidden="true" width="100%" height="12"><rect width="{}" height="12"/></svg>',
        width,
    )


@register.simple_tag
def share_bar(parts: Sequence[tuple[str, str, int]], title: str) -> SafeString:
    """One bar split by (code, words, count), each part named on hover; nothing when every count is 0. As SVG."""
    total = sum(count for _code, _words, count in parts)
    if not total:
        return SafeString("")
    shapes, at = [], 0.0
    for code, words, count in parts:
        width = 100 * count / total
        if count:
            place = (f"{at:.3f}%", f"{width:.3f}%", f"{at + width / 2:.3f}%")
            shapes.append((code, place[0], place[1], words, count, place[2], count))
        at += width
    drawn = format_html_join(
        "",
        '<rect class="level-bar is-{}" x="{}" y="0" width="{}" height="28"><title>{}: {}</title></rect>'
        '<text class="level-count" x="{}" y="19" text-anchor="middle">{}</text>',
        shapes,
    )
    return format_html(
        '<svg class="chart level-chart" role="img" width="100%" height="28" xmlns="http://www.w3.org/2000/svg">'
        "<title>{}</title>{}</svg>",
        title,
        drawn,
    )


def _with_interval(value: str, low: str, high: str, between: str = "–") -> SafeString:
    said = _("95 percent interval")
    return format_html(
        '{} <span class="muted small" title="{}">({}{}{})</span>', value, said, low, between, high
    )
