"""A public scoreboard: what is left of each attack after cleaning, ours beside what others use.

Run with ``.venv/bin/python benchmarks/scoreboard.py``; ``--write`` puts the table into docs/scoreboard.md. Every attack of
``tests/sanitizer/attacks`` is built, given to each cleaner of its family, and the result searched, with all that it
packs expanded, for the marker that the attack carries. Others are measured when they are installed: pdf-defang,
pypdf, PyMuPDF (AGPL), python-docx, python-pptx, bleach, lxml_html_clean, py-svg-hush, defusedcsv. None is a dependency.
"""

import argparse
import csv
import importlib
import io
import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from datetime import date
from html.parser import HTMLParser
from importlib import metadata
from pathlib import Path
from typing import Any

import nh3
import pikepdf
import pypdfium2
import resvg_py
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.sanitizer.attacks import (
    archives,
    binaries,
    documents,
    drawings,
    holders,
    legacy,
    mails,
    markup,
    ooxml,
    pdf,
    pdf_actions,
    pdf_contents,
    pdf_files,
    pdf_holders,
    pdf_resources,
    pictures,
    rich_and_open,
    texts,
    variations,
    workbooks,
)
from tests.sanitizer.attacks.common import opened

from sekisho.sanitizer import sanitize

Cleaner = Callable[[bytes, str], bytes]
_ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Vector:
    """One attack, whatever module it comes from."""

    name: str
    build: Callable[[], bytes]
    extension: str
    is_left: Callable[[bytes], bool]
    shows: Callable[[bytes], bool]
    refused: bool = False
    password: str | None = None


@dataclass(frozen=True)
class Tool:
    """A cleaner: ``package`` names what must be installed, "" for what comes with Sekisho."""

    name: str
    package: str
    clean: Cleaner


@dataclass
class Score:
    attacks: int = 0
    left: int = 0
    without: int = 0
    lost: int = 0


# -- the attacks ------------------------------------------------------------------------------------------------------


def _holds(words: Sequence[str]) -> Callable[[bytes], bool]:
    """Whether any of the words is in a file, plain, in UTF-16 or in hexadecimal digits; a single sign only plain.

    Other forms of one sign come about by chance: U+3164 in UTF-16 is ``d1``.
    """
    wanted = [word.encode() for word in words] + [form for word in words if len(word) > 1 for form in (
        word.encode("utf-16-le"), word.encode("utf-16-be"), word.encode().hex().encode())]  # fmt: skip
    return lambda output: any(form in inside for inside in [opened(output)] for form in wanted)


def _words_of_pdf(output: bytes) -> bool:
    document = pypdfium2.PdfDocument(output)
    return any(pdf.VISIBLE in page.get_textpage().get_text_range() for page in document)


def _pdf_vectors() -> list[Vector]:
    """All but those that need a password, which other cleaners do not ask for, and pages that are drawn without end, from
    which they do not come back.
    """
    endless = pdf_contents.REFUSED | pdf_resources.REFUSED
    families = (pdf, pdf_actions, pdf_holders, pdf_files, pdf_contents, pdf_resources)
    attacks = [
        attack
        for family in families
        for attack in family.ATTACKS
        if attack.name not in endless and not attack.password
    ]
    own = [
        Vector(a.name, a.build, "pdf", _holds([pdf.MARKER]), _words_of_pdf, a.name in pdf_files.REFUSED)
        for a in attacks
    ]
    return own + _vectors(variations, "pdf")


def _office_vectors(extension: str) -> list[Vector]:
    own = [
        Vector(a.name, a.build, a.extension, _holds([ooxml.MARKER]),
               lambda output: ooxml.VISIBLE.encode() in opened(output), refused=a.refused)
        for a in ooxml.ATTACKS if a.extension == extension
    ]  # fmt: skip
    return own + [
        vector
        for module in (variations, documents, workbooks, holders)
        for vector in _vectors(module, extension)
    ]


