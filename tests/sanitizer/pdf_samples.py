"""Harmless PDF files with one feature each, built by code; every page also shows ``VISIBLE``."""

import io
import struct
import zlib
from collections.abc import Callable, Iterable
from typing import Any

from pikepdf import Array, Dictionary, Name, Pdf, Stream, String
from PIL import Image, ImageCms

from .attacks.pdf import MARKER, page_file
from .pdf_fonts import collection, opentype, truetype

Mend = Callable[[Pdf, Any], None]
SQUARE = "q 120 0 0 60 150 20 cm /I Do Q"


def gradient(mode: str, size: tuple[int, int] = (60, 30)) -> Image.Image:
    """A picture without sharp edges."""
    return Image.linear_gradient("L").resize(size).convert(mode)


def draw(pdf: Pdf, page: Any, operators: str, **resources: Any) -> None:
    """Add operators and what they use to a page."""
    for category, entries in resources.items():
        page.Resources[f"/{category}"] = Dictionary(entries)
    page.Contents = Array([page.Contents, Stream(pdf, operators.encode())])


def stream(pdf: Pdf, data: bytes, entries: Any) -> Stream:
    """A stream with these entries."""
    made = Stream(pdf, data)
    for key, value in Dictionary(entries).items():
        made[key] = value
    return made


def image(pdf: Pdf, data: bytes, size: tuple[int, int] = (60, 30), **entries: Any) -> Stream:
    """A picture; ``entries`` without slashes."""
    basic = {"/Type": Name.XObject, "/Subtype": Name.Image, "/Width": size[0], "/Height": size[1]}
    return stream(pdf, data, basic | {f"/{key}": value for key, value in entries.items()})


def _pictured(**entries: Any) -> Callable[[str, bytes], Mend]:
    def with_data(space: str, data: bytes) -> Mend:
        def mend(pdf: Pdf, page: Any) -> None:
            made = image(pdf, data, ColorSpace=Name("/" + space), BitsPerComponent=8, **entries)
            draw(pdf, page, SQUARE, XObject={"/I": made})

        return mend

    return with_data


def encoded(picture: Image.Image, kind: str, **options: Any) -> bytes:
    """A picture as a file of this kind."""
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def _two_tones() -> Image.Image:
    return gradient("L").point(lambda level: 255 * (level > 90)).convert("1")


def _group4(picture: Image.Image) -> bytes:
    """The rows of a picture coded as faxes do, without a file around them."""
    tiff = encoded(picture, "TIFF", compression="group4")
    opened = Image.open(io.BytesIO(tiff))
    start, length = opened.tag_v2[273][0], opened.tag_v2[279][0]
    return tiff[start : start + length]


def _fax(pdf: Pdf, page: Any) -> None:
    made = image(pdf, _group4(_two_tones()), ColorSpace=Name.DeviceGray, BitsPerComponent=1,
                 Filter=Name.CCITTFaxDecode, DecodeParms=Dictionary(K=-1, Columns=60, Rows=30))  # fmt: skip
    draw(pdf, page, SQUARE, XObject={"/I": made})


def _segment(number: int, kind: int, page: int, data: bytes) -> bytes:
    """A segment of a JBIG2 stream (ITU-T T.88, 7.2)."""
    return struct.pack(">IBBBI", number, kind, 0, page, len(data)) + data


def _jbig2(pdf: Pdf, page: Any) -> None:
    """One region coded as faxes do, and a remark among what pictures may share."""
    described = struct.pack(">IIIIBH", 60, 30, 0, 0, 0, 0)
    region = struct.pack(">IIIIBB", 60, 30, 0, 0, 0, 1) + _group4(_two_tones())
    shared = stream(pdf, _segment(0, 62, 0, b"\x20\0\0\0" + MARKER.encode() + b"\0\0\0"), {})
    made = image(pdf, _segment(1, 48, 1, described) + _segment(2, 38, 1, region), ColorSpace=Name.DeviceGray,
                 BitsPerComponent=1, Filter=Name.JBIG2Decode, DecodeParms=Dictionary(JBIG2Globals=shared))  # fmt: skip
    draw(pdf, page, SQUARE, XObject={"/I": made})


def _deep(space: str, channels: int) -> Mend:
    """Samples of 16 bits."""

    def mend(pdf: Pdf, page: Any) -> None:
        data = b"".join((level * 257).to_bytes(2, "big") * channels for level in gradient("L").tobytes())
        made = image(pdf, data, ColorSpace=Name("/" + space), BitsPerComponent=16)
        draw(pdf, page, SQUARE, XObject={"/I": made})

    return mend


