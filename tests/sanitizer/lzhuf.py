"""A packer for ``-lh1-``: H. Yoshizaki's LZHUF as published, with the tree as its arrays of frequency, son and parent.

It shares no code with the reader that it tries out. Copies are found among the last few places of three equal bytes.
"""

SIGNS, THRESHOLD, WINDOW, LONGEST, MOST = 314, 2, 4096, 60, 0x8000
NODES = SIGNS * 2 - 1
ROOT = NODES - 1


class Tree:
    def __init__(self) -> None:
        self.freq = [1] * SIGNS + [0] * (NODES - SIGNS) + [0xFFFF]
        self.son = [sign + NODES for sign in range(SIGNS)] + [0] * (NODES - SIGNS)
        self.prnt = [0] * (NODES + SIGNS)
        self.prnt[NODES : NODES + SIGNS] = range(SIGNS)
        low, high = 0, SIGNS
        while high <= ROOT:
            self.freq[high] = self.freq[low] + self.freq[low + 1]
            self.son[high] = low
            self.prnt[low] = self.prnt[low + 1] = high
            low, high = low + 2, high + 1

    def code(self, sign: int) -> str:
        """The bits of a sign, which is more frequent from then on."""
        bits, node = "", self.prnt[sign + NODES]
        while node != ROOT:
            bits = str(node & 1) + bits
            node = self.prnt[node]
        self.update(sign)
        return bits

    def update(self, sign: int) -> None:
        if self.freq[ROOT] == MOST:
            self.rebuild()
        c = self.prnt[sign + NODES]
        while True:
            self.freq[c] += 1
            k = self.freq[c]
            place = c + 1
            if k > self.freq[place]:
                while k > self.freq[place + 1]:
                    place += 1
                self.freq[c], self.freq[place] = self.freq[place], k
                i, j = self.son[c], self.son[place]
                self.prnt[i] = place
                if i < NODES:
                    self.prnt[i + 1] = place
                self.son[place] = i
                self.prnt[j] = c
                if j < NODES:
                    self.prnt[j + 1] = c
                self.son[c] = j
                c = place
            c = self.prnt[c]
            if c == 0:
                return

    def rebuild(self) -> None:
        j = 0
        for i in range(NODES):
            if self.son[i] >= NODES:
                self.freq[j], self.son[j] = (self.freq[i] + 1) // 2, self.son[i]
                j += 1
        for i, j in zip(range(0, NODES - 1, 2), range(SIGNS, NODES), strict=True):
            f = self.freq[i] + self.freq[i + 1]
            k = j - 1
            while f < self.freq[k]:
                k -= 1
            k += 1
            self.freq[k + 1 : j + 1], self.freq[k] = self.freq[k:j], f
            self.son[k + 1 : j + 1], self.son[k] = self.son[k:j], i
        for i in range(NODES):
            k = self.son[i]
            self.prnt[k] = i
            if k < NODES:
                self.prnt[k + 1] = i


def distance(value: int) -> str:
    """The upper six bits by their fixed code, the lower six as they are."""
    upper, code = value >> 6, 0
    for length, count in ((3, 1), (4, 3), (5, 8), (6, 12), (7, 24), (8, 16)):
        if upper < count:
            return f"{code + upper:0{length}b}{value & 63:06b}"
        upper, code = upper - count, (code + count) << 1
    raise AssertionError(value)


def packed(data: bytes) -> bytes:
    tree, bits, at = Tree(), [], 0
    places: dict[bytes, list[int]] = {}
    while at < len(data):
        start, length = _longest(data, at, places.get(data[at : at + 3], []))
        if length > THRESHOLD:
            bits += [tree.code(255 - THRESHOLD + length), distance(at - start - 1)]
        else:
            length = 1
            bits.append(tree.code(data[at]))
        for step in range(at, at + length):
            places.setdefault(data[step : step + 3], []).append(step)
        at += length
    text = "".join(bits)
    text += "0" * (-len(text) % 8)
    return int(text or "0", 2).to_bytes(len(text) // 8, "big")


def _longest(data: bytes, at: int, places: list[int]) -> tuple[int, int]:
    best = (0, 0)
    for start in places[-8:]:
        length = 0
        while length < LONGEST and at + length < len(data) and data[start + length] == data[at + length]:
            length += 1
        if at - start <= WINDOW - LONGEST and length > best[1]:
            best = (start, length)
    return best