def _vectors(module: Any, *extensions: str) -> list[Vector]:
    """What an attack says must be gone is looked for; where it says nothing, as of tables, it is judged by what it shows."""
    return [
        Vector(a.name, a.build, a.extension, _holds(a.gone) if a.gone else lambda output, a=a: not a.shows(output),
               a.shows if a.gone else lambda output: True, a.refused, a.password)
        for a in module.ATTACKS if not extensions or a.extension in extensions
    ]  # fmt: skip


def _shows_drawing(output: bytes) -> bool:
    """Whether the field is still green, in a picture or in what a drawing draws."""
    drawn = (
        output
        if output[:4] == b"\x89PNG"
        else bytes(resvg_py.svg_to_bytes(svg_string=output.decode("utf-8")))
    )
    return drawings.shows_field(drawn)


class _Page(HTMLParser):
    """Looks for what a browser would act on: active elements, handlers, and the marker where it is not just words."""

    ACTIVE = frozenset(
        [
            "script",
            "iframe",
            "frame",
            "object",
            "embed",
            "applet",
            "form",
            "base",
            "link",
            "svg",
            "math",
            "portal",
        ]
    )

    def __init__(self, words: tuple[str, ...]) -> None:
        super().__init__()
        self.words, self.acts = words, False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = any(word in (value or "") for _name, value in attrs for word in self.words)
        self.acts |= held or tag in self.ACTIVE or any(name.startswith("on") for name, _value in attrs)

    def handle_comment(self, data: str) -> None:
        self.acts |= any(word in data for word in self.words)

    def handle_data(self, data: str) -> None:
        self.acts |= self.cdata_elem is not None and any(word in data for word in self.words)


def _acts(output: bytes) -> bool:
    page = _Page((markup.MARKER, "javascript:"))
    page.feed(output.decode("utf-8", "replace"))
    page.close()
    return page.acts


# -- the cleaners -----------------------------------------------------------------------------------------------------


def _ours(data: bytes, name: str) -> bytes:
    password = "secret" if "locked" in name else None
    result = sanitize(data, "inbound", name=f"attack.{name.rpartition('.')[2]}", password=password)
    if result.output is None:
        raise ValueError(result.report.refusal)
    return result.output


def _pikepdf_recipe(data: bytes, name: str) -> bytes:
    """What is usually written by hand: the well-known keys of the catalogue, the pages and the annotations."""
    with pikepdf.open(io.BytesIO(data)) as document:
        for key in ("/OpenAction", "/AA", "/AcroForm"):
            if key in document.Root:
                del document.Root[key]
        names = document.Root.get("/Names")
        for key in ("/JavaScript", "/EmbeddedFiles"):
            if names is not None and key in names:
                del names[key]
        for page in document.pages:
            if "/AA" in page.obj:
                del page.obj["/AA"]
            for annotation in page.obj.get("/Annots", []):
                for key in ("/A", "/AA"):
                    if key in annotation:
                        del annotation[key]
        document.remove_unreferenced_resources()
        out = io.BytesIO()
        document.save(out)
        return out.getvalue()


def _pikepdf_saved(data: bytes, name: str) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as document:
        document.save(out)
    return out.getvalue()


def _pdf_defang(level: str) -> Cleaner:
    return lambda data, name: importlib.import_module("pdf_defang").sanitize_bytes(data, level=level)


def _pypdf(data: bytes, name: str) -> bytes:
    library, out = importlib.import_module("pypdf"), io.BytesIO()
    writer = library.PdfWriter()
    for page in library.PdfReader(io.BytesIO(data)).pages:
        writer.add_page(page)
    writer.remove_links()
    writer.write(out)
    return out.getvalue()


def _pymupdf(data: bytes, name: str) -> bytes:
    document = importlib.import_module("pymupdf").open(stream=data, filetype="pdf")
    document.scrub()
    return bytes(document.tobytes(garbage=4, deflate=True))


