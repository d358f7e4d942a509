"""Finding books by words, in Japanese and Latin text, from one character on."""

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from sekisho.book.models import Project
from sekisho.book.search_tokens import query_terms


def matching(projects: QuerySet[Project], text: str) -> QuerySet[Project]:
    """Those projects that contain every word of ``text``, full- and half-width alike. Empty text: all."""
    terms = query_terms(text)
    if not terms:
        return projects
    sql, asked = _statement(terms)
    return projects.filter(pk__in=RawSQL(sql, [asked]))  # noqa: S611 - constant SQL, the words are a parameter


def ids_matching(text: str, limit: int) -> list[int] | None:
    """Ids of the projects that contain the words, when they are at most ``limit``; None when they are more."""
    sql, asked = _statement(query_terms(text))
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} LIMIT %s", [asked, limit + 1])
        found = [pk for (pk,) in cursor.fetchall()]
    return found if len(found) <= limit else None


def _statement(terms: list[list[str]]) -> tuple[str, str]:
    if connection.vendor == "sqlite":
        return "SELECT rowid FROM book_project_search WHERE tokens MATCH %s", _fts5(terms)
    return "SELECT project_id FROM book_project_search WHERE tokens @@ to_tsquery('simple', %s)", _tsquery(
        terms
    )


def _fts5(terms: list[list[str]]) -> str:
    """Phrases joined by AND; tokens are hex words, so nothing needs escaping."""
    return " AND ".join(
        f"{tokens[0][:-1]}*" if tokens[0].endswith("*") else '"' + " ".join(tokens) + '"' for tokens in terms
    )


def _tsquery(terms: list[list[str]]) -> str:
    return " & ".join(
        f"{tokens[0][:-1]}:*" if tokens[0].endswith("*") else "(" + " <-> ".join(tokens) + ")"
        for tokens in terms
    )
