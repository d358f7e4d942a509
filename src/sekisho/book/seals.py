"""Seals on the heads of ledger chains: made with a key that is not in the database (docs/adr/0018).

Whoever can write to the database can rewrite a chain with every hash in it. The end of that chain then carries a seal
nobody could make without ``SECRET_KEY``.
"""

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from sekisho.book.chain import canonical

_SALT = "sekisho.book.ledger.head"


def seal(chain: str, length: int, last_hash: str) -> str:
    """Hex HMAC-SHA-256 over where a chain ends, under today's key."""
    return _under(settings.SECRET_KEY, chain, length, last_hash)


def seal_holds(given: str, chain: str, length: int, last_hash: str) -> bool:
    """Whether a seal was made for exactly this end, under today's key or one of ``SECRET_KEY_FALLBACKS``."""
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return any(constant_time_compare(given, _under(key, chain, length, last_hash)) for key in keys)


def _under(key: str, chain: str, length: int, last_hash: str) -> str:
    end = canonical([chain, length, last_hash])
    return salted_hmac(_SALT, end, secret=key, algorithm="sha256").hexdigest()
