"""The passage of a file: spool, identify, try the allowed methods in order, verify, and give out or refuse.

This side never parses the file. Every step that reads it runs in a locked-in child (``isolation``); what comes
back is a new file and a list of facts. There is one place that fills ``Result.output``, and it reads the very
file that another child verified, a copy of what the first one wrote: no path leads from the source to the output.
"""

import errno
import hashlib
import io
import math
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import IO, Any, BinaryIO

from sekisho.sanitizer import converters, crosscheck
from sekisho.sanitizer.budget import Budget
from sekisho.sanitizer.conversion import converted
from sekisho.sanitizer.filetypes import TYPES, FileType
from sekisho.sanitizer.formats import Route, route_for
from sekisho.sanitizer.isolation.files import CHUNK, digested, held, pieces_of
from sekisho.sanitizer.isolation.sandbox import abilities
from sekisho.sanitizer.isolation.warden import Died, Warden
from sekisho.sanitizer.isolation.working import is_full
from sekisho.sanitizer.judging import judged
from sekisho.sanitizer.libreoffice import box_program
from sekisho.sanitizer.names import ClaimedName, claimed_name
from sekisho.sanitizer.policies import Policy
from sekisho.sanitizer.results import Attempt, FileFacts, Refused, Removal, Report, Result
from sekisho.sanitizer.verify.grammar import Complaint

Source = bytes | bytearray | memoryview | str | Path | BinaryIO
_MOST_GIVEN = 16  # files that a child works with besides its source and its output: a PDF takes one, one that is mended more
_LETTER_SECONDS = 40  # what pictures that another program draws may take of a file's time
# refusals that no other method would change
_FINAL = {
    "input.encrypted", "input.wrong_password", "input.unsupported_encryption", "limit.files", "limit.total_bytes",
    "limit.depth", "limit.ratio", "ooxml.dtd", "ooxml.encoding", "ooxml.package_tricks", "type.ambiguous",
    "type.cross_check", "type.dangerous", "type.name_lies", "type.unsupported", "type.unknown", "engine.no_room",
}  # fmt: skip
_LIBRARIES = ("pikepdf", "pypdfium2", "isal", "lxml", "Pillow", "pillow-heif", "nh3", "resvg-py", "py7zr", "olefile",
              "msoffcrypto-tool")  # fmt: skip


@cache
def shared_warden() -> Warden:
    """The warm parent that all callers in this process share."""
    return Warden()


@cache
def shared_reader() -> Warden:
    """The warm parent of the second opinion: a process that has never loaded a handler."""
    return Warden(role="reader")


@cache
def versions() -> dict[str, str]:
    """The engine and the libraries it parses with."""
    found = {"sekisho": _version("sekisho"), "libmagic": crosscheck.version()}
    return found | {name: _version(name) for name in _LIBRARIES}


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def sanitize(
    source: Source,
    policy: Policy | str = "inbound",
    *,
    name: str,
    password: str | Sequence[str] | None = None,
    require_sandbox: bool = False,
    warden: Warden | None = None,
    into: IO[bytes] | io.RawIOBase | None = None,
) -> Result:
    """Make a new, harmless file from an untrusted one, or refuse with a reason.

    ``source``: bytes, a path or a binary file. ``policy``: a ``Policy`` or the name of a shipped one. ``name``: the
    file's name as received; nothing is read from it but its extension. ``password`` opens encrypted sources and is
    neither kept nor reported; of several, the first is for the file itself, and each is tried on every file within it. ``require_sandbox`` refuses where the kernel lacks Landlock or seccomp. ``into``: a file
    that is given the new one piece by piece, once it is verified; ``Result.output`` is then empty, and memory stays flat.

    Never raises for what the file holds: a time-out, a crash or a fault of ours is a refusal. Raises ``PolicyError``
    for a policy that does not exist.
    """
    chosen = Policy.named(policy) if isinstance(policy, str) else policy
    shared_reader().get_ready()  # beside the other one, which is asked first
    passage = _Passage(
        name=claimed_name(name), policy=chosen, passwords=_several(password),
        warden=warden or shared_warden(), budget=Budget.of(chosen), into=into,
    )  # fmt: skip
    return passage.run(source, require_sandbox=require_sandbox)


