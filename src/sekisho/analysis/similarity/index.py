"""Nearest vectors among very many. Up to 200,000 one matrix product is exact and quick enough; above, an inverted file
with 8-bit codes (faiss, IVF-SQ8) finds at least 95 in 100 of the exact ones (docs/similarity.md).
"""

import importlib.util
from typing import Any, Protocol

import numpy as np

#: up to this many vectors the exact product is used
EXACT_UP_TO = 200_000
#: vectors that the inverted file is trained on, per list
_TRAINED_ON = 40


class Index(Protocol):
    """Finds the rows whose vectors have the largest inner product with one vector."""

    def search(self, vector: np.ndarray, limit: int) -> np.ndarray:
        """Row numbers, the nearest first; at most ``limit``."""


class Exact:
    """One matrix product over all rows."""

    def __init__(self, vectors: np.ndarray) -> None:
        self.vectors = vectors

    def search(self, vector: np.ndarray, limit: int) -> np.ndarray:
        """Row numbers, the nearest first."""
        scores = self.vectors @ vector
        wanted = min(limit, len(scores))
        if not wanted:
            return np.zeros(0, dtype=np.int64)
        best = np.argpartition(-scores, wanted - 1)[:wanted]
        return best[np.argsort(-scores[best], kind="stable")]


class InvertedFile:
    """faiss IVF with 8-bit codes over unit vectors. ``probed``: lists that one search opens."""

    def __init__(self, vectors: np.ndarray, *, probed: int = 32) -> None:
        import faiss

        faiss.omp_set_num_threads(2)
        count, width = vectors.shape
        lists = max(1, min(int(4 * count**0.5), count // _TRAINED_ON))
        coarse = faiss.IndexFlatIP(width)
        made: Any = faiss.IndexIVFScalarQuantizer(
            coarse, width, lists, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
        )
        chosen = np.random.default_rng(0).permutation(count)[: lists * _TRAINED_ON]
        made.train(np.ascontiguousarray(vectors[chosen]))
        for start in range(0, count, 100_000):
            made.add(np.ascontiguousarray(vectors[start : start + 100_000]))
        made.nprobe = min(probed, lists)
        self._index, self._vectors = made, vectors

    def search(self, vector: np.ndarray, limit: int) -> np.ndarray:
        """Row numbers, the nearest first: three times as many by code, put in order by the vectors themselves."""
        _scores, rows = self._index.search(vector[None, :], 3 * limit)
        found = rows[0][rows[0] >= 0]
        return found[np.argsort(-(self._vectors[found] @ vector), kind="stable")][:limit]


def index(vectors: np.ndarray, *, exact_up_to: int = EXACT_UP_TO) -> Index:
    """The index for so many vectors: exact when they are few, or when faiss is not installed (slower, never wrong)."""
    if len(vectors) <= exact_up_to or importlib.util.find_spec("faiss") is None:
        return Exact(vectors)
    return InvertedFile(vectors)
