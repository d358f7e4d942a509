"""The one thing every reader says: what it dislikes first."""

import re
from dataclasses import asdict, dataclass
from urllib.parse import unquote


@dataclass(frozen=True)
class Complaint:
    """The first thing that a clean file may not hold. ``place`` says where, in the terms of the format."""

    code: str
    place: str = ""

    def as_dict(self) -> dict[str, str]:
        return asdict(self)

    def __str__(self) -> str:
        return f"{self.code}: {self.place}" if self.place else self.code


_LINE_ENDS = set("\r\n\0")


def begins_a_plain_letter(address: str) -> bool:
    """Whether an address is none of mail, or fills in nothing but words and addresses (RFC 6068)."""
    if not address.lower().startswith("mailto:"):
        return True
    whom, *asked = address.split("?", 1)
    fields = [unquote(part).partition("=") for part in "".join(asked).split("&")]
    return not set(unquote(whom)) & _LINE_ENDS and all(
        re.fullmatch("(?:to|cc|bcc|subject|body|in-reply-to)?", name.strip(), re.IGNORECASE)
        and (name.strip().lower() == "body" or not set(said) & _LINE_ENDS)
        for name, _is, said in fields
    )
