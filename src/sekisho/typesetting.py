"""Set a document as PDF from a Typst template and plain values. No Django.

Everything arrives as data, so nothing people wrote is ever read as Typst.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pylopdf_fonts_jp
import typst

FONTS = Path(pylopdf_fonts_jp.__file__).parent


class TypesettingError(Exception):
    """The template cannot be set: the text says why, ``line`` where, None where that is not known."""

    def __init__(self, reason: str, line: int | None) -> None:
        super().__init__(reason)
        self.line = line


def typeset(template: Path, data: Mapping[str, Any]) -> bytes:
    """The PDF of ``template``, which finds ``data`` as JSON in ``sys.inputs.data``.

    PDF/UA-1 where every letter can be drawn, with the shipped fonts or, for scripts that they lack, with those of the
    server; tagged PDF otherwise, as one emoji in a name must not cost the document. Raises `TypesettingError`.
    """
    written = json.dumps(data, ensure_ascii=False)
    for own_fonts in (True, False):
        try:
            return _compiled(template, written, accessible=True, own_fonts=own_fonts)
        except typst.TypstError:
            pass
    try:
        return _compiled(template, written, accessible=False, own_fonts=False)
    except typst.TypstError as problem:
        raise TypesettingError(problem.message, _line_of(problem, template)) from None


def _line_of(problem: typst.TypstError, template: Path) -> int | None:
    """The line of the template itself, where the compiler names one."""
    found = re.search(re.escape(template.name) + r":(\d+):\d+", problem.diagnostic)
    return int(found[1]) if found else None


def _compiled(template: Path, data: str, *, accessible: bool, own_fonts: bool) -> bytes:
    made = typst.compile(
        str(template),
        font_paths=[str(FONTS)],
        ignore_system_fonts=own_fonts,
        sys_inputs={"data": data},
        pdf_standards="ua-1" if accessible else None,
    )
    return bytes(made)
