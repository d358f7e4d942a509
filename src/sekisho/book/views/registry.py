"""The registry of all books: filters in the address, rows added by htmx, totals when they are ready."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers

from sekisho.book.models import SavedView
from sekisho.book.queries import registry
from sekisho.book.views.registry_parts import Bar, chosen_columns, head_cells, kept, table_rows
from sekisho.people.permissions import actor_of
from sekisho.people.roles import Actor


def page(request: HttpRequest) -> HttpResponse:
    """The list; with ``after`` asked by htmx only its next rows."""
    actor = actor_of(request.user)
    found = registry.stretch(actor, request.GET)
    columns = chosen_columns(request.GET)
    context = {
        "columns": columns,
        "rows": table_rows(registry.rows_of(found.ids), columns),
        "more": _more(request, found.following),
        "width": len(columns) + 1,
    }
    adding = getattr(request, "htmx", False) and request.GET.get("after")
    if not adding:
        context |= _around(request, actor, found)
    template = "book/registry_rows.html" if adding else "book/registry.html"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _more(request: HttpRequest, following: str) -> str:
    return f"?{kept(request.GET, after=following)}" if following else ""


def _around(request: HttpRequest, actor: Actor, found: registry.Stretch) -> dict[str, object]:
    """What stands around the rows: filters, total, saved views, exports."""
    query = registry.read_query(request.GET)
    total = found.total
    if total is None and "total" in request.GET:
        total = registry.total_of(actor, request.GET)
    return {
        "query": query,
        "bar": Bar.of(query, request.GET),
        "head": head_cells(chosen_columns(request.GET), query.sort, request.GET),
        "total": total,
        "kept": kept(request.GET),
        "views": SavedView.objects.filter(user_id=request.user.pk or 0)[:50],
        "started": "after" in request.GET,
        "may_create": actor.may_anywhere("create"),
        "may_import": actor.may_import,
    }


def total(request: HttpRequest) -> HttpResponse:
    """Count and money of the whole list: the line itself for htmx, the registry with it for others."""
    if not getattr(request, "htmx", False):
        return HttpResponseRedirect(f"{reverse('book:registry')}?{kept(request.GET, total='1')}")
    sums = registry.total_of(actor_of(request.user), request.GET)
    response = render(request, "book/registry_total.html", {"total": sums})
    patch_vary_headers(response, ["HX-Request"])
    return response


def jump(request: HttpRequest) -> HttpResponse:
    """From the search of the top bar: to the one book that is meant, else to the registry."""
    text = request.GET.get("q", "")
    codes = registry.books_for_jump(actor_of(request.user), text)
    if len(codes) == 1:
        return redirect("book:book", codes[0])
    params = request.GET.copy()
    return HttpResponseRedirect(f"{reverse('book:registry')}?{kept(params)}")
