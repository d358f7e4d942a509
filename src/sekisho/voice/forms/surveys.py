"""Forms of surveys: making one, a question of it, a wave."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from sekisho.people.forms import day_input
from sekisho.voice.conditions import condition_words
from sekisho.voice.definition import Choice, Definition, Kind, Question
from sekisho.voice.definition.conditions import to_document
from sekisho.voice.forms.conditions import (
    AS_IT_IS,
    FEWEST_LINES,
    MOST_LINES,
    ConditionForm,
    joined_lines,
    lines_of,
    may_decide,
    said_by,
)
from sekisho.voice.forms.holders import HolderForm
from sekisho.voice.models import Wave
from sekisho.voice.services.surveys import library

KINDS = {
    Kind.SINGLE: _("One choice"),
    Kind.MULTIPLE: _("Several choices"),
    Kind.SATISFACTION: _("Satisfaction in five steps"),
    Kind.SCALE: _("A scale of numbers"),
    Kind.NPS: _("Would recommend it, 0 to 10"),
    Kind.NUMBER: _("A number"),
    Kind.TEXT: pgettext_lazy("question", "Free words"),
    Kind.DATE: pgettext_lazy("question", "A day"),
    Kind.MATRIX: _("Rows on one scale (matrix)"),
    Kind.RANKING: _("Choices put in order"),
    Kind.KANO: _("Features with and without (Kano)"),
    Kind.SUS: _("System Usability Scale"),
}


class NewSurveyForm(HolderForm):
    """A survey for a book or an organisation, from a ready one or empty."""

    ready = forms.ChoiceField(label=_("Start from"), required=False, widget=forms.RadioSelect)
    title = forms.CharField(label=_("Title"), max_length=200)
    title_en = forms.CharField(label=_("English title"), max_length=200, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = "en" if (get_language() or "").startswith("en") else "ja"
        found = [(name, document["title"][language]) for name, document in library().items()]
        self.fields["ready"].choices = [*found, ("", _("An empty survey"))]  # type: ignore[attr-defined]


class WordsForm(forms.Form):
    """What is said before and after the questions."""

    title = forms.CharField(label=_("Title"), max_length=200)
    title_en = forms.CharField(label=_("English title"), max_length=200, required=False)
    intro = forms.CharField(
        label=_("Before the questions"), widget=forms.Textarea(attrs={"rows": 2}), required=False
    )
    intro_en = forms.CharField(
        label=_("The same in English"), widget=forms.Textarea(attrs={"rows": 2}), required=False
    )
    thanks = forms.CharField(
        label=_("After sending"), widget=forms.Textarea(attrs={"rows": 2}), required=False
    )
    thanks_en = forms.CharField(
        label=_("The same in English"), widget=forms.Textarea(attrs={"rows": 2}), required=False
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


class QuestionForm(forms.Form):
    """One question. Choices and features are lines: Japanese, and after a bar English."""

    was = forms.CharField(widget=forms.HiddenInput, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    kind = forms.ChoiceField(
        label=_("What it takes"), choices=[(kind.value, words) for kind, words in KINDS.items()]
    )
    section = forms.TypedChoiceField(
        label=pgettext_lazy("survey", "Section"), coerce=int, required=False, empty_value=None
    )
    title = forms.CharField(label=_("Question"), max_length=1000, required=False)
    title_en = forms.CharField(label=_("The same in English"), max_length=1000, required=False)
    help = forms.CharField(label=_("A word of help"), max_length=1000, required=False)
    help_en = forms.CharField(label=_("The same in English"), max_length=1000, required=False)
    choices = forms.CharField(
        label=_("Choices, features, or columns of a matrix"),
        widget=forms.Textarea(attrs={"rows": 4}),
        required=False,
        help_text=_("One a line. English may follow after a bar: はい | Yes"),
    )
    rows = forms.CharField(
        label=_("Rows of a matrix"),
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
        help_text=_("One a line, as above. Each row takes one of the columns."),
    )
    required = forms.BooleanField(label=_("Must be answered"), required=False)
    random = forms.BooleanField(label=_("Show the choices in random order"), required=False)
    least = forms.IntegerField(label=_("Least"), required=False)
    most = forms.IntegerField(
        label=_("Greatest"), required=False, help_text=_("Of a ranking: how many places are asked for.")
    )
    longest = forms.IntegerField(label=_("Most characters of free words"), required=False)
    importance = forms.BooleanField(label=_("Ask of each feature how important it is (Kano)"), required=False)

    def __init__(self, *args: Any, definition: Definition, was: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.definition = definition
        self.fields["section"].choices = [  # type: ignore[attr-defined]
            (n, one.title.get(get_language() or "ja") or _("Section %(number)d") % {"number": n + 1})
            for n, one in enumerate(definition.sections)
        ]
        self.lines = self._lines(was)

    def _lines(self, was: str) -> list[ConditionForm]:
        """The lines of the condition under which the question is asked, and some to fill in."""
        before = self.definition.question(was)
        shown = before.show_if if before else None
        lines, earlier = lines_of(shown), [one for one in _before(self.definition, was) if may_decide(one)]
        as_it_is = ""
        if lines is None and shown is not None:
            as_it_is = condition_words(self.definition, shown, get_language() or "ja")
        said = [said_by(line, self.definition) for line in lines or ()]
        if as_it_is:
            said = [{"ask_after": AS_IT_IS}]
        found = [
            ConditionForm(
                self.data if self.is_bound else None,
                initial=said[n] if n < len(said) else {},
                prefix=f"{self.prefix}-{n + 1}" if n else self.prefix,
                auto_id=self.auto_id,
                earlier=earlier,
                as_it_is="" if n else as_it_is,
                first=n == 0,
            )
            for n in range(MOST_LINES)
        ]
        told = max((n for n, one in enumerate(found) if one["ask_after"].value()), default=-1)
        return found[: max(FEWEST_LINES, told + 2)]

    @property
    def has_several_lines(self) -> bool:
        """Whether more than the first line says something."""
        return any(line["ask_after"].value() for line in self.lines[1:])

    @staticmethod
    def said(question: Question, definition: Definition) -> dict[str, Any]:
        """What a question says now, by the form's fields."""
        return {
            "was": question.code,
            "kind": question.kind.value,
            "section": next(n for n, one in enumerate(definition.sections) if question in one.questions),
            "title": question.title.ja,
            "title_en": question.title.en,
            "help": question.help.ja,
            "help_en": question.help.en,
            "choices": _lines(question.choices),
            "rows": _lines(question.rows),
            "required": question.required,
            "random": question.random,
            "least": question.least,
            "most": question.most,
            "longest": question.longest if question.kind == Kind.TEXT else None,
            "importance": question.importance,
        }

    def clean(self) -> dict[str, Any]:
        """Words in one language at least, and conditions that their questions can meet."""
        said = super().clean() or self.cleaned_data
        if not (said.get("title") or said.get("title_en")):
            self.add_error("title", _("Write the words."))
        if any(line.errors for line in self.lines):
            self.add_error(None, _("Mend the conditions under which it is asked."))
        return said

    def to_document(self, code: str) -> dict[str, Any]:
        """The question as the definition reads it. Choices that stay keep their codes, so that waves can be compared."""
        said = self.cleaned_data
        found: dict[str, Any] = {
            "code": code,
            "kind": said["kind"],
            "title": {"ja": said["title"], "en": said["title_en"]},
            "help": {"ja": said["help"], "en": said["help_en"]},
            "importance": said["importance"],
            "required": said["required"],
            "random": said["random"],
            **{name: said[name] for name in ("least", "most", "longest") if said[name] is not None},
        }
        before = self.definition.question(said["was"])
        for name, lettered in (("choices", "c"), ("rows", "r")):
            if said[name].strip():
                found[name] = _choices(said[name], getattr(before, name, ()), lettered)
        if self.lines[0].cleaned_data["ask_after"] == AS_IT_IS and before and before.show_if:
            found["show_if"] = to_document(before.show_if)
        elif shown := joined_lines(self.lines):
            found["show_if"] = shown
        return found


