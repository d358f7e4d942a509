"""Numbers and addresses of persons in a text, for policies that warn before something leaves.

Check digits: Individual Number, Ministry of Internal Affairs ordinance 2014 no. 85, article 5; Corporate Number,
Ministry of Finance ordinance 2014 no. 70, article 2; payment cards, ISO/IEC 7812-1 annex B (Luhn).
"""

import re
import unicodedata
from collections.abc import Iterator

from sekisho.sanitizer.formats.job import Job

# Groups of digits with one blank or hyphen between them; no decimals.
_DIGIT_RUN = re.compile(r"(?<!\d)(?<!\d\.)\d+(?:[ -]\d+)*(?!\.?\d)")
_LENGTHS = range(12, 17)
_WRITTEN_IN_FOURS = (3, 4)  # groups of four digits, as they stand on cards
# Numbers without a check digit that people know of: they are told by the words before them.
_LABELLED = re.compile(
    r"(?:年金番号|年金手帳|pension (?:number|no))\D{0,12}\d{4}[- ]?\d{6}(?!\d)"
    r"|住民票コード\D{0,12}\d{11}(?!\d)"
    r"|(?:免許証|driver'?s? licen[cs]e)\D{0,16}\d{12}(?!\d)"
    r"|(?:個人番号|マイナンバー|my ?number)\D{0,12}(?:\d{12}|\d{4}[- ]\d{4}[- ]\d{4})(?!\d)"
    r"|(?:旅券|パスポート|passport)[^\dA-Z]{0,16}[A-Z]{2}\d{7}(?!\d)"
    r"|(?:在留カード|特別永住者証明書|residence card)[^\dA-Z]{0,16}[A-Z]{2}\d{8}[A-Z]{2}"
    r"|(?:被保険者|保険証)[^\d\n]{0,12}\d{4,11}(?!\d)"
    r"|口座(?:番号)?[^\d\n]{0,12}\d{7}(?!\d)",
    re.IGNORECASE,
)
_PHONE = re.compile(r"(?<!\d)0\d{1,4}-\d{1,4}-\d{3,4}(?!\d)")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)


def warn_of_personal_numbers(job: Job, text: str, **where: object) -> None:
    """Add a warning per kind found to the report, when the policy asks for it. Values are never reported."""
    if not job.policy.warn_personal:
        return
    plain = unicodedata.normalize("NFKC", text)
    for match in _DIGIT_RUN.finditer(plain):
        for digits in _candidates(match.group()):
            for code, fits in _CHECKED:
                if fits(digits):
                    job.warn(code, **where)
    for code, pattern in (
        ("personal.identifier", _LABELLED), ("personal.phone", _PHONE), ("personal.mail", _MAIL),
    ):  # fmt: skip
        count = sum(1 for _ in pattern.finditer(plain))
        if count:
            job.warn(code, count=count, **where)


def _candidates(run: str) -> Iterator[str]:
    """The numbers that groups of digits may be: each by itself, all together, or three or four groups of four."""
    groups = re.split("[ -]", run)
    yield from (group for group in groups if len(group) in _LENGTHS)
    if len(groups) > 1 and sum(map(len, groups)) in _LENGTHS:
        yield "".join(groups)
        if all(len(group) == 4 for group in groups):
            return
    for count in _WRITTEN_IN_FOURS:
        for at in range(len(groups) - count + 1):
            together = groups[at : at + count]
            if all(len(group) == 4 for group in together):
                yield "".join(together)


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


_CHECKED = (
    ("personal.my_number", is_my_number),
    ("personal.corporate_number", is_corporate_number),
    ("personal.card", is_card_number),
)
