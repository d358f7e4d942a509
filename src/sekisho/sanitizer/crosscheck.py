"""A second look at what a file is, by libmagic, whose database knows some thousand signatures that ours does not.

libmagic only ever objects: it cannot turn a file into another type. It objects when it names, by signature, a format
that cannot be the one our sniffers found; what it says of texts and in vague words ("data", "compound file") is no
opinion. The library and its database are loaded before children are forked (``prepare``); inside the walls it
looks at bytes in memory and opens nothing. It comes from the ``pylibmagic`` wheel, else from the system.

Source: libmagic(3).
"""

import ctypes
import ctypes.util
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO

# Compound files keep their directory anywhere, ZIPs their members in any order: more than a head is looked at.
_SEEN = 4 * 1024 * 1024
_MIME_TYPE = 0x10
# No look inside compressed data (another process), at tar checksums, ELF notes or texts (encodings, JSON, CSV, tokens).
_NO_COMPRESS, _NO_TAR, _NO_TEXT, _NO_ELF = 0x1000, 0x2000, 0x20000, 0x10000
_NO_ENCODING, _NO_TOKENS, _NO_JSON, _NO_CSV = 0x200000, 0x100000, 0x400000, 0x80000
_FLAGS = (
    _MIME_TYPE | _NO_COMPRESS | _NO_TAR | _NO_TEXT | _NO_ELF | _NO_ENCODING | _NO_TOKENS | _NO_JSON | _NO_CSV
)
_ZIPPED = frozenset(
    [
        "docx",
        "docm",
        "dotx",
        "dotm",
        "xlsx",
        "xlsm",
        "xltx",
        "xltm",
        "xlsb",
        "pptx",
        "pptm",
        "potx",
        "potm",
        "ppsx",
        "ppsm",
        "odt",
        "ods",
        "odp",
        "zip",
        "jar",
        "visio",
        "opendocument",
        "xps",
        "epub",
    ]
)
_COMPOUND = frozenset(
    ["doc", "xls", "ppt", "msg", "jtd", "msi", "ole", "encrypted-ooxml", "visio", "project"]
)
# Programs of DOS without a header are guessed by one byte, with which one Japanese text in forty begins.
_DOS = "application/x-dosexec"
_MARKUP = frozenset({"svg", "xml", "html", "hta"})
_OOXML = "application/vnd.openxmlformats-officedocument."
# What libmagic calls a format, and the types of ours that this may truly be. What is not listed is no opinion.
_AGREES: dict[str, frozenset[str]] = {
    "application/pdf": frozenset({"pdf"}),
    "image/jpeg": frozenset({"jpeg"}),
    "image/png": frozenset({"png"}),
    "image/gif": frozenset({"gif"}),
    "image/tiff": frozenset({"tiff"}),
    "image/bmp": frozenset({"bmp"}),
    "image/webp": frozenset({"webp"}),
    "image/heic": frozenset({"heic", "avif"}),
    "image/heif": frozenset({"heic", "avif"}),
    "image/avif": frozenset({"avif", "heic"}),
    "image/svg+xml": _MARKUP,
    "text/rtf": frozenset({"rtf"}),
    "application/rtf": frozenset({"rtf"}),
    "application/zip": _ZIPPED,
    "application/java-archive": frozenset({"jar"}),
    "application/x-7z-compressed": frozenset({"7z"}),
    "application/x-rar": frozenset({"rar"}),
    "application/x-lzh-compressed": frozenset({"lzh"}),
    "application/x-lha": frozenset({"lzh"}),
    "application/gzip": frozenset({"gz"}),
    "application/vnd.ms-cab-compressed": frozenset({"cab"}),
    _DOS: frozenset({"exe"}),
    "application/vnd.microsoft.portable-executable": frozenset({"exe"}),
    "application/x-executable": frozenset({"elf"}),
    "application/x-sharedlib": frozenset({"elf"}),
    "application/x-pie-executable": frozenset({"elf"}),
    "application/x-mach-binary": frozenset({"macho"}),
    "application/x-ms-shortcut": frozenset({"lnk"}),
    "application/x-iso9660-image": frozenset({"iso"}),
    "application/x-shockwave-flash": frozenset({"swf"}),
    "application/onenote": frozenset({"one"}),
    "application/vnd.ms-htmlhelp": frozenset({"chm"}),
    "application/x-msi": frozenset({"msi", "ole"}),
    "application/vnd.ms-outlook": frozenset({"msg"}),
    "application/vnd.ms-tnef": frozenset({"tnef"}),
    "application/ms-tnef": frozenset({"tnef"}),
    "application/msword": frozenset({"doc", "dot", "rtf", "ole"}),
    "application/vnd.ms-excel": frozenset({"xls", "ole"}),
    "application/vnd.ms-powerpoint": frozenset({"ppt", "ole"}),
    "application/CDFV2": _COMPOUND,
    "application/x-ole-storage": _COMPOUND,
    "application/CDFV2-encrypted": _COMPOUND,
    "application/encrypted": _COMPOUND,
    f"{_OOXML}wordprocessingml.document": _ZIPPED,
    f"{_OOXML}spreadsheetml.sheet": _ZIPPED,
    f"{_OOXML}presentationml.presentation": _ZIPPED,
    "application/vnd.oasis.opendocument.text": frozenset({"odt"}),
    "application/vnd.oasis.opendocument.spreadsheet": frozenset({"ods"}),
    "application/vnd.oasis.opendocument.presentation": frozenset({"odp"}),
    "application/vnd.sqlite3": frozenset({"sqlite"}),
    "application/x-sqlite3": frozenset({"sqlite"}),
    "application/postscript": frozenset({"ps"}),
    "application/x-java-applet": frozenset(),
    "application/java-vm": frozenset(),
    "application/wasm": frozenset(),
    "application/vnd.android.package-archive": frozenset({"jar"}),
    "application/x-xz": frozenset({"xz"}),
    "application/zstd": frozenset({"zst"}),
    "application/x-bzip2": frozenset({"bz2"}),
    "application/vnd.tcpdump.pcap": frozenset(),
    "application/x-ms-wim": frozenset(),
    "application/x-vhd": frozenset(),
    "application/x-qemu-disk": frozenset(),
}


