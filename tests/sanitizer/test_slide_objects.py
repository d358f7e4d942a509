"""Embedded objects and controls of slides go; the pictures that people saw in their place stay there."""

import io
import posixpath
import zipfile

from lxml import etree
from PIL import Image

from .attacks.ooxml import MARKER
from .office import OFFICE, Package, opened, presentation, shape
from .passing import clean, codes

_SLIDE = "ppt/slides/slide1.xml"
_A, _P = (
    f"{{http://schemas.openxmlformats.org/{name}/2006/main}}" for name in ("drawingml", "presentationml")
)
_OLE = "http://schemas.openxmlformats.org/presentationml/2006/ole"
_PLACE = '<a:off x="1000" y="2000"/><a:ext cx="30000" cy="40000"/>'


def _png(colour: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (9, 9), colour).save(out, "png")
    return out.getvalue()


def _frame(spid: str) -> str:
    """An object as PowerPoint 2007 writes it: its picture stands in the VML drawing alone."""
    return (
        '<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id="7" name="o"/><p:cNvGraphicFramePr/><p:nvPr/></p:nvGraphicFramePr>'
        f'<p:xfrm>{_PLACE}</p:xfrm><a:graphic><a:graphicData uri="{_OLE}">'
        f'<p:oleObj spid="{spid}" progId="{MARKER}" r:id="rIdO"><p:embed/></p:oleObj></a:graphicData></a:graphic></p:graphicFrame>'
    )


def _drawn(package: Package, *shapes: str) -> Package:
    """Put a VML drawing with these shapes beside the slide."""
    spaces = 'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
    package.add("ppt/drawings/vmlDrawing1.vml", f"<xml {spaces}>{''.join(shapes)}</xml>")
    package.defaults["vml"] = "application/vnd.openxmlformats-officedocument.vmlDrawing"
    package.relate(_SLIDE, "vmlDrawing", "ppt/drawings/vmlDrawing1.vml")
    package.relate("ppt/drawings/vmlDrawing1.vml", "image", "ppt/media/image1.png", id="rIdI")
    package.add("ppt/media/image1.png", _png("red"), "image/png")
    package.relate(_SLIDE, "oleObject", "ppt/embeddings/oleObject1.bin", id="rIdO")
    package.add(
        "ppt/embeddings/oleObject1.bin", MARKER, "application/vnd.openxmlformats-officedocument.oleObject"
    )
    return package


def _shape(id: str, style: str = "") -> str:
    return f'<v:shape id="{id}" style="{style}"><v:imagedata o:relid="rIdI" o:title="{MARKER}"/></v:shape>'


def _pictures(output: bytes) -> list[tuple[str, list[str], bytes]]:
    """The name of each picture of the slide, where it stands and what it shows."""
    with zipfile.ZipFile(io.BytesIO(output)) as archive:
        relations = etree.fromstring(archive.read("ppt/slides/_rels/slide1.xml.rels"))
        folder = posixpath.dirname(_SLIDE)
        targets = {
            entry.get("Id"): posixpath.normpath(posixpath.join(folder, entry.get("Target")))
            for entry in relations
        }
        found = []
        for picture in etree.fromstring(archive.read(_SLIDE)).iter(f"{_P}pic"):
            image = targets[picture.find(f".//{_A}blip").get(f"{{{OFFICE}}}embed")]
            place = [
                value for tag in ("off", "ext") for value in picture.find(f".//{_A}{tag}").attrib.values()
            ]
            found.append((picture.find(f".//{_P}cNvPr").get("id"), place, archive.read(image)))
    return found


def test_an_object_of_powerpoint_2007_leaves_the_picture_of_its_drawing() -> None:
    package = _drawn(presentation(shape("見える") + _frame("_x0000_s1026")), _shape("_x0000_s1026"))
    output, result = clean(package.build(), "a.pptx")
    ((id, place, picture),) = _pictures(output)
    assert (id, place) == ("7", ["1000", "2000", "30000", "40000"])
    assert Image.open(io.BytesIO(picture)).getpixel((4, 4)) == (255, 0, 0)
    assert MARKER.encode() not in opened(output)
    assert "ooxml.embedded" in codes(result)
    assert "ooxml.frame" not in codes(result)


def test_a_control_leaves_its_picture_where_it_stood() -> None:
    own = (
        '<p:pic><p:nvPicPr><p:cNvPr id="4" name="own"/><p:cNvPicPr/><p:nvPr/></p:nvPicPr><p:blipFill><a:blip r:embed="rIdP"/>'
        f"<a:stretch><a:fillRect/></a:stretch></p:blipFill><p:spPr><a:xfrm>{_PLACE}</a:xfrm>"
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></p:spPr></p:pic>'
    )
    tree = '<p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>'
    controls = (
        f'<p:controls><p:control name="{MARKER}" r:id="rIdC" imgW="1" imgH="1">{own}</p:control>'
        f'<p:control spid="1041" name="{MARKER}" r:id="rIdC" imgW="1" imgH="1"/></p:controls>'
    )
    slide = f"<p:cSld><p:spTree>{tree}{shape('見える')}</p:spTree>{controls}</p:cSld>"
    style = "position:absolute;left:10pt;top:20.5pt;width:1in;height:0.5in"
    package = _drawn(presentation("", slide=slide), _shape('Label1" o:spid="_x0000_s1041', style))
    package.relate(_SLIDE, "control", "ppt/activeX/activeX1.xml", id="rIdC")
    package.add("ppt/activeX/activeX1.xml", f"<x>{MARKER}</x>", "application/vnd.ms-office.activeX+xml")
    package.relate(_SLIDE, "image", "ppt/media/image2.png", id="rIdP")
    package.add("ppt/media/image2.png", _png("blue"), "image/png")
    output, result = clean(package.build(), "a.pptx")
    places = [place for _id, place, _picture in _pictures(output)]
    assert places == [["1000", "2000", "30000", "40000"], ["127000", "260350", "914400", "457200"]]
    assert MARKER.encode() not in opened(output)
    assert "ooxml.control" in codes(result)


def test_a_drawing_that_is_broken_or_names_no_picture_leaves_nothing_and_harms_nothing() -> None:
    for shapes in (["<v:shape>"], [_shape("_x0000_s9")], [_shape("_x0000_s1026").replace("rIdI", "rIdX")]):
        output, result = clean(
            _drawn(presentation(shape("見える") + _frame("_x0000_s1026")), *shapes).build(), "a.pptx"
        )
        assert _pictures(output) == []
        assert MARKER.encode() not in opened(output)
        assert "ooxml.frame" in codes(result)
