"""Forms of the portfolio."""

from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from sekisho.intake.services.uploads import TABLE_ENDINGS
from sekisho.people.forms import day_input
from sekisho.portfolio.models import Incident
from sekisho.portfolio.services.operations import LARGEST, LONGEST


class OperationForm(forms.Form):
    """One month of a service in use."""

    month = forms.DateField(
        label=_("month"),
        widget=day_input(),
        help_text=_("Any day of the month; saying a month again corrects it."),
    )
    system = forms.CharField(
        label=_("system"),
        required=False,
        max_length=100,
        help_text=_("Only where parts of the service are reported apart. Empty: the whole service."),
    )
    availability = forms.DecimalField(
        label=_("availability"),
        required=False,
        max_digits=5,
        decimal_places=2,
        min_value=0,
        max_value=100,
        help_text=_("In percent, such as 99.95. Leave it empty where it is not measured."),
    )
    incidents = forms.IntegerField(label=_("incidents"), min_value=0, max_value=LARGEST)
    minutes_down = forms.IntegerField(
        label=_("minutes down"),
        required=False,
        min_value=0,
        max_value=LONGEST,
        help_text=_("How long nobody could use the service. Empty: as the listed incidents say."),
    )
    requests = forms.IntegerField(label=_("requests for changes and help"), min_value=0, max_value=LARGEST)


class IncidentForm(forms.Form):
    """One incident of a service in use."""

    key = forms.CharField(
        label=_("number"),
        max_length=100,
        help_text=_("As your own list numbers it; saying a number again corrects it."),
    )
    began_on = forms.DateField(label=_("began on"), widget=day_input())
    severity = forms.ChoiceField(label=_("severity"), choices=Incident.Severity.choices)
    minutes_down = forms.IntegerField(label=_("minutes down"), min_value=0, max_value=LARGEST, initial=0)
    system = forms.CharField(label=_("system"), required=False, max_length=100)
    text = forms.CharField(label=_("what happened"), required=False, max_length=500)


class OperationFileForm(forms.Form):
    """A file of months or incidents."""

    table = forms.FileField(
        label=_("File"), widget=forms.ClearableFileInput(attrs={"accept": ",".join(TABLE_ENDINGS)})
    )


class SignForm(forms.Form):
    """Why the figures of a book look as they do."""

    sign = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("What the owner section says, and why it holds"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class WeekForm(forms.Form):
    """On which day the portfolio comes by mail."""

    weekday = forms.TypedChoiceField(
        label=_("On which day"),
        required=False,
        choices=[*WEEKDAYS.items(), ("", _("No weekly mail"))],
        coerce=int,
        empty_value=None,
        widget=forms.RadioSelect,
    )

    def get_initial_for_field(self, field: forms.Field, field_name: str) -> Any:
        """Never is the choice without a value."""
        found = super().get_initial_for_field(field, field_name)
        return "" if found is None else found
