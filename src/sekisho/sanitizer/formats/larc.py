"""The packings of LArc and LHarc 1 (``-lzs-``, ``-lz5-``, ``-lh1-``), which stand in LZH archives from before LHA.

Source: a ring of 2,048 or 4,096 bytes as K. Miki's LArc fills it, and LZHUF by H. Yoshizaki (LZSS with adaptive
Huffman codes, which every sign read makes shorter).
"""

from collections.abc import Callable, Iterator

_BITMAP_BITS = 8

# LArc begins with a ring of 13 of every byte, all bytes up and down, zeros and spaces, and writes at 18 before its end.
_LZ5_RING = (
    b"".join(bytes([value]) * 13 for value in range(256))
    + bytes(range(256)) + bytes(reversed(range(256))) + bytes(128) + b" " * 110 + bytes(18)
)  # fmt: skip
_LZ5_START = 18
_LZS_RING = b" " * 2048
_LZS_START = 17

# LZHUF: 256 bytes and 58 lengths of copies, from 3 to 60.
_SIGNS = 314
_NODES = 2 * _SIGNS - 1
_ROOT = _NODES - 1
_MOST = 0x8000
_RING = 4096
_LOW_BITS = 6
_UPPER_LENGTHS = (3, *[4] * 3, *[5] * 8, *[6] * 12, *[7] * 24, *[8] * 16)


class CutOff(ValueError):
    """The packed bytes end before the file does."""


def unpacked(method: str, body: bytes, size: int) -> bytes:
    """The file of ``size`` bytes. Raises ``CutOff``, and KeyError for a method that is none of ``METHODS``."""
    return METHODS[method](body, size)


def _lz5(body: bytes, size: int) -> bytes:
    ring, at, out, source = bytearray(_LZ5_RING), len(_LZ5_RING) - _LZ5_START, bytearray(), iter(body)
    try:
        while len(out) < size:
            literals = next(source)
            for bit in range(_BITMAP_BITS):
                if literals >> bit & 1:
                    copied = bytes([next(source)])
                    at = _put(ring, at, out, iter(copied))
                else:
                    low, high = next(source), next(source)
                    at = _put(ring, at, out, _from(ring, (high & 0xF0) << 4 | low, (high & 0x0F) + 3))
                if len(out) >= size:
                    break
    except StopIteration as error:
        raise CutOff from error
    return bytes(out[:size])


def _lzs(body: bytes, size: int) -> bytes:
    ring, at, out, bits = bytearray(_LZS_RING), len(_LZS_RING) - _LZS_START, bytearray(), _Bits(body)
    while len(out) < size:
        if bits.take(1):
            at = _put(ring, at, out, iter((bits.take(8),)))
        else:
            start = bits.take(11)
            at = _put(ring, at, out, _from(ring, start, bits.take(4) + 2))
    return bytes(out[:size])


def _lh1(body: bytes, size: int) -> bytes:
    ring, at, out, bits, signs = bytearray(b" " * _RING), 0, bytearray(), _Bits(body), _Adaptive()
    while len(out) < size:
        sign = signs.read(bits)
        if sign < 256:
            at = _put(ring, at, out, iter((sign,)))
        else:
            distance = _upper(bits) << _LOW_BITS | bits.take(_LOW_BITS)
            at = _put(ring, at, out, _from(ring, (at - distance - 1) % _RING, sign - 256 + 3))
    return bytes(out[:size])


def _from(ring: bytearray, start: int, length: int) -> Iterator[int]:
    """Bytes of the ring, each looked up when it is asked for: a copy may reach into what it writes."""
    return (ring[(start + step) % len(ring)] for step in range(length))


def _put(ring: bytearray, at: int, out: bytearray, values: Iterator[int]) -> int:
    for value in values:
        ring[at] = value
        out.append(value)
        at = (at + 1) % len(ring)
    return at


