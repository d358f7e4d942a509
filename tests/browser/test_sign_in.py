"""Signing in as people do: password, authenticator, recovery codes, passkey, single sign-on, first set-up."""

import re
import time
from contextlib import suppress
from copy import deepcopy

import pytest
from allauth.mfa import app_settings
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core import mail
from django.core.cache import cache
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import expect

from sekisho.config.env import sign_in_origins
from sekisho.people.models import Installation, User
from tests.book.factories import make_project, plan_gate
from tests.browser.driving import chromium, faults, open_page
from tests.browser.provider import serving
from tests.factories import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


@pytest.fixture
def base(live_server, bureau):
    Installation.objects.create(name="関野市")
    return live_server.url


def sign_in(page, name="member", password=PASSWORD):
    page.goto("/accounts/login/")
    page.get_by_role("textbox", name="Username or email").fill(name)
    page.get_by_role("textbox", name="Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def confirm(page):
    """Give the password again before a sensitive change."""
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()


def sign_out(page):
    page.goto("/accounts/logout/")
    page.get_by_role("main").get_by_role("button", name="Sign Out").click()


def code_of(secret):
    """What the authenticator shows; near the end of its half minute, what it shows next, as people wait for it."""
    left = app_settings.TOTP_PERIOD - time.time() % app_settings.TOTP_PERIOD
    if left < 12:
        time.sleep(left + 0.1)
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


def test_a_second_factor_is_demanded_set_up_and_asked_for(settings, base, browser, people):
    settings.MFA_REQUIRED_ROLES = frozenset({"member"})
    page = open_page(browser, base, None)
    sign_in(page)
    expect(page.locator("main")).to_contain_text("Your role needs a second factor")
    page.get_by_role("link", name="Activate").click()
    assert faults(page) == []
    confirm(page)
    assert faults(page) == []
    secret = page.locator("#authenticator_secret").input_value()
    page.get_by_role("textbox", name="Authenticator code").fill(code_of(secret))
    page.get_by_role("button", name="Activate").click()
    codes = page.locator("#recovery_codes").input_value().split()
    assert len(codes) == 10
    assert faults(page) == []
    page.get_by_role("link", name="Go on to the page you asked for").click()
    assert page.url == f"{base}/"

    sign_out(page)
    sign_in(page)
    assert faults(page) == []
    page.get_by_role("textbox").fill(codes[0])
    page.get_by_role("button", name="Sign In").click()
    page.wait_for_url(f"{base}/")
    sign_out(page)
    cache.clear()  # an authenticator's code counts once, and the same half minute shows the same code
    sign_in(page)
    page.get_by_role("textbox").fill(code_of(secret))
    page.get_by_role("button", name="Sign In").click()
    page.wait_for_url(f"{base}/")


def test_a_passkey_signs_in_without_a_password(base, browser, people):
    page = open_page(browser, base.replace("127.0.0.1", "localhost"), None)
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    key = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    key |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": key})
    sign_in(page)
    page.wait_for_url(re.compile("/$"))
    page.goto("/accounts/2fa/webauthn/add/")
    confirm(page)
    assert faults(page) == []
    page.get_by_label("Passwordless").check()
    page.get_by_role("button", name="Add").click()
    expect(page.locator("#recovery_codes")).to_be_visible()
    page.goto("/accounts/2fa/webauthn/")
    expect(page.get_by_role("table")).to_contain_text("not used yet")
    assert faults(page) == []
    sign_out(page)
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(re.compile("/$"))
    expect(page.locator(".topbar")).to_contain_text("山田 member")


@pytest.fixture
def provider(settings):
    """A provider of identities on another origin of this machine, which knows one person."""
    claims = {"sub": "77", "email": "Member@example.lg.jp", "email_verified": True}
    with serving(claims) as origin:
        app = {"provider_id": "office", "name": "職員認証", "client_id": "sekisho", "secret": "s"}
        app["settings"] = {"server_url": origin}
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
        rules = deepcopy(settings.CONTENT_SECURITY_POLICY)
        rules["DIRECTIVES"]["form-action"] += sign_in_origins([app])
        settings.CONTENT_SECURITY_POLICY = rules
        yield claims


def test_single_sign_on_finds_the_person_by_address(base, browser, people, provider):
    page = open_page(browser, base, None)
    page.goto("/accounts/login/")
    page.get_by_role("link", name="職員認証").click()
    assert faults(page) == []
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(f"{base}/")
    expect(page.locator(".topbar")).to_contain_text("山田 member")


def test_single_sign_on_makes_no_account_for_a_stranger(base, browser, people, provider):
    provider |= {"sub": "78", "email": "stranger@example.lg.jp"}
    page = open_page(browser, base, None)
    page.goto("/accounts/oidc/office/login/")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("main")).to_contain_text("nobody here has the address stranger@example.lg.jp")
    assert [fault for fault in faults(page) if "403" not in fault] == []
    assert not User.objects.filter(email__startswith="stranger").exists()


