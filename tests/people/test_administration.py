import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from sekisho.people import record
from sekisho.people.models import ApiToken, Organisation, RoleAssignment, User
from sekisho.people.record import RecordedAct
from sekisho.people.roles import ROLES
from sekisho.people.services import create_token
from tests.factories import PASSWORD, OrganisationFactory, RoleAssignmentFactory, UserFactory

READ = ["administration", "history", "organisations", "new_organisation", "people", "new_person"]
PERSON_ACTS = ["grant_role", "set_password", "remove_second_factor", "deactivate", "activate"]


def pages(person, organisation):
    """(method, address) of every administration page."""
    held = person.roles.first()
    token, _text = create_token(person, name="t", scope="read", days=1, by=person)
    return [
        *[("get", reverse(f"people:{name}")) for name in READ],
        ("get", reverse("people:organisation", args=[organisation.pk])),
        ("get", reverse("people:person", args=[person.pk])),
        ("get", reverse("people:end_role", args=[person.pk, held.pk])),
        *[("post", reverse(f"people:{name}", args=[person.pk])) for name in PERSON_ACTS],
        ("post", reverse("people:close_organisation", args=[organisation.pk])),
        ("post", reverse("people:reopen_organisation", args=[organisation.pk])),
        ("post", reverse("people:revoke_person_token", args=[person.pk, token.pk])),
    ]


@pytest.mark.parametrize("role", [role for role in ROLES if role != "admin"])
def test_administration_is_closed_to_every_other_role(client, people, section, role):
    addresses = pages(people.member, section)
    client.force_login(getattr(people, role))
    for method, address in addresses:
        assert getattr(client, method)(address).status_code == 403, address
    people.member.refresh_from_db()
    assert people.member.is_active


def test_administration_asks_visitors_to_sign_in(client, people, section):
    for method, address in pages(people.member, section):
        assert getattr(client, method)(address)["Location"].startswith("/accounts/login/"), address


def test_administration_is_open_to_administrators(client, people, section):
    addresses = pages(people.member, section)
    client.force_login(people.admin)
    for method, address in addresses:
        assert getattr(client, method)(address).status_code in (200, 302, 422), address


def test_it_adds_an_organisation_and_keeps_what_was_typed_when_refused(client, people, bureau):
    client.force_login(people.admin)
    address = reverse("people:new_organisation")
    refused = client.post(address, {"name": "新しい課 🌸", "code": "bureau", "parent": bureau.pk})
    assert refused.status_code == 422
    assert "新しい課 🌸" in refused.content.decode()
    client.post(address, {"name": "新しい課 🌸", "code": "new", "parent": bureau.pk})
    assert Organisation.objects.get(code="new").parent == bureau


def test_a_circle_is_refused_beside_the_field(client, people, bureau, section):
    client.force_login(people.admin)
    values = {"name": "改名", "code": "bureau", "parent": section.pk}
    refused = client.post(reverse("people:organisation", args=[bureau.pk]), values)
    assert refused.status_code == 422
    assert section.name in refused.context["form"].errors["parent"][0]
    bureau.refresh_from_db()
    assert bureau.name == "総務局"


def test_names_longer_than_300_characters_are_refused_and_kept(client, people, bureau):
    client.force_login(people.admin)
    refused = client.post(reverse("people:new_organisation"), {"name": "あ" * 301, "code": "x"})
    assert refused.status_code == 422
    assert "あ" * 301 in refused.content.decode()


def test_it_closes_and_reopens_an_organisation(client, people, bureau, section):
    client.force_login(people.admin)
    refused = client.post(reverse("people:close_organisation", args=[bureau.pk]), {"on": "2026-04-01"})
    assert refused.status_code == 422
    client.post(reverse("people:close_organisation", args=[section.pk]), {"on": "2026-04-01"})
    section.refresh_from_db()
    assert section.closed_on == dt.date(2026, 4, 1)
    client.post(reverse("people:reopen_organisation", args=[section.pk]))
    section.refresh_from_db()
    assert section.closed_on is None


def test_it_adds_a_person_with_a_first_role(client, people, bureau):
    client.force_login(people.admin)
    values = {
        "display_name": "新人 太郎",
        "username": "shinjin",
        "role": "member",
        "email": "s@example.lg.jp",
    }
    refused = client.post(reverse("people:new_person"), values)
    assert refused.status_code == 422
    assert not User.objects.filter(username="shinjin").exists()
    made = client.post(
        reverse("people:new_person"), {**values, "organisation": bureau.pk, "password": PASSWORD}
    )
    person = User.objects.get(username="shinjin")
    assert made["Location"] == reverse("people:person", args=[person.pk])
    assert person.roles.get().role == "member"
    assert client.login(username="shinjin", password=PASSWORD)


