"""The words of Office files alone: text of documents and slides, values of workbooks as CSV."""

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence

import python_calamine

from sekisho.sanitizer.formats.cells import neutralised
from sekisho.sanitizer.formats.job import Job
from sekisho.sanitizer.formats.ooxml.parts import Part, Plan
from sekisho.sanitizer.formats.ooxml.revisions import accept_changes
from sekisho.sanitizer.formats.ooxml.word import STORIES
from sekisho.sanitizer.formats.ooxml.xmlparts import (
    Element,
    drop,
    parsed,
    qname,
    resolve_alternates,
    vocabulary,
)
from sekisho.sanitizer.formats.personal import in_a_cell, warn_of_personal_numbers
from sekisho.sanitizer.formats.text import clean_text
from sekisho.sanitizer.names import claimed_name

_BREAKS = {"w:br": "\n", "w:cr": "\n", "w:tab": "\t", "w:noBreakHyphen": "-", "a:br": "\n"}


def write_word_text(job: Job) -> None:
    """The text of body, notes, headers and footers, one line a paragraph, cells apart by tabs."""
    vocabulary()
    plan = Plan(job, "word")
    order = ("header", "officeDocument", "footnotes", "endnotes", "footer")
    stories = [part for id in order if id in STORIES for part in plan.parts.values() if part.kind.id == id]
    _write_text(job, "\n".join("\n".join(_word_lines(job, plan, part)) for part in stories))


def write_slides_text(job: Job) -> None:
    """The text of every slide and its notes, under the number of the slide."""
    vocabulary()
    plan = Plan(job, "slides")
    lines: list[str] = []
    slides = [part for part in plan.parts.values() if part.kind.id == "slide"]
    for number, part in enumerate(slides, start=1):
        root = _tree(job, plan, part)
        lines += [f"[{number}]", *_lines(root, "a:p", "a:t"), ""]
    _write_text(job, "\n".join(lines))


def write_sheet_text(job: Job) -> None:
    """The values of a workbook: CSV for one sheet, a ZIP of CSV files for several."""
    try:
        workbook = python_calamine.load_workbook(io.BytesIO(job.data))
        tables = [(name, workbook.get_sheet_by_name(name).to_python()) for name in workbook.sheet_names]
    except (python_calamine.CalamineError, ValueError, OverflowError) as error:
        raise job.broken() from error
    files = {
        _file_name(number, name): _table(job, name, rows)
        for number, (name, rows) in enumerate(tables, start=1)
    }
    job.fidelity = {"sheets_before": len(tables), "sheets_after": len(files)}
    if len(files) == 1:
        job.output.write(next(iter(files.values())))
        job.produced = "csv"
        return
    with zipfile.ZipFile(job.output, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    job.produced = "zip"


def _file_name(number: int, sheet: str) -> str:
    return f"{number:02d}-{claimed_name(f'{sheet}.csv').safe}"


def _table(job: Job, sheet: str, rows: Sequence[Sequence[object]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for row in rows:
        shown = [clean_text(job, _shown(cell)) for cell in row]
        writer.writerow(map(neutralised, shown))
        warn_of_personal_numbers(job, "\n".join(map(in_a_cell, shown)), sheet=sheet)
    return ("\ufeff" + out.getvalue()).encode("utf-8")


def _shown(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _write_text(job: Job, text: str) -> None:
    cleaned = clean_text(job, text)
    warn_of_personal_numbers(job, cleaned)
    job.fidelity = {"characters_before": len(text), "characters_after": len(cleaned)}
    job.output.write(cleaned.encode("utf-8"))
    job.produced = "txt"


def _tree(job: Job, plan: Plan, part: Part) -> Element:
    root = parsed(job, plan.source.read(part.source))
    resolve_alternates(root)
    return root


def _word_lines(job: Job, plan: Plan, part: Part) -> Iterator[str]:
    root = _tree(job, plan, part)
    accept_changes(job, part.source, root)
    for code in list(root.iter(qname("w:instrText"))):
        drop(code)
    yield from _lines(root, "w:p", "w:t")


def _lines(root: Element, paragraph: str, text: str) -> Iterator[str]:
    breaks = {qname(name): mark for name, mark in _BREAKS.items()}
    wanted, tag = qname(text), qname(paragraph)
    for entry in root.iter(tag):
        line = ""
        for piece in entry.iter():
            holder = next((above for above in piece.iterancestors() if above.tag == tag), None)
            if piece is entry or holder is not entry:
                continue  # a text box inside has paragraphs of its own
            if piece.tag == wanted:
                line += piece.text or ""
            elif piece.tag in breaks:
                line += breaks[piece.tag]
        yield line
