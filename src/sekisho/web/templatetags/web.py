"""Template tags and filters of the shell: `{% load web %}`."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, ModelChoiceField, RadioSelect
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext

from sekisho import values
from sekisho.web import formats
from sekisho.web.charts import MoneyLabels, MoneyYear, money_chart
from sekisho.web.faults import faults
from sekisho.web.road import Road, Size
from sekisho.web.states import STATES

register = template.Library()
register.filter("faults", faults)

NOTICE_ICONS = {"success": "success", "warning": "warning", "error": "error"}


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """`{% icon "book" %}`: a symbol of web/icons.svg; silent unless `label` names it for screen readers."""
    href = f"{static('web/icons.svg')}#{name}"
    if label:
        return format_html('<svg class="icon" role="img" aria-label="{}"><use href="{}"/></svg>', label, href)
    return format_html('<svg class="icon" aria-hidden="true" focusable="false"><use href="{}"/></svg>', href)


@register.simple_tag
def notice_icon(level: str) -> SafeString:
    """The icon of a notice of that message level."""
    return icon(NOTICE_ICONS.get(level, "info"))


@register.simple_tag
def road(road_obj: Road, size: Size = "strip") -> SafeString:
    """`{% road project_road size="band" %}`: the road of five checkpoints."""
    return road_obj.svg(size)


@register.simple_tag
def money(years: list[MoneyYear], labels: MoneyLabels) -> SafeString:
    """`{% money years labels %}`: the chart of requested, approved and executed money."""
    return money_chart(years, labels, get_language() or "ja")


@register.simple_tag
def state_mark(code: str, word: str = "", extra: str = "") -> SafeString:
    """`{% state_mark "go" %}`: shape and word. `word` replaces the word, `extra` adds classes."""
    mark = STATES.get(str(code)) or STATES["undecided"]
    classes = f"state state-{mark.tone} {extra}".rstrip()
    shape = format_html('<span class="state-shape" aria-hidden="true">{}</span>', mark.shape)
    return format_html('<span class="{}">{}{}</span>', classes, shape, word or mark.word)


#: what Django shows for nothing chosen
_BARE_DASHES = "-" * 9


@register.inclusion_tag("web/field.html")
def field(bound: BoundField, help_text: str = "", label: str = "") -> dict[str, Any]:
    """`{% field form.name %}`: label, help, control and errors tied together for screen readers.

    `help_text` and `label` replace the form's own. Required fields say so in words; hidden ones are bare.
    """
    identifier = bound.auto_id or bound.html_name
    text = help_text or bound.help_text
    bound.label = label or bound.label
    described = [f"{identifier}-help"] if text else []
    described += [f"{identifier}-error"] if bound.errors else []
    widget = bound.field.widget
    if isinstance(bound.field, ModelChoiceField) and bound.field.empty_label == _BARE_DASHES:
        bound.field.empty_label = "–"
    return {
        "field": bound,
        "identifier": identifier,
        "label": capfirst(bound.label),
        "help_text": text,
        "control": bound.as_widget(attrs=_control_attributes(bound, described)),
        "is_group": isinstance(widget, RadioSelect | CheckboxSelectMultiple),
        "is_checkbox": isinstance(widget, CheckboxInput),
        "is_file": getattr(widget, "input_type", "") == "file",
        "described": " ".join(described),
    }


def _control_attributes(bound: BoundField, described: list[str]) -> dict[str, Any]:
    # without maxlength: a browser would cut what is pasted, and say nothing; the form refuses it in words
    attributes: dict[str, Any] = {"maxlength": False}
    if described:
        attributes["aria-describedby"] = " ".join(described)
    if bound.errors:
        attributes["aria-invalid"] = "true"
    return attributes


@register.filter
def yen(amount: int | None) -> str | SafeString:
    """Yen for reading, with the exact figure on hover: 1億2,345万円."""
    if amount is None:
        return or_not_entered(None)
    language = get_language()
    short, exact = formats.yen_short(amount, language), formats.yen_exact(amount, language)
    if short == exact:
        return format_html('<data value="{}">{}</data>', amount, short)
    return format_html('<data value="{}" title="{}">{}</data>', amount, exact, short)


@register.filter
def yen_plain(amount: int | None) -> str:
    """Yen for reading as bare text (titles, attributes)."""
    return formats.yen_short(amount, get_language())


@register.filter
def yen_exact(amount: int | None) -> str | SafeString:
    """Yen to the last digit."""
    exact = formats.yen_exact(amount, get_language())
    return exact if amount is None else format_html('<data value="{}">{}</data>', amount, exact)


@register.filter(needs_autoescape=True)
def unbroken(text: str, autoescape: bool = True) -> SafeString:
    """A sentence whose amounts of yen stay each on one line."""
    said = conditional_escape(text) if autoescape else text
    return mark_safe(formats.AMOUNTS.sub(r'<span class="nowrap">\g<0></span>', said))  # noqa: S308 (escaped above)


@register.simple_block_tag
def sentences(content: SafeString) -> SafeString:
    """`{% sentences %}…{% endsentences %}`: sentences of several messages in a row, without a space after a Japanese full stop."""
    return mark_safe(values.sentences(content))  # noqa: S308 (rendered, so escaped)


@register.filter
def fiscal_year(year: int | None) -> str:
    """令和5年度(2023) or FY2023."""
    return formats.fiscal_year(year, get_language())


@register.filter
def date_long(value: date | datetime | None) -> str | SafeString:
    """A <time> reading 2026年11月23日(月)."""
    return _time(value, formats.date_long(value, get_language())) if value else or_not_entered(None)


@register.filter
def month(value: date | datetime | None) -> str:
    """A month: 2026年11月."""
    return formats.month(value, get_language())


@register.filter
def date_time(value: datetime | None) -> str | SafeString:
    """A <time> with date, hours and minutes."""
    return _time(value, formats.date_time(value, get_language())) if value else or_not_entered(None)


@register.filter
def relative_day(value: date | datetime | None) -> str | SafeString:
    """A <time> reading 明日 or 3日後 under a week away, else the long date; the long date on hover."""
    if not value:
        return or_not_entered(None)
    language = get_language()
    words = formats.relative_day(value, timezone.localdate(), language)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        value.isoformat(),
        formats.date_long(value, language),
        words,
    )


@register.filter
def or_not_entered(value: Any) -> Any:
    """The value, or a quiet "not entered" when it is None or an empty text."""
    if value is None or value == "":
        return format_html('<span class="not-entered">{}</span>', gettext("not entered"))
    return value


def _time(value: date | datetime, words: str) -> SafeString:
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), words)
