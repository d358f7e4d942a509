"""What a link that begins a letter may fill in (RFC 6068): words and addresses, never files."""

from urllib.parse import unquote

_FIELDS = {"to", "cc", "bcc", "subject", "body", "in-reply-to"}


def attaches_nothing(address: str) -> bool:
    """Whether a ``mailto:`` address fills in known fields alone: ``attach`` has some programs add files to the letter.

    >>> attaches_nothing("mailto:a@example.jp?subject=x&cc=b@example.jp"), attaches_nothing("mailto:?%61ttach=/etc/passwd")
    (True, False)
    """
    fields = address.partition("?")[2].partition("#")[0]
    return all(
        unquote(part.partition("=")[0]).strip().lower() in _FIELDS for part in fields.split("&") if part
    )
