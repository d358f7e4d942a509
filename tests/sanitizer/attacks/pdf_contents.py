"""PDF files whose drawings deceive or wear out: content, layers, functions, patterns and structure."""

import zlib
from collections.abc import Callable
from typing import Any

from pikepdf import Array, Dictionary, Name, Pdf, Stream, String

from .pdf import MARKER, VISIBLE, Attack, page_file, script, structured

Mend = Callable[[Pdf, Any], Any]
_SECRET = f"BT /F 14 Tf 20 50 Td ({MARKER}) Tj ET".encode()
_WORDS = f"BT /F 14 Tf 20 100 Td ({VISIBLE}) Tj ET".encode()
_UNIT = Array([0, 0, 9, 9])


def _more(pdf: Pdf, page: Any, content: bytes, **resources: Any) -> None:
    """More on the page, with more resources."""
    for category, named in resources.items():
        page.Resources[f"/{category}"] = named
    page.contents_add(Stream(pdf, content))


# -- layers -------------------------------------------------------------------------------------------------------


def _group(pdf: Pdf, *, off: bool = True, **more: Any) -> Any:
    group = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String("draft"), **more))
    pdf.Root.OCProperties = Dictionary(OCGs=Array([group]), D=Dictionary(OFF=Array([group] if off else [])))
    return group


def _hidden_by(membership: Callable[[Any], Any], *, off: bool = True) -> Mend:
    def mend(pdf: Pdf, page: Any) -> None:
        member = pdf.make_indirect(membership(_group(pdf, off=off)))
        _more(pdf, page, b"/OC /L BDC " + _SECRET + b" EMC", Properties=Dictionary(L=member))

    return mend


def _all_off(pdf: Pdf, page: Any) -> None:
    group = _group(pdf)
    pdf.Root.OCProperties.D = Dictionary(BaseState=Name.OFF, Intent=Array([Name.View, Name.Design]))
    _more(pdf, page, b"/OC /L BDC " + _SECRET + b" EMC", Properties=Dictionary(L=group))


def _hidden_within(pdf: Pdf, page: Any) -> None:
    """A layer that is shown within one that is not, behind marks of other kinds."""
    off = _group(pdf)
    on = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String("shown")))
    pdf.Root.OCProperties.OCGs.append(on)
    content = b"/P BMC /OC /L BDC /Span <</MCID 3>> BDC /OC /M BDC " + _SECRET + b" EMC EMC EMC EMC"
    _more(pdf, page, content, Properties=Dictionary(L=off, M=on))


def _hidden_and_left_open(pdf: Pdf, page: Any) -> None:
    group = _group(pdf)
    _more(pdf, page, b"/OC /L BDC q " + _SECRET + b" Q", Properties=Dictionary(L=group))
    page.contents_add(Stream(pdf, _SECRET.replace(b"20 50", b"20 30")))


def _hidden_parts(pdf: Pdf, page: Any) -> None:
    """Form and picture of a layer that is off."""
    group = _group(pdf)
    form = Stream(
        pdf, _SECRET, Subtype=Name.Form, BBox=Array([0, 0, 300, 200]), OC=group, Resources=page.Resources
    )
    picture = Stream(
        pdf,
        MARKER.encode(),
        Subtype=Name.Image,
        Width=16,
        Height=1,
        BitsPerComponent=8,
        ColorSpace=Name.DeviceGray,
        OC=group,
    )
    _more(pdf, page, b"/X Do q 9 0 0 9 0 0 cm /I Do Q", XObject=Dictionary(X=form, I=picture))


def _letters_of_letters(pdf: Pdf, page: Any) -> None:
    """Fonts whose letters are words of the next font."""
    font, shown = page.Resources.Font.F, b"BT /G 1 Tf (aaaaaaaaaaaaaaaaaaaa) Tj ET"
    for _level in range(8):
        letter = Stream(pdf, b"900 0 d0 " + shown + b" %%%s\n" % MARKER.encode())
        font = pdf.make_indirect(Dictionary(
            Type=Name.Font, Subtype=Name.Type3, FontBBox=_UNIT, FontMatrix=Array([0.1, 0, 0, 0.1, 0, 0]), FirstChar=97, LastChar=97,
            Widths=Array([1]), Encoding=Dictionary(Differences=Array([97, Name.a])), CharProcs=Dictionary(a=letter),
            Resources=Dictionary(Font=Dictionary(G=font)),
        ))  # fmt: skip
    page.Resources.Font.G = font
    _more(pdf, page, shown)


