"""What a file is, told from its structure. A name decides only between plain text types.

Sniffers look at magic numbers first, then into containers (ZIP members, compound-file streams), then at text.
A file that two strong signatures claim is *ambiguous*: products would read it differently, so it is refused.
"""

import codecs
import io
import json
import re
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

import olefile

from sekisho.sanitizer.filetypes import COMPOUND_FILE, TYPES, FileType, types_by_extension

HEAD = 64 * 1024
# Readers find a PDF header within the first kilobyte (ISO 32000-1, Annex H, note 13).
PDF_WINDOW = 1024
_PDF_TAIL = 2048
_WITH_BYTES = {olefile.STGTY_STREAM, olefile.STGTY_ROOT}
_COMPOUND_HEAD, _TABLES_IN_HEAD = 512, 109  # bytes; sectors, which a list in the head names ([MS-CFB] 2.2)


@dataclass(frozen=True)
class Identity:
    """``rivals`` are the ids of other types the same bytes could pass for."""

    type: FileType
    rivals: tuple[str, ...] = ()


def identify(source: BinaryIO, *, extension: str = "") -> Identity:
    """The type of a seekable file, whose position is left at 0.

    ``extension`` (lower case, no dot) only chooses between txt, csv, tsv and md, which are all just text, and makes a
    mail of one that has hardly a header.
    Never raises for content; what is not recognised is ``unknown``.
    """
    source.seek(0)
    head = source.read(HEAD)
    try:
        found = _by_magic(head, source) or _pdf_behind(head, source) or _by_text(head, extension)
    finally:
        source.seek(0)
    return Identity(TYPES[found], tuple(rival for rival in _rivals(head, found) if rival != found))


# Strong signatures at offset 0. Longest first where one begins another.
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d\xae\xb1\x53\x78\xd0\x29\x96\xd3", "one"),
    (b"L\x00\x00\x00\x01\x14\x02\x00\x00\x00\x00\x00\xc0\x00\x00\x00\x00\x00\x00F", "lnk"),
    (b"SQLite format 3\x00", "sqlite"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"JwwData.", "jww"),
    (b"\x78\x9f\x3e\x22", "tnef"),
    (b"{\\rt", "rtf"),  # Word asks for no more
    # Office of the years around 1990, before compound files: Excel 2 to 4 ([MS-XLS] 2.4.21 BOF), Word 2
    (b"\x09\x00\x04\x00", "xls"),
    (b"\x09\x02\x06\x00", "xls"),
    (b"\x09\x04\x06\x00", "xls"),
    (b"\xdb\xa5\x2d\x00", "doc"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "zst"),
    (b"\x04\x22\x4d\x18", "lz4"),
    (b"\x1f\x9d\x90", "compress"),
    (b"8BPS\x00", "psd"),
    (b"\x00\x01\x00\x00Standard Jet DB", "access"),
    (b"\x00\x01\x00\x00Standard ACE DB", "access"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"II+\x00", "tiff"),
    (b"MM\x00+", "tiff"),
    (b"%!PS", "ps"),
    (b"\xc5\xd0\xd3\xc6", "ps"),
    (b"ITSF", "chm"),
    (b"MSCF", "cab"),
    (b"\x7fELF", "elf"),
    (b"\xfe\xed\xfa\xce", "macho"),
    (b"\xfe\xed\xfa\xcf", "macho"),
    (b"\xcf\xfa\xed\xfe", "macho"),
    (b"\xce\xfa\xed\xfe", "macho"),
    (b"FWS", "swf"),
    (b"CWS", "swf"),
    (b"ZWS", "swf"),
    (b"\xd7\xcd\xc6\x9a", "emf"),
    (b"\x01\x00\x09\x00\x00\x03", "emf"),
    (b"\x02\x00\x09\x00\x00\x03", "emf"),
    (b"ID3", "audio"),
    (b"OggS", "audio"),
    (b"fLaC", "audio"),
    (b"\x1aE\xdf\xa3", "video"),
    (b"AC10", "dwg"),
    (b"!BDN", "pst"),
    (b"PAR1", "parquet"),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "jp2"),
    (b"\xff\x4f\xff\x51\x00", "jp2"),
    (b"\x00\x00\x00\x0cJXL \r\n\x87\n", "jxl"),
    (b"\xff\x0a", "jxl"),
    (b"\xffWPC", "wordperfect"),
    (b"\x00\x00\x27\x0a" + bytes(20), "shapefile"),
    (b"MZ", "exe"),
)
_FTYP = {b"avif": "avif", b"avis": "avif", **dict.fromkeys((b"heic", b"heix", b"mif1", b"msf1", b"heim", b"heis", b"hevc"), "heic")}  # fmt: skip


