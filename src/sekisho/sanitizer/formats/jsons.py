"""JSON parsed and written anew: duplicate keys, comments and trailing matter have no way through.

What fits into ``WINDOW`` is read whole. A larger list or object is gone through entry by entry, with the same output.
A document of hundreds of megabytes, whose indents would make it several times as large, has an entry of it a line.
"""

import json
import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate
from typing import Any

from sekisho.sanitizer.formats.reading import whole_lines

WINDOW = 16 << 20  # characters
_BLANK = re.compile(r"[ \t\n\r]*")
# A number may go on behind the end of what is at hand, at most so far behind what already reads as one: 1|.5, 1|e+5.
_UNSURE = 2
# Stands before a number that has to be spelled as it came, among the strings of a document; nobody can write it.
_MARK = secrets.token_hex(16)
_SPELLED = re.compile(f'"{_MARK}([^"]*)"')
#: lists and objects in one another that are still indented; the blanks of more would be a multiple of what they hold
_DEEPEST = 30
_STRING = re.compile(r'"(?>[^"\\]|\\.)*+"')
_BRACKET = re.compile(r"[\[\]{}]")
_STEP = {"[": 1, "{": 1, "]": -1, "}": -1}


def _number(spelled: str) -> float | str:
    """A number with a fraction or an exponent, marked where Python would spell it otherwise: 1.10, 1e400, more than 17 digits."""
    value = float(spelled)
    return value if repr(value) == spelled else _MARK + spelled


class _Decoder(json.JSONDecoder):
    """Counts in ``dropped`` the entries that another one with the same key, which counts in most readers, takes the place of."""

    def __init__(self) -> None:
        self.dropped = 0
        super().__init__(parse_float=_number, object_pairs_hook=self._object)

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        entries = dict(pairs)
        self.dropped += len(pairs) - len(entries)
        return entries


class _Encoder(json.JSONEncoder):
    """Spells numbers as they came."""

    def encode(self, o: Any) -> str:
        text = super().encode(o)
        return _SPELLED.sub(r"\1", text) if _MARK in text else text


_dense = _Encoder(ensure_ascii=False).encode


class NotOneDocument(Exception):
    """The text is no JSON document; it may be objects one a line."""


def document(
    text: Iterable[str], *, indent: int | None = 2, dropped: Callable[[int], None] = lambda count: None
) -> Iterator[str]:
    """The document with ``indent`` blanks a level; None: without, in what fits into ``WINDOW``.

    ``dropped`` is told how many entries gave way to others with the same key, where there are any. Raises ``NotOneDocument``, and ``ValueError`` for what no mode can read.
    """
    decoder = _Decoder()
    reader = _Reader(text, decoder)
    try:
        yield from _Writer(reader, indent).value("\n")
        if reader.next_sign():
            raise NotOneDocument
    except json.JSONDecodeError as error:
        raise NotOneDocument from error
    if decoder.dropped:
        dropped(decoder.dropped)
    yield "\n"


def lines(text: Iterable[str], *, dropped: Callable[[int], None] = lambda count: None) -> Iterator[str]:
    """Objects or lists one a line (JSON Lines), which stay so. ``dropped``: see ``document``. Raises ``ValueError``."""
    found, decoder = 0, _Decoder()
    for block in whole_lines(text):
        for line in filter(str.strip, block.split("\n")):
            if not found and line.strip()[0] not in "{[":
                raise ValueError("neither a document nor objects one a line")
            yield _dense(decoder.decode(line)) + "\n"
            found += 1
    if found < 2:
        raise ValueError("neither a document nor objects one a line")
    if decoder.dropped:
        dropped(decoder.dropped)


class _Writer:
    def __init__(self, reader: "_Reader", indent: int | None) -> None:
        self._reader = reader
        self._indent = indent
        self._dumps = _Encoder(ensure_ascii=False, indent=indent).encode

    def value(self, line: str) -> Iterator[str]:
        """The next value. ``line``: the line end and blanks before what stands beside it."""
        try:
            value = self._reader.value()
        except _TooLargeAtOnce:
            yield from self._entries(line)
        else:
            yield self._written(value).replace("\n", line)

    def _written(self, value: Any) -> str:
        if self._indent is None or not isinstance(value, (list, dict)):
            return self._dumps(value)
        dense = _dense(value)
        steps = accumulate(_STEP[sign] for sign in _BRACKET.findall(_STRING.sub("", dense)))
        return dense if max(steps) > _DEEPEST else self._dumps(value)

    def _entries(self, line: str) -> Iterator[str]:
        """A list or object, one entry after the other."""
        opening = before = self._reader.take()
        closing = "]" if opening == "[" else "}"
        keys: set[str] = set()
        if self._reader.next_sign() == closing:
            yield opening + self._reader.take()
            return
        inner = line + " " * (self._indent or 0)
        while True:
            yield before + inner
            if closing == "}":
                yield self._key(keys)
            yield from self.value(inner)
            before = self._reader.take()
            if before == closing:
                yield line + closing
                return
            if before != ",":
                raise NotOneDocument

    def _key(self, keys: set[str]) -> str:
        key = self._reader.value() if self._reader.next_sign() == '"' else None
        if key is None or self._reader.take() != ":":
            raise NotOneDocument
        if key in keys:  # which of the two counts could only be told by holding all
            raise ValueError("a key stands twice in an object too large to be held at once")
        keys.add(key)
        return self._dumps(key) + ": "


class _TooLargeAtOnce(Exception):
    pass


class _Reader:
    """A text that is read on where it is needed."""

    def __init__(self, blocks: Iterable[str], decoder: _Decoder) -> None:
        self._blocks, self._decoder = iter(blocks), decoder
        self._text = ""
        self._at = 0
        self._is_whole = False  # nothing follows

    def next_sign(self) -> str:
        """The next character that is not blank, which stays; empty at the end."""
        while True:
            self._at = _BLANK.match(self._text, self._at).end()  # type: ignore[union-attr]
            if self._at < len(self._text) or not self._read_on(1):
                return self._text[self._at : self._at + 1]

    def take(self) -> str:
        """The next character that is not blank."""
        sign = self.next_sign()
        self._at += len(sign)
        return sign

    def value(self) -> Any:
        """The next value. Raises ``_TooLargeAtOnce`` for a list or object beyond the window, ``JSONDecodeError``."""
        is_container = self.next_sign() in ("[", "{")
        is_string = self.next_sign() == '"'
        while True:
            at_hand, dropped = len(self._text) - self._at, self._decoder.dropped
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except json.JSONDecodeError:
                if self._is_whole or (at_hand > WINDOW and not is_container and not is_string):
                    raise
            else:
                if self._is_whole or end + _UNSURE < len(self._text):
                    self._at = end
                    return value
            self._decoder.dropped = dropped  # what was at hand is read again
            if at_hand > WINDOW and is_container:
                raise _TooLargeAtOnce
            self._read_on(max(at_hand, 1))

    def _read_on(self, wanted: int) -> bool:
        """Read about so many characters more; whether there were any."""
        parts, got = [self._text[self._at :]], 0
        while got < wanted and not self._is_whole:
            block = next(self._blocks, None)
            self._is_whole = block is None
            parts.append(block or "")
            got += len(block or "")
        self._text, self._at = "".join(parts), 0
        return got > 0
