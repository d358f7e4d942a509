"""Checking what one person answers: hidden questions fall away, and what cannot be taken is named by its field.

Fields are named as in forms: ``q-CODE``; a Kano feature takes ``q-CODE-FEATURE-f``, ``-d`` and ``-i``, the System Usability
Scale ``q-CODE-1`` to ``q-CODE-10``, a matrix ``q-CODE-ROW``, a ranking ``q-CODE-1`` for its first place and so on.
"""

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sekisho.values import ValueProblem, gettext_noop, half_width, parse_date
from sekisho.voice.definition.conditions import holds
from sekisho.voice.definition.document import Definition, Kind, Question

_ = gettext_noop

#: code -> answer: text, number, list of choices, {feature: [functional, dysfunctional, importance]}, list of ten,
#: {row: choice}, list of choices from the first place on
Answers = Mapping[str, Any]
Given = Mapping[str, Sequence[str]]

_NO_ANSWER = _("Please answer this.")
_NOT_OFFERED = _("Choose one of what is offered.")
_SUS_ITEMS = 10
MOST_IMPORTANT = 9
#: a number as people write it, in half-width signs: commas stand in threes, so that 3,5 is not taken for 35
_NUMBER = re.compile(
    r"[+-]?(?:[0-9]++|[0-9]{1,3}(?:,[0-9]{3})++)?(?:\.[0-9]++)?(?<=[0-9])(?:[eE][+-]?[0-9]{1,3})?"
)
#: numbers beyond are not kept exactly
_FARTHEST = 10**15


class _Refused(Exception):
    def __init__(self, template: str, field: str = "", **params: Any) -> None:
        super().__init__(template)
        self.template, self.field, self.params = template, field, params


@dataclass(frozen=True)
class Checked:
    """What is taken, and what is not: field -> (message template, params)."""

    answers: Answers
    problems: Mapping[str, tuple[str, Mapping[str, Any]]]

    @property
    def is_whole(self) -> bool:
        return not self.problems


def field_of(code: str) -> str:
    """The form field of a question."""
    return f"q-{code}"


def check(definition: Definition, given: Given) -> Checked:
    """Check the values of a form against the questions asked.

    A question that its condition hides is not taken, whatever was sent for it.
    """
    answers: dict[str, Any] = {}
    problems: dict[str, tuple[str, Mapping[str, Any]]] = {}
    for question in definition.questions:
        if not is_shown(question, answers):
            continue
        try:
            answer = _READERS[question.kind](question, given)
        except _Refused as refused:
            problems[refused.field or field_of(question.code)] = (refused.template, refused.params)
            continue
        if answer is not None:
            answers[question.code] = answer
        elif question.required:
            problems[field_of(question.code)] = (_NO_ANSWER, {})
    return Checked(answers, problems)


def is_shown(question: Question, answers: Answers) -> bool:
    """Whether a question is asked after these answers."""
    return question.show_if is None or holds(question.show_if, answers)


def _sent(given: Given, field: str) -> str:
    values = given.get(field) or [""]
    return values[-1].replace("\x00", "").strip()


def _single(question: Question, given: Given) -> Any:
    sent = _sent(given, field_of(question.code))
    if not sent:
        return None
    if sent not in {one.code for one in question.choices}:
        raise _Refused(_NOT_OFFERED)
    return sent


def _multiple(question: Question, given: Given) -> Any:
    sent = {value for value in given.get(field_of(question.code), []) if value}
    known = [one.code for one in question.choices]
    if not sent <= set(known):
        raise _Refused(_NOT_OFFERED)
    return [code for code in known if code in sent] or None


def _whole(text: str, least: int, most: int, field: str = "") -> int | None:
    if not text:
        return None
    if (
        not (text.isascii() and text.lstrip("-").isdecimal() and len(text) < 14)
        or not least <= int(text) <= most
    ):
        raise _Refused(_("Choose a number from %(least)d to %(most)d."), field, least=least, most=most)
    return int(text)


def _scale(question: Question, given: Given) -> Any:
    bounds = question.bounds
    assert bounds is not None, "scales have bounds"
    return _whole(_sent(given, field_of(question.code)), *bounds)


