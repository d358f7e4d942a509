"""Results of a wave by group, and choosing the groups."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sekisho.errors import SekishoError
from sekisho.voice.definition import Definition
from sekisho.voice.models import Wave
from sekisho.voice.queries.breakdown import group_tables, group_titles, weighted_satisfaction
from sekisho.voice.queries.kano import kano_questions
from sekisho.voice.queries.means import means_by_group
from sekisho.voice.queries.surveys import may_change
from sekisho.voice.services.breakdown import (
    PLACE,
    choose_groups,
    count_groups,
    groupings,
    known_groups,
    set_populations,
)
from sekisho.voice.views.waves import find_wave

#: waves larger than this are counted by the job of the next minute, not while somebody waits
AT_ONCE = 5000


@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """Tables by group; posting chooses the groups, or says how many people each has."""
    actor, wave = find_wave(request, pk)
    refused = ""
    if request.method == "POST":
        try:
            _act(request, wave)
            return redirect("voice:wave_groups", pk)
        except SekishoError as error:
            refused = str(error)
            wave.refresh_from_db()
    definition = Definition.from_document(wave.document)
    groups = group_titles(wave, known_groups(wave)) if wave.grouped_at else {}
    context = {
        "wave": wave,
        "survey": wave.survey,
        "tables": group_tables(wave) if wave.grouped_at else [],
        "means": means_by_group(wave) if wave.grouped_at else [],
        "weighted": weighted_satisfaction(wave) if wave.grouped_at else None,
        "groups": [
            (group, title, request.POST.get(f"n-{group}", wave.populations.get(group, "")))
            for group, title in groups.items()
        ],
        "choices": groupings(definition),
        "kano": kano_questions(wave) if wave.grouped_at else [],
        "by": definition.question(wave.group_by),
        "place": PLACE,
        "refused": refused,
        "may_edit": may_change(actor, wave.survey),
    }
    return render(request, "voice/wave_groups.html", context, status=422 if refused else 200)


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
