"""Rules of networks: values, the rule pack, and the check that compares them. Pure."""

from sekisho.gateway.rules.check import Finding, check
from sekisho.gateway.rules.pack import Pack, PackError, Rule, load_pack, shipped_pack
from sekisho.gateway.rules.transition import Move, Stage, Turn, moved, stages, turns
from sekisho.gateway.rules.values import Flow, Network, System

__all__ = [
    "Finding",
    "Flow",
    "Move",
    "Network",
    "Pack",
    "PackError",
    "Rule",
    "Stage",
    "System",
    "Turn",
    "check",
    "load_pack",
    "moved",
    "shipped_pack",
    "stages",
    "turns",
]
