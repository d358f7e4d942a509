"""PDF files that act, load, hide or deceive. Every marker points at loopback or is a word of its own."""

import io
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String

MARKER = "MARKER-127.0.0.1"
VISIBLE = "Visible words"


@dataclass(frozen=True)
class Attack:
    """``build`` makes the file; its page shows ``VISIBLE``. ``password`` opens it."""

    name: str
    build: Callable[[], bytes]
    password: str | None = None


def page_file(mend: Callable[[Pdf, Any], None] = lambda pdf, page: None, **saving: Any) -> bytes:
    """A one-page file with visible words, after ``mend`` has done its harm."""
    pdf = Pdf.new()
    pdf.add_blank_page(page_size=(300, 200))
    page = pdf.pages[0]
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    page.Resources = Dictionary(Font=Dictionary(F=pdf.make_indirect(font)))
    page.Contents = Stream(pdf, f"BT /F 14 Tf 20 100 Td ({VISIBLE}) Tj ET".encode())
    mend(pdf, page)
    out = io.BytesIO()
    pdf.save(out, **saving)
    return out.getvalue()


def script() -> Dictionary:
    return Dictionary(S=Name.JavaScript, JS=String(f"app.launchURL('{MARKER}')"))


ACTIONS: dict[str, Callable[[], Dictionary]] = {
    "javascript": script,
    "launch": lambda: Dictionary(S=Name.Launch, F=String(MARKER)),
    "submit": lambda: Dictionary(S=Name.SubmitForm, F=Dictionary(FS=Name.URL, F=String(f"http://{MARKER}/"))),
    "import": lambda: Dictionary(S=Name.ImportData, F=String(MARKER)),
    "goto_remote": lambda: Dictionary(S=Name.GoToR, F=String(f"\\\\{MARKER}\\a"), D=Array([0, Name.Fit])),
    "goto_embedded": lambda: Dictionary(S=Name.GoToE, F=String(MARKER), D=String("a")),
    "rendition": lambda: Dictionary(S=Name.Rendition, OP=0, JS=String(MARKER)),
    "movie": lambda: Dictionary(S=Name.Movie, T=String(MARKER)),
    "hide": lambda: Dictionary(S=Name.Hide, T=String(MARKER)),
    "uri_script": lambda: Dictionary(S=Name.URI, URI=String(f"javascript:{MARKER}")),
    "uri_file": lambda: Dictionary(S=Name.URI, URI=String(f"file://{MARKER}/a")),
    "uri_unc": lambda: Dictionary(S=Name.URI, URI=String(f"\\\\{MARKER}\\a")),
    "uri_office": lambda: Dictionary(S=Name.URI, URI=String(f"ms-word:ofe|u|http://{MARKER}/")),
    "next_chain": lambda: Dictionary(S=Name.URI, URI=String("https://www.example.lg.jp/"), Next=script()),
}


def _on_open(pdf: Pdf, page: Any, action: Dictionary) -> None:
    pdf.Root.OpenAction = action


def _on_page(pdf: Pdf, page: Any, action: Dictionary) -> None:
    page.AA = Dictionary(O=action)


def _on_catalog(pdf: Pdf, page: Any, action: Dictionary) -> None:
    pdf.Root.AA = Dictionary(WC=action)


def _on_link(pdf: Pdf, page: Any, action: Dictionary) -> None:
    link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 300, 200]), A=action)
    page.Annots = Array([pdf.make_indirect(link)])


def _on_field(pdf: Pdf, page: Any, action: Dictionary) -> None:
    field = pdf.make_indirect(Dictionary(
        Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T=String("a"), Rect=Array([0, 0, 50, 20]),
        AA=Dictionary(K=action, F=action),
    ))  # fmt: skip
    page.Annots = Array([field])
    pdf.Root.AcroForm = Dictionary(Fields=Array([field]), CO=Array([field]))


def _on_outline(pdf: Pdf, page: Any, action: Dictionary) -> None:
    item = pdf.make_indirect(Dictionary(Title=String("x"), A=action))
    pdf.Root.Outlines = pdf.make_indirect(Dictionary(Type=Name.Outlines, First=item, Last=item, Count=1))
    item.Parent = pdf.Root.Outlines


def _in_name_tree(pdf: Pdf, page: Any, action: Dictionary) -> None:
    pdf.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array([String("a"), action])))


PLACES = {
    "open": _on_open, "page": _on_page, "catalog": _on_catalog, "link": _on_link, "field": _on_field,
    "outline": _on_outline, "names": _in_name_tree,
}  # fmt: skip


