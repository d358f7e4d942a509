"""Cleaning and cutting text of projects in Japanese, English or any other language."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

#: phrases of budgets that say nothing about what a project does
_BUDGET_PROSE: Final = re.compile(
    r"[(<【]\s*情報通信技術調達等適正・効率化推進費\s*[)>】]|に要する経費|に必要な経費|に係る経費|等?経費\b"
    r"|令和\d+年度(?:補正|当初)?(?:予算)?|平成\d+年度(?:補正|当初)?(?:予算)?|前年度事業|新規事業"
    r"|https?://\S+"
)
_ENGLISH: Final = re.compile(r"[a-z][a-z0-9+#.'-]*[a-z0-9+#]|[a-z]")
_BRACKETS: Final = re.compile(r"\([^()]*\)|<[^<>]*>|\[[^\[\]]*\]|【[^【】]*】")
#: capitalised words in a row, small words between them
_NAMES: Final = re.compile(r"\b[A-Z][a-z]+(?:(?:[ -]|\s(?:and|for|of|the|to|in)\s)[A-Z][a-z]+)+\b")
#: abbreviations, which are looked for as they are written: IAS is a system, “has” is none
_ABBREVIATION: Final = re.compile(r"(?<![A-Za-z0-9])[A-Z][A-Z0-9]{2,9}(?![A-Za-z0-9])")
_WORDS: Final = re.compile(r"[A-Za-z0-9]+")
#: names shorter than this are common words; that another text has them says nothing
NAMEABLE: Final = 6
#: what stands behind a name without being part of it
_KINDS: Final = "programme program project initiative phase stage part release deployment version wave"
_GENERIC: Final = frozenset(_KINDS.split())
_LITTLE: Final = "and for of the to in on a an at"
_SMALL: Final = frozenset(_LITTLE.split())
_ARTICLES: Final = ("The", "A", "An", "This", "Our")
#: words of other scripts than Latin, kanji and kana
_OTHERS: Final = re.compile(r"[^\W\d_a-z\u3040-\u30ff]+")
_RUN: Final = re.compile(r"[\u3400-\u9fff\uf900-\ufaff々〆ヵヶ\u30a1-\u30fa\u30fc]+")
_JAPANESE: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_KATAKANA: Final = re.compile(r"[\u30a1-\u30fa\u30fc]{2,}")
_KANJI: Final = re.compile(r"[\u3400-\u9fff々]{2,}")
_BRITISH: Final = re.compile(r"is(ation|e|ed|ing)$")
#: endings and how many letters must be left
_ENDINGS: Final = (
    *((ending, 5) for ending in ("ation", "ating", "ated", "ate", "ment", "ion")),
    *((ending, 4) for ending in ("ing", "ed", "e")),
)
_ENGLISH_STOP: Final = (
    "a an and are as at be been by can do for from has have how in into is it its may more new not of on or our out "
    "over project projects programme program service services system systems that the their them these this those "
    "through to under up use used using was we were which who will with within would you your also all any both each "
    "other such than then there they he she his her but if no so"
)
_STOP: Final = frozenset(_ENGLISH_STOP.split())
_JAPANESE_WORDS: Final = (
    "事業 等の 平成 令和 年度 必要 実施 推進 整備 経費 目的 概要 現状 課題 対応 支援 利用 関係 係る"
)
_JAPANESE_STOP: Final = frozenset(_JAPANESE_WORDS.split())


def normalise(text: str) -> str:
    """NFKC, one kind of white space, without budget prose; at most 20,000 characters."""
    whole = unicodedata.normalize("NFKC", text[:20_000].replace("\x00", " "))
    return " ".join(_BUDGET_PROSE.sub(" ", whole).split())


def added_to_title(title: str) -> str:
    """What the brackets of a title add, without budget prose: other names, kinds, abbreviations; may be empty."""
    return " ".join(part[1:-1] for part in _BRACKETS.findall(normalise(title)))


def initials(text: str) -> set[str]:
    """What names of three to six capitalised words would be shortened to, as terms: “Chief Digital Officer” gives cdo."""
    found = set()
    for run in _NAMES.findall(normalise(text)):
        words = [word for word in re.split(r"[\s-]+", run) if word[:1].isupper() and word not in _ARTICLES]
        if 3 <= len(words) <= 6:
            found.add(_stem("".join(word[0] for word in words).lower()))
    return found


def bare_title(title: str) -> str:
    """The title without budget prose and without brackets that add to it, unless nothing else is there."""
    whole = normalise(title)
    bare = _BRACKETS.sub(" ", whole)
    return " ".join(bare.split()) or whole


def known_as(title: str, text: str = "") -> tuple[str, ...]:
    """What other texts call a project of this title, as ``nameable`` writes it: the title in any case, in English also
    without “Programme” or “Phase 2” behind it, and the abbreviation that the title gives or its words make; one of three
    letters only where the project's own text writes it. Common words are left out.
    """
    bare = bare_title(title)
    if _JAPANESE.search(bare):
        found = [bare.casefold()] if len(bare) >= NAMEABLE else []
    else:
        words = _WORDS.findall(bare)
        shorts = _made_of(words)
        while len(words) > 1 and (words[-1].lower() in _GENERIC or words[-1].isdecimal()):
            words.pop()
        # one word is looked for as it is written: Falcon is a project, a falcon is none
        whole = " ".join(words).lower() if len(words) > 1 else "".join(words)
        found = [f" {whole} "] if len(whole) >= NAMEABLE else []
        own = f" {' '.join(_WORDS.findall(text))} "
        shorts += _made_of(words)
        found += [f"|{one}|" for one in shorts if len(one) > 3 or f" {one} " in own]
    found += [f"|{short}|" for short in abbreviations(title)]
    return tuple(dict.fromkeys(found))


def _made_of(words: Sequence[str]) -> list[str]:
    """What the first letters of a name's words make, with its small words and without: DSAB and DSB."""
    every = (
        "".join(word[0] for word in words),
        "".join(word[0] for word in words if word.lower() not in _SMALL),
    )
    return [one.upper() for one in dict.fromkeys(every) if 3 <= len(one) <= 8]


