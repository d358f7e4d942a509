"""Acts on a session: begun, timed, observed, ended. A device may send the same thing twice; it counts once."""

import difflib
import math
from typing import Any
from uuid import UUID

from django.core.files.base import File
from django.utils.translation import gettext_lazy as _

from sekisho.book.services.common import choice, filled, fitting, read_again
from sekisho.book.services.files import store_attachment
from sekisho.errors import Conflict, Invalid
from sekisho.voice.models import (
    Observation,
    Participant,
    SessionFile,
    Task,
    TaskResult,
    UserTest,
    UserTestSession,
)
from sekisho.voice.models.sessions import Severity
from sekisho.voice.services.usertests import working_on

LONGEST = 86_400
MOST_OBSERVATIONS = 1000


def begin_session(user: Any, participant: Participant, *, device: str = "") -> UserTestSession:
    """Begin the session of a participant who agreed. Beginning one under way gives it back.

    Raises:
        Conflict: no consent, withdrawn, or the session is over.
    """
    test = participant.test
    with working_on(user, test) as act:
        read_again(participant)
        if participant.withdrew_on:
            raise Conflict(_("This participant withdrew."), code="withdrew")
        if participant.consented_on is None:
            raise Conflict(_("Note first that this participant agreed to take part."), code="no_consent")
        session, made = UserTestSession.objects.get_or_create(
            participant=participant,
            defaults={
                "test": test,
                "state": "running",
                "started_at": act.now,
                "note_taker_id": act.actor.user_id,
            },
        )
        if session.state == "done":
            raise Conflict(_("This session is over."), code="session_over")
        if device and session.device != device:
            session.device = fitting(device, 200, "device")
            session.save(update_fields=["device"])
        if made and test.state == UserTest.State.PLANNED:
            test.state = UserTest.State.RUNNING
            test.version += 1
            test.save(update_fields=["state", "version"])
            act.write("test.started", {"title": test.title, "test_id": test.pk})
    return session


def record_result(
    user: Any,
    session: UserTestSession,
    task: Task,
    *,
    outcome: str = "",
    seconds: float | None = None,
    words: str = "",
) -> TaskResult:
    """Record how a participant fared with a task, in place of what was recorded before.

    Raises:
        Invalid: a time that cannot be, an unknown outcome, words missing for a question.
        NotFound: the task was removed.
    """
    with working_on(user, session.test):
        read_again(session)
        read_again(task)
        if task.test_id != session.test_id:
            raise Invalid(_("This task belongs to another test."), field="task")
        if task.kind == Task.Kind.QUESTION:
            filled(words, "words")
            outcome, seconds = "", None
        elif not outcome:
            raise Invalid(_("Choose how it went."), field="outcome")
        else:
            choice(outcome, TaskResult.Outcome, "outcome")
        if seconds is not None and not (math.isfinite(seconds) and 0 < seconds <= LONGEST):
            raise Invalid(_("A time on task lies between 0 and 86,400 seconds."), field="seconds")
        values = {"outcome": outcome, "seconds": seconds, "words": fitting(words, 20_000, "words")}
        result, _made = TaskResult.objects.update_or_create(session=session, task=task, defaults=values)
    return result


def observe(
    user: Any,
    session: UserTestSession,
    *,
    words: str,
    severity: str,
    client_id: UUID,
    task: Task | None = None,
    place: str = "",
    seconds: int = 0,
) -> Observation:
    """Note what was seen. The same ``client_id`` again gives back what is there.

    Raises:
        Invalid: no words, an unknown severity, or too many observations in one session.
    """
    with working_on(user, session.test):
        read_again(session)
        if found := Observation.objects.filter(client_id=client_id).first():
            if found.session_id != session.pk:
                raise Invalid(_("This note was sent for another session."), field="client_id")
            return found
        if session.observations.count() >= MOST_OBSERVATIONS:
            raise Invalid(_("A session takes at most %(most)d observations.") % {"most": MOST_OBSERVATIONS})
        return Observation.objects.create(
            session=session,
            client_id=client_id,
            task=task if task and task.test_id == session.test_id else None,
            severity=choice(severity, Severity, "severity"),
            place=fitting(place, 200, "place"),
            words=fitting(filled(words, "words", _("Say what happened.")), 20_000, "words"),
            seconds=min(max(int(seconds), 0), LONGEST),
        )


def drop_observation(user: Any, observation: Observation) -> None:
    """Take back a note made by mistake."""
    with working_on(user, observation.session.test):
        observation.delete()


def answer_sus(user: Any, session: UserTestSession, answers: list[int | None]) -> UserTestSession:
    """Enter the ten answers of the System Usability Scale, 1 to 5; None where one was left out, all None to clear.

    Raises:
        Invalid: not ten, or one outside the scale; ``fields`` names it (``sus_3``).
    """
    if len(answers) != 10:
        raise Invalid(_("The System Usability Scale has ten questions."), field="sus")
    for number, answer in enumerate(answers, 1):
        if answer is not None and answer not in (1, 2, 3, 4, 5):
            raise Invalid(_("Answers go from 1 to 5."), field=f"sus_{number}")
    with working_on(user, session.test):
        read_again(session)
        session.sus = [] if all(answer is None for answer in answers) else list(answers)
        session.save(update_fields=["sus"])
    return session


def add_file(user: Any, session: UserTestSession, upload: File) -> SessionFile:
    """Keep a screenshot or recording with the session; it is disarmed like every file of a book."""
    with working_on(user, session.test) as act:
        read_again(session)
        return SessionFile.objects.create(session=session, attachment=store_attachment(act, upload))


def end_session(
    user: Any, session: UserTestSession, *, notes: str | None = None, seen: str = ""
) -> UserTestSession:
    """End a session. Ending it twice changes nothing but the notes.

    ``seen``: the notes that this person's were written over. Where somebody saved others since, theirs stay above
    and only what this person added follows.
    """
    with working_on(user, session.test) as act:
        read_again(session)
        if notes is not None:
            session.notes = fitting(_together(session.notes, seen, notes), 50_000, "notes")
        if session.state != "done":
            session.state, session.ended_at = "done", act.now
        session.save(update_fields=["notes", "state", "ended_at"])
    return session


def _together(standing: str, seen: str, given: str) -> str:
    standing, seen, given = ("\n".join(text.splitlines()).strip() for text in (standing, seen, given))
    if standing in (seen, "") or standing in given:
        return given
    before, now = seen.split("\n"), given.split("\n")
    steps = difflib.SequenceMatcher(None, before, now, autojunk=False).get_opcodes()
    added = [line for step, _i, _j, start, end in steps if step != "equal" for line in now[start:end]]
    own = "\n".join(added).strip()
    return standing if own in standing else f"{standing}\n\n{own}"


def resume_session(user: Any, session: UserTestSession) -> UserTestSession:
    """Go on with a session that was ended too early, while the test is not over."""
    with working_on(user, session.test):
        read_again(session)
        if session.state == "done":
            session.state, session.ended_at = "running", None
            session.save(update_fields=["state", "ended_at"])
    return session
