"""Acts on a user test: its plan, groups, participants and tasks, its end."""

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from sekisho.book.models import Phase, Project
from sekisho.book.services.acting import acting_on
from sekisho.book.services.common import (
    Act,
    by_name,
    changed,
    choice,
    expect,
    filled,
    fitting,
    read_again,
    readable,
)
from sekisho.book.services.files import erase_attachment
from sekisho.errors import Conflict, Invalid
from sekisho.voice.models import Participant, Task, UserGroup, UserTest

PLAN = (
    "kind",
    "release",
    "title",
    "phase",
    "purpose",
    "hypotheses",
    "method",
    "place",
    "starts_on",
    "ends_on",
    "staff",
    "consent",
    "without_citizens",
)
#: the phase each kind belongs to when none is said
USUAL_PHASE = {"research": Phase.PLAN, "prototype": Phase.BUILD, "usability": Phase.BUILD}
MOST_TASKS, MOST_PARTICIPANTS = 60, 500


@contextmanager
def working_on(user: Any, test: UserTest) -> Iterator[Act]:
    """An act on the book of a test that is not over; the test is read anew under the lock.

    Raises:
        Conflict: the test is done or cancelled.
    """
    with acting_on(user, test.project) as act:
        act.require("edit")
        read_again(test)
        if test.is_over:
            raise Conflict(_("This test is over; its records stay as they are."), code="test_over")
        yield act


def plan_test(user: Any, project: Project, **parts: Any) -> UserTest:
    """Plan a test. ``parts`` needs kind, title, purpose, method, starts_on and ends_on; it may hold the rest of ``PLAN``.

    The same plan sent again, before its test began, is the one that is kept.

    Raises:
        Invalid: a value cannot be accepted.
    """
    with acting_on(user, project) as act:
        act.require("edit")
        values = _plan(act.project, {name: parts.get(name) for name in PLAN})
        plan = {"project": act.project, "created_by_id": act.actor.user_id, **values}
        if kept := UserTest.objects.filter(state=UserTest.State.PLANNED, **plan).first():
            return kept
        test = UserTest.objects.create(**plan)
        act.write("test.planned", {"title": test.title, "test_id": test.pk}, after=by_name(values))
    return test


def change_test(user: Any, test: UserTest, *, expected_version: int | None = None, **parts: Any) -> UserTest:
    """Change the plan of a test that is not over; what is left out stays.

    Raises:
        Invalid: a value cannot be accepted. StaleWrite: saved by someone else since. Conflict: the test is over.
    """
    with working_on(user, test) as act:
        said = {name: getattr(test, name) for name in PLAN}
        expect(test, expected_version, said, parts, _("Someone else changed this test in the meantime."))
        values = _plan(act.project, {**said, **parts})
        old, new = changed(said, values)
        if new:
            for name, value in new.items():
                setattr(test, name, value)
            test.version += 1
            test.save()
            act.write(
                "test.changed",
                {"title": test.title, "test_id": test.pk},
                before=by_name(old),
                after=by_name(new),
            )
    return test


def _plan(project: Project, parts: Mapping[str, Any]) -> dict[str, Any]:
    """A plan's columns from its parts, checked."""
    kind = choice(parts["kind"], UserTest.Kind, "kind")
    starts, ends = parts["starts_on"], parts["ends_on"]
    for name, day in (("starts_on", starts), ("ends_on", ends)):
        if not isinstance(day, dt.date):
            raise Invalid(_("Enter a day."), field=name)
    if ends < starts:
        raise Invalid(_("The test ends before it begins."), field="ends_on")
    release = parts["release"]
    if release is not None and release.project_id != project.pk:
        raise Invalid(_("This release belongs to another book."), field="release")
    long = ("purpose", "hypotheses", "staff", "consent", "without_citizens")
    return {
        "kind": kind,
        "release": release,
        "title": fitting(filled(parts["title"], "title"), 200, "title"),
        "phase": choice(parts["phase"] or USUAL_PHASE[kind], Phase, "phase"),
        "method": choice(parts["method"], UserTest.Method, "method"),
        "place": fitting(parts["place"], 200, "place"),
        "starts_on": starts,
        "ends_on": ends,
        **{name: fitting(parts[name], 20_000, name) for name in long},
        "purpose": fitting(filled(parts["purpose"], "purpose"), 20_000, "purpose"),
    }


