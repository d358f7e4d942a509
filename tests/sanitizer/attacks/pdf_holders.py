"""PDF files that carry: files and private words in places of the document that no page shows."""

from collections.abc import Callable
from typing import Any

from pikepdf import Array, Dictionary, Name, Pdf, Stream, String

from .pdf import MARKER, VISIBLE, Attack, page_file, script, structured

Mend = Callable[[Pdf, Any], Any]
_WHERE = f"http://{MARKER}/"
_XML = f"<!DOCTYPE x [<!ENTITY e SYSTEM '{_WHERE}'>]><x:xmpmeta>&e;{MARKER}</x:xmpmeta>".encode()


def _words(pdf: Pdf, **more: Any) -> Stream:
    return Stream(pdf, MARKER.encode(), **more)


def _file(pdf: Pdf, relation: Name = Name.Source) -> Any:
    content = _words(pdf, Type=Name.EmbeddedFile, Subtype=Name("/application/x-msdownload"))
    related = Array([String("b.exe"), content])
    return pdf.make_indirect(Dictionary(
        Type=Name.Filespec, F=String("a.pdf"), UF=String("a\u202efdp.exe"), DOS=String("A.EXE"), AFRelationship=relation,
        EF=Dictionary(F=content, UF=content, DOS=content, Unix=content, Mac=content), RF=Dictionary(F=related),
        Desc=String(MARKER), Thumb=_words(pdf), CI=Dictionary(Name=String(MARKER)), EP=Dictionary(Version=1),
    ))  # fmt: skip


def _annotation(pdf: Pdf, page: Any, kind: str, **more: Any) -> Any:
    found = pdf.make_indirect(
        Dictionary(Type=Name.Annot, Subtype=Name("/" + kind), Rect=Array([200, 0, 220, 20]), **more)
    )
    page.Annots = Array([*page.get("/Annots", []), found])
    return found


def _drawn(pdf: Pdf, page: Any, content: bytes = b"0 0 9 9 re f", **more: Any) -> Any:
    """A form that the page draws."""
    form = pdf.make_indirect(
        Stream(pdf, content, Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 9, 9]), **more)
    )
    page.Resources.XObject = Dictionary(X=form)
    page.contents_add(Stream(pdf, b"q 1 0 0 1 200 0 cm /X Do Q"))
    return form


def _pictured(pdf: Pdf, page: Any, **more: Any) -> Any:
    """A picture that the page draws."""
    picture = pdf.make_indirect(Stream(
        pdf, b"\x80", Type=Name.XObject, Subtype=Name.Image, Width=1, Height=1, BitsPerComponent=8,
        ColorSpace=Name.DeviceGray, **more,
    ))  # fmt: skip
    page.Resources.XObject = Dictionary(X=picture)
    page.contents_add(Stream(pdf, b"q 9 0 0 9 200 0 cm /X Do Q"))
    return picture


def _collection(pdf: Pdf, page: Any) -> None:
    pdf.Root.Names = Dictionary(EmbeddedFiles=Dictionary(Kids=Array([pdf.make_indirect(
        Dictionary(Limits=Array([String("a"), String("b")]), Names=Array([String("a"), _file(pdf)])))])))  # fmt: skip
    field = Dictionary(Type=Name.CollectionField, Subtype=Name.S, N=String(MARKER))
    folder = Dictionary(Type=Name.Folder, ID=0, Name=String(MARKER), Thumb=_words(pdf))
    pdf.Root.Collection = Dictionary(
        Schema=Dictionary(Name=field),
        D=String("a"),
        View=Name.C,
        Folders=folder,
        Navigator=Dictionary(SWF=String(MARKER)),
    )


def _property_list(pdf: Pdf, page: Any) -> None:
    page.Resources.Properties = Dictionary(M=Dictionary(AF=Array([_file(pdf)]), Metadata=_words(pdf)))
    page.Contents = Stream(pdf, f"/AF /M BDC BT /F 14 Tf 20 100 Td ({VISIBLE}) Tj ET EMC /P /M DP".encode())


def _words_in_marks(pdf: Pdf, page: Any) -> None:
    told = f"/X <</Alt ({MARKER}) /E ({MARKER}) /Contents ({MARKER}) /T [({MARKER})]>>"
    shown = f"BT /F 14 Tf 20 100 Td ({VISIBLE}) Tj ET"
    page.Contents = Stream(
        pdf,
        f"{told} BDC {shown} EMC {told} DP /{MARKER} MP /{MARKER} BMC EMC BX ({MARKER}) zz EX % {MARKER}\n".encode(),
    )


