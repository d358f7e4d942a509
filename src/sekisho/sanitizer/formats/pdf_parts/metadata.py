"""What the document says of itself (14.3.3), for policies that keep it: plain text, nothing else."""

import re
from typing import Any

from sekisho.sanitizer.formats.pdf_links import plain_title
from sekisho.sanitizer.formats.pdf_parts.context import Context
from sekisho.sanitizer.formats.pdf_parts.values import entry, text
from sekisho.sanitizer.formats.pdf_writer import Ref

_TEXTS = ("Title", "Author", "Subject", "Keywords")
_DATES = ("CreationDate", "ModDate")
_DATE = re.compile(r"D:\d{4,14}(?:Z|[+-]\d{2}'?\d{2}'?)?\Z")


def write_information(context: Context) -> Ref | None:
    """The information dictionary, None when there is nothing to say."""
    source = entry(context.pdf.trailer, "Info")
    found: dict[str, Any] = {}
    for key in _TEXTS:
        if said := plain_title(text(entry(source, key)) or ""):
            found[key] = said
    for key in _DATES:
        said = text(entry(source, key)) or ""
        if _DATE.match(said):
            found[key] = said
    return context.writer.add(found) if found else None