def cancel_test(user: Any, test: UserTest, reason: str) -> UserTest:
    """Cancel a test that is not over, saying why."""
    with working_on(user, test) as act:
        test.cancelled_why = fitting(filled(reason, "reason", _("Say why.")), 5000, "reason")
        test.state = UserTest.State.CANCELLED
        test.version += 1
        test.save(update_fields=["cancelled_why", "state", "version"])
        act.write("test.cancelled", {"title": test.title, "test_id": test.pk, "reason": test.cancelled_why})
    return test


def add_group(
    user: Any,
    test: UserTest,
    *,
    name: str,
    wanted: int,
    citizens: bool = True,
    needs: str = "",
    recruiting: str = "",
) -> UserGroup:
    """Say which kind of user takes part, and how many.

    Raises:
        Invalid: a number below 1, or a group of that name is there already.
    """
    with working_on(user, test):
        if wanted is None or not 1 <= wanted <= MOST_PARTICIPANTS:
            raise Invalid(
                _("Enter a number from 1 to %(most)d.") % {"most": MOST_PARTICIPANTS}, field="wanted"
            )
        group = UserGroup(
            test=test,
            name=fitting(filled(name, "name"), 200, "name"),
            citizens=citizens,
            wanted=wanted,
            needs=fitting(needs, 5000, "needs"),
            recruiting=fitting(recruiting, 5000, "recruiting"),
        )
        _save_once(group, _("This test has a group of this name already."), "name")
    return group


def remove_group(user: Any, group: UserGroup) -> None:
    """Take out a group that nobody belongs to."""
    with working_on(user, group.test):
        if group.participants.exists():
            raise Conflict(_("People of this group take part already."), code="group_in_use")
        group.delete()


def add_participant(
    user: Any, group: UserGroup, *, about: str = "", needs: str = "", consented_on: dt.date | None = None
) -> Participant:
    """Enter one more person of a group, under the next number. No name is asked for."""
    with working_on(user, group.test) as act:
        _not_ahead(consented_on, act.today)
        last = group.test.participants.aggregate(n=Max("number"))["n"] or 0
        if last >= MOST_PARTICIPANTS:
            raise Invalid(_("A test takes at most %(most)d participants.") % {"most": MOST_PARTICIPANTS})
        return Participant.objects.create(
            test=group.test,
            group=group,
            number=last + 1,
            about=fitting(about, 300, "about"),
            needs=fitting(needs, 300, "needs"),
            consented_on=consented_on,
        )


def record_consent(user: Any, participant: Participant, on: dt.date) -> Participant:
    """Note the day a participant agreed to take part."""
    with working_on(user, participant.test) as act:
        read_again(participant)
        if participant.withdrew_on:
            raise Conflict(_("This participant withdrew."), code="withdrew")
        _not_ahead(on, act.today)
        participant.consented_on = on
        participant.save(update_fields=["consented_on"])
    return participant


def withdraw(user: Any, participant: Participant) -> Participant:
    """A participant takes back their consent: session, results, observations and files go; the number stays.

    Possible at any time, also when the test is over: a promise does not end with the test. Problems stay, without
    the observations of this person.
    """
    with acting_on(user, participant.test.project, closed_ok=True) as act:
        act.require("edit")
        read_again(participant)
        if participant.withdrew_on:
            return participant
        session = getattr(participant, "session", None)
        if session is not None:
            kept = [file.attachment for file in session.files.select_related("attachment")]
            session.delete()
            for attachment in kept:
                erase_attachment(act, attachment)
        participant.about = participant.needs = ""
        participant.withdrew_on = act.today
        participant.save(update_fields=["about", "needs", "withdrew_on"])
        said = {
            "title": participant.test.title,
            "participant": str(participant),
            "test_id": participant.test_id,
        }
        act.write("participant.withdrew", said)
    return participant


