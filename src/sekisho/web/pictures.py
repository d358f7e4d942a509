"""A chart as a file of its own: framed with title and finding, as PNG, its numbers as CSV. Knows no app."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

import pylopdf_fonts_jp
import resvg_py
from django.http import HttpResponse
from django.utils.html import escape
from django.utils.safestring import SafeString

from sekisho.spreadsheets import neutral

WIDTH, MARGIN, TOP = 960, 24, 96
FONT = Path(pylopdf_fonts_jp.__file__).parent / "NotoSansJP-Regular.otf"


def framed(title: str, finding: str, inner: str, height: int) -> str:
    """SVG text on white ground, 960 pixels wide; ``inner`` is SVG whose first ``TOP`` pixels hold title and finding."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height + TOP + MARGIN}"'
        f' font-family="Noto Sans JP, sans-serif"><rect width="100%" height="100%" fill="#ffffff"/>'
        f"{said(title, 34, 20)}{said(finding, 58, 14)}{inner}</svg>"
    )


def said(words: str, y: int, size: int, x: int = MARGIN) -> SafeString:
    """One line of words."""
    return SafeString(f'<text x="{x}" y="{y}" font-size="{size}" fill="#1a1a1a">{escape(words)}</text>')


def bitmap_of(picture: str) -> bytes:
    """PNG, twice as fine as the screen, with the font that is shipped."""
    drawn: bytes = resvg_py.svg_to_bytes(
        svg_string=picture,
        zoom=2,
        font_files=[str(FONT)],
        skip_system_fonts=True,
        font_family="Noto Sans JP",
    )
    return bytes(drawn)


def table_of(heads: Sequence[object], rows: Iterable[Sequence[object]]) -> bytes:
    """CSV in UTF-8 with BOM: exact numbers; text that a spreadsheet would compute is made harmless."""
    out = io.StringIO()
    writer = csv.writer(out)
    for row in ([str(head) for head in heads], *rows):
        writer.writerow([neutral(cell) if isinstance(cell, str) else cell for cell in row])
    return out.getvalue().encode("utf-8-sig")


def download(content: bytes, media_type: str, filename: str) -> HttpResponse:
    """A file to keep; never taken for another type."""
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
