"""Small Office and PDF files of our own, run through handlers and readers once before children are forked.

Tables that parsers fill and patterns that compile on first use are then ready in every child, not made anew in each.
"""

import io
import zipfile
import zlib

# How often each is taken through: the interpreter fits its code to what it meets only after some rounds.
ROUNDS = 12

_PACKAGE = "http://schemas.openxmlformats.org/package/2006/"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "application/vnd.openxmlformats-officedocument."
_RELATIONS = "application/vnd.openxmlformats-package.relationships+xml"
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_X = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_P = "http://schemas.openxmlformats.org/presentationml/2006/main"
_PARAGRAPH = (
    '<w:p><w:pPr><w:pStyle w:val="a"/><w:jc w:val="center"/></w:pPr>'
    '<w:r><w:rPr><w:b/><w:sz w:val="21"/></w:rPr><w:t xml:space="preserve">words {} </w:t></w:r></w:p>'
)
_STYLE = (
    '<w:style w:type="paragraph" w:styleId="a{0}"><w:name w:val="a {0}"/><w:basedOn w:val="a"/><w:qFormat/>'
    '<w:rPr><w:rFonts w:ascii="Arial" w:hAnsi="Arial"/><w:color w:val="1F497D"/><w:sz w:val="{0}"/></w:rPr></w:style>'
)
_ROW = (
    '<row r="{0}" spans="1:4"><c r="A{0}" t="s"><v>0</v></c><c r="B{0}" s="1"><v>{0}.5</v></c>'
    '<c r="C{0}"><f>B{0}*2</f><v>3</v></c><c r="D{0}" t="inlineStr"><is><t>words</t></is></c></row>'
)
_MANY = range(1, 21)
# Type: parts as (name, last word of the relation, content type, content), the main one first.
_SAMPLES = {
    "docx": (
        ("word/document.xml", "officeDocument", f"{_MAIN}wordprocessingml.document.main+xml",
         f'<w:document xmlns:w="{_W}"><w:body>{"".join(map(_PARAGRAPH.format, _MANY))}</w:body></w:document>'),
        ("word/styles.xml", "styles", f"{_MAIN}wordprocessingml.styles+xml",
         f'<w:styles xmlns:w="{_W}">{"".join(map(_STYLE.format, _MANY))}</w:styles>'),
    ),
    "xlsx": (
        ("xl/workbook.xml", "officeDocument", f"{_MAIN}spreadsheetml.sheet.main+xml",
         f'<workbook xmlns="{_X}" xmlns:r="{_R}"><sheets><sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>'),
        ("xl/worksheets/sheet1.xml", "worksheet", f"{_MAIN}spreadsheetml.worksheet+xml",
         f'<worksheet xmlns="{_X}"><sheetData>{"".join(map(_ROW.format, _MANY))}</sheetData></worksheet>'),
        ("xl/sharedStrings.xml", "sharedStrings", f"{_MAIN}spreadsheetml.sharedStrings+xml",
         f'<sst xmlns="{_X}"><si><t>words</t></si></sst>'),
    ),
    "pptx": (
        ("ppt/presentation.xml", "officeDocument", f"{_MAIN}presentationml.presentation.main+xml",
         f'<p:presentation xmlns:p="{_P}"/>'),
    ),
}  # fmt: skip


def samples() -> dict[str, bytes]:
    """A small file of each Office type and a page of PDF, by the id of the type."""
    return {kind: _package(parts) for kind, parts in _SAMPLES.items()} | {"pdf": _page()}


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


def _package(parts: tuple[tuple[str, str, str, str], ...]) -> bytes:
    main, *others = parts
    folder, _, name = main[0].rpartition("/")
    types = "".join(
        f'<Override PartName="/{part}" ContentType="{kind}"/>' for part, _word, kind, _text in parts
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", (
            f'<Types xmlns="{_PACKAGE}content-types"><Default Extension="rels" ContentType="{_RELATIONS}"/>{types}</Types>'
        ))  # fmt: skip
        package.writestr("_rels/.rels", _relations((main,)))
        package.writestr(f"{folder}/_rels/{name}.rels", _relations(tuple(others)))
        for part, _word, _kind, text in parts:
            package.writestr(part, text)
    return out.getvalue()


def _relations(parts: tuple[tuple[str, str, str, str], ...]) -> str:
    lines = "".join(
        f'<Relationship Id="rId{number}" Type="{_R}/{word}" Target="/{part}"/>'
        for number, (part, word, _kind, _text) in enumerate(parts, start=1)
    )
    return f'<Relationships xmlns="{_PACKAGE}relationships">{lines}</Relationships>'
