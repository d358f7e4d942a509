"""``sekisho gateway``: the watched folder, and house kept by hand."""

import hashlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from io import BufferedReader
from pathlib import Path
from typing import Any

import click
from django.conf import settings
from django.db import DatabaseError, close_old_connections, connections

from sekisho.errors import DiskFull, SekishoError
from sekisho.gateway import maildoor, packages
from sekisho.gateway.models import Dispatch, Route
from sekisho.gateway.names import arrived_name
from sekisho.gateway.queries import queue
from sekisho.gateway.services import dispatching, fetching, housekeeping, policies, sides
from sekisho.gateway.services.sending import Receiver, send_whole
from sekisho.gateway.services.vault import StoreAway
from sekisho.jobs.services import in_language_of
from sekisho.people.models import Organisation, User
from sekisho.sanitizer.names import name_on_disk


@click.group()
def gateway() -> None:
    """Files that cross network zones."""


#: bytes of a name on disk, less those for a number and ``.txt`` behind it; and of its extension
_NAME_BYTES, _SUFFIX_BYTES = 240, 20

_SECONDS = click.FloatRange(min=0)


class _Named:
    """A file on disk as services take uploads."""

    def __init__(self, path: Path, file: Any) -> None:
        self.name, self.size, self._file = name_on_disk(path), path.stat().st_size, file

    def read(self, count: int) -> bytes:
        return bytes(self._file.read(count))


def still(
    folder: Path, before: dict[Path, tuple[int, float]]
) -> tuple[list[Path], dict[Path, tuple[int, float]]]:
    """Files that have not changed since the look before, and what this look saw. Links and hidden files are passed over."""
    seen = {}
    for path in sorted(folder.iterdir()):
        if path.is_file() and not path.is_symlink() and not path.name.startswith("."):
            with suppress(FileNotFoundError):  # taken away while we look
                facts = path.stat()
                seen[path] = (facts.st_size, facts.st_mtime)
    return [path for path, facts in seen.items() if before.get(path) == facts], seen


def send_one(person: User, route: Route, receiver: Receiver, path: Path) -> str:
    """Send a file of the watched folder, then put it away: into ``sent``, or ``refused`` beside a text that says why.

    The text is in the person's language. Where there is no room for the file now, it stays to be sent later.
    """
    try:
        place, said = _sent(person, route, receiver, path)
        _put_away(path, place, said if place == "refused" else "")
    except (DiskFull, StoreAway, OSError, DatabaseError) as error:
        return f"waits\t{_shown(path)}\t{error}"
    return f"{place}\t{_shown(path)}\t{said}"


def _sent(person: User, route: Route, receiver: Receiver, path: Path) -> tuple[str, str]:
    """Where a file is to be put, and what is said of it."""
    with path.open("rb") as file, in_language_of(person):
        key = _key_of(path, file)
        purpose = f"{name_on_disk(path.parent)}/{name_on_disk(path)}"[:500]
        try:
            transfer = send_whole(person, route, receiver, purpose, [_Named(path, file)], key=key)
        except (DiskFull, StoreAway):
            raise
        except SekishoError as error:
            return "refused", str(error)
    return "sent", f"transfer {transfer.pk}"


def _key_of(path: Path, file: BufferedReader) -> str:
    """The same for a file that was sent and not put away yet; another one when it is put there once more."""
    digest = hashlib.file_digest(file, "sha256").hexdigest()
    file.seek(0)
    told = f"{path.resolve()}\n{os.fstat(file.fileno()).st_ctime_ns}\n{digest}"
    return hashlib.sha256(told.encode("utf-8", "surrogateescape")).hexdigest()


def _put_away(path: Path, name: str, why: str) -> None:
    place = path.parent / name
    place.mkdir(exist_ok=True)
    target = next(_free(place, path.name))
    if why:  # first, so that no file is ever put there without a word
        target.with_name(f"{target.name}.txt").write_text(why, encoding="utf-8")
    path.rename(target)


def _shown(path: Path) -> str:
    """A name of the disk as it can be printed: signs that steer a terminal become marks."""
    return arrived_name(name_on_disk(path))


def _free(place: Path, name: str) -> Iterator[Path]:
    """Names that are free in a folder; short enough to take a number and an extension more."""
    suffix = Path(name).suffix
    suffix = suffix if len(os.fsencode(suffix)) <= _SUFFIX_BYTES else ""
    room = _NAME_BYTES - len(os.fsencode(suffix))
    encoded = os.fsencode(name.removesuffix(suffix))
    stem = os.fsdecode(encoded) if len(encoded) <= room else encoded[:room].decode("utf-8", "ignore")
    number = 1
    while True:
        candidate = place / (f"{stem}{suffix}" if number == 1 else f"{stem} ({number}){suffix}")
        if not candidate.exists():
            yield candidate
        number += 1


