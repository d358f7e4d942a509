"""The lines in which somebody says when a question is asked: one condition each, joined by and / or."""

import math
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from sekisho.voice.definition import Bound, Condition, Definition, Joined, Question, ShowIf
from sekisho.voice.definition.conditions import to_document
from sekisho.voice.definition.document import WITH_CHOICES, WITH_NUMBERS

#: stands for a condition that these lines cannot say, as an XLSForm may bring it in: it can be kept, or written anew
AS_IT_IS = "="
#: as many lines are shown at least, and at most
FEWEST_LINES, MOST_LINES = 4, 12
IS, IS_NOT = "is", "is_not"
_SIGNS = {
    IS: pgettext_lazy("condition", "is one of"),
    IS_NOT: pgettext_lazy("condition", "is none of"),
    ">=": pgettext_lazy("condition", "is at least"),
    "<=": pgettext_lazy("condition", "is at most"),
    ">": pgettext_lazy("condition", "is more than"),
    "<": pgettext_lazy("condition", "is less than"),
}

#: how a line is joined to the one before, and what it says
Line = tuple[str, ShowIf | Bound | Joined]


class ConditionForm(forms.Form):
    """One line. ``join`` means nothing in the first one; “and” binds closer than “or”."""

    join = forms.ChoiceField(
        label=pgettext_lazy("condition", "Joined by"),
        choices=[("and", pgettext_lazy("condition", "and")), ("or", pgettext_lazy("condition", "or"))],
        required=False,
    )
    ask_after = forms.ChoiceField(label=_("Ask only after"), required=False)
    sign = forms.ChoiceField(label=_("when the answer"), choices=list(_SIGNS.items()), required=False)
    among = forms.CharField(label=_("Choices or number"), required=False, max_length=1000)

    def __init__(
        self, *args: Any, earlier: Sequence[Question], as_it_is: str = "", first: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.earlier = {one.code: one for one in earlier}
        language = get_language() or "ja"
        offered = [("", _("always") if first else "–")]
        offered += [(one.code, one.title.get(language)) for one in earlier]
        if as_it_is:
            offered.append((AS_IT_IS, as_it_is))
        self.fields["ask_after"].choices = offered  # type: ignore[attr-defined]
        if first:
            self.fields["among"].help_text = _(
                "Choices as they are worded, separated by commas; or a number."
            )

    def clean(self) -> dict[str, Any]:
        """A condition that its question can meet, as ``condition``; None where the line is empty."""
        said = super().clean() or self.cleaned_data
        asked = self.earlier.get(said.get("ask_after") or "")
        said["condition"] = None
        if asked is not None:
            sign = said.get("sign") or IS
            read = self._among if asked.kind in WITH_CHOICES else self._bound
            said["condition"] = read(asked, sign, said.get("among", ""))
        return said

    def _among(self, asked: Question, sign: str, words: str) -> ShowIf | Joined | None:
        if sign not in (IS, IS_NOT):
            self.add_error("sign", _("This question has choices: say which were, or were not, the answer."))
            return None
        codes, unknown = named_choices(asked, words)
        if unknown or not codes:
            offered = ", ".join(one.title.get(get_language() or "ja") for one in asked.choices)
            self.add_error("among", _("Use one of: %(allowed)s.") % {"allowed": offered})
            return None
        found = ShowIf(asked.code, tuple(codes))
        return found if sign == IS else Joined("not", (found,))

    def _bound(self, asked: Question, sign: str, words: str) -> Bound | None:
        if sign in (IS, IS_NOT):
            self.add_error("sign", _("This question is answered with a number: say more or less than which."))
            return None
        try:
            number = float(unicodedata.normalize("NFKC", words).replace(",", "").strip())
        except ValueError:
            number = math.nan
        if not abs(number) < 10**12:
            self.add_error("among", _("Enter a number."))
            return None
        return Bound(asked.code, sign, number)


def may_decide(question: Question) -> bool:
    """Whether a later question may be asked after the answer of this one."""
    return question.kind in WITH_CHOICES or question.kind in WITH_NUMBERS


def joined_lines(lines: Sequence[ConditionForm]) -> dict[str, Any] | None:
    """What cleaned lines say together, as the definition reads it; None when a question is always asked."""
    groups: list[list[Condition]] = []
    for line in lines:
        condition = line.cleaned_data["condition"]
        if condition is None:
            continue
        if not groups or line.cleaned_data["join"] == "or":
            groups.append([])
        groups[-1].append(condition)
    if not groups:
        return None
    return to_document(_joined("any", [_joined("all", group) for group in groups]))


def _joined(sign: str, of: Sequence[Condition]) -> Condition:
    return of[0] if len(of) == 1 else Joined(sign, tuple(of))


def lines_of(condition: Condition | None) -> list[Line] | None:
    """The lines that say a condition; None when no lines can."""
    if condition is None:
        return []
    found = list(_groups(condition))
    lines = [
        ("or" if number and not place else "and", term)
        for number, group in enumerate(found)
        for place, term in enumerate(group)
    ]
    can = len(lines) <= MOST_LINES and all(map(_is_term, (term for _join, term in lines)))
    return lines if can else None


def _groups(condition: Condition) -> Iterator[Sequence[Condition]]:
    """Conditions of which one has to hold, each as those that all have to."""
    if isinstance(condition, Joined) and condition.sign == "any":
        for one in condition.of:
            yield from _groups(one)
    elif isinstance(condition, Joined) and condition.sign == "all":
        yield [term for one in condition.of for term in _flat(one)]
    else:
        yield [condition]


def _flat(condition: Condition) -> Sequence[Condition]:
    if isinstance(condition, Joined) and condition.sign == "all":
        return [term for one in condition.of for term in _flat(one)]
    return [condition]


def _is_term(condition: Condition) -> bool:
    if isinstance(condition, Joined):
        return condition.sign == "not" and isinstance(condition.of[0], ShowIf)
    return True


def said_by(line: Line, definition: Definition) -> dict[str, str]:
    """A line by the form's fields."""
    join, term = line
    if isinstance(term, Bound):
        return {"join": join, "ask_after": term.question, "sign": term.sign, "among": f"{term.number:g}"}
    sign, shown = (IS_NOT, term.of[0]) if isinstance(term, Joined) else (IS, term)
    assert isinstance(shown, ShowIf), "lines hold terms"
    asked = definition.question(shown.question)
    language = get_language() or "ja"
    titles = {one.code: one.title.get(language) for one in asked.choices} if asked else {}
    words = ", ".join(titles.get(code, code) for code in shown.among)
    return {"join": join, "ask_after": shown.question, "sign": sign, "among": words}


def named_choices(asked: Question, words: str) -> tuple[list[str], bool]:
    """The codes of the choices named, and whether something else is named too. A choice may hold commas itself."""
    titles = {title: one.code for one in asked.choices for title in (one.title.ja, one.title.en) if title}
    found: list[str] = []
    while rest := words.strip(" ,\uff0c、\r\n\t"):
        title = next((one for one in sorted(titles, key=len, reverse=True) if rest.startswith(one)), None)
        if title is None:
            return found, True
        found.append(titles[title])
        words = rest[len(title) :]
    return list(dict.fromkeys(found)), False
