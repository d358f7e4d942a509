"""Reading archives: names in the encodings that Japanese offices meet, passwords, and no more than the limits."""

import bz2
import contextlib
import gzip
import io
import lzma
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import IO, Any

from sekisho.sanitizer.formats import lzh, zipcrypto
from sekisho.sanitizer.formats.archive_entries import Entry, check_ratio, tell_of_empty_folders
from sekisho.sanitizer.formats.job import Job
from sekisho.sanitizer.identify import is_tar
from sekisho.sanitizer.names import claimed_name, japanese_name
from sekisho.sanitizer.results import Refused

_CHUNK = 1 << 20
_LARGE = 32 << 20  # of all that is in an archive, likewise: many small files pack well, too
_UTF8_FLAG = 0x800
_ENCRYPTED_FLAG = 0x1
_AES_METHOD = 99
_UNICODE_PATH = 0x7075
_BLOCK = 512  # of a tar file


def entries(job: Job) -> Iterator[Entry]:
    """The regular files of an archive, in its order. Raises ``Refused``; reports links and devices it skips."""
    return _READERS[job.type.id](job)


def names(job: Job) -> Iterator[str]:
    """The names of ``entries``, in the same order; a ZIP is not unpacked for them."""
    if job.type.id != "zip":
        yield from (entry.name for entry in entries(job))
        return
    try:
        with zipfile.ZipFile(job.source) as package:
            listed = package.infolist()
    except NotImplementedError as error:  # made for a version of the format that there is none of yet
        raise Refused("archive.method") from error
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise job.broken() from error
    job.check_limit("files", len(listed))
    for info in listed:
        if stat.S_IFMT(info.external_attr >> 16) in {0, stat.S_IFREG} and not _is_folder(info):
            yield member_name(info)


# -- ZIP ----------------------------------------------------------------------------------------------------------


def _zip(job: Job) -> Iterator[Entry]:
    try:
        with zipfile.ZipFile(job.source) as package:
            listed = package.infolist()
            if any(info.flag_bits & _ENCRYPTED_FLAG and info.compress_type == _AES_METHOD for info in listed):
                yield from _aes_zip(job)
                return
            yield from _zip_members(job, package, listed)
    except NotImplementedError as error:
        raise Refused("archive.method") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
        raise job.broken() from error


def _aes_zip(job: Job) -> Iterator[Entry]:
    import pyzipper  # met seldom: only the child that needs it loads it

    job.source.seek(0)
    try:
        with pyzipper.AESZipFile(job.source) as package:
            yield from _zip_members(job, package, package.infolist())
    except pyzipper.BadZipFile as error:
        raise job.broken() from error


def _seven_zip(job: Job) -> Iterator[Entry]:
    from sekisho.sanitizer.formats import seven_zip  # loads py7zr, met seldom too

    yield from seven_zip.entries(job)


def _zip_members(job: Job, package: Any, listed: list[Any]) -> Iterator[Entry]:
    _check_declared(job, (info.file_size for info in listed))
    names = [member_name(info) for info in listed]
    tell_of_empty_folders(job, names)
    for info, name in zip(listed, names, strict=True):
        if _is_special(info):
            job.removed("archive.special", member=name)
        elif not _is_folder(info):
            check_ratio(job, info.file_size, info.compress_size)
            yield Entry(name, _zip_data(job, package, info), info.date_time)


def _is_special(info: zipfile.ZipInfo) -> bool:
    """A link, a device or a pipe; but what was piped into Info-ZIP, which calls it ``-`` and a pipe, is a file."""
    kind = stat.S_IFMT(info.external_attr >> 16)
    is_piped = kind == stat.S_IFIFO and info.filename == "-" and info.file_size > 0
    return kind not in {0, stat.S_IFREG, stat.S_IFDIR} and not is_piped


def _is_folder(info: zipfile.ZipInfo) -> bool:
    return info.filename.endswith("/")  # ``is_dir`` of Python 3.11 fails on a name of no letters


def member_name(info: zipfile.ZipInfo) -> str:
    """A name as zipfile gave it, in its real encoding.

    Without the UTF-8 flag zipfile reads code page 437. Macs write UTF-8 all the same, Windows in Japan writes
    code page 932. Info-ZIP and others write what the name is in Unicode beside it.
    """
    if info.flag_bits & _UTF8_FLAG:
        return info.orig_filename
    try:
        raw = info.orig_filename.encode("cp437")
    except UnicodeEncodeError:
        return info.orig_filename
    return _unicode_path(info.extra, raw) or japanese_name(raw) or info.orig_filename


def _unicode_path(extra: bytes, raw: bytes) -> str | None:
    """The name in an Info-ZIP Unicode Path field (APPNOTE 4.6.9), if it was made for the name that stands there."""
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<HH", extra)
        field, extra = extra[4 : 4 + size], extra[4 + size :]
        if kind == _UNICODE_PATH and field[:1] == b"\1" and field[1:5] == struct.pack("<I", zlib.crc32(raw)):
            with contextlib.suppress(UnicodeDecodeError):
                return field[5:].decode("utf-8")
    return None


def _zip_data(job: Job, package: Any, info: Any) -> bytes:
    if not info.flag_bits & _ENCRYPTED_FLAG:
        with package.open(info) as member:
            return _read(job, _chunks(member))
    for password in _passwords(job):
        try:
            return _read(job, _encrypted(job, package, info, password))
        # zipfile and pyzipper say both "needed" and "wrong" with RuntimeError
        except NotImplementedError:
            raise
        except (RuntimeError, zipcrypto.WrongPassword):
            continue
    raise Refused("input.wrong_password")


