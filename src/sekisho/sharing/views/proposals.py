"""Groups of likely duplicates, and proposals to make one thing of several."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sekisho.book.forms.errors import show
from sekisho.book.models import Project
from sekisho.errors import NotPermitted, SekishoError
from sekisho.people.permissions import actor_of
from sekisho.people.roles import Actor
from sekisho.sharing import queries
from sekisho.sharing.forms import DecisionForm, ProgressForm, ProposalForm
from sekisho.sharing.lists import proposals_file
from sekisho.sharing.models import Embedding, Likeness, Proposal
from sekisho.sharing.services import proposals as service
from sekisho.web.lists import asked_format

_DECISIONS = {"agree": "agreed", "reject": "rejected", "finish": "done"}


@require_GET
def groups(request: HttpRequest) -> HttpResponse:
    """Likely duplicates by what they cost together, or (``?by=function``) under what they do."""
    actor = actor_of(request.user)
    found = queries.groups(actor)
    by_function = request.GET.get("by") == "function"
    sections = queries.by_function(found) if by_function else [("", found)]
    context = {
        "groups": found,
        "by_function": by_function,
        "sections": [
            (name, queries.summed(under), [(one, queries.summed([one])) for one in under])
            for name, under in sections
        ],
        "found_at": Likeness.objects.order_by("-found_at").values_list("found_at", flat=True).first(),
        "compared": bool(found) or Embedding.objects.filter(compared_at__isnull=False).exists(),
        "money": queries.summed(found),
        "may_propose": actor.may_anywhere("review"),
    }
    return render(request, "sharing/groups.html", context)


def _seen(actor: Actor) -> Any:
    """Proposals of which one may see a member."""
    return Proposal.objects.filter(
        members__project__in=Project.objects.visible_to(actor).order_by()
    ).distinct()


@require_GET
def listing(request: HttpRequest) -> HttpResponseBase:
    """All proposals one may see, with what each would save."""
    actor = actor_of(request.user)
    found = _seen(actor).select_related("platform").prefetch_related("members")
    fmt = asked_format(request)
    rows = [(one, queries.estimate(one, list(one.members.all()))) for one in (found if fmt else found[:200])]
    if fmt:
        return proposals_file(fmt, rows)
    context = {"rows": rows, "may_propose": actor.may_anywhere("review")}
    return render(request, "sharing/proposals.html", context)


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Make a proposal; ``?members=`` names the first projects."""
    actor = actor_of(request.user)
    if not actor.may_anywhere("review"):
        raise NotPermitted(_("CIO aides and the quality office propose what becomes common."))
    first = {"members": request.GET.get("members", "").replace("\x00", "")[:8000]}
    form = ProposalForm(request.POST or None, initial=first, actor=actor)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = service.propose(request.user, **form.cleaned_data)
                return redirect("sharing:proposal", made.pk)
            except SekishoError as error:
                show(form, error)
                status = error.status
    return render(request, "sharing/proposal_form.html", {"form": form}, status=status)


def _find(request: HttpRequest, pk: int) -> tuple[Actor, Proposal]:
    actor = actor_of(request.user)
    return actor, get_object_or_404(
        _seen(actor).select_related("platform", "proposed_by", "decided_by"), pk=pk
    )


def _form(name: str, proposal: Proposal, data: Any = None) -> forms.Form:
    kind = ProgressForm if name == "progress" else DecisionForm
    initial = {"version": proposal.version, "progress": proposal.progress}
    return kind(data, initial=initial, prefix=name)


def _context(actor: Actor, proposal: Proposal, **failed: forms.Form) -> dict[str, Any]:
    visible = Project.objects.visible_to(actor).order_by()
    every = list(proposal.members.all())
    members = proposal.members.filter(project__in=visible).select_related("project__owner")
    office = actor.may_anywhere("edit_standards")
    return {
        "proposal": proposal,
        "members": members,
        "hidden": len(every) - len(members),
        "estimate": queries.estimate(proposal, every),
        "history": queries.history(proposal),
        "years_ahead": queries.YEARS_AHEAD,
        "forms": {**{name: _form(name, proposal) for name in (*_DECISIONS, "progress")}, **failed},
        "failed": failed,
        "may_decide": office
        and not (proposal.state == "proposed" and proposal.proposed_by_id == actor.user_id),
        "may_report": office or proposal.proposed_by_id == actor.user_id,
    }


@require_GET
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """One proposal: members, what each spends, the estimate with its assumptions, decision and progress."""
    actor, proposal = _find(request, pk)
    return render(request, "sharing/proposal.html", _context(actor, proposal))


@require_POST
def act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Decide, or report progress; a refusal comes back in place."""
    actor, proposal = _find(request, pk)
    if name not in (*_DECISIONS, "progress"):
        raise Http404
    form = _form(name, proposal, request.POST)
    status = 422
    if form.is_valid():
        try:
            _do(request, proposal, name, form.cleaned_data)
            messages.success(request, _("Saved."))
            return redirect("sharing:proposal", pk)
        except SekishoError as error:
            show(form, error)
            status = error.status
    return render(request, "sharing/proposal.html", _context(actor, proposal, **{name: form}), status=status)


def _do(request: HttpRequest, proposal: Proposal, name: str, said: dict[str, Any]) -> None:
    version = said["version"]
    if name == "progress":
        service.report_progress(request.user, proposal, said["progress"], expected_version=version)
    else:
        service.decide(request.user, proposal, _DECISIONS[name], said["words"], expected_version=version)
