"""The form that brings an evaluation table in."""

from django import forms
from django.utils.translation import gettext_lazy as _


class KanoTableForm(forms.Form):
    """A file with five rows of five letters, and where they come from."""

    file = forms.FileField(
        label=_("Table of your own"),
        help_text=_(
            "CSV or YAML: five rows of five letters M O A I R Q, from “I like it” to “I dislike it”; rows are the feature being there, columns its being missing."
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.yaml,.yml"}),
    )
    name = forms.CharField(label=_("Name of the table"), max_length=100, required=False)
    source = forms.CharField(label=_("Where it was published"), max_length=500, required=False)
