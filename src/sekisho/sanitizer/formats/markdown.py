"""Markdown as text that no viewer runs or loads: no raw HTML, no pictures, links to the web and to mail addresses only.

What stands in fenced code stays as it is, since every viewer shows it as words (CommonMark 0.31, sections 4.5, 4.6,
6.3 to 6.6). A fence within a quotation or list, whose code ends where the quotation or list does, is not taken for one
here, which only escapes more: so a fence may stand one blank in, and not two as the text of a list does.
"""

import html
import re
from collections.abc import Iterator

from sekisho.sanitizer.formats.job import Job
from sekisho.sanitizer.formats.mail_links import attaches_nothing
from sekisho.sanitizer.formats.reading import whole_lines

_FENCE = re.compile(r" ?(`{3,}(?=[^`]*$)|~{3,})")
_FENCED_CODE = re.compile(r"\A( ?(?:`{3,}+|~{3,}+))[^\n{]*+\{[^\n]*+\n?")
_FENCE_END = re.compile(r" {0,3}(`{3,}|~{3,})[ \t]*")
_WEB_LINK = r"<(?:https?://|mailto:)[^\s<>]*>|<[A-Za-z0-9.+_-]+@[A-Za-z0-9.-]+>"
_TAG = re.compile(rf"({_WEB_LINK})|<(?=[A-Za-z/!?])")
_PICTURE = re.compile(r"!(?=\[)")
# Where the address of a link begins: after "](" or after "]:", perhaps on the next line of a quotation.
_ADDRESS = re.compile(r"\](\(|:)[\s>]*+(?:<[\s>]*+)?([^\s)>]{1,2048})")
_LONGEST = 2_048  # characters of an address; what goes on is none that people write
# Attributes that some viewers take from braces ({: onclick="..."}), and code that they run or write as it is (```{=html}).
_BRACES = re.compile(
    r"\{(?=[^{}\n]*?\b(?:on\w+|href|src|srcset|style|action|formaction|data|poster|xlink:href)\s*=)",
    re.IGNORECASE,
)
_SAFE = re.compile(r"(?:https?://|mailto:|#)|(?![a-z][a-z0-9+.-]*:|[/\\]{2}|[/\\]\s*[/\\])", re.IGNORECASE)


def neutralised_blocks(job: Job, text: Iterator[str]) -> Iterator[str]:
    """The text without what a viewer of Markdown would act on; reports what was changed."""
    for is_code, piece in _pieces(whole_lines(text)):
        yield piece if is_code else _harmless(job, piece)


def _pieces(blocks: Iterator[str]) -> Iterator[tuple[bool, str]]:
    """Runs of lines inside and outside fenced code; a fence that is never closed reaches to the end.

    A long run comes in several pieces, none of which ends between a link and its address.
    """
    gathered: list[str] = []
    fence = ""
    for block in blocks:
        for line in block.splitlines(keepends=True):
            match, closing = _FENCE.match(line.rstrip("\n")), _FENCE_END.fullmatch(line.rstrip("\n"))
            closes = bool(fence) and closing is not None and closing[1].startswith(fence)
            if match and not fence:
                yield False, "".join(gathered)
                gathered, fence = [_FENCED_CODE.sub(r"\1\n", line)], match.group(1)
            elif closes:
                yield True, "".join([*gathered, line])
                gathered, fence = [], ""
            else:
                gathered.append(line)
        held = "".join(gathered)
        end = len(held) if fence else _settled(held)
        yield bool(fence), held[:end]
        gathered = [held[end:]]
    yield bool(fence), "".join(gathered)


def _settled(lines: str) -> int:
    """Where the lines end whose last link has its address, if it is to have one."""
    end = len(lines)
    while True:
        bare = _bare(lines, end)
        begun = _bare(lines, bare - (lines[bare - 1 : bare] == "<"))
        if lines[max(begun - 2, 0) : begun] not in {"](", "]:"}:
            return end
        end = lines.rfind("\n", 0, bare) + 1


def _bare(lines: str, end: int) -> int:
    """The end without blanks and marks of quotation before it."""
    while end and (lines[end - 1].isspace() or lines[end - 1] == ">"):
        end -= 1
    return end


def _harmless(job: Job, text: str) -> str:
    text, pictures = _PICTURE.subn("", text)
    tags = 0

    def escaped(match: re.Match[str]) -> str:
        nonlocal tags
        link = match.group(1) or ""
        if link and not _attaches_files(html.unescape(link[1:-1])):
            return link
        tags += 1
        return "&lt;" + link[1:]

    text, braces = _BRACES.subn("&#123;", _TAG.sub(escaped, text))
    text, links = _with_safe_addresses(text)
    for code, count in (("html.active", tags + braces), ("html.external", pictures), ("html.link", links)):
        if count:
            job.changed(code, object="markdown", count=count)
    return text


def _with_safe_addresses(text: str) -> tuple[str, int]:
    """The text with # for every address that may not stay, and how many these were."""
    kept: list[str] = []
    done = links = 0
    while found := _ADDRESS.search(text, done):
        begin = found.start(2)
        kept.append(text[done:begin])
        done = begin  # an address may hold what is a link where the whole is none
        if len(found[2]) == _LONGEST or not is_safe(found[2]):
            kept.append("#")
            done = _end_of_address(text, begin, in_brackets=found[1] == "(")
            links += 1
    return "".join([*kept, text[done:]]), links


def _end_of_address(text: str, begin: int, *, in_brackets: bool) -> int:
    """An address may hold brackets in pairs, and any where it stands alone behind the name of a link."""
    depth, at = 0, begin
    while at < len(text) and not text[at].isspace() and text[at] != ">":
        depth += (text[at] == "(") - (text[at] == ")")
        if in_brackets and depth < 0:
            break
        at += 2 if text[at] == "\\" and text[at + 1 : at + 2] in {"(", ")", "\\"} else 1
    return min(at, len(text))


def is_safe(address: str) -> bool:
    """Whether an address, its entities and escapes undone, goes to the web, to mail or to a place beside the file."""
    plain = re.sub(r"[\x00-\x20\\]", "", html.unescape(address).replace("\\\\", "//"))
    return bool(_SAFE.match(plain)) and not _attaches_files(plain)


def _attaches_files(address: str) -> bool:
    return address[:7].lower() == "mailto:" and not attaches_nothing(address)
