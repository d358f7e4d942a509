"""Which encoding a text is in, among those Japanese offices send."""

import codecs
import re

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# ISO-2022-JP is 7-bit, so it must be asked before UTF-8, which accepts its bytes as ASCII.
_ESCAPES = (b"\x1b$B", b"\x1b$@", b"\x1b(J", b"\x1b$(D")
# Bytes that text does not hold. Form feed, escape (ANSI colours) and the C1 range are judged later.
_BINARY = bytes(set(range(0x20)) - {0x07, 0x08, 0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x1A, 0x1B})
TRUNCATED_TAIL = 4
# What people write: Latin letters, punctuation and signs, kana, kanji, full-width forms, 外字 (the private area).
_WRITTEN = re.compile(
    "[\t\n\x0b\x0c\r\x20-\x7e\u00a0-\u017f\u0370-\u045f\u2010-\u2027\u2030-\u205e\u2070-\u27bf\u2e80-\u9fff\uac00-\ud7a3"
    "\ue000-\uffe6\U0001f000-\U0001faff\U00020000-\U0003ffff]*"
)
_COMMON = re.compile("[\t-\u00ff\u3000-\u30ff]")


def guess(data: bytes, *, cut: bool = False) -> str | None:
    """A codec name that decodes ``data`` without error, or None when it is not text.

    ``cut``: the data is the beginning of a file, so its last few bytes may be half a character.
    """
    for bom, codec in _BOMS:
        if data.startswith(bom):
            return codec if _decodes(data, codec, cut=cut) else None
    if data.translate(None, _BINARY) != data and not _few_nuls(data):
        return _unmarked_utf16(data, cut=cut)
    candidates = ["iso2022_jp_ext"] if any(mark in data for mark in _ESCAPES) else []
    candidates += ["utf-8", "cp932", "euc_jp"]
    return next((codec for codec in candidates if _decodes(data, codec, cut=cut)), None)


def _few_nuls(data: bytes) -> bool:
    """Exports with a stray NUL or two are still text; anything more is not."""
    return len(data) - len(data.translate(None, _BINARY)) <= max(2, len(data) // 200)


def _unmarked_utf16(data: bytes, *, cut: bool) -> str | None:
    """UTF-16 that does not say so, as exports of databases write it; None unless nothing speaks against it.

    Every character is one that people write (what merely happens to decode is full of unassigned ones and controls), and
    a tenth at least are Latin, kana or punctuation. Where both orders fit, the one with more of these is meant: in the
    wrong one, letters and line ends turn into rare kanji.
    """
    whole = data[: len(data) - len(data) % 2] if cut else data
    common: dict[str, int] = {}
    for codec in ("utf-16-le", "utf-16-be"):
        if _decodes(whole, codec, cut=cut):
            text = codecs.getincrementaldecoder(codec)("ignore").decode(whole)
            if _WRITTEN.fullmatch(text) and 10 * (found := len(_COMMON.findall(text))) >= len(text):
                common[codec] = found
    return max(common, key=lambda codec: common[codec], default=None)


def _decodes(data: bytes, codec: str, *, cut: bool) -> bool:
    decoder = codecs.getincrementaldecoder(codec)()
    try:
        decoder.decode(data, final=not cut)
    except UnicodeDecodeError as error:
        return cut and error.start >= len(data) - TRUNCATED_TAIL
    return True
