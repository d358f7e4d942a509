"""Small Office and PDF files of our own, run through handlers and readers once before children are forked.

Tables that parsers fill and patterns that compile on first use are then ready in every child, not made anew in each.
"""

import io
import zipfile
import zlib

_PACKAGE = "http://schemas.openxmlformats.org/package/2006/"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
_MAIN = "application/vnd.openxmlformats-officedocument."
_RELATIONS = "application/vnd.openxmlformats-package.relationships+xml"
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_X = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_P = "http://schemas.openxmlformats.org/presentationml/2006/main"
# Type: main part, its content type, its content.
_SAMPLES = {
    "docx": (
        "word/document.xml", f"{_MAIN}wordprocessingml.document.main+xml",
        f'<w:document xmlns:w="{_W}"><w:body><w:p><w:r><w:t>words</w:t></w:r></w:p></w:body></w:document>',
    ),
    "xlsx": (
        "xl/workbook.xml", f"{_MAIN}spreadsheetml.sheet.main+xml", f'<workbook xmlns="{_X}"><sheets/></workbook>',
    ),
    "pptx": (
        "ppt/presentation.xml", f"{_MAIN}presentationml.presentation.main+xml", f'<p:presentation xmlns:p="{_P}"/>',
    ),
}  # fmt: skip


def samples() -> dict[str, bytes]:
    """The smallest file of each Office type and a page of PDF, by the id of the type."""
    return {kind: _package(*parts) for kind, parts in _SAMPLES.items()} | {"pdf": _page()}


def _page() -> bytes:
    """A page of one word, in the syntax that clean files have."""
    drawn = zlib.compress(b"q\nBT\n/F5 12 Tf\n20 20 Td\n<576f7264> Tj\nET\nQ\n")
    objects = (
        b"<</Type /Catalog /Pages 2 0 R>>", b"<</Type /Pages /Kids [3 0 R] /Count 1>>",
        b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] /Resources <</Font <</F5 5 0 R>>>> /Contents 4 0 R>>",
        b"<</Filter /FlateDecode /Length %d>>\nstream\n%s\nendstream" % (len(drawn), drawn),
        b"<</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>",
    )  # fmt: skip
    out, places = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = (
        b"xref\n0 6\n0000000000 65535 f \n"
        + table
        + b"trailer\n<</Size 6 /Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n"
    )
    return out + end % len(out)


def _package(main: str, kind: str, content: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", (
            f'<Types xmlns="{_PACKAGE}content-types"><Default Extension="rels" ContentType="{_RELATIONS}"/>'
            f'<Override PartName="/{main}" ContentType="{kind}"/></Types>'
        ))  # fmt: skip
        package.writestr("_rels/.rels", (
            f'<Relationships xmlns="{_PACKAGE}relationships"><Relationship Id="rId1" Type="{_OFFICE}" '
            f'Target="{main}"/></Relationships>'
        ))  # fmt: skip
        package.writestr(main, content)
    return out.getvalue()
