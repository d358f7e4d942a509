"""Forms of surveys: making one, a question of it, a wave."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from sekisho.people.forms import day_input
from sekisho.voice.definition import Definition, Kind, Question
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
    Kind.KANO: _("Features with and without (Kano)"),
    Kind.SUS: _("System Usability Scale"),
}


class NewSurveyForm(forms.Form):
    """A survey for a book, from a ready one or empty."""

    project = forms.CharField(
        label=_("Project code"), max_length=64, help_text=_("As it stands in the registry, such as SK-001.")
    )
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
    title = forms.CharField(label=_("Question"), max_length=1000)
    title_en = forms.CharField(label=_("The same in English"), max_length=1000, required=False)
    choices = forms.CharField(
        label=_("Choices or features"),
        widget=forms.Textarea(attrs={"rows": 4}),
        required=False,
        help_text=_("One a line. English may follow after a bar: はい | Yes"),
    )
    required = forms.BooleanField(label=_("Must be answered"), required=False)
    random = forms.BooleanField(label=_("Show the choices in random order"), required=False)
    least = forms.IntegerField(label=_("Least"), required=False)
    most = forms.IntegerField(label=_("Greatest"), required=False)
    ask_after = forms.ChoiceField(label=_("Ask only after"), required=False)
    among = forms.CharField(
        label=_("when the answer was"),
        required=False,
        max_length=1000,
        help_text=_("Choices in Japanese, separated by commas."),
    )

    def __init__(self, *args: Any, definition: Definition, was: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.definition = definition
        earlier = [q for q in _before(definition, was) if q.kind in (Kind.SINGLE, Kind.MULTIPLE)]
        offered = [("", _("always")), *((q.code, q.title.get(get_language() or "ja")) for q in earlier)]
        self.fields["ask_after"].choices = offered  # type: ignore[attr-defined]

    @staticmethod
    def said(question: Question, definition: Definition) -> dict[str, Any]:
        """What a question says now, by the form's fields."""
        shown = question.show_if
        asked = definition.question(shown.question) if shown else None
        titles = {one.code: one.title.ja for one in asked.choices} if asked else {}
        return {
            "was": question.code,
            "kind": question.kind.value,
            "title": question.title.ja,
            "title_en": question.title.en,
            "choices": "\n".join(
                " | ".join(filter(None, (c.title.ja, c.title.en))) for c in question.choices
            ),
            "required": question.required,
            "random": question.random,
            "least": question.least,
            "most": question.most,
            "ask_after": shown.question if shown else "",
            "among": ", ".join(titles.get(code, code) for code in shown.among) if shown else "",
        }

    def to_document(self, code: str) -> dict[str, Any]:
        """The question as the definition reads it. Choices that stay keep their codes, so that waves can be compared."""
        said = self.cleaned_data
        found: dict[str, Any] = {
            "code": code,
            "kind": said["kind"],
            "title": {"ja": said["title"], "en": said["title_en"]},
            "required": said["required"],
            "random": said["random"],
            **{name: said[name] for name in ("least", "most") if said[name] is not None},
        }
        before = self.definition.question(said["was"])
        if said["choices"].strip():
            found["choices"] = _choices(said["choices"], before)
        if said["ask_after"]:
            found["show_if"] = {"question": said["ask_after"], "among": self._among()}
        return found

    def _among(self) -> list[str]:
        asked = self.definition.question(self.cleaned_data["ask_after"])
        codes = {one.title.ja: one.code for one in asked.choices} if asked else {}
        words = self.cleaned_data["among"].replace("、", ",").replace(",", ",").split(",")
        return [codes.get(word.strip(), word.strip()) for word in words if word.strip()]


def _before(definition: Definition, was: str) -> list[Question]:
    codes = [q.code for q in definition.questions]
    return list(definition.questions[: codes.index(was)] if was in codes else definition.questions)


def _choices(lines: str, before: Question | None) -> list[dict[str, Any]]:
    """Choices from lines; a line whose Japanese stays as it was keeps its code."""
    kept = {one.title.ja: one.code for one in before.choices} if before else {}
    free = (code for n in range(1, 1000) if (code := f"c{n}") not in kept.values())
    found = []
    for line in filter(str.strip, lines.splitlines()):
        ja, _bar, en = line.replace("|", "|").partition("|")
        code = kept.pop(ja.strip(), "") or next(free)
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
