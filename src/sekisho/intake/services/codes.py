"""Codes of imported books: readable, lasting, unique."""

import hashlib
from collections.abc import Sequence

from sekisho.book.models import Project
from sekisho.book.services.projects import is_no_address
from sekisho.intake.changes import Book

_PREFIXES = {"rs": "RS", "judgit": "JG"}
_LIMIT = 64


class Codes:
    """Chooses codes for the books of one source."""

    def __init__(self, scheme: str) -> None:
        self.prefix = _PREFIXES.get(scheme, _clean(scheme).upper()[:20])

    def preferred(self, book: Book) -> str:
        """The code a table gives, else prefix and id: ``RS-000928``, ``JG-2021-総務省-0007``."""
        if book.wanted_code:
            code = _fitting(_clean(book.wanted_code), book.wanted_code)
            return f"{self.prefix}-{code.strip('.') or 'X'}" if is_no_address(code) else code
        identity = book.identity.zfill(6) if book.identity.isdecimal() else _clean(book.identity)
        return _fitting(f"{self.prefix}-{identity}", book.identity)

    def assign(self, books: Sequence[Book]) -> None:
        """Give each book its code, or the first free one with a number behind it."""
        wanted = [self.preferred(book) for book in books]
        taken = set(Project.objects.filter(code__in=wanted).order_by().values_list("code", flat=True))
        for book, code in zip(books, wanted, strict=True):
            book.code = code
            number = 1
            while book.code in taken or (number > 1 and Project.objects.filter(code=book.code).exists()):
                number += 1
                book.code = f"{code[: _LIMIT - 6]}-{number}"
            taken.add(book.code)


def _clean(text: str) -> str:
    """Only what a code may hold (see `projects`)."""
    return "".join(c if c.isalnum() or c in "-_." else "-" for c in text).strip("-") or "X"


def _fitting(code: str, identity: str) -> str:
    if len(code) <= _LIMIT:
        return code
    return f"{code[: _LIMIT - 9]}-{hashlib.sha256(identity.encode()).hexdigest()[:8]}"
