"""The one thing every reader says: what it dislikes first."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Complaint:
    """The first thing that a clean file may not hold. ``place`` says where, in the terms of the format."""

    code: str
    place: str = ""

    def as_dict(self) -> dict[str, str]:
        return asdict(self)

    def __str__(self) -> str:
        return f"{self.code}: {self.place}" if self.place else self.code