def abbreviations(title: str) -> list[str]:
    """Abbreviations that a title gives of itself, in brackets or before a dash (“NRM - Natural Resource Manager”), or is."""
    whole = normalise(title)
    given = [part[1:-1].strip() for part in _BRACKETS.findall(whole)]
    head, dash, rest = whole.partition(" - ")
    if dash and any(map(str.islower, rest)):
        given.append(head)
    given.append(bare_title(title))
    return [one for one in given if _ABBREVIATION.fullmatch(one)]


def nameable(text: str) -> str:
    """A cleaned text as names are looked for in it: folded where it holds Japanese, then its words, those with capitals
    as they are written, and its abbreviations.
    """
    folded = text.casefold() if _JAPANESE.search(text) else ""
    words = _WORDS.findall(text)
    capital = " ".join(word for word in words if not word.islower())
    shorts = "|".join(dict.fromkeys(_ABBREVIATION.findall(text)))
    return f"{folded} \x1f {' '.join(words).lower()} \x1f {capital} \x1f|{shorts}|"


def terms(text: str) -> Counter[str]:
    """What a text is made of, counted: bigrams and words of Japanese, words of other languages.

    A run of kanji and katakana gives its bigrams and its whole words, an English word its stem. Other scripts give
    their words as Unicode cuts them.
    """
    lowered = normalise(text).lower()
    found: Counter[str] = Counter()
    for run in _RUN.findall(lowered):
        found.update(run[at : at + 2] for at in range(len(run) - 1) if run[at : at + 2] not in _JAPANESE_STOP)
        found.update(word for word in _KATAKANA.findall(run) if len(word) > 2)
        found.update(word for word in _KANJI.findall(run) if 2 < len(word) <= 8)
    rest = _RUN.sub(" ", lowered)
    for word in _ENGLISH.findall(rest):
        found.update(_english(word))
    found.update(word for word in _OTHERS.findall(rest) if len(word) > 1)
    return found


def _english(word: str) -> Iterator[str]:
    """The stem of a word, and those of the parts of a compound: “self-service” is found by “service” words too."""
    parts = word.split("-") if "-" in word else ()
    for one in (word, *(part for part in parts if len(part) > 2)):
        kept = _stem(one)
        if len(kept) > 1 and kept not in _STOP and one not in _STOP:
            yield kept


def _stem(word: str) -> str:
    """Plural and the commonest endings taken off, British spelling made American: licences and licensing meet.

    ``surface`` gives back what the text says.
    """
    word = _plural(word.removesuffix("'s").rstrip("'"))
    word = _BRITISH.sub(r"iz\1", word)
    for ending, least in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= least:
            word = word[: -len(ending)]
            if len(word) > 4 and word[-1] == word[-2] and word[-1] not in "lsz" and ending in ("ing", "ed"):
                word = word[:-1]
            break
    return f"{word[:-1]}s" if word.endswith("enc") else word


def _plural(word: str) -> str:
    for ending, put in (("ies", "y"), ("sses", "ss"), ("s", "")):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith(("ss", "us", "is")):
            return word[: -len(ending)] + put
    return word


def is_japanese(text: str) -> bool:
    """Whether a text is written in Japanese, or in nothing but signs and numbers: of the letters it begins with a fifth are
    kana or kanji.
    """
    begins = text[:1000]
    return 5 * len(_JAPANESE.findall(begins)) >= sum(map(str.isalpha, begins))


def surface(term: str, text: str) -> str:
    """A term as a text writes it: the first of its words that has this stem; the term itself where none has."""
    if not term.isascii():
        return term
    return next((word for word in _ENGLISH.findall(text.lower()) if term in _english(word)), term)


def chunks(text: str, size: int = 160, most: int = 1) -> list[str]:
    """The text in pieces of about ``size`` characters cut at sentence ends, at most ``most`` of them."""
    pieces, held = [], ""
    for sentence in re.split(r"(?<=[。.!?／\n])\s*", text):
        rest = sentence
        while rest:
            room = size - len(held)
            if len(rest) <= room or not held:
                held, rest = held + rest[:size], rest[size:]
            else:
                pieces.append(held)
                held = ""
            if len(pieces) >= most:
                return pieces
    return [*pieces, held][:most] if held else pieces[:most]


def is_word(term: str) -> bool:
    """Whether a term reads as a word of its own, so that it can be shown as a reason; bigrams do not."""
    return len(term) > 2 or (term.isascii() and len(term) > 2)
