"""Forms of people and administration. They keep what was typed; the rules live in services."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.forms import Form
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sekisho.errors import NotPermitted, SekishoError
from sekisho.people.models import ApiToken, Organisation, RoleAssignment, User
from sekisho.people.queries import organisation_tree


def apply(form: Form, act: Callable[[dict[str, Any]], Any]) -> Any:
    """Run an act with the form's cleaned values. None when refused: the form then shows why by the field."""
    if not form.is_valid():
        return None
    try:
        return act(form.cleaned_data)
    except NotPermitted:
        raise
    except SekishoError as refusal:
        show_refusal(form, refusal)
        return None


def show_refusal(form: Form, refusal: SekishoError) -> None:
    """Put a service's words beside the fields they are about, or above the form."""
    fields = {name: text for name, text in getattr(refusal, "fields", {}).items() if name in form.fields}
    for name, text in fields.items():
        form.add_error(name, str(text))
    if not fields:
        form.add_error(None, str(refusal))


def day_input() -> forms.DateInput:
    """A date picker of the browser; its value is always ISO."""
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class OrganisationChoice(forms.ModelChoiceField):
    """Choice of an open organisation, indented as the tree is. Two queries, however many there are.

    ``keep`` is the id of one that is offered though it is closed: the present value, lest a save lose it.
    ``beside`` is one that is not offered, nor what lies below it: nothing can stand under itself.
    """

    keep: Any = None
    beside: Organisation | None = None

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=Organisation.objects.all(), **kwargs)
        # The lines are read once per form, when it is first drawn.
        self.choices = self._lines

    def _lines(self) -> list[tuple[Any, str]]:
        if not hasattr(self, "_kept"):
            self._kept = [
                (branch.organisation.pk, f"{branch.indent}{branch.organisation.local_name}")
                for branch in organisation_tree()
                if (branch.organisation.closed_on is None or branch.organisation.pk == self.keep)
                and not (self.beside and branch.organisation.path.startswith(self.beside.path))
            ]
        return [("", str(self.empty_label or "")), *self._kept]

    def __deepcopy__(self, memo: dict[int, Any]) -> "OrganisationChoice":
        copied: OrganisationChoice = super().__deepcopy__(memo)
        copied.__dict__.pop("_kept", None)
        copied.choices = copied._lines
        return copied


def keep_present(form: Form, name: str) -> None:
    """Offer the present organisation of a form's field even when it is closed."""
    present = form.initial.get(name)
    form.fields[name].keep = getattr(present, "pk", present)  # type: ignore[attr-defined]


