"""The search index: FTS5 on SQLite, tsvector with GIN on PostgreSQL, both over our own bigram tokens.

No foreign key: books are never deleted, and the table must not stand in the way of truncating others.
"""

from django.db import migrations

SQLITE = ["CREATE VIRTUAL TABLE book_project_search USING fts5(tokens, tokenize='ascii')"]
POSTGRESQL = [
    "CREATE TABLE book_project_search ("
    " project_id bigint PRIMARY KEY,"
    " tokens tsvector NOT NULL)",
    "CREATE INDEX book_project_search_tokens ON book_project_search USING gin(tokens)",
]


def create(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    for statement in SQLITE if vendor == "sqlite" else POSTGRESQL:
        schema_editor.execute(statement)


def drop(apps, schema_editor):
    schema_editor.execute("DROP TABLE book_project_search")


class Migration(migrations.Migration):
    dependencies = [("book", "0002_initial")]

    operations = [migrations.RunPython(create, drop)]
