import json

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from sekisho.people.models import Installation, User
from tests.factories import PASSWORD, UserFactory

LOGIN = "/accounts/login/"
CLICK = "/sample-sign-in/"
LOCAL = {"HTTP_HOST": "127.0.0.1:8000", "REMOTE_ADDR": "127.0.0.1"}


@pytest.fixture
def sample(_set_up):
    Installation.objects.update(is_sample=True)


def test_sample_people_are_offered_and_signed_in_on_this_machine(client, people, sample):
    page = client.get(LOGIN, **LOCAL).content.decode()
    assert f'name="person" value="{people.cio_aide.pk}"' in page
    response = client.post(CLICK, {"person": people.cio_aide.pk}, **LOCAL)
    assert (response.status_code, response["Location"]) == (302, "/")
    assert client.session["_auth_user_id"] == str(people.cio_aide.pk)


def test_the_form_says_that_either_name_will_do(client, people):
    form = client.get(LOGIN).context["form"]
    assert form["login"].label == "利用者名またはメールアドレス"


def test_the_way_on_after_signing_in_stays_on_this_site(client, people, sample):
    asked = client.post(CLICK, {"person": people.admin.pk, "next": "/administration/"}, **LOCAL)
    assert asked["Location"] == "/administration/"
    evil = client.post(CLICK, {"person": people.admin.pk, "next": "https://evil.example/"}, **LOCAL)
    assert evil["Location"] == "/"


@pytest.mark.parametrize(
    "extra",
    [
        {"REMOTE_ADDR": "192.0.2.7"},
        {"REMOTE_ADDR": ""},
        {"HTTP_HOST": "testserver"},
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},
        {"HTTP_X_FORWARDED_PROTO": "https"},
        {"HTTP_X_FORWARDED_HOST": "localhost"},
        {"HTTP_FORWARDED": "for=127.0.0.1"},
        {"HTTP_X_REAL_IP": "127.0.0.1"},
    ],
)
def test_sample_people_are_offered_nowhere_else(client, people, sample, extra):
    where = {**LOCAL, **extra}
    page = client.get(LOGIN, **where).content.decode()
    assert 'name="person"' not in page
    assert client.post(CLICK, {"person": people.admin.pk}, **where).status_code == 404
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    "where",
    [
        {"HTTP_HOST": "localhost"},
        {"HTTP_HOST": "[::1]:8000", "REMOTE_ADDR": "::1"},
        {"REMOTE_ADDR": "::ffff:127.0.0.1"},
    ],
)
def test_other_names_of_this_machine_are_this_machine(client, people, sample, where):
    assert client.post(CLICK, {"person": people.admin.pk}, **{**LOCAL, **where}).status_code == 302


def test_sample_people_are_offered_only_in_sample_mode(client, people):
    assert 'name="person"' not in client.get(LOGIN, **LOCAL).content.decode()
    assert client.post(CLICK, {"person": people.admin.pk}, **LOCAL).status_code == 404


def test_one_click_needs_the_form_it_came_with(people, sample):
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(CLICK, {"person": people.admin.pk}, **LOCAL).status_code == 403


def test_nobody_without_a_role_or_with_a_closed_account_is_offered(client, people, sample):
    nobody = UserFactory()
    User.objects.filter(pk=people.expert.pk).update(is_active=False)
    for person in (nobody, people.expert):
        assert client.post(CLICK, {"person": person.pk}, **LOCAL).status_code == 404
    assert client.post(CLICK, {"person": "x"}, **LOCAL).status_code == 404


def test_signing_in_by_password(client, people):
    page = client.get(LOGIN)
    assert page.status_code == 200
    wrong = client.post(LOGIN, {"login": "member", "password": "wrong"})
    assert wrong.status_code == 200
    right = client.post(LOGIN, {"login": "member@example.lg.jp", "password": PASSWORD})
    assert (right.status_code, right["Location"]) == (302, "/")


def test_an_address_given_by_an_administrator_counts_as_confirmed(people):
    person = people.member
    assert EmailAddress.objects.get(user=person).verified
    person.email = "moved@example.lg.jp"
    person.save()
    kept = EmailAddress.objects.get(user=person)
    assert (kept.email, kept.verified, kept.primary) == ("moved@example.lg.jp", True, True)


def test_an_address_two_people_have_is_confirmed_for_neither_anew(people):
    User.objects.filter(pk=people.expert.pk).update(email=people.member.email)
    people.expert.refresh_from_db()
    people.expert.save()
    assert EmailAddress.objects.get(email=people.member.email).user == people.member


def test_nobody_signs_up_by_themselves(client):
    assert client.get("/accounts/signup/").status_code == 200
    client.post(
        "/accounts/signup/",
        {"username": "x", "email": "x@example.com", "password1": PASSWORD, "password2": PASSWORD},
    )
    assert not User.objects.filter(username="x").exists()


def test_a_configured_provider_is_on_the_sign_in_page(client, settings):
    app = {
        "provider_id": "city",
        "name": "市の共通認証",
        "client_id": "c",
        "secret": "s",
        "settings": {"server_url": "https://id.example.lg.jp"},
    }
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": json.loads(json.dumps([app]))}}
    page = client.get(LOGIN).content.decode()
    assert "市の共通認証" in page
    assert "/accounts/oidc/city/login/" in page


def test_no_provider_no_heading(client):
    assert "/accounts/oidc/" not in client.get(LOGIN).content.decode()


def test_the_language_switch_works_for_visitors_and_is_kept_for_people(client, people):
    client.post("/i18n/setlang/", {"language": "en", "next": LOGIN})
    assert 'lang="en"' in client.get(LOGIN).content.decode()
    client.force_login(people.member)
    client.post("/i18n/setlang/", {"language": "ja", "next": "/account/"})
    people.member.refresh_from_db()
    assert people.member.language == "ja"
    client.post("/i18n/setlang/", {"language": "xx", "next": "/account/"})
    people.member.refresh_from_db()
    assert people.member.language == "ja"


KEY = "/accounts/2fa/webauthn/login/"


@pytest.mark.parametrize(
    "said",
    ["[" * 3000, "1" * 5000, '{"id": 5}', '{"rawId": 5}', "[]", "5", "\x00", "{"],
    ids=lambda said: said[:12],
)
def test_what_no_key_says_is_refused_and_nobody_is_signed_in(client, said):
    assert client.post(KEY, {"credential": said}).status_code == 302
    assert "_auth_user_id" not in client.session


def test_a_name_longer_than_any_is_told_beside_its_field(client):
    answer = client.post(LOGIN, {"login": "a" * 60_000, "password": PASSWORD}, HTTP_ACCEPT_LANGUAGE="en")
    assert "holds at most 254 characters, but has 60,000. Shorten it." in answer.content.decode()
