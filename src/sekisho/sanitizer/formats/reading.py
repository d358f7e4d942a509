"""Text of any size, a few million characters of it in memory at a time."""

import codecs
import io
import re
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO

PIECE = 1 << 20
#: a line longer than this is not held as a whole where that is not needed
LONG_LINE = 16 << 20
_ESCAPES = re.compile("[\x1b\x9b]")
# Words and numbers end here, so what is looked for in a text is not cut in two.
_ENDS_OF_WORDS = re.compile(r"[\s,;\"{}]")


def blocks(source: BinaryIO, encoding: str, errors: str = "strict") -> Iterator[str]:
    """The text of a seekable file from its beginning: whole lines that end in LF, without byte order mark.

    A line beyond ``LONG_LINE`` comes in several blocks, unless an escape sequence could be cut in two by that; see
    ``whole_lines``. Raises ``UnicodeDecodeError``.
    """
    source.seek(0)
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(encoding)(errors), translate=True)
    held: list[str] = []
    has_begun = False
    while piece := source.read(PIECE):
        text = decoder.decode(piece)
        if text and not has_begun:
            text, has_begun = text.removeprefix("\ufeff"), True
        held.append(text)
        if cut := _cut(held):
            held[-1] = text[:cut]
            yield "".join(held)
            held = [text[cut:]]
    held.append(decoder.decode(b"", final=True))
    if any(held):
        yield "".join(held)


def _cut(held: list[str]) -> int:
    """Where in the last of these pieces a block may end; 0 when it may not."""
    if line := held[-1].rfind("\n") + 1:
        return line
    if sum(map(len, held)) < LONG_LINE or any(_ESCAPES.search(text) for text in held):
        return 0
    word = next(_ENDS_OF_WORDS.finditer(held[-1][::-1]), None)
    return len(held[-1]) - word.start() if word else len(held[-1])


def whole_lines(given: Iterable[str]) -> Iterator[str]:
    """The same text in blocks that end where a line ends, however long it is."""
    held: list[str] = []
    for block in given:
        held.append(block)
        if block.endswith("\n"):
            yield "".join(held)
            held = []
    if held:
        yield "".join(held)


def each_line(given: Iterable[str], cleaned: Callable[[int, str], str]) -> Iterator[str]:
    """Each block with ``cleaned(number of its first line, block)`` in its place."""
    number = 1
    for block in given:
        yield cleaned(number, block)
        number += block.count("\n")
