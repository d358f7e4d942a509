"""PDF files whose outer form deceives: updates, tables of objects, encryption, other types before and behind."""

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream

from .pdf import MARKER, VISIBLE, Attack, page_file, script

_SCRIPT = b"<</S/JavaScript/JS(app.launchURL('%s'))>>" % MARKER.encode()
_OPENING = b"/OpenAction " + _SCRIPT


def _acting(pdf: Pdf, page: Any) -> None:
    pdf.Root.OpenAction = pdf.make_indirect(script())
    page.AA = Dictionary(O=script())


def acting(**saving: Any) -> bytes:
    return page_file(_acting, **saving)


# -- written by hand ----------------------------------------------------------------------------------------------

_CONTENT = b"BT /F 14 Tf 20 100 Td (%s) Tj ET" % VISIBLE.encode()
_OBJECTS = {
    1: b"<</Type/Catalog/Pages 2 0 R>>",
    2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
    3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
    4: b"<</Length %d>>stream\n%s\nendstream" % (len(_CONTENT), _CONTENT),
    5: b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
}
_ACTING = {1: b"<</Type/Catalog/Pages 2 0 R%s>>" % _OPENING}


def _body(start: int, objects: dict[int, bytes]) -> tuple[bytes, dict[int, int]]:
    data, places = b"", {}
    for number, value in objects.items():
        places[number] = start + len(data)
        data += b"%d 0 obj\n%s\nendobj\n" % (number, value)
    return data, places


def _table(places: dict[int, int]) -> bytes:
    rows = b"".join(b"%d 1\n%010d 00000 n \n" % (number, place) for number, place in sorted(places.items()))
    return b"xref\n0 1\n0000000000 65535 f \n" + rows


def _end(
    places: dict[int, int], at: int, trailer: bytes = b"", size: int = 20, root: bytes = b"1 0 R"
) -> bytes:
    told = b"<</Size %d/Root %s%s>>" % (size, root, trailer)
    return b"%strailer\n%s\nstartxref\n%d\n%%%%EOF\n" % (_table(places), told, at)


def _plain(objects: dict[int, bytes] | None = None, head: bytes = b"%PDF-1.7\n", **more: Any) -> bytes:
    data, places = _body(len(head), objects or _OBJECTS)
    data = head + data
    return data + _end(places, len(data), **more)


def _updated(base: bytes, objects: dict[int, bytes], trailer: bytes = b"") -> bytes:
    """One more version behind a file."""
    before = int(base.rsplit(b"startxref", 1)[1].split()[0])
    data, places = _body(len(base), objects)
    data = base + data
    root = re.search(rb"/Root (\d+ 0 R)", base)
    assert root
    return data + _end(places, len(data), b"/Prev %d%s" % (before, trailer), root=root[1], size=60)


def _stream_table(
    data: bytes, places: dict[int, int], more: bytes = b"", packed: dict[int, tuple[int, int]] | None = None
) -> bytes:
    """A cross-reference stream, object 18; ``packed`` objects lie in an object stream at a place of it."""
    places = places | {18: len(data)}
    rows, index = b"", b""
    for number in sorted({*places, *(packed or {})}):
        kind, first, second = (2, *packed[number]) if packed and number in packed else (1, places[number], 0)
        rows += bytes([kind]) + first.to_bytes(4, "big") + second.to_bytes(2, "big")
        index += b"%d 1 " % number
    packed_rows = zlib.compress(rows)
    return data + (
        b"18 0 obj\n<</Type/XRef/Size 20/W[1 4 2]/Index[%s]/Root 1 0 R/Filter/FlateDecode/Length %d%s>>stream\n%s\n"
        b"endstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % (index, len(packed_rows), more, packed_rows, len(data))
    )  # fmt: skip


def _object_stream(inner: dict[int, bytes], more: bytes = b"") -> bytes:
    heads, body = b"", b""
    for number, value in inner.items():
        heads += b"%d %d " % (number, len(body))
        body += value + b" "
    packed = zlib.compress(heads + body)
    return b"<</Type/ObjStm/N %d/First %d/Filter/FlateDecode/Length %d%s>>stream\n%s\nendstream" % (
        len(inner), len(heads), len(packed), more, packed)  # fmt: skip


def _catalog_in_an_object_stream(more: bytes = b"", hidden: bool = False) -> bytes:
    """The catalog acts; with ``hidden`` another, harmless one of the same number lies in the open."""
    outside = (
        dict(_OBJECTS) if hidden else {number: value for number, value in _OBJECTS.items() if number != 1}
    )
    data, places = _body(9, outside | {17: _object_stream(_ACTING, more)})
    return _stream_table(b"%PDF-1.7\n" + data, places, packed={1: (17, 0)})