def _palette(bits: int, **entries: Any) -> Mend:
    """A picture of few colours, most of whose palette is a message."""

    def mend(pdf: Pdf, page: Any) -> None:
        table = (bytes([255, 0, 0, 0, 0, 255]) + MARKER.encode() * 40)[: 3 << bits]
        space = Array([Name.Indexed, Name.DeviceRGB, (1 << bits) - 1, pdf.make_stream(table)])
        row = bytes(60 * bits // 8)
        made = image(pdf, (row[:-1] + b"\x01") * 30, ColorSpace=space, BitsPerComponent=bits, **entries)
        draw(pdf, page, SQUARE, XObject={"/I": made})

    return mend


def _grey_palette(pdf: Pdf, page: Any) -> None:
    """A JPEG whose levels are numbers of colours."""
    space = Array([Name.Indexed, Name.DeviceGray, 255, String(bytes(range(255, -1, -1)))])
    made = image(
        pdf, encoded(gradient("L"), "JPEG"), ColorSpace=space, BitsPerComponent=8, Filter=Name.DCTDecode
    )
    draw(pdf, page, SQUARE, XObject={"/I": made})


def _embedded_font(program: Callable[[], bytes]) -> Mend:
    """Text in an embedded TrueType font whose one letter is a square."""

    def mend(pdf: Pdf, page: Any) -> None:
        descriptor = Dictionary(Type=Name.FontDescriptor, FontName=Name("/Own"), Flags=32, FontFile2=pdf.make_stream(program()),
                                FontBBox=Array([0, 0, 1000, 1000]), Ascent=1000, Descent=0, CapHeight=1000, ItalicAngle=0,
                                StemV=80)  # fmt: skip
        page.Resources.Font.O = pdf.make_indirect(Dictionary(
            Type=Name.Font, Subtype=Name.TrueType, BaseFont=Name("/Own"), FirstChar=65, LastChar=65, Widths=Array([1000]),
            FontDescriptor=pdf.make_indirect(descriptor), Encoding=Name.WinAnsiEncoding))  # fmt: skip
        draw(pdf, page, "BT /O 30 Tf 20 20 Td (AA) Tj ET")

    return mend


def _by_number(pdf: Pdf, page: Any) -> None:
    """Text by the numbers of glyphs in an OpenType font, as FreeType and PyMuPDF understand it."""
    program = stream(pdf, opentype(), {"/Subtype": Name.OpenType})
    descriptor = Dictionary(
        Type=Name.FontDescriptor,
        FontName=Name("/Own"),
        Flags=4,
        FontFile3=program,
        Ascent=1000,
        Descent=0,
        StemV=80,
        FontBBox=Array([0, 0, 1000, 1000]),
        ItalicAngle=0,
        CapHeight=1000,
    )
    system = Dictionary(Registry=String("Adobe"), Ordering=String("Identity"), Supplement=0)
    descendant = Dictionary(
        Type=Name.Font,
        Subtype=Name.CIDFontType0,
        BaseFont=Name("/Own"),
        CIDSystemInfo=system,
        FontDescriptor=pdf.make_indirect(descriptor),
    )
    said = b"1 begincodespacerange <0000> <ffff> endcodespacerange 1 beginbfchar <0001> <25a0> endbfchar"
    page.Resources.Font.O = pdf.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.Type0,
            BaseFont=Name("/Own"),
            Encoding=Name("/Identity-H"),
            DescendantFonts=Array([pdf.make_indirect(descendant)]),
            ToUnicode=pdf.make_stream(said),
        )
    )
    draw(pdf, page, "BT /O 30 Tf 20 20 Td <00010001> Tj ET")


def _soft_masked(pdf: Pdf, page: Any) -> None:
    mask = image(pdf, gradient("L").tobytes(), ColorSpace=Name.DeviceGray, BitsPerComponent=8)
    made = image(pdf, gradient("RGB").tobytes(), ColorSpace=Name.DeviceRGB, BitsPerComponent=8, SMask=mask)
    draw(pdf, page, SQUARE, XObject={"/I": made})


def _blended(pdf: Pdf, page: Any) -> None:
    """A picture that was blended with black before its soft mask was told so (11.6.5.3)."""
    alpha = gradient("L")
    shown = Image.composite(Image.new("RGB", alpha.size, "red"), Image.new("RGB", alpha.size), alpha)
    mask = image(pdf, alpha.tobytes(), ColorSpace=Name.DeviceGray, BitsPerComponent=8, Matte=Array([0, 0, 0]))
    made = image(pdf, shown.tobytes(), ColorSpace=Name.DeviceRGB, BitsPerComponent=8, SMask=mask)
    draw(pdf, page, SQUARE, XObject={"/I": made})


