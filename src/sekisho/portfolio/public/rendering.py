"""Public pages as bytes: no session, no cookie, no person; the language is the address's."""

from typing import Any

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from sekisho.portfolio.public import files, queries
from sekisho.portfolio.public.models import Edition
from sekisho.portfolio.public.presenting import facts_of, name_of, owner_of, road_of, sections_of
from sekisho.portfolio.public.publication import Document
from sekisho.web.languages import mark_passages

LANGUAGES = ("ja", "en")


def page(
    language: str, template: str, path: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """A page in a language; ``path`` is its address below the language, which the other language shares."""
    with translation.override(language):
        return HttpResponse(html(language, template, path, context), status=status)


def html(language: str, template: str, path: str, context: dict[str, Any]) -> str:
    """The text of a page, in the active language; what stands in the other language in it is marked."""
    edition = queries.edition()
    other = "en" if language == "ja" else "ja"
    shell = {
        "language": language,
        "other": other,
        "other_address": f"{reverse('public:services', args=[other])}{path}",
        "path": path,
        "base": files.base(),
        "publisher": _publisher(edition, language),
        "edition": edition,
        "licence": files.licence(),
        "licence_title": files.licence().title.get(language),
    }
    return mark_passages(render_to_string(f"portfolio/public/{template}", {**shell, **context}), language)


def service_context(document: Document) -> dict[str, Any]:
    """What the page of a service shows, in the active language."""
    return {
        "document": document,
        "name": name_of(document),
        "owner": owner_of(document),
        "facts": facts_of(document),
        "road": road_of(document),
        "sections": sections_of(document),
    }


def _publisher(edition: Edition | None, language: str) -> str:
    return (edition.publisher.get(language) if edition else "") or _("The government")
