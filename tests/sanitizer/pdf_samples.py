"""Harmless PDF files with one feature each, built by code; every page also shows ``VISIBLE``."""

import io
import zlib
from collections.abc import Callable
from typing import Any

from pikepdf import Array, Dictionary, Name, Pdf, Stream, String
from PIL import Image

from .attacks.pdf import page_file

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


def _fax(pdf: Pdf, page: Any) -> None:
    mono = gradient("L").point(lambda level: 255 * (level > 90)).convert("1")
    tiff = encoded(mono, "TIFF", compression="group4")
    opened = Image.open(io.BytesIO(tiff))
    start, length = opened.tag_v2[273][0], opened.tag_v2[279][0]
    made = image(pdf, tiff[start : start + length], ColorSpace=Name.DeviceGray, BitsPerComponent=1,
                 Filter=Name.CCITTFaxDecode, DecodeParms=Dictionary(K=-1, Columns=60, Rows=30))  # fmt: skip
    draw(pdf, page, SQUARE, XObject={"/I": made})


def _indexed(pdf: Pdf, page: Any) -> None:
    space = Array([Name.Indexed, Name.DeviceRGB, 3, String(bytes(range(12)).decode("latin-1"))])
    made = image(pdf, bytes(1800), ColorSpace=space, BitsPerComponent=8)
    draw(pdf, page, SQUARE, XObject={"/I": made})


def _soft_masked(pdf: Pdf, page: Any) -> None:
    mask = image(pdf, gradient("L").tobytes(), ColorSpace=Name.DeviceGray, BitsPerComponent=8)
    made = image(pdf, gradient("RGB").tobytes(), ColorSpace=Name.DeviceRGB, BitsPerComponent=8, SMask=mask)
    draw(pdf, page, SQUARE, XObject={"/I": made})


def _stencil(pdf: Pdf, page: Any) -> None:
    made = image(pdf, b"\xf0" * 8 * 30, ImageMask=True, BitsPerComponent=1)
    draw(pdf, page, f"1 0 0 rg {SQUARE}", XObject={"/I": made})


def _inline(pdf: Pdf, page: Any) -> None:
    page.Contents = Array([
        page.Contents,
        Stream(pdf, b"q 60 0 0 60 200 20 cm BI /W 4 /H 4 /CS /G /BPC 8 ID " + bytes(range(0, 256, 16)) + b" EI Q"),
    ])  # fmt: skip


def _lzw(pdf: Pdf, page: Any) -> None:
    coded = Stream(pdf, b"")
    coded.write(b"800B6050220C0C8501>", filter=Name.ASCIIHexDecode)
    page.Resources.Unused = coded
    draw(pdf, page, "0 0 1 rg 10 10 50 50 re f")


def _spot(pdf: Pdf, page: Any) -> None:
    tint = Dictionary(
        FunctionType=2, Domain=Array([0, 1]), C0=Array([0, 0, 0, 0]), C1=Array([0, 1, 1, 0]), N=1
    )
    space = Array([Name.Separation, Name("/DIC 156s"), Name.DeviceCMYK, pdf.make_indirect(tint)])
    draw(pdf, page, "/S cs 0.8 scn 10 10 50 50 re f", ColorSpace={"/S": pdf.make_indirect(space)})


def _inks(pdf: Pdf, page: Any) -> None:
    code = stream(pdf, b"{ 0 exch 0 exch 0 exch pop exch pop 0.5 }",
                  {"/FunctionType": 4, "/Domain": Array([0, 1, 0, 1]), "/Range": Array([0, 1] * 4)})  # fmt: skip
    code.write(b"{ 0 0 }")
    space = Array([Name.DeviceN, Array([Name.A, Name.B]), Name.DeviceCMYK, code])
    draw(pdf, page, "/S cs 0.8 0.2 scn 10 10 50 50 re f", ColorSpace={"/S": pdf.make_indirect(space)})


def _profile(pdf: Pdf, page: Any) -> None:
    from PIL import ImageCms

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


