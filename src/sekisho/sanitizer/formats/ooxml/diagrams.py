"""Diagrams (SmartArt): the drawing that the last program made of one is what other programs show ([MS-ODRAWXML] 2.7.1.1)."""

from collections.abc import Iterable

from sekisho.sanitizer.formats.ooxml.xmlparts import Element, drop, qname

KIND = "diagramData"
_DRAWING = "http://schemas.microsoft.com/office/drawing/2008/diagram"


def settle(root: Element, drawings: dict[str, str]) -> None:
    """Leave of the extensions of a diagram's data where its drawing is.

    ``drawings``: ids of relations to drawings in the part that shows the diagram, as they were and as they are.
    """
    for extensions in list(root.iter(qname("dgm:extLst"))):
        told = _drawing_of(extensions)
        new = drawings.get(told.get("relId", "")) if told is not None else None
        if told is None or new is None:
            drop(extensions)
            continue
        told.set("relId", new)
        told.attrib.pop("minVer", None)  # names a version of the format, as an address
        _leave_alone(told)
        _leave_alone(told.getparent())


def _drawing_of(extensions: Element) -> Element | None:
    listed: Iterable[Element] = extensions.iterchildren(qname("a:ext"))
    extension = next((entry for entry in listed if entry.get("uri") == _DRAWING), None)
    return None if extension is None else extension.find(qname("dsp:dataModelExt"))


def _leave_alone(element: Element) -> None:
    for other in [entry for entry in element.getparent() if entry is not element]:
        drop(other)
