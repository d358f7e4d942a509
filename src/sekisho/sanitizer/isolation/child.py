"""What runs inside the walls: identify, ask which method, make the new file, say what came of it."""

import io
import os
import socket
from contextlib import suppress
from dataclasses import asdict
from functools import cache
from importlib import import_module
from itertools import islice
from typing import Any, BinaryIO

from sekisho.sanitizer import crosscheck, formats
from sekisho.sanitizer.filetypes import COMPOUND_FILE, TYPES
from sekisho.sanitizer.formats import archive_readers, old_office, picture, rtf_objects
from sekisho.sanitizer.formats.encrypted_office import decrypted, decrypted_legacy
from sekisho.sanitizer.formats.job import Job, Member
from sekisho.sanitizer.formats.swelling import require_bounded
from sekisho.sanitizer.identify import Identity, identify
from sekisho.sanitizer.isolation import channel, warming, working
from sekisho.sanitizer.policies import Policy
from sekisho.sanitizer.results import Refused, Removal

_OPEN_DOCUMENT = {"odt", "ods", "odp"}  # these say in one of their parts that they are locked


def preload(modules: list[str]) -> None:
    """Load every handler, encoding and ``modules`` once, in the warm parent."""
    working.load_encodings()
    crosscheck.prepare()
    formats.preload()
    picture.prepare()
    for module in modules:
        import_module(module)


def warm_up() -> None:
    """Take files of our own through their handlers; what comes of it does not matter."""
    for kind, sample in warming.samples().items():
        _handle(kind, sample)


def _handle(kind: str, sample: bytes) -> None:
    for _time in range(warming.ROUNDS):
        source, policy = io.BytesIO(sample), Policy.from_dict(Policy.named("inbound").as_dict())
        route = formats.route_for(identify(source).type, "rebuilt")
        crosscheck.objection(source, kind)
        job = Job(source, io.BytesIO(), TYPES[kind], f"a.{kind}", policy, "rebuilt")
        if route:
            module, function = route.full_handler.split(":")
            with suppress(Refused):
                getattr(import_module(module), function)(job)


def work(request: dict[str, Any], talk: socket.socket, source: int, sink: int) -> None:
    """See ``working.work``."""
    working.work(_TASKS, request, talk, source, sink)


def _new_file(talk: socket.socket) -> BinaryIO:
    """A file of the engine's giving, which counts them: who may make files of memory takes it without end."""
    channel.send(talk, {"kind": "file"})
    _answer, (file,) = channel.receive(talk)
    return os.fdopen(file, "w+b")


@cache
def _carrier(talk: socket.socket) -> BinaryIO:
    """The file in which this process hands others over, one after the other."""
    return _new_file(talk)


def _identify(
    request: dict[str, Any], talk: socket.socket, source: BinaryIO, sink: BinaryIO
) -> dict[str, Any]:
    identity = identify(source, extension=request.get("extension", ""))
    return _identified(source, identity)


def _identified(source: BinaryIO, identity: Identity) -> dict[str, Any]:
    return {
        "kind": "identified",
        "type": identity.type.id,
        "rivals": list(identity.rivals),
        "objection": crosscheck.objection(source, identity.type.id),
    }


def _prepare(
    request: dict[str, Any], talk: socket.socket, source: BinaryIO, sink: BinaryIO
) -> dict[str, Any]:
    """Write a file without its encryption, objects and macros to the sink, for the program that converts it; a bomb is refused."""
    kind = request["type"]
    if kind == "rtf":
        return _prepared(rtf_objects.leave_out(source, sink))
    may_be_locked = source.read(len(COMPOUND_FILE)) == COMPOUND_FILE or kind in _OPEN_DOCUMENT
    plain = decrypted_legacy(source, request.get("password")) if may_be_locked else None
    opened = source if plain is None else io.BytesIO(plain)
    require_bounded(opened, Policy.from_dict(request["policy"]).limits, drawn=request["drawn"])
    if kind in old_office.KINDS:
        return _prepared(old_office.write_anew(kind, opened, sink))
    sink.write(plain or b"")
    return {"kind": "plain"} if plain is None else _prepared([])


def _prepared(left_out: list[Removal]) -> dict[str, Any]:
    return {"kind": "prepared", "removed": [asdict(removal) for removal in left_out]}


