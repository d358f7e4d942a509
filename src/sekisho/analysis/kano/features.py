"""One feature's figures: counts, category, coefficients, strengths, continuous means, and what to beware of."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sekisho.analysis.intervals import Estimate, mean_and_deviation
from sekisho.analysis.kano.tables import STANDARD, EvaluationTable, shipped_tables
from sekisho.analysis.notes import Note

#: in the order of their effect: ties go to the first (Berger et al. 1993: M > O > A > I); R and Q follow
CATEGORIES: Final = "MOAIRQ"
#: fewer usable answers than this are warned about (Griffin and Hauser 1993: 20 to 30 interviews per segment)
FEW: Final = 20
#: share of reverse or questionable answers that is warned about
MANY: Final = 0.1
#: quantile in Fong's test: two-sided 10 %, as published
FONG_Z: Final = 1.65
#: bootstrap samples, and the seed that makes results repeatable
DRAWS: Final = 5000
SEED: Final = 1984

#: DuMouchel (1993): points of the answers like, must-be, neutral, live with, dislike
FUNCTIONAL_POINTS: Final = (4, 2, 0, -1, -2)
DYSFUNCTIONAL_POINTS: Final = (-2, -1, 0, 2, 4)

Counts = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class FeatureAnswers:
    """What each respondent said of one feature: codes 1…5 or None, importance if it was asked."""

    feature: str
    functional: Sequence[int | None]
    dysfunctional: Sequence[int | None]
    importance: Sequence[float | None] = ()
    number: str = ""

    def chosen(self, respondents: Sequence[int]) -> "FeatureAnswers":
        """The answers of these respondents."""
        return replace(
            self,
            functional=[self.functional[index] for index in respondents],
            dysfunctional=[self.dysfunctional[index] for index in respondents],
            importance=[self.importance[index] for index in respondents] if self.importance else (),
        )


@dataclass(frozen=True, slots=True)
class FeatureCounts:
    """The same, counted: how often each pair (functional, dysfunctional) was given, with 0 for a missing half, and how
    often each importance. Millions of answers are a few dozen numbers here.
    """

    feature: str
    pairs: Mapping[tuple[int, int], int]
    importance: Mapping[float, int] = field(default_factory=dict)
    number: str = ""


@dataclass(frozen=True, slots=True)
class Continuous:
    """Continuous analysis of DuMouchel (1993): means and sample deviations of the points; ``quadrant`` is the
    category of the place on his diagram, whose quarters part at 2 points.
    """

    functional: float
    functional_sd: float | None
    dysfunctional: float
    dysfunctional_sd: float | None
    n: int

    @property
    def quadrant(self) -> str:
        """O, A, M or I; R and Q lie off the diagram and are not told from here."""
        wanted, missed = self.functional >= 2, self.dysfunctional >= 2
        return "O" if wanted and missed else "A" if wanted else "M" if missed else "I"


@dataclass(frozen=True, slots=True)
class Feature:
    """Figures of one feature. What cannot be said is None.

    ``better`` and ``worse`` are Timko's coefficients (1993) with bootstrap percentile intervals; ``fong_significant``
    compares the two most frequent categories; ``category_strength`` and ``total_strength`` are those of Lee and
    Newcomb (1997), as shares; ``blauth`` is the category by Blauth's rule.
    """

    feature: str
    number: str
    counts: Counts
    n: int
    missing: int
    half: int
    category: str | None
    tied: tuple[str, ...]
    blauth: str | None
    better: Estimate | None
    worse: Estimate | None
    fong_difference: int | None
    fong_threshold: float | None
    fong_significant: bool | None
    category_strength: float | None
    total_strength: float | None
    continuous: Continuous | None = None
    importance: float | None = None
    importance_sd: float | None = None
    importance_n: int = 0
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Study:
    """All features of one questionnaire, the table they were judged by, and how many people answered anything."""

    table: EvaluationTable
    n: int
    features: tuple[Feature, ...]
    notes: tuple[Note, ...] = ()


def analyse(
    features: Sequence[FeatureAnswers],
    table: EvaluationTable | None = None,
    *,
    draws: int = DRAWS,
    seed: int = SEED,
) -> Study:
    """Figures of every feature, judged by ``table`` (the standard one by default)."""
    table = table or shipped_tables()[STANDARD]
    respondents = [
        index
        for index in range(max((len(one.functional) for one in features), default=0))
        if any(one.functional[index] or one.dysfunctional[index] for one in features)
    ]
    counted = [_counted(one.chosen(respondents)) for one in features]
    return analyse_counts(counted, table, n=len(respondents), draws=draws, seed=seed)


def analyse_counts(
    features: Sequence[FeatureCounts],
    table: EvaluationTable | None = None,
    *,
    n: int | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
) -> Study:
    """`analyse` from counts. ``n`` is how many people answered anything; the counts alone tell no more than the most who
    answered something of one feature, which is taken when it is not given.
    """
    table = table or shipped_tables()[STANDARD]
    found = tuple(_feature(one, table, draws, seed) for one in features)
    most = max((sum(one.pairs.values()) - one.pairs.get((0, 0), 0) for one in features), default=0)
    known = table.swapped_form_of()
    notes = (Note("kano.table_transposed", {"known": known.name}),) if known else ()
    return Study(table, most if n is None else n, found, notes)


def segments(
    features: Sequence[FeatureAnswers],
    groups: Sequence[str],
    table: EvaluationTable | None = None,
    *,
    draws: int = DRAWS,
    seed: int = SEED,
) -> dict[str, Study]:
    """The same analysis for each group, in order of appearance; ``groups`` names each respondent's."""
    return {
        group: analyse(
            [one.chosen([index for index, name in enumerate(groups) if name == group]) for one in features],
            table,
            draws=draws,
            seed=seed,
        )
        for group in dict.fromkeys(groups)
    }


