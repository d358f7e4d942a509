"""Pages of user tests: the list, one test, its plan, its report."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sekisho.book import fiscal
from sekisho.book.forms.errors import show
from sekisho.book.models import Project
from sekisho.errors import SekishoError
from sekisho.people.permissions import actor_of
from sekisho.people.roles import Actor
from sekisho.voice.forms.usertests import PlanForm, ProjectForm, TaskForm
from sekisho.voice.lists import tests_file
from sekisho.voice.models import UserTest
from sekisho.voice.printing import pdf_of
from sekisho.voice.queries.usertests import overview, page_of, seen_test, seen_tests
from sekisho.voice.reports import workbook_of
from sekisho.voice.services import usertests as service
from sekisho.voice.views.usertest_acts import ACTS, chosen_observations, forms_of
from sekisho.web.asked import stretch_of, whole_number
from sekisho.web.lists import asked_format
from sekisho.web.pictures import download

PAGE_SIZE = 50


def find_test(request: HttpRequest, pk: int) -> tuple[Actor, UserTest]:
    """The actor and a test they may see; 404 otherwise."""
    actor = actor_of(request.user)
    test = seen_test(actor, pk)
    if test is None:
        raise Http404(_("There is no such user test, or you may not see it."))
    return actor, test


def may_edit(actor: Actor, project: Project) -> bool:
    """Whether this person may plan and record here."""
    return not project.is_closed and actor.may("edit", path=project.owner.path, project_id=project.pk)


@require_GET
def tests(request: HttpRequest) -> HttpResponseBase:
    """The user tests of the books one may read; ``?state=``, ``?kind=`` and ``?project=`` narrow them down."""
    actor, asked = actor_of(request.user), request.GET
    chosen = {
        "state": asked.get("state", "") if asked.get("state") in UserTest.State.values else "",
        "kind": asked.get("kind", "") if asked.get("kind") in UserTest.Kind.values else "",
        "project": asked.get("project", "").replace("\x00", "")[:64],
    }
    if fmt := asked_format(request):
        return tests_file(fmt, seen_tests(actor, **chosen))
    found = stretch_of(seen_tests(actor, **chosen), asked.get("after", ""), PAGE_SIZE)
    context = {
        "tests": found.rows,
        "more": found.more,
        "chosen": chosen,
        "states": UserTest.State.choices,
        "kinds": UserTest.Kind.choices,
        "overview": overview(actor, fiscal.first_day(fiscal.fiscal_year_of(timezone.localdate()))),
        "may_plan": actor.may_edit_some_book,
    }
    return render(request, "voice/tests.html", context)


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Plan a test: first the book, by its code, then the plan."""
    actor = actor_of(request.user)
    code = request.GET.get("project", "").strip()
    books = Project.objects.visible_to(actor).select_related("owner")
    project = books.coded(code).first() if code else None
    if project is None:
        chooser = ProjectForm(request.GET if code else None)
        if code and chooser.is_valid():
            chooser.add_error("project", _("There is no such book, or you may not see it."))
        return render(request, "voice/test_new.html", {"chooser": chooser}, status=422 if code else 200)
    form = PlanForm(request.POST or None, project=project)
    if request.method == "POST" and form.is_valid():
        try:
            test = service.plan_test(request.user, project, **_parts(form))
        except SekishoError as error:
            show(form, error)
        else:
            messages.success(
                request, _("The test is planned. Say next whom it needs and what they are asked.")
            )
            return redirect("voice:test", test.pk)
    context = {"project": project, "form": form}
    return render(request, "voice/test_plan.html", context, status=422 if form.errors else 200)


def _parts(form: PlanForm) -> dict[str, Any]:
    return {name: value for name, value in form.cleaned_data.items() if name != "version"}


@require_GET
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """One test: plan, participants, tasks, observations, results, problems. ``?task=`` opens the form of a task."""
    actor, test = find_test(request, pk)
    context, asked = page_context(actor, test), request.GET.get("task", "")
    number = whole_number(asked)
    task = test.tasks.filter(pk=number).first() if number and context["may_edit"] else None
    if task is not None:
        context["forms"]["task"] = TaskForm(instance=task, prefix="task", auto_id="%s")
        context["was"] = task.pk
    return render(request, "voice/test.html", context)


def page_context(actor: Actor, test: UserTest, **failed: Any) -> dict[str, Any]:
    """Everything the page shows; ``failed`` are forms that were refused, by act."""
    edit = may_edit(actor, test.project)
    return {
        "test": test,
        "page": page_of(test),
        "may_edit": edit and not test.is_over,
        "may_sort": edit,
        "forms": {**forms_of(test), **failed} if edit else {},
        "failed": failed,
        "was": "",
    }


@require_POST
def act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Do one act on a test. A refusal comes back in place."""
    actor, test = find_test(request, pk)
    found = ACTS.get(name)
    if found is None:
        raise Http404
    form = found.form(test, request.POST) if found.form else None
    error: SekishoError | None = None
    if form is None or form.is_valid():
        try:
            found.run(request.user, test, form.cleaned_data if form else {}, request.POST)
            messages.success(request, str(found.done))
            return redirect(f"{reverse('voice:test', args=[pk])}#{found.place}")
        except SekishoError as refused:
            error = refused
    if form is None or name == "consent":
        messages.error(request, str(error) if error else _("Enter a day."))
        return redirect(f"{reverse('voice:test', args=[pk])}#{found.place}")
    if error is not None:
        show(form, error)
    test.refresh_from_db()
    chosen = {"chosen": set(chosen_observations(request.POST)), "was": request.POST.get("was", "")}
    context = page_context(actor, test, **{name.replace("-", "_"): form}) | chosen
    return render(request, "voice/test.html", context, status=error.status if error else 422)


@require_http_methods(["GET", "POST"])
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """Change the plan. A save over somebody else's shows what they saved."""
    _actor, test = find_test(request, pk)
    said = {name: getattr(test, name) for name in service.PLAN}
    form = PlanForm(request.POST or None, project=test.project, initial={**said, "version": test.version})
    if request.method == "POST" and form.is_valid():
        try:
            version = form.cleaned_data["version"]
            service.change_test(request.user, test, expected_version=version, **_parts(form))
        except SekishoError as error:
            show(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("voice:test", pk)
    context = {"project": test.project, "test": test, "form": form}
    return render(request, "voice/test_plan.html", context, status=422 if form.errors else 200)


@require_GET
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """The report that a section chief reads and prints."""
    _actor, test = find_test(request, pk)
    return render(request, "voice/test_report.html", {"test": test, "page": page_of(test)})


@require_GET
def printed(request: HttpRequest, pk: int) -> HttpResponse:
    """The same as PDF, to be sent or filed."""
    _actor, test = find_test(request, pk)
    return download(pdf_of(test, page_of(test)), "application/pdf", f"user-test-{test.pk}.pdf")


@require_GET
def workbook(request: HttpRequest, pk: int) -> HttpResponse:
    """The same as an Excel workbook."""
    _actor, test = find_test(request, pk)
    response = HttpResponse(
        workbook_of(test, page_of(test)),
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )
    response["Content-Disposition"] = f'attachment; filename="user-test-{test.pk}.xlsx"'
    return response