def _saved_again(module: str, attribute: str) -> Cleaner:
    def clean(data: bytes, name: str) -> bytes:
        out = io.BytesIO()
        getattr(importlib.import_module(module), attribute)(io.BytesIO(data)).save(out)
        return out.getvalue()

    return clean


def _pillow(data: bytes, name: str) -> bytes:
    out = io.BytesIO()
    with Image.open(io.BytesIO(data)) as picture:
        picture.save(out, picture.format)
    return out.getvalue()


def _bleach(data: bytes, name: str) -> bytes:
    tags = {"p", "a", "img", "table", "tr", "td", "b", "i", "div"}
    attributes = {"a": ["href"], "img": ["src"]}
    return (
        importlib.import_module("bleach")
        .clean(data.decode("utf-8", "replace"), tags=tags, attributes=attributes)
        .encode()
    )


def _html_clean(data: bytes, name: str) -> bytes:
    cleaner = importlib.import_module("lxml_html_clean").Cleaner()
    return cleaner.clean_html(data.decode("utf-8", "replace")).encode()


def _svg_hush(data: bytes, name: str) -> bytes:
    return importlib.import_module("py_svg_hush").filter_svg(data, {})


def _defused_csv(data: bytes, name: str) -> bytes:
    defused, out = importlib.import_module("defusedcsv.csv"), io.StringIO(newline="")
    delimiter = "\t" if name.endswith("tsv") else ","
    rows = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=delimiter)
    defused.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue().encode()


OURS = Tool("Sekisho (`inbound`)", "", _ours)
FAMILIES: tuple[tuple[str, Callable[[], list[Vector]], tuple[Tool, ...]], ...] = (
    ("PDF", _pdf_vectors, (
        OURS, Tool("pikepdf, opened and saved", "", _pikepdf_saved), Tool("pikepdf, a usual recipe", "", _pikepdf_recipe),
        Tool("pdf-defang, strict", "pdf-defang", _pdf_defang("strict")),
        Tool("pdf-defang, balanced", "pdf-defang", _pdf_defang("balanced")),
        Tool("pypdf, pages copied, links removed", "pypdf", _pypdf), Tool("PyMuPDF, scrub()", "pymupdf", _pymupdf))),
    ("Word", lambda: _office_vectors("docx"), (
        OURS, Tool("python-docx, opened and saved", "python-docx", _saved_again("docx", "Document")))),
    ("Excel", lambda: _office_vectors("xlsx"), (
        OURS, Tool("openpyxl, opened and saved", "openpyxl", _saved_again("openpyxl", "load_workbook")))),
    ("PowerPoint", lambda: _office_vectors("pptx"), (
        OURS, Tool("python-pptx, opened and saved", "python-pptx", _saved_again("pptx", "Presentation")))),
    ("Old and open formats", lambda: [*_vectors(legacy), *_vectors(rich_and_open), *_vectors(binaries)], (OURS,)),
    ("Pictures", lambda: _vectors(pictures) + _vectors(variations, "png", "jpg"), (OURS, Tool("Pillow, opened and saved", "", _pillow))),
    ("SVG", lambda: [replace(vector, shows=_shows_drawing) for vector in _vectors(drawings)], (OURS, Tool("py-svg-hush", "py-svg-hush", _svg_hush))),
    ("Web pages", lambda: [replace(vector, is_left=_acts) for vector in _vectors(markup, "html")], (
        OURS, Tool("nh3, its defaults", "", lambda data, name: nh3.clean(data.decode("utf-8", "replace")).encode()),
        Tool("bleach", "bleach", _bleach), Tool("lxml_html_clean, its defaults", "lxml_html_clean", _html_clean))),
    ("XML", lambda: _vectors(markup, "xml"), (OURS,)),
    ("Text, Markdown, JSON", lambda: _vectors(texts, "txt", "md", "json"), (OURS,)),
    ("CSV", lambda: _vectors(texts, "csv", "tsv"), (OURS, Tool("defusedcsv", "defusedcsv", _defused_csv))),
    ("Archives", lambda: _vectors(archives) + _vectors(variations, "zip", "tar"), (OURS,)),
    ("Mail", lambda: _vectors(mails) + _vectors(variations, "eml"), (OURS,)),
)  # fmt: skip


