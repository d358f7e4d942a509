"""Money, fiscal years and dates in the two languages. Pure, but for the phrase for a missing value."""

from __future__ import annotations

import re
from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext, override

OKU = 100_000_000
CHO = 1_000_000_000_000
WEEKDAYS = {"ja": "月火水木金土日", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# A fiscal year takes the era it mostly lies in: 2019 is 令和元年度, 1989 is 平成元年度.
ERAS = ((2019, "令和"), (1989, "平成"), (1926, "昭和"), (1912, "大正"), (1868, "明治"))
NEAR_DAYS = {"ja": {-1: "昨日", 0: "今日", 1: "明日"}, "en": {-1: "yesterday", 0: "today", 1: "tomorrow"}}


def is_japanese(lang: str | None) -> bool:
    """Whether `lang` ("ja", "ja-jp", None) is written in Japanese; Japanese is the default."""
    return not lang or lang.lower().startswith("ja")


def not_entered(lang: str | None) -> str:
    """The phrase shown where a value was never entered."""
    with override("ja" if is_japanese(lang) else "en"):
        return gettext("not entered")


#: amounts in a sentence, as the functions below write them
AMOUNTS = re.compile(r"-?(?:¥[\d,.]*\d[MBT]?|[\d,]*\d(?:[兆億万][\d,]+)*[兆億万]?円)")


def yen_short(amount: int | None, lang: str | None) -> str:
    """Yen for reading: 1億2,345万円 (rounded to 万; to 億 from 1兆 up) or ¥123.45M."""
    if amount is None:
        return not_entered(lang)
    sign = "-" if amount < 0 else ""
    return sign + (_yen_ja(abs(amount)) if is_japanese(lang) else _yen_en(abs(amount)))


def yen_exact(amount: int | None, lang: str | None) -> str:
    """Yen to the last digit: 123,450,000円 or ¥123,450,000."""
    if amount is None:
        return not_entered(lang)
    if is_japanese(lang):
        return f"{amount:,}円"
    return f"-¥{-amount:,}" if amount < 0 else f"¥{amount:,}"


def _yen_ja(amount: int) -> str:
    if amount < 10_000:
        return f"{amount:,}円"
    if amount >= CHO - OKU // 2:
        return _joined(_rounded(amount, OKU), "兆", "億円")
    return _joined(_rounded(amount, 10_000), "億", "万円")


def _rounded(amount: int, unit: int) -> int:
    return (amount + unit // 2) // unit


def _joined(units: int, upper: str, lower: str) -> str:
    high, low = divmod(units, 10_000)
    if not high:
        return f"{low:,}{lower}"
    return f"{high:,}{upper}{low:,}{lower}" if low else f"{high:,}{upper}円"


def _yen_en(amount: int) -> str:
    for unit, letter in ((10**12, "T"), (10**9, "B"), (10**6, "M")):
        if amount >= unit - unit // 200_000:
            return f"¥{_two_decimals(amount, unit)}{letter}"
    return f"¥{amount:,}"


def _two_decimals(amount: int, unit: int) -> str:
    hundredths = _rounded(amount * 100, unit)
    return f"{hundredths / 100:,.2f}".rstrip("0").rstrip(".")


def fiscal_year(year: int | None, lang: str | None) -> str:
    """令和5年度(2023) or FY2023; `year` is the one the fiscal year starts in."""
    if year is None:
        return not_entered(lang)
    if not is_japanese(lang):
        return f"FY{year}"
    for first, era in ERAS:
        if year >= first:
            count = year - first + 1
            return f"{era}{'元' if count == 1 else count}年度({year})"
    return f"{year}年度"


def as_day(value: date | datetime) -> date:
    """The calendar day of `value`; an aware time is taken in the current time zone."""
    if not isinstance(value, datetime):
        return value
    return timezone.localtime(value).date() if timezone.is_aware(value) else value.date()


def date_long(value: date | datetime | None, lang: str | None) -> str:
    """2026年11月23日(月) or Mon 23 Nov 2026."""
    if value is None:
        return not_entered(lang)
    day = as_day(value)
    if is_japanese(lang):
        return f"{day.year}年{day.month}月{day.day}日({WEEKDAYS['ja'][day.weekday()]})"
    return f"{WEEKDAYS['en'][day.weekday()]} {day.day} {MONTHS[day.month - 1]} {day.year}"


def month(value: date | datetime | None, lang: str | None) -> str:
    """2026年11月 or Nov 2026."""
    if value is None:
        return not_entered(lang)
    day = as_day(value)
    return f"{day.year}年{day.month}月" if is_japanese(lang) else f"{MONTHS[day.month - 1]} {day.year}"


def date_time(value: datetime | None, lang: str | None) -> str:
    """The long date with hours and minutes in the current time zone."""
    if value is None:
        return not_entered(lang)
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return f"{date_long(local, lang)} {local:%H:%M}"


def relative_day(value: date | datetime | None, today: date, lang: str | None) -> str:
    """今日, 明日, 3日後 / today, tomorrow, in 3 days when under a week away, else the long date."""
    if value is None:
        return not_entered(lang)
    days = (as_day(value) - today).days
    if abs(days) >= 7:
        return date_long(value, lang)
    language = "ja" if is_japanese(lang) else "en"
    return NEAR_DAYS[language].get(days) or _days_away(days, language)


def _days_away(days: int, language: str) -> str:
    if language == "ja":
        return f"{days}日後" if days > 0 else f"{-days}日前"
    return f"in {days} days" if days > 0 else f"{-days} days ago"