def _sanitize(
    request: dict[str, Any], talk: socket.socket, source: BinaryIO, sink: BinaryIO
) -> dict[str, Any]:
    source, identity = _opened(request, source)
    channel.send(talk, _identified(source, identity))
    chosen, _files = channel.receive(talk)
    if chosen["kind"] != "method":
        return {"kind": "stopped"}
    job = Job(
        source=source,
        output=sink,
        type=TYPES[chosen["type"]],
        name=request["name"],
        policy=Policy.from_dict(request["policy"]),
        method=chosen["method"],
        password=request.get("password"),
        pass_member=lambda name, data: _pass_member(talk, name, data),
        convert_letter=lambda data: _convert_letter(talk, data),
        new_file=lambda: _new_file(talk),
    )
    module, function = chosen["handler"].split(":")
    getattr(import_module(module), function)(job)
    _kept.append(job)
    return job.made()


# The process ends with its job: nothing need be taken apart.
_kept: list[Job] = []


def _opened(request: dict[str, Any], source: BinaryIO) -> tuple[BinaryIO, Identity]:
    """The file and its type; an encrypted Office document is opened with the password that came with it."""
    identity = identify(source, extension=request.get("extension", ""))
    if identity.type is TYPES["encrypted-ooxml"]:
        source = io.BytesIO(decrypted(source, request.get("password")))
        identity = identify(source)
    return source, identity


def _pass_member(talk: socket.socket, name: str, data: bytes) -> Member:
    """Ask the engine, outside the walls, to give a file found inside its own passage."""
    answer, clean = _exchange(talk, {"kind": "member", "name": name}, data)
    return Member(answer["name"], clean, answer["refusal"], answer["params"])


def _convert_letter(talk: socket.socket, data: bytes) -> bytes:
    """Ask the engine to have LibreOffice make a PDF of a Word document that we wrote."""
    answer, pdf = _exchange(talk, {"kind": "letter"}, data)
    if pdf is None:
        raise Refused(answer["refusal"], **answer["params"])
    return pdf


def _exchange(
    talk: socket.socket, message: dict[str, Any], data: bytes
) -> tuple[dict[str, Any], bytes | None]:
    """Send a file with a message; the answer and the file that comes with it."""
    carrier = _carrier(talk)
    carrier.seek(0)
    carrier.truncate()
    carrier.write(data)
    carrier.flush()
    channel.send(talk, message, (carrier.fileno(),))
    answer, files = channel.receive(talk)
    if not files:
        return answer, None
    with os.fdopen(files[0], "rb") as received:
        received.seek(0)
        return answer, received.read()


def _picture(
    request: dict[str, Any], talk: socket.socket, source: BinaryIO, sink: BinaryIO
) -> dict[str, Any]:
    """Draw one page to the sink; a type that is drawn by way of another one is only named."""
    source, identity = _opened(request, source)
    kind = identity.type
    if kind.id != "pdf" and kind.family not in ("image", "text", "markup"):
        return {"kind": "indirect", "family": kind.family, "type": kind.id}
    source.seek(0)
    drawn = picture.draw(source, kind, int(request["page"]), request.get("password"))
    sink.write(picture.encoded(drawn.picture))
    return {"kind": "drawn", "pages": drawn.pages}


def _archive(request: dict[str, Any], source: BinaryIO, sink: BinaryIO) -> Job:
    """An archive to look into. Raises ``Refused`` for what is none."""
    kind = identify(source, extension=request.get("extension", "")).type
    if kind.family != "archive":
        raise Refused("policy.no_method", type=kind.id)
    source.seek(0)
    return Job(source, sink, kind, "", Policy.named("inbound"), "rebuilt", request.get("password"))


def _members(
    request: dict[str, Any], talk: socket.socket, source: BinaryIO, sink: BinaryIO
) -> dict[str, Any]:
    """The names of the files in an archive."""
    return {"kind": "members", "names": list(archive_readers.names(_archive(request, source, sink)))}


def _unpack(request: dict[str, Any], talk: socket.socket, source: BinaryIO, sink: BinaryIO) -> dict[str, Any]:
    """One file of an archive, counted from 1, to the sink: as untrusted as the archive."""
    found = archive_readers.entries(_archive(request, source, sink))
    entry = next(islice(found, int(request["number"]) - 1, None), None)
    if entry is None:
        raise Refused("archive.nothing_left")
    sink.write(entry.data)
    return {"kind": "unpacked", "name": entry.name}


_TASKS: dict[str, working.Task] = {
    "identify": _identify,
    "sanitize": _sanitize,
    "prepare": _prepare,
    "picture": _picture,
    "members": _members,
    "unpack": _unpack,
}
