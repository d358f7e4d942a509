"""Administration: the landing page, organisations, and the record of what administrators did."""

import functools
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sekisho.people import queries, services
from sekisho.people.forms import ClosingForm, OrganisationForm, apply
from sekisho.people.lists import history_file, organisations_file
from sekisho.people.models import Installation, Organisation
from sekisho.people.permissions import require
from sekisho.people.record import recorded
from sekisho.web.lists import AT_MOST, asked_format

View = Callable[..., HttpResponseBase]
HISTORY_PAGE = 50


def for_administrators(view: View) -> View:
    """Refuse the page to everybody who may not administer."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        require(request.user, "administer")
        return view(request, *args, **kwargs)

    return guarded


@require_GET
@for_administrators
def administration(request: HttpRequest) -> HttpResponse:
    """Where administrators start: figures, ways on, what was done last."""
    context = {
        "installation": Installation.objects.first(),
        "counts": queries.counts(),
        "acts": recorded(0, 5),
    }
    return render(request, "people/administration.html", context)


@require_GET
@for_administrators
def history(request: HttpRequest) -> HttpResponseBase:
    """What was done to people, organisations and standards, newest first."""
    if fmt := asked_format(request):
        return history_file(fmt, recorded(0, AT_MOST + 1))
    text = request.GET.get("from", "")
    offset = int(text) if text.isdecimal() and len(text) < 10 else 0
    acts = recorded(offset, HISTORY_PAGE + 1)
    further = offset + HISTORY_PAGE if len(acts) > HISTORY_PAGE else 0
    context = {"acts": acts[:HISTORY_PAGE], "further": further, "is_first": not offset}
    return render(request, "people/history.html", context)


@require_GET
@for_administrators
def organisations(request: HttpRequest) -> HttpResponseBase:
    """The tree of organisations; ``?closed=1`` shows closed ones too."""
    closed = request.GET.get("closed") == "1"
    tree = queries.organisation_tree(closed=closed)
    if fmt := asked_format(request):
        return organisations_file(fmt, tree)
    return render(request, "people/organisations.html", {"tree": tree, "closed": closed})


@require_http_methods(["GET", "POST"])
@for_administrators
def new_organisation(request: HttpRequest) -> HttpResponse:
    """Create an organisation; ``?parent=ID`` proposes where."""
    form = OrganisationForm(request.POST or None, initial={"parent": request.GET.get("parent", "")})
    if request.method == "POST" and (
        made := apply(form, lambda values: services.create_organisation(request.user, **values))
    ):
        messages.success(request, _("%(name)s was created.") % {"name": made.name})
        return redirect("people:organisations")
    return render(request, "people/organisation_new.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@for_administrators
def organisation(request: HttpRequest, organisation_id: int) -> HttpResponse:
    """One organisation: rename, move, close; who holds roles for it."""
    shown = _organisation(organisation_id)
    form = OrganisationForm(request.POST or None, initial=_values(shown))
    form.fields["parent"].beside = shown  # type: ignore[attr-defined]
    if request.method == "POST" and apply(
        form, lambda values: services.edit_organisation(request.user, shown, **values)
    ):
        messages.success(request, _("Saved."))
        return redirect("people:organisation", shown.pk)
    return _organisation_page(request, shown, form, ClosingForm())


@require_POST
@for_administrators
def close_organisation(request: HttpRequest, organisation_id: int) -> HttpResponse:
    """Close from a day on."""
    shown = _organisation(organisation_id)
    closing = ClosingForm(request.POST)
    if apply(closing, lambda values: services.close_organisation(request.user, shown, **values)):
        messages.success(request, _("%(name)s was closed.") % {"name": shown.name})
        return redirect("people:organisation", shown.pk)
    return _organisation_page(request, shown, OrganisationForm(initial=_values(shown)), closing)


@require_POST
@for_administrators
def reopen_organisation(request: HttpRequest, organisation_id: int) -> HttpResponse:
    """Undo a closing."""
    shown = services.reopen_organisation(request.user, _organisation(organisation_id))
    messages.success(request, _("%(name)s is open again.") % {"name": shown.name})
    return redirect("people:organisation", shown.pk)


def _organisation(pk: int) -> Organisation:
    return get_object_or_404(Organisation.objects.select_related("parent"), pk=pk)


def _values(shown: Organisation) -> dict[str, Any]:
    return {"name": shown.name, "name_en": shown.name_en, "code": shown.code, "parent": shown.parent_id}


def _organisation_page(
    request: HttpRequest, shown: Organisation, form: OrganisationForm, closing: ClosingForm
) -> HttpResponse:
    context = {
        "organisation": shown,
        "form": form,
        "closing": closing,
        "holders": queries.holders_below(shown),
        "children": shown.children.order_by("code"),
    }
    status = 422 if form.errors or closing.errors else 200
    return render(request, "people/organisation.html", context, status=status)
