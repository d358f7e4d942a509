"""How closely a project is watched, computed from what it is. Pure.

Points follow the harm a failure could do: sensitive data, the public as users, secrecy, and money.
The thresholds are our own (本システム独自) and stand here, in one place.
"""

from dataclasses import dataclass

FOCUS_YEN = 500_000_000
LIGHT_YEN = 10_000_000


@dataclass(frozen=True)
class TierInputs:
    """What the tier depends on. ``budget_yen`` is the largest approved or requested year."""

    audience: tuple[str, ...]
    personal_data: str
    information_class: int
    budget_yen: int


def compute_tier(inputs: TierInputs) -> str:
    """``focus``, ``standard`` or ``light``.

    Focus: at least ¥500 million in a year, or My Number data, or personal data of the public in class 3.
    Light: under ¥10 million, no personal data, class 1 or 2, and staff only. Everything else: standard.
    """
    public = bool({"citizens", "businesses"} & set(inputs.audience))
    if inputs.budget_yen >= FOCUS_YEN or inputs.personal_data == "mynumber":
        return "focus"
    if public and inputs.personal_data == "personal" and inputs.information_class == 3:
        return "focus"
    small = inputs.budget_yen < LIGHT_YEN and inputs.personal_data == "none" and inputs.information_class < 3
    return "light" if small and not public else "standard"
