"""Zones, systems and flows as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass

#: the models of separated networks that local governments choose from
MODELS = ("alpha", "alpha_dash", "beta", "beta_dash")
#: what a zone is for; the first three are the three layers of 三層の対策
ZONE_KINDS = ("mynumber", "lgwan", "internet", "cloud")
#: from harmless to most sensitive; ``specific`` is personal information with My Number
DATA_CLASSES = ("public", "internal", "personal", "specific")
HANDOVERS = ("gateway", "api", "share", "mail", "media")
SYSTEM_CONTROLS = ("epp", "edr")
FLOW_CONTROLS = ("sanitizing", "approval", "encryption")


@dataclass(frozen=True)
class System:
    """A system standing in a zone of ``zone_kind``. ``workplace``: staff work on it every day (terminals).

    ``is_beyond``: a flow leads to it, and what it lacks itself is another's to find.
    """

    key: int
    zone_kind: str
    data_class: str = "internal"
    controls: frozenset[str] = frozenset()
    workplace: bool = False
    is_beyond: bool = False


@dataclass(frozen=True)
class Flow:
    """Data going from one system to another, by ``handover``, with the controls on its way."""

    key: int
    source: int
    target: int
    data_class: str = "internal"
    handover: str = "gateway"
    controls: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Network:
    """Everything that is compared: the chosen model, and systems by key."""

    model: str
    systems: Mapping[int, System]
    flows: tuple[Flow, ...] = ()
