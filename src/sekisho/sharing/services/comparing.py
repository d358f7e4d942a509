"""Keeping what is alike: vectors of books, their neighbours, matching platforms, groups of duplicates."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from sekisho.analysis.similarity.embedding import embed, encoder
from sekisho.analysis.similarity.groups import group
from sekisho.analysis.similarity.reasons import reasons
from sekisho.analysis.similarity.space import Match, Space
from sekisho.book.models import Project
from sekisho.sharing.documents import documents, portfolio, verdicts
from sekisho.sharing.models import Embedding, Likeness, Neighbour, Platform, PlatformMatch
from sekisho.sharing.queries.years import unlisted
from sekisho.sharing.services import years

#: books kept as the likest of each
KEPT = 20
#: probability from which a platform fits, and from which the plan gate asks for an answer
FITS, CLOSE = 0.12, 0.3
_BATCH = 200
#: up to this many books whole years are compared at once, in a few seconds
_AT_ONCE = 2000
#: engine of books that were compared by words alone
WORDS = "words"


def engine() -> str:
    """Name of what embeds here."""
    model = encoder()
    return model.name if model else WORDS


def uncompared() -> list[int]:
    """Keys of books that were embedded, here or by a command, and not yet compared with the others."""
    waiting = Embedding.objects.filter(compared_at=None).order_by("project_id")
    return list(waiting.values_list("project_id", flat=True))


def stale() -> list[int]:
    """Keys of books that changed since they were looked at, or were embedded by another engine."""
    fresh = Q(embedding__engine=engine(), embedding__checked_at__gte=F("updated_at"))
    return list(Project.objects.exclude(fresh).order_by("pk").values_list("pk", flat=True))


def refresh_embeddings(
    keys: Sequence[int] | None = None, *, progress: Callable[[int, int], None] | None = None
) -> list[int]:
    """Embed books whose text is new; the same text is embedded once. Keys of books whose text changed.

    May run twice at once or be cut off: each batch stands for itself.
    """
    wanted, changed = stale() if keys is None else list(keys), []
    for start in range(0, len(wanted), _BATCH):
        changed += _embed_batch(wanted[start : start + _BATCH])
        if progress:
            progress(min(start + _BATCH, len(wanted)), len(wanted))
    return changed


def _embed_batch(keys: Sequence[int]) -> list[int]:
    model, now = encoder(), timezone.now()
    found = documents(keys)
    had = {one.project_id: one for one in Embedding.objects.filter(project__in=keys)}
    digests = {book.key: book.digest for book in found}
    new = [
        book
        for book in found
        if book.key not in had
        or had[book.key].digest != digests[book.key]
        or had[book.key].engine != engine()
    ]
    vectors = _known_vectors({digests[book.key] for book in new})
    missing = {digests[book.key]: book for book in new if digests[book.key] not in vectors}
    if model and missing:
        made = embed(model, [book.embedded for book in missing.values()])
        vectors |= {digest: row.tobytes() for digest, row in zip(missing, made, strict=True)}
    rows = [
        Embedding(
            project_id=book.key,
            digest=digests[book.key],
            engine=engine(),
            vector=vectors.get(digests[book.key], b""),
            checked_at=now,
            compared_at=None,
        )
        for book in new
    ]
    with transaction.atomic():
        Embedding.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["project"],
            update_fields=["digest", "engine", "vector", "checked_at", "compared_at"],
        )
        Embedding.objects.filter(project__in=[key for key in digests if key in had]).update(checked_at=now)
    return [book.key for book in new]


def _known_vectors(digests: Iterable[str]) -> dict[str, bytes]:
    stored = Embedding.objects.filter(digest__in=list(digests), engine=engine()).order_by()
    return {digest: bytes(vector) for digest, vector in stored.values_list("digest", "vector")}


def compare(keys: Sequence[int] | None = None, *, space: Space | None = None) -> int:
    """Store neighbours and matching platforms of these books (None: of all); how many were compared."""
    platforms = list(Platform.objects.filter(is_offered=True))
    space = space or portfolio(platforms)
    wanted = None if keys is None else set(keys)
    count, books = 0, sum(document.key > 0 for document in space.documents)
    only = np.arange(len(space.documents)) < books
    offered = np.arange(books, len(space.documents))
    for row in range(books):
        key = space.documents[row].key
        if wanted is None or key in wanted:
            _store(space, row, space.neighbours(row, KEPT, only=only), offered)
            count += 1
    return count


def _store(space: Space, row: int, found: Sequence[Match], offered: np.ndarray) -> None:
    key = space.documents[row].key
    features = space.features(row, offered)
    scores = space.weights.probability(features)
    fitting = [
        Match(int(at), float(score), tuple(map(float, line)))
        for at, score, line in zip(offered, scores, features, strict=True)
        if score >= FITS and space.said[row]
    ]
    with transaction.atomic():
        Neighbour.objects.filter(project=key).delete()
        PlatformMatch.objects.filter(project=key).delete()
        Neighbour.objects.bulk_create(
            Neighbour(
                project_id=key,
                other_id=space.documents[match.row].key,
                rank=rank,
                score=match.score,
                reasons=_plain(space, row, match),
                copies=len(match.copies),
            )
            for rank, match in enumerate(found, 1)
        )
        PlatformMatch.objects.bulk_create(
            PlatformMatch(
                project_id=key,
                platform_id=-space.documents[match.row].key,
                score=match.score,
                close=match.score >= CLOSE,
                reasons=_plain(space, row, match),
            )
            for match in fitting
        )
        # a text that changed meanwhile still waits
        Embedding.objects.filter(project=key, digest=space.documents[row].digest).update(
            compared_at=timezone.now()
        )


def _plain(space: Space, row: int, match: Match) -> list[Any]:
    return [[one.kind, list(one.values)] for one in reasons(space, row, match)]


def refresh_all_texts(
    *, everything: bool = False, progress: Callable[[int, int], None] | None = None
) -> list[int]:
    """Embed what changed and tell its years anew, then find what became of each year's projects in the next. Keys of
    books whose text changed.

    In a large record a few changed books wait for the night: comparing whole years for each of them takes too long.
    """
    wanted = stale()
    listed = sorted({*wanted, *unlisted().order_by().values_list("pk", flat=True)})
    changed = refresh_embeddings(wanted, progress=progress)
    touched = years.keep_listings(None if everything else listed)
    count = Project.objects.count()
    if everything:
        touched |= years.latest_year()
    elif count > _AT_ONCE and len(listed) * 10 < count:
        return changed
    for pair in years.pairs_of(touched):
        years.compare_years(*pair)
    return changed


def refresh(*, everything: bool = False) -> dict[str, int]:
    """Bring vectors, neighbours, matches and years up to date; with ``everything`` (nightly) the groups as well."""
    changed = refresh_all_texts(everything=everything)
    waiting = uncompared()
    if not waiting and not everything:
        return {"embedded": len(changed), "compared": 0}
    space = portfolio(list(Platform.objects.filter(is_offered=True)))
    # new text moves the neighbours of others as well: at once when much is new, else in the night
    many = everything or len(waiting) * 10 > len(space.documents)
    compared = compare(None if many else waiting, space=space)
    if many:
        keep_groups(space)
    return {"embedded": len(changed), "compared": compared}


def keep_groups(space: Space | None = None) -> int:
    """Find groups of likely duplicates over the whole portfolio anew; their number."""
    space = space or portfolio()
    money = dict(Project.objects.order_by().values_list("pk", "money_this_year"))
    now = timezone.now()
    groups = group(space, told=verdicts(space))
    with transaction.atomic():
        Likeness.objects.all().delete()
        for one in groups:
            keys = [key for row in one.rows if (key := space.documents[row].key) > 0]
            if len(keys) > 1:
                total = sum(money.get(key, 0) for key in keys)
                Likeness.objects.create(score=one.score, money=total, found_at=now).projects.set(keys)
    return Likeness.objects.count()
