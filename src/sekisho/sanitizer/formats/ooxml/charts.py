"""Charts as Excel opens them (ECMA-376 part 1, 21.2): it calls a file damaged for an order, an angle or a colour that other
programs write, LibreOffice among them when it converts, and leaves the whole drawing out.
"""

import re

from sekisho.sanitizer.formats.ooxml.xmlparts import Element, drop, qname

KIND = "chart"
_STEEPEST = 90  # from above or below (21.2.3.36)
_SHORT_COLOR = re.compile("[0-9A-Fa-f]{1,5}")


def settle(root: Element) -> None:
    """Put single labels before what holds for all, angles into their circle, and zeros before colours that lost theirs."""
    for labels in root.iter(qname("c:dLbls")):
        for place, label in enumerate(labels.findall(qname("c:dLbl"))):
            labels.insert(place, label)
    for axis in root.iter(qname("c:dateAx")):
        for stray in axis.findall(qname("c:noMultiLvlLbl")):
            drop(stray)
    for angle in root.iter(qname("c:rotX"), qname("c:rotY")):
        _settle_angle(angle)
    for color in root.iter(qname("a:srgbClr")):
        if _SHORT_COLOR.fullmatch(color.get("val", "")):
            color.set("val", color.get("val").zfill(6))


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
