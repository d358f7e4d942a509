"""Controls on sheets go; boxes to tick, buttons and their words stay to be seen where they stood."""

import io
import zipfile

from lxml import etree
from PIL import Image

from .attacks.ooxml import MARKER
from .office import opened, workbook
from .passing import clean, codes

_SHEET, _DRAWING = "xl/worksheets/sheet1.xml", "xl/drawings/vmlDrawing1.vml"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_XDR = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"
_ANCHOR = "1, 15, 2, 3, 3, 40, 4, 5"


def _control(kind: str, words: str = "", more: str = "", *, anchor: str = _ANCHOR, style: str = "") -> str:
    """A control in a VML drawing, as Excel writes it: its words are HTML, and not well formed."""
    return (
        f'<v:shape id="Control 1" o:spid="_x0000_s1025" type="#_x0000_t201" style="position:absolute;{style}">{words}'
        f'<x:ClientData ObjectType="{kind}"><x:Anchor>\n  {anchor}</x:Anchor><x:FmlaMacro>[0]!{MARKER}</x:FmlaMacro>{more}'
        "</x:ClientData></v:shape>"
    )


def _words(*lines: str) -> str:
    written = "<br>".join(
        f'<font face="ＭＳ Ｐゴシック" size="220" color="auto">{line}</font>' for line in lines
    )
    return f"<v:textbox><div style='text-align:left'>{written}</div></v:textbox>"


def _form(*controls: str) -> bytes:
    package = workbook(
        '<sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData><legacyDrawing r:id="rIdV"/>'
    )
    spaces = " ".join(
        f'xmlns:{prefix}="urn:schemas-microsoft-com:{name}"'
        for prefix, name in (("v", "vml"), ("o", "office:office"), ("x", "office:excel"))
    )
    package.add(_DRAWING, f"<xml {spaces}>{''.join(controls)}</xml>")
    package.defaults["vml"] = "application/vnd.openxmlformats-officedocument.vmlDrawing"
    package.relate(_SHEET, "vmlDrawing", _DRAWING, id="rIdV")
    package.relate(_SHEET, "ctrlProp", "xl/ctrlProps/ctrlProp1.xml", id="rIdC")
    package.add(
        "xl/ctrlProps/ctrlProp1.xml", f"<x>{MARKER}</x>", "application/vnd.ms-excel.controlproperties+xml"
    )
    package.relate(_DRAWING, "image", "xl/media/image1.png", id="rIdI")
    picture = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(picture, "png")
    return package.add("xl/media/image1.png", picture.getvalue(), "image/png").build()


def _seen(output: bytes) -> list[tuple[str, str]]:
    """What stands over the cells: where it begins, and its words or '' for a picture."""
    with zipfile.ZipFile(io.BytesIO(output)) as archive:
        names = [name for name in archive.namelist() if name.startswith("xl/drawings/drawing")]
        anchors = [anchor for name in names for anchor in etree.fromstring(archive.read(name))]
    return [
        (
            ",".join(entry.text for entry in anchor.find(f"{_XDR}from")),
            "\n".join("".join(line.itertext(f"{_A}t")) for line in anchor.iter(f"{_A}p")),
        )
        for anchor in anchors
    ]


_PLACE = "1,142875,2,28575"


def test_boxes_and_buttons_stay_to_be_seen_with_their_words() -> None:
    for control, words in {
        _control("Checkbox", _words("はい"), "<x:Checked>1</x:Checked>"): "☑ はい",
        _control("Checkbox", _words("いいえ & 不明".replace("&", "&amp;"))): "☐ いいえ & 不明",
        _control("Radio", _words("男性")): "○ 男性",
        _control("Button", _words("印刷", "する")): "印刷\nする",
        _control("GBox", _words("区分")): "区分",
        _control("Drop"): "▼",
    }.items():
        output, result = clean(_form(control), "申請.xlsx")
        assert _seen(output) == [(_PLACE, words)]
        assert MARKER.encode() not in opened(output)
        assert "ooxml.control" in codes(result)
        assert _seen(clean(output, "申請.xlsx")[0]) == [(_PLACE, words)]


def test_a_control_that_keeps_a_picture_leaves_it() -> None:
    shown = '<v:imagedata o:relid="rIdI" o:title=""/>'
    output, _result = clean(_form(_control("Pict", shown)), "申請.xlsx")
    assert _seen(output) == [(_PLACE, "")]
    with zipfile.ZipFile(io.BytesIO(output)) as archive:
        pictures = [name for name in archive.namelist() if name.startswith("xl/media/")]
        assert Image.open(io.BytesIO(archive.read(pictures[0]))).getpixel((2, 2)) == (255, 0, 0)


def test_what_was_not_seen_or_stands_nowhere_leaves_nothing() -> None:
    for control in (
        _control("Checkbox", _words("隠し"), style="visibility:hidden"),
        _control("Checkbox", _words("x"), anchor="1, 2, 3"),
        _control("Checkbox", _words("x"), anchor="1, -2, 3, 4, 5, 6, 7, 8"),
        _control("Spin", _words("x")),
        _control("Pict"),
        "\x00 no xml",
    ):
        output, _result = clean(_form(control), "申請.xlsx")
        assert _seen(output) == []
