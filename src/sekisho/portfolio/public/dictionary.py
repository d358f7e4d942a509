"""The data dictionary of the public side, read from ``dictionary.yaml``: the one allow-list. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from sekisho.standards.pack import Text


@dataclass(frozen=True)
class Field:
    """Something about a service that may be public."""

    name: str
    title: Text
    meaning: Text


@dataclass(frozen=True)
class Column:
    """A column of a table. ``field``: what must be public for it; "" where its table says so already.

    ``type`` and ``format`` are those of Table Schema; ``values`` names the words of its codes.
    """

    name: str
    type: str
    title: Text
    format: str = ""
    field: str = ""
    values: str = ""


@dataclass(frozen=True)
class Table:
    """A table of the open data: a row for each service, or for each entry of ``field``."""

    name: str
    title: Text
    description: Text
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    field: str = ""

    def columns_for(self, shown: Iterable[str]) -> list[Column]:
        """The columns whose field is public."""
        known = {"", *shown}
        return [column for column in self.columns if column.field in known]


@dataclass(frozen=True)
class Dictionary:
    """Fields in the order people read them, words of codes, and tables."""

    fields: Mapping[str, Field]
    values: Mapping[str, Mapping[str, Text]]
    tables: tuple[Table, ...]

    def word(self, kind: str, code: str) -> Text:
        """The words of a code; the code itself where the dictionary has none."""
        return self.values.get(kind, {}).get(code, Text(code, code))

    def tables_for(self, shown: Iterable[str]) -> list[Table]:
        """The tables whose field is public."""
        known = {"", *shown}
        return [table for table in self.tables if table.field in known]


@cache
def dictionary() -> Dictionary:
    """The dictionary that ships with Sekisho."""
    found: dict[str, Any] = yaml.safe_load(
        Path(__file__).with_name("dictionary.yaml").read_text(encoding="utf-8")
    )
    fields = [Field(one["name"], Text(**one["title"]), Text(**one["meaning"])) for one in found["fields"]]
    values = {
        kind: {code: Text(**words) for code, words in codes.items()}
        for kind, codes in found["values"].items()
    }
    return Dictionary(
        {one.name: one for one in fields}, values, tuple(_table(one) for one in found["tables"])
    )


def _table(entry: Mapping[str, Any]) -> Table:
    first = () if entry["key"][:1] == ["id"] and "field" not in entry else (_ID,)
    columns = tuple(Column(**{**column, "title": Text(**column["title"])}) for column in entry["columns"])
    return Table(
        name=entry["name"],
        title=Text(**entry["title"]),
        description=Text(**entry["description"]),
        key=tuple(entry["key"]),
        columns=(*first, *columns),
        field=entry.get("field", ""),
    )


_ID = Column("id", "string", Text("サービスの番号", "Code of the service"))