@dataclass
class _Passage:
    """One file (outer or nested) on its way."""

    name: ClaimedName
    policy: Policy
    passwords: tuple[str, ...]
    warden: Warden
    budget: Budget
    depth: int = 0
    into: IO[bytes] | io.RawIOBase | None = None
    seen: FileType = TYPES["unknown"]
    kind: FileType = TYPES["unknown"]  # what it is taken for, when its name has been heard
    removed: list[Removal] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    members: list[Report] = field(default_factory=list)
    spool: Any = None  # the source as it was received
    size: int = 0
    digest: Callable[[], str] = hashlib.sha256().hexdigest
    started: float = field(default_factory=time.monotonic)

    @property
    def password(self) -> str | None:
        return self.passwords[0] if self.passwords else None

    def run(self, source: Source, *, require_sandbox: bool = False) -> Result:
        try:
            if require_sandbox and not abilities().complete:
                raise Refused("engine.sandbox_missing")
            if self.depth > self.policy.limits.depth:
                raise Refused("limit.depth", limit=self.policy.limits.depth)
            with ExitStack() as kept:
                self._receive(source, kept)
                return self._through_methods()
        except Refused as refusal:
            return self._refused(refusal)

    # -- in ---------------------------------------------------------------------------------------------------

    def _receive(self, source: Source, kept: ExitStack) -> None:
        """Copy the source, so that it cannot change under us."""
        try:
            self.spool = kept.enter_context(held(received(source, self.policy.limits.bytes)))
        except IsADirectoryError as error:
            raise Refused("input.not_a_file") from error
        except (OSError, ValueError) as error:
            raise Refused("engine.no_room" if is_full(error) else "input.unreadable") from error
        self.size = os.fstat(self.spool.fileno()).st_size
        self.digest = kept.enter_context(digested(self.spool))
        if self.size == 0:
            raise Refused("input.empty")
        if self.depth:
            self.budget.spend(self.policy, self.size)
        else:
            self.budget.grant_time(self.policy, self.size)
        if self.name.changed:
            self.removed.append(Removal("name.normalised", "changed"))

    # -- the methods ------------------------------------------------------------------------------------------

    def _through_methods(self) -> Result:
        """Try each allowed method until one yields a verified file; the last refusal stands otherwise."""
        position, last = 0, Refused("policy.no_method", type=self.kind.id)
        while True:
            begun = time.monotonic()
            attempt = _Attempt(self, position)
            try:
                return attempt.run()
            except Refused as refusal:
                # A missing program says less than why the method before it failed.
                if refusal.code != "engine.unavailable" or not self.attempts:
                    last = refusal
                if attempt.method:
                    spent = round((time.monotonic() - begun) * 1000)
                    self.attempts.append(Attempt(attempt.method, refusal.code, spent))
            position += 1
            methods = self.policy.methods_for(self.kind)
            # What takes too much work to be read, or drawn small, takes more to be drawn large.
            if last.code == "limit.work" and methods[position : position + 1] == ("pixel",):
                position += 1
            if not attempt.method or last.code in _FINAL or position >= len(methods):
                raise last

    def choose(self, identified: Mapping[str, Any], position: int) -> tuple[str, Route | None]:
        """Judge what the child identified, and say which method it shall use. Raises ``Refused``."""
        self.kind = self.seen = TYPES[identified["type"]]
        if identified["rivals"]:
            types = ", ".join([self.kind.id, *identified["rivals"]])
            raise Refused("type.ambiguous", types=types)
        self.kind = judged(self.kind, self.name.types(), self.name.extension, self.policy)
        self._judge_objection(identified["objection"])
        methods = self.policy.methods_for(self.kind)
        if position >= len(methods):
            raise Refused("policy.no_method", type=self.kind.id)
        return methods[position], self._route(methods[position])

    def _route(self, method: str) -> Route | None:
        """Our own way for the type, else the one over the converter that an office plugged in."""
        target = converters.target_of(self.kind) if self.kind.family == "refused" else ""
        if not target:
            return route_for(self.kind, method)
        onward = (route_for(TYPES[target], way) for way in ("rebuilt", "pixel", "text"))
        return next((replace(route, via=target) for route in onward if route), None)

    def _judge_objection(self, seen: str) -> None:
        """libmagic takes the file for ``seen``, which it cannot be if our sniffers are right."""
        if seen and self.policy.cross_check == "refuse":
            raise Refused("type.cross_check", type=self.kind.id, seen=seen)
        told = Removal("type.cross_check", "warned", {"type": self.kind.id, "seen": seen})
        if seen and told not in self.removed:
            self.removed.append(told)

    # -- out --------------------------------------------------------------------------------------------------

    def clean(self, new: BinaryIO, digest: str, made: Mapping[str, Any], method: str) -> Result:
        """Read the verified file: the one place where an output arises."""
        output, size = self._given_out(new)
        produced = TYPES[made["type"]]
        name = self.name.as_type(produced)
        removed = [*self.removed, *(Removal(**entry) for entry in made["removed"])]
        if not name.lower().endswith(f".{self.name.extension}") and self.name.extension:
            removed.append(Removal("type.renamed", "changed", {}, f".{self.name.extension}"))
        facts = FileFacts(name, size, digest, produced.id)
        report = self._report(
            "clean", output=facts, method=method, removed=removed, fidelity=made["fidelity"]
        )
        return Result("clean", output, name, method, report)

    def _given_out(self, new: BinaryIO) -> tuple[bytes, int]:
        """The verified bytes (none where they go into a file), and how many there are."""
        new.seek(0)
        if self.into is None:
            output = new.read()
            return output, len(output)
        shutil.copyfileobj(new, self.into, CHUNK)
        return b"", new.tell()

    def _refused(self, refusal: Refused) -> Result:
        report = self._report(
            "refused", refusal=refusal.code, refusal_params=refusal.params, removed=self.removed
        )
        return Result("refused", None, self.name.safe, "", report)

    def _report(self, status: Any, *, removed: list[Removal], **rest: Any) -> Report:
        return Report(
            status=status,
            policy=self.policy.name,
            input=FileFacts(self.name.safe, self.size, self.digest(), self.seen.id),
            removed=tuple(removed),
            attempts=tuple(self.attempts),
            members=tuple(self.members),
            engine=versions() if self.depth == 0 else {},
            isolation=asdict(abilities()) if self.depth == 0 else {},
            milliseconds=round((time.monotonic() - self.started) * 1000),
            **rest,
        )


