"""``sekisho people`` and ``sekisho token``: what an operator does at the machine itself, as Sekisho."""

import functools
import secrets
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from sekisho.errors import SekishoError

if TYPE_CHECKING:
    from sekisho.people.models import Organisation


def one_line_errors(command: Callable[..., Any]) -> Callable[..., Any]:
    """A refusal is one line on stderr and exit code 1."""

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except SekishoError as refusal:
            fields = getattr(refusal, "fields", {})
            words = "; ".join(f"{name}: {text}" for name, text in fields.items()) or str(refusal)
            raise click.ClickException(" ".join(words.split())) from None

    return run


def _person(username: str) -> Any:
    from sekisho.people.models import User

    found = User.objects.filter(username=username).first()
    if found is None:
        raise click.ClickException(
            f"There is no person with the user name {username}. See: sekisho people list"
        )
    return found


def _organisation(code: str) -> "Organisation":
    from sekisho.people.models import Organisation

    found = Organisation.objects.filter(code=code).first()
    if found is None:
        raise click.ClickException(f"There is no organisation with the code {code}.")
    return found


@click.group("token")
def token() -> None:
    """API tokens: make, list, revoke."""


@token.command("create")
@click.argument("username")
@click.option("--name", default="command line", show_default=True, help="What the token is for.")
@click.option("--scope", type=click.Choice(["read", "write"]), default="write", show_default=True)
@click.option("--days", type=int, default=90, show_default=True, help="Days until it expires (1 to 366).")
@one_line_errors
def create(username: str, name: str, scope: str, days: int) -> None:
    """Make a token that acts as USERNAME; the last line printed is the token, shown this once."""
    from sekisho.people.permissions import SYSTEM
    from sekisho.people.services import create_token

    made, plaintext = create_token(_person(username), name=name, scope=scope, days=days, by=SYSTEM)
    click.echo(
        f"Token {made.pk} for {username} ({scope}), until {made.expires_at:%Y-%m-%d}. Shown only now:",
        err=True,
    )
    click.echo(plaintext)


@token.command("list")
@click.option("--user", "username", default="", help="Only this person's tokens.")
@one_line_errors
def list_tokens(username: str) -> None:
    """Tokens that still work: id, user name, name, scope, expiry, last use."""
    from django.utils import timezone

    from sekisho.people.models import ApiToken

    rows = ApiToken.objects.filter(revoked_at__isnull=True, expires_at__gt=timezone.now()).select_related(
        "user"
    )
    rows = rows.filter(user=_person(username)) if username else rows
    for row in rows.order_by("pk"):
        used = f"{row.last_used_at:%Y-%m-%d}" if row.last_used_at else "never used"
        words = (row.pk, row.user.username, row.name, row.scope, f"{row.expires_at:%Y-%m-%d}", used)
        click.echo("\t".join(str(word) for word in words))


@token.command("revoke")
@click.argument("token_id", type=int)
@one_line_errors
def revoke(token_id: int) -> None:
    """Make the token with this id (see: sekisho token list) useless at once."""
    from sekisho.people.models import ApiToken
    from sekisho.people.permissions import SYSTEM
    from sekisho.people.services import revoke_token

    found = ApiToken.objects.select_related("user").filter(pk=token_id).first()
    if found is None:
        raise click.ClickException(f"There is no token {token_id}. See: sekisho token list")
    revoke_token(SYSTEM, found)
    click.echo(f"Token {token_id} no longer works.")


@click.group("people")
def people() -> None:
    """People: add, list, grant a role, close an account, set a password, remove a lost second factor."""


