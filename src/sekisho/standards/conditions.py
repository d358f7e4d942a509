"""The ``applies`` language: for which projects a criterion is asked.

A condition is a short expression over the project attributes in :data:`ATTRIBUTES`::

    personal_data != 'none' and not emergency
    'citizens' in audience or tier in ['focus', 'standard']
    budget_yen >= 50000000

It knows attribute names, texts, whole numbers, ``true`` and ``false``, lists, ``== != in not in``, ``and or
not``, parentheses, and ``< <= > >=`` for the attributes that are numbers. Each comparison sets one attribute
against one value, and the value must be one that the attribute can have: a misspelt value is an error, not a
condition that silently never holds. Nothing is ever evaluated as Python: the text is cut into known tokens,
parsed into a syntax tree, and only the tree shapes named here are accepted.
"""

import ast
import difflib
import operator
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, Protocol, TypeVar

MAX_LENGTH = 1000
MAX_TOKENS = 200
MAX_DEPTH = 12

T = TypeVar("T")
Value = str | int | bool
Kind = Literal["choice", "choices", "number", "flag"]


def gettext_noop(text: str) -> str:
    """Mark ``text`` for the translation catalogue and return it unchanged (this module knows no Django)."""
    return text


_CLOSEST = gettext_noop("Did you mean %(suggestion)s?")
_ONE_OF = gettext_noop("Use one of: %(allowed)s.")
_SQUARE_BRACKETS = gettext_noop("A list is written in square brackets, for example ['focus', 'standard'].")
_SHAPES = gettext_noop(
    "Compare one attribute with one value, for example tier == 'focus' or 'citizens' in audience."
)


class ConditionError(Exception):
    """A condition cannot be read, or cannot be decided for the attributes given.

    ``template`` and ``mend_template`` are English message ids with ``%(name)s`` places for ``params``, for a
    caller to translate; ``message`` and ``mend`` are both filled in, in English. ``text`` is the condition.
    """

    def __init__(
        self, template: str, text: str, *, params: Mapping[str, Any] | None = None, mend_template: str = ""
    ) -> None:
        self.template = template
        self.mend_template = mend_template
        self.params: dict[str, Any] = dict(params or {})
        self.text = text
        super().__init__(" ".join(part for part in (self.message, self.mend) if part))

    @property
    def message(self) -> str:
        return self.template % self.params

    @property
    def mend(self) -> str:
        return self.mend_template % self.params


@dataclass(frozen=True)
class Attribute:
    """A project attribute that conditions may name.

    ``kind``: ``choice`` one text of ``allowed``; ``choices`` any number of them; ``number`` a whole number
    (of ``allowed`` when that is not empty); ``flag`` true or false.
    """

    name: str
    kind: Kind
    allowed: tuple[Value, ...] = ()

    def permits(self, value: object) -> bool:
        """Whether ``value`` is of this attribute's type and among its values."""
        if self.kind == "flag":
            return isinstance(value, bool)
        if self.kind == "number":
            return (
                isinstance(value, int) and not isinstance(value, bool) and value in (self.allowed or (value,))
            )
        return isinstance(value, str) and value in self.allowed

    @property
    def allowed_words(self) -> str:
        """The allowed values as they are written in a condition; empty for a free number."""
        return ", ".join(_written(value) for value in self.allowed)


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"'{value}'" if isinstance(value, str) else str(value)


ATTRIBUTES: Mapping[str, Attribute] = MappingProxyType(
    {
        attribute.name: attribute
        for attribute in (
            Attribute("audience", "choices", ("citizens", "businesses", "staff")),
            Attribute("personal_data", "choice", ("none", "personal", "mynumber")),
            Attribute("information_class", "number", (1, 2, 3)),
            Attribute("network_zone", "choice", ("mynumber", "lgwan", "internet")),
            Attribute("development_form", "choice", ("contract", "agile", "saas", "in_house")),
            Attribute("tier", "choice", ("focus", "standard", "light")),
            Attribute("phase", "choice", ("plan", "requirements", "build", "operate", "retire")),
            Attribute("release_kind", "choice", ("new", "change", "fix", "none")),
            Attribute("emergency", "flag", (True, False)),
            Attribute("budget_yen", "number"),
        )
    }
)


class Node(Protocol):
    """One node of a parsed condition."""

    def holds(self, attributes: Mapping[str, Any]) -> bool: ...

    def names(self) -> frozenset[str]: ...


@dataclass(frozen=True)
class Constant:
    """Always true, or never."""

    value: bool

    def holds(self, attributes: Mapping[str, Any]) -> bool:
        return self.value

    def names(self) -> frozenset[str]:
        return frozenset()


