"""Answers that come as a table: which column answers which question, and what each cell says. No Django.

Columns are told by their headings as the tools write them: question codes (our own export), ``group/question`` and
``question/choice`` (ODK, XLSForm), ``Q1[SQ001]`` (LimeSurvey), the words of the question, with those of a row in brackets
(Forms of Google and Microsoft). A column answers a target:

- a form field as ``check`` knows them (``q-CODE``, ``q-CODE-FEATURE-f``, ``q-CODE-3``)
- ``q-CODE=CHOICE``: one choice of several, ticked or not
- ``@day``, ``@place``, ``@language``: what stands beside an answer
- nothing: the column is left out
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from sekisho.analysis.problems import AnalysisProblem
from sekisho.analysis.scales import Reader, is_missing, key
from sekisho.tables.table import Row, Table, cell_text
from sekisho.values import ValueProblem, gettext_noop, parse_date, shown
from sekisho.voice.definition.answers import Answers, check, field_of
from sekisho.voice.definition.document import WITH_CHOICES, Choice, Definition, Kind, Question

_ = gettext_noop

DAY, PLACE, LANGUAGE = "@day", "@place", "@language"
BESIDE = (DAY, PLACE, LANGUAGE)
#: parts of a Kano feature: the functional and the dysfunctional question, and importance
_HALVES = ("f", "d", "i")
_SUS_ITEMS = 10
#: headings of what an anonymous answer must not carry; and of nothing we need
_PERSONAL = re.compile(
    r"名前|氏名|フリガナ|ふりがな|メール|電話|住所|ip|name|mail|user|token|phone|address|refurl|referrer|respondent"
    r"|deviceid|subscriberid|simserial|instance|uuid|seed|formversion|submitter|社員番号|職員番号|学籍番号",
    re.IGNORECASE,
)
_DAYS = (
    *(
        "完了時刻",
        "タイムスタンプ",
        "回答日",
        "回答日時",
        "日付",
        "開始時刻",
        "timestamp",
        "completiontime",
        "submitdate",
    ),
    *("submissiondate", "_submission_time", "end", "today", "starttime", "start", "datestamp", "@day"),
)
_PLACES = ("場所", "place", "設置場所", "@place")
_LANGUAGES = ("language", "startlanguage", "言語", "@language")
#: what a ticked or unticked box says
_TICKED = frozenset(
    key(w) for w in ("1", "yes", "y", "true", "はい", "○", "〇", "✓", "✔", "x", "レ", "checked", "選択")
)
_NOT_TICKED = frozenset(
    key(w) for w in ("0", "no", "n", "false", "いいえ", "×", "-", "not selected", "unchecked", "未選択")
)
_SEPARATORS = (";", "；", "\n", "|", "、", ", ", ",", "，", " ")
_FAMILIES = {Kind.SATISFACTION: "satisfaction", Kind.KANO: "kano", Kind.SUS: "agreement"}


@dataclass(frozen=True)
class Target:
    """What a column can answer. ``question`` is None for what stands beside an answer."""

    name: str
    question: Question | None = None
    choice: Choice | None = None
    part: str = ""


@dataclass(frozen=True)
class Fault:
    """A cell that cannot be taken: where it stands, what it holds, and why (message id and its values)."""

    row: int
    heading: str
    value: str
    template: str
    params: Mapping[str, Any]


@dataclass(frozen=True)
class Answered:
    """One row that can be taken. ``day`` is None where no column says it."""

    row: int
    answers: Answers
    day: Any = None
    place: str = ""
    language: str = "ja"


@dataclass(frozen=True)
class Incoming:
    """What a table holds by a mapping: the answers, the rows that are left out with their ``faults``, rows that say
    nothing, and words that no choice bears: target -> words."""

    answers: Sequence[Answered]
    faults: Sequence[Fault]
    empty: int
    unknown: Mapping[str, Sequence[str]]

    @property
    def left_out(self) -> int:
        """Rows left out because of a fault."""
        return len({fault.row for fault in self.faults})


def targets(definition: Definition) -> dict[str, Target]:
    """Everything a column can answer, by name, in the order of the questions."""
    found = [Target(name) for name in BESIDE]
    for question in definition.questions:
        field = field_of(question.code)
        if question.kind == Kind.KANO:
            found += [
                Target(f"{field}-{one.code}-{part}", question, one, part)
                for one in question.choices
                for part in (_HALVES if question.importance else _HALVES[:2])
            ]
        elif question.kind == Kind.SUS:
            found += [Target(f"{field}-{n}", question, part=str(n)) for n in range(1, _SUS_ITEMS + 1)]
        elif question.kind == Kind.MATRIX:
            found += [Target(f"{field}-{row.code}", question, row, "row") for row in question.rows]
        elif question.kind == Kind.RANKING:
            found += [Target(f"{field}-{n}", question, part=str(n)) for n in range(1, question.places + 1)]
        else:
            found.append(Target(field, question))
        if question.kind == Kind.MULTIPLE:
            found += [Target(f"{field}={one.code}", question, one, "=") for one in question.choices]
        if question.kind in (Kind.KANO, Kind.SUS, Kind.RANKING):  # all of it in one cell
            found.append(Target(field, question, part="whole"))
    return {target.name: target for target in found}


def is_personal(heading: str) -> bool:
    """Whether a heading looks as if its column named a person or a device."""
    return bool(_PERSONAL.search(heading))


_DEEPEST_GROUP = 5  # words of a group that may stand before a question


def guess(definition: Definition, headings: Sequence[str]) -> list[str]:
    """For each heading the target it most likely answers; empty for those left out. No target is given twice."""
    names = _names(definition)
    beside = _beside(headings)
    taken: set[str] = set()
    found = []
    for heading in headings:
        options = (names.get(one, "") for one in _readings(heading))
        target = next((one for one in options if one and one not in taken), "")
        if not target and not is_personal(heading):
            target = beside.get(heading, "")
        if target in taken:
            target = ""
        taken |= {target} - {""}
        found.append(target)
    return found


def recognises(definition: Definition) -> Callable[[str], bool]:
    """Whether a heading names something that the survey asks: so headings are found that stand over several rows."""
    names = _names(definition)
    return lambda heading: any(one in names for one in _readings(heading))


def _beside(headings: Sequence[str]) -> dict[str, str]:
    """Headings of what stands beside an answer; of several days the one at which it was finished."""
    found = {}
    for target, words in ((DAY, _DAYS), (PLACE, _PLACES), (LANGUAGE, _LANGUAGES)):
        order = [key(word) for word in words]
        said = [heading for heading in headings if key(heading) in order]
        if said:
            found[min(said, key=lambda one: order.index(key(one)))] = target
    return found


def _readings(heading: str) -> Iterator[str]:
    """A heading as each tool might mean it, the most certain first."""
    yield key(heading)
    last = re.split(r"/", heading)
    if len(last) > 1:  # ODK: group/question, or group/question/choice
        yield key(last[-1])
        yield key("=".join(last[-2:]))
    without = re.sub(r"^\s*(?:q|問|設問|質問)?\s*\d+\s*[.．:：)）、]\s*", "", heading, flags=re.IGNORECASE)
    yield key(without)
    bracket = re.fullmatch(r"(.*?)[\s.]*[\[［](.+)[\]］]\s*", without, re.DOTALL)
    if bracket:
        yield key(f"{bracket[1]}={bracket[2]}")
        yield key(bracket[2])
    yield key(re.sub(r"\s*[\[［(（].*[\]］)）]\s*$", "", without))
    words = heading.split(" ")  # a group over the question, where headings stand over several rows
    yield from (key(" ".join(words[at:])) for at in range(1, min(len(words), _DEEPEST_GROUP)))


class _Names:
    """Headings for comparing -> target. What two targets could be called is nobody's name."""

    def __init__(self) -> None:
        self._found: dict[str, str] = {}
        self._twice: set[str] = set()

    def call(self, target: str, *names: str) -> None:
        for name in names:
            said = key(name)
            if said and self._found.setdefault(said, target) != target:
                self._twice.add(said)

    def known(self) -> dict[str, str]:
        return {name: target for name, target in self._found.items() if name not in self._twice}