def _stencil(pdf: Pdf, page: Any) -> None:
    made = image(pdf, b"\xf0" * 8 * 30, ImageMask=True, BitsPerComponent=1)
    draw(pdf, page, f"1 0 0 rg {SQUARE}", XObject={"/I": made})


def _inks(pdf: Pdf, page: Any) -> None:
    code = stream(pdf, b"{ 0 exch 0 exch 0 exch pop exch pop 0.5 }",
                  {"/FunctionType": 4, "/Domain": Array([0, 1, 0, 1]), "/Range": Array([0, 1] * 4)})  # fmt: skip
    code.write(b"{ 0 0 }")
    space = Array([Name.DeviceN, Array([Name.A, Name.B]), Name.DeviceCMYK, code])
    draw(pdf, page, "/S cs 0.8 0.2 scn 10 10 50 50 re f", ColorSpace={"/S": pdf.make_indirect(space)})


def _profile(pdf: Pdf, page: Any) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    space = Array([Name.ICCBased, stream(pdf, profile, {"/N": 3})])
    draw(pdf, page, "/S cs 0.8 0.2 0.1 scn 10 10 50 50 re f", ColorSpace={"/S": pdf.make_indirect(space)})


def _gradients(pdf: Pdf, page: Any) -> None:
    shade = Dictionary(FunctionType=2, Domain=Array([0, 1]), C0=Array([1, 0, 0]), C1=Array([0, 0, 1]), N=1)
    joined = Dictionary(FunctionType=3, Domain=Array([0, 1]), Functions=Array([shade, shade]), Bounds=Array([0.5]),
                        Encode=Array([0, 1, 1, 0]))  # fmt: skip
    axial = Dictionary(ShadingType=2, ColorSpace=Name.DeviceRGB, Coords=Array([0, 0, 100, 0]), Function=joined,
                       Extend=Array([True, True]))  # fmt: skip
    radial = Dictionary(
        ShadingType=3, ColorSpace=Name.DeviceRGB, Coords=Array([150, 50, 0, 150, 50, 40]), Function=shade
    )
    pattern = Dictionary(Type=Name.Pattern, PatternType=2, Shading=pdf.make_indirect(radial))
    draw(pdf, page, "q 10 10 80 50 re W n /A sh Q /Pattern cs /P scn 110 10 80 80 re f",
         Shading={"/A": pdf.make_indirect(axial)}, Pattern={"/P": pdf.make_indirect(pattern)})  # fmt: skip


_CORNERS = ((0, 0), (65_535, 0), (0, 65_535), (65_535, 65_535))
_COLOURS = (b"\xff\0\0", b"\0\xff\0", b"\0\0\xff", b"\xff\xff\0")


def _points(places: Iterable[tuple[int, int]]) -> bytes:
    return b"".join(x.to_bytes(2, "big") + y.to_bytes(2, "big") for x, y in places)


def _mesh(kind: int, data: bytes, **entries: Any) -> Mend:
    """A shading of corners or patches (8.7.4.5.5 to 8)."""

    def mend(pdf: Pdf, page: Any) -> None:
        made = stream(pdf, data, {
            "/ShadingType": kind, "/ColorSpace": Name.DeviceRGB, "/BitsPerCoordinate": 16, "/BitsPerComponent": 8,
            "/Decode": Array([10, 100, 10, 80, 0, 1, 0, 1, 0, 1]),
        } | {f"/{key}": value for key, value in entries.items()})  # fmt: skip
        draw(pdf, page, "/M sh", Shading={"/M": made})

    return mend


_TRIANGLE = b"".join(
    b"\0" + _points([place]) + colour for place, colour in zip(_CORNERS[:3], _COLOURS, strict=False)
)
_LATTICE = b"".join(_points([place]) + colour for place, colour in zip(_CORNERS, _COLOURS, strict=True))
_EDGE = [(0, 0), (0, 20_000), (0, 40_000), (0, 65_535), (20_000, 50_000), (40_000, 65_535), (65_535, 65_535),
         (65_535, 40_000), (65_535, 20_000), (65_535, 0), (40_000, 0), (20_000, 9_000)]  # fmt: skip
