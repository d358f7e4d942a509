"""The System Usability Scale (Brooke 1996): score, interval, grade, percentile, adjective, subscales, change."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np

from sekisho.analysis.intervals import Difference, Estimate, mean_and_deviation, mean_of_moments, welch
from sekisho.analysis.notes import Note
from sekisho.analysis.usability import sus_score

ITEMS: Final = 10
CENTRE: Final = 3
#: mean of 241 studies with more than 10,000 answers (Sauro and Lewis 2016, chapter 8)
BENCHMARK: Final = 68.0
#: items of the subscale learnability (Lewis and Sauro 2009)
LEARNABILITY: Final = (4, 10)
#: fewer scores than this are warned about (Tullis and Stetson 2004: 12 to 14 settle a comparison)
FEW: Final = 12
#: lines that a note names at most
_NAMED: Final = 10

#: curved grading scale of Sauro and Lewis (2016, table 8.5): least score, grade, percentile rank of that score
GRADES: Final = (
    (84.1, "A+", 96),
    (80.8, "A", 90),
    (78.9, "A-", 85),
    (77.2, "B+", 80),
    (74.1, "B", 70),
    (72.6, "B-", 65),
    (71.1, "C+", 60),
    (65.0, "C", 41),
    (62.7, "C-", 35),
    (51.7, "D", 15),
    (0.0, "F", 0),
)
#: mean score of those who chose each adjective (Bangor, Kortum and Miller 2009, table 3)
ADJECTIVES: Final = (
    (12.5, "worst imaginable"),
    (20.3, "awful"),
    (35.7, "poor"),
    (50.9, "ok"),
    (71.4, "good"),
    (85.5, "excellent"),
    (90.9, "best imaginable"),
)

Answers = Sequence[int | None]


@dataclass(frozen=True, slots=True)
class Sus:
    """Figures of one questionnaire; None where nothing can be said.

    ``n`` is how many scores were taken and ``counts`` how often each, ``incomplete`` the sheets with an answer missing.
    ``item_means`` are the means of the raw answers 1…5 of the scores taken. ``p_of_benchmark`` is the p-value of a
    one-sample t test against 68. ``scores`` are those of single sheets in their order; none when analysed from counts.
    """

    n: int
    incomplete: int
    counts: Mapping[float, int]
    mean: float | None
    sd: float | None
    median: float | None
    interval: Estimate | None
    minimum: float | None
    maximum: float | None
    grade: str | None
    percentile: float | None
    adjective: str | None
    acceptability: str | None
    item_means: tuple[float | None, ...]
    usability: float | None
    learnability: float | None
    from_benchmark: float | None
    p_of_benchmark: float | None
    notes: tuple[Note, ...]
    scores: tuple[float, ...] = ()


def analyse(
    sheets: Sequence[Answers],
    *,
    missing: Literal["exclude", "centre"] = "exclude",
    lines: Sequence[int] = (),
) -> Sus:
    """Figures from one row of ten answers 1…5 (or None) for each respondent.

    ``missing`` says what becomes of a sheet with an answer missing: left out, or ``centre``: 3 is taken for it, as
    Brooke (1996) tells respondents to do who cannot answer an item. Wholly empty sheets never count. ``lines`` are
    the places of the sheets, for notes.
    """
    places = tuple(lines) or tuple(range(1, len(sheets) + 1))
    begun = [(line, sheet) for line, sheet in zip(places, sheets, strict=True) if any(sheet)]
    lacking = [line for line, sheet in begun if None in sheet]
    if missing == "centre":
        taken = [(line, [answer or CENTRE for answer in sheet]) for line, sheet in begun]
    else:
        taken = [(line, [answer for answer in sheet if answer]) for line, sheet in begun if None not in sheet]
    same = [line for line, sheet in taken if len(set(sheet)) == 1]
    scores = tuple(sus_score(sheet) for _line, sheet in taken)
    counted = SusCounts(
        Counter(scores),
        [Counter(sheet[item] for _line, sheet in taken) for item in range(ITEMS)],
    )
    notes = tuple(_notes(len(taken), lacking, same, missing))
    return replace(_figures(counted, len(lacking), notes), scores=scores)


@dataclass(frozen=True, slots=True)
class SusCounts:
    """Whole sheets, counted: how often each score came about, and for each of the ten items how often each answer 1…5
    was given. ``incomplete`` sheets had an answer missing, ``same`` gave one answer to every item.
    """

    scores: Mapping[float, int]
    items: Sequence[Mapping[int, int]]
    incomplete: int = 0
    same: int = 0


def analyse_counts(counted: SusCounts) -> Sus:
    """`analyse` from counts: at most 41 scores and ten times five answers, however many people gave them."""
    n = sum(counted.scores.values())
    notes = [] if n else [Note("sus.no_respondents")]
    if 0 < n < FEW:
        notes.append(Note("sus.few_respondents", {"n": n}))
    if counted.incomplete:
        notes.append(Note("sus.incomplete_counted", {"count": counted.incomplete}))
    if counted.same:
        notes.append(Note("sus.straight_lining_counted", {"count": counted.same}))
    return _figures(counted, counted.incomplete, tuple(notes))


def _figures(counted: SusCounts, incomplete: int, notes: tuple[Note, ...]) -> Sus:
    scores = {score: count for score, count in sorted(counted.scores.items()) if count}
    n, moments = sum(scores.values()), mean_and_deviation(scores)
    middle, deviation = moments or (None, None)
    items = [mean_and_deviation(item) for item in counted.items]
    means = tuple(item[0] if item else None for item in items)
    learnability, usability = _subscales([item or 0.0 for item in means]) if n else (None, None)
    return Sus(
        n=n,
        incomplete=incomplete,
        counts=scores,
        mean=middle,
        sd=deviation,
        median=_median(scores),
        interval=None
        if middle is None
        else Estimate(middle, *mean_of_moments(middle, deviation or 0.0, n), n),
        minimum=min(scores, default=None),
        maximum=max(scores, default=None),
        grade=None if middle is None else grade(middle),
        percentile=None if middle is None else percentile(middle),
        adjective=None if middle is None else adjective(middle),
        acceptability=None if middle is None else acceptability(middle),
        item_means=means,
        usability=usability,
        learnability=learnability,
        from_benchmark=None if middle is None else middle - BENCHMARK,
        p_of_benchmark=_p_of_benchmark(middle, deviation, n),
        notes=notes,
    )


def _median(scores: Mapping[float, int]) -> float | None:
    """Of sorted scores: the middle one, or halfway between the two in the middle."""
    n, seen, lower = sum(scores.values()), 0, None
    for score, count in scores.items():
        seen += count
        if lower is None and 2 * seen >= n:
            lower = score
        if lower is not None and 2 * seen > n:
            return (lower + score) / 2
    return None


def grade(score: float) -> str:
    """Letter of the curved grading scale (Sauro and Lewis 2016), by the score rounded to one decimal as printed."""
    rounded = round(score + 1e-9, 1)
    return next(letter for least, letter, _rank in GRADES if rounded >= least)


def percentile(score: float) -> float:
    """Percentile rank among the studies behind the grading scale, interpolated between its printed boundaries; the
    mean study, 68, has 50 and the best possible score 100 (Sauro and Lewis 2016).
    """
    points = sorted(
        [(least, float(rank)) for least, _letter, rank in GRADES] + [(BENCHMARK, 50.0), (100.0, 100.0)]
    )
    known, ranks = zip(*points, strict=True)
    return float(np.interp(score, known, ranks))


def adjective(score: float) -> str:
    """The adjective whose mean score lies nearest (Bangor, Kortum and Miller 2009)."""
    return min(ADJECTIVES, key=lambda entry: abs(entry[0] - score))[1]


def acceptability(score: float) -> str:
    """Not acceptable below 50, marginal to 70, acceptable above (Bangor, Kortum and Miller 2008)."""
    return "not acceptable" if score < 50 else "marginal" if score <= 70 else "acceptable"


def compare(before: Sus, after: Sus) -> Difference | None:
    """Change of the mean between two waves with other respondents: Welch's t test. None below two scores a wave."""
    if before.mean is None or after.mean is None or before.sd is None or after.sd is None:
        return None
    return welch(before.mean, before.sd, before.n, after.mean, after.sd, after.n)


