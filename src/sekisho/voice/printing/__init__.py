"""The report of a user test as PDF: what was learnt first, then problems, figures and the plan."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from sekisho.analysis.intervals import Estimate
from sekisho.errors import Conflict
from sekisho.people.models import Installation
from sekisho.typesetting import TypesettingError, typeset
from sekisho.voice.models import UserTest
from sekisho.voice.queries.outcomes import GroupDiscovery, is_known, sus_standing
from sekisho.voice.queries.usertests import UserTestPage
from sekisho.web.formats import date_long

TEMPLATE = Path(__file__).parent / "user_test.typ"


def pdf_of(test: UserTest, page: UserTestPage) -> bytes:
    """The report's bytes, in the reader's language.

    Raises:
        Conflict: it cannot be set; the words say why.
    """
    language = get_language()
    parts = [*_learnt(test), *_problems(page), *_figures(page), *_plan(test, page)]
    data = {
        "language": "en" if (language or "").startswith("en") else "ja",
        "office": Installation.objects.values_list("name", flat=True).first() or "Sekisho",
        "eyebrow": f"{test.project.local_name} · {test.get_kind_display()}",
        "title": test.title,
        "lead": _lead(page),
        "parts": parts,
    }
    try:
        return typeset(TEMPLATE, data)
    except TypesettingError as problem:
        raise Conflict(_("The report cannot be made: %(reason)s") % {"reason": problem}) from None


def _part(
    title: str,
    lines: Sequence[Any] = (),
    heads: Sequence[Any] = (),
    rows: Sequence[Sequence[Any]] = (),
    **more: Any,
) -> dict[str, Any]:
    return {
        "title": str(title),
        "lines": [str(line) for line in lines],
        "heads": [str(head) for head in heads],
        "rows": [["" if cell is None else str(cell) for cell in row] for row in rows],
        "note": str(more.get("note", "")),
        "shape": str(more.get("shape", "words")),
    }


def _lead(page: UserTestPage) -> str:
    held, alone = len(page.results.held), page.results.alone
    if not held:
        return _("No session is done yet.")
    said = ngettext("%(n)s participant took part.", "%(n)s participants took part.", held) % {"n": held}
    if alone:
        share = _("%(share)s of the tasks were done alone.") % {"share": f"{100 * alone.value:.0f}%"}
        said = f"{said} {share}"
    return said


def _learnt(test: UserTest) -> list[dict[str, Any]]:
    return [_part(_("What was learnt"), test.conclusions.splitlines())] if test.conclusions else []


def _problems(page: UserTestPage) -> list[dict[str, Any]]:
    lines, held = page.results.matrix, len(page.results.held)
    if not lines:
        return []
    heads = [_("Problem"), _("Severity"), _("State"), _("Who mends it"), _("By when"), _("Seen by")]
    rows = [
        [
            f"{line.problem.number} {line.problem.title}",
            str(line.problem.get_severity_display()).partition(":")[0],
            line.problem.get_state_display(),
            line.problem.owner or "–",
            date_long(line.problem.due_on, get_language()) if line.problem.due_on else "–",
            f"{line.count} / {held}",
        ]
        for line in lines
    ]
    shown = [
        [f"{line.problem.number} {line.problem.title}", *("●" if cell else "" for cell in line.cells)]
        for line in lines
    ]
    people = [_("Problem"), *page.results.held]
    return [
        _part(_("Problems"), (), heads, rows),
        _part(_("Problems by participant"), (), people, shown, shape="numbers"),
    ]


def _figures(page: UserTestPage) -> list[dict[str, Any]]:
    results = page.results
    if not results.held:
        return []
    heads = [
        _("Task"),
        _("Tried"),
        _("Done alone"),
        _("Done with help"),
        _("Not done"),
        _("Share done alone"),
    ]
    rows = [
        [line.task.title, line.tried, line.success, line.helped, line.failed, _span(line.alone, _percent),
         _span(line.seconds, _clock)]
        for line in results.tasks
        if line.task.kind == "task"
    ]  # fmt: skip
    said = [_found(line) for line in results.discovery]
    source = _("Estimated with the Good–Turing and normalization corrections for small samples (Lewis 2001).")
    note = _("In brackets: 95 percent intervals.")
    parts = [
        _part(_("Tasks"), (), [*heads, _("Time on task")], rows, shape="numbers", note=note),
        _part(_("How much of the problems was found"), said, note=source),
    ]
    if results.sus.score:
        answers = ngettext("%(n)s answer", "%(n)s answers", results.sus.score.n) % {"n": results.sus.score.n}
        score = f"{_span(results.sus.score, lambda value: f'{value:.1f}')} · {sus_standing(results.sus.score.value)} · {answers}"
        parts.append(_part(_("System Usability Scale"), [score], note=_("68 is the usual mean")))
    return parts


def _span(estimate: Estimate | None, say: Callable[[float], str]) -> str:
    """A figure with its interval, where there is one: 85% (62%–96%)."""
    if estimate is None:
        return "–"
    if not is_known(estimate):
        return say(estimate.value)
    return f"{say(estimate.value)} ({say(estimate.low)}–{say(estimate.high)})"


def _percent(share: float) -> str:
    return f"{100 * share:.0f}%"


def _clock(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}"


def _found(line: GroupDiscovery) -> str:
    name = line.group.name if line.group else ""
    if line.found is None:
        return f"{name}: " + _("Too little is known to estimate: it takes two participants and a problem.")
    found = {
        "share": _percent(line.found.found),
        "whole": f"{line.found.estimated:.0f}",
        "n": line.found.problems,
    }
    said = ngettext(
        "%(n)s problem with about %(share)s of an estimated %(whole)s found.",
        "%(n)s problems, about %(share)s of an estimated %(whole)s.",
        line.found.problems,
    )
    return f"{name}: {said % found}"


def _plan(test: UserTest, page: UserTestPage) -> list[dict[str, Any]]:
    facts = [
        (_("What it is to find out"), test.purpose),
        (_("Hypotheses"), test.hypotheses),
        (_("Method"), " · ".join(filter(None, (str(test.get_method_display()), test.place)))),
        *(
            (_("Of the group “%(group)s”") % {"group": line.group.name}, f"{line.held} / {line.group.wanted}")
            for line in page.groups
        ),
        (_("Who does what"), test.staff),
        (_("What participants agree to"), test.consent),
        (_("Why no citizens take part"), test.without_citizens),
    ]
    return [
        _part(_("Plan"), (), [_("What"), _("In words")], [fact for fact in facts if fact[1]], shape="facts")
    ]
