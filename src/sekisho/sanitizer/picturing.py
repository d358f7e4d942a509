"""A page of a file as a picture, for people who compare what came with what was made of it.

The file is read inside the walls by a child, and the PNG it wrote is verified by another process before it is given out:
what is shown is never a byte of the file.
"""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

from sekisho.sanitizer.engine import Source, received, sanitize, shared_reader, shared_warden
from sekisho.sanitizer.isolation.files import held, pieces_of
from sekisho.sanitizer.isolation.sandbox import abilities
from sekisho.sanitizer.isolation.warden import Died, Warden
from sekisho.sanitizer.names import claimed_name
from sekisho.sanitizer.policies import Policy
from sekisho.sanitizer.results import Refused

SECONDS = 20.0
_MEMORY, _OUTPUT = 1 << 30, 64 << 20
#: families that are drawn only after they became a PDF or plain text
_FIRST = {"word": ("pixel", "text"), "sheet": ("pixel", "text"), "slides": ("pixel", "text"), "legacy": ("pixel",),
          "vector": ("pixel",), "mail": ("text",)}  # fmt: skip


@dataclass(frozen=True)
class Picture:
    """A page as PNG, and how many pages there are."""

    png: bytes
    pages: int


def picture(
    source: Source,
    *,
    name: str,
    page: int = 1,
    member: int = 0,
    password: str | None = None,
    require_sandbox: bool = False,
) -> Picture:
    """Page ``page`` (from 1) of an untrusted file, or of the file ``member`` (from 1) in an archive.

    Raises ``Refused`` where no picture can be made.
    """
    with _received(source, require_sandbox=require_sandbox) as file, tempfile.TemporaryFile() as unpacked:
        if not member:
            return _pictured(file, name, page, password)
        asked = {"task": "unpack", "number": member, "password": password}
        made = _run(shared_warden(), {**asked, "extension": claimed_name(name).extension}, file, unpacked)
        return _pictured(unpacked, str(made["name"]).replace("\\", "/").rpartition("/")[2], page, password)


def _pictured(file: Any, name: str, page: int, password: str | None) -> Picture:
    try:
        return _drawn(file, name, page, password)
    except _Indirect as found:
        file.seek(0)
        return _by_way(file, name, page, password, found.family)


def members(source: Source, *, name: str, require_sandbox: bool = False) -> list[str]:
    """The paths of the files in an archive, as they stand there. Raises ``Refused`` for anything else."""
    with _received(source, require_sandbox=require_sandbox) as file, tempfile.TemporaryFile() as nowhere:
        asked = {"task": "members", "extension": claimed_name(name).extension}
        return [str(one) for one in _run(shared_warden(), asked, file, nowhere)["names"]]


@contextmanager
def _received(source: Source, *, require_sandbox: bool) -> Iterator[BinaryIO]:
    """An untrusted file in a file of its own."""
    if require_sandbox and not abilities().complete:
        raise Refused("engine.sandbox_missing")
    with held(received(source, Policy.named("inbound").limits.bytes)) as file:
        yield file


class _Indirect(Exception):
    """The type is drawn only by way of another one."""

    def __init__(self, family: str) -> None:
        super().__init__(family)
        self.family = family


def _by_way(file: Any, name: str, page: int, password: str | None, family: str) -> Picture:
    policy = replace(Policy.named("inbound"), methods={family: _FIRST[family]}, lying_names="rename")
    result = sanitize(file, policy, name=name, password=password)
    if result.output is None:
        raise Refused(result.report.refusal, **result.report.refusal_params)
    with held([result.output]) as clean:
        return _drawn(clean, result.name, page, None)


def _drawn(source: Any, name: str, page: int, password: str | None) -> Picture:
    with tempfile.TemporaryFile() as sink, tempfile.TemporaryFile() as nowhere:
        asked = {
            "task": "picture",
            "page": page,
            "password": password,
            "extension": claimed_name(name).extension,
        }
        made = _run(shared_warden(), asked, source, sink)
        if made["kind"] == "indirect":
            raise (
                _Indirect(made["family"])
                if made["family"] in _FIRST
                else Refused("policy.no_method", type=made["type"])
            )
        with held(pieces_of(sink)) as drawn:
            seen = _run(shared_reader(), {"task": "verify", "type": "png"}, drawn, nowhere)
            if seen["complaint"]:
                raise Refused("verify.failed", what="png")
            return Picture(b"".join(pieces_of(drawn)), int(made["pages"]))


def _run(warden: Warden, request: Mapping[str, Any], source: Any, sink: Any) -> dict[str, Any]:
    source.seek(0)
    try:
        message = warden.run({**request, "memory": _MEMORY, "output": _OUTPUT}, source, sink, seconds=SECONDS)
    except Died as death:
        raise death.refusal(SECONDS) from death
    if message["kind"] == "refused":
        raise Refused(message["code"], **message["params"])
    return message
