"""Half answers: kept so that somebody can go on later, on any device, without an account and without being known.

The code in their link is the only key: its digest finds the half answer and another one opens its seal (Fernet: AES-CBC
with HMAC). Neither the code nor anything else that leads to a person is stored, so whoever reads the database reads nothing.
"""

import base64
import datetime as dt
import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence

from cryptography.fernet import Fernet, InvalidToken
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sekisho.errors import Invalid
from sekisho.voice.models import HalfAnswer, Wave
from sekisho.voice.services.answering import require_open

Given = Mapping[str, Sequence[str]]

#: a half answer waits so long for its owner
KEPT = dt.timedelta(days=30)
MOST_BYTES = 512 * 1024


def keep(wave: Wave, given: Given, code: str = "") -> str:
    """Keep what was entered, under ``code`` where it was kept before, else under a new one, which is returned.

    Raises:
        Conflict: the wave is closed. Invalid: too long to be kept.
    """
    require_open(wave)
    fields = {name: list(values) for name, values in given.items() if name == "p" or name.startswith("q-")}
    written = json.dumps(fields, ensure_ascii=False).encode("utf-8", "ignore")
    if len(written) > MOST_BYTES:
        raise Invalid(_("This is too long to be kept for later. Please send it now."))
    if not HalfAnswer.objects.filter(wave=wave, name=_name(code)).exists():
        code = secrets.token_urlsafe(18)
    HalfAnswer.objects.update_or_create(
        name=_name(code),
        defaults={"wave": wave, "sealed": _seal(code).encrypt(written), "day": timezone.localdate()},
    )
    return code


def opened(wave: Wave, code: str) -> dict[str, list[str]] | None:
    """What was kept under a code; None when there is nothing, or nothing any more."""
    half = HalfAnswer.objects.filter(wave=wave, name=_name(code)).first() if code else None
    if half is None:
        return None
    try:
        found: dict[str, list[str]] = json.loads(_seal(code).decrypt(bytes(half.sealed)))
    except InvalidToken:
        return None
    return found


def forget(wave: Wave, code: str) -> None:
    """The answer was sent whole, or is not wanted any more."""
    if code:
        HalfAnswer.objects.filter(wave=wave, name=_name(code)).delete()


def last_day() -> dt.date:
    """Until when what is kept today waits."""
    return timezone.localdate() + KEPT


def forget_old() -> int:
    """Delete what waited long enough, and what belongs to waves that are over. Returns how many."""
    today = timezone.localdate()
    over = Q(wave__closed_at__isnull=False) | Q(wave__closes_on__lt=today)
    gone, _rows = HalfAnswer.objects.filter(Q(day__lt=today - KEPT) | over).delete()
    return gone


def _name(code: str) -> str:
    return hashlib.sha256(f"name:{code}".encode()).hexdigest()


def _seal(code: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(f"seal:{code}".encode()).digest()))
