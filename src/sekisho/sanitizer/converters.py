"""The hook for types Sekisho cannot rebuild itself: an office plugs its own converter in.

A converter is a class registered under the entry point group ``sekisho.converters``::

    [project.entry-points."sekisho.converters"]
    ichitaro = "our_office.ichitaro:IchitaroToPdf"

It runs in a process of its own that is ended when its time is up. What it writes is as untrusted as what it read: it
passes through the same identification, rebuilding and verification as any file of that type.
"""

import subprocess
import sys
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Protocol

from sekisho.sanitizer.filetypes import TYPES, FileType
from sekisho.sanitizer.results import Refused

GROUP = "sekisho.converters"


class Converter(Protocol):
    """``sources``: ids of the types it reads (``jtd``, ``xdw`` ...); ``target``: id of the type it writes (``pdf``)."""

    sources: tuple[str, ...]
    target: str

    def convert(self, source: Path, target: Path) -> None:
        """Write ``target`` from ``source``. Whatever it raises becomes a refusal."""


@cache
def _installed() -> tuple[tuple[EntryPoint, Converter], ...]:
    """The converters there are, by name; one that cannot be loaded is left out."""
    found = []
    for point in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        try:
            found.append((point, point.load()()))
        except Exception:  # noqa: BLE001, S112 - somebody else's code; a broken plug-in must not stop the others
            continue
    return tuple(found)


def target_of(kind: FileType) -> str:
    """The id of the type that a converter makes of files of this kind, or '' when there is none."""
    point = _point(kind)
    return point[1].target if point and point[1].target in TYPES else ""


def _point(kind: FileType) -> tuple[EntryPoint, Converter] | None:
    return next((entry for entry in _installed() if kind.id in entry[1].sources), None)


def convert(kind: FileType, source: Path, target: Path, seconds: float) -> None:
    """Run the converter for this kind. Raises ``Refused``: ``limit.time`` or ``converter.failed``."""
    point = _point(kind)
    assert point is not None
    command = [sys.executable, "-m", "sekisho.sanitizer.converters", point[0].name, str(source), str(target)]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=seconds, stdin=subprocess.DEVNULL)  # noqa: S603
    except subprocess.TimeoutExpired as error:
        raise Refused("limit.time", seconds=round(seconds)) from error
    except (subprocess.CalledProcessError, OSError) as error:
        raise Refused("converter.failed", name=point[0].name) from error


def main() -> None:
    """``python -m sekisho.sanitizer.converters NAME SOURCE TARGET``: what ``convert`` starts."""
    name, source, target = sys.argv[1:]
    converter = next(entry[1] for entry in _installed() if entry[0].name == name)
    converter.convert(Path(source), Path(target))


if __name__ == "__main__":
    main()
