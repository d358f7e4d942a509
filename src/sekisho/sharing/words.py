"""Words of this app: its acts in a book's ledger, and reasons of likeness as sentences."""

from collections.abc import Iterable, Sequence

from django.utils.translation import get_language, gettext_lazy, gettext_noop
from django.utils.translation import gettext as _

from sekisho.analysis.similarity.facets import vocabulary

SHARING = gettext_lazy("Common platforms")
SIMILAR = gettext_lazy("Similar projects")

ACTS = {
    "similar.same": gettext_noop("%(actor)s said that “%(title)s” is the same thing as this project"),
    "similar.related": gettext_noop("%(actor)s said that “%(title)s” is related to this project"),
    "similar.different": gettext_noop("%(actor)s said that “%(title)s” is something else than this project"),
    "reuse.offered": gettext_noop("%(actor)s offered the common platform “%(title)s”"),
    "reuse.considered": gettext_noop("%(actor)s considers the common platform “%(title)s”"),
    "reuse.adopted": gettext_noop("%(actor)s adopted the common platform “%(title)s”"),
    "reuse.declined": gettext_noop("%(actor)s declined the common platform “%(title)s”: %(reason)s"),
    "reuse.confirmed": gettext_noop("%(actor)s confirmed what using “%(title)s” saved"),
    "proposal.made": gettext_noop("%(actor)s proposed to make this common with others: “%(title)s”"),
    "proposal.agreed": gettext_noop("%(actor)s agreed to the proposal “%(title)s”: %(reason)s"),
    "proposal.rejected": gettext_noop("%(actor)s decided not to pursue the proposal “%(title)s”: %(reason)s"),
    "proposal.done": gettext_noop("%(actor)s closed the proposal “%(title)s” as carried out: %(reason)s"),
}

_SENTENCES = {
    "same_text": gettext_lazy("Same text"),
    "named": gettext_lazy("One names the other"),
    "function": gettext_lazy("Shared functions: %(values)s"),
    "users": gettext_lazy("Shared users: %(values)s"),
    "data": gettext_lazy("Shared data: %(values)s"),
    "technology": gettext_lazy("Shared technology: %(values)s"),
    "procedure": gettext_lazy("Shared procedures: %(values)s"),
    "systems": gettext_lazy("Shared systems: %(values)s"),
    "terms": gettext_lazy("Shared words: %(values)s"),
    "partners": gettext_lazy("Same contractor: %(values)s"),
    "owner": gettext_lazy("Both of %(values)s"),
    "meaning": gettext_lazy("Similar meaning"),
}


def sentence(kind: str, values: Sequence[str]) -> str:
    """One reason in the active language; facets by their names."""
    names = {
        facet.code: facet.name(get_language() or "ja") for facet in vocabulary().facets if facet.kind == kind
    }
    shown = _(", ").join(names.get(value, value) for value in values)
    return str(_SENTENCES[kind]) % {"values": shown} if kind in _SENTENCES else shown


def sentences(reasons: Iterable[Sequence[object]]) -> list[str]:
    """Stored reasons, ``[[kind, [values]], …]``, in words."""
    return [sentence(str(kind), [str(v) for v in values]) for kind, values in reasons]  # type: ignore[attr-defined]