def _names(definition: Definition) -> dict[str, str]:
    names = _Names()
    for number, question in enumerate(definition.questions, 1):
        field = field_of(question.code)
        titles = [title for title in (question.code, question.title.ja, question.title.en) if title]
        names.call(field, *titles)
        if question.kind == Kind.SUS:
            for n in range(1, _SUS_ITEMS + 1):
                forms = (
                    f"{question.code}{n}",
                    f"{question.code}_{n}",
                    f"{question.code}=SQ{n:03d}",
                    f"sus{n}",
                    f"q{n}",
                )
                names.call(f"{field}-{n}", *forms)
        for position, one in enumerate(question.choices, 1):
            _choice_headings(names, question, one, position, titles)
        for row in question.rows:
            inner = [name for name in (row.code, row.title.ja, row.title.en) if name]
            names.call(
                f"{field}-{row.code}", *inner, *(f"{title}={name}" for title in titles for name in inner)
            )
        if question.kind == Kind.RANKING:
            for n in range(1, question.places + 1):
                names.call(f"{field}-{n}", *(f"{title}={n}" for title in titles))
        if question.kind not in (Kind.SUS, Kind.KANO):
            names.call(field, f"q{number}")
    return names.known()


def _choice_headings(
    names: _Names, question: Question, one: Choice, position: int, titles: Sequence[str]
) -> None:
    """What a column of one choice, or of one Kano feature, may be called."""
    field = field_of(question.code)
    inner = [
        name for name in (one.code, one.title.ja, one.title.en, str(position), f"SQ{position:03d}") if name
    ]
    both = [f"{title}={name}" for title in titles for name in inner]
    if question.kind == Kind.MULTIPLE:
        names.call(f"{field}={one.code}", *both)
    if question.kind == Kind.KANO:
        own = [name for name in (one.code, one.title.ja, one.title.en) if name]
        for part, words in _HALF_WORDS.items():
            joined = [f"{name}{joint}{word}" for name in (*both, *own) for word in words for joint in _JOINTS]
            names.call(f"{field}-{one.code}-{part}", f"{part}{position}", *joined)