@gateway.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--route", "code", required=True, help="Code of the route.")
@click.option("--as", "username", required=True, help="User name of the person in whose name files are sent.")
@click.option(
    "--box", default="", help="Code of the organisation whose shared box receives; else the person."
)
@click.option("--every", type=_SECONDS, default=5.0, show_default=True, help="Seconds between two looks.")
@click.option("--once", is_flag=True, help="Two looks, then stop.")
def watch(folder: Path, code: str, username: str, box: str, every: float, once: bool) -> None:
    """Send every file that is put into FOLDER, once it has stopped growing."""
    person, route = _person(username), _route(code)
    organisation = Organisation.objects.filter(code=box).first() if box else None
    if box and organisation is None:
        raise click.ClickException(f"there is no organisation with the code {box}")
    receiver = Receiver("box", box=organisation) if organisation else Receiver()
    _ready, seen = still(folder, {})
    while True:
        time.sleep(every)
        try:
            ready, seen = still(folder, seen)
        except OSError as error:  # a share that is away for a while
            ready = []
            click.echo(f"waits\t{error}")
        for path in ready:
            click.echo(_tried(lambda path=path: send_one(person, route, receiver, path)))  # type: ignore[misc]
        _tried(route.refresh_from_db)
        if once:
            return
        close_old_connections()


def _tried(act: Callable[[], Any]) -> Any:
    """What an act gives, or why it waits: a database or a store that is away for a while ends no door."""
    try:
        return act()
    except StoreAway as error:
        return f"waits\t{error}"
    except DatabaseError as error:
        connections.close_all()
        return f"waits\t{error}".strip()


@gateway.command()
@click.option("--port", type=click.IntRange(1, 65_535), required=True, help="Port to listen on.")
@click.option(
    "--listen", "host", default="127.0.0.1", show_default=True, help="Loopback address to listen on."
)
@click.option("--route", "code", required=True, help="Code of the route.")
@click.option(
    "--as", "username", required=True, help="User name of the person in whose name messages are sent."
)
@click.option(
    "--relay",
    required=True,
    envvar="SEKISHO_GATEWAY_MAIL_RELAY",
    help="host:port that takes the clean messages.",
)
def mail(port: int, host: str, code: str, username: str, relay: str) -> None:
    """Take mail from the office's relay on loopback, and pass each message on written anew, with clean attachments."""
    if not maildoor.is_loopback(host):
        raise click.ClickException(
            f"{host} is no loopback address; the office's relay stands before this door"
        )
    next_host, _colon, next_port = relay.rpartition(":")
    if not next_host or not next_port.isdecimal() or not 0 < int(next_port) < 65_536:
        raise click.ClickException(f"{relay} is no host:port")
    if sides.side() != sides.SINGLE:
        raise click.ClickException("mail goes over one server; set SEKISHO_GATEWAY_SIDE=single")
    person, route = _person(username), _route(code)
    policy, _digest, _version = policies.policy_of(route.policy)
    most = min(settings.GATEWAY_MAX_BYTES, policy.limits.bytes) - 1000
    try:
        listener = maildoor.listen(maildoor.Door(person, route, relay), host, port, most)
    except OSError as problem:
        raise click.ClickException(
            f"{host}:{port} cannot be listened on: {problem.strerror or problem}"
        ) from None
    click.echo(f"listening on {host}:{port}, passing on to {relay} (stop with Ctrl+C)")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_args: stop.set())
    stop.wait()
    listener.stop()


def _person(username: str) -> User:
    person = User.objects.filter(username=username, is_active=True).first()
    if person is None:
        raise click.ClickException(f"there is no person with the user name {username}")
    return person


def _route(code: str) -> Route:
    route = Route.objects.select_related("organisation", "source", "target").filter(code=code).first()
    if route is None:
        raise click.ClickException(f"there is no route with the code {code}")
    return route


@gateway.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--for",
    "signer",
    type=click.Choice(["outer", "inner"]),
    default="outer",
    show_default=True,
    help="The server that signs with them.",
)
def keys(folder: Path, signer: str) -> None:
    """Make the pair of keys by which one server knows the other one, in FOLDER."""
    try:
        private, public = packages.make_keys(folder, signer)
    except FileExistsError:
        raise click.ClickException(f"{folder} holds keys already; packages under way need them") from None
    other = "inner" if signer == "outer" else "outer"
    click.echo(f"{signer} server: SEKISHO_GATEWAY_SIGNING_KEY={private}")
    click.echo(f"{other} server: SEKISHO_GATEWAY_CHECKING_KEY={public}")


@gateway.command()
@click.option("--every", type=_SECONDS, default=5.0, show_default=True, help="Seconds between two looks.")
@click.option("--once", is_flag=True, help="One look, then stop.")
def fetch(every: float, once: bool) -> None:
    """Deliver the packages that the other server laid into the spool."""
    if not sides.fetches():
        raise click.ClickException(
            "this server fetches nothing; set SEKISHO_GATEWAY_SIDE=inner, or SEKISHO_GATEWAY_OUTWARD_SPOOL on the outer one"
        )
    while True:
        found = _tried(fetching.fetch)
        if isinstance(found, str):
            click.echo(found)
        for state, count in found.items() if isinstance(found, dict) else ():
            if count:
                click.echo(f"{state}\t{count}")
        if once:
            return
        time.sleep(every)
        close_old_connections()


@gateway.command()
@click.argument("number", type=click.IntRange(min=1))
def again(number: int) -> None:
    """Put package NUMBER of this server into the spool once more."""
    try:
        click.echo(dispatching.write_again(number))
    except Dispatch.DoesNotExist:
        raise click.ClickException(f"there is no package {number}") from None


@gateway.command()
def status() -> None:
    """How the gateway stands: what waits and since when, and what needs somebody."""
    for name, count in queue.standing().items():
        click.echo(f"{name}\t{count}")


@gateway.command("keep-house")
def keep_house() -> None:
    """End offers and destroy held files whose days are over, as the clock does every hour."""
    for name, count in housekeeping.keep_house().items():
        click.echo(f"{name}\t{count}")
