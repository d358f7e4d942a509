"""Why two projects are alike, as values that pages put into words."""

from dataclasses import dataclass

from sekisho.analysis.similarity.facets import vocabulary
from sekisho.analysis.similarity.learning import FEATURES
from sekisho.analysis.similarity.space import Match, Space, shared_path
from sekisho.analysis.similarity.text import is_word, surface

#: terms shown of one pair
SHOWN_TERMS = 5
#: a cosine above this reads as “says much the same”
CLOSE_MEANING = 0.6
#: sharing an owner that tells less than this, as half the portfolio does, is no reason
TELLING_OWNER = 0.25


@dataclass(frozen=True)
class Reason:
    """``kind``: same_text, named, function, users, data, technology, procedure, systems, terms, partners, owner or
    meaning. ``values``: codes of facets, or words as the texts have them.
    """

    kind: str
    values: tuple[str, ...] = ()


def reasons(space: Space, row: int, match: Match) -> tuple[Reason, ...]:
    """What two documents share, the plainest first; never empty for a match with a score."""
    mine, theirs = space.documents[row], space.documents[match.row]
    found: list[Reason] = []
    if space.digests[row] == space.digests[match.row]:
        found.append(Reason("same_text"))
    if space.names(row, match.row):
        found.append(Reason("named"))
    facets: dict[str, list[tuple[float, str]]] = {}
    for at, facet in enumerate(vocabulary().facets):
        if space.facets[row, at] and space.facets[match.row, at]:
            facets.setdefault(facet.kind, []).append((float(space.facet_weights[at]), facet.code))
    for kind, codes in facets.items():
        found.append(Reason(kind, tuple(code for _weight, code in sorted(codes, reverse=True)[:4])))
    for kind, shared in (("systems", mine.systems & theirs.systems), ("terms", None)):
        words = sorted(shared)[:SHOWN_TERMS] if shared is not None else shared_terms(space, row, match.row)
        if words:
            found.append(Reason(kind, tuple(words)))
    if mine.partners & theirs.partners:
        found.append(Reason("partners", tuple(sorted(mine.partners & theirs.partners)[:3])))
    depth = shared_path(mine.owner, theirs.owner)
    if depth and match.features[FEATURES.index("owner")] >= TELLING_OWNER:
        found.append(Reason("owner", (mine.owner[depth - 1],)))
    if not found or _likeness(space, row, match.row) >= CLOSE_MEANING:
        found.append(Reason("meaning"))
    return tuple(found)


def _likeness(space: Space, row: int, other: int) -> float:
    return float(space.vectors[row] @ space.vectors[other]) if space.vectors is not None else 0.0


def shared_terms(space: Space, row: int, other: int) -> list[str]:
    """Words both texts have that tell most; one that lies within another is left out."""
    columns, values = space.words.row(row)
    theirs = dict(zip(*(part.tolist() for part in space.words.row(other)), strict=True))
    shared = [
        (value * theirs[column], space.words.terms[column])
        for column, value in zip(columns.tolist(), values.tolist(), strict=True)
        if column in theirs and is_word(space.words.terms[column])
    ]
    kept: list[str] = []
    for _weight, term in sorted(shared, reverse=True):
        if not any(term in word or word in term for word in kept):
            kept.append(surface(term, f"{space.texts[row]} {space.texts[other]}"))
        if len(kept) == SHOWN_TERMS:
            break
    return kept
