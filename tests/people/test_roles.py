import datetime as dt

import pytest
from django.utils import timezone

from sekisho.errors import Conflict, Invalid
from sekisho.people.models import Notice, RoleAssignment
from sekisho.people.permissions import SYSTEM, actor_of
from sekisho.people.services import (
    activate_person,
    create_person,
    deactivate_person,
    edit_person,
    end_role,
    grant_role,
    set_password,
)
from tests.factories import UserFactory

TODAY = timezone.localdate()


def test_a_granted_role_holds_from_today_and_is_told(people, section, recorded):
    person = UserFactory()
    assert actor_of(person).roles() == frozenset()
    grant_role(people.admin, person, role="cio_aide", organisation=section)
    assert actor_of(person).may("decide", path=section.path)
    assert Notice.objects.get(user=person).kind == "role_granted"
    assert recorded[-1][0] == "role.granted"
    assert recorded[-1][1]["role"] == "cio_aide"


def test_it_refuses_a_role_that_ends_before_it_starts(people, bureau):
    with pytest.raises(Invalid, match="ends before it starts") as refusal:
        grant_role(
            people.admin,
            people.member,
            role="expert",
            organisation=bureau,
            valid_from=TODAY,
            valid_until=TODAY - dt.timedelta(1),
        )
    assert "valid_until" in refusal.value.fields


def test_it_refuses_an_unknown_role_and_one_held_already(people, bureau):
    with pytest.raises(Invalid) as refusal:
        grant_role(people.admin, people.member, role="emperor", organisation=bureau)
    assert "role" in refusal.value.fields
    with pytest.raises(Invalid, match="already held"):
        grant_role(people.admin, people.member, role="member", organisation=bureau)


def test_a_role_ends_on_its_last_day(people, bureau):
    held = people.member.roles.get()
    end_role(people.admin, held, TODAY - dt.timedelta(1))
    assert actor_of(UserFactory._meta.model.objects.get(pk=people.member.pk)).roles() == frozenset()
    with pytest.raises(Invalid):
        end_role(people.admin, held, held.valid_from - dt.timedelta(1))


def test_a_role_that_has_not_started_is_withdrawn(people, bureau):
    held = grant_role(
        people.admin, people.member, role="expert", organisation=bureau, valid_from=TODAY + dt.timedelta(9)
    )
    assert end_role(people.admin, held) is None
    assert not RoleAssignment.objects.filter(pk=held.pk).exists()


def test_the_last_administrator_stays(people, bureau):
    with pytest.raises(Conflict) as refusal:
        end_role(people.admin, people.admin.roles.get())
    assert refusal.value.code == "last_administrator"
    with pytest.raises(Conflict):
        deactivate_person(people.admin, people.admin)
    passing = UserFactory()
    grant_role(SYSTEM, passing, role="admin", organisation=bureau, valid_until=TODAY + dt.timedelta(3))
    with pytest.raises(Conflict):
        deactivate_person(people.admin, people.admin)
    second = UserFactory(admin=True, organisation=bureau)
    deactivate_person(second, people.admin)
    with pytest.raises(Conflict):
        end_role(second, second.roles.get())


def test_closing_an_account_shuts_it_out_and_can_be_undone(people, client):
    closed = deactivate_person(people.admin, people.member)
    assert not actor_of(closed).roles()
    assert activate_person(people.admin, closed).is_active


def test_names_with_emoji_and_rare_characters_are_kept(people, bureau):
    made = create_person(
        people.admin, username="kichi", display_name="𠮷野家🏯 髙橋\u3000葛󠄀", organisation=bureau
    )
    made.refresh_from_db()
    assert made.display_name == "𠮷野家🏯 髙橋\u3000葛󠄀"
    assert not made.has_usable_password()


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"username": "ADMIN"}, "username"),
        ({"email": "ADMIN@example.lg.jp"}, "email"),
        ({"email": "not-an-address"}, "email"),
        ({"display_name": "あ" * 301}, "display_name"),
        ({"display_name": "a\x00b"}, "display_name"),
        ({"password": "12345"}, "password"),
    ],
)
def test_it_names_the_field_of_a_person_that_is_wrong(people, values, field):
    good = {"username": "fresh", "display_name": "新人"}
    with pytest.raises(Invalid) as refusal:
        create_person(people.admin, **{**good, **values})
    assert field in refusal.value.fields


def test_the_record_says_which_details_changed_and_not_what_to(people, bureau, recorded):
    edit_person(
        people.admin,
        people.member,
        username="member",
        display_name="新姓",
        email="new@example.lg.jp",
        organisation=bureau,
        language="",
    )
    act, params, before, after = recorded[-1]
    assert act == "person.changed"
    assert params["fields"] == ["display_name", "email"]
    assert "new@example.lg.jp" not in str((params, before, after))


def test_a_set_password_works_and_a_weak_one_is_refused(people, client):
    set_password(people.admin, people.member, "a long enough phrase")
    assert client.login(username="member", password="a long enough phrase")
    with pytest.raises(Invalid):
        set_password(people.admin, people.member, "password12")
