"""Boxes that hide a part of a picture: drawn over a scanned name they leave the name in the file.

A box hides when what is drawn is of one colour inside it, and what it was drawn over is not.
"""

import ctypes
import itertools

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image, ImageStat

from sekisho.sanitizer.formats.pdf_hidden import Pixels, drawn, in_pixels, objects_of

# Least side in pixels, and how far pixels lie apart (standard deviation) in a plain box and in what it hides.
_LEAST, _PLAIN, _DETAILED = 8, 2.0, 8.0
_MOST = 500
_CARRYING = {pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_FORM}


def hides_pictures(page: pypdfium2.PdfPage) -> bool:
    """Whether something filled lies over a picture so that a part of it does not show."""
    listed = [(found, pdfium.FPDFPageObj_GetType(found)) for found in objects_of(page)]
    paths = [found for found, kind in listed if kind == pdfium.FPDF_PAGEOBJ_PATH]
    if not paths or all(kind != pdfium.FPDF_PAGEOBJ_IMAGE for _found, kind in listed):
        return False
    others = [found for found, kind in listed if kind not in _CARRYING]
    whole = drawn(page, 0)
    for found in others:
        pdfium.FPDFPageObj_SetIsActive(found, False)
    pictures = drawn(page, 0)
    for found in others:
        pdfium.FPDFPageObj_SetIsActive(found, True)
    boxes = (_box_of_path(page, path, whole.size) for path in itertools.islice(paths, _MOST))
    return any(_hides(box, pictures, whole) for box in boxes)


def comments_hide(page: pypdfium2.PdfPage) -> bool:
    """Whether a comment lies over something on the page so that it does not show."""
    count = pdfium.FPDFPage_GetAnnotCount(page)
    if count <= 0:
        return False
    bare, whole = drawn(page, 0), drawn(page, pdfium.FPDF_ANNOT)
    boxes = (_box_of_comment(page, index, whole.size) for index in range(min(count, _MOST)))
    return any(_hides(box, bare, whole) for box in boxes)


def _hides(box: Pixels | None, under: Image.Image, over: Image.Image) -> bool:
    if box is None or box[2] - box[0] < _LEAST or box[3] - box[1] < _LEAST:
        return False
    inside = box[0] + 3, box[1] + 3, box[2] - 3, box[3] - 3
    return _spread(over.crop(inside)) <= _PLAIN and _spread(under.crop(inside)) >= _DETAILED


def _spread(picture: Image.Image) -> float:
    """How far the pixels lie apart in the most varied channel."""
    return max(ImageStat.Stat(picture.convert("RGB")).stddev)


def _box_of_path(
    page: pypdfium2.PdfPage, path: pdfium.FPDF_PAGEOBJECT, size: tuple[int, int]
) -> Pixels | None:
    """The box of a filled path."""
    mode, stroke = ctypes.c_int(), ctypes.c_int()
    left, bottom, right, top = (ctypes.c_float() for _side in range(4))
    if not pdfium.FPDFPath_GetDrawMode(path, mode, stroke) or mode.value == pdfium.FPDF_FILLMODE_NONE:
        return None
    if not pdfium.FPDFPageObj_GetBounds(path, left, bottom, right, top):
        return None
    return in_pixels(page, (left.value, bottom.value, right.value, top.value), size)


def _box_of_comment(page: pypdfium2.PdfPage, index: int, size: tuple[int, int]) -> Pixels | None:
    annotation, rect = pdfium.FPDFPage_GetAnnot(page, index), pdfium.FS_RECTF()
    if not annotation:
        return None
    known = pdfium.FPDFAnnot_GetRect(annotation, rect)
    pdfium.FPDFPage_CloseAnnot(annotation)
    return in_pixels(page, (rect.left, rect.bottom, rect.right, rect.top), size) if known else None