def _number(question: Question, given: Given) -> Any:
    sent = half_width(_sent(given, field_of(question.code))).replace("−", "-")
    if not sent:
        return None
    if not _NUMBER.fullmatch(sent):
        raise _Refused(_("Enter a number."))
    value = float(sent.replace(",", ""))
    least = -_FARTHEST if question.least is None else question.least
    most = _FARTHEST if question.most is None else question.most
    if value < least:
        raise _Refused(_("Enter a number of at least %(least)d."), least=least)
    if value > most:
        raise _Refused(_("Enter a number of at most %(most)d."), most=most)
    return int(value) if value.is_integer() else value


def _text(question: Question, given: Given) -> Any:
    sent = _sent(given, field_of(question.code)).encode("utf-8", "ignore").decode()
    if len(sent) > question.longest:
        template = _("At most %(limit)d characters fit here; this is %(length)d.")
        raise _Refused(template, limit=question.longest, length=len(sent))
    return sent or None


def _date(question: Question, given: Given) -> Any:
    sent = _sent(given, field_of(question.code))
    if not sent:
        return None
    try:
        return (_iso(sent) or parse_date(sent)).isoformat()
    except ValueProblem:
        raise _Refused(_("Enter a day such as 2026-04-01.")) from None


def _iso(sent: str) -> dt.date | None:
    """What a browser's own field of dates sends, in any year."""
    try:
        return dt.date.fromisoformat(sent)
    except ValueError:
        return None


def _kano(question: Question, given: Given) -> Any:
    found: dict[str, list[int | None]] = {}
    for feature in question.choices:
        name = f"{field_of(question.code)}-{feature.code}"
        pair = [_whole(_sent(given, f"{name}-{part}"), 1, 5, f"{name}-{part}") for part in ("f", "d")]
        if question.required and None in pair:
            raise _Refused(
                _("Answer both questions of each pair."), f"{name}-{'f' if pair[0] is None else 'd'}"
            )
        weight = (
            _whole(_sent(given, f"{name}-i"), 1, MOST_IMPORTANT, f"{name}-i") if question.importance else None
        )
        if pair != [None, None] or weight is not None:
            found[feature.code] = [*pair, weight]
    return found or None


def _sus(question: Question, given: Given) -> Any:
    names = [f"{field_of(question.code)}-{number}" for number in range(1, _SUS_ITEMS + 1)]
    answers = [_whole(_sent(given, name), 1, 5, name) for name in names]
    if question.required and None in answers:
        raise _Refused(_NO_ANSWER, names[answers.index(None)])
    return answers if any(answer is not None for answer in answers) else None


def _matrix(question: Question, given: Given) -> Any:
    known = {one.code for one in question.choices}
    found: dict[str, str] = {}
    for row in question.rows:
        name = f"{field_of(question.code)}-{row.code}"
        sent = _sent(given, name)
        if sent and sent not in known:
            raise _Refused(_NOT_OFFERED, name)
        if not sent and question.required:
            raise _Refused(_NO_ANSWER, name)
        if sent:
            found[row.code] = sent
    return found or None


def _ranking(question: Question, given: Given) -> Any:
    known, found = {one.code for one in question.choices}, list[str]()
    for place in range(1, question.places + 1):
        name = f"{field_of(question.code)}-{place}"
        if not (sent := _sent(given, name)):
            continue
        if sent not in known:
            raise _Refused(_NOT_OFFERED, name)
        if sent in found:
            template = _("This stands at place %(first)d already. Choose each once.")
            raise _Refused(template, name, first=found.index(sent) + 1)
        if len(found) + 1 < place:
            free = len(found) + 1
            template = _("Place %(free)d is empty. Fill the places from the first on.")
            raise _Refused(template, f"{field_of(question.code)}-{free}", free=free)
        found.append(sent)
    if question.required and not found:
        raise _Refused(_NO_ANSWER, f"{field_of(question.code)}-1")
    return found or None


_READERS: Mapping[Kind, Callable[[Question, Given], Any]] = {
    Kind.SINGLE: _single,
    Kind.MULTIPLE: _multiple,
    Kind.SCALE: _scale,
    Kind.SATISFACTION: _scale,
    Kind.NPS: _scale,
    Kind.NUMBER: _number,
    Kind.TEXT: _text,
    Kind.DATE: _date,
    Kind.KANO: _kano,
    Kind.SUS: _sus,
    Kind.MATRIX: _matrix,
    Kind.RANKING: _ranking,
}
