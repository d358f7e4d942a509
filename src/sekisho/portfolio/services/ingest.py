"""Months in use and incidents from a file: first what it would change, then the change itself, row by row."""

import datetime as dt
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from sekisho.book.models import Project
from sekisho.errors import Invalid, NotPermitted, SekishoError
from sekisho.intake.records import RowProblem
from sekisho.intake.services import uploads
from sekisho.intake.words import refusal
from sekisho.jobs import services as jobs
from sekisho.jobs.models import Job
from sekisho.people.permissions import actor_of, require
from sekisho.people.roles import Actor
from sekisho.portfolio.models import Incident, OperationMonth
from sekisho.portfolio.operationfiles import OperationFile, Reading, read_operation_file
from sekisho.portfolio.queries.reports.common import label
from sekisho.portfolio.services.operations import report_incident, report_month
from sekisho.values import Problem, ValueProblem, gettext_noop, shown

KIND = "portfolio.operations"
NEW, CORRECTED, SAME = "new", "corrected", "same"
#: seconds that a preview may be confirmed
CONFIRM_WITHIN = 24 * 3600

Progress = Callable[[int, int], Any]


@dataclass(frozen=True)
class Line:
    """One row and what it would do. ``before`` holds what stands there now, for what it corrects."""

    reading: Reading
    project: Project
    state: str
    before: Mapping[str, Any]

    @property
    def what(self) -> str:
        """The month, or the number of the incident."""
        month = self.reading.values.get("month")
        name = f"{month:%Y-%m}" if month else str(self.reading.values["key"])
        return f"{name} {self.reading.values['system']}".strip()

    @property
    def changes(self) -> list[tuple[str, Any, Any]]:
        """(field, before, after) of what differs."""
        model = OperationMonth if "month" in self.reading.values else Incident
        after = _stored(self.reading.values)
        return [
            (
                label(model, name),
                _shown(name, self.before.get(name)),
                _shown(name, after[name]),
            )
            for name in model.PARTS
            if after.get(name) is not None and self.before.get(name) != after[name]
        ]


@dataclass(frozen=True)
class Plan:
    """What a file would change, and the rows that cannot be taken."""

    kind: str
    lines: list[Line]
    problems: list[RowProblem]

    def count(self, state: str) -> int:
        """How many rows would do this."""
        return sum(line.state == state for line in self.lines)


def plan(user: Any, source: Path | bytes, name: str = "") -> Plan:
    """What a file would change for this person; changes nothing.

    Raises:
        Refused: the file cannot be read at all.
    """
    with _refusing():
        file = read_operation_file(source, name)
    return _planned(actor_of(user), file)


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except Problem as problem:
        raise refusal(problem) from problem


def _planned(actor: Actor, file: OperationFile) -> Plan:
    codes = {row.code for row in file.rows}
    seen = Project.objects.visible_to(actor).filter(code__in=codes).select_related("owner")
    books = {book.code: book for book in seen}
    stands = _standing(file.kind, books.values())
    listed = _listed(books.values()) if file.kind == "months" else {}
    lines = []
    for row in file.rows:
        book = books.get(row.code)
        if book is None:
            row.view.note("project", ValueProblem(_NO_BOOK, {"code": row.code}, _NO_BOOK_MEND))
        elif not actor.may("edit", path=book.owner.path, project_id=book.pk):
            row.view.note("project", ValueProblem(_NOT_YOURS, {"code": row.code}, _NOT_YOURS_MEND))
        elif refused := _refused(row.values, listed.get(_about(book.pk, row.values), 0)):
            row.view.note(*refused)
        else:
            before = stands.get(_about(book.pk, row.values), {})
            filled = replace(row, values=_filled(row.values, before))
            after = _stored(filled.values)
            same = before and all(before[n] == v for n, v in after.items() if n in before and v is not None)
            lines.append(Line(filled, book, SAME if same else CORRECTED if before else NEW, before))
    problems = sorted(file.problems.found, key=lambda problem: problem.line)
    return Plan(file.kind, lines, problems)


def _refused(values: Mapping[str, Any], listed: int) -> tuple[str, ValueProblem] | None:
    """Where and why the service would refuse a row, so that the preview says it before anything is taken."""
    today = timezone.localdate()
    place = "month" if "month" in values else "began_on"
    if values[place] > today:
        return place, ValueProblem(_AHEAD, {"value": shown(values[place])}, _AHEAD_MEND)
    said = values.get("incidents")
    if said is not None and said < listed:
        return "incidents", ValueProblem(_FEWER, {"n": str(listed)}, _FEWER_MEND)
    return None


