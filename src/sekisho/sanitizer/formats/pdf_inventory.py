"""What a source holds that will not come through: named for the report, object by object.

This is evidence for people, not the protection: the writers keep by allow-list, whatever is found or missed here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import pikepdf

from sekisho.sanitizer.formats import pdf_fields, pdf_moves, pdf_names, pdf_source
from sekisho.sanitizer.formats.job import Job
from sekisho.sanitizer.formats.pdf_looks import to_draw
from sekisho.sanitizer.formats.pdf_parts.values import entry, keys, shown_key
from sekisho.sanitizer.formats.pdf_weighing import refuse_endless

_PIECE = 1 << 20
# qpdf writes names decoded, so /J#61vaScript is found as /JavaScript. A longer name must not match a shorter one.
_END = rb"(?![A-Za-z0-9_.:-])"
_SIGNS: tuple[tuple[str, bytes], ...] = (
    ("pdf.javascript", rb"/(?:JavaScript|JS)"),
    ("pdf.open_action", rb"/OpenAction"),
    ("pdf.additional_actions", rb"/(?:AA|PA)"),
    ("pdf.chained_action", rb"/Next\s*(?:\[|<<|\d+ \d+ R\s*/S\b)"),
    ("pdf.launch", rb"/S\s*/Launch"),
    ("pdf.submit", rb"/S\s*/(?:SubmitForm|ImportData|ResetForm)"),
    ("pdf.go_elsewhere", rb"/S\s*/(?:GoToR|GoToE|Thread|GoToDp)"),
    ("pdf.multimedia", rb"/(?:S|Subtype)\s*/(?:Rendition|Movie|Sound|RichMedia|RichMediaExecute|GoTo3DView|3D|Screen|Trans)"),
    ("pdf.hide", rb"/S\s*/(?:Hide|SetOCGState)"),
    ("pdf.named_action", rb"/S\s*/Named"),
    ("pdf.embedded_file", rb"/(?:EmbeddedFiles|EmbeddedFile|EF|AF|Collection|FileAttachment)"),
    ("pdf.xfa", rb"/XFA"),
    ("pdf.external", rb"/(?:FFilter|OPI|Ref|FS\s*/URL)"),
    ("pdf.private_data", rb"/PieceInfo"),
    ("pdf.form", rb"/AcroForm"),
    ("pdf.signature_lost", rb"/(?:FT\s*/Sig|ByteRange)"),
    ("pdf.layers", rb"/OCProperties"),
    ("metadata.removed", rb"/(?:Metadata|Author|Creator|Producer)"),
    ("pdf.tags_lost", rb"/StructTreeRoot"),
    ("pdf.comment", rb"/Subtype\s*/(?:Text|Popup|FreeText|Highlight|Underline|StrikeOut|Squiggly|Ink|Stamp|Caret"
     rb"|Line|Square|Circle|Polygon|PolyLine|Redact|Watermark|PrinterMark|TrapNet|Projection)"),
    ("pdf.content", rb"/Subtype2?\s*/PS"),
)  # fmt: skip
# Most objects have none of the names that signs are made of, which is soon seen; the others are searched for those.
_NAME = re.compile(rb"/([A-Za-z0-9]+)")
_EVERYWHERE = {b"S", b"Subtype", b"FS", b"FT", b"R"}
_SIGNS_BY_NAME: dict[bytes, list[tuple[str, re.Pattern[bytes]]]] = {}
for _code, _pattern in _SIGNS:
    for _name in set(re.findall(rb"[A-Z0-9][A-Za-z0-9]*", _pattern)) - _EVERYWHERE:
        _SIGNS_BY_NAME.setdefault(_name, []).append((_code, re.compile(b"(?:" + _pattern + b")" + _END)))
# What may colour a page without being a colour of anything drawn: patterns, glyphs drawn by procedures (Type 3),
# transfer functions.
_TINTING = {b"PatternType", b"Type3", b"TR", b"TR2"}
_LOST = {"pdf.signature_lost", "pdf.tags_lost", "pdf.form", "pdf.layers"}
# Of the catalog, its names and pages: what comes through in some form, means nothing in a new file, or has a sign above.
_OF_CATALOG = {
    "Type", "Version", "Pages", "PageLabels", "Names", "Dests", "ViewerPreferences", "PageLayout", "PageMode",
    "Outlines", "Lang", "StructTreeRoot", "MarkInfo", "OpenAction", "AA", "AcroForm", "Metadata", "PieceInfo",
    "OCProperties", "Collection", "AF",
}  # fmt: skip
_OF_NAMES = {"Dests", "JavaScript", "EmbeddedFiles"}
_OF_PAGES = {
    "Type", "Parent", "Resources", "MediaBox", "CropBox", "BleedBox", "TrimBox", "ArtBox", "Contents", "Rotate",
    "Group", "Annots", "StructParents", "UserUnit", "Tabs", "LastModified", "AA", "Metadata", "PieceInfo", "AF",
}  # fmt: skip


@dataclass(frozen=True)
class Facts:
    """What pdfium does not tell of a source: how many pages its tree leads to, which of them (from 0) are in other units
    than points, whether it has layers, what addresses lean on, and whether pages may show colours that nothing drawn
    on them has.
    """

    pages: int = 0
    units: Mapping[int, float] = field(default_factory=dict)
    has_layers: bool = False
    base: bytes = b""
    tints: bool = True


def report_source(job: Job) -> Facts:
    """Report what the source holds, where it can be read object by object. Raises ``Refused`` where it draws without end."""
    try:
        with pdf_source.parsed(job) as pdf:
            refuse_endless(pdf)
            pdf_names.require_order(job, pdf)
            pdf_moves.require_places(job, pdf)
            fields = pdf_fields.left(pdf)
            lacks_letters = pdf_fields.lack_letters(fields)
            if pdf_source.Undrawn.mend not in job.mends and (
                to_draw(pdf, with_comments=job.keep.comments)
                or (not lacks_letters and pdf_fields.to_letter(fields))
            ):
                raise pdf_source.Undrawn
            if lacks_letters:
                job.warn("pdf.letters_missing")
            tints = report(job, pdf)
            return Facts(
                len(pdf.pages),
                pdf_source.user_units(pdf),
                bool(keys(entry(pdf.Root, "OCProperties"))),
                pdf_source.base_address(pdf),
                tints or len(pdf.objects) > pdf_source.MAX_OBJECTS,
            )
    except (pikepdf.PdfError, ValueError, RuntimeError):
        return Facts()


def report(job: Job, pdf: pikepdf.Pdf, *, with_tags: bool = False) -> bool:
    """Report what an opened source holds; ``with_tags`` where its structure came through.

    Returns whether anything in it may tint pages, see ``Facts``.
    """
    if pdf.is_encrypted:
        job.changed("pdf.password_removed")
    _report_keys(job, pdf)
    tints = False
    keeps_metadata = job.keep.metadata and job.method == "rebuilt"
    for number, text in pdf_source.spelled(pdf):
        names = set(_NAME.findall(text))
        tints = tints or not _TINTING.isdisjoint(names)
        for code in _signs(names, text):
            if (code == "metadata.removed" and keeps_metadata) or (code == "pdf.tags_lost" and with_tags):
                continue
            action = "lost" if code in _LOST else "removed"
            if code == "pdf.comment":
                if not job.keep.comments:
                    continue  # who takes it off the page says so
                action = "changed"  # what it shows is on the page; where objects stay, what it says is in a plain note
            where: dict[str, Any] = {} if code == "metadata.removed" else {"object": number}
            is_pictured = code == "pdf.comment" and job.method == "pixel"
            job.removed("pdf.comment_pictured" if is_pictured else code, action=action, **where)
    report_bytes(job, job.source)
    return tints


def _signs(names: set[bytes], text: bytes) -> list[str]:
    """The codes of the signs in an object, of which these are all names."""
    candidates = {sign for found in names & _SIGNS_BY_NAME.keys() for sign in _SIGNS_BY_NAME[found]}
    return sorted({code for code, pattern in candidates if pattern.search(text)})


def _report_keys(job: Job, pdf: pikepdf.Pdf) -> None:
    """What the catalog and the pages hold beyond what such a file may."""
    for key in keys(pdf.Root) + keys(entry(pdf.Root, "Names")):
        if key not in _OF_CATALOG | _OF_NAMES:
            job.removed("pdf.unknown_key", detail=shown_key(key))
    for number, page in enumerate(pdf.pages, start=1):
        for key in keys(page.obj):
            if key not in _OF_PAGES:
                job.removed("pdf.unknown_key", detail=shown_key(key), page=number)


def report_bytes(job: Job, source: BinaryIO) -> None:
    """What stands outside the objects: before the header, after the end, and earlier versions of the file."""
    source.seek(0)
    start, updates, ended, follows, rest = source.read(1024), -1, False, False, b""
    if not start.startswith(b"%PDF-"):
        job.removed("pdf.prefix")
    source.seek(0)
    while piece := source.read(_PIECE):
        joined = rest + piece
        # What begins in one piece and ends in the next is counted in the next.
        updates += joined.count(b"startxref") - rest.count(b"startxref")
        if (end := joined.rfind(b"%%EOF")) >= 0:
            ended, follows = True, bool(joined[end + 5 :].strip())
        elif ended and piece.strip():
            follows = True
        rest = piece[-8:]
    if follows:
        job.removed("pdf.data_after_end")
    if updates > 0 and b"/Linearized" not in start:
        job.removed("pdf.earlier_versions", count=updates)
