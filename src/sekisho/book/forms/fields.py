"""Form fields that read what officials write: yen with units, dates in Japanese eras."""

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext

from sekisho.values import ValueProblem, parse_date, parse_fiscal_year, parse_yen, sentences


def _sentence(error: ValueProblem) -> str:
    said = gettext(error.template) % error.params
    mend = gettext(error.mend_template) % error.mend_params if error.mend_template else ""
    return sentences(said, mend)


class YenField(forms.CharField):
    """Yen as a whole number from ``1,234``, ``１２３４``, ``5千円``, ``1.2億円`` …; None when left empty."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            return parse_yen(text)
        except ValueProblem as error:
            raise forms.ValidationError(_sentence(error)) from None


class DayField(forms.CharField):
    """A day from ``2026-11-23``, ``令和8年11月23日``, ``R8.11.23`` …; None when left empty."""

    widget = forms.DateInput(attrs={"placeholder": "2026-11-23", "autocomplete": "off"})

    def to_python(self, value: Any) -> Any:
        if isinstance(value, dt.date):
            return value
        text = super().to_python(value)
        if not text:
            return None
        try:
            return parse_date(text)
        except ValueProblem as error:
            raise forms.ValidationError(_sentence(error)) from None


class FiscalYearField(forms.CharField):
    """A fiscal year from ``2026``, ``令和8年度``, ``R8`` …; None when left empty."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            return parse_fiscal_year(text)
        except ValueProblem as error:
            raise forms.ValidationError(_sentence(error)) from None
