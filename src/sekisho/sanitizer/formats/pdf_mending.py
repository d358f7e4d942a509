"""Sources that one parser reads otherwise than another: page trees that lie, and fields that nobody drew.

A page that one parser finds and the other does not must not be lost in silence.

qpdf finds pages by following the tree, pdfium by the counts that stand in it. Where qpdf finds more, it writes the
source anew with a tree of one level, and both read that. Where it finds fewer, pages are missing, as in a file that was
cut off, and nothing is mended. Fields without an appearance are drawn by pdfium, as readers do, before they are read.
"""

import os
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any, BinaryIO

import pikepdf
import pypdfium2
import pypdfium2.raw as pdfium

from sekisho.sanitizer.formats import pdf_source
from sekisho.sanitizer.formats.job import Job
from sekisho.sanitizer.formats.pdf_inventory import report_bytes
from sekisho.sanitizer.formats.pdf_parts.values import entry, inherited, items, name, text

_MAX_FIELDS = 5_000  # of a page
_MAX_CHOICES = 10_000  # of a field
_INHERITED = ("Resources", "MediaBox", "CropBox", "Rotate")  # by pages from the nodes above them (7.7.3.4)


def workspace() -> BinaryIO:
    """A place for a file that can be read again and does not count against the memory of the process."""
    return os.fdopen(os.memfd_create("made"), "w+b") if hasattr(os, "memfd_create") else BytesIO()


def on_sound_pages(job: Job, rebuild: Callable[[Job], None]) -> None:
    """Run ``rebuild`` on the source, and where it raises ``Torn`` or ``Undrawn``, on the source as it is mended."""
    try:
        rebuild(job)
        return
    except pdf_source.Torn:
        mend, code = _mended, "pdf.pages_mended"
    except pdf_source.Undrawn:
        mend, code = _with_fields_drawn, "pdf.fields_drawn"
    job.start_over()
    report_bytes(job)
    try:
        job.read_instead(mend(job))
    except (pikepdf.PdfError, pypdfium2.PdfiumError, ValueError, RuntimeError) as error:
        raise job.broken() from error
    job.changed(code)
    try:
        rebuild(job)
    except pdf_source.Torn as torn:
        raise job.broken() from torn


def lacks_looks(job: Job, pdf: pikepdf.Pdf) -> bool:
    """Whether values of fields are left to be drawn by whoever shows them (12.7.2, 12.7.3.3), and pdfium may do it.

    Letters beyond ASCII it would draw with fonts that not every reader has.
    """
    form = entry(pdf.Root, "AcroForm")
    if form is None or job.is_mended:
        return False
    fields = [
        field
        for page in pdf.pages
        for field in items(entry(page.obj, "Annots"), _MAX_FIELDS)
        if name(entry(field, "Subtype")) == "Widget"
    ]
    if entry(form, "NeedAppearances") is not True and not any(map(_is_undrawn, fields)):
        return False
    return bool(fields) and all(said.isascii() for field in fields for said in _sayings(field))


def _is_undrawn(field: Any) -> bool:
    """Whether a field has a value that one can read, and no appearance."""
    is_bare = entry(entry(field, "AP"), "N") is None
    return is_bare and isinstance(inherited(field, "V"), (pikepdf.String, pikepdf.Array))


def _sayings(field: Any) -> Iterator[str]:
    """What a field may show: its value, what one can choose, its caption."""
    waiting = [inherited(field, "V"), inherited(field, "Opt"), entry(entry(field, "MK"), "CA")]
    for _count in range(_MAX_CHOICES):
        if not waiting:
            return
        said = waiting.pop()
        if isinstance(said, pikepdf.Array):
            waiting += items(said, _MAX_CHOICES)
        elif (words := text(said)) is not None:
            yield words


def _with_fields_drawn(job: Job) -> BinaryIO:
    """The source as pdfium keeps it once it has given each field its appearance."""
    made = workspace()
    document = pdf_source.opened(job)
    document.init_forms()
    for page in document:
        page.close()
    document.save(made, flags=pdfium.FPDF_REMOVE_SECURITY)
    document.close()
    return made


def _mended(job: Job) -> BinaryIO:
    made = workspace()
    with pdf_source.parsed(job) as pdf:
        count = len(pdf.pages)
        job.check_limit("pages", count)
        if not count:
            raise ValueError
        _flatten(pdf)
        pdf.save(made, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return made


def _flatten(pdf: pikepdf.Pdf) -> None:
    """Put all pages under one new root, each with what it had from the nodes above it."""
    pages = [page.obj for page in pdf.pages]
    tree = pdf.make_indirect(
        pikepdf.Dictionary(Type=pikepdf.Name.Pages, Kids=pikepdf.Array(pages), Count=len(pages))
    )
    for page in pages:
        for key in _INHERITED:
            if (value := inherited(page, key)) is not None:
                page[f"/{key}"] = value
        page.Parent = tree
    pdf.Root.Pages = tree
