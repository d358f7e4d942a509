"""Opening a book."""

import re

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from sekisho.book import fiscal
from sekisho.book.forms.errors import show
from sekisho.book.forms.lists import NewBookForm
from sekisho.book.models import Project
from sekisho.book.services.projects import create_project
from sekisho.errors import NotPermitted, SekishoError
from sekisho.people.permissions import actor_of


def page(request: HttpRequest) -> HttpResponse:
    """The form; a refusal stands beside its field and nothing typed is lost."""
    actor = actor_of(request.user)
    if not actor.may_anywhere("create"):
        raise NotPermitted(_("Your role does not allow you to open a book."))
    form = NewBookForm(request.POST or None, actor=actor, initial=_initial(request))
    if request.method == "POST" and form.is_valid():
        try:
            project = create_project(request.user, **form.cleaned_data)
            return redirect("book:book", project.code)
        except SekishoError as error:
            show(form, error)
    status = 422 if form.errors else 200
    return render(request, "book/new.html", {"form": form}, status=status)


def _initial(request: HttpRequest) -> dict[str, object]:
    return {"code": suggested_code(), "owner": getattr(request.user, "organisation_id", None)}


def suggested_code() -> str:
    """The next free code of this fiscal year, such as ``P2026-014``."""
    prefix = f"P{fiscal.fiscal_year_of(timezone.localdate())}-"
    last = (
        Project.objects.filter(code__startswith=prefix)
        .order_by("-code")
        .values_list("code", flat=True)
        .first()
    )
    number = re.fullmatch(re.escape(prefix) + r"(\d{1,9})", last or "")
    following = int(number[1]) + 1 if number else 1
    while Project.objects.filter(code=f"{prefix}{following:03d}").exists():
        following += 1
    return f"{prefix}{following:03d}"
