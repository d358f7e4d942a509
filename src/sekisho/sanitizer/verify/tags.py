"""The different tags of an XML part, read from its bytes: most parts are judged by them without walking their elements.

Only plainly spelled parts can be told so: UTF-8, values in double quotes, no character in a value escaped, each prefix with one
meaning, no comment, instruction or CDATA. Everything else is left to the walk. expat has seen beforehand that the part is well
formed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

_XML = "http://www.w3.org/XML/1998/namespace"
_HEAD = re.compile(
    rb"<\?xml version=['\"]1\.0['\"] encoding=['\"]UTF-8['\"](?: standalone=['\"]yes['\"])?\?>\s*",
    re.IGNORECASE,
)
_XMLNS = b"http://www.w3.org/2000/xmlns/"
_FIRST = re.compile(rb"(?:<\?xml[^<>]*\?>)?\s*<[A-Za-z_][^<>]*>")
_WORD = rb"[A-Za-z_][A-Za-z0-9_.-]*"
_TAG = re.compile(rb"((?:%s:)?%s)((?: (?:%s:)?%s=)?)" % (_WORD, _WORD, _WORD, _WORD))
_NEXT = re.compile(rb" (?:%s:)?%s=" % (_WORD, _WORD))
# A value of words and numbers, which names no place whatever it is; what stands behind a tag; a tag behind which words stand; and what only words or values could hold.
_PLAIN_VALUE = re.compile(rb'="(?!rId)[\w .%\x80-\xff-]+"')
_BEHIND = re.compile(rb">[^<]*")
_SPEAKING = re.compile(rb"<([^<>]++)>\s*+[^<\s]")
_RAW_END = re.compile(rb">[^<>]*>")
_NO_MARKS = bytes(set(range(256)) - set(b"<\x01\x02"))
_PREFIXES = re.compile(rb"([\w.-]+):")
_QUOTED = re.compile(rb'"[^"]*"')
_PASSED_SPACES, _PASSED_TAGS, _PASSED_LENGTH = 20, 20_000, 400
_DECLARED = re.compile(rb' xmlns(?::(%s))?="([^"]*)"' % _WORD)


@dataclass
class Kind:
    """Elements of one name with the same attributes; ``values`` has a list for every different tag in ``tags``."""

    name: str
    attributes: tuple[str, ...]
    values: list[list[bytes]] = field(default_factory=list)
    tags: list[bytes] = field(default_factory=list)


@dataclass
class Told:
    """``kinds`` of elements, ``speaking`` those that hold words themselves, and whether words stand ``outside``, behind an
    element. ``names``: the spellings of each name in the part. ``known``: tags that are passed over, as ``Passed`` gave them.
    ``pieces``: the others, as they stand in the part, where their prefixes have no other meaning than the usual.
    """

    kinds: list[Kind]
    speaking: set[str]
    outside: bool
    names: dict[str, set[bytes]]
    known: set[bytes]
    pieces: list[bytes]


class Passed:
    """Tags that nothing can be said against in any part whose prefixes mean what they do in the grammar.

    ``usual``: what they mean. Kept by the namespace of names without a prefix.
    """

    def __init__(self, usual: Mapping[str, str]) -> None:
        self._usual = {prefix.encode(): uri for prefix, uri in usual.items()}
        self._by_default: dict[str, set[bytes]] = {}

    def of(self, spaces: Mapping[bytes, str]) -> set[bytes]:
        """Those that were met in parts with these namespaces; add to them with ``add``."""
        default = spaces.get(b"", "")
        fits = all(self._usual.get(prefix, uri) == uri for prefix, uri in spaces.items() if prefix)
        if not fits or (len(self._by_default) >= _PASSED_SPACES and default not in self._by_default):
            return set()
        return self._by_default.setdefault(default, set())

    def add_all(self, found: Told) -> None:
        """Note all tags of a part but those that lead to other parts."""
        if len(found.known) < _PASSED_TAGS:
            found.known.update(
                piece
                for piece in found.pieces
                if piece.endswith(b">")
                and len(piece) < _PASSED_LENGTH
                and b"rId" not in piece
                and b"xmlns" not in piece
            )

    def is_usual(self, spaces: Mapping[bytes, str]) -> bool:
        """Whether every prefix of a part is one of the grammar."""
        return all(not prefix or prefix in self._usual for prefix in spaces)

    def add(self, known: set[bytes], kind: Kind) -> None:
        """Note the tags of a kind in what ``of`` gave."""
        prefixes = _PREFIXES.findall(_QUOTED.sub(b"", kind.tags[0]))
        if len(known) < _PASSED_TAGS and all(prefix in self._usual for prefix in prefixes):
            known.update(tag for tag in kind.tags if len(tag) < _PASSED_LENGTH)


def settled_spaces(data: bytes) -> dict[bytes, bytes] | None:
    """What each prefix means, in a part that declares all of them in its first tag and none of them twice; else None.

    What is said of names follows from the prefixes alone there: expat need not follow the namespaces of each element.
    """
    first = _FIRST.match(data)
    if first is None or first[0].count(b"xmlns") != data.count(b"xmlns"):
        return None
    declared = _DECLARED.findall(first[0])
    spaces = dict(declared)
    unclear = len({*spaces.values(), _XML.encode(), _XMLNS}) != len(declared) + 2
    if unclear or len(declared) != first[0].count(b"xmlns") or not {b"xml", b"xmlns"}.isdisjoint(spaces):
        return None
    return spaces


def told(
    data: bytes, judged: re.Pattern[bytes] | None = None, *, passed: Passed | None = None, most: int = 256
) -> Told | None:
    """The tags of a well-formed part, or None where it is not spelled plainly or more than ``most`` deep.

    ``judged``: runs of whole elements that the caller has judged already. Tags that are ``passed`` are left out. Values of
    words and numbers, but for the usual names of relations, are told as ``0``: whether one is disliked does not hang on
    which it is.
    """
    head = _HEAD.match(data)
    body = data[head.end() if head else 0 :]
    if judged is not None:
        body = judged.sub(b"", body)
    different = dict.fromkeys(body.split(b"<"))
    spaces = _spaces(body, different) if body.startswith(b"<") else None
    if spaces is None:
        return None
    known = passed.of(spaces) if passed else set()
    fresh = [piece for piece in different if piece not in known]
    together = b"<".join(fresh)
    if b"<!" in together or b"<?" in together or _RAW_END.search(together) or is_deep(body, most):
        return None
    found = _Reading(spaces, known).read(together)
    if found is not None and passed and passed.is_usual(spaces):
        found.pieces = fresh
    return found


def _spaces(body: bytes, pieces: dict[bytes, None]) -> dict[bytes, str] | None:
    """What each prefix means; b"" stands for names without one."""
    found: dict[bytes, str] = {b"xml": _XML}
    for piece in pieces:
        if b"xmlns" in piece:
            for prefix, uri in _DECLARED.findall(piece.partition(b">")[0]):
                if not uri or b"&" in uri or found.setdefault(prefix, uri.decode()) != uri.decode():
                    return None
    if b"" in found and b' xmlns="' not in body[: body.index(b">")]:
        return None
    return found


class _Reading:
    def __init__(self, spaces: dict[bytes, str], known: set[bytes]) -> None:
        self.spaces, self.declared, self.known = spaces, tuple(spaces.items()), known
        self.kinds: dict[tuple[bytes, ...], Kind] = {}

    def read(self, together: bytes) -> Told | None:
        """``together``: every different tag once, with the text behind it. None where one is not spelled plainly."""
        speaking, outside = set(), False
        for head in set(_SPEAKING.findall(together)):
            if head[:1] == b"/" or head[-1:] == b"/":
                outside = True
            else:
                speaking.add(_full(head.partition(b" ")[0], self.spaces))
        for head in dict.fromkeys(_PLAIN_VALUE.sub(b'="0"', _BEHIND.sub(b"", together)).split(b"<")):
            if head and head[:1] != b"/" and head not in self.known and not self._head(head):
                return None
        names: dict[str, set[bytes]] = {}
        for spelling, kind in self.kinds.items():
            names.setdefault(kind.name, set()).add(spelling[0].partition(b" ")[0])
        return Told(list(self.kinds.values()), speaking, outside, names, self.known, [])

    def _head(self, head: bytes) -> bool:
        parts = head.removesuffix(b"/").split(b'"')
        spelling = tuple(parts[0::2])
        kind = self.kinds.get(spelling)
        if kind is None:
            known = _named(spelling, self.declared)
            if known is None:
                return False
            kind = self.kinds[spelling] = Kind(*known)
        kind.values.append(parts[1::2])
        kind.tags.append(head)
        return True


def is_deep(body: bytes, most: int) -> bool:
    """Whether elements stand in one another more than ``most`` deep. ``body``: plainly spelled, without ``>`` in its words."""
    left = (
        body.replace(b"</", b"\x01").replace(b"/>", b"\x02").translate(None, _NO_MARKS).replace(b"<\x02", b"")
    )
    for _level in range(most):  # each round takes out the innermost elements
        if not left:
            return False
        left = left.replace(b"<\x01", b"")
    return bool(left)


@lru_cache(maxsize=20_000)
def _named(
    spelling: tuple[bytes, ...], declared: tuple[tuple[bytes, str], ...]
) -> tuple[str, tuple[str, ...]] | None:
    """The names of an element and its attributes by what stands between the values; None where it is not plain."""
    begin, *following = spelling
    first = _TAG.fullmatch(begin)
    if first is None or bool(first[2]) != bool(following) or (following and following[-1]):
        return None
    attributes = [first[2], *following[:-1]] if following else []
    if not all(map(_NEXT.fullmatch, attributes)):
        return None
    spaces = dict(declared)
    try:
        return _full(first[1], spaces), tuple(_attribute(entry[1:-1], spaces) for entry in attributes)
    except KeyError:  # a prefix that is not declared
        return None


def _attribute(name: bytes, spaces: dict[bytes, str]) -> str:
    """A name as expat gives it; '' for the declaration of a namespace."""
    prefix, colon, local = name.partition(b":")
    if b"xmlns" in (prefix, name):
        return ""
    return f"{spaces[prefix]}}}{local.decode()}" if colon else name.decode()


def _full(name: bytes, spaces: dict[bytes, str]) -> str:
    prefix, colon, local = name.partition(b":")
    if not colon:
        prefix, local = b"", name
    space = spaces.get(prefix)
    return local.decode() if space is None else f"{space}}}{local.decode()}"
