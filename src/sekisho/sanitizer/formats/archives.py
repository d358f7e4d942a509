"""Archives: every file inside goes its own way, and what came out clean is packed anew as a plain ZIP."""

import re
import unicodedata
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import PurePosixPath

from sekisho.sanitizer.formats import archive_readers
from sekisho.sanitizer.formats.archive_entries import Entry
from sekisho.sanitizer.formats.job import Job, Member
from sekisho.sanitizer.formats.personal import warn_of_address
from sekisho.sanitizer.names import claimed_name
from sekisho.sanitizer.results import Refused

# What systems and office programs lay beside people's files. Refusing a delivery for it would help nobody.
_LITTER = re.compile(
    r"(^|[/\\])(__MACOSX[/\\].*|\._[^/\\]+|\.DS_Store|\.localized|(?:eh)?Thumbs\.db|desktop\.ini"
    r"|~\$[^/\\]+\.(?:doc|xls|ppt|vsd)[a-z]?|\.~lock\.[^/\\]+#)$",
    re.IGNORECASE,
)
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest a ZIP can say


def rebuild(job: Job) -> None:
    """Write a new ZIP of the clean members. Raises ``Refused`` when none is left."""
    found = kept = 0
    stopped: Member | None = None  # the first one whose reason is that of the whole
    own, taken = _names_that_came(job), set[str]()
    with zipfile.ZipFile(job.output, "w", zipfile.ZIP_DEFLATED) as package:
        for entry in _bounded(job, archive_readers.entries(job)):
            found += 1
            member = _passed(job, entry)
            if member and member.data is not None:
                _pack(job, package, entry, member.name, member.data, own, taken)
                kept += 1
            elif member and member.passes_reason_on:
                stopped = stopped or member
    job.produced = "zip"
    job.fidelity = {"members_before": found, "members_after": kept}
    if not kept and (found or any(removal.code == "archive.special" for removal in job.removals)):
        raise (
            stopped.stops_the_whole("archive.nothing_left", "")
            if stopped
            else Refused("archive.nothing_left")
        )


def _bounded(job: Job, entries: Iterator[Entry]) -> Iterator[Entry]:
    """The entries, as long as they keep to the limits of number, size and compression."""
    total = 0
    for number, entry in enumerate(entries, start=1):
        job.check_limit("files", number)
        total += len(entry.data)
        job.check_limit("total_bytes", total)
        yield entry


def _passed(job: Job, entry: Entry) -> Member | None:
    """One file after its own passage; None for what nobody packed on purpose."""
    if _LITTER.search(entry.name):
        job.removed("archive.litter", member=entry.name)
        return None
    member = job.member((_parts(entry.name) or ["file"])[-1], entry.data)
    if member.data is None:
        job.leave_out(member, "archive.member_refused", entry.name)
    return member


def _names_that_came(job: Job) -> set[str]:
    """The paths in a ZIP, which tells them ahead, made safe and folded: what is renamed leaves them to their files."""
    if job.type.id != "zip":
        return set()
    return {_folded(str(_safe_path(name))) for name in archive_readers.names(job)}


def _pack(
    job: Job, package: zipfile.ZipFile, entry: Entry, name: str, data: bytes, own: set[str], taken: set[str]
) -> None:
    """Pack what came back of one file where it stood."""
    came = _safe_path(entry.name)
    folder = came.parent
    if _leads_out(entry.name):
        job.changed("archive.unsafe_path", member=entry.name)
    warn_of_address(job, str(folder / name), member=entry.name)
    place = _free_name(folder / name, taken, own if name != came.name else set())
    if place != str(folder / name):
        job.changed("archive.same_name", member=entry.name, detail=place)
    packed = zipfile.ZipInfo(place, _date(job, entry))
    packed.compress_type = zipfile.ZIP_DEFLATED
    packed.external_attr = 0o100644 << 16
    package.writestr(packed, data)


def _date(job: Job, entry: Entry) -> tuple[int, int, int, int, int, int]:
    """When the file was last changed, where the policy keeps what does not show and the archive says a real time."""
    if entry.date is None or not job.keep.hidden:
        return _EPOCH
    try:
        datetime(*entry.date)  # noqa: DTZ001 - a ZIP knows no zones
    except ValueError:
        return _EPOCH
    return entry.date


def _leads_out(path: str) -> bool:
    parts = path.replace("\\", "/").split("/")
    return path.startswith(("/", "\\")) or ".." in parts or ":" in next(filter(None, parts), "")


def _parts(path: str) -> list[str]:
    return [part for part in path.replace("\\", "/").split("/") if part]


def _safe_path(path: str) -> PurePosixPath:
    """Where a member may stand, each part made safe: nothing climbs out or is absolute."""
    *folders, name = _parts(path) or ["file"]
    safe = (claimed_name(part).safe for part in folders if part not in {".", ".."})
    return PurePosixPath(*safe, claimed_name(name).safe)


def _free_name(wanted: PurePosixPath, taken: set[str], own: set[str]) -> str:
    """A name that is neither ``taken`` nor among ``own``; taken from now on.

    Names differing only in case, or not at all, would overwrite one another when unpacked.
    """
    name, number = str(wanted), 1
    while _folded(name) in taken or _folded(name) in own:
        number += 1
        name = str(wanted.with_name(f"{wanted.stem} ({number}){wanted.suffix}"))
    taken.add(_folded(name))
    return name


def _folded(name: str) -> str:
    """What names have in common that some system takes for one: case, and how signs are put together."""
    return unicodedata.normalize("NFC", name).casefold()