_JOINTS = ("", ".", "_", "-", "=", ":")
_HALF_WORDS = {
    "f": ("f", "functional", "あるとき", "ある場合"),
    "d": ("d", "dysfunctional", "ないとき", "ない場合"),
    "i": ("i", "importance", "重要度"),
}


def read(
    definition: Definition,
    table: Table,
    mapping: Sequence[str],
    words: Mapping[str, Mapping[str, str]] | None = None,
    *,
    most: int = 0,
) -> Incoming:
    """Read every row by a mapping (the first ``most`` rows where it is given): one target name a column.

    ``words`` says what unknown words stand for: target -> word (as a `key`) -> code of a choice. Questions that must be
    answered may be empty here: paper and other tools allow it. A row with a cell that cannot be taken is left out.
    """
    answers, faults, empty = list[Answered](), list[Fault](), 0
    unknown: Mapping[str, Sequence[str]] = {}
    for part in read_parts(definition, table, mapping, words, size=most or PART):
        answers += part.answers
        faults += part.faults
        empty += part.empty
        unknown = part.unknown
        if most:
            break
    return Incoming(answers, faults, empty, unknown)


#: rows that are read at a time
PART = 2000


def read_parts(
    definition: Definition,
    table: Table,
    mapping: Sequence[str],
    words: Mapping[str, Mapping[str, str]] | None = None,
    *,
    size: int = PART,
) -> Iterator[Incoming]:
    """As `read`, ``size`` rows at a time, so that a long table is never in memory as a whole; ``unknown`` grows."""
    asked = replace(
        definition,
        sections=tuple(
            replace(s, questions=tuple(replace(q, required=False) for q in s.questions))
            for s in definition.sections
        ),
    )
    known = targets(definition)
    columns = [
        (place, known[name])
        for place, name in enumerate(mapping)
        if name in known and place < len(table.headings)
    ]
    cells = _Cells(table, columns, words or {})
    rows = iter(table.rows)
    while part := list(islice(rows, size)):
        yield _read_part(asked, part, columns, cells)


