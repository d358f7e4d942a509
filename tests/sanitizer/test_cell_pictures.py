"""Pictures that Excel keeps in cells stand over their cells afterwards, and nothing else of the tables on the way comes out."""

import io
import zipfile

import openpyxl
import pytest
from PIL import Image

from sekisho.sanitizer import Policy
from sekisho.sanitizer.verify import find_complaint

from .attacks.common import MARKER
from .office import Package, opened, workbook
from .passing import clean, codes

RICH = "http://schemas.microsoft.com/office/spreadsheetml/2017/richdata"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
CELLS = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>写真</t></is></c></row>'
    '<row r="3"{hidden}><c r="C3" t="e" vm="1"><v>#VALUE!</v></c><c r="D3" t="e" vm="9"><v>#N/A</v></c></row>'
)


def png(colour: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (20, 10), colour).save(out, "PNG")
    return out.getvalue()


def book(tail: str = "", *, hidden: str = "", picture: bytes = b"", external: bool = False) -> Package:
    package = workbook(f"<sheetData>{CELLS.format(hidden=hidden)}</sheetData>{tail}")
    package.link("sheetMetadata", "xl/metadata.xml")
    kind = "http://schemas.microsoft.com/office/2017/06/relationships/"
    for name, target in (("rdRichValue", "rdrichvalue"), ("rdRichValueStructure", "rdrichvaluestructure")):
        package.link(kind + name, f"xl/richData/{target}.xml")
    package.link(
        "http://schemas.microsoft.com/office/2022/10/relationships/richValueRel",
        "xl/richData/richValueRel.xml",
    )
    package.add(
        "xl/metadata.xml",
        f'<metadata xmlns="{MAIN}" xmlns:xlrd="{RICH}"><metadataTypes count="1"><metadataType name="XLRICHVALUE"/></metadataTypes>'
        '<futureMetadata name="XLRICHVALUE" count="1"><bk><extLst><ext uri="{3e2802c4-a4d2-4d8b-9148-e3be6c30e623}">'
        '<xlrd:rvb i="0"/></ext></extLst></bk></futureMetadata><valueMetadata count="1"><bk><rc t="1" v="0"/></bk></valueMetadata></metadata>',
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheetMetadata+xml",
    )
    package.add("xl/richData/rdrichvalue.xml", f'<rvData xmlns="{RICH}" count="1"><rv s="0"><v>0</v><v>5</v></rv></rvData>',
                "application/vnd.ms-excel.rdrichvalue+xml")  # fmt: skip
    package.add(
        "xl/richData/rdrichvaluestructure.xml",
        f'<rvStructures xmlns="{RICH}" count="1"><s t="_localImage"><k n="_rvRel:LocalImageIdentifier" t="i"/>'
        f'<k n="CalcOrigin" t="i"/></s></rvStructures><!-- {MARKER} -->',
        "application/vnd.ms-excel.rdrichvaluestructure+xml",
    )
    package.add(
        "xl/richData/richValueRel.xml",
        f'<richValueRels xmlns="{RICH}2" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
        '<rel r:id="rId1"/></richValueRels>',
        "application/vnd.ms-excel.richvaluerel+xml",
    )
    target = f"http://127.0.0.1/{MARKER}.png" if external else "xl/media/image1.png"
    package.relate("xl/richData/richValueRel.xml", "image", target, external=external)
    package.defaults["png"] = "image/png"
    return package.add("xl/media/image1.png", picture or png("red"))


