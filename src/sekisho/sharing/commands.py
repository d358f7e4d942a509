"""``sekisho similar``: neighbours of a project with reasons, and how well they answer known pairs."""

import csv
import json
import sys
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
from sekisho.sharing.services.comparing import refresh_embeddings


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
    help="CSV file of pairs of ids that are known to be related; a heading is optional.",
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
    listed: list[dict[str, Any]] = []
    for rank, match in enumerate(found, 1):
        book = books[space.documents[match.row].key]
        why = reasons(space, row, match)
        listed.append(
            {
                "rank": rank,
                "code": book.code,
                "name": book.local_name,
                "owner": book.owner.local_name,
                "score": round(match.score, 4),
                "reasons": [words.sentence(one.kind, one.values) for one in why],
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


def _read_pairs(path: Path) -> list[tuple[str, str, int]]:
    """(id, id, line) of each row; the first row is a heading when neither of its ids is one of ours."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = path.read_bytes().decode("cp932")
        except UnicodeDecodeError:
            raise click.ClickException(f"{path.name} is not text in UTF-8 or Shift_JIS") from None
    except OSError as problem:
        raise click.ClickException(f"{path}: {problem.strerror}") from None
    found = []
    try:
        for number, row in enumerate(csv.reader(text.replace("\x00", "").splitlines()), 1):
            cells = [cell.strip() for cell in row]
            if not any(cells):
                continue
            if len(cells) < 2 or not cells[0] or not cells[1]:
                said = f"{path.name}, line {number}: two ids are needed, separated by a comma"
                raise click.ClickException(said)
            found.append((cells[0], cells[1], number))
    except csv.Error as problem:
        raise click.ClickException(f"{path.name} cannot be read as CSV: {problem}") from None
    if not found:
        raise click.ClickException(f"{path.name} holds no pairs")
    return found


def _evaluate(pairs: list[tuple[str, str, int]], *, as_json: bool) -> None:
    known = _known({one for first, second, _line in pairs for one in (first, second)})
    first, second, _line = pairs[0]
    if len(pairs) > 1 and first not in known and second not in known:
        pairs = pairs[1:]
    missing = sorted({one for a, b, _line in pairs for one in (a, b)} - known.keys())
    usable = [(known[a], known[b]) for a, b, _line in pairs if a in known and b in known]
    usable = [(a, b) for a, b in usable if a != b]
    if not usable:
        named = ", ".join(missing[:5])
        raise click.ClickException(f"none of the pairs names two projects of this record (missing: {named})")
    space = portfolio()
    figures = evaluate(usable, _ranking(space))
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
    """Project keys by external id or code. An id of several sources means the book that has it as its first."""
    listed = sorted(values)
    found: dict[str, int] = {}
    for start in range(0, len(listed), 500):
        part = listed[start : start + 500]
        found |= dict(Project.objects.filter(code__in=part).order_by().values_list("code", "pk"))
        ids = ExternalId.objects.filter(value__in=part).order_by("-pk").values_list("value", "project_id")
        found |= dict(ids)
    return found