def _masks_of_masks(pdf: Pdf, page: Any) -> None:
    """Each thing that is painted is painted through a mask, of which each thing is."""
    resources = Dictionary()
    painted = b"/#47 gs " + b"0 0 9 9 re f " * 20
    for _level in range(7):
        form = Stream(
            pdf,
            painted,
            Subtype=Name.Form,
            BBox=_UNIT,
            Group=Dictionary(S=Name.Transparency),
            Resources=resources,
            Own=String(MARKER),
        )
        state = Dictionary(SMask=Dictionary(S=Name.Alpha, G=pdf.make_indirect(form)))
        resources = Dictionary(ExtGState=Dictionary(G=state))
    _more(pdf, page, painted, ExtGState=resources.ExtGState)


def _on_print_alone(pdf: Pdf, page: Any) -> None:
    group = _group(
        pdf,
        off=False,
        Usage=Dictionary(View=Dictionary(ViewState=Name.OFF), Print=Dictionary(PrintState=Name.ON)),
    )
    usage = Dictionary(Event=Name.View, Category=Array([Name.View]), OCGs=Array([group]))
    pdf.Root.OCProperties.D.AS = Array([usage])
    _more(pdf, page, b"/OC /L BDC " + _SECRET + b" EMC", Properties=Dictionary(L=group))


# -- content ------------------------------------------------------------------------------------------------------


def _operators_of_no_one(pdf: Pdf, page: Any) -> None:
    said = MARKER.encode()
    _more(
        pdf,
        page,
        b"(%s) evil /%s exec <</JS (%s)>> DP BX [(%s)] pdfmark EX (%s) setdistillerparams %%%s\n"
        % ((said,) * 6),
    )


def _inline_picture_with_more(pdf: Pdf, page: Any) -> None:
    inside = b"BI /W 1 /H 1 /BPC 8 /CS /G /JS (%s) /F [] /Own (%s) /OPI <</F (%s)>> ID \x80 EI" % (
        (MARKER.encode(),) * 3
    )
    _more(pdf, page, b"q 9 0 0 9 200 0 cm " + inside + b" Q")


def _marks_out_of_step(pdf: Pdf, page: Any) -> None:
    _more(
        pdf,
        page,
        b"EMC Q Q ET EMC /P BMC q BT /Span <</ActualText (a\x00b) /Own (%s)>> BDC ET Q EMC EMC EMC q q"
        % MARKER.encode(),
    )


def _cut_between_streams(pdf: Pdf, page: Any) -> None:
    """Streams that end within a string and a name, and one that says it lies elsewhere."""
    elsewhere = Stream(
        pdf, b"", F=Dictionary(FS=Name.URL, F=String(f"http://{MARKER}/")), FFilter=Name.FlateDecode
    )
    page.Contents = Array(
        [
            Stream(pdf, _WORDS),
            elsewhere,
            Stream(pdf, b"(%s" % MARKER.encode()),
            Stream(pdf, b") evil"),
            page.Resources,
            7,
            String(MARKER),
        ]
    )


def _form_in_itself(pdf: Pdf, page: Any) -> None:
    form = pdf.make_indirect(Stream(pdf, b"/X Do /Y Do", Subtype=Name.Form, BBox=_UNIT, Own=String(MARKER)))
    other = pdf.make_indirect(Stream(pdf, b"/X Do", Subtype=Name.Form, BBox=_UNIT, Own=String(MARKER)))
    form.Resources = other.Resources = Dictionary(XObject=Dictionary(X=form, Y=other))
    _more(pdf, page, b"/X Do", XObject=Dictionary(X=form))


