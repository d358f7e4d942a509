"""Two servers: the outer one receives and sanitizes, the inner one fetches, checks again and delivers.

Between them lies a spool (a Django storage: a shared folder, or what ``STORAGES`` names) that the outer server writes and
the inner one reads. Where the settings name a second one, the inner server writes what leaves for the internet zone there,
and the outer one reads it. See ``sekisho.gateway.packages`` for what lies in them.
"""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import Storage, storages

from sekisho.gateway import packages
from sekisho.gateway.models import Transfer, Zone

SINGLE, OUTER, INNER = "single", "outer", "inner"


def side() -> str:
    """Which server this is: ``single``, ``outer`` or ``inner``."""
    return str(settings.GATEWAY_SIDE)


def writing_spool() -> Storage:
    """Where this server lays its packages."""
    return storages["outward" if side() == INNER else "spool"]


def reading_spool() -> Storage:
    """Where the packages for this server lie."""
    return storages["spool" if side() == INNER else "outward"]


def packs() -> bool:
    """Whether this server hands transfers to the other one."""
    return side() == OUTER or (side() == INNER and "outward" in settings.STORAGES)


def fetches() -> bool:
    """Whether this server fetches packages."""
    return side() == INNER or (side() == OUTER and "outward" in settings.STORAGES)


def belongs_elsewhere(transfer: Transfer) -> bool:
    """Whether a clean and approved transfer goes to the other server: its route ends on that side."""
    ends_outside = transfer.route.target.kind == Zone.Kind.INTERNET
    if side() == OUTER:
        return not ends_outside and transfer.receiver_kind != Transfer.Receiver.OUTSIDE
    return packs() and ends_outside


def signing_key() -> Any:
    """The key by which this server signs. Raises ``ImproperlyConfigured`` in words."""
    return _key(packages.signing_key, "SEKISHO_GATEWAY_SIGNING_KEY", settings.GATEWAY_SIGNING_KEY)


def checking_key() -> Any:
    """The key by which this server knows the other one. Raises ``ImproperlyConfigured`` in words."""
    return _key(packages.checking_key, "SEKISHO_GATEWAY_CHECKING_KEY", settings.GATEWAY_CHECKING_KEY)


def _key(read: Any, variable: str, path: str) -> Any:
    if not path:
        raise ImproperlyConfigured(f"{variable} is not set; make a pair with: sekisho gateway keys FOLDER")
    try:
        return read(Path(path))
    except (OSError, ValueError, TypeError) as problem:
        raise ImproperlyConfigured(f"{variable}: {problem}") from None