def _tile(pdf: Pdf, page: Any) -> None:
    tile = stream(pdf, b"1 0 0 rg 0 0 5 5 re f", {
        "/Type": Name.Pattern, "/PatternType": 1, "/PaintType": 1, "/TilingType": 1, "/BBox": Array([0, 0, 10, 10]),
        "/XStep": 10, "/YStep": 10, "/Resources": Dictionary(),
    })  # fmt: skip
    draw(pdf, page, "/Pattern cs /P scn 10 10 80 80 re f", Pattern={"/P": tile})


def _mesh(pdf: Pdf, page: Any) -> None:
    points = b"".join(
        bytes([0]) + x.to_bytes(2, "big") + y.to_bytes(2, "big") + colour
        for x, y, colour in ((0, 0, b"\xff\0\0"), (65535, 0, b"\0\xff\0"), (30000, 65535, b"\0\0\xff"))
    )
    mesh = stream(pdf, points, {
        "/ShadingType": 4, "/ColorSpace": Name.DeviceRGB, "/BitsPerCoordinate": 16, "/BitsPerComponent": 8,
        "/BitsPerFlag": 8, "/Decode": Array([10, 100, 10, 80, 0, 1, 0, 1, 0, 1]),
    })  # fmt: skip
    draw(pdf, page, "/M sh", Shading={"/M": mesh})


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


def _drawn_font(pdf: Pdf, page: Any) -> None:
    glyph = Stream(pdf, b"600 0 0 0 500 500 d1 0 0 500 500 re f")
    font = Dictionary(
        Type=Name.Font, Subtype=Name.Type3, FontMatrix=Array([0.001, 0, 0, 0.001, 0, 0]), FontBBox=Array([0, 0, 500, 500]),
        CharProcs=Dictionary(square=glyph), Resources=Dictionary(), FirstChar=97, LastChar=97, Widths=Array([600]),
        Encoding=Dictionary(Type=Name.Encoding, Differences=Array([97, Name.square])),
    )  # fmt: skip
    page.Resources.Font.D = pdf.make_indirect(font)
    draw(pdf, page, "BT /D 20 Tf 10 20 Td (aaa) Tj ET")


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


SAMPLES: dict[str, Mend] = {
    "jpeg": _pictured(Filter=Name.DCTDecode)("DeviceRGB", encoded(gradient("RGB"), "JPEG")),
    "jpeg_gray": _pictured(Filter=Name.DCTDecode)("DeviceGray", encoded(gradient("L"), "JPEG")),
    "jpeg_cmyk": _pictured(Filter=Name.DCTDecode)("DeviceCMYK", encoded(gradient("RGB").convert("CMYK"), "JPEG")),
    "jpeg_progressive": _pictured(Filter=Name.DCTDecode)("DeviceRGB", encoded(gradient("RGB"), "JPEG", progressive=True)),
    "jpeg_2000": _pictured(Filter=Name.JPXDecode)("DeviceRGB", encoded(gradient("RGB"), "JPEG2000")),
    "jpeg_deflated": _pictured(Filter=Array([Name.FlateDecode, Name.DCTDecode]))(
        "DeviceRGB", zlib.compress(encoded(gradient("RGB"), "JPEG"))),
    "raw_rgb": _pictured()("DeviceRGB", gradient("RGB").tobytes()),
    "fax": _fax, "indexed": _indexed, "soft_mask": _soft_masked, "stencil": _stencil, "inline_picture": _inline,
    "odd_filters": _lzw, "spot_colour": _spot, "inks": _inks, "profile": _profile, "gradients": _gradients, "tile": _tile,
    "mesh": _mesh, "transparency": _transparent, "nested_forms": _nested_forms, "drawn_font": _drawn_font,
    "sjis": _japanese("90ms-RKSJ-H", "計画書".encode("cp932")), "utf16": _japanese("UniJIS-UTF16-H", "計画書".encode("utf-16-be")),
    "vertical": _japanese("UniJIS-UTF16-V", "縦書き".encode("utf-16-be")), "filled_form": _filled_form, "ticked": _ticked,
    "layers": _layers, "cropped": _cropped, "unbalanced": _unbalanced, "spaced_text": _spaced, "marked": _marked,
    "inherited_resources": _no_resources,
}  # fmt: skip


def sample(name: str, **saving: Any) -> bytes:
    """The file with this feature."""
    return page_file(SAMPLES[name], **saving)