def _interactive(pdf: Pdf, page: Any, xfa: Any) -> None:
    field = _annotation(pdf, page, "Widget", FT=Name.Tx, T=String(MARKER), TU=String(MARKER), TM=String(MARKER),
                        DV=String(MARKER), RV=String(f"<body>{MARKER}</body>"), MaxLen=3)  # fmt: skip
    pdf.Root.AcroForm = Dictionary(Fields=Array([field]), XFA=xfa, DA=String("/F 0 Tf"), SigFlags=3)
    pdf.Root.NeedsRendering = True


def _xfa_in_pieces(pdf: Pdf, page: Any) -> None:
    names = ("preamble", "template", "datasets", "config", "postamble")
    packets = [part for name in names for part in (String(name), Stream(pdf, _XML))]
    _interactive(pdf, page, Array([*packets, Array(packets), String(MARKER)]))


def _signed(pdf: Pdf, page: Any) -> None:
    signature = pdf.make_indirect(Dictionary(
        Type=Name.Sig, Filter=Name("/Adobe.PPKLite"), SubFilter=Name("/adbe.pkcs7.detached"), Contents=String(MARKER),
        ByteRange=Array([0, 1, 2, 3]), Name=String(MARKER), Reason=String(MARKER), ContactInfo=String(MARKER),
        Prop_Build=Dictionary(App=Dictionary(Name=Name("/" + MARKER))), Cert=String(MARKER),
        Reference=Array([Dictionary(TransformMethod=Name.DocMDP, Data=pdf.Root, TransformParams=Dictionary(P=1))]),
    ))  # fmt: skip
    lock = Dictionary(Type=Name.SigFieldLock, Action=Name.Include, Fields=Array([String(MARKER)]))
    seed = Dictionary(
        Type=Name.SV, TimeStamp=Dictionary(URL=String(_WHERE)), Cert=Dictionary(URL=String(_WHERE))
    )
    field = _annotation(pdf, page, "Widget", FT=Name.Sig, T=String("a"), V=signature, Lock=lock, SV=seed)
    pdf.Root.AcroForm = Dictionary(Fields=Array([field]), SigFlags=3)
    pdf.Root.Perms = Dictionary(DocMDP=signature, UR3=signature)
    pdf.Root.DSS = Dictionary(
        Certs=Array([_words(pdf)]), CRLs=Array([_words(pdf)]), VRI=Dictionary(A=Dictionary(TU=String(MARKER)))
    )
    pdf.Root.Legal = Dictionary(JavaScriptActions=1, Attestation=String(MARKER))


def _on_the_catalog(**entries: Any) -> Mend:
    return lambda pdf, page: [setattr(pdf.Root, key, value(pdf, page)) for key, value in entries.items()]


def _on_the_page(**entries: Any) -> Mend:
    return lambda pdf, page: [setattr(page, key, value(pdf, page)) for key, value in entries.items()]


def _said(pdf: Pdf, page: Any) -> Any:
    return String(MARKER)


def _captured(pdf: Pdf, page: Any) -> Any:
    command = pdf.make_indirect(
        Dictionary(URL=String(_WHERE), P=_words(pdf), CT=String("text/html"), H=String(MARKER))
    )
    content = pdf.make_indirect(
        Dictionary(
            Type=Name.SpiderContentSet,
            S=Name.SPS,
            T=String(MARKER),
            SI=Dictionary(AU=String(_WHERE), C=command),
        )
    )
    pdf.Root.Names = Dictionary(
        URLS=Dictionary(Names=Array([String(_WHERE), content])),
        IDS=Dictionary(Names=Array([String("a"), content])),
    )
    page.ID, page.PZ = String(MARKER), 1
    return Dictionary(V=1.0, C=Array([command]))


def _intents(pdf: Pdf, page: Any) -> Any:
    elsewhere = Dictionary(
        URLs=Array([Dictionary(FS=Name.URL, F=String(_WHERE))]), ProfileName=String(MARKER)
    )
    return Array([Dictionary(Type=Name.OutputIntent, S=Name.GTS_PDFX, OutputConditionIdentifier=String(MARKER),
                             RegistryName=String(_WHERE), DestOutputProfile=_words(pdf, N=3), DestOutputProfileRef=elsewhere)])  # fmt: skip


def _measured(pdf: Pdf, page: Any) -> Any:
    measure = Dictionary(
        Type=Name.Measure,
        Subtype=Name.GEO,
        GCS=Dictionary(Type=Name.PROJCS, WKT=String(MARKER)),
        R=String(MARKER),
    )
    points = Dictionary(Type=Name.PtData, Subtype=Name.Cloud, Names=Array([Name("/" + MARKER)]))
    return Array(
        [
            Dictionary(
                Type=Name.Viewport,
                BBox=Array([0, 0, 9, 9]),
                Name=String(MARKER),
                Measure=measure,
                PtData=points,
            )
        ]
    )