def _by_magic(head: bytes, source: BinaryIO) -> str:
    if not head:
        return "empty"
    for sniff in _SNIFFERS:
        if found := sniff(head, source):
            return found
    return ""


def _pdf(head: bytes, source: BinaryIO) -> str:
    return "pdf" if head.lstrip(b"\x00\t\n\x0c\r \xef\xbb\xbf").startswith(b"%PDF-") else ""


def _plain(head: bytes, source: BinaryIO) -> str:
    return next((found for magic, found in _MAGIC if head.startswith(magic)), "")


def _bitmap(head: bytes, source: BinaryIO) -> str:
    # BM, then a file size, four reserved bytes and the offset of the pixels: 14 bytes before the info header.
    header_size = int.from_bytes(head[14:18], "little")
    return "bmp" if head[:2] == b"BM" and header_size in (12, 40, 52, 56, 64, 108, 124) else ""


def _riff(head: bytes, source: BinaryIO) -> str:
    kinds = {b"WEBP": "webp", b"WAVE": "audio", b"AVI ": "video"}
    if head[:4] != b"RIFF":
        return ""
    return "cdr" if head[8:11] in (b"CDR", b"cdr") else kinds.get(head[8:12], "")


def _iso_media(head: bytes, source: BinaryIO) -> str:
    if head[4:8] != b"ftyp":
        return ""
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, min(len(head), 128), 4))]
    size = int.from_bytes(head[:4], "big")
    listed = [brand for at, brand in enumerate(brands) if at == 0 or 12 + 4 * at < size]
    return next((_FTYP[brand] for brand in listed if brand in _FTYP), "video")


def _emf(head: bytes, source: BinaryIO) -> str:
    return "emf" if head[:4] == b"\x01\x00\x00\x00" and head[40:44] == b" EMF" else ""


def _lzh(head: bytes, source: BinaryIO) -> str:
    return "lzh" if re.fullmatch(rb"-l[hz][0-9dsx]-", head[2:7]) else ""


def _gzip(head: bytes, source: BinaryIO) -> str:
    return "gz" if head[:3] == b"\x1f\x8b\x08" else ""


def _bzip2(head: bytes, source: BinaryIO) -> str:
    return "bz2" if re.match(rb"BZh[1-9]1AY&SY", head) else ""


def _tar(head: bytes, source: BinaryIO) -> str:
    return "tar" if is_tar(head) else ""


