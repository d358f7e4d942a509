"""Forms of the gate page. They read; the rules stand in the services."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sekisho.book.models import AnswerValue, Result, Severity
from sekisho.book.models.vocabulary import Recommendation
from sekisho.book.queries.gates import GateView
from sekisho.book.queries.people import people_near
from sekisho.book.services.decisions import NewCondition
from sekisho.book.services.reviews import NewFinding
from sekisho.people.models import User
from sekisho.standards.pack import Criterion


class AnswerForm(forms.Form):
    """A criterion's answer. ``version`` is what the person saw; ``links`` one address a line."""

    value = forms.ChoiceField(
        label=_("Answer"), choices=AnswerValue.choices, widget=forms.RadioSelect, required=False
    )
    comment = forms.CharField(
        label=_("In words"),
        widget=forms.Textarea(attrs={"rows": 4}),
        required=False,
        max_length=20_000,
        help_text=_("What you did and how it shows. Where something does not apply: why."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


class EvidenceForm(forms.Form):
    """A link or a file that shows what the answer says."""

    url = forms.CharField(label=_("Web address"), required=False, max_length=2000)
    title = forms.CharField(label=_("Title"), required=False, max_length=300)
    #: an empty one is refused where files are kept, in words that say what to do
    file = forms.FileField(label=_("File"), required=False, allow_empty_file=True)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("url") and not data.get("file") and not self.errors:
            raise forms.ValidationError(_("Enter a web address or choose a file."))
        return data


class ReviewForm(forms.Form):
    """A review with up to five findings at once; more can follow in another review."""

    FINDINGS = 5
    recommendation = forms.ChoiceField(
        label=_("Recommendation"), choices=Recommendation.choices, widget=forms.RadioSelect
    )
    comment = forms.CharField(label=_("In words"), widget=forms.Textarea(attrs={"rows": 3}), required=False)

    def __init__(self, *args: Any, criteria: tuple[Criterion, ...], language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("The whole")), *((c.code, f"{c.code} {c.title.get(language)}") for c in criteria)]
        for index in range(self.FINDINGS):
            self.fields[f"finding_{index}_severity"] = forms.ChoiceField(
                label=_("Weight"), choices=[("", "–"), *Severity.choices], required=False
            )
            self.fields[f"finding_{index}_criterion"] = forms.ChoiceField(
                label=_("About"), choices=choices, required=False
            )
            self.fields[f"finding_{index}_text"] = forms.CharField(
                label=_("What was found"), widget=forms.Textarea(attrs={"rows": 2}), required=False
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for index in range(self.FINDINGS):
            text, severity = data.get(f"finding_{index}_text"), data.get(f"finding_{index}_severity")
            if text and not severity:
                self.add_error(f"finding_{index}_severity", _("Choose how much it weighs."))
            if severity and not text:
                self.add_error(f"finding_{index}_text", _("Say what was found."))
        return data

    def finding_fields(self) -> Iterator[tuple[int, Any, Any, Any]]:
        """Number and bound fields of each finding, for the template."""
        for i in range(self.FINDINGS):
            yield (
                i + 1,
                self[f"finding_{i}_severity"],
                self[f"finding_{i}_criterion"],
                self[f"finding_{i}_text"],
            )

    def findings(self) -> list[NewFinding]:
        """What was found, in order."""
        data = self.cleaned_data
        return [
            NewFinding(
                data[f"finding_{i}_severity"], data[f"finding_{i}_text"], data[f"finding_{i}_criterion"]
            )
            for i in range(self.FINDINGS)
            if data[f"finding_{i}_text"]
        ]


class DecisionForm(forms.Form):
    """A decision; a conditional one carries a condition for each blocker and may add one more."""

    result = forms.ChoiceField(label=_("Decision"), choices=Result.choices, widget=forms.RadioSelect)
    reason = forms.CharField(label=_("Reason"), widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, view: GateView, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = [(b.criterion, b.key, message) for b, message in view.messages()] + [("", "", "")]
        owners = people_near(view.gate.project)
        for index, (_criterion, _key, message) in enumerate(self.rows):
            self.fields[f"condition_{index}_text"] = forms.CharField(
                label=_("Condition"),
                initial=message,
                widget=forms.Textarea(attrs={"rows": 2}),
                required=False,
            )
            self.fields[f"condition_{index}_owner"] = forms.ModelChoiceField(
                label=_("Who"), queryset=owners, required=False, empty_label=_("Choose who.")
            )
            self.fields[f"condition_{index}_due"] = forms.DateField(
                label=_("By when"), widget=forms.DateInput(attrs={"type": "date"}), required=False
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("result") == Result.CONDITIONAL:
            for index in range(len(self.rows)):
                self._check_condition(index, data)
        return data

    def _check_condition(self, index: int, data: dict[str, Any]) -> None:
        is_last = index == len(self.rows) - 1
        if is_last and not data.get(f"condition_{index}_text"):
            return
        for part, message in (("owner", _("Choose who.")), ("due", _("Choose by when."))):
            name = f"condition_{index}_{part}"
            if not data.get(name) and name not in self.errors:
                self.add_error(name, message)

    @property
    def has_condition_errors(self) -> bool:
        """Whether something among the conditions needs mending."""
        return any(name.startswith("condition_") for name in self.errors)

    def condition_fields(self) -> Iterator[tuple[Any, Any, Any]]:
        """Bound fields of each condition, for the template."""
        for i in range(len(self.rows)):
            yield self[f"condition_{i}_text"], self[f"condition_{i}_owner"], self[f"condition_{i}_due"]

    def conditions(self) -> list[NewCondition]:
        """What is demanded; only for a conditional decision."""
        data = self.cleaned_data
        if data["result"] != Result.CONDITIONAL:
            return []
        return [
            NewCondition(
                data[f"condition_{i}_text"] or message,
                data[f"condition_{i}_owner"],
                data[f"condition_{i}_due"],
                criterion,
                key,
            )
            for i, (criterion, key, message) in enumerate(self.rows)
            if data[f"condition_{i}_text"] or message
        ]


class ReplyForm(forms.Form):
    """The team's answer to a finding, or how a condition was met."""

    text = forms.CharField(label=_("In words"), widget=forms.Textarea(attrs={"rows": 3}), max_length=20_000)
    links = forms.CharField(
        label=_("Links"),
        widget=forms.Textarea(attrs={"rows": 2}),
        required=False,
        help_text=_("One web address a line."),
    )

    def addresses(self) -> list[str]:
        """Links, one a line."""
        return [line.strip() for line in self.cleaned_data.get("links", "").splitlines() if line.strip()]


class WaiverForm(forms.Form):
    """A waiver of one criterion."""

    reason = forms.CharField(label=_("Reason"), widget=forms.Textarea(attrs={"rows": 2}))
    expires = forms.DateField(label=_("Until"), widget=forms.DateInput(attrs={"type": "date"}))


class InviteForm(forms.Form):
    """Whom to ask for a review."""

    person = forms.ModelChoiceField(label=_("Person"), queryset=User.objects.none())
    due_on = forms.DateField(
        label=_("By when"), widget=forms.DateInput(attrs={"type": "date"}), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        experts = User.objects.filter(
            is_active=True, roles__role__in=("expert", "cio_aide", "quality_office")
        )
        self.fields["person"].queryset = experts.distinct().order_by("display_name", "username")  # type: ignore[attr-defined]


class DueForm(forms.Form):
    """When the team wants to stand before the gate."""

    due_on = forms.DateField(
        label=_("Due on"), widget=forms.DateInput(attrs={"type": "date"}), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # The page has another day by this name.
        super().__init__(*args, **{"auto_id": "gate_%s", **kwargs})
