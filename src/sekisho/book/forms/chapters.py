"""Forms of the book's chapters. They read; the rules stand in the services."""

import datetime as dt
import json
from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import Model, Q
from django.utils.translation import gettext_lazy as _

from sekisho.book.forms.fields import DayField, FiscalYearField, YenField
from sekisho.book.models import (
    DevelopmentForm,
    Interface,
    Membership,
    NetworkZone,
    Project,
    ReleaseKind,
    RetirementItem,
    Risk,
    Tier,
)
from sekisho.book.models.vocabulary import Confidence, InformationClass, PersonalData
from sekisho.people.models import Organisation, User
from sekisho.people.roles import Actor


def _area(rows: int = 3) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class ChapterForm(forms.Form):
    """Every chapter form knows its book and who acts, to offer the right people and places."""

    def __init__(self, *args: Any, project: Project, actor: Actor, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", f"{type(self).__name__.lower()}_%s")
        super().__init__(*args, **kwargs)
        self.project, self.actor = project, actor
        if "person" in self.fields:
            people = User.objects.filter(is_active=True).order_by("display_name", "username")
            self.fields["person"].queryset = people  # type: ignore[attr-defined]
        if "owner" in self.fields and isinstance(self.fields["owner"], forms.ModelChoiceField):
            self._offer_owners()

    def _offer_owners(self) -> None:
        named = Q(memberships__project=self.project, is_active=True) | Q(risks__project=self.project)
        owners = User.objects.filter(named).distinct().order_by("display_name", "username")
        self.fields["owner"].queryset = owners  # type: ignore[attr-defined]

    @classmethod
    def said(cls, row: Model) -> dict[str, Any]:
        """What a row says now, by the form's fields."""
        columns = {column.name: column for column in row._meta.concrete_fields}
        return {name: columns[name].value_from_object(row) for name in cls.base_fields if name in columns}


class Versioned(ChapterForm):
    """A change that knows which version its reader saw, so that a save in between is shown, not overwritten."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


class Entered(Versioned):
    """Enters a row by its key: a new one, or the one that the book has. ``seen``: key -> version as it was read."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    #: the field that names the row
    key_field: str

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["seen"] = json.dumps({self.key_of(key): version for key, version in self.rows()})

    def rows(self) -> Iterable[tuple[Any, int]]:
        """Key and version of every row that the book has."""
        raise NotImplementedError

    def key_of(self, value: Any) -> str:
        """A key as ``seen`` spells it."""
        return str(value)

    def clean(self) -> dict[str, Any]:
        """Everything entered, with the version to expect as ``version``."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if self.key_field in data:
            data["version"] = self._expected()
        return data

    def clean_seen(self) -> dict[str, int]:
        """Versions by key; what is no such mapping counts as nothing seen."""
        try:
            seen = json.loads(self.cleaned_data["seen"])
        except (ValueError, RecursionError):  # no JSON, a number without end, nested without end
            seen = {}
        versions = seen if isinstance(seen, dict) else {}
        return {key: version for key, version in versions.items() if isinstance(version, int)}

    def _expected(self) -> int | None:
        """The version of the entered row that the reader saw: 0 for one that the book did not have."""
        data = self.cleaned_data
        if data["version"] is not None or "seen" not in self.data:
            return data["version"]
        return (data.get("seen") or {}).get(self.key_of(data[self.key_field]), 0)


class AttributesForm(ChapterForm):
    """What the project is."""

    name = forms.CharField(label=_("Name"), max_length=500)
    name_en = forms.CharField(label=_("English name"), max_length=500, required=False)
    purpose = forms.CharField(label=_("Purpose"), widget=_area(), required=False)
    summary = forms.CharField(label=_("Summary"), widget=_area(4), required=False)
    organisation = forms.ModelChoiceField(label=_("Owner section"), queryset=Organisation.objects.none())
    for_citizens = forms.BooleanField(label=_("For citizens"), required=False)
    for_businesses = forms.BooleanField(label=_("For businesses"), required=False)
    for_staff = forms.BooleanField(label=_("For staff"), required=False)
    personal_data = forms.ChoiceField(label=_("Personal data"), choices=PersonalData.choices)
    information_class = forms.TypedChoiceField(
        label=_("Information class"), choices=InformationClass.choices, coerce=int
    )
    network_zone = forms.ChoiceField(label=_("Network zone"), choices=NetworkZone.choices)
    development_form = forms.ChoiceField(label=_("Development form"), choices=DevelopmentForm.choices)
    start_year = FiscalYearField(label=_("First fiscal year"), required=False)
    end_year = FiscalYearField(label=_("Last fiscal year"), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = Organisation.objects.filter(closed_on__isnull=True)  # type: ignore[attr-defined]

    @classmethod
    def of(cls, project: Project, actor: Actor) -> "AttributesForm":
        """Filled with what the book says now."""
        names = [name for name in cls.base_fields if name != "organisation"]
        initial = {name: getattr(project, name) for name in names} | {"organisation": project.owner}
        return cls(project=project, actor=actor, initial=initial)


class TierForm(ChapterForm):
    tier = forms.ChoiceField(label=_("Tier"), choices=Tier.choices)
    reason = forms.CharField(label=_("Reason"), widget=_area(2), required=False)


class MemberForm(ChapterForm):
    person = forms.ModelChoiceField(label=_("Person"), queryset=User.objects.none())
    part = forms.ChoiceField(label=_("Part"), choices=Membership.Part.choices)
    note = forms.CharField(label=_("Note"), max_length=200, required=False)


class MemberChangeForm(Versioned):
    part = forms.ChoiceField(label=_("Part"), choices=Membership.Part.choices)
    note = forms.CharField(label=_("Note"), max_length=200, required=False)


class BudgetChangeForm(Versioned):
    """One year's money as the book has it; a field left empty empties the amount."""

    requested = YenField(
        label=_("Requested"), required=False, help_text=_("Yen; 1,200万円 and 5千円 are understood.")
    )
    approved = YenField(label=_("Approved"), required=False)
    supplementary = YenField(label=_("Supplementary"), required=False)
    carried_in = YenField(label=_("Carried in"), required=False)
    carried_out = YenField(label=_("Carried out"), required=False)
    executed = YenField(label=_("Executed"), required=False)


class BudgetForm(Entered, BudgetChangeForm):
    """Any year's money; a field left empty keeps what the book has."""

    fiscal_year = FiscalYearField(label=_("Fiscal year"), help_text=_("2026 or 令和8年度"))
    field_order = ("fiscal_year",)
    key_field = "fiscal_year"

    def rows(self) -> Iterable[tuple[int, int]]:
        """Fiscal years and their versions."""
        return self.project.budget_years.values_list("fiscal_year", "version")


class ContractForm(ChapterForm):
    title = forms.CharField(label=_("Title"), max_length=1000)
    contractor = forms.CharField(label=_("Contractor"), max_length=300)
    corporate_number = forms.CharField(label=_("Corporate number"), required=False, help_text=_("13 digits"))
    method = forms.CharField(label=_("Method of award"), max_length=200, required=False)
    amount = YenField(label=_("Amount"), required=False)
    fiscal_year = FiscalYearField(label=_("Fiscal year"), required=False)
    starts_on = DayField(label=_("Starts on"), required=False)
    ends_on = DayField(label=_("Ends on"), required=False)


class ContractChangeForm(Versioned, ContractForm):
    @classmethod
    def said(cls, row: Any) -> dict[str, Any]:
        company = row.contractor
        named = {"contractor": company.name, "corporate_number": company.corporate_number}
        return super().said(row) | named


class MilestoneForm(ChapterForm):
    name = forms.CharField(label=_("Milestone"), max_length=300)
    planned_on = DayField(label=_("Planned on"))


class MilestoneChangeForm(Versioned, MilestoneForm):
    """A milestone's name and working date."""


class ReachForm(Versioned):
    done_on = DayField(label=_("Reached on"))


class ReasonForm(ChapterForm):
    reason = forms.CharField(label=_("Reason"), widget=_area(2))


class StatusForm(Entered):
    """How any month stood; a month that was reported is corrected."""

    key_field = "month"
    month = DayField(label=_("Month"), help_text=_("Any day of the month"))
    schedule = forms.TypedChoiceField(label=_("Schedule"), choices=Confidence.choices, coerce=int)
    cost = forms.TypedChoiceField(label=_("Cost"), choices=Confidence.choices, coerce=int)
    scope = forms.TypedChoiceField(label=_("Scope"), choices=Confidence.choices, coerce=int)
    quality = forms.TypedChoiceField(label=_("Quality"), choices=Confidence.choices, coerce=int)
    words = forms.CharField(label=_("In words"), widget=_area())

    def rows(self) -> Iterable[tuple[dt.date, int]]:
        """First days of the reported months and the versions of their reports."""
        return self.project.status_reports.values_list("month", "version")

    def key_of(self, value: dt.date) -> str:
        """The month of a day: 2026-11."""
        return f"{value:%Y-%m}"


class RiskForm(ChapterForm):
    kind = forms.ChoiceField(label=_("Kind"), choices=Risk.Kind.choices)
    title = forms.CharField(label=_("Title"), max_length=300)
    text = forms.CharField(label=_("In words"), widget=_area(2), required=False)
    weight = forms.TypedChoiceField(label=_("Weight"), choices=Risk.Weight.choices, coerce=int, initial=2)
    owner = forms.ModelChoiceField(label=_("Who"), queryset=User.objects.none(), required=False)
    due_on = DayField(label=_("By when"), required=False)


class RiskChangeForm(Versioned, RiskForm):
    """A risk or question as the book has it."""


class CloseForm(Versioned):
    """How a risk or question ended."""

    outcome = forms.CharField(label=_("Outcome"), widget=_area(2))


class LinkForm(ChapterForm):
    title = forms.CharField(label=_("Title"), max_length=300, required=False)
    url = forms.CharField(label=_("Web address"), max_length=2000)


class LinkChangeForm(Versioned, LinkForm):
    """A link as the book has it."""


class FileForm(ChapterForm):
    #: an empty one is refused where files are kept, in words that say what to do
    file = forms.FileField(label=_("File"), allow_empty_file=True)


class ModuleForm(ChapterForm):
    name = forms.CharField(label=_("Module"), max_length=300)
    purpose = forms.CharField(label=_("Purpose"), widget=_area(2), required=False)
    supplier = forms.CharField(label=_("Supplier"), max_length=300, required=False)


class ModuleChangeForm(Versioned, ModuleForm):
    """A module as the book has it."""


class InterfaceForm(ChapterForm):
    counterpart = forms.CharField(label=_("Other system"), max_length=300)
    direction = forms.ChoiceField(label=_("Direction"), choices=Interface.Direction.choices)
    method = forms.CharField(label=_("Method"), max_length=200, required=False)
    data = forms.CharField(label=_("Data"), max_length=500, required=False)  # type: ignore[assignment]


class InterfaceChangeForm(Versioned, InterfaceForm):
    """An interface as the book has it."""


class GoalForm(ChapterForm):
    text = forms.CharField(label=_("Goal"), widget=_area(2))
    unit = forms.CharField(label=_("Unit"), max_length=100, required=False)
    baseline = forms.CharField(label=_("Value today"), max_length=200, required=False)
    target = forms.CharField(label=_("Target"), max_length=200, required=False)


class GoalChangeForm(Versioned, GoalForm):
    """A goal as the book has it."""


class ReleaseForm(ChapterForm):
    version = forms.CharField(label=_("Version"), max_length=60)
    kind = forms.ChoiceField(label=_("Kind"), choices=ReleaseKind.choices)
    planned_on = DayField(label=_("Planned on"))
    name = forms.CharField(label=_("What it brings"), max_length=300, required=False)


class EmergencyForm(ChapterForm):
    version = forms.CharField(label=_("Version"), max_length=60)
    kind = forms.ChoiceField(label=_("Kind"), choices=ReleaseKind.choices, initial="fix")
    reason = forms.CharField(label=_("Why it cannot wait"), widget=_area(2))
    name = forms.CharField(label=_("What it brings"), max_length=300, required=False)


class RescheduleForm(ChapterForm):
    """A release's day. ``read``: the day that its reader saw, so that a move in between is shown, not overwritten."""

    planned_on = DayField(label=_("Planned on"))
    read = DayField(widget=forms.HiddenInput, required=False)


class EmptyForm(ChapterForm):
    """An act that needs no more than its button."""


class RetirementForm(ChapterForm):
    name = forms.CharField(label=_("What"), max_length=300)
    kind = forms.ChoiceField(label=_("Kind"), choices=RetirementItem.Kind.choices)
    location = forms.CharField(label=_("Where"), max_length=300, required=False)
    classification = forms.TypedChoiceField(
        label=_("Classification"), choices=RetirementItem.Classification.choices, coerce=int
    )
    method = forms.ChoiceField(
        label=_("Method"), choices=[("", "–"), *RetirementItem.Method.choices], required=False
    )
    done_on = DayField(label=_("Done on"), required=False)
    done_by = forms.CharField(label=_("Done by"), max_length=300, required=False)
    witness = forms.CharField(label=_("Witnessed by"), max_length=300, required=False)
    certificate = forms.CharField(label=_("Certificate"), max_length=300, required=False)


class RetirementChangeForm(Versioned, RetirementForm):
    """A line as the list has it."""
