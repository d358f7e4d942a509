"""The form that sends files."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sekisho.book.forms.choosing import book_code_field
from sekisho.book.models import Project
from sekisho.errors import Invalid
from sekisho.gateway.models import Route, Transfer
from sekisho.gateway.services.sending import Receiver
from sekisho.people.models import Organisation, User


class ManyFilesInput(forms.ClearableFileInput):
    """Several files at once."""

    allow_multiple_selected = True


class ManyFiles(forms.FileField):
    """A list of files, each checked by the service."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        return list(data) if isinstance(data, list | tuple) else [data] if data else []


def _offered(key: str) -> forms.TextInput:
    """A field that offers what the page lists under ``key``, and takes anything else."""
    return forms.TextInput(attrs={"list": key, "autocomplete": "off"})


class SendForm(forms.Form):
    """Files, the route, whom they are for, and why."""

    files = ManyFiles(  # type: ignore[assignment]  # the metaclass takes it away before the form has files
        label=_("Files"), required=False, help_text=_("Drop them here, choose them, or take a photo.")
    )
    route = forms.ModelChoiceField(label=_("Route"), queryset=Route.objects.none(), empty_label=None)
    receiver_kind = forms.ChoiceField(
        label=_("For whom"), choices=Transfer.Receiver.choices, widget=forms.RadioSelect, initial="self"
    )
    person = forms.CharField(
        label=_("Person (user name or e-mail)"),
        max_length=254,
        required=False,
        widget=_offered("known-people"),
    )
    project = book_code_field(required=False)
    box = forms.CharField(
        label=_("Code of the organisation whose box it is"),
        max_length=64,
        required=False,
        widget=_offered("known-boxes"),
    )
    outside = forms.CharField(label=_("E-mail address of the outside party"), max_length=254, required=False)
    purpose = forms.CharField(label=_("Purpose"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, routes: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["route"].queryset = routes  # type: ignore[attr-defined]
        self.fields["route"].label_from_instance = _route_words  # type: ignore[attr-defined]

    def receiver(self, books: Any) -> Receiver:
        """The receiver that was named. Raises ``Invalid``; where nobody was, the service says so."""
        said = {
            key: self.cleaned_data[key].replace("\x00", "").strip()
            for key in ("person", "project", "box", "outside")
        }
        return receiver_of(self.cleaned_data["receiver_kind"], books=books, **said)


def receiver_of(
    kind: str, *, books: Any, person: str = "", project: str = "", box: str = "", outside: str = ""
) -> Receiver:
    """A receiver by names: only the one that ``kind`` asks for is looked up. Raises ``Invalid`` where there is none."""
    if kind == "person" and person:
        active = User.objects.filter(is_active=True)
        found = (
            active.filter(username=person).first()
            or active.filter(email__iexact=person).order_by("pk").first()
        )
        return Receiver(kind, person=_there(found, "person", _("There is nobody with this name.")))
    if kind == "book" and project:
        book = Project.objects.filter(pk__in=books.order_by().values("pk")).coded(project).first()
        words = _("There is no book with this code, or you may not read it.")
        return Receiver(kind, project=_there(book, "project", words))
    if kind == "box" and box:
        place = Organisation.objects.filter(code=box, closed_on=None).first()
        return Receiver(kind, box=_there(place, "box", _("There is no organisation with this code.")))
    return Receiver(kind, outside=outside if kind == "outside" else "")


def _there(found: Any, field: str, words: Any) -> Any:
    if found is None:
        raise Invalid(words, field=field)
    return found


def _route_words(route: Route) -> str:
    return f"{route.local_name} ({route.source.local_name} → {route.target.local_name})"
