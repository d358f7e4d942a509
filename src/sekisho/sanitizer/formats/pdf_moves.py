"""Links, buttons and bookmarks that turn pages by a command of the viewer (12.6.4.11): they come to lead to the page itself.

No command comes through. Of all there are, only these four need none: where they lead can be told beforehand.
"""

from collections.abc import Iterator
from typing import Any

import pikepdf

from sekisho.sanitizer.formats import pdf_source
from sekisho.sanitizer.formats.job import Job
from sekisho.sanitizer.formats.pdf_parts.values import box, dictionary, entry, inherited, items, name

_TURNS = {"NextPage", "PrevPage", "FirstPage", "LastPage"}
_TURNING = {"Link", "Widget"}
_MAX_ANNOTATIONS = 5_000
_MAX_BOOKMARKS = 20_000
_Found = tuple[Any, int]  # what turns pages, and where to (pages from 0)


def require_places(job: Job, pdf: pikepdf.Pdf) -> None:
    """Raises ``Turning`` once, where something turns pages by a command."""
    if pdf_source.Turning.mend not in job.mends and next(_found(pdf), None):
        raise pdf_source.Turning


def put_places(pdf: pikepdf.Pdf) -> None:
    """Let what turns pages lead to them, at the zoom there is. A button becomes a link over what it shows."""
    pages = [page.obj for page in pdf.pages]
    for holder, target in list(_found(pdf)):
        holder["/Dest"] = pikepdf.Array([pages[target], pikepdf.Name.XYZ, None, _top(pages[target]), None])
        del holder["/A"]
    for page in pages:
        annotations = entry(page, "Annots")
        for button in list(items(annotations, _MAX_ANNOTATIONS)):
            if name(entry(button, "Subtype")) == "Widget" and (place := entry(button, "Dest")) is not None:
                annotations.append(
                    pikepdf.Dictionary(
                        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=button.Rect,
                        Border=pikepdf.Array([0, 0, 0]), Dest=place,
                    )
                )  # fmt: skip
                del button["/Dest"]


def _found(pdf: pikepdf.Pdf) -> Iterator[_Found]:
    count = len(pdf.pages)
    for index, page in enumerate(pdf.pages):
        for annotation in items(entry(page.obj, "Annots"), _MAX_ANNOTATIONS):
            if (turn := _turn(annotation)) and name(entry(annotation, "Subtype")) in _TURNING:
                target = {
                    "FirstPage": 0,
                    "LastPage": count - 1,
                    "NextPage": index + 1,
                    "PrevPage": index - 1,
                }[turn]
                if 0 <= target < count and box(entry(annotation, "Rect")):
                    yield annotation, target
    for bookmark in _bookmarks(pdf):
        if (turn := _turn(bookmark)) in {"FirstPage", "LastPage"}:
            yield bookmark, 0 if turn == "FirstPage" else count - 1


def _turn(holder: Any) -> str | None:
    """The command to turn pages, where it is all that happens."""
    action = entry(holder, "A")
    if name(entry(action, "S")) != "Named" or "/Next" in action:
        return None
    turn = name(entry(action, "N"))
    return turn if turn in _TURNS else None


def _bookmarks(pdf: pikepdf.Pdf) -> Iterator[Any]:
    """The bookmarks, each once."""
    waiting, met = [entry(entry(pdf.Root, "Outlines"), "First")], set[tuple[int, int]]()
    while waiting and len(met) < _MAX_BOOKMARKS:
        item = waiting.pop()
        if dictionary(item) is None or not item.is_indirect or item.objgen in met:
            continue
        met.add(item.objgen)
        yield item
        waiting += [entry(item, "Next"), entry(item, "First")]


def _top(page: Any) -> Any:
    shown = box(inherited(page, "CropBox")) or box(inherited(page, "MediaBox"))
    return shown[3] if shown else None