class OrganisationForm(Form):
    """Create or change an organisation."""

    name = forms.CharField(label=_("Name"), max_length=300)
    name_en = forms.CharField(label=_("English name"), max_length=300, required=False)
    code = forms.CharField(
        label=_("Code"), max_length=64, help_text=_("A short sign that stays the same, used in imports.")
    )
    parent = OrganisationChoice(
        label=_("Belongs to"), required=False, empty_label=_("Nothing: it stands at the top")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        keep_present(self, "parent")


class ClosingForm(Form):
    """Close an organisation."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # shares a page with other forms, so its controls need identifiers of their own
        kwargs.setdefault("auto_id", "closing_%s")
        super().__init__(*args, **kwargs)

    on = forms.DateField(label=_("Closed from"), widget=day_input(), initial=timezone.localdate)


class PersonForm(Form):
    """Change a person's details."""

    display_name = forms.CharField(label=_("Name"), max_length=300)
    username = forms.CharField(
        label=_("User name"),
        max_length=150,
        help_text=_("Used to sign in. Letters, digits and @ . + - _ only."),
    )
    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        required=False,
        help_text=_("Notices go there, and single sign-on finds the account by it."),
    )
    organisation = OrganisationChoice(
        label=_("Organisation"),
        required=False,
        empty_label=_("Not said"),
        help_text=_("Where the person sits."),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        required=False,
        choices=[("", _("As the browser asks")), ("ja", "日本語"), ("en", "English")],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        keep_present(self, "organisation")


class NewPersonForm(PersonForm):
    """Add a person, with a first role if wanted."""

    password = forms.CharField(
        label=_("First password"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 10 characters. Leave it empty when the person signs in by single sign-on."),
    )
    role = forms.ChoiceField(
        label=_("First role"),
        required=False,
        choices=[("", _("No role yet")), *RoleAssignment.Role.choices],
        help_text=_("Held for the organisation chosen above and all below it, from today."),
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("role") and not values.get("organisation"):
            self.add_error("organisation", _("A role is held for an organisation. Choose one."))
        return values


class RoleForm(Form):
    """Grant a role."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # shares a page with other forms, so its controls need identifiers of their own
        kwargs.setdefault("auto_id", "role_%s")
        super().__init__(*args, **kwargs)

    role = forms.ChoiceField(label=_("Role"), choices=RoleAssignment.Role.choices)
    organisation = OrganisationChoice(
        label=_("For the organisation"),
        empty_label=_("Choose"),
        help_text=_("It reaches all organisations below."),
    )
    valid_from = forms.DateField(label=_("From"), widget=day_input(), initial=timezone.localdate)
    valid_until = forms.DateField(
        label=_("Until"), widget=day_input(), required=False, help_text=_("Empty: until it is ended.")
    )


class EndRoleForm(Form):
    """End a role."""

    valid_until = forms.DateField(label=_("Last day"), widget=day_input(), initial=timezone.localdate)


class PasswordForm(Form):
    """An administrator sets a password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # shares a page with other forms, so its controls need identifiers of their own
        kwargs.setdefault("auto_id", "password_%s")
        super().__init__(*args, **kwargs)

    password = forms.CharField(
        label=_("New password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 10 characters. The person's other sessions end."),
    )


class PreferencesForm(Form):
    """A person's own choices."""

    language = PersonForm.base_fields["language"]
    digest = forms.ChoiceField(
        label=_("Notices by e-mail"), choices=User.Digest.choices, widget=forms.RadioSelect
    )


class TokenForm(Form):
    """Make an API token."""

    name = forms.CharField(
        label=_("What it is for"),
        max_length=100,
        help_text=_("For example: nightly export to the data office."),
    )
    scope = forms.ChoiceField(
        label=_("It may"),
        choices=ApiToken.Scope.choices,
        initial=ApiToken.Scope.READ,
        widget=forms.RadioSelect,
    )
    days = forms.IntegerField(label=_("Days until it expires"), min_value=1, max_value=366, initial=90)


class SetupForm(Form):
    """The first visitor's form."""

    name = forms.CharField(label=_("Name of your government"), max_length=300)
    name_en = forms.CharField(label=_("English name"), max_length=300, required=False)
    display_name = forms.CharField(label=_("Your name"), max_length=300)
    username = forms.CharField(
        label=_("User name"),
        max_length=150,
        help_text=_("You sign in with it."),
        widget=forms.TextInput(attrs={"autocomplete": "username"}),
    )
    email = forms.EmailField(label=_("E-mail address"), max_length=254, required=False)
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 10 characters, not a common one."),
    )
    password_again = forms.CharField(
        label=_("Password once more"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("password") != values.get("password_again"):
            self.add_error("password_again", _("The two passwords differ. Type the same one twice."))
        return values


class PeopleFilterForm(Form):
    """Filters of the list of people; an address with wrong values shows everything."""

    q = forms.CharField(required=False, max_length=200)
    role = forms.ChoiceField(required=False, choices=[("", _("Any role")), *RoleAssignment.Role.choices])
    organisation = OrganisationChoice(required=False, empty_label=_("Any organisation"))
    state = forms.ChoiceField(
        required=False,
        choices=[
            ("active", _("Open accounts")),
            ("closed", _("Closed accounts")),
            ("all", _("All accounts")),
        ],
    )
