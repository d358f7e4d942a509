"""Draws what was made beside the source: how alike the pages are, and whether their text is still there.

Pages are drawn small and softened, so that fine differences of smoothing do not count and anything that is missing or
new does. Pages drawn the same to the last bit need no further look. Small letters are drawn by pdfium with the help of
programs in their fonts, which the new fonts do not have: pages that seem to differ are drawn again, large, and only what
is nowhere near its place then counts. Both files are read by pdfium, here only to compare.
"""

import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from typing import BinaryIO

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image, ImageChops, ImageFilter, ImageStat

from sekisho.sanitizer.formats import pdf_source
from sekisho.sanitizer.formats.job import Job
from sekisho.sanitizer.formats.pdf_parts.context import Context
from sekisho.sanitizer.formats.personal import flowing, warn_of_personal_numbers

Image.preinit()
_DRAWN_PAGES = 60  # of longer documents this many are drawn, evenly spread; text is compared on every page
_PIXELS, _PIXELS_CLOSELY = 80_000, 1_280_000
_AT_A_TIME = 20  # pages of a large document
_SOFTENED = 2  # so many pixels a side become one
_FLAGS = pdfium.FPDF_ANNOT | pdfium.FPDF_REVERSE_BYTE_ORDER
# Mean difference of a page, and of its worst part among 32 by 32, as shares of full contrast.
_WORST_PAGE, _WORST_PART, _WORST_PART_CLOSELY = 0.02, 0.1, 0.05
_PARTS = 32
_AROUND = 3  # softened pixels a side within which a close look finds its like
_TEXT_KEPT = 0.97
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn"}


@dataclass
class Comparison:
    """Figures over the pages compared so far."""

    similarities: list[float] = field(default_factory=list)
    characters: list[int] = field(default_factory=lambda: [0, 0])


