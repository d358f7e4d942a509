"""PDF files whose pictures and fonts deceive or wear out."""

import io
import struct
from collections.abc import Callable
from typing import Any

from pikepdf import Array, Dictionary, Name, Pdf, Stream, String
from PIL import Image

from .pdf import MARKER, Attack, page_file, script

Mend = Callable[[Pdf, Any], Any]
_UNIT = Array([0, 0, 9, 9])


def _more(pdf: Pdf, page: Any, content: bytes, **resources: Any) -> None:
    """More on the page, with more resources."""
    for category, named in resources.items():
        page.Resources[f"/{category}"] = named
    page.contents_add(Stream(pdf, content))


# -- pictures -----------------------------------------------------------------------------------------------------


def _picture(
    pdf: Pdf, page: Any, data: bytes, filters: Any = None, parameters: Any = None, **more: Any
) -> Any:
    entries = {"Width": 8, "Height": 8, "BitsPerComponent": 8, "ColorSpace": Name.DeviceGray} | more
    picture = Stream(pdf, b"", Type=Name.XObject, Subtype=Name.Image, **entries)
    picture.write(data, filter=filters, decode_parms=parameters)
    _more(pdf, page, b"q 9 0 0 9 200 0 cm /I Do Q", XObject=Dictionary(I=picture))
    return picture


def _photograph(pdf: Pdf, page: Any) -> None:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), 128).save(
        out, "JPEG", comment=MARKER.encode(), exif=b"Exif\0\0" + MARKER.encode()
    )
    _picture(
        pdf,
        page,
        out.getvalue() + MARKER.encode(),
        Name.DCTDecode,
        Dictionary(ColorTransform=7, Own=String(MARKER)),
        ColorSpace=Name.DeviceRGB,
    )


def _jpeg_2000(pdf: Pdf, page: Any, size: tuple[int, int] = (8, 8)) -> None:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), 128).save(out, "JPEG2000")
    box = struct.pack(">I4s", 8 + len(MARKER), b"uuid") + MARKER.encode()
    data = out.getvalue().replace(b"\xff\x51", b"\xff\x51", 1)
    at = data.index(b"\xff\x51") + 6
    data = data[:at] + struct.pack(">II", *size) + data[at + 8 :] + box
    _picture(pdf, page, data, Name.JPXDecode, ColorSpace=Name.DeviceRGB)


_HEAD_OF_PAGE = struct.pack(">IBBBI", 0, 48, 0, 1, 19) + struct.pack(">IIIIBH", 65_535, 65_535, 0, 0, 0, 0)


def _dictionary_bomb(pdf: Pdf, page: Any) -> None:
    """Symbols without number (JBIG2), shared and own."""
    symbols = struct.pack(">IBBBI", 1, 0, 0, 1, 18) + struct.pack(
        ">H8bII", 0, *([0] * 8), 2**31 - 1, 2**31 - 1
    )
    parameters = Dictionary(JBIG2Globals=Stream(pdf, symbols + MARKER.encode()))
    _picture(
        pdf,
        page,
        _HEAD_OF_PAGE + symbols + MARKER.encode(),
        Name.JBIG2Decode,
        parameters,
        Width=2_000,
        Height=2_000,
        BitsPerComponent=1,
    )


def _fax(pdf: Pdf, page: Any) -> None:
    parameters = Dictionary(
        K=-1, Columns=2_000_000_000, Rows=2_000_000_000, DamagedRowsBeforeError=9, Own=String(MARKER)
    )
    _picture(pdf, page, MARKER.encode() * 3, Name.CCITTFaxDecode, parameters, BitsPerComponent=1)


def _masks_in_a_ring(pdf: Pdf, page: Any) -> None:
    picture = _picture(pdf, page, bytes(64), SMaskInData=2, Own=String(MARKER))
    picture.SMask = picture.Mask = page.Resources.XObject.I


# -- fonts --------------------------------------------------------------------------------------------------------


def _secret_in_a_font(pdf: Pdf, page: Any, key: str, program: bytes, **more: Any) -> None:
    descriptor = Dictionary(
        Type=Name.FontDescriptor,
        FontName=Name.Helvetica,
        Flags=32,
        CharSet=String(f"/{MARKER}"),
        FontFamily=String(MARKER),
        Style=Dictionary(Panose=String(MARKER)),
        Lang=Name("/" + MARKER),
    )
    descriptor["/" + key] = Stream(pdf, program, **more)
    page.Resources.Font.F.FontDescriptor = pdf.make_indirect(descriptor)


def _type_1(code: bytes) -> bytes:
    """A program whose private part calls other procedures."""
    clear = (
        b"%%!PS-AdobeFont-1.0: A\n/FontInfo 9 dict dup begin /Notice (%s) def end def\n/FontMatrix [0.001 0 0 0.001 0 0] def\ncurrentfile eexec\n"
        % MARKER.encode()
    )
    return (
        clear
        + b"dup /Private 8 dict dup begin /OtherSubrs [{%s}] def /Subrs 0 array /CharStrings 0 dict end"
        % code
    )


def _map_of_letters(pdf: Pdf, page: Any) -> None:
    said = MARKER.encode()
    rest = b"/%s usecmap /CIDInit /ProcSet findresource begin (%s) run /Notice (%s) def" % (said, said, said)
    body = (
        rest
        + b" 1 begincodespacerange <00><ff> endcodespacerange 1 beginbfrange <20><7e><0020> endbfrange 1 beginbfchar <2a> (%s) endbfchar"
        % said
    )
    page.Resources.Font.F.ToUnicode = Stream(
        pdf, body, UseCMap=Name("/" + MARKER), CMapName=Name("/" + MARKER), Own=String(MARKER)
    )


