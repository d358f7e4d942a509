"""JSON read token by token, without a tree: one document, or objects and lists one a line; no object has a key twice."""

import json
import re
import unicodedata
from collections.abc import Iterator

from sekisho.sanitizer.verify.grammar import Complaint

_STRING = r'"[^"\\\x00-\x1f]*+(?>\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*+)*+'
_TOKEN = re.compile(
    rf'([ \t\n\r]*+)(?:([\[\]{{}},:])|({_STRING}")|'
    r"(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null|NaN|-?Infinity))"
)
_BEGUN_STRING = re.compile(rf"[ \t\n\r]*+{_STRING}(?:\\(?:u[0-9a-fA-F]{{0,3}})?)?\Z")
# A token this near to the end of what was read may go on; one of another kind than text is no longer.
_LONGEST = 5_000
_ESCAPES = re.compile(r"(?:\\u[0-9a-fA-F]{4})+|\\.")
_HIDDEN = {"Cc", "Cs", "Zl", "Zp"}
_TURNING = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_DEEPEST = 1_000


class _Wrong(Exception):
    pass


def json_complaint(pieces: Iterator[str]) -> Complaint | None:
    """The first thing that is no JSON, in a text of any size."""
    try:
        _Grammar(_tokens(pieces)).check()
    except _Wrong as wrong:
        return Complaint("text.not_json", str(wrong)[:80])
    return None


def _tokens(pieces: Iterator[str]) -> Iterator[tuple[bool, str]]:
    """Each token, and whether a line ended before it."""
    text, at, is_whole = "", 0, False
    while True:
        token = _TOKEN.match(text, at)
        if token and (is_whole or token.end() + _LONGEST < len(text)):
            word = token[token.lastindex or 0]
            if "\\" in word and _hides(word):
                raise _Wrong("a string has a control character in an escape")
            yield "\n" in token[1], word
            at = token.end()
            continue
        if is_whole:
            if text[at:].strip(" \t\n\r"):
                raise _Wrong(f"cannot be read from {text[at:].strip()[:20]!r}")
            return
        if not token and len(text) - at > 2 * _LONGEST and not _may_go_on(text, at):
            raise _Wrong(f"cannot be read from {text[at : at + 20].strip()!r}")
        text, is_whole = _read_on(text[at:], pieces)
        at = 0


def _hides(word: str) -> bool:
    """Whether an escape stands for a character that steers a terminal, turns a line, is nobody to see or only half of one."""
    if not any(begun in word for begun in ("\\u", "\\b", "\\f")):
        return False
    escapes = [escape[0] for escape in _ESCAPES.finditer(word)]
    said = json.loads(f'"{" ".join(escape for escape in escapes if escape[1] in "ubf")}"')
    return any(
        (sign not in "\n\r\t" and unicodedata.category(sign) in _HIDDEN)
        or sign in _TURNING
        or 0xE0000 <= ord(sign) < 0xE0080
        for sign in said
    )


def _may_go_on(text: str, at: int) -> bool:
    return bool(_BEGUN_STRING.match(text, at)) or not text[at:].strip(" \t\n\r")


def _read_on(rest: str, pieces: Iterator[str]) -> tuple[str, bool]:
    """The text with as much again, and whether that was all."""
    parts, got, is_whole = [rest], 0, False
    while got <= len(rest) and not is_whole:
        piece = next(pieces, None)
        is_whole = piece is None
        parts.append(piece or "")
        got += len(piece or "")
    return "".join(parts), is_whole


class _Grammar:
    """Takes tokens by what may stand where."""

    def __init__(self, tokens: Iterator[tuple[bool, str]]) -> None:
        self._tokens = tokens
        self._open: list[set[str] | None] = []  # of an object its keys, of a list None
        self._is_spread = False  # a line ended within a value
        self._first_is_container = False

    def check(self) -> None:
        values = 0
        for on_new_line, word in self._tokens:
            values += 1
            if values > 1 and not (on_new_line and self._first_is_container):
                raise _Wrong("something follows the document")
            self._first_is_container = self._first_is_container or (values == 1 and word in ("[", "{"))
            self._value(word)
            while self._open:
                self._entry()
            if values > 1 and self._is_spread:
                raise _Wrong("something follows the document")
        if not values:
            raise _Wrong("nothing is in it")

    def _next(self) -> str:
        on_new_line, word = next(self._tokens, (False, ""))
        self._is_spread = self._is_spread or on_new_line
        return word

    def _value(self, word: str) -> None:
        """A value: of a list or object that has entries all up to the first plain value within."""
        while word in ("[", "{"):
            following = self._next()
            if following == ("]" if word == "[" else "}"):
                return
            self._open.append(None if word == "[" else set())
            if len(self._open) > _DEEPEST:
                raise _Wrong("too deep")
            word = self._behind_key(following)
        if word in ("", "]", "}", ",", ":"):
            raise _Wrong(f"{word!r} stands where a value should")

    def _entry(self) -> None:
        """What follows an entry of the innermost list or object: its end or another entry."""
        word = self._next()
        if word == ("]" if self._open[-1] is None else "}"):
            self._open.pop()
        elif word == ",":
            self._value(self._behind_key(self._next()))
        else:
            raise _Wrong(f"{word!r} stands where a comma or an end should")

    def _behind_key(self, word: str) -> str:
        """In an object, the word behind the key that ``word`` must be."""
        keys = self._open[-1]
        if keys is None:
            return word
        if not word.startswith('"') or self._next() != ":":
            raise _Wrong("an entry of an object has no key")
        key = json.loads(word)
        if key in keys:
            raise _Wrong("a key stands twice")  # readers disagree about which counts
        keys.add(key)
        return self._next()
