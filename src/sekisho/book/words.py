"""Sentences for blockers, changes and acts, in the active language."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from sekisho.book.evaluation import BasisChange, Blocker
from sekisho.book.words_values import NO_NAMES, Names, value_words
from sekisho.people.acts import ACTS as PEOPLE_ACTS
from sekisho.standards.words import bound_words

BLOCKERS = {
    "unanswered": gettext_lazy("Not answered yet: %(title)s"),
    "unmet": gettext_lazy("Not met: %(title)s"),
    "needs_look": gettext_lazy("The criterion changed since this was answered: %(title)s"),
    "partly_met": gettext_lazy("Only partly met: %(title)s"),
    "no_evidence": gettext_lazy("Evidence is missing: %(title)s"),
    "measure_missing": gettext_lazy("No measurement yet (%(measure)s): %(title)s"),
    "measure_failing": gettext_lazy(
        "The measurement does not pass (%(measure)s is %(value)s, needed: %(demanded)s): %(title)s"
    ),
    "measure_stale": gettext_lazy("The measurement is %(days)s days old (%(measure)s): %(title)s"),
    "open_finding": gettext_lazy("A must finding is open: %(text)s"),
    "overdue_condition": gettext_lazy("A condition is overdue since %(due)s: %(text)s"),
    "missing_review": gettext_lazy("A review is missing"),
    "missing_review_cio_aide": gettext_lazy("A review by a CIO aide is missing"),
}

CHANGES = {
    "pack": gettext_lazy("The standard changed to another version"),
    "attributes": gettext_lazy("“%(key)s” of the project changed"),
    "answers": gettext_lazy("The answer or evidence of %(title)s changed"),
    "waivers": gettext_lazy("The waiver for %(title)s ended or changed"),
    "measures": gettext_lazy("The measurement for %(title)s no longer passes"),
    "findings": gettext_lazy("A must finding was raised or reopened"),
    "overdue": gettext_lazy("A condition of an earlier gate became overdue"),
}


def blocker_message(
    blocker: Blocker, titles: Mapping[str, str], measures: Mapping[str, str] | None = None
) -> str:
    """The blocker as a sentence. ``titles`` maps criterion codes to titles in the active language."""
    code = blocker.code
    if code == "missing_review" and blocker.params.get("role") == "cio_aide":
        code = "missing_review_cio_aide"
    params: dict[str, Any] = {"title": titles.get(blocker.criterion, blocker.criterion), **blocker.params}
    if "measure" in params and measures:
        params["measure"] = measures.get(params["measure"], params["measure"])
    if "operator" in params:
        params["demanded"] = bound_words(params["operator"], params["demanded"])
    return str(BLOCKERS[code]) % params


def change_message(change: BasisChange, titles: Mapping[str, str]) -> str:
    """What changed under a decision, as a sentence."""
    from sekisho.book.models import Project

    title = titles.get(change.key, change.key)
    label = change.key
    if change.kind == "attributes" and change.key in {f.name for f in Project._meta.get_fields()}:
        label = str(getattr(Project._meta.get_field(change.key), "verbose_name", change.key))
    return str(CHANGES[change.kind]) % {"title": title, "key": label}


def noted_changes(noted: Iterable[Mapping[str, str]], titles: Mapping[str, str]) -> list[str]:
    """What was noted as changed when a decision lapsed, as sentences."""
    return [change_message(BasisChange(entry["kind"], entry["key"], None, None), titles) for entry in noted]


#: act -> sentence. Everything in a ledger reads as "(who) did (what)".
ACTS = {
    **PEOPLE_ACTS,
    "project.created": gettext_noop("%(actor)s opened the book"),
    "project.updated": gettext_noop("%(actor)s changed %(fields)s"),
    "project.imported": gettext_noop("Imported from %(source)s: %(fields)s"),
    "project.renamed": gettext_noop("Renamed by %(source)s: from “%(old)s” to “%(new)s”"),
    "project.reorganised": gettext_noop("Moved by %(source)s: from %(old)s to %(new)s"),
    "project.vanished": gettext_noop("No longer listed by %(source)s (%(year)s)"),
    "project.absent": gettext_noop("Not listed by %(source)s in %(year)s, but before and after"),
    "tier.set": gettext_noop("%(actor)s set the tier to %(tier)s: %(reason)s"),
    "tier.computed": gettext_noop("The tier became %(tier)s because the attributes changed"),
    "member.added": gettext_noop("%(actor)s named %(person)s as %(part)s"),
    "member.changed": gettext_noop("%(actor)s changed how %(person)s is named: %(part)s"),
    "member.removed": gettext_noop("%(actor)s took %(person)s off as %(part)s"),
    "budget.set": gettext_noop("%(actor)s entered the money for %(year)s"),
    "contract.added": gettext_noop("%(actor)s added the contract “%(title)s”"),
    "contract.changed": gettext_noop("%(actor)s changed the contract “%(title)s”"),
    "contract.removed": gettext_noop("%(actor)s removed the contract “%(title)s”"),
    "milestone.set": gettext_noop("%(actor)s set the milestone “%(name)s” to %(date)s"),
    "milestone.done": gettext_noop("%(actor)s marked the milestone “%(name)s” as reached on %(date)s"),
    "milestone.removed": gettext_noop("%(actor)s removed the milestone “%(name)s”"),
    "baseline.fixed": gettext_noop("Baseline %(number)s was fixed: %(reason)s"),
    "status.reported": gettext_noop("%(actor)s reported the status of %(month)s"),
    "risk.added": gettext_noop("%(actor)s noted: %(title)s"),
    "risk.updated": gettext_noop("%(actor)s updated: %(title)s"),
    "risk.closed": gettext_noop("%(actor)s closed: %(title)s"),
    "item.added": gettext_noop("%(actor)s added %(kind)s “%(title)s”"),
    "item.changed": gettext_noop("%(actor)s changed %(kind)s “%(title)s”"),
    "item.removed": gettext_noop("%(actor)s removed %(kind)s “%(title)s”"),
    "file.added": gettext_noop("%(actor)s added the file “%(name)s” (SHA-256 %(sha)s)"),
    "file.cleaned": gettext_noop("The file “%(name)s” was disarmed; the copy to open has SHA-256 %(sha)s"),
    "file.refused": gettext_noop("The sanitizer could not disarm the file “%(name)s”; it cannot be opened"),
    "file.retried": gettext_noop("%(actor)s had the file “%(name)s” disarmed once more"),
    "file.erased": gettext_noop("The file “%(name)s” was erased (SHA-256 %(sha)s)"),
    "gate.opened": gettext_noop("“%(gate)s” was opened with %(standard)s"),
    "gate.due_set": gettext_noop("%(actor)s set the due date of “%(gate)s” to %(date)s"),
    "gate.upgraded": gettext_noop("%(actor)s moved “%(gate)s” from %(old)s to %(new)s"),
    "gate.lapsed": gettext_noop("The decision on “%(gate)s” lapsed: what it rested on changed"),
    "gate.submitted": gettext_noop("%(actor)s submitted “%(gate)s” (%(sha)s)"),
    "gate.withdrawn": gettext_noop("%(actor)s took back the submission of “%(gate)s”"),
    "answer.saved": gettext_noop("%(actor)s answered “%(criterion)s”: %(value)s"),
    "evidence.added": gettext_noop("%(actor)s added evidence to “%(criterion)s”: %(title)s"),
    "evidence.removed": gettext_noop("%(actor)s removed evidence from “%(criterion)s”: %(title)s"),
    "review.invited": gettext_noop("%(actor)s asked %(person)s to review “%(gate)s”"),
    "review.given": gettext_noop("%(actor)s reviewed “%(gate)s”: %(recommendation)s"),
    "finding.raised": gettext_noop("%(actor)s found (%(severity)s): %(text)s"),
    "finding.answered": gettext_noop("%(actor)s answered a finding: %(text)s"),
    "finding.resolved": gettext_noop("%(actor)s resolved a finding: %(text)s"),
    "gate.decided": gettext_noop("%(actor)s decided on “%(gate)s”: %(result)s"),
    "condition.set": gettext_noop("Condition for %(owner)s by %(due)s: %(text)s"),
    "condition.resolved": gettext_noop("%(actor)s met the condition: %(text)s"),
    "condition.escalated": gettext_noop("An overdue condition was brought to the CIO aide: %(text)s"),
    "waiver.granted": gettext_noop("%(actor)s waived “%(criterion)s” until %(until)s: %(reason)s"),
    "waiver.revoked": gettext_noop("%(actor)s ended the waiver of “%(criterion)s”"),
    "phase.entered": gettext_noop("%(actor)s entered the phase %(phase)s"),
    "phase.skipped": gettext_noop("%(actor)s marked the phase %(phase)s as not needed: %(reason)s"),
    "release.planned": gettext_noop("%(actor)s planned release %(version)s for %(date)s"),
    "release.updated": gettext_noop("%(actor)s changed release %(version)s"),
    "release.published": gettext_noop("%(actor)s marked release %(version)s as released"),
    "release.emergency": gettext_noop("%(actor)s released %(version)s as an emergency: %(reason)s"),
    "retirement.item_set": gettext_noop("%(actor)s recorded “%(name)s” in the list of what holds data"),
    "retirement.item_removed": gettext_noop("%(actor)s removed “%(name)s” from the list of what holds data"),
    "project.retired": gettext_noop("%(actor)s retired the project: every line of the list is proved"),
    "project.stopped": gettext_noop("The project was stopped by the decision on “%(gate)s”"),
    "ledger.sealed": gettext_noop(
        "The ends of %(count)s chains were sealed anew, as their key was lost: %(reason)s"
    ),
    "standard.registered": gettext_noop("The standard %(standard)s was registered"),
    "standard.chosen": gettext_noop("%(actor)s put %(standard)s in force for %(organisation)s from %(from)s"),
}


def register_acts(sentences: Mapping[str, str]) -> None:
    """Let an app to our right say its acts: act -> sentence with ``%(actor)s`` and its params. From ``ready``."""
    ACTS.update(sentences)


#: the sentence to use instead when this param is empty
_WITHOUT: dict[str, tuple[str, str]] = {
    "tier.set": ("reason", gettext_noop("%(actor)s set the tier to %(tier)s, as computed")),
    "answer.saved": ("value", gettext_noop("%(actor)s wrote about “%(criterion)s”, without an answer yet")),
    "project.vanished": ("year", gettext_noop("No longer listed by %(source)s")),
    "baseline.fixed": ("reason", gettext_noop("Baseline %(number)s was fixed")),
}


def entry_sentence(act: str, actor_name: str, params: Mapping[str, Any], names: Names = NO_NAMES) -> str:
    """A ledger entry as a sentence in the active language. Unknown acts read as their name."""
    if act not in ACTS:
        return f"{actor_name}: {act}"
    words = value_words(act, params, names)
    sentence = ACTS[act]
    if act in _WITHOUT and not words.get(_WITHOUT[act][0]):
        sentence = _WITHOUT[act][1]
    try:
        return _(sentence) % {"actor": actor_name, **words}
    except KeyError:
        return f"{actor_name}: {_(sentence)}"