class SectionForm(forms.Form):
    """The heading of a section; ``at`` is its place from 0, empty for a new one."""

    at = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    title = forms.CharField(label=_("Heading of the section"), max_length=200, required=False)
    title_en = forms.CharField(label=_("The same in English"), max_length=200, required=False)


def _before(definition: Definition, was: str) -> list[Question]:
    codes = [q.code for q in definition.questions]
    return list(definition.questions[: codes.index(was)] if was in codes else definition.questions)


def _lines(choices: Sequence[Choice]) -> str:
    return "\n".join(f"{c.title.ja} | {c.title.en}".strip() if c.title.en else c.title.ja for c in choices)


def _choices(lines: str, before: Sequence[Choice], lettered: str) -> list[dict[str, Any]]:
    """Choices from lines; a line whose Japanese stays as it was keeps its code, others are lettered and numbered."""
    kept = {one.title.get("ja"): one.code for one in before}
    codes = set(kept.values())
    free = (code for n in range(1, 1000) if (code := f"{lettered}{n}") not in codes)
    found = []
    for line in filter(str.strip, lines.splitlines()):
        ja, _bar, en = line.replace("|", "|").partition("|")
        code = kept.pop(ja.strip() or en.strip(), "") or next(free)
        found.append({"code": code, "title": {"ja": ja.strip(), "en": en.strip()}})
    return found


class WaveForm(forms.Form):
    """Begin asking."""

    name = forms.CharField(
        label=_("Name of this wave"), max_length=200, help_text=_("Such as a season or an event.")
    )
    access = forms.ChoiceField(
        label=_("Who may answer"), choices=Wave.Access.choices, widget=forms.RadioSelect, initial="link"
    )
    anonymous = forms.BooleanField(label=_("Anonymous"), required=False, initial=True)
    threshold = forms.IntegerField(
        label=_("Fewest answers shown"),
        initial=5,
        min_value=1,
        max_value=100,
        help_text=_("Figures appear when at least so many people have answered, and grow by no fewer."),
    )
    invited = forms.IntegerField(
        label=_("How many are asked"), required=False, min_value=1, max_value=2_000_000_000
    )
    closes_on = forms.DateField(label=_("Closes after"), widget=day_input(), required=False)


class LinksForm(forms.Form):
    """How many one-time links to make."""

    count = forms.IntegerField(label=_("How many links"), min_value=1, max_value=100_000)


def parts_of(definition: Definition) -> Mapping[str, Any]:
    """What ``WordsForm`` shows of a definition."""
    return {
        "intro": definition.intro.ja,
        "intro_en": definition.intro.en,
        "thanks": definition.thanks.ja,
        "thanks_en": definition.thanks.en,
    }
