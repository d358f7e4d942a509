"""PDF written anew object by object: what real documents draw with comes through and is kept."""

import io
import re
import zlib
from collections.abc import Callable
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String
from PIL import Image

from sekisho.sanitizer import Policy, sanitize
from sekisho.sanitizer.verify import find_complaint

from .attacks.pdf import VISIBLE, page_file
from .passing import clean, codes
from .test_pdf import REBUILT, everything_in, text_of

Mend = Callable[[Pdf, Any], None]


def drawing(content: bytes, **resources: Any) -> Mend:
    """A page that draws more, with these resources."""

    def mend(pdf: Pdf, page: Any) -> None:
        for category, entries in resources.items():
            page.Resources[f"/{category}"] = Dictionary(
                {f"/{name}": make(pdf) for name, make in entries.items()}
            )
        page.contents_add(Stream(pdf, content))

    return mend


def picture(mode: str, kind: str = "JPEG") -> Callable[[Pdf], Stream]:
    def make(pdf: Pdf) -> Stream:
        buffer = io.BytesIO()
        gradient = Image.linear_gradient("L").resize((40, 30)).convert(mode)
        gradient.save(buffer, kind)
        space = {"L": Name.DeviceGray, "RGB": Name.DeviceRGB, "CMYK": Name.DeviceCMYK}[mode]
        return Stream(
            pdf, buffer.getvalue(), Type=Name.XObject, Subtype=Name.Image, Width=40, Height=30,
            ColorSpace=space, BitsPerComponent=8, Filter=Name.DCTDecode,
        )  # fmt: skip

    return make


def samples(pdf: Pdf) -> Stream:
    """Plain samples under a soft mask."""
    mask = Stream(
        pdf, bytes(range(0, 250, 10)), Type=Name.XObject, Subtype=Name.Image, Width=5, Height=5,
        ColorSpace=Name.DeviceGray, BitsPerComponent=8,
    )  # fmt: skip
    palette = Array([Name.Indexed, Name.DeviceRGB, 1, String(b"\xff\x00\x00\x00\x00\xff")])
    return Stream(
        pdf, b"\xa8\x50\xa8\x50\xa8", Type=Name.XObject, Subtype=Name.Image, Width=5, Height=5,
        ColorSpace=palette, BitsPerComponent=1, SMask=pdf.make_indirect(mask),
    )  # fmt: skip


def form(pdf: Pdf) -> Stream:
    group = Dictionary(S=Name.Transparency, CS=Name.DeviceRGB, I=True)
    return Stream(
        pdf, b"0 0 1 rg 0 0 50 20 re f", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 50, 20]),
        Matrix=Array([1, 0, 0, 1, 5, 5]), Group=group,
    )  # fmt: skip


def _blend() -> Dictionary:
    return Dictionary(FunctionType=2, Domain=Array([0, 1]), C0=Array([1, 0, 0]), C1=Array([0, 0, 1]), N=1)


def axial(pdf: Pdf) -> Dictionary:
    return Dictionary(
        ShadingType=2, ColorSpace=Name.DeviceRGB, Coords=Array([0, 0, 100, 0]), Function=_blend(),
        Extend=Array([True, True]),
    )  # fmt: skip


def calculated(pdf: Pdf) -> Dictionary:
    """A gradient by a calculator, which comes out as samples."""
    program = Stream(pdf, b"{ dup 1 exch sub 0 exch }", FunctionType=4, Domain=Array([0, 1]))
    program.Range = Array([0, 1, 0, 1, 0, 1])
    shading = axial(pdf)
    shading.Function = pdf.make_indirect(program)
    return shading


def around_a_point(pdf: Pdf) -> Dictionary:
    """A gradient around a point as Typst writes it: a choice within a choice for each of its colours."""
    colours = b"".join(b"dup %d le { pop 0.%02d 0.5 0.2 } { " % (step * 4, step) for step in range(1, 90))
    code = b"{ 25 sub exch 50 sub atan " + colours + b"pop 1 0.5 0.2" + b" } ifelse" * 89 + b" }"
    program = Stream(pdf, code, FunctionType=4, Domain=Array([0, 100, 0, 50]), Range=Array([0, 1] * 3))
    return Dictionary(
        ShadingType=1, ColorSpace=Name.DeviceRGB, Domain=Array([0, 100, 0, 50]), Function=pdf.make_indirect(program)
    )  # fmt: skip