def compare(job: Job, made: BinaryIO, context: Context) -> None:
    """Write the figures into the report. Raises ``Refused`` when what is seen or can be read is not the same."""
    large = pdf_source.is_large(job.source) or pdf_source.is_large(made)
    made.seek(0)
    held = made if large else made.read()
    found, begin, count = Comparison(), 0, 1
    while begin < count:
        # pdfium keeps every stream it has seen until the document is closed.
        source, new = pdf_source.opened(job), pypdfium2.PdfDocument(held)
        count = len(source)
        job.require(len(new) == count, "pages")
        source.init_forms()
        end = min(begin + _AT_A_TIME, count) if large else count
        step = max(1, -(-count // _DRAWN_PAGES))
        for index in range(begin, end):
            pages = (source[index], new[index])
            if not job.keep.comments:
                pdf_source.remove_comments(pages[0])
            job.require(_sizes_agree(*pages), "page size", page=index + 1)
            _compare_text(job, found, pages, index, hidden=index + 1 in context.hidden_on)
            if index % step == 0:
                _compare_pixels(job, found, pages, index)
            for page in pages:
                page.close()
        for document in (new, source):
            document.close()
        begin = end
    job.fidelity |= {
        "characters_before": found.characters[0], "characters_after": found.characters[1],
        "pages_compared": len(found.similarities),
        "similarity": round(sum(found.similarities) / max(len(found.similarities), 1), 4),
        "similarity_worst": round(min(found.similarities, default=1.0), 4),
    }  # fmt: skip


def _sizes_agree(old: pypdfium2.PdfPage, new: pypdfium2.PdfPage) -> bool:
    return all(abs(a - b) < 1 for a, b in zip(old.get_size(), new.get_size(), strict=True))


# -- text ---------------------------------------------------------------------------------------------------------


def _compare_text(
    job: Job,
    found: Comparison,
    pages: tuple[pypdfium2.PdfPage, pypdfium2.PdfPage],
    index: int,
    *,
    hidden: bool,
) -> None:
    old, new = (_text(page) for page in pages)
    warn_of_personal_numbers(job, flowing(new), page=index + 1)
    before = _seen(old)
    after = before if new == old else _seen(new)
    found.characters[0] += before.total()
    found.characters[1] += after.total()
    missing = (before - after).total()
    if not hidden:
        job.require(missing <= max(3, before.total() * (1 - _TEXT_KEPT)), "text", page=index + 1)


def _text(page: pypdfium2.PdfPage) -> str:
    try:
        textpage = page.get_textpage()
    except pypdfium2.PdfiumError:
        return ""
    try:
        return textpage.get_text_bounded() if textpage.count_chars() else ""
    finally:
        textpage.close()


def _seen(said: str) -> Counter[str]:
    """How often each letter is there: no blanks, controls, marks of direction, nor what has no general meaning."""
    counted = Counter(unicodedata.normalize("NFKC", said))
    for letter in list(counted):
        if letter.isspace() or letter == "\ufffd" or unicodedata.category(letter) in _UNSEEN:
            del counted[letter]
    return counted


# -- pixels -------------------------------------------------------------------------------------------------------


def _compare_pixels(
    job: Job,
    found: Comparison,
    pages: tuple[pypdfium2.PdfPage, pypdfium2.PdfPage],
    index: int,
) -> None:
    mean, part = _look(pages, scale=min(1.0, _scale(pages[0], _PIXELS)))
    found.similarities.append(1 - mean)
    if mean > _WORST_PAGE or part > _WORST_PART:
        mean, part = _look(pages, scale=_scale(pages[0], _PIXELS_CLOSELY), closely=True)
        job.require(mean <= _WORST_PAGE and part <= _WORST_PART_CLOSELY, "pixels", page=index + 1)


def _scale(page: pypdfium2.PdfPage, pixels: int) -> float:
    """At which a page is drawn as about so many pixels."""
    width, height = (max(side, 1.0) for side in page.get_size())
    return float((pixels / (width * height)) ** 0.5)


def _look(
    pages: tuple[pypdfium2.PdfPage, pypdfium2.PdfPage], *, scale: float, closely: bool = False
) -> tuple[float, float]:
    """How far two pages differ, on the whole and in their worst part."""
    bitmaps = [_drawn(page, scale) for page in pages]
    try:
        difference = _difference(*bitmaps, closely=closely)
    finally:
        for bitmap in bitmaps:
            bitmap.close()
    if difference is None:
        return 0.0, 0.0
    parts = difference.convert("L").resize((_PARTS, _PARTS), Image.Resampling.BOX)
    return max(ImageStat.Stat(difference).mean) / 255, max(parts.tobytes()) / 255


def _difference(old: pypdfium2.PdfBitmap, new: pypdfium2.PdfBitmap, *, closely: bool) -> Image.Image | None:
    """Where two pictures differ once they are softened, None when they are the same to the last bit."""
    if bytes(old.buffer) == bytes(new.buffer):  # which are compared faster than what they are copies of
        return None
    size = old.width, old.height
    before, after = (
        Image.frombuffer("RGBX", size, bitmap.buffer, "raw", "RGBX", bitmap.stride, 1)
        .reduce(_SOFTENED)
        .convert("RGB")
        for bitmap in (old, new)
    )
    if not closely:
        return ImageChops.difference(before, after)
    return ImageChops.lighter(_without_like(before, after), _without_like(after, before))


def _without_like(picture: Image.Image, other: Image.Image) -> Image.Image:
    """How much brighter or darker each pixel is than all there are around its place in the other picture."""
    brightest = other.filter(ImageFilter.MaxFilter(_AROUND))
    darkest = other.filter(ImageFilter.MinFilter(_AROUND))
    return ImageChops.lighter(ImageChops.subtract(picture, brightest), ImageChops.subtract(darkest, picture))


def _drawn(page: pypdfium2.PdfPage, scale: float) -> pypdfium2.PdfBitmap:
    width, height = (max(side, 1.0) for side in page.get_size())
    across, down = max(8, round(width * scale)), max(8, round(height * scale))
    bitmap = pypdfium2.PdfBitmap.new_native(across, down, pdfium.FPDFBitmap_BGRx, rev_byteorder=True)
    pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, across, down, 0xFFFFFFFF)
    pdfium.FPDF_RenderPageBitmap(bitmap, page, 0, 0, across, down, 0, _FLAGS)
    if page.formenv:
        pdfium.FPDF_FFLDraw(page.formenv, bitmap, page, 0, 0, across, down, 0, _FLAGS)
    return bitmap
