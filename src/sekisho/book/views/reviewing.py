"""Reviewing and deciding."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from sekisho.book.forms.errors import show
from sekisho.book.forms.gates import DecisionForm, InviteForm, ReplyForm, ReviewForm
from sekisho.book.models import Finding
from sekisho.book.queries.gates import GateView, read_gate, visible_gates
from sekisho.book.services import decisions, reviews
from sekisho.book.views.common import may, require, seen_gate, to_gate
from sekisho.book.views.gates import shown_again
from sekisho.errors import Invalid, SekishoError
from sekisho.people.permissions import actor_of


@require_POST
def invite(request: HttpRequest, gate_id: int) -> HttpResponse:
    """Ask someone to review."""
    actor, gate = seen_gate(request, gate_id)
    form = InviteForm(request.POST)
    if not form.is_valid():
        return shown_again(request, actor, gate, invite_form=form)
    try:
        reviews.invite_reviewer(request.user, gate, form.cleaned_data["person"], form.cleaned_data["due_on"])
    except Invalid as error:
        show(form, error)
        return shown_again(request, actor, gate, invite_form=form)
    except SekishoError as error:
        messages.error(request, str(error))
        return to_gate(gate)
    messages.success(request, _("%(person)s was asked.") % {"person": form.cleaned_data["person"]})
    return to_gate(gate)


@require_http_methods(["GET", "POST"])
def review(request: HttpRequest, gate_id: int) -> HttpResponse:
    """Review the current submission."""
    actor, gate = seen_gate(request, gate_id)
    require(actor, "review", gate)
    view = read_gate(gate)
    form = ReviewForm(request.POST or None, criteria=view.criteria, language=get_language() or "ja")
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            reviews.give_review(
                request.user,
                gate,
                recommendation=data["recommendation"],
                comment=data["comment"],
                findings=form.findings(),
            )
        except SekishoError as error:
            show(form, error)
        else:
            messages.success(request, _("Your review was recorded."))
            return to_gate(gate)
    context = {"gate": gate, "view": view, "form": form, **_basis(view)}
    return render(request, "book/review.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def decide(request: HttpRequest, gate_id: int) -> HttpResponse:
    """Decide on the current submission."""
    actor, gate = seen_gate(request, gate_id)
    view = read_gate(gate)
    form = DecisionForm(request.POST or None, view=view)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            decisions.decide(
                request.user, gate, result=data["result"], reason=data["reason"], conditions=form.conditions()
            )
        except SekishoError as error:
            show(form, error)
        else:
            messages.success(request, _("The decision was recorded."))
            return to_gate(gate)
    decisions.require_decider(actor, gate)
    context = {
        "gate": gate,
        "view": view,
        "form": form,
        "can_review": may(actor, "review", gate),
        **_basis(view),
    }
    return render(request, "book/decide.html", context, status=422 if form.errors else 200)


def _basis(view: GateView) -> dict[str, object]:
    """What a reviewer and a decider want beside their form."""
    return {"blockers": view.messages(), "reviews": view.gate.reviews.select_related("reviewer")}


def _finding(request: HttpRequest, pk: int) -> Finding:
    gates = visible_gates(actor_of(request.user)).order_by()
    return get_object_or_404(
        Finding.objects.select_related("gate__project__owner", "review__reviewer"), pk=pk, gate__in=gates
    )


@require_http_methods(["GET", "POST"])
def reply(request: HttpRequest, pk: int) -> HttpResponse:
    """The team answers a finding."""
    finding = _finding(request, pk)
    require(actor_of(request.user), "answer", finding.gate)
    form = ReplyForm(request.POST or None, initial={"text": finding.reply})
    if request.method == "POST" and form.is_valid():
        try:
            reviews.reply_to_finding(request.user, finding, form.cleaned_data["text"])
        except SekishoError as error:
            show(form, error)
        else:
            return to_gate(finding.gate, finding.criterion)
    return render(
        request,
        "book/reply.html",
        {"finding": finding, "gate": finding.gate, "form": form},
        status=422 if form.errors else 200,
    )


@require_POST
def resolve(request: HttpRequest, pk: int) -> HttpResponse:
    """The reviewer accepts that a finding is dealt with."""
    finding = _finding(request, pk)
    try:
        reviews.resolve_finding(request.user, finding)
    except SekishoError as error:
        messages.error(request, str(error))
    return to_gate(finding.gate, finding.criterion)