def _file_spec(pdf: Pdf) -> Dictionary:
    content = Stream(pdf, MARKER.encode())
    content.Type = Name.EmbeddedFile
    return Dictionary(Type=Name.Filespec, F=String("a.exe"), UF=String("a.exe"), EF=Dictionary(F=content))


def _embedded(pdf: Pdf, page: Any) -> None:
    pdf.Root.Names = Dictionary(EmbeddedFiles=Dictionary(Names=Array([String("a"), _file_spec(pdf)])))
    pdf.Root.Collection = Dictionary(View=Name.D)


def _attached(pdf: Pdf, page: Any) -> None:
    pdf.Root.AF = Array([_file_spec(pdf)])
    note = Dictionary(
        Type=Name.Annot, Subtype=Name.FileAttachment, Rect=Array([0, 0, 9, 9]), FS=_file_spec(pdf)
    )
    page.Annots = Array([pdf.make_indirect(note)])


def _annotation(kind: str) -> Callable[[Pdf, Any], None]:
    def mend(pdf: Pdf, page: Any) -> None:
        note = Dictionary(
            Type=Name.Annot,
            Rect=Array([0, 0, 9, 9]),
            T=String(f"<b>{MARKER}"),
            RC=String(f"<body>{MARKER}"),
            Contents=String("a note"),
        )
        note.Subtype = Name("/" + kind)
        page.Annots = Array([pdf.make_indirect(note)])

    return mend


def _xfa(pdf: Pdf, page: Any) -> None:
    xml = f"<!DOCTYPE x [<!ENTITY e SYSTEM 'http://{MARKER}/'>]><xdp>&e;</xdp>".encode()
    pdf.Root.AcroForm = Dictionary(Fields=Array([]), XFA=Stream(pdf, xml))


def _metadata(pdf: Pdf, page: Any) -> None:
    pdf.Root.Metadata = Stream(pdf, f"<x:xmpmeta>{MARKER}</x:xmpmeta>".encode())
    pdf.docinfo["/Author"] = MARKER


def _external_stream(pdf: Pdf, page: Any) -> None:
    outside = Stream(pdf, b"")
    outside.F = Dictionary(FS=Name.URL, F=String(f"http://{MARKER}/"))
    page.Contents = Array([page.Contents, outside])


def _private(pdf: Pdf, page: Any) -> None:
    page.PieceInfo = Dictionary(X=Dictionary(Private=String(MARKER), LastModified=String("D:2026")))


def _orphan(pdf: Pdf, page: Any) -> None:
    pdf.Root.Extensions = Dictionary(X=Stream(pdf, MARKER.encode()))


def _base(pdf: Pdf, page: Any) -> None:
    """An address that only the base makes whole."""
    pdf.Root.URI = Dictionary(Base=String("http://127.0.0.1/"))
    _on_link(pdf, page, Dictionary(S=Name.URI, URI=String(f"a/{MARKER}")))


def _font_matrix(pdf: Pdf, page: Any) -> None:
    program = Stream(pdf, f"%!PS-AdobeFont-1.0\n/FontMatrix [1 0 0 1 0 ({MARKER})] def".encode())
    page.Resources.Font.F.FontDescriptor = Dictionary(Type=Name.FontDescriptor, FontFile=program)


def _calculator(pdf: Pdf, page: Any) -> None:
    function = Stream(pdf, b"{ 1 exch sub }")
    function.FunctionType, function.Domain, function.Range = 4, Array([0, 1]), Array([0, 1])
    page.Resources.ExtGState = Dictionary(G=Dictionary(TR=function, Marker=String(MARKER)))


def _hidden_layer(pdf: Pdf, page: Any) -> None:
    group = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String(MARKER)))
    pdf.Root.OCProperties = Dictionary(OCGs=Array([group]), D=Dictionary(OFF=Array([group])))
    page.Resources.Properties = Dictionary(L=group)
    page.contents_add(Stream(pdf, f"/OC /L BDC BT /F 14 Tf 20 50 Td ({MARKER}) Tj ET EMC".encode()))


def _updated() -> bytes:
    """An incremental update that replaces the catalog by one that acts."""
    base = page_file()
    root = (
        b"1 0 obj\n<</Type/Catalog/Pages 3 0 R/OpenAction<</S/JavaScript/JS(%s)>>>>\nendobj\n"
        % MARKER.encode()
    )
    return base + root + b"xref\n0 0\ntrailer\n<</Size 9/Root 1 0 R/Prev 0>>\nstartxref\n0\n%%EOF\n"


def _escaped_names() -> bytes:
    found = page_file(lambda pdf, page: _on_open(pdf, page, script()))
    return found.replace(b"/JavaScript", b"/J#61vaScript").replace(b"/OpenAction", b"/Open#41ction")


