"""Conversion by another program, for types we do not read ourselves: LibreOffice, or an office's own converter.

What it writes is treated as untrusted again.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from sekisho.sanitizer import converters, libreoffice
from sekisho.sanitizer.filetypes import FileType
from sekisho.sanitizer.results import Refused


@contextmanager
def converted(source: Any, kind: FileType, target: str, seconds: float) -> Iterator[BinaryIO]:
    """The file converted to ``target`` (docx, xlsx, pptx or pdf), open for reading.

    Raises ``Refused``: ``engine.unavailable`` without LibreOffice, ``limit.time``, ``input.broken``,
    ``converter.failed``.
    """
    with tempfile.TemporaryDirectory(prefix="sekisho-convert-") as folder:
        untrusted, made = Path(folder) / f"source.{kind.extensions[0]}", Path(folder) / f"made.{target}"
        source.seek(0)
        with untrusted.open("wb") as copy:
            shutil.copyfileobj(source, copy)
        if kind.family == "refused":
            converters.convert(kind, untrusted, made, seconds)
        else:
            libreoffice.convert(untrusted, made, target, seconds)
        if not made.is_file() or made.is_symlink():
            raise Refused("input.broken", type=kind.id)
        with made.open("rb") as stream:
            yield stream
