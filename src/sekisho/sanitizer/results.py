"""What comes back from the sanitizer: a result, and the report that says how it came about.

Everything here is plain frozen data. ``Report.as_dict()`` is the published JSON (docs/sanitizer-report.schema.json).
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Status = Literal["clean", "refused"]
Method = Literal["pixel", "text", "rebuilt", "reauthored"]

METHODS: tuple[Method, ...] = ("pixel", "text", "rebuilt", "reauthored")
REPORT_VERSION = 1


@dataclass(frozen=True)
class Removal:
    """One thing that did not come through as it was.

    ``code`` is stable (``sekisho sanitize --explain CODE``); ``action`` is ``removed``, ``changed``, ``lost``
    (something harmless that could not be kept) or ``warned``. ``where`` holds what places it: any of ``page``,
    ``sheet``, ``cell``, ``slide``, ``part``, ``object``, ``line``, ``column``, ``member``. ``count`` joins
    equal ones.
    """

    code: str
    action: str = "removed"
    where: Mapping[str, Any] = field(default_factory=dict)
    detail: str = ""
    count: int = 1


@dataclass(frozen=True)
class Attempt:
    """One method that was tried: ``outcome`` is ``clean`` or the code of why it was not."""

    method: str
    outcome: str
    milliseconds: int = 0


@dataclass(frozen=True)
class FileFacts:
    """A file as it was received or given out. ``size`` in bytes."""

    name: str
    size: int
    sha256: str
    type: str


@dataclass(frozen=True)
class Report:
    """Everything about one file's passage."""

    status: Status
    policy: str
    input: FileFacts
    output: FileFacts | None = None
    method: str = ""
    refusal: str = ""
    refusal_params: Mapping[str, Any] = field(default_factory=dict)
    removed: tuple[Removal, ...] = ()
    fidelity: Mapping[str, Any] = field(default_factory=dict)
    attempts: tuple[Attempt, ...] = ()
    members: tuple["Report", ...] = ()
    engine: Mapping[str, str] = field(default_factory=dict)
    isolation: Mapping[str, bool] = field(default_factory=dict)
    milliseconds: int = 0

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON values, with the words of each code in both languages."""
        from sekisho.sanitizer.words import explain

        document = {"report_version": REPORT_VERSION, **asdict(self)}
        document["removed"] = [
            {
                **asdict(removal),
                "words": explain(removal.code).filled({"detail": removal.detail, **removal.where}),
            }
            for removal in self.removed
        ]
        document["refusal"] = (
            {"code": self.refusal, "words": explain(self.refusal).filled(self.refusal_params)}
            if self.refusal
            else None
        )
        del document["refusal_params"]
        document["members"] = [member.as_dict() for member in self.members]
        return document


@dataclass(frozen=True)
class Result:
    """``output`` is the new file when ``status`` is ``clean``, otherwise None: the original never comes back."""

    status: Status
    output: bytes | None
    name: str
    method: str
    report: Report

    @property
    def is_clean(self) -> bool:
        return self.status == "clean"


#: reasons for a refusal that a password may mend
LOCKED = frozenset({"input.encrypted", "input.wrong_password"})


class Refused(Exception):
    """Raised by a handler when no clean file can be made. ``code`` is one of words.yaml."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params
