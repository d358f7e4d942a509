"""Archives that escape, lie, explode or carry programs. What people see in them is one text file."""

import gzip
import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator

import py7zr

from tests.sanitizer.encrypting import zipcrypto_zip
from tests.sanitizer.office import document, paragraph

from .common import MARKER, VISIBLE, Attack
from .pictures import encoded

_WORDS = f"{VISIBLE}\n".encode()
_PROGRAM = b"MZ" + bytes(62) + MARKER.encode()


def package(
    *members: tuple[str | zipfile.ZipInfo, bytes], comment: bytes = b"", method: int = zipfile.ZIP_DEFLATED
) -> bytes:
    """A ZIP of one harmless text and ``members``."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as target:
        target.comment = comment
        target.writestr("words.txt", _WORDS)
        for name, content in members:
            target.writestr(name, content, compress_type=method)
    return out.getvalue()


def entry(name: str, **fields: object) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    for field, value in fields.items():
        setattr(info, field, value)
    return info


def named(stored: bytes, content: bytes = _PROGRAM) -> bytes:
    """A ZIP with a member whose name is these very bytes."""
    return package(("N" * len(stored), content)).replace(b"N" * len(stored), stored)


def _two_names() -> bytes:
    """The local header says .txt, the directory .exe."""
    data = package(("report.txt", _PROGRAM))
    at = data.rindex(b"report.txt")
    return data[:at] + b"report.exe" + data[at + 10 :]


def _unicode_path() -> bytes:
    raw = b"report.txt"
    other = f"{MARKER}.exe".encode()
    extra = struct.pack("<HHBI", 0x7075, 5 + len(other), 1, zlib.crc32(raw)) + other
    return package((entry("report.txt", extra=extra), b"words"))


def _gap() -> bytes:
    """Bytes between the last member and the directory."""
    data = package()
    at = data.index(b"PK\x01\x02")
    end = data.rindex(b"PK\x05\x06")
    hidden = MARKER.encode() * 4
    moved = struct.pack("<I", struct.unpack_from("<I", data, end + 16)[0] + len(hidden))
    return data[:at] + hidden + data[at : end + 16] + moved + data[end + 20 :]


def _hidden_member() -> bytes:
    """A member that only a reader of local headers finds."""
    data, other = package(), package(("evil.exe", _PROGRAM))
    start, stop = other.index(b"PK\x03\x04", 4), other.index(b"PK\x01\x02")
    at = data.index(b"PK\x01\x02")
    end = data.rindex(b"PK\x05\x06")
    hidden = other[start:stop]
    moved = struct.pack("<I", struct.unpack_from("<I", data, end + 16)[0] + len(hidden))
    return data[:at] + hidden + data[at : end + 16] + moved + data[end + 20 :]


def _overlap() -> bytes:
    """Many directory entries that share one packed body (after David Fifield's bomb)."""
    data = package(("zeros.txt", b"0" * 3_000_000))
    start, end = data.index(b"PK\x01\x02"), data.rindex(b"PK\x05\x06")
    entries = data[start:end]
    last = entries[entries.rindex(b"PK\x01\x02") :]
    more = b"".join(last.replace(b"zeros.txt", f"zero{n:02}txt".encode()[:9]) for n in range(60))
    tail = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 62, 62, len(entries + more), start, 0)
    return data[:start] + entries + more + tail


def _patched(data: bytes, mark: bytes, at: int, value: bytes) -> bytes:
    """The file with ``value`` so many bytes behind the last ``mark``."""
    place = data.rindex(mark) + at
    return data[:place] + value + data[place + len(value) :]


class _OneWay(io.BytesIO):
    """What is written to it is told behind its content (data descriptors), as to a pipe."""

    def seekable(self) -> bool:
        return False

    def tell(self) -> int:
        raise OSError


def _streamed(name: str, content: bytes) -> bytes:
    out = _OneWay()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("words.txt", _WORDS)
        target.writestr(name, content)
    return out.getvalue()


def _with_holes() -> bytes:
    """A file of the old GNU kind with holes, of eight gibibytes."""
    info = tar_entry("a.txt", type=b"S", size=512)
    head = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    head[386:410] = b"00000000000\0" + b"00000001000\0"
    head[483:495] = b"77777777777\0"
    head[148:156] = b"%06o\0 " % (256 + sum(head[:148]) + sum(head[156:]))
    return tarred()[:1024] + bytes(head) + b"A" * 512 + bytes(1024)


def _in_itself(levels: int) -> bytes:
    data = _WORDS
    for _level in range(levels):
        data = gzip.compress(data)
    return data


def _nested(levels: int, core: tuple[str, bytes]) -> bytes:
    data = package(core)
    for level in range(levels):
        data = package((f"level{level}.zip", data))
    return data


