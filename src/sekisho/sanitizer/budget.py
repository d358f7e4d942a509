"""What one file may use of time, bytes and files, whatever is nested in it."""

import time
from dataclasses import dataclass

from sekisho.sanitizer.policies import Policy
from sekisho.sanitizer.results import Refused


@dataclass
class Budget:
    """What one outer file may still use, whatever is nested in it."""

    files: int
    total_bytes: int
    seconds: int
    until: float

    @classmethod
    def of(cls, policy: Policy) -> "Budget":
        limits = policy.limits
        return cls(limits.files, limits.total_bytes, limits.seconds, time.monotonic() + limits.seconds)

    def grant_time(self, policy: Policy, size: int) -> None:
        """A large outer file has more time, in proportion."""
        more = policy.limits.seconds_per_mb * (size >> 20)
        self.seconds += more
        self.until += more

    def spend(self, policy: Policy, size: int) -> None:
        """Take one more file of ``size`` bytes; raises ``Refused`` when it is more than allowed."""
        self.files -= 1
        self.total_bytes -= size
        if self.files < 0:
            raise Refused("limit.files", limit=policy.limits.files)
        if self.total_bytes < 0:
            raise Refused("limit.total_bytes", limit=policy.limits.total_bytes)

    def seconds_left(self) -> float:
        left = self.until - time.monotonic()
        if left <= 0:
            raise Refused("limit.time", seconds=self.seconds)
        return left
