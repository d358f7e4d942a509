"""``sekisho similar``: neighbours of a project with reasons, and how well they answer known pairs."""

import json
import re
import sys
import unicodedata
from collections import defaultdict
from pathlib import Path
from typing import Any

import click
import numpy as np
from django.utils import translation

from sekisho.analysis.similarity.evaluation import DEPTHS, evaluate
from sekisho.analysis.similarity.reasons import reasons
from sekisho.analysis.similarity.space import Space
from sekisho.book.models import ExternalId, Project
from sekisho.sharing import words
from sekisho.sharing.documents import portfolio
from sekisho.sharing.queries.names import owners_named
from sekisho.sharing.services.comparing import refresh_embeddings
from sekisho.tables.files import is_workbook
from sekisho.tables.table import FileProblem, read_table


@click.command()
@click.argument("code", required=False)
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=10, show_default=True, help="How many to list."
)
@click.option("--lang", type=click.Choice(["ja", "en"]), help="Language of names and reasons.")
@click.option(
    "--evaluate",
    "pairs",
    metavar="PAIRS.csv",
    type=click.Path(path_type=Path),
    help="CSV or Excel file of pairs of ids that are known to be related; a heading is optional.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def similar(code: str | None, limit: int, lang: str | None, pairs: Path | None, as_json: bool) -> None:
    """Projects like CODE (its code or an id of the source it came from), the likest first, with reasons.

    With --evaluate: recall at 1, 5 and 20 and mean reciprocal rank over known pairs. A pair counts both ways: either
    project is a query, and all it is paired with are relevant to it. Recall at k is the mean share of the relevant
    ones among the first k of all other projects; reciprocal rank is one over the rank of the first.
    """
    if (code is None) == (pairs is None):
        raise click.UsageError("name a project's CODE, or a file of pairs with --evaluate")
    if lang:
        translation.activate(lang)
    wanted = _read_pairs(pairs) if pairs else []
    if not Project.objects.exists():
        raise click.ClickException("there are no projects yet; take some in with `sekisho import`")
    if pairs:
        _embed()
        _evaluate(wanted, as_json=as_json)
    elif code:
        _list(_find(code), limit, as_json=as_json)


def _embed() -> None:
    """Embed what is new, telling a terminal how far it is."""
    tell = sys.stderr.isatty()

    def progress(done: int, total: int) -> None:
        if tell:
            click.echo(f"\r\x1b[KReading project {done:,} of {total:,}", nl=False, err=True)

    refresh_embeddings(progress=progress)
    if tell:
        click.echo("\r\x1b[K", nl=False, err=True)


def _find(code: str) -> Project:
    clean = code.replace("\x00", "")
    project = Project.objects.filter(code=clean).first()
    if project is None:
        found = Project.objects.filter(external_ids__value=clean).distinct().order_by("pk")[:2]
        if len(found) > 1:
            raise click.ClickException(f"“{clean}” is the id of several projects; use a code of the registry")
        project = found[0] if found else None
    if project is None:
        raise click.ClickException(f"there is no project with the code or id “{clean}”")
    return project


def _list(project: Project, limit: int, *, as_json: bool) -> None:
    _embed()
    space = portfolio()
    row = next(at for at, document in enumerate(space.documents) if document.key == project.pk)
    found = space.neighbours(row, limit)
    books = Project.objects.select_related("owner").in_bulk(
        [space.documents[one].key for match in found for one in (match.row, *match.copies[:5])]
    )
    told = [reasons(space, row, match) for match in found]
    names = owners_named([(one.kind, one.values) for one in why] for why in told)
    listed: list[dict[str, Any]] = []
    for rank, (match, why) in enumerate(zip(found, told, strict=True), 1):
        book = books[space.documents[match.row].key]
        listed.append(
            {
                "rank": rank,
                "code": book.code,
                "name": book.local_name,
                "owner": book.owner.local_name,
                "score": round(match.score, 4),
                "reasons": [words.sentence(one.kind, one.values, names) for one in why],
                "details": [{"kind": one.kind, "values": list(one.values)} for one in why],
                "copies": len(match.copies),
            }
        )
    if as_json:
        answer = {"code": project.code, "name": project.local_name, "weights": space.weights.source}
        click.echo(json.dumps(answer | {"neighbours": listed}, ensure_ascii=False, indent=2))
        return
    if not space.said[row]:
        click.echo(f"{project.code} has no text to compare: give it a name, a purpose or a summary.")
    elif not listed:
        click.echo(f"{project.code} is the only project with text: there is nothing to compare it with.")
    for line in listed:
        same = f" (+{line['copies']} with the same text)" if line["copies"] else ""
        click.echo(f"{line['rank']:>3}  {line['score']:.2f}  {line['code']}  {line['name']}{same}")
        click.echo(f"           {' / '.join(line['reasons'])}")


#: headings of columns that hold ids
_ID = re.compile(r"(?<![a-z])(?:ids?|code)(?![a-z])|ＩＤ|コード|事業番号", re.IGNORECASE)
#: a row of the file: its line, and its cells
Line = tuple[int, tuple[str, ...]]


def _read_pairs(path: Path) -> list[Line]:
    """The rows of a CSV file or Excel workbook that say something, a heading among them."""
    try:
        data, name = path.read_bytes(), path.name
        if not data.strip():
            raise click.ClickException(f"{name} holds no pairs")
        table = read_table(data, name, heading_row=_first_row(data, name))
    except OSError as problem:
        raise click.ClickException(f"{path}: {problem.strerror}") from None
    except FileProblem as problem:
        raise click.ClickException(f"{problem} {problem.mend}".strip()) from None
    rows: list[Line] = [(table.heading_row, table.headings)]
    rows += [(row.number, tuple(row.text(at) for at in range(len(row.cells)))) for row in table.rows]
    return [(number, tuple(cell.strip() for cell in cells)) for number, cells in rows]


def _first_row(data: bytes, name: str) -> int | None:
    """The first line that says something: without a heading it is a pair, and looks must not choose a later one."""
    if is_workbook(data, name):
        return None
    lines = data.removeprefix(b"\xef\xbb\xbf").splitlines()
    return next((number for number, line in enumerate(lines, 1) if line.strip(b" ,;\t")), None)


def _evaluate(rows: list[Line], *, as_json: bool) -> None:
    known = _known({cell for _line, cells in rows for cell in cells if cell})
    pairs, missing = _pairs(rows, known)
    usable = [(known[a], known[b]) for a, b in pairs if a in known and b in known and known[a] != known[b]]
    if not usable:
        named = ", ".join(missing[:5])
        raise click.ClickException(f"none of the pairs names two projects of this record (missing: {named})")
    figures = evaluate(usable, _ranking(portfolio()))
    answer: dict[str, Any] = {f"recall_at_{k}": round(figures.recall[k], 4) for k in DEPTHS}
    answer |= {
        "mrr": round(figures.mrr, 4),
        "pairs": figures.pairs,
        "queries": figures.queries,
        "missing": len(missing),
    }
    if as_json:
        click.echo(json.dumps(answer))
        return
    for name, value in answer.items():
        click.echo(f"{name}\t{value}")
    if missing:
        shown = ", ".join(missing[:10]) + (" …" if len(missing) > 10 else "")
        click.echo(f"sekisho: ids that no project has: {shown}", err=True)


def _cell(cells: tuple[str, ...], at: int) -> str:
    return cells[at] if at < len(cells) else ""


def _columns(rows: list[Line], known: dict[str, int]) -> tuple[int, int]:
    width = max(len(cells) for _line, cells in rows)
    if width < 2:
        return 0, 1
    hits = [len({_cell(cells, at) for _line, cells in rows} & known.keys()) for at in range(width)]
    headings = rows[0][1]
    called = [at for at in range(width) if hits[at] and _ID.search(_cell(headings, at))]
    best = sorted(called if len(called) > 1 else range(width), key=lambda at: -hits[at])[:2]
    return min(best), max(best)


def _pairs(rows: list[Line], known: dict[str, int]) -> tuple[list[tuple[str, str]], list[str]]:
    """The pairs, and the ids among them that no project has.

    They stand in the two columns that their headings call ids, else in those with the most different ids of ours, so
    that names, years and numbers of rows between them do no harm. A first row without any is a heading. A row that lacks
    one of the two (a project that names no other) is passed over.
    """
    one, other = _columns(rows, known)
    wanted = [(line, _cell(cells, one), _cell(cells, other)) for line, cells in rows]
    if len(wanted) > 1 and wanted[0][1] not in known and wanted[0][2] not in known:
        wanted = wanted[1:]
    pairs = [(a, b) for _line, a, b in wanted if a and b]
    if not pairs:
        raise click.ClickException(f"line {wanted[0][0]}: two ids are needed, separated by a comma")
    return pairs, sorted({one for pair in pairs for one in pair} - known.keys())


def _ranking(space: Space) -> Any:
    """Keys of every other project, the likest first; the tail, which is not compared in full, by its first pass."""
    rows = {document.key: row for row, document in enumerate(space.documents)}

    def ranked(key: int) -> list[int]:
        row = rows[key]
        head = [match.row for match in space.neighbours(row, 500, collapse=False)]
        seen = {*head, row}
        tail = [int(at) for at in np.argsort(-space.first_scores(row), kind="stable") if int(at) not in seen]
        return [space.documents[at].key for at in (*head, *tail)]

    return ranked


def _known(values: set[str]) -> dict[str, int]:
    """Project keys by what a file writes: a code or an external id, also in full width or without its leading zeros.

    An id of several sources means the book of the source that knows most of the file.
    """
    written = {value: unicodedata.normalize("NFKC", value).strip() for value in values}
    codes = _codes({*values, *written.values()})
    found = {value: codes[one] for value, plain in written.items() for one in (plain, value) if one in codes}
    if len(found) < len(written):
        for source in sorted(_by_source(written), key=lambda known: -len(known)):
            found = source | found
    return found


def _codes(values: set[str]) -> dict[str, int]:
    listed = sorted(values)
    found: dict[str, int] = {}
    for start in range(0, len(listed), 500):
        part = listed[start : start + 500]
        found |= dict(Project.objects.filter(code__in=part).order_by().values_list("code", "pk"))
    return found


def _by_source(written: dict[str, str]) -> list[dict[str, int]]:
    """What each source knows of the values of a file, the source taken in first first: project keys by value. A number
    counts without its leading zeros where it is that of one project.
    """
    exact: dict[str, dict[str, int]] = defaultdict(dict)
    numbers: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    ids = ExternalId.objects.order_by("pk").values_list("scheme", "value", "project_id")
    for scheme, value, key in ids.iterator(chunk_size=5000):
        exact[scheme][value] = key
        if value.isdecimal():
            numbers[scheme][value.lstrip("0")].add(key)
    found = []
    for scheme, ids_of in exact.items():
        known = {}
        for value, plain in written.items():
            same = {ids_of[one] for one in (plain, value) if one in ids_of}
            same = same or (numbers[scheme].get(plain.lstrip("0"), set()) if plain.isdecimal() else set())
            if len(same) == 1:
                known[value] = same.pop()
        found.append(known)
    return found
