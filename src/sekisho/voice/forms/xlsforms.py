"""The form that brings an XLSForm workbook."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sekisho.voice.forms.holders import HolderForm


class ImportForm(HolderForm):
    """A workbook for a book or an organisation. ``read`` holds, signed, what was read of it while one is asked about the rest."""

    title = forms.CharField(
        label=_("Title"), max_length=200, required=False, help_text=_("Empty: the form's own title.")
    )
    title_en = forms.CharField(label=_("English title"), max_length=200, required=False)
    file = forms.FileField(
        label=_("Workbook"),
        required=False,
        help_text=_("An XLSForm (.xlsx) with a sheet “survey”, as KoboToolbox and ODK use it."),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx"}),
    )
    read = forms.CharField(widget=forms.HiddenInput, required=False)

    def clean(self) -> dict[str, Any]:
        """A workbook, or what was read of one."""
        said = super().clean() or self.cleaned_data
        if not said.get("file") and not said.get("read"):
            self.add_error("file", _("Choose a file."))
        return said
