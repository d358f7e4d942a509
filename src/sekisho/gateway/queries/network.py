"""The network as the rules see it, and what they find."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import get_language

from sekisho.book.models import Project
from sekisho.gateway import rules
from sekisho.gateway.models import Flow, NetworkChoice, System
from sekisho.people.roles import Actor


@dataclass(frozen=True)
class FoundHere:
    """A finding with what it is about, in the reader's language."""

    finding: rules.Finding
    about: str
    project: Project
    missing: tuple[str, ...]
    title: str
    mend: str


def words(said: Mapping[str, str]) -> str:
    """Words of the rule pack in the reader's language."""
    return said["en" if (get_language() or "").startswith("en") else "ja"]


def chosen_model() -> str:
    """The chosen model; α until another is chosen."""
    return NetworkChoice.objects.filter(pk=1).values_list("model", flat=True).first() or "alpha"


def as_values(systems: Iterable[System], flows: Iterable[Flow], chosen: str) -> rules.Network:
    """Rows as the values that the rules compare."""
    placed = {
        s.pk: rules.System(
            s.pk, s.zone.kind, s.data_class, frozenset(s.controls), s.workplace, is_beyond=s.is_beyond
        )
        for s in systems
    }
    going = tuple(
        rules.Flow(f.pk, f.source_id, f.target_id, f.data_class, f.handover, frozenset(f.controls))
        for f in flows
    )
    return rules.Network(chosen, placed, going)


def seen_network(actor: Actor, project: Project | None = None) -> tuple[list[System], list[Flow]]:
    """Systems this person may see (or those of one book), the flows that leave them, and where these lead to."""
    own = System.objects.filter(project=project) if project else System.objects.visible_to(actor)
    keys = own.order_by().values("pk")
    related = ("source__project", "target__project", "source__zone", "target__zone")
    flows = list(Flow.objects.filter(source__in=keys).select_related(*related))
    near = Q(pk__in=keys) | Q(pk__in={flow.target_id for flow in flows})
    systems = list(System.objects.filter(near).select_related("zone", "project__owner"))
    if project is None:
        seen = set(keys.values_list("pk", flat=True))
        for system in systems:
            system.is_beyond = system.pk not in seen
    return systems, flows


def findings(
    systems: list[System], flows: list[Flow], project: Project | None = None, model: str = ""
) -> list[FoundHere]:
    """What the rules find, of one book or of all that is given, under the chosen model or another one."""
    network = as_values(systems, flows, model or chosen_model())
    return describe(rules.check(network, rules.shipped_pack()), systems, flows, project)


def describe(
    findings: Iterable[rules.Finding],
    systems: list[System],
    flows: list[Flow],
    project: Project | None = None,
) -> list[FoundHere]:
    """Findings with what they are about, of one book or of all, in the reader's language."""
    by_system, by_flow = {s.pk: s for s in systems}, {f.pk: f for f in flows}
    found = []
    for finding in findings:
        if finding.about == "system":
            system = by_system[finding.key]
            about, owner, labels = system.local_name, system.project, System.Control
        else:
            flow = by_flow[finding.key]
            about = f"{flow.source.local_name} → {flow.target.local_name}: {flow.what}"
            owner, labels = flow.source.project, Flow.Control  # type: ignore[assignment]
        if project is not None and owner.pk != project.pk:
            continue
        missing = tuple(str(labels(control).label) for control in finding.missing)
        rule = finding.rule
        found.append(FoundHere(finding, about, owner, missing, words(rule.title), words(rule.mend)))
    return found
