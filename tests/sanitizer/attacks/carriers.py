"""Attacks within Office files that show the visible words: in the body of a letter, or in and behind the cells of a sheet."""

from collections.abc import Callable
from typing import Any

from tests.sanitizer.office import CELLS, Package, document, paragraph, workbook

from .common import VISIBLE, Attack

Mend = Callable[[Package], Any]


def in_word(name: str, body: str = "", mend: Mend = lambda package: None, **more: Any) -> Attack:
    """A letter with ``body`` behind the words; ``mend`` changes its parts, ``more`` is for ``Attack``."""

    def build() -> bytes:
        package = document(paragraph(VISIBLE) + body)
        mend(package)
        return package.build()

    return Attack(f"docx {name}", build, "docx", **more)


def in_sheet(
    name: str, cells: str = "", tail: str = "", mend: Mend = lambda package: None, **more: Any
) -> Attack:
    """A workbook with ``cells`` beside the words and ``tail`` behind the cells; ``more`` is for ``workbook``."""

    def build() -> bytes:
        package = workbook(CELLS.format(visible=VISIBLE, cells=cells) + tail, **more)
        mend(package)
        return package.build()

    return Attack(f"xlsx {name}", build, "xlsx")
