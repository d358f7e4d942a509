"""The index for very many vectors finds nearly what the exact product finds."""

import numpy as np
import pytest

from sekisho.analysis.similarity.index import Exact, index


def unit(count: int, width: int) -> np.ndarray:
    rng = np.random.default_rng(1)
    centres = rng.standard_normal((max(count // 50, 1), width))
    made = centres[rng.integers(0, len(centres), count)] + 0.5 * rng.standard_normal((count, width))
    return (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)


def test_few_vectors_are_searched_exactly() -> None:
    vectors = unit(50, 8)
    found = index(vectors)
    assert isinstance(found, Exact)
    assert found.search(vectors[3], 5)[0] == 3
    assert len(found.search(vectors[0], 500)) == 50
    assert not len(Exact(vectors[:0]).search(vectors[0], 5))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_many_vectors_keep_their_recall() -> None:
    pytest.importorskip("faiss")
    vectors = unit(20_000, 32)
    quick, exact = index(vectors, exact_up_to=1000), Exact(vectors)
    kept = [len(set(quick.search(v, 10)) & set(exact.search(v, 10))) / 10 for v in vectors[::400]]
    assert sum(kept) / len(kept) >= 0.95
