"""Statistics of user tests: how many problems a test finds, and how many participants a goal takes."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sekisho.analysis.intervals import Estimate, adjusted_wald, geometric_mean

#: the share of problems a test is usually meant to find
GOAL = 0.85


@dataclass(frozen=True, slots=True)
class Discovery:
    """What a participant × problem matrix says of the problems that exist.

    ``raw`` is the mean chance that one participant shows one problem; ``adjusted`` is the same with the corrections for
    small samples. ``found`` is the share of all problems that this test is expected to have found, ``estimated`` how many
    there are, ``needed`` how many participants the goal takes in all.
    """

    participants: int
    problems: int
    once: int
    raw: float
    normalised: float
    good_turing: float
    adjusted: float
    found: float
    estimated: float
    needed: int | None

    @property
    def more(self) -> int | None:
        """How many more participants the goal takes."""
        return None if self.needed is None else max(self.needed - self.participants, 0)


def discovery(matrix: Sequence[Sequence[bool]], goal: float = GOAL) -> Discovery | None:
    """Problem discovery from rows of participants and columns of problems that were seen at least once.

    Lewis (2001), "Evaluation of procedures for adjusting problem-discovery rates estimated from small samples":
    p_adj = ½ (p − 1/n)(1 − 1/n) + ½ p / (1 + once/problems), the mean of normalization and Good–Turing. Expected share
    found by n participants: 1 − (1 − p)ⁿ. None with fewer than two participants or no problem: nothing can be said.

    Raises:
        ValueError: a column that nobody showed, rows of different length, or a goal outside 0…1.
    """
    if not 0 < goal < 1:
        raise ValueError(f"a goal lies between 0 and 1, not {goal}")
    seen = np.asarray(matrix, dtype=bool)
    if seen.ndim != 2 or seen.shape[0] < 2 or seen.shape[1] == 0:
        return None
    by_problem = seen.sum(axis=0)
    if (by_problem == 0).any():
        raise ValueError("every problem was shown by somebody")
    n, problems = seen.shape
    once = int((by_problem == 1).sum())
    raw = float(seen.mean())
    normalised = (raw - 1 / n) * (1 - 1 / n)
    good_turing = raw / (1 + once / problems)
    adjusted = (normalised + good_turing) / 2
    found = chance_found(adjusted, n)
    return Discovery(
        participants=n,
        problems=problems,
        once=once,
        raw=raw,
        normalised=normalised,
        good_turing=good_turing,
        adjusted=adjusted,
        found=found,
        estimated=problems / found,
        needed=participants_needed(adjusted, goal),
    )


def chance_found(p: float, n: int) -> float:
    """Chance that a problem which one participant shows with chance ``p`` is seen with ``n``: 1 − (1 − p)ⁿ."""
    return 1 - (1 - p) ** n


def participants_needed(p: float, goal: float = GOAL) -> int | None:
    """The least n with 1 − (1 − p)ⁿ ≥ goal; None when p is 0 or less."""
    if p <= 0:
        return None
    if p >= 1:
        return 1
    return max(math.ceil(math.log(1 - goal) / math.log(1 - p) - 1e-9), 1)


def discovery_by_group(
    matrix: Sequence[Sequence[bool]], groups: Sequence[str], goal: float = GOAL
) -> dict[str, Discovery | None]:
    """`discovery` for each group of participants, in order of appearance: problems of one group of users say nothing
    about another's. Problems that nobody of a group showed are left out of its matrix.
    """
    found: dict[str, Discovery | None] = {}
    for group in dict.fromkeys(groups):
        rows = [row for row, name in zip(matrix, groups, strict=True) if name == group]
        shown = [column for column in range(len(rows[0])) if any(row[column] for row in rows)]
        found[group] = discovery([[row[column] for column in shown] for row in rows], goal)
    return found


@dataclass(frozen=True, slots=True)
class Completion:
    """Who completed a task. ``rate`` is the share with its adjusted-Wald interval; ``best`` the point estimate that
    Lewis and Sauro (2006) advise for small samples, which never is 0 or 1.
    """

    completed: int
    n: int
    rate: Estimate
    best: float


def completion(completed: int, n: int, confidence: float = 0.95) -> Completion | None:
    """Completion rate of a task. The best estimate is completed/n between 50 % and 90 %, (completed + 2)/(n + 4)
    below, and Laplace's (completed + 1)/(n + 2) above (Lewis and Sauro 2006). None when nobody tried.

    Raises:
        ValueError: more completed than tried.
    """
    rate = adjusted_wald(completed, n, confidence)
    if rate is None:
        return None
    if rate.value < 0.5:
        best = (completed + 2) / (n + 4)
    else:
        best = rate.value if rate.value <= 0.9 else (completed + 1) / (n + 2)
    return Completion(completed, n, rate, best)


@dataclass(frozen=True, slots=True)
class TimeOnTask:
    """Times of those who completed the task: geometric mean with its interval (Sauro and Lewis 2010), and median.
    ``not_completed`` counts those left out, whose time measures giving up.
    """

    geometric: Estimate | None
    median: float | None
    n: int
    not_completed: int


def time_on_task(
    times: Sequence[float | None], completed: Sequence[bool], confidence: float = 0.95
) -> TimeOnTask:
    """Time on task from each participant's time (None when not taken) and whether the task was completed.

    Raises:
        ValueError: a time of a completed task is not above zero.
    """
    pairs = list(zip(times, completed, strict=True))
    taken = [time for time, done in pairs if done and time is not None]
    return TimeOnTask(
        geometric_mean(taken, confidence),
        statistics.median(taken) if taken else None,
        len(taken),
        sum(not done for _time, done in pairs),
    )


def sus_score(answers: Sequence[int]) -> float:
    """Score 0…100 of ten answers 1…5: odd items count x − 1, even ones 5 − x, times 2.5 (Brooke 1996).

    Raises:
        ValueError: not ten answers, or one outside 1…5.
    """
    if len(answers) != 10 or any(answer not in (1, 2, 3, 4, 5) for answer in answers):
        raise ValueError("the System Usability Scale takes ten answers from 1 to 5")
    return 2.5 * sum(a - 1 if i % 2 == 0 else 5 - a for i, a in enumerate(answers))
