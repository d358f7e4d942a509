"""Which optional content (8.11) is shown when the document is opened: the rest is not carried over."""

from dataclasses import dataclass, field
from typing import Any

import pikepdf

from sekisho.sanitizer.formats.pdf_parts.values import entry, items, name

_MAX_EXPRESSION = 20


@dataclass
class Layers:
    """The groups that are off, by object number."""

    off: set[tuple[int, int]] = field(default_factory=set)

    @classmethod
    def of(cls, pdf: pikepdf.Pdf) -> "Layers":
        """Read from the default configuration; usage for viewing counts as readers apply it."""
        properties = entry(pdf.Root, "OCProperties")
        config = entry(properties, "D")
        groups = [group for group in items(entry(properties, "OCGs")) if hasattr(group, "objgen")]
        off = {group.objgen for group in groups} if name(entry(config, "BaseState")) == "OFF" else set()
        off -= {group.objgen for group in items(entry(config, "ON")) if hasattr(group, "objgen")}
        off |= {group.objgen for group in items(entry(config, "OFF")) if hasattr(group, "objgen")}
        for usage in items(entry(config, "AS")):
            if name(entry(usage, "Event")) == "View":
                off |= {group.objgen for group in items(entry(usage, "OCGs")) if _hidden_by_usage(group)}
        return cls(off)

    def shows(self, membership: Any) -> bool:
        """Whether content of this group or membership dictionary is shown."""
        if membership is None or not isinstance(membership, pikepdf.Dictionary):
            return True
        if name(entry(membership, "Type")) != "OCMD":
            return membership.objgen not in self.off
        expression = entry(membership, "VE")
        if isinstance(expression, pikepdf.Array):
            return self._holds(expression, 0)
        groups = entry(membership, "OCGs")
        listed = list(items(groups)) if isinstance(groups, pikepdf.Array) else [groups]
        states = [group.objgen not in self.off for group in listed if isinstance(group, pikepdf.Dictionary)]
        return _by_policy(name(entry(membership, "P")) or "AnyOn", states)

    def _holds(self, expression: Any, depth: int) -> bool:
        if isinstance(expression, pikepdf.Dictionary):
            return expression.objgen not in self.off
        parts = list(items(expression, 1000))
        if depth > _MAX_EXPRESSION or not parts:
            return True
        states = (self._holds(part, depth + 1) for part in parts[1:])
        operator = name(parts[0])
        if operator == "Not":
            return not next(states, False)
        return all(states) if operator == "And" else any(states)


def _hidden_by_usage(group: Any) -> bool:
    view = entry(entry(group, "Usage"), "View")
    return name(entry(view, "ViewState")) == "OFF"


def _by_policy(policy: str, states: list[bool]) -> bool:
    if not states:
        return True
    return {"AllOn": all(states), "AnyOff": not all(states), "AllOff": not any(states)}.get(
        policy, any(states)
    )
