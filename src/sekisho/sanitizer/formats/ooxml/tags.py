"""The different tags of a part as our own serialiser wrote it: a part of ten thousand elements has a thousand of them.

They are told by shape (an element with the names of its attributes), so that a part is judged by some hundred shapes and
the values in them, where walking the tree would judge every element again. Only what libxml2 serialised without comments,
instructions and CDATA is looked at: there ``<`` and ``>`` stand around tags and ``"`` around values and nowhere else, so
that cutting the text at them is exact.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

_XML = "http://www.w3.org/XML/1998/namespace"
_NAME = r"[A-Za-z_][\w.-]*(?::[A-Za-z_][\w.-]*)?"
_BEGIN = re.compile(rf"({_NAME})(?: ({_NAME})=)?", re.ASCII)
_NEXT = re.compile(rf" ({_NAME})=", re.ASCII)
# A value of words and numbers, which names no place whatever it is; the text behind a tag; and a tag behind which words stand.
_PLAIN_VALUE = re.compile(r'="(?!rId)[\w .%-]+"')
_BEHIND = re.compile(r">[^<]*")
_SPEAKING = re.compile(r"<([^<>]++)>\s*+[^<\s]")
_PREFIX = re.compile(r"([\w.-]+):")
_VALUE = re.compile(r'"[^"]*"')
_STORES, _STORED, _LONGEST = 20, 20_000, 400
_SPACE = re.compile(r' xmlns(?::([\w.-]+))?="([^"]*)"', re.ASCII)


@dataclass
class Shape:
    """An element with attributes, by their names as lxml gives them; ``values`` are those of every different tag.

    ``tags``: these as they are spelled.
    """

    name: str
    attributes: tuple[str, ...]
    values: list[list[str]] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)


@dataclass
class Tags:
    """``words``: elements in which text that is no space follows a tag; ``behind``: those behind which it does.

    ``known``: the store of ``Harmless`` for this part, whose tags are not among the shapes; ``pieces``: the tags that were
    not in it, as they stand in the part, where their prefixes have no other meaning than the usual.
    """

    shapes: list[Shape]
    words: set[str]
    behind: set[str]
    known: set[str]
    pieces: list[str]


class Harmless:
    """Tags that were judged already and need no change wherever they stand, as they are spelled in parts.

    What a prefix means may differ from part to part. Where those of the vocabulary have their usual meaning, a tag made of
    them means the same in every part with the same namespace for names without a prefix.
    """

    def __init__(self, usual: Mapping[str, str]) -> None:
        self._usual = usual
        self._stores: dict[str, set[str]] = {}

    def among(self, spaces: Mapping[str, str]) -> set[str]:
        """The store for a part with these namespaces: an empty one where their prefixes are not the usual."""
        if any(self._usual.get(prefix, uri) != uri for prefix, uri in spaces.items() if prefix):
            return set()
        if len(self._stores) > _STORES and spaces.get("", "") not in self._stores:
            return set()
        return self._stores.setdefault(spaces.get("", ""), set())

    def keep_all(self, found: Tags) -> None:
        """Note that no tag of a part needs a change, but for those with relations, which other parts may not have."""
        if len(found.known) < _STORED:
            found.known.update(
                piece
                for piece in found.pieces
                if piece.endswith(">")
                and len(piece) < _LONGEST
                and "rId" not in piece
                and "xmlns" not in piece
            )

    def is_usual(self, spaces: Mapping[str, str]) -> bool:
        """Whether every prefix of a part is one of the vocabulary."""
        return all(not prefix or prefix in self._usual for prefix in spaces)

    def keep(self, store: set[str], shape: Shape) -> None:
        """Note that the tags of a shape need no change, in the ``store`` of their part."""
        prefixes = _PREFIX.findall(_VALUE.sub("", shape.tags[0]))
        if len(store) < _STORED and self._usual.keys() >= set(prefixes):
            store.update(tag for tag in shape.tags if len(tag) < _LONGEST)


class _Unclear(Exception):
    """A tag that is not spelled as expected."""


def tags(text: str, harmless: Harmless | None = None) -> Tags | None:
    """The tags of a serialised part; None when they do not tell enough.

    That is so when a prefix has two meanings in the part, or a name is no plain ASCII one. Values of words and
    numbers, but for the usual names of relations, are told as ``0``: whether one may stay does not hang on which it is.
    Tags that are ``harmless`` are left out.

    >>> [(shape.name, shape.values) for shape in tags('<a xmlns="u"><b c="1"/><b c="2"/><b c="/2"/></a>').shapes]
    [('{u}a', [['0']]), ('{u}b', [['0'], ['/2']])]
    """
    pieces = dict.fromkeys(text.split("<"))
    spaces = _spaces(text, pieces) if text.startswith("<") else None
    if spaces is None:
        return None
    known = harmless.among(spaces) if harmless else set()
    fresh = [piece for piece in pieces if piece not in known]
    together = "<".join(fresh)
    if "<!" in together or "<?" in together:
        return None
    try:
        found = _told(together, spaces, known)
    except (KeyError, _Unclear):
        return None
    if harmless and harmless.is_usual(spaces):
        found.pieces = fresh
    return found


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


def _told(together: str, spaces: dict[str, str], known: set[str]) -> Tags:
    """``together``: every different tag once, with the text behind it."""
    words: set[str] = set()
    behind: set[str] = set()
    for head in set(_SPEAKING.findall(together)):
        name = head.strip("/").partition(" ")[0]
        (behind if head[0] == "/" or head[-1] == "/" else words).add(_full(name, spaces))
    heads = dict.fromkeys(_PLAIN_VALUE.sub('="0"', _BEHIND.sub("", together)).split("<"))
    shapes = _shapes([head for head in heads if head and head[0] != "/" and head not in known], spaces)
    return Tags(shapes, words, behind, known, [])


def _shapes(heads: list[str], spaces: dict[str, str]) -> list[Shape]:
    found: dict[tuple[str, ...], Shape] = {}
    declared = tuple(spaces.items())
    for head in heads:
        parts = head.split('"')
        spelling = tuple(parts[0::2])
        shape = found.get(spelling)
        if shape is None:
            shape = found[spelling] = Shape(*_named(spelling, declared))
        shape.values.append(parts[1::2])
        shape.tags.append(head)
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