@dataclass(frozen=True)
class Comparison:
    """One attribute against one value (or, for ``in`` a choice, several)."""

    name: str
    operator: str
    value: Value | tuple[Value, ...]

    def holds(self, attributes: Mapping[str, Any]) -> bool:
        return bool(_OPERATORS[self.operator](attributes[self.name], self.value))

    def names(self) -> frozenset[str]:
        return frozenset({self.name})


@dataclass(frozen=True)
class Not:
    """True where its part is not."""

    part: Node

    def holds(self, attributes: Mapping[str, Any]) -> bool:
        return not self.part.holds(attributes)

    def names(self) -> frozenset[str]:
        return self.part.names()


@dataclass(frozen=True)
class Joined:
    """Parts joined by ``and`` (``join`` is ``all``) or by ``or`` (``any``)."""

    join: Callable[[Iterable[bool]], bool]
    parts: tuple[Node, ...]

    def holds(self, attributes: Mapping[str, Any]) -> bool:
        return self.join(part.holds(attributes) for part in self.parts)

    def names(self) -> frozenset[str]:
        return frozenset().union(*(part.names() for part in self.parts))


_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "in": lambda mine, listed: mine in listed,
    "not in": lambda mine, listed: mine not in listed,
    "has": lambda mine, wanted: wanted in mine,
    "has not": lambda mine, wanted: wanted not in mine,
}
_WRITTEN_OPERATORS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.In: "in",
    ast.NotIn: "not in",
}
_MIRRORED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_KIND_OPERATORS: dict[Kind, tuple[str, ...]] = {
    "choice": ("==", "!=", "in", "not in"),
    "choices": ("has", "has not"),
    "number": ("==", "!=", "<", "<=", ">", ">=", "in", "not in"),
    "flag": ("==", "!="),
}
_KIND_MENDS: dict[Kind, str] = {
    "choice": gettext_noop("Write %(name)s == 'value', or %(name)s in ['value', 'other value']."),
    "choices": gettext_noop(
        "It holds several values. Write 'value' in %(name)s, or 'value' not in %(name)s."
    ),
    "number": gettext_noop("Compare %(name)s with a whole number."),
    "flag": gettext_noop("It is true or false. Write %(name)s, or not %(name)s."),
}


@dataclass(frozen=True)
class Condition:
    """A condition that has been read and checked. Two are equal when their text is."""

    text: str
    _root: Node = field(compare=False, repr=False)

    @property
    def names(self) -> frozenset[str]:
        """The attributes it names."""
        return self._root.names()

    def holds(self, attributes: Mapping[str, Any]) -> bool:
        """Whether it is true for a project with these attributes (see :data:`ATTRIBUTES` for the types).

        Raises ConditionError when an attribute it names is missing or of another type, even if the answer
        would not depend on it: a gap in the attributes must show at once, not for some projects only.
        """
        for name in sorted(self.names):
            self._check(ATTRIBUTES[name], attributes)
        return self._root.holds(attributes)

    def _check(self, attribute: Attribute, attributes: Mapping[str, Any]) -> None:
        if attribute.name not in attributes:
            template = gettext_noop("The attribute %(name)s is not given.")
        elif not _has_type(attribute.kind, attributes[attribute.name]):
            template = gettext_noop("The attribute %(name)s has a value of the wrong type.")
        else:
            return
        raise ConditionError(template, self.text, params={"name": attribute.name})


def _has_type(kind: Kind, value: object) -> bool:
    if kind == "choices":
        return isinstance(value, Collection) and not isinstance(value, str | bytes)
    if kind == "choice":
        return isinstance(value, str)
    return (
        isinstance(value, bool) if kind == "flag" else isinstance(value, int) and not isinstance(value, bool)
    )


def parse(text: str) -> Condition:
    """Read a condition. Raises ConditionError, and nothing else, for any text that is not one."""
    return Condition(text, _Reader(text).read())


