"""Who calls the API: the bearer of a token, or, for reading only, the person signed in to the pages."""

import hashlib
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from ninja.security import HttpBearer
from ninja.security.base import AuthBase

from sekisho.errors import NotPermitted, SekishoError
from sekisho.people.gatekeeping import NEEDS_SECOND_FACTOR, owes_second_factor
from sekisho.people.limits import source_of
from sekisho.people.models import ApiToken, User
from sekisho.people.services import authenticate_bearer
from sekisho.people.throttle import API_REQUESTS

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
SESSION = "session"


class Unauthenticated(SekishoError):
    """Nobody, or a token that does not hold (HTTP 401)."""

    code = "unauthenticated"
    status = 401


class BearerAuth(HttpBearer):
    """``Authorization: Bearer …``. A token for reading is refused on every write."""

    def authenticate(self, request: HttpRequest, token: str) -> str:
        """The scope; the person becomes ``request.user``.

        Raises:
            Unauthenticated: the token is unknown, expired or revoked; the session is then not asked.
            NotPermitted: ``scope_read_only``. TooMany, TooManyRequests: HTTP 429.
        """
        token = token.strip()
        found = authenticate_bearer(token, source_of(request))
        if found is None:
            raise Unauthenticated(_("The token is unknown, expired or revoked."), code="invalid_token")
        user, scope = found
        API_REQUESTS.count(hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest())
        _act_as(request, user)
        if scope != ApiToken.Scope.WRITE and request.method not in SAFE_METHODS:
            raise NotPermitted(
                _("This token may only read. Make one that may write."), code="scope_read_only"
            )
        return scope


class SessionAuth(AuthBase):
    """The session of the pages, for reading only: a write needs a token, so no form can be forged."""

    openapi_type = "apiKey"
    openapi_in = "cookie"
    openapi_name = settings.SESSION_COOKIE_NAME

    def __call__(self, request: HttpRequest) -> Any:
        if request.method not in SAFE_METHODS or not request.user.is_authenticated:
            return None
        if owes_second_factor(request.user):
            raise NotPermitted(NEEDS_SECOND_FACTOR, code="second_factor_missing")
        API_REQUESTS.count(f"user:{request.user.pk}")
        return SESSION


def _act_as(request: HttpRequest, user: User) -> None:
    """Let the request be this person's, in their language unless the client asks for one."""
    request.user = user
    if user.language and "Accept-Language" not in request.headers:
        translation.activate(user.language)
        request.LANGUAGE_CODE = user.language
