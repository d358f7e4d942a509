"""One module per family of files: each holds the handlers that write a clean file of it.

A handler is ``def rebuild(job: Job) -> None``: it reads ``job.source``, writes ``job.output`` and reports through
the job; it raises ``Refused`` when it cannot. ``ROUTES`` says which handler serves which type and method.
"""

from dataclasses import dataclass
from importlib import import_module

from sekisho.sanitizer.filetypes import FileType


@dataclass(frozen=True)
class Route:
    """How a method is done for a type: ``handler`` is ``module:function``, below this package.

    ``via``: the type another program converts the file to first; its output is as untrusted as the input. ``alone``: the
    handler that reads the file itself, as far as it can, where there is no such program or it makes nothing of the file.
    """

    handler: str
    via: str = ""
    alone: str = ""

    @property
    def module(self) -> str:
        return self.full_handler.split(":")[0]

    @property
    def full_handler(self) -> str:
        """The handler with its whole module path."""
        return f"{__name__}.{self.handler}"


_OFFICE = {"word": "docx", "sheet": "xlsx", "slides": "pptx"}
ROUTES: dict[tuple[str, str], Route] = {
    ("pdf", "rebuilt"): Route("pdf_rebuilt:rebuild"),
    ("pdf", "pixel"): Route("pdf_pixel:rebuild"),
    ("word", "rebuilt"): Route("ooxml.word:rebuild"),
    ("word", "text"): Route("ooxml.plain:write_word_text"),
    ("sheet", "rebuilt"): Route("ooxml.sheet:rebuild"),
    ("sheet", "text"): Route("ooxml.plain:write_sheet_text"),
    ("slides", "rebuilt"): Route("ooxml.slides:rebuild"),
    ("slides", "text"): Route("ooxml.plain:write_slides_text"),
    **{(family, "pixel"): Route("pdf_pixel:rebuild", via="pdf") for family in (*_OFFICE, "legacy")},
    ("xlsb", "reauthored"): Route("ooxml.sheet:rebuild", via="xlsx", alone="ooxml.binary:reauthor"),
    **{
        (kind, "reauthored"): Route("ooxml.word:rebuild", via="docx")
        for kind in ("doc", "rtf", "odt", "fodt")
    },
    **{(kind, "reauthored"): Route("ooxml.sheet:rebuild", via="xlsx") for kind in ("xls", "ods", "fods")},
    **{(kind, "reauthored"): Route("ooxml.slides:rebuild", via="pptx") for kind in ("ppt", "odp", "fodp")},
    ("image", "pixel"): Route("images:rebuild"),
    ("vector", "pixel"): Route("vector:rebuild"),
    ("emf", "pixel"): Route("metafiles:rebuild"),
    ("text", "text"): Route("text:rebuild"),
    ("xml", "rebuilt"): Route("markup:rebuild_xml"),
    ("html", "rebuilt"): Route("markup:rebuild_html"),
    ("markup", "text"): Route("markup:write_text"),
    ("archive", "rebuilt"): Route("archives:rebuild"),
    ("mail", "rebuilt"): Route("mail:rebuild"),
    ("mail", "text"): Route("mail:write_text"),
}


def route_for(kind: FileType, method: str) -> Route | None:
    """The type's own route, else its family's, else None."""
    return ROUTES.get((kind.id, method)) or ROUTES.get((kind.family, method))


def preload() -> None:
    """Import every handler and let it read its lists (``prepare``), before children are forked and walls go up.

    What is met seldom (``Route.alone``) is left to the child that meets it: each page of memory here costs every child.
    """
    for name in sorted({route.module for route in ROUTES.values()}):
        prepare = getattr(import_module(name), "prepare", None)
        if prepare:
            prepare()
