"""Pages of the quality level: the roadmap over all services, and one service explained."""

from collections.abc import Container

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from sekisho.book import fiscal
from sekisho.book.models import Project
from sekisho.people.permissions import actor_of
from sekisho.voice.lists import levels_file
from sekisho.voice.quality import BELOW, current_rule
from sekisho.voice.queries import quality as read
from sekisho.voice.services.quality import judge_now
from sekisho.web.asked import stretch_of
from sekisho.web.lists import asked_format

PAGE_SIZE = 100


@require_GET
def roadmap(request: HttpRequest) -> HttpResponseBase:
    """How many services stand at which level, year by year, and what they lack for the next; ``?level=`` lists those of one
    level this year, ``?lacks=`` those that lack what a measure tells."""
    actor, rule = actor_of(request.user), current_rule()
    codes = [BELOW, *(level.code for level in rule.levels)]
    level, lacks = _one_of(request, "level", codes), _one_of(request, "lacks", rule.measures)
    years = read.roadmap(actor, rule)
    year = years[-1].fiscal_year if years else fiscal.fiscal_year_of(timezone.localdate())
    listed = read.levels_of_year(actor, year, level)
    if lacks:
        listed = listed.filter(pk__in=read.lacking(actor, rule, year, lacks))
    if fmt := asked_format(request):
        return levels_file(fmt, listed, rule)
    found = stretch_of(listed, request.GET.get("after", ""), PAGE_SIZE)
    context = {
        "rule": rule,
        "years": years,
        "top": codes[-1],
        "now": years[-1] if years else None,
        "level": level,
        "levels": [(code, read.title(rule, code)) for code in codes],
        "services": [(row, read.title(rule, row.level), read.lacks_of(rule, row)) for row in found.rows],
        "lacks": read.lacks_of_year(actor, rule, year),
        "lacks_one": lacks,
        "more": found.more,
    }
    return render(request, "voice/quality.html", context)


def _one_of(request: HttpRequest, name: str, known: Container[str]) -> str:
    """What the address asks for by this name; "" when it is none of those known."""
    asked = request.GET.get(name, "")
    return asked if asked in known else ""


@require_GET
def service(request: HttpRequest, code: str) -> HttpResponse:
    """One service: its level now, need by need, and in each fiscal year."""
    seen = Project.objects.visible_to(actor_of(request.user)).select_related("owner")
    project = get_object_or_404(seen, code=code.replace("\x00", ""))
    rule, judgement = current_rule(), judge_now(project)
    history = [(row, read.title(rule, row.level)) for row in read.history(project)]
    context = {
        "project": project,
        "rule": rule,
        "source": rule.source,
        "judgement": judgement,
        "level": read.title(rule, judgement.level),
        "next": read.title(rule, judgement.next_level) if judgement.next_level else "",
        "levels": read.explained(rule, judgement, project),
        "history": history,
        "in_use": project.releases.filter(state="released").exists(),
    }
    return render(request, "voice/quality_service.html", context)
