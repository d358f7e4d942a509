"""Which addresses a link may lead to, and titles as plain data; shared by both ways of making a PDF."""

import re
import unicodedata
from urllib.parse import quote, urlsplit

from sekisho.sanitizer.formats.mail_links import attaches_nothing

MAX_ADDRESS = 2_000
MAX_TITLE = 500
_SCHEMES = {"http", "https", "mailto"}
# RFC 3986: what is neither reserved nor unreserved is percent-encoded; a percent sign stays one.
_KEPT = ":/?#[]@!$&'()*+,;=-._~%"
_CONTROL = re.compile("[\x00-\x20\x7f-\xa0\\\\]")


def safe_address(raw: str) -> str | None:
    """The address as ASCII when it is an absolute http, https or mailto one without tricks, else None."""
    text = raw.strip()
    if not text or len(text) > MAX_ADDRESS or _CONTROL.search(text):
        return None
    scheme, colon, rest = text.partition(":")
    scheme = scheme.lower()
    if not colon or scheme not in _SCHEMES or not rest:
        return None
    if scheme == "mailto":
        return f"mailto:{quote(rest, safe=_KEPT)}" if attaches_nothing(text) else None
    return _web_address(scheme, text)


def _web_address(scheme: str, text: str) -> str | None:
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
        ascii_host = host if host.isascii() else host.encode("idna").decode("ascii")
    except ValueError:
        return None
    # A user name before the host makes an address look as if it led elsewhere.
    if "@" in parts.netloc or not re.fullmatch(r"[A-Za-z0-9._-]+", ascii_host):
        return None
    place = ascii_host + (f":{port}" if port else "")
    rest = (
        parts.path
        + (f"?{parts.query}" if parts.query else "")
        + (f"#{parts.fragment}" if parts.fragment else "")
    )
    return f"{scheme}://{place}{quote(rest, safe=_KEPT)}"


def plain_title(raw: str) -> str:
    """A title as one line of text without controls and direction marks."""
    if raw.isprintable():
        return raw[:MAX_TITLE].strip()
    kept = [
        " " if character in "\t\r\n" else character
        for character in raw[: MAX_TITLE * 2]
        if character in "\t\r\n" or unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}
    ]
    return "".join(kept)[:MAX_TITLE].strip()
