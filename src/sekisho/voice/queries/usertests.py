"""Reads of user tests: the list, and one test with everything its page shows."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from sekisho.people.roles import Actor
from sekisho.voice.models import Observation, Participant, Problem, Task, UserGroup, UserTest, UserTestSession
from sekisho.voice.queries.outcomes import Results, results_of


def seen_tests(actor: Actor, *, state: str = "", kind: str = "", project: str = "") -> QuerySet[UserTest]:
    """Tests this person may see, newest first, with ``held``, ``wanted`` and ``open_problems`` counted."""
    found = UserTest.objects.visible_to(actor)
    for name, value in (("state", state), ("kind", kind), ("project__code", project)):
        if value:
            found = found.filter(**{name: value})
    here = {"test": OuterRef("pk")}
    return found.select_related("project__owner", "release").annotate(
        held=_count(UserTestSession.objects.filter(**here, state="done")),
        wanted=Coalesce(
            Subquery(
                UserGroup.objects.filter(**here)
                .order_by()
                .values("test")
                .annotate(n=Sum("wanted"))
                .values("n")
            ),
            Value(0),
            output_field=IntegerField(),
        ),
        open_problems=_count(Problem.objects.filter(**here).exclude(state="closed")),
    )


def _count(rows: QuerySet) -> Coalesce:
    counted = rows.order_by().values("test").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), Value(0), output_field=IntegerField())


def seen_test(actor: Actor, pk: int) -> UserTest | None:
    """A test of a book one may read; None otherwise."""
    tests = UserTest.objects.visible_to(actor).select_related("project__owner", "release")
    return tests.filter(pk=pk).first()


def seen_session(actor: Actor, pk: int) -> UserTestSession | None:
    """A session of such a test."""
    found = UserTestSession.objects.select_related(
        "test__project__owner", "test__release", "participant__group", "note_taker"
    )
    return found.filter(pk=pk, test__in=UserTest.objects.visible_to(actor).order_by()).first()


def seen_problem(actor: Actor, pk: int) -> Problem | None:
    """A problem of a book one may read."""
    found = Problem.objects.select_related("project__owner", "test", "owner", "retested_in")
    return found.filter(pk=pk, test__in=UserTest.objects.visible_to(actor).order_by()).first()


@dataclass(frozen=True)
class GroupLine:
    """A user group, how many were entered, and how many sessions are done."""

    group: UserGroup
    entered: int
    held: int

    @property
    def missing(self) -> int:
        """How many sessions are still wanted."""
        return max(self.group.wanted - self.held, 0)


@dataclass(frozen=True)
class UserTestPage:
    """Everything the page of a test shows."""

    test: UserTest
    groups: Sequence[GroupLine]
    participants: Sequence[Participant]
    tasks: Sequence[Task]
    seen: Sequence[Observation]
    loose: Sequence[Observation]
    praise: Sequence[Observation]
    problems: Sequence[Problem]
    known: Sequence[Problem]
    results: Results


def page_of(test: UserTest) -> UserTestPage:
    """The page of a test, in a constant number of queries."""
    participants = list(test.participants.select_related("group", "session"))
    seen = list(
        Observation.objects.filter(session__test=test).select_related(
            "session__participant", "task", "problem__owner"
        )
    )
    tasks = list(test.tasks.all())
    found = {row.problem.pk: row.problem for row in seen if row.problem}
    found |= {row.pk: row for row in test.problems.select_related("owner")}
    problems = sorted(found.values(), key=lambda problem: problem.number)
    others = Problem.objects.filter(project=test.project).exclude(state="closed").exclude(pk__in=found)
    return UserTestPage(
        test=test,
        groups=_group_lines(test, participants),
        participants=participants,
        tasks=tasks,
        seen=seen,
        loose=[row for row in seen if row.problem is None and row.severity != "good"],
        praise=[row for row in seen if row.severity == "good"],
        problems=problems,
        known=[*problems, *others],
        results=results_of(test, tasks, participants, seen, problems),
    )


def _group_lines(test: UserTest, participants: Sequence[Participant]) -> list[GroupLine]:
    there = [one for one in participants if one.withdrew_on is None]
    entered = Counter(one.group_id for one in there)
    held = Counter(one.group_id for one in there if session_state(one) == "done")
    return [GroupLine(group, entered[group.pk], held[group.pk]) for group in test.groups.all()]


def session_state(participant: Participant) -> str:
    """The state of a participant's session; empty before it began."""
    session = getattr(participant, "session", None)
    return session.state if session else ""


@dataclass(frozen=True)
class Overview:
    """What stands over the list of tests: how many were done this fiscal year, and what is still open."""

    done: int
    running: int
    critical: int


def overview(actor: Actor, since: object) -> Overview:
    """Figures over the tests this person may see; ``since`` is the first day of the fiscal year."""
    tests = UserTest.objects.visible_to(actor).order_by()
    counted = tests.aggregate(
        done=Count("pk", filter=Q(state="done", done_on__gte=since)),
        running=Count("pk", filter=Q(state="running")),
    )
    critical = Problem.objects.filter(test__in=tests, severity="critical").exclude(state="closed").count()
    return Overview(counted["done"], counted["running"], critical)
