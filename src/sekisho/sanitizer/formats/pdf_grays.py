"""Pages that draw in grays alone, told by what they draw before they are drawn: one channel is enough for them."""

import ctypes
from itertools import islice

import pypdfium2
import pypdfium2.raw as pdfium

from sekisho.sanitizer.formats.pdf_hidden import objects_of

_COLORED = {pdfium.FPDF_PAGEOBJ_TEXT, pdfium.FPDF_PAGEOBJ_PATH}
# Where a page draws more than this, looking at its pixels is as fast.
_MAX_OBJECTS = 10_000


def draws_grays(page: pypdfium2.PdfPage) -> bool:
    """Whether a page surely shows no colour: nothing but text and lines in grays, plain one over the other.

    Pictures, shadings, transparency and annotations may bring colours of their own, as may what ``Facts.tints`` tells.
    """
    if pdfium.FPDFPage_HasTransparency(page) or pdfium.FPDFPage_GetAnnotCount(page) > 0:
        return False
    red, green, blue, alpha = (ctypes.c_uint() for _channel in range(4))
    channels = [ctypes.byref(channel) for channel in (red, green, blue, alpha)]
    objects = list(islice(objects_of(page), _MAX_OBJECTS + 1))
    if len(objects) > _MAX_OBJECTS:
        return False
    for found in objects:
        kind = pdfium.FPDFPageObj_GetType(found)
        if kind == pdfium.FPDF_PAGEOBJ_FORM:
            continue
        if kind not in _COLORED:
            return False
        for color_of in (pdfium.FPDFPageObj_GetFillColor, pdfium.FPDFPageObj_GetStrokeColor):
            if not color_of(found, *channels) or not red.value == green.value == blue.value:
                return False
    return True
