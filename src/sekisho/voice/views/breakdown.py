"""Results of a wave by group, and choosing the groups."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sekisho.errors import SekishoError
from sekisho.people.permissions import actor_of
from sekisho.voice.cells import PLACE
from sekisho.voice.definition import Definition
from sekisho.voice.models import Wave
from sekisho.voice.queries.breakdown import group_tables, group_titles, weighted_satisfaction
from sekisho.voice.queries.kano import kano_questions
from sekisho.voice.queries.means import means_by_group
from sekisho.voice.queries.surveys import may_change
from sekisho.voice.services.breakdown import (
    choose_groups,
    count_groups,
    groupings,
    known_groups,
    set_populations,
)
from sekisho.voice.views.waves import find_wave

#: waves larger than this are counted by the job of the next minute, not while somebody waits
AT_ONCE = 5000
_NOTHING_YET: dict[str, Any] = {"tables": [], "means": [], "weighted": None, "groups": [], "kano": []}


@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """Tables by group; posting chooses the groups, or says how many people each has."""
    _actor, wave = find_wave(request, pk)
    refused = ""
    if request.method == "POST":
        try:
            _act(request, wave)
            return redirect("voice:wave_groups", pk)
        except SekishoError as error:
            refused = str(error)
            wave.refresh_from_db()
    context = {**_asked(request, wave), "refused": refused}
    context |= _results(request, wave) if wave.grouped_at else _NOTHING_YET
    return render(request, "voice/wave_groups.html", context, status=422 if refused else 200)


def _asked(request: HttpRequest, wave: Wave) -> dict[str, Any]:
    """The wave, and by what it is broken down or may be."""
    definition = Definition.from_document(wave.document)
    return {
        "wave": wave,
        "survey": wave.survey,
        "choices": groupings(definition),
        "by": definition.question(wave.group_by),
        "place": PLACE,
        "may_edit": may_change(actor_of(request.user), wave.survey),
    }


def _results(request: HttpRequest, wave: Wave) -> dict[str, Any]:
    """What was counted by group, and how many people each has in the population, as entered last."""
    groups = group_titles(wave, known_groups(wave))
    return {
        "tables": group_tables(wave),
        "means": means_by_group(wave),
        "weighted": weighted_satisfaction(wave),
        "groups": [
            (group, title, request.POST.get(f"n-{group}", wave.populations.get(group, "")))
            for group, title in groups.items()
        ],
        "kano": kano_questions(wave),
    }


def _act(request: HttpRequest, wave: Wave) -> None:
    if "group_by" in request.POST:
        choose_groups(request.user, wave, request.POST["group_by"])
        if wave.responses.all()[: AT_ONCE + 1].count() <= AT_ONCE:
            count_groups(wave)
        messages.success(request, _("Chosen."))
    else:
        given = {name[2:]: str(value) for name, value in request.POST.items() if name.startswith("n-")}
        set_populations(request.user, wave, given)
        messages.success(request, _("Saved."))
