"""Sources that one parser reads otherwise than another: page trees that lie, and fields and comments that nobody drew.

A page that one parser finds and the other does not must not be lost in silence.

qpdf finds pages by following the tree, pdfium by the counts that stand in it. Where qpdf finds more, it writes the
source anew with a tree of one level, and both read that. Where it finds fewer, pages are missing, as in a file that was
cut off, and nothing is mended. What only one of them can open, it writes anew, and both read that. Fields without an
appearance are drawn by pdfium (what it sets badly by ``pdf_fields``), comments by ``pdf_looks`` and fields without a form
by ``pdf_strays``, as readers do, before they are read. Maps of fonts that only other readers understand are written as
pdfium understands them, names of places that it does not find are put in order (``pdf_names``), and what turns pages by a
command is led to them (``pdf_moves``).
"""

from collections.abc import Callable
from typing import BinaryIO

import pikepdf
import pypdfium2
import pypdfium2.raw as pdfium

from sekisho.sanitizer.formats import pdf_fields, pdf_looks, pdf_moves, pdf_names, pdf_source
from sekisho.sanitizer.formats.job import Job
from sekisho.sanitizer.formats.pdf_inventory import report_bytes
from sekisho.sanitizer.formats.pdf_parts import cmaps
from sekisho.sanitizer.formats.pdf_parts.values import decoded, entry, inherited
from sekisho.sanitizer.results import Refused

_INHERITED = ("Resources", "MediaBox", "CropBox", "Rotate")  # by pages from the nodes above them (7.7.3.4)


def on_sound_pages(job: Job, rebuild: Callable[[Job], None]) -> None:
    """Run ``rebuild`` on the source, and where it raises ``Unsound``, on the source as it is mended, in each way once."""
    received, told = job.source, list[str]()
    while True:
        try:
            rebuild(job)
            return
        except pdf_source.Unsound as unsound:
            if unsound.mend in job.mends:
                raise job.broken() from unsound
            mend = unsound.mend
        job.start_over()
        report_bytes(job, received)
        try:
            codes, source = _MENDS[mend](job)
        except (pikepdf.PikepdfError, pypdfium2.PdfiumError, ValueError, RuntimeError) as error:
            raise job.broken() from error
        job.read_instead(source, mend)
        told += codes
        for code in told:
            job.changed(code)


def lacks_looks(job: Job, pdf: pikepdf.Pdf) -> bool:
    """Whether anything is left to be drawn by whoever shows the document. Raises ``Refused`` where we cannot do it."""
    if pdf_source.Undrawn.mend in job.mends:
        return False
    fields = pdf_fields.left(pdf)
    if pdf_fields.lack_letters(fields):
        raise Refused("pdf.letters_missing")
    return bool(fields) or bool(pdf_looks.to_draw(pdf, with_comments=job.keep.comments))


def _with_looks(job: Job) -> tuple[list[str], BinaryIO]:
    """The source with what each comment and stray field shows, and as pdfium keeps it once it has given each field its appearance."""
    codes, source = list[str](), job.source
    with pdf_source.parsed(job) as pdf:
        fields = pdf_fields.left(pdf)
        if pdf_fields.lack_letters(fields):
            fields = {}  # the picture of the page is left to show them
        draws_fields, to_letter = bool(fields), pdf_fields.to_letter(fields)
        if drawing := pdf_looks.to_draw(pdf, with_comments=job.keep.comments):
            codes = _codes_of(pdf, *drawing)
            for draw in drawing.values():
                codes += draw(pdf)
            source = job.new_file()
            pdf.save(source)
    if not draws_fields:
        return codes, source
    if source is not job.source:
        job.read_instead(source, "")
    source = _as_pdfium_keeps(job)
    if to_letter:
        made = job.new_file()
        with pikepdf.open(source) as pdf:
            codes += pdf_fields.letter(pdf, to_letter)
            pdf.save(made)
        source = made
    return [*codes, "pdf.fields_drawn"], source


