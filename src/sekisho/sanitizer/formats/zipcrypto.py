"""Members of a ZIP under the old password scheme (ZipCrypto, APPNOTE.TXT 6.1), decrypted by compiled code.

The standard library does the same byte by byte in Python at about 1.4 MB/s. Only stored and deflated members are
read here; what is compressed otherwise is left to the standard library.
"""

import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO

try:
    # The module itself, not ``fast_zip_decryption``, which would patch ``zipfile`` for the whole process.
    from _zipdecrypter import StandardZipDecrypter
except ImportError:  # no wheel for this machine: the standard library reads these members, slowly
    StandardZipDecrypter = None

_CHUNK = 1 << 20
_LOCAL_HEADER = struct.Struct("<4s5H3I2H")
_HEADER = 12  # random bytes before the data; the last one tells a wrong password from the right one
_STREAMED_FLAG = 0x8
_STRONG_FLAG = 0x40


class WrongPassword(Exception):
    """The password does not open the member, or the member is damaged: the scheme cannot tell which."""


def can_read(info: zipfile.ZipInfo) -> bool:
    """Whether ``chunks`` serves this encrypted member."""
    stored_or_deflated = info.compress_type in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
    return StandardZipDecrypter is not None and stored_or_deflated and not info.flag_bits & _STRONG_FLAG


def chunks(source: BinaryIO, info: zipfile.ZipInfo, password: bytes) -> Iterator[bytes]:
    """The member's data in pieces of about a megabyte. Raises ``WrongPassword``, at the first piece or at the last."""
    decrypt: Callable[[bytes], bytes] = StandardZipDecrypter(password).decrypt_bytes
    left = _seek_to_data(source, info) - _HEADER
    if left < 0 or decrypt(source.read(_HEADER))[-1:] != _check_byte(info):
        raise WrongPassword
    checksum = 0
    try:
        for piece in _expanded(source, left, decrypt, info):
            checksum = zlib.crc32(piece, checksum)
            yield piece
    except zlib.error as error:
        raise WrongPassword from error
    if checksum != info.CRC:
        raise WrongPassword


def _seek_to_data(source: BinaryIO, info: zipfile.ZipInfo) -> int:
    """Go to the member's first encrypted byte; how many there are."""
    source.seek(info.header_offset)
    header = source.read(_LOCAL_HEADER.size)
    if len(header) < _LOCAL_HEADER.size or header[:4] != b"PK\x03\x04":
        raise zipfile.BadZipFile("no local header")
    fields = _LOCAL_HEADER.unpack(header)
    source.seek(fields[-2] + fields[-1], 1)  # over the name and the extra field
    return info.compress_size


def _check_byte(info: zipfile.ZipInfo) -> bytes:
    """The high byte of the checksum, or of the time where the checksum was not known yet when writing began."""
    if not info.flag_bits & _STREAMED_FLAG:
        return bytes([info.CRC >> 24])
    _year, _month, _day, hours, minutes, _seconds = info.date_time
    return bytes([hours << 3 | minutes >> 3])


def _expanded(
    source: BinaryIO, left: int, decrypt: Callable[[bytes], bytes], info: zipfile.ZipInfo
) -> Iterator[bytes]:
    inflate = zlib.decompressobj(-zlib.MAX_WBITS) if info.compress_type == zipfile.ZIP_DEFLATED else None
    while left > 0:
        packed = source.read(min(left, _CHUNK))
        if not packed:
            raise EOFError
        left -= len(packed)
        plain = decrypt(packed)
        if inflate is None:
            yield plain
            continue
        while plain:  # a small input may expand a thousandfold: never more than a chunk at once
            yield inflate.decompress(plain, _CHUNK)
            plain = inflate.unconsumed_tail
    if inflate is not None:
        yield inflate.flush()
