import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from sekisho.errors import Blocked, Conflict, Invalid
from sekisho.people.middleware import RefusalMiddleware


@pytest.fixture
def demanded(settings):
    settings.MFA_REQUIRED_ROLES = frozenset({"admin"})


def test_a_role_that_needs_a_second_factor_leads_to_setting_one_up(client, people, demanded):
    client.force_login(people.admin)
    response = client.get("/account/")
    assert (response.status_code, response["Location"]) == (302, "/accounts/2fa/")
    assert client.post("/account/", {"language": "en", "digest": "never"}).status_code == 302
    people.admin.refresh_from_db()
    assert people.admin.digest == "daily"


def test_the_page_asked_for_is_kept_and_offered_once_there_is_a_second_factor(client, people, demanded):
    from allauth.mfa.models import Authenticator

    client.force_login(people.admin)
    client.get("/administration/people/?q=yamada")
    way_on = 'href="/administration/people/?q=yamada"'
    assert way_on not in client.get("/accounts/2fa/").content.decode()
    Authenticator.objects.create(user=people.admin, type=Authenticator.Type.TOTP, data={"secret": "x"})
    assert way_on in client.get("/accounts/2fa/").content.decode()
    client.get("/administration/people/?q=yamada")
    assert way_on not in client.get("/accounts/2fa/").content.decode()


def test_the_api_refuses_such_a_session_in_its_own_words(client, people, demanded):
    client.force_login(people.admin)
    refused = client.get("/api/v1/me")
    assert (refused.status_code, refused.json()["code"]) == (403, "second_factor_missing")
    client.force_login(people.member)
    assert client.get("/api/v1/me").status_code == 200


def test_other_roles_are_not_asked(client, people, demanded):
    client.force_login(people.member)
    assert client.get("/account/").status_code == 200


def test_with_a_second_factor_the_way_is_free(client, people, demanded):
    from allauth.mfa.models import Authenticator

    Authenticator.objects.create(user=people.admin, type=Authenticator.Type.TOTP, data={"secret": "x"})
    client.force_login(people.admin)
    assert client.get("/account/").status_code == 200


@pytest.mark.parametrize(
    ("cookie", "browser", "language"),
    [("", "en-GB,en;q=0.9", "en"), ("", "ja,en;q=0.5", "ja"), ("", "fr", "ja"), ("ja", "en", "ja")],
)
def test_the_language_follows_cookie_and_browser(client, cookie, browser, language):
    if cookie:
        client.cookies["django_language"] = cookie
    response = client.get("/accounts/login/", headers={"Accept-Language": browser})
    assert response["Content-Language"] == language


def test_the_persons_choice_comes_first(client, people):
    people.member.language = "en"
    people.member.save()
    client.force_login(people.member)
    assert client.get("/account/", headers={"Accept-Language": "ja"})["Content-Language"] == "en"


def test_a_refusal_becomes_a_page(client, people):
    client.force_login(people.member)
    response = client.get("/administration/")
    assert response.status_code == 403
    assert "refused.html" in [template.name for template in response.templates]


class Bar:
    message = "未回答の項目があります"


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        (Blocked("The gate is barred.", [Bar()]), [Bar.message, "The gate is barred."]),
        (Conflict("Not now."), ["Not now."]),
        (
            Invalid("Wrong date.", fields={"due": "The due date lies in the past."}),
            ["The due date lies in the past."],
        ),
    ],
)
def test_a_refusal_page_says_what_stands_in_the_way(rf: RequestFactory, refusal, words):
    middleware = RefusalMiddleware(lambda _request: HttpResponse())
    response = middleware.process_exception(rf.get("/"), refusal)
    assert response.status_code == refusal.status
    for word in words:
        assert word in response.content.decode()


def test_other_errors_are_left_alone(rf):
    assert (
        RefusalMiddleware(lambda _request: HttpResponse()).process_exception(rf.get("/"), ValueError())
        is None
    )
