"""What allauth is told: accounts and addresses come from administrators, not from whoever comes along."""

import logging
import math
import time
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal import ratelimit
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from requests import RequestException

from sekisho.people.limits import TooMany
from sekisho.people.models import User

log = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    """No open sign-up; who tried too often hears how long to wait."""

    _tried = ""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        self._tried = self._get_login_attempts_cache_key(request, **credentials)
        super().pre_authenticate(request, **credentials)

    def validation_error(self, code: str, *args: Any) -> Any:
        if code in ("too_many_login_attempts", "rate_limited"):
            raise TooMany(_wait(self.request, self._tried))
        return super().validation_error(code, *args)


def _wait(request: HttpRequest, key: str) -> int:
    """Seconds until one of the failed tries that allauth keeps, newest first, is no longer counted.

    Those of a second factor are kept for a person, whom the adapter is not told: the longest wait is said then.
    """
    rates = ratelimit.get_rates(app="allauth.account", action="login_failed")
    if not key:
        return math.ceil(max(rate.duration for rate in rates))
    waits = [1]
    for rate in rates:
        named = ratelimit.get_cache_key(
            request, app="allauth.account", action="login_failed", rate=rate, key=key
        )
        tries = cache.get(named, [])
        if len(tries) >= rate.amount:
            waits.append(math.ceil(tries[-1] + rate.duration - time.time()))
    return max(waits)


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """Single sign-on admits people whose account already exists, matched by verified e-mail address."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        _require_one_subject(sociallogin.account.extra_data)
        connecting = sociallogin.state.get("process") == AuthProcess.CONNECT
        if sociallogin.is_existing or connecting:
            return
        verified = [one.email.lower() for one in sociallogin.email_addresses if _is_confirmed(one)]
        person = User.objects.filter(email__in=verified).order_by("-is_active", "pk").first()
        if person is None or not person.is_active:
            raise ImmediateHttpResponse(_turned_away(request, sociallogin, person))
        sociallogin.connect(request, person)

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: Any = None,
        exception: Exception | None = None,
        extra_context: Any = None,
    ) -> None:
        """Write down why, which nobody but the operator should read, and let the page say whether to wait."""
        cause = getattr(exception, "__cause__", None)
        log.warning("Single sign-on failed: %s", f"{exception}: {cause}" if cause else exception or error)
        if extra_context is not None:
            extra_context["is_away"] = isinstance(exception, RequestException)


def _require_one_subject(said: Any) -> None:
    """What the provider says of a person must be about the one it signed in (OpenID Connect Core 5.3.2)."""
    subjects = {said[part].get("sub") for part in ("userinfo", "id_token") if said.get(part)}
    if len(subjects) > 1:
        raise OAuth2Error("userinfo and id_token name different people")


def _is_confirmed(address: EmailAddress) -> bool:
    """Whether the provider vouches for an address. Some send the words "true" and "false"."""
    return address.verified in (True, "true")


def _turned_away(request: HttpRequest, sociallogin: Any, person: User | None) -> HttpResponse:
    """Why somebody whom the provider knows does not get in: account closed, address unconfirmed, no account."""
    addresses = sociallogin.email_addresses
    why = "closed" if person else "unknown"
    if not person and not any(_is_confirmed(address) for address in addresses):
        why = "unconfirmed"
    shown = {"why": why, "addresses": ", ".join(address.email for address in addresses)}
    return render(request, "account/signup_closed.html", shown, status=403)


def vouch_for_address(instance: User, update_fields: Any = None, **_rest: Any) -> None:
    """After a person is saved: allauth takes their address as confirmed, and forgets the one it replaced.

    A person's address is set by an administrator or by a confirmed change, so it needs no second proof. Without
    this, allauth would drop the address the moment its owner asks for another. Signing in saves the person, which
    brings accounts made in bulk or long ago into line.
    """
    if update_fields is not None and not {"email", "last_login"} & set(update_fields):
        return
    address = instance.email.lower()
    known = EmailAddress.objects.filter(user=instance)
    if not address or known.filter(email=address, verified=True, primary=True).exists():
        return
    if User.objects.filter(email__iexact=address).exclude(pk=instance.pk).exists():
        return
    EmailAddress.objects.filter(email=address).exclude(user=instance).delete()
    known.exclude(email=address).delete()
    EmailAddress.objects.update_or_create(
        user=instance, email=address, defaults={"verified": True, "primary": True}
    )
