"""Pages of transfers: the lists, sending, one transfer as it goes, and the acts on it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sekisho.book.forms.errors import show
from sekisho.book.models import Project
from sekisho.errors import Conflict, SekishoError
from sekisho.gateway.forms.sending import SendForm
from sekisho.gateway.lists import transfers_file
from sekisho.gateway.models import ExceptionRequest, RetentionHold, Transfer, TransferFile
from sekisho.gateway.queries import transfers as read
from sekisho.gateway.queries.queue import wait_of
from sekisho.gateway.services import cleaning, exceptions, handing, holds, sending, unlocking
from sekisho.people.permissions import actor_of
from sekisho.people.roles import Actor
from sekisho.people.throttle import TooManyRequests
from sekisho.web.lists import asked_format


@require_GET
def transfers(request: HttpRequest) -> HttpResponseBase:
    """What came for one, what one sent, what waits for one's word."""
    actor, text = actor_of(request.user), request.GET.get("q", "").replace("\x00", "").strip()[:100]
    if fmt := asked_format(request):
        return transfers_file(fmt, read.own_transfers(actor, text))
    return render(
        request,
        "gateway/transfers.html",
        {"lists": read.lists_of(actor, text, request.GET.dict()), "q": text},
    )


@require_http_methods(["GET", "POST"])
def send(request: HttpRequest) -> HttpResponse:
    """Send files. Without JavaScript they come with the form; with it, send.js brings them in chunks."""
    actor = actor_of(request.user)
    routes, known = read.routes_for(actor), read.known_to(actor)
    initial = {"route": known.route}
    form = SendForm(request.POST or None, request.FILES or None, routes=routes, initial=initial)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            receiver = form.receiver(Project.objects.visible_to(actor))
            transfer = sending.send_whole(
                request.user, said["route"], receiver, said["purpose"], said["files"]
            )
            return redirect("gateway:transfer", transfer.pk)
        except SekishoError as error:
            show(form, error)
    shown = list(routes)
    for route in shown:
        route.largest = sending.largest_on(route)  # type: ignore[attr-defined]
    context = {"form": form, "routes": shown, "known": known}
    return render(request, "gateway/send.html", context, status=422 if form.errors else 200)


def find(request: HttpRequest, pk: int) -> tuple[Actor, Transfer]:
    """The actor and a transfer they may see; 404 otherwise."""
    actor = actor_of(request.user)
    transfer = read.seen_transfer(actor, pk)
    if transfer is None:
        raise Http404(_("There is no such transfer, or you may not see it."))
    return actor, transfer


def find_file(request: HttpRequest, pk: int) -> tuple[Actor, TransferFile]:
    """The actor and a file of a transfer they may see; 404 otherwise."""
    file = TransferFile.objects.filter(pk=pk).first()
    actor, transfer = find(request, file.transfer_id if file else 0)
    assert file is not None
    file.transfer = transfer
    return actor, file


@never_cache
@require_GET
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """One transfer. htmx asks again while something moves."""
    actor, transfer = find(request, pk)
    part = "gateway/parts/live.html" if request.headers.get("HX-Request") else "gateway/transfer.html"
    return render(request, part, _context(actor, transfer))


def _context(actor: Actor, transfer: Transfer) -> dict[str, Any]:
    path = transfer.route.organisation.path
    receiver = handing.is_receiver(actor, transfer)
    files = read.files_of(actor, transfer, receiver=receiver)
    is_own = transfer.sender_id == actor.user_id
    approver = actor.may("approve_transfer", path=path)
    states = {here.file.state for here in files}
    return {
        "transfer": transfer,
        "mark": read.MARKS[transfer.state],
        "files": files,
        "asks": transfer.state == "checking" and "password" in states and not states & {"waiting", "working"},
        "moves": transfer.state == "checking" and bool(states & {"waiting", "working"}),
        "is_own": is_own,
        "may_decide": transfer.state == "approval" and not is_own and approver,
        "may_answer": not is_own and (approver or actor.may("see_transfers", path=path)),
        "approvals": transfer.approvals.select_related("person"),
        "warnings": sum(f.file.personal_warnings for f in files),
        "warned": read.personal_warnings(f.file for f in files),
        "wait": wait_of(transfer) if transfer.state == "checking" else None,
        **_held(actor, transfer),
    }


def _held(actor: Actor, transfer: Transfer) -> dict[str, Any]:
    """Who has something kept beyond its days, and whether this person may."""
    placed = list(RetentionHold.objects.filter(transfer=transfer).select_related("placed_by", "ended_by"))
    return {
        "may_hold": actor.may("see_transfers", path=transfer.route.organisation.path),
        "holds": placed,
        "held": any(hold.ended_at is None for hold in placed),
    }


