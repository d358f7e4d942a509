"""How deep the elements of a web page stand in one another, told from its tags alone, before anything builds the tree.

Parsers of pages take time by the square of it. This one pass keeps a stack by the rules of HTML, in short: where it
errs, it errs towards deeper.
"""

import re
from collections import defaultdict
from collections.abc import Iterable

from sekisho.sanitizer.results import Refused

#: elements in one another; browsers stop at 512
MAX_DEPTH = 600
#: attributes of one element
MAX_ATTRIBUTES = 500
#: bold, fonts and the like that every block begins again because nobody ended them, over the whole page
_MAX_REOPENED = 200_000
_ALIKE = 3  # so many equal ones are begun again, no more

# Each piece matches to the end of the page rather than not at all, so that nothing is read twice.
_ATTRIBUTE = r"""[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?>"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|[^\s>]*+))?"""
_PIECE = re.compile(
    rf"""<!--(?>-?>|.*?(?:--!?>|\Z))|<(/?)([a-zA-Z][^\s/>]*+)((?>[\s/]++|{_ATTRIBUTE})*+)(?:>|\Z)""",
    re.DOTALL,
)
_ATTRIBUTES = re.compile(_ATTRIBUTE)
_FEW = 2 * MAX_ATTRIBUTES  # letters; so many attributes need more


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


_VOID = _names(
    "area base basefont bgsound br col embed frame hr img input keygen link meta param source track wbr"
)
_UNCOUNTED = frozenset(("html", "head", "body", "frameset"))  # there is one of each, whatever is written
_FORMATTING = _names("a b big code em font i nobr s small strike strong tt u")
_CLOSING_P = _names(
    "address article aside blockquote center details dialog dir div dl fieldset figcaption figure footer form h1 h2 h3 "
    "h4 h5 h6 header hgroup hr li dd dt listing main menu nav ol p plaintext pre search section summary table ul xmp"
)
_TABLES = frozenset(("table", "template"))
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_ROW_GROUPS = frozenset(("tbody", "thead", "tfoot", "caption", "colgroup"))
_CELLS = frozenset(("td", "th"))
_RUBY = frozenset(("rb", "rp", "rt", "rtc"))
_OPTIONS = frozenset(("option", "optgroup"))
_TABLE_PARTS = _ROW_GROUPS | _CELLS | {"tr"}
_BARRIERS = _names("applet caption marquee object table td template th")
_PAGES_IN_DRAWINGS = _names("foreignobject desc mi mo mn ms mtext annotation-xml")
_SPECIAL = (
    _CLOSING_P | _TABLE_PARTS | _BARRIERS
    | _names("button iframe noembed noframes noscript script select style textarea title")
)  # fmt: skip
# an item ends the one before it across these
_LIST_WALLS = _SPECIAL - {"address", "div", "p", "li"}
_ENTRY_WALLS = _SPECIAL - {"address", "div", "p", "dd", "dt"}
#: which elements end unwritten before one begins, and the walls they do so within
_FOLLOWERS: dict[str, tuple[tuple[Iterable[str], frozenset[str]], ...]] = {
    "li": ((("li",), _LIST_WALLS),),
    **dict.fromkeys(("dd", "dt"), ((("dd", "dt"), _ENTRY_WALLS),)),
    **dict.fromkeys(_CELLS, ((_CELLS, _TABLES),)),
    "tr": ((_CELLS | {"tr"}, _TABLES),),
    **dict.fromkeys(_ROW_GROUPS, ((_TABLE_PARTS, _TABLES),)),
}
_REPEATED: dict[str, frozenset[str]] = {
    **dict.fromkeys(_HEADINGS, _HEADINGS),
    **dict.fromkeys(_RUBY, _RUBY),
    "option": frozenset(("option",)),
    "optgroup": _OPTIONS,
}
_UNREAD = _names("iframe noembed noframes script style textarea title xmp")  # hold text, no elements
_DRAWINGS = ("svg", "math")
_OUT_OF_DRAWINGS = _names(
    "b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li listing menu meta nobr "
    "ol p pre ruby s small span strong strike sub sup table tt u ul var"
)
_FONT = re.compile(r"(?:^|[\s/])(?:color|face|size)(?=[\s/=]|$)", re.IGNORECASE)


def require_a_page(source: str) -> None:
    """Raise the refusal of a page whose elements stand too deep in one another or have too many attributes."""
    stack, position = _Stack(), 0
    while piece := _PIECE.search(source, position):
        behind, position = position, piece.end()
        if piece[2] is None:
            continue
        name, said = piece[2].lower(), piece[3]
        if source[behind : piece.start()].strip():
            stack.begin_again()
        if piece[1]:
            stack.end(name)
            continue
        if len(said) > _FEW and sum(1 for _ in _ATTRIBUTES.finditer(said)) > MAX_ATTRIBUTES:
            raise Refused("limit.attributes", limit=MAX_ATTRIBUTES)
        stack.begin(name, said)
        if stack.depth > MAX_DEPTH or stack.reopened > _MAX_REOPENED:
            raise Refused("limit.nesting", limit=MAX_DEPTH)
        if name in _UNREAD and stack.takes_text:
            end = re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE).search(source, position)
            position = end.start() if end else len(source)


