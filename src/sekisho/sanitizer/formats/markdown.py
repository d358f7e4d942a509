"""Markdown as text that no viewer runs or loads: no raw HTML, no pictures, links to the web and to mail addresses only.

What stands in fenced code stays as it is (CommonMark 0.31, sections 6.3 to 6.6); see ``fences`` for what is such.
"""

import html
import re
from bisect import bisect
from collections.abc import Iterator

from sekisho.sanitizer.formats.fences import Fences
from sekisho.sanitizer.formats.job import Job
from sekisho.sanitizer.formats.mail_links import attaches_nothing
from sekisho.sanitizer.formats.reading import whole_lines

_WEB_LINK = r"<(?:https?://|mailto:)[^\s<>]*>|<[A-Za-z0-9.+_-]+@[A-Za-z0-9.-]+>"
_TAG = re.compile(rf"({_WEB_LINK})|<(?=[A-Za-z/!?])")
_PICTURE = re.compile(r"!++(?=\[)")
# Where the address of a link begins: after "](" or after "]:", perhaps on the next line of a quotation.
_ADDRESS = re.compile(r"\](\(|:)[\s>]*+(?:<[\s>]*+)?([^\s)>]{1,2048})")
_LONGEST = 2_048  # characters of an address; what goes on is none that people write
# Attributes that some viewers take from braces ({: onclick="..."}), over lines but not over a blank one.
_ATTRIBUTE = re.compile(
    r"\b(?:on\w+|href|src|srcset|srcdoc|style|action|formaction|data|poster|background|ping)\s*=",
    re.IGNORECASE,
)
_BRACE = re.compile(r"""\{(?=([^{}"']*+)(["']?))""")
_PARAGRAPHS = re.compile(r"(\n[ \t]*+\n)")
_SAFE = re.compile(r"(?:https?://|mailto:|#)|(?![a-z][a-z0-9+.-]*:|[/\\]{2}|[/\\]\s*[/\\])", re.IGNORECASE)


def neutralised_blocks(job: Job, text: Iterator[str]) -> Iterator[str]:
    """The text without what a viewer of Markdown would act on; reports what was changed."""
    fences = Fences()
    for is_code, goes_on, piece in _pieces(fences, whole_lines(text)):
        yield piece if is_code else _harmless(job, piece, goes_on=goes_on)
    if fences.changed:
        job.changed("text.fence", count=fences.changed)


def _pieces(fences: Fences, blocks: Iterator[str]) -> Iterator[tuple[bool, bool, str]]:
    """Runs of lines: whether they are code, and whether the paragraph goes on behind them.

    None ends between a link and its address.
    """
    gathered: list[str] = []
    is_code = False
    for block in blocks:
        for line in block.splitlines(keepends=True):
            for belongs_to_code, written in fences.read(line):
                if belongs_to_code != is_code:
                    held = "".join(gathered)
                    yield is_code, False, held if is_code else _parted(held)
                    gathered, is_code = [], belongs_to_code
                gathered.append(written)
        held = "".join(gathered)
        end = len(held) if is_code else _settled(held)
        yield is_code, True, held[:end]
        gathered = [held[end:]]
    yield is_code, False, "".join([*gathered, fences.end()])


def _parted(lines: str) -> str:
    """The lines and a blank one, so that no viewer takes what follows for the address of a link begun in them."""
    return lines if lines[-2:] in {"", "\n\n"} or _settled(lines) == len(lines) else lines + "\n"


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


def _harmless(job: Job, text: str, *, goes_on: bool) -> str:
    text, pictures = _PICTURE.subn("", text)
    tags = 0

    def escaped(match: re.Match[str]) -> str:
        nonlocal tags
        link = match.group(1) or ""
        if link and not _attaches_files(html.unescape(link[1:-1])):
            return link
        tags += 1
        return "&lt;" + link[1:]

    text, links = _with_safe_addresses(_TAG.sub(escaped, text))
    text, braces = _without_attributes(text, goes_on=goes_on)  # an address may have held the end of one
    for code, count in (("html.active", tags + braces), ("html.external", pictures), ("html.link", links)):
        if count:
            job.changed(code, object="markdown", count=count)
    return text


def _without_attributes(text: str, *, goes_on: bool) -> tuple[str, int]:
    """The text whose braces give no attributes that act, and how many were undone."""
    paragraphs = _PARAGRAPHS.split(text)
    undone = 0
    for at in range(0, len(paragraphs), 2):
        attributes = [found.start() for found in _ATTRIBUTE.finditer(paragraphs[at])]
        if goes_on and at == len(paragraphs) - 1:
            attributes.append(len(paragraphs[at]))  # one may follow
        if attributes:
            paragraphs[at], count = _undone_braces(paragraphs[at], attributes)
            undone += count
    return "".join(paragraphs), undone


def _undone_braces(paragraph: str, attributes: list[int]) -> tuple[str, int]:
    """``attributes``: where they stand. The brace behind a quote may be a part of what the quotes hold.

    From the last brace to the first: what stands before one that is undone goes on behind it.
    """
    undone: dict[int, tuple[int, bool]] = {}  # where what each holds ends, and whether at a quote
    for brace in reversed([*_BRACE.finditer(paragraph)]):
        end, is_quoted = undone.get(brace.end(1), (brace.end(1), brace[2] != ""))
        following = bisect(attributes, brace.start())
        if following < len(attributes) and (is_quoted or attributes[following] <= end):
            undone[brace.start()] = end, is_quoted
    pieces, done = [], 0
    for place in sorted(undone):
        pieces.append(paragraph[done:place])
        done = place + 1
    return "&#123;".join([*pieces, paragraph[done:]]), len(undone)


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
    told = re.sub(r"[\x00-\x20]", "", html.unescape(address))
    plain = told.replace("\\", "")
    is_of_a_server = "\\\\" in told or told.replace("\\", "/").startswith("//")
    return not is_of_a_server and bool(_SAFE.match(plain)) and not _attaches_files(plain)


def _attaches_files(address: str) -> bool:
    return address[:7].lower() == "mailto:" and not attaches_nothing(address)
