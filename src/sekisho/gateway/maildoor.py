"""The SMTP listener of the mail door: speaks with the office's relay on loopback, and keeps what it says 250 to."""

import asyncio
import ipaddress
import logging
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP
from django.db import close_old_connections, connections

from sekisho.errors import SekishoError
from sekisho.gateway.models import Route
from sekisho.gateway.services import mailing
from sekisho.gateway.services.mailing import Envelope
from sekisho.people.models import User

log = logging.getLogger(__name__)


def is_loopback(host: str) -> bool:
    """Whether nobody but this machine reaches an address."""
    try:
        return ipaddress.ip_address("127.0.0.1" if host == "localhost" else host).is_loopback
    except ValueError:
        return False


class _Server(SMTP):
    """Takes lines of any length, as mail programs send them: a relay would have to give such a message up for good."""

    #: RFC 5321 has 1,000; a page in one line, or a program that never heard of it, has more
    line_length_limit = 4 << 20


class _Listener(Controller):
    def factory(self) -> SMTP:
        return _Server(self.handler, **self.SMTP_kwargs)


class Door:
    """Takes messages in the name of one person over one route."""

    def __init__(self, person: User, route: Route, relay: str) -> None:
        self.person, self.route, self.relay = person, route, relay

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Keep the message, then answer. A refusal for good is 554, one to try again is 451."""
        sender = "" if envelope.mail_from in (None, "<>") else envelope.mail_from
        told = Envelope(sender, tuple(envelope.rcpt_tos))
        return await asyncio.to_thread(self._keep, told, envelope.original_content or b"")

    def _keep(self, envelope: Envelope, content: bytes) -> str:
        close_old_connections()
        try:
            self.route.refresh_from_db()
            kept = mailing.receive(self.person, self.route, envelope, content, self.relay)
        except SekishoError as error:
            words = " ".join(str(error).split()).encode("ascii", "replace").decode()
            return f"{451 if error.status >= 500 else 554} {error.code} {words}"[:500]
        except Exception:
            log.exception("The mail door could not keep a message.")
            return "451 not kept; try again"
        finally:
            connections.close_all()  # threads of the pool come and go
        return f"250 kept as transfer {kept.transfer_id}"


def listen(door: Door, host: str, port: int, most_bytes: int) -> Controller:
    """Begin to listen; the caller stops it. ``port`` 0 chooses a free one."""
    listener = _Listener(
        door, hostname=host, port=port, data_size_limit=most_bytes, ident="Sekisho", ready_timeout=30
    )
    listener.start()
    return listener