class _Stack:
    """The open elements, and the places of those that decide what an end tag closes."""

    def __init__(self) -> None:
        self.depth = 0
        self.reopened = 0
        self._open: list[str] = []
        self._places: defaultdict[str, list[int]] = defaultdict(list)
        self._walls = {
            kind: list[int]() for kind in (_SPECIAL, _BARRIERS, _TABLES, _LIST_WALLS, _ENTRY_WALLS)
        }
        self._formatting: defaultdict[str, list[str]] = defaultdict(list)

    @property
    def is_in_drawing(self) -> bool:
        return bool(self._places.get("svg") or self._places.get("math"))

    @property
    def takes_text(self) -> bool:
        """Whether scripts and the like hold text here, as they do in a page."""
        return not self.is_in_drawing and not self._places.get("select")

    def _has(self, names: Iterable[str]) -> bool:
        return any(self._places.get(name) for name in names)

    def begin(self, name: str, said: str) -> None:
        """An element begins; ``said`` are its attributes as they are written."""
        drawn = self.is_in_drawing and not self._has(_PAGES_IN_DRAWINGS)
        if drawn and (name in _OUT_OF_DRAWINGS or (name == "font" and _FONT.search(said))):
            self._cut(min(self._places[kind][0] for kind in _DRAWINGS if self._places.get(kind)))
            drawn = False
        elif said.endswith("/") and (drawn or name in _DRAWINGS):
            return
        if not drawn:
            if name in _VOID | _UNCOUNTED or (name in _TABLE_PARTS and not self._has(_TABLES)):
                return
            self._close_before(name)
            if name not in _SPECIAL:
                self.begin_again()
            if name in _FORMATTING:
                self._remember(name, said)
        self._push(name, drawn=drawn)

    def _close_before(self, name: str) -> None:
        """Close what ends unwritten because this element follows."""
        if name in _CLOSING_P:
            self._close(("p",), _BARRIERS)
        for kin, wall in _FOLLOWERS.get(name, ()):
            self._close(kin, wall)
        if name in _RUBY and not self._places.get("ruby"):
            return
        if name in _REPEATED and self._open and self._open[-1] in _REPEATED[name]:
            self._cut(len(self._open) - 1)
        if name in {"a", "nobr"} and self._places.get(name):
            self.end(name)

    def _close(self, names: Iterable[str], walls: frozenset[str]) -> None:
        """Close the outermost of these elements that stands inside the last of the walls."""
        wall = self._walls[walls][-1] if self._walls[walls] else -1
        inside = [place for name in names for place in reversed(self._places.get(name, ())) if place > wall]
        if inside:
            self._cut(min(inside))

    def end(self, name: str) -> None:
        """Close what this end tag closes; one that belongs to nothing closes nothing."""
        if name in _FORMATTING and self._formatting[name]:
            self._formatting[name].pop()
        kin = _HEADINGS if name in _HEADINGS else (name,)
        place = max((self._places[one][-1] for one in kin if self._places.get(one)), default=-1)
        if place < 0 or name in _UNCOUNTED:
            return
        walls = self._walls[_TABLES if name in _TABLE_PARTS else _BARRIERS if name in _SPECIAL else _SPECIAL]
        if name != "form" and (not walls or walls[-1] <= place):
            self._cut(place)
        elif name in _FORMATTING or name == "form":  # what stands in it stays open
            self._places[name].pop()
            self._open[place] = ""
            self.depth -= 1

    def _remember(self, name: str, said: str) -> None:
        """That this is to be begun again wherever a block ends before it does."""
        alike = self._formatting[name]
        if len(alike) < _ALIKE or alike.count(said) < _ALIKE:
            alike.append(said)

    def begin_again(self) -> None:
        """Words follow: what was cut off by the end of a block goes on."""
        for name, begun in self._formatting.items():
            for _ in range(len(begun) - len(self._places[name])):
                self._push(name)
                self.reopened += 1

    def _push(self, name: str, *, drawn: bool = False) -> None:
        place = len(self._open)
        self._open.append(name)
        self._places[name].append(place)
        self.depth += 1
        for names, places in self._walls.items():
            if name in (_PAGES_IN_DRAWINGS if drawn and names is not _TABLES else names):
                places.append(place)

    def _cut(self, place: int) -> None:
        """Close everything from this place on."""
        for name in self._open[place:]:
            if name:
                self._places[name].pop()
                self.depth -= 1
        del self._open[place:]
        for places in self._walls.values():
            while places and places[-1] >= place:
                places.pop()
