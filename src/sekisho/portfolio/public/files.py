"""The files of the open data: each written whole from the entries, so that handing one out asks nothing of anybody."""

import datetime as dt
import hashlib
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import quoteattr

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from sekisho.exports import Column, write_csv
from sekisho.portfolio.public import catalogue, queries, tables
from sekisho.portfolio.public.dictionary import Table, dictionary
from sekisho.portfolio.public.feed import Change, Feed, atom, moment
from sekisho.portfolio.public.licences import LICENCES, Licence
from sekisho.portfolio.public.models import Edition, PublicEvent
from sekisho.portfolio.public.publication import Document

LANGUAGES = ("ja", "en")
#: lines of the change feed
CHANGES = 200
#: addresses in a sitemap; the protocol allows 50,000
ADDRESSES = 25_000

#: name of a file -> how it is announced. Tables are CSV.
CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "schema.json": "application/schema+json",
    "jsonld": "application/ld+json",
    "ttl": "text/turtle; charset=utf-8",
    "rdf": "application/rdf+xml",
    "atom": "application/atom+xml; charset=utf-8",
    "xml": "application/xml; charset=utf-8",
}


def sha256(body: bytes) -> str:
    """Digest of a file."""
    return hashlib.sha256(body).hexdigest()


def licence() -> Licence:
    """The licence this office publishes under."""
    return LICENCES[settings.OPEN_DATA_LICENCE]


def base() -> str:
    """The address of this installation, without a slash at its end."""
    return str(settings.BASE_URL).rstrip("/")


def build(
    edition: Edition, dates: Mapping[str, dt.datetime], now: dt.datetime
) -> Iterator[tuple[str, bytes]]:
    """(name, content) of every file. The catalogue comes last: ``dates`` says when each file before it was changed."""
    services = [public_document(entry) for entry in queries.entries().iterator(chunk_size=500)]
    shown, sizes = edition.fields, {}
    for name, body in _data(edition, services, shown):
        sizes[name] = len(body)
        yield name, body
    for language in LANGUAGES:
        yield f"changes.{language}.atom", _feed(edition, language)
    yield "sitemap.xml", _sitemap(services)
    listed = [
        (table, [catalogue.File(name, dates.get(name, now), sizes[name]) for name in _names(table)])
        for table in dictionary().tables_for(shown)
    ]
    graph = catalogue.graph_of(
        catalogue.Source(base(), edition.publisher, licence(), settings.OPEN_DATA_CONTACT, listed)
    )
    yield "catalog.jsonld", catalogue.json_ld(graph).encode()
    yield "catalog.ttl", catalogue.turtle(graph).encode()
    yield "catalog.rdf", catalogue.rdf_xml(graph).encode()


def public_document(entry: Any) -> Document:
    """What the data say of one service: its document with its address and when it last changed."""
    return {
        **entry.document,
        "page": f"{base()}/public/ja/services/{entry.code}/",
        "changed_at": moment(entry.changed_at),
    }


def _names(table: Table) -> list[str]:
    return [f"{table.name}.csv", "services.json"] if not table.field else [f"{table.name}.csv"]


def _data(
    edition: Edition, services: Sequence[Document], shown: Sequence[str]
) -> Iterator[tuple[str, bytes]]:
    for table in dictionary().tables_for(shown):
        file, columns = io.BytesIO(), [Column(one.name, one.name) for one in table.columns_for(shown)]
        write_csv(file, columns, tables.rows_of(table, services))
        yield f"{table.name}.csv", file.getvalue()
    whole = {"publisher": edition.publisher, "licence": licence().address, "services": services}
    yield "services.json", as_json(whole)
    schema = tables.json_schema(dictionary(), shown, address=f"{base()}/public/data/services.schema.json")
    yield "services.schema.json", as_json(schema)
    package = tables.data_package(
        dictionary(), shown, base=base(), publisher=edition.publisher, licence=licence()
    )
    yield "datapackage.json", as_json(package)


def as_json(value: Any) -> bytes:
    """JSON as it is handed out."""
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


def _feed(edition: Edition, language: str) -> bytes:
    with translation.override(language):
        found = list(queries.events(CHANGES))
        name = edition.publisher[language]
        words = {
            "title": _("Digital services of %(name)s: what changed") % {"name": name},
            "subtitle": _("Services that were published, changed or are no longer published."),
            "publisher": name,
        }
        updated = found[0].at if found else edition.at
        feed = Feed(base(), language, updated, words, licence().title.get(language))
        return atom(feed, [_change(event, language) for event in found]).encode()


def _change(event: PublicEvent, language: str) -> Change:
    entry = event.entry
    if event.kind == PublicEvent.Kind.WITHDRAWN:
        return Change(entry.code, event.at, withdrawn=True)
    name = entry.name_en if language == "en" and entry.name_en else entry.name
    fields = dictionary().fields
    titles = [fields[one].title.get(language) for one in event.fields if one in fields]
    said = str(event.get_kind_display())
    if titles:
        said = _("%(what)s: %(fields)s") % {"what": said, "fields": _(", ").join(titles)}
    return Change(entry.code, event.at, title=name, summary=said)


def _sitemap(services: Sequence[Document]) -> bytes:
    pages = ["", "data/", *(f"services/{one['id']}/" for one in services[:ADDRESSES])]
    spaces = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml"'
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f"<urlset {spaces}>"]
    for page in pages:
        others = "".join(
            f'<xhtml:link rel="alternate" hreflang="{one}" href={quoteattr(f"{base()}/public/{one}/{page}")}/>'
            for one in LANGUAGES
        )
        lines += [f"<url><loc>{base()}/public/{one}/{page}</loc>{others}</url>" for one in LANGUAGES]
    return "\n".join([*lines, "</urlset>", ""]).encode()