def test_a_role_refused_with_a_new_person_adds_nobody(client, people, bureau):
    closed = OrganisationFactory(closed_on=dt.date(2026, 1, 1))
    client.force_login(people.admin)
    values = {"display_name": "新人", "username": "x", "role": "member", "organisation": closed.pk}
    assert client.post(reverse("people:new_person"), values).status_code == 422
    assert not User.objects.filter(username="x").exists()


def test_it_gives_and_ends_roles(client, people, section):
    client.force_login(people.admin)
    today = timezone.localdate()
    address = reverse("people:grant_role", args=[people.member.pk])
    wrong = {
        "role": "expert",
        "organisation": section.pk,
        "valid_from": "2026-04-02",
        "valid_until": "2026-04-01",
    }
    refused = client.post(address, wrong)
    assert refused.status_code == 422
    assert refused.context["role_form"].errors["valid_until"]
    client.post(address, {"role": "expert", "organisation": section.pk, "valid_from": today.isoformat()})
    held = people.member.roles.get(role="expert")
    ending = reverse("people:end_role", args=[people.member.pk, held.pk])
    assert client.post(ending, {"valid_until": "2000-01-01"}).status_code == 422
    client.post(ending, {"valid_until": today.isoformat()})
    held.refresh_from_db()
    assert held.valid_until == today


def test_it_withdraws_a_role_that_has_not_started(client, people, section):
    later = timezone.localdate() + dt.timedelta(9)
    held = RoleAssignmentFactory(user=people.member, role="expert", organisation=section, valid_from=later)
    client.force_login(people.admin)
    address = reverse("people:end_role", args=[people.member.pk, held.pk])
    assert 'name="withdraw"' in client.get(address).content.decode()
    client.post(address, {"withdraw": "1"})
    assert not RoleAssignment.objects.filter(pk=held.pk).exists()


def test_the_last_administrator_is_refused_as_a_page(client, people):
    client.force_login(people.admin)
    response = client.post(reverse("people:deactivate", args=[people.admin.pk]))
    assert response.status_code == 409
    assert "people:deactivate" not in response.content.decode()
    people.admin.refresh_from_db()
    assert people.admin.is_active


def test_an_administrator_revokes_a_token_and_sets_a_password(client, people):
    token, _text = create_token(people.member, name="t", scope="read", days=1, by=people.member)
    client.force_login(people.admin)
    client.post(reverse("people:revoke_person_token", args=[people.member.pk, token.pk]))
    assert ApiToken.objects.get().revoked_at
    address = reverse("people:set_password", args=[people.member.pk])
    assert client.post(address, {"password": "short"}).status_code == 422
    client.post(address, {"password": "a long enough phrase"})
    people.member.refresh_from_db()
    assert people.member.check_password("a long enough phrase")


def test_an_administrator_removes_a_lost_second_factor_and_its_owner_is_told(client, people):
    from allauth.mfa.models import Authenticator

    client.force_login(people.admin)
    page = reverse("people:person", args=[people.member.pk])
    remove = reverse("people:remove_second_factor", args=[people.member.pk])
    assert remove not in client.get(page).content.decode()
    Authenticator.objects.create(user=people.member, type=Authenticator.Type.TOTP, data={"secret": "x"})
    Authenticator.objects.create(user=people.admin, type=Authenticator.Type.TOTP, data={"secret": "x"})
    assert remove in client.get(page).content.decode()
    assert client.post(remove).status_code == 302
    assert list(Authenticator.objects.values_list("user", flat=True)) == [people.admin.pk]
    assert people.member.notices.filter(kind="second_factor_removed").count() == 1
    client.force_login(people.member)
    assert client.post(reverse("people:remove_second_factor", args=[people.admin.pk])).status_code == 403
    assert Authenticator.objects.filter(user=people.admin).exists()


