"""Formulas of worksheets: those that compute from the workbook alone may stay, the others give way to their value.

Grammar: ECMA-376-1, 18.17.2. A formula is read as a row of tokens; it stays when every function it calls is listed
in ``functions.txt`` and nothing in it reaches outside the workbook (other books, DDE, addresses).
"""

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources

from sekisho.sanitizer.formats.mail_links import attaches_nothing
from sekisho.sanitizer.formats.ooxml.links import leaves_the_book, safe_link

# Marks that stand in names of sheets without quotes, as in 売上・経費!A1: middle dots, numbers in rings, units, 外字.
_MARKS = (
    "\u00b7\u203b\u2100-\u214f\u2460-\u24ff\u25a0-\u26ff\u301c\u30fb\u3200-\u33ff\uff5e\uff65\ue000-\uf8ff"
)
_TOKEN = re.compile(
    rf"""
      (?P<text>"(?:[^"]|"")*")
    | (?P<sheet>'(?>[^']|'')*+'(?:!|(?=\s*:)))
    | (?P<error>\#(?:(?!NAME)[A-Z]+!|DIV/0!|N/A|NAME\?|GETTING_DATA))
    | (?P<call>(?:[^\W\d]|[{_MARKS}])[\w.{_MARKS}]*\s*\()
    | (?P<name>(?:[^\W\d]|[{_MARKS}])[\w.{_MARKS}]*)
    | (?P<own>(?<![\w.'\])$])\[0\]!(?=[^\W\d]))
    | (?P<bracket>\[)
    | (?P<rest>[\d.]+(?:[eE][+-]?\d+)?|[-+*/^&=<>%(){{}},;:!$@?\s\]]|\#(?![A-Z])|\\)
    """,
    re.VERBOSE,
)
# ``own``: a name of the workbook itself, as charts write it.
_BOOK_MARKS = re.compile(r"[\[\]\\/*?|]")
_STRUCTURED = re.compile(r"\[(?>[^\[\]']|'.|\[(?>[^\[\]']|'.)*+\])*+\]", re.DOTALL)
_SHEET_BEHIND = re.compile(rf"\s*[\w!'.$\[{_MARKS}]")
_ADDRESS = re.compile(r'\s*"((?>[^"]|"")*+)"')
# Most formulas by far: places, numbers, signs and a few functions that add and compare.
_PLAIN = re.compile(
    r"(?:\$?[A-Z]{1,3}\$?[0-9]{1,7}(?![A-Z0-9_(.])|[0-9]+(?:\.[0-9]+)?(?![0-9.A-Z_(])|[-+*/^=<>:,% ()]|"
    r"(?:SUM|AVERAGE|COUNTA?|MAX|MIN|ROUND|IF|ABS)\()*"
)
_PREFIXES = ("_XLFN.", "_XLWS.")
# How a function is written that is handed to another one to be called, as in BYROW(A1:B9,SUM).
_HANDED = "_XLETA."
# Functions that load or run, whose very names another function may be handed to call.
_UNSPOKEN = frozenset((
    "CALL", "COPILOT", "CUBEKPIMEMBER", "CUBEMEMBER", "CUBEMEMBERPROPERTY", "CUBERANKEDMEMBER", "CUBESET",
    "CUBESETCOUNT", "CUBEVALUE", "DDE", "DETECTLANGUAGE", "EXEC", "FILTERXML", "IMAGE", "IMPORTCSV", "IMPORTDATA",
    "IMPORTFEED", "IMPORTHTML", "IMPORTRANGE", "IMPORTTEXT", "IMPORTXML", "REGISTER.ID", "RTD", "SQL.REQUEST",
    "STOCKHISTORY", "TRANSLATE", "WEBSERVICE",
))  # fmt: skip
# Functions that may be called only with what is seen to be harmless.
_WATCHED = {"HYPERLINK", "INDIRECT"}
_LONGEST = 16_384
_DEEPEST = 64  # calls in one another that programs take
_MOST_LINKS = 64  # in one formula, which shows the first


@cache
def functions() -> frozenset[str]:
    """The names of the functions that may be called."""
    lines = (resources.files(__package__) / "functions.txt").read_text("ascii").splitlines()
    return frozenset(name for line in lines if not line.startswith("#") for name in line.split())


def are_plain(formulas: list[str]) -> bool:
    """Whether these formulas are all of the plainest kind, to which there is no objection."""
    # No token of theirs holds a comma that is not one by itself: what fits together fits one by one.
    return max(map(len, formulas), default=0) <= _LONGEST and _PLAIN.fullmatch(",".join(formulas)) is not None


