"""The document of a survey: sections of questions, in both languages, read from plain JSON or YAML values.

Reading is strict: what is wrong is named by its place (``sections[0].questions[2].choices``) with words to mend it. The
templates are English message ids with ``params``, for a caller to translate.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sekisho.standards.pack import Text
from sekisho.values import gettext_noop
from sekisho.voice.definition.conditions import BOUNDS as SIGNS
from sekisho.voice.definition.conditions import (
    DEEPEST,
    MOST_JOINED,
    Bound,
    Condition,
    Joined,
    ShowIf,
    to_document,
)

_ = gettext_noop

MAX_QUESTIONS = 200
MAX_CHOICES = 100
MAX_SECTIONS = 50
#: the most places a ranking asks for
MAX_PLACES = 20
MAX_WORDS = 5000
#: the most a text answer may hold unless the question says less
LONGEST_TEXT = 20_000
_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")


class Kind(StrEnum):
    """What a question takes: one choice, several, a number of a scale, and so on."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    SCALE = "scale"
    SATISFACTION = "satisfaction"
    NPS = "nps"
    NUMBER = "number"
    TEXT = "text"
    DATE = "date"
    KANO = "kano"
    SUS = "sus"
    MATRIX = "matrix"
    RANKING = "ranking"


#: kinds that a later question can ask after
WITH_CHOICES = (Kind.SINGLE, Kind.MULTIPLE)
#: kinds whose answer a condition can compare with a number
WITH_NUMBERS = (Kind.SCALE, Kind.SATISFACTION, Kind.NPS, Kind.NUMBER)
#: kinds that need something to choose from; a Kano question calls them features, a matrix columns
NEEDS_CHOICES = (*WITH_CHOICES, Kind.KANO, Kind.MATRIX, Kind.RANKING)
#: kinds whose answer is a whole number between two bounds
BOUNDS = {Kind.SATISFACTION: (1, 5), Kind.NPS: (0, 10)}


@dataclass(frozen=True)
class Fault:
    """One thing to mend in a document."""

    place: str
    template: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.place}: {self.template % self.params}"