class _Bits:
    """Bits of bytes, the highest first. Raises ``CutOff`` past the end."""

    def __init__(self, body: bytes) -> None:
        self._source = iter(body)
        self._held = self._count = 0

    def take(self, count: int) -> int:
        while self._count < count:
            value = next(self._source, None)
            if value is None:
                raise CutOff
            self._held = (self._held << 8 | value) & 0xFFFFFF
            self._count += 8
        self._count -= count
        return self._held >> self._count & (1 << count) - 1


def _upper_codes() -> dict[tuple[int, int], int]:
    """The fixed codes of the upper six bits of a distance: (length, code) to value, in ascending order."""
    codes: dict[tuple[int, int], int] = {}
    code, before = 0, _UPPER_LENGTHS[0]
    for value, length in enumerate(_UPPER_LENGTHS):
        code <<= length - before
        codes[length, code] = value
        code, before = code + 1, length
    return codes


_UPPER = _upper_codes()


def _upper(bits: _Bits) -> int:
    code = length = 0
    while (length, code) not in _UPPER:  # the codes are complete: one of them is met within eight bits
        code = code << 1 | bits.take(1)
        length += 1
    return _UPPER[length, code]


class _Adaptive:
    """A tree of codes that follows how often each sign was read.

    Nodes are numbered in ascending frequency; children stand beside each other. A son of ``_NODES`` or more is a
    leaf: the sign above that.
    """

    def __init__(self) -> None:
        self._frequency = [1] * _SIGNS + [0] * (_NODES - _SIGNS) + [0xFFFF]
        self._son = [sign + _NODES for sign in range(_SIGNS)] + [0] * (_NODES - _SIGNS)
        self._parent = [0] * (_NODES + _SIGNS)
        for node in range(_SIGNS, _NODES):
            left = 2 * (node - _SIGNS)
            self._frequency[node] = self._frequency[left] + self._frequency[left + 1]
            self._son[node] = left
        self._connect()

    def read(self, bits: _Bits) -> int:
        node = self._son[_ROOT]
        while node < _NODES:
            node = self._son[node + bits.take(1)]
        self._count(node - _NODES)
        return node - _NODES

    def _connect(self) -> None:
        for node, son in enumerate(self._son):
            self._parent[son] = node
            if son < _NODES:
                self._parent[son + 1] = node

    def _count(self, sign: int) -> None:
        if self._frequency[_ROOT] == _MOST:
            self._halve()
        frequency, node = self._frequency, self._parent[sign + _NODES]
        while True:
            frequency[node] += 1
            other = node
            while frequency[other + 1] < frequency[node]:
                other += 1
            if other != node:
                self._swap(node, other)
                node = other
            if node == _ROOT:
                return
            node = self._parent[node]

    def _swap(self, node: int, other: int) -> None:
        self._frequency[node], self._frequency[other] = self._frequency[other], self._frequency[node]
        self._son[node], self._son[other] = self._son[other], self._son[node]
        for place in (node, other):
            son = self._son[place]
            self._parent[son] = place
            if son < _NODES:
                self._parent[son + 1] = place

    def _halve(self) -> None:
        """Half of every frequency, and the tree built anew from the leaves."""
        leaves = [
            ((self._frequency[node] + 1) // 2, son) for node, son in enumerate(self._son) if son >= _NODES
        ]
        frequency, son = [count for count, _sign in leaves], [sign for _count, sign in leaves]
        for left in range(0, 2 * (_NODES - _SIGNS), 2):
            both = frequency[left] + frequency[left + 1]
            place = len(frequency)
            while both < frequency[place - 1]:
                place -= 1
            frequency.insert(place, both)
            son.insert(place, left)
        self._frequency, self._son = [*frequency, 0xFFFF], son
        self._connect()


METHODS: dict[str, Callable[[bytes, int], bytes]] = {"-lzs-": _lzs, "-lz5-": _lz5, "-lh1-": _lh1}
