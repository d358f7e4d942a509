"""Figures of a month: files by type, removed content by kind, refusals by reason."""

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Sum
from django.utils.translation import gettext as _

from sekisho.book.queries.files import spoken
from sekisho.gateway.models import Alert, Tally
from sekisho.people.models import Organisation
from sekisho.people.roles import Actor
from sekisho.sanitizer.filetypes import TYPES
from sekisho.sanitizer.words import all_words

_MOST = 200
_SOME_TYPE = "\0"
#: a place in brackets that only a single report could fill
_OPEN_PLACE = re.compile(rf"\s*[（(][^（()）]*[?{_SOME_TYPE}][^（()）]*[）)]")


@dataclass(frozen=True)
class Counted:
    """Something that was counted, in words."""

    key: str
    words: str
    count: int


def tallies(organisations: Iterable[Organisation], month: dt.date) -> dict[str, list[Counted]]:
    """What a month came to, by kind of figure, the most frequent first."""
    rows = Tally.objects.filter(organisation__in=list(organisations), month=month).order_by()
    found: dict[str, list[Counted]] = {kind: [] for kind in Tally.Kind.values}
    for row in rows.values("kind", "key").annotate(n=Sum("count")).order_by("-n", "key"):
        found[row["kind"]].append(Counted(row["key"], words_of(row["kind"], row["key"]), row["n"]))
    return found


def words_of(kind: str, key: str) -> str:
    """A type of file, or what a code means, in the reader's language."""
    if kind == Tally.Kind.TYPE:
        known = TYPES.get(key)
        return spoken({"ja": known.ja, "en": known.en}) if known else key
    return meaning_of(key)


def meaning_of(code: str) -> str:
    """What a code of the sanitizer means; other codes as they are."""
    words = all_words().get(code)
    if words is None:
        return code
    said = _OPEN_PLACE.sub("", spoken(words.filled({"type": _SOME_TYPE})))
    return said.replace("?", "…").replace(_SOME_TYPE, _("Such a file"))


def alerts_of(actor: Actor) -> list[Alert]:
    """Alerts this person watches over: open ones first, then the latest."""
    rows = Alert.objects.visible_to(actor).select_related("organisation", "seen_by", "transfer")
    return sorted(rows[:_MOST], key=lambda alert: alert.seen_at is not None)