@require_POST
def act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """The superior's word, and the officer's hold."""
    _actor, transfer = find(request, pk)
    reason, user = request.POST.get("reason", ""), request.user
    acts: dict[str, Callable[[], Any]] = {
        "approve": lambda: handing.decide(user, transfer, granted=True, reason=reason),
        "decline": lambda: handing.decide(user, transfer, granted=False, reason=reason),
        "hold": lambda: holds.place(user, transfer, reason=reason),
        "release": lambda: holds.end(user, transfer, reason=reason),
    }
    if name not in acts:
        raise Http404
    return _done(request, pk, acts[name], "hold-reason" if name in ("hold", "release") else "decide-reason")


def _open(user: Any, file: TransferFile, passwords: list[str]) -> None:
    if cleaning.open_with_password(user, file, *passwords) == TransferFile.State.PASSWORD:
        raise Conflict(_("This password does not open the file. Nothing was kept of it."))


def _done(request: HttpRequest, pk: int, run: Callable[[], Any], place: str, words: str = "") -> HttpResponse:
    """Do it and lead back to the transfer. A refused text stands where it was written (``place``), with the reason."""
    try:
        run()
    except TooManyRequests:
        raise
    except SekishoError as error:
        if "reason" in request.POST:
            return _refused(request, pk, place, error)
        messages.error(request, str(error))
    else:
        messages.success(request, words or _("Saved."))
    return redirect("gateway:transfer", pk)


def _refused(request: HttpRequest, pk: int, place: str, error: SekishoError) -> HttpResponse:
    actor, transfer = find(request, pk)
    context = _context(actor, transfer) | {"refused": refused(request, place, request.POST["reason"], error)}
    return render(request, "gateway/transfer.html", context, status=error.status)


def refused(request: HttpRequest, place: str, said: str, error: SekishoError) -> dict[str, Any]:
    """A text that was not accepted, for ``gateway/parts/reason.html``; said on top, too: its form may be gone by now."""
    messages.error(request, str(error))
    return {"place": place, "said": said, "why": str(error)}


@sensitive_post_parameters("password")
@require_POST
def file_act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """An act on one file: its password, going without it, asking about it."""
    _actor, file = find_file(request, pk)
    said, user = request.POST, request.user
    acts: dict[str, Callable[[], Any]] = {
        "password": lambda: _open(user, file, said.getlist("password")),
        "open-more": lambda: unlocking.open_more(user, file, said.getlist("password")),
        "without": lambda: cleaning.go_without(user, file),
        "ask": lambda: exceptions.ask(
            user, file, wanted=said.get("wanted", ""), reason=said.get("reason", "")
        ),
    }
    if name not in acts:
        raise Http404
    opened = _("The password was used and not kept.") if name in ("password", "open-more") else ""
    return _done(request, file.transfer_id, acts[name], f"ask-{pk}", opened)


@never_cache
@require_POST
def take(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take a file, which is recorded; a download and nothing else."""
    _actor, file = find_file(request, pk)
    original = request.POST.get("what") == "original"
    try:
        bodies = handing.take(request.user, file, original=original, reason=request.POST.get("reason", ""))
    except SekishoError as error:
        if "reason" in request.POST:
            return _refused(request, file.transfer_id, f"look-{pk}", error)
        messages.error(request, str(error))
        return redirect("gateway:transfer", file.transfer_id)
    return download(file, bodies, original=original)


def download(file: TransferFile, bodies: Any, *, original: bool) -> StreamingHttpResponse:
    """A file as an attachment that no browser opens by itself."""
    response = StreamingHttpResponse(bodies, content_type="application/octet-stream")
    name, size = (file.name, file.size) if original else (file.clean_name, file.clean_size)
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["Content-Length"] = str(size)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """The officer's or the superior's word on a question."""
    question = ExceptionRequest.objects.select_related("file").filter(pk=pk).first()
    _actor, transfer = find_asked(request, question)
    assert question is not None
    question.file.transfer = transfer
    said = request.POST
    days = said.get("days", "")
    granted = said.get("granted") == "yes"
    return _done(
        request,
        transfer.pk,
        lambda: exceptions.answer(
            request.user,
            question,
            granted=granted,
            reason=said.get("reason", ""),
            days=int(days[:4]) if days.isascii() and days.isdecimal() else 1,
        ),
        f"answer-{pk}",
    )


def find_asked(request: HttpRequest, question: ExceptionRequest | None) -> tuple[Actor, Transfer]:
    """The transfer a question is about, for those who answer it."""
    actor = actor_of(request.user)
    transfers = Transfer.objects.select_related("route__organisation", "sender")
    transfer = transfers.filter(pk=question.file.transfer_id).first() if question else None
    if transfer is not None:
        path = transfer.route.organisation.path
        if actor.may("see_transfers", path=path) or actor.may("approve_transfer", path=path):
            return actor, transfer
    raise Http404(_("There is no such transfer, or you may not see it."))