def _filled(values: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """What a row says, and of what it leaves empty what stands there already."""
    stood = {name: before.get(name) for name, value in values.items() if value in (None, "")}
    if (share := stood.get("availability")) is not None:
        stood["availability"] = Decimal(share) / 100
    filled = {**values, **{name: value for name, value in stood.items() if value is not None}}
    needed = "requests" if "month" in values else "minutes_down"
    return {**filled, needed: filled[needed] or 0}


_AHEAD = gettext_noop("“%(value)s” lies ahead.")
_AHEAD_MEND = gettext_noop("Report what has happened.")
_FEWER = gettext_noop("Incidents listed for this month: %(n)s.")
_FEWER_MEND = gettext_noop("Say at least so many, or correct the list.")
_NO_BOOK = gettext_noop("There is no book “%(code)s”, or you may not see it.")
_NO_BOOK_MEND = gettext_noop("Write the code as the registry shows it.")
_NOT_YOURS = gettext_noop("You may not report for the book “%(code)s”.")
_NOT_YOURS_MEND = gettext_noop("Ask its owner section to report it.")


def _standing(kind: str, books: Iterable[Project]) -> dict[tuple[Any, ...], dict[str, Any]]:
    """What is reported already, by what it is about."""
    model = OperationMonth if kind == "months" else Incident
    names = ("project_id", *(("month", "system") if kind == "months" else ("key",)), *model.PARTS)
    rows = model.objects.filter(project__in=[book.pk for book in books]).order_by().values(*names)
    return {_about(row["project_id"], row): {name: row[name] for name in model.PARTS} for row in rows}


def _listed(books: Iterable[Project]) -> dict[tuple[Any, ...], int]:
    """How many incidents are listed, by the month they are of."""
    rows = Incident.objects.filter(project__in=[book.pk for book in books]).order_by()
    months = (
        (pk, day.replace(day=1), system)
        for pk, day, system in rows.values_list("project", "began_on", "system")
    )
    return Counter(months)


def _about(project: int, values: Mapping[str, Any]) -> tuple[Any, ...]:
    if "month" in values:
        return project, values["month"], values["system"]
    return project, values["key"]


def _stored(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as they are kept: availability in hundredths of a percent."""
    share = values.get("availability")
    kept = {name: value for name, value in values.items() if name != "availability"}
    return kept | ({"availability": int((share * 100).to_integral_value())} if share is not None else {})


def _shown(name: str, value: Any) -> str:
    if value is None or value == "":
        return "–"
    if name == "availability":
        return f"{value / 100:.2f}%"
    if name == "severity":
        return str(dict(Incident.Severity.choices).get(value, value))
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def apply(user: Any, source: Path | bytes, name: str = "", progress: Progress | None = None) -> Plan:
    """Report every row that can be taken, each as an act of its own; returns what was done and what was not.

    Raises:
        Refused: the file cannot be read at all.
    """
    planned = plan(user, source, name)
    done: list[Line] = []
    problems = list(planned.problems)
    report = report_month if planned.kind == "months" else report_incident
    for number, line in enumerate(planned.lines, 1):
        try:
            if line.state != SAME:
                report(user, line.project, **line.reading.values)
            done.append(line)
        except (Invalid, NotPermitted) as refused:
            problems.append(_problem(line, refused))
        if progress:
            progress(number, len(planned.lines))
    return Plan(planned.kind, done, sorted(problems, key=lambda problem: problem.line))


def _problem(line: Line, refused: SekishoError) -> RowProblem:
    """A service's refusal at its row and column."""
    said = getattr(refused, "fields", {}) or {"project": str(refused)}
    name, words = next(iter(said.items()))
    view = line.reading.view
    column = view.columns.get(name)
    value = view.row.cells[column[0]] if column else line.what
    template = str(words).replace("%", "%%")
    return RowProblem(view.file, line.reading.line, column[1] if column else name, str(value or ""), template)


# ------------------------------------------------------------------------------------------ in the browser


def keep_upload(user: Any, upload: UploadedFile) -> str:
    """Keep an upload until its preview is confirmed: a signed token that names it and its person.

    Raises:
        NotPermitted: this person edits no book.
        Invalid: nothing, too much, or an ending that is not read.
    """
    require_reporter(user)
    name, files = uploads.keep([upload], table=True)
    _waiting().mkdir(parents=True, exist_ok=True, mode=0o700)
    uploads.folder_of(name).replace(_waiting() / name)
    return signing.dumps({"folder": name, "file": files[0]["name"], "user": user.pk}, salt=KIND)


def _waiting() -> Path:
    """Where files wait to be confirmed. Nothing here is ever served."""
    return Path(settings.MEDIA_ROOT) / "operations"


def tidy(now: dt.datetime) -> int:
    """Forget files nobody confirmed in time; how many."""
    last = now.timestamp() - CONFIRM_WITHIN
    old = [folder for folder in _waiting().glob("*") if folder.stat().st_mtime < last]
    for folder in old:
        shutil.rmtree(folder, ignore_errors=True)
    return len(old)


def require_reporter(user: Any) -> None:
    """Whoever may edit some book may report.

    Raises:
        NotPermitted: they may edit none.
    """
    actor = actor_of(user)
    if not actor.may_edit_some_book:
        require(user, "edit")


def kept_upload(user: Any, token: str) -> Path:
    """The file behind a token.

    Raises:
        Invalid: the token is another person's or too old, or the file is gone.
    """
    try:
        said = signing.loads(token, salt=KIND, max_age=CONFIRM_WITHIN)
        path = _waiting() / said["folder"] / said["file"]
        if said["user"] == user.pk and path.is_file():
            return path
    except (signing.BadSignature, KeyError, TypeError):
        pass
    raise Invalid(_("This file is no longer here. Choose it again."), field="file")


def apply_later(user: Any, token: str) -> Job:
    """Take a previewed file in the background, in the language of the person who asks."""
    path = kept_upload(user, token)
    params = {"folder": path.parent.name, "file": path.name, "language": get_language() or "ja"}
    return jobs.enqueue(KIND, params, owner=user, dedupe_key=f"{KIND}:{path.parent.name}")


def run_apply(user: Any, folder: str, file: str, language: str, progress: Progress) -> str:
    """Take the file; called by the background job. Returns what came of it, in words."""
    with override(language):
        made = apply(user, _waiting() / folder / file, file, progress)
        shutil.rmtree(_waiting() / folder, ignore_errors=True)
        return summary(made)


def summary(made: Plan) -> str:
    """How many rows were new, corrected, unchanged, left out."""
    return _("%(new)s new, %(corrected)s corrected, %(same)s unchanged, %(out)s left out.") % {
        "new": made.count(NEW),
        "corrected": made.count(CORRECTED),
        "same": made.count(SAME),
        "out": len(made.problems),
    }
