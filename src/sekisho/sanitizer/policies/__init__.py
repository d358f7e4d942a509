"""Policies: small YAML files that say which methods are allowed, what survives, and the limits.

``Policy.named("inbound")`` is a shipped one, ``load_policy(path)`` an office's own. Unknown keys are errors:
a mistyped rule must not silently allow.
"""

import reprlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cache, cached_property
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from sekisho.sanitizer.encodings import as_declared
from sekisho.sanitizer.filetypes import FAMILIES, TYPES, FileType
from sekisho.sanitizer.formats import route_for
from sekisho.sanitizer.results import METHODS
from sekisho.sanitizer.words import explain

MAX_POLICY_BYTES = 64 * 1024


@dataclass(frozen=True)
class Problem:
    """Something in a policy that cannot be used: where, and what in words (``policy.…`` in ``words``)."""

    place: str
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def said(self, language: str) -> str:
        words = explain(f"policy.{self.code}").filled(self.params)[language]
        return f"{self.place}: {words}" if self.place else words

    def within(self, file: object) -> "Problem":
        return replace(self, place=f"{file}: {self.place}" if self.place else str(file))


class PolicyError(ValueError):
    """A policy cannot be used. Each problem names its place and how to mend it."""

    def __init__(self, found: list[Problem]) -> None:
        self.found = tuple(found)
        super().__init__("\n".join(self.problems))

    @property
    def problems(self) -> list[str]:
        return self.said("en")

    def said(self, language: str) -> list[str]:
        return [problem.said(language) for problem in self.found]

    def within(self, file: object) -> "PolicyError":
        return PolicyError([problem.within(file) for problem in self.found])


@dataclass(frozen=True)
class Limits:
    """Caps for one file and all it holds. Bytes, pages, pixels per picture or page, seconds, mebibytes.

    A file may take ``seconds`` and ``seconds_per_mb`` for each whole mebibyte of it.
    """

    bytes: int = 2048 * 1024 * 1024
    output_bytes: int = 2047 * 1024 * 1024  # what a plain ZIP can hold without its 64-bit fields
    pages: int = 2_000
    pixels: int = 100_000_000
    frames: int = 500
    depth: int = 5
    files: int = 2_000
    total_bytes: int = 4096 * 1024 * 1024
    ratio: int = 200
    seconds: int = 120
    seconds_per_mb: int = 4
    memory_mb: int = 2_048


@dataclass(frozen=True)
class Keep:
    """What may survive rebuilding."""

    links: bool = True
    comments: bool = True
    formulas: bool = True
    embedded_files: bool = False
    metadata: bool = False
    hidden: bool = True


@dataclass(frozen=True)
class Policy:
    """Which methods, in which order, for which family or type; what survives; what a lying name leads to."""

    name: str
    title: Mapping[str, str] = field(default_factory=dict)
    methods: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    keep: Keep = Keep()
    limits: Limits = Limits()
    lying_names: str = "refuse"  # or "rename"
    cross_check: str = "refuse"  # when libmagic takes a file for something else, or "report"
    warn_personal: bool = False
    dpi: int = 150
    jpeg_quality: int = 85
    refused_members: str = "drop"  # archives and mail: drop the member and say so, or "refuse" the whole

    @classmethod
    def named(cls, name: str) -> "Policy":
        """A shipped policy. Raises ``PolicyError`` for a name that does not exist."""
        shipped = shipped_policies()
        if name not in shipped:
            raise _one("", "missing", name=repr(name), known=_listed(shipped))
        return shipped[name]

    @classmethod
    def chosen(cls, name_or_file: str) -> "Policy":
        """A shipped policy by its name, or an office's own from a YAML file. Raises ``PolicyError``."""
        is_file = Path(name_or_file).suffix.lower() in {".yaml", ".yml"} or Path(name_or_file).exists()
        return (
            load_policy(Path(name_or_file))
            if is_file and name_or_file not in shipped_policies()
            else cls.named(name_or_file)
        )

    def methods_for(self, kind: FileType) -> tuple[str, ...]:
        """Allowed methods in order: the type's own entry, else the family's, else none."""
        return self.methods.get(kind.id, self.methods.get(kind.family, ()))

    @property
    def looks_under(self) -> bool:
        """Whether text of a page that does not show is looked for: where a file leaves and must tell no more than it shows."""
        return self.warn_personal and not self.keep.hidden

    @cached_property
    def _document(self) -> dict[str, Any]:
        return asdict(self)

    def as_dict(self) -> dict[str, Any]:
        return dict(self._document)

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> "Policy":
        """A policy from the values of a YAML document or of ``as_dict``. Raises ``PolicyError``."""
        return _Reader(document).policy()


