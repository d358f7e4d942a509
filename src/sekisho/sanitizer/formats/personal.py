"""Numbers and addresses of persons in a text, for policies that warn before something leaves.

Check digits: Individual Number, Ministry of Internal Affairs ordinance 2014 no. 85, article 5; Corporate Number,
Ministry of Finance ordinance 2014 no. 70, article 2; payment cards, ISO/IEC 7812-1 annex B (Luhn).
"""

import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import unquote, unquote_plus

from sekisho.sanitizer.formats.job import Job

#: breaks a line within what belongs together, where ``\n`` ends it
BREAK = "\v"
# Groups of digits with one blank or hyphen between them; no decimals.
_DIGIT_RUN = re.compile(r"(?<!\d)(?<!\d\.)\d+(?:[ -]\d+)*(?!\.?\d)")
_LENGTHS = range(12, 17)
_WRITTEN_IN_FOURS = (3, 4)  # groups of four digits, as they stand on cards
_SHORTEST = 5  # characters of the shortest finding, a mail address: a@b.c
# Signs that are not seen, where a word may be broken or not; and those that people type for a hyphen.
_UNSEEN = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff]")
_HYPHENS = re.compile(
    r"[\u2010-\u2015\u2212\ufffe]|(?<=\d)\u30fc(?=\d)"
)  # U+FFFE is what pdfium reads at the end of a line
# Numbers without a check digit that people know of: they are told by the words before them.
_LABELLED = re.compile(
    r"(?:年金番号|年金手帳|pension (?:number|no))\D{0,12}\d{4}[- ]?\d{6}(?!\d)"
    r"|住民票コード\D{0,12}\d{11}(?!\d)"
    r"|(?:免許証|driver'?s? licen[cs]e)\D{0,16}\d{12}(?!\d)"
    r"|(?:個人番号|マイナンバー|my[ _-]?number)\D{0,12}(?:\d{12}|\d{4}[- ]?\d{4}[- ]?\d{4})(?!\d)"
    r"|(?:旅券|パスポート|passport)[^\dA-Z]{0,16}[A-Z]{2}\d{7}(?!\d)"
    r"|(?:在留カード|特別永住者証明書|residence card)[^\dA-Z]{0,16}[A-Z]{2}\d{8}[A-Z]{2}"
    r"|(?:被保険者|保険証)[^\d\n]{0,12}\d{4,11}(?!\d)"
    r"|口座(?:番号)?[^\d\n]{0,12}\d{7}(?!\d)",
    re.IGNORECASE,
)
_PHONE = re.compile(r"(?<!\d)0\d{1,4}-\d{1,4}-\d{3,4}(?!\d)")
_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
_FOUND_BY_LOOK = (("personal.identifier", _LABELLED), ("personal.phone", _PHONE), ("personal.mail", _MAIL))

# A line that is broken between digits, and what stands on both sides of the break: groups of digits, no decimals.
_BROKEN = re.compile(rf"(?<=\d)(?P<left> ?-? ?){BREAK} {{0,40}}(?=\d)")
_ON_THE_LEFT = re.compile(r"(?:^|(?<![\d.,]))\d+(?:[ -]\d+)*$")
_ON_THE_RIGHT = re.compile(r"\d+(?:[ -]\d+)*(?![.,]?\d)")
_REACH = 40  # characters
_THREE_LINES = re.compile(
    rf"(?<![\d.,{BREAK}-])\d{{4}}(?: ?{BREAK} {{0,40}}\d{{4}}){{2,3}}(?![\d.,-]| ?{BREAK} *\d)"
)
_MAIL_BROKEN = re.compile(rf"(?<=\w@){BREAK} {{0,40}}(?=\w)", re.ASCII)
_BROKEN_ANYHOW = re.compile(rf"{_BROKEN.pattern}|{_MAIL_BROKEN.pattern}")
_ENDS = {"", "\n", BREAK, '"'}  # of lines; quotes are around cells and strings
_YEAR = re.compile(r"(?:19|20)\d\d")

_ADDRESS = re.compile(r"(?:https?://|mailto:)[^\s<>\"]{1,2048}", re.IGNORECASE)
_ENDS_OF_PIECES = re.compile(r"[/?&=;#,]+")
# A day and time of day in digits, as addresses of news and pictures have it.
_STAMP = re.compile(r"(?<!\d)(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{4,8}(?!\d)")


def warn_of_personal_numbers(job: Job, text: str, **where: object) -> None:
    """Add a warning per kind found to the report, when the policy asks for it. Values are never reported.

    What ``\n`` parts (cells, paragraphs) is never one number; what ``BREAK`` parts may be, if that is plain.
    """
    if not job.policy.warn_personal or len(text) < _SHORTEST:
        return
    plain = _plain(_ADDRESS.sub(lambda address: _decoded(address.group()), text) if "%" in text else text)
    for digits in _numbers(plain):
        for code, fits in _CHECKED:
            if fits(digits):
                job.warn(code, **where)
    joined = _joined(plain) if BREAK in plain else ""
    for code, pattern in _FOUND_BY_LOOK:
        count = sum(1 for _ in pattern.finditer(plain)) or sum(1 for _ in pattern.finditer(joined))
        if count:
            job.warn(code, count=count, **where)


