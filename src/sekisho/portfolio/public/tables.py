"""The tables of the open data from the documents of services, and their schemas. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sekisho.portfolio.public.dictionary import Column, Dictionary, Table
from sekisho.portfolio.public.publication import Document
from sekisho.standards.pack import Text

Row = dict[str, Any]

#: types of Table Schema as JSON Schema writes them
_JSON_TYPES = {"string": "string", "number": "number", "integer": "integer"}
_JSON_FORMATS = {"date": "date", "datetime": "date-time"}


def rows_of(table: Table, services: Iterable[Document]) -> Iterable[Row]:
    """The rows of a table: one for each service, or one for each entry of the table's field."""
    for service in services:
        if not table.field:
            yield service_row(service)
            continue
        for entry in service.get(table.field, ()):
            yield {"id": service["id"], **entry}


def service_row(service: Document) -> Row:
    """A service in one row: of what there are many, the newest or their number."""
    newest: dict[str, Document] = {
        name: next(iter(service.get(name, ())), {}) for name in ("quality", "satisfaction", "releases")
    }
    return {
        "id": service["id"],
        "name_ja": service["name"]["ja"],
        "name_en": service["name"]["en"],
        "page": service.get("page"),
        "changed_at": service.get("changed_at"),
        "summary": service.get("summary"),
        "owner_ja": service.get("owner", {}).get("ja"),
        "owner_en": service.get("owner", {}).get("en"),
        "audience": " ".join(service.get("audience", ())),
        "phase": service.get("phase"),
        "quality_level": newest["quality"].get("level"),
        "satisfaction_mean": newest["satisfaction"].get("mean"),
        "satisfaction_answers": newest["satisfaction"].get("answers"),
        "user_tests_done": _number(service, "user_tests"),
        "releases": _number(service, "releases"),
        "last_released_on": newest["releases"].get("released_on"),
    }


def _number(service: Document, name: str) -> int | None:
    return len(service[name]) if name in service else None


def data_package(
    dictionary: Dictionary, shown: Sequence[str], *, base: str, publisher: Mapping[str, str], licence: Any
) -> Document:
    """A Data Package: every CSV file with its Table Schema."""
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "digital-services",
        "title": f"{publisher['ja']}のデジタルサービス / Digital services of {publisher['en']}",
        "homepage": f"{base}/public/",
        "licenses": [{"name": licence.code, "path": licence.address, "title": licence.title.en}],
        "resources": [_resource(dictionary, table, shown, base) for table in dictionary.tables_for(shown)],
    }


def _resource(dictionary: Dictionary, table: Table, shown: Sequence[str], base: str) -> Document:
    schema: Document = {
        "fields": [_field(dictionary, column) for column in table.columns_for(shown)],
        "missingValues": [""],
    }
    if table.key:
        schema["primaryKey"] = list(table.key)
    if table.field:
        schema["foreignKeys"] = [{"fields": ["id"], "reference": {"resource": "services", "fields": ["id"]}}]
    return {
        "name": table.name.replace("_", "-"),
        "title": _both(table.title),
        "description": _both(table.description),
        "path": f"{base}/public/data/{table.name}.csv",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": schema,
    }


def _field(dictionary: Dictionary, column: Column) -> Document:
    found: Document = {"name": column.name, "type": column.type, "title": _both(column.title)}
    if column.format == "yearmonth":
        found["type"] = "yearmonth"
    elif column.format:
        found["format"] = column.format
    if column.values:
        codes = dictionary.values[column.values]
        found["constraints"] = {"enum": list(codes)}
        found["description"] = "; ".join(f"{code}: {_both(words)}" for code, words in codes.items())
    return found


def json_schema(dictionary: Dictionary, shown: Sequence[str], *, address: str) -> Document:
    """JSON Schema (2020-12) of ``services.json``: what is public today, field by field."""
    tables = {table.field: table for table in dictionary.tables_for(shown) if table.field}
    names = {"type": "object", "properties": {"ja": _string(), "en": _string()}, "required": ["ja", "en"]}
    kinds: dict[str, Document] = {
        "summary": _string(),
        "owner": names,
        "audience": {"type": "array", "items": {"enum": list(dictionary.values["audience"])}},
        "phase": {"enum": list(dictionary.values["phase"])},
    }
    properties: Document = {
        "id": _string(),
        "name": names,
        "page": {"type": "string", "format": "uri"},
        "changed_at": {"type": "string", "format": "date-time"},
    }
    for name, field in dictionary.fields.items():
        if name in shown and (name in kinds or name in tables):
            kind = kinds[name] if name in kinds else _entries(dictionary, tables[name], shown)
            properties[name] = {"title": _both(field.title), "description": _both(field.meaning), **kind}
    service = {
        "type": "object",
        "properties": properties,
        "required": ["id", "name", "page", "changed_at"],
        "additionalProperties": False,
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": address,
        "type": "object",
        "properties": {
            "publisher": names,
            "licence": {"type": "string", "format": "uri"},
            "services": {"type": "array", "items": service},
        },
        "required": ["publisher", "licence", "services"],
    }


def _entries(dictionary: Dictionary, table: Table, shown: Sequence[str]) -> Document:
    columns = [column for column in table.columns_for(shown) if column.name != "id"]
    entry = {
        "type": "object",
        "properties": {column.name: _json_kind(dictionary, column) for column in columns},
        "additionalProperties": False,
    }
    return {"type": "array", "items": entry}


def _json_kind(dictionary: Dictionary, column: Column) -> Document:
    if column.values:
        return {"title": _both(column.title), "enum": list(dictionary.values[column.values])}
    if column.type in _JSON_FORMATS:
        return {"title": _both(column.title), "type": "string", "format": _JSON_FORMATS[column.type]}
    kind = _JSON_TYPES[column.type]
    return {"title": _both(column.title), "type": kind if kind == "string" else [kind, "null"]}


def _string() -> Document:
    return {"type": "string"}


def _both(text: Text) -> str:
    return f"{text.ja} / {text.en}"