class _Attempt:
    """One method in one child, then the verification of its output in another."""

    def __init__(self, passage: _Passage, position: int) -> None:
        self.passage = passage
        self.position = position
        self.method = ""
        self.route = Route("")
        self.expected = ""  # the type another program was asked to convert to, once it has
        self.left_out: list[dict[str, Any]] = []  # before another program was given the source
        self.carriers: list[Any] = []
        self.handed: list[Any] = []  # what the child was given with the last answer
        self.given = 0  # how many files the child asked for

    def run(self) -> Result:
        """The clean result, or ``Refused``."""
        passage = self.passage
        begun = time.monotonic()
        passage.members.clear()
        with ExitStack() as kept:
            kept.callback(lambda: [carrier.close() for carrier in (*self.carriers, *self.handed)])
            try:
                with tempfile.TemporaryFile() as sink:
                    made = self._made(sink)
                    new = kept.enter_context(held(pieces_of(sink)))
                digest = kept.enter_context(digested(new))
                self._verify(new, made["type"])
            except OSError as error:  # in files of our own
                raise Refused("engine.no_room" if is_full(error) else "engine.crashed") from error
            passage.attempts.append(Attempt(self.method, "clean", round((time.monotonic() - begun) * 1000)))
            return passage.clean(new, digest(), made, self.method)

    def _made(self, sink: Any) -> dict[str, Any]:
        """Have a child write the new file to ``sink``; another program goes first where the route says so."""
        message = self._ask(self.passage.spool, sink)
        if self.route.via:
            message = self._converted(sink)
        if message["kind"] == "refused":
            raise Refused(message["code"], **message["params"])
        if message["kind"] != "made" or not self.method:  # nobody asked for it yet
            raise Refused("engine.crashed")
        return {**message, "removed": [*self.left_out, *message["removed"]]}

    def _converted(self, sink: Any) -> dict[str, Any]:
        """Have a child write the new file from what another program made of the source, or alone where it made nothing."""
        try:
            with converted(self._prepared(), self.passage.kind, self.route.via, self._seconds()) as source:
                self.expected = self.route.via
                message = self._ask(source, sink)
            if message["kind"] == "made" or not self.route.alone:
                return message
        except Refused as refusal:
            if not self.route.alone or refusal.code in _FINAL:
                raise
        self.expected, self.route = "", Route(self.route.alone)
        sink.seek(0)
        sink.truncate()
        return self._ask(self.passage.spool, sink)

    def _prepared(self) -> Any:
        """The source as LibreOffice is given it: without its password and, of old kinds, its objects and macros.

        Raises the refusal of a bomb. The converter of an office is given the source as it came.
        """
        passage = self.passage
        if passage.kind.family == "refused":
            return passage.spool
        plain = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the other carriers
        self.carriers.append(plain)
        request = {
            "task": "prepare",
            "type": passage.kind.id,
            "password": passage.password,
            "policy": passage.policy.as_dict(),
            "drawn": self.route.via == "pdf",
        }
        mapped = passage.size if passage.kind.id == "rtf" else 0
        message = self._run(request, passage.spool, plain, mapped=mapped)
        if message["kind"] == "refused":
            raise Refused(message["code"], **message["params"])
        self.left_out = message.get("removed", [])
        return plain if message["kind"] == "prepared" else passage.spool

    def _seconds(self) -> float:
        return self.passage.budget.seconds_left()

    def _ask(self, source: Any, sink: Any) -> dict[str, Any]:
        """Run one child over ``source`` and return its last message."""
        passage = self.passage
        request = {
            "task": "sanitize",
            "name": passage.name.safe,
            "extension": passage.name.extension,
            "policy": passage.policy.as_dict(),
            "password": passage.password,
        }
        self.given = 0
        return self._run(request, source, sink)

    def _run(
        self, request: dict[str, Any], source: Any, sink: Any, by: Warden | None = None, mapped: int = 0
    ) -> dict[str, Any]:
        """Run one child. ``mapped``: bytes of a file that it looks at where it lies, which are no memory of its own."""
        limits, seconds = self.passage.policy.limits, self._seconds()
        source.seek(0)
        # A file that takes this much of the processor is made to; beside other programs it waits as long as it must.
        work = max(1, limits.seconds // 4) + limits.seconds_per_mb * (os.fstat(source.fileno()).st_size >> 20)
        bounds = {"memory": (limits.memory_mb << 20) + mapped, "output": limits.output_bytes}
        try:
            return (by or self.passage.warden).run(
                {**request, **bounds}, source, sink, seconds=seconds, work=work, answer=self._answer
            )
        except Died as death:
            raise death.refusal(self.passage.budget.seconds) from death

    def _answer(
        self, message: dict[str, Any], files: list[int]
    ) -> tuple[dict[str, Any], tuple[int, ...]] | None:
        while self.handed:  # it asks again, so it has read what it was given
            self.handed.pop().close()
        if message["kind"] == "identified":
            return self._choose(message)
        if message["kind"] == "file":
            return {"kind": "file"}, (self._given_file(),)
        if message["kind"] == "member":
            return self._member(message, files)
        if message["kind"] == "letter":
            return self._letter(files)
        return None

    def _choose(self, message: dict[str, Any]) -> tuple[dict[str, Any], tuple[int, ...]] | None:
        if self.expected:  # a converted file: its type was settled before, and must be what was asked for
            if message["type"] != self.expected:
                raise Refused("engine.crashed")
            kind = self.expected
        elif self.method:  # it is asked again, alone
            kind = self.passage.kind.id
        else:
            self.method, route = self.passage.choose(message, self.position)
            kind = self.passage.kind.id
            if route is None:
                raise Refused("policy.no_method", type=kind)
            self.route = route
            if self.route.via:
                return None
        return {"kind": "method", "method": self.method, "type": kind, "handler": self.route.full_handler}, ()

    def _verify(self, new: BinaryIO, kind: str) -> None:
        """Have other code in another process look at the new file. Raises ``Refused``."""
        with tempfile.TemporaryFile() as nowhere:
            request = {"task": "verify", "type": kind}
            size = os.fstat(new.fileno()).st_size
            message = self._run(request, new, nowhere, by=shared_reader(), mapped=size)
        if message["kind"] == "refused":
            raise Refused("verify.failed", what=message["code"])
        if message["complaint"]:
            raise Refused("verify.failed", what=str(Complaint(**message["complaint"])))

    def _member(self, message: dict[str, Any], files: list[int]) -> tuple[dict[str, Any], tuple[int, ...]]:
        """Give a file found inside its own passage, on the same budget."""
        passage, clean, name = self.passage, self._handed(), claimed_name(str(message["name"]))
        with os.fdopen(files[0], "rb", closefd=False) as found:
            for passwords in _turned(passage.passwords):
                found.seek(0)
                nested = _nested(passage, name, passwords)
                nested.into = clean
                result = nested.run(found)
                if result.report.refusal != "input.wrong_password":
                    break
        passage.members.append(result.report)
        if not result.is_clean:
            params = dict(result.report.refusal_params)
            return {
                "kind": "member", "name": result.name, "refusal": result.report.refusal, "params": params,
            }, ()  # fmt: skip
        clean.flush()
        return {"kind": "member", "name": result.name, "refusal": "", "params": {}}, (clean.fileno(),)

    def _letter(self, files: list[int]) -> tuple[dict[str, Any], tuple[int, ...]]:
        """Have LibreOffice make a PDF of a Word document that the child wrote around metafiles.

        Only in a box: a document that we read ourselves must not bring an office suite into reach by a picture.
        """
        try:
            with os.fdopen(files[0], "rb", closefd=False) as letter:
                if box_program() is None:
                    raise Refused("engine.unavailable", component="bubblewrap")
                seconds = min(_LETTER_SECONDS, self._seconds() / 2)
                with converted(letter, TYPES["docx"], "pdf", seconds) as made:
                    return {"kind": "letter", "refusal": "", "params": {}}, (self._carry(made),)
        except Refused as refusal:
            return {"kind": "letter", "refusal": refusal.code, "params": refusal.params}, ()

    def _handed(self) -> Any:
        """A file for the child, which stays open until it asks for the next."""
        carrier = tempfile.TemporaryFile()  # noqa: SIM115
        self.handed.append(carrier)
        return carrier

    def _given_file(self) -> int:
        """A new file for the child, of a few: each takes room. Its descriptor."""
        self.given += 1
        if self.given > _MOST_GIVEN:
            raise Refused("engine.crashed")
        return int(self._handed().fileno())

    def _carry(self, data: BinaryIO) -> int:
        """A copy of ``data`` for the child; its descriptor."""
        carrier = self._handed()
        shutil.copyfileobj(data, carrier)
        carrier.flush()
        return int(carrier.fileno())


def _several(password: str | Sequence[str] | None) -> tuple[str, ...]:
    return (password,) if isinstance(password, str) else tuple(password or ())


def _turned(passwords: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The passwords with each of them first in turn; once without any."""
    for place in range(max(1, len(passwords))):
        yield (*passwords[place:], *passwords[:place])


def _nested(outer: _Passage, name: ClaimedName, passwords: tuple[str, ...]) -> _Passage:
    return _Passage(
        name=name, policy=outer.policy, passwords=passwords, warden=outer.warden,
        budget=outer.budget, depth=outer.depth + 1,
    )  # fmt: skip


def opened(source: Source) -> IO[bytes] | io.RawIOBase:
    """The source as a binary stream that may be closed. Raises ``OSError``."""
    if isinstance(source, (bytes, bytearray, memoryview)):
        return io.BytesIO(source)
    if isinstance(source, (str, Path)):
        path = Path(source)
        if path.exists() and not path.is_file():  # a pipe or device might never end, nor even open
            raise IsADirectoryError(errno.EISDIR, "not a file", str(path))
        return path.open("rb")
    return _Borrowed(source)


def received(source: Source, limit: float = math.inf) -> Iterator[bytes]:
    """The source piece by piece. Raises ``OSError``, and ``Refused`` beyond ``limit`` bytes."""
    size = 0
    with opened(source) as stream:
        while piece := stream.read(CHUNK):
            size += len(piece)
            if size > limit:
                raise Refused("input.too_large", limit=limit)
            yield piece


class _Borrowed(io.RawIOBase):
    """Reads the caller's stream without closing it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return self._stream.read(size)
