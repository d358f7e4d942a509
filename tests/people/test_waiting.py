"""Whoever tried too often hears how long to wait, in words and for machines."""

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.utils import translation

from sekisho.people.limits import Limit, TooMany
from sekisho.people.throttle import TooManyRequests

LOGIN = "/accounts/login/"


@pytest.fixture(autouse=True)
def _nothing_counted():
    cache.clear()


@pytest.mark.parametrize(
    ("seconds", "japanese", "english"),
    [(1, "あと1分ほどで", "in about 1 minute."), (61, "あと2分ほどで", "in about 2 minutes.")],
)
@pytest.mark.parametrize("refusal", [TooMany, TooManyRequests])
def test_the_wait_is_said_in_either_language(refusal, seconds, japanese, english):
    with translation.override("ja"):
        assert japanese in str(refusal(seconds))
    with translation.override("en"):
        assert english in str(refusal(seconds))


@pytest.mark.django_db
def test_failures_are_held_back_until_their_window_ends():
    limit = Limit("guesses", tries=1, seconds=300)
    with time_machine.travel("2026-11-29T10:02:00Z", tick=False):
        limit.count("here")
        with pytest.raises(TooMany) as refused:
            limit.check("here")
    assert refused.value.extra["retry_after"] == 180


def test_who_fails_to_sign_in_hears_when_the_first_failure_is_forgotten(client, people):
    with time_machine.travel("2026-11-29T10:00:00Z", tick=False) as clock:
        for _try in range(5):
            assert client.post(LOGIN, {"login": people.member.username, "password": "x"}).status_code == 200
            clock.shift(30)
        refused = client.post(LOGIN, {"login": people.member.username, "password": "x"})
    assert (refused.status_code, refused["Retry-After"]) == (429, "150")
    assert "あと3分ほどで" in refused.content.decode()


def test_who_fails_at_the_second_factor_hears_the_longest_wait(client, people):
    Authenticator.objects.create(user=people.member, type=Authenticator.Type.TOTP, data={"secret": "A" * 32})
    client.force_login(people.member)
    with time_machine.travel("2026-11-29T10:00:00Z", tick=False):
        for _try in range(6):
            refused = client.post("/accounts/2fa/reauthenticate/", {"code": "000000"})
    assert (refused.status_code, refused["Retry-After"]) == (429, "300")


def test_other_limits_of_accounts_say_a_minute_on_a_page_of_ours(client, people):
    client.force_login(people.member)
    with time_machine.travel("2026-11-29T10:00:00Z", tick=False):
        for _try in range(6):
            refused = client.post("/accounts/password/change/", {})
    assert (refused.status_code, refused["Retry-After"]) == (429, "60")
    assert "あと1分ほどで" in refused.content.decode()