@dataclass(frozen=True)
class _Magic:
    """libmagic with its database in memory."""

    look: Callable[[bytes], str]
    version: str


def prepare() -> None:
    """Load the library and its database, before children are forked."""
    _loaded()


def version() -> str:
    """The version of libmagic, ``""`` where there is none: then there is no cross-check."""
    magic = _loaded()
    return magic.version if magic else ""


def objection(source: BinaryIO, kind: str) -> str:
    """What libmagic takes a seekable file for when that cannot be ``kind``, else ``""``. The position is left at 0."""
    magic = _loaded()
    if magic is None:
        return ""
    source.seek(0)
    head = source.read(_SEEN)
    seen = magic.look(head)
    source.seek(0)
    agreed = _AGREES.get(seen)
    guessed = seen == _DOS and not head.startswith((b"MZ", b"ZM"))
    return "" if agreed is None or kind in agreed or guessed else seen


@cache
def _loaded() -> _Magic | None:
    """The first libmagic that can be loaded with a database."""
    for library, database in _places():
        try:
            magic = _opened(ctypes.CDLL(library), database)
        except (OSError, AttributeError):
            continue
        if magic:
            return magic
    return None


def _places() -> list[tuple[str, bytes | None]]:
    """Libraries and databases to try. None: the one the library itself knows of."""
    places: list[tuple[str, bytes | None]] = []
    # Found without importing it: the package would patch ctypes for the whole process.
    wheel = find_spec("pylibmagic")
    if wheel and wheel.origin:
        folder = Path(wheel.origin).parent
        library = "libmagic.1.dylib" if sys.platform == "darwin" else "libmagic.so.1"
        places.append((str(folder / library), bytes(folder / "magic.mgc")))
    system = ctypes.util.find_library("magic")
    return [*places, (system, None)] if system else places


def _opened(library: ctypes.CDLL, database: bytes | None) -> _Magic | None:
    library.magic_open.restype = ctypes.c_void_p
    library.magic_open.argtypes = [ctypes.c_int]
    library.magic_load.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
    library.magic_buffer.restype = ctypes.c_char_p
    library.magic_buffer.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t]
    cookie = library.magic_open(_FLAGS)
    if not cookie or library.magic_load(cookie, database) != 0:
        return None
    number = library.magic_version()

    def look(data: bytes) -> str:
        found = library.magic_buffer(cookie, data, len(data))
        return found.decode("ascii", "replace") if found else ""

    return _Magic(look, f"{number // 100}.{number % 100:02}")