def _subscales(means: Sequence[float]) -> tuple[float, float]:
    """Learnability and usability from the means of the items, each stretched to 0…100 (Lewis and Sauro 2009)."""
    points = [answer - 1 if place % 2 == 0 else 5 - answer for place, answer in enumerate(means)]
    learning = sum(points[item - 1] for item in LEARNABILITY)
    return learning * 12.5, (sum(points) - learning) * 3.125


def _p_of_benchmark(middle: float | None, deviation: float | None, n: int) -> float | None:
    if middle is None or deviation is None:
        return None
    known = welch(BENCHMARK, 0.0, math.inf, middle, deviation, n)
    return known.p if known else None


def _notes(n: int, lacking: list[int], same: list[int], missing: str) -> list[Note]:
    notes = []
    if n == 0:
        notes.append(Note("sus.no_respondents"))
    elif n < FEW:
        notes.append(Note("sus.few_respondents", {"n": n}))
    if lacking:
        code = "sus.filled_with_centre" if missing == "centre" else "sus.incomplete"
        notes.append(Note(code, {"count": len(lacking), "lines": _named(lacking)}))
    if same:
        notes.append(Note("sus.straight_lining", {"count": len(same), "lines": _named(same)}))
    return notes


def _named(lines: list[int]) -> str:
    return ", ".join(map(str, lines[:_NAMED])) + (", …" if len(lines) > _NAMED else "")
