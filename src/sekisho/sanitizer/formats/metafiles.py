"""Windows metafiles (EMF, WMF): lists of drawing commands, drawn by LibreOffice and kept as pixels.

All metafiles of a document go into one letter that we write, a page of its own size for each; LibreOffice, outside the
walls of this process and inside its own, makes a PDF of the letter, and its pages are drawn here. No command survives.
Sizes: [MS-EMF] 2.3.4.2 (frame in hundredths of a millimetre), [MS-WMF] 2.3.2.3 (placeable header).
"""

import io
import struct
import zipfile
from collections.abc import Sequence

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image

from sekisho.sanitizer.formats import images
from sekisho.sanitizer.formats.job import Job
from sekisho.sanitizer.formats.metafile_blends import on_white
from sekisho.sanitizer.results import Refused

_EMF, _PLACEABLE, _WMF = b"\x01\x00\x00\x00", b"\xd7\xcd\xc6\x9a", (b"\x01\x00\x09\x00", b"\x02\x00\x09\x00")
MAX_METAFILES = 1_200  # different ones in one document
_IN_A_LETTER = 400  # each takes hundredths of a second beside the seconds in which LibreOffice starts
_SCREEN_DPI, DRAWN_DPI = 96, 192
_LARGEST = 2_000  # pixels a side on screen
_UNKNOWN_SIZE = (320, 240)
_TWIPS, _EMU = 15, 9_525  # in a pixel of the screen
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


def is_metafile(data: bytes) -> bool:
    """Whether a picture is a list of commands rather than pixels."""
    return data.startswith((_EMF, _PLACEABLE, *_WMF))


def size_of(data: bytes) -> tuple[int, int]:
    """Width and height in pixels of the screen, as the metafile says; an ordinary size when it says nothing usable."""
    try:
        if data.startswith(_EMF):
            left, top, right, bottom = struct.unpack_from("<4i", data, 24)
            unit = 2_540
        else:
            left, top, right, bottom, unit = struct.unpack_from("<4hH", data, 6)
    except struct.error:
        return _UNKNOWN_SIZE
    if not data.startswith((_EMF, _PLACEABLE)) or not unit:
        return _UNKNOWN_SIZE
    across, down = (right - left) * _SCREEN_DPI / unit, (bottom - top) * _SCREEN_DPI / unit
    if across <= 0 or down <= 0:
        return _UNKNOWN_SIZE
    scale = min(1.0, _LARGEST / max(across, down))
    return max(1, round(across * scale)), max(1, round(down * scale))


def rebuild(job: Job) -> None:
    """Write a metafile as a PNG. Raises ``Refused`` when there is no program that draws it."""
    drawn = draw(job, [job.data])[0]
    if drawn is None:
        raise job.broken()
    out = io.BytesIO()
    drawn.save(out, "PNG")
    written = images.encode(job, out.getvalue(), "png")
    job.produced = "png"
    job.output.write(written)


def draw(job: Job, metafiles: Sequence[bytes]) -> list[Image.Image | None]:
    """Each metafile as pixels, None for one that could not be drawn. Raises ``Refused`` when none can be."""
    found: list[Image.Image | None] = []
    for at in range(0, len(metafiles), _IN_A_LETTER):
        try:
            found += _drawn(job, metafiles[at : at + _IN_A_LETTER])
        except Refused:
            if not found:
                raise
            break
    return [*found, *[None] * (len(metafiles) - len(found))]


def _drawn(job: Job, metafiles: Sequence[bytes]) -> list[Image.Image | None]:
    sizes = [size_of(data) for data in metafiles]
    pdf = job.converted_letter(_letter(metafiles, sizes))
    try:
        document = pypdfium2.PdfDocument(pdf)
    except pypdfium2.PdfiumError as error:
        raise job.broken() from error
    if len(document) < len(metafiles):  # pages are told apart by their place alone
        raise Refused("fidelity.failed", what="pages")
    return [_pixels(document, number) for number in range(len(metafiles))]


