"""Which encoding a text is in, among those Japanese offices send."""

import codecs
import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import BinaryIO

from sekisho.sanitizer import jis
from sekisho.sanitizer.likelihood import reads_better

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# ISO-2022-JP is 7-bit, so it must be asked before UTF-8, which accepts its bytes as ASCII.
_ESCAPES = (b"\x1b$B", b"\x1b$@", b"\x1b(J", b"\x1b(I", b"\x1b$(D")
# Bytes that text does not hold. Form feed, escape (ANSI colours) and the C1 range are judged later.
_BINARY = bytes(set(range(0x20)) - {0x07, 0x08, 0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x1A, 0x1B})
TRUNCATED_TAIL = 4
# The second one knows the signs of vendors, such as ①, that the first does not.
_UNIX = ("euc_jp", "euc_jis_2004")
_JIS = ("iso2022_jp_ext", jis.NAME)
_WINDOWS_JAPANESE = ("cp932",)
#: which encodings are tried for a name: what senders mean by it has more characters than the standard
MEANT = {
    **dict.fromkeys(("shift_jis", "shift-jis", "sjis", "x-sjis", "windows-31j", "ms_kanji", "cp932"), _WINDOWS_JAPANESE),
    **dict.fromkeys(("iso-2022-jp", "iso-2022-jp-1", "iso-2022-jp-ms", "cp50220", "cp50221", "csiso2022jp"), _JIS),
    **dict.fromkeys(("euc-jp", "euc_jp", "x-euc-jp"), _UNIX),
    "gb2312": ("gb18030",), "gbk": ("gb18030",), "ks_c_5601-1987": ("cp949",), "euc-kr": ("cp949",),
    "us-ascii": (), "ascii": (), "unknown-8bit": (), "x-unknown": (),
}  # fmt: skip
_NO_CHARSETS = re.compile("escape|idna|punycode|undefined|mbcs|oem", re.IGNORECASE)
_JUDGED = 1 << 16  # bytes of a text that tell which of two encodings it is in
_GLANCED = 1 << 12
_PIECE = 1 << 20
# What people write: Latin letters, punctuation and signs, kana, kanji, full-width forms, 外字 (the private area).
_WRITTEN = re.compile(
    "[\t\n\x0b\x0c\r\x20-\x7e\u00a0-\u017f\u0370-\u045f\u2010-\u2027\u2030-\u205e\u2070-\u27bf\u2e80-\u9fff\uac00-\ud7a3"
    "\ue000-\uffe6\U0001f000-\U0001faff\U00020000-\U0003ffff]*"
)
_COMMON = re.compile("[\t-\u00ff\u3000-\u30ff]")
_FOREIGN = re.compile("[^\x00-\x7f\ufffd]")
_HIGH = bytes(range(128, 256))
# Letters with accents, quotes, dashes and signs; not what begins kana in CP932.
_WESTERN = re.compile(rb"(?<![\x80-\xff])[\x80\x84\x85\x91-\x97\xa0-\xff]{1,2}(?![\x80-\xff])")


_Pieces = Callable[[], Iterable[bytes]]


def guess(data: bytes, *, cut: bool = False) -> str | None:
    """A codec name that decodes ``data`` without error, or None when it is not text.

    ``cut``: the data is the beginning of a file, so its last few bytes may be half a character.
    """
    return _guess(lambda: (data,), cut=cut)


def as_declared(raw: bytes, declared: str) -> str | None:
    """The text by the encoding that it names, else by the one that fits; None where none does."""
    named = declared.strip().lower()
    for encoding in (*MEANT.get(named, (named,)), guess(raw) or ""):
        if not encoding or _NO_CHARSETS.search(encoding):
            continue
        try:
            return raw.decode(encoding)
        except (LookupError, ValueError):
            continue
    return None


def guess_file(source: BinaryIO) -> str | None:
    """``guess`` for a whole seekable file of any size, of which one piece at a time is in memory."""
    return _guess(partial(_pieces, source), cut=False)


