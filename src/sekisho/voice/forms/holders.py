"""Whose survey it is: the fields that forms making a survey share."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sekisho.book.forms.choosing import book_code_field
from sekisho.book.models import Project
from sekisho.errors import Invalid
from sekisho.people.models import Organisation
from sekisho.people.roles import Actor
from sekisho.voice.services.holders import Holder


class HolderForm(forms.Form):
    """A book by its code, or an organisation; exactly one of them. ``initial`` may hold codes of either."""

    project = book_code_field(
        required=False,
        help_text=_("As it stands in the registry, such as SK-001. For a survey about one service."),
    )
    organisation = forms.ModelChoiceField(
        label=_("Organisation"),
        queryset=Organisation.objects.none(),
        to_field_name="code",
        required=False,
        empty_label=_("– not of an organisation –"),
        help_text=_("For a survey among the people of an organisation, such as staff satisfaction."),
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        still_open = Organisation.objects.filter(closed_on__isnull=True)
        reached = [one.pk for one in still_open if actor.may("edit", path=one.path)]
        field = self.fields["organisation"]
        field.queryset = still_open.filter(pk__in=reached)  # type: ignore[attr-defined]
        if not reached:
            del self.fields["organisation"]

    def clean(self) -> dict[str, Any]:
        """One holder."""
        said = super().clean() or self.cleaned_data
        if "organisation" not in self.errors and bool(said.get("project")) == bool(said.get("organisation")):
            self.add_error("project", _("Enter the code of a book, or choose an organisation: one of them."))
        return said

    def holder(self, said: dict[str, Any]) -> Holder:
        """The holder that was entered, taken out of ``said``.

        Raises:
            Invalid: no such book.
        """
        code, organisation = said.pop("project"), said.pop("organisation", None)
        if organisation is not None:
            found: Organisation = organisation
            return found
        books = Project.objects.visible_to(self.actor).select_related("owner")
        project = books.coded(code).first()
        if project is None:
            raise Invalid(_("There is no such book, or you may not see it."), field="project")
        return project
