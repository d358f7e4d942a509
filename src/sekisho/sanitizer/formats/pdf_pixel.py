"""PDF as pictures of its pages, with the text laid invisibly over them so that it can be found and copied.

pdfium reads the source; nothing of it but pixels, characters, sizes, titles and addresses reaches the writer. Pages are
drawn and written one at a time, so memory does not grow with their number.
"""

import ctypes
import io
import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image, ImageChops

from sekisho.sanitizer.formats import pdf_source
from sekisho.sanitizer.formats.drawing_fonts import use_shipped_fonts
from sekisho.sanitizer.formats.job import Job
from sekisho.sanitizer.formats.pdf_boxes import comments_hide
from sekisho.sanitizer.formats.pdf_grays import draws_grays
from sekisho.sanitizer.formats.pdf_hidden import hidden_characters
from sekisho.sanitizer.formats.pdf_inventory import Facts, report_source
from sekisho.sanitizer.formats.pdf_mending import on_sound_pages
from sekisho.sanitizer.formats.pdf_outline import destination, page_labels, write_bookmarks
from sekisho.sanitizer.formats.pdf_text_layer import Fonts, text_layer
from sekisho.sanitizer.formats.pdf_writer import Name, PdfWriter, Ref, deflated
from sekisho.sanitizer.formats.personal import flowing, warn_of_personal_numbers

