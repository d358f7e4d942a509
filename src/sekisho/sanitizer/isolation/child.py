"""What runs inside the walls: identify, ask which method, make the new file, say what came of it."""

import errno
import io
import os
import socket
import sys
import tempfile
from importlib import import_module
from typing import Any, BinaryIO

from sekisho.sanitizer import crosscheck, formats, verify
from sekisho.sanitizer.filetypes import TYPES
from sekisho.sanitizer.formats.encrypted_office import decrypted, decrypted_legacy
from sekisho.sanitizer.formats.job import Job, Member
from sekisho.sanitizer.identify import Identity, identify
from sekisho.sanitizer.isolation import channel
from sekisho.sanitizer.policies import Policy
from sekisho.sanitizer.results import Refused

# Python looks an encoding up by importing it: those that files declare are loaded before the walls go up.
ENCODINGS = (
    "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp932", "shift_jis", "shift_jis_2004",
    "euc_jp", "iso2022_jp", "iso2022_jp_ext", "iso2022_jp_2", "latin-1", "cp1252", "cp437", "ascii", "idna",
    "punycode", "gb18030", "big5", "euc_kr", "koi8-r", "cp1251", "iso8859-15", "unicode_escape",
)  # fmt: skip


def preload() -> None:
    """Load every handler, verifier and encoding once, in the warm parent."""
    for encoding in ENCODINGS:
        "".encode(encoding)
    crosscheck.prepare()
    formats.preload()
    verify.preload()
    for module in sys.argv[2:]:
        import_module(module)


def work(request: dict[str, Any], talk: socket.socket, source: int, sink: int) -> None:
    """Do one task and answer on the channel ``talk``. Every failure becomes a refusal with a code."""
    with os.fdopen(source, "rb") as readable, os.fdopen(sink, "wb") as writable:
        try:
            reply = _TASKS[request["task"]](request, talk, readable, writable)
            writable.flush()
        except Refused as refusal:
            reply = {"kind": "refused", "code": refusal.code, "params": refusal.params}
        except MemoryError:
            reply = {"kind": "refused", "code": "limit.memory", "params": {}}
        except RecursionError:
            reply = {"kind": "refused", "code": "limit.depth", "params": {"limit": sys.getrecursionlimit()}}
        except channel.ChannelClosed:
            return
        except Exception as error:  # noqa: BLE001 - whatever a parser raises on hostile input ends in a refusal
            reply = {"kind": "refused", **_failure(error)}
    channel.send(talk, reply)


def _carrier() -> BinaryIO:
    """A file without a name, to hand over in a message."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("member"), "w+b")
    return tempfile.TemporaryFile()


def _failure(error: Exception) -> dict[str, Any]:
    if isinstance(error, PermissionError):
        return {"code": "engine.denied", "params": {}}
    if isinstance(error, OSError) and error.errno == errno.EFBIG:
        return {"code": "limit.output", "params": {}}
    if os.environ.get("SEKISHO_SANITIZER_TRACE"):
        import traceback

        traceback.print_exception(error)
    return {"code": "engine.failed", "params": {"error": type(error).__name__}}


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


def _verify(request: dict[str, Any], talk: socket.socket, source: BinaryIO, sink: BinaryIO) -> dict[str, Any]:
    complaint = verify.find_complaint(source, request["type"])
    return {"kind": "verified", "complaint": complaint.as_dict() if complaint else None}


def _decrypt(
    request: dict[str, Any], talk: socket.socket, source: BinaryIO, sink: BinaryIO
) -> dict[str, Any]:
    """Write an old Office file without its encryption to the sink, for the program that converts it."""
    plain = decrypted_legacy(source, request.get("password"))
    sink.write(plain or b"")
    return {"kind": "plain" if plain is None else "decrypted"}


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
    )
    module, function = chosen["handler"].split(":")
    getattr(import_module(module), function)(job)
    return job.made()


def _opened(request: dict[str, Any], source: BinaryIO) -> tuple[BinaryIO, Identity]:
    """The file and its type; an encrypted Office document is opened with the password that came with it."""
    identity = identify(source, extension=request.get("extension", ""))
    if identity.type is TYPES["encrypted-ooxml"]:
        source = io.BytesIO(decrypted(source, request.get("password")))
        identity = identify(source)
    return source, identity


def _pass_member(talk: socket.socket, name: str, data: bytes) -> Member:
    """Ask the engine, outside the walls, to give a file found inside its own passage."""
    with _carrier() as carrier:
        carrier.write(data)
        carrier.flush()
        channel.send(talk, {"kind": "member", "name": name}, (carrier.fileno(),))
    answer, files = channel.receive(talk)
    if not files:
        return Member(answer["name"], None, answer["refusal"])
    with os.fdopen(files[0], "rb") as clean:
        clean.seek(0)
        return Member(answer["name"], clean.read())


_TASKS = {"identify": _identify, "sanitize": _sanitize, "decrypt": _decrypt, "verify": _verify}
