"""Fields and formulas of Office files as the reader of clean files judges them: small grammars of its own."""

import re
from collections.abc import Iterable
from functools import cache
from importlib import resources

from sekisho.sanitizer.verify.grammar import begins_a_plain_letter

# Field codes that only compute or show (docs/clean-grammar.md).
_CODES = re.compile(
    r"=|(?:ADVANCE|AUTHOR|AUTONUM(?:LGL|OUT)?|BIBLIOGRAPHY|CITATION|COMMENTS|COMPARE|CREATEDATE|DATE|EDITTIME|EQ|"
    r"FILENAME|FILESIZE|FORMCHECKBOX|FORMDROPDOWN|FORMTEXT|IF|INDEX|INFO|KEYWORDS|LASTSAVEDBY|LISTNUM|MERGEFIELD|"
    r"MERGEREC|MERGESEQ|NEXT|NOTEREF|NUMCHARS|NUMPAGES|NUMWORDS|PAGE|PAGEREF|PRINTDATE|REF|REVNUM|SAVEDATE|SECTION|"
    r"SECTIONPAGES|SEQ|STYLEREF|SUBJECT|SYMBOL|TA|TC|TIME|TITLE|TOA|TOC|USERNAME|XE)(?=\s|$)"
)
# Which may be told by the results of others: those that compute and compare. A link is never told where it leads.
_MAY_HOLD = re.compile(r"=|(?:IF|COMPARE)(?=\s|$)")
_LINK = re.compile(r'HYPERLINK(?=.)(?: "((?i:https?://|mailto:)[^"\\\s]*)")?(?: \\[lo] "[^"\\]*")*')
_TURNS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_REACHES_OUT = re.compile(r"[a-z][a-z0-9+.-]{2,}://|\\\\\\\\|\\\\[\w.]+\\|\b[a-z]:\\", re.IGNORECASE)
_LITERAL = re.compile(r'"(?:[^"]|"")*"')
_SIGNS = r"\u00b7\u203b\u2100-\u214f\u2460-\u24ff\u25a0-\u26ff\u301c\u30fb\u3200-\u33ff\uff5e\uff65\ue000-\uf8ff"  # in names
_CALL = re.compile(rf"((?:[^\W\d]|[{_SIGNS}])[\w.{_SIGNS}]*)\s*\(")
_ANY_LINK_CALL = re.compile(r"HYPERLINK\s*\(", re.IGNORECASE)
_QUOTED = re.compile(r"(?<!')'(?>[^']|'')*+'(?=!)")
_BOOK_MARKS = re.compile(r"[\[\]\\/*?|]")
# Columns of a table: [quantity], T[@quantity], T[[#Totals],[quantity]:[price]]. Another book has a sheet or name behind its brackets.
_BRACKETS = r"\[(?:[^\[\]']|'.|\[(?:[^\[\]']|'.)*\])*\]"
_COLUMNS = re.compile(rf"(?<=[\w.]){_BRACKETS}|{_BRACKETS}(?!\s*[\w!'.$\[{_SIGNS}])")
_OWN_BOOK = re.compile(r"(?<![\w.'\])$])\[0\]!(?=[^\W\d])")  # before a name of the workbook itself
_PREFIX = re.compile(r"^(?:_XLFN\.)?(?:_XLWS\.)?")
# A function without brackets, which another one calls.
_HANDED = re.compile(r"_xl(?:eta|fn|ws)\.([\w.]++)(?!\s*\()", re.IGNORECASE)
# Of those not listed, what loads or runs though no brackets follow: another function may call it.
_LOADING = re.compile(
    r"(?<![\w.!])(?:CALL|COPILOT|CUBE(?:KPIMEMBER|MEMBER(?:PROPERTY)?|RANKEDMEMBER|SET(?:COUNT)?|VALUE)|DDE|DETECTLANGUAGE|EXEC|"
    r"FILTERXML|IMAGE|IMPORT(?:CSV|DATA|FEED|HTML|RANGE|TEXT|XML)|REGISTER\.ID|RTD|SQL\.REQUEST|STOCKHISTORY|TRANSLATE|WEBSERVICE)"
    r"(?![\w.!])",
    re.IGNORECASE,
)
_WATCHED = {"HYPERLINK", "INDIRECT"}
_HARMLESS = re.compile(r"[\w$.+*/%:,<>= -]*")  # places, numbers and signs: calls nothing, quotes nothing
_LINK_CALL = re.compile(r'HYPERLINK\s*\(\s*"(?:#(?!\s*\[)|https?://|mailto:)', re.IGNORECASE)
_QUOTES = re.compile(rf"""("(?>[^"]|"")*+")|'(?>[^']|'')*+'|{_BRACKETS}""")
_QUOTES_OR_SIGNS = re.compile(rf"{_QUOTES.pattern}|[(){{}},]")
_JOINED_LINK = re.compile(r'HYPERLINK\s*\(\s*("(?:#|mailto:)(?>[^"]|"")*+")', re.IGNORECASE)
_MOST_LINKS = 64
_TOLD_PLACE = re.compile(r"\bINDIRECT\s*\(", re.IGNORECASE)
_LINK_WITHIN = re.compile(r'HYPERLINK\s*\(\s*"#((?:[^"]|"")*)"', re.IGNORECASE)
_PLACE_OUTSIDE = re.compile(r"^\s*\[|['=#/]\s*\[|\][^\[\]]*!|[|\\]|//|'#|#\$|file:", re.IGNORECASE)


