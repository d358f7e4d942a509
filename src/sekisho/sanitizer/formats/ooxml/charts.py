"""Charts as Excel opens them (ECMA-376 part 1, 21.2): it calls a file damaged for an order, an angle or a colour that other
programs write, LibreOffice among them when it converts, and leaves the whole drawing out.
"""

import re

from lxml import etree

from sekisho.sanitizer.formats.ooxml.xmlparts import NS, Element, drop, qname

KIND = "chart"
_STEEPEST = 90  # from above or below (21.2.3.36)
_CHART, _AXIS = re.compile(r".*\}\w+Chart"), re.compile(r".*\}\w+Ax")
# What Excel writes for a chart without a series, its axes not shown.
_NOTHING = (
    '<c:plotArea xmlns:c="{space}"><c:barChart><c:barDir val="col"/><c:grouping val="clustered"/>'
    '<c:varyColors val="0"/><c:axId val="1"/><c:axId val="2"/></c:barChart>{axes}</c:plotArea>'
)
_UNSEEN = '<c:{kind}><c:axId val="{id}"/><c:scaling/><c:delete val="1"/><c:axPos val="{side}"/><c:crossAx val="{other}"/></c:{kind}>'
_SHORT_COLOR = re.compile("[0-9A-Fa-f]{1,5}")


def settle(root: Element) -> None:
    """Put single labels before what holds for all, angles into their circle, zeros before colours that lost theirs, and a
    chart without values where LibreOffice writes none. Where the values come from is said anew (``chartbooks``).
    """
    for source in root.findall(qname("c:externalData")):
        drop(source)
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
    for area in root.iter(qname("c:plotArea")):
        if not any(_CHART.fullmatch(str(child.tag)) for child in area):
            _show_nothing(area)


def _show_nothing(area: Element) -> None:
    """An empty chart shows its frame, its title and its ground."""
    for axis in [child for child in area if _AXIS.fullmatch(str(child.tag))]:
        drop(axis)
    axes = _UNSEEN.format(kind="catAx", id=1, side="b", other=2)
    axes += _UNSEEN.format(kind="valAx", id=2, side="l", other=1)
    place = 0 if area.find(qname("c:layout")) is None else 1
    area[place:place] = list(etree.fromstring(_NOTHING.format(space=NS["c"], axes=axes)))


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
