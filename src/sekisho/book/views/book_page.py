"""The book's page: it reads like a book, and edits happen in place."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from sekisho.book.forms.chapters import ChapterForm
from sekisho.book.forms.errors import show
from sekisho.book.models import Phase, Project
from sekisho.book.neighbours import neighbours_of
from sekisho.book.queries import book_page as read
from sekisho.book.queries import ledger as read_ledger
from sekisho.book.roads import road_of
from sekisho.book.services.phases import next_of
from sekisho.book.views.book_acts import ACTS, BookAct, item_of
from sekisho.book.views.book_rows import Lists, Places, Row, auto_id, form_of
from sekisho.book.words_values import source_texts, source_word
from sekisho.errors import NotFound, NotPermitted, SekishoError, StaleWrite
from sekisho.people.permissions import actor_of
from sekisho.people.roles import Actor
from sekisho.values import sentences


def seen_project(request: HttpRequest, code: str) -> tuple[Actor, Project]:
    """The actor and a book they may read; 404 otherwise."""
    actor = actor_of(request.user)
    projects = Project.objects.visible_to(actor).select_related("owner")
    return actor, get_object_or_404(projects, code=code)


@require_GET
def page(request: HttpRequest, code: str) -> HttpResponse:
    """The book. ``?do=`` an act and ``&item=`` a row: its form stands open. ``?all=`` a list: shown to its end."""
    actor, project = seen_project(request, code)
    shown = _asked(request, project, actor, request.GET.get("do", ""))
    context = context_of(project, actor, full=request.GET.get("all", ""), shown=shown)
    return render(request, "book/book.html", context)


def _asked(
    request: HttpRequest, project: Project, actor: Actor, name: str
) -> dict[tuple[str, str], ChapterForm]:
    """The form an address asks for, by act and row key; nothing when there is none or this person may not."""
    act, key = ACTS.get(name), request.GET.get("item", "")
    if act is None or not _may(actor, act.permission, project):
        return {}
    return {(name, key): form_of(name, project, actor, item_of(act, project, key))}


#: acts whose forms and buttons the page shows where the table of roles allows them
_OFFERED = (
    *("edit", "add_evidence", "release", "retire", "submit"),
    *("skip_phase", "set_tier", "read_ledger", "decide"),
)


@dataclass(frozen=True)
class Desk:
    """What every chapter needs: the book, what this person may do, where forms stand, how far lists are shown."""

    project: Project
    may: dict[str, bool]
    places: Places
    lists: Lists

    def rows(self, found: Iterable[Any], *acts: str) -> list[Row]:
        """Rows with the places of these acts on them."""
        return self.places.on(found, acts, allowed=self.may[ACTS[acts[0]].permission])

    def listed(self, name: str, found: QuerySet[Any], limit: int, *acts: str) -> list[Row]:
        """The same of a list that is cut at ``limit``."""
        return self.rows(self.lists.read(name, found, limit), *acts)


def context_of(
    project: Project,
    actor: Actor,
    failed: "Failed | None" = None,
    full: str = "",
    shown: Mapping[tuple[str, str], ChapterForm] | None = None,
) -> dict[str, Any]:
    """Everything the page shows. ``failed`` is a form that was refused, to be shown with what was entered;
    ``full`` names a list to show to its end, ``shown`` holds the form that stands open, by act and row key."""
    may = {act: _may(actor, act, project) for act in _OFFERED}
    places = Places({(failed.name, failed.key): failed.form} if failed else shown or {})
    desk = Desk(project, may, places, Lists(full or places.list_shown))
    return {
        "project": project,
        "may": may,
        "failed": failed,
        "open_acts": {name for name, _key in places.shown},
        "forms": places.of(name for name, act in ACTS.items() if act.model is None and may[act.permission]),
        "cuts": desk.lists.cuts,
        "neighbours": neighbours_of(project),
        "acts": _recent_acts(project) if may["read_ledger"] else [],
        **_state(desk),
        **_plan(desk),
        **_parts(desk),
        **_retirement(desk),
    }


def _state(desk: Desk) -> dict[str, Any]:
    """Where the book stands: its phases and gates, what bars the way, who owes what, its money."""
    project, today = desk.project, timezone.localdate()
    gates, book, entries = read.phase_gates(project), read.rows_of(project), read.entries_of(project)
    view = read.current_view(project, gates, book)
    following = next_of(project, entries.values())
    risks = desk.lists.read("risks", project.risks.select_related("owner"), 50)
    owed = read.owed(project, book.conditions, today, None if "risks" in desk.lists.cuts else risks)
    skipping = desk.rows([Phase(phase) for phase in Phase], "phase-skip")
    money = read.money(book.budget_years)
    return {
        "road": road_of(project),
        "view": view,
        "blockers": view.messages() if view else [],
        "owed": owed,
        "today": today,
        "chapters": read.phase_chapters(project, gates, entries, book.conditions, following),
        "following": following,
        "skip_forms": {row.of: row.forms.get("phase_skip") for row in skipping},
        "lapsed_word": _("Lapsed"),
        "risks": desk.rows(risks, "risk-change", "risk-close"),
        "money": money,
        "years": desk.rows(money["years"], "budget-change"),
    }


def _plan(desk: Desk) -> dict[str, Any]:
    """What was promised and how it goes: milestones, monthly reports, releases, goals."""
    project = desk.project
    milestones, baselines = read.milestones(project)
    releases = desk.lists.read("releases", project.releases.select_related("gate"), 50)
    return {
        "milestones": desk.rows(milestones, "milestone-move", "milestone-reach"),
        "baselines": baselines,
        "statuses": desk.lists.read("statuses", read.statuses(project), read.RECENT),
        "confidence_word": read.confidence_word(project.confidence),
        "releases": releases,
        "publishable": read.publishable(releases),
        "goals": desk.listed("goals", project.goals.all(), 50, "goal-change"),
    }


def _parts(desk: Desk) -> dict[str, Any]:
    """Who and what belongs to the book: people, contracts, links, files, modules, what other systems call it."""
    project = desk.project
    files = project.attachments.select_related("uploaded_by", "clean")
    known_as = list(project.external_ids.all())
    return {
        "members": desk.rows(project.memberships.select_related("user"), "member-change"),
        "contracts": desk.listed(
            "contracts", project.contracts.select_related("contractor"), 100, "contract-change"
        ),
        "links": desk.listed("links", project.links.all(), 100, "link-change"),
        "files": desk.lists.read("files", files, 100),
        "modules": desk.listed("modules", project.modules.all(), 100, "module-change"),
        "interfaces": desk.listed("interfaces", project.interfaces.all(), 100, "interface-change"),
        "external_ids": [(source_word(known.scheme), known.value) for known in known_as],
        "source_texts": [line for known in known_as for line in source_texts(known.imported)],
    }


def _retirement(desk: Desk) -> dict[str, Any]:
    """What holds data, and what is still missing to prove that it was destroyed."""
    lines = read.retirement_lines(desk.project)
    rows = desk.rows([item for item, _missing in lines], "retirement-edit")
    return {
        "retirement": [(row, missing) for row, (_item, missing) in zip(rows, lines, strict=True)],
        "proved_word": _("Proved"),
        "unproved_word": _("Not proved"),
    }


def _recent_acts(project: Project) -> list[read_ledger.ReadAct]:
    return read_ledger.read_acts(read_ledger.entries_of(project)[: read.RECENT])


def _may(actor: Actor, act: str, project: Project) -> bool:
    allowed = actor.may(act, path=project.owner.path, project_id=project.pk)
    return allowed and (not project.is_closed or act == "read_ledger")


class Failed:
    """A refused act: its name, the row it was about, its form, and what the other person saved, if stale."""

    def __init__(self, name: str, key: str, form: ChapterForm, stale: StaleWrite | None = None) -> None:
        self.name, self.key, self.form, self.stale = name, key, form, stale

    @property
    def differences(self) -> list[tuple[str, str, str]]:
        """Label, saved and entered value of each field that differs, in words; only after a stale save."""
        if self.stale is None:
            return []
        yours = {name: value for name, value in self.stale.yours.items() if name != "version"}
        current = {name: self.stale.current[name] for name in yours if name in self.stale.current}
        act = ACTS[self.name]
        record = act.model or act.record
        return read_ledger.differences(record, current, yours)

    def expect(self, version: int) -> None:
        """Let the next save of the shown form rest on this version: its reader has now seen both."""
        data = cast("QueryDict", self.form.data).copy()  # it holds lists: unpacking it would show them
        data["version"] = str(version)
        self.form.data = data


@require_http_methods(["GET", "HEAD", "POST"])
def act(request: HttpRequest, code: str, name: str) -> HttpResponse:
    """An act on the book: GET opens its form in place, POST does it."""
    actor, project = seen_project(request, code)
    found = ACTS.get(name)
    if found is None:
        raise Http404
    if request.method == "POST":
        return _done(request, project, actor, name, found)
    key = request.GET.get("item", "")
    if not request.headers.get("HX-Request"):
        query = urlencode({"do": name, **({"item": key} if key else {})})
        return redirect(f"{reverse('book:book', args=[code])}?{query}#{found.chapter}")
    if not _may(actor, found.permission, project):
        raise NotPermitted(_("Your role does not allow this on this book."))
    form = form_of(name, project, actor, item_of(found, project, key))
    context = {
        "project": project,
        "name": name,
        "key": key,
        "form": form,
        "button": request.GET.get("button", ""),
    }
    return render(request, "book/act_body.html", context)


def _done(request: HttpRequest, project: Project, actor: Actor, name: str, found: BookAct) -> HttpResponse:
    """Do one act on the book; a refusal comes back in place with what was entered."""
    key = request.POST.get("item", "")
    item = item_of(found, project, key)
    form = found.form(request.POST, request.FILES, project=project, actor=actor, auto_id=auto_id(name, key))
    if form.is_valid():
        try:
            found.run(request.user, project, item, dict(form.cleaned_data))
        except NotFound:
            raise
        except SekishoError as error:
            return _refused(request, project, actor, found, Failed(name, key, form), error)
        draft = "-".join(part for part in (project.code, name, key) if part)
        messages.success(request, str(found.done), extra_tags=draft)
        return redirect(f"{reverse('book:book', args=[project.code])}#{found.chapter}")
    return _refused(request, project, actor, found, Failed(name, key, form), None)


def _refused(
    request: HttpRequest,
    project: Project,
    actor: Actor,
    found: BookAct,
    failed: Failed,
    error: SekishoError | None,
) -> HttpResponse:
    status = error.status if error else 422
    if isinstance(error, StaleWrite):
        failed.stale = error
        if "version" in error.current:
            failed.expect(error.current["version"])
    if error is not None:
        show(failed.form, error, owner="organisation", planned="planned_on")
    project = Project.objects.select_related("owner").get(pk=project.pk)
    if not failed.form.fields:
        said = [str(text) for errors in failed.form.errors.values() for text in errors]
        messages.error(request, sentences(*said) or _("This was not saved."))
    return render(request, "book/book.html", context_of(project, actor, failed), status=status)
