"""Words of this app: its acts in a book's ledger, and reasons of likeness as sentences."""

from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import get_language, gettext_lazy, gettext_noop
from django.utils.translation import gettext as _

from sekisho.analysis.similarity.facets import vocabulary
from sekisho.web.formats import fiscal_year

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
    "succession.leads": gettext_noop(
        "%(actor)s confirmed that this project lives on as “%(title)s” from fiscal year %(year)s"
    ),
    "succession.follows": gettext_noop(
        "%(actor)s confirmed that this project continues “%(title)s” from fiscal year %(year)s"
    ),
    "succession.kept": gettext_noop(
        "%(actor)s confirmed that “%(title)s” is still the same project in fiscal year %(year)s"
    ),
    "succession.denied": gettext_noop(
        "%(actor)s said that “%(title)s” is another project than this in fiscal year %(year)s"
    ),
    "succession.reopened": gettext_noop(
        "%(actor)s took back what was said of “%(title)s” in fiscal year %(year)s"
    ),
    "proposal.made": gettext_noop("%(actor)s proposed to make this common with others: “%(title)s”"),
    "proposal.agreed": gettext_noop("%(actor)s agreed to the proposal “%(title)s”: %(reason)s"),
    "proposal.rejected": gettext_noop("%(actor)s decided not to pursue the proposal “%(title)s”: %(reason)s"),
    "proposal.progressed": gettext_noop("%(actor)s reported on the proposal “%(title)s”: %(reason)s"),
    "proposal.done": gettext_noop("%(actor)s closed the proposal “%(title)s” as carried out: %(reason)s"),
}

#: acts on a proposal as its own page names them
PROPOSAL = {
    "proposal.made": gettext_lazy("Proposed"),
    "proposal.agreed": gettext_lazy("Agreed"),
    "proposal.rejected": gettext_lazy("Not pursued"),
    "proposal.progressed": gettext_lazy("Progress"),
    "proposal.done": gettext_lazy("Carried out"),
}

YEARS = gettext_lazy("Year over year")
LIFE = gettext_lazy("Over the years")

#: why a project of one year is one of the next
SUCCESSION = {
    "said": gettext_lazy("People said so"),
    "same_id": gettext_lazy("Same id"),
    "same_name": gettext_lazy("Same name"),
    "title": gettext_lazy("Similar name"),
    "text": gettext_lazy("Text alike to %(values)s %%"),
    "named": gettext_lazy("One tells the other's name"),
    "owner": gettext_lazy("Both of %(values)s"),
    "successor": gettext_lazy("Its section was succeeded by another: %(values)s"),
    "money_same": gettext_lazy("The same amounts for %(values)s"),
    "money_size": gettext_lazy("Similar amounts"),
    "money_sum": gettext_lazy("The amounts add up"),
    "id_alone": gettext_lazy("But name and text are others"),
    "nothing_like": gettext_lazy("Nothing like it in the other year"),
}


def why_succession(reasons: Iterable[Sequence[object]], names: Mapping[str, str] | None = None) -> list[str]:
    """Stored reasons of a succession, ``[[kind, [values]], …]``, in words; ``names`` as in ``sentence``."""
    known = names or {}
    return [
        str(SUCCESSION[str(kind)])
        % {"values": _(", ").join(known.get(str(value), str(value)) for value in values)}  # type: ignore[attr-defined]
        for kind, values in reasons
        if kind in SUCCESSION
    ]


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


def sentence(kind: str, values: Sequence[str], names: Mapping[str, str] | None = None) -> str:
    """One reason in the active language; facets by their names. ``names``: those of organisations in that language, by
    the ones that are stored.
    """
    language = get_language() or "ja"
    known = {facet.code: facet.name(language) for facet in vocabulary().facets if facet.kind == kind}
    if kind == "owner":
        known = dict(names or {})
    shown = _(", ").join(known.get(value, value) for value in values)
    return str(_SENTENCES[kind]) % {"values": shown} if kind in _SENTENCES else shown


def sentences(reasons: Iterable[Sequence[object]], names: Mapping[str, str] | None = None) -> list[str]:
    """Stored reasons, ``[[kind, [values]], …]``, in words; ``names`` as in ``sentence``."""
    return [sentence(str(kind), [str(v) for v in values], names) for kind, values in reasons]  # type: ignore[attr-defined]


def same_book() -> str:
    """Why a book that stands in both years under one name needs no other reason."""
    return why_succession([["same_id", []]])[0]


def listed_elsewhere(kind: str, year: int) -> str:
    """Where the lists name a project that one of two years leaves out."""
    said = _("Listed again in %(year)s") if kind == "absent" else _("Last listed in %(year)s")
    return said % {"year": fiscal_year(year, get_language())}


#: what became of projects from one year to the next
KINDS = {
    "continued": gettext_lazy("Continued"),
    "renamed": gettext_lazy("Renamed"),
    "merged": gettext_lazy("Merged"),
    "split": gettext_lazy("Split"),
    "absent": gettext_lazy("Not listed, listed again later"),
    "returned": gettext_lazy("Listed again"),
    "ended": gettext_lazy("Ended"),
    "new": gettext_lazy("New"),
}