class FieldReader:
    """Follows the fields of one part in document order; every method answers what it dislikes, or ''."""

    def __init__(self) -> None:
        self._codes: list[list[str]] = []
        self._holds_field: list[bool] = []  # within its code
        self._in_result: list[bool] = []

    @property
    def is_open(self) -> bool:
        return bool(self._codes)

    @property
    def in_code(self) -> bool:
        return bool(self._codes) and not self._in_result[-1]

    def mark(self, kind: str) -> str:
        """A field character: begin, separate or end."""
        if kind == "begin":
            self._note_within()
            self._codes.append([])
            self._holds_field.append(False)
            self._in_result.append(False)
            return ""
        if not self._codes or kind not in {"separate", "end"}:
            return f"field character {kind!r}"
        if kind == "separate":
            self._in_result[-1] = True
            return ""
        self._in_result.pop()
        code = "".join(self._codes.pop())
        if self._holds_field.pop() and not _MAY_HOLD.match(code.strip()):
            return f"a field within {code.strip()[:40]}"
        return self._judged(code)

    def text(self, tag: str, text: str) -> str:
        """The text of an ``instrText`` or ``t``."""
        in_code = self.in_code
        if tag == "t":
            return "text inside a field code" if in_code and not self._nested else ""
        if not in_code:
            return "a field code outside a field" if text.strip() else ""
        self._codes[-1].append(text)
        return ""

    @property
    def _nested(self) -> bool:
        return len(self._codes) > 1

    def _note_within(self) -> None:
        if self._codes and not self._in_result[-1]:
            self._holds_field[-1] = True

    def simple(self, code: str) -> str:
        """A field that stands in one element."""
        return (
            "a field in another one's code" if self._codes and not self._in_result[-1] else self._judged(code)
        )

    def _judged(self, code: str) -> str:
        """A whole field code."""
        code = code.strip()
        if code.startswith("HYPERLINK"):
            link = _LINK.fullmatch(code)
            fits = link and not _TURNS.search(link[1] or "") and begins_a_plain_letter(link[1] or "")
            return "" if fits else code[:60]
        if not _CODES.match(code) or _REACHES_OUT.search(code):
            return code[:60] or "an empty field"
        return ""


@cache
def _functions() -> frozenset[str]:
    text = (resources.files("sekisho.sanitizer.formats.ooxml") / "functions.txt").read_text("ascii")
    return frozenset(re.findall(r"\S+", re.sub(r"(?m)^#.*$", "", text)))


def place_complaint(place: str) -> str:
    """What a place told in words says of another workbook."""
    return place[:60] if _PLACE_OUTSIDE.search(place) else ""


def are_harmless(formulas: Iterable[str]) -> bool:
    """Whether all of these formulas are places, numbers and signs alone."""
    return _is_harmless(",".join(formulas))


def _is_harmless(text: str) -> bool:
    return _HARMLESS.fullmatch(text) is not None and "_xl" not in text.lower()


def _spoken(formula: str) -> list[str]:
    """The texts in double quotes, whatever quotes stand in names of sheets and columns."""
    return [text for text in _QUOTES.findall(formula) if text]


def _first_argument(inside: str) -> str:
    """What stands before the comma or bracket that ends the first argument of a call."""
    depth = 0
    for found in _QUOTES_OR_SIGNS.finditer(inside):
        sign = found.group()
        depth += (sign in {"(", "{"}) - (sign in {")", "}"})
        if depth < 0 or (depth == 0 and sign == ","):
            return inside[: found.start()]
    return inside


def _joins_a_link_astray(formula: str) -> bool:
    """Whether the pieces that a link is put together from lead to another workbook, or add a file to a letter."""
    links = list(_JOINED_LINK.finditer(formula))
    for link in links[:_MOST_LINKS]:
        pieces = [text[1:-1] for text in _spoken(_first_argument(formula[link.start(1) :]))]
        whole = "".join(pieces)
        is_within = whole[:1] == "#"
        if (
            any(map(place_complaint, [*pieces[1:], whole[1:]]))
            if is_within
            else not begins_a_plain_letter(whole)
        ):
            return True
    return len(links) > _MOST_LINKS


def formula_complaint(formula: str) -> str:
    """What a formula does that it may not: call an unlisted function, or reach outside the workbook."""
    if _is_harmless(formula):
        return ""
    if len(_LINK_CALL.findall(formula)) != len(_ANY_LINK_CALL.findall(formula)):
        return "HYPERLINK"
    if any(map(place_complaint, _LINK_WITHIN.findall(formula))):
        return "HYPERLINK"
    if _TOLD_PLACE.search(formula) and any(place_complaint(text[1:-1]) for text in _spoken(formula)):
        return "INDIRECT"
    if _joins_a_link_astray(formula):
        return "HYPERLINK"
    bare = _LITERAL.sub('""', formula)
    for quoted in _QUOTED.findall(bare):
        if _BOOK_MARKS.search(quoted):
            return quoted[:60]
    bare = _COLUMNS.sub(" C ", _QUOTED.sub("S", _OWN_BOOK.sub("", bare)))
    if "|" in bare or "\\" in bare or "[" in bare:
        return formula[:60]
    return _names_complaint(bare)


def _names_complaint(bare: str) -> str:
    """The first name that may not be called. ``bare``: a formula without texts, names of sheets and columns."""
    if loading := _LOADING.search(bare):
        return loading.group()
    for name in _HANDED.findall(bare):
        if name.upper() not in _functions() - _WATCHED:
            return name[:60]
    for name in _CALL.findall(bare):
        plain = _PREFIX.sub("", name.upper())
        if plain not in _functions() and not plain.startswith("_XLPM."):
            return name[:60]
    return ""
