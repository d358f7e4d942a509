"""Texts kept apart for pages: of each question the ``Excerpt.KEPT`` that come first in an order left to chance, so that a page reads
a few hundred neighbouring rows however many people wrote.

The order hangs on the random key of the response and differs from question to question: two texts of one person cannot be
put together by their place. The first of a random order are a fair sample of all.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sekisho.voice.cells import text_codes
from sekisho.voice.definition import Definition
from sekisho.voice.models import Excerpt, Response, Wave


def place_of(code: str, key: Any) -> str:
    """Where the text of a response stands among those of its question: sixteen hexadecimal digits."""
    return hashlib.sha256(f"{code}{key}".encode()).hexdigest()[:16]


def keep(wave: Wave, definition: Definition, rows: Iterable[Response]) -> None:
    """Keep the texts of responses that are counted now, as far as they come before those kept already."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for code, place, text in _texts(definition, ((row.pk, row.answers) for row in rows)):
        found[code].append((place, text))
    for code, pairs in found.items():
        last = _last(wave, code)
        fresh = [Excerpt(wave=wave, question=code, place=p, text=t) for p, t in pairs if not last or p < last]
        Excerpt.objects.bulk_create(fresh, batch_size=500)
        if fresh and (last := _last(wave, code)):
            Excerpt.objects.filter(wave=wave, question=code, place__gt=last).delete()


def forget(wave: Wave, definition: Definition, rows: Iterable[Response]) -> None:
    """Forget the texts of responses that are taken back. Where more were given than are kept, the next one takes the free
    place when everything is counted again at night."""
    for code, place, _text in _texts(definition, ((row.pk, row.answers) for row in rows)):
        Excerpt.objects.filter(wave=wave, question=code, place=place).delete()


def are_exact(wave: Wave, definition: Definition, rows: Iterable[tuple[Any, Mapping[str, Any]]]) -> bool:
    """Whether the texts kept are those that (key, answers) of all counted responses say."""
    wanted: dict[str, list[str]] = defaultdict(list)
    for code, place, _text in _texts(definition, rows):
        wanted[code].append(place)
        if len(wanted[code]) > 2 * Excerpt.KEPT:
            wanted[code] = sorted(wanted[code])[: Excerpt.KEPT]
    kept = Excerpt.objects.filter(wave=wave).order_by().values_list("question", "place")
    return set(kept) == {
        (code, place) for code, places in wanted.items() for place in sorted(places)[: Excerpt.KEPT]
    }


def _texts(
    definition: Definition, rows: Iterable[tuple[Any, Mapping[str, Any]]]
) -> Iterator[tuple[str, str, str]]:
    codes = text_codes(definition)
    for key, answers in rows:
        for code in codes:
            if text := answers.get(code):
                yield code, place_of(code, key), text


def _last(wave: Wave, code: str) -> str:
    """The place of the last text that is kept; empty while there is room for more."""
    places = (
        Excerpt.objects.filter(wave=wave, question=code).order_by("place").values_list("place", flat=True)
    )
    return next(iter(places[Excerpt.KEPT - 1 : Excerpt.KEPT]), "")
