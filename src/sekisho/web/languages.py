"""Passages in another language than their page, marked so that screen readers pronounce them (WCAG 3.1.2). Pure.

Only what is certain is marked: Japanese by its letters, English on a Japanese page from three words on, because names and
terms of one or two words are at home in Japanese.
"""

import re

_JAPANESE = "\u3005-\u3007\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9d"
_LETTER = re.compile(f"[{_JAPANESE}]")
_WORD = re.compile(r"[A-Za-z][A-Za-z'’]+")
_ENTITY = re.compile(r"&#?\w+;")
#: from one Japanese letter to the last before a word of another script
_RUN = re.compile(f"[{_JAPANESE}](?:[^A-Za-z&]*[{_JAPANESE}])?[。、」』）]*")
#: a tag, the text behind it, and the tag that ends the text
_TEXT = {
    "en": re.compile(rf"(<[^<>]*>)([^<>]*[{_JAPANESE}][^<>]*)(?=(<[^<>]*>))"),
    "ja": re.compile(rf"(<[^<>]*>)([^<>{_JAPANESE}]*[A-Za-z][^<>{_JAPANESE}]*)(?=(<[^<>]*>))"),
}
#: elements that hold no speech, and those in which nothing can be marked but the whole
_SILENT = frozenset({"script", "style", "code", "kbd", "samp"})
_PLAIN = frozenset({"title", "option", "textarea", "text"})
#: words of a foreign passage on a Japanese page; Japanese letters for one English word of a passage that counts as Japanese
_FEWEST_WORDS, _LETTERS_A_WORD = 3, 6


def mark_passages(html: str, language: str) -> str:
    """A page of ``ja`` or ``en``, its passages in the other language marked with ``lang``."""
    return _TEXT[language].sub(_japanese if language == "en" else _english, html)


def _japanese(found: re.Match[str]) -> str:
    opening, text, closing = found.groups()
    name = _element(opening)
    if "lang=" in opening or name in _SILENT:
        return found[0]
    sole = closing == f"</{name}>"
    if sole and _is_japanese(text):
        return f'{opening[:-1]} lang="ja">{text}'
    if name in _PLAIN:
        return found[0]
    return opening + _RUN.sub(r'<span lang="ja">\g<0></span>', text)


def _is_japanese(text: str) -> bool:
    """Whether a passage is Japanese with at most a foreign name in it."""
    return len(_LETTER.findall(text)) >= _LETTERS_A_WORD * len(_WORD.findall(_ENTITY.sub(" ", text)))


def _english(found: re.Match[str]) -> str:
    opening, text, closing = found.groups()
    name = _element(opening)
    if "lang=" in opening or name in _SILENT or len(_WORD.findall(_ENTITY.sub(" ", text))) < _FEWEST_WORDS:
        return found[0]
    if closing == f"</{name}>":
        return f'{opening[:-1]} lang="en">{text}'
    return found[0] if name in _PLAIN else f'{opening}<span lang="en">{text}</span>'


def _element(tag: str) -> str:
    """The name of an element that a tag opens; "" of any other tag."""
    return "" if tag[1] in "/!?" or tag.endswith("/>") else re.split(r"[\s>]", tag[1:], maxsplit=1)[0].lower()
