"""The different tags of a part as our own serialiser wrote it: a part of ten thousand elements has a thousand of them.

They are told by shape (an element with the names of its attributes), so that a part is judged by some hundred shapes and
the values in them, where walking the tree would judge every element again. Only what libxml2 serialised without comments,
instructions and CDATA is looked at: there ``<`` and ``>`` stand around tags and ``"`` around values and nowhere else, so
that cutting the text at them is exact.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache

_XML = "http://www.w3.org/XML/1998/namespace"
_NAME = r"[A-Za-z_][\w.-]*(?::[A-Za-z_][\w.-]*)?"
_BEGIN = re.compile(rf"({_NAME})(?: ({_NAME})=)?", re.ASCII)
_NEXT = re.compile(rf" ({_NAME})=", re.ASCII)
_SPACE = re.compile(r' xmlns(?::([\w.-]+))?="([^"]*)"', re.ASCII)


@dataclass
class Shape:
    """An element with attributes, by their names as lxml gives them; ``values`` are those of every different tag."""

    name: str
    attributes: tuple[str, ...]
    values: list[list[str]] = field(default_factory=list)


@dataclass
class Tags:
    """``words``: elements in which text that is no space follows a tag; ``behind``: those behind which it does."""

    shapes: list[Shape]
    words: set[str]
    behind: set[str]


class _Unclear(Exception):
    """A tag that is not spelled as expected."""


def tags(text: str) -> Tags | None:
    """The tags of a serialised part; None when they do not tell enough.

    That is so when a prefix has two meanings in the part, or a name is no plain ASCII one.

    >>> [(shape.name, shape.values) for shape in tags('<a xmlns="u"><b c="1"/><b c="2"/></a>').shapes]
    [('{u}a', [['u']]), ('{u}b', [['1'], ['2']])]
    """
    if "<!" in text or "<?" in text:
        return None
    pieces = dict.fromkeys(text.split("<"))
    spaces = _spaces(text, pieces)
    if spaces is None:
        return None
    try:
        return _told(pieces, spaces)
    except (KeyError, _Unclear):
        return None


def _spaces(text: str, pieces: dict[str, None]) -> dict[str, str] | None:
    """What each prefix means; '' stands for names without one."""
    found: dict[str, str] = {"xml": _XML}
    for piece in pieces:
        if "xmlns" not in piece:
            continue
        for prefix, uri in _SPACE.findall(piece.partition(">")[0]):
            if not uri or found.setdefault(prefix, uri) != uri:
                return None
    if "" in found and ' xmlns="' not in text[: text.index(">") + 1]:
        return None  # it has no meaning in a part of the tree
    return found


def _told(pieces: dict[str, None], spaces: dict[str, str]) -> Tags:
    heads: dict[str, None] = {}
    words: set[str] = set()
    behind: set[str] = set()
    for piece in pieces:
        head, closed, text = piece.partition(">")
        if not closed:  # in front of the first tag
            continue
        ends = head[0] == "/"
        if not ends:
            heads[head] = None
        if text and not text.isspace():
            name = head.strip("/").partition(" ")[0]
            (behind if ends or head[-1] == "/" else words).add(_full(name, spaces))
    return Tags(_shapes(heads, spaces), words, behind)


def _shapes(heads: dict[str, None], spaces: dict[str, str]) -> list[Shape]:
    found: dict[tuple[str, ...], Shape] = {}
    declared = tuple(spaces.items())
    for head in heads:
        parts = head.split('"')
        spelling = tuple(parts[0::2])
        shape = found.get(spelling)
        if shape is None:
            shape = found[spelling] = Shape(*_named(spelling, declared))
        shape.values.append(parts[1::2])
    return list(found.values())


@lru_cache(maxsize=20_000)
def _named(spelling: tuple[str, ...], declared: tuple[tuple[str, str], ...]) -> tuple[str, tuple[str, ...]]:
    """The names of an element and its attributes. ``spelling``: what stands between the values of its tag."""
    first, *more = spelling
    begin = _BEGIN.fullmatch(first if more else first.removesuffix("/"))
    if begin is None or bool(begin[2]) != bool(more) or (more and more[-1] not in ("", "/")):
        raise _Unclear
    names = [begin[2]] if more else []
    for entry in more[:-1]:
        following = _NEXT.fullmatch(entry)
        if following is None:
            raise _Unclear
        names.append(following[1])
    spaces = dict(declared)
    return _full(begin[1], spaces), tuple(_attribute(name, spaces) for name in names)


def _attribute(name: str, spaces: dict[str, str]) -> str:
    """A name as lxml gives it; '' for a declaration of a namespace."""
    prefix, colon, local = name.partition(":")
    if prefix == "xmlns":
        return ""
    return f"{{{spaces[prefix]}}}{local}" if colon else name


def _full(name: str, spaces: dict[str, str]) -> str:
    prefix, colon, local = name.partition(":")
    if colon:
        return f"{{{spaces[prefix]}}}{local}"
    return f"{{{spaces['']}}}{name}" if "" in spaces else name