_TOKEN = re.compile(
    r"""[ \t\r\n]+ | '[^'\\\r\n]*' | "[^"\\\r\n]*" | [A-Za-z_][A-Za-z_0-9]*
    | [0-9]+(?![A-Za-z_.]) | [=!<>]= | [<>()\[\],]""",
    re.VERBOSE,
)
_CHARACTER_MENDS = {
    "=": gettext_noop("Write == to compare."),
    "&": gettext_noop("Write the word and."),
    "|": gettext_noop("Write the word or."),
    "!": gettext_noop("Write the word not, or != between an attribute and a value."),
    "'": gettext_noop("Close the quotation mark."),
    '"': gettext_noop("Close the quotation mark."),
}
_CONSTRUCTS: tuple[tuple[tuple[type[ast.AST], ...], str], ...] = (
    ((ast.Call,), gettext_noop("A condition cannot call functions.")),
    ((ast.Subscript, ast.Attribute), gettext_noop("A condition cannot look inside a value.")),
    ((ast.IfExp, ast.Lambda), gettext_noop("A condition cannot hold if or lambda.")),
    (
        (ast.ListComp, ast.GeneratorExp, ast.Await, ast.Yield, ast.YieldFrom),
        gettext_noop("A condition cannot loop."),
    ),
    ((ast.Tuple,), _SQUARE_BRACKETS),
)


def quoted_character(character: str) -> str:
    """A character as a message may show it: itself, or ``U+0007`` when it cannot be seen or encoded."""
    return character if character.isprintable() else f"U+{ord(character):04X}"


def suggestion(word: str, known: Iterable[str]) -> str:
    """The known word closest to ``word``, or an empty text when none is close."""
    return next(iter(difflib.get_close_matches(word[:100].lower(), list(known), n=1, cutoff=0.6)), "")


