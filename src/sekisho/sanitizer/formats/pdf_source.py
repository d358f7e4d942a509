"""Reading the source with pdfium: opening, its bookmarks, labels and links as plain data."""

import codecs
import ctypes
import io
import resource
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import pikepdf
import pypdfium2
import pypdfium2.raw as pdfium

from sekisho.sanitizer.formats.job import Job
from sekisho.sanitizer.formats.pdf_links import MAX_ADDRESS, safe_address
from sekisho.sanitizer.formats.pdf_outline import MAX_BOOKMARKS, MAX_LEVELS, Bookmark
from sekisho.sanitizer.formats.pdf_parts.values import entry, number
from sekisho.sanitizer.formats.personal import warn_of_address, warn_of_personal_numbers
from sekisho.sanitizer.results import Refused

MAX_LINKS = 2_000  # on one page
MAX_OBJECTS = 200_000
_PAGES_A_SECOND = 50  # of text are drawn, on a slow machine
_LARGEST_UNIT = 100  # no reader shows a page of more than 380 km
_LARGE = 16 << 20  # bytes of a file that is not read into memory
_COMMENTS = {
    pdfium.FPDF_ANNOT_TEXT, pdfium.FPDF_ANNOT_FREETEXT, pdfium.FPDF_ANNOT_LINE, pdfium.FPDF_ANNOT_SQUARE,
    pdfium.FPDF_ANNOT_CIRCLE, pdfium.FPDF_ANNOT_POLYGON, pdfium.FPDF_ANNOT_POLYLINE, pdfium.FPDF_ANNOT_HIGHLIGHT,
    pdfium.FPDF_ANNOT_UNDERLINE, pdfium.FPDF_ANNOT_SQUIGGLY, pdfium.FPDF_ANNOT_STRIKEOUT, pdfium.FPDF_ANNOT_STAMP,
    pdfium.FPDF_ANNOT_CARET, pdfium.FPDF_ANNOT_INK, pdfium.FPDF_ANNOT_POPUP, pdfium.FPDF_ANNOT_REDACT,
}  # fmt: skip
_WORDLESS = {
    pdfium.FPDF_ANNOT_LINK, pdfium.FPDF_ANNOT_POPUP, pdfium.FPDF_ANNOT_TEXT, pdfium.FPDF_ANNOT_HIGHLIGHT,
    pdfium.FPDF_ANNOT_UNDERLINE, pdfium.FPDF_ANNOT_SQUIGGLY, pdfium.FPDF_ANNOT_STRIKEOUT, pdfium.FPDF_ANNOT_INK,
}  # fmt: skip
# Of destinations that fit a width or a rectangle, which of their numbers is the top.
_FROM_TOP = {pdfium.PDFDEST_VIEW_FITH: 0, pdfium.PDFDEST_VIEW_FITBH: 0, pdfium.PDFDEST_VIEW_FITR: 3}
_FARTHEST = 200_000
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Link:
    """Leads to ``address`` or to ``page`` (from 0) of the same document, from ``top`` where the source says so."""

    box: Box
    address: str = ""
    page: int | None = None
    top: float | None = None


def held(job: Job) -> bytes | BinaryIO:
    """The source: in memory when small, else to be read from where it lies, which is slower and takes no room."""
    return job.source if is_large(job.source) else job.data


def is_large(file: BinaryIO) -> bool:
    """Whether a reader had better not hold all of a file."""
    return file.seek(0, io.SEEK_END) > _LARGE


class Unsound(Exception):
    """The source has to be mended before both parsers read the same in it. ``mend``: in which way."""

    mend: str


class Unopened(Unsound):
    """qpdf cannot open what pdfium can."""

    mend = "file"


class Shut(Unsound):
    """pdfium cannot open what qpdf can, with the same password."""

    mend = "opening"


class Torn(Unsound):
    """qpdf finds pages that pdfium does not."""

    mend = "pages"


class Undrawn(Unsound):
    """Fields hold values, or comments mark something, and there is no appearance: each reader draws them itself."""

    mend = "looks"


class Misread(Unsound):
    """The map of a font says glyphs where pdfium looks for letters: it finds none."""

    mend = "maps"


class Astray(Unsound):
    """Names of places stand where pdfium does not look for them: links and bookmarks lead nowhere."""

    mend = "names"


class Turning(Unsound):
    """Links turn pages by a command of the viewer, which does not come through."""

    mend = "turns"


def opened(job: Job) -> pypdfium2.PdfDocument:
    """The source as pdfium reads it. Raises ``Refused`` for a missing or wrong password and for damage, ``Shut`` once
    for what only qpdf opens.
    """
    try:
        return _opened(job)
    except pypdfium2.PdfiumError as error:
        is_locked = error.err_code == pdfium.FPDF_ERR_PASSWORD
        if Shut.mend not in job.mends and _opens_by_qpdf(job, is_locked=is_locked):
            raise Shut from error
        if error.err_code == pdfium.FPDF_ERR_PASSWORD:
            code = "input.wrong_password" if job.password else "input.encrypted"
            raise Refused(code) from error
        if error.err_code == pdfium.FPDF_ERR_SECURITY:
            raise Refused("input.unsupported_encryption") from error
        raise job.broken() from error


