"""The registry of measures. Apps register what they can measure; gates demand it by name."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.utils import timezone

from sekisho.book.evaluation import Measurement
from sekisho.book.models import Project, Release
from sekisho.errors import Message
from sekisho.standards.words import name_measure

Measurer = Callable[[Project, Release | None], Measurement]


@dataclass(frozen=True)
class Measure:
    """Something the system itself can obtain. ``title`` and ``unit`` are words for people; ``address`` leads from a book
    to where the value comes from; ``parts`` names what is looked at, each with how it stands.
    """

    name: str
    title: Message
    unit: Message
    measure: Measurer
    address: Callable[[Project], str] | None = None
    parts: Callable[[Project], Sequence[tuple[str, str]]] | None = None


_measures: dict[str, Measure] = {}


def register_measure(measure: Measure) -> None:
    """Add a measure; called from an app's ``ready``. The last registration of a name wins."""
    _measures[measure.name] = measure
    name_measure(measure.name, measure.title)


def all_measures() -> dict[str, Measure]:
    """Every registered measure by name."""
    return dict(_measures)


def measure_titles() -> dict[str, str]:
    """Titles in the active language, by name."""
    return {name: str(measure.title) for name, measure in _measures.items()}


def take(
    names: Iterable[str],
    project: Project,
    release: Release | None,
    at_hand: Mapping[Measurer, Measurement] | None = None,
) -> dict[str, Measurement]:
    """Measure now. Unknown names are left out: the gate then says that a measurement is missing.

    ``at_hand``: what rows the caller has read anyway tell, by the function that would measure it.
    """
    found: dict[str, Measurement] = {}
    for name in sorted(set(names) & _measures.keys()):
        measure = _measures[name].measure
        told = (at_hand or {}).get(measure)
        found[name] = _in_our_days(told or measure(project, release))
    return found


def _in_our_days(measured: Measurement) -> Measurement:
    """Its moment in the office's time zone, so that its age counts the days people live by."""
    if measured.measured_at is None or timezone.is_naive(measured.measured_at):
        return measured
    return replace(measured, measured_at=timezone.localtime(measured.measured_at))
