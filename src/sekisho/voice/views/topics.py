"""Free texts of a wave by topic."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from sekisho.voice.queries.topics import READ, SHOWN, wave_topics
from sekisho.voice.views.waves import find_wave


@require_GET
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """Each question that asks for words: its topics, and the answers behind each."""
    _actor, wave = find_wave(request, pk)
    found = wave_topics(wave)
    context = {"wave": wave, "survey": wave.survey, "questions": found, "shown": SHOWN, "read": READ}
    return render(request, "voice/wave_topics.html", context)
