"""Forms of the transition plan."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sekisho.gateway.forms.network import Reading
from sekisho.gateway.models import PlannedMove, PlanStep, System


class StepForm(Reading):
    """A step of the plan."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = PlanStep
        fields = ("model", "due", "note")
        widgets = {"due": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}


class MoveForm(Reading):
    """What a step does to a system."""

    controls = forms.MultipleChoiceField(
        label=_("protections to add"),
        choices=System.Control.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    class Meta:
        model = PlannedMove
        fields = ("step", "system", "zone", "controls", "task")

    def __init__(self, *args: Any, own: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["system"].queryset = own  # type: ignore[attr-defined]
        for name in ("step", "system", "zone"):
            self.fields[name].empty_label = None  # type: ignore[attr-defined]
