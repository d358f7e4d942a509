"""Pages of the two servers: what was handed over, what arrived, what is missing."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from sekisho.errors import NotPermitted, SekishoError
from sekisho.gateway.models import Arrival, Dispatch
from sekisho.gateway.services import fetching, sides
from sekisho.people.permissions import actor_of

PAGE = 50


@require_GET
def packages(request: HttpRequest) -> HttpResponse:
    """Packages of this server, the newest first; what needs somebody stands on top."""
    actor = actor_of(request.user)
    if not actor.may_anywhere("read_transfer_ledger"):
        raise NotPermitted(_("Records are for the information security officer and auditors."))
    both = sides.packs() and sides.fetches()
    shows_sent = sides.packs() and (not both or request.GET.get("show") == "sent")
    rows = Dispatch.objects.all() if shows_sent else Arrival.objects.exclude(state=Arrival.State.MISSING)
    context = {
        "shows_sent": shows_sent,
        "both": both,
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "missing": Arrival.objects.filter(state=Arrival.State.MISSING).order_by("number")[:PAGE],
        "may_mend": actor.may_anywhere("edit_routes"),
    }
    return render(request, "gateway/packages.html", context)


@require_POST
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a refused package looked at once more."""
    try:
        fetching.look_again(request.user, get_object_or_404(Arrival, pk=pk))
    except NotPermitted:
        raise
    except SekishoError as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, _("The package is looked at again within a minute."))
    return redirect("gateway:packages")