def _pixels(document: pypdfium2.PdfDocument, number: int) -> Image.Image | None:
    try:
        page = document[number]
        drawn = page.render(
            scale=DRAWN_DPI / 72, fill_color=(255, 255, 255, 0), force_bitmap_format=pdfium.FPDFBitmap_BGRA
        )
        picture: Image.Image = drawn.to_pil().convert("RGBA")
    except (pypdfium2.PdfiumError, ValueError):
        return None
    return picture if picture.getchannel("A").getbbox() else None


# -- the letter ---------------------------------------------------------------------------------------------------


def _letter(metafiles: Sequence[bytes], sizes: Sequence[tuple[int, int]]) -> bytes:
    """A Word document whose every page is one metafile, edge to edge."""
    out = io.BytesIO()
    names = [
        f"media/m{number}.{'emf' if data.startswith(_EMF) else 'wmf'}"
        for number, data in enumerate(metafiles)
    ]
    pages = [_page(number, size, last=number == len(sizes) - 1) for number, size in enumerate(sizes)]
    links = "".join(
        f'<Relationship Id="m{number}" Type="{_RELATIONS}/image" Target="{name}"/>'
        for number, name in enumerate(names)
    )
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", (
            f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="emf" ContentType="image/x-emf"/>'
            f'<Default Extension="wmf" ContentType="image/x-wmf"/><Default Extension="rels" '
            f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/word/document.xml" ContentType="{_MAIN}"/></Types>'
        ))  # fmt: skip
        package.writestr("_rels/.rels", (
            f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r" Type="{_RELATIONS}/officeDocument" '
            f'Target="word/document.xml"/></Relationships>'
        ))  # fmt: skip
        package.writestr(
            "word/_rels/document.xml.rels",
            f'<Relationships xmlns="{_PACKAGE}/relationships">{links}</Relationships>',
        )
        package.writestr("word/document.xml", (
            f'<w:document xmlns:w="{_W}" xmlns:wp="{_DRAWING}wordprocessingDrawing" xmlns:a="{_DRAWING}main" '
            f'xmlns:pic="{_DRAWING}picture" xmlns:r="{_RELATIONS}"><w:body>{"".join(pages)}</w:body></w:document>'
        ))  # fmt: skip
        for name, data in zip(names, metafiles, strict=True):
            package.writestr(f"word/{name}", on_white(data) if data.startswith(_EMF) else data)
    return out.getvalue()


def _page(number: int, size: tuple[int, int], *, last: bool) -> str:
    across, down = (side * _EMU for side in size)
    extent = f'cx="{across}" cy="{down}"'
    section = (
        f'<w:sectPr><w:pgSz w:w="{size[0] * _TWIPS}" w:h="{size[1] * _TWIPS}"/><w:pgMar w:top="0" w:right="0" w:bottom="0" '
        f'w:left="0" w:header="0" w:footer="0" w:gutter="0"/></w:sectPr>'
    )
    picture = (
        f'<w:r><w:drawing><wp:anchor distT="0" distB="0" distL="0" distR="0" simplePos="0" relativeHeight="1" behindDoc="1" '
        f'locked="0" layoutInCell="1" allowOverlap="1"><wp:simplePos x="0" y="0"/><wp:positionH relativeFrom="page">'
        f'<wp:posOffset>0</wp:posOffset></wp:positionH><wp:positionV relativeFrom="page"><wp:posOffset>0</wp:posOffset>'
        f'</wp:positionV><wp:extent {extent}/><wp:wrapNone/><wp:docPr id="{number + 1}" name="m"/><a:graphic><a:graphicData '
        f'uri="{_DRAWING}picture"><pic:pic><pic:nvPicPr><pic:cNvPr id="0" name="m"/><pic:cNvPicPr/></pic:nvPicPr>'
        f'<pic:blipFill><a:blip r:embed="m{number}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm>'
        f'<a:off x="0" y="0"/><a:ext {extent}/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic>'
        f"</a:graphicData></a:graphic></wp:anchor></w:drawing></w:r>"
    )
    small = '<w:spacing w:before="0" w:after="0" w:line="20" w:lineRule="exact"/>'
    ending = "" if last else section
    return f"<w:p><w:pPr>{small}{ending}</w:pPr>{picture}</w:p>{section if last else ''}"