def _opened(job: Job) -> pypdfium2.PdfDocument:
    """Without the password first: one given for a whole delivery must not close what opens by itself."""
    try:
        return pypdfium2.PdfDocument(held(job))
    except pypdfium2.PdfiumError as error:
        if error.err_code != pdfium.FPDF_ERR_PASSWORD or not job.password:
            raise
    return pypdfium2.PdfDocument(held(job), password=job.password)


def _opens_by_qpdf(job: Job, *, is_locked: bool) -> bool:
    """Whether qpdf opens it. What is locked only by the password given: qpdf also takes an owner's that is empty, with
    which nobody meant to leave the file open.
    """
    if is_locked and not job.password:
        return False
    try:
        with _parsed_with(job, job.password or "") if is_locked else parsed(job):
            return True
    except (Unopened, pikepdf.PikepdfError, ValueError, RuntimeError):
        return False


def parsed(job: Job) -> pikepdf.Pdf:
    """The source as qpdf reads it, without the password where it opens so, as ``opened`` does.

    Raises ``Unopened`` once, for what it cannot open or has no pages in it.
    """
    try:
        try:
            found = _parsed_with(job, "")
        except pikepdf.PasswordError:
            found = _parsed_with(job, job.password or "")
        if len(found.pages):
            return found
    except (pikepdf.PikepdfError, ValueError, RuntimeError) as error:
        if Unopened.mend in job.mends:
            raise pikepdf.PdfError(str(error)) from error  # a password is no matter any more
        raise Unopened from error
    if Unopened.mend in job.mends:
        return found
    raise Unopened


def _parsed_with(job: Job, password: str) -> pikepdf.Pdf:
    source = held(job)
    return pikepdf.open(
        io.BytesIO(source) if isinstance(source, bytes) else source,
        password=password, suppress_warnings=True, access_mode=pikepdf.AccessMode.stream,
    )  # fmt: skip


def spelled(pdf: pikepdf.Pdf) -> Iterator[tuple[int, bytes]]:
    """The number of each object and how its dictionary is written, the trailer's as 0."""
    yield 0, pdf.trailer.unparse()
    for _count, found in zip(range(MAX_OBJECTS), pdf.objects, strict=False):
        # Numbers and the like come as Python's own values, without an object number.
        if isinstance(found, pikepdf.Stream):
            yield found.objgen[0], found.stream_dict.unparse(resolved=True)
        elif isinstance(found, (pikepdf.Dictionary, pikepdf.Array)):
            yield found.objgen[0], found.unparse(resolved=True)


def user_unit(page: Any) -> float:
    """How many points a unit of the page is (14.11.2)."""
    unit = number(entry(page, "UserUnit"))
    return float(unit) if unit and 0 < unit <= _LARGEST_UNIT else 1.0


def user_units(pdf: pikepdf.Pdf) -> dict[int, float]:
    """The pages (from 0) whose units are no points. pdfium does not tell."""
    units = ((index, user_unit(page.obj)) for index, page in enumerate(pdf.pages))
    return {index: unit for index, unit in units if unit != 1}


