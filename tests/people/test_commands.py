import pytest
from click.testing import CliRunner

from sekisho.people.commands import people as people_group
from sekisho.people.commands import token as token_group
from sekisho.people.models import ApiToken, User
from sekisho.people.services import authenticate_token
from tests.factories import UserFactory


def run(group, *args, **kwargs):
    return CliRunner().invoke(group, args, **kwargs)


def test_a_token_is_printed_alone_on_the_last_line(people):
    done = run(token_group, "create", "member")
    assert done.exit_code == 0
    assert authenticate_token(done.stdout.splitlines()[-1]) == (people.member, "write")
    assert done.stdout.splitlines()[-1] not in run(token_group, "list").stdout
    run(token_group, "create", "expert", "--scope", "read", "--days", "3", "--name", "試し")
    assert "試し" in run(token_group, "list", "--user", "expert").stdout
    number = ApiToken.objects.get(name="試し").pk
    assert run(token_group, "revoke", str(number)).exit_code == 0
    assert "試し" not in run(token_group, "list").stdout


@pytest.mark.parametrize(
    ("group", "args"),
    [
        (token_group, ["create", "nobody"]),
        (token_group, ["create", "member", "--days", "0"]),
        (token_group, ["revoke", "999999"]),
        (people_group, ["grant", "member", "emperor", "bureau"]),
        (people_group, ["grant", "member", "expert", "nowhere"]),
        (
            people_group,
            ["grant", "member", "expert", "bureau", "--from", "2026-04-02", "--until", "2026-04-01"],
        ),
        (people_group, ["add", "member", "--name", "二人目"]),
        (people_group, ["add", "x", "--name", "役割だけ", "--role", "member"]),
        (people_group, ["deactivate", "admin"]),
        (people_group, ["password", "nobody", "--generate"]),
    ],
)
def test_a_refusal_is_one_line_and_exit_code_1(people, bureau, group, args):
    done = run(group, *args)
    assert done.exit_code == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stdout == ""


def test_people_are_added_listed_and_closed(people, bureau):
    done = run(people_group, "add", "shin", "--name", "新人", "--organisation", "bureau", "--role", "member")
    assert done.exit_code == 0
    assert "shin\t新人\tmember@bureau" in run(people_group, "list").stdout
    assert run(people_group, "grant", "shin", "expert", "bureau").exit_code == 0
    assert run(people_group, "deactivate", "shin").exit_code == 0
    assert "shin" not in run(people_group, "list").stdout
    assert "closed" in run(people_group, "list", "--all").stdout


def test_a_password_comes_from_standard_input_or_is_made(people):
    UserFactory(username="one")
    assert run(people_group, "password", "one", input="a long enough phrase\n").exit_code == 0
    assert User.objects.get(username="one").check_password("a long enough phrase")
    assert run(people_group, "password", "one", input="short\n").exit_code == 1
    made = run(people_group, "password", "one", "--generate").stdout.splitlines()[-1]
    assert User.objects.get(username="one").check_password(made)


def test_a_lost_second_factor_is_removed_at_the_machine(people):
    from allauth.mfa.models import Authenticator

    Authenticator.objects.create(user=people.admin, type=Authenticator.Type.TOTP, data={"secret": "x"})
    assert "was removed" in run(people_group, "remove-second-factor", "admin").stdout
    assert not Authenticator.objects.exists()
    assert "has no second factor" in run(people_group, "remove-second-factor", "admin").stdout
    assert run(people_group, "remove-second-factor", "nobody").exit_code == 1
