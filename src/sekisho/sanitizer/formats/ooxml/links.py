"""Which addresses a rebuilt document may point at: web pages and mail, nothing else."""

import re

from sekisho.sanitizer.formats.mail_links import attaches_nothing

_WEB = re.compile(
    r"https?://"
    r"(?:[\w.~%-]+@)?"  # RFC 3986, 3.2.1: a name; a password before the @ is refused
    r"(?:[\w-]+(?:\.[\w-]+)*\.?|\[[0-9a-f:.]+\])(?::\d{1,5})?"
    r"(?:[/?#][^\s\\<>\"{}|^`\x00-\x1f\x7f]*)?",
    re.IGNORECASE,
)
_MAIL = re.compile(r"mailto:[\w.+%~!&'=,;@?/:()-]*", re.IGNORECASE)
_LONGEST = 2_048
# Signs that turn the writing round or show nothing: such an address is not the one that people read.
_UNSEEN = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]")


def safe_link(address: str) -> str | None:
    """The address when it is a plain http, https or mailto one, otherwise None."""
    bare = address.strip()
    if len(bare) > _LONGEST or _UNSEEN.search(bare):
        return None
    # Japanese addresses are often written with blanks inside; those are kept only when escaped.
    fitting = _WEB.fullmatch(bare) or (_MAIL.fullmatch(bare) and attaches_nothing(bare))
    return bare if fitting else None


# Text beside links must not look like an address a program would follow by itself.
_ADDRESS = re.compile(
    r"[a-z][a-z0-9+.-]*://|\\\\[\w.?-]+[\\@]|\b(?:javascript|vbscript|ms-[a-z]+|mhtml|vnd\.[\w.]+|search-ms)\s*:|"
    r"\b[a-z]:\\",
    re.IGNORECASE,
)


def names_a_place(text: str) -> bool:
    """Whether an attribute's text holds an address or path."""
    return bool(_ADDRESS.search(text))


# Another workbook in brackets, before a sheet of its; a path, an address, or another one as LibreOffice writes it.
_OTHER_BOOK = re.compile(r"(?:^|[='#\\/])\s*\[|\][^\[\]]*!|[\\|]|//|'#|#\$|file:", re.IGNORECASE)


def leaves_the_book(place: str) -> bool:
    """Whether a place, or a piece of one, that a link or ``INDIRECT`` is told lies in another workbook.

    >>> leaves_the_book("'売上 表'!A1:B2"), leaves_the_book("表1[品名]"), leaves_the_book("[a.xlsx]S!A1")
    (False, False, True)
    """
    return bool(_OTHER_BOOK.search(place))