def guess_damaged(source: BinaryIO) -> str | None:
    """The codec of a text that no one reads to its end, if it is one: Western, or with a few damaged characters.

    Of what is decoded with ``errors="replace"``, one character in twenty beyond ASCII may be damaged, and one byte in a
    thousand or one in all.
    """
    pieces = partial(_pieces, source)
    size, binary, _nulls, _escapes = _counted(pieces)
    if binary > max(2, size // 200):
        return None
    if _is_western(pieces, size):
        return "cp1252"
    found = [codec for codec in ("utf-8", "cp932", "euc_jp") if _has_little_damage(pieces, codec, size)]
    head = next(iter(pieces()), b"")[:_JUDGED]
    if found == ["cp932", "euc_jp"] and reads_better(head, "euc_jp", "cp932"):
        return "euc_jp"
    return next(iter(found), None)


def _has_little_damage(pieces: _Pieces, codec: str, size: int) -> bool:
    damaged, foreign = 0, 0
    for text in _decoded(pieces, codecs.getincrementaldecoder(codec)("replace"), cut=False):
        damaged, foreign = damaged + text.count("\ufffd"), foreign + len(_FOREIGN.findall(text))
    return damaged <= (min(foreign // 20, max(1, size // 1_000)) if foreign else 1)


def _is_western(pieces: _Pieces, size: int) -> bool:
    """Whether letters with accents and signs of Windows stand among ASCII by ones and twos, and hardly anything else."""
    high = fitting = 0
    for piece in pieces():
        high += len(piece) - len(piece.translate(None, _HIGH))
        fitting += sum(map(len, _WESTERN.findall(piece)))
    return 0 < high <= size // 3 and 10 * fitting >= 9 * high


def _pieces(source: BinaryIO) -> Iterator[bytes]:
    source.seek(0)
    yield from iter(lambda: source.read(_PIECE), b"")


def _guess(pieces: _Pieces, *, cut: bool) -> str | None:
    head = next(iter(pieces()), b"")
    for bom, codec in _BOMS:
        if head.startswith(bom):
            return codec if _decodes(pieces, codec, cut=cut) else None
    size, binary, nulls, escapes = _counted(pieces)
    if binary > max(2, size // 200):  # exports with a stray NUL or two are still text; anything more is not
        return _unmarked_utf16(pieces, cut=cut) or (
            _padded(pieces, cut=cut) if binary == nulls < size else None
        )
    candidates = [*_JIS] if escapes else []
    candidates += ["utf-8", "cp932", *_UNIX]
    found = next((codec for codec in candidates if _decodes(pieces, codec, cut=cut)), None)
    if found != "cp932":
        return found
    other = next((codec for codec in _UNIX if _decodes(pieces, codec, cut=cut)), None)
    if other is None and reads_better(head[:_GLANCED], "euc_jp", "cp932"):
        return None  # damaged text of another kind, which CP932 reads as half-width signs
    return other if other and reads_better(head[:_JUDGED], other, "cp932") else found


def _counted(pieces: _Pieces) -> tuple[int, int, int, bool]:
    """How many bytes there are, how many of them text does not hold, how many of those are NUL, and whether an escape of
    ISO-2022-JP is among them.
    """
    size, binary, nulls, escapes, tail = 0, 0, 0, False, b""
    for piece in pieces():
        size += len(piece)
        binary += len(piece) - len(piece.translate(None, _BINARY))
        nulls += piece.count(0)
        escapes = escapes or any(mark in tail + piece for mark in _ESCAPES)
        tail = piece[-3:]
    return size, binary, nulls, escapes


def _padded(pieces: _Pieces, *, cut: bool) -> str | None:
    """Text whose fields or end are filled with NUL, as old systems and files that were not closed leave it; None unless
    every other character is one that people write.
    """
    for codec in ("utf-8", *_WINDOWS_JAPANESE):
        try:
            texts = _decoded(pieces, codecs.getincrementaldecoder(codec)(), cut=cut)
            if all(_WRITTEN.fullmatch(text.replace("\0", "")) for text in texts):
                return codec
        except UnicodeDecodeError:
            continue
    return None


def _unmarked_utf16(pieces: _Pieces, *, cut: bool) -> str | None:
    """UTF-16 that does not say so, as exports of databases write it; None unless nothing speaks against it.

    Every character is one that people write (what merely happens to decode is full of unassigned ones and controls), and
    a tenth at least are Latin, kana or punctuation. Where both orders fit, the one with more of these is meant: in the
    wrong one, letters and line ends turn into rare kanji.
    """
    common: dict[str, int] = {}
    for codec in ("utf-16-le", "utf-16-be"):
        decoder, length, found = codecs.getincrementaldecoder(codec)(), 0, 0
        try:
            for text in _decoded(pieces, decoder, cut=cut):
                if not _WRITTEN.fullmatch(text):
                    break
                length, found = length + len(text), found + len(_COMMON.findall(text))
            else:
                if 10 * found >= length:
                    common[codec] = found
        except UnicodeDecodeError:
            continue
    return max(common, key=lambda codec: common[codec], default=None)


def _decodes(pieces: _Pieces, codec: str, *, cut: bool) -> bool:
    try:
        for _text in _decoded(pieces, codecs.getincrementaldecoder(codec)(), cut=cut):
            pass
    except UnicodeDecodeError as error:
        return cut and error.start >= len(error.object) - TRUNCATED_TAIL
    return True


def _decoded(pieces: _Pieces, decoder: codecs.IncrementalDecoder, *, cut: bool) -> Iterator[str]:
    for piece in pieces():
        yield decoder.decode(piece)
    yield decoder.decode(b"", final=not cut)