def _hybrid() -> bytes:
    """Readers of old see no action: the table of new ones has an object that the other lacks."""
    page = _OBJECTS[3].replace(b"/Parent", b"/AA<</O 6 0 R>>/Parent")
    data, places = _body(9, _OBJECTS | {3: page, 17: _object_stream({6: _SCRIPT})})
    data = b"%PDF-1.5\n" + data
    at = len(data)
    data = _stream_table(data, {17: places[17]}, packed={6: (17, 0)})
    del places[17]
    return data + _end(places, len(data), b"/XRefStm %d" % at)


def _several_ends() -> bytes:
    return _updated(_updated(_plain(), _ACTING), {6: b"<</Own(%s)>>" % MARKER.encode()}) + b"%%EOF\n%%EOF\n"


def _in_a_ring() -> bytes:
    data = _updated(_plain(), _ACTING)
    first, last = (found.start() for found in re.finditer(rb"xref\n0 1", data))
    return re.sub(
        rb"/Prev \d+", b"/Prev %d" % last, data.replace(b"/Root 1 0 R>>", b"/Root 1 0 R/Prev %d>>" % first, 1)
    )


def _behind_another(head: bytes) -> Callable[[], bytes]:
    return lambda: head + acting()


def _within_a_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as package:
        package.writestr("a.txt", MARKER)
    return acting() + out.getvalue()


def _in_comments() -> bytes:
    """What looks like objects in comments, strings and between objects."""
    noise = b"%%1 0 obj %s endobj\n(%s)\n99 0 obj (%s) endobj\n" % (
        _ACTING[1],
        MARKER.encode(),
        MARKER.encode(),
    )
    return _plain(head=b"%PDF-1.7\n" + noise)


def _with_generations() -> bytes:
    """The same number in several generations, the last acting."""
    data, places = _body(9, _OBJECTS)
    data = b"%PDF-1.7\n" + data
    again = len(data)
    data += b"1 1 obj\n%s\nendobj\n" % _ACTING[1]
    table = _table(places | {1: again}).replace(b"%010d 00000 n" % again, b"%010d 00001 n" % again)
    return data + b"%strailer\n<</Size 20/Root 1 1 R>>\nstartxref\n%d\n%%%%EOF\n" % (table, len(data))


def _names(escape: Callable[[str], str]) -> bytes:
    named = ("OpenAction", "JavaScript", "S", "JS", "Type", "Catalog", "AA", "O")
    action = "".join(
        "/" + escape(part) if part.isalpha() else part for part in ("S", " ", "JavaScript", " ", "JS")
    )
    catalog = (
        f"<</{escape('Type')}/{escape('Catalog')}/Pages 2 0 R/{escape('OpenAction')}<<{action}({MARKER})>>>>"
    )
    assert set(named)
    return _plain(_OBJECTS | {1: catalog.encode()})


def _script_as(said: bytes) -> Callable[[], bytes]:
    return lambda: _plain(
        _OBJECTS | {1: b"<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS %s>>>>" % said}
    )


def _deep_references() -> bytes:
    """The action at the end of a chain of objects that are references."""
    chain = {6 + step: b"%d 0 R" % (7 + step) for step in range(8)} | {14: _SCRIPT}
    return _plain(_OBJECTS | chain | {1: b"<</Type/Catalog/Pages 2 0 R/OpenAction 6 0 R>>"})


def _twice(key: bytes) -> bytes:
    """A key that stands twice: readers take the first or the last."""
    twice = b"<</Type/Catalog/Pages 2 0 R%s%s null>>" % (_OPENING, key)
    return _plain(_OBJECTS | {1: twice})


def _exempted(pdf: Pdf, page: Any) -> None:
    """A script that says of itself that it is not encrypted."""
    said = Stream(pdf, f"app.alert('{MARKER}')".encode())
    said.Filter, said.DecodeParms = (
        Name.Crypt,
        Dictionary(Type=Name.CryptFilterDecodeParms, Name=Name.Identity),
    )
    pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=said)
    pdf.Root.Metadata = Stream(pdf, MARKER.encode(), Type=Name.Metadata, Subtype=Name.XML)


def _locked(revision: int, **more: Any) -> Callable[[], bytes]:
    def build() -> bytes:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return page_file(_exempted, encryption=pikepdf.Encryption(
                user="ab", owner="cd", R=revision, aes=revision > 3, metadata=more.pop("metadata", revision > 3), **more))  # fmt: skip

    return build


def _ring_of_pages(pdf: Pdf, page: Any) -> None:
    _acting(pdf, page)
    pdf.Root.Pages.Kids.append(pdf.Root.Pages)


def _attributes_from_above(pdf: Pdf, page: Any) -> None:
    """Resources, and what comes with them, from nodes above the page."""
    above = pdf.make_indirect(
        Dictionary(
            Type=Name.Pages, Count=1, Kids=Array([page.obj]), Parent=pdf.Root.Pages, AA=Dictionary(O=script())
        )
    )
    above.Resources = page.Resources
    above.Resources.XObject = Dictionary(
        X=Stream(pdf, b"", Subtype=Name.PS, Level1=Stream(pdf, MARKER.encode()))
    )
    above.Annots = Array(
        [Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]), A=script())]
    )
    del page.Resources
    page.Parent = above
    page.contents_add(Stream(pdf, b"/X Do"))
    pdf.Root.Pages.Kids = Array([above])


