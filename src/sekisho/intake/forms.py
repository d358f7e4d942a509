"""Forms of imports: the upload, and which column of a table is what."""

from collections.abc import Mapping as AnyMapping
from dataclasses import replace
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from sekisho.intake import words
from sekisho.intake.mapping import FIELDS, SEVERAL, Column, Mapping, column_of, dump
from sekisho.intake.services.sources import RESERVED
from sekisho.intake.services.uploads import FOLDER_ENDINGS, TABLE_ENDINGS
from sekisho.tables.table import Table, heading_key
from sekisho.values import UNITS, ValueProblem, parse_fiscal_year

_MAX_SCHEME = 32


class _Files(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One or several files, as a list."""

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        """Each file checked for a name; whether it can be taken is the service's to say."""
        given = data if isinstance(data, list | tuple) else [data] if data else []
        if self.required and not given:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return list(given)


class UploadForm(forms.Form):
    """The files of an import."""

    files = FilesField(label=_("Files"), widget=_Files())  # type: ignore[assignment]

    def __init__(self, *args: Any, table: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        widget = self.fields["files"].widget
        widget.allow_multiple_selected = not table
        widget.attrs["accept"] = ",".join(TABLE_ENDINGS if table else (*FOLDER_ENDINGS, ".zip"))
        if not table:
            widget.attrs["multiple"] = True


class MappingForm(forms.Form):
    """Which heading is which field of the book, starting from a mapping of a table."""

    scheme = forms.CharField(
        label=_("Name of this source"),
        max_length=_MAX_SCHEME,
        help_text=_(
            "Use the same name whenever you import this table again, so that its rows find their books."
        ),
    )
    unit = forms.ChoiceField(
        label=_("Unit of amounts that do not say another"), choices=[(v, k) for k, v in UNITS.items()]
    )
    fiscal_year = forms.CharField(
        label=_("Fiscal year of amounts that do not say another"),
        required=False,
        max_length=20,
        help_text=_("For example 2026 or 令和8年度"),
    )

    def __init__(self, *args: Any, table: Table, mapping: Mapping, **kwargs: Any) -> None:
        self.table, self.mapping = table, mapping
        kwargs.setdefault("initial", _initial(table, mapping))
        super().__init__(*args, **kwargs)
        headings = [(heading, heading) for heading in dict.fromkeys(table.headings) if heading]
        for name in FIELDS:
            self.fields[f"column_{name}"] = _column_field(name, headings)

    def clean_scheme(self) -> str:
        """The name, when it is not that of an official source."""
        scheme = str(self.cleaned_data["scheme"]).strip()
        if scheme.lower() in RESERVED:
            raise forms.ValidationError(_("This name belongs to an official source. Choose another one."))
        return scheme

    def clean_fiscal_year(self) -> int | None:
        """A fiscal year, western or of an era."""
        text = self.cleaned_data["fiscal_year"]
        try:
            return parse_fiscal_year(text) if text else None
        except ValueProblem as problem:
            raise forms.ValidationError(words.message(problem)) from None

    def columns(self) -> list[forms.BoundField]:
        """The fields of columns, for the page."""
        return [self[f"column_{name}"] for name in FIELDS]

    def yaml(self) -> str:
        """The mapping as YAML text, from valid values."""
        data = self.cleaned_data
        known = {heading_key(c.heading): c for columns in self.mapping.columns.values() for c in columns}
        return dump(
            replace(
                self.mapping,
                columns=_columns(data, known),
                scheme=data["scheme"],
                unit=int(data["unit"]),
                fiscal_year=data["fiscal_year"],
            )
        )


def _initial(table: Table, mapping: Mapping) -> dict[str, Any]:
    written = {heading_key(heading): heading for heading in table.headings}
    initial: dict[str, Any] = {
        "scheme": "" if mapping.scheme == "table" else mapping.scheme,
        "unit": mapping.unit,
        "fiscal_year": mapping.fiscal_year or "",
    }
    for name, columns in mapping.columns.items():
        chosen = [written.get(heading_key(column.heading), column.heading) for column in columns]
        initial[f"column_{name}"] = chosen if name in SEVERAL else next(iter(chosen), "")
    return initial


def _column_field(name: str, headings: list[tuple[str, str]]) -> forms.Field:
    label = words.mapping_label(name)
    if name in SEVERAL:
        widget = forms.SelectMultiple(attrs={"size": min(6, len(headings))})
        return forms.MultipleChoiceField(label=label, required=False, choices=headings, widget=widget)
    empty = ("", _("not in this table"))
    return forms.ChoiceField(label=label, required=name == "name", choices=[empty, *headings])


def _columns(data: AnyMapping[str, Any], known: AnyMapping[str, Column]) -> dict[str, tuple[Column, ...]]:
    columns: dict[str, tuple[Column, ...]] = {}
    for name in FIELDS:
        chosen = data.get(f"column_{name}") or []
        headings = chosen if isinstance(chosen, list) else [chosen]
        if headings:
            columns[name] = tuple(known.get(heading_key(h)) or column_of(h) for h in headings)
    return columns


class MappingTextForm(forms.Form):
    """The mapping as text, for what the selects cannot say: units and years of single columns, words of values."""

    text = forms.CharField(
        label=_("Mapping"), widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false", "class": "mono"})
    )


class ConfirmForm(forms.Form):
    """Whether everything goes in or nothing."""

    strict = forms.BooleanField(
        label=_("Import everything or nothing: if a row could not be read, change nothing"), required=False
    )
