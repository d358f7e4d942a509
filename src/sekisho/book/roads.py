"""From the road kept on a project (plain values, see services/rollup.py) to the picture of it."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, cast

from django.utils.translation import get_language, gettext, ngettext

from sekisho.book.models import Phase, Project
from sekisho.web.road import Mark, MarkState, Road, Station, StationState
from sekisho.web.states import STATES

#: word under a station on the wide sizes, as a code of web/states.py
_WORDS = {
    "passed": "passed",
    "conditional": "conditional",
    "here_open": "open",
    "here_barred": "barred",
    "skipped": "skipped",
    "stopped": "stop",
}
_MARKS: Mapping[str, MarkState] = {"released": "released", "planned": "planned", "stopped": "barred"}
#: releases drawn on one stretch; more would run together at 120 pixels
_MARKS_A_STRETCH = 3
#: between the stations of requirements, build and operation: where releases are made (0 to 1)
_BUILD_STRETCH, _OPERATE_STRETCH = (0.3, 0.5), (0.5, 0.7)


def road_of(project: Project, bars: Sequence[str] = ()) -> Road:
    """The road of one book, in the active language. ``bars``: sentences to write under the gate (large size).

    Needs ``phase``, ``road``, ``retired_at`` and ``stopped_at`` and asks the database nothing. A book whose
    road was never computed shows where its phase says it stands.
    """
    return road_from(project.phase, project.road, closed=_closed(project), bars=bars)


def road_from(phase: str, road: Mapping[str, Any], *, closed: str = "", bars: Sequence[str] = ()) -> Road:
    """The same from plain values. ``closed``: ``retired``, ``stopped`` or empty."""
    stations = tuple(road.get("stations") or _assumed(phase))
    marks = tuple((str(m["label"]), str(m["state"])) for m in road.get("marks", ()))
    return _road(
        get_language() or "ja", phase, stations, int(road.get("bars", 0)), marks, closed, tuple(bars)
    )


def _closed(project: Project) -> str:
    if project.retired_at:
        return "retired"
    return "stopped" if project.stopped_at else ""


def _assumed(phase: str) -> Iterator[str]:
    here = Phase(phase).position
    for position in range(len(Phase)):
        yield "passed" if position < here else "here_open" if position == here else "ahead"


@lru_cache(maxsize=4096)
def _road(
    language: str,  # part of the key: labels are words
    phase: str,
    stations: tuple[str, ...],
    barring: int,
    marks: tuple[tuple[str, str], ...],
    closed: str,
    bars: tuple[str, ...],
) -> Road:
    drawn = tuple(
        Station(p.value, str(p.label), cast(StationState, state), _word(state))
        for p, state in zip(Phase, stations, strict=True)
    )
    return Road(drawn, _description(phase, barring, closed), tuple(_placed(marks, phase)), bars)


def _word(state: str) -> str:
    return str(STATES[_WORDS[state]].word) if state in _WORDS else ""


def _description(phase: str, barring: int, closed: str) -> str:
    """What a screen reader says: where it stands, and how much bars the way."""
    name = Phase(phase).label
    if closed == "retired":
        return gettext("The project is retired.")
    if closed == "stopped":
        return gettext("Phase: %(phase)s. The project was stopped.") % {"phase": name}
    if not barring:
        return gettext("Phase: %(phase)s. Nothing bars the gate.") % {"phase": name}
    words = ngettext(
        "Phase: %(phase)s. %(count)d thing bars the gate.",
        "Phase: %(phase)s. %(count)d things bar the gate.",
        barring,
    )
    return words % {"phase": name, "count": barring}


def _placed(marks: Sequence[tuple[str, str]], phase: str) -> Iterator[Mark]:
    """Releases along build and operation: up to the build gate the first, after it those that followed."""
    if not marks:
        return
    in_build = Phase(phase).position <= Phase.BUILD.position
    before, after = (marks, ()) if in_build else (marks[:1], marks[1:])
    yield from _spread(before[-_MARKS_A_STRETCH:], _BUILD_STRETCH)
    yield from _spread(after[-_MARKS_A_STRETCH:], _OPERATE_STRETCH)


def _spread(marks: Sequence[tuple[str, str]], stretch: tuple[float, float]) -> Iterator[Mark]:
    start, end = stretch
    for index, (label, state) in enumerate(marks, 1):
        position = start + (end - start) * index / (len(marks) + 1)
        yield Mark(round(position, 4), label, _MARKS.get(state, "planned"))
