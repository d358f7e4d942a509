"""Looking at a file without making one: what it is, and whether it is clean. In a locked-in child, as always."""

import io
import tempfile
from typing import Any

from sekisho.sanitizer.engine import Source, received, shared_reader, shared_warden
from sekisho.sanitizer.filetypes import TYPES, FileType
from sekisho.sanitizer.isolation.files import held
from sekisho.sanitizer.isolation.warden import Died
from sekisho.sanitizer.judging import read_as_named
from sekisho.sanitizer.names import claimed_name
from sekisho.sanitizer.policies import Limits
from sekisho.sanitizer.verify.grammar import Complaint


def identify_file(source: Source, *, name: str = "") -> tuple[FileType, tuple[str, ...]]:
    """The type of a file and the ids of other types it could pass for. Raises ``OSError`` when unreadable."""
    with held(received(source)) as spool:
        return _identified(spool, name or _name(source))


def verify_file(source: Source, *, name: str = "") -> Complaint | None:
    """The first thing in a file that a clean file may not hold, or None. A stream is read once, from where it stands."""
    try:
        with held(received(source)) as spool:
            kind, rivals = _identified(spool, name or _name(source))
            if rivals:
                return Complaint("type.ambiguous", ", ".join([kind.id, *rivals]))
            kind = read_as_named(kind, claimed_name(name or _name(source)).types())
            message = _ask({"task": "verify", "type": kind.id}, spool)
    except OSError:
        return Complaint("input.unreadable")
    if message["kind"] == "refused":
        return Complaint(message["code"])
    return Complaint(**message["complaint"]) if message["complaint"] else None


def _identified(spool: Any, name: str) -> tuple[FileType, tuple[str, ...]]:
    message = _ask({"task": "identify", "extension": claimed_name(name).extension}, spool)
    if message["kind"] != "identified":
        return TYPES["unknown"], ()
    return TYPES[message["type"]], tuple(message["rivals"])


def _name(source: Source) -> str:
    return (
        str(getattr(source, "name", source)) if not isinstance(source, bytes | bytearray | memoryview) else ""
    )


def _ask(request: dict[str, Any], spool: Any) -> dict[str, Any]:
    limits, size = Limits(), spool.seek(0, io.SEEK_END)
    # what is looked at where it lies is no memory of the child's own; a large file has more time, as in the engine
    bounds = {"memory": (limits.memory_mb << 20) + size, "output": limits.output_bytes}
    seconds = limits.seconds + limits.seconds_per_mb * (size >> 20)
    spool.seek(0)
    with tempfile.TemporaryFile() as nowhere:
        try:
            warden = shared_reader() if request["task"] == "verify" else shared_warden()
            return warden.run({**request, **bounds}, spool, nowhere, seconds=seconds)
        except Died as death:
            return {"kind": "refused", "code": death.code, "params": {}}