def objection(formula: str, dropped_names: frozenset[str] = frozenset()) -> str:
    """Why a formula may not stay (a function's name, or what it reaches for), or ''.

    ``dropped_names``: defined names (upper case) that were removed from the workbook.

    >>> objection('SUM(A1:B2)*IF(C1>0,"a|b",Table1[[#Totals],[x]])')
    ''
    >>> objection("cmd|' /C calc'!A0")
    '|'
    >>> objection("WEBSERVICE(A1)"), objection("'[1]Sheet'!A1"), objection("_xlfn.XLOOKUP(1,A:A,B:B)")
    ('WEBSERVICE', "'[1]Sheet'!", '')
    """
    if len(formula) > _LONGEST:
        return "length"
    if _PLAIN.fullmatch(formula):
        return ""
    position, before = 0, ""
    told = _Told()
    while position < len(formula):
        token = _TOKEN.match(formula, position)
        if token is None:
            return formula[position]
        wrong = _judge(token, formula, before, dropped_names)
        if wrong:
            return wrong[:40]
        told.take(token.lastgroup or "", token.group())
        end = token.end()
        if token.lastgroup == "bracket":
            structured = _STRUCTURED.match(formula, position)
            if structured is None:
                return "["
            end = structured.end()
        before, position = formula[position : position + 1], end
        if token.lastgroup == "name":
            before = "name"
    return told.objection()


def _judge(token: "re.Match[str]", formula: str, before: str, dropped: frozenset[str]) -> str:
    kind, text = token.lastgroup, token.group()
    if kind == "sheet":
        return text if _BOOK_MARKS.search(text) else ""
    if kind == "bracket":
        # Another workbook, unless a table's name stands before it or no sheet and no name behind it.
        return "" if before == "name" or not _leads_on(formula, token.start()) else "["
    if kind == "name":
        is_sheet = formula[token.end() : token.end() + 1] == "!"
        return text if text.upper() in dropped else _judge_bare(text.upper(), is_sheet=is_sheet)
    if kind == "call":
        return _judge_call(text[:-1].rstrip().upper(), formula, token.end())
    return "\\" if text == "\\" else ""


def _is_within(address: str) -> bool:
    return address.startswith("#") and not leaves_the_book(address[1:])


def _leads_on(formula: str, bracket: int) -> bool:
    """Whether brackets are followed by the name of a sheet or by what stands in one, as those of another workbook are."""
    columns = _STRUCTURED.match(formula, bracket)
    return columns is None or bool(_SHEET_BEHIND.match(formula, columns.end()))


def _judge_bare(name: str, *, is_sheet: bool) -> str:
    """A name without brackets: a place, a name of the book, or a function that another one is to call."""
    bare = name
    for prefix in (*_PREFIXES, _HANDED):
        bare = bare.removeprefix(prefix)
    may_be_called = (bare == name and (is_sheet or bare not in _UNSPOKEN)) or (
        bare in functions() and bare not in _WATCHED
    )
    return "" if may_be_called else bare


def _judge_call(name: str, formula: str, inside: int) -> str:
    for prefix in _PREFIXES:
        name = name.removeprefix(prefix)
    if name.startswith("_XLPM."):  # a parameter of LAMBDA that is itself called
        return ""
    if name not in functions():
        return name
    if name == "HYPERLINK":
        first = _ADDRESS.match(formula, inside)
        if first is None or not (_is_within(first.group(1)) or safe_link(first.group(1))):
            return name
    return ""


@dataclass
class _Call:
    name: str
    texts: list[str]  # of its first argument
    is_past_first: bool = False


class _Told:
    """Gathers which texts each call is told, put together from pieces as they may be."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._open: list[_Call] = []
        self._watched: list[_Call] = []

    def take(self, kind: str, text: str) -> None:
        if kind == "text":
            self._texts.append(text[1:-1])
            for call in self._open[-_DEEPEST:]:
                if call.name and not call.is_past_first:
                    call.texts.append(text[1:-1])
        elif kind == "call":
            name = text[:-1].rstrip().upper()
            self._open.append(_Call(name if name in _WATCHED else "", []))
            self._watched += [self._open[-1]] if name in _WATCHED else []
        elif text in ("(", "{"):
            self._open.append(_Call("", []))
        elif text in (")", "}") and self._open:
            self._open.pop()
        elif text == "," and self._open:
            self._open[-1].is_past_first = True

    def objection(self) -> str:
        """The name of a call that is told to leave the workbook, or to add files to a letter."""
        if sum(call.name == "HYPERLINK" for call in self._watched) > _MOST_LINKS:
            return "HYPERLINK"
        return next((call.name for call in self._watched if self._leaves(call)), "")

    def _leaves(self, call: _Call) -> bool:
        told = "".join(call.texts)
        if call.name == "INDIRECT":
            return any(map(leaves_the_book, [*self._texts, told]))
        if told[:1] == "#":
            return any(map(leaves_the_book, [*call.texts[1:], told[1:]]))
        return told[:4].lower() != "http" and not attaches_nothing(told)
