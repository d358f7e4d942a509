"""Threads of comments of newer versions of Excel ([MS-XLSX] 2.1.139), written as notes that every version reads.

Beside each thread stands a note that holds its words between words about versions, and no name. It takes its
words from the thread instead: who said what, one below the other, and a tick where the thread is settled.
"""

from collections.abc import Iterator

from sekisho.sanitizer.formats.ooxml.parts import Part, Plan
from sekisho.sanitizer.formats.ooxml.xmlparts import Element, parsed, qname
from sekisho.sanitizer.results import Refused

_RELATIONS = "http://schemas.microsoft.com/office/2017/10/relationships/"
_SPACE = "{http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments}"
_MARK = "tc="  # how the author of a note is called that stands for a thread
_MOST, _LONGEST, _LONGEST_NAME = 5_000, 32_000, 200


def tell_threads(plan: Plan, part: Part, root: Element) -> None:
    """Give the notes of a sheet the words of the threads that they stand for. ``part``: the sheet's comments."""
    sheet = next(
        (
            entry
            for entry in plan.parts.values()
            if any(relation.target == part.name for relation in entry.relations)
        ),
        plan.main,
    )
    threads: dict[str, list[Element]] = {}
    for told in _roots(plan, sheet, "threadedComment"):
        for comment in list(told.iter(f"{_SPACE}threadedComment"))[:_MOST]:
            threads.setdefault(comment.get("ref", ""), []).append(comment)
    if not threads:
        return
    names = {
        person.get("id", ""): person.get("displayName", "")[:_LONGEST_NAME]
        for told in _roots(plan, plan.main, "person")
        for person in told.iter(f"{_SPACE}person")
    }
    authors = list(root.iter(qname("x:author")))
    for note in root.iter(qname("x:comment")):
        author = _author(authors, note)
        said = threads.get(note.get("ref", ""))
        if author is not None and said:
            author.text = names.get(said[0].get("personId", ""), "")
            _write(note, said, names)
            plan.job.changed("ooxml.new_comments", part=part.source)


def _roots(plan: Plan, owner: Part, kind: str) -> Iterator[Element]:
    for source in plan.source.targets(owner.source, _RELATIONS + kind).values():
        try:
            yield parsed(plan.job, plan.source.read(source))
        except Refused as refusal:
            if refusal.code != "input.broken":
                raise


def _author(authors: list[Element], note: Element) -> Element | None:
    """The author of a note that stands for a thread."""
    number = note.get("authorId", "")
    known = number.isascii() and number.isdigit() and int(number[:6]) < len(authors)
    author = authors[int(number[:6])] if known else None
    return author if author is not None and (author.text or "").startswith(_MARK) else None


def _write(note: Element, said: list[Element], names: dict[str, str]) -> None:
    for old in note.findall(qname("x:text")):
        note.remove(old)
    text = note.makeelement(qname("x:text"))
    note.insert(0, text)
    settled = " ✓" if said[0].get("done") in {"1", "true"} else ""
    left = _LONGEST
    for number, comment in enumerate(said):
        words = "".join(told.text or "" for told in comment.findall(f"{_SPACE}text"))[:left]
        left -= len(words)
        name = names.get(comment.get("personId", ""), "") + ("" if number else settled)
        _run(text, f"{name}:\n", bold=True)
        _run(text, words + ("\n" if number < len(said) - 1 else ""))


def _run(text: Element, words: str, *, bold: bool = False) -> None:
    run = text.makeelement(qname("x:r"))
    look = text.makeelement(qname("x:rPr"))
    if bold:
        look.append(text.makeelement(qname("x:b")))
    look.append(text.makeelement(qname("x:sz"), {"val": "9"}))
    said = text.makeelement(qname("x:t"), {qname("xml:space"): "preserve"})
    said.text = words
    run.extend((look, said))
    text.append(run)
