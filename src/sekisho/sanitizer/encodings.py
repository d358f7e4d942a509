"""Which encoding a text is in, among those Japanese offices send."""

import codecs

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


def guess(data: bytes, *, cut: bool = False) -> str | None:
    """A codec name that decodes ``data`` without error, or None when it is not text.

    ``cut``: the data is the beginning of a file, so its last few bytes may be half a character.
    """
    for bom, codec in _BOMS:
        if data.startswith(bom):
            return codec if _decodes(data, codec, cut=cut) else None
    if data.translate(None, _BINARY) != data and not _few_nuls(data):
        return None
    candidates = ["iso2022_jp_ext"] if any(mark in data for mark in _ESCAPES) else []
    candidates += ["utf-8", "cp932", "euc_jp"]
    return next((codec for codec in candidates if _decodes(data, codec, cut=cut)), None)


def _few_nuls(data: bytes) -> bool:
    """Exports with a stray NUL or two are still text; anything more is not."""
    return len(data) - len(data.translate(None, _BINARY)) <= max(2, len(data) // 200)


def _decodes(data: bytes, codec: str, *, cut: bool) -> bool:
    decoder = codecs.getincrementaldecoder(codec)()
    try:
        decoder.decode(data, final=not cut)
    except UnicodeDecodeError as error:
        return cut and error.start >= len(data) - TRUNCATED_TAIL
    return True
