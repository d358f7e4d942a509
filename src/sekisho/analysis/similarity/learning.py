"""From features to a probability, and learning it from what people say.

A logistic regression with a ridge towards the shipped weights: few judgements move them little, many move them far.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

FEATURES: Final = ("meaning", "words", "title", "named", "facets", "owner", "systems", "partners")
#: below this many judgements, or without both kinds, the shipped weights stay
ENOUGH: Final = 20
#: strength of the pull towards the shipped weights
RIDGE: Final = 1.0
#: what people say, as the probability to learn
JUDGED: Final = {"same": 1.0, "related": 0.9, "different": 0.0}


@dataclass(frozen=True)
class Weights:
    """``values`` by feature and a ``bias``; ``source`` is ``shipped`` or ``learned``, from ``judgements`` many."""

    values: tuple[float, ...]
    bias: float
    source: str = "shipped"
    judgements: int = 0

    def of(self, feature: str) -> float:
        """The weight of one feature."""
        return self.values[FEATURES.index(feature)]

    def probability(self, features: np.ndarray) -> np.ndarray:
        """Probabilities (n,) of features (n, len(FEATURES))."""
        return 1 / (1 + np.exp(-np.clip(features @ np.asarray(self.values, np.float32) + self.bias, -30, 30)))


def shipped() -> Weights:
    """Fitted to the practice pairs (docs/similarity.md)."""
    return Weights((1.5, 11.0, 0.3, 3.5, 0.8, 1.0, 1.0, 0.5), -3.2)


def learn(features: np.ndarray, said: Sequence[str]) -> Weights:
    """Weights fitted to judgements; ``said`` holds keys of ``JUDGED``. Newton's method, at most 50 steps."""
    start = shipped()
    wanted = np.asarray([JUDGED[word] for word in said], dtype=np.float64)
    if len(wanted) < ENOUGH or not (wanted < 0.5).any() or not (wanted > 0.5).any():
        return start
    x = np.column_stack([features.astype(np.float64), np.ones(len(features))])
    origin = np.asarray([*start.values, start.bias])
    beta = origin.copy()
    for _step in range(50):
        p = 1 / (1 + np.exp(-np.clip(x @ beta, -30, 30)))
        gradient = x.T @ (p - wanted) + RIDGE * (beta - origin)
        hessian = (x * (p * (1 - p))[:, None]).T @ x + RIDGE * np.eye(len(beta))
        step = np.linalg.solve(hessian, gradient)
        beta -= step
        if np.abs(step).max() < 1e-6:
            break
    # likeness never speaks against being alike, whatever a few odd judgements say
    values = tuple(float(max(value, 0.0)) for value in beta[:-1])
    return Weights(values, float(beta[-1]), "learned", len(wanted))