def _rich_media(pdf: Pdf, page: Any) -> None:
    instance = Dictionary(
        Type=Name.RichMediaInstance,
        Subtype=Name.Flash,
        Asset=_file(pdf),
        Params=Dictionary(FlashVars=String(MARKER)),
    )
    assets = Dictionary(Names=Array([String("a.swf"), _file(pdf)]))
    shown = Dictionary(
        Assets=assets, Configurations=Array([Dictionary(Subtype=Name.Flash, Instances=Array([instance]))])
    )
    settings = Dictionary(
        Activation=Dictionary(Condition=Name.PO, Scripts=Array([_file(pdf)])),
        Deactivation=Dictionary(Condition=Name.XD),
    )
    _annotation(pdf, page, "RichMedia", RichMediaContent=shown, RichMediaSettings=settings)


def _three_dimensions(pdf: Pdf, page: Any) -> None:
    model = _words(
        pdf,
        Type=Name("/3D"),
        Subtype=Name.U3D,
        OnInstantiate=_words(pdf),
        Resources=Dictionary(Names=Array([String("a"), _file(pdf)])),
    )
    found = _annotation(pdf, page, "3D")
    found["/3DD"], found["/3DA"], found["/3DV"] = model, Dictionary(A=Name.PO), Dictionary(XN=String(MARKER))


def _words_of_notes(pdf: Pdf, page: Any) -> None:
    more = Dictionary(Type=Name.ExData, Subtype=Name.Markup3D, MD5=String(MARKER), Note=String(MARKER))
    _annotation(pdf, page, "Highlight", Contents=String("a note"), T=String(f"<img src={MARKER}>"), Subj=String(MARKER), NM=String(MARKER),
                RC=String(f"<body xmlns='x'>{MARKER}</body>"), DS=String(MARKER), ExData=more, AF=Array([_file(pdf)]),
                AP=Dictionary(N=Stream(pdf, b"0 0 20 20 re f", Subtype=Name.Form, BBox=Array([0, 0, 20, 20])),
                              R=_words(pdf, Subtype=Name.Form), D=_words(pdf, Subtype=Name.Form)))  # fmt: skip


def _print_marks(pdf: Pdf, page: Any) -> None:
    _annotation(
        pdf,
        page,
        "Watermark",
        FixedPrint=Dictionary(Type=Name.FixedPrint, Note=String(MARKER)),
        LastModified=String(MARKER),
    )
    _annotation(
        pdf, page, "PrinterMark", MN=Name("/" + MARKER), OC=Dictionary(Type=Name.OCG, Name=String(MARKER))
    )
    _annotation(pdf, page, "TrapNet", Version=Array([_words(pdf)]), FontFauxing=Array([String(MARKER)]))
    _annotation(pdf, page, "Projection", ExData=Dictionary(M3DREF=_words(pdf)))
    _annotation(
        pdf,
        page,
        "Redact",
        OverlayText=String(MARKER),
        RO=_words(pdf, Subtype=Name.Form, BBox=Array([0, 0, 9, 9])),
    )


def _on_everything(pdf: Pdf, page: Any) -> None:
    """The same private entries on every dictionary there is."""
    _drawn(pdf, page)
    for holder in (
        pdf.Root,
        pdf.Root.Pages,
        page.obj,
        page.Resources,
        page.Resources.Font,
        page.Resources.Font.F,
        page.Contents[0],
    ):
        holder.Metadata, holder.PieceInfo = Stream(pdf, _XML), Dictionary(Own=Dictionary(Private=_words(pdf)))
        holder.AF, holder.Own, holder["/" + MARKER] = Array([_file(pdf)]), String(MARKER), script()
    pdf.docinfo["/" + MARKER], pdf.docinfo["/Keywords"], pdf.docinfo["/Trapped"] = (
        "x",
        MARKER,
        Name("/" + MARKER),
    )
    pdf.trailer.Own, pdf.trailer.ID = String(MARKER), Array([String(MARKER), String(MARKER)])


_DRAWINGS: dict[str, Callable[[Pdf], dict[str, Any]]] = {
    "OPI": lambda pdf: {"OPI": Dictionary({"/2.0": Dictionary(Type=Name.OPI, F=Dictionary(FS=Name.URL, F=String(_WHERE)), MainImage=String(MARKER))})},
    "a reference to another document": lambda pdf: {"Ref": Dictionary(F=_file(pdf), Page=0, ID=Array([String(MARKER)] * 2))},
    "files": lambda pdf: {"AF": Array([_file(pdf)])},
    "metadata and private data": lambda pdf: {"Metadata": Stream(pdf, _XML), "PieceInfo": Dictionary(A=Dictionary(Private=_words(pdf)))},
    "PostScript": lambda pdf: {"PS": _words(pdf), "Subtype2": Name.PS, "Level1": _words(pdf)},
    "measures": lambda pdf: {"Measure": Dictionary(R=String(MARKER)), "PtData": Dictionary(Names=Array([String(MARKER)]))},
}  # fmt: skip
_IN_FORMS = {
    f"form with {name}": lambda pdf, page, more=more: _drawn(pdf, page, **more(pdf))
    for name, more in _DRAWINGS.items()
}
_IN_PICTURES = {
    f"picture with {name}": lambda pdf, page, more=more: _pictured(pdf, page, **more(pdf))
    for name, more in _DRAWINGS.items()
}


