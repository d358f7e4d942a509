"""Forms of the standards pages."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sekisho.people.forms import OrganisationChoice, day_input
from sekisho.standards.models import StandardVersion


class VersionChoice(forms.ModelChoiceField):
    """Choice of a registered version."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=StandardVersion.objects.defer("document"), **kwargs)


class ChooseForm(forms.Form):
    """Put a version in force for an organisation from a day on."""

    organisation = OrganisationChoice(
        label=_("Organisation"),
        empty_label=_("Choose an organisation"),
        help_text=_("It holds for everything below, too, unless they chose their own."),
    )
    standard = VersionChoice(label=pgettext_lazy("pack", "Standard"), empty_label=_("Choose a version"))
    in_force_from = forms.DateField(
        label=_("In force from"),
        widget=day_input(),
        initial=timezone.localdate,
        help_text=_("Today or later."),
    )
    reason = forms.CharField(
        label=_("Reason"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )


class CompareForm(forms.Form):
    """Which two versions to lay side by side."""

    old = VersionChoice(label=pgettext_lazy("compare", "From"), empty_label=_("Choose a version"))
    new = VersionChoice(label=pgettext_lazy("compare", "To"), empty_label=_("Choose a version"))