_INNER = [(20_000, 20_000), (20_000, 40_000), (40_000, 40_000), (40_000, 20_000)]


def _transparent(pdf: Pdf, page: Any) -> None:
    group = stream(pdf, b"0 0 50 50 re f", {
        "/Type": Name.XObject, "/Subtype": Name.Form, "/BBox": Array([0, 0, 50, 50]),
        "/Group": Dictionary(S=Name.Transparency, CS=Name.DeviceGray, I=True),
    })  # fmt: skip
    soft = Dictionary(Type=Name.ExtGState, ca=0.4, BM=Name.Multiply,
                      SMask=Dictionary(S=Name.Alpha, G=group))  # fmt: skip
    draw(pdf, page, "/G gs 0 0.5 0 rg 10 10 80 80 re f", ExtGState={"/G": pdf.make_indirect(soft)})


def _nested_forms(pdf: Pdf, page: Any) -> None:
    inner = stream(pdf, b"1 0 0 rg 0 0 20 20 re f",
                   {"/Type": Name.XObject, "/Subtype": Name.Form, "/BBox": Array([0, 0, 20, 20])})  # fmt: skip
    outer = stream(pdf, b"q 2 0 0 2 5 5 cm /X Do Q", {
        "/Type": Name.XObject, "/Subtype": Name.Form, "/BBox": Array([0, 0, 90, 90]), "/Matrix": Array([1, 0, 0, 1, 20, 0]),
        "/Resources": Dictionary(XObject=Dictionary(X=inner)),
    })  # fmt: skip
    draw(pdf, page, "/X Do", XObject={"/X": outer})


def _japanese(encoding: str, data: bytes) -> Mend:
    def mend(pdf: Pdf, page: Any) -> None:
        system = Dictionary(Registry=String("Adobe"), Ordering=String("Japan1"), Supplement=2)
        descendant = Dictionary(
            Type=Name.Font, Subtype=Name.CIDFontType0, BaseFont=Name("/Ryumin-Light"), CIDSystemInfo=system
        )
        page.Resources.Font.J = pdf.make_indirect(Dictionary(
            Type=Name.Font, Subtype=Name.Type0, BaseFont=Name("/Ryumin-Light"), Encoding=Name("/" + encoding),
            DescendantFonts=Array([pdf.make_indirect(descendant)])))  # fmt: skip
        draw(pdf, page, f"BT /J 20 Tf 200 90 Td <{data.hex()}> Tj ET")

    return mend


def column(pdf: Pdf, page: Any) -> None:
    """A column as browsers print it: every character set for itself, the mark aside."""
    _japanese("UniJIS-UTF16-H", b"")(pdf, page)
    places = [(200, 120), (200, 100), (210, 90), (200, 60)]
    shown = [
        f"BT /J 20 Tf {x} {y} Td <{letter.encode('utf-16-be').hex()}> Tj ET"
        for letter, (x, y) in zip("縦書、𠮟", places, strict=True)
    ]
    draw(pdf, page, " ".join(shown))


def _filled_form(pdf: Pdf, page: Any) -> None:
    shown = stream(pdf, b"/Tx BMC q BT /F 10 Tf 2 5 Td (Filled in) Tj ET Q EMC", {
        "/Type": Name.XObject, "/Subtype": Name.Form, "/BBox": Array([0, 0, 90, 20]),
        "/Resources": Dictionary(Font=Dictionary(F=page.Resources.Font.F)),
    })  # fmt: skip
    field = pdf.make_indirect(Dictionary(
        Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T=String("a"), V=String("Filled in"), F=4,
        Rect=Array([20, 20, 110, 40]), AP=Dictionary(N=shown)))  # fmt: skip
    page.Annots = Array([field])
    pdf.Root.AcroForm = Dictionary(Fields=Array([field]), DR=Dictionary(), DA=String("/F 0 Tf"))


def _ticked(pdf: Pdf, page: Any) -> None:
    states = {
        f"/{name}": stream(pdf, operators, {"/Subtype": Name.Form, "/BBox": Array([0, 0, 20, 20])})
        for name, operators in (("Yes", b"2 2 16 16 re f"), ("Off", b"2 2 16 16 re S"))
    }
    field = pdf.make_indirect(Dictionary(
        Type=Name.Annot, Subtype=Name.Widget, FT=Name.Btn, T=String("b"), V=Name.Yes, AS=Name.Yes, F=4,
        Rect=Array([20, 20, 40, 40]), AP=Dictionary(N=Dictionary(states))))  # fmt: skip
    page.Annots = Array([field])
    pdf.Root.AcroForm = Dictionary(Fields=Array([field]))


