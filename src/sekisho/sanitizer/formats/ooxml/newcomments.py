"""Comments of newer versions of PowerPoint ([MS-PPTX] 2.17.3), written as those that every version reads (ECMA-376-1, 19.4).

Of each its words, its author, its time and where it stands stay; an answer is a comment of its own behind it.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from sekisho.sanitizer.formats.ooxml.kinds import NEW_AUTHORS, NEW_COMMENTS
from sekisho.sanitizer.formats.ooxml.package import XML_HEAD
from sekisho.sanitizer.formats.ooxml.parts import Part, Plan, Writer
from sekisho.sanitizer.formats.ooxml.xmlparts import NS, Element, local, parsed, qname
from sekisho.sanitizer.results import Refused

_SPACE = "{http://schemas.microsoft.com/office/powerpoint/2018/8/main}"
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", re.ASCII)
_PLACE = re.compile(r"-?\d{1,9}", re.ASCII)
_MOST, _LONGEST, _LONGEST_NAME = 5_000, 32_000, 200
_APART = 24  # a comment from the one before, where it is not said where it stands


@dataclass(frozen=True)
class _Comment:
    author: str
    time: str
    place: tuple[int, int]
    text: str


class NewComments:
    """The comments of one presentation. To be made before its parts are written."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.job = plan, plan.job
        self._names: dict[str, tuple[str, str]] = {}  # of authors, in full and in short, by their id
        self._made: list[tuple[Part, list[_Comment]]] = []
        if not self.job.keep.comments:
            return
        for root in self._roots(plan.main, NEW_AUTHORS):
            for author in root.iter(f"{_SPACE}author"):
                self._names[author.get("id", "")] = (author.get("name", ""), author.get("initials", ""))
        usual = any(part.kind.id == "commentAuthors" for part in plan.parts.values())
        for slide in [part for part in plan.parts.values() if part.kind.id == "slide"]:
            told = [comment for root in self._roots(slide, NEW_COMMENTS) for comment in _comments(root)]
            if told and usual:  # no program writes both kinds
                self.job.removed("ooxml.comments", part=slide.source)
            elif told:
                self._made.append((self._part("comments", slide), told[:_MOST]))
                self.job.changed("ooxml.new_comments", part=slide.source, count=len(told[:_MOST]))

    def _roots(self, owner: Part, relation: str) -> Iterator[Element]:
        for source in self.plan.source.targets(owner.source, relation).values():
            try:
                yield parsed(self.job, self.plan.source.read(source))
            except Refused as refusal:
                if refusal.code != "input.broken":
                    raise

    def _part(self, id: str, owner: Part) -> Part:
        kind = self.plan.kinds[id]
        self.plan.numbers[id] += 1
        made = Part(kind, "", kind.name.replace("{}", str(self.plan.numbers[id])))
        owner.relate(kind.relation, made.name)
        return made

    def write(self, writer: Writer) -> None:
        """Write them, and who they are of. To be called before the presentation's own part is written."""
        authors: dict[str, int] = {}
        last: dict[int, int] = {}
        for part, told in self._made:
            lines = []
            for comment in told:
                author = authors.setdefault(comment.author, len(authors))
                last[author] = last.get(author, 0) + 1
                lines.append(_written(comment, author, last[author]))
            writer.target.write(part.name, _whole("cmLst", lines))
            writer.declare(part)
        if authors:
            part = self._part("commentAuthors", self.plan.main)
            listed = [self._author(id, number, last[number]) for id, number in authors.items()]
            writer.target.write(part.name, _whole("cmAuthorLst", listed))
            writer.declare(part)

    def _author(self, id: str, number: int, last: int) -> str:
        name, initials = (html.escape(said[:_LONGEST_NAME]) for said in self._names.get(id, ("", "")))
        return f'<p:cmAuthor id="{number}" name="{name}" initials="{initials}" lastIdx="{last}" clrIdx="{number % 8}"/>'


def _comments(root: Element) -> Iterator[_Comment]:
    for number, comment in enumerate(root.iter(f"{_SPACE}cm")):
        place = _place(comment.find(f"{_SPACE}pos"), number)
        for entry in (comment, *comment.iter(f"{_SPACE}reply")):
            body = entry.find(f"{_SPACE}txBody")
            text = "" if body is None else "\n".join(map(_words, body.iter(qname("a:p"))))
            time = _TIME.match(entry.get("created", ""))
            if text.strip():
                yield _Comment(entry.get("authorId", ""), time[0] if time else "", place, text[:_LONGEST])
                place = place[0] + _APART, place[1] + _APART


def _place(said: Element | None, number: int) -> tuple[int, int]:
    told = () if said is None else (said.get("x", ""), said.get("y", ""))
    if len(told) == 2 and all(map(_PLACE.fullmatch, told)):
        return int(told[0]), int(told[1])
    return _APART * (number + 1), _APART * (number + 1)


def _words(paragraph: Element) -> str:
    return "".join(
        "\n" if local(str(entry.tag)) == "br" else entry.text or ""
        for entry in paragraph.iter(qname("a:t"), qname("a:br"))
    )


def _written(comment: _Comment, author: int, number: int) -> str:
    time = f' dt="{comment.time}.000"' if comment.time else ""
    return (
        f'<p:cm authorId="{author}"{time} idx="{number}"><p:pos x="{comment.place[0]}" y="{comment.place[1]}"/>'
        f"<p:text>{html.escape(comment.text, quote=False)}</p:text></p:cm>"
    )


def _whole(name: str, lines: list[str]) -> bytes:
    return f'{XML_HEAD}<p:{name} xmlns:p="{NS["p"]}">{"".join(lines)}</p:{name}>'.encode()
