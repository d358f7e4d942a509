"""Fiscal years: they start in April unless the setting says otherwise."""

import datetime as dt

from django.conf import settings


def fiscal_year_of(day: dt.date) -> int:
    """The fiscal year a day belongs to, named by the year it starts in."""
    return day.year if day.month >= settings.FISCAL_YEAR_START_MONTH else day.year - 1


def first_day(year: int) -> dt.date:
    """The first day of a fiscal year."""
    return dt.date(year, settings.FISCAL_YEAR_START_MONTH, 1)
