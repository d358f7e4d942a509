"""Names that fonts take for granted: the standard strings of CFF (Adobe Technical Note 5176, appendices A and B)."""

import hashlib
import re
from importlib.resources import files

# Appendix A, SID 0 to 390, in order.
STANDARD_STRINGS = tuple((files(__package__) / "standard_strings.txt").read_text(encoding="ascii").split())
# Appendix B: the codes of SID 96 to 149 in the standard encoding; SID 1 to 95 have 32 to 126.
_UPPER = (
    *range(161, 176), *range(177, 181), *range(182, 190), 191, *range(193, 201), 202, 203, *range(205, 209), 225,
    227, *range(232, 236), 241, 245, *range(248, 252),
)  # fmt: skip
STANDARD_ENCODING: dict[int, str] = {
    **{code: STANDARD_STRINGS[code - 31] for code in range(32, 127)},
    **{code: STANDARD_STRINGS[96 + at] for at, code in enumerate(_UPPER)},
}
_PLAIN = re.compile(r"[A-Za-z0-9._]{1,63}\Z")


def plain_glyph_name(called: str) -> str:
    """A glyph's name of letters, digits, dots and underscores; anything else becomes such a name, always the same."""
    if _PLAIN.match(called):
        return called
    return "x" + hashlib.blake2b(called.encode("utf-8", "replace"), digest_size=8).hexdigest()