def take_time_for(pages: int) -> None:
    """Raise what this process may take of the processor: to draw pages takes time, however small the file is."""
    soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
    if soft != resource.RLIM_INFINITY:
        resource.setrlimit(resource.RLIMIT_CPU, (min(soft + pages // _PAGES_A_SECOND, hard), hard))


def bookmarks(document: pypdfium2.PdfDocument, job: Job) -> list[Bookmark]:
    """The bookmarks. Where one leads to anything but a page, its title stays, and the report tells."""
    found: list[Bookmark] = []
    for item in document.get_toc(max_depth=MAX_LEVELS):
        if len(found) >= MAX_BOOKMARKS:
            break
        target = item.get_dest()
        if not target and pdfium.FPDFBookmark_GetAction(item.raw):
            job.lost("pdf.bookmark_target")
        page = target.get_index() if target else None
        top = _top(target.raw) if target else None
        found.append(Bookmark(item.get_title(), page, item.level, top))
    warn_of_personal_numbers(job, "\n".join(bookmark.title for bookmark in found))
    return found


def labels(document: pypdfium2.PdfDocument, job: Job) -> list[str]:
    """What each page is called."""
    found = [document.get_page_label(index) for index in range(len(document))]
    warn_of_personal_numbers(job, "\n".join(found))
    return found


def _top(target: pdfium.FPDF_DEST) -> float | None:
    """Where on its page a destination begins (12.3.2.2), None where it shows the page as a whole."""
    count, places = ctypes.c_ulong(), (ctypes.c_float * 4)()
    kind = pdfium.FPDFDest_GetView(target, ctypes.byref(count), places)
    if kind == pdfium.PDFDEST_VIEW_XYZ:
        has_x, has_y, has_zoom = (ctypes.c_int() for _which in range(3))
        x, y, zoom = (ctypes.c_float() for _which in range(3))
        if not pdfium.FPDFDest_GetLocationInPage(target, has_x, has_y, has_zoom, x, y, zoom) or not has_y:
            return None
        top = y.value
    elif kind in _FROM_TOP and count.value > _FROM_TOP[kind]:
        top = places[_FROM_TOP[kind]]
    else:
        return None
    return round(top, 2) if abs(top) <= _FARTHEST else None


def base_address(pdf: pikepdf.Pdf) -> bytes:
    """What pdfium puts before addresses that are none by themselves (12.6.4.7): where they lead, the page does not tell."""
    base = entry(entry(pdf.Root, "URI"), "Base")
    return bytes(base) if isinstance(base, pikepdf.String) else b""


def links(
    document: pypdfium2.PdfDocument, page: pypdfium2.PdfPage, job: Job, number: int, base: bytes
) -> Iterator[Link]:
    """The safe links of a page, where the policy keeps any; the others are reported, and so are those that lean on ``base``."""
    box = pdfium.FS_RECTF()
    for link in _links_on(page):
        if not job.keep.links:
            job.lost("pdf.link_left_out", page=number)
            continue
        if not pdfium.FPDFLink_GetAnnotRect(link, ctypes.byref(box)):
            continue
        place = (box.left, min(box.bottom, box.top), box.right, max(box.bottom, box.top))
        found = _target(document, link, place, base)
        if found:
            warn_of_address(job, found.address, page=number)
            yield found
        else:
            job.removed("pdf.link", page=number)


def _links_on(page: pypdfium2.PdfPage) -> Iterator[pdfium.FPDF_LINK]:
    position, link = ctypes.c_int(0), pdfium.FPDF_LINK()
    for _count in range(MAX_LINKS):
        if not pdfium.FPDFLink_Enumerate(page, ctypes.byref(position), ctypes.byref(link)):
            return
        yield link


def remove_comments(page: pypdfium2.PdfPage) -> int:
    """Take the comments off a page that is about to be drawn; how many there were."""
    removed = 0
    for index in reversed(range(max(pdfium.FPDFPage_GetAnnotCount(page), 0))):
        annotation = pdfium.FPDFPage_GetAnnot(page, index)
        kind = pdfium.FPDFAnnot_GetSubtype(annotation) if annotation else pdfium.FPDF_ANNOT_UNKNOWN
        if annotation:
            pdfium.FPDFPage_CloseAnnot(annotation)
        if kind in _COMMENTS and pdfium.FPDFPage_RemoveAnnot(page, index):
            removed += kind != pdfium.FPDF_ANNOT_POPUP
    return removed


def put_annotations_into_page(page: pypdfium2.PdfPage) -> bool:
    """Make what annotations and form fields say a part of the page's own text, once it is loaded again.

    False where there is nothing but links, or it cannot be done.
    """
    kinds = set[int]()
    for index in range(max(pdfium.FPDFPage_GetAnnotCount(page), 0)):
        if annotation := pdfium.FPDFPage_GetAnnot(page, index):
            kinds.add(pdfium.FPDFAnnot_GetSubtype(annotation))
            pdfium.FPDFPage_CloseAnnot(annotation)
    if kinds <= _WORDLESS:
        return False
    return bool(pdfium.FPDFPage_Flatten(page, pdfium.FLAT_NORMALDISPLAY) == pdfium.FLATTEN_SUCCESS)


def _target(document: pypdfium2.PdfDocument, link: pdfium.FPDF_LINK, box: Box, base: bytes) -> Link | None:
    action = pdfium.FPDFLink_GetAction(link)
    kind = pdfium.FPDFAction_GetType(action) if action else pdfium.PDFACTION_GOTO
    if kind == pdfium.PDFACTION_URI:
        size = min(pdfium.FPDFAction_GetURIPath(document, action, None, 0), MAX_ADDRESS * 4)
        buffer = ctypes.create_string_buffer(size)
        pdfium.FPDFAction_GetURIPath(document, action, buffer, size)
        leans = base and buffer.raw.startswith(base)
        address = None if leans else safe_address(_written_address(buffer.raw[:-1]))
        return Link(box, address) if address else None
    if kind != pdfium.PDFACTION_GOTO:
        return None
    target = pdfium.FPDFLink_GetDest(document, link)
    if not target:
        return None
    index = pdfium.FPDFDest_GetDestPageIndex(document, target)
    return Link(box, page=index, top=_top(target)) if 0 <= index < len(document) else None


def _written_address(raw: bytes) -> str:
    """What an address says: ASCII by the standard, in practice any text string or the bytes of some encoding."""
    for mark, encoding in ((codecs.BOM_UTF16_BE, "utf-16-be"), (codecs.BOM_UTF16_LE, "utf-16-le")):
        if raw.startswith(mark):
            return raw[2:].decode(encoding, "replace")
    try:
        return raw.decode("utf-8-sig").rstrip("\0")
    except UnicodeDecodeError:
        return "".join(chr(byte) if byte < 0x80 else f"%{byte:02X}" for byte in raw)
