"""The fences of code in Markdown, written in the one form that all viewers take for such.

Viewers disagree about fences: whether one may stand in, what may follow its signs, what ends it and whether one that is
never closed is one (CommonMark 0.31, section 4.5, and programs before it). Where one sees code and another does not, a
tag in it acts. So the code that stays as it is stands between two lines at the margin, the first with a plain word at most,
the second of the same signs alone; everything else in fences is treated as text.
"""

import re
from collections.abc import Iterator

_MARKS = r"(?>(?:[-+*]|\d{1,9}[.)])[ \t]+)*+"  # of lists, before a fence on the same line
_FENCE = re.compile(rf"([ \t]*+)({_MARKS})(`{{3,}}+(?=[^`]*+$)|~{{3,}}+)(.*)")
_LANGUAGE = re.compile(r"[ \t]*+\{?+\.?+([A-Za-z0-9_+#.-]*+)")
_ITEM = re.compile(r"[ \t]*+(?:[-+*]|\d{1,9}[.)])(?:[ \t]|$)")
_FRONT_MATTER = re.compile(r"(---|\+\+\+)[\s\ufeff]*+(\w*+)[\s\ufeff]*+")
_LEAD = re.compile(r"[ \t]*+")
_AT_MARGIN = 2  # columns, from which a fence may belong to the text of a list, and end with it
_INDENTED = 4  # columns, from which a fence is one in the text of a list alone


class Fences:
    """Goes through the lines of a text: ``read`` each, then ``end``."""

    def __init__(self) -> None:
        self.changed = 0  # fences that said more than a language
        self._signs = ""  # of the fence that is open
        self._prefix = ""  # what stands before them
        self._is_inner = False  # in the text of a list, as far as one can tell: no code that stays
        self._indent = 0  # columns
        self._has_list = self._was_blank = False
        self._front_matter: str | None = None  # the line that ends it, which takes all fences in it along

    def read(self, line: str) -> Iterator[tuple[bool, str]]:
        """The line as it is to be written, perhaps after one that closes a fence; whether each is code that stays."""
        if self._front_matter is None:
            self._front_matter = ""
            if begins := _FRONT_MATTER.fullmatch(line.rstrip("\n")):
                self.changed += bool(begins[2])
                self._front_matter = begins[1]  # without the language that it would run in (---js, --- js)
                yield False, f"{begins[1]}\n"
                return
        text = line.rstrip("\n")
        ends_front_matter = bool(self._front_matter) and text.rstrip() in {self._front_matter, "..."}
        if self._signs:
            line = f"{text}\n"  # the last one may have no end, behind which nothing closes a fence
        if self._signs and not self._is_end(text):
            is_over = self._is_inner and text.strip() and _columns(_LEAD.match(text)[0]) < self._indent  # type: ignore[index]
            if not is_over and not ends_front_matter:
                stays = self._is_inner or self._is_like_an_end(text)
                yield not self._is_inner, line if stays else _dedented(line, self._indent)
                return
            yield not self._is_inner, self.end()
        elif self._signs:
            yield not self._is_inner, self.end()
            return
        if ends_front_matter:
            self._front_matter = ""
        yield from self._outside(line, text)

    def end(self) -> str:
        """What closes the fence that is open, if one is."""
        closing = f"{self._prefix}{self._signs}\n" if self._signs else ""
        self._signs = ""
        return closing

    def _outside(self, line: str, text: str) -> Iterator[tuple[bool, str]]:
        fence = _FENCE.fullmatch(text)
        if not fence:
            self._note_list(text)
            yield False, line
            return
        lead, marks, self._signs, said = fence.groups()
        self._indent = _columns(lead + marks)
        self._is_inner = bool(marks) or self._indent >= (_AT_MARGIN if self._has_list else _INDENTED)
        self._has_list = self._is_inner
        self._prefix = lead + re.sub(r"[^\t]", " ", marks) if self._is_inner else ""
        language = _LANGUAGE.match(said)[1]  # type: ignore[index]
        self.changed += said.strip() != language
        yield not self._is_inner, f"{lead + marks if self._is_inner else ''}{self._signs}{language}\n"

    def _is_end(self, text: str) -> bool:
        is_near = self._is_inner or _columns(_LEAD.match(text)[0]) < _INDENTED  # type: ignore[index]
        return is_near and self._is_like_an_end(text)

    def _is_like_an_end(self, text: str) -> bool:
        bare = text.replace("\ufeff", "").strip()
        return bare.startswith(self._signs) and not bare.strip(self._signs[0])

    def _note_list(self, text: str) -> None:
        """A list goes on until a line at the margin follows a blank one."""
        if _ITEM.match(text):
            self._has_list = True
        elif self._was_blank and text.strip() and text[0] not in " \t":
            self._has_list = False
        self._was_blank = not text.strip()


def _columns(lead: str) -> int:
    return len(lead.expandtabs(_INDENTED))


def _dedented(line: str, columns: int) -> str:
    lead = len(line) - len(line.lstrip(" "))
    return line[min(lead, columns) :]
