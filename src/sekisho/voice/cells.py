"""The cells that answers are counted in: the tables of a question, their columns, and how a row of counts names them. Pure."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from sekisho.analysis.kano import STANDARD, table_named
from sekisho.analysis.usability import sus_score
from sekisho.voice.definition import Definition, Kind, Question

#: where the responses themselves are counted, and whoever answered at all
EVERYONE = "*"
#: the place of a QR code, which no question can be called
PLACE = "@place"
#: what is broken down; scales as below, at and above their middle, NPS as its three groups: wide cells that need not be
#: hidden
BROKEN_DOWN = (
    *(Kind.SINGLE, Kind.MULTIPLE, Kind.SATISFACTION, Kind.SCALE, Kind.NPS),
    *(Kind.MATRIX, Kind.KANO, Kind.SUS),
)
#: what has a mean by group, from its answers one by one
WITH_MEAN = (Kind.SATISFACTION, Kind.SCALE, Kind.SUS)
#: pairs of a Kano question by the standard table: judged by several tables, one could be subtracted from the other
CATEGORIES = {"M": "M", "O": "O", "A": "A", "I": "I", "R": "RQ", "Q": "RQ"}
#: that a choice was made, where several may be
CHOSEN = "yes"


def cells_of(question: Question, answer: Any) -> Iterator[tuple[str, str]]:
    """The cells that one answer (or none) falls in: the table and its column, "" for no answer. Each choice of several,
    each row of a matrix and each feature is a table of its own."""
    code = question.code
    if question.kind == Kind.MULTIPLE:
        for choice in question.choices:
            yield f"{code}.{choice.code}", CHOSEN if choice.code in (answer or ()) else ""
    elif question.kind == Kind.MATRIX:
        for row in question.rows:
            yield f"{code}.{row.code}", (answer or {}).get(row.code) or ""
    elif question.kind == Kind.KANO:
        for feature in question.choices:
            yield f"{code}.{feature.code}", _category((answer or {}).get(feature.code))
    elif question.kind != Kind.SUS:
        yield code, band_of(question, answer)
    if question.kind in WITH_MEAN:
        yield one_by_one(code), _value(question, answer)


def one_by_one(code: str) -> str:
    """The table of a question's answers before they are put in bands; a colon stands in no code."""
    return f"{code}:"


def _value(question: Question, answer: Any) -> str:
    """A number as it was answered, the score of a whole SUS sheet; "" for none."""
    if answer is None or (question.kind == Kind.SUS and None in answer):
        return ""
    return str(sus_score(answer) if question.kind == Kind.SUS else answer)


def _category(pair: Sequence[int | None] | None) -> str:
    functional, dysfunctional = (pair or (None, None))[:2]
    return _letter(functional, dysfunctional) if functional and dysfunctional else ""


@cache
def _letter(functional: int, dysfunctional: int) -> str:
    return CATEGORIES[table_named(STANDARD).category(functional, dysfunctional)]


def bands_of(question: Question) -> tuple[int, int] | None:
    """From which answer on it is the middle, and from which on high; the same where a scale has no middle. None for
    questions without numbers."""
    if question.kind == Kind.NPS:
        return 7, 9
    if question.bounds is None:
        return None
    ends = sum(question.bounds)
    return (ends + 1) // 2, ends // 2 + 1


def band_of(question: Question, answer: Any) -> str:
    """The column an answer falls in: a choice as it is, a number as low, middle or high."""
    if answer is None:
        return ""
    bands = bands_of(question)
    if bands is None:
        return str(answer)
    middle, high = bands
    return "high" if answer >= high else "middle" if answer >= middle else "low"


def text_codes(definition: Definition) -> list[str]:
    """The questions that ask for words."""
    return [question.code for question in definition.questions if question.kind == Kind.TEXT]
