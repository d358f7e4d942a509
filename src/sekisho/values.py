"""Values as officials write them: yen, dates, fiscal years, yes and no, names. Pure functions, no Django.

Every ``parse_*`` function raises `ValueProblem` with a sentence that says what is wrong and one that says
how to mend it. Sentences are gettext msgids with named ``%(...)s`` places, so that the caller can translate
them.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation, localcontext
from typing import Final

#: more than this many yen (ten times the national budget, and a margin) is taken for a wrong unit
MAX_YEN: Final = 10**16 - 1
#: a double keeps this many decimal digits faithfully (IEEE 754 binary64, DBL_DIG)
FAITHFUL_DIGITS: Final = 15
UNITS: Final[Mapping[str, int]] = {
    "円": 1,
    "千円": 10**3,
    "万円": 10**4,
    "百万円": 10**6,
    "億円": 10**8,
    "十億円": 10**9,
    "兆円": 10**12,
}
FIRST_YEAR, LAST_YEAR = 1868, 2199


def gettext_noop(message: str) -> str:
    """Mark a message for the translation catalogue; it is translated where it is shown."""
    return message


_ = gettext_noop


class Problem(Exception):
    """What is wrong (``template`` with ``params``) and how to mend it; both are gettext msgids."""

    def __init__(
        self,
        template: str,
        params: Mapping[str, object] | None = None,
        mend_template: str = "",
        mend_params: Mapping[str, object] | None = None,
    ) -> None:
        self.template = template
        self.params = dict(params or {})
        self.mend_template = mend_template
        self.mend_params = dict(self.params if mend_params is None else mend_params)
        super().__init__(self.message)

    @property
    def message(self) -> str:
        """What is wrong, in English."""
        return self.template % self.params

    @property
    def mend(self) -> str:
        """How to mend it, in English; may be empty."""
        return self.mend_template % self.mend_params

    def __str__(self) -> str:
        return f"{self.message} {self.mend}".strip()


class ValueProblem(Problem, ValueError):
    """A single value cannot be understood."""


_BLANKS = frozenset({"", "-", "ー", "―", "－", "—", "–", "‐", "−", "‑", "─", "…", "･･･"})
_SHOWN = 60


def sentences(*said: str) -> str:
    """Sentences in a row: a space between them, none after a Japanese full stop."""
    return " ".join(part for part in said if part).replace("。 ", "。")


def shown(value: object) -> str:
    """The value as text short enough for a message."""
    text = str(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def is_blank(value: object) -> bool:
    """True for nothing at all and for the dashes that officials write for nothing."""
    return value is None or (isinstance(value, str) and value.strip() in _BLANKS)


def _fold(value: object) -> str:
    """Full-width to half-width, all kinds of minus to ``-``, no white space around."""
    text = unicodedata.normalize("NFKC", str(value))
    return re.sub("[−‐‑–—]", "-", text).strip()


# ---------------------------------------------------------------------------------------------------- yen

_PLAIN = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,3})?")
_NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|\.\d+"
_AMOUNT = re.compile(
    rf"(?P<number>{_NUMBER})(?P<exponent>[eE][+-]?\d{{1,3}})?(?P<unit>兆|[十百千]?[億万]|千)?"
)
_SCALES: Final[Mapping[str | None, int]] = (
    {None: 1, "千": 10**3}
    | {
        tens + name: factor * scale
        for name, scale in (("万", 10**4), ("億", 10**8))
        for tens, factor in (("", 1), ("十", 10), ("百", 100), ("千", 1000))
    }
    | {"兆": 10**12}
)


def parse_yen(text: object, unit: int = 1) -> int:
    """Whole yen, exact. ``unit`` is what a bare number counts (1000 for 千円); a written unit wins over it.

    Understands full-width digits, commas in threes, ¥ and 円, 千円/万円/百万円/億円 (also 1億2,000万円),
    and the negatives -, △, ▲ and (1,234). A fraction of a yen is refused, unless it is the noise of a double
    (``7.895999999999999`` million): then the 15 digits that a double keeps faithfully are taken.
    """
    if isinstance(text, str) and _PLAIN.fullmatch(text):  # most cells of official files: twice as fast
        return _whole_yen(Decimal(text) * unit, text)
    if isinstance(text, bool) or is_blank(text):
        raise _not_money(text)
    if isinstance(text, int):
        return _whole_yen(Decimal(text) * unit, text)
    if isinstance(text, float | Decimal):
        text = repr(text) if isinstance(text, float) else str(text)
    sign, body = _sign(_fold(text))
    return sign * _whole_yen(_amount(body, unit, text), text)


def parse_unit(text: str) -> int | None:
    """Yen in one of the named unit: ``"千円"`` → 1000. None when it names no unit."""
    return UNITS.get(_fold(text).removeprefix("単位:").strip())


def _sign(text: str) -> tuple[int, str]:
    body = text.replace(" ", "").replace("円也", "円")
    if body.startswith("(") and body.endswith(")"):
        return -1, body[1:-1]
    body = body.removeprefix("¥").removeprefix("\\")
    if body[:1] in {"-", "△", "▲"}:
        return -1, body[1:]
    return 1, body.removeprefix("+")


def _amount(body: str, unit: int, original: object) -> Decimal:
    body = body.removeprefix("¥").removeprefix("\\")
    has_yen = body.endswith("円")
    body = body.removesuffix("円")
    total, position, last_scale = Decimal(0), 0, 10**13
    while position < len(body):
        match = _AMOUNT.match(body, position)
        if match is None:
            raise _not_money(original)
        written = match["unit"]
        scale = _SCALES[written]
        if scale >= last_scale:
            raise _not_money(original)
        bare = written is None and not has_yen and position == 0
        total += _decimal(match, original) * (unit if bare else scale)
        position, last_scale = match.end(), scale
    if position == 0:
        raise _not_money(original)
    return total


def _decimal(match: re.Match[str], original: object) -> Decimal:
    try:
        number = Decimal(match["number"].replace(",", "") + (match["exponent"] or ""))
    except InvalidOperation:
        raise _not_money(original) from None
    if number and number.adjusted() > 20:
        raise _too_much(original)
    digits = len(number.as_tuple().digits)
    if digits <= FAITHFUL_DIGITS or "." not in match["number"]:
        return number
    with localcontext(prec=FAITHFUL_DIGITS):
        return +number


def _whole_yen(amount: Decimal, original: object) -> int:
    if abs(amount) > MAX_YEN:
        raise _too_much(original)
    if amount != amount.to_integral_value():
        raise ValueProblem(
            _("“%(value)s” is not a whole number of yen."),
            {"value": shown(original)},
            _("Write whole yen, or say which unit the amount is in (for example 千円)."),
        )
    return int(amount)


def _too_much(original: object) -> ValueProblem:
    return ValueProblem(
        _("“%(value)s” is more money than any budget holds."),
        {"value": shown(original)},
        _("Check the unit: is the amount in yen, 千円 or 百万円?"),
    )


def _not_money(original: object) -> ValueProblem:
    return ValueProblem(
        _("“%(value)s” is not an amount of money."),
        {"value": shown("" if original is None else original)},
        _("Write it like 1,234,000 or 1,234千円; a negative amount like -500 or △500."),
    )


# -------------------------------------------------------------------------------------------------- dates

#: era, its letter, first and last day (days of change belong to both; the Gregorian calendar began with 1873)
_ERAS: Final = (
    ("令和", "R", dt.date(2019, 5, 1), dt.date(LAST_YEAR, 12, 31)),
    ("平成", "H", dt.date(1989, 1, 8), dt.date(2019, 4, 30)),
    ("昭和", "S", dt.date(1926, 12, 25), dt.date(1989, 1, 7)),
    ("大正", "T", dt.date(1912, 7, 30), dt.date(1926, 12, 25)),
    ("明治", "M", dt.date(1873, 1, 1), dt.date(1912, 7, 30)),
)
_ERA_BASES: Final = {"令和": 2018, "平成": 1988, "昭和": 1925, "大正": 1911, "明治": 1867}
_ERA_NAMES: Final = {"R": "令和", "令": "令和", "H": "平成", "平": "平成", "S": "昭和", "昭": "昭和"} | {
    "T": "大正",
    "大": "大正",
    "M": "明治",
    "明": "明治",
}
_ERA = r"(?P<era>令和|平成|昭和|大正|明治|[RHSTM令平昭大明])\.?(?P<era_year>元|\d{1,2})"
_REST = r"(?:年|[-/.])(?P<month>\d{1,2})(?:月|[-/.])(?P<day>\d{1,2})日?"
_TIME = re.compile(
    r"(?:[ T]+\d{1,2}(?::\d{2}){1,2}(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})?|\([日月火水木金土](?:曜日?)?\))$"
)
_WESTERN_DATE = re.compile(rf"(?P<year>\d{{4}}){_REST}")
_ERA_DATE = re.compile(rf"{_ERA}{_REST}", re.IGNORECASE)
_COMPACT_DATE = re.compile(r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})")
_EXCEL_EPOCH = dt.date(1899, 12, 30)
#: serials taken for days: 1954-10-04 to 2119-01-11; smaller numbers are years or counts
_SERIALS = range(20_000, 80_001)


_ERA_COMPACT_DATE = re.compile(
    r"(?P<era>[RHSTM])(?P<era_year>\d{2})(?P<month>\d{2})(?P<day>\d{2})", re.IGNORECASE
)
_KANJI_NUMBER = re.compile("[〇零一二三四五六七八九十]+(?=[年月日])")
_KANJI_DIGITS: Final = {digit: number for number, digit in enumerate("〇一二三四五六七八九")} | {"零": 0}


def _fold_day(text: object) -> str:
    """`_fold` without spaces and with the kanji numbers of years, months and days in digits."""
    return _KANJI_NUMBER.sub(_digits_of, _fold(text).replace(" ", ""))


def _digits_of(match: re.Match[str]) -> str:
    """三十一 → 31, 二〇二三 → 2023; what is neither stays as it is."""
    tens, ten, ones = match[0].partition("十")
    if not ten:
        return "".join(str(_KANJI_DIGITS[digit]) for digit in tens)
    if len(tens) > 1 or len(ones) > 1 or "十" in ones:
        return match[0]
    return str((_KANJI_DIGITS[tens] if tens else 1) * 10 + (_KANJI_DIGITS[ones] if ones else 0))


def parse_date(text: object) -> dt.date:
    """A day: 2023-04-01, 2023/4/1, 2023.4.1, 20230401, 2023年4月1日, 令和5年4月1日, 令和五年四月一日, R5.4.1,
    R050401, an Excel serial or a date.
    """
    if isinstance(text, dt.datetime):
        return text.date()
    if isinstance(text, dt.date):
        return text
    if isinstance(text, int | float) and not isinstance(text, bool):
        return _date_of_number(text, text)
    folded = _fold_day(_TIME.sub("", _fold(text)))
    if folded.isdecimal() and len(folded) != 8:
        return _date_of_number(int(folded) if len(folded) < 9 else 0, text)
    for pattern in (_WESTERN_DATE, _COMPACT_DATE):
        if match := pattern.fullmatch(folded):
            return _day(int(match["year"]), match, text)
    for pattern in (_ERA_DATE, _ERA_COMPACT_DATE):
        if match := pattern.fullmatch(folded):
            return _era_day(match, text)
    raise _not_date(text)


def _date_of_number(number: float, original: object) -> dt.date:
    whole = int(number) if -1e9 < number < 1e9 else 0
    if whole in _SERIALS:
        return _EXCEL_EPOCH + dt.timedelta(days=whole)
    match = _COMPACT_DATE.fullmatch(str(whole))
    if match is None:
        raise _not_date(original)
    return _day(int(match["year"]), match, original)


def _day(year: int, match: re.Match[str], original: object) -> dt.date:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise _not_date(original)
    try:
        return dt.date(year, int(match["month"]), int(match["day"]))
    except ValueError:
        raise ValueProblem(
            _("“%(value)s” is a day that does not exist."),
            {"value": shown(original)},
            _("Check the month and the day."),
        ) from None


def _era_day(match: re.Match[str], original: object) -> dt.date:
    era, year = _era_year(match, original)
    day = _day(year, match, original)
    first, last = next((first, last) for name, _letter, first, last in _ERAS if name == era)
    if not first <= day <= last:
        raise _outside_era(original, in_era(day))
    return day


def _era_year(match: re.Match[str], original: object) -> tuple[str, int]:
    """Era name and western year."""
    era = match["era"]
    era = _ERA_NAMES.get(era.upper(), era)
    number = 1 if match["era_year"] == "元" else int(match["era_year"])
    if number == 0:
        raise _not_date(original)
    return era, _ERA_BASES[era] + number


def in_era(day: dt.date) -> str:
    """The day as Japanese documents write it: 令和5年4月1日; western before 1873."""
    for name, _letter, first, last in _ERAS:
        if first <= day <= last:
            return f"{name}{_era_number(day.year - _ERA_BASES[name])}年{day.month}月{day.day}日"
    return f"{day.year}年{day.month}月{day.day}日"


def _era_number(number: int) -> str:
    return "元" if number == 1 else str(number)


def _outside_era(original: object, right: str) -> ValueProblem:
    return ValueProblem(
        _("“%(value)s” lies outside its era."),
        {"value": shown(original), "right": right},
        _("Write %(right)s if that is the day or year meant."),
    )


def _not_date(original: object) -> ValueProblem:
    return ValueProblem(
        _("“%(value)s” is not a date."),
        {"value": shown("" if original is None else original)},
        _("Write it like 2023-04-01, 2023年4月1日 or 令和5年4月1日."),
    )


# ------------------------------------------------------------------------------------------- fiscal years

_WESTERN_YEAR = re.compile(r"(?:FY)?(?P<year>\d{4})(?:\.0+)?(?:年度?|年度予算)?", re.IGNORECASE)
_ERA_FISCAL = re.compile(rf"{_ERA}(?:年度?)?", re.IGNORECASE)
_MONTH = re.compile(r"(?P<year>\d{4})(?:年|[-/.])(?P<month>\d{1,2})月?")
_ERA_MONTH = re.compile(rf"{_ERA}(?:年|[-/.])(?P<month>\d{{1,2}})月?", re.IGNORECASE)
_TWO_CALENDARS = re.compile(r"([^()]+)\(([^()]+)\)(?:年度?)?")


def fiscal_year_of(day: dt.date) -> int:
    """The Japanese fiscal year (April to March) that holds the day."""
    return day.year if day.month >= 4 else day.year - 1


def parse_fiscal_year(text: object) -> int:
    """A fiscal year as its western number: 2023, 2023年度, FY2023, 令和5年度, 令和5(2023)年度, R5; of a date or
    month, its fiscal year.
    """
    if isinstance(text, dt.date):
        return fiscal_year_of(text)
    if isinstance(text, str) and len(text) == 4 and text.isascii() and text.isdecimal():
        return _checked_year(int(text), text)
    if isinstance(text, bool) or is_blank(text):
        raise _not_year(text)
    folded = _fold_day(text)
    if match := _WESTERN_YEAR.fullmatch(folded):
        return _checked_year(int(match["year"]), text)
    if match := _ERA_FISCAL.fullmatch(folded):
        return _era_fiscal(match, text)
    if match := _TWO_CALENDARS.fullmatch(folded):
        return _agreed_year(match, text)
    return _year_of_date(folded, text)


def _agreed_year(match: re.Match[str], original: object) -> int:
    """The year written in two calendars, when both are the same."""
    try:
        years = {parse_fiscal_year(part) for part in match.groups()}
    except ValueProblem:
        raise _not_year(original) from None
    if len(years) > 1:
        raise _not_year(original)
    return years.pop()


def _era_fiscal(match: re.Match[str], original: object) -> int:
    era, year = _era_year(match, original)
    first, last = next((first, last) for name, _letter, first, last in _ERAS if name == era)
    if not first.year <= year <= last.year:
        raise _outside_era(original, in_era(dt.date(min(year, LAST_YEAR), 12, 31)).split("年")[0] + "年度")
    return _checked_year(year, original)


def _year_of_date(folded: str, original: object) -> int:
    for pattern in (_MONTH, _ERA_MONTH):
        if match := pattern.fullmatch(folded):
            year = int(match["year"]) if pattern is _MONTH else _era_year(match, original)[1]
            month = int(match["month"])
            if 1 <= month <= 12:
                return _checked_year(year if month >= 4 else year - 1, original)
    try:
        return fiscal_year_of(parse_date(folded))
    except ValueProblem as problem:
        if "right" in problem.params or "日" in folded:
            raise
        raise _not_year(original) from None


def _checked_year(year: int, original: object) -> int:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise _not_year(original)
    return year


def _not_year(original: object) -> ValueProblem:
    return ValueProblem(
        _("“%(value)s” is not a fiscal year."),
        {"value": shown("" if original is None else original)},
        _("Write it like 2023, 2023年度 or 令和5年度."),
    )


# -------------------------------------------------------------------------------------------- yes and no

_YES = frozenset(
    [
        "1",
        "1.0",
        "true",
        "t",
        "yes",
        "y",
        "はい",
        "有",
        "有り",
        "あり",
        "○",
        "〇",
        "◯",
        "●",
        "✓",
        "レ",
        "該当",
        "する",
        "要",
        "対象",
        "可",
    ]
)
_NO = frozenset(
    [
        "0",
        "0.0",
        "false",
        "f",
        "no",
        "n",
        "いいえ",
        "無",
        "無し",
        "なし",
        "×",
        "✕",
        "✗",
        "x",
        "非該当",
        "該当なし",
        "しない",
        "不要",
        "対象外",
        "否",
    ]
)


def parse_bool(text: object) -> bool:
    """True or False from 1/0, TRUE/FALSE, yes/no, はい/いいえ, 有/無, ○/×, 該当/非該当, 要/不要."""
    if isinstance(text, bool):
        return text
    folded = _fold("" if text is None else text).lower()
    if folded in _YES:
        return True
    if folded in _NO:
        return False
    raise ValueProblem(
        _("“%(value)s” is neither yes nor no."),
        {"value": shown("" if text is None else text)},
        _("Write 有 or 無, はい or いいえ, ○ or ×, 1 or 0."),
    )


# -------------------------------------------------------------------------------------------------- text

# NFC would replace the compatibility ideographs (神 for U+FA19), which people use in names on purpose.
_KEPT_IDEOGRAPHS = re.compile("([\uf900-\ufaff\U0002f800-\U0002fa1f]+)")
# Bidirectional overrides can make a name read as another; lone surrogates cannot be stored.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
_LINE_ENDS = re.compile("\r\n?|\u2028|\u2029|\x85")
# what either of them would change: most texts have none of it
_ODD = re.compile(f"\r|{_UNSEEN.pattern}")


def clean_text(text: object, max_length: int | None = None) -> str:
    """Text in NFC, line ends as ``\\n``, control characters removed, no white space around.

    Emoji, variation selectors, private-use characters (外字) and compatibility ideographs stay.
    Raises `ValueProblem` when longer than ``max_length`` characters: text is never cut off.
    """
    if text is None:
        return ""
    plain = text if type(text) is str else str(text)
    if _ODD.search(plain):
        plain = _UNSEEN.sub("", _LINE_ENDS.sub("\n", plain))
    if not plain.isascii():
        plain = _nfc(plain)
    plain = plain.strip()
    if max_length is not None and len(plain) > max_length:
        raise ValueProblem(
            _("The text “%(value)s” has %(length)s characters; at most %(limit)s fit."),
            {"value": shown(plain), "length": len(plain), "limit": max_length},
            _("Shorten it."),
        )
    return plain


def _nfc(text: str) -> str:
    if unicodedata.is_normalized("NFC", text):
        return text
    parts = _KEPT_IDEOGRAPHS.split(text)
    return "".join(
        part if index % 2 else unicodedata.normalize("NFC", part) for index, part in enumerate(parts)
    )


def normalise_name(text: object, max_length: int | None = None) -> str:
    """A name on one line: `clean_text`, with line ends, tabs and the spaces around them as one space."""
    name = clean_text(text, max_length)
    return re.sub(r"\s*[\n\t]\s*", " ", name) if "\n" in name or "\t" in name else name


def half_width(text: str) -> str:
    """Letters and digits in half-width signs, as codes are kept."""
    return unicodedata.normalize("NFKC", text)


def name_key(text: str) -> str:
    """A name for comparing: no width, case or white-space differences."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


# -------------------------------------------------------------------------------------- corporate number


def parse_corporate_number(text: object) -> str:
    """The 13 digits of a 法人番号, its check digit verified (法人番号の指定等に関する省令 第2条)."""
    digits = re.sub(r"[\s-]", "", _fold("" if text is None else text)).removesuffix(".0").removeprefix("T")
    if not re.fullmatch(r"[0-9]{13}", digits):
        raise ValueProblem(
            _("“%(value)s” is not a corporate number: it has 13 digits."),
            {"value": shown("" if text is None else text)},
            _("Look it up on the National Tax Agency's corporate number site."),
        )
    if int(digits[0]) != _check_digit(digits[1:]):
        raise ValueProblem(
            _("The corporate number “%(value)s” fails its check digit."),
            {"value": digits},
            _("Compare it with the National Tax Agency's corporate number site."),
        )
    return digits


def _check_digit(twelve: str) -> int:
    """9 − (Σ digit × weight mod 9), weights 1, 2, 1, 2, … from the right."""
    weighted = sum(int(digit) * (1 + position % 2) for position, digit in enumerate(reversed(twelve)))
    return 9 - weighted % 9
