"""What an S/MIME envelope holds (RFC 5652): a signed content can be taken out without a key, an encrypted one cannot.

Of the signature nothing is checked: it is lost in rebuilding anyway, and said so.
"""

from collections.abc import Iterator
from dataclasses import dataclass

_OID, _OCTETS, _SEQUENCE, _EXPLICIT = 0x06, 0x04, 0x30, 0xA0
_CONSTRUCTED, _INDEFINITE = 0x20, 0x80
_PKCS7 = bytes.fromhex("2a864886f70d0107")
_SMIME = bytes.fromhex("2a864886f70d01091001")
_SIGNED, _ENVELOPED, _ENCRYPTED = _PKCS7 + b"\x02", _PKCS7 + b"\x03", _PKCS7 + b"\x06"
_COMPRESSED, _AUTHENTICATED = _SMIME + b"\x09", _SMIME + b"\x17"
_MAX_DEPTH = 30


class CmsError(ValueError):
    """The envelope breaks its format."""


@dataclass(frozen=True)
class Envelope:
    """``kind``: ``signed``, ``encrypted``, ``compressed`` or ``unknown``. ``content``: what was signed, None where nothing came with it;
    or what was compressed, as it is packed."""

    kind: str
    content: bytes | None = None


def opened(data: bytes) -> Envelope:
    """Look into an envelope in DER or BER. Raises ``CmsError``."""
    outer = list(_values(_one(data, _SEQUENCE), 2))
    if len(outer) < 2 or outer[0][0] != _OID or outer[1][0] != _EXPLICIT:
        raise CmsError("no content")
    kind = outer[0][1]
    if kind == _SIGNED:
        return Envelope("signed", _content(outer[1][1]))
    if kind in {_ENVELOPED, _ENCRYPTED, _AUTHENTICATED}:
        return Envelope("encrypted")
    if kind == _COMPRESSED:  # RFC 3274; of methods there is one, zlib's
        return Envelope("compressed", _content(outer[1][1]))
    return Envelope("unknown")


def _content(body: bytes) -> bytes | None:
    """The content: of what is signed and compressed alike, version, algorithms, then the content with its type."""
    parts = list(_values(_one(body, _SEQUENCE), 3))
    if len(parts) < 3 or parts[2][0] != _SEQUENCE:
        raise CmsError("no signed content")
    held = [value for tag, value in _values(parts[2][1], 2) if tag == _EXPLICIT]
    return _octets(held[0]) if held else None


def _octets(body: bytes, depth: int = 0) -> bytes:
    """A string of octets, which may come in pieces."""
    if depth > _MAX_DEPTH:
        raise CmsError("nested too deep")
    pieces = []
    for tag, value in _values(body):
        if tag == _OCTETS:
            pieces.append(value)
        elif tag == _OCTETS | _CONSTRUCTED:
            pieces.append(_octets(value, depth + 1))
        else:
            raise CmsError("no octets")
    return b"".join(pieces)


def _one(data: bytes, wanted: int) -> bytes:
    tag, value = next(_values(data, 1), (0, b""))
    if tag != wanted:
        raise CmsError("another structure")
    return value


def _values(data: bytes, most: int = 1_000_000) -> Iterator[tuple[int, bytes]]:
    """The values one after another, as tag and content; at most ``most``."""
    at = 0
    while at < len(data) and most and data[at : at + 2] != b"\0\0":
        tag, begin, size = _head(data, at)
        end = begin + size if size >= 0 else _end_of_indefinite(data, begin)
        if end > len(data):
            raise CmsError("cut off")
        yield tag, data[begin:end]
        at = end if size >= 0 else end + 2
        most -= 1


def _head(data: bytes, at: int) -> tuple[int, int, int]:
    """Tag, where the content begins, and its length; -1 where that is told by an end mark."""
    if at + 2 > len(data) or data[at] & 0x1F == 0x1F:  # long tags occur in none of these structures
        raise CmsError("cut off")
    tag, length = data[at], data[at + 1]
    if length < _INDEFINITE:
        return tag, at + 2, length
    if length == _INDEFINITE:
        if not tag & _CONSTRUCTED:
            raise CmsError("no length")
        return tag, at + 2, -1
    count = length & 0x7F
    if count > 5 or at + 2 + count > len(data):
        raise CmsError("length")
    return tag, at + 2 + count, int.from_bytes(data[at + 2 : at + 2 + count], "big")


def _end_of_indefinite(data: bytes, at: int) -> int:
    """Where the end mark of a value begins whose content begins here."""
    depth = 1
    while at < len(data):
        if data[at : at + 2] == b"\0\0":
            depth -= 1
            if not depth:
                return at
            at += 2
            continue
        _tag, begin, size = _head(data, at)
        depth += size < 0
        at = begin + max(size, 0)
    raise CmsError("no end")