def fong_threshold(first: int, second: int, n: int) -> float:
    """Fong (1996): the two highest counts differ when |a − b| is at least 1.65 √((a + b)(2n − a − b) / 2n).

    1.65 is the normal quantile of a two-sided test at 10 %, as published.
    """
    return FONG_Z * math.sqrt((first + second) * (2 * n - first - second) / (2 * n))


def summarise(
    feature: str,
    counts: Counts,
    *,
    number: str = "",
    missing: int = 0,
    half: int = 0,
    draws: int = DRAWS,
    seed: int = SEED,
) -> Feature:
    """Figures from the counts of the categories alone, without continuous analysis."""
    whole = {letter: int(counts.get(letter, 0)) for letter in CATEGORIES}
    n = sum(whole.values())
    ranked = sorted(CATEGORIES, key=lambda letter: (-whole[letter], CATEGORIES.index(letter)))
    first, second = ranked[:2]
    top, next_ = whole[first], whole[second]
    tied = tuple(letter for letter in ranked if whole[letter] == top) if n else ()
    threshold = fong_threshold(top, next_, n) if n else None
    better, worse = _coefficients(whole, n, draws, seed)
    found = Feature(
        feature=feature,
        number=number,
        counts=whole,
        n=n,
        missing=missing,
        half=half,
        category=first if n else None,
        tied=tied if len(tied) > 1 else (),
        blauth=_blauth(whole) if n else None,
        better=better,
        worse=worse,
        fong_difference=top - next_ if n else None,
        fong_threshold=threshold,
        fong_significant=None if threshold is None else top - next_ >= threshold,
        category_strength=(top - next_) / n if n else None,
        total_strength=(whole["M"] + whole["O"] + whole["A"]) / n if n else None,
    )
    return replace(found, notes=tuple(_notes(found, second)))


def _counted(answers: FeatureAnswers) -> FeatureCounts:
    pairs = Counter(zip(map(_code, answers.functional), map(_code, answers.dysfunctional), strict=True))
    given = Counter(float(value) for value in answers.importance if value is not None)
    return FeatureCounts(answers.feature, pairs, given, answers.number)


def _code(answer: int | None) -> int:
    return int(answer or 0)


