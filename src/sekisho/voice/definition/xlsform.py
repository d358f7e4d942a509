"""Surveys as XLSForm, the spreadsheet of the ODK family (https://xlsform.org/en/): rows of cells in, a document out, and
back.

Kinds that XLSForm lacks go as groups and selects whose column ``sekisho::kind`` says what they were, so that what goes
out comes back the same. What is not understood is named by sheet, row and column, and left out only when asked.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sekisho.standards.pack import Text
from sekisho.values import gettext_noop
from sekisho.voice.definition import relevant
from sekisho.voice.definition.conditions import to_document
from sekisho.voice.definition.document import LONGEST_TEXT, WITH_NUMBERS, Definition, Kind, Question

_ = gettext_noop

#: sheet name -> rows of cells, the first row first; empty cells are ""
Sheets = Mapping[str, Sequence[Sequence[str]]]

MARK = "sekisho::kind"
JA, EN = "Japanese (ja)", "English (en)"
SURVEY_COLUMNS = (
    *("type", "name", f"label::{JA}", f"label::{EN}", f"hint::{JA}", f"hint::{EN}"),
    *("required", "relevant", "constraint", "appearance", "parameters", MARK),
)
CHOICE_COLUMNS = ("list_name", "name", f"label::{JA}", f"label::{EN}")
HEADING_ROWS = 10

_TYPES = {
    **dict.fromkeys(("text", "string"), Kind.TEXT),
    **dict.fromkeys(("integer", "int", "decimal"), Kind.NUMBER),
    "date": Kind.DATE,
    "range": Kind.SCALE,
}
_SELECTS = (
    (re.compile(r"(?:select[_ ]one|select1)\s+(\S+)(\s+or_other|\s+or other)?", re.I), Kind.SINGLE),
    (
        re.compile(
            r"(?:select[_ ]multiple|select all that apply(?: from)?)\s+(\S+)(\s+or_other|\s+or other)?", re.I
        ),
        Kind.MULTIPLE,
    ),
    (re.compile(r"rank\s+(\S+)()", re.I), Kind.RANKING),
)
_BEGIN, _END = re.compile(r"begin[_ ](group|repeat)", re.I), re.compile(r"end[_ ](group|repeat)", re.I)
_BOUND = re.compile(r"\.\s*(>=|<=)\s*(-?\d+)")
_LENGTH = re.compile(r"string-length\(\s*\.\s*\)\s*(<=|<)\s*(\d+)")
#: columns that change nothing of what is asked
_SILENT = {"appearance", "constraint_message", "required_message", "guidance_hint", "label", "hint"}


@dataclass(frozen=True)
class Words:
    """What is said around kinds that XLSForm lacks. ``with_it`` and ``without_it`` hold ``%(feature)s``."""

    satisfaction: Sequence[Text]
    kano: Sequence[Text]
    with_it: Text
    without_it: Text
    importance: Text
    sus: Sequence[Text]


@dataclass(frozen=True)
class LeftOut:
    """Something of a form that cannot be taken: where (``row`` counts from 1, 0 for a whole sheet), what, and the mend."""

    sheet: str
    row: int
    column: str
    value: str
    template: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Form:
    """A form as read: a document for ``Definition.from_document``, its title, and what of it cannot be taken."""

    document: Mapping[str, Any]
    title: str
    left_out: Sequence[LeftOut]


class NotAForm(Exception):
    """The sheets hold no form: ``template`` and ``params`` say why."""

    def __init__(self, template: str, **params: Any) -> None:
        super().__init__(template % params)
        self.template, self.params = template, params


# Out


def write(definition: Definition, title: str, words: Words) -> dict[str, list[list[str]]]:
    """The sheets ``survey``, ``choices`` and ``settings`` of a definition; empty cells are ""."""
    writer = _Writer(words, {question.code: question.kind for question in definition.questions})
    writer.note("sekisho_intro", "intro", definition.intro)
    for number, section in enumerate(definition.sections, 1):
        writer.row("begin_group", f"sekisho_section_{number}", section.title, mark="section")
        for question in section.questions:
            writer.question(question)
        writer.row("end_group")
    writer.note("sekisho_thanks", "thanks", definition.thanks)
    settings = [["form_title", "form_id", "default_language"], [title, "survey", JA]]
    return {"survey": writer.survey, "choices": writer.choices, "settings": settings}


class _Writer:
    def __init__(self, words: Words, kinds: Mapping[str, Kind]) -> None:
        self.words, self.kinds = words, kinds
        self.survey: list[list[str]] = [list(SURVEY_COLUMNS)]
        self.choices: list[list[str]] = [list(CHOICE_COLUMNS)]
        self._lists: set[str] = set()

    def row(
        self, kind: str, name: str = "", title: Text | None = None, help: Text | None = None, **more: Any
    ) -> None:
        title, help = title or Text(), help or Text()
        shown = (title.get("ja"), title.get("en"), help.ja, help.en)
        rest = (
            more.get(one, "") for one in ("required", "relevant", "constraint", "appearance", "parameters")
        )
        self.survey.append([kind, name, *shown, *rest, more.get("mark", "")])

    def note(self, name: str, mark: str, words: Text) -> None:
        if words.to_document():
            self.row("note", name, words, mark=mark)

    def listed(self, name: str, several: Iterable[tuple[str, Text]]) -> str:
        if name not in self._lists:
            self._lists.add(name)
            self.choices += [[name, code, title.get("ja"), title.get("en")] for code, title in several]
        return name

    def question(self, question: Question) -> None:
        several = [(one.code, one.title) for one in question.choices]
        common: dict[str, Any] = {
            "required": "yes" if question.required else "",
            "relevant": self.relevant(question),
            "parameters": "randomize=true" if question.random else "",
        }
        titles = (question.code, question.title, question.help)
        match question.kind:
            case Kind.SINGLE | Kind.MULTIPLE:
                kind = "select_one" if question.kind == Kind.SINGLE else "select_multiple"
                self.row(f"{kind} {self.listed(question.code, several)}", *titles, **common)
            case Kind.RANKING:
                mark = f"ranking {question.most or ''}".strip()
                self.row(f"rank {self.listed(question.code, several)}", *titles, **{**common, "mark": mark})
            case Kind.SATISFACTION:
                name = self.listed("sekisho_satisfaction", _numbered(self.words.satisfaction))
                self.row(
                    f"select_one {name}",
                    *titles,
                    **{**common, "appearance": "likert", "parameters": "", "mark": "satisfaction"},
                )
            case Kind.SCALE | Kind.NPS:
                least, most = question.bounds or (1, 5)
                said = "" if (question.least, question.most) == (least, most) else "bare"
                mark = "nps" if question.kind == Kind.NPS else f"scale {said}".strip()
                parameters = f"start={least} end={most} step=1"
                self.row("range", *titles, **{**common, "parameters": parameters, "mark": mark})
            case Kind.NUMBER | Kind.TEXT | Kind.DATE:
                kind = {Kind.NUMBER: "decimal", Kind.TEXT: "text"}.get(question.kind, "date")
                self.row(kind, *titles, **{**common, "parameters": "", "constraint": _constraint(question)})
            case _:
                self.group(question, common["relevant"], several)

    def group(self, question: Question, relevant: str, several: Sequence[tuple[str, Text]]) -> None:
        flags = [name for name in ("required", "random", "importance") if getattr(question, name)]
        mark = " ".join([question.kind.value, *flags])
        self.row("begin_group", question.code, question.title, question.help, relevant=relevant, mark=mark)
        must: dict[str, Any] = {"required": "yes" if question.required else ""}
        if question.kind == Kind.MATRIX:
            name = self.listed(question.code, several)
            for one in question.rows:
                self.row(f"select_one {name}", f"{question.code}.{one.code}", one.title, **must)
        elif question.kind == Kind.KANO:
            self.listed(question.code, several)
            name = self.listed("sekisho_kano", _numbered(self.words.kano))
            for code, title in several:
                for part, said in (("f", self.words.with_it), ("d", self.words.without_it)):
                    asked = Text(
                        said.ja % {"feature": title.get("ja")}, said.en % {"feature": title.get("en")}
                    )
                    self.row(f"select_one {name}", f"{question.code}.{code}.{part}", asked, **must)
                if question.importance:
                    self.row(
                        "range",
                        f"{question.code}.{code}.i",
                        self.words.importance,
                        parameters="start=1 end=9 step=1",
                    )
        else:
            for number, words in enumerate(self.words.sus, 1):
                self.row(
                    "range", f"{question.code}.{number}", words, parameters="start=1 end=5 step=1", **must
                )
        self.row("end_group")

    def relevant(self, question: Question) -> str:
        if question.show_if is None:
            return ""
        return relevant.write(question.show_if, lambda code: self.kinds.get(code) == Kind.MULTIPLE)


def _numbered(several: Sequence[Text]) -> list[tuple[str, Text]]:
    return [(str(number), words) for number, words in enumerate(several, 1)]


def _constraint(question: Question) -> str:
    if question.kind == Kind.TEXT:
        return f"string-length(.) <= {question.longest}" if question.longest != LONGEST_TEXT else ""
    bounds = ((">=", question.least), ("<=", question.most))
    return " and ".join(f". {sign} {bound}" for sign, bound in bounds if bound is not None)


# In


def read(sheets: Sheets) -> Form:
    """Read the sheets of a form.

    Raises:
        NotAForm: no sheet ``survey``, or no headings in it.
    """
    found = {name.strip().lower(): rows for name, rows in sheets.items()}
    if "survey" not in found:
        raise NotAForm(
            _("There is no sheet named “survey”. This file has: %(sheets)s."), sheets=", ".join(sheets)
        )
    return _FormReader(found).form()


@dataclass
class _Row:
    """One row of a sheet: its number from 1, and its cells by heading."""

    number: int
    cells: Mapping[str, str]

    def get(self, name: str) -> str:
        return self.cells.get(name, "")


class _FormReader:
    def __init__(self, sheets: Sheets) -> None:
        self.left_out: list[LeftOut] = []
        settings = self.table("settings", sheets.get("settings", ()), "form_title", needed=False)
        self.title = settings[0].get("form_title") if settings else ""
        self.default = _language(settings[0].get("default_language")) if settings else ""
        self.lists: dict[str, list[tuple[str, Text]]] = {}
        for row in self.table("choices", sheets.get("choices", ()), "name", needed=False):
            name = row.get("list_name") or row.get("list name")
            self.lists.setdefault(name, []).append((row.get("name"), self.words(row, "label")))
        self.rows = self.table("survey", sheets["survey"], "type", needed=True)
        self.codes: dict[str, str] = {}
        #: question code -> its choices' names in the form -> their codes
        self.chosen: dict[str, dict[str, str]] = {}
        #: questions whose answers are numbers
        self.numbers: set[str] = set()
        self.intro, self.thanks = Text(), Text()

    # Tables

    def table(self, sheet: str, rows: Sequence[Sequence[str]], key: str, *, needed: bool) -> list[_Row]:
        for at, cells in enumerate(rows[:HEADING_ROWS]):
            heads = [cell.strip() for cell in cells]
            heads = [head if head.startswith(("label", "hint")) else head.lower() for head in heads]
            if key in heads:
                return self.body(sheet, rows, at, heads)
        if needed:
            raise NotAForm(
                _("The sheet “%(sheet)s” has no heading “%(key)s” in its first %(rows)d rows."),
                sheet=sheet,
                key=key,
                rows=HEADING_ROWS,
            )
        return []

    def body(self, sheet: str, rows: Sequence[Sequence[str]], at: int, heads: list[str]) -> list[_Row]:
        found, told = [], set[int]()
        for number, cells in enumerate(rows[at + 1 :], at + 2):
            named: dict[str, str] = {}
            for column, cell in enumerate(cells):
                value, head = cell.strip(), heads[column] if column < len(heads) else ""
                if not value:
                    continue
                if not head:
                    if column not in told:
                        said = _(
                            "This column has no heading; merged headings count for one. Name each column."
                        )
                        self.leave(sheet, number, f"#{column + 1}", value, said)
                    told.add(column)
                elif value.startswith("="):
                    self.leave(sheet, number, head, value, _("This is a formula. Enter its value."))
                else:
                    named[head] = value
            if named:
                found.append(_Row(number, named))
        return found

    def leave(self, sheet: str, row: int, column: str, value: str, template: str, **params: Any) -> None:
        self.left_out.append(LeftOut(sheet, row, column, value[:200], template, params))

    def words(self, row: _Row, name: str) -> Text:
        found = {"ja": "", "en": ""}
        for head, value in row.cells.items():
            own, _colon, language = head.partition(":")
            if own.strip() != name:
                continue
            code = _language(language.strip(": ")) if language else self.default or _script(value)
            if code in found:
                found[code] = found[code] or value
        if found["ja"] == found["en"]:
            found["en"] = ""  # said in one language only
            return Text(found["ja"]) if _script(found["ja"]) == "ja" else Text("", found["ja"])
        return Text(found["ja"], found["en"])

    # The form

    def form(self) -> Form:
        self.sections: list[dict[str, Any]] = [{"title": {}, "questions": []}]
        self.conditions: list[dict[str, Any] | None] = []  # of the groups that are open
        self.whole_group: dict[str, Any] | None = None  # the marked group that is being read
        self.repeats = 0  # how deep in repeats, and groups in them
        for row in self.rows:
            kind = row.get("type")
            if begins := _BEGIN.fullmatch(kind):
                self.begin(row, begins[1].lower())
            elif _END.fullmatch(kind):
                self.end(row)
            elif not self.repeats:
                self.line(row, kind, row.get(MARK).split())
        if self.conditions or self.whole_group or self.repeats:
            self.leave("survey", 0, "type", "", _("A group is not closed: end_group is missing."))
        kept = [one for one in self.sections if one["questions"] or one["title"]]
        document = {
            "intro": self.intro.to_document(),
            "thanks": self.thanks.to_document(),
            "sections": kept or self.sections[:1],
        }
        return Form(document, self.title, tuple(self.left_out))

    def begin(self, row: _Row, kind: str) -> None:
        mark = row.get(MARK).split()
        if self.repeats or kind == "repeat":
            if not self.repeats:
                said = _("Repeats are not known here: everything in it falls away. Ask it once.")
                self.leave("survey", row.number, "type", row.get("type"), said)
            self.repeats += 1
        elif mark and mark[0] in (Kind.MATRIX, Kind.KANO, Kind.SUS):
            self.whole_group = self.whole(row, mark)
        else:
            self.conditions.append(self.condition(row))
            self.sections.append({"title": self.words(row, "label").to_document(), "questions": []})

    def end(self, row: _Row) -> None:
        if self.repeats:
            self.repeats -= 1
        elif self.whole_group:
            self.sections[-1]["questions"].append(self.whole_group)
            self.whole_group = None
        elif self.conditions:
            self.conditions.pop()
            self.sections.append({"title": {}, "questions": []})
        else:
            self.leave("survey", row.number, "type", row.get("type"), _("No group is open here."))

    def line(self, row: _Row, kind: str, mark: list[str]) -> None:
        if self.whole_group:
            if self.whole_group["kind"] == Kind.MATRIX:
                self.matrix_row(self.whole_group, row)
        elif kind == "note":
            self.note(row, mark, any(one["questions"] for one in self.sections))
        else:
            self.sections[-1]["questions"] += self.questions(row, kind, mark)

    def joined(self, own: dict[str, Any] | None) -> dict[str, Any] | None:
        """A question's own condition and those of all groups that are open, as one."""
        said = [one for one in (*self.conditions, own) if one]
        several = [one for n, one in enumerate(said) if one not in said[:n]]
        return {"all": several} if len(several) > 1 else several[0] if several else None

    def note(self, row: _Row, mark: list[str], begun: bool) -> None:
        words = self.words(row, "label")
        if mark == ["thanks"]:
            self.thanks = words
        elif not begun and not self.intro.to_document():
            self.intro = words
        else:
            said = _("A note between questions is not known here. Put its words in a heading or a hint.")
            self.leave("survey", row.number, "type", row.get("label") or words.get("ja"), said)

    def questions(self, row: _Row, kind: str, mark: list[str]) -> list[dict[str, Any]]:
        found = self.kind_of(row, kind)
        if found is None:
            return []
        own, several, or_other = found
        title = self.words(row, "label")
        if not title.to_document():
            self.leave("survey", row.number, "label", row.get("name"), _("This question has no words."))
            return []
        question = self.base(row, title)
        if mark and mark[0] in list(Kind):
            own = Kind(mark[0])
        question["kind"] = own.value
        question["required"] = row.get("required").lower() in ("yes", "true", "true()", "1")
        if own in (Kind.SINGLE, Kind.MULTIPLE, Kind.RANKING):
            question["choices"] = self.choices(question["code"], several, or_other)
        if own == Kind.RANKING and mark[1:] and mark[1].isdecimal():
            question["most"] = int(mark[1])
        self.parameters(row, question, own, mark)
        self.constraint(row, question, own)
        if joined := self.joined(self.condition(row)):
            question["show_if"] = joined
        if question["kind"] in WITH_NUMBERS:
            self.numbers.add(question["code"])
        self.unknown(row)
        return [question, *self.other(question, or_other)]

    def base(self, row: _Row, title: Text) -> dict[str, Any]:
        code = _coded(row.get("name"), "q", self.codes.values())
        self.codes[row.get("name")] = code
        help = self.words(row, "hint").to_document()
        return {"code": code, "title": title.to_document(), **({"help": help} if help else {})}

    def kind_of(self, row: _Row, kind: str) -> tuple[Kind, list[tuple[str, Text]], bool] | None:
        for pattern, found in _SELECTS:
            if match := pattern.fullmatch(kind):
                if match[1] not in self.lists:
                    said = _("The list “%(list)s” is not on the sheet “choices”. Add it.")
                    self.leave("survey", row.number, "type", kind, said, list=match[1])
                    return None
                return found, self.lists[match[1]], bool(match[2])
        if kind.lower() in _TYPES:
            return _TYPES[kind.lower()], [], False
        if kind:
            said = _("This type is not known here. Ask it as text, number, date or choices.")
        else:
            said = _("This row has no type.")
        value = kind or row.get("name") or next(iter(row.cells.values()))
        self.leave("survey", row.number, "type", value, said)
        return None

    def choices(self, code: str, several: list[tuple[str, Text]], or_other: bool) -> list[dict[str, Any]]:
        if or_other:
            several = [*several, ("other", Text("その他", "Other"))]
        names: dict[str, str] = {}
        found = []
        for name, title in several:
            if name in names:
                continue
            names[name] = _coded(name, "c", names.values())
            words = title.to_document() or {"ja": name}
            found.append({"code": names[name], "title": words})
        self.chosen[code] = names
        return found

    def other(self, question: Mapping[str, Any], or_other: bool) -> list[dict[str, Any]]:
        if not or_other:
            return []
        code = _coded(f"{question['code']}_other", "q", self.codes.values())
        self.codes[f"{question['code']}_other"] = code
        among = [self.chosen[question["code"]]["other"]]
        title = {"ja": "その他の内容", "en": "Other: please say what"}
        shown = {"question": question["code"], "among": among}
        return [{"code": code, "kind": Kind.TEXT.value, "title": title, "show_if": shown}]

    # What is said about a question

    def parameters(self, row: _Row, question: dict[str, Any], kind: Kind, mark: list[str]) -> None:
        said = dict(re.findall(r"(\w+)\s*=\s*([^\s,;]+)", row.get("parameters")))
        if said.pop("randomize", "").lower() in ("true", "yes"):
            question["random"] = True
        if row.get("type").lower() == "range":
            start, end, step = (
                said.pop(name, usual) for name, usual in (("start", "1"), ("end", "10"), ("step", "1"))
            )
            whole = all(re.fullmatch(r"-?\d{1,9}", one) for one in (start, end))
            if not whole or step != "1" or (kind == Kind.SCALE and int(end) - int(start) > 10):
                question["kind"] = kind.NUMBER.value
            if whole and kind == Kind.SCALE and "bare" not in mark:
                question |= {"least": int(start), "most": int(end)}
        if said:
            value = row.get("parameters")
            self.leave("survey", row.number, "parameters", value, _("This is not known here."))

    def constraint(self, row: _Row, question: dict[str, Any], kind: Kind) -> None:
        said = row.get("constraint")
        if not said:
            return
        for part in re.split(r"\s+and\s+", said.strip()):
            if kind == Kind.NUMBER and (bound := _BOUND.fullmatch(part)) and len(bound[2]) < 12:
                question["least" if bound[1] == ">=" else "most"] = int(bound[2])
            elif kind == Kind.TEXT and (length := _LENGTH.fullmatch(part)) and len(length[2]) < 7:
                most = int(length[2]) - (length[1] == "<")
                question["longest"] = max(1, min(most, LONGEST_TEXT))
            else:
                template = _(
                    "This limit is not known here. Use . >= 1 and . <= 9, or string-length(.) <= 100."
                )
                self.leave("survey", row.number, "constraint", said, template)
                return

    def condition(self, row: _Row) -> dict[str, Any] | None:
        said = row.get("relevant")
        if not said:
            return None
        names = relevant.Names(
            self.codes.get, lambda code: self.chosen.get(code, {}), lambda code: code in self.numbers
        )
        try:
            return to_document(relevant.read(said, names))
        except relevant.NotUnderstood:
            template = _(
                "This condition is not known here. Name earlier questions with choices or numbers, joined by and, or, not(). Without it the question is asked of everyone."
            )
            self.leave("survey", row.number, "relevant", said, template)
            return None

    def unknown(self, row: _Row) -> None:
        known = {*SURVEY_COLUMNS, *_SILENT}
        for head, value in row.cells.items():
            name, _colons, language = head.partition("::")
            if head in known or (name in _SILENT and _language(language) != "?"):
                continue
            self.leave("survey", row.number, head, value, _("This is not known here."))

    # Marked groups

    def whole(self, row: _Row, mark: list[str]) -> dict[str, Any]:
        question = {**self.base(row, self.words(row, "label")), "kind": mark[0]}
        question |= dict.fromkeys(mark[1:], True)
        if mark[0] != Kind.SUS:
            question["choices"] = self.choices(question["code"], self.lists.get(row.get("name"), []), False)
        if mark[0] == Kind.MATRIX:
            question["rows"] = []
        if joined := self.joined(self.condition(row)):
            question["show_if"] = joined
        return question

    def matrix_row(self, question: dict[str, Any], row: _Row) -> None:
        taken = [one["code"] for one in question["rows"]]
        code = _coded(row.get("name").removeprefix(f"{question['code']}."), "r", taken)
        question["rows"].append({"code": code, "title": self.words(row, "label").to_document()})


def _coded(name: str, letter: str, taken: Iterable[str]) -> str:
    """A name of a form as a code of ours, which no other has."""
    made = re.sub(r"[^a-z0-9_]+", "_", name.lower()).strip("_")[:34]
    made = made if made[:1].isalpha() else f"{letter}{made}"
    known = set(taken)
    return next(one for n in range(1, 10_000) if (one := made if n == 1 else f"{made}_{n}") not in known)


def _language(said: str) -> str:
    """``ja``, ``en``, empty when nothing is said, or ``?`` for a language that surveys do not have."""
    words = said.strip().lower()
    if not words:
        return ""
    if "(ja)" in words or "japanese" in words or "日本語" in words or words in ("ja", "jp"):
        return "ja"
    if "(en)" in words or "english" in words or "英語" in words or words == "en":
        return "en"
    return "?"


def _script(words: str) -> str:
    return "ja" if re.search(r"[\u3040-\u30ff\u4e00-\u9fff]", words) else "en"