def _bomb(pdf: Pdf, page: Any) -> None:
    inner = zlib.compress(zlib.compress(bytes(30_000_000)) + MARKER.encode())
    packed = Stream(pdf, b"")
    packed.write(inner, filter=Array([Name.FlateDecode, Name.FlateDecode]))
    pdf.Root.Extensions = packed


def structured(pdf: Pdf, page: Any, **more: Any) -> Any:
    """Mark the words of the page as the paragraph of a document; ``more`` entries are of its element."""
    page.Contents = Stream(pdf, f"/P <</MCID 0>> BDC BT /F 14 Tf 20 100 Td ({VISIBLE}) Tj ET EMC".encode())
    page.StructParents = 0
    paragraph = pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.P, K=0, Pg=page.obj, **more))
    tree = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot, K=Array([paragraph])))
    paragraph.P = tree
    tree.ParentTree = Dictionary(Nums=Array([0, Array([paragraph])]))
    pdf.Root.StructTreeRoot, pdf.Root.MarkInfo = tree, Dictionary(Marked=True)
    return tree


def _structure_with_files(pdf: Pdf, page: Any) -> None:
    file = Dictionary(Type=Name.Filespec, F=String(MARKER), EF=Dictionary(F=Stream(pdf, MARKER.encode())))
    structured(pdf, page, AF=Array([pdf.make_indirect(file)]), NS=Dictionary(NS=String(MARKER), Schema=file))


def _structure_that_acts(pdf: Pdf, page: Any) -> None:
    owned = Dictionary(O=Name.Table, A=script(), Scope=Name("/" + MARKER))
    tree = structured(pdf, page, A=Array([owned, script()]), AA=Dictionary(O=script()), C=Name("/" + MARKER))
    screen = pdf.make_indirect(
        Dictionary(Type=Name.Annot, Subtype=Name.Screen, Rect=Array([0, 0, 9, 9]), A=script())
    )
    tree.K.append(Dictionary(S=Name.Annot, K=Dictionary(Type=Name.OBJR, Obj=screen)))


def _structure_by_other_names(pdf: Pdf, page: Any) -> None:
    tree = structured(
        pdf, page, T=String(MARKER), E=String(MARKER), ID=String(MARKER), R=1, Lang=String(MARKER)
    )
    tree.K[0].S = Name("/" + MARKER)
    tree.RoleMap = Dictionary({"/" + MARKER: Name.Own, "/Own": Name("/" + MARKER)})
    tree.ClassMap = Dictionary({"/" + MARKER: Dictionary(O=Name.Layout, Note=String(MARKER))})
    tree.IDTree = Dictionary(Names=Array([String(MARKER), tree.K[0]]))


def _structure_in_a_ring(pdf: Pdf, page: Any) -> None:
    tree = structured(pdf, page)
    tree.K[0].K = Array([0, tree.K[0], tree, Dictionary(S=Name.Span, K=tree.K, Note=String(MARKER))])


def _attacks() -> Iterator[Attack]:
    for place, put in PLACES.items():
        for name, action in ACTIONS.items():
            yield Attack(f"{name}_{place}", lambda put=put, action=action: page_file(
                lambda pdf, page: put(pdf, page, action())))  # fmt: skip
    mends = {
        "embedded": _embedded, "attached": _attached, "xfa": _xfa, "metadata": _metadata, "private": _private,
        "external_stream": _external_stream, "orphan": _orphan, "uri_base": _base, "font_matrix": _font_matrix,
        "calculator_function": _calculator, "hidden_layer": _hidden_layer, "flate_bomb": _bomb,
        "structure_with_files": _structure_with_files, "structure_that_acts": _structure_that_acts,
        "structure_by_other_names": _structure_by_other_names, "structure_in_a_ring": _structure_in_a_ring,
        **{f"annotation_{kind}": _annotation(kind)
           for kind in ("Text", "FreeText", "Screen", "Movie", "Sound", "RichMedia", "3D", "Popup", "Stamp")},
    }  # fmt: skip
    for name, mend in mends.items():
        yield Attack(name, lambda mend=mend: page_file(mend))
    streams = pikepdf.ObjectStreamMode.generate
    yield Attack("object_streams", lambda: page_file(
        lambda pdf, page: _on_open(pdf, page, script()), object_stream_mode=streams))  # fmt: skip
    yield Attack("incremental_update", _updated)
    yield Attack("escaped_names", _escaped_names)
    yield Attack("data_after_end", lambda: page_file() + b"PK\x03\x04" + MARKER.encode())
    yield Attack(
        "leading_blanks", lambda: b"\n\n  \n" + page_file(lambda pdf, page: _on_open(pdf, page, script()))
    )


ATTACKS = tuple(_attacks())