class DefinitionError(Exception):
    """A document cannot be read; ``faults`` names everything found."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in faults))


@dataclass(frozen=True)
class Choice:
    """One choice of a question, one feature of a Kano question, or one row of a matrix."""

    code: str
    title: Text


@dataclass(frozen=True)
class Question:
    """One question. ``least`` and ``most`` bound scales and numbers; ``longest`` bounds a text, in characters.

    A matrix asks for one of ``choices`` (its columns) in each of ``rows``. A ranking asks for the first ``most`` of its
    choices in order, or for all of them.
    """

    code: str
    kind: Kind
    title: Text
    help: Text = field(default_factory=Text)
    required: bool = False
    choices: tuple[Choice, ...] = ()
    rows: tuple[Choice, ...] = ()
    random: bool = False
    least: int | None = None
    most: int | None = None
    longest: int = LONGEST_TEXT
    importance: bool = False
    show_if: Condition | None = None

    @property
    def bounds(self) -> tuple[int, int] | None:
        """The least and greatest whole number of a scale; None for other kinds."""
        if self.kind == Kind.SCALE:
            return (1 if self.least is None else self.least, 5 if self.most is None else self.most)
        return BOUNDS.get(self.kind)

    @property
    def places(self) -> int:
        """How many places a ranking has; 0 for other kinds."""
        if self.kind != Kind.RANKING:
            return 0
        return min(self.most or MAX_PLACES, len(self.choices), MAX_PLACES)

    def to_document(self) -> dict[str, Any]:
        """The question as plain values, without what is not said."""
        found: dict[str, Any] = {
            "code": self.code,
            "kind": self.kind.value,
            "title": self.title.to_document(),
        }
        if self.help.to_document():
            found["help"] = self.help.to_document()
        found |= {name: True for name in ("required", "random", "importance") if getattr(self, name)}
        for name, several in (("choices", self.choices), ("rows", self.rows)):
            if several:
                found[name] = [{"code": one.code, "title": one.title.to_document()} for one in several]
        found |= {name: value for name in ("least", "most") if (value := getattr(self, name)) is not None}
        if self.longest != LONGEST_TEXT:
            found["longest"] = self.longest
        if self.show_if:
            found["show_if"] = to_document(self.show_if)
        return found


@dataclass(frozen=True)
class Section:
    """Questions that stand together."""

    title: Text
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Definition:
    """What a survey says and asks."""

    intro: Text
    thanks: Text
    sections: tuple[Section, ...]

    @property
    def questions(self) -> tuple[Question, ...]:
        """Every question in order."""
        return tuple(question for section in self.sections for question in section.questions)

    def question(self, code: str) -> Question | None:
        """The question of a code."""
        return next((one for one in self.questions if one.code == code), None)

    def to_document(self) -> dict[str, Any]:
        """The whole as plain values; ``from_document`` reads it back the same."""
        return {
            "intro": self.intro.to_document(),
            "thanks": self.thanks.to_document(),
            "sections": [
                {"title": one.title.to_document(), "questions": [q.to_document() for q in one.questions]}
                for one in self.sections
            ],
        }

    @classmethod
    def from_document(cls, document: Any) -> "Definition":
        """Read plain values.

        Raises:
            DefinitionError: something is wrong; every fault is named.
        """
        reader = _Reader()
        found = reader.definition(document)
        if reader.faults:
            raise DefinitionError(reader.faults)
        return found


class _Reader:
    """Reads on past each fault, so that all are named at once."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self._codes: dict[str, Question] = {}

    def fault(self, place: str, template: str, **params: Any) -> None:
        self.faults.append(Fault(place, template, params))

    def definition(self, document: Any) -> Definition:
        top = self.mapping(document, "", ("intro", "thanks", "sections"))
        sections = [self.section(one, f"sections[{n}]") for n, one in self.items(top, "sections", "sections")]
        if len(sections) > MAX_SECTIONS:
            self.fault("sections", _("A survey has at most %(most)d sections."), most=MAX_SECTIONS)
        if len(self._codes) > MAX_QUESTIONS:
            self.fault("sections", _("A survey asks at most %(most)d questions."), most=MAX_QUESTIONS)
        return Definition(
            self.text(top.get("intro"), "intro", needed=False),
            self.text(top.get("thanks"), "thanks", needed=False),
            tuple(sections),
        )

    def section(self, value: Any, place: str) -> Section:
        found = self.mapping(value, place, ("title", "questions"))
        questions = [
            self.question(one, f"{place}.questions[{n}]")
            for n, one in self.items(found, "questions", f"{place}.questions")
        ]
        return Section(self.text(found.get("title"), f"{place}.title", needed=False), tuple(questions))

    def question(self, value: Any, place: str) -> Question:
        keys = (
            *("code", "kind", "title", "help", "required", "choices", "rows", "random"),
            *("least", "most", "longest", "importance", "show_if"),
        )
        found = self.mapping(value, place, keys)
        kind = found.get("kind")
        if kind not in list(Kind):
            allowed = ", ".join(Kind)
            self.fault(f"{place}.kind", _("Use one of: %(allowed)s."), allowed=allowed)
            kind = Kind.TEXT
        question = Question(
            code=self.code(found.get("code"), f"{place}.code", self._codes),
            kind=Kind(kind),
            title=self.text(found.get("title"), f"{place}.title"),
            help=self.text(found.get("help"), f"{place}.help", needed=False),
            required=found.get("required") is True,
            choices=self.choices(found, "choices", place) if kind in NEEDS_CHOICES else (),
            rows=self.choices(found, "rows", place) if kind == Kind.MATRIX else (),
            random=found.get("random") is True,
            least=self.whole(found.get("least"), f"{place}.least"),
            most=self.whole(found.get("most"), f"{place}.most"),
            longest=self.whole(found.get("longest"), f"{place}.longest") or LONGEST_TEXT,
            importance=found.get("importance") is True,
            show_if=self.show_if(found.get("show_if"), f"{place}.show_if"),
        )
        self._check_bounds(question, place)
        self._codes[question.code] = question
        return question

    def _check_bounds(self, question: Question, place: str) -> None:
        least, most = question.least, question.most
        if least is not None and most is not None and least >= most:
            self.fault(f"{place}.most", _("The greatest value must lie above the least."))
        if question.kind == Kind.SCALE and (bounds := question.bounds) and bounds[1] - bounds[0] > 10:
            self.fault(f"{place}.most", _("A scale has at most eleven steps."))
        if question.kind == Kind.RANKING and most is not None and not 1 <= most <= MAX_PLACES:
            self.fault(f"{place}.most", _("Enter a number from 1 to %(most)d."), most=MAX_PLACES)
        if not 1 <= question.longest <= LONGEST_TEXT:
            self.fault(f"{place}.longest", _("Enter a number from 1 to %(most)d."), most=LONGEST_TEXT)

    def choices(self, found: Mapping[str, Any], key: str, place: str) -> tuple[Choice, ...]:
        seen: dict[str, Any] = {}
        read = []
        for n, value in self.items(found, key, f"{place}.{key}"):
            here = f"{place}.{key}[{n}]"
            one = self.mapping(value, here, ("code", "title"))
            code = self.code(one.get("code"), f"{here}.code", seen)
            seen[code] = True
            read.append(Choice(code, self.text(one.get("title"), f"{here}.title")))
        if not read:
            needs = _("This question needs rows.") if key == "rows" else _("This question needs choices.")
            self.fault(f"{place}.{key}", needs)
        if len(read) > MAX_CHOICES:
            self.fault(f"{place}.{key}", _("A question has at most %(most)d choices."), most=MAX_CHOICES)
        return tuple(read)

    def show_if(self, value: Any, place: str, deep: int = 0) -> Condition | None:
        if value is None:
            return None
        joined = isinstance(value, Mapping) and next(
            (one for one in ("all", "any", "not") if one in value), ""
        )
        if joined:
            return self.joined(value, joined, place, deep)
        found = self.mapping(value, place, ("question", "among", *SIGNS))
        asked = self._codes.get(str(found.get("question")))
        bound = next((name for name in SIGNS if name in found), "")
        if bound:
            return self.bound(found, bound, asked, place)
        if asked is None or asked.kind not in WITH_CHOICES:
            self.fault(f"{place}.question", _("Name an earlier question with choices."))
            return None
        among = tuple(str(code) for _n, code in self.items(found, "among", f"{place}.among"))
        known = {one.code for one in asked.choices}
        if not among or not set(among) <= known:
            self.fault(f"{place}.among", _("Use one of: %(allowed)s."), allowed=", ".join(sorted(known)))
        return ShowIf(asked.code, among)

    def joined(self, value: Mapping[str, Any], sign: str, place: str, deep: int) -> Condition | None:
        self.mapping(value, place, (sign,))
        given = (
            [value["not"]]
            if sign == "not"
            else [one for _n, one in self.items(value, sign, f"{place}.{sign}")]
        )
        if not given or None in given or len(given) > MOST_JOINED or deep > DEEPEST:
            self.fault(f"{place}.{sign}", _("Join from one to %(most)d conditions here."), most=MOST_JOINED)
            return None
        found = [self.show_if(one, f"{place}.{sign}[{n}]", deep + 1) for n, one in enumerate(given)]
        of = tuple(one for one in found if one is not None)
        return Joined(sign, of) if len(of) == len(given) else None

    def bound(
        self, found: Mapping[str, Any], name: str, asked: Question | None, place: str
    ) -> Condition | None:
        number = found[name]
        if asked is None or asked.kind not in WITH_NUMBERS:
            self.fault(f"{place}.question", _("Name an earlier question whose answer is a number."))
            return None
        if isinstance(number, bool) or not isinstance(number, int | float) or not abs(number) < 10**12:
            self.fault(f"{place}.{name}", _("Enter a number."))
            return None
        return Bound(asked.code, SIGNS[name], float(number))

    # Plain values

    def mapping(self, value: Any, place: str, keys: Sequence[str]) -> Mapping[str, Any]:
        if not isinstance(value, Mapping):
            self.fault(place or "document", _("Here must stand names with values."))
            return {}
        for key in value:
            if key not in keys:
                self.fault(
                    f"{place}.{key}".strip("."),
                    _("This is not known here. Use: %(keys)s."),
                    keys=", ".join(keys),
                )
        return value

    def items(self, found: Mapping[str, Any], key: str, place: str) -> Iterator[tuple[int, Any]]:
        value = found.get(key, [])
        if not isinstance(value, list):
            self.fault(place, _("Here must stand a list."))
            return iter(())
        return enumerate(value)

    def text(self, value: Any, place: str, *, needed: bool = True) -> Text:
        if value is None and not needed:
            return Text()
        words = {"ja": value} if isinstance(value, str) else value
        if not isinstance(words, Mapping) or not all(isinstance(one, str) for one in words.values()):
            self.fault(place, _("Here must stand words in ja and en."))
            return Text()
        found = Text(str(words.get("ja", "")).strip(), str(words.get("en", "")).strip())
        if needed and not found.get("ja"):
            self.fault(place, _("Write the words."))
        if max(len(found.ja), len(found.en)) > MAX_WORDS:
            self.fault(place, _("At most %(limit)d characters fit here."), limit=MAX_WORDS)
        return found

    def code(self, value: Any, place: str, taken: Mapping[str, Any]) -> str:
        if not isinstance(value, str) or not _CODE.fullmatch(value):
            self.fault(place, _("A code begins with a small letter; small letters, digits and _ follow."))
        elif value in taken:
            self.fault(place, _("This code is used twice: %(code)s."), code=value)
        return str(value)

    def whole(self, value: Any, place: str) -> int | None:
        if value is None or (isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**12):
            return value
        self.fault(place, _("Enter a whole number."))
        return None
