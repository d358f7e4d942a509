"""Bookmarks and page labels, written anew as plain data: a title and a page, nothing that acts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sekisho.sanitizer.formats.pdf_links import plain_title
from sekisho.sanitizer.formats.pdf_writer import Name, PdfWriter, Ref

MAX_BOOKMARKS = 20_000
MAX_LEVELS = 15


@dataclass(frozen=True)
class Bookmark:
    """``page`` counts from 0; ``level`` from 0; ``top`` is where on the page, if the source says so."""

    title: str
    page: int | None
    level: int
    top: float | None = None


@dataclass
class _Node:
    ref: Ref
    bookmark: Bookmark | None
    children: list["_Node"] = field(default_factory=list)

    @property
    def descendants(self) -> int:
        return sum(1 + child.descendants for child in self.children)


def destination(page: Ref, top: float | None = None) -> list[Any]:
    """Show a page, from ``top`` where that is known (12.3.2.2)."""
    return [page, Name("Fit")] if top is None else [page, Name("XYZ"), None, top, None]


def write_bookmarks(writer: PdfWriter, bookmarks: Sequence[Bookmark], pages: Sequence[Ref]) -> Ref | None:
    """Write the outline (12.3.3) and return its reference, None when there is nothing to write."""
    if not bookmarks:
        return None
    root = _Node(writer.reserve(), None)
    path = [root]
    for bookmark in bookmarks:
        del path[min(max(bookmark.level, 0), MAX_LEVELS) + 1 :]
        node = _Node(writer.reserve(), bookmark)
        path[-1].children.append(node)
        path.append(node)
    _write_children(writer, root, pages)
    first, last = root.children[0].ref, root.children[-1].ref
    entries = {"Type": Name("Outlines"), "First": first, "Last": last, "Count": len(root.children)}
    return writer.add(entries, root.ref)


def _write_children(writer: PdfWriter, parent: _Node, pages: Sequence[Ref]) -> None:
    for at, node in enumerate(parent.children):
        assert node.bookmark is not None
        entries: dict[str, Any] = {"Title": plain_title(node.bookmark.title) or "-", "Parent": parent.ref}
        if node.bookmark.page is not None and node.bookmark.page < len(pages):
            entries["Dest"] = destination(pages[node.bookmark.page], node.bookmark.top)
        if at:
            entries["Prev"] = parent.children[at - 1].ref
        if at + 1 < len(parent.children):
            entries["Next"] = parent.children[at + 1].ref
        if node.children:
            entries |= {
                "First": node.children[0].ref,
                "Last": node.children[-1].ref,
                "Count": -len(node.children),
            }
        writer.add(entries, node.ref)
        _write_children(writer, node, pages)


def page_labels(labels: Sequence[str]) -> dict[str, Any] | None:
    """The labels as a number tree (12.4.2) with one prefix a page, None when they just count from 1."""
    plain = [plain_title(label)[:60] for label in labels]
    if all(label in {"", str(number)} for number, label in enumerate(plain, start=1)):
        return None
    numbers: list[Any] = []
    for index, label in enumerate(plain):
        numbers += [index, {"P": label}]
    return {"Nums": numbers}