def warn_of_address(job: Job, address: str, **where: object) -> None:
    """``warn_of_personal_numbers`` for what a link leads to, and for the path of a file.

    Of its pieces each is looked at by itself. Days with times are none, and neither are Corporate Numbers: pages of
    registers have them in their addresses.
    """
    if not job.policy.warn_personal:
        return
    plain = _plain(_STAMP.sub("", _ENDS_OF_PIECES.sub("\n", _decoded(address))))
    for digits in _numbers(plain):
        for code, fits in _CHECKED:
            if code != "personal.corporate_number" and fits(digits):
                job.warn(code, **where)
    for code, pattern in _FOUND_BY_LOOK:
        if count := sum(1 for _ in pattern.finditer(plain)):
            job.warn(code, count=count, **where)


def flowing(text: str) -> str:
    """Text whose lines may be broken anywhere, and whose paragraphs have blank lines between them, for ``warn_of_personal_numbers``."""
    lines = text.strip().replace("\r\n", "\n").replace("\n", BREAK)
    return re.sub(rf"{BREAK}(?:[ \t]*{BREAK})+", "\n", lines)


def in_a_cell(text: str) -> str:
    """What a cell holds, for ``warn_of_personal_numbers``: people break its lines where they like."""
    return text.replace("\r\n", BREAK).replace("\n", BREAK)


def _decoded(address: str) -> str:
    """The address as people would read it: a plus sign is a blank in what is sent to a page."""
    if address[:7].lower() == "mailto:":
        return unquote(address)
    place, mark, sent = address.partition("?")
    return unquote(place) + mark + unquote_plus(sent)


def _plain(text: str) -> str:
    if text.isascii():
        return text
    return _HYPHENS.sub("-", unicodedata.normalize("NFKC", _UNSEEN.sub("", text)))


def _numbers(plain: str) -> Iterator[str]:
    for match in _DIGIT_RUN.finditer(plain):
        yield from _candidates(match.group())
    if BREAK in plain:
        yield from _broken_numbers(plain)


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


def _broken_numbers(plain: str) -> Iterator[str]:
    """The numbers that a break of a line may have cut in two, and those that stand on three lines or four."""
    for found in _BROKEN.finditer(plain):
        before = plain[max(0, found.start() - _REACH) : found.start()]
        left = _ON_THE_LEFT.search(before)
        right = _ON_THE_RIGHT.match(plain[found.end() : found.end() + _REACH])
        if left and right and (left.start() or len(before) < _REACH):
            is_likely = _is_likely(
                before[: left.start()],
                left.group(),
                right.group(),
                plain[found.end() + right.end() : found.end() + right.end() + 1],
            )
            yield from _across(
                re.split("[ -]", left.group()), re.split("[ -]", right.group()), is_likely=is_likely
            )
    for lines in _THREE_LINES.finditer(plain):
        yield from _in_fours(re.findall(r"\d+", lines.group()))


def _is_likely(before: str, left: str, right: str, after: str) -> bool:
    """Whether digits on both sides of a break may be one number: two lines of nothing but digits are often two rows of a column."""
    if before[-1:] not in _ENDS or after not in _ENDS:
        return True
    return BREAK not in {before[-1:], after} and len(left) != len(right)


def _across(left: list[str], right: list[str], *, is_likely: bool) -> Iterator[str]:
    """The numbers that end on the right of a break; ``is_likely``: also such as are not written in fours."""
    cut = [*left[:-1], left[-1] + right[0], *right[1:]]
    if len(cut) > 1:
        yield from _in_fours(cut)
    elif is_likely and len(cut[0]) in _LENGTHS:
        yield cut[0]
    tail = left[_last_other(left) :]
    head = right[: len(right) - _last_other(right[::-1])]
    if tail and head and len(tail) + len(head) in _WRITTEN_IN_FOURS:
        yield from _in_fours([*tail, *head])


def _last_other(groups: list[str]) -> int:
    """Where the groups of four digits at the end begin."""
    return max((at for at, group in enumerate(groups, start=1) if len(group) != 4), default=0)


def _in_fours(groups: list[str]) -> Iterator[str]:
    is_a_number = len(groups) in _WRITTEN_IN_FOURS and all(len(group) == 4 for group in groups)
    if is_a_number and not all(map(_YEAR.fullmatch, groups)):
        yield "".join(groups)


def _joined(plain: str) -> str:
    """What stands around breaks between digits and behind the sign of a mail address, without the breaks, a line for each place."""
    places, at = [], 0
    while found := _BROKEN_ANYHOW.search(plain, at):
        at = found.end() + _REACH
        place = plain[max(0, found.start() - 2 * _REACH) : at]
        places.append(_BROKEN.sub(lambda broken: broken.group("left").strip(), _MAIL_BROKEN.sub("", place)))
    return "\n".join(places)


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


# By the first digits, what payment cards have been given (ISO/IEC 7812-1): Diners Club, American Express, all others.
_ISSUED = re.compile(r"3[0689]\d{12}|3[47]\d{13}|(?:2[2-7]|35|[456]\d)\d{14}")


def is_card_number(digits: str) -> bool:
    """Fourteen to sixteen digits as cards begin with them, that pass the Luhn test."""
    if not _ISSUED.fullmatch(digits) or len(set(digits)) == 1:
        return False
    doubled = [int(digit) * (1 + at % 2) for at, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


_CHECKED = (
    ("personal.my_number", is_my_number),
    ("personal.corporate_number", is_corporate_number),
    ("personal.card", is_card_number),
)
