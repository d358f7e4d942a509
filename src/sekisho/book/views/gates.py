"""The gate page: read, answer, show evidence."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_POST

from sekisho.book.forms.errors import show
from sekisho.book.forms.gates import AnswerForm, DueForm, EvidenceForm, InviteForm
from sekisho.book.lists import gates_file
from sekisho.book.models import AnswerValue, Evidence, Gate, GateState, Project
from sekisho.book.neighbours import neighbours_of_gate
from sekisho.book.queries.gate_page import CriterionRow, GatePage, gate_page
from sekisho.book.queries.gates import visible_gates
from sekisho.book.queries.registry import Query, below, read_query
from sekisho.book.queries.search import matching
from sekisho.book.roads import road_of
from sekisho.book.services import gates as service
from sekisho.book.services.decisions import may_decide
from sekisho.book.views.common import Context, may, seen_gate, to_gate
from sekisho.book.views.registry_parts import organisations_to_choose
from sekisho.errors import Conflict, Invalid, NotPermitted, StaleWrite
from sekisho.people.permissions import actor_of
from sekisho.people.roles import Actor
from sekisho.standards.queries import newer_than, versions_of
from sekisho.web.asked import whole_number
from sekisho.web.lists import asked_format

PAGE_SIZE = 100


@require_GET
def index(request: HttpRequest) -> HttpResponseBase:
    """Gates one may see, by state, words and organisation; those with a due date first."""
    asked = request.GET.get("state", "")
    state = asked if asked in GateState.values else ""
    query = read_query(request.GET)
    gates = _of_books(_in_state(visible_gates(actor_of(request.user)), state), query)
    if fmt := asked_format(request):
        return gates_file(fmt, gates)
    total = gates.count()
    start = _start(request.GET.get("after", ""), total)
    context = {
        "gates": list(gates[start : start + PAGE_SIZE]),
        "first": start + 1,
        "last": min(start + PAGE_SIZE, total),
        "total": total,
        "more": start + PAGE_SIZE if start + PAGE_SIZE < total else 0,
        "query": query,
        "organisations": organisations_to_choose(query),
        "state": state,
        "states": GateState.choices,
        "today": timezone.localdate(),
        "late_word": _("Late"),
    }
    return render(request, "book/gates.html", context)


def _in_state(gates: QuerySet[Gate], state: str) -> QuerySet[Gate]:
    """Those in this state, or those where something is still to be done; what is over comes newest first."""
    states = [state] if state else [GateState.OPEN, GateState.SUBMITTED, GateState.PASSED]
    order = ["-id"] if state in (GateState.USED, GateState.STOPPED) else ["due_on", "id"]
    return (
        gates.filter(state__in=states)
        .select_related("project__owner", "release", "standard")
        .order_by(*order)
    )


def _of_books(gates: QuerySet[Gate], query: Query) -> QuerySet[Gate]:
    """Those of books that hold the words and belong to the organisation asked for."""
    if query.q:
        gates = gates.filter(project__in=matching(Project.objects.all(), query.q).order_by().values("pk"))
    return gates.filter(project__owner__in=below(query.organisation)) if query.organisation else gates


def _start(after: str, total: int) -> int:
    """How many gates to pass over; 0 for what is no number within the list."""
    start = whole_number(after, 9) or 0
    return start if start < total else 0


@require_GET
def page(request: HttpRequest, gate_id: int) -> HttpResponse:
    """One gate with all its criteria and what it takes to pass."""
    actor, gate = seen_gate(request, gate_id)
    read = gate_page(gate, actor)
    return render(
        request, "book/gate.html", {**page_context(read, actor), "open": request.GET.get("open", "")}
    )


def shown_again(request: HttpRequest, actor: Actor, gate: Gate, **form: object) -> HttpResponse:
    """The page with a form (``invite_form`` or ``due_form``) as it was sent, and what is wrong with it."""
    context = page_context(gate_page(gate, actor), actor)
    return render(request, "book/gate.html", {**context, **form}, status=422)


def page_context(read: GatePage, actor: Actor) -> Context:
    """Everything the page and its fragments need."""
    gate = read.gate
    is_open = gate.state == GateState.OPEN
    return {
        "page": read,
        "gate": gate,
        "project": gate.project,
        "road": road_of(gate.project),
        "neighbours": neighbours_of_gate(gate),
        "answer_choices": AnswerValue.choices,
        "clear_word": pgettext("blockers", "Clear"),
        "newer": newer_than(gate.standard).defer("document").first() if is_open else None,
        "invite_form": InviteForm(),
        "due_form": DueForm(initial={"due_on": gate.due_on}),
        "answer_form": None,
        "evidence_form": None,
        **_acts(gate, actor),
    }


def _acts(gate: Gate, actor: Actor) -> Context:
    """Which acts this person may do now."""
    is_open, submitted = gate.state == GateState.OPEN, gate.state == GateState.SUBMITTED
    editable = gate.state in (GateState.OPEN, GateState.PASSED) and not gate.project.is_closed
    return {
        "can_answer": editable and may(actor, "answer", gate),
        "can_show": editable and may(actor, "add_evidence", gate),
        "can_submit": is_open and may(actor, "submit", gate),
        "can_withdraw": submitted and may(actor, "submit", gate),
        "can_review": submitted and may(actor, "review", gate),
        "can_reply": may(actor, "answer", gate),
        "can_resolve": may(actor, "review", gate),
        "can_decide": submitted and may_decide(actor, gate),
        "can_waive": (is_open or submitted) and may(actor, "waive", gate),
        "can_invite": (is_open or submitted) and may(actor, "edit", gate),
    }


def row_context(read: GatePage, actor: Actor, row: CriterionRow, **forms: object) -> Context:
    """Context of one criterion's fragment."""
    return {**page_context(read, actor), "row": row, "open": row.criterion.code, **forms}


