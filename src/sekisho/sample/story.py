"""One project's story: acts on days, told in the order of time, each through the service that a person would use."""

import datetime as dt
import heapq
import itertools
import random
from collections.abc import Callable, Sequence

from sekisho.book.models import Gate, Phase, Project
from sekisho.book.queries.gates import attributes_of
from sekisho.people.models import User
from sekisho.sample.cast import Cast
from sekisho.sample.catalogue import Plot
from sekisho.sample.clock import Clock
from sekisho.standards.pack import Criterion

Deed = Callable[[], object]
_SKIPS = {
    "legacy": (Phase.REQUIREMENTS, Phase.BUILD),
    "skip_requirements": (Phase.REQUIREMENTS,),
    "skip_operate": (Phase.OPERATE,),
}
#: how long the phases last relative to each other
_WEIGHTS = {"plan": 3.0, "requirements": 4.0, "build": 6.0, "operate": 9.0, "retire": 4.0}
_MONTH = 30.4


class Story:
    """A plot with its cast, its days and its project. ``route``: the phases travelled, the present one last."""

    project: Project

    def __init__(self, plot: Plot, cast: Cast, clock: Clock, today: dt.date) -> None:
        self.plot, self.cast, self.clock, self.today = plot, cast, clock, today
        self.rng = random.Random(f"sekino {plot.code}")  # noqa: S311 - the same sample every time, no secret
        self.skipped = {phase for extra in plot.extras for phase in _SKIPS.get(extra, ())}
        here = Phase(plot.phase)
        self.route = [p for p in Phase if p.position <= here.position and p not in self.skipped]
        self.entered = self._boundaries()
        self._acts: list[tuple[dt.date, int, Deed]] = []
        self._order = itertools.count()
        self._gates: dict[str, Gate] = {}

    def _boundaries(self) -> dict[str, dt.date]:
        """The day each phase of the route is entered."""
        start = self.workday(self.today - dt.timedelta(days=round(self.plot.start * _MONTH)))
        weights = [_WEIGHTS[phase] for phase in self.route]
        if self.plot.state == "fresh" and len(weights) > 1:
            weights[-1] = 0.7
        length, total = (self.today - start).days, sum(weights)
        reached = itertools.accumulate([0.0, *weights[:-1]])
        days = [start + dt.timedelta(days=round(length * done / total)) for done in reached]
        return {phase: self.workday(day) for phase, day in zip(self.route, days, strict=True)}

    @property
    def start(self) -> dt.date:
        return self.entered[Phase.PLAN]

    @property
    def member(self) -> User:
        return self.cast.member_of(self.plot.section)

    @property
    def aide(self) -> User:
        return self.cast.aide_of(self.plot.section)

    @property
    def quality(self) -> User:
        return self.cast["yamamoto"]

    @property
    def decider(self) -> User:
        """Who decides: the quality office on focus projects, the bureau's CIO aide on others."""
        return self.quality if self.project.tier == "focus" else self.aide

    def has(self, extra: str) -> bool:
        return extra in self.plot.extras

    def workday(self, day: dt.date) -> dt.date:
        """The day itself, or the Friday before a weekend."""
        return day - dt.timedelta(days=max(0, day.weekday() - 4))

    def ago(self, days: int) -> dt.date:
        """A day before today (negative: after it)."""
        return self.today - dt.timedelta(days=days)

    def on(self, day: dt.date, deed: Deed) -> None:
        """Plan an act. Nothing of the sample happens later than yesterday."""
        heapq.heappush(self._acts, (min(day, self.ago(1)), next(self._order), deed))

    def tell(self) -> None:
        """Let everything happen, in the order of days; acts may plan further acts."""
        while self._acts:
            day, _order, deed = heapq.heappop(self._acts)
            self.clock.move_to(day)
            deed()

    def gate(self, release: str = "") -> Gate:
        """The gate of the present phase, or of a release by its version. Kept: services look at the state themselves."""
        key = release or self.project.phase
        if key not in self._gates:
            gates = Gate.objects.select_related("standard", "release").filter(project=self.project)
            gate = gates.get(release__version=release) if release else gates.get(phase=key, release=None)
            gate.project = self.project
            self._gates[key] = gate
        return self._gates[key]

    def asked(self, gate: Gate) -> Sequence[Criterion]:
        """The criteria that apply at a gate."""
        return gate.standard.load().applicable(gate.section, attributes_of(self.project, gate))
