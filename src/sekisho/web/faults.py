"""What is wrong with a field of a form, in words that name the field and say what to do."""

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, validate_slug
from django.forms import BoundField, CheckboxInput, ChoiceField, Field, FileInput, ModelChoiceField
from django.forms.widgets import ChoiceWidget
from django.utils.text import capfirst
from django.utils.translation import gettext as _

_MISSING = Field.default_error_messages["required"]
_NO_CHOICE = (
    ChoiceField.default_error_messages["invalid_choice"],
    ModelChoiceField.default_error_messages["invalid_choice"],
)


def faults(bound: BoundField) -> list[str]:
    """The errors of a field, with its name and the mend, where the form has no words of its own for them."""
    known = zip(bound.errors, bound.errors.as_data(), strict=True)
    return [_named(bound, error) or str(said) for said, error in known]


def _named(bound: BoundField, error: ValidationError) -> str:
    """Own words for what Django says of any field; empty when these are no such words."""
    words = {"label": capfirst(bound.label)}
    if error.message == _MISSING:
        return _missing(bound)
    if error.message in _NO_CHOICE:
        return _("What was chosen for “%(label)s” is not on offer. Choose again.") % words
    if error.message == validate_slug.message:
        return (
            _("“%(label)s” takes only the letters A to Z, digits, “-” and “_”. Leave out the rest.") % words
        )
    if error.message == MaxLengthValidator.message and error.params:
        words |= {name: f"{error.params[name]:,}" for name in ("limit_value", "show_value")}
        return (
            _("“%(label)s” holds at most %(limit_value)s characters, but has %(show_value)s. Shorten it.")
            % words
        )
    return ""


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
