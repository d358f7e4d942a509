"""Results of a wave by group, and choosing the groups."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sekisho.errors import SekishoError
from sekisho.voice.definition import Definition
from sekisho.voice.queries.breakdown import group_tables
from sekisho.voice.services.breakdown import PLACE, choose_groups, count_groups, groupings
from sekisho.voice.views.usertests import may_edit
from sekisho.voice.views.waves import find_wave

#: waves larger than this are counted by the job of the next minute, not while somebody waits
AT_ONCE = 5000


@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """Tables by group; posting chooses the groups."""
    actor, wave = find_wave(request, pk)
    if request.method == "POST":
        try:
            choose_groups(request.user, wave, request.POST.get("group_by", ""))
            if wave.responses.all()[: AT_ONCE + 1].count() <= AT_ONCE:
                count_groups(wave)
            messages.success(request, _("Chosen."))
        except SekishoError as error:
            messages.error(request, str(error))
        return redirect("voice:wave_groups", pk)
    definition = Definition.from_document(wave.document)
    context = {
        "wave": wave,
        "survey": wave.survey,
        "tables": group_tables(wave) if wave.grouped_at else [],
        "choices": groupings(definition),
        "by": definition.question(wave.group_by),
        "place": PLACE,
        "may_edit": may_edit(actor, wave.survey.project),
    }
    return render(request, "voice/wave_groups.html", context)
