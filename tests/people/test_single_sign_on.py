"""Signing in through a provider of identities as docs/operations.md sets it up; a small real one answers on this machine."""

from urllib.parse import parse_qs, urlsplit

import pytest

from sekisho.people.models import User
from tests.browser.provider import serving


@pytest.fixture
def claims(settings):
    claims = {"sub": "77", "email": "Member@example.lg.jp", "email_verified": True}
    with serving(claims) as origin:
        app = {"provider_id": "office", "name": "職員認証", "client_id": "sekisho", "secret": "s"}
        app["settings"] = {"server_url": origin}
        usual = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {**usual, "APPS": [app]}}
        yield claims


def come_back(client, *, follow=True):
    """Start at the sign-in page, be sent to the provider and come back with its code."""
    started = client.post("/accounts/oidc/office/login/?next=/projects/")
    asked = parse_qs(urlsplit(started["Location"]).query)
    callback = urlsplit(asked["redirect_uri"][0]).path
    assert callback == "/accounts/oidc/office/login/callback/"
    return client.get(
        callback, {"code": "c", "state": asked["state"][0]}, follow=follow, headers={"Accept-Language": "en"}
    )


def test_the_person_with_the_confirmed_address_is_signed_in_and_led_on(client, people, claims):
    response = come_back(client)
    assert response.redirect_chain[-1][0] == "/projects/"
    assert response.context["user"] == people.member


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"email": "new@example.lg.jp"}, "nobody here has the address new@example.lg.jp"),
        ({"email_verified": False}, "did not confirm an e-mail address of yours"),
        ({"email": None}, "did not confirm an e-mail address of yours"),
        ({"email_verified": "false"}, "did not confirm an e-mail address of yours"),
    ],
)
def test_others_read_why_they_have_no_account_and_what_to_do(client, people, claims, told, words):
    claims |= told
    before = User.objects.count()
    response = come_back(client)
    assert response.status_code == 403
    assert words in response.content.decode()
    assert "_auth_user_id" not in client.session
    assert User.objects.count() == before


def test_a_code_is_of_use_to_nobody_but_who_asked_for_it(client, people, claims):
    asked = parse_qs(urlsplit(client.post("/accounts/oidc/office/login/")["Location"]).query)
    assert asked["code_challenge_method"] == ["S256"]


def test_what_the_provider_says_of_somebody_else_signs_nobody_in(client, people, claims):
    come_back(client)
    client.logout()
    claims["userinfo"] = {**claims, "sub": "another"}
    answer = come_back(client)
    assert answer.status_code == 401
    assert "could not be accepted" in answer.content.decode()
    assert "_auth_user_id" not in client.session


def test_a_provider_that_is_away_is_said_so_with_what_to_do(client, people, claims, settings, caplog):
    app = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]
    app["settings"]["server_url"] = "http://127.0.0.1:9"
    answer = client.post("/accounts/oidc/office/login/", headers={"Accept-Language": "en"})
    assert answer.status_code == 401
    assert "cannot be reached at the moment" in answer.content.decode()
    assert "Single sign-on failed" in caplog.text


def test_a_closed_account_is_refused_whether_or_not_it_signed_in_this_way_before(client, people, claims):
    User.objects.filter(pk=people.member.pk).update(is_active=False)
    assert "was closed" in come_back(client).content.decode()
    User.objects.filter(pk=people.member.pk).update(is_active=True)
    come_back(client)
    client.logout()
    User.objects.filter(pk=people.member.pk).update(is_active=False)
    assert "Your account is closed" in come_back(client).content.decode()
    assert "_auth_user_id" not in client.session


def test_signing_up_is_closed_in_words(client, people):
    page = client.get("/accounts/signup/", headers={"Accept-Language": "en"}).content.decode()
    assert "Accounts are made by administrators" in page
