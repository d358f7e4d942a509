"""What the pages of the office show: each field and service with how it stands now and what is to come."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import get_language

from sekisho.book.models import Project
from sekisho.portfolio.public.dictionary import dictionary
from sekisho.portfolio.public.facts import facts_of
from sekisho.portfolio.public.models import PublicationDecision
from sekisho.portfolio.public.publication import Document, Rules, document_of, rules_at
from sekisho.portfolio.public.queries import rules_for, standing

FAR = dt.datetime.max.replace(tzinfo=dt.UTC)


@dataclass(frozen=True)
class Asked:
    """What a form of fields says; unknown names are left out."""

    fields: Sequence[str]
    reason: str = ""
    at_once: bool = False

    @classmethod
    def read(cls, values: QueryDict) -> "Asked":
        """Names stand one by one, or in one text with commas."""
        names = {name for text in values.getlist("fields") for name in text.split(",")}
        known = [name for name in dictionary().fields if name in names]
        return cls(known, values.get("reason", ""), values.get("at_once") == "1")

    @property
    def joined(self) -> str:
        """The fields as an address has them."""
        return ",".join(self.fields)


@dataclass(frozen=True)
class FieldLine:
    """A field: whether it is shown now, will be, and the decision that waits. ``withheld``: of this service alone."""

    name: str
    title: str
    meaning: str
    shown: bool
    will_be: bool
    withheld: bool
    waiting: PublicationDecision | None


def field_lines(project: Project | None = None) -> list[FieldLine]:
    """Every field there is: for all services, or for one of them."""
    now, later = _rules(project, timezone.now()), _rules(project, FAR)
    subject = PublicationDecision.objects.filter(project=project, applied_at=None, taken_back_at=None)
    waiting: Mapping[str, PublicationDecision] = {one.field: one for one in subject}
    held = later.withheld.get(project.pk, frozenset()) if project else frozenset()
    held_now = now.withheld.get(project.pk, frozenset()) if project else frozenset()
    language = get_language() or "ja"
    return [
        FieldLine(
            name=field.name,
            title=field.title.get(language),
            meaning=field.meaning.get(language),
            shown=field.name in now.fields - held_now,
            will_be=field.name in later.fields - held,
            withheld=field.name in held,
            waiting=waiting.get(field.name),
        )
        for field in dictionary().fields.values()
    ]


def _rules(project: Project | None, moment: dt.datetime) -> Rules:
    return rules_for([project.pk], moment) if project else rules_at(standing(project=None), moment)


def after_all() -> frozenset[str]:
    """The fields shown of all services once everything decided has taken effect."""
    return rules_at(standing(project=None), FAR).fields


@dataclass(frozen=True)
class ServiceLine:
    """A book in the list: whether it is public, and the decision about it that waits."""

    project: Project
    is_public: bool
    waiting: PublicationDecision | None


def service_lines(projects: Iterable[Project]) -> list[ServiceLine]:
    """Books that were read with ``is_public``; one query more."""
    books = list(projects)
    subject = PublicationDecision.objects.filter(
        project__in=[book.pk for book in books], field="", applied_at=None, taken_back_at=None
    )
    waiting = {one.project_id: one for one in subject}
    return [ServiceLine(book, book.is_public, waiting.get(book.pk)) for book in books]  # type: ignore[attr-defined]


def preview_document(project: Project, fields: Sequence[str] | None = None) -> Document:
    """What would be public of a book when all that is decided has taken effect, as though it were published."""
    rules = rules_for([project.pk], FAR)
    shown = rules.fields if fields is None else frozenset(fields)
    (facts,) = facts_of([project.pk])
    return document_of(facts, shown - rules.withheld.get(project.pk, frozenset()))
