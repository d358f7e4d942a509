"""Deciding what is public: fields for all, services one by one, each with a preview and a delay."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sekisho.book.models import Project
from sekisho.errors import SekishoError
from sekisho.people.permissions import actor_of, require
from sekisho.portfolio.public import queries, rendering
from sekisho.portfolio.public.dictionary import dictionary
from sekisho.portfolio.public.models import PublicationDecision, PublicEntry
from sekisho.portfolio.public.office import Asked, after_all, field_lines, preview_document, service_lines
from sekisho.portfolio.public.services import deciding

PAGE = 50
STATES = ("public", "hidden", "waiting")


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """What is public, what will be, and the fields to choose."""
    require(request.user, "publish")
    context = {
        "public": PublicEntry.objects.filter(shown=True).count(),
        "waiting": queries.waiting(),
        "fields": field_lines(),
        "hours": int(deciding.delay().total_seconds() // 3600),
        "now": timezone.now(),
    }
    return render(request, "portfolio/publishing/page.html", context)


@require_http_methods(["GET", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """What a choice of fields would change, with previews; then deciding it."""
    require(request.user, "publish")
    asked = Asked.read(request.POST if request.method == "POST" else request.GET)
    problem = ""
    if request.method == "POST":
        try:
            made = deciding.decide_fields(
                request.user, asked.fields, reason=asked.reason, at_once=asked.at_once
            )
        except SekishoError as refusal:
            problem = str(refusal)
        else:
            messages.success(request, _decided(made))
            return redirect("portfolio:publishing")
    context = {"asked": asked, "problem": problem, **_changes(asked)}
    return render(request, "portfolio/publishing/check.html", context, status=422 if problem else 200)


def _changes(asked: Asked) -> dict[str, Any]:
    """What a choice of fields would change, when, and on which pages."""
    now = after_all()
    known = dictionary().fields
    examples = PublicEntry.objects.filter(shown=True).select_related("project")[:5]
    return {
        "to_show": [_title(name) for name in known if name in asked.fields and name not in now],
        "to_hide": [_title(name) for name in known if name in now and name not in asked.fields],
        "takes_effect": timezone.now() + deciding.delay(),
        "public": PublicEntry.objects.filter(shown=True).count(),
        "examples": [entry.project for entry in examples] or Project.objects.order_by("code")[:3],
        "limit": deciding.REASON,
    }


@require_http_methods(["GET", "POST"])
def services(request: HttpRequest) -> HttpResponse:
    """Every book, whether it is public, and publishing several at once."""
    require(request.user, "publish")
    if request.method == "POST":
        _decide_several(request)
        return redirect(f"{request.path}?{request.GET.urlencode()}" if request.GET else request.path)
    query, state = request.GET.get("q", "").replace("\x00", "")[:100].strip(), request.GET.get("state", "")
    found = queries.services_for_office(query, state)
    after = request.GET.get("after", "").replace("\x00", "")[:64]
    rows = list((found.filter(code__gt=after) if after else found)[: PAGE + 1])
    context = {
        "rows": service_lines(rows[:PAGE]),
        "total": found.count(),
        "after": rows[PAGE - 1].code if len(rows) > PAGE else "",
        "query": query,
        "state": state if state in STATES else "",
    }
    return render(request, "portfolio/publishing/services.html", context)


def _decide_several(request: HttpRequest) -> None:
    codes = [code for code in request.POST.getlist("code")[:PAGE] if "\x00" not in code]
    shown, at_once = request.POST.get("act") == "show", request.POST.get("act") == "hide_now"
    done, refused = [], []
    for project in Project.objects.filter(code__in=codes).select_related("owner").order_by("code"):
        try:
            one = deciding.decide_service(
                request.user,
                project,
                shown=shown,
                reason=request.POST.get("reason", ""),
                at_once=at_once,
            )
            done.append(one)
        except SekishoError as refusal:
            refused.append(f"{project.local_name}: {refusal}")
    if not codes:
        messages.error(request, _("Choose at least one service first."))
    if done:
        messages.success(request, _decided(done))
    for words in refused[:5]:
        messages.warning(request, words)


@require_http_methods(["GET", "POST"])
def service(request: HttpRequest, code: str) -> HttpResponse:
    """What is public of one book, for everybody who may read it; deciding is the quality office's."""
    project = _seen(request, code)
    problem = ""
    if request.method == "POST":
        try:
            made = _decide_one(request, project)
        except SekishoError as refusal:
            problem = str(refusal)
        else:
            messages.success(request, _decided([made]))
            return redirect("portfolio:publishing_service", project.code)
    context = {"problem": problem, "reason": request.POST.get("reason", ""), **_of_service(request, project)}
    return render(request, "portfolio/publishing/service.html", context, status=422 if problem else 200)


