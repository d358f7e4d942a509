"""A network on its way: what it looks like after each step, and what each step changes for every flow."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sekisho.gateway.rules.check import Finding, check
from sekisho.gateway.rules.pack import Pack
from sekisho.gateway.rules.values import Network

#: how free a flow is, freest first: inside one zone; across zones with nothing missing; across with something missing;
#: across where a rule forbids it
INSIDE, ALLOWED, LACKING, FORBIDDEN = "inside", "allowed", "lacking", "forbidden"
_ORDER = (INSIDE, ALLOWED, LACKING, FORBIDDEN)


@dataclass(frozen=True)
class Move:
    """What a step does to a system: the kind of zone it goes to, and the protections it gains."""

    system: int
    zone_kind: str
    controls: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Stage:
    """The network at one point of the way: its findings, and how free each flow is by its key."""

    network: Network
    findings: tuple[Finding, ...]
    flows: Mapping[int, str]


@dataclass(frozen=True)
class Turn:
    """A flow that a step makes freer or less free."""

    flow: int
    before: str
    after: str

    @property
    def is_freer(self) -> bool:
        return _ORDER.index(self.after) < _ORDER.index(self.before)


def stages(today: Network, steps: Iterable[tuple[str, Sequence[Move]]], pack: Pack) -> list[Stage]:
    """The network today and after each step; a step is the model that holds then, and its moves."""
    found = [_stage(today, pack)]
    for model, moves in steps:
        found.append(_stage(moved(found[-1].network, model, moves), pack))
    return found


def moved(network: Network, model: str, moves: Iterable[Move]) -> Network:
    """The network after moves; those of systems it does not hold are passed over."""
    systems = dict(network.systems)
    for move in moves:
        if system := systems.get(move.system):
            controls = system.controls | move.controls
            systems[move.system] = replace(system, zone_kind=move.zone_kind, controls=controls)
    return replace(network, model=model, systems=systems)


def turns(before: Stage, after: Stage) -> list[Turn]:
    """The flows whose freedom a step changes: those it binds first, then those it frees."""
    found = [
        Turn(key, before.flows[key], state)
        for key, state in after.flows.items()
        if key in before.flows and before.flows[key] != state
    ]
    return sorted(found, key=lambda turn: (turn.is_freer, turn.flow))


def _stage(network: Network, pack: Pack) -> Stage:
    findings = check(network, pack)
    grave = [finding for finding in findings if finding.about == "flow" and finding.is_grave]
    forbidden = {finding.key for finding in grave if finding.rule.forbid}
    lacking = {finding.key for finding in grave if not finding.rule.forbid}
    flows = {}
    for flow in network.flows:
        source, target = network.systems.get(flow.source), network.systems.get(flow.target)
        if source is None or target is None:
            continue
        if source.zone_kind == target.zone_kind:
            flows[flow.key] = INSIDE
        elif flow.key in forbidden:
            flows[flow.key] = FORBIDDEN
        else:
            flows[flow.key] = LACKING if flow.key in lacking else ALLOWED
    return Stage(network, tuple(findings), flows)
