"""Pages that need no sign-in: first visit, sample people, language, health."""

import unicodedata

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.i18n import set_language as django_set_language

from sekisho.people import queries, services
from sekisho.people.forms import SetupForm, apply
from sekisho.people.gatekeeping import offers_sample_people
from sekisho.people.limits import SETUP_TRIES, source_of
from sekisho.people.middleware import is_set_up
from sekisho.people.models import User
from sekisho.people.services.installation import FirstPerson

_BACKEND = "django.contrib.auth.backends.ModelBackend"


@require_safe
@login_not_required
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """For load balancers: 200 when the database answers, else 503."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse("database unreachable\n", content_type="text/plain", status=503)
    return HttpResponse("ok\n", content_type="text/plain")


@require_http_methods(["GET", "POST"])
@login_not_required
@never_cache
@sensitive_post_parameters("password", "password_again")
def setup(request: HttpRequest) -> HttpResponse:
    """Create the administrator and the organisation; exists only while the installation is empty."""
    if is_set_up() and request.method == "GET":
        return redirect("/")
    form = SetupForm(request.POST or None)
    if request.method == "POST":
        SETUP_TRIES.check(source_of(request))
        SETUP_TRIES.count(source_of(request))
        if person := apply(form, _set_up):
            login(request, person, backend=_BACKEND)
            messages.success(
                request, _("Sekisho is ready. Add your bureaus and the people who work with it.")
            )
            return redirect("people:administration")
    return render(request, "people/setup.html", {"form": form}, status=422 if form.errors else 200)


def _set_up(values: dict[str, str]) -> User:
    administrator = FirstPerson(
        values["username"], values["display_name"], values["email"], values["password"]
    )
    return services.set_up(
        name=values["name"],
        name_en=values["name_en"],
        code=_code_of(values["name_en"]),
        administrator=administrator,
        language=get_language() or settings.LANGUAGE_CODE,
    )


def _code_of(name_en: str) -> str:
    """A code for the top organisation; administrators may change it later."""
    plain = unicodedata.normalize("NFKD", name_en).encode("ascii", "ignore").decode().lower()
    words = "".join(c if c.isalnum() else " " for c in plain).split()
    return "-".join(words)[:64] or "government"


@require_POST
@login_not_required
@never_cache
def sample_sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in as a sample person: in sample mode, from this machine itself, and nowhere else."""
    if not offers_sample_people(request):
        raise Http404
    offered = {str(person.pk): person for _role, person in queries.sample_people()}
    person = offered.get(request.POST.get("person", ""))
    if person is None:
        raise Http404
    login(request, person, backend=_BACKEND)
    return HttpResponseRedirect(_local(request, request.POST.get("next", "")))


def _local(request: HttpRequest, url: str) -> str:
    allowed = url_has_allowed_host_and_scheme(
        url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return url if allowed else settings.LOGIN_REDIRECT_URL


@require_POST
@login_not_required
def set_language(request: HttpRequest) -> HttpResponse:
    """Switch the language: kept in the cookie, and for somebody signed in also in their settings."""
    language = request.POST.get("language", "")
    user = request.user
    if user.is_authenticated and language in dict(settings.LANGUAGES) and user.language != language:
        services.set_preferences(user, language=language, digest=user.digest)
    response: HttpResponse = django_set_language(request)
    return response