def _of_service(request: HttpRequest, project: Project) -> dict[str, Any]:
    """What is public of a service, what was decided, and what waits."""
    decisions = PublicationDecision.objects.filter(project=project).select_related("decided_by")
    return {
        "project": project,
        "entry": PublicEntry.objects.filter(project=project, shown=True).first(),
        "fields": field_lines(project),
        "decisions": decisions.order_by("-pk")[:PAGE],
        "waiting": list(queries.waiting().filter(project=project)),
        "may_publish": actor_of(request.user).may("publish", path=project.owner.path),
        "now": timezone.now(),
        "limit": deciding.REASON,
    }


def _decide_one(request: HttpRequest, project: Project) -> PublicationDecision:
    act, _colon, field = request.POST.get("act", "").partition(":")
    said: dict[str, Any] = {"reason": request.POST.get("reason", ""), "at_once": act.endswith("_now")}
    if field:
        return deciding.withhold(request.user, project, field, shown=act == "give", **said)
    return deciding.decide_service(request.user, project, shown=act == "show", **said)


@require_GET
def preview(request: HttpRequest, code: str) -> HttpResponse:
    """The page as citizens would see it when all that is decided has taken effect; ``fields`` tries others."""
    project = _seen(request, code)
    language = request.GET.get("language", "")
    language = language if language in rendering.LANGUAGES else (get_language() or "ja")[:2]
    asked = Asked.read(request.GET) if "fields" in request.GET else None
    document = preview_document(project, asked.fields if asked else None)
    with translation.override(language):
        context = {
            **rendering.service_context(document),
            "entry": {"changed_at": timezone.now()},
            "preview": _("Preview: this is what citizens would see. Nobody else sees this page."),
        }
    return rendering.page(language, "service.html", f"services/{project.code}/", context)


@require_POST
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back a decision that has not taken effect."""
    require(request.user, "publish")
    decision = get_object_or_404(PublicationDecision.objects.select_related("project__owner"), pk=pk)
    try:
        deciding.take_back(request.user, decision)
    except SekishoError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("It is taken back: nothing changes."))
    if request.POST.get("to") == "service" and decision.project:
        return redirect("portfolio:publishing_service", decision.project.code)
    return redirect("portfolio:publishing")


def _seen(request: HttpRequest, code: str) -> Project:
    seen = Project.objects.visible_to(actor_of(request.user)).select_related("owner")
    return get_object_or_404(seen, code=code.replace("\x00", ""))


def _title(name: str) -> str:
    return dictionary().fields[name].title.get(get_language() or "ja")


def _decided(made: list[PublicationDecision]) -> str:
    waits = any(one.takes_effect_at > timezone.now() for one in made)
    if not waits:
        return _("It is hidden now. Browsers and proxies may show it for five more minutes.")
    return ngettext(
        "It is decided. Until it takes effect it can be taken back.",
        "%(n)s decisions are made. Until they take effect they can be taken back.",
        len(made),
    ) % {"n": len(made)}