def _answered(
    request: HttpRequest, actor: Actor, gate: Gate, code: str, status: int = 200, **extra: object
) -> HttpResponse:
    """The criterion and the aside again for htmx; the page at the criterion otherwise."""
    if status == 200 and not request.htmx:  # type: ignore[attr-defined]
        return to_gate(gate, code)
    fresh = seen_gate(request, gate.pk)[1]
    read = gate_page(fresh, actor)
    row = read.row(code)
    if row is None:
        raise Http404
    template = "book/gate_criterion_swap.html" if request.htmx else "book/gate.html"  # type: ignore[attr-defined]
    return render(request, template, row_context(read, actor, row, **extra), status=status)


@require_POST
def answer(request: HttpRequest, gate_id: int, code: str) -> HttpResponse:
    """Save an answer. A stale save comes back with both versions."""
    actor, gate = seen_gate(request, gate_id)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _answered(request, actor, gate, code, 422, answer_form=form)
    data = form.cleaned_data
    try:
        service.save_answer(
            request.user,
            gate,
            code,
            value=data["value"],
            comment=data["comment"],
            expected_version=data["version"] or 0,
        )
    except StaleWrite as stale:
        return _answered(request, actor, gate, code, 412, answer_form=form, stale=stale)
    except (Invalid, Conflict, NotPermitted) as error:
        show(form, error)
        return _answered(request, actor, gate, code, error.status, answer_form=form)
    return _answered(request, actor, gate, code, saved=True)


@require_POST
def add_evidence(request: HttpRequest, gate_id: int, code: str) -> HttpResponse:
    """Add a link or a file."""
    actor, gate = seen_gate(request, gate_id)
    form = EvidenceForm(request.POST, request.FILES)
    if not form.is_valid():
        return _answered(request, actor, gate, code, 422, evidence_form=form)
    data = form.cleaned_data
    try:
        if data["file"]:
            service.add_evidence_file(request.user, gate, code, upload=data["file"], title=data["title"])
        else:
            service.add_evidence_link(request.user, gate, code, url=data["url"], title=data["title"])
    except (Invalid, Conflict, NotPermitted) as error:
        show(form, error, links="url")
        return _answered(request, actor, gate, code, error.status, evidence_form=form)
    return _answered(request, actor, gate, code)


@require_POST
def remove_evidence(request: HttpRequest, pk: int) -> HttpResponse:
    """Take evidence back."""
    gates = visible_gates(actor_of(request.user)).order_by()
    evidence = get_object_or_404(
        Evidence.objects.select_related("gate__project"), pk=pk, removed_at=None, gate__in=gates
    )
    service.remove_evidence(request.user, evidence)
    messages.success(request, _("The evidence was taken back."))
    return to_gate(evidence.gate, evidence.criterion)


@require_GET
def snapshot(request: HttpRequest, gate_id: int, number: int) -> HttpResponse:
    """A frozen submission, as it was."""
    _actor, gate = seen_gate(request, gate_id)
    submission = get_object_or_404(gate.submissions.select_related("submitted_by"), number=number)
    pinned = submission.document["standard"]
    version = versions_of(pinned["pack"]).filter(version=pinned["version"]).first() or gate.standard
    pack = version.load()
    answers = [{**a, "title": pack.get(a["criterion"])} for a in submission.document["answers"]]
    context = {"gate": gate, "submission": submission, "answers": answers, "standard": version}
    return render(request, "book/snapshot.html", context)
