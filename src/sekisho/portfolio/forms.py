"""Forms of the portfolio."""

from django import forms
from django.utils.translation import gettext_lazy as _

from sekisho.people.forms import day_input
from sekisho.portfolio.services.operations import LARGEST


class OperationForm(forms.Form):
    """One month of a service in use."""

    month = forms.DateField(
        label=_("month"),
        widget=day_input(),
        help_text=_("Any day of the month; saying a month again replaces it."),
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
    requests = forms.IntegerField(label=_("requests for changes and help"), min_value=0, max_value=LARGEST)
