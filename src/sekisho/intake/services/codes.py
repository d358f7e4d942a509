"""Codes of imported books: readable, lasting, unique, and told apart by more than case and width."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sekisho.book.models import Project
from sekisho.book.services.projects import is_no_address
from sekisho.intake.changes import Book
from sekisho.intake.records import ImportSet, Problems, ProjectRecord
from sekisho.values import ValueProblem, gettext_noop, half_width

_ = gettext_noop

_PREFIXES = {"rs": "RS", "judgit": "JG"}
_LIMIT = 64


def _key(code: str) -> str:
    """A code for comparing: no width or case differences."""
    return half_width(code).casefold()


class Codes:
    """Chooses codes for the books of one source."""

    def __init__(self, scheme: str) -> None:
        self.prefix = _PREFIXES.get(scheme, _clean(scheme).upper()[:20])
        self.taken = set(map(_key, Project.objects.order_by().values_list("code", flat=True)))

    def preferred(self, book: Book) -> str:
        """The code a table gives, else prefix and id: ``RS-000928``, ``JG-2021-総務省-0007``."""
        if book.wanted_code:
            code = _fitting(_clean(book.wanted_code), book.wanted_code)
            return f"{self.prefix}-{code.strip('.') or 'X'}" if is_no_address(code) else code
        identity = book.identity.zfill(6) if book.identity.isdecimal() else _clean(book.identity)
        return _fitting(f"{self.prefix}-{identity}", book.identity)

    def assign(self, books: Sequence[Book]) -> None:
        """Give each book its code, or the first free one with a number behind it."""
        for book in books:
            book.code = code = self.preferred(book)
            number = 1
            while _key(book.code) in self.taken:
                number += 1
                book.code = f"{code[: _LIMIT - 6]}-{number}"
            self.taken.add(_key(book.code))


def _clean(text: str) -> str:
    """Only what a code may hold (see `projects`), in half-width signs."""
    return "".join(c if c.isalnum() or c in "-_." else "-" for c in half_width(text)).strip("-") or "X"


def _fitting(code: str, identity: str) -> str:
    if len(code) <= _LIMIT:
        return code
    return f"{code[: _LIMIT - 9]}-{hashlib.sha256(identity.encode()).hexdigest()[:8]}"


# ------------------------------------------------------------------------------------------------- clashes


def without_clashes(found: ImportSet, known: Mapping[str, int]) -> ImportSet:
    """The set without new projects whose code is another's, or could not be told from it; each is a problem of its line.

    ``known``: id in this source → key of its book; their books keep the codes they have.
    """
    coded = [
        record
        for record in found.records
        if record.extra.get("code") and not known.keys() & {record.external_id, *record.previous_ids}
    ]
    if not coded:
        return found
    clashes = _Clashes(known)
    problems = Problems()
    refused = set()
    for record in sorted(coded, key=lambda record: (record.place.file, record.place.line)):
        for problem in clashes.of(record):
            problems.add(record.place, "", record.extra["code"], problem)
            refused.add(record.external_id)
    if not refused:
        return found
    return replace(
        found,
        records=tuple(record for record in found.records if record.external_id not in refused),
        problems=(*found.problems, *problems.found),
        stats={**found.stats, "problems": found.stats["problems"] + len(problems.found)},
    )


@dataclass(slots=True)
class _Clashes:
    """What stands against the codes of a source, row by row."""

    known: Mapping[str, int]
    #: comparable code → code and key of the book that has it
    books: dict[str, tuple[str, int]] = field(init=False)
    ids: dict[int, str] = field(init=False)
    #: comparable code → the row that gave it first
    rows: dict[str, ProjectRecord] = field(default_factory=dict)

    def __post_init__(self) -> None:
        rows = Project.objects.order_by().values_list("code", "pk")
        self.books = {_key(code): (code, pk) for code, pk in rows}
        self.ids = {pk: value for value, pk in self.known.items()}

    def of(self, record: ProjectRecord) -> Iterator[ValueProblem]:
        code = str(record.extra["code"])
        first = self.rows.setdefault(_key(code), record)
        standing, book = self.books.get(_key(code), ("", 0))
        if first.external_id != record.external_id:
            said: dict[str, object] = {"code": first.extra["code"], "line": first.place.line}
            yield ValueProblem(_TWICE, said, _TWICE_MEND)
        elif standing and half_width(standing) != half_width(code):
            yield ValueProblem(_ALIKE, {"code": standing}, _ALIKE_MEND, {"code": standing})
        elif book in self.ids:
            yield ValueProblem(_OTHERS, {"code": standing, "id": self.ids[book]}, _OTHERS_MEND)


_TWICE = _("Line %(line)s gives the code “%(code)s” to another project.")
_TWICE_MEND = _("Give each project a code of its own; upper and lower case alone do not tell codes apart.")
_ALIKE = _("There is a book “%(code)s”; upper and lower case alone do not tell codes apart.")
_ALIKE_MEND = _("Write “%(code)s” if this is that book, else give it another code.")
_OTHERS = _("The book “%(code)s” belongs to the number “%(id)s” of this source.")
_OTHERS_MEND = _("Give the row that number if this is that book, else another code.")
