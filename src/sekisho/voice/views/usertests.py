"""Pages of user tests."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from sekisho.people.permissions import actor_of
from sekisho.voice.models import UserTest


@require_GET
def tests(request: HttpRequest) -> HttpResponse:
    """The user tests of the books one may read."""
    found = UserTest.objects.visible_to(actor_of(request.user)).select_related("project", "release")
    return render(request, "voice/tests.html", {"tests": found[:100]})
