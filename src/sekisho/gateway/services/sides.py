"""Two servers: the outer one receives and sanitizes, the inner one only fetches, checks again and delivers.

Between them lies a spool (a Django storage: a shared folder, or what ``STORAGES`` names) that the outer server writes and
the inner one reads. See ``sekisho.gateway.packages`` for what lies there.
"""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import Storage, storages

from sekisho.gateway import packages

SINGLE, OUTER, INNER = "single", "outer", "inner"


def side() -> str:
    """Which server this is: ``single``, ``outer`` or ``inner``."""
    return str(settings.GATEWAY_SIDE)


def spool() -> Storage:
    """Where packages lie."""
    return storages["spool"]


def signing_key() -> Any:
    """The outer server's key. Raises ``ImproperlyConfigured`` in words."""
    return _key(packages.signing_key, "SEKISHO_GATEWAY_SIGNING_KEY", settings.GATEWAY_SIGNING_KEY)


def checking_key() -> Any:
    """The key by which this inner server knows the outer one. Raises ``ImproperlyConfigured`` in words."""
    return _key(packages.checking_key, "SEKISHO_GATEWAY_CHECKING_KEY", settings.GATEWAY_CHECKING_KEY)


def _key(read: Any, variable: str, path: str) -> Any:
    if not path:
        raise ImproperlyConfigured(f"{variable} is not set; make a pair with: sekisho gateway keys FOLDER")
    try:
        return read(Path(path))
    except (OSError, ValueError, TypeError) as problem:
        raise ImproperlyConfigured(f"{variable}: {problem}") from None
