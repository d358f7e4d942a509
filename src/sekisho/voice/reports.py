"""The report of a user test as an Excel workbook: tasks, problems by participant, and what was said."""

import io
from collections.abc import Iterable, Sequence
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from sekisho.analysis.intervals import Estimate
from sekisho.voice.models import UserTest
from sekisho.voice.queries.outcomes import is_known, sus_standing
from sekisho.voice.queries.usertests import UserTestPage

Cells = Sequence[Any]


def workbook_of(test: UserTest, page: UserTestPage) -> bytes:
    """The workbook's bytes. Text is written as text: nothing in it is ever a formula."""
    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        _sheet(book, _("Summary"), [_("What"), _("In words")], _summary(test, page))
        _sheet(book, _("Tasks"), _task_heads(), _tasks(page))
        people = [str(one) for one in page.results.held]
        _sheet(book, _("Problems"), [*_problem_heads(), *people], _problems(page))
        _sheet(
            book,
            _("Observations"),
            [_("Participant"), _("Severity"), _("What happened"), _("Problem")],
            _seen(page),
        )
    return file.getvalue()


def _sheet(book: xlsxwriter.Workbook, title: str, heads: Cells, rows: Iterable[Cells]) -> None:
    sheet = book.add_worksheet(title[:31])
    bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.freeze_panes(1, 1)
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, len(heads), 16)
    for place, head in enumerate(heads):
        sheet.write_string(0, place, str(head), bold)
    for number, row in enumerate(rows, 1):
        for place, value in enumerate(row):
            if isinstance(value, int | float):
                sheet.write_number(number, place, value, wrapped)
            elif value not in (None, ""):
                sheet.write_string(number, place, str(value)[:32_767], wrapped)


def _summary(test: UserTest, page: UserTestPage) -> Iterable[Cells]:
    alone, sus = page.results.alone, page.results.sus.score
    yield _("Project"), test.project.local_name
    yield _("User test"), test.title
    yield _("Kind"), test.get_kind_display()
    yield _("Purpose"), test.purpose
    yield _("Participants whose session is done"), len(page.results.held)
    for line in page.groups:
        yield _("Of the group “%(group)s”") % {"group": line.group.name}, f"{line.held} / {line.group.wanted}"
    yield _("Tasks done alone, percent"), _percent(alone.value) if alone else None
    yield _("System Usability Scale, mean"), round(sus.value, 1) if sus else None
    yield _("System Usability Scale, grade and percentile"), sus_standing(sus.value) if sus else None
    yield _("What was learnt"), test.conclusions


def _task_heads() -> Cells:
    return [
        _("Task"),
        _("Tried"),
        _("Done alone"),
        _("Done with help"),
        _("Not done"),
        _("Done alone, percent"),
        _("from"),
        _("to"),
        _("Time on task (geometric mean, seconds)"),
        _("from"),
        _("to"),
    ]


def _tasks(page: UserTestPage) -> Iterable[Cells]:
    for line in page.results.tasks:
        if line.task.kind == "task":
            share = [_percent(value) for value in _parts(line.alone)]
            seconds = [None if value is None else round(value, 1) for value in _parts(line.seconds)]
            yield [line.task.title, line.tried, line.success, line.helped, line.failed, *share, *seconds]


def _parts(estimate: Estimate | None) -> list[float | None]:
    if estimate is None:
        return [None, None, None]
    return [estimate.value, *((estimate.low, estimate.high) if is_known(estimate) else (None, None))]


def _percent(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 1)


def _problem_heads() -> Cells:
    return [_("Problem"), _("Severity"), _("State"), _("Who mends it"), _("By when"), _("Participants")]


def _problems(page: UserTestPage) -> Iterable[Cells]:
    for line in page.results.matrix:
        problem = line.problem
        due = problem.due_on.isoformat() if problem.due_on else None
        owner = str(problem.owner) if problem.owner else None
        said = [problem.title, problem.get_severity_display(), problem.get_state_display(), owner, due]
        yield [*said, line.count, *("●" if cell else "" for cell in line.cells)]


def _seen(page: UserTestPage) -> Iterable[Cells]:
    for row in page.seen:
        problem = row.problem.title if row.problem else None
        yield str(row.session.participant), row.get_severity_display(), row.words, problem