# -- the score --------------------------------------------------------------------------------------------------------


def score(vectors: list[Vector], tool: Tool) -> Score:
    found = Score(attacks=len(vectors))
    for vector in vectors:
        output = _cleaned(tool, vector)
        if output is None:
            # Without an output nothing is left; it is a loss only where something clean could be made.
            found.without += 1
            found.lost += not vector.refused
        elif vector.is_left(output):
            found.left += 1
        elif not vector.refused and not _shows(vector, output):
            found.lost += 1
    return found


def _cleaned(tool: Tool, vector: Vector) -> bytes | None:
    try:
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            return tool.clean(vector.build(), f"{vector.name}.{vector.extension}")
    except Exception:  # noqa: BLE001 - a cleaner that fails gives nothing out, and that is its score
        return None


def _shows(vector: Vector, output: bytes) -> bool:
    try:
        return vector.shows(output)
    except Exception:  # noqa: BLE001 - a result that does not open shows nothing
        return False


def _version(tool: Tool) -> str | None:
    """The version installed, "" for what comes with Sekisho, None when it is not installed."""
    try:
        return metadata.version(tool.package) if tool.package else ""
    except metadata.PackageNotFoundError:
        return None


def table() -> str:
    lines = [
        "| files | cleaner | attacks | something left | no output | what people see lost |",
        "|---|---|---:|---:|---:|---:|",
    ]
    for family, vectors_of, tools in FAMILIES:
        vectors = vectors_of()
        for tool in tools:
            version = _version(tool)
            if version is None:
                print(f"{tool.package} is not installed: not measured", file=sys.stderr)
                lines.append(f"| {family} | {tool.name} | {len(vectors)} | not installed, not measured | | |")
                continue
            found = score(vectors, tool)
            name = f"{tool.name} {version}".strip()
            lines.append(
                f"| {family} | {name} | {found.attacks} | {found.left} | {found.without} | {found.lost} |"
            )
            print(lines[-1], file=sys.stderr, flush=True)
    return "\n".join(lines)


PAGE = """# Scoreboard

What is left of our attack corpus after cleaning. Made on {day} by `benchmarks/scoreboard.py --write`, which builds the attacks of `tests/sanitizer/attacks` and gives each to every cleaner of its family. Left out are PDF files with a password, and pages that are drawn without end, from which other cleaners do not come back.

- **something left**: the marker that the attack carries is still in the output, with everything that the output packs expanded (plain, UTF-16 and hexadecimal). For CSV: a cell still begins as a formula under a delimiter that
  spreadsheets guess, in plain, wide or small forms. For web pages: an active element, a handler, or the marker in an attribute, a comment, a script or a style; words count for nothing. A marker may sit in a comment or in metadata; not everything that is left can run.
- **no output**: the cleaner refused or failed. Some attacks leave nothing clean to make (bombs, entities, polyglots), and refusing them is right.
- **what people see lost**: no output although a clean one can be made, or the visible words or picture are gone from it.

The others have other aims: several of them never promised to clean anything, and stand here because they are what people use when there is nothing else. The corpus is ours, so it shows where others differ from our
promise, not who is best at theirs. All files are inert; each marker is a word or points at loopback.

{table}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the table into docs/scoreboard.md")
    options = parser.parse_args()
    made = table()
    print(made)
    if options.write:
        page = PAGE.format(day=date.today().isoformat(), table=made)  # noqa: DTZ011
        (_ROOT / "docs" / "scoreboard.md").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
