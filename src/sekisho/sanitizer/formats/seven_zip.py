"""7z archives. Loaded by the child that meets one: py7zr brings more code along than all else that reads archives."""

import io
import zlib
from collections.abc import Iterator

import py7zr
from py7zr.exceptions import ArchiveError, PasswordRequired, UnsupportedCompressionMethodError
from py7zr.io import BytesIOFactory

from sekisho.sanitizer.formats.archive_entries import Entry, check_ratio, tell_of_empty_folders
from sekisho.sanitizer.formats.job import Job
from sekisho.sanitizer.results import Refused

_PPMD = b"\x03\x04\x01"


def entries(job: Job) -> Iterator[Entry]:
    """The regular files of a 7z archive, in its order. Raises ``Refused``; reports links that it skips."""
    try:
        with py7zr.SevenZipFile(job.source, password=job.password) as package:
            if package.needs_password() and job.password is None:
                raise Refused("input.encrypted")
            yield from _members(job, package)
    except PasswordRequired as error:
        raise Refused("input.encrypted") from error
    except UnsupportedCompressionMethodError as error:
        raise Refused("archive.method") from error
    except PermissionError:
        raise
    except (
        ArchiveError,
        OSError,
        ValueError,
        EOFError,
        IndexError,
        KeyError,
        TypeError,
        zlib.error,
    ) as error:
        # A wrong password shows only as rubbish after decryption.
        raise (Refused("input.wrong_password") if job.password else job.broken()) from error
    except Exception as error:  # the decoders below py7zr raise classes of their own
        if type(error).__module__.startswith(("_lzma", "lzma", "py7zr", "inflate64", "pyppmd", "bcj")):
            raise (Refused("input.wrong_password") if job.password else job.broken()) from error
        raise


def _members(job: Job, package: py7zr.SevenZipFile) -> Iterator[Entry]:
    _require_methods(package)
    listed = package.list()
    job.check_limit("files", len(listed))
    job.check_limit("total_bytes", sum(info.uncompressed or 0 for info in listed))
    job.source.seek(0, io.SEEK_END)
    check_ratio(job, sum(info.uncompressed or 0 for info in listed), job.source.tell())
    for info in listed:
        if info.is_symlink:
            job.removed("archive.special", member=info.filename)
    tell_of_empty_folders(job, (info.filename + "/" * info.is_directory for info in listed))
    wanted = {
        str(number): info.filename
        for number, info in enumerate(listed)
        if not info.is_directory and not info.is_symlink
    }
    if not wanted:
        return
    # By number: the library takes names that lead out of the archive for damage, and gives equal ones others.
    for number, file in enumerate(package.files):
        file.file_properties()["filename"] = str(number)
    factory = BytesIOFactory(job.limits.bytes)
    package.extract(targets=list(wanted), factory=factory)
    for place, name in wanted.items():
        product = factory.products[place]
        product.seek(0)
        yield Entry(name, product.read())


def _require_methods(package: py7zr.SevenZipFile) -> None:
    """Raises ``Refused`` for PPMd, whose decoder waits without end for a thread that it may not start."""
    streams = package.header.main_streams
    folders = streams.unpackinfo.folders if streams else []
    if any(coder["method"] == _PPMD for folder in folders for coder in folder.coders):
        raise Refused("archive.method")