def add_task(
    user: Any,
    test: UserTest,
    *,
    title: str,
    kind: str = Task.Kind.TASK,
    scenario: str = "",
    success: str = "",
    essential: bool = False,
) -> Task:
    """Add a task or question at the end of the list."""
    with working_on(user, test):
        last = test.tasks.aggregate(n=Max("number"))["n"] or 0
        if test.tasks.count() >= MOST_TASKS:
            raise Invalid(_("A test takes at most %(most)d tasks.") % {"most": MOST_TASKS})
        return Task.objects.create(
            test=test,
            number=last + 1,
            kind=choice(kind, Task.Kind, "kind"),
            title=fitting(filled(title, "title"), 300, "title"),
            scenario=fitting(scenario, 5000, "scenario"),
            success=fitting(success, 5000, "success"),
            essential=essential,
        )


def change_task(user: Any, task: Task, **said: Any) -> Task:
    """Change a task that nobody has tried, with the parts of ``add_task``.

    Raises:
        Invalid: a part cannot be so. Conflict: somebody has tried it, and results must say what was asked.
    """
    with working_on(user, task.test):
        if task.results.exists():
            raise Conflict(_("Participants have tried this task already."), code="task_in_use")
        task.kind = choice(said["kind"], Task.Kind, "kind")
        task.title = fitting(filled(said["title"], "title"), 300, "title")
        task.scenario = fitting(said["scenario"], 5000, "scenario")
        task.success = fitting(said["success"], 5000, "success")
        task.essential = said["essential"]
        task.save()
    return task


def move_task(user: Any, task: Task, where: str) -> None:
    """Move a task ``up`` or ``down`` the list, so that the numbers of two neighbours change places."""
    with working_on(user, task.test):
        order = list(task.test.tasks.order_by("number", "id"))
        at = order.index(task)
        to = at - 1 if where == "up" else at + 1
        if not 0 <= to < len(order):
            return
        other, free = order[to], order[-1].number + 1
        numbers = ((other, free), (task, other.number), (other, order[at].number))
        for one, number in numbers:  # each number stands once at any moment
            Task.objects.filter(pk=one.pk).update(number=number)


def remove_task(user: Any, task: Task) -> None:
    """Take out a task that nobody has tried."""
    with working_on(user, task.test):
        if task.results.exists():
            raise Conflict(_("Participants have tried this task already."), code="task_in_use")
        task.delete()


def finish_test(user: Any, test: UserTest, *, conclusions: str) -> UserTest:
    """Finish a test: its results count from now on.

    Raises:
        Invalid: no conclusions, or a citizen service was tried without citizens and nobody says why.
        Conflict: no session is done, one is under way, or a grave observation is in no problem yet.
    """
    with working_on(user, test) as act:
        words = filled(conclusions, "conclusions", _("Say what was learnt."))
        held = _held(test)
        _require_citizens(act.project, test)
        test.conclusions = fitting(words, 50_000, "conclusions")
        test.state, test.done_on = UserTest.State.DONE, act.today
        test.version += 1
        test.save(update_fields=["conclusions", "state", "done_on", "version"])
        act.write("test.done", {"title": test.title, "test_id": test.pk, "participants": held})
    return test


def _held(test: UserTest) -> int:
    """Number of sessions done; refuse while the test is not ripe."""
    states = list(test.sessions.values_list("state", flat=True))
    if "running" in states:
        raise Conflict(_("A session is still under way. End it first."), code="session_running")
    done = states.count("done")
    if not done and test.method != UserTest.Method.DESK:
        raise Conflict(_("No session is done yet: nothing was tried with anyone."), code="no_session")
    from sekisho.voice.models import Observation

    grave = Observation.objects.filter(session__test=test, severity__in=["critical", "serious"])
    if loose := grave.filter(problem__isnull=True).count():
        message = _(
            "Critical or serious observations that belong to no problem yet: %(n)d. Sort them in first."
        )
        raise Conflict(message % {"n": loose}, code="loose_observations")
    return done


def _require_citizens(project: Project, test: UserTest) -> None:
    if "citizens" not in project.audience or readable(test.without_citizens):
        return
    if test.method == UserTest.Method.DESK:
        return
    if not test.sessions.filter(state="done", participant__group__citizens=True).exists():
        message = _("This service is for citizens, but none took part. Enter in the plan why.")
        raise Invalid(message, field="without_citizens")


def _not_ahead(day: dt.date | None, today: dt.date) -> None:
    if day is not None and day > today:
        raise Invalid(_("This day lies ahead."), field="consented_on")


def _save_once(row: Any, message: Any, field: str) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise Invalid(message, field=field) from None