def _read_part(
    asked: Definition, rows: Sequence[Row], columns: Sequence[tuple[int, Target]], cells: "_Cells"
) -> Incoming:
    answers, faults, empty = list[Answered](), list[Fault](), 0
    for row in rows:
        given, beside, wrong = cells.row(row)
        checked = check(asked, given)
        for field, (template, params) in checked.problems.items():
            place = next((p for p, t in columns if t.name == field), columns[0][0])
            wrong.append(cells.fault(row, place, template, **params))
        if wrong:
            faults += wrong
        elif checked.answers:
            answers.append(Answered(row.number, checked.answers, **beside))
        else:
            empty += 1
    return Incoming(answers, faults, empty, {name: sorted(found) for name, found in cells.unknown.items()})


class _Refused(Exception):
    def __init__(self, template: str, **params: Any) -> None:
        super().__init__(template)
        self.template, self.params = template, params


_NO_CHOICE = _("No choice is called so. Say below what it stands for, or mend the file.")


class _Cells:
    """Reads the cells of a table as the values of a form."""

    def __init__(
        self, table: Table, columns: Sequence[tuple[int, Target]], words: Mapping[str, Mapping[str, str]]
    ) -> None:
        self._table, self._columns, self._words = table, columns, words
        self.unknown: dict[str, set[str]] = {}
        self._readers: dict[int, Reader | None] = {}
        self._choices = {q.code: _choice_names(q.choices) for _p, t in columns if (q := t.question)}

    def fault(self, row: Row, place: int, template: str, **params: Any) -> Fault:
        return Fault(row.number, self._table.headings[place], shown(row.text(place)), template, params)

    def row(self, row: Row) -> tuple[dict[str, list[str]], dict[str, Any], list[Fault]]:
        """The values of a form, what stands beside them, and cells that cannot be taken."""
        given: dict[str, list[str]] = {}
        beside: dict[str, Any] = {}
        wrong: list[Fault] = []
        for place, target in self._columns:
            cell = row.cells[place]
            if cell is None or cell_text(cell).strip() == "":
                continue
            try:
                for name, value in self._values(place, target, cell):
                    if name in BESIDE:
                        beside[name[1:]] = value
                    else:
                        given.setdefault(name, []).append(value)
            except _Refused as refused:
                wrong.append(self.fault(row, place, refused.template, **refused.params))
        return given, beside, wrong

    def _values(self, place: int, target: Target, cell: Any) -> Iterator[tuple[str, Any]]:
        question, text = target.question, cell_text(cell).replace("\x00", "").strip()
        if question is None:
            yield target.name, _beside_value(target.name, cell, text)
        elif target.part == "=":
            if self._is_ticked(target, text):
                yield field_of(question.code), target.choice.code if target.choice else ""
        elif question.kind in (*WITH_CHOICES, Kind.MATRIX, Kind.RANKING):
            yield from self._chosen(target, question, text)
        elif target.part == "whole":
            yield from _whole(question, text)
        elif question.kind == Kind.DATE:
            yield target.name, _day(cell).isoformat()
        elif question.kind in _FAMILIES or question.bounds:
            number = self._number(place, target, question, cell)
            if number is not None:
                yield target.name, str(number)
        else:
            yield target.name, text

    def _chosen(self, target: Target, question: Question, text: str) -> Iterator[tuple[str, str]]:
        """The choices of one cell, each with its field: a place of a ranking has one of its own."""
        several = question.kind == Kind.MULTIPLE or target.part == "whole"
        parts = self._parts(question, text) if several else [text]
        for n, part in enumerate(parts[: question.places] if target.part == "whole" else parts, 1):
            name = f"{target.name}-{n}" if target.part == "whole" else target.name
            yield name, self._choice(target, question, part)

    def _is_ticked(self, target: Target, text: str) -> bool:
        said = key(text)
        names = (
            {target.choice.code, target.choice.title.ja, target.choice.title.en} if target.choice else set()
        )
        if said in _TICKED or said in {key(name) for name in names if name}:
            return True
        if said in _NOT_TICKED or is_missing(text):
            return False
        raise _Refused(_("Write 1 or はい where it was chosen, 0 or いいえ where not."))

    def _choice(self, target: Target, question: Question, text: str) -> str:
        said = key(text)
        known = self._choices[question.code]
        code = known.get(said) or self._words.get(target.name, {}).get(said)
        if code is None and (numbered := re.fullmatch(r"a?0*(\d{1,3})", said)):
            position = int(numbered[1])
            code = question.choices[position - 1].code if 1 <= position <= len(question.choices) else None
        if code is None:
            self.unknown.setdefault(target.name, set()).add(text[:200])
            raise _Refused(_NO_CHOICE)
        return code

    def _parts(self, question: Question, text: str) -> list[str]:
        """The choices of one cell: by the first separator after which every part is known; else by the likeliest."""
        known = self._choices[question.code]
        if key(text) in known:
            return [text]
        split = [
            [part.strip() for part in text.split(mark) if part.strip()]
            for mark in _SEPARATORS
            if mark in text
        ]
        return next(
            (parts for parts in split if all(key(part) in known for part in parts)),
            split[0] if split else [text],
        )

    def _number(self, place: int, target: Target, question: Question, cell: Any) -> int | None:
        if target.part == "i":  # importance is a number whatever words the halves use
            return int(cell) if isinstance(cell, int | float) and float(cell).is_integer() else _plain(cell)
        if place not in self._readers:
            self._readers[place] = self._reader(place, question)
        reader = self._readers[place]
        try:
            return reader.code(cell) if reader else _plain(cell)
        except ValueError:
            low, high = (reader.low, reader.high) if reader else (0, 0)
            raise _Refused(_("Choose a number from %(least)d to %(most)d."), least=low, most=high) from None

    def _reader(self, place: int, question: Question) -> Reader | None:
        low, high = question.bounds or (1, 5)
        seen = (row.cells[place] for row in self._table.rows)
        try:
            return Reader(seen, _FAMILIES.get(question.kind, ""), low=low, high=high)
        except AnalysisProblem:
            return Reader((), "", low=low, high=high)


