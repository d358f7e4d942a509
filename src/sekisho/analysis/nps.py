"""The Net Promoter Score (Reichheld 2003): promoters 9 and 10, detractors 0 to 6."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sekisho.analysis.intervals import Difference, Estimate, z_of
from sekisho.analysis.notes import Note

HIGHEST: Final = 10
FEW: Final = 30


@dataclass(frozen=True, slots=True)
class Nps:
    """Counts of the three groups and the score, −100…100; ``counts`` has eleven entries for the answers 0…10."""

    n: int
    promoters: int
    passives: int
    detractors: int
    score: Estimate | None
    mean: float | None
    counts: tuple[int, ...]
    notes: tuple[Note, ...]


def analyse(answers: Sequence[int | None]) -> Nps:
    """The score of answers 0…10; None is a missing answer.

    Raises:
        ValueError: an answer outside 0…10.
    """
    given = [answer for answer in answers if answer is not None]
    if any(not 0 <= answer <= HIGHEST for answer in given):
        raise ValueError("answers are 0 to 10 or None")
    return from_counts([given.count(answer) for answer in range(HIGHEST + 1)])


def from_counts(counts: Sequence[int]) -> Nps:
    """The score from how often each of the answers 0…10 was given."""
    n, promoters, detractors = sum(counts), sum(counts[9:]), sum(counts[:7])
    notes = (
        (Note("nps.no_respondents"),)
        if not n
        else (Note("nps.few_respondents", {"n": n}),)
        if n < FEW
        else ()
    )
    return Nps(
        n=n,
        promoters=promoters,
        passives=n - promoters - detractors,
        detractors=detractors,
        score=_scaled(net(promoters, detractors, n)),
        mean=sum(answer * count for answer, count in enumerate(counts)) / n if n else None,
        counts=tuple(counts),
        notes=notes,
    )


def compare(before: Nps, after: Nps) -> Difference | None:
    """Change of the score between two waves with other respondents, −200…200 (Sauro and Lewis 2016, chapter 5): the
    adjusted-Wald difference of two net shares, three-quarters of an answer added to each side as in `net`, with the
    p-value of its z. None when nobody answered a wave.
    """
    if before.score is None or after.score is None:
        return None
    (one, spread), (other, further) = _adjusted(before), _adjusted(after)
    error = math.sqrt(spread + further)
    change, value = other - one, after.score.value - before.score.value
    half = z_of(0.95) * error
    p = math.erfc(abs(change) / error / math.sqrt(2))
    return Difference(value, 100 * max(change - half, -2.0), 100 * min(change + half, 2.0), p)


def _adjusted(found: Nps) -> tuple[float, float]:
    """The adjusted net share and its variance."""
    plus, minus = ((count + 0.75) / (found.n + 3) for count in (found.promoters, found.detractors))
    return plus - minus, (plus + minus - (plus - minus) ** 2) / (found.n + 3)


def net(positive: float, negative: float, n: int, effective: float | None = None) -> Estimate | None:
    """Share of positive minus share of negative answers with the adjusted-Wald interval for paired shares (Agresti and
    Min 2005; Sauro and Lewis 2016, chapter 5 for the NPS): three-quarters of an answer is added to each, three to n.
    ``effective`` is the sample size that the interval rests on when it is not n. None without answers.
    """
    if n == 0:
        return None
    size = n if effective is None else effective
    value = (positive - negative) / n
    if math.isinf(size):
        return Estimate(value, value, value, n)
    plus, minus = ((share * size / n + 0.75) / (size + 3) for share in (positive, negative))
    middle = plus - minus
    half = z_of(0.95) * math.sqrt((plus + minus - middle**2) / (size + 3))
    # the middle is drawn towards 0: with a single answer the value itself would lie outside
    return Estimate(value, min(max(middle - half, -1.0), value), max(min(middle + half, 1.0), value), n)


def _scaled(share: Estimate | None) -> Estimate | None:
    if share is None:
        return None
    return Estimate(100 * share.value, 100 * share.low, 100 * share.high, share.n)
