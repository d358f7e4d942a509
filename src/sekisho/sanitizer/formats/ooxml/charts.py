"""Charts as Excel opens them (ECMA-376 part 1, 21.2): it calls a file damaged for an order or an angle that other programs
write, LibreOffice in old files among them, and leaves the whole drawing out.
"""

from sekisho.sanitizer.formats.ooxml.xmlparts import Element, drop, qname

KIND = "chart"
_STEEPEST = 90  # from above or below (21.2.3.36)


def settle(root: Element) -> None:
    """Put single labels before what holds for all, and angles into their circle."""
    for labels in root.iter(qname("c:dLbls")):
        for place, label in enumerate(labels.findall(qname("c:dLbl"))):
            labels.insert(place, label)
    for axis in root.iter(qname("c:dateAx")):
        for stray in axis.findall(qname("c:noMultiLvlLbl")):
            drop(stray)
    for angle in root.iter(qname("c:rotX"), qname("c:rotY")):
        _settle_angle(angle)


def _settle_angle(angle: Element) -> None:
    try:
        degrees = int(angle.get("val", "0"))
    except ValueError:
        return
    if angle.tag == qname("c:rotY"):
        angle.set("val", str(degrees % 360))
    else:
        tilted = (degrees + 180) % 360 - 180
        angle.set("val", str(max(-_STEEPEST, min(tilted, _STEEPEST))))
