"""Taking an answer: once each, without remembering who gave it."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from functools import lru_cache
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sekisho.errors import Conflict, NotFound, NotPermitted
from sekisho.people.models import Organisation
from sekisho.people.permissions import actor_of
from sekisho.voice.definition import Checked, Definition, check
from sekisho.voice.models import Invitation, Participation, Response, Wave
from sekisho.voice.services.surveys import digest_of

#: what must be known of a wave whenever somebody answers. It is asked for a thousand times a second: composing the
#: statement anew each time would cost several times its answer
_TO_ANSWER = """
    SELECT id, token, access, anonymous, secret, closes_on, closed_at, survey_id FROM voice_wave WHERE token = %s
"""
#: an answer of nobody in particular, taken only while its wave is open to everyone who has the link: one statement asks
#: and writes, so that nothing can be closed in between
_TAKE = """
    INSERT INTO voice_response (id, wave_id, anonymous, person_id, day, place, language, answers, counted)
    SELECT %s, id, anonymous, NULL, %s, %s, %s, %s, %s FROM voice_wave
    WHERE token = %s AND access = 'link' AND closed_at IS NULL AND (closes_on IS NULL OR closes_on >= %s)
"""


class AnsweredAlready(Conflict):
    """This person or link has answered (HTTP 409)."""

    code = "answered_already"


def open_wave_of(token: str) -> Wave:
    """The wave at a public address, open or closed.

    Raises:
        NotFound: there is none.
    """
    wave = (
        Wave.objects.select_related("survey__project__owner", "survey__organisation")
        .filter(token=token)
        .first()
    )
    if wave is None:
        raise _no_survey_here()
    return wave


def wave_to_answer(token: str) -> Wave:
    """The wave at a public address with no more than taking an answer needs; the rest is read when asked for.

    Raises:
        NotFound: there is none.
    """
    wave = next(iter(Wave.objects.raw(_TO_ANSWER, [token])), None)
    if wave is None:
        raise _no_survey_here()
    return wave


def _no_survey_here() -> NotFound:
    return NotFound(_("There is no survey at this address. Check the link or the code."))


@lru_cache(maxsize=128)
def _questions_at(token: str) -> Definition:
    """What the wave at this address asks. It never changes, and a token is never given twice, so it is read once."""
    return Definition.from_document(Wave.objects.values_list("document", flat=True).get(token=token))


def require_open(wave: Wave) -> None:
    """Refuse when the wave is over.

    Raises:
        Conflict: closed, or its last day has passed.
    """
    if wave.is_over:
        raise Conflict(_("This survey is closed. Thank you for your interest."), code="survey_closed")


def require_unused(wave: Wave, *, user: Any = None, code: str = "") -> None:
    """Refuse whoever has answered already, or may not answer.

    Raises:
        NotPermitted: the wave is for people who sign in, or for those of another organisation. NotFound: no such one-time
            link. AnsweredAlready.
    """
    if wave.access == Wave.Access.STAFF:
        if user is None or not user.is_authenticated:
            raise NotPermitted(_("Sign in to answer this survey."))
        _require_one_of(wave.survey.organisation, user)
        if wave.participations.filter(digest=digest_of(wave, f"person:{user.pk}")).exists():
            raise AnsweredAlready(_("You have answered this survey already. Thank you."))
    if wave.access == Wave.Access.ONCE:
        invitation = wave.invitations.filter(digest=digest_of(wave, code)).first() if code else None
        if invitation is None:
            raise NotFound(_("This link is not valid. Use the one you were given."))
        if invitation.used:
            raise AnsweredAlready(_("This link was used already. Each link answers once."))


def _require_one_of(organisation: Organisation | None, user: Any) -> None:
    """Refuse who neither sits in the organisation that asks its people, nor holds a role there or below."""
    if organisation is None:
        return
    seat = user.organisation.path if user.organisation else ""
    if not any(
        path.startswith(organisation.path) for path in (seat, *(g.path for g in actor_of(user).grants))
    ):
        said = {"organisation": organisation.local_name}
        raise NotPermitted(_("This survey is for the people of %(organisation)s.") % said)


def submit(
    wave: Wave,
    given: Mapping[str, Sequence[str]],
    *,
    user: Any = None,
    code: str = "",
    place: str = "",
    language: str = "ja",
) -> Checked:
    """Take an answer when every question is answered as it may be; what is wrong comes back by field.

    Raises:
        Conflict: closed. NotPermitted, NotFound, AnsweredAlready: see ``require_unused``.
    """
    require_open(wave)
    require_unused(wave, user=user, code=code)
    checked = check(_questions_at(wave.token), given)
    if checked.is_whole:
        # one statement needs no transaction of its own around it
        with nullcontext() if wave.access == Wave.Access.LINK else transaction.atomic():
            _take_place(wave, user, code)
            Response.objects.create(
                wave=wave,
                anonymous=wave.anonymous,
                person=None if wave.anonymous else user,
                day=timezone.localdate(),
                place=place[:100],
                language=language,
                answers=checked.answers,
            )
    return checked


def take_plainly(token: str, given: Mapping[str, Sequence[str]], *, place: str, language: str) -> bool:
    """Take a whole answer of an open wave that everyone with the link may answer, by one statement (ADR 0034). False, and
    nothing is taken, when it is not that plain: `submit` then says what is wrong.
    """
    try:
        checked = check(_questions_at(token), given)
    except Wave.DoesNotExist:
        return False
    if not checked.is_whole:
        return False
    today = timezone.localdate()
    row = {"id": uuid.uuid4(), "day": today, "place": place[:100], "language": language}
    return _taken({**row, "answers": checked.answers, "counted": False}, token, today)


def _taken(row: Mapping[str, Any], token: str, today: dt.date) -> bool:
    fields = {field.name: field for field in Response._meta.concrete_fields}
    values = [fields[name].get_db_prep_save(value, connection) for name, value in row.items()]
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [*values, token, fields["day"].get_db_prep_save(today, connection)])
        return bool(cursor.rowcount)


def _take_place(wave: Wave, user: Any, code: str) -> None:
    """Mark that a person or link has answered, in the same transaction and leading nowhere."""
    if wave.access == Wave.Access.STAFF:
        try:
            with transaction.atomic():
                Participation.objects.create(wave=wave, digest=digest_of(wave, f"person:{user.pk}"))
        except IntegrityError:
            raise AnsweredAlready(_("You have answered this survey already. Thank you.")) from None
    if wave.access == Wave.Access.ONCE:
        unused = Invitation.objects.filter(wave=wave, digest=digest_of(wave, code), used=False)
        if not unused.update(used=True):
            raise AnsweredAlready(_("This link was used already. Each link answers once."))


def has_named_answer(user: Any, wave: Wave) -> bool:
    """Whether an answer with this person's name lies in a wave that is not anonymous."""
    return bool(
        not wave.anonymous
        and user.is_authenticated
        and Response.objects.filter(wave=wave, person=user.pk).exists()
    )


def withdraw_response(user: Any, wave: Wave) -> int:
    """A person who answered with their name takes it back: the answer goes and the totals follow.

    Raises:
        NotPermitted: nobody signed in. Conflict: the wave is anonymous, so nobody can tell which answer is theirs.
    """
    if not user.is_authenticated:
        raise NotPermitted(_("Sign in to take your answer back."))
    if wave.anonymous:
        raise Conflict(
            _("Answers to this survey are anonymous: nobody can tell which is yours."), code="anonymous"
        )
    from sekisho.voice.services.breakdown import forget_groups
    from sekisho.voice.services.tally import take_out

    with transaction.atomic():
        gone = list(Response.objects.filter(wave=wave, person=user))
        Participation.objects.filter(wave=wave, digest=digest_of(wave, f"person:{user.pk}")).delete()
        if gone:
            take_out(wave, gone)
            forget_groups(wave)
    return len(gone)
