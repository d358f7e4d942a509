"""Template tag for forms that ask for a book by its code."""

from typing import Any

from django import template

from sekisho.book.forms.choosing import KNOWN_BOOKS
from sekisho.book.models import Project

register = template.Library()

#: the books changed last; everything else is typed by hand
_NEAR = 100


@register.inclusion_tag("book/known_books.html", takes_context=True)
def known_books(context: dict[str, Any]) -> dict[str, Any]:
    """What a field made with `book_code_field` offers: books this person may see."""
    books = Project.objects.visible_to(context["actor"]).order_by("-updated_at")[:_NEAR]
    return {"books": books, "key": KNOWN_BOOKS}
