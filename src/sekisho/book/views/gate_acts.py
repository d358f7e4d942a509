"""Acts on a gate as a whole: due date, submission, newer standard, waivers."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from sekisho.book.forms.errors import show
from sekisho.book.forms.gates import DueForm, WaiverForm
from sekisho.book.models import GateState, Waiver
from sekisho.book.queries.gates import visible_gates
from sekisho.book.services import decisions
from sekisho.book.services import gates as service
from sekisho.book.views.common import may, require, seen_gate, to_gate
from sekisho.book.views.gates import shown_again
from sekisho.errors import Conflict, Invalid, SekishoError
from sekisho.people.permissions import actor_of
from sekisho.standards import pages
from sekisho.standards.queries import newer_than


@require_POST
def set_due(request: HttpRequest, gate_id: int) -> HttpResponse:
    """Set the day the team wants to stand here."""
    actor, gate = seen_gate(request, gate_id)
    form = DueForm(request.POST)
    if not form.is_valid():
        return shown_again(request, actor, gate, due_form=form)
    try:
        service.set_due(request.user, gate, form.cleaned_data["due_on"])
    except Invalid as error:
        show(form, error)
        return shown_again(request, actor, gate, due_form=form)
    except SekishoError as error:
        messages.error(request, str(error))
        return to_gate(gate)
    return to_gate(gate)


@require_POST
def submit(request: HttpRequest, gate_id: int) -> HttpResponse:
    """Freeze and hand over."""
    _actor, gate = seen_gate(request, gate_id)
    try:
        submission = service.submit(request.user, gate)
    except SekishoError as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request,
            _("Submitted. The answers are frozen as a snapshot with the fingerprint %(sha)s.")
            % {"sha": submission.sha256[:12]},
        )
    return to_gate(gate)


@require_POST
def withdraw(request: HttpRequest, gate_id: int) -> HttpResponse:
    """Take the submission back."""
    _actor, gate = seen_gate(request, gate_id)
    try:
        service.withdraw(request.user, gate)
    except SekishoError as error:
        messages.error(request, str(error))
    return to_gate(gate)


@require_http_methods(["GET", "POST"])
def upgrade(request: HttpRequest, gate_id: int) -> HttpResponse:
    """Show every difference of the newest version, then move the gate to it."""
    actor, gate = seen_gate(request, gate_id)
    target = newer_than(gate.standard).first()
    if target is None:
        messages.info(request, _("There is no newer version of this standard."))
        return to_gate(gate)
    if request.method == "POST":
        service.upgrade_standard(request.user, gate, target)
        messages.success(request, _("The gate now uses %(standard)s.") % {"standard": target.title})
        return to_gate(gate)
    context = {
        "gate": gate,
        "target": target,
        "result": service.preview_upgrade(gate, target),
        "may_move": gate.state == GateState.OPEN and may(actor, "answer", gate),
        **pages.compared(gate.standard, target, get_language() or "ja"),
    }
    return render(request, "book/gate_upgrade.html", context)


@require_http_methods(["GET", "POST"])
def waive(request: HttpRequest, gate_id: int, code: str) -> HttpResponse:
    """Let one criterion pass until a day."""
    actor, gate = seen_gate(request, gate_id)
    require(actor, "waive", gate)
    form = WaiverForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            decisions.grant_waiver(
                request.user, gate, criterion=code, reason=data["reason"], expires_on=data["expires"]
            )
        except SekishoError as error:
            show(form, error)
        else:
            return to_gate(gate, code)
    criterion = gate.standard.load().get(code)
    context = {
        "gate": gate,
        "form": form,
        "criterion": criterion,
        "title": criterion.title.get(get_language()) if criterion else code,
    }
    return render(request, "book/waive.html", context, status=422 if form.errors else 200)


@require_POST
def revoke_waiver(request: HttpRequest, pk: int) -> HttpResponse:
    """End a waiver early."""
    gates = visible_gates(actor_of(request.user)).order_by()
    waiver = get_object_or_404(Waiver.objects.select_related("gate__project"), pk=pk, gate__in=gates)
    try:
        decisions.revoke_waiver(request.user, waiver)
    except Conflict as ended:
        messages.error(request, str(ended))
    return to_gate(waiver.gate, waiver.criterion)