def _written_by_pdfium(job: Job) -> tuple[list[str], BinaryIO]:
    """The source as pdfium keeps it. Where there is a password, that and no damage is why."""
    document = pdf_source.opened(job)
    is_encrypted = pdfium.FPDF_GetSecurityHandlerRevision(document) >= 0
    document.close()
    return ["pdf.password_removed" if is_encrypted else "pdf.pages_mended"], _as_pdfium_keeps(job)


def _as_pdfium_keeps(job: Job) -> BinaryIO:
    made = job.new_file()
    document = pdf_source.opened(job)
    document.init_forms()
    for page in document:
        page.close()
    document.save(made, flags=pdfium.FPDF_REMOVE_SECURITY)
    document.close()
    return made


def _with_flat_tree(job: Job) -> tuple[list[str], BinaryIO]:
    made = job.new_file()
    with pdf_source.parsed(job) as pdf:
        count = len(pdf.pages)
        job.check_limit("pages", count)
        if not count:
            raise ValueError
        codes = _codes_of(pdf, "pdf.pages_mended")
        _flatten(pdf)
        pdf.save(made, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return codes, made


def _opened_by_qpdf(job: Job) -> tuple[list[str], BinaryIO]:
    """As ``_with_flat_tree``; where there is a password, that and no damage is why."""
    codes, made = _with_flat_tree(job)
    return codes[:1], made


def _with_maps(job: Job) -> tuple[list[str], BinaryIO]:
    """The source with maps of codes to glyphs that pdfium reads, too."""
    made = job.new_file()
    with pdf_source.parsed(job) as pdf:
        codes = _codes_of(pdf, "pdf.map_mended")
        for font in pdf.objects:
            encoding = entry(font, "Encoding") if isinstance(font, pikepdf.Dictionary) else None
            if isinstance(encoding, pikepdf.Stream) and (mended := cmaps.with_cids(decoded(encoding))):
                encoding.write(mended)
        pdf.save(made)
    return codes, made


def _with_names_in_order(job: Job) -> tuple[list[str], BinaryIO]:
    return _changed(job, pdf_names.put_in_order, "pdf.names_mended")


def _with_places_to_turn_to(job: Job) -> tuple[list[str], BinaryIO]:
    return _changed(job, pdf_moves.put_places, "pdf.turns_mended")


def _changed(job: Job, change: Callable[[pikepdf.Pdf], object], code: str) -> tuple[list[str], BinaryIO]:
    """The source as qpdf writes it once ``change`` has been at it, and the codes that tell of it."""
    made = job.new_file()
    with pdf_source.parsed(job) as pdf:
        codes = _codes_of(pdf, code)
        change(pdf)
        pdf.save(made)
    return codes, made


def _codes_of(pdf: pikepdf.Pdf, *codes: str) -> list[str]:
    """What is to be told of a source that qpdf writes anew: it comes without its password."""
    return ["pdf.password_removed", *codes] if pdf.is_encrypted else [*codes]


def _flatten(pdf: pikepdf.Pdf) -> None:
    """Put all pages under one new root, each with what it had from the nodes above it."""
    pages = [page.obj for page in pdf.pages]
    tree = pdf.make_indirect(
        pikepdf.Dictionary(Type=pikepdf.Name.Pages, Kids=pikepdf.Array(pages), Count=len(pages))
    )
    for page in pages:
        for key in _INHERITED:
            if (value := inherited(page, key)) is not None:
                page[f"/{key}"] = value
        page.Parent = tree
    pdf.Root.Pages = tree


_MENDS = {
    pdf_source.Unopened.mend: _written_by_pdfium,
    pdf_source.Shut.mend: _opened_by_qpdf,
    pdf_source.Torn.mend: _with_flat_tree,
    pdf_source.Undrawn.mend: _with_looks,
    pdf_source.Misread.mend: _with_maps,
    pdf_source.Astray.mend: _with_names_in_order,
    pdf_source.Turning.mend: _with_places_to_turn_to,
}
