"""``sekisho transfer``: send files to a Sekisho server over its API, in chunks, going on where it broke off."""

import hashlib
import json
import os
import re
import time
from pathlib import Path
from typing import Any, BinaryIO
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen
from uuid import uuid4

import click

from sekisho.sanitizer.names import name_on_disk

_TRIES, _WAITS = 7, 5  # a minute in all, in which a server starts again
#: kinds of receivers that are named, and the field of the API that names them
_WHOM = {"person": "person", "book": "project", "box": "box", "outside": "outside"}
_FINAL = {"offered", "handed", "refused", "expired", "abandoned", "approval"}


class Server:
    """One server, spoken to with a token. A broken connection is tried again; a refusal is said in its words."""

    def __init__(self, address: str, token: str, pause: float = 0.5) -> None:
        if not _is_address(address):
            raise click.ClickException(f"{address} is no address of a server; write https://host")
        if not re.fullmatch(r"[!-~]++", token):
            raise click.ClickException(
                "what was given as a token is none; a token is one line, skt_ and more"
            )
        self.base = f"{address.rstrip('/')}/api/v1"
        self.token = token
        self.pause = pause

    def call(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Any:
        """The answer as plain values. Raises ``ClickException`` with the server's words."""
        sent = {"Authorization": f"Bearer {self.token}", "Accept": "application/json", **headers}
        request = Request(self.base + path, data=body, method=method, headers=sent)  # noqa: S310 - http(s) only
        tries = waits = 0
        while True:
            try:
                with urlopen(request, timeout=120) as answer:  # noqa: S310
                    return json.load(answer)
            except HTTPError as error:
                if (
                    error.code == 429 and waits < _WAITS
                ):  # thousands of chunks in a minute are asked to slow down
                    waits += 1
                    time.sleep(_asked_to_wait(error))
                    continue
                tries += 1
                if error.code < 500 or tries == _TRIES:
                    raise _refusal(error) from None
            except (URLError, ConnectionError, TimeoutError) as error:
                tries += 1
                if tries == _TRIES:
                    raise click.ClickException(f"{self.base} cannot be reached: {error}") from None
            time.sleep(self.pause * 2**tries)

    def send(self, method: str, path: str, said: Any) -> Any:
        """Send plain values."""
        return self.call(method, path, json.dumps(said).encode(), **{"Content-Type": "application/json"})


def _is_address(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # no number where the port stands
        return False


def _asked_to_wait(error: HTTPError) -> int:
    """Seconds that the server asks for, a minute at most."""
    said = error.headers.get("Retry-After", "") if error.headers else ""
    return min(int(said), 60) if said.isascii() and said.isdecimal() else 10


class Refusal(click.ClickException):
    """The server refused, in its words; ``code`` is stable."""

    def __init__(self, words: str, code: str = "") -> None:
        super().__init__(words)
        self.code = code


def _refusal(error: HTTPError) -> Refusal:
    try:
        said = json.load(error)
        return Refusal(str(said["detail"]), str(said.get("code", "")))
    except (ValueError, KeyError, TypeError, AttributeError):
        return Refusal(f"the server answered {error.code}")


def upload(server: Server, file: BinaryIO, there: dict[str, Any]) -> int:
    """Send the chunks of a file that the server lacks; returns how many were sent."""
    sent = 0
    for number in range(-(-there["size"] // there["chunk_size"])):
        body = file.read(there["chunk_size"])
        digest = hashlib.sha256(body).hexdigest()
        if there["have"].get(str(number)) == digest:
            continue
        kind = {"Content-Type": "application/octet-stream", "X-Chunk-Sha256": digest}
        server.call("PUT", f"/transfers/files/{there['id']}/chunks/{number}", body, **kind)
        sent += 1
    return sent


def sent(server: Server, transfer_id: int) -> Any:
    """Send off what was uploaded. Where the answer to a first try was lost on its way, it was sent all the same."""
    try:
        return server.send("POST", f"/transfers/{transfer_id}/send", {})
    except Refusal as refusal:
        if refusal.code != "upload_over":
            raise
        return server.call("GET", f"/transfers/{transfer_id}")


@click.command()
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--route", required=True, help="Code of the route.")
@click.option("--purpose", required=True, help="What it is for.")
@click.option(
    "--to",
    "kind",
    type=click.Choice(["self", "person", "book", "box", "outside"]),
    default="self",
    show_default=True,
)
@click.option(
    "--whom", default="", help="User name, project code, code of the organisation, or e-mail address."
)
@click.option("--server", envvar="SEKISHO_SERVER", default="http://127.0.0.1:8000", show_default=True)
@click.option(
    "--token-file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="File with the token."
)
@click.option("--resume", type=int, help="Number of a transfer that broke off: send what is missing.")
@click.option("--wait/--no-wait", default=True, help="Wait until the files are checked.")
def transfer(
    files: tuple[Path, ...],
    route: str,
    purpose: str,
    kind: str,
    whom: str,
    server: str,
    token_file: Path | None,
    resume: int | None,
    wait: bool,
) -> None:
    """Send FILES over a route of a Sekisho server. The token stands in --token-file or SEKISHO_TOKEN."""
    if bool(whom) != (kind in _WHOM):
        raise click.UsageError(f"--whom names the receiver that --to asks for: {', '.join(_WHOM)}")
    token = token_file.read_text(errors="replace") if token_file else os.environ.get("SEKISHO_TOKEN", "")
    token = token.strip()
    if not token:
        raise click.ClickException("give a token: --token-file FILE, or SEKISHO_TOKEN")
    away = Server(server, token)
    if resume:
        there = away.call("GET", f"/transfers/{resume}")
    else:
        said = {
            "route": route,
            "purpose": purpose,
            "receiver_kind": kind,
            "key": uuid4().hex,  # announced again after a lost answer, it is the same transfer
            **({_WHOM[kind]: whom} if whom else {}),
        }
        announced = [{"name": name_on_disk(path), "size": path.stat().st_size} for path in files]
        there = away.send("POST", "/transfers", {**said, "files": announced})
    click.echo(f"transfer {there['id']}")
    if len(there["files"]) != len(files):
        raise click.ClickException(
            f"transfer {there['id']} has {len(there['files'])} files; name the same ones"
        )
    if there["state"] == "abandoned":
        raise click.ClickException(f"transfer {there['id']} was given up; send the files anew")
    try:
        if there["state"] == "uploading":  # else the answer to the last try was lost, and it was sent
            for path, file in zip(files, there["files"], strict=True):
                with path.open("rb") as opened:
                    upload(away, opened, file)
            there = sent(away, there["id"])
    except (click.ClickException, OSError, KeyboardInterrupt):
        click.echo(f"what arrived is kept for two days; go on with: --resume {there['id']}", err=True)
        raise
    while wait and there["state"] not in _FINAL and not any(f["state"] == "password" for f in there["files"]):
        time.sleep(1)
        there = away.call("GET", f"/transfers/{there['id']}")
    for file in there["files"]:
        click.echo(f"{file['state']}\t{file['name']}\t{file['refusal'].get('words', {}).get('en', '')}")
    if there["state"] == "refused":
        raise click.exceptions.Exit(1)
