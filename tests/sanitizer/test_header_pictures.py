"""Logos and stamps in the headers and footers of sheets come through: each from its pixels, its drawing made anew."""

import io
import re
import zipfile

import pytest
import xlsxwriter
from PIL import Image

from sekisho.sanitizer import sanitize
from sekisho.sanitizer.verify.packages import complaint

MARK = b"sekisho-marker"


@pytest.fixture
def logo(tmp_path):
    place = tmp_path / "logo.png"
    Image.new("RGB", (96, 48), (200, 30, 30)).save(place, dpi=(96, 96))
    return str(place)


def book(logo, *, comment=False):
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write(0, 0, "会議資料")
        if comment:
            sheet.write_comment("A1", "確認する")
        sheet.set_header("&L&G&C議事&R&G", {"image_left": logo, "image_right": logo})
        sheet.set_footer("&C&G", {"image_center": logo})
    return out.getvalue()


def changed(data, part, *pairs):
    """A package with text replaced in one of its parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            body = old.read(name)
            for before, after in pairs if re.fullmatch(part, name) else ():
                assert before in body
                body = body.replace(before, after)
            new.writestr(name, body)
    return out.getvalue()


def rebuilt(data):
    result = sanitize(data, "inbound", name="a.xlsx")
    assert (result.status, result.method) == ("clean", "rebuilt")
    return result


def parts(data, pattern):
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return [package.read(name) for name in package.namelist() if re.fullmatch(pattern, name)]


def test_pictures_stand_where_they_stood_in_their_size(logo):
    output = rebuilt(book(logo, comment=True)).output
    (drawing,) = parts(output, "xl/drawings/headers.*vml")
    assert re.findall(rb'id="([LCR][HF])".{0,200}?width:([\d.]+)pt;height:([\d.]+)pt', drawing) == [
        (b"LH", b"72.00", b"36.00"), (b"RH", b"72.00", b"36.00"), (b"CF", b"72.00", b"36.00"),
    ]  # fmt: skip
    (sheet,) = parts(output, "xl/worksheets/sheet1.xml")
    assert b"&amp;L&amp;G" in sheet
    assert sheet.index(b"<legacyDrawing ") < sheet.index(b"<legacyDrawingHF ")
    (picture,) = parts(output, "xl/media/.*")
    with Image.open(io.BytesIO(picture)) as image:
        assert image.convert("RGB").getpixel((5, 5)) == (200, 30, 30)
    assert rebuilt(output).output == output


def test_what_is_cut_off_and_how_pale_a_picture_is_stays(logo):
    data = changed(
        book(logo), "xl/drawings/.*vml",
        (b"<v:imagedata", b'<v:imagedata croptop="1234f" gain="19661f" blacklevel="22938f" grayscale="t"'),
    )  # fmt: skip
    (drawing,) = parts(rebuilt(data).output, "xl/drawings/headers.*vml")
    assert b'croptop="1234f" gain="19661f" blacklevel="22938f" grayscale="t"' in drawing


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"<v:imagedata", b'<v:imagedata src="file://127.0.0.1/sekisho-marker" o:href="http://127.0.0.1/sekisho-marker"'),
        (b"<v:imagedata", b'<v:imagedata gain="sekisho-marker"'),
        (b'type="#_x0000_t75"', b'type="#_x0000_t75" href="http://127.0.0.1/sekisho-marker" onclick="sekisho-marker"'),
        (b"</v:shape>", b'<v:textbox><a href="x">sekisho-marker</a></v:textbox></v:shape>'),
        (b"width:72pt", b"width:72pt;behavior:url(#sekisho-marker)"),
        (b"</xml>", b'<v:shape id="sekisho-marker"><v:imagedata o:relid="rId1"/></v:shape></xml>'),
    ],
)  # fmt: skip
def test_nothing_else_of_the_drawing_crosses(logo, before, after):
    result = rebuilt(changed(book(logo), "xl/drawings/.*vml", (before, after)))
    assert all(MARK not in body for body in parts(result.output, ".*"))
    assert len(parts(result.output, "xl/drawings/headers.*vml")) == 1


def test_a_picture_that_lies_elsewhere_is_left_out_and_said_so(logo):
    outside = b'Target="http://127.0.0.1/sekisho-marker.png" TargetMode="External"'
    data = changed(book(logo), "xl/drawings/_rels/.*", (b'Target="../media/image1.png"', outside))
    result = rebuilt(data)
    assert "ooxml.external" in {removal.code for removal in result.report.removed}
    assert all(MARK not in body for body in parts(result.output, ".*"))


def test_a_picture_no_header_shows_is_left_out(logo):
    hidden = b'<Relationship Id="rId77" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/image" Target="../media/image1.png"/></Relationships>'
    data = changed(book(logo), "xl/drawings/_rels/.*", (b"</Relationships>", hidden))
    (relations,) = parts(rebuilt(data).output, "xl/drawings/_rels/headers.*")
    assert relations.count(b"<Relationship ") == 1


def test_a_drawing_that_is_no_xml_says_nothing(logo):
    data = changed(book(logo), "xl/drawings/.*vml", (b"</xml>", b"<br></xml>"))
    assert not parts(rebuilt(data).output, "xl/drawings/headers.*vml")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'<v:imagedata o:relid="rId1"', b'<v:imagedata o:relid="rId2"'),
        (b'<v:imagedata o:relid="rId1"', b'<v:imagedata o:relid="rId1" src="x"'),
        (b'id="LH"', b'id="XH"'),
        (b"z-index:1", b"z-index:1;behavior:url(x)"),
        (b"</xml>", b"<v:shape/></xml>"),
    ],
)
def test_the_second_opinion_knows_one_form(logo, before, after):
    output = rebuilt(book(logo)).output
    assert complaint(output, "xlsx") is None
    assert complaint(changed(output, "xl/drawings/headers.*vml", (before, after)), "xlsx") is not None
