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


def begins_a_plain_letter(address: str) -> bool:
    """Whether an address is none of mail, or fills in nothing but words and addresses (RFC 6068)."""
    if not address.lower().startswith("mailto:"):
        return True
    names = (
        [unquote(part.split("=")[0]) for part in address.split("?", 1)[-1].split("&")]
        if "?" in address
        else []
    )
    return all(
        re.fullmatch("(?:to|cc|bcc|subject|body|in-reply-to)?", name.strip(), re.IGNORECASE) for name in names
    )
