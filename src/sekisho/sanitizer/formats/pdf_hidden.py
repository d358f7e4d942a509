"""Text that is in a page and does not show: under black boxes, white on white, invisible, off the page, too small.

A page is drawn twice, with its text and without: a character at whose place both pictures are the same cannot be seen,
whatever hides it. What is drawn invisibly on purpose (rendering modes 3 and 7; ISO 32000-1, 9.3.6) is asked for as well,
since it may lie under the picture of the same words.
"""

import ctypes
import unicodedata
from collections.abc import Iterator, Mapping

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image, ImageChops

_DPI = 100
_MAX_PIXELS = 4_000_000
_WHITE = 0xFFFFFFFF
_SEEN = 16  # of 255: how far a pixel must differ to be seen
_FEW = 3  # so many on a page may be dots that fall between pixels
_MAX_OBJECTS, _MAX_DEPTH = 200_000, 12
_INVISIBLE = {pdfium.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium.FPDF_TEXTRENDERMODE_CLIP}
Sides = tuple[float, float, float, float]  # left, bottom, right, top in units of the page
Pixels = tuple[int, int, int, int]  # left, top, right, bottom of a picture of it
_BLANK = {"Cc", "Cf", "Cn", "Zs", "Zl", "Zp"}


def hidden_characters(
    page: pypdfium2.PdfPage,
    *,
    annotations: bool = True,
    on_purpose: bool = True,
    replaced: bool = False,
) -> frozenset[int]:
    """The places, in the order of pdfium's text page, of characters that cannot be seen; none when there are but a few.

    ``annotations``: whether those cover what is under them; ``on_purpose``: whether text counts that is drawn invisibly,
    as it is under a scan; ``replaced``: whether text counts that is read in place of what is drawn (14.9.4).
    """
    textpage = pdfium.FPDFText_LoadPage(page)
    if not textpage:
        return frozenset()
    try:
        count = max(pdfium.FPDFText_CountChars(textpage), 0)
        if not count:
            return frozenset()
        texts = [
            found
            for found in objects_of(page)
            if pdfium.FPDFPageObj_GetType(found) == pdfium.FPDF_PAGEOBJ_TEXT
        ]
        shown = _shown_by_text(page, texts, pdfium.FPDF_ANNOT if annotations else 0)
        invisible = {
            _address(text): on_purpose
            for text in texts
            if pdfium.FPDFTextObj_GetTextRenderMode(text) in _INVISIBLE
        }
        if replaced:
            invisible |= {_address(text): True for text in texts if _is_replaced(text)}
        found = {place for place in range(count) if _is_hidden(page, textpage, place, shown, invisible)}
        return frozenset(found if len(found) > _FEW else ())
    finally:
        pdfium.FPDFText_ClosePage(textpage)


def _is_replaced(text: pdfium.FPDF_PAGEOBJECT) -> bool:
    marks = range(max(pdfium.FPDFPageObj_CountMarks(text), 0))
    return any(
        pdfium.FPDFPageObjMark_GetParamValueType(pdfium.FPDFPageObj_GetMark(text, at), b"ActualText")
        == pdfium.FPDF_OBJECT_STRING
        for at in marks
    )


def objects_of(page: pypdfium2.PdfPage) -> Iterator[pdfium.FPDF_PAGEOBJECT]:
    """What a page draws, forms and what they draw included."""
    waiting = [(pdfium.FPDFPage_GetObject(page, at), 0) for at in range(pdfium.FPDFPage_CountObjects(page))]
    for _count in range(_MAX_OBJECTS):
        if not waiting:
            return
        found, depth = waiting.pop()
        yield found
        if depth < _MAX_DEPTH and pdfium.FPDFPageObj_GetType(found) == pdfium.FPDF_PAGEOBJ_FORM:
            inner = range(max(pdfium.FPDFFormObj_CountObjects(found), 0))
            waiting += [(pdfium.FPDFFormObj_GetObject(found, at), depth + 1) for at in inner]


def _shown_by_text(page: pypdfium2.PdfPage, texts: list[pdfium.FPDF_PAGEOBJECT], flags: int) -> Image.Image:
    """Where the page looks different without its text, in white."""
    whole = drawn(page, flags)
    for text in texts:
        pdfium.FPDFPageObj_SetIsActive(text, False)
    bare = drawn(page, flags)
    for text in texts:
        pdfium.FPDFPageObj_SetIsActive(text, True)
    red, green, blue, _unused = ImageChops.difference(whole, bare).split()
    return ImageChops.lighter(ImageChops.lighter(red, green), blue).point(
        lambda value: 255 * (value >= _SEEN)
    )


def drawn(page: pypdfium2.PdfPage, flags: int) -> Image.Image:
    """The page as it looks, small."""
    across, down = _size(page)
    bitmap = pypdfium2.PdfBitmap.new_native(across, down, pdfium.FPDFBitmap_BGRx, rev_byteorder=True)
    pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, across, down, _WHITE)
    pdfium.FPDF_RenderPageBitmap(bitmap, page, 0, 0, across, down, 0, flags | pdfium.FPDF_REVERSE_BYTE_ORDER)
    return Image.frombytes("RGBX", (across, down), bitmap.buffer, "raw", "RGBX", bitmap.stride, 1)


def _size(page: pypdfium2.PdfPage) -> tuple[int, int]:
    width, height = (max(side, 1.0) for side in page.get_size())
    scale = min(_DPI / 72, (_MAX_PIXELS / (width * height)) ** 0.5)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _is_hidden(
    page: pypdfium2.PdfPage,
    textpage: pdfium.FPDF_TEXTPAGE,
    place: int,
    shown: Image.Image,
    invisible: Mapping[int, bool],
) -> bool:
    letter = chr(min(pdfium.FPDFText_GetUnicode(textpage, place), 0x10FFFF))
    if unicodedata.category(letter) in _BLANK or pdfium.FPDFText_IsGenerated(textpage, place) == 1:
        return False
    text = _address(pdfium.FPDFText_GetTextObject(textpage, place)) if invisible else 0
    if text in invisible:
        return invisible[text]
    box = _pixels(page, textpage, place, shown.size)
    return box is None or not shown.crop(box).getbbox()


def _pixels(
    page: pypdfium2.PdfPage, textpage: pdfium.FPDF_TEXTPAGE, place: int, size: tuple[int, int]
) -> Pixels | None:
    """The pixels of a character's box, None where it has none on the page."""
    left, right, bottom, top = (ctypes.c_double() for _side in range(4))
    if not pdfium.FPDFText_GetCharBox(textpage, place, left, right, bottom, top):
        return None
    return in_pixels(page, (left.value, bottom.value, right.value, top.value), size)


def in_pixels(page: pypdfium2.PdfPage, place: Sides, size: tuple[int, int]) -> Pixels | None:
    """A rectangle of the page on its picture, and a pixel around it; None where it is off the page."""
    corners = []
    for x, y in (place[:2], place[2:]):
        across, down = ctypes.c_int(), ctypes.c_int()
        pdfium.FPDF_PageToDevice(page, 0, 0, *size, 0, x, y, across, down)
        corners.append((across.value, down.value))
    (a, b), (c, d) = corners
    left, top = max(min(a, c) - 1, 0), max(min(b, d) - 1, 0)
    right, bottom = min(max(a, c) + 2, size[0]), min(max(b, d) + 2, size[1])
    return (left, top, right, bottom) if left < right and top < bottom else None


def _address(found: pdfium.FPDF_PAGEOBJECT) -> int:
    return ctypes.cast(found, ctypes.c_void_p).value or 0