def load_policy(path: Path) -> Policy:
    """An office's own policy file. Raises ``PolicyError`` naming each problem."""
    try:
        with path.open("rb") as file:
            policy = read_policy(file.read(MAX_POLICY_BYTES + 1))
        if not any(policy.methods.values()):
            raise _one("methods", "no_methods")
    except OSError as error:
        raise _one(str(path), "unreadable", reason=error.strerror or str(error)) from error
    except PolicyError as error:
        raise error.within(path) from None
    return policy


def read_policy(raw: bytes) -> Policy:
    """A policy from the bytes of its YAML. Raises ``PolicyError`` naming each problem."""
    if len(raw) > MAX_POLICY_BYTES:
        raise _one("", "too_large", limit=MAX_POLICY_BYTES)
    text = as_declared(raw, "utf-8")
    if text is None:
        raise _one("", "not_text")
    try:
        document = yaml.load(text.removeprefix("\ufeff"), _StrictLoader)  # noqa: S506 - a safe loader
    except yaml.MarkedYAMLError as error:
        line = (error.problem_mark.line if error.problem_mark else 0) + 1
        if "'\\t'" in str(error.problem):
            raise _one("", "tab", line=line) from error
        raise _one("", "not_yaml", reason=f"{error.problem} (line {line})") from error
    except PolicyError:
        raise
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise _one("", "not_yaml", reason=" ".join(str(error).split())) from error
    if not isinstance(document, dict):
        raise _one("", "no_document")
    return Policy.from_dict(document)


