"""What the readers of all archives share: a file inside, and what is told and refused whatever the format."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from sekisho.sanitizer.formats.job import Job
from sekisho.sanitizer.results import Refused

_SMALL = 1 << 20  # below this a high ratio is no bomb: a megabyte of spaces packs well


@dataclass(frozen=True)
class Entry:
    """A regular file inside: ``name`` is its path as stored, decoded; ``date`` what a ZIP tells beside it, unchecked."""

    name: str
    data: bytes
    date: tuple[int, int, int, int, int, int] | None = None


def check_ratio(job: Job, size: int, packed: int) -> None:
    """Raises ``Refused`` where ``packed`` bytes become more than the policy lets them."""
    if size > _SMALL and size > packed * job.limits.ratio:
        raise Refused("limit.ratio", limit=job.limits.ratio)


def tell_of_empty_folders(job: Job, paths: Iterable[str]) -> None:
    """Report the folders that nothing is in, which a ZIP of files does not hold. ``paths``: those of folders end with /."""
    for path, following in pairwise([*sorted(paths), ""]):
        if path.endswith("/") and not following.startswith(path):
            job.lost("archive.empty_folder", member=path)