@people.command("add")
@click.argument("username")
@click.option("--name", required=True, help="The person's name.")
@click.option("--email", default="", help="E-mail address.")
@click.option("--organisation", "code", default="", help="Code of the organisation where the person sits.")
@click.option("--role", default="", help="A first role, held for that organisation from today.")
@click.option("--language", type=click.Choice(["", "ja", "en"]), default="")
@one_line_errors
def add(username: str, *, name: str, email: str, code: str, role: str, language: str) -> None:
    """Add a person without a password (set one with: sekisho people password USERNAME)."""
    from django.db import transaction

    from sekisho.people.permissions import SYSTEM
    from sekisho.people.services import create_person, grant_role

    if role and not code:
        raise click.ClickException("A role is held for an organisation: give --organisation too.")
    seat = _organisation(code) if code else None
    with transaction.atomic():
        made = create_person(
            SYSTEM, username=username, display_name=name, email=email, organisation=seat, language=language
        )
        if role and seat:
            grant_role(SYSTEM, made, role=role, organisation=seat)
    click.echo(f"{made.username} was added.")


@people.command("list")
@click.option("--all", "everybody", is_flag=True, help="Closed accounts too.")
def list_people(everybody: bool) -> None:
    """People: user name, name, roles in force."""
    from django.db.models import Prefetch
    from django.utils import timezone

    from sekisho.people.models import RoleAssignment, User

    held = RoleAssignment.objects.in_force(timezone.localdate()).select_related("organisation")
    rows = User.objects.order_by("username").prefetch_related(Prefetch("roles", held, to_attr="roles_now"))
    for row in rows if everybody else rows.filter(is_active=True):
        roles = ", ".join(f"{r.role}@{r.organisation.code}" for r in row.roles_now)
        click.echo("\t".join([row.username, str(row), roles, *([] if row.is_active else ["closed"])]))


@people.command("grant")
@click.argument("username")
@click.argument("role")
@click.argument("organisation_code")
@click.option("--from", "start", type=click.DateTime(["%Y-%m-%d"]), help="First day; today when left out.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Last day; open when left out.")
@one_line_errors
def grant(username: str, role: str, organisation_code: str, start: Any, until: Any) -> None:
    """Give USERNAME the ROLE for the organisation with this code and all below it."""
    from sekisho.people.permissions import SYSTEM
    from sekisho.people.services import grant_role

    person, organisation = _person(username), _organisation(organisation_code)
    first, last = start.date() if start else None, until.date() if until else None
    grant_role(SYSTEM, person, role=role, organisation=organisation, valid_from=first, valid_until=last)
    click.echo(f"{username} holds {role} for {organisation_code}.")


@people.command("deactivate")
@click.argument("username")
@one_line_errors
def deactivate(username: str) -> None:
    """Close an account: no sign-in, no token works, history stays."""
    from sekisho.people.permissions import SYSTEM
    from sekisho.people.services import deactivate_person

    deactivate_person(SYSTEM, _person(username))
    click.echo(f"The account {username} is closed.")


@people.command("password")
@click.argument("username")
@click.option("--generate", is_flag=True, help="Make a random one and print it last, instead of asking.")
@one_line_errors
def password(username: str, generate: bool) -> None:
    """Set a password. Asked for twice, or read from standard input when that is not a terminal."""
    from sekisho.people.permissions import SYSTEM
    from sekisho.people.services import set_password

    person = _person(username)
    chosen = secrets.token_urlsafe(15) if generate else _asked()
    set_password(SYSTEM, person, chosen)
    click.echo(f"The password of {username} was set.", err=True)
    if generate:
        click.echo(chosen)


@people.command("remove-second-factor")
@click.argument("username")
@one_line_errors
def remove_factor(username: str) -> None:
    """Let somebody who lost phone, passkey and recovery codes sign in by password and set up a new one."""
    from sekisho.people.permissions import SYSTEM
    from sekisho.people.services import remove_second_factor

    removed = remove_second_factor(SYSTEM, _person(username))
    words = (
        f"The second factor of {username} was removed." if removed else f"{username} has no second factor."
    )
    click.echo(words)


def _asked() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    return str(click.prompt("New password", hide_input=True, confirmation_prompt=True))
