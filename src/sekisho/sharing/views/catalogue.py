"""The catalogue of common platforms, and the ledger of what was reused."""

from collections.abc import Collection, Mapping
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sekisho.book.forms.errors import show
from sekisho.errors import NotPermitted, SekishoError
from sekisho.people.permissions import actor_of
from sekisho.sharing import queries
from sekisho.sharing.forms import ConfirmForm, PlatformForm
from sekisho.sharing.lists import platforms_file, reuse_file
from sekisho.sharing.models import Platform, ReuseEntry
from sekisho.sharing.services import platforms as service
from sekisho.web.lists import asked_format

PAGE_SIZE = 100
#: the filter for confirmed savings whose actual spending was corrected since
_CORRECTED = "corrected"


@require_GET
def page(request: HttpRequest) -> HttpResponseBase:
    """All platforms."""
    found = queries.catalogue()
    if fmt := asked_format(request):
        return platforms_file(fmt, found)
    context = {"platforms": found, "may_keep": service.may_keep_catalogue(request.user)}
    return render(request, "sharing/catalogue.html", context)


@require_GET
def platform(request: HttpRequest, pk: int) -> HttpResponse:
    """One platform: what it does, who uses it, how to ask for it."""
    found = get_object_or_404(queries.catalogue(), pk=pk)
    entries = ReuseEntry.objects.visible_to(actor_of(request.user)).filter(platform=found)
    used = entries.filter(state="adopted").select_related("project__owner")[:PAGE_SIZE]
    context = {"platform": found, "used": used, "may_keep": service.may_keep_catalogue(request.user)}
    return render(request, "sharing/platform.html", context)


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Add a platform."""
    return _edit(request, None)


@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a platform."""
    return _edit(request, get_object_or_404(Platform, pk=pk))


def _edit(request: HttpRequest, found: Platform | None) -> HttpResponse:
    if not service.may_keep_catalogue(request.user):
        raise NotPermitted(_("The catalogue is kept by the quality office."))
    form = PlatformForm(request.POST or None, initial=PlatformForm.of(found) if found else None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            values = dict(form.cleaned_data)
            version = values.pop("version")
            try:
                saved = service.save_platform(request.user, found, expected_version=version, **values)
                messages.success(request, _("Saved."))
                return redirect("sharing:platform", saved.pk)
            except SekishoError as error:
                show(form, error)
                status = error.status
    return render(request, "sharing/platform_form.html", {"form": form, "platform": found}, status=status)


@require_GET
def reuse(request: HttpRequest) -> HttpResponseBase:
    """The reuse ledger: of the books one may read, what was offered, considered, adopted or declined."""
    entries = ReuseEntry.objects.visible_to(actor_of(request.user))
    if fmt := asked_format(request):
        corrected = queries.corrections(entries)
        return reuse_file(fmt, _listed(entries, _state(request), corrected), corrected)
    return render(request, "sharing/reuse.html", _reuse_context(request, entries))


def _state(request: HttpRequest) -> str:
    state = request.GET.get("state", "")
    return state if state in (*ReuseEntry.State.values, _CORRECTED) else ""


def _listed(entries: QuerySet[ReuseEntry], state: str, corrected: Collection[int]) -> QuerySet[ReuseEntry]:
    if state == _CORRECTED:
        entries = entries.filter(pk__in=corrected)
    elif state:
        entries = entries.filter(state=state)
    return entries.select_related("project__owner", "platform")


def _reuse_context(
    request: HttpRequest, entries: QuerySet[ReuseEntry], failed: dict[int, ConfirmForm] | None = None
) -> dict[str, Any]:
    """What the ledger shows; ``failed``: forms that were refused, by entry, with what was typed."""
    state, corrected = _state(request), queries.corrections(entries)
    asked = request.GET.get("after", "")
    start = int(asked[:9]) if asked.isascii() and asked.isdecimal() else 0
    rows = list(_listed(entries, state, corrected)[start : start + PAGE_SIZE + 1])
    shown = [*rows[:PAGE_SIZE]]
    if failed and not failed.keys() <= {row.pk for row in shown}:
        shown = [*_listed(entries, "", corrected).filter(pk__in=failed), *shown]
    may_confirm = actor_of(request.user).may_anywhere("review")
    proposed, forms = _confirming(shown, corrected) if may_confirm else ({}, {})
    forms |= failed or {}
    return {
        "totals": queries.totals(entries, corrected.values()),
        "rows": [(row, proposed.get(row.pk), corrected.get(row.pk), forms.get(row.pk)) for row in shown],
        "more": start + PAGE_SIZE if len(rows) > PAGE_SIZE else 0,
        "state": state,
        "states": ReuseEntry.State.choices,
        "corrected": len(corrected),
    }


def _confirming(
    shown: list[ReuseEntry], corrected: Mapping[int, queries.Correction]
) -> tuple[dict[int, queries.Saving], dict[int, ConfirmForm]]:
    """By entry: what actual budgets propose, and forms for savings that nobody confirmed or that were corrected since."""
    adopted = [row for row in shown if row.state == ReuseEntry.State.ADOPTED]
    open_ones = [row for row in adopted if row.confirmed is None or row.pk in corrected]
    proposed = queries.savings(open_ones)
    return proposed, {
        row.pk: ConfirmForm(row, saving=proposed.get(row.pk), correction=corrected.get(row.pk))
        for row in open_ones
    }


@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter what actual budgets showed; a refusal comes back in place."""
    seen = ReuseEntry.objects.visible_to(actor_of(request.user))
    entry = get_object_or_404(seen.select_related("project__owner", "platform"), pk=pk)
    form = ConfirmForm(entry, request.POST)
    status = 422
    if form.is_valid():
        try:
            service.confirm_saving(request.user, entry, **form.cleaned_data)
            messages.success(request, _("Saved."))
            return redirect("sharing:reuse")
        except SekishoError as error:
            show(form, error)
            status = error.status
    return render(request, "sharing/reuse.html", _reuse_context(request, seen, {pk: form}), status=status)