def _layers(pdf: Pdf, page: Any) -> None:
    shown, hidden = (pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String(name))) for name in ("a", "b"))
    pdf.Root.OCProperties = Dictionary(OCGs=Array([shown, hidden]), D=Dictionary(OFF=Array([hidden])))
    draw(pdf, page, "/OC /A BDC 1 0 0 rg 10 10 40 40 re f EMC /OC /B BDC 0 1 0 rg 60 10 40 40 re f EMC",
         Properties={"/A": shown, "/B": hidden})  # fmt: skip


def _cropped(pdf: Pdf, page: Any) -> None:
    page.CropBox, page.Rotate, page.UserUnit = Array([10, 10, 280, 190]), 270, 2


def _unbalanced(pdf: Pdf, page: Any) -> None:
    draw(pdf, page, "q q 1 0 0 rg 10 10 40 40 re f BT /F 9 Tf 20 60 Td (open) Tj")


def _crossed(pdf: Pdf, page: Any) -> None:
    draw(pdf, page, "BT q /F 9 Tf 20 40 Td (crossed) Tj ET Q")


def _spaced(pdf: Pdf, page: Any) -> None:
    draw(
        pdf,
        page,
        "BT /F 12 Tf 14 TL 20 60 Td [(Sp) -50 (aced) 20.5 (\\(x\\))] TJ (next) ' 1 .5 (third) \" ET",
    )


def _marked(pdf: Pdf, page: Any) -> None:
    draw(pdf, page, "/Span <</ActualText (fi) /MCID 0>> BDC BT /F 9 Tf 20 60 Td (X) Tj ET EMC")


def _no_resources(pdf: Pdf, page: Any) -> None:
    pdf.Root.Pages.Resources = page.Resources
    del page.Resources


_RGB = encoded(gradient("RGB"), "JPEG")
SAMPLES: dict[str, Mend] = {
    "jpeg_progressive": _pictured(Filter=Name.DCTDecode)(
        "DeviceRGB", encoded(gradient("RGB"), "JPEG", progressive=True)
    ),
    "jpeg_2000": _pictured(Filter=Name.JPXDecode)("DeviceRGB", encoded(gradient("RGB"), "JPEG2000")),
    "jpeg_deflated": _pictured(Filter=Array([Name.FlateDecode, Name.DCTDecode]))("DeviceRGB", zlib.compress(_RGB)),
    "raw_rgb": _pictured()("DeviceRGB", gradient("RGB").tobytes()),
    "fax": _fax, "jbig2": _jbig2, "deep_gray": _deep("DeviceGray", 1), "deep_rgb": _deep("DeviceRGB", 3),
    "palette_turned": _palette(4, Decode=Array([15, 0])), "palette_4": _palette(4), "palette_8": _palette(8),
    "palette_masked": _palette(8, Mask=Array([1, 1])), "palette_jpeg": _grey_palette,
    "soft_mask": _soft_masked, "blended": _blended, "stencil": _stencil, "inks": _inks, "profile": _profile, "gradients": _gradients,
    "mesh_free": _mesh(4, _TRIANGLE, BitsPerFlag=8), "mesh_lattice": _mesh(5, _LATTICE, VerticesPerRow=2),
    "mesh_coons": _mesh(6, b"\0" + _points(_EDGE) + b"".join(_COLOURS), BitsPerFlag=8),
    "mesh_tensor": _mesh(7, b"\0" + _points(_EDGE + _INNER) + b"".join(_COLOURS), BitsPerFlag=8),
    "transparency": _transparent, "nested_forms": _nested_forms,
    "truetype": _embedded_font(truetype), "font_collection": _embedded_font(collection), "opentype_by_number": _by_number,
    "sjis": _japanese("90ms-RKSJ-H", "計画書".encode("cp932")),
    "utf16": _japanese("UniJIS-UTF16-H", "計画書".encode("utf-16-be")),
    "vertical": _japanese("UniJIS-UTF16-V", "縦書き".encode("utf-16-be")),
    "filled_form": _filled_form, "ticked": _ticked, "layers": _layers, "cropped": _cropped, "unbalanced": _unbalanced,
    "crossed": _crossed, "spaced_text": _spaced, "marked": _marked, "inherited_resources": _no_resources,
}  # fmt: skip


def sample(name: str, **saving: Any) -> bytes:
    """The file with this feature."""
    return page_file(SAMPLES[name], **saving)