def test_the_list_of_people_is_searched_and_filtered(client, people, bureau, other_bureau, section):
    UserFactory(username="kanda", display_name="神田ABC", organisation=section)
    UserFactory(username="gone", display_name="退職者", is_active=False)
    client.force_login(people.admin)

    def found(**query):
        page = client.get(reverse("people:people"), query).context["page"]
        return [person.username for person in page.people]

    assert found(q="神田") == ["kanda"]
    assert found(q="ＡＢＣ") == ["kanda"]
    assert found(role="auditor") == ["auditor"]
    assert found(organisation=section.pk) == ["kanda"]
    assert "kanda" in found(organisation=bureau.pk)
    assert found(organisation=other_bureau.pk) == []
    assert found(state="closed") == ["gone"]
    assert "gone" not in found()
    assert "gone" in found(state="all")
    assert len(found(role="nonsense", organisation="x", state="y")) == len(ROLES) + 1
    assert found(q="\x00") is not None


def test_show_more_reaches_everybody_once(client, people, bureau):
    UserFactory.create_batch(120, organisation=bureau)
    client.force_login(people.admin)
    seen, after = [], ""
    while True:
        page = client.get(reverse("people:people"), {"after": after} if after else {}).context["page"]
        seen += [person.pk for person in page.people]
        after = page.next_after
        if not after:
            break
    assert len(seen) == len(set(seen)) == page.total == 120 + len(ROLES)


def test_show_more_by_htmx_brings_only_rows(client, people, bureau):
    UserFactory.create_batch(60, organisation=bureau)
    client.force_login(people.admin)
    part = client.get(reverse("people:people"), {"after": "person"}, headers={"HX-Request": "true"})
    assert part.content.decode().lstrip().startswith("<tr>")


def queries_of(client, address):
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_pages_ask_the_database_equally_often_however_many_there_are(client, people, bureau):
    client.force_login(people.admin)
    addresses = [reverse(f"people:{name}") for name in READ]
    addresses += [
        reverse("people:organisation", args=[bureau.pk]),
        reverse("people:person", args=[people.member.pk]),
    ]
    few = [queries_of(client, address) for address in addresses]
    for _n in range(30):
        seat = OrganisationFactory(parent=bureau)
        UserFactory(member=True, organisation=seat)
        RoleAssignmentFactory(user=UserFactory(), role="member", organisation=bureau)
        RoleAssignmentFactory(user=people.member, role="expert", organisation=seat)
    assert [queries_of(client, address) for address in addresses] == few


def test_the_history_shows_what_the_keeper_of_the_record_tells(client, people, monkeypatch):
    acts = [RecordedAct(timezone.now(), "山田", f"山田が{n}を追加しました") for n in range(120)]
    monkeypatch.setattr(record, "_histories", [lambda offset, limit: acts[offset : offset + limit]])
    client.force_login(people.admin)
    first = client.get(reverse("people:history")).content.decode()
    assert "山田が49を" in first
    assert "山田が50を" not in first
    assert "?from=50" in first
    last = client.get(reverse("people:history"), {"from": "100"}).content.decode()
    assert "山田が119を" in last
    assert 'href="?from=' not in last
    assert client.get(reverse("people:history"), {"from": "x"}).status_code == 200


def test_the_history_teaches_when_it_is_empty(client, people, monkeypatch):
    monkeypatch.setattr(record, "_histories", [])
    client.force_login(people.admin)
    assert 'class="empty"' in client.get(reverse("people:history")).content.decode()


def test_saving_what_sits_in_a_closed_organisation_does_not_move_it(client, people, bureau, section):
    Organisation.objects.filter(pk=bureau.pk).update(closed_on=dt.date(2026, 1, 1))
    client.force_login(people.admin)
    for address in (
        reverse("people:organisation", args=[section.pk]),
        reverse("people:person", args=[people.member.pk]),
    ):
        assert f'<option value="{bureau.pk}" selected>' in client.get(address).content.decode()
    values = {"name": "改名", "code": "section", "parent": bureau.pk}
    assert client.post(reverse("people:organisation", args=[section.pk]), values).status_code == 302
    section.refresh_from_db()
    assert (section.name, section.parent) == ("改名", bureau)


def test_an_organisation_is_not_offered_a_place_below_itself(client, people, bureau):
    below, beside = OrganisationFactory(parent=bureau, name="下の課"), OrganisationFactory(name="隣の局")
    client.force_login(people.admin)
    form = client.get(reverse("people:organisation", args=[bureau.pk])).context["form"]
    offered = {value for value, _label in form.fields["parent"].choices}
    assert beside.pk in offered
    assert not {bureau.pk, below.pk} & offered
