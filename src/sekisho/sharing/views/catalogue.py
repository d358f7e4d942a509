"""The catalogue of common platforms, and the ledger of what was reused."""

from django.contrib import messages
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
    state = request.GET.get("state", "")
    state = state if state in ReuseEntry.State.values else ""
    asked = request.GET.get("after", "")
    start = int(asked[:9]) if asked.isascii() and asked.isdecimal() else 0
    chosen = entries.filter(state=state) if state else entries
    listed = chosen.select_related("project__owner", "platform")
    if fmt := asked_format(request):
        return reuse_file(fmt, listed)
    rows = list(listed[start : start + PAGE_SIZE + 1])
    context = {
        "totals": queries.totals(entries),
        "rows": rows[:PAGE_SIZE],
        "more": start + PAGE_SIZE if len(rows) > PAGE_SIZE else 0,
        "state": state,
        "states": ReuseEntry.State.choices,
        "form": ConfirmForm(auto_id=False),
        "may_confirm": actor_of(request.user).may_anywhere("review"),
    }
    return render(request, "sharing/reuse.html", context)


@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter what actual budgets showed."""
    seen = ReuseEntry.objects.visible_to(actor_of(request.user)).select_related("project__owner", "platform")
    entry = get_object_or_404(seen, pk=pk)
    form = ConfirmForm(request.POST)
    if form.is_valid():
        service.confirm_saving(request.user, entry, **form.cleaned_data)
        messages.success(request, _("Saved."))
    else:
        messages.error(request, _("Give an amount in yen and a fiscal year, such as 2025."))
    return redirect("sharing:reuse")
