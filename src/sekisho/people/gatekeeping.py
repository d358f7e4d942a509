"""Conditions of getting in: a request from this very machine for signing in by one click, a second factor for some roles."""

import ipaddress

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.http.request import split_domain_port
from django.utils.translation import gettext_lazy as _

from sekisho.people.models import Installation, User
from sekisho.people.permissions import actor_of

NEEDS_SECOND_FACTOR = _("Your role needs a second factor. Set one up to go on.")
#: in the session: the page somebody was on the way to when a second factor was demanded
ASKED_BEFORE_SECOND_FACTOR = "asked_before_second_factor"

_LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})
_MEDIATED = ("HTTP_X_FORWARDED_", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA")


def offers_sample_people(request: HttpRequest) -> bool:
    """True only in sample mode, for a request from a loopback address to a loopback host, without a proxy."""
    return is_local(request) and Installation.objects.filter(is_sample=True).exists()


def is_local(request: HttpRequest) -> bool:
    """Whether address and host are loopback and no proxy left its mark."""
    if any(name.startswith(_MEDIATED) for name in request.META):
        return False
    domain, _port = split_domain_port(request.get_host())
    return domain in _LOOPBACK_HOSTS and _is_loopback(str(request.META.get("REMOTE_ADDR", "")))


def _is_loopback(address: str) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    return (mapped or parsed).is_loopback


def owes_second_factor(user: User | AnonymousUser) -> bool:
    """Whether somebody holds a role that SEKISHO_MFA_REQUIRED_ROLES names, and has no second factor yet."""
    from allauth.mfa.utils import is_mfa_enabled

    if not settings.MFA_REQUIRED_ROLES or not user.is_authenticated:
        return False
    return bool(actor_of(user).roles() & settings.MFA_REQUIRED_ROLES) and not is_mfa_enabled(user)


def remember_way_on(request: HttpRequest) -> None:
    """Keep the page asked for, to lead there once a second factor is set up."""
    request.session[ASKED_BEFORE_SECOND_FACTOR] = request.get_full_path()


def forget_way_on(request: HttpRequest) -> None:
    """Whoever arrived at the page they had asked for is led there no more."""
    if not settings.MFA_REQUIRED_ROLES:
        return
    if request.session.get(ASKED_BEFORE_SECOND_FACTOR) == request.get_full_path():
        del request.session[ASKED_BEFORE_SECOND_FACTOR]


def way_on(request: HttpRequest) -> str:
    """The page asked for before a second factor was demanded, once there is one; empty otherwise."""
    asked = request.session.get(ASKED_BEFORE_SECOND_FACTOR, "")
    return "" if not asked or owes_second_factor(request.user) else str(asked)
