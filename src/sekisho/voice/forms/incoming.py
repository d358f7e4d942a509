"""Forms for bringing in answers: the file, what its columns answer, and the name of the wave."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sekisho.analysis.scales import key
from sekisho.people.forms import day_input
from sekisho.tables.table import Table
from sekisho.voice.definition import Definition, Kind
from sekisho.voice.definition.incoming import BESIDE, Incoming, Target, targets
from sekisho.voice.templatetags.voice import in_language

_BESIDE_WORDS = {
    "@day": _("Day of the answer"),
    "@place": pgettext_lazy("survey", "Place"),
    "@language": _("Language"),
}
_HALVES = {
    "f": _("if it is there"),
    "d": _("if it is not there"),
    "i": _("importance"),
    "whole": _("all in one cell"),
}
#: unknown words shown for each question
MOST_WORDS = 30


class AnswersForm(forms.Form):
    """A table of answers."""

    file = forms.FileField(
        label=_("Table of answers"),
        help_text=_(
            "Excel or CSV, one row for each answer: exports of ODK and XLSForm tools, LimeSurvey, Microsoft Forms, Google Forms, or your own table."
        ),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.xlsm,.csv,.tsv,.txt"}),
    )


class NameForm(forms.Form):
    """The wave that the answers become."""

    name = forms.CharField(label=_("name of this wave"), max_length=200)
    invited = forms.IntegerField(
        label=_("how many were asked"),
        required=False,
        min_value=1,
        max_value=10**9,
        help_text=_("For the response rate; leave it empty where nobody counted."),
    )
    asked_on = forms.DateField(
        label=_("When it was asked"),
        widget=day_input(),
        required=False,
        help_text=_("Its place among the waves of the survey; empty: today."),
    )


def choices_of(definition: Definition) -> list[tuple[Any, Any]]:
    """What a column can answer, grouped by question."""
    groups: dict[str, list[tuple[str, Any]]] = {}
    for name, target in targets(definition).items():
        question = target.question
        group = str(in_language(question.title)) if question else str(_("Beside the answer"))
        groups.setdefault(f"{group}\0{question.code if question else ''}", []).append((name, _words(target)))
    named = [(group.split("\0")[0], options) for group, options in groups.items() if group]
    return [("", _("Leave out")), *named]


def _words(target: Target) -> Any:
    if target.name in BESIDE:
        return _BESIDE_WORDS[target.name]
    assert target.question is not None, "what is not beside an answer has a question"
    choice = in_language(target.choice.title) if target.choice else ""
    half = _HALVES.get(target.part, target.part) if target.part not in ("", "=") else ""
    said = [str(part) for part in (choice, half) if part]
    return ": ".join(said) or in_language(target.question.title)


class MappingForm(forms.Form):
    """What each column answers, and what words stand for that no choice bears."""

    def __init__(
        self, data: Any, *, definition: Definition, table: Table, mapping: Any, words: Any, found: Incoming
    ) -> None:
        super().__init__(data, auto_id="%s")
        self._words: dict[str, tuple[str, str]] = {}
        options = choices_of(definition)
        for place, heading in enumerate(table.headings):
            self.fields[f"column-{place}"] = forms.ChoiceField(
                label=heading,
                choices=options,
                required=False,
                initial=mapping[place] if place < len(mapping) else "",
            )
        known = targets(definition)
        for target, unknown in self._unknown(words, found).items():
            question = known[target].question if target in known else None
            if question is None or question.kind not in (
                Kind.SINGLE,
                Kind.MULTIPLE,
                Kind.MATRIX,
                Kind.RANKING,
            ):
                continue
            choices = [("", _("not known")), *((c.code, in_language(c.title)) for c in question.choices)]
            for number, word in enumerate(unknown[:MOST_WORDS]):
                field = f"word-{target}-{number}"
                self._words[field] = (target, key(word))
                self.fields[field] = forms.ChoiceField(
                    label=f"{in_language(question.title)}: {word}",
                    choices=choices,
                    required=False,
                    initial=words.get(target, {}).get(key(word), ""),
                )

    @staticmethod
    def _unknown(words: Mapping[str, Mapping[str, str]], found: Incoming) -> dict[str, list[str]]:
        said = {target: list(known) for target, known in words.items()}
        for target, unknown in found.unknown.items():
            mine = said.setdefault(target, [])
            mine += [word for word in unknown if key(word) not in mine]
        return said

    @property
    def columns(self) -> list[Any]:
        """The fields of the columns, in order."""
        return [self[name] for name in self.fields if name.startswith("column-")]

    @property
    def unknown(self) -> list[Any]:
        """The fields of unknown words."""
        return [self[name] for name in self._words]

    def said(self) -> tuple[list[str], dict[str, dict[str, str]]]:
        """The mapping and the words as the service takes them."""
        mapping = [self.cleaned_data[field.name] for field in self.columns]
        words: dict[str, dict[str, str]] = {}
        for field, (target, word) in self._words.items():
            words.setdefault(target, {})[word] = self.cleaned_data[field]
        return mapping, words
