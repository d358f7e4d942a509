"""``sekisho import`` and ``sekisho export``."""

import io
import shutil
import sys
import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

import click
from django.http import QueryDict
from django.utils import timezone

from sekisho.book.fiscal import fiscal_year_of
from sekisho.book.models import Phase, Tier
from sekisho.errors import NotFound
from sekisho.intake import words
from sekisho.intake.mapping import dump
from sekisho.intake.preview import SECTIONS, Preview
from sekisho.intake.records import ImportSet, RowProblem
from sekisho.intake.services import exporting, importing
from sekisho.intake.services.sources import RESERVED, open_table, read_source
from sekisho.people.models import Organisation
from sekisho.people.roles import SYSTEM

#: lines of each section that --dry-run shows
_SHOWN = 20


def _options(command: Callable[..., Any]) -> Callable[..., Any]:
    """What every source takes."""
    command = click.option("--strict", is_flag=True, help="Everything goes in, or nothing.")(command)
    return click.option("--dry-run", is_flag=True, help="Show what would change; change nothing.")(command)


@click.group(name="import")
def import_() -> None:
    """Take projects from another source into the books."""


_FOLDER = click.Path(path_type=Path)


@import_.command()
@click.argument("folder", metavar="DIR", type=_FOLDER)
@_options
def rs(folder: Path, dry_run: bool, strict: bool) -> None:
    """Official CSV files of the RS system in DIR."""
    _import("rs", folder, dry_run=dry_run, strict=strict)


@import_.command()
@click.argument("folder", metavar="DIR", type=_FOLDER)
@click.option("--years", help="Only the sheets of these years, e.g. 2019,2020 or 2015-2018.")
@_options
def judgit(folder: Path, years: str | None, dry_run: bool, strict: bool) -> None:
    """JUDGIT! tables in DIR."""
    _import("judgit", folder, years=_years(years) if years else None, dry_run=dry_run, strict=strict)


def _years(text: str) -> set[int]:
    found: set[int] = set()
    try:
        for part in text.split(","):
            first, _dash, last = part.partition("-")
            years = range(int(first), int(last or first) + 1)
            if not 1900 <= years.start < years.stop <= 2201:
                raise ValueError(part)
            found |= set(years)
    except ValueError:
        raise click.BadParameter("write years such as 2019,2020 or 2015-2018", param_hint="--years") from None
    return found


@import_.command()
@click.argument("file", type=_FOLDER)
@click.option("--mapping", type=_FOLDER, help="YAML file that says which column is what.")
@click.option(
    "--scheme", default="", help="Name of the numbering the ids belong to; the same at every import."
)
@click.option("--suggest", is_flag=True, help="Write a first mapping from the headings and import nothing.")
@click.option(
    "-o", "--output", type=_FOLDER, help="File for the suggested mapping (default: standard output)."
)
@_options
def table(
    file: Path,
    mapping: Path | None,
    scheme: str,
    suggest: bool,
    output: Path | None,
    dry_run: bool,
    strict: bool,
) -> None:
    """Any Excel or CSV FILE, with a mapping."""
    if suggest:
        _deliver(io.BytesIO(_first_mapping(file).encode()), output)
        return
    if mapping is None:
        raise click.UsageError("name a mapping with --mapping, or write a first one with --suggest")
    if scheme.lower() in RESERVED:
        raise click.BadParameter("this name belongs to an official source", param_hint="--scheme")
    _import("table", file, mapping=mapping, scheme=scheme, dry_run=dry_run, strict=strict)


def _first_mapping(file: Path) -> str:
    """A mapping that can be used as it is. Amounts without a year are taken for this fiscal year, and that is said."""
    mapping = open_table(file)[1]
    yearless = mapping.yearless()
    if not yearless:
        return dump(mapping)
    year = fiscal_year_of(timezone.localdate())
    headings = "、".join(column.heading for _name, column in yearless)
    click.echo(
        f"No fiscal year stands at {headings}: {year} is written into the mapping. Correct it if it is another.",
        err=True,
    )
    return dump(replace(mapping, fiscal_year=year), presumes_year=True)


