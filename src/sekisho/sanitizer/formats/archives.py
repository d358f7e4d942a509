"""Archives: every file inside goes its own way, and what came out clean is packed anew as a plain ZIP."""

import re
import zipfile
from collections.abc import Iterator
from pathlib import PurePosixPath

from sekisho.sanitizer.formats import archive_readers
from sekisho.sanitizer.formats.archive_readers import Entry
from sekisho.sanitizer.formats.job import Job
from sekisho.sanitizer.names import claimed_name
from sekisho.sanitizer.results import Refused, refuse_locked

# What macOS and Windows lay beside people's files. Refusing a delivery for it would help nobody.
_LITTER = re.compile(
    r"(^|[/\\])(__MACOSX[/\\].*|\._[^/\\]+|\.DS_Store|Thumbs\.db|desktop\.ini)$", re.IGNORECASE
)
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest a ZIP can say: times are metadata


def rebuild(job: Job) -> None:
    """Write a new ZIP of the clean members. Raises ``Refused`` when none is left."""
    found = kept = 0
    with zipfile.ZipFile(job.output, "w", zipfile.ZIP_DEFLATED) as package:
        for entry in _bounded(job, archive_readers.entries(job)):
            found += 1
            kept += _pack(job, package, entry)
    job.produced = "zip"
    job.fidelity = {"members_before": found, "members_after": kept}
    if found and not kept:
        for removal in job.removals:
            refuse_locked(removal.detail)
            if removal.detail == "limit.depth":
                raise Refused("limit.depth", limit=job.policy.limits.depth)
        raise Refused("archive.nothing_left")


def _bounded(job: Job, entries: Iterator[Entry]) -> Iterator[Entry]:
    """The entries, as long as they keep to the limits of number, size and compression."""
    total = 0
    for number, entry in enumerate(entries, start=1):
        job.check_limit("files", number)
        total += len(entry.data)
        job.check_limit("total_bytes", total)
        yield entry


def _pack(job: Job, package: zipfile.ZipFile, entry: Entry) -> int:
    """Send one file through and pack what comes back. Returns how many were packed."""
    if _LITTER.search(entry.name):
        job.removed("archive.litter", member=entry.name)
        return 0
    folder, name = _place(job, entry.name)
    member = job.member(name, entry.data)
    if member.data is None:
        if job.policy.refused_members == "refuse":
            refuse_locked(member.refusal)
            raise Refused("archive.member_refused", member=entry.name, reason=member.refusal)
        job.removed("archive.member_refused", member=entry.name, detail=member.refusal)
        return 0
    packed = zipfile.ZipInfo(_free_name(package, folder / member.name), _EPOCH)
    packed.compress_type = zipfile.ZIP_DEFLATED
    packed.external_attr = 0o100644 << 16
    package.writestr(packed, member.data)
    return 1


def _place(job: Job, path: str) -> tuple[PurePosixPath, str]:
    """The folder and name of a member, each part made safe: nothing climbs out or is absolute."""
    parts = [part for part in path.replace("\\", "/").split("/") if part]
    safe = [claimed_name(part).safe for part in parts if part not in {".", ".."}]
    if path.startswith(("/", "\\")) or ".." in parts or any(":" in part for part in parts[:1]):
        job.changed("archive.unsafe_path", member=path)
    return PurePosixPath(*safe[:-1]), parts[-1] if parts else "file"


def _free_name(package: zipfile.ZipFile, wanted: PurePosixPath) -> str:
    """Names differing only in case, or not at all, would overwrite one another when unpacked."""
    taken = {name.casefold() for name in package.namelist()}
    name, number = str(wanted), 1
    while name.casefold() in taken:
        number += 1
        name = str(wanted.with_name(f"{wanted.stem} ({number}){wanted.suffix}"))
    return name
