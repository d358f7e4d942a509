"""The words of notes, categories and other codes: gettext msgids in English. No Django.

Command line and pages translate them with their own gettext and then fill the places.
"""

from collections.abc import Callable, Mapping
from typing import Final

from sekisho.analysis.notes import Note
from sekisho.values import gettext_noop

_ = gettext_noop

NOTES: Final[Mapping[str, str]] = {
    "kano.few_respondents": _(
        "Usable answers: only %(n)s. A category needs at least %(limit)s to be more than a guess."
    ),
    "kano.no_respondents": _("Nobody answered both questions of this feature, so nothing can be said of it."),
    "kano.many_reverse": _(
        "%(share)s %% of the answers are reverse: the feature may be unwanted, or its questions mixed up."
    ),
    "kano.many_questionable": _(
        "%(share)s %% of the answers contradict themselves: the questions may be hard to understand."
    ),
    "kano.tie": _(
        "Several categories are equally frequent (%(categories)s); the first in the order M, O, A, I is taken."
    ),
    "kano.not_significant": _(
        "The two most frequent categories, %(first)s and %(second)s, do not differ significantly (Fong 1996)."
    ),
    "kano.all_same": _(
        "Everyone gave the same answers; check that the questions were understood and the data is whole."
    ),
    "kano.half_pairs": _(
        "Respondents who answered only one of the two questions and are not counted: %(half)s."
    ),
    "kano.blauth_differs": _("The rule of Blauth (M+O+A against I+R+Q) would say %(category)s."),
    "kano.table_transposed": _(
        "The evaluation table is “%(known)s” with its axes swapped. Rows are the functional question here; "
        "say “axes: rows-dysfunctional” in the file if yours are the other way round."
    ),
    "sus.few_respondents": _(
        "Complete answers: only %(n)s. The interval is wide, and the grade may change with a few more."
    ),
    "sus.no_respondents": _("Nobody answered all ten items, so there is no score."),
    "sus.incomplete": _("Answer sheets left out because an item is missing: %(count)s (lines %(lines)s)."),
    "sus.filled_with_centre": _(
        "Answer sheets with an item missing, for which the centre point 3 was taken (Brooke 1996): %(count)s."
    ),
    "sus.straight_lining": _(
        "Answer sheets with the same answer to all ten items, half of which ask the opposite: %(count)s "
        "(lines %(lines)s). Were the items read?"
    ),
    "sus.incomplete_counted": _("Answer sheets left out because an item is missing: %(count)s."),
    "sus.straight_lining_counted": _(
        "Answer sheets with the same answer to all ten items, half of which ask the opposite: %(count)s. "
        "Were the items read?"
    ),
    "sus.columns_by_order": _(
        "The headings name no item numbers; the ten columns were taken in their order."
    ),
    "csat.no_respondents": _("Nobody answered, so there is no share and no mean."),
    "csat.few_respondents": _("Answers: only %(n)s. The shares are rough, see their intervals."),
    "csat.all_same": _("Everyone gave the same answer; check that the data is whole."),
    "csat.counts_from_shares": _(
        "The file gives shares; the counts were worked out from them and from the number of respondents."
    ),
    "csat.low_response": _(
        "Only %(share)s %% of those asked answered: who did not may think otherwise, and no interval shows that."
    ),
    "csat.group_without_answers": _(
        "Nobody of “%(group)s” answered; the weighted figures leave that group's %(population)s people out."
    ),
    "nps.no_respondents": _("Nobody answered, so there is no score."),
    "nps.few_respondents": _("Answers: only %(n)s. The score is rough, see its interval."),
}

#: categories of Kano's model
CATEGORIES: Final[Mapping[str, str]] = {
    "M": _("must-be"),
    "O": _("one-dimensional"),
    "A": _("attractive"),
    "I": _("indifferent"),
    "R": _("reverse"),
    "Q": _("questionable"),
}

#: adjectives of Bangor, Kortum and Miller (2009)
ADJECTIVES: Final[Mapping[str, str]] = {
    "worst imaginable": _("worst imaginable"),
    "awful": _("awful"),
    "poor": _("poor"),
    "ok": _("OK"),
    "good": _("good"),
    "excellent": _("excellent"),
    "best imaginable": _("best imaginable"),
}

#: acceptability ranges of the same authors
ACCEPTABILITY: Final[Mapping[str, str]] = {
    "not acceptable": _("not acceptable"),
    "marginal": _("marginal"),
    "acceptable": _("acceptable"),
}

#: what became of a feature between two waves
VERDICTS: Final[Mapping[str, str]] = {
    "unknown": _("cannot be compared: a wave has no usable answers"),
    "unchanged": _("stays %(after)s"),
    "shifted": _("stays %(after)s, but the answers have shifted"),
    "moved": _("moved from %(before)s to %(after)s"),
    "unclear": _("%(before)s before, %(after)s now; chance could explain the difference"),
}


def say(note: Note, translate: Callable[[str], str]) -> str:
    """A note in words, translated with ``translate``."""
    return translate(NOTES[note.code]) % note.params


def verdict(code: str, before: str | None, after: str | None, translate: Callable[[str], str]) -> str:
    """A verdict on two categories in words."""
    names = {
        "before": translate(CATEGORIES[before]) if before else "–",
        "after": translate(CATEGORIES[after]) if after else "–",
    }
    return translate(VERDICTS[code]) % names