def _alternates(pdf: Pdf, page: Any) -> None:
    other = Stream(
        pdf,
        b"",
        Subtype=Name.Image,
        Width=1,
        Height=1,
        F=Dictionary(FS=Name.URL, F=String(_WHERE)),
        FFilter=Name.DCTDecode,
    )
    _pictured(
        pdf,
        page,
        Alternates=Array(
            [Dictionary(Image=other, DefaultForPrinting=True, OC=Dictionary(Name=String(MARKER)))]
        ),
    )


def _postscript(pdf: Pdf, page: Any) -> None:
    page.Resources.XObject = Dictionary(X=_words(pdf, Type=Name.XObject, Subtype=Name.PS, Level1=_words(pdf)))
    page.contents_add(Stream(pdf, b"/X Do"))


MENDS: dict[str, Mend] = {
    "collection of files": _collection,
    "files of the document": _on_the_catalog(AF=lambda pdf, page: Array([_file(pdf, Name.Data)])),
    "files of the page": _on_the_page(AF=lambda pdf, page: _file(pdf)),
    "files of a piece of content": _property_list,
    "files of an element": lambda pdf, page: structured(pdf, page, AF=_file(pdf), PhoneticAlphabet=Name.ipa, Phoneme=String(MARKER)),
    "file behind a pin": lambda pdf, page: _annotation(pdf, page, "FileAttachment", FS=_file(pdf), Name=Name.Paperclip, Contents=String("a note")),
    "rich media": _rich_media,
    "three dimensions": _three_dimensions,
    "words of notes": _words_of_notes,
    "marks for printers": _print_marks,
    "words in marks": _words_in_marks,
    "XFA in pieces": _xfa_in_pieces,
    "XFA as one": lambda pdf, page: _interactive(pdf, page, Stream(pdf, _XML)),
    "signatures and rights": _signed,
    "web capture": _on_the_catalog(SpiderInfo=_captured),
    "output intents": _on_the_catalog(OutputIntents=_intents),
    "measures of a map": _on_the_page(VP=_measured),
    "extensions": _on_the_catalog(Extensions=lambda pdf, page: Dictionary({"/" + MARKER: Dictionary(BaseVersion=Name("/1.7"), URL=String(_WHERE))})),
    "parts of the document": _on_the_catalog(DPartRoot=lambda pdf, page: Dictionary(Type=Name.DPartRoot, NodeNameList=Array([Name("/" + MARKER)]), DPartRootNode=Dictionary(DPM=Dictionary(A=String(MARKER))))),
    "settings of the viewer": _on_the_catalog(ViewerPreferences=lambda pdf, page: Dictionary(HideToolbar=True, Enforce=Array([Name("/" + MARKER)]), NonFullScreenPageMode=Name("/" + MARKER), Own=String(MARKER))),
    "modes and languages": _on_the_catalog(PageMode=lambda pdf, page: Name("/" + MARKER), PageLayout=_said, Lang=_said, Version=lambda pdf, page: Name("/" + MARKER), PageLabels=_said),
    "a thumbnail": _on_the_page(Thumb=lambda pdf, page: _words(pdf, Width=1, Height=1, ColorSpace=Name.DeviceGray, BitsPerComponent=8)),
    "colours of plates": _on_the_page(SeparationInfo=lambda pdf, page: Dictionary(DeviceColorant=String(MARKER), Pages=Array([page.obj])), BoxColorInfo=lambda pdf, page: Dictionary(Own=String(MARKER))),
    "tabs and times of a page": _on_the_page(Tabs=lambda pdf, page: Name("/" + MARKER), LastModified=_said, Hid=lambda pdf, page: True, DPart=lambda pdf, page: Dictionary(A=String(MARKER)), TemplateInstantiated=lambda pdf, page: Name("/" + MARKER)),
    "private entries everywhere": _on_everything,
    "alternates": _alternates,
    "PostScript": _postscript,
    **_IN_FORMS,
    **_IN_PICTURES,
}  # fmt: skip

ATTACKS = tuple(
    Attack(name, lambda mend=mend: page_file(lambda pdf, page: mend(pdf, page)))
    for name, mend in MENDS.items()
)
