"""What a handler is given: the untrusted source, the place for the new file, the policy, and a pen for the report."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from io import BytesIO
from typing import Any, BinaryIO

from sekisho.sanitizer.filetypes import FileType
from sekisho.sanitizer.policies import Keep, Limits, Policy
from sekisho.sanitizer.results import LOCKED, Refused, Removal

# A hostile file must not fill the report: past this many different entries the rest are only counted.
MAX_REMOVALS = 2_000
# A tree of XML takes some 25 times the room of its text.
MAX_HELD = 1 << 20


@dataclass(frozen=True)
class Member:
    """A file inside a file after its own passage. ``data`` is None when it was refused (``refusal`` says why)."""

    name: str
    data: bytes | None
    refusal: str = ""
    refusal_params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def passes_reason_on(self) -> bool:
        """Whether what holds it is refused for the same: a limit that both share, or a password, to be asked for."""
        return self.refusal.startswith("limit.") or self.refusal in LOCKED

    @property
    def is_empty(self) -> bool:
        """Whether there was nothing in it: left out, and no reason to refuse what holds it."""
        return self.refusal == "input.empty"

    def stops_the_whole(self, code: str, name: str) -> Refused:
        """The refusal of what holds it: for its own reason, where that is passed on; else ``code``, which names it."""
        if self.passes_reason_on:
            return Refused(self.refusal, **self.refusal_params)
        return Refused(code, member=name, reason=self.refusal)


@dataclass
class Job:
    """One file on its way through one method.

    ``source`` and ``output`` are binary files at position 0. ``produced`` is the id of the type written, by
    default the type read. ``fidelity`` holds figures of before and after that the handler measured.
    """

    source: BinaryIO
    output: BinaryIO
    type: FileType
    name: str
    policy: Policy
    method: str
    password: str | None = None
    pass_member: Callable[[str, bytes], Member] | None = None
    convert_letter: Callable[[bytes], bytes] | None = None
    #: makes a file that can be read again; inside the walls it takes no memory of the process
    new_file: Callable[[], BinaryIO] = BytesIO
    produced: str = ""
    mends: frozenset[str] = frozenset()
    fidelity: dict[str, Any] = field(default_factory=dict)
    _held: list[Any] = field(default_factory=list)
    _held_bytes: int = 0
    _removals: dict[tuple[Any, ...], Removal] = field(default_factory=dict)
    _counts: dict[tuple[Any, ...], int] = field(default_factory=dict)

    @cached_property
    def data(self) -> bytes:
        """The whole source. Handlers of types that stream do not ask for it."""
        self.source.seek(0)
        return self.source.read()

    @property
    def keep(self) -> Keep:
        return self.policy.keep

    @property
    def limits(self) -> Limits:
        return self.policy.limits

    @property
    def removals(self) -> tuple[Removal, ...]:
        return tuple(replace(removal, count=self._counts[key]) for key, removal in self._removals.items())

    def removed(
        self, code: str, *, action: str = "removed", detail: str = "", count: int = 1, **where: Any
    ) -> None:
        """Report that something did not come through as it was. Equal entries are joined and counted."""
        key: tuple[Any, ...] = (code, action, detail, tuple(sorted(where.items())))
        if key not in self._removals and len(self._removals) >= MAX_REMOVALS:
            key, where, detail = (code, action), {}, ""
        if key in self._removals:
            self._counts[key] += count
        else:
            self._removals[key] = Removal(code, action, where, detail[:200])
            self._counts[key] = count

    def hold(self, thing: Any, size: int) -> None:
        """Keep what came of ``size`` bytes as long as this job, while there is little: taking it apart takes longer than reading it."""
        if self._held_bytes + size <= MAX_HELD:
            self._held.append(thing)
            self._held_bytes += size

    def start_over(self) -> None:
        """Forget what was written and reported: the source is gone through anew, in another way."""
        self.output.seek(0)
        self.output.truncate()
        self._removals.clear()
        self._counts.clear()

    def read_instead(self, source: BinaryIO, mend: str) -> None:
        """Go on with another source: what was received, mended in this way."""
        self.source, self.mends = source, self.mends | {mend}
        self.__dict__.pop("data", None)

    def changed(self, code: str, **rest: Any) -> None:
        """``removed`` for what was altered and kept."""
        self.removed(code, action="changed", **rest)

    def lost(self, code: str, **rest: Any) -> None:
        """``removed`` for something harmless that could not be kept."""
        self.removed(code, action="lost", **rest)

    def warn(self, code: str, **rest: Any) -> None:
        """Something that stays and that people should know of."""
        self.removed(code, action="warned", **rest)

    def leave_out(self, member: Member, code: str, name: str) -> None:
        """Report a member that does not come out. Raises where the policy refuses the whole for it; an empty one is no reason."""
        if self.policy.refused_members == "refuse" and not member.is_empty:
            raise member.stops_the_whole(code, name)
        self.removed(code, member=name, detail=member.refusal)

    def broken(self) -> Refused:
        """The refusal of a source that breaks the rules of its type: ``raise job.broken() from error``."""
        return Refused("input.broken", type=self.type.id)

    def check_limit(self, limit: str, amount: int) -> None:
        """Raise the refusal of a limit that ``amount`` passes (``pages``, ``pixels``, ``frames`` ...)."""
        allowed = getattr(self.limits, limit)
        if amount > allowed:
            raise Refused(f"limit.{limit}", limit=allowed)

    def require(self, condition: bool, what: str, **figures: Any) -> None:
        """A fidelity check of the handler's own: raises the refusal that makes the next method be tried."""
        if not condition:
            raise Refused("fidelity.failed", what=what, **figures)

    def member(self, name: str, data: bytes) -> Member:
        """Send a file found inside through its own passage (own process, same policy and budget)."""
        if self.pass_member is None:
            return Member(name, None, "engine.unavailable")
        return self.pass_member(name, data)

    def converted_letter(self, docx: bytes) -> bytes:
        """A Word document of our own as the PDF that LibreOffice makes of it: as untrusted as what is in it.

        Raises ``Refused`` where there is no LibreOffice in a box of its own.
        """
        if self.convert_letter is None:
            raise Refused("engine.unavailable", component="LibreOffice")
        return self.convert_letter(docx)

    def made(self) -> dict[str, Any]:
        """The message that tells the engine what came of it."""
        return {
            "kind": "made",
            "type": self.produced or self.type.id,
            "removed": [asdict(removal) for removal in self.removals],
            "fidelity": self.fidelity,
        }