def tarred(*members: tuple[tarfile.TarInfo, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as target:
        for info, content in ((tarfile.TarInfo("words.txt"), _WORDS), *members):
            info.size = len(content)
            target.addfile(info, io.BytesIO(content))
    return out.getvalue()


def tar_entry(name: str, **fields: object) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    for field, value in fields.items():
        setattr(info, field, value)
    return info


def seven(**members: bytes) -> bytes:
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w") as target:
        for name, content in {"words__txt": _WORDS, **members}.items():
            target.writestr(content, name.replace("__", "."))
    return out.getvalue()


def _macro_document() -> bytes:
    made = document(paragraph(VISIBLE))
    made.add("word/vbaProject.bin", MARKER.encode(), "application/vnd.ms-office.vbaProject")
    made.link("http://schemas.microsoft.com/office/2006/relationships/vbaProject", "word/vbaProject.bin")
    made.types[made.main] = "application/vnd.ms-word.document.macroEnabled.main+xml"
    return made.build()


_ZIPS: dict[str, Callable[[], bytes]] = {
    "program": lambda: package(("a.exe", _PROGRAM)),
    "program named txt": lambda: package(("a.txt", _PROGRAM)),
    "program named pdf": lambda: package(("invoice.pdf.exe", _PROGRAM)),
    "shortcut": lambda: package(("a.lnk", b"L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0F" + MARKER.encode())),
    "internet shortcut": lambda: package(("a.url", f"[InternetShortcut]\nURL=file://127.0.0.1/{MARKER}".encode())),
    "script": lambda: package(("a.js", MARKER.encode()), ("b.vbs", MARKER.encode()), ("c.ps1", MARKER.encode())),
    "batch": lambda: package(("a.bat", MARKER.encode()), ("b.CMD", MARKER.encode())),
    "html application": lambda: package(("a.hta", f"<hta:application>{MARKER}".encode())),
    "disk image": lambda: package(("a.iso", bytes(0x8000) + b"\x01CD001" + MARKER.encode())),
    "notebook": lambda: package(("a.one", b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d\xae\xb1\x53\x78\xd0\x29\x96\xd3" + MARKER.encode())),
    "library search": lambda: package(("a.library-ms", f"<libraryDescription>{MARKER}</libraryDescription>".encode()), ("desktop.ini", f"[.ShellClassInfo]\nIconFile=\\\\127.0.0.1\\{MARKER}".encode())),
    "settings of the registry": lambda: package(("a.reg", f"Windows Registry Editor Version 5.00\n{MARKER}".encode())),
    "document with macros": lambda: package(("a.docm", _macro_document())),
    "path upwards": lambda: package((f"../../../{MARKER}.exe", _PROGRAM)),
    "path upwards of a text": lambda: package(("../../a/../b.txt", b"words")),
    "absolute path": lambda: package((f"/etc/{MARKER}/a.exe", _PROGRAM)),
    "backslash path": lambda: named(f"..\\..\\{MARKER}.exe".encode()),
    "drive": lambda: named(f"C:\\{MARKER}.exe".encode()),
    "network path": lambda: named(f"\\\\127.0.0.1\\{MARKER}.exe".encode()),
    "zero in a name": lambda: named(b"a.exe\0.txt"),
    "line feed in a name": lambda: named(b"a\n.exe"),
    "direction in a name": lambda: package(("a\u202etxt.exe", _PROGRAM)),
    "device name": lambda: package(("CON.exe", _PROGRAM), ("aux.js", MARKER.encode())),
    "dots and blanks behind": lambda: named(b"a.exe. . "),
    "stream of a file": lambda: named(b"a.txt:evil.exe"),
    "capitals": lambda: package(("A.EXE", _PROGRAM), ("b.Js", MARKER.encode())),
    "same name, other case": lambda: package(("WORDS.TXT", _PROGRAM)),
    "unicode path": _unicode_path,
    "comment": lambda: package(comment=MARKER.encode()),
    "comment of a member": lambda: package((entry("a.txt", comment=MARKER.encode()), b"words")),
    "extra field": lambda: package((entry("a.txt", extra=struct.pack("<HH", 0xCAFE, 16) + MARKER.encode()), b"words")),
    "gap before the directory": _gap,
    "member outside the directory": _hidden_member,
    "bytes behind": lambda: package() + MARKER.encode(),
    "link": lambda: package((entry("a.txt", external_attr=0o120777 << 16), f"/etc/{MARKER}".encode())),
    "pipe": lambda: package((entry("a.txt", external_attr=0o010666 << 16), MARKER.encode())),
    "device": lambda: package((entry("a.txt", external_attr=0o060666 << 16), MARKER.encode())),
    "program two levels down": lambda: _nested(2, ("a.exe", _PROGRAM)),
    "too many levels": lambda: _nested(9, ("a.exe", _PROGRAM)),
    "picture with an archive": lambda: package(("a.gif", encoded("GIF") + package(("a.exe", _PROGRAM)))),
    "table with a formula": lambda: package(("a.csv", f"=cmd|'/C {MARKER}'!A0".replace(MARKER, "x").encode())),
    "page with a script": lambda: package(("a.html", f"<p>x</p><script>{MARKER}</script>".encode())),
    "locked member that is a program": lambda: zipcrypto_zip(b"secret", {"words.txt": _WORDS, "a.exe": _PROGRAM}),
    "resource fork": lambda: package(("__MACOSX/._a.txt", b"\0\x05\x16\x07" + MARKER.encode())),
    "program told behind its content": lambda: _streamed("a.exe", _PROGRAM),
    "device names in wide and raised signs": lambda: package(("com¹.exe", _PROGRAM), ("ＮＵＬ.exe", _PROGRAM), ("conin$.exe", _PROGRAM)),
    "names that differ in their accents": lambda: package(("\u304c.exe", _PROGRAM), ("\u304b\u3099.exe", _PROGRAM)),
    "unseen signs in a name": lambda: package(("a\u200b.e\u200bxe", _PROGRAM), ("b\ufeff.exe", _PROGRAM)),
    "drive in the middle": lambda: package((f"a/C:/{MARKER}.exe", _PROGRAM)),
    "file where a folder is": lambda: package(("words.txt/a.exe", _PROGRAM)),
    "other scripts": lambda: package(*((f"a.{ending}", MARKER.encode()) for ending in ("jse", "vbe", "wsf", "wsh", "psm1", "inf", "webloc", "jar", "scr", "cpl"))),
    "bytes of a program before a text": lambda: package(("a.txt", b"\x7fELF" + MARKER.encode())),
    "folder that is an object of the shell": lambda: package(("papers.{21EC2020-3AEA-1069-A2DD-08002B30309D}/a.txt", b"words")),
    "yen sign for a backslash": lambda: package(("\u00a5\u00a5127.0.0.1\u00a5a.txt", b"words")),
    "console as a name": lambda: package(("CONOUT$.txt", b"words"), ("conin$.txt", b"words")),
    "letters nobody sees": lambda: package(("a.\u3164exe\u115f.txt", b"words"), ("\u2800\u2800.txt", b"words")),
    "java class": lambda: package(("A.class", b"\xca\xfe\xba\xbe\0\0\0\x34" + MARKER.encode())),
}  # fmt: skip

_OTHERS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "tar program": ("tar", lambda: tarred((tar_entry("a.exe"), _PROGRAM))),
    "tar link": ("tar", lambda: tarred((tar_entry("a.txt", type=tarfile.SYMTYPE, linkname=f"/etc/{MARKER}"), b""))),
    "tar hard link": ("tar", lambda: tarred((tar_entry("a.txt", type=tarfile.LNKTYPE, linkname=f"/etc/{MARKER}"), b""))),
    "tar device": ("tar", lambda: tarred((tar_entry(MARKER, type=tarfile.BLKTYPE), b""))),
    "tar pipe": ("tar", lambda: tarred((tar_entry(MARKER, type=tarfile.FIFOTYPE), b""))),
    "tar path upwards": ("tar", lambda: tarred((tar_entry(f"../../{MARKER}.sh"), b"#!/bin/sh\n" + MARKER.encode()))),
    "tar absolute path": ("tar", lambda: tarred((tar_entry(f"/root/{MARKER}/a.exe"), _PROGRAM))),
    "tar extended header": ("tar", lambda: tarred((tar_entry("a.txt", pax_headers={"comment": MARKER}), b"words"))),
    "tar owner": ("tar", lambda: tarred((tar_entry("a.txt", uname=MARKER, gname=MARKER), b"words"))),
    "tar set-user bit": ("tar", lambda: tarred((tar_entry("a.exe", mode=0o4777), _PROGRAM))),
    "tar bytes behind": ("tar", lambda: tarred() + MARKER.encode()),
    "tar path in an extended header": ("tar", lambda: tarred((tar_entry("a.txt", pax_headers={"path": f"../../{MARKER}.exe"}), _PROGRAM))),
    "tar file below a link": ("tar", lambda: tarred((tar_entry("l", type=tarfile.SYMTYPE, linkname=f"/{MARKER}"), b""), (tar_entry("l/a.exe"), _PROGRAM))),
    "tar long name": ("tar", lambda: tarred((tar_entry("../" * 60 + f"{MARKER}.exe"), _PROGRAM), form=tarfile.GNU_FORMAT)),
    "gz two in one": ("gz", lambda: gzip.compress(_WORDS) + _named_gzip(f"{MARKER}.exe".encode(), MARKER.encode())),
    "7z bytes behind": ("7z", lambda: seven() + MARKER.encode()),
    "7z path upwards": ("7z", lambda: seven(**{f"xx/xx/{MARKER}__exe": _PROGRAM}).replace("xx/xx".encode("utf-16-le"), "../..".encode("utf-16-le"))),
    "tgz program": ("tgz", lambda: gzip.compress(tarred((tar_entry("a.exe"), _PROGRAM)))),
    "gz name and comment": ("gz", lambda: _named_gzip(f"../{MARKER}.txt".encode(), MARKER.encode())),
    "gz bytes behind": ("gz", lambda: gzip.compress(_WORDS) + bytes(16)),
    "7z program": ("7z", lambda: seven(a__exe=_PROGRAM)),
    "7z script": ("7z", lambda: seven(a__js=MARKER.encode(), b__hta=MARKER.encode())),
    "7z document with macros": ("7z", lambda: seven(a__docm=_macro_document())),
}  # fmt: skip


def _named_gzip(name: bytes, comment: bytes) -> bytes:
    packed = gzip.compress(_WORDS)
    return packed[:3] + b"\x18" + packed[4:10] + name + b"\0" + comment + b"\0" + packed[10:]


_REFUSED: dict[str, tuple[str, Callable[[], bytes]]] = {
    "zip program before": ("zip", lambda: _PROGRAM + package()),
    "zip page before": ("zip", lambda: b"%PDF-1.7\n" + package()),
    "zip with a pdf header": ("zip", lambda: package((entry("%PDF-1.7"), b"x"))[:30] + b"%PDF-1.7" + package()[38:]),
    "zip bomb": ("zip", lambda: package(("a.txt", bytes(40_000_000)))),
    "zip bomb of shared bodies": ("zip", _overlap),
    "zip of too many files": ("zip", lambda: package(*((f"{n}.txt", b"x") for n in range(2_100)))),
    "zip two names": ("zip", _two_names),
    "zip cut off": ("zip", lambda: package()[:-10]),
    "zip locked": ("zip", lambda: zipcrypto_zip(b"secret", {"a.txt": _WORDS})),
    "zip size that lies": ("zip", lambda: _patched(package(), b"PK\1\2", 24, struct.pack("<I", 5))),
    "zip check that lies": ("zip", lambda: _patched(package(), b"PK\1\2", 16, struct.pack("<I", 5))),
    "zip bomb of another method": ("zip", lambda: package(("a.txt", bytes(40_000_000)), method=zipfile.ZIP_BZIP2)),
    "tar file with holes": ("tar", _with_holes),
    "tar holes in an extended header": ("tar", lambda: tarred((tar_entry("GNUSparseFile.0/a.txt", pax_headers={"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": f"../{MARKER}.exe", "GNU.sparse.realsize": "99999999999"}), b"1\n0\n512\n".ljust(1024, b"\0")))),
    "tar size that lies": ("tar", lambda: tarred((tar_entry("a.txt", pax_headers={"size": "99999999999"}), b"x"))),
    "gz in itself": ("gz", lambda: _in_itself(20)),
    "7z cut off": ("7z", lambda: seven()[:-10]),
    "zip java archive": ("zip", lambda: package(("META-INF/MANIFEST.MF", MARKER.encode()))),
    "zip named as a document": ("docx", lambda: package(("word/document.xml", b"<a/>"))),
    "gz bomb": ("gz", lambda: gzip.compress(bytes(60_000_000))),
    "tgz bomb": ("tgz", lambda: gzip.compress(tarred((tar_entry("a.txt"), bytes(60_000_000))))),
    "7z bomb": ("7z", lambda: seven(a__txt=bytes(60_000_000))),
    "cabinet": ("cab", lambda: b"MSCF" + bytes(40) + MARKER.encode()),
    "rar": ("rar", lambda: b"Rar!\x1a\x07\x01\0" + MARKER.encode()),
    "rar named zip": ("zip", lambda: b"Rar!\x1a\x07\x01\0" + MARKER.encode()),
    "disk image named zip": ("zip", lambda: bytes(0x8000) + b"\x01CD001" + MARKER.encode()),
    "tar cut off": ("tar", lambda: tarred((tar_entry("a.txt"), bytes(4000)))[:2100]),
}  # fmt: skip


def _attacks() -> Iterator[Attack]:
    gone = (MARKER, "MZ\0", ".exe", "..", ".{", "\u00a5", "\nCON", "\ncon", "\u3164", "\u2800")
    for name, build in _ZIPS.items():
        marks = ("desktop.ini", "library-ms\0") if name == "library search" else gone
        yield Attack(f"zip {name}", build, "zip", gone=marks, password="secret" if "locked" in name else None)
    for name, (extension, build) in _OTHERS.items():
        yield Attack(name, build, extension, gone=gone)
    for name, (extension, build) in _REFUSED.items():
        yield Attack(name, build, extension, refused=True)


ATTACKS = tuple(_attacks())
