"""Small Office files of our own, run through handlers and readers once before children are forked.

Tables that parsers fill and patterns that compile on first use are then ready in every child, not made anew in each.
"""

import io
import zipfile

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
    """The smallest file of each Office type, by the id of its type."""
    return {kind: _package(*parts) for kind, parts in _SAMPLES.items()}


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