def test_an_address_changes_only_when_its_mail_is_answered(base, browser, people):
    page = open_page(browser, base, people.member)
    page.goto("/accounts/email/")
    page.get_by_label("New address").fill("new@example.lg.jp")
    page.get_by_role("button", name="Send the confirmation").click()
    expect(page.locator("main")).to_contain_text("new@example.lg.jp")
    assert faults(page) == []
    assert User.objects.get(username="member").email == "member@example.lg.jp"
    link = re.search(r"https?://\S+", mail.outbox[-1].body).group()
    page.goto(link)
    page.get_by_role("button", name="Confirm").click()
    page.goto("/accounts/email/")
    expect(page.locator("#current_email")).to_have_value("new@example.lg.jp")
    assert User.objects.get(username="member").email == "new@example.lg.jp"


def test_a_password_is_changed_and_the_old_one_is_refused(base, browser, people):
    page = open_page(browser, base, None)
    sign_in(page)
    page.goto("/accounts/password/change/")
    page.get_by_label("Current Password").fill(PASSWORD)
    page.get_by_label("New Password", exact=False).first.fill("another good phrase")
    page.get_by_label("New Password (again)").fill("another good phrase")
    page.get_by_role("button", name="Change Password").click()
    expect(page.locator("main")).to_contain_text("successfully changed")
    sign_out(page)
    sign_in(page)
    expect(page.get_by_role("alert")).to_be_visible()
    assert faults(page) == []
    sign_in(page, password="another good phrase")
    page.wait_for_url(f"{base}/")


def test_a_session_that_ended_leads_back_to_where_one_was(base, browser, people):
    page = open_page(browser, base, people.member)
    page.goto("/account/tokens/")
    page.context.clear_cookies(name="sekisho_session")
    page.goto("/account/tokens/")
    page.get_by_role("textbox", name="Username or email").fill("member")
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"{base}/account/tokens/")


def test_what_was_typed_when_the_session_ended_is_put_back_after_signing_in(base, browser, people):
    page = open_page(browser, base, people.admin)
    page.goto(f"/administration/people/{people.member.pk}/")
    page.locator("[name=valid_until]").fill("2099-03-31")
    page.locator("select[name=role]").select_option("auditor")
    page.context.clear_cookies(name="sekisho_session")
    page.get_by_role("button", name="Give the role").click()
    expect(page.locator("main")).to_contain_text("You were signed out before this was saved")
    page.get_by_role("textbox", name="Username or email").fill("admin")
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"{base}/administration/people/{people.member.pk}/")
    expect(page.locator("[name=valid_until]")).to_have_value("2099-03-31")
    expect(page.locator(".draft-note")).to_contain_text("What you had typed is back")
    assert faults(page) == []
    page.get_by_role("button", name="Give the role").click()
    expect(page.locator("main")).to_contain_text("The role was given")
    expect(page.locator("[name=valid_until]")).to_have_value("")


def test_what_was_sent_while_nobody_knew_that_the_server_is_away_is_there_on_coming_back(
    base, browser, people
):
    page = open_page(browser, base, people.admin)
    page.goto(f"/administration/people/{people.member.pk}/")
    page.locator("[name=valid_until]").fill("2099-03-31")
    page.route("**/*", lambda route: route.abort())
    with suppress(PlaywrightError):
        page.get_by_role("button", name="Give the role").click()
    expect(page.locator("main.main")).to_have_count(0)
    page.unroute("**/*")
    page.go_back()
    expect(page.locator("[name=valid_until]")).to_have_value("2099-03-31")


def test_an_answer_typed_when_the_session_ended_is_put_back(base, browser, people, bureau):
    gate = plan_gate(make_project(bureau))
    page = open_page(browser, base, people.member)
    page.goto(f"/gates/{gate.pk}/")
    criterion = page.locator("details.criterion").first
    criterion.locator("summary").first.click()
    criterion.locator("textarea").first.fill("消えてはいけない文章😀")
    page.context.clear_cookies(name="sekisho_session")
    criterion.get_by_role("button", name="Save the answer").click()
    page.get_by_role("textbox", name="Username or email").fill("member")
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"{base}/gates/{gate.pk}/")
    expect(page.locator("details.criterion textarea").first).to_have_value("消えてはいけない文章😀")


def test_what_was_typed_a_moment_before_sending_is_put_back_too(base, browser, people):
    page = open_page(browser, base, people.member)
    page.goto("/projects/new/")
    page.context.clear_cookies(name="sekisho_session")
    page.locator("[name=purpose]").fill("窓口で待つ時間を減らす")
    page.locator("[name=name]").fill("予約の受付")
    page.locator("[name=name]").press("Enter")
    page.get_by_role("textbox", name="Username or email").fill("member")
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"{base}/projects/new/")
    expect(page.locator("[name=name]")).to_have_value("予約の受付")
    expect(page.locator("[name=purpose]")).to_have_value("窓口で待つ時間を減らす")


def test_the_first_visitor_sets_up_an_empty_installation(live_server, browser, db):
    page = open_page(browser, live_server.url, None, width=390)
    page.goto("/projects/")
    assert faults(page) == []
    fills = {"name": "関野市", "display_name": "山田 花子", "username": "hanako", "email": "h@example.lg.jp"}
    for name, text in (fills | {"password": PASSWORD, "password_again": PASSWORD}).items():
        page.locator(f"[name={name}]").fill(text)
    page.get_by_role("button", name="Set up and sign in").click()
    page.goto("/")
    assert faults(page) == []
    expect(page.locator(".topbar")).to_be_visible()
    assert User.objects.get().roles.get().role == "admin"
