"""What is wrong with a field of a form, in words that name the field and say what to do."""

from django.forms import BoundField, CheckboxInput, Field, FileInput
from django.forms.widgets import ChoiceWidget
from django.utils.text import capfirst
from django.utils.translation import gettext as _

_MISSING = Field.default_error_messages["required"]


def faults(bound: BoundField) -> list[str]:
    """The errors of a field. That it is empty is said with its name, where the form has no words of its own for it."""
    known = zip(bound.errors, bound.errors.as_data(), strict=True)
    return [_missing(bound) if error.message == _MISSING else str(said) for said, error in known]


def _missing(bound: BoundField) -> str:
    words = {"label": capfirst(bound.label)}
    match bound.field.widget:
        case CheckboxInput():
            return _("Tick “%(label)s”.") % words
        case FileInput():
            return _("Choose a file for “%(label)s”.") % words
        case ChoiceWidget():
            return _("Choose something for “%(label)s”.") % words
        case _:
            return _("Fill in “%(label)s”.") % words
