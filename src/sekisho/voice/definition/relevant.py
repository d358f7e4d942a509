"""The column ``relevant`` of XLSForm: ${question} = 'choice', selected(), comparisons with numbers, joined by and, or, not()
and parentheses (https://xlsform.org/en/#relevant). Text in, a tree out, and back. Pure.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sekisho.voice.definition.conditions import DEEPEST, MOST_JOINED, Bound, Condition, Joined, ShowIf

_TOKEN = re.compile(
    r"\s*(?:(?P<name>\$\{[^}]+\})|(?P<words>'[^']*'|\"[^\"]*\")|(?P<number>-?\d{1,12}(?:\.\d{1,6})?)|(?P<sign>!=|>=|<=|=|>|<)"
    r"|(?P<mark>[(),])|(?P<word>[A-Za-z-]+))"
)
_TURNED = {"=": "=", "!=": "!=", ">": "<", "<": ">", ">=": "<=", "<=": ">="}


class NotUnderstood(ValueError):
    """The expression says something that a condition cannot."""


@dataclass(frozen=True)
class Names:
    """What a form calls its questions: ``code`` of a question by its name; its choices' codes by name, empty where it has
    none; whether its answer is a number."""

    code: Callable[[str], str | None]
    choices: Callable[[str], Mapping[str, str]]
    is_number: Callable[[str], bool]


def read(expression: str, names: Names) -> Condition:
    """The condition that an expression means.

    Raises:
        NotUnderstood: it names no earlier question, no choice of it, or uses what is not known here.
    """
    reader = _Reader(expression, names)
    found = reader.any_of(0)
    if reader.tokens:
        raise NotUnderstood(reader.tokens[0][1])
    return found


class _Reader:
    def __init__(self, expression: str, names: Names) -> None:
        self.names, self.tokens, at = names, list[tuple[str, str]](), 0
        while expression[at:].strip():
            match = _TOKEN.match(expression, at)
            if match is None:
                raise NotUnderstood(expression[at:])
            kind = match.lastgroup or ""
            self.tokens.append((kind, match[kind].lower() if kind == "word" else match[kind]))
            at = match.end()

    def take(self, kind: str, value: str = "") -> str:
        if not self.tokens or self.tokens[0][0] != kind or value not in ("", self.tokens[0][1]):
            raise NotUnderstood(value or kind)
        return self.tokens.pop(0)[1]

    def has(self, kind: str, value: str = "") -> bool:
        return bool(self.tokens) and self.tokens[0][0] == kind and value in ("", self.tokens[0][1])

    def any_of(self, deep: int) -> Condition:
        found = [self.all_of(deep)]
        while self.has("word", "or"):
            self.take("word")
            found.append(self.all_of(deep))
        self.few(found)
        return _any(found)

    def all_of(self, deep: int) -> Condition:
        found = [self.one(deep)]
        while self.has("word", "and"):
            self.take("word")
            found.append(self.one(deep))
        self.few(found)
        return found[0] if len(found) == 1 else Joined("all", tuple(found))

    def few(self, found: list[Condition]) -> None:
        if len(found) > MOST_JOINED:
            raise NotUnderstood("and, or")

    def one(self, deep: int) -> Condition:
        if deep > DEEPEST // 2:
            raise NotUnderstood("(")
        if self.has("mark", "("):
            return self.within(deep)
        if self.has("word", "not"):
            self.take("word")
            return Joined("not", (self.within(deep),))
        if self.has("word", "selected"):
            return self.selected()
        return self.comparison()

    def within(self, deep: int) -> Condition:
        self.take("mark", "(")
        found = self.any_of(deep + 1)
        self.take("mark", ")")
        return found

    def selected(self) -> Condition:
        self.take("word")
        self.take("mark", "(")
        name = self.name()
        self.take("mark", ",")
        choice = self.take("words")[1:-1]
        self.take("mark", ")")
        return self.chosen(name, choice)

    def comparison(self) -> Condition:
        if self.has("name"):
            name, sign, value = self.name(), self.take("sign"), self.value()
        else:
            value, sign, name = self.value(), _TURNED[self.take("sign")], self.name()
        if self.names.choices(name):
            found = self.chosen(name, value)
            if sign not in ("=", "!="):
                raise NotUnderstood(sign)
            return found if sign == "=" else Joined("not", (found,))
        return self.compared(name, sign, value)

    def compared(self, name: str, sign: str, value: str) -> Condition:
        if not self.names.is_number(name) or not re.fullmatch(r"-?\d+(\.\d+)?", value):
            raise NotUnderstood(name)
        number = float(value)
        if sign in ("=", "!="):
            same = Joined("all", (Bound(name, ">=", number), Bound(name, "<=", number)))
            return same if sign == "=" else Joined("not", (same,))
        return Bound(name, sign, number)

    def chosen(self, name: str, choice: str) -> ShowIf:
        code = self.names.choices(name).get(choice)
        if code is None:
            raise NotUnderstood(choice)
        return ShowIf(name, (code,))

    def name(self) -> str:
        code = self.names.code(self.take("name")[2:-1].strip())
        if code is None:
            raise NotUnderstood("$")
        return code

    def value(self) -> str:
        return self.take("number") if self.has("number") else self.take("words")[1:-1]


def _any(found: list[Condition]) -> Condition:
    """Choices of one question said one by one are one condition on them all."""
    merged: list[Condition] = []
    for one in found:
        last = merged[-1] if merged else None
        if isinstance(one, ShowIf) and isinstance(last, ShowIf) and one.question == last.question:
            merged[-1] = ShowIf(one.question, tuple(dict.fromkeys((*last.among, *one.among))))
        else:
            merged.append(one)
    return merged[0] if len(merged) == 1 else Joined("any", tuple(merged))


def write(condition: Condition, is_multiple: Callable[[str], bool]) -> str:
    """The expression of a condition; ``read`` gives it back the same."""
    if isinstance(condition, ShowIf):
        form = "selected(${%s}, '%s')" if is_multiple(condition.question) else "${%s} = '%s'"
        return " or ".join(form % (condition.question, code) for code in condition.among)
    if isinstance(condition, Bound):
        number = int(condition.number) if condition.number == int(condition.number) else condition.number
        return f"${{{condition.question}}} {condition.sign} {number}"
    parts = [write(one, is_multiple) for one in condition.of]
    if condition.sign == "not":
        return f"not({parts[0]})"
    if condition.sign == "any":
        return " or ".join(parts)
    plain = [not isinstance(one, Joined) or one.sign == "not" for one in condition.of]
    plain = [
        is_plain and not (isinstance(one, ShowIf) and len(one.among) > 1)
        for is_plain, one in zip(plain, condition.of, strict=True)
    ]
    return " and ".join(
        part if is_plain else f"({part})" for part, is_plain in zip(parts, plain, strict=True)
    )
