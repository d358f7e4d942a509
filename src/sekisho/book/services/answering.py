"""Answering many criteria of one gate in one act, with the rules of ``gates.save_answer`` and few queries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from sekisho.book.models import Answer, Evidence, Gate
from sekisho.book.queries.gates import attributes_of
from sekisho.book.services.acting import acting_on
from sekisho.book.services.bulk import BulkLedger
from sekisho.book.services.common import Act, clean_url, locked_gate
from sekisho.book.services.gates import clean_answer, require_editable
from sekisho.errors import Invalid
from sekisho.people.permissions import actor_of
from sekisho.standards.pack import Criterion


@dataclass(frozen=True)
class NewAnswer:
    """What is said of one criterion; ``links`` are added to what is already shown."""

    criterion: str
    value: str
    comment: str = ""
    links: tuple[str, ...] = ()


def save_answers(user: Any, gate: Gate, given: Sequence[NewAnswer]) -> list[Answer]:
    """Answer several criteria at once: all of them or, when one cannot be accepted, none.

    Raises:
        Invalid: as ``gates.save_answer``; ``fields`` names the criterion. Conflict: the gate is submitted or closed.
    """
    with acting_on(user, gate.project) as act:
        act.require("answer")
        gate = locked_gate(gate)
        require_editable(gate)
        asked = _asked(gate)
        clean = [_checked(new, asked) for new in given]
        acts = BulkLedger(actor_of(user))
        saved = _write_answers(act, gate, clean, acts)
        _write_links(act, gate, clean, acts)
        act.wrote = bool(acts.flush()) or act.wrote
    return saved


def _asked(gate: Gate) -> dict[str, Criterion]:
    asked = gate.standard.load().applicable(gate.section, attributes_of(gate.project, gate))
    return {criterion.code: criterion for criterion in asked}


def _checked(new: NewAnswer, asked: dict[str, Criterion]) -> NewAnswer:
    if new.criterion not in asked:
        raise Invalid(_("This gate has no such criterion, or it does not apply here."), field=new.criterion)
    try:
        words = clean_answer(new.value, new.comment)
        links = tuple(clean_url(url) for url in dict.fromkeys(new.links))
    except Invalid as problem:
        raise Invalid(problem.message, field=new.criterion) from None
    return NewAnswer(new.criterion, words["value"], words["comment"], links)


def _write_answers(act: Act, gate: Gate, given: Iterable[NewAnswer], acts: BulkLedger) -> list[Answer]:
    known = {answer.criterion: answer for answer in gate.answers.all()}
    saved, fresh, old = [], [], []
    for new in given:
        answer = known.get(new.criterion)
        before = (
            {"value": answer.value, "comment": answer.comment} if answer else {"value": "", "comment": ""}
        )
        after = {"value": new.value, "comment": new.comment}
        if answer is None:
            fresh.append(answer := Answer(gate=gate, criterion=new.criterion, version=0))
        else:
            old.append(answer)
        said = before != after or answer.needs_look
        answer.value, answer.comment, answer.needs_look = new.value, new.comment, False
        if said or answer.answered_at is None:
            answer.answered_by_id, answer.answered_at = act.actor.user_id, act.now
        answer.version += 1
        saved.append(answer)
        if said:
            params = {"criterion": new.criterion, "value": new.value, "gate_id": gate.pk}
            acts.add(act.project.pk, "answer.saved", params, before, after)
    Answer.objects.bulk_create(fresh)
    for answer in old:
        answer.save()
    return saved


def _write_links(act: Act, gate: Gate, given: Iterable[NewAnswer], acts: BulkLedger) -> None:
    shown = set(gate.evidence.filter(removed_at__isnull=True).values_list("criterion", "url"))
    wanted = [(new.criterion, url) for new in given for url in new.links if (new.criterion, url) not in shown]
    Evidence.objects.bulk_create(
        Evidence(
            gate=gate,
            criterion=criterion,
            title=url[:300],
            url=url,
            added_by_id=act.actor.user_id,
            added_at=act.now,
        )
        for criterion, url in wanted
    )
    for criterion, url in wanted:
        params = {"criterion": criterion, "title": url[:300], "url": url, "sha": "", "gate_id": gate.pk}
        acts.add(act.project.pk, "evidence.added", params)
