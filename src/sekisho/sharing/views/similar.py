"""Similar projects of a book, what people say of them, and the platforms that fit it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from sekisho.book.forms.errors import show
from sekisho.book.models import Project
from sekisho.errors import SekishoError
from sekisho.people.permissions import actor_of
from sekisho.people.roles import Actor
from sekisho.sharing import queries
from sekisho.sharing.forms import AnswerForm, JudgeForm
from sekisho.sharing.models import Embedding, Judgement, Platform
from sekisho.sharing.services import judging, platforms


def find_book(request: HttpRequest, code: str) -> tuple[Actor, Project]:
    """The actor and a book they may see; 404 otherwise."""
    actor = actor_of(request.user)
    seen = Project.objects.visible_to(actor).select_related("owner")
    return actor, get_object_or_404(seen, code=code.replace("\x00", ""))


@require_GET
def page(request: HttpRequest, code: str) -> HttpResponse:
    """The likest books with reasons, and matching platforms with what was answered."""
    actor, project = find_book(request, code)
    return render(request, "sharing/similar.html", _context(actor, project))


def _context(actor: Actor, project: Project, failed: dict[int, AnswerForm] | None = None) -> dict[str, Any]:
    where: dict[str, Any] = {"path": project.owner.path, "project_id": project.pk}
    fits = queries.fits(project)
    likes = queries.likest(actor, project)
    return {
        "project": project,
        "likes": likes,
        "likes_more": likes[6:],
        "fits": [(fit, (failed or {}).get(fit.platform.pk) or _form(fit)) for fit in fits],
        "owed": sum(fit.is_owed for fit in fits),
        "failed": failed or {},
        "compared": Embedding.objects.filter(project=project, compared_at__isnull=False).exists(),
        "has_text": bool(project.name or project.purpose or project.summary),
        "verdicts": Judgement.Verdict.choices,
        "may_judge": any(actor.may(act, **where) for act in ("edit", "review")),
        "may_answer": not project.is_closed and actor.may("edit", **where),
        "may_offer": not project.is_closed and actor.may("review", **where),
    }


def _form(fit: queries.Fit, data: Any = None) -> AnswerForm:
    entry = fit.entry
    names = ("state", "reason", "avoided", "satisfaction", "version")
    initial = {name: getattr(entry, name) for name in names} if entry else {}
    return AnswerForm(data, initial=initial, prefix=f"p{fit.platform.pk}")


@require_POST
def judge(request: HttpRequest, code: str) -> HttpResponse:
    """Same, related or different."""
    actor, project = find_book(request, code)
    form = JudgeForm(request.POST)
    if not form.is_valid():
        raise Http404(_("There is no such book, or you may not see it."))
    other = get_object_or_404(Project.objects.visible_to(actor), pk=form.cleaned_data["other"])
    judging.judge(request.user, project, other, form.cleaned_data["verdict"])
    messages.success(request, _("Thank you. Sekisho learns from this in the night."))
    return redirect("sharing:similar", project.code)


@require_POST
def answer(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """What the book does with a platform; a refusal comes back in place."""
    actor, project = find_book(request, code)
    platform = get_object_or_404(Platform, pk=pk)
    form = AnswerForm(request.POST, prefix=f"p{pk}")
    status = 422
    if form.is_valid():
        values = dict(form.cleaned_data)
        version = values.pop("version")
        try:
            platforms.answer_platform(
                request.user, project, platform, values.pop("state"), expected_version=version, **values
            )
            messages.success(request, _("Saved."))
            return redirect("sharing:similar", project.code)
        except SekishoError as error:
            show(form, error)
            status = error.status
    return render(request, "sharing/similar.html", _context(actor, project, {pk: form}), status=status)


@require_POST
def offer(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """A reviewer offers a platform; the owner section answers."""
    _actor, project = find_book(request, code)
    if platforms.offer_platform(request.user, project, get_object_or_404(Platform, pk=pk)):
        messages.success(request, _("The platform is offered; the owner section sees it here and answers."))
    else:
        messages.info(request, _("This was offered or answered already, or takes no new users."))
    return redirect("sharing:similar", project.code)