def _forms_without_end(pdf: Pdf, page: Any) -> None:
    """Each draws the next ten times."""
    form = Stream(pdf, b"0 0 1 1 re f", Subtype=Name.Form, BBox=_UNIT)
    for _level in range(9):
        form = pdf.make_indirect(
            Stream(
                pdf,
                b"/X Do " * 10,
                Subtype=Name.Form,
                BBox=_UNIT,
                Resources=Dictionary(XObject=Dictionary(X=form)),
                Own=String(MARKER),
            )
        )
    _more(pdf, page, b"/X Do", XObject=Dictionary(X=form))


def _filters_on_filters(pdf: Pdf, page: Any) -> None:
    data, names = b"%" + MARKER.encode(), []
    for _level in range(5):
        data, names = (
            zlib.compress(data.hex().encode() + b">"),
            [Name.FlateDecode, Name.ASCIIHexDecode, *names],
        )
    content = Stream(pdf, b"")
    content.write(data, filter=Array(names))
    page.Contents = Array([page.Contents, content])
    page.Own = String(MARKER)


def _odd_predictor(pdf: Pdf, page: Any) -> None:
    content = Stream(pdf, b"")
    parameters = Dictionary(
        Predictor=15, Colors=32, BitsPerComponent=16, Columns=1_000_000_000, Own=String(MARKER)
    )
    content.write(zlib.compress(_SECRET), filter=Name.FlateDecode, decode_parms=parameters)
    page.Contents = Array([page.Contents, content])


# -- states, functions, patterns ----------------------------------------------------------------------------------


def _program(pdf: Pdf, code: bytes, outputs: int = 3) -> Any:
    return pdf.make_indirect(
        Stream(pdf, code, FunctionType=4, Domain=Array([0, 1]), Range=Array([0, 1] * outputs))
    )


def _printers_state(pdf: Pdf, page: Any) -> None:
    code = _program(pdf, b"{ (%s) run }" % MARKER.encode())
    halftone = Stream(
        pdf,
        MARKER.encode(),
        HalftoneType=6,
        HalftoneName=String(MARKER),
        TransferFunction=code,
        Width=1,
        Height=1,
    )
    state = Dictionary(
        BG=code,
        BG2=code,
        UCR=code,
        TR=Array([code] * 4),
        TR2=code,
        HT=halftone,
        HTO=Array([1, 2]),
        UseBlackPtComp=Name("/" + MARKER),
    )
    _more(pdf, page, b"/G gs 200 0 9 9 re f", ExtGState=Dictionary(G=state))


def _mask_with_code(pdf: Pdf, page: Any) -> None:
    group = Dictionary(S=Name.Transparency, CS=Name.DeviceRGB, Own=String(MARKER))
    form = Stream(pdf, b"1 g 0 0 300 200 re f", Subtype=Name.Form, BBox=Array([0, 0, 300, 200]), Group=group)
    mask = Dictionary(
        S=Name.Luminosity,
        G=form,
        TR=_program(pdf, b"{ dup 0 eq { pop 1 } if %% %s\n}" % MARKER.encode(), outputs=1),
        Own=script(),
    )
    _more(pdf, page, b"q /G gs 200 0 9 9 re f Q", ExtGState=Dictionary(G=Dictionary(SMask=mask)))


def _ink_with_code(pdf: Pdf, page: Any) -> None:
    ink = Array(
        [
            Name.Separation,
            Name("/" + MARKER),
            Name.DeviceRGB,
            _program(pdf, b"{ dup dup %% %s\n}" % MARKER.encode()),
        ]
    )
    inks = Array([Name.DeviceN, Array([Name("/" + MARKER)]), Name.DeviceRGB, _program(pdf, b"{ dup dup }"), Dictionary(
        Subtype=Name.NChannel, Colorants=Dictionary({"/" + MARKER: ink}), Process=Dictionary(Components=Array([Name("/" + MARKER)])),
        MixingHints=Dictionary(DotGain=script()))])  # fmt: skip
    _more(
        pdf,
        page,
        b"/A cs 1 scn 200 0 9 9 re f /B cs 1 scn 220 0 9 9 re f",
        ColorSpace=Dictionary(A=ink, B=inks),
    )


