"""Sources whose page tree lies: a page that one parser finds and the other does not must not be lost in silence.

qpdf finds pages by following the tree, pdfium by the counts that stand in it. Where qpdf finds more, it writes the
source anew with a tree of one level, and both read that. Where it finds fewer, pages are missing, as in a file that was
cut off, and nothing is mended.
"""

import os
from collections.abc import Callable
from io import BytesIO
from typing import BinaryIO

import pikepdf

from sekisho.sanitizer.formats import pdf_source
from sekisho.sanitizer.formats.job import Job
from sekisho.sanitizer.formats.pdf_inventory import report_bytes
from sekisho.sanitizer.formats.pdf_parts.values import inherited

_INHERITED = ("Resources", "MediaBox", "CropBox", "Rotate")  # by pages from the nodes above them (7.7.3.4)


def workspace() -> BinaryIO:
    """A place for a file that can be read again and does not count against the memory of the process."""
    return os.fdopen(os.memfd_create("made"), "w+b") if hasattr(os, "memfd_create") else BytesIO()


def on_sound_pages(job: Job, rebuild: Callable[[Job], None]) -> None:
    """Run ``rebuild`` on the source, and where it raises ``Torn``, on the source as qpdf mends it."""
    try:
        rebuild(job)
        return
    except pdf_source.Torn:
        job.start_over()
    report_bytes(job)
    try:
        job.read_instead(_mended(job))
    except (pikepdf.PdfError, ValueError, RuntimeError) as error:
        raise job.broken() from error
    job.changed("pdf.pages_mended")
    try:
        rebuild(job)
    except pdf_source.Torn as torn:
        raise job.broken() from torn


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