def is_tar(head: bytes) -> bool:
    """Whether a tar begins so, of today or from before POSIX, which has its checksum for a mark."""
    try:
        tarfile.TarInfo.frombuf(head[: tarfile.BLOCKSIZE], "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return False
    return True


def _arj(head: bytes, source: BinaryIO) -> str:
    # A signature of two bytes, then the size of the basic header.
    size = int.from_bytes(head[2:4], "little")
    return "arj" if head[:2] == b"\x60\xea" and 30 <= size <= 2600 and head[4] <= 46 else ""


def _disk_image(head: bytes, source: BinaryIO) -> str:
    return "iso" if head[0x8001:0x8006] == b"CD001" else ""


def _compound(head: bytes, source: BinaryIO) -> str:
    if not head.startswith(COMPOUND_FILE):
        return ""
    size = source.seek(0, io.SEEK_END)
    if _is_overstated(head, size):
        return "ole"
    try:
        with olefile.OleFileIO(source) as ole:
            names = {"/".join(entry) for entry in ole.listdir(streams=True, storages=True)}
            clsid = ole.root.clsid.upper()
            longest = max(entry.size for entry in ole.direntries if entry and entry.entry_type in _WITH_BYTES)
    except Exception:  # noqa: BLE001 - olefile raises whatever the damage leads to; unknown is then the truth
        return "ole"
    # Sectors in a circle are read for ever, too.
    return _compound_type(names, clsid) if longest <= size else "ole"


def _is_overstated(head: bytes, size: int) -> bool:
    """Whether the tables of a compound file are larger than it: who believes that reads some of their sectors for ever."""
    if len(head) < _COMPOUND_HEAD:
        return True
    shift = min(int.from_bytes(head[30:32], "little"), 16)
    sectors, of_small = (int.from_bytes(head[at : at + 4], "little") for at in (44, 64))
    told_of = (max(0, sectors - _TABLES_IN_HEAD) << 2 * shift) // 4  # bytes, by four bytes for each sector
    return told_of > 2 * size or of_small << shift > size


# Stream or storage that only this type has. Order matters: an encrypted package may hold decoys.
_COMPOUND: tuple[tuple[str, str], ...] = (
    ("EncryptedPackage", "encrypted-ooxml"),
    ("__properties_version1.0", "msg"),
    ("WordDocument", "doc"),
    ("PowerPoint Document", "ppt"),
    ("PP40", "ppt"),
    ("Workbook", "xls"),
    ("Book", "xls"),
    ("DocumentText", "jtd"),
    ("VisioDocument", "visio"),
    ("Quill", "publisher"),
)


def _compound_type(names: set[str], clsid: str) -> str:
    if clsid.startswith("000C108"):  # Windows Installer packages, patches and transforms
        return "msi"
    known = {name.casefold() for name in names}  # whose case means nothing ([MS-CFB] 2.6.4)
    return next((found for stream, found in _COMPOUND if stream.casefold() in known), "ole")


def _icon(head: bytes, source: BinaryIO) -> str:
    """One to fifty pictures, of which the first is described behind the head: a zero, then planes and depth."""
    is_one = head[:4] in (b"\0\0\1\0", b"\0\0\2\0") and len(head) > 22
    return "ico" if is_one and 1 <= head[4] <= 50 and head[5] == head[9] == 0 else ""


def _zip(head: bytes, source: BinaryIO) -> str:
    if head[:4] not in (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"):
        return ""
    try:
        with zipfile.ZipFile(source) as package:
            return _zip_type(package)
    except Exception:  # noqa: BLE001 - a broken directory: still a ZIP, and its handler says what is wrong
        return "zip"


_MAIN_PARTS: tuple[tuple[str, str], ...] = (
    *tuple(
        (kind.mime + ".main+xml", kind.id)
        for kind in TYPES.values()
        if kind.family in {"word", "sheet", "slides"} and "macroEnabled" not in kind.mime
    ),
    ("application/vnd.ms-word.document.macroEnabled.main+xml", "docm"),
    ("application/vnd.ms-word.template.macroEnabledTemplate.main+xml", "dotm"),
    ("application/vnd.ms-excel.sheet.macroEnabled.main+xml", "xlsm"),
    ("application/vnd.ms-excel.template.macroEnabled.main+xml", "xltm"),
    ("application/vnd.ms-excel.sheet.binary.macroEnabled.main", "xlsb"),
    ("application/vnd.ms-powerpoint.presentation.macroEnabled.main+xml", "pptm"),
    ("application/vnd.ms-powerpoint.template.macroEnabled.main+xml", "potm"),
    ("application/vnd.ms-powerpoint.slideshow.macroEnabled.main+xml", "ppsm"),
)
_OPEN_DOCUMENT = {
    "text": "odt", "text-template": "odt", "spreadsheet": "ods", "spreadsheet-template": "ods",
    "presentation": "odp", "presentation-template": "odp",
}  # fmt: skip
_OTHER_PACKAGES = (("application/vnd.ms-visio.", "visio"), ("application/vnd.ms-package.xps-", "xps"))
_SMALL_PART = 1024 * 1024


def _zip_type(package: zipfile.ZipFile) -> str:
    names = {name.lower(): name for name in package.namelist()}
    if "[content_types].xml" in names:
        return _office_type(_part(package, names["[content_types].xml"]))
    if "mimetype" in names:
        prefix = b"application/vnd.oasis.opendocument."
        kind = _part(package, "mimetype").strip()
        if kind.startswith(prefix):
            return _OPEN_DOCUMENT.get(kind.removeprefix(prefix).decode("ascii", "replace"), "opendocument")
        if kind.startswith(b"application/vnd.sun.xml."):
            return "opendocument"
        if kind == b"application/epub+zip":
            return "epub"
    if "content/riffdata.cdr" in names:
        return "cdr"
    return "jar" if "meta-inf/manifest.mf" in names else "zip"


def _part(package: zipfile.ZipFile, name: str) -> bytes:
    with package.open(name) as part:
        return part.read(_SMALL_PART)


def _office_type(content_types: bytes) -> str:
    """The type by the main part's content type; several main parts make it no Office file we know."""
    text = content_types.decode(
        "utf-16" if content_types[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8", "replace"
    )
    declared = {value.strip().lower() for value in re.findall(r'ContentType\s*=\s*["\']([^"\']+)["\']', text)}
    found = {kind for mime, kind in _MAIN_PARTS if mime.lower() in declared}
    if not found:
        others = (kind for begin, kind in _OTHER_PACKAGES if any(mime.startswith(begin) for mime in declared))
        return next(others, "zip")
    return found.pop() if len(found) == 1 else "zip"


# The head of an answer from the web or of a part of a message, saved along with the file it announced.
_SAVED_HEAD = re.compile(
    rb"(?:--[\w.+=-]{1,80}\r?\n)?(?:HTTP/\d(?:\.\d)? \d{3}[^\r\n]*\r?\n|(?=Content-))"
    rb"(?:[A-Za-z][A-Za-z0-9-]*:[^\r\n]*\r?\n)*\s*",
    re.IGNORECASE,
)
_MARK = re.compile(rb"<[!?%a-z]", re.IGNORECASE)
_WORKING_SIGNS = re.compile(rb"""[<>(){}\[\]=;/*"'`\\#@$%|&!?~^]""")


def _pdf_behind(head: bytes, source: BinaryIO) -> str:
    """A PDF that something inert stands before: the head of a download, bytes that are no text, or bare words.

    Asked after all signatures. Anything that a browser, shell or script engine could make something of is not passed
    over: such a file stays one that two formats claim.
    """
    found = re.search(rb"%PDF-[12]\.\d", head[:PDF_WINDOW])
    if not found:
        return ""
    before = head[: found.start()]
    source.seek(max(source.seek(0, io.SEEK_END) - _PDF_TAIL, 0))
    text = before.decode("latin-1")
    if b"startxref" not in source.read() or _MARK.search(before) or _SCRIPT.match(text) or _mail(text):
        return ""
    is_inert = _SAVED_HEAD.fullmatch(before) or not _WORKING_SIGNS.search(before)
    return "pdf" if is_inert or decode_head(before) is None else ""


_SNIFFERS: tuple[Callable[[bytes, BinaryIO], str], ...] = (
    _pdf, _zip, _compound, _plain, _bitmap, _riff, _iso_media, _emf, _lzh, _gzip, _bzip2, _tar, _arj, _icon, _disk_image,
)  # fmt: skip


# -- text ---------------------------------------------------------------------------------------------------------

_SCRIPT = re.compile(
    r"^(#!|<%|<\?php|@echo off|option explicit|windows registry editor|regedit4)", re.IGNORECASE
)
_HEADER = re.compile(r"^(?:[A-Za-z][A-Za-z0-9-]*[ \t]*:[^\n]*\r?\n(?:[ \t][^\n]*\r?\n)*)+")
_MAILBOX = re.compile(r"\AFrom [^\n]{1,200}\n")  # stands before each letter in a mailbox file (RFC 4155)
_MAIL_FIELDS = {"from", "to", "subject", "date", "mime-version", "received", "message-id", "return-path"}
_HTML = re.compile(
    r"<(?:!doctype\s+html|html|head|body|script|iframe|frameset|object|embed|style|meta|link|form|table|div|img|svg:)\b",
    re.IGNORECASE,
)


# OpenDocument in one file of XML (OpenDocument 1.3, part 3, 3.1.2)
_FLAT_OPEN_DOCUMENT = re.compile(
    r"""<office:document\s[^<>]*?office:mimetype=["']application/vnd\.oasis\.opendocument\.(text|spreadsheet|presentation)["']"""
)


def _by_text(head: bytes, extension: str) -> str:
    decoded = decode_head(head)
    text = head.decode("latin-1") if decoded is None else decoded
    if decoded is None and (b"\0" in head or not text.lstrip().startswith("<")):
        return _mail(text, extension) or "unknown"  # the parts of a mail may be in an encoding each
    start = text.lstrip("\ufeff \t\r\n\x0c")
    lowered = start[:4096].lower()
    if "<hta:application" in lowered:
        return "hta"
    if _SCRIPT.match(start):
        return "script"
    if start.startswith("[InternetShortcut]") or start.lower().startswith("[{000214a0"):
        return "url"
    if lowered.startswith("begin:vcalendar"):
        return "ics"
    if lowered.startswith("begin:vcard"):
        return "vcf"
    # mail first: one whose only body is a page has its markup right below the headers
    if found := _mail(start, extension) or _marked_up(start):
        return found
    # only a page may be in an encoding that offices here do not use: it names it
    return "unknown" if decoded is None else _json(start, extension) or _plain_text(extension)


def decode_head(head: bytes) -> str | None:
    """The text of the beginning of a file, or None when it is not text in an encoding offices use."""
    from sekisho.sanitizer.encodings import guess, guess_damaged

    guessed = guess(head, cut=True) or guess_damaged(io.BytesIO(head))
    if guessed is None:
        return None
    return codecs.getincrementaldecoder(guessed)("replace").decode(head)


def _marked_up(start: str) -> str:
    if not start.startswith("<"):
        return "html" if _HTML.match(start[start.find("<") :][:200]) and "<" in start[:512] else ""
    body = re.sub(r"^(?:<\?.*?\?>|<!--.*?-->|\s+)+", "", start, flags=re.DOTALL | re.IGNORECASE)
    root = re.match(r"<(?:!doctype\s+)?(?:[\w.-]+:)?([\w.-]+)", body, re.IGNORECASE)
    name = root.group(1).lower() if root else ""
    if name == "svg":
        return "svg"
    if name == "document" and (flat := _FLAT_OPEN_DOCUMENT.match(body)):
        return {"text": "fodt", "spreadsheet": "fods", "presentation": "fodp"}[flat[1]]
    if name == "html" or (not start.startswith("<?xml") and _HTML.match(body)):
        return "html"
    return "xml" if name else ""


def _mail(start: str, extension: str = "") -> str:
    head = _MAILBOX.sub("", start)
    header = _HEADER.match(head)
    if not header:
        return ""
    lines = [*header.group(0).splitlines(), head[header.end() :][:100]]  # the last one may go on and on
    found = {line.partition(":")[0].strip().lower() for line in lines if line[:1] not in " \t"}
    is_called_mail = extension in TYPES["eml"].extensions and found & (_MAIL_FIELDS | {"content-type"})
    return "eml" if is_called_mail or len(found & _MAIL_FIELDS) >= 2 else ""


def _json(start: str, extension: str) -> str:
    if extension in TYPES["json"].extensions:  # a number or a word alone is JSON too
        return "json"
    if start[:1] not in "{[" or extension in {"txt", "csv", "md", "log"}:
        return ""
    try:
        json.loads(start)
    except (ValueError, RecursionError):
        return ""
    return "json"


def _plain_text(extension: str) -> str:
    claimed = types_by_extension().get(extension, ())
    return next((kind.id for kind in claimed if kind.family == "text" and kind.id != "json"), "txt")


def _rivals(head: bytes, found: str) -> list[str]:
    """Other formats whose readers would accept these bytes too."""
    rivals = []
    if found != "pdf" and b"%PDF-" in head[:PDF_WINDOW] and found not in {"zip", "eml", "tar"}:
        rivals.append("pdf")
    if found == "pdf" and re.search(rb"<(?:script|html|svg)\b", head[:PDF_WINDOW], re.IGNORECASE):
        rivals.append("html")
    if found in {"zip", "tar"} and re.match(rb".{0,64}%PDF-", head[:PDF_WINDOW], re.DOTALL):
        rivals.append("pdf")
    if found != "iso" and head[0x8001:0x8006] == b"CD001":
        rivals.append("iso")
    return rivals
