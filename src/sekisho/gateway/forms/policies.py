"""Forms of sanitizing policies."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sekisho.people.models import Organisation


class PolicyForm(forms.Form):
    """The text of a policy, and why it changes; the service checks what it says."""

    text = forms.CharField(
        label=_("Policy (YAML)"),
        max_length=64 * 1024,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false", "class": "mono", "wrap": "off"}),
    )
    reason = forms.CharField(label=_("what changes, and why"), max_length=500)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


class NewPolicyForm(PolicyForm):
    """A policy that is not there yet."""

    code = forms.SlugField(label=_("code"), max_length=40)
    organisation = forms.ModelChoiceField(
        label=_("organisation"), queryset=Organisation.objects.none(), empty_label=None
    )
    field_order = ("code", "organisation")

    def __init__(self, *args: Any, organisations: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = organisations  # type: ignore[attr-defined]
