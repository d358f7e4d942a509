"""A condition: what is demanded, of whom, by when, and how it was met."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sekisho.book.forms.errors import show
from sekisho.book.forms.gates import ReplyForm
from sekisho.book.models import Condition, Project
from sekisho.book.services import decisions
from sekisho.errors import SekishoError
from sekisho.people.permissions import actor_of


@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """Read a condition, and say how it was met."""
    actor = actor_of(request.user)
    seen = Project.objects.visible_to(actor).order_by()
    conditions = Condition.objects.select_related(
        "project__owner", "gate__release", "owner", "resolved_by", "decision__decided_by"
    )
    condition = get_object_or_404(conditions, pk=pk, project__in=seen)
    form = ReplyForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _resolved(request, condition, form):
        messages.success(request, _("Recorded. Thank you."))
        return redirect("book:condition", pk)
    owes = actor.user_id == condition.owner_id
    may_answer = actor.may("answer", path=condition.project.owner.path, project_id=condition.project_id)
    context = {
        "condition": condition,
        "form": form,
        "can_resolve": not condition.resolved_at and (owes or may_answer),
    }
    return render(request, "book/condition.html", context, status=422 if form.errors else 200)


def _resolved(request: HttpRequest, condition: Condition, form: ReplyForm) -> bool:
    """Record how it was met; where that may not be, the form says why."""
    said = form.cleaned_data["text"]
    try:
        decisions.resolve_condition(request.user, condition, text=said, links=form.addresses())
    except SekishoError as error:
        show(form, error)
        return False
    return True