def _map_of_codes(pdf: Pdf, page: Any) -> None:
    """A font of many letters whose map takes up itself."""
    inside = b"/A usecmap (%s) run 1 begincodespacerange <00><ff> endcodespacerange" % MARKER.encode()
    codes = pdf.make_indirect(Stream(pdf, inside, Type=Name.CMap, CMapName=Name.A))
    codes.UseCMap = codes
    below = Dictionary(
        Type=Name.Font,
        Subtype=Name.CIDFontType0,
        BaseFont=Name.A,
        CIDSystemInfo=Dictionary(Registry=String(MARKER), Ordering=String(MARKER), Supplement=0),
    )
    page.Resources.Font.G = Dictionary(
        Type=Name.Font, Subtype=Name.Type0, BaseFont=Name.A, Encoding=codes, DescendantFonts=Array([below])
    )
    _more(pdf, page, b"BT /G 0 Tf ET")


def _names_of_glyphs(pdf: Pdf, page: Any) -> None:
    page.Resources.Font.F.Encoding = Dictionary(
        Type=Name.Encoding,
        BaseEncoding=Name("/" + MARKER),
        Own=script(),
        Differences=Array([1, Name("/" + MARKER), String(MARKER), Name("/g(); //")]),
    )


def _drawn_letters(pdf: Pdf, page: Any) -> None:
    """Letters that draw forms, themselves, and things of no place there."""
    form = Stream(
        pdf, b"0 0 500 500 re f", Subtype=Name.Form, BBox=Array([0, 0, 500, 500]), AA=Dictionary(O=script())
    )
    beyond = Stream(pdf, b"", Subtype=Name.PS, Level1=Stream(pdf, MARKER.encode()))
    font = pdf.make_indirect(Dictionary(
        Type=Name.Font, Subtype=Name.Type3, FontBBox=Array([0, 0, 750, 750]), FontMatrix=Array([0.001, 0, 0, 0.001, 0, 0]),
        FirstChar=97, LastChar=98, Widths=Array([750, 750]), Encoding=Dictionary(Differences=Array([97, Name("/" + MARKER), Name.b])),
        CharProcs=Dictionary({"/" + MARKER: Stream(pdf, b"750 0 d0 /X Do /P Do BT /G 9 Tf (a) Tj ET (%s) evil" % MARKER.encode()), "/b": Stream(pdf, b"750 0 0 0 750 750 d1 /X Do")}),
        Name=Name("/" + MARKER), AA=Dictionary(O=script()),
    ))  # fmt: skip
    font.Resources = Dictionary(XObject=Dictionary(X=form, P=beyond), Font=Dictionary(G=font))
    page.Resources.Font.G = font
    _more(pdf, page, b"BT /G 9 Tf 200 0 Td (ab) Tj ET")


def _matrix_of_words(pdf: Pdf, page: Any) -> None:
    page.Resources.Font.G = Dictionary(
        Type=Name.Font,
        Subtype=Name.Type3,
        FontBBox=_UNIT,
        FontMatrix=Array([1, 0, 0, 1, 0, String(f"0\\); alert({MARKER})//")]),
        CharProcs=Dictionary(a=Stream(pdf, b"")),
        Encoding=Dictionary(Differences=Array([97, Name.a])),
        FirstChar=97,
        LastChar=97,
        Widths=Array([1]),
    )
    _more(pdf, page, b"BT /G 9 Tf (a) Tj ET")


MENDS: dict[str, Mend] = {
    "photograph with words": _photograph,
    "JPEG 2000 with words": _jpeg_2000,
    "JPEG 2000 without end": lambda pdf, page: _jpeg_2000(pdf, page, (60_000, 60_000)),
    "JBIG2 without end": _dictionary_bomb,
    "fax without end": _fax,
    "masks in a ring": _masks_in_a_ring,
    "Type 1 with procedures": lambda pdf, page: _secret_in_a_font(pdf, page, "FontFile", _type_1(MARKER.encode()), Length1=10, Length2=10, Length3=0),
    "TrueType of words": lambda pdf, page: _secret_in_a_font(pdf, page, "FontFile2", b"\x00\x01\x00\x00" + MARKER.encode() * 9),
    "CFF of words": lambda pdf, page: _secret_in_a_font(pdf, page, "FontFile3", b"\x01\x00\x04\x04" + MARKER.encode() * 9, Subtype=Name.Type1C),
    "font program of nothing": lambda pdf, page: _secret_in_a_font(pdf, page, "FontFile3", b"", Subtype=Name("/" + MARKER)),
    "map of letters": _map_of_letters,
    "map of codes": _map_of_codes,
    "names of glyphs": _names_of_glyphs,
    "drawn letters": _drawn_letters,
    "matrix of words": _matrix_of_words,
}  # fmt: skip

#: letters that are words of their own font: nothing clean can be made of what draws without end
REFUSED = {"drawn letters"}
#: what others than pdfium make of these is not known
ONLY_AS_PICTURES = {"masks in a ring", "map of codes", "matrix of words"}

ATTACKS = tuple(
    Attack(name, lambda mend=mend: page_file(lambda pdf, page: mend(pdf, page)))
    for name, mend in MENDS.items()
)
