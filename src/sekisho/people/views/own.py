"""A person's own pages: account, tokens, notices."""

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sekisho.people import queries, services
from sekisho.people.forms import PreferencesForm, TokenForm, apply
from sekisho.people.lists import notices_file
from sekisho.people.models import ApiToken, Notice, User
from sekisho.people.notices import sentence_of
from sekisho.web.lists import asked_format


@require_http_methods(["GET", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """Profile, roles held, settings, second factor and tokens."""
    user = _me(request)
    form = PreferencesForm(request.POST or None, initial={"language": user.language, "digest": user.digest})
    if request.method == "POST" and (
        saved := apply(form, lambda values: services.set_preferences(user, **values))
    ):
        with translation.override(saved.language or translation.get_language()):
            messages.success(request, _("Your settings were saved."))
        return redirect("people:account")
    context = {"form": form, "roles": queries.roles_of(user), "tokens": queries.live_tokens(user)}
    return render(request, "people/account.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@never_cache
def tokens(request: HttpRequest) -> HttpResponse:
    """Tokens in use, and making one. The new token is in this one answer and nowhere else."""
    form = TokenForm(request.POST or None)
    made = plaintext = None
    if request.method == "POST" and (
        result := apply(form, lambda values: services.create_token(_me(request), by=_me(request), **values))
    ):
        (made, plaintext), form = result, TokenForm()
    context = {
        "form": form,
        "made": made,
        "plaintext": plaintext,
        "tokens": queries.live_tokens(_me(request)),
    }
    return render(request, "people/tokens.html", context, status=422 if form.errors else 200)


@require_POST
def revoke_token(request: HttpRequest, token_id: int) -> HttpResponse:
    """Revoke one of one's own tokens."""
    token = get_object_or_404(ApiToken.objects.select_related("user"), pk=token_id, user=_me(request))
    services.revoke_token(_me(request), token)
    messages.success(request, _("The token “%(name)s” no longer works.") % {"name": token.name})
    return redirect("people:tokens")


@require_GET
def notices(request: HttpRequest) -> HttpResponseBase:
    """Notices, newest first; ``?before=ID`` continues the list."""
    if fmt := asked_format(request):
        return notices_file(fmt, _me(request).notices.order_by("-created_at", "-pk").iterator())
    before = request.GET.get("before", "")
    found, older = queries.notices_page(
        _me(request), before=int(before) if before.isdecimal() and len(before) < 19 else 0
    )
    lines: list[tuple[Notice, str]] = [(notice, sentence_of(notice)) for notice in found]
    return render(request, "people/notices.html", {"lines": lines, "older": older, "is_first": not before})


@require_POST
def read_notice(request: HttpRequest, notice_id: int) -> HttpResponse:
    """Mark one notice as read."""
    services.mark_read(_me(request), notice_id)
    return redirect("people:notices")


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark all notices as read."""
    services.mark_all_read(_me(request))
    return redirect("people:notices")


def _me(request: HttpRequest) -> User:
    """The person signed in; the middleware let nobody else come here."""
    return cast(User, request.user)
