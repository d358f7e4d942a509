import pytest
from django.urls import reverse

from sekisho.people.models import ApiToken, Notice
from sekisho.people.notices import register_kind, sentence_of
from sekisho.people.roles import ROLES
from sekisho.people.services import authenticate_token, create_token, notify, notify_many

OWN = ["account", "tokens", "notices"]


@pytest.mark.parametrize("role", ROLES)
def test_own_pages_are_open_to_every_role(client, people, role):
    client.force_login(getattr(people, role))
    for name in OWN:
        assert client.get(reverse(f"people:{name}")).status_code == 200


@pytest.mark.parametrize("name", OWN)
def test_own_pages_ask_visitors_to_sign_in(client, name):
    assert client.get(reverse(f"people:{name}"))["Location"].startswith("/accounts/login/")


def test_health_is_public(client):
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")
    # browsers ask by HEAD whether a connection that seemed lost is back
    assert client.head("/healthz").status_code == 200


def test_settings_are_saved_and_wrong_ones_refused(client, people):
    client.force_login(people.member)
    client.post(reverse("people:account"), {"language": "en", "digest": "never"})
    people.member.refresh_from_db()
    assert (people.member.language, people.member.digest) == ("en", "never")
    assert client.post(reverse("people:account"), {"language": "fr", "digest": "hourly"}).status_code == 422


def test_a_token_is_shown_once(client, people):
    client.force_login(people.member)
    address = reverse("people:tokens")
    made = client.post(address, {"name": "夜間", "scope": "write", "days": "30"})
    text = made.context["plaintext"]
    assert text in made.content.decode()
    assert "no-store" in made["Cache-Control"]
    assert authenticate_token(text) == (people.member, "write")
    assert text not in client.get(address).content.decode()


def test_a_refused_token_form_keeps_what_was_typed(client, people):
    client.force_login(people.member)
    refused = client.post(reverse("people:tokens"), {"name": "夜間", "scope": "write", "days": "9999"})
    assert refused.status_code == 422
    assert "夜間" in refused.content.decode()
    assert not ApiToken.objects.exists()


def test_people_revoke_only_their_own_tokens_here(client, people):
    token, _text = create_token(people.member, name="t", scope="read", days=1, by=people.member)
    client.force_login(people.expert)
    assert client.post(reverse("people:revoke_token", args=[token.pk])).status_code == 404
    client.force_login(people.member)
    client.post(reverse("people:revoke_token", args=[token.pk]))
    token.refresh_from_db()
    assert token.revoked_at


def test_a_notice_is_left_once_per_key(people):
    for _time in range(2):
        notify(people.member, "role_granted", {"role": "expert"}, "/account/", "k")
    notify_many([people.member, people.expert, people.expert], "x", {}, "/", "k2")
    assert Notice.objects.filter(user=people.member).count() == 2
    assert Notice.objects.filter(user=people.expert).count() == 1


def test_closed_accounts_get_no_notices(people):
    people.member.is_active = False
    notify(people.member, "x", {}, "/", "k")
    assert not Notice.objects.exists()


def test_a_notice_reads_as_a_sentence_with_dates_written_out(people):
    register_kind("test_kind", "%(what)s is due on %(due)s")
    whole = Notice(kind="test_kind", params={"what": "A 100% check", "due": "2026-11-23"})
    assert sentence_of(whole).startswith("A 100% check is due on ")
    assert "2026-11-23" not in sentence_of(whole)
    assert sentence_of(Notice(kind="test_kind", params={"due": "2026-99-99"}))
    assert sentence_of(Notice(kind="nobody_knows", params={}))


def test_notices_are_listed_and_marked_as_read(client, people):
    for number in range(120):
        notify(people.member, "x", {}, f"/n{number}", f"k{number}")
    notify(people.expert, "x", {}, "/secret", "k")
    client.force_login(people.member)
    address = reverse("people:notices")
    first = client.get(address)
    assert len(first.context["lines"]) == 50
    assert "/secret" not in first.content.decode()
    third = client.get(
        address, {"before": client.get(address, {"before": first.context["older"]}).context["older"]}
    )
    assert len(third.context["lines"]) == 20
    mine, theirs = Notice.objects.filter(user=people.member).first(), Notice.objects.get(user=people.expert)
    client.post(reverse("people:read_notice", args=[mine.pk]))
    client.post(reverse("people:read_notice", args=[theirs.pk]))
    assert Notice.objects.filter(read_at__isnull=False).count() == 1
    client.post(reverse("people:read_all"))
    assert Notice.objects.filter(read_at__isnull=True).get() == theirs
    assert client.get(address, {"before": "x"}).status_code == 200


def test_the_notices_page_teaches_when_it_is_empty(client, people):
    client.force_login(people.member)
    assert 'class="empty"' in client.get(reverse("people:notices")).content.decode()


def test_notices_stand_by_time_whatever_order_they_were_written_in(client, people):
    from datetime import UTC, datetime

    for year in (2024, 2026, 2025):
        notify(people.member, "test_kind", {"what": f"of {year}", "due": "2026-11-23"}, "/", f"key-{year}")
        Notice.objects.filter(key=f"key-{year}").update(created_at=datetime(year, 1, 1, tzinfo=UTC))
    client.force_login(people.member)
    listed = [line[0].created_at.year for line in client.get(reverse("people:notices")).context["lines"]]
    assert listed == [2026, 2025, 2024]
    newest = Notice.objects.get(key="key-2026")
    after = client.get(reverse("people:notices"), {"before": newest.pk}).context["lines"]
    assert [line[0].created_at.year for line in after] == [2025, 2024]


def test_a_page_one_may_not_open_says_so(client, people):
    people.member.language = "en"
    people.member.save()
    client.force_login(people.member)
    response = client.get(reverse("people:administration"))
    assert response.status_code == 403
    assert "You may not open this" in response.content.decode()
