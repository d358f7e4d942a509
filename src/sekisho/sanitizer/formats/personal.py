"""Numbers and addresses of persons in a text, for policies that warn before something leaves.

Check digits: Individual Number, Ministry of Internal Affairs ordinance 2014 no. 85, article 5; Corporate Number,
Ministry of Finance ordinance 2014 no. 70, article 2; payment cards, ISO/IEC 7812-1 annex B (Luhn).
"""

import re
import unicodedata

from sekisho.sanitizer.formats.job import Job

_DIGIT_RUN = re.compile(r"(?<![\d.])\d(?:[ -]?\d){11,15}(?![\d.])")
_PHONE = re.compile(r"(?<!\d)0\d{1,4}-\d{1,4}-\d{3,4}(?!\d)")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)


def warn_of_personal_numbers(job: Job, text: str, **where: object) -> None:
    """Add a warning per kind found to the report, when the policy asks for it. Values are never reported."""
    if not job.policy.warn_personal:
        return
    plain = unicodedata.normalize("NFKC", text)
    for match in _DIGIT_RUN.finditer(plain):
        digits = re.sub(r"\D", "", match.group())
        for code, fits in (
            ("personal.my_number", is_my_number), ("personal.corporate_number", is_corporate_number),
            ("personal.card", is_card_number),
        ):  # fmt: skip
            if fits(digits):
                job.warn(code, **where)
    for code, pattern in (("personal.phone", _PHONE), ("personal.mail", _MAIL)):
        count = sum(1 for _ in pattern.finditer(plain))
        if count:
            job.warn(code, count=count, **where)


def is_my_number(digits: str) -> bool:
    """Twelve digits whose last is the check digit of the first eleven."""
    if len(digits) != 12:
        return False
    weights = [n + 1 if n <= 6 else n - 5 for n in range(11, 0, -1)]
    remainder = sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False)) % 11
    return int(digits[11]) == (0 if remainder <= 1 else 11 - remainder)


def is_corporate_number(digits: str) -> bool:
    """Thirteen digits whose first is the check digit of the others."""
    if len(digits) != 13 or digits[0] == "0":
        return False
    total = sum(int(digit) * (1 if at % 2 == 0 else 2) for at, digit in enumerate(reversed(digits[1:])))
    return int(digits[0]) == 9 - total % 9


def is_card_number(digits: str) -> bool:
    """Fourteen to sixteen digits that pass the Luhn test."""
    if not 14 <= len(digits) <= 16 or len(set(digits)) == 1:
        return False
    doubled = [int(digit) * (1 + at % 2) for at, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0