def _encrypted(job: Job, package: Any, info: Any, password: bytes) -> Iterator[bytes]:
    # pyzipper gives an AES member the method that lies under the encryption
    if getattr(info, "wz_aes_version", None) is None and zipcrypto.can_read(info):
        yield from zipcrypto.chunks(job.source, info, password)
        return
    with package.open(info, pwd=password) as member:
        yield from _chunks(member)


def _chunks(member: IO[bytes] | gzip.GzipFile) -> Iterator[bytes]:
    while chunk := member.read(_CHUNK):
        yield chunk


def _passwords(job: Job) -> list[bytes]:
    """The password as Windows in Japan and as everybody else writes it."""
    if job.password is None:
        raise Refused("input.encrypted")
    encoded = []
    for encoding in ("cp932", "utf-8"):
        with contextlib.suppress(UnicodeEncodeError):
            encoded.append(job.password.encode(encoding))
    return list(dict.fromkeys(encoded))


def _read(job: Job, chunks: Iterable[bytes], packed: int | None = None) -> bytes:
    """Read a member whatever size it claims, up to the limit of one file and of what ``packed`` bytes may become."""
    parts, size = [], 0
    for chunk in chunks:
        size += len(chunk)
        if packed is not None:
            check_ratio(job, size, packed)
        if size > job.limits.bytes:
            raise Refused("limit.total_bytes", limit=job.limits.bytes)
        parts.append(chunk)
    return b"".join(parts)


def _check_declared(job: Job, sizes: Iterable[int]) -> None:
    """Raises ``Refused`` for what would be beyond measure once it is unpacked, before anything is."""
    total = 0
    for number, size in enumerate(sizes, start=1):
        job.check_limit("files", number)
        total += size
    job.check_limit("total_bytes", total)
    if total > _LARGE:
        check_ratio(job, total, job.source.seek(0, io.SEEK_END))


# -- LZH, tar, gzip -----------------------------------------------------------------------------------------------


def _lzh(job: Job) -> Iterator[Entry]:
    try:
        _check_declared(job, (header.size for header in lzh.headers(job.data)))
        headers = list(lzh.headers(job.data))
        tell_of_empty_folders(job, (header.path for header in headers))
        for link in (header for header in headers if header.is_link):
            job.removed("archive.special", member=link.path)
        for member in lzh.members(job.data, limit=job.limits.bytes):
            check_ratio(job, len(member.data), member.packed)
            yield Entry(member.name, member.data)
    except lzh.TooLarge as error:
        raise Refused("limit.total_bytes", limit=job.limits.bytes) from error
    except lzh.UnknownMethod as error:
        raise Refused("archive.method") from error
    except lzh.LzhError as error:
        raise job.broken() from error


def _tar(job: Job) -> Iterator[Entry]:
    yield from _tar_members(job, job.source)


def _tar_members(job: Job, stream: Any) -> Iterator[Entry]:
    packed = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    paths = []
    # By the names that others, which are second names of them, refer to.
    files: dict[str, tarfile.TarInfo | None] = {}
    try:
        with tarfile.open(fileobj=stream, mode="r:", encoding="utf-8", errors="surrogateescape") as package:
            for info in package:
                name = _tar_name(info.name)
                paths.append(f"{name}/" if info.isdir() else name)
                if info.isdir():
                    continue
                check_ratio(job, info.size, packed)  # a file with holes is longer than what holds it
                held = info if info.isreg() else files.get(info.linkname) if info.islnk() else None
                content = package.extractfile(held) if held else None
                if content is None:
                    job.removed("archive.special", member=name)
                else:
                    files[info.name] = held
                    yield Entry(name, _read(job, _chunks(content)))
            stream.seek(package.offset)
            if any(stream.read(_BLOCK) or b"cut off"):  # tarfile takes whatever it cannot read for the end
                raise tarfile.ReadError
        tell_of_empty_folders(job, paths)
    except (tarfile.TarError, OSError, ValueError, EOFError) as error:
        raise job.broken() from error


def _tar_name(name: str) -> str:
    raw = name.encode("utf-8", "surrogateescape")
    return japanese_name(raw) or raw.decode("latin-1")


_PACKED: dict[str, Callable[[Any], Any]] = {
    "gz": lambda source: gzip.GzipFile(fileobj=source), "bz2": bz2.BZ2File, "xz": lzma.LZMAFile,
}  # fmt: skip


def _packed(job: Job) -> Iterator[Entry]:
    """A compressed tar yields its members, anything else is one file."""
    try:
        packed = job.source.seek(0, io.SEEK_END)
        job.source.seek(0)
        with _PACKED[job.type.id](job.source) as stream:
            data = _read(job, _chunks(stream), packed)
    except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
        raise job.broken() from error
    if is_tar(data):
        yield from _tar_members(job, io.BytesIO(data))
        return
    claimed = claimed_name(job.name)
    yield Entry(claimed.stem if claimed.extension in _PACKED else claimed.safe, data)


_READERS: dict[str, Callable[[Job], Iterator[Entry]]] = {
    "zip": _zip, "7z": _seven_zip, "lzh": _lzh, "tar": _tar, **dict.fromkeys(_PACKED, _packed),
}  # fmt: skip
