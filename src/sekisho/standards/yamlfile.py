"""Reading one YAML file of a pack into plain values, and the problems found on the way.

Files are treated as hostile: size and depth are bounded; anchors, aliases, tags and further documents are
refused before anything is built.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from sekisho.standards.conditions import gettext_noop, quoted_character

MAX_FILE_BYTES = 512 * 1024
MAX_DEPTH = 8
MISSING: Any = object()  # stands for a value that is not there and whose absence has been reported


@dataclass(frozen=True)
class Problem:
    """One thing to mend in a pack.

    ``place`` in ``file`` is a path counted from 0 (``criteria[3].title.en``), or ``line 12`` where there is
    none; ``line`` is given where known. The templates are English message ids with ``params`` for a caller to
    translate.
    """

    file: str
    place: str
    template: str
    params: Mapping[str, Any] = field(default_factory=dict, hash=False)
    mend_template: str = ""
    line: int | None = None

    @property
    def message(self) -> str:
        return self.template % self.params

    @property
    def mend(self) -> str:
        """What to do about it; empty when the message says all."""
        return self.mend_template % self.params

    def __str__(self) -> str:
        where = ":".join(part for part in (self.file, str(self.line or "")) if part)
        place = "" if self.place.startswith("line ") else self.place
        return " ".join(part for part in (where and f"{where}:", place, self.message, self.mend) if part)


class PackError(Exception):
    """A pack cannot be read. ``problems`` holds all that was found, in the order of the files."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass(frozen=True)
class Spot:
    """A place in a file being read, and where its problems go."""

    file: str
    sink: list[Problem]
    lines: Mapping[str, int] = field(default_factory=dict)
    place: str = ""

    def key(self, name: str) -> "Spot":
        return self._at(f"{self.place}.{name}" if self.place else name)

    def item(self, index: int) -> "Spot":
        return self._at(f"{self.place}[{index}]")

    def _at(self, place: str) -> "Spot":
        return Spot(self.file, self.sink, self.lines, place)

    def report(self, template: str, mend: str = "", **params: Any) -> None:
        self.sink.append(Problem(self.file, self.place, template, params, mend, self._line()))

    def _line(self) -> int | None:
        """The line of this place, or of what it should have stood in."""
        place = self.place
        while place not in self.lines and place:
            place = place[: max(place.rfind("."), place.rfind("["), 0)]
        return self.lines.get(place)


# From YAML text to plain values

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PLAIN_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")


def _read_bytes(path: Path, spot: Spot) -> bytes:
    """The bytes of a file, or none after reporting why."""
    try:
        if not path.is_file():
            spot.report(gettext_noop("The file is missing."))
            return b""
        with path.open("rb") as stream:
            data = stream.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        spot.report(gettext_noop("The file cannot be read: %(reason)s."), reason=reason)
        return b""
    if len(data) > MAX_FILE_BYTES:
        limit = MAX_FILE_BYTES // 1024
        spot.report(gettext_noop("The file is larger than %(limit)s KB."), limit=limit)
        return b""
    if not data.strip():
        _report_empty(spot)
        return b""
    return data


def _report_empty(spot: Spot) -> None:
    spot.report(gettext_noop("The file is empty."), gettext_noop("Fill it in, or remove it."))


def read_yaml(path: Path, sink: list[Problem]) -> tuple[Any, Spot]:
    """The plain value of a YAML file (MISSING after a reported problem) and the spot of its top."""
    lines: dict[str, int] = {}
    spot = Spot(path.name, sink, lines)
    if not (data := _read_bytes(path, spot)):
        return MISSING, spot
    try:
        node = _compose(data.decode("utf-8-sig"), spot)
    except UnicodeDecodeError as error:
        broken = _at_line(spot, data.count(b"\n", 0, error.start) + 1)
        broken.report(gettext_noop("The text is not UTF-8."), gettext_noop("Save the file as UTF-8."))
        return MISSING, spot
    except (yaml.YAMLError, ValueError, OverflowError) as error:  # the last two for an impossible \U escape
        mark = getattr(error, "problem_mark", None)
        reason = str(getattr(error, "problem", "") or getattr(error, "reason", "") or "")
        broken = _at_line(spot, mark.line + 1) if mark else spot
        broken.report(
            gettext_noop("This is not valid YAML: %(reason)s."),
            gettext_noop("Check indentation, quotation marks and colons around this place."),
            reason=reason or "unreadable",
        )
        return MISSING, spot
    return (MISSING if node is None else _plain(node, spot, lines)), spot


def _at_line(spot: Spot, line: int) -> Spot:
    place = f"line {line}"
    return Spot(spot.file, spot.sink, {place: line}, place)


def _compose(text: str, spot: Spot) -> yaml.Node | None:
    """The node tree, or None after reporting what packs may not use. Events are looked at first, because an
    alias or a deep nesting does its harm while the tree is built."""
    if (refusal := _refusal(text)) is not None:
        template, line = refusal
        _at_line(spot, line).report(template)
        return None
    node: yaml.Node | None = yaml.compose(text, Loader=_Loader)
    if node is None:
        _report_empty(spot)
    return node


def _refusal(text: str) -> tuple[str, int] | None:
    depth = documents = 0
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        documents += isinstance(event, yaml.DocumentStartEvent)
        line = getattr(event.start_mark, "line", 0) + 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            return gettext_noop("Anchors (&) and aliases (*) are not allowed; write the text out."), line
        if getattr(event, "tag", None) is not None:
            return gettext_noop("Tags (!) are not allowed; put the text in quotation marks."), line
        if depth > MAX_DEPTH:
            return gettext_noop("The file is nested too deeply."), line
        if documents > 1:
            return gettext_noop("The file holds more than one document (---)."), line
    return None


def _plain(node: yaml.Node, spot: Spot, lines: dict[str, int]) -> Any:
    """Plain dicts, lists and scalars; repeated and nested keys are reported. Fills ``lines`` by place."""
    lines.setdefault(spot.place, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, spot.item(index), lines) for index, item in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        return dict(_pairs(node, spot, lines))
    return _scalar(node)


def _pairs(node: yaml.MappingNode, spot: Spot, lines: dict[str, int]) -> Iterator[tuple[str, Any]]:
    first: dict[str, int] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            _at_line(spot, line).report(gettext_noop("A key must be a plain word."))
        elif key.value in first:
            _at_line(spot, line).report(
                gettext_noop("The key %(key)s stands twice; the first is on line %(first)s."),
                key=shown(key.value),
                first=first[key.value],
            )
        else:
            first[key.value] = line
            yield key.value, _plain(value, spot.key(shown(key.value)), lines)


def _scalar(node: yaml.Node) -> Any:
    """Text, whole number, decimal, true or false, or None. Dates, octal and base-60 numbers stay text: nobody
    who writes 010 or 1:30 in a pack means 8 or 90."""
    kind, value = node.tag.rpartition(":")[2], str(node.value)
    if kind == "null":
        return None
    if kind == "bool":
        return value.lower() in ("yes", "true", "on")
    if kind == "int" and _PLAIN_INTEGER.fullmatch(value):
        return int(value)
    if kind == "float":
        try:
            return float(re.sub(r"\.(?=inf|nan)", "", value.lower()))
        except ValueError:
            return value
    return value


def shown(value: object, limit: int = 60) -> str:
    """A value as a message may show it: short, on one line, without characters that cannot be seen."""
    text = "".join(quoted_character(character) for character in str(value)[: limit + 1])
    return f"{text[:limit]}…" if len(text) > limit else text
