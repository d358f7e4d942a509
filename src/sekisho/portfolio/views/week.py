"""The portfolio by mail: a person's own day, and what would come today."""

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sekisho.people.forms import apply
from sekisho.people.models import User
from sekisho.portfolio.forms import WeekForm
from sekisho.portfolio.queries.week import week_of
from sekisho.portfolio.services import digest
from sekisho.portfolio.services.figures import before_reading


@require_http_methods(["GET", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """Choose the day, or never."""
    user = cast(User, request.user)
    form = WeekForm(request.POST or None, initial={"weekday": digest.day_of(user)})
    if request.method == "POST" and apply(form, lambda values: digest.choose_day(user, **values)):
        messages.success(request, _("Your settings were saved."))
        return redirect("portfolio:week")
    before_reading()
    context = {"form": form, "mail": digest.message_of(user, week_of(user), {})}
    return render(request, "portfolio/week.html", context, status=422 if form.errors else 200)