def tiles(pdf: Pdf) -> Stream:
    return Stream(
        pdf, b"0.2 0.6 0.2 rg 0 0 4 4 re f", Type=Name.Pattern, PatternType=1, PaintType=1, TilingType=1,
        BBox=Array([0, 0, 8, 8]), XStep=8, YStep=8, Resources=Dictionary(),
    )  # fmt: skip


def ink(pdf: Pdf) -> Array:
    return Array([Name.Separation, Name("/Gold"), Name.DeviceRGB, pdf.make_indirect(_blend())])


def drawn_font(pdf: Pdf) -> Dictionary:
    square = Stream(pdf, b"800 0 0 0 750 750 d1 0 0 750 750 re f")
    return Dictionary(
        Type=Name.Font, Subtype=Name.Type3, FontMatrix=Array([0.001, 0, 0, 0.001, 0, 0]),
        FontBBox=Array([0, 0, 750, 750]), CharProcs=Dictionary(square=pdf.make_indirect(square)),
        Encoding=Dictionary(Type=Name.Encoding, Differences=Array([97, Name.square])), FirstChar=97, LastChar=97,
        Widths=Array([800]), Resources=Dictionary(),
    )  # fmt: skip


def multiplying(pdf: Pdf) -> Dictionary:
    return Dictionary(Type=Name.ExtGState, BM=Name.Multiply, ca=0.5, D=Array([Array([3, 2]), 0]))


DRAWINGS: dict[str, Mend] = {
    "jpeg": drawing(b"q 90 0 0 60 20 20 cm /I Do Q", XObject={"I": picture("RGB")}),
    "grey jpeg": drawing(b"q 90 0 0 60 20 20 cm /I Do Q", XObject={"I": picture("L")}),
    "cmyk jpeg": drawing(b"q 90 0 0 60 20 20 cm /I Do Q", XObject={"I": picture("CMYK")}),
    "palette under a mask": drawing(b"q 90 0 0 60 20 20 cm /I Do Q", XObject={"I": samples}),
    "inline picture": drawing(b"q 50 0 0 50 20 20 cm BI /W 2 /H 2 /CS /G /BPC 8 ID \x00\x80\xc0\x40 EI Q"),
    "form": drawing(b"q 1 0 0 1 40 40 cm /F Do Q", XObject={"F": form}),
    "gradient": drawing(b"q 0 0 100 50 re W n /S sh Q", Shading={"S": axial}),
    "calculated gradient": drawing(b"q 0 0 100 50 re W n /S sh Q", Shading={"S": calculated}),
    "gradient around a point": drawing(b"q 0 0 100 50 re W n /S sh Q", Shading={"S": around_a_point}),
    "tiles": drawing(b"/Pattern cs /P scn 10 10 90 40 re f", Pattern={"P": tiles}),
    "ink": drawing(b"/C cs 0.7 scn 10 10 90 40 re f", ColorSpace={"C": ink}),
    "state": drawing(b"/G gs 1 0 0 rg 10 10 90 40 re f", ExtGState={"G": multiplying}),
    "lines": drawing(b"2 w [6 3] 0 d 1 J 0 0 m 90 90 l S 0 0 1 RG 10 10 30 40 50 20 70 60 c S"),
}


@pytest.mark.parametrize("name", DRAWINGS)
def test_what_documents_draw_with_is_kept(name: str) -> None:
    output, result = clean(page_file(DRAWINGS[name]), "a.pdf")
    assert result.method == "rebuilt", result.report.attempts
    assert result.report.fidelity["similarity_worst"] > 0.98
    assert VISIBLE in text_of(output)


def test_a_drawn_font_keeps_its_glyphs() -> None:
    def mend(pdf: Pdf, page: Any) -> None:
        page.Resources.Font["/T"] = drawn_font(pdf)
        page.contents_add(Stream(pdf, b"BT /T 40 Tf 20 20 Td (aa) Tj ET"))

    output, result = clean(page_file(mend), "a.pdf", REBUILT)
    assert b"/CharProcs" in output
    assert result.report.fidelity["similarity_worst"] > 0.98


def test_no_program_is_left_in_a_function() -> None:
    output, result = clean(page_file(DRAWINGS["calculated gradient"]), "a.pdf", REBUILT)
    assert b"/FunctionType 4" not in output
    assert b"exch" not in everything_in(output)
    assert "pdf.function_dropped" in codes(result)


def test_names_of_resources_are_given_anew() -> None:
    output, _result = clean(page_file(DRAWINGS["jpeg"]), "a.pdf", REBUILT)
    made = pikepdf.open(io.BytesIO(output))
    assert "/I" not in made.pages[0].Resources.XObject


