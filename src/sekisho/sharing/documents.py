"""Books and platforms as documents that the pure core compares. A fixed number of queries."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import numpy as np

from sekisho.analysis.similarity.embedding import DIMENSIONS, embed, encoder
from sekisho.analysis.similarity.learning import Weights, learn, shipped
from sekisho.analysis.similarity.space import Document, Space
from sekisho.book.models import Contract, ExternalId, Goal, Interface, Module, Project
from sekisho.people.models import Organisation
from sekisho.sharing.models import Embedding, Judgement, Platform

#: characters of goals and contract titles that count; more drowns what the book says of itself
_MORE = 1500


def documents(keys: Collection[int] | None = None) -> list[Document]:
    """All books as documents in the order of their keys, or those of some keys."""
    chosen = Project.objects.order_by("pk")
    if keys is not None:
        chosen = chosen.filter(pk__in=list(keys))
    rows = list(chosen.values("pk", "name", "name_en", "purpose", "summary", "owner__path"))
    more: dict[int, list[str]] = defaultdict(list)
    systems: dict[int, set[str]] = defaultdict(set)
    partners: dict[int, set[str]] = defaultdict(set)
    narrow: dict[str, Any] = {} if keys is None else {"project__in": list(keys)}
    for pk, text in Goal.objects.filter(**narrow).order_by("pk").values_list("project_id", "text"):
        more[pk].append(text)
    contracts = Contract.objects.filter(**narrow).order_by("pk")
    for pk, title, name in contracts.values_list("project_id", "title", "contractor__name"):
        more[pk].append(title)
        partners[pk].add(name)
    for pk, name in Interface.objects.filter(**narrow).order_by().values_list("project_id", "counterpart"):
        systems[pk].add(name)
    for pk, name in Module.objects.filter(**narrow).order_by().values_list("project_id", "name"):
        systems[pk].add(name)
    aside = _beside_the_ids(narrow)
    paths = _owners(row["owner__path"] for row in rows)
    return [
        Document(
            key=row["pk"],
            title=row["name"],
            title_en=row["name_en"],
            purpose=row["purpose"],
            summary=row["summary"],
            more=" ".join(dict.fromkeys(more[row["pk"]]))[:_MORE],
            aside=aside.get(row["pk"], ""),
            owner=paths[row["owner__path"]],
            systems=frozenset(systems[row["pk"]]),
            partners=frozenset(partners[row["pk"]]),
        )
        for row in rows
    ]


def _beside_the_ids(narrow: dict[str, Any]) -> dict[int, str]:
    """What sources said beyond the fields of a book: its present state and issues, and remarks."""
    found: dict[int, list[str]] = defaultdict(list)
    kept = ExternalId.objects.filter(**narrow).exclude(imported={}).order_by("pk")
    for pk, texts in kept.values_list("project_id", "imported__texts"):
        found[pk] += (texts or {}).values()
    return {pk: " ".join(texts) for pk, texts in found.items()}


def _owners(used: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Names from the top down by path, without the levels that all owners share: those tell nothing."""
    names = dict(Organisation.objects.order_by().values_list("pk", "name"))
    keys = {path: [int(part) for part in path.strip("/").split("/") if part] for path in used}
    shared = 0
    if len(keys) > 1:
        for level in zip(*keys.values(), strict=False):
            if len(set(level)) > 1:
                break
            shared += 1
    return {path: tuple(names.get(key, "") for key in found[shared:]) for path, found in keys.items()}


def platform_documents(platforms: Sequence[Platform]) -> list[Document]:
    """Platforms as documents; their keys are negative, so that no book has them."""
    return [
        Document(-one.pk, one.name, purpose=one.does, summary=one.does_en, title_en=one.name_en)
        for one in platforms
    ]


def portfolio(platforms: Sequence[Platform] = (), *, learned: bool = True) -> Space:
    """Every book, then these platforms, with the vectors as stored and the weights people taught."""
    books = documents()
    every = [*books, *platform_documents(platforms)]
    space = Space(every, _vectors(books, every), shipped())
    if learned:
        space.weights = weights(space)
    return space


def _vectors(books: list[Document], every: list[Document]) -> np.ndarray | None:
    model = encoder()
    if model is None:
        return None
    made = np.zeros((len(every), DIMENSIONS), dtype=np.float32)
    stored = Embedding.objects.filter(engine=model.name).order_by()
    rows = {book.key: row for row, book in enumerate(books)}
    for pk, vector in stored.values_list("project_id", "vector").iterator(chunk_size=2000):
        if pk in rows and len(vector) == DIMENSIONS * 4:
            made[rows[pk]] = np.frombuffer(bytes(vector), dtype=np.float32)
    if len(every) > len(books):
        made[len(books) :] = embed(model, [one.embedded for one in every[len(books) :]])
    return made


def verdicts(space: Space) -> dict[tuple[int, int], bool]:
    """Pairs of rows, the lower first, that more people call the same than different (True), or the other way round."""
    rows = {document.key: row for row, document in enumerate(space.documents)}
    said: dict[tuple[int, int], Counter[str]] = defaultdict(Counter)
    for first, second, verdict in Judgement.objects.order_by().values_list(
        "first_id", "second_id", "verdict"
    ):
        if first in rows and second in rows:
            one, other = sorted((rows[first], rows[second]))
            said[one, other][verdict] += 1
    told = {pair: Judgement.calls_same(votes) for pair, votes in said.items()}
    return {pair: same for pair, same in told.items() if same is not None}


def weights(space: Space) -> Weights:
    """Fitted to what people said of pairs; the shipped ones while that is too little."""
    rows = {document.key: row for row, document in enumerate(space.documents)}
    said = [
        (rows[one], rows[other], verdict)
        for one, other, verdict in Judgement.objects.order_by("pk").values_list(
            "first_id", "second_id", "verdict"
        )
        if one in rows and other in rows
    ]
    if not said:
        return shipped()
    features = np.concatenate([space.features(one, np.asarray([other])) for one, other, _verdict in said])
    return learn(features, [verdict for _one, _other, verdict in said])