def _import(
    source: str,
    place: Path,
    *,
    dry_run: bool,
    strict: bool,
    mapping: Path | str = "",
    scheme: str = "",
    years: Collection[int] | None = None,
) -> None:
    with _reading() as tell:
        found = read_source(source, place, mapping=mapping, scheme=scheme, years=years, progress=tell)
    if source == "table" and found.scheme.lower() in RESERVED:
        raise click.ClickException(f"the mapping's scheme “{found.scheme}” belongs to an official source")
    if strict and found.errors:
        _report(found)
    try:
        with _bar("Comparing" if dry_run else "Importing") as tell_books:
            preview = (
                importing.plan(SYSTEM, found, progress=tell_books)
                if dry_run
                else importing.apply(SYSTEM, found, strict=strict, progress=tell_books)
            )
    except KeyboardInterrupt:
        click.echo(words.interrupted(dry_run=dry_run, strict=strict), err=True)
        raise
    if dry_run:
        click.echo("Nothing was changed. This would happen:")
        _show_lines(preview)
    click.echo("\n".join(words.summary(preview)))
    if not strict:
        _report(found)


@contextmanager
def _reading() -> Iterator[Callable[[int, str], None] | None]:
    """Rows read so far on one line of a terminal's standard error."""
    if not sys.stderr.isatty():
        yield None
        return
    yield lambda rows, file: click.echo(f"\r\x1b[KReading row {rows:,} ({file})", nl=False, err=True)
    click.echo("\r\x1b[K", nl=False, err=True)


@contextmanager
def _bar(label: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on standard error."""
    with click.progressbar(length=1, label=label, file=sys.stderr) as bar:

        def tell(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        yield tell


def _show_lines(preview: Preview) -> None:
    for section in SECTIONS:
        lines, count = preview.lines[section], preview.counts[section]
        if not lines:
            continue
        click.echo(f"{words.SECTION_TITLES[section]}:")
        for line in lines[:_SHOWN]:
            year = f" ({line.year})" if line.year else ""
            before, after = (words.value_label(line.field, value) for value in (line.before, line.after))
            change = f": {words.field_label(line.field)}: {before} → {after}" if line.field else ""
            click.echo(f"  {line.code} {line.name}{year}{change}")
        if count > _SHOWN:
            click.echo(f"  … {count:,} in all")


def _report(found: ImportSet) -> None:
    """Bad rows on standard error: file, line, column, value, what is wrong, how to mend it."""
    for problem in found.problems:
        click.echo(_problem_line(problem), err=True)
    if found.problems:
        errors = len(found.errors)
        click.echo(words.problem_summary(errors, len(found.problems) - errors), err=True)


def _problem_line(problem: RowProblem) -> str:
    kind = "warning: " if problem.warning else ""
    place = ": ".join(part for part in (f"{problem.file}:{problem.line}", problem.column) if part)
    return f"{place}: {kind}{words.message(problem)} [{problem.value}]"


@click.command()
@click.argument("fmt", metavar="xlsx|csv|json", type=click.Choice(["xlsx", "csv", "json"]))
@click.option("-o", "--output", type=_FOLDER, help="File to write (default: standard output).")
@click.option("--q", "q", default="", help="Words the books must contain.")
@click.option("--phase", multiple=True, type=click.Choice(Phase.values))
@click.option("--organisation", default="", help="Code of an organisation: its books and those below it.")
@click.option("--tier", multiple=True, type=click.Choice(Tier.values))
def export(
    fmt: str, output: Path | None, q: str, phase: tuple[str, ...], organisation: str, tier: tuple[str, ...]
) -> None:
    """Write the list of projects."""
    params = QueryDict(mutable=True)
    params["q"] = q
    params.setlist("phase", list(phase))
    params.setlist("tier", list(tier))
    if organisation:
        params["org"] = str(_organisation(organisation))
    books = exporting.books_of(SYSTEM, params.urlencode())
    with tempfile.TemporaryFile() as file:
        exporting.write_export(fmt, books, file)
        file.seek(0)
        _deliver(file, output)


def _deliver(file: IO[bytes], output: Path | None) -> None:
    try:
        with output.open("wb") if output else nullcontext(sys.stdout.buffer) as target:
            shutil.copyfileobj(file, target)
            target.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise click.ClickException(
            f"{output or 'standard output'} cannot be written: {error.strerror}"
        ) from None


def _organisation(code: str) -> int:
    found = Organisation.objects.filter(code=code).first()
    if found is None:
        raise NotFound(f"there is no organisation with the code {code}")
    return found.pk