class _StrictLoader(yaml.SafeLoader):
    """Of a key that stands twice the first would be lost without a word, and with it what it forbids."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key in (key for key, _value in node.value if isinstance(key.value, str)):
            if key.value in seen:
                raise _one(key.value, "twice", line=key.start_mark.line + 1)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def idle_methods(policy: Policy) -> list[Problem]:
    """Methods that no file of their kind can come out by: not forbidden, and never used."""
    found = []
    for key, methods in policy.methods.items():
        kinds = [TYPES[key]] if key in TYPES else [kind for kind in TYPES.values() if kind.family == key]
        fitting = [way for way in METHODS if any(route_for(kind, way) for kind in kinds)]
        if key != "refused" and (key not in TYPES or TYPES[key].family != "refused"):
            found += [
                Problem(f"methods.{key}", "idle", {"value": way, "known": _listed(fitting)})
                for way in methods
                if way not in fitting
            ]
    return found


def _one(place: str, code: str, **params: Any) -> PolicyError:
    return PolicyError([Problem(place, code, params)])


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def shipped_text(name: str) -> str:
    """The YAML of a shipped policy, to start an own one from. Raises ``KeyError``."""
    if name not in shipped_policies():
        raise KeyError(name)
    return (resources.files(__name__) / f"{name}.yaml").read_text("utf-8")


@cache
def shipped_policies() -> dict[str, Policy]:
    """The policies that come with Sekisho, by name."""
    folder = resources.files(__name__)
    files = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".yaml"))
    policies = (Policy.from_dict(yaml.safe_load((folder / name).read_text("utf-8"))) for name in files)
    return {policy.name: policy for policy in policies}


#: what is said of a value that is none of a kind
_KINDS = {str: "no_text", bool: "no_switch", int: "no_number"}


_LONGEST_NAME = 100  # characters
_short = reprlib.Repr()
_short.maxlevel, _short.maxstring, _short.maxother = 2, 60, 60


def _quoted(value: Any) -> str:
    """A value as it stands in a message: a little of it, for aliases of YAML make much of a few words."""
    return _short.repr(value)


class _Reader:
    """Turns a document into a policy, gathering every problem before raising."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = dict(document)
        self.problems: list[Problem] = []

    def _say(self, place: str, code: str, **params: Any) -> None:
        self.problems.append(Problem(place, code, params))

    def policy(self) -> Policy:
        known = {entry.name for entry in fields(Policy)}
        self._refuse_unknown(self.document, known, "")
        policy = Policy(
            name=self._text("name", ""),
            title=self._title(),
            methods=self._methods(),
            keep=self._section("keep", Keep, bool),
            limits=self._section("limits", Limits, int),
            lying_names=self._choice("lying_names", ("refuse", "rename")),
            cross_check=self._choice("cross_check", ("refuse", "report")),
            warn_personal=self._value("warn_personal", bool, default=False),
            dpi=self._number("dpi", 150, 50, 600),
            jpeg_quality=self._number("jpeg_quality", 85, 30, 100),
            refused_members=self._choice("refused_members", ("drop", "refuse")),
        )
        if not policy.name:
            self._say("name", "no_name")
        elif (
            not policy.name.isprintable() or len(policy.name) > _LONGEST_NAME or set(policy.name) & set("/\\")
        ):
            self._say("name", "odd_name", value=_quoted(policy.name), most=_LONGEST_NAME)
        if self.problems:
            raise PolicyError(self.problems)
        return policy

    def _refuse_unknown(self, mapping: Mapping[str, Any], known: set[str], place: str) -> None:
        for key in mapping:
            if key not in known:
                self._say(f"{place}{key}", "unknown_key", known=_listed(known))

    def _value(self, key: str, kind: type, *, default: Any) -> Any:
        value = self.document.get(key, default)
        if type(value) is not kind:
            self._say(key, _KINDS[kind], value=_quoted(value))
            return default
        return value

    def _text(self, key: str, default: str) -> str:
        text: str = self._value(key, str, default=default)
        return text

    def _number(self, key: str, default: int, low: int, high: int) -> int:
        number: int = self._value(key, int, default=default)
        if not low <= number <= high:
            self._say(key, "not_between", value=number, low=low, high=high)
        return number

    def _choice(self, key: str, choices: tuple[str, ...]) -> str:
        value = self.document.get(key, choices[0])
        if value not in choices:
            self._say(key, "not_one_of", value=_quoted(value), known=_listed(choices))
            return choices[0]
        return str(value)

    def _mapping(self, key: str) -> dict[str, Any]:
        value = self.document.get(key) or {}
        if not isinstance(value, Mapping):
            self._say(key, "no_mapping", value=_quoted(value))
            return {}
        return {str(name): entry for name, entry in value.items()}

    def _title(self) -> dict[str, str]:
        title = self._mapping("title")
        self._refuse_unknown(title, {"ja", "en"}, "title.")
        return {language: str(text) for language, text in title.items()}

    def _methods(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for key, value in self._mapping("methods").items():
            place = f"methods.{key}"
            if key not in TYPES and key not in FAMILIES:
                self._say(place, "no_type", known=_listed(FAMILIES))
            listed = value if isinstance(value, (list, tuple)) else [value]
            for method in listed:
                if method not in METHODS:
                    self._say(place, "not_one_of", value=_quoted(method), known=_listed(METHODS))
            found[key] = tuple(method for method in listed if isinstance(method, str))
        return found

    def _section(self, key: str, section: Any, kind: type) -> Any:
        given = self._mapping(key)
        defaults = {entry.name: entry.default for entry in fields(section)}
        self._refuse_unknown(given, set(defaults), f"{key}.")
        values = {}
        for name, value in given.items():
            if name not in defaults:
                continue
            if type(value) is not kind or (isinstance(value, int) and kind is int and value <= 0):
                self._say(f"{key}.{name}", _KINDS[kind], value=_quoted(value))
                continue
            values[name] = value
        return section(**values)
