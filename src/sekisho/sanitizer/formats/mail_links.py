"""Links of mail: what one that begins a letter may fill in (RFC 6068), words and addresses, never files; and ids of parts."""

import re
from urllib.parse import unquote

_FIELDS = {"to", "cc", "bcc", "subject", "body", "in-reply-to"}


def attaches_nothing(address: str) -> bool:
    """Whether a ``mailto:`` address fills in known fields alone: ``attach`` has some programs add files to the letter.

    >>> attaches_nothing("mailto:a@example.jp?subject=x&cc=b@example.jp"), attaches_nothing("mailto:?%61ttach=/etc/passwd")
    (True, False)
    """
    to, _question, fields = address.partition("#")[0].partition("?")
    parts = [part.partition("=")[::2] for part in fields.split("&") if part]
    return not _breaks_line(to) and all(
        (field := unquote(name).strip().lower()) in _FIELDS and (field == "body" or not _breaks_line(said))
        for name, said in parts
    )


def _breaks_line(said: str) -> bool:
    """Whether a line ends within, behind which programs read a field of its own."""
    return bool(re.search("[\r\n\0]", unquote(said)))


def plain_id(said: str) -> str:
    """The id of a part that a page refers to (RFC 2392), in signs that need no escapes; any others are spelled by their numbers.

    >>> plain_id("<image001.png@01D0>"), plain_id("ロゴ 1")
    ('image001.png@01D0', '30ed30b4201')
    """
    bare = said.strip().removeprefix("<").removesuffix(">")
    return re.sub(r"[^A-Za-z0-9@._-]", lambda sign: f"{ord(sign[0]):x}", bare)[:200]