def _profile_with_words(pdf: Pdf, page: Any) -> None:
    profile = Stream(
        pdf,
        bytes(128) + MARKER.encode(),
        N=3,
        Alternate=Name.DeviceRGB,
        Metadata=Stream(pdf, MARKER.encode()),
    )
    _more(
        pdf, page, b"/A cs 1 0 0 scn 200 0 9 9 re f", ColorSpace=Dictionary(A=Array([Name.ICCBased, profile]))
    )


def _space_in_itself(pdf: Pdf, page: Any) -> None:
    space = pdf.make_indirect(Array([Name.Indexed, Name.DeviceRGB, 1, String(MARKER)]))
    space[1] = space
    other = pdf.make_indirect(Array([Name.Pattern, Name.DeviceRGB]))
    other[1] = other
    _more(
        pdf,
        page,
        b"/A cs 0 scn 200 0 9 9 re f /B cs 0 scn 200 0 9 9 re f",
        ColorSpace=Dictionary(A=space, B=other),
    )


def _tiles(pdf: Pdf, page: Any) -> None:
    tile = Stream(pdf, b"0 0 5 5 re f /X Do", PatternType=1, PaintType=1, TilingType=1, BBox=_UNIT, XStep=9, YStep=9, Own=String(MARKER), AA=script(),
                  Resources=Dictionary(XObject=Dictionary(X=Stream(pdf, b"", Subtype=Name.PS, Level1=Stream(pdf, MARKER.encode())))))  # fmt: skip
    _more(pdf, page, b"/Pattern cs /P scn 200 0 18 18 re f", Pattern=Dictionary(P=tile))


def _tiny_tiles(pdf: Pdf, page: Any) -> None:
    tile = Stream(
        pdf,
        b"0 0 1 1 re f",
        PatternType=1,
        PaintType=1,
        TilingType=1,
        BBox=_UNIT,
        XStep=0.0001,
        YStep=0.0001,
        Own=String(MARKER),
        Resources=Dictionary(),
    )
    _more(pdf, page, b"/Pattern cs /P scn 200 0 99 99 re f", Pattern=Dictionary(P=tile))


def _fine_dashes(pdf: Pdf, page: Any) -> None:
    _more(pdf, page, b"q [0.00001 0.00001] 0 d 200 5 m 300 5 l S [] 0 d Q %%%s\n" % MARKER.encode())


def _shaded_by_code(pdf: Pdf, page: Any) -> None:
    code = _program(pdf, b"{ dup dup %% %s\n}" % MARKER.encode())
    shading = Dictionary(
        ShadingType=2, ColorSpace=Name.DeviceRGB, Coords=Array([200, 0, 300, 0]), Function=code, Own=script()
    )
    _more(pdf, page, b"q 200 0 9 9 re W n /S sh Q", Shading=Dictionary(S=shading))


def _large_table(pdf: Pdf, page: Any) -> None:
    """A table of values whose size is the product of many."""
    table = Stream(
        pdf,
        MARKER.encode(),
        FunctionType=0,
        Domain=Array([0, 1] * 8),
        Range=Array([0, 1] * 3),
        Size=Array([255] * 8),
        BitsPerSample=32,
    )
    inks = Array([Name.DeviceN, Array([Name(f"/I{at}") for at in range(8)]), Name.DeviceRGB, table])
    _more(pdf, page, b"/A cs 0 0 0 0 0 0 0 1 scn 200 0 9 9 re f", ColorSpace=Dictionary(A=inks))


# -- types --------------------------------------------------------------------------------------------------------