def with_drawing(package: Package) -> Package:
    spaces = (
        'xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing" '
        'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
        'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    )
    corner = "<xdr:col>5</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>5</xdr:row><xdr:rowOff>0</xdr:rowOff>"
    anchor = (
        f"<xdr:twoCellAnchor><xdr:from>{corner}</xdr:from><xdr:to>{corner}</xdr:to><xdr:pic><xdr:nvPicPr>"
        '<xdr:cNvPr id="2" name="x"/><xdr:cNvPicPr/></xdr:nvPicPr><xdr:blipFill><a:blip r:embed="rId1"/><a:stretch><a:fillRect/>'
        '</a:stretch></xdr:blipFill><xdr:spPr><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></xdr:spPr></xdr:pic><xdr:clientData/></xdr:twoCellAnchor>'
    )
    package.add(
        "xl/drawings/drawing1.xml",
        f"<xdr:wsDr {spaces}>{anchor}</xdr:wsDr>",
        "application/vnd.openxmlformats-officedocument.drawing+xml",
    )
    package.relate("xl/worksheets/sheet1.xml", "drawing", "xl/drawings/drawing1.xml")
    package.relate("xl/drawings/drawing1.xml", "image", "xl/media/image2.png")
    return package.add("xl/media/image2.png", png("blue"))


def pictures(output: bytes) -> dict[str, tuple[int, int, int]]:
    sheet = openpyxl.load_workbook(io.BytesIO(output)).active
    return {
        f"{openpyxl.utils.get_column_letter(image.anchor._from.col + 1)}{image.anchor._from.row + 1}": Image.open(
            io.BytesIO(image._data())
        )
        .convert("RGB")
        .getpixel((0, 0))
        for image in sheet._images
    }


def test_a_picture_in_a_cell_is_seen_over_it():
    output, result = clean(book().build(), "a.xlsx")
    assert pictures(output) == {"C3": (255, 0, 0)}
    sheet = openpyxl.load_workbook(io.BytesIO(output)).active
    assert (sheet["A1"].value, sheet["C3"].value, sheet["D3"].value) == ("写真", None, "#N/A")
    told = [entry for entry in result.report.removed if entry.code == "ooxml.cell_picture"]
    assert [(entry.where["sheet"], entry.where["cell"]) for entry in told] == [("Sheet1", "C3")]
    assert MARKER.encode() not in opened(output)
    assert b"richData" not in output
    assert pictures(clean(output, "a.xlsx")[0]) == pictures(output)


def test_it_stands_beside_the_pictures_that_the_sheet_has_anyway():
    output, _result = clean(with_drawing(book('<drawing r:id="rId1"/>')).build(), "a.xlsx")
    assert pictures(output) == {"F6": (0, 0, 255), "C3": (255, 0, 0)}


def test_comments_and_a_new_drawing_stand_in_their_order():
    package = book('<pageMargins left="1" right="1" top="1" bottom="1" header="0" footer="0"/>')
    package.add(
        "xl/comments1.xml",
        f'<comments xmlns="{MAIN}"><authors><author>a</author></authors><commentList><comment ref="A1" authorId="0">'
        "<text><t>注記</t></text></comment></commentList></comments>",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml",
    )
    package.relate("xl/worksheets/sheet1.xml", "comments", "xl/comments1.xml")
    output, _result = clean(package.build(), "a.xlsx")
    sheet = opened(output)
    assert sheet.index(b"<drawing ") < sheet.index(b"<legacyDrawing ")
    assert pictures(output) == {"C3": (255, 0, 0)}


@pytest.mark.parametrize("tail", ["", " and more"])
def test_what_is_no_picture_never_comes_out(tail):
    disguised = png("red")[:-12] + f"{MARKER}{tail}".encode() * 20
    output, _result = clean(book(picture=disguised).build(), "a.xlsx")
    assert MARKER.encode() not in opened(output)


def test_a_picture_from_elsewhere_is_not_asked_for():
    output, result = clean(book(external=True).build(), "a.xlsx")
    assert MARKER.encode() not in opened(output)
    assert pictures(output) == {}
    assert "ooxml.cell_picture" not in codes(result)


def test_outward_a_picture_in_a_hidden_row_stays_behind():
    output, _result = clean(book(hidden=' hidden="1"').build(), "a.xlsx", Policy.named("outbound"))
    assert pictures(output) == {}
    assert "media" not in " ".join(part for part in str(opened(output)).split() if "image" in part)


def test_the_reader_takes_no_tables_of_rich_values():
    assert find_complaint(io.BytesIO(book().build()), "xlsx") is not None


@pytest.mark.parametrize(
    ("tail", "begin", "end"),
    [
        # a picture of 20 to 10: a usual cell is 64 by 20 pixels, one of three times its height lower than wide
        ("", (2, 12 * 9_525, 2, 0), (2, 52 * 9_525, 2, 20 * 9_525)),
        (
            '<mergeCells><mergeCell ref="C3:C8"/></mergeCells>',
            (2, 0, 4, 4 * 9_525),
            (2, 64 * 9_525, 5, 16 * 9_525),
        ),
    ],
)
def test_a_picture_in_a_cell_keeps_its_shape(tail, begin, end):
    output, _result = clean(book(tail).build(), "写真.xlsx")
    image = openpyxl.load_workbook(io.BytesIO(output)).active._images[0]
    found = [(at.col, at.colOff, at.row, at.rowOff) for at in (image.anchor._from, image.anchor.to)]
    assert found == [begin, end]


def test_all_pictures_of_a_sheet_stand_in_the_one_drawing_that_it_shows():
    package = book()
    alone = b'<c r="D3" t="e" vm="9"><v>#N/A</v></c>'
    package.parts = [
        (name, content.replace(alone, b'<c r="D3" t="e" vm="1"><v>#VALUE!</v></c>'))
        for name, content in package.parts
    ]
    output, _result = clean(package.build(), "写真.xlsx")
    assert pictures(output).keys() == {"C3", "D3"}
    names = zipfile.ZipFile(io.BytesIO(output)).namelist()
    assert [name for name in names if name.startswith("xl/drawings/drawing")] == ["xl/drawings/drawing1.xml"]


def test_it_goes_by_the_width_and_height_of_its_cell():
    package = book()
    package.parts = [
        (name, content.replace(b"<sheetData>", b'<sheetFormatPr defaultRowHeight="18"/><cols><col min="3" max="3" width="2.7109375"/></cols><sheetData>'))
        for name, content in package.parts
    ]  # fmt: skip
    output, _result = clean(package.build(), "写真.xlsx")
    image = openpyxl.load_workbook(io.BytesIO(output)).active._images[0]
    across = image.anchor.to.colOff - image.anchor._from.colOff
    down = image.anchor.to.rowOff - image.anchor._from.rowOff
    assert (across, down) == (19 * 9_525, round(19 * 9_525 / 2))


_ANCHOR = (
    '<anchor moveWithCells="1"><from><xdr:col>1</xdr:col><xdr:colOff>5</xdr:colOff><xdr:row>2</xdr:row><xdr:rowOff>6</xdr:rowOff>'
    "</from><to><xdr:col>3</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>{}</xdr:row><xdr:rowOff>0</xdr:rowOff></to></anchor>"
)


def with_object(last_row: str = "8", picture: str = "rIdP") -> bytes:
    """A workbook with an embedded document as Excel saves it: the object, and a picture of it."""
    spaces = (
        'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
        'xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main" '
        'xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"'
    )
    package = workbook(
        '<sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData>'
        f'<oleObjects {spaces}><mc:AlternateContent><mc:Choice Requires="x14"><oleObject progId="{MARKER}" shapeId="1025" r:id="rIdO">'
        f'<objectPr defaultSize="0" r:id="{picture}">{_ANCHOR.format(last_row)}</objectPr></oleObject></mc:Choice><mc:Fallback>'
        f'<oleObject progId="{MARKER}" shapeId="1025" r:id="rIdO"/></mc:Fallback></mc:AlternateContent></oleObjects>'
    )
    sheet = "xl/worksheets/sheet1.xml"
    package.relate(sheet, "oleObject", "xl/embeddings/oleObject1.bin", id="rIdO")
    package.add(
        "xl/embeddings/oleObject1.bin", MARKER, "application/vnd.openxmlformats-officedocument.oleObject"
    )
    package.relate(sheet, "image", "xl/media/image1.png", id="rIdP")
    return package.add("xl/media/image1.png", png("blue"), "image/png").build()


def test_the_picture_of_an_embedded_object_stays_where_it_was():
    output, result = clean(with_object(), "添付.xlsx")
    assert pictures(output) == {"B3": (0, 0, 255)}
    image = openpyxl.load_workbook(io.BytesIO(output)).active._images[0]
    assert (image.anchor._from.colOff, image.anchor.to.col, image.anchor.to.row) == (5, 3, 8)
    assert MARKER.encode() not in opened(output)
    assert "ooxml.embedded" in codes(result)
    assert pictures(clean(output, "添付.xlsx")[0]) == pictures(output)


@pytest.mark.parametrize("told", [{"last_row": "9999999"}, {"last_row": "x"}, {"picture": "rIdO"}])
def test_an_object_without_a_place_or_a_picture_leaves_none(told):
    output, _result = clean(with_object(**told), "添付.xlsx")
    assert pictures(output) == {}
