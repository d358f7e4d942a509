"""Records as sources give them, and a small standard for the gates of imported books."""

from collections.abc import Callable

import pytest
from tests.book.factories import pack_document

from sekisho.intake.records import ImportSet, Place, ProjectRecord, RowProblem, YearRecord, import_set
from sekisho.standards.pack import Pack
from sekisho.standards.services import register_pack


@pytest.fixture
def standard(db):
    """The default standard, small."""
    return register_pack(Pack.from_document({**pack_document(), "id": "sekisho-reference"}))


@pytest.fixture
def record() -> Callable[..., ProjectRecord]:
    """``record("33", 2024, name="住基")``: one project of one source year, with money of that year."""

    def make(external_id: str = "33", year: int | None = 2024, **fields) -> ProjectRecord:
        values = {
            "scheme": "rs",
            "name": "住基ネット",
            "summary": "住民の情報をつなぎます",
            "place": Place("1-2.csv", 2),
            "organisation_path": ("総務省", "行政局"),
            "years": (YearRecord(year or 2024, approved=20_000_000),),
        }
        return ProjectRecord(external_id=external_id, source_year=year, **{**values, **fields})

    return make


@pytest.fixture
def source() -> Callable[..., ImportSet]:
    """A source of these records; ``problems`` are rows it could not give."""

    def make(*records: ProjectRecord, problems: tuple[RowProblem, ...] = ()) -> ImportSet:
        scheme = records[0].scheme if records else "rs"
        return import_set(scheme, records, problems, len(records) + len(problems))

    return make
