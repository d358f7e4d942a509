"""Forms of routes, systems and flows."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sekisho.gateway.models import Flow, Route, System
from sekisho.gateway.services import policies
from sekisho.people.models import Organisation


class Reading(forms.ModelForm):
    """Only reads: the service checks and writes, and the row stays as it is until then."""

    def _post_clean(self) -> None:
        return None


class RouteForm(Reading):
    """A route."""

    policy = forms.ChoiceField(label=_("sanitizing policy"))
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Route
        fields = (
            "name",
            "name_en",
            "source",
            "target",
            "policy",
            "needs_approval",
            "allows_outside",
            "expiry_days",
            "download_limit",
            "hold_days",
        )

    def __init__(self, *args: Any, own_policies: Any = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [*policies.given(), *(policy.code for policy in own_policies)]
        self.fields["policy"].choices = [(name, name) for name in names]  # type: ignore[attr-defined]


class NewRouteForm(RouteForm):
    """A route that is not there yet."""

    code = forms.SlugField(label=_("code"), max_length=40)
    organisation = forms.ModelChoiceField(
        label=_("organisation"), queryset=Organisation.objects.none(), empty_label=None
    )
    field_order = ("code", "organisation")

    def __init__(self, *args: Any, organisations: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = organisations  # type: ignore[attr-defined]


class SystemForm(Reading):
    """A system of a book; ``pk`` names the one that is changed."""

    pk = forms.IntegerField(widget=forms.HiddenInput, required=False)
    controls = forms.MultipleChoiceField(
        label=_("protections"),
        choices=System.Control.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    class Meta:
        model = System
        fields = ("name", "name_en", "zone", "data_class", "workplace", "controls")


class Target(forms.ModelChoiceField):
    """A system with the code of its book, for many books have one of the same name."""

    def label_from_instance(self, obj: System) -> str:
        return f"{obj.local_name} ({obj.project.code})"


class FlowForm(Reading):
    """A flow that leaves a system of a book; ``pk`` names the one that is changed."""

    pk = forms.IntegerField(widget=forms.HiddenInput, required=False)
    target = Target(label=_("to system"), queryset=System.objects.none())
    controls = forms.MultipleChoiceField(
        label=_("protections"),
        choices=Flow.Control.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    class Meta:
        model = Flow
        fields = ("source", "target", "what", "data_class", "handover", "protocol", "controls")

    def __init__(self, *args: Any, own: Any, targets: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["source"].queryset = own  # type: ignore[attr-defined]
        self.fields["target"].queryset = targets  # type: ignore[attr-defined]
