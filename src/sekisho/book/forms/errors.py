"""Showing a service's refusal beside the field it concerns."""

from django import forms

from sekisho.errors import Blocked, Invalid, SekishoError
from sekisho.values import sentences


def show(form: forms.BaseForm, error: SekishoError, **names: str) -> None:
    """Put a refusal on a form. ``names`` maps the service's field names to the form's where they differ."""
    if isinstance(error, Invalid) and error.fields:
        for field, message in error.fields.items():
            target = names.get(field, field)
            form.add_error(target if target in form.fields else None, str(message))
    elif isinstance(error, Blocked):
        form.add_error(None, sentences(str(error), *(message for _blocker, message in error.blockers)))
    else:
        form.add_error(None, str(error))