def _feature(counted: FeatureCounts, table: EvaluationTable, draws: int, seed: int) -> Feature:
    if any(not 0 <= code <= len(FUNCTIONAL_POINTS) for pair in counted.pairs for code in pair):
        raise ValueError("answers are 1 to 5 or None")
    whole = {pair: count for pair, count in counted.pairs.items() if all(pair) and count}
    missing = counted.pairs.get((0, 0), 0)
    half = sum(counted.pairs.values()) - sum(whole.values()) - missing
    counts: Counter[str] = Counter()
    for (functional, dysfunctional), count in whole.items():
        counts[table.category(functional, dysfunctional)] += count
    found = summarise(
        counted.feature, counts, number=counted.number, missing=missing, half=half, draws=draws, seed=seed
    )
    notes = found.notes
    if found.n > 1 and len(whole) == 1:
        notes = (*notes, Note("kano.all_same"))
    importance = mean_and_deviation(counted.importance)
    return replace(
        found,
        continuous=_continuous(whole),
        importance=importance[0] if importance else None,
        importance_sd=importance[1] if importance else None,
        importance_n=sum(counted.importance.values()),
        notes=notes,
    )


def _continuous(pairs: Mapping[tuple[int, int], int]) -> Continuous | None:
    wanted: Counter[float] = Counter()
    missed: Counter[float] = Counter()
    for (functional, dysfunctional), count in pairs.items():
        wanted[FUNCTIONAL_POINTS[functional - 1]] += count
        missed[DYSFUNCTIONAL_POINTS[dysfunctional - 1]] += count
    one, other = mean_and_deviation(wanted), mean_and_deviation(missed)
    if one is None or other is None:
        return None
    return Continuous(*one, *other, sum(pairs.values()))


def _blauth(counts: Counts) -> str:
    """Blauth's rule (in Berger et al. 1993): when M + O + A outnumber I + R + Q the highest of the former, else of the
    latter.
    """
    speaking = sum(counts[letter] for letter in "MOA") > sum(counts[letter] for letter in "IRQ")
    return max("MOA" if speaking else "IRQ", key=lambda letter: counts[letter])


def _coefficients(counts: Counts, n: int, draws: int, seed: int) -> tuple[Estimate | None, Estimate | None]:
    """Timko (1993): better = (A + O) / (A + O + M + I), worse = −(O + M) / (same). The interval is the percentile
    interval of ``draws`` multinomial resamples (Efron and Tibshirani 1993); infinite with a single answer.
    """
    base = sum(counts[letter] for letter in "AOMI")
    if base == 0:
        return None, None
    better = (counts["A"] + counts["O"]) / base
    worse = 0.0 - (counts["O"] + counts["M"]) / base
    if n == 1:
        return Estimate(better, 0.0, 1.0, 1), Estimate(worse, -1.0, 0.0, 1)
    sampled = resampled(counts, n, draws, seed)
    low_better, high_better = np.quantile(sampled[:, 0], (0.025, 0.975))
    low_worse, high_worse = np.quantile(sampled[:, 1], (0.025, 0.975))
    return (
        Estimate(better, float(low_better), float(high_better), base),
        Estimate(worse, float(low_worse), float(high_worse), base),
    )


def resampled(counts: Counts, n: int, draws: int, seed: int) -> NDArray[np.float64]:
    """``draws`` resamples of better and worse, as rows; samples without A, O, M and I are left out."""
    shares = np.array([counts[letter] for letter in CATEGORIES], dtype=float) / n
    sample = np.random.default_rng(seed).multinomial(n, shares, size=draws)
    must, one, attractive, indifferent = (sample[:, CATEGORIES.index(letter)] for letter in "MOAI")
    base = must + one + attractive + indifferent
    told = base > 0
    return np.column_stack([((attractive + one)[told] / base[told]), (0.0 - (one + must)[told] / base[told])])


def _notes(found: Feature, second: str) -> list[Note]:
    if found.n == 0:
        half = [Note("kano.half_pairs", {"half": found.half})] if found.half else []
        return [Note("kano.no_respondents"), *half]
    notes = []
    if found.n < FEW:
        notes.append(Note("kano.few_respondents", {"n": found.n, "limit": FEW}))
    if found.half:
        notes.append(Note("kano.half_pairs", {"half": found.half}))
    for letter, code in (("R", "kano.many_reverse"), ("Q", "kano.many_questionable")):
        if found.counts[letter] / found.n > MANY:
            notes.append(Note(code, {"share": round(100 * found.counts[letter] / found.n)}))
    if found.tied:
        notes.append(Note("kano.tie", {"categories": ", ".join(found.tied)}))
    if not found.fong_significant and found.counts[second]:
        notes.append(Note("kano.not_significant", {"first": found.category, "second": second}))
    if found.blauth != found.category:
        notes.append(Note("kano.blauth_differs", {"category": found.blauth}))
    return notes
