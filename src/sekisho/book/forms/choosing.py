"""A book named by its code, offered from those that are near at hand."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

#: the list that the template tag ``known_books`` writes
KNOWN_BOOKS: Final = "known-books"


def book_code_field(*, required: bool = True, help_text: Any = "") -> forms.CharField:
    """A text field for the code of a book; its page says ``{% known_books %}`` once."""
    return forms.CharField(
        label=_("Project code"),
        max_length=64,
        required=required,
        help_text=help_text,
        widget=forms.TextInput(attrs={"list": KNOWN_BOOKS, "autocomplete": "off"}),
    )