Image.preinit()
_POINTS = 72
_MAX_SIDE = 14_400  # ISO 32000-1, annex C: the largest page in units
# What a page is drawn on: its kind, and flags. pdfium stops where it is told to turn one channel around.
_COLORS = pdfium.FPDFBitmap_BGRx, pdfium.FPDF_ANNOT | pdfium.FPDF_REVERSE_BYTE_ORDER
_ONE_CHANNEL = pdfium.FPDFBitmap_Gray, pdfium.FPDF_ANNOT
_WHITE = 0xFFFFFFFF
# A page of mostly pure black and white keeps its edges as 16 grays without loss that JPEG would add.
_GRAYS = 16
_SIXTEENTHS = [value * _GRAYS // 256 for value in range(256)]
_PLAIN_SHARE = 0.93
_PAGES_AT_A_TIME = 25


@dataclass
class _Made:
    """What has been written so far."""

    writer: PdfWriter
    fonts: Fonts
    tree: Ref
    pages: list[Ref]
    facts: Facts
    characters: int = 0
    links: int = 0


def prepare() -> None:
    """Have Japanese fonts ready for pages that embed none."""
    use_shipped_fonts()


def rebuild(job: Job) -> None:
    """Write the pages as pictures; see the module."""
    on_sound_pages(job, _rebuild)


def _rebuild(job: Job) -> None:
    document = pdf_source.opened(job)
    count = len(document)
    facts = report_source(job)
    if facts.pages > count:
        raise pdf_source.Torn
    if not count:
        raise job.broken()
    job.check_limit("pages", count)
    pdf_source.take_time_for(count)
    document.init_forms()
    writer = PdfWriter(job.output)
    made = _Made(
        writer, Fonts.reserved(writer), writer.reserve(), [writer.reserve() for _ in range(count)], facts
    )
    labels = pdf_source.labels(document, job)
    listed = pdf_source.bookmarks(document, job)
    for index in range(count):
        if index and index % _PAGES_AT_A_TIME == 0 and pdf_source.is_large(job.source):
            document = _forgetting(job, document)
        _write_page(job, document, index, made)
    if made.characters:
        made.fonts.write(writer)
    writer.add({"Type": Name("Pages"), "Kids": made.pages, "Count": count}, made.tree)
    catalog: dict[str, Any] = {"Type": Name("Catalog"), "Pages": made.tree}
    if outline := write_bookmarks(writer, listed, made.pages):
        catalog["Outlines"] = outline
    if numbers := page_labels(labels):
        catalog["PageLabels"] = numbers
    writer.finish(writer.add(catalog))
    document.close()
    job.produced = "pdf"
    job.fidelity = {
        "pages_before": count, "pages_after": count, "characters_after": made.characters,
        "links_after": made.links, "bookmarks_after": len(listed), "dpi": job.policy.dpi,
    }  # fmt: skip


def _forgetting(job: Job, document: pypdfium2.PdfDocument) -> pypdfium2.PdfDocument:
    """The same document without what pdfium holds of pages gone by, which would be all of a large file in the end."""
    document.close()
    document = pdf_source.opened(job)
    document.init_forms()
    return document


def _write_page(job: Job, document: pypdfium2.PdfDocument, index: int, made: _Made) -> None:
    try:
        page = document[index]
    except pypdfium2.PdfiumError as error:
        raise job.broken() from error
    writer, number = made.writer, index + 1
    hidden = _hidden(job, page, number, made.facts)
    if (
        not job.keep.comments
        and not _covers(job, page, number, hidden)
        and (comments := pdf_source.remove_comments(page))
    ):
        job.removed("pdf.comment_lost", page=number, count=comments)
    box = _box(page)
    unit = made.facts.units.get(index, 1.0)
    gray = not made.facts.tints and draws_grays(page)
    picture = _picture(job, page, unit, gray=gray)
    image = _write_picture(job, writer, picture)
    links = list(pdf_source.links(document, page, job, number, made.facts.base))
    if pdf_source.put_annotations_into_page(page):
        page.close()
        page = document[index]
        hidden = _hidden(job, page, number, made.facts, told=True)
    layer = text_layer(page.raw, made.fonts, hidden)
    warn_of_personal_numbers(job, flowing(layer.text), page=number)
    made.characters += len(layer.text)
    width, height = box[2] - box[0], box[3] - box[1]
    drawn = b"q\n%.3f 0 0 %.3f %.3f %.3f cm\n/I Do\nQ\n" % (width, height, box[0], box[1])
    content = writer.add_stream({}, drawn + layer.content)
    entries: dict[str, Any] = {
        "Type": Name("Page"), "Parent": made.tree, "MediaBox": list(box), "Contents": content,
        "Resources": {"XObject": {"I": image}} | (made.fonts.resources if layer.content else {}),
    }  # fmt: skip
    if unit != 1:
        entries["UserUnit"] = unit
    if rotation := page.get_rotation():
        entries["Rotate"] = rotation
    made.links += len(links)
    if links:
        entries["Annots"] = [link_annotation(link, made.pages) for link in links]
    writer.add(entries, made.pages[index])
    page.close()


def _hidden(
    job: Job, page: pypdfium2.PdfPage, number: int, facts: Facts, *, told: bool = False
) -> frozenset[int]:
    """The characters that stay out of the text layer because the picture does not show them."""
    looks = job.policy.looks_under
    if not looks and not facts.has_layers:
        return frozenset()
    hidden = hidden_characters(page, on_purpose=looks, replaced=looks)
    if hidden and not told:
        job.removed("pdf.hidden_text", page=number, count=len(hidden))
    return hidden


def _covers(job: Job, page: pypdfium2.PdfPage, number: int, hidden: frozenset[int]) -> bool:
    """Whether comments hide something, as boxes do that someone drew over names: then they stay drawn."""
    if not job.policy.looks_under:
        return False
    over_text = bool(hidden) and not hidden <= hidden_characters(page, annotations=False, replaced=True)
    if not over_text and not comments_hide(page):
        return False
    job.changed("pdf.cover_kept", page=number)
    return True


def _box(page: pypdfium2.PdfPage) -> tuple[float, float, float, float]:
    """The part of the page that is shown, in its own units and before it is turned."""
    rect = pdfium.FS_RECTF()
    pdfium.FPDF_GetPageBoundingBox(page, ctypes.byref(rect))
    box = (rect.left, rect.bottom, rect.right, rect.top)
    if not all(map(math.isfinite, box)) or box[2] - box[0] < 1 or box[3] - box[1] < 1:
        return (0.0, 0.0, 612.0, 792.0)
    return box


def _picture(job: Job, page: pypdfium2.PdfPage, unit: float, *, gray: bool) -> Image.Image:
    """The page as shown, with its annotations and form fields, but not turned; smaller where it would be huge.

    The next page may be drawn over it. ``gray``: in one channel, which pdfium draws in half the time.
    """
    scale = job.policy.dpi / _POINTS * unit
    width, height = page.get_size()
    if page.get_rotation() in (90, 270):
        width, height = height, width
    width, height = max(width, 1.0), max(height, 1.0)
    if max(width, height) > _MAX_SIDE * 10:
        job.check_limit("pixels", int(width * height))
    wanted = width * height * scale * scale
    if wanted > job.limits.pixels:
        scale *= math.sqrt(job.limits.pixels / wanted) * 0.999
    across, down = max(1, round(width * scale)), max(1, round(height * scale))
    kind, flags = _ONE_CHANNEL if gray else _COLORS
    bitmap = _sheet(across, down, kind)
    turn_back = (4 - page.get_rotation() // 90) % 4
    pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, across, down, _WHITE)
    pdfium.FPDF_RenderPageBitmap(bitmap, page, 0, 0, across, down, turn_back, flags)
    if page.formenv:
        pdfium.FPDF_FFLDraw(page.formenv, bitmap, page, 0, 0, across, down, turn_back, flags)
    mode = "L" if gray else "RGBX"
    return Image.frombuffer(mode, (across, down), bitmap.buffer, "raw", mode, bitmap.stride, 1)


@lru_cache(1)
def _sheet(across: int, down: int, kind: int) -> pypdfium2.PdfBitmap:
    """What pages of this size are drawn on, one after another: memory that is there already is faster than new."""
    return pypdfium2.PdfBitmap.new_native(across, down, kind, rev_byteorder=True)


def _write_picture(job: Job, writer: PdfWriter, picture: Image.Image) -> Ref:
    entries: dict[str, Any] = {
        "Type": Name("XObject"), "Subtype": Name("Image"), "Width": picture.width, "Height": picture.height,
    }  # fmt: skip
    gray = _as_gray(picture)
    color = "DeviceRGB" if gray is None else "DeviceGray"
    if gray is not None and _is_plain(gray):
        data = _flate(gray)
        if len(data) < picture.width * picture.height // 10:
            entries |= {"ColorSpace": Name(color), "BitsPerComponent": 4, "Filter": Name("FlateDecode")}
            return writer.add_stream(entries, data, compress=False)
    buffer = io.BytesIO()
    (picture if gray is None else gray).save(buffer, "JPEG", quality=job.policy.jpeg_quality)
    entries |= {"ColorSpace": Name(color), "BitsPerComponent": 8, "Filter": Name("DCTDecode")}
    return writer.add_stream(entries, buffer.getvalue(), compress=False)


def _as_gray(picture: Image.Image) -> Image.Image | None:
    """The page as one channel when all three are equal everywhere."""
    if picture.mode == "L":
        return picture
    red, green, blue, _unused = picture.split()
    if ImageChops.difference(red, green).getbbox() or ImageChops.difference(green, blue).getbbox():
        return None
    return green


def _is_plain(gray: Image.Image) -> bool:
    """Judged by every fourth pixel of every fourth row."""
    part = gray.resize((max(1, gray.width // 4), max(1, gray.height // 4)), Image.Resampling.NEAREST)
    histogram = part.histogram()
    return sum(histogram[:9]) + sum(histogram[247:]) >= _PLAIN_SHARE * part.width * part.height


def _flate(gray: Image.Image) -> bytes:
    """The picture in 16 grays, two to a byte, deflated as they stand."""
    return deflated(gray.point(_SIXTEENTHS, "P").tobytes("raw", "P;4"))


def link_annotation(link: pdf_source.Link, pages: list[Ref]) -> dict[str, Any]:
    """A new annotation that does nothing but lead to a page or an address."""
    entries: dict[str, Any] = {
        "Type": Name("Annot"), "Subtype": Name("Link"), "Rect": list(link.box), "Border": [0, 0, 0],
    }  # fmt: skip
    if link.page is None:
        address = link.address.encode("ascii")
        return entries | {"A": {"Type": Name("Action"), "S": Name("URI"), "URI": address}}
    return entries | {"Dest": destination(pages[link.page], link.top)}
