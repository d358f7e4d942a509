"""PDF rebuilt: every page and all it draws is parsed and written anew, from allow-listed keys, operators and values.

qpdf (pikepdf) reads the source; ``pdf_parts`` writes what each part may be. Nothing is reached from the catalog but
pages, their structure, bookmarks, labels and a few settings of how the document is shown. What was made is then drawn beside the source,
and when they differ the next method is tried.
"""

import io
import shutil
from functools import partial
from typing import Any, BinaryIO

import pikepdf
import pypdfium2

from sekisho.sanitizer.formats import pdf_moves, pdf_names, pdf_source
from sekisho.sanitizer.formats.drawing_fonts import use_shipped_fonts
from sekisho.sanitizer.formats.job import Job
from sekisho.sanitizer.formats.pdf_boxes import comments_hide, hides_pictures
from sekisho.sanitizer.formats.pdf_hidden import hidden_characters
from sekisho.sanitizer.formats.pdf_inventory import report
from sekisho.sanitizer.formats.pdf_mending import lacks_looks, on_sound_pages
from sekisho.sanitizer.formats.pdf_outline import page_labels, write_bookmarks
from sekisho.sanitizer.formats.pdf_parts import annotations, comparison, fonts, forms, metadata
from sekisho.sanitizer.formats.pdf_parts.content import rewrite
from sekisho.sanitizer.formats.pdf_parts.context import Context
from sekisho.sanitizer.formats.pdf_parts.layers import Layers
from sekisho.sanitizer.formats.pdf_parts.structure import LANGUAGE, Structure
from sekisho.sanitizer.formats.pdf_parts.values import (
    Unreadable,
    box,
    decoded,
    dictionary,
    entry,
    inherited,
    name,
    number,
    text,
)
from sekisho.sanitizer.formats.pdf_parts.whole_fonts import LARGE, WholeFonts
from sekisho.sanitizer.formats.pdf_weighing import refuse_endless
from sekisho.sanitizer.formats.pdf_writer import Name, PdfWriter, Ref
from sekisho.sanitizer.results import Refused

_LETTER = [0, 0, 612, 792]
_LAYOUTS = {"SinglePage", "OneColumn", "TwoColumnLeft", "TwoColumnRight", "TwoPageLeft", "TwoPageRight"}
_MODES = {"UseNone", "UseOutlines", "UseThumbs"}
_MAX_PAGE_UNITS = 20_000
_TRADE_BOXES = ("BleedBox", "TrimBox", "ArtBox")  # where a printer cuts (14.11.2)


def prepare() -> None:
    """Have fonts ready, and let qpdf open its source of random numbers before the walls go up: AES-256 wants one."""
    use_shipped_fonts()
    locked = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.save(locked, encryption=pikepdf.Encryption(owner="-", user="", R=6))
    pikepdf.open(locked).close()


def rebuild(job: Job) -> None:
    """Write the document anew; see the module. Raises ``Refused`` where only pictures of it can be given."""
    on_sound_pages(job, _rebuild)


def _rebuild(job: Job) -> None:
    document = pdf_source.opened(job)
    made = job.new_file()
    try:
        context = write_anew(job, document, made)
        document.close()
        comparison.compare(job, made, context)
    except RecursionError:
        raise
    # What qpdf and pdfium say of damage, and text that is none, come in these kinds.
    except (
        Unreadable,
        pikepdf.PikepdfError,
        pypdfium2.PdfiumError,
        RuntimeError,
        UnicodeDecodeError,
    ) as error:
        raise job.broken() from error
    made.seek(0)
    shutil.copyfileobj(made, job.output, 1 << 20)
    job.produced = "pdf"


def write_anew(job: Job, document: pypdfium2.PdfDocument, made: BinaryIO) -> Context:
    """The new document, which nobody has compared with its source yet."""
    with pdf_source.parsed(job) as pdf:
        if len(pdf.pages) > len(document):
            raise pdf_source.Torn
        job.require(len(pdf.pages) == len(document) > 0, "pages")
        job.check_limit("pages", len(document))
        pdf_source.take_time_for(len(document))
        refuse_endless(pdf)
        pdf_names.require_order(job, pdf)
        pdf_moves.require_places(job, pdf)
        if lacks_looks(job, pdf):
            raise pdf_source.Undrawn
        _refuse_hidden(job, document)
        structure = Structure(pdf, with_texts=job.keep.hidden)
        context = Context(job, pdf, PdfWriter(made, prunes=True), Layers.of(pdf), rewrite, structure)
        if job.source.seek(0, io.SEEK_END) >= LARGE // 2:  # half of it: a program is deflated
            context.whole_fonts = WholeFonts(partial(fonts.write_whole, context))
        _write(context, document)
        report(job, pdf, with_tags=bool(structure.elements))
        return context


def _refuse_hidden(job: Job, document: pypdfium2.PdfDocument) -> None:
    """What leaves must tell no more than it shows, and only a picture of a page is sure to."""
    if not job.policy.looks_under:
        return
    for index, page in enumerate(document):
        if hidden_characters(page):
            raise Refused("pdf.hides_text", page=index + 1)
        if hides_pictures(page) or comments_hide(page):
            raise Refused("pdf.hides_picture", page=index + 1)
        page.close()


