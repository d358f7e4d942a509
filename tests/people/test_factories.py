from sekisho.people.permissions import actor_of
from sekisho.people.roles import ROLES
from tests.factories import PASSWORD, UserFactory


def test_people_hold_one_role_each_on_the_bureau(people, bureau, section):
    assert section.path == f"{bureau.path}{section.pk}/"
    for role in ROLES:
        person = getattr(people, role)
        assert actor_of(person).roles() == {role}
        assert person.organisation == bureau


def test_a_person_signs_in_with_the_shared_password(client, db):
    assert client.login(username=UserFactory().username, password=PASSWORD)
