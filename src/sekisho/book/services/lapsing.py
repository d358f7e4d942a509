"""Decisions whose ground moved before they were used."""

from sekisho.book import notices
from sekisho.book.models import Decision, Gate
from sekisho.book.models.vocabulary import GateState
from sekisho.book.queries.gates import GateView, read_gate
from sekisho.book.services.common import Act, locked_gate


def lapse_changed(act: Act) -> list[Gate]:
    """Let every unused decision of this book lapse whose ground has moved, and reopen its gate."""
    lapsed = []
    # every act asks this, and most books have no such gate: the keys alone are asked for first
    passed = Gate.objects.filter(project=act.project, state=GateState.PASSED).values_list("pk", flat=True)
    for pk in list(passed):
        gate = locked_gate(pk)
        view = read_gate(gate)
        if view.is_lapsed and view.decision:
            lapse(act, view)
            lapsed.append(gate)
    return lapsed


def lapse(act: Act, view: GateView) -> None:
    """The decision that ``view`` shows as lapsed lapses for good: its gate opens again, and people are told."""
    changes = [{"kind": c.kind, "key": c.key} for c in view.changes]
    Decision.objects.filter(pk=view.decision.pk).update(lapsed_at=act.now, lapse_changes=changes)  # type: ignore[union-attr]
    Gate.objects.filter(pk=view.gate.pk).update(
        state=GateState.OPEN, lapsed_at=act.now, lapse_changes=changes
    )
    act.write("gate.lapsed", {"gate": view.gate.reference, "gate_id": view.gate.pk, "changes": changes})
    notices.decision_lapsed(view.gate)
