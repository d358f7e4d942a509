"""Addresses of the API."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path, re_path
from django.utils.translation import gettext as _

from sekisho.config import api_problems
from sekisho.config.api import api, guarded, patterns


def index(request: HttpRequest) -> HttpResponse:
    """The root names nothing: the OpenAPI document does."""
    detail = _("Read openapi.json here for everything this API can do.")
    return api_problems.problem(request, 404, "not_found", detail)


namespaced = [*patterns(), path("", guarded(index), name="api-root")]
urlpatterns = [
    path("", include((namespaced, "ninja"), namespace=api.urls_namespace)),
    re_path("", guarded(api_problems.not_found)),  # not ".*": a path may hold a line end
]
