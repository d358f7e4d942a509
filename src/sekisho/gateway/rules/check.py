"""Comparing a network with the rules."""

from dataclasses import dataclass

from sekisho.gateway.rules.pack import Pack, Rule
from sekisho.gateway.rules.values import Flow, Network, System


@dataclass(frozen=True)
class Finding:
    """One rule that does not hold. ``key`` names the flow or system; ``missing`` the controls that are not there."""

    rule: Rule
    about: str
    key: int
    missing: tuple[str, ...] = ()

    @property
    def code(self) -> str:
        return self.rule.code

    @property
    def is_grave(self) -> bool:
        return self.rule.severity == "must"


def check(network: Network, pack: Pack) -> list[Finding]:
    """All findings: grave ones first, then by code and key. Flows to or from unknown systems are passed over."""
    found = []
    for rule in pack.rules:
        if rule.models and network.model not in rule.models:
            continue
        if rule.about == "system":
            found += _of_systems(rule, network)
        else:
            found += _of_flows(rule, network)
    return sorted(found, key=lambda f: (not f.is_grave, f.code, f.key))


def _of_systems(rule: Rule, network: Network) -> list[Finding]:
    return [
        Finding(rule, "system", system.key, missing)
        for system in network.systems.values()
        if not system.is_beyond
        and _system_fits(rule, system)
        and ((missing := _missing(rule, system.controls)) or rule.forbid)
    ]


def _system_fits(rule: Rule, system: System) -> bool:
    return (
        _in(system.zone_kind, rule.zones)
        and _in(system.data_class, rule.data)
        and rule.workplace in (None, system.workplace)
    )


def _of_flows(rule: Rule, network: Network) -> list[Finding]:
    found = []
    for flow in network.flows:
        source, target = network.systems.get(flow.source), network.systems.get(flow.target)
        if source is None or target is None or source.zone_kind == target.zone_kind:
            continue  # within one zone nothing crosses
        if not _flow_fits(rule, flow, source, target):
            continue
        if (missing := _missing(rule, flow.controls)) or rule.forbid:
            found.append(Finding(rule, "flow", flow.key, missing))
    return found


def _flow_fits(rule: Rule, flow: Flow, source: System, target: System) -> bool:
    return (
        _in(source.zone_kind, rule.sources)
        and _in(target.zone_kind, rule.targets)
        and _in(flow.data_class, rule.data)
        and _in(flow.handover, rule.handovers)
    )


def _missing(rule: Rule, there: frozenset[str]) -> tuple[str, ...]:
    return tuple(control for control in rule.require if control not in there)


def _in(value: str, selection: frozenset[str]) -> bool:
    return not selection or value in selection
