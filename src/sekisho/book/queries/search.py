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
    if connection.vendor == "sqlite":
        sql, query = "SELECT rowid FROM book_project_search WHERE tokens MATCH %s", _fts5(terms)
    else:
        sql, query = (
            "SELECT project_id FROM book_project_search WHERE tokens @@ to_tsquery('simple', %s)",
            _tsquery(terms),
        )
    return projects.filter(pk__in=RawSQL(sql, [query]))  # noqa: S611 - constant SQL, the words are a parameter


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