def _write(context: Context, document: pypdfium2.PdfDocument) -> None:
    writer, job = context.writer, context.job
    tree = writer.reserve()
    pages = [writer.reserve() for _ in context.pdf.pages]
    links = 0
    for index, page in enumerate(context.pdf.pages):
        context.page = index + 1
        links += _write_page(context, document, index, page.obj, tree, pages)
    context.page = 0
    if context.whole_fonts:
        context.whole_fonts.finish()
    writer.add({"Type": Name("Pages"), "Kids": pages, "Count": len(pages)}, tree)
    catalog: dict[str, Any] = {"Type": Name("Catalog"), "Pages": tree}
    listed = pdf_source.bookmarks(document, job)
    if outline := write_bookmarks(writer, listed, pages):
        catalog["Outlines"] = outline
    if labels := page_labels(pdf_source.labels(document, job)):
        catalog["PageLabels"] = labels
    catalog |= _settings(context.pdf.Root) | context.structure.write(writer, pages)
    if context.structure.elements and (left_out := context.structure.left_out):
        job.lost("pdf.tags_left_out", count=left_out)
    information = metadata.write_information(context) if job.keep.metadata else None
    writer.finish(writer.add(catalog), information)
    job.fidelity = {
        "pages_before": len(document), "pages_after": len(pages), "links_after": links, "bookmarks_after": len(listed),
    }  # fmt: skip


def _settings(root: Any) -> dict[str, Any]:
    """How the document is shown: plain names out of short lists, and its language."""
    found: dict[str, Any] = {}
    for key, allowed in (("PageLayout", _LAYOUTS), ("PageMode", _MODES)):
        if (value := name(entry(root, key))) in allowed:
            found[key] = Name(value)
    if name(entry(entry(root, "ViewerPreferences"), "Direction")) == "R2L":
        found["ViewerPreferences"] = {"Direction": Name("R2L")}
    language = text(entry(root, "Lang")) or ""
    if LANGUAGE.match(language):
        found["Lang"] = language
    return found


# -- pages --------------------------------------------------------------------------------------------------------


def _write_page(
    context: Context, document: pypdfium2.PdfDocument, index: int, source: Any, tree: Ref, pages: list[Ref]
) -> int:
    """One page with what it shows; the number of links it keeps."""
    own = inherited(source, "Resources")
    around = (own,) if dictionary(own) is not None else ()
    marks = context.structure.marks(index)
    made = rewrite(context, _content(context, source), around, marks=marks)
    listed = annotations.listed(source)
    drawn = annotations.appearances(context, listed, around)
    content = b"q\n" + made.data + b"Q\n"
    resources = made.resources
    if drawn:
        content += drawn.data
        for category, names in drawn.resources.items():
            resources.setdefault(category, {}).update(names)
    media = box(inherited(source, "MediaBox"))
    if media is None or media[2] - media[0] < 1 or media[3] - media[1] < 1:
        media = list(_LETTER)
    if max(map(abs, media)) > _MAX_PAGE_UNITS * 10:
        raise Refused("limit.pixels", limit=context.job.limits.pixels)
    entries: dict[str, Any] = {
        "Type": Name("Page"), "Parent": tree, "MediaBox": media, "Resources": resources,
        "Contents": context.writer.add_stream({}, content),
    }  # fmt: skip
    crop = box(inherited(source, "CropBox"))
    if crop and crop != media and crop[0] < crop[2] and crop[1] < crop[3]:
        entries["CropBox"] = crop
    for key in _TRADE_BOXES:
        if (trade := box(entry(source, key))) and trade[0] < trade[2] and trade[1] < trade[3]:
            entries[key] = trade
    rotation = number(inherited(source, "Rotate"))
    if rotation and rotation % 90 == 0 and rotation % 360:
        entries["Rotate"] = int(rotation % 360)
    if (unit := pdf_source.user_unit(source)) != 1:
        entries["UserUnit"] = unit
    if group := forms.transparency_group(context, entry(source, "Group")):
        entries["Group"] = group
    if marks and marks.met:
        entries["StructParents"] = index
    kept = annotations.kept(context, document, index, listed, pages)
    if kept:
        entries["Annots"] = kept
    context.writer.add(entries, pages[index])
    return sum(1 for annotation in kept if isinstance(annotation, Ref) or annotation["Subtype"] == "Link")


def _content(context: Context, page: Any) -> bytes:
    """The page's contents as one, without those that lie elsewhere or cannot be decoded."""
    contents = entry(page, "Contents")
    listed = list(contents) if isinstance(contents, pikepdf.Array) else [contents]
    pieces = [_piece(context, stream) for stream in listed[:10_000] if isinstance(stream, pikepdf.Stream)]
    return b"\n".join(pieces)


def _piece(context: Context, stream: Any) -> bytes:
    """One of a page's content streams, decoded; empty and reported when it cannot be."""
    try:
        return decoded(stream)
    except Unreadable as problem:
        context.removed(problem.code, stream, detail=problem.detail)
        return b""
