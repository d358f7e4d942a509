"""Pages of standards: the packs, one version, two compared, and what is in force where."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from sekisho.people.forms import apply
from sekisho.people.permissions import actor_of, require
from sekisho.standards import pages, services
from sekisho.standards.forms import ChooseForm, CompareForm
from sekisho.standards.lists import criteria_file
from sekisho.standards.models import StandardVersion
from sekisho.web import formats
from sekisho.web.lists import asked_format


@require_GET
def packs(request: HttpRequest) -> HttpResponse:
    """Every pack with its versions, and which is in force where."""
    rows = pages.pack_rows(_language(), timezone.localdate())
    return render(request, "standards/packs.html", {"packs": rows, "may_choose": _may_choose(request)})


@require_GET
def version(request: HttpRequest, pack: str, version: str) -> HttpResponseBase:
    """One version, criterion by criterion; ``?q=`` looks for words in both languages."""
    found = None if "\x00" in version else StandardVersion.objects.filter(pack=pack, version=version).first()
    if found is None:
        raise Http404(_("There is no such standard."))
    whole, q = found.load(), request.GET.get("q", "").strip()[:200]
    sections = pages.sections_of(whole, _language(), q)
    if fmt := asked_format(request):
        return criteria_file(fmt, sections)
    context = {
        "standard": found,
        "pack": whole,
        "title": whole.title.get(_language()),
        "about": whole.description.get(_language()),
        "source": whole.source.get(_language()),
        "sections": sections,
        "shown": sum(section.count for section in sections),
        "total": len(whole.criteria),
        "q": q,
    }
    return render(request, "standards/version.html", context)


@require_GET
def compare_versions(request: HttpRequest) -> HttpResponse:
    """Two versions side by side: ``?old=ID&new=ID``. Without them, the newest two of one pack."""
    asked = "old" in request.GET or "new" in request.GET
    form = CompareForm(request.GET if asked else _newest_two() or None)
    context: dict[str, object] = {"form": form}
    if form.is_bound and form.is_valid():
        context |= pages.compared(form.cleaned_data["old"], form.cleaned_data["new"], _language())
    return render(request, "standards/compare.html", context, status=422 if form.errors else 200)


def _newest_two() -> dict[str, int]:
    """A pair worth comparing: a pack's last two versions."""
    newest: dict[str, int] = {}
    for pack, pk in StandardVersion.objects.values_list("pack", "pk"):
        if pack in newest:
            return {"old": pk, "new": newest[pack]}
        newest[pack] = pk
    return {}


@require_http_methods(["GET", "POST"])
def in_force(request: HttpRequest) -> HttpResponse:
    """Which standard reaches whom, and the history of choices; the quality office chooses here."""
    form = ChooseForm(request.POST or None) if _may_choose(request) else None
    if request.method == "POST":
        require(request.user, "edit_standards")
        assert form is not None
        if chosen := apply(form, lambda values: services.choose_standard(request.user, **values)):
            words = {
                "standard": chosen.standard,
                "organisation": chosen.organisation,
                "day": formats.date_long(chosen.in_force_from, get_language()),
            }
            messages.success(
                request, _("%(standard)s is in force for %(organisation)s from %(day)s.") % words
            )
            return redirect("standards:in_force")
    history = pages.history()
    context = {
        "form": form,
        "rows": pages.force_rows(timezone.localdate()),
        "history": history,
        "ahead": pages.ahead(history),
    }
    return render(request, "standards/in_force.html", context, status=422 if form and form.errors else 200)


def _may_choose(request: HttpRequest) -> bool:
    return actor_of(request.user).may_anywhere("edit_standards")


def _language() -> str:
    return get_language() or "ja"
