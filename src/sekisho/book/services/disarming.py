"""The one service that every file passes before anyone can open it: attachments and evidence of books, transfers, mail.

It is the sanitizer with the installation's walls, and its report as it is kept. Whose file it is, which policy holds, and
where the copy lies is for the caller to say.
"""

import errno
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from sekisho.book.queries.files import MEMBERS
from sekisho.sanitizer import Policy, Removal, Result, sanitize
from sekisho.sanitizer.names import claimed_name
from sekisho.sanitizer.results import LOCKED
from sekisho.sanitizer.words import all_words, explain

#: lines of a report that are kept to be read; the rest is counted
LINES_KEPT = 200
#: workers that may die on a file before it is refused
MOST_TRIES = 2


class NoRoom(OSError):
    """The disk for temporary files is full: the work is tried again later, the file is not refused for it."""

    errno = errno.ENOSPC


@dataclass(frozen=True)
class Disarmed:
    """What came of a file: a new one in ``output`` (empty where it went into a file), or ``refusal`` (code and words in
    both languages).

    ``removed`` are the lines of the report that are kept, ``removed_total`` how many there are in all.
    """

    result: Result
    output: bytes | None
    name: str
    sha256: str
    method: str
    removed: list[dict[str, Any]]
    removed_total: int
    refusal: Mapping[str, Any]

    @property
    def is_clean(self) -> bool:
        return self.output is not None

    @property
    def size(self) -> int:
        return self.result.report.output.size if self.result.report.output else 0

    @property
    def needs_password(self) -> bool:
        return self.refusal.get("code") in LOCKED


def disarm(
    source: BinaryIO,
    policy: Policy,
    *,
    name: str,
    password: str | Sequence[str] | None = None,
    into: io.RawIOBase | None = None,
) -> Disarmed:
    """Have a file written anew, or refused with a reason. ``password`` opens an encrypted one and is kept nowhere; of
    several, each is tried on the files within it.

    ``into`` is given the new file piece by piece, for files of any size. Never raises for what the file holds. Where
    the kernel cannot lock the work in, every file is refused, unless the installation says otherwise.

    Raises:
        NoRoom: the disk for temporary files is full, which says nothing of the file.
    """
    walls = settings.GATEWAY_REQUIRE_SANDBOX
    result = sanitize(source, policy, name=name, password=password, require_sandbox=walls, into=into)
    if result.report.refusal == "engine.no_room":
        raise NoRoom(_("There is no room to work on this file now. Tell your administrator."))
    output, new = result.output, result.report.output
    inside = {(one.input.name, one.refusal): one.refusal_params for one in result.report.members}
    return Disarmed(
        result=result,
        output=output,
        name=result.name[:300] if new else "",
        sha256=new.sha256 if new else "",
        method=result.method,
        removed=[report_line(removal, inside) for removal in result.report.removed[:LINES_KEPT]],
        removed_total=len(result.report.removed),
        refusal=_refusal(result.report.refusal, result.report.refusal_params),
    )


def report_line(removal: Removal, inside: Mapping[tuple[str, str], Mapping[str, Any]]) -> dict[str, Any]:
    """One line of a report in both languages, as it is kept.

    ``inside``: the figures of each refusal of a file within the file, by the file's name and the refusal's code.
    """
    words = explain(removal.code).filled({"detail": removal.detail, **removal.where})
    if removal.code in MEMBERS and removal.detail in all_words():
        name = claimed_name(str(removal.where["member"])).safe
        why = _reason(removal.detail, inside.get((name, removal.detail), {}))
        words = {language: f"{text}{why[language]}" for language, text in words.items()}
    line = {
        "code": removal.code,
        "action": removal.action,
        "words": words,
        "where": dict(removal.where),
        "count": removal.count,
    }
    return {**line, "detail": removal.detail} if removal.code in MEMBERS else line


def _reason(code: str, params: Mapping[str, Any]) -> Mapping[str, str]:
    """Why a file inside did not pass; nothing where the words need figures that nobody kept."""
    words = explain(code)
    return {
        language: "" if "{" in short and not params else f" {words.filled(params)[language]}"
        for language, short in words.short.items()
    }


def _refusal(code: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """Code, words, and where there is more to say what it means and what to do now (``why``)."""
    if not code:
        return {}
    words = explain(code)
    more = {"why": dict(words.why)} if words.why != words.short else {}
    return {"code": code, "words": words.filled(params), **more}


def refusal_of(code: str) -> Mapping[str, Any]:
    """Why a file is refused without the sanitizer's word: workers died on it, or what is held of it is damaged."""
    return _refusal(code, {})