_HEADS = {
    "blanks before": b"\n" * 900,
    "a picture before": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00",
    "a picture of lines before": b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff",
    "a page of the web before": b"<html><body onload=%s><!--\n" % MARKER.encode(),
    "a program before": b"MZ" + bytes(62) + b"PE\0\0" + MARKER.encode() + b"\n",
    "a shell script before": b"#!/bin/sh\n# %s\nexit\n" % MARKER.encode(),
    "another header before": b"%PDF-1.4\n% " + MARKER.encode() + b"\n",
    "a PostScript header before": b"%!PS-Adobe-3.0 PDF-1.7\n%%" + MARKER.encode() + b"\n",
    "a mail before": b"MIME-Version: 1.0\nContent-Type: text/html; x=%s\n\n" % MARKER.encode(),
}
#: what other programs take for something else comes back as a refusal
REFUSED = _HEADS.keys() - {"blanks before", "another header before"}
#: qpdf follows no ring
ONLY_AS_PICTURES = {"a ring of pages"}


def _attacks() -> Iterator[Attack]:
    yield from (Attack(name, _behind_another(head)) for name, head in _HEADS.items())
    built: dict[str, Callable[[], bytes]] = {
        "behind it a package": _within_a_zip,
        "an update that acts": lambda: _updated(_plain(), _ACTING),
        "an update that stops acting": lambda: _updated(_plain(_OBJECTS | _ACTING), {1: _OBJECTS[1]}),
        "an update of a page": lambda: _updated(_plain(), {3: _OBJECTS[3].replace(b"/Parent", b"/AA<</O%s>>/Parent" % _SCRIPT)}),
        "several ends": _several_ends,
        "versions in a ring": _in_a_ring,
        "two tables": _hybrid,
        "a catalog in an object stream": _catalog_in_an_object_stream,
        "a catalog in two places": lambda: _catalog_in_an_object_stream(hidden=True),
        "an object stream that extends itself": lambda: _catalog_in_an_object_stream(b"/Extends 17 0 R"),
        "no table": lambda: _plain(_OBJECTS | _ACTING).replace(b"xref\n0 1", b"fref\n0 1"),
        "a table that points elsewhere": lambda: re.sub(rb"startxref\n\d+", b"startxref\n7", _plain(_OBJECTS | _ACTING)),
        "a table without end": lambda: _plain(_OBJECTS | _ACTING, size=2_000_000_000),
        "a version nobody knows": lambda: acting().replace(b"%PDF-1.", b"%PDF-9.", 1),
        "generations": _with_generations,
        "objects in comments": _in_comments,
        "references in a chain": _deep_references,
        "a key twice": lambda: _twice(b"/OpenAction"),
        "names all escaped": lambda: _names(lambda name: "".join(f"#{ord(letter):02x}" for letter in name)),
        "names half escaped": lambda: _names(lambda name: f"{name[:-1]}#{ord(name[-1]):02X}"),
        "a script in octal": _script_as(b"(" + "".join(f"\\{ord(letter):03o}" for letter in MARKER).encode() + b")"),
        "a script in hexadecimal": _script_as(b"<" + b" ".join(b"%02x" % byte for byte in MARKER.encode()) + b">"),
        "a script on two lines": _script_as(b"(MARKER-\\\n127.0.\\\r\n0.1)"),
        "a script in UTF-8": _script_as(b"(\xef\xbb\xbf" + MARKER.encode() + b")"),
        "a script in UTF-16": _script_as(b"<feff" + MARKER.encode("utf-16-be").hex().encode() + b">"),
        "objects of all kinds in streams": lambda: acting(object_stream_mode=pikepdf.ObjectStreamMode.generate, compress_streams=True),
        "ordered for the web": lambda: acting(linearize=True),
        "ordered for the web and updated": lambda: _updated(acting(linearize=True), {40: b"<</Own(%s)>>" % MARKER.encode()}),
        "content in lines": lambda: acting(qdf=True),
        "a ring of pages": lambda: page_file(_ring_of_pages),
        "attributes from above": lambda: page_file(_attributes_from_above),
        "opened by anyone": lambda: acting(encryption=pikepdf.Encryption(user="", owner="x", R=6)),
    }  # fmt: skip
    yield from (Attack(name, build) for name, build in built.items())
    for revision in (2, 3, 4, 5, 6):
        yield Attack(f"locked by revision {revision}", _locked(revision), "ab")
    yield Attack("locked but for metadata", _locked(6, metadata=False), "cd")


ATTACKS = tuple(_attacks())
