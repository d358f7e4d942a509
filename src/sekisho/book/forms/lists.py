"""Forms of the lists: opening a book, keeping a view of the registry."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sekisho.book.models import DevelopmentForm, NetworkZone, SavedView
from sekisho.book.models.vocabulary import InformationClass, PersonalData
from sekisho.book.services.projects import checked_code
from sekisho.errors import Invalid
from sekisho.people.models import Organisation
from sekisho.people.roles import ACTS, Actor

_EVERYWHERE = frozenset({"quality_office", "admin"})


def organisations_to_open_for(actor: Actor) -> Any:
    """Organisations on which this person may open a book, in the order of the tree."""
    open_ones = Organisation.objects.filter(closed_on__isnull=True).order_by("path")
    creating = [grant for grant in actor.grants if grant.role in ACTS["create"]]
    if any(grant.role in _EVERYWHERE for grant in creating):
        return open_ones
    below = Q(pk__in=[])
    for grant in creating:
        below |= Q(path__startswith=grant.path)
    return open_ones.filter(below)


class OwnerChoice(forms.ModelChoiceField):
    """A select of organisations, set in by their depth in the tree."""

    def label_from_instance(self, obj: Any) -> str:
        return "　" * obj.depth + obj.name


class NewBookForm(forms.Form):
    """What is needed to open a book. The rest is entered on the book itself."""

    name = forms.CharField(label=_("Name of the project"), max_length=500)
    code = forms.CharField(
        label=_("Code"),
        max_length=64,
        help_text=_(
            "Letters, digits, hyphen, underscore and full stop. It stays the same for the life of the project."
        ),
    )
    owner = OwnerChoice(label=_("Owner section"), queryset=Organisation.objects.none())
    purpose = forms.CharField(
        label=_("Purpose in one or two sentences"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Whose work becomes easier, and how. It stands on the cover of the book."),
    )
    for_citizens = forms.BooleanField(label=_("Citizens use it"), required=False)
    for_businesses = forms.BooleanField(label=_("Businesses use it"), required=False)
    for_staff = forms.BooleanField(label=_("Staff use it"), required=False)
    personal_data = forms.ChoiceField(label=_("Personal data it handles"), choices=PersonalData.choices)
    information_class = forms.TypedChoiceField(
        label=_("Information class"),
        choices=InformationClass.choices,
        coerce=int,
        initial=InformationClass.MIDDLE,
    )
    network_zone = forms.ChoiceField(
        label=_("Network zone"), choices=NetworkZone.choices, initial=NetworkZone.LGWAN
    )
    development_form = forms.ChoiceField(label=_("Development form"), choices=DevelopmentForm.choices)

    AUDIENCE = ("for_citizens", "for_businesses", "for_staff")
    CLASSES = ("personal_data", "information_class", "network_zone", "development_form")

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner: Any = self.fields["owner"]
        owner.queryset = organisations_to_open_for(actor)

    def clean_code(self) -> str:
        """Told together with what is wrong elsewhere."""
        try:
            return checked_code(self.cleaned_data["code"])
        except Invalid as refused:
            raise forms.ValidationError(str(refused.message)) from None

    @property
    def audience_fields(self) -> list[forms.BoundField]:
        """The three questions of who uses it."""
        return [self[name] for name in self.AUDIENCE]

    @property
    def class_fields(self) -> list[forms.BoundField]:
        """The questions that decide which criteria apply."""
        return [self[name] for name in self.CLASSES]


class SaveViewForm(forms.ModelForm):
    """A name for the registry query at hand."""

    class Meta:
        model = SavedView
        fields = ["name", "query"]
        widgets = {"query": forms.HiddenInput}
