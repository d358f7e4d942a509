"""Looking at a file without making one: what it is, and whether it is clean. In a locked-in child, as always."""

import tempfile
from typing import Any

from sekisho.sanitizer.engine import Source, opened, shared_reader, shared_warden
from sekisho.sanitizer.filetypes import TYPES, FileType
from sekisho.sanitizer.isolation.warden import Died
from sekisho.sanitizer.names import claimed_name
from sekisho.sanitizer.policies import Limits
from sekisho.sanitizer.verify.grammar import Complaint


def identify_file(source: Source, *, name: str = "") -> tuple[FileType, tuple[str, ...]]:
    """The type of a file and the ids of other types it could pass for. Raises ``OSError`` when unreadable."""
    message = _ask({"task": "identify", "extension": claimed_name(name or _name(source)).extension}, source)
    if message["kind"] != "identified":
        return TYPES["unknown"], ()
    return TYPES[message["type"]], tuple(message["rivals"])


def verify_file(source: Source, *, name: str = "") -> Complaint | None:
    """The first thing in a file that a clean file may not hold, or None."""
    try:
        kind, rivals = identify_file(source, name=name)
    except OSError:
        return Complaint("input.unreadable")
    if rivals:
        return Complaint("type.ambiguous", ", ".join([kind.id, *rivals]))
    message = _ask({"task": "verify", "type": kind.id}, source)
    if message["kind"] == "refused":
        return Complaint(message["code"])
    return Complaint(**message["complaint"]) if message["complaint"] else None


def _name(source: Source) -> str:
    return (
        str(getattr(source, "name", source)) if not isinstance(source, bytes | bytearray | memoryview) else ""
    )


def _ask(request: dict[str, Any], source: Source) -> dict[str, Any]:
    limits = Limits()
    bounds = {"memory": limits.memory_mb << 20, "output": limits.output_bytes}
    with tempfile.TemporaryFile() as spool, tempfile.TemporaryFile() as nowhere:
        with opened(source) as stream:
            while chunk := stream.read(1 << 20):
                spool.write(chunk)
        spool.flush()
        spool.seek(0)
        try:
            warden = shared_reader() if request["task"] == "verify" else shared_warden()
            return warden.run({**request, **bounds}, spool, nowhere, seconds=limits.seconds)
        except Died as death:
            code = "limit.time" if death.timed_out else "engine.crashed"
            return {"kind": "refused", "code": code, "params": {}}
