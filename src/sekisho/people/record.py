"""Where acts that belong to no book are recorded.

The ledger lives in `book`, which stands to the right of this app; it registers its writer here, so that
people and standards can record what they do without importing it.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sekisho.people.roles import Actor


class Recorder(Protocol):
    """Writes one act to a ledger, inside the caller's transaction."""

    def __call__(
        self,
        actor: Actor,
        act: str,
        *,
        params: Mapping[str, Any],
        before: Mapping[str, Any],
        after: Mapping[str, Any],
    ) -> None: ...


_recorders: list[Recorder] = []


def register_recorder(recorder: Recorder) -> None:
    """Let an app keep the acts of people and standards."""
    if recorder not in _recorders:
        _recorders.append(recorder)


def record(
    actor: Actor,
    act: str,
    *,
    params: Mapping[str, Any] | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Hand an act to every recorder. Values must be plain JSON."""
    for recorder in _recorders:
        recorder(actor, act, params=params or {}, before=before or {}, after=after or {})


@dataclass(frozen=True)
class RecordedAct:
    """One recorded act as people read it: who, when, and the sentence."""

    at: dt.datetime
    actor_name: str
    sentence: str


#: called with (offset, limit): recorded acts of the office, newest first, sentences in the active language
History = Callable[[int, int], Sequence[RecordedAct]]
_histories: list[History] = []


def register_history(history: History) -> None:
    """Let the app that keeps the record show it on the administration page."""
    if history not in _histories:
        _histories.append(history)


def recorded(offset: int, limit: int) -> list[RecordedAct]:
    """Recorded acts that belong to no book, newest first; empty when no app keeps them."""
    return [act for history in _histories for act in history(offset, limit)]
