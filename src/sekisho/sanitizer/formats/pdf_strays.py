"""Fields that no form knows: pages taken out of a form bring their fields along and leave the form behind.

Readers show them as they were filled in, and pdfium only the fields of the form. In a copy of the source, of which
everything is then read, they become a part of their page.
"""

from collections.abc import Iterator
from typing import Any

import pikepdf

from sekisho.sanitizer.formats.pdf_parts.appearances import is_invisible, shown
from sekisho.sanitizer.formats.pdf_parts.values import dictionary, entry, inherited, items, name

_MAX_FIELDS = 5_000  # of a page
_MAX_KNOWN = 200_000


def has_strays(pdf: pikepdf.Pdf) -> bool:
    """Whether a page shows a field that is none of the form's."""
    known = _known(pdf)
    return any(True for page in pdf.pages for _field in _strays(page.obj, known))


def draw_strays(pdf: pikepdf.Pdf) -> list[str]:
    """Draw such fields on their pages and take them off."""
    known = _known(pdf)
    for page in pdf.pages:
        strays = list(_strays(page.obj, known))
        if not strays:
            continue
        if dictionary(own := inherited(page.obj, "Resources")) is not None:
            page.obj.Resources = pikepdf.Dictionary(dict(own.items()))
        drawn = [b"Q"]
        for _at, form, placing in strays:
            called = str(page.add_resource(form, pikepdf.Name.XObject)).encode("ascii")
            drawn += [b"q", placing, called + b" Do", b"Q"]
        page.contents_add(b"q", prepend=True)
        page.contents_add(b"\n".join(drawn))
        gone = {at for at, _form, _placing in strays}
        page.obj.Annots = pikepdf.Array([field for at, field in enumerate(page.obj.Annots) if at not in gone])
    return []


def _known(pdf: pikepdf.Pdf) -> set[tuple[int, int]]:
    """The fields that the form leads to."""
    waiting = list(items(entry(entry(pdf.Root, "AcroForm"), "Fields"), _MAX_KNOWN))
    known: set[tuple[int, int]] = set()
    while waiting and len(known) < _MAX_KNOWN:
        field = waiting.pop()
        if isinstance(field, pikepdf.Dictionary) and field.objgen not in known:
            known.add(field.objgen)
            waiting += items(entry(field, "Kids"), _MAX_KNOWN)
    return known


def _strays(page: Any, known: set[tuple[int, int]]) -> Iterator[tuple[int, Any, bytes]]:
    """The place of each among the annotations, its appearance, and the operator that places that."""
    for at, field in enumerate(items(entry(page, "Annots"), _MAX_FIELDS)):
        if name(entry(field, "Subtype")) != "Widget" or is_invisible(field) or field.objgen in known:
            continue
        if (found := shown(field)) is not None:
            yield at, *found