class _Reader:
    """Turns one text into a tree of nodes; every refusal carries the text."""

    def __init__(self, text: str) -> None:
        self.text = text

    def read(self) -> Node:
        source = " ".join(self._tokens())
        try:
            tree = ast.parse(source, mode="eval")
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            template = gettext_noop("The condition is not complete, or its words stand in the wrong order.")
            raise self._error(template, _SHAPES) from None
        return self._node(tree.body, 1)

    def _error(self, template: str, mend: str = "", **params: Any) -> ConditionError:
        return ConditionError(template, self.text, params=params, mend_template=mend)

    def _tokens(self) -> list[str]:
        """The known tokens of the text. Cutting it up first keeps every other construct of Python, and the
        warnings its parser prints, away from the parser."""
        if len(self.text) > MAX_LENGTH:
            raise self._error(
                gettext_noop("The condition is longer than %(limit)s characters."), limit=MAX_LENGTH
            )
        tokens, position = [], 0
        while position < len(self.text):
            if (match := _TOKEN.match(self.text, position)) is None:
                raise self._unknown_character(position)
            tokens.append(match.group().strip(" \t\r\n"))
            position = match.end()
        tokens = [token for token in tokens if token]
        if not tokens:
            raise self._error(gettext_noop("The condition is empty."))
        if len(tokens) > MAX_TOKENS:
            raise self._error(
                gettext_noop("The condition is too long: more than %(limit)s words."), limit=MAX_TOKENS
            )
        return tokens

    def _unknown_character(self, position: int) -> ConditionError:
        character = self.text[position]
        if character.isascii() and character.isdigit():
            return self._error(gettext_noop("Only whole numbers can be used, for example 3."))
        return self._error(
            gettext_noop(
                "The character %(character)s at position %(position)s has no meaning in a condition."
            ),
            _CHARACTER_MENDS.get(character, ""),
            character=quoted_character(character),
            position=position + 1,
        )

    def _node(self, node: ast.expr, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise self._error(gettext_noop("The condition is nested too deeply."))
        match node:
            case ast.BoolOp(op=joiner, values=values):
                join = all if isinstance(joiner, ast.And) else any
                return Joined(join, tuple(self._node(value, depth + 1) for value in values))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return Not(self._node(operand, depth + 1))
            case ast.Compare(left=left, ops=[comparison], comparators=[right]):
                return self._comparison(left, _WRITTEN_OPERATORS.get(type(comparison), "is"), right)
            case ast.Compare():
                raise self._error(gettext_noop("Comparisons cannot be chained; join them with and."))
        return self._bare(node)

    def _bare(self, node: ast.expr) -> Node:
        """A flag, or true or false, standing alone."""
        if (value := _literal(node)) is not None:
            if isinstance(value, bool):
                return Constant(value)
            raise self._error(gettext_noop("A value stands alone."), _SHAPES)
        attribute = self._attribute(node)
        if attribute.kind != "flag":
            template = gettext_noop("The attribute %(name)s stands alone, but it is not true or false.")
            raise self._error(template, _KIND_MENDS[attribute.kind], name=attribute.name)
        return Comparison(attribute.name, "==", True)

    def _comparison(self, left: ast.expr, written: str, right: ast.expr) -> Node:
        if written == "is":
            raise self._error(gettext_noop("The word is does not compare; write == or !=."))
        if (
            isinstance(left, ast.Name)
            and isinstance(right, ast.Name)
            and not (_is_bool(left) or _is_bool(right))
        ):
            self._refuse_two_names(left, right)
        if isinstance(right, ast.Name) and not _is_bool(right):
            return self._reversed(left, written, self._attribute(right))
        if _literal(left) is not None or isinstance(left, ast.List):
            raise self._error(gettext_noop("A value is compared with a value."), _SHAPES)
        attribute = self._attribute(left)
        self._check_operator(attribute, written)
        if written in ("in", "not in"):
            return Comparison(attribute.name, written, self._listed(attribute, right))
        return Comparison(attribute.name, written, self._value(attribute, right))

    def _reversed(self, left: ast.expr, written: str, attribute: Attribute) -> Node:
        """A value on the left: ``'citizens' in audience``, ``'none' == personal_data``."""
        turned = {"in": "has", "not in": "has not"}.get(written) or _MIRRORED[written]
        self._check_operator(attribute, turned, written)
        return Comparison(attribute.name, turned, self._value(attribute, left))

    def _refuse_two_names(self, left: ast.Name, right: ast.Name) -> None:
        for name, other in ((left, right), (right, left)):
            if (
                name.id not in ATTRIBUTES
                and other.id in ATTRIBUTES
                and name.id in ATTRIBUTES[other.id].allowed
            ):
                template = gettext_noop("The value %(word)s stands without quotation marks.")
                raise self._error(template, gettext_noop("Write '%(word)s'."), word=name.id)
        self._attribute(left)
        self._attribute(right)
        raise self._error(gettext_noop("An attribute is compared with an attribute."), _SHAPES)

    def _check_operator(self, attribute: Attribute, meant: str, written: str = "") -> None:
        if meant not in _KIND_OPERATORS[attribute.kind]:
            template = gettext_noop("The comparison %(operator)s does not suit %(name)s.")
            mend = _KIND_MENDS[attribute.kind]
            raise self._error(template, mend, operator=written or meant, name=attribute.name)

    def _attribute(self, node: ast.expr) -> Attribute:
        if not isinstance(node, ast.Name):
            raise self._construct(node)
        if (attribute := ATTRIBUTES.get(node.id)) is None:
            closest = suggestion(node.id, ATTRIBUTES)
            raise self._error(
                gettext_noop("There is no attribute %(name)s."),
                _CLOSEST if closest else _ONE_OF,
                name=node.id,
                suggestion=closest,
                allowed=", ".join(ATTRIBUTES),
            )
        return attribute

    def _listed(self, attribute: Attribute, node: ast.expr) -> tuple[Value, ...]:
        if not isinstance(node, ast.List):
            if isinstance(node, ast.Tuple) or _literal(node) is not None:
                raise self._error(_SQUARE_BRACKETS)
            raise self._construct(node)
        if not node.elts:
            raise self._error(gettext_noop("The list is empty."))
        return tuple(self._value(attribute, item) for item in node.elts)

    def _value(self, attribute: Attribute, node: ast.expr) -> Value:
        value = _literal(node)
        if value is None:
            raise self._construct(node)
        if attribute.permits(value):
            return value
        closest = (
            suggestion(value, (str(word) for word in attribute.allowed)) if isinstance(value, str) else ""
        )
        mend = _ONE_OF if attribute.allowed else _KIND_MENDS[attribute.kind]
        template = gettext_noop("%(value)s is not a value of %(name)s.")
        if closest and attribute.kind in ("choice", "choices"):
            mend = gettext_noop("Did you mean %(suggestion)s? Use one of: %(allowed)s.")
        raise self._error(
            template,
            mend,
            value=_written(value),
            name=attribute.name,
            suggestion=f"'{closest}'",
            allowed=attribute.allowed_words,
        )

    def _construct(self, node: ast.AST) -> ConditionError:
        for kinds, template in _CONSTRUCTS:
            if isinstance(node, kinds):
                return self._error(template)
        return self._error(
            gettext_noop("A part of the condition is something that conditions do not have."), _SHAPES
        )


def _is_bool(node: ast.Name) -> bool:
    return node.id in ("true", "false")


def _literal(node: ast.expr) -> Value | None:
    """The value a literal stands for (``true`` and ``True`` alike), or None when the node is no literal."""
    if isinstance(node, ast.Name) and _is_bool(node):
        return node.id == "true"
    if isinstance(node, ast.Constant) and isinstance(node.value, str | int):
        return node.value
    return None
