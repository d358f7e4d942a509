"""What a user test says: tasks, time, the participant × problem matrix, discovery per user group, SUS."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from sekisho.analysis.intervals import Estimate, adjusted_wald, geometric_mean, mean
from sekisho.analysis.sus import grade, percentile
from sekisho.analysis.usability import Discovery, discovery, sus_score
from sekisho.voice.models import Observation, Participant, Problem, Task, TaskResult, UserGroup, UserTest


@dataclass(frozen=True)
class TaskLine:
    """One task over all participants. ``alone`` is the share done without help among those who tried; ``seconds`` the
    geometric mean of the times of those who did it, with or without help."""

    task: Task
    success: int
    helped: int
    failed: int
    skipped: int
    alone: Estimate | None
    seconds: Estimate | None
    words: Sequence[tuple[str, str]]

    @property
    def tried(self) -> int:
        """How many tried it."""
        return self.success + self.helped + self.failed


@dataclass(frozen=True)
class MatrixLine:
    """A problem, and for each participant in order whether they showed it."""

    problem: Problem
    cells: Sequence[bool]

    @property
    def count(self) -> int:
        """How many participants showed it."""
        return sum(self.cells)


@dataclass(frozen=True)
class GroupDiscovery:
    """Problem discovery within one user group; None where too little is known to say."""

    group: UserGroup | None
    participants: int
    found: Discovery | None


@dataclass(frozen=True)
class SusResult:
    """SUS over whole questionnaires: ``incomplete`` counts those with an answer left out."""

    score: Estimate | None
    incomplete: int


@dataclass(frozen=True)
class Results:
    """Everything a test adds up to, over sessions that are done."""

    held: Sequence[Participant]
    tasks: Sequence[TaskLine]
    matrix: Sequence[MatrixLine]
    discovery: Sequence[GroupDiscovery]
    sus: SusResult

    @property
    def alone(self) -> Estimate | None:
        """Share of tried tasks done alone, over all tasks."""
        lines = [line for line in self.tasks if line.tried]
        return adjusted_wald(sum(line.success for line in lines), sum(line.tried for line in lines))


def results_of(
    test: UserTest,
    tasks: Sequence[Task],
    participants: Sequence[Participant],
    observations: Sequence[Observation],
    problems: Sequence[Problem],
) -> Results:
    """Results from rows already read; two queries more (task results, none per task)."""
    held = [one for one in participants if getattr(one, "session", None) and one.session.state == "done"]
    done = {one.session.pk for one in held}
    rows = list(
        TaskResult.objects.filter(session__test=test, session__state="done").select_related(
            "session__participant"
        )
    )
    matrix = _matrix(held, [row for row in observations if row.session_id in done], problems)
    return Results(
        held=held,
        tasks=[_task_line(task, [row for row in rows if row.task_id == task.pk]) for task in tasks],
        matrix=matrix,
        discovery=_discovery(held, matrix),
        sus=_sus(held),
    )


def _task_line(task: Task, rows: Sequence[TaskResult]) -> TaskLine:
    outcomes = [row.outcome for row in rows]
    success, helped, failed = (outcomes.count(name) for name in ("success", "helped", "failed"))
    times = [row.seconds for row in rows if row.seconds and row.outcome in ("success", "helped")]
    return TaskLine(
        task=task,
        success=success,
        helped=helped,
        failed=failed,
        skipped=outcomes.count("skipped"),
        alone=adjusted_wald(success, success + helped + failed),
        seconds=geometric_mean(times),
        words=[(str(row.session.participant), row.words) for row in rows if row.words],
    )


def _matrix(
    held: Sequence[Participant], observations: Iterable[Observation], problems: Sequence[Problem]
) -> list[MatrixLine]:
    shown = {(row.problem_id, row.session.participant_id) for row in observations if row.problem_id}
    lines = [MatrixLine(problem, [(problem.pk, one.pk) in shown for one in held]) for problem in problems]
    return sorted(lines, key=lambda line: (-line.count, line.problem.number))


def _discovery(held: Sequence[Participant], matrix: Sequence[MatrixLine]) -> list[GroupDiscovery]:
    """Per user group, as needs differ between groups; over all only when there is just one."""
    groups = {one.group_id: one.group for one in held}
    return [_of_group(group, held, matrix) for _key, group in sorted(groups.items())]


def _of_group(group: UserGroup, held: Sequence[Participant], matrix: Sequence[MatrixLine]) -> GroupDiscovery:
    here = [at for at, one in enumerate(held) if one.group_id == group.pk]
    columns = [[line.cells[at] for at in here] for line in matrix]
    shown = [column for column in columns if any(column)]
    rows = [list(row) for row in zip(*shown, strict=True)]
    return GroupDiscovery(group, len(here), discovery(rows) if len(here) > 1 and shown else None)


def _sus(held: Sequence[Participant]) -> SusResult:
    answered = [one.session.sus for one in held if one.session.sus]
    whole = [answers for answers in answered if len(answers) == 10 and None not in answers]
    return SusResult(mean([sus_score(answers) for answers in whole]), len(answered) - len(whole))


def sus_standing(score: float) -> str:
    """Where a SUS score stands among the products that were measured: its grade and percentile, in words."""
    said = {"grade": grade(score), "percentile": round(percentile(score))}
    return _("grade %(grade)s, percentile %(percentile)d") % said


def is_known(estimate: Estimate | None) -> bool:
    """Whether an interval says anything: it does not rest on a single value."""
    return estimate is not None and math.isfinite(estimate.low) and math.isfinite(estimate.high)