def _plain(cell: Any) -> int | None:
    text = key(cell_text(cell))
    if is_missing(cell):
        return None
    if not text.isascii() or not text.isdecimal() or len(text) > 9:
        raise _Refused(_("Enter a whole number."))
    return int(text)


def _choice_names(choices: Iterable[Choice]) -> dict[str, str]:
    """Codes and titles in both languages, for comparing -> code. Codes win over titles."""
    found: dict[str, str] = {}
    listed = list(choices)
    for choice in listed:
        for title in filter(None, (choice.title.ja, choice.title.en)):
            found.setdefault(key(title), choice.code)
    return found | {key(choice.code): choice.code for choice in listed}


def _day(cell: Any) -> Any:
    """The day of a cell; the time of day is left out: beside an anonymous answer it would be a trace."""
    text = cell_text(cell).strip()
    for said in (cell, re.split(r"[T\s]", text, maxsplit=1)[0]):
        try:
            return parse_date(said)
        except ValueProblem:
            continue
    american = re.match(r"(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})\b", text)
    if american:
        month, day, year = (int(part) for part in american.groups())
        try:
            return parse_date(f"{year + 2000 if year < 100 else year}-{month:02d}-{day:02d}")
        except ValueProblem:
            pass
    raise _Refused(_("Enter a day such as 2026-04-01."))


def _beside_value(name: str, cell: Any, text: str) -> Any:
    if name == DAY:
        return _day(cell)
    if name == LANGUAGE:
        return "en" if key(text).startswith(("en", "英")) else "ja"
    return text[:100]


def _whole(question: Question, text: str) -> Iterator[tuple[str, str]]:
    """A cell as our own export writes it: ``F1:4-2-5 F2:3-3-`` for Kano, ``4,2,…`` for SUS."""
    field = field_of(question.code)
    if question.kind == Kind.SUS:
        for number, part in enumerate(text.split(",")[:_SUS_ITEMS], 1):
            yield f"{field}-{number}", part.strip()
        return
    for entry in text.split():
        code, _colon, values = entry.partition(":")
        if code not in {one.code for one in question.choices}:
            raise _Refused(_NO_CHOICE)
        for half, value in zip(_HALVES, values.split("-"), strict=False):
            yield f"{field}-{code}-{half}", value