def test_a_lost_signature_is_said_so() -> None:
    def mend(pdf: Pdf, page: Any) -> None:
        field = Dictionary(
            FT=Name.Sig, T=String("s"), V=Dictionary(Type=Name.Sig, Contents=String(b"x" * 20))
        )
        pdf.Root.AcroForm = Dictionary(Fields=Array([pdf.make_indirect(field)]), SigFlags=3)

    _output, result = clean(page_file(mend), "a.pdf", REBUILT)
    assert "pdf.signature_lost" in codes(result)


def test_an_archive_keeps_what_the_document_says_of_itself() -> None:
    def mend(pdf: Pdf, page: Any) -> None:
        pdf.docinfo["/Title"] = "年次報告"
        pdf.docinfo["/Producer"] = "MARKER"

    keeping = Policy.from_dict({"name": "k", "methods": {"pdf": "rebuilt"}, "keep": {"metadata": True}})
    output, _result = clean(page_file(mend), "a.pdf", keeping)
    made = pikepdf.open(io.BytesIO(output))
    assert str(made.docinfo["/Title"]) == "年次報告"
    assert b"MARKER" not in everything_in(output)
    assert "/Info" not in pikepdf.open(io.BytesIO(clean(page_file(mend), "a.pdf", REBUILT)[0])).trailer


def _with_content(output: bytes, old: bytes, new: bytes) -> bytes:
    """The file with its first stream that holds ``old`` changed, its length and table in order."""
    for match in re.finditer(rb"/Length (\d+)>>\nstream\n", output):
        data = output[match.end() : match.end() + int(match[1])]
        plain = zlib.decompress(data) if data[:1] == b"x" else data
        if old in plain:
            return _relocated(output, match, data, zlib.compress(plain.replace(old, new, 1)))
    raise AssertionError(old)


def _relocated(output: bytes, match: re.Match[bytes], data: bytes, packed: bytes) -> bytes:
    stream = b"/Length %d>>\nstream\n" % len(packed) + packed
    made = output[: match.start()] + stream + output[match.end() + len(data) :]
    shift = len(made) - len(output)
    at = made.rindex(b"xref\n0 ", 0, made.rindex(b"startxref"))

    def moved(row: re.Match[bytes]) -> bytes:
        place = int(row[1])
        return b"%010d 00000 n \n" % (place + shift if place > match.start() else place)

    table = re.sub(rb"(\d{10}) 00000 n \n", moved, made[at:])
    return made[:at] + re.sub(rb"startxref\n\d+", b"startxref\n%d" % at, table)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"ET\n", b"ET\n/X99 Do\n"),
        (b"ET\n", b"ET\nBX /evil DP EX\n"),
        (b"ET\n", b"ET\nQ\n"),
        (b" Tj\n", b" Tj % remark\n"),
        (b"BT\n", b"BT\nBT\n"),
    ],
)
def test_the_reader_finds_a_strange_operator(old: bytes, new: bytes) -> None:
    output, _result = clean(page_file(), "a.pdf", REBUILT)
    assert find_complaint(io.BytesIO(_with_content(output, old, old)), "pdf") is None
    complaint = find_complaint(io.BytesIO(_with_content(output, old, new)), "pdf")
    assert complaint is not None
    assert complaint.place.startswith("page 1")


def test_a_font_that_cannot_be_taken_apart_is_drawn_instead() -> None:
    def mend(pdf: Pdf, page: Any) -> None:
        program = Stream(pdf, b"not a font at all", Length1=17)
        descriptor = Dictionary(Type=Name.FontDescriptor, FontName=Name("/Odd"), Flags=32)
        descriptor.FontFile2 = pdf.make_indirect(program)
        font = Dictionary(Type=Name.Font, Subtype=Name.TrueType, BaseFont=Name("/Odd"))
        font.FontDescriptor = pdf.make_indirect(descriptor)
        page.Resources.Font["/O"] = pdf.make_indirect(font)
        page.contents_add(Stream(pdf, b"BT /O 20 Tf 20 20 Td (odd) Tj ET"))

    assert sanitize(page_file(mend), REBUILT, name="a.pdf").report.refusal == "pdf.font_unreadable"
    _output, result = clean(page_file(mend), "a.pdf")
    assert result.method == "pixel"
    assert [attempt.outcome for attempt in result.report.attempts] == ["pdf.font_unreadable", "clean"]
