"""When a question is asked: conditions on earlier answers, alone or joined. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

#: conditions joined in one, and how deep they may lie in one another
MOST_JOINED, DEEPEST = 50, 40
#: bound of a number in a document -> its sign
BOUNDS = {"at_least": ">=", "at_most": "<=", "above": ">", "below": "<"}


@dataclass(frozen=True)
class ShowIf:
    """An earlier single or multiple answer is among these choices."""

    question: str
    among: tuple[str, ...]


@dataclass(frozen=True)
class Bound:
    """An earlier number lies on one side of another: ``sign`` is >=, <=, > or <."""

    question: str
    sign: str
    number: float


@dataclass(frozen=True)
class Joined:
    """``all`` or ``any`` of several conditions hold, or ``not`` the only one."""

    sign: str
    of: tuple["Condition", ...]


Condition = ShowIf | Bound | Joined


def holds(condition: Condition, answers: Mapping[str, Any]) -> bool:
    """Whether a condition holds for these answers. What was not answered lies in no choice and in no bounds."""
    if isinstance(condition, Joined):
        found = [holds(one, answers) for one in condition.of]
        return not found[0] if condition.sign == "not" else (all if condition.sign == "all" else any)(found)
    earlier = answers.get(condition.question)
    if isinstance(condition, ShowIf):
        chosen = earlier if isinstance(earlier, list) else [earlier]
        return any(one in condition.among for one in chosen)
    if not isinstance(earlier, int | float):
        return False
    return {
        ">=": earlier >= condition.number,
        "<=": earlier <= condition.number,
        ">": earlier > condition.number,
        "<": earlier < condition.number,
    }[condition.sign]


def terms_of(condition: Condition | None) -> Iterator[ShowIf | Bound]:
    """The conditions that name a question."""
    if isinstance(condition, Joined):
        for one in condition.of:
            yield from terms_of(one)
    elif condition is not None:
        yield condition


def to_document(condition: Condition) -> dict[str, Any]:
    """A condition as plain values."""
    if isinstance(condition, ShowIf):
        return {"question": condition.question, "among": list(condition.among)}
    if isinstance(condition, Bound):
        name = next(name for name, sign in BOUNDS.items() if sign == condition.sign)
        number = int(condition.number) if condition.number == int(condition.number) else condition.number
        return {"question": condition.question, name: number}
    if condition.sign == "not":
        return {"not": to_document(condition.of[0])}
    return {condition.sign: [to_document(one) for one in condition.of]}
