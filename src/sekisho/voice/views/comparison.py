"""Two waves beside each other: what rose, what fell, and what cannot be said."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from sekisho.analysis.words import verdict
from sekisho.voice.models import Wave
from sekisho.voice.queries.comparison import compare_waves, others_of, wave_before
from sekisho.voice.views.waves import find_wave
from sekisho.web.asked import whole_number

MOST = 100


@require_GET
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """A wave against the one before it, or against that of ``?with=``."""
    _actor, wave = find_wave(request, pk)
    other = _chosen(request, wave)
    before, after = sorted((other or wave, wave), key=lambda one: (one.opened_at, one.pk))
    found = compare_waves(before, after) if other else None
    context = {
        "wave": wave,
        "survey": wave.survey,
        "other": other,
        "before": before,
        "after": after,
        "others": others_of(wave)[:MOST],
        "found": found,
        "questions": [
            (one, [(c, verdict(c.verdict, c.before, c.after, _)) for c in one.drift])
            for one in (found.compared if found else ())
        ],
    }
    return render(request, "voice/wave_compare.html", context)


def _chosen(request: HttpRequest, wave: Wave) -> Wave | None:
    given = request.GET.get("with", "")
    if not given:
        return wave_before(wave)
    other = others_of(wave).filter(pk=whole_number(given) or 0).first()
    if other is None:
        raise Http404(_("There is no such wave of this service."))
    return other