def _of_other_types(pdf: Pdf, page: Any) -> None:
    """Everything that may be left out, as what it must not be."""
    said = String(MARKER)
    page.Annots, page.Group, page.UserUnit, page.Rotate, page.CropBox = (
        said,
        said,
        said,
        said,
        Array([said] * 4),
    )
    page.StructParents, page.Metadata, page.Trans, page.B = said, said, said, said
    root = pdf.Root
    root.Outlines, root.PageLabels, root.Names, root.Dests, root.AcroForm = said, said, said, said, said
    root.OCProperties, root.StructTreeRoot, root.MarkInfo, root.OpenAction, root.AA, root.URI = (
        said,
        said,
        said,
        said,
        said,
        said,
    )


def _lists_of_odd_things(pdf: Pdf, page: Any) -> None:
    inner: Any = Dictionary(JS=String(MARKER))
    for _level in range(60):
        inner = Array([inner])
    page.Annots = Array(
        [
            inner,
            None,
            7,
            String(MARKER),
            Name("/" + MARKER),
            Array([]),
            Dictionary(),
            Dictionary(Subtype=Name.Link, Rect=Array([1, 2, 3]), A=Array([script()])),
            page.obj,
            pdf.Root,
        ]
    )
    pdf.Root.Outlines = Dictionary(
        First=Dictionary(Title=Array([inner]), A=Array([script()]), Dest=inner), Last=String(MARKER), Count=-7
    )


def _lying_structure(pdf: Pdf, page: Any) -> None:
    tree = structured(pdf, page, ActualText=String(VISIBLE), Alt=String("a\u202eb"))
    tree.K[0].K = Array(
        [
            0,
            0,
            -1,
            99,
            2**30,
            Dictionary(Type=Name.MCR, Pg=page.obj, MCID=0, Stm=Stream(pdf, MARKER.encode()), StmOwn=script()),
        ]
    )
    tree.Namespaces, tree.PronunciationLexicon = (
        Array([Dictionary(NS=String(MARKER), RoleMapNS=Dictionary())]),
        Array([Dictionary(F=String(MARKER))]),
    )
    tree.AF, tree.ParentTree = Array([Dictionary(F=String(MARKER))]), Dictionary(Kids=Array([tree]))


MENDS: dict[str, Mend] = {
    "layer off by a list of all": _hidden_by(lambda group: Dictionary(Type=Name.OCMD, OCGs=Array([group]), P=Name.AllOn)),
    "layer off by an expression": _hidden_by(lambda group: Dictionary(Type=Name.OCMD, VE=Array([Name.And, group, Array([Name.Not, Array([Name.Not, group])])]))),
    "layer off because it is on": _hidden_by(lambda group: Dictionary(Type=Name.OCMD, OCGs=Array([group]), P=Name.AllOff), off=False),
    "layer off by its base state": _all_off,
    "layer off around one that is on": _hidden_within,
    "layer off to the end": _hidden_and_left_open,
    "layer of parts": _hidden_parts,
    "layer for printing": _on_print_alone,
    "operators of no one": _operators_of_no_one,
    "inline picture with more": _inline_picture_with_more,
    "marks out of step": _marks_out_of_step,
    "content cut between streams": _cut_between_streams,
    "form in itself": _form_in_itself,
    "forms without end": _forms_without_end,
    "letters of letters": _letters_of_letters,
    "masks of masks": _masks_of_masks,
    "filters on filters": _filters_on_filters,
    "predictor of another size": _odd_predictor,
    "state for printers": _printers_state,
    "mask with code": _mask_with_code,
    "ink with code": _ink_with_code,
    "profile with words": _profile_with_words,
    "space in itself": _space_in_itself,
    "tiles": _tiles,
    "tiny tiles": _tiny_tiles,
    "fine dashes": _fine_dashes,
    "shaded by code": _shaded_by_code,
    "large table": _large_table,
    "other types": _of_other_types,
    "lists of odd things": _lists_of_odd_things,
    "structure that lies": _lying_structure,
}  # fmt: skip
#: nothing clean can be made of what draws without end
REFUSED = {
    "form in itself", "forms without end", "tiny tiles", "letters of letters", "masks of masks",
}  # fmt: skip

ATTACKS = tuple(
    Attack(name, lambda mend=mend: page_file(lambda pdf, page: mend(pdf, page)))
    for name, mend in MENDS.items()
)
