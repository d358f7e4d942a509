"""My work: the first page after signing in."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from sekisho.book.queries.work import Task, Work, work_of
from sekisho.book.words import entry_sentence
from sekisho.people.permissions import actor_of
from sekisho.people.roles import Actor


@dataclass(frozen=True)
class Line:
    """One line of a column: what, on which book, by when, and where it is done."""

    what: str
    where: str
    url: str
    mark: str = ""
    due: Any = None
    since: Any = None
    late: bool = False


@dataclass(frozen=True)
class Column:
    """A column with its heading, its lines, and where the rest of them are (empty when all are shown)."""

    name: str
    title: Any
    icon: str
    lines: list[Line]
    late: int
    more: str
    nothing: Any


_COLUMNS = (
    (
        "due",
        _("With a date"),
        "calendar",
        _("Nothing with a date. Gates, conditions and risks you have a date for stand here."),
    ),
    (
        "waiting",
        _("Others wait for me"),
        "clock",
        _("Nobody waits for you without a date. Findings, reviews and decisions with no date stand here."),
    ),
    ("recent", _("Recent"), "history", _("What happens on your books stands here.")),
)


def page(request: HttpRequest) -> HttpResponse:
    """What waits for this person, in three columns."""
    actor = actor_of(request.user)
    work = work_of(actor)
    late = sum(1 for task in work.due if task.due and task.due < work.today)
    context = {
        "columns": _columns(work, late),
        "headline": _headline(work, late),
        "welcome": _welcome(actor) if work.is_empty else None,
    }
    return render(request, "book/my_work.html", context)


def _headline(work: Work, late: int) -> str:
    """The page in one sentence."""
    if late:
        return ngettext("%(count)d thing is overdue.", "%(count)d things are overdue.", late) % {
            "count": late
        }
    count = len(work.due) + len(work.waiting)
    if not count:
        return gettext("Nothing waits for you.")
    return ngettext("%(count)d thing waits for you.", "%(count)d things wait for you.", count) % {
        "count": count
    }


def _columns(work: Work, late: int) -> list[Column]:
    gates, newest = reverse("book:gates"), f"{reverse('book:registry')}?sort=-updated"
    tasks = {"due": work.due, "waiting": work.waiting, "recent": work.recent}
    rest = {"due": gates, "waiting": gates, "recent": newest}
    return [
        Column(
            name,
            title,
            icon,
            [_line(task, work) for task in tasks[name]],
            late if name == "due" else 0,
            rest[name] if name in work.more else "",
            nothing,
        )
        for name, title, icon, nothing in _COLUMNS
    ]


def _line(task: Task, work: Work) -> Line:
    late = bool(task.due and task.due < work.today)
    mark = task.params.get("severity", "")
    return Line(
        _what(task),
        task.project.local_name,
        _url(task),
        mark,
        task.due,
        None if task.due else task.since,
        late,
    )


_SENTENCES = {
    "publish": _("Publish release %(version)s: its gate is passed"),
    "enter": _("Enter the next phase: %(phase)s"),
    "retire": _("Retire the project: its last gate is passed"),
    "finding_reply": _("Answer the finding: %(text)s"),
    "finding_resolve": _("Accept the team's answer: %(text)s"),
    "condition": _("Meet the condition: %(text)s"),
    "risk": _("See to the risk: %(text)s"),
    "question": _("Answer the open question: %(text)s"),
    "status": _("Report the status of this month"),
    "review": _("Review %(gate)s"),
    "decide": _("Decide on %(gate)s"),
    "gate_lapsed": _("The decision on %(gate)s lapsed: answer and submit again"),
}
_LONGEST = 120


def _what(task: Task) -> str:
    """The task as a sentence in the active language."""
    if task.kind == "recent":
        entry = task.params["entry"]
        return entry_sentence(entry.act, entry.actor_name, entry.params, task.params["names"])
    if task.kind == "gate":
        return _gate_sentence(task)
    words = {name: _short(value) for name, value in task.params.items() if name != "gate"}
    if gate := task.params.get("gate"):
        words["gate"] = gate.title
    return str(_SENTENCES[task.kind]) % words


def _gate_sentence(task: Task) -> str:
    title, bars, answered = task.params["gate"].title, task.params["bars"], task.params["answered"]
    if bars is None:
        return ngettext(
            "%(gate)s · %(count)d criterion answered so far",
            "%(gate)s · %(count)d criteria answered so far",
            answered,
        ) % {"gate": title, "count": answered}
    if not bars:
        return gettext("%(gate)s · nothing bars it: submit it") % {"gate": title}
    return ngettext("%(gate)s · %(count)d thing bars it", "%(gate)s · %(count)d things bar it", bars) % {
        "gate": title,
        "count": bars,
    }


def _short(value: Any) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _at(name: str) -> Callable[[Task], str]:
    return lambda task: reverse(f"book:{name}", args=[task.key])


def _book(place: str) -> Callable[[Task], str]:
    return lambda task: f"{reverse('book:book', args=[task.project.code])}{place}"


#: where each kind of task is done
_PLACES: dict[str, Callable[[Task], str]] = {
    "gate": _at("gate"),
    "gate_lapsed": _at("gate"),
    "review": _at("gate_review"),
    "decide": _at("gate_decide"),
    "publish": _book("#releases"),
    "enter": lambda task: f"{_book('')(task)}#{task.project.phase}",
    "retire": _book("#retire-list"),
    "finding_reply": _at("finding_reply"),
    "finding_resolve": lambda task: reverse("book:gate", args=[task.params["gate"].pk]) + f"#f-{task.key}",
    "condition": _at("condition"),
    "risk": lambda task: f"{_book('?all=risks')(task)}#risk-{task.key}",
    "question": lambda task: f"{_book('?all=risks')(task)}#risk-{task.key}",
    "status": _book("?do=status#status"),
    "recent": _book(""),
}


def _url(task: Task) -> str:
    return _PLACES[task.kind](task)


@dataclass(frozen=True)
class Welcome:
    """What a person for whom nothing waits reads: what will stand here, and a first step."""

    text: Any
    label: Any
    url: str


_WELCOMES = (
    (
        "quality_office",
        _("Submissions of focus projects wait for you here, and the team's answers to your findings."),
        _("See all gates"),
        "book:gates",
    ),
    (
        "cio_aide",
        _("What your bureau submits for review or decision waits for you here."),
        _("See the gates of your bureau"),
        "book:gates",
    ),
    (
        "member",
        _("As soon as you are named on a book, its gates, findings and conditions wait for you here."),
        _("Open a book"),
        "book:new",
    ),
    (
        "admin",
        _("Make accounts and roles first, then import the portfolio you have or open a book."),
        _("Administration"),
        "people:administration",
    ),
    (
        "expert",
        _("When you are invited to review a gate, the invitation waits for you here."),
        _("See the gates you may read"),
        "book:gates",
    ),
    (
        "contractor",
        _("Books on which you are named stand in the registry. Conditions given to you wait here."),
        _("See the registry"),
        "book:registry",
    ),
    (
        "executive",
        _("Nothing needs you now. The registry shows where every project stands and what bars it."),
        _("See the registry"),
        "book:registry",
    ),
    (
        "auditor",
        _("Nothing needs you now. Every book ends with its ledger, which can be verified."),
        _("See the registry"),
        "book:registry",
    ),
)


def _welcome(actor: Actor) -> Welcome:
    held = actor.roles()
    for role, text, label, name in _WELCOMES:
        if role in held:
            return Welcome(text, label, reverse(name))
    return Welcome(
        _("You hold no role yet. Ask your administrator for one."),
        _("See the registry"),
        reverse("book:registry"),
    )
