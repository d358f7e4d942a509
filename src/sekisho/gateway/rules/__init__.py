"""Rules of networks: values, the rule pack, and the check that compares them. Pure."""

from sekisho.gateway.rules.check import Finding, check
from sekisho.gateway.rules.pack import Pack, PackError, Rule, load_pack, shipped_pack
from sekisho.gateway.rules.values import Flow, Network, System

__all__ = [
    "Finding",
    "Flow",
    "Network",
    "Pack",
    "PackError",
    "Rule",
    "System",
    "check",
    "load_pack",
    "shipped_pack",
]
