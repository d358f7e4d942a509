"""The different tags of an XML part, read from its bytes: most parts are judged by them without walking their elements.

Only plainly spelled parts can be told so: UTF-8, values in double quotes, no character in a value escaped, each prefix with one
meaning, no comment, instruction or CDATA. Everything else is left to the walk. expat has seen beforehand that the part is well
formed.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate

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
_DECLARED = re.compile(rb' xmlns(?::(%s))?="([^"]*)"' % _WORD)


@dataclass
class Kind:
    """Elements of one name with the same attributes; ``values`` has a tuple for every different tag."""

    name: str
    attributes: tuple[str, ...]
    values: list[list[bytes]] = field(default_factory=list)


@dataclass
class Told:
    """``kinds`` of elements, ``speaking`` those that hold words themselves, the greatest ``depth``, and whether words
    stand ``outside``, behind an element. ``names``: the spellings of each name in the part.
    """

    kinds: list[Kind]
    speaking: set[str]
    outside: bool
    depth: int
    names: dict[str, set[bytes]]


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


def told(data: bytes, passed: re.Pattern[bytes] | None = None) -> Told | None:
    """The tags of a well-formed part, or None where it is not spelled plainly.

    ``passed``: runs of whole elements that the caller has judged already.
    """
    head = _HEAD.match(data)
    body = data[head.end() if head else 0 :]
    if not body.startswith(b"<") or b"<!" in body or b"<?" in body:
        return None
    if passed is not None:
        body = passed.sub(b"", body)
    pieces = body.split(b"<")
    different = dict.fromkeys(pieces)
    spaces = _spaces(body, different)
    return None if spaces is None else _Reading(spaces).read(pieces, different)


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
    def __init__(self, spaces: dict[bytes, str]) -> None:
        self.spaces, self.declared = spaces, tuple(spaces.items())
        self.kinds: dict[tuple[bytes, ...], Kind] = {}

    def read(self, pieces: list[bytes], different: dict[bytes, None]) -> Told | None:
        """None where a tag is not spelled plainly."""
        heads: dict[bytes, int] = {}  # what each tag adds to the depth
        steps: dict[bytes, int] = {}
        speaking: set[bytes] = set()
        outside = False
        for piece in different:
            head, _closed, text = piece.partition(b">")
            step = heads.get(head)
            if step is None:
                step = heads[head] = _step(head)
                if head and step >= 0 and not self._head(head[:-1] if step == 0 else head):
                    return None
            steps[piece] = step
            if text and not text.isspace():
                if step > 0:
                    speaking.add(head.partition(b" ")[0])
                else:
                    outside = True
        depth = max(accumulate(map(steps.__getitem__, pieces)))
        names: dict[str, set[bytes]] = {}
        for spelling, kind in self.kinds.items():
            names.setdefault(kind.name, set()).add(spelling[0].partition(b" ")[0])
        return Told(
            list(self.kinds.values()), {_full(name, self.spaces) for name in speaking}, outside, depth, names
        )

    def _head(self, head: bytes) -> bool:
        parts = head.split(b'"')
        spelling = tuple(parts[0::2])
        kind = self.kinds.get(spelling)
        if kind is None:
            known = _named(spelling, self.declared)
            if known is None:
                return False
            kind = self.kinds[spelling] = Kind(*known)
        kind.values.append(parts[1::2])
        return True


def _step(head: bytes) -> int:
    if not head or head[-1:] == b"/":
        return 0
    return -1 if head[:1] == b"/" else 1


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
