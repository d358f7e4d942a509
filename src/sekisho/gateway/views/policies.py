"""Pages of sanitizing policies: the shipped ones to read, the office's own with every version."""

import difflib
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from sekisho.book.forms.errors import show
from sekisho.errors import SekishoError
from sekisho.gateway.forms.policies import NewPolicyForm, PolicyForm
from sekisho.gateway.models import OwnPolicy, PolicyVersion, Route
from sekisho.gateway.queries.network import words
from sekisho.gateway.services import policies as service
from sekisho.gateway.views.network import officer, reached
from sekisho.people.roles import Actor
from sekisho.sanitizer.policies import shipped_policies, shipped_text


@dataclass(frozen=True)
class Change:
    """A line of the difference between two versions: ``added``, ``removed`` or ``same``."""

    kind: str
    text: str


@require_GET
def policies(request: HttpRequest) -> HttpResponse:
    """The policies that routes may use, and which routes use them."""
    actor = officer(request)
    used: dict[str, list[Route]] = {}
    for route in Route.objects.where(actor, "edit_routes").filter(closed_at=None):
        used.setdefault(route.policy, []).append(route)
    own = OwnPolicy.objects.where(actor, "edit_routes").select_related("organisation")
    context = {
        "own": [(policy, used.get(policy.code, [])) for policy in own],
        "shipped": [
            (name, words(policy.title), used.get(name, []))
            for name, policy in sorted(shipped_policies().items())
        ],
    }
    return render(request, "gateway/policies.html", context)


@require_http_methods(["GET", "POST"])
def new_policy(request: HttpRequest) -> HttpResponse:
    """Write an own policy; ``?from=`` names the shipped one to start from."""
    actor = officer(request)
    start = request.GET.get("from", "inbound")
    if start not in shipped_policies():
        raise Http404(_("There is no such policy."))
    initial = {
        "text": shipped_text(start).replace(f"name: {start}", f"name: {start}-own", 1),
        "code": f"{start}-own",
    }
    form = NewPolicyForm(request.POST or None, organisations=reached(actor), initial=initial)
    if request.method == "POST" and form.is_valid():
        said = dict(form.cleaned_data)
        said.pop("version")
        try:
            made = service.make_policy(request.user, **said)
            messages.success(request, _("Saved."))
            return redirect("gateway:policy", made.code)
        except SekishoError as error:
            show(form, error)
    context = {"form": form, "start": start}
    return render(request, "gateway/policy.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def policy(request: HttpRequest, code: str) -> HttpResponse:
    """A policy: its latest version to change, and those before it, each with what it changed."""
    actor = officer(request)
    if code in shipped_policies():
        shipped = {"name": code, "text": shipped_text(code), "title": words(shipped_policies()[code].title)}
        return render(request, "gateway/policy_shipped.html", shipped)
    own = _own(actor, code)
    versions = list(own.versions.select_related("made_by"))
    form = PolicyForm(request.POST or None, initial={"text": versions[0].text, "version": own.version})
    if request.method == "POST" and form.is_valid():
        said = dict(form.cleaned_data)
        try:
            service.change_policy(request.user, own, expected_version=said.pop("version"), **said)
            messages.success(request, _("Saved."))
            return redirect("gateway:policy", code)
        except SekishoError as error:
            show(form, error)
    context = {
        "own": own,
        "form": form,
        "versions": _told(versions),
        "routes": Route.objects.where(actor, "edit_routes").filter(policy=code, closed_at=None),
    }
    return render(request, "gateway/policy.html", context, status=422 if form.errors else 200)


def _own(actor: Actor, code: str) -> OwnPolicy:
    seen = OwnPolicy.objects.where(actor, "edit_routes").select_related("organisation")
    found = seen.filter(code=code.replace("\x00", "")).first()
    if found is None:
        raise Http404(_("There is no such policy."))
    return found


def _told(versions: list[PolicyVersion]) -> list[tuple[PolicyVersion, list[Change]]]:
    """Each version with what it changed, newest first; the first one changed nothing."""
    before = [*versions[1:], None]
    return [
        (version, _changes(old, version) if old else [])
        for version, old in zip(versions, before, strict=True)
    ]


def _changes(old: PolicyVersion, new: PolicyVersion) -> list[Change]:
    kinds = {"+": "added", "-": "removed"}
    lines = difflib.unified_diff(old.text.splitlines(), new.text.splitlines(), n=1, lineterm="")
    told = [line for line in lines if not line.startswith(("---", "+++", "@@"))]
    return [Change(kinds.get(line[:1], "same"), line[1:]) for line in told]
