"""The portfolio once a week by mail: on the day each person chose, telling only what that person reads."""

import datetime as dt
import logging

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from sekisho.errors import Invalid, NotPermitted
from sekisho.people.models import Notice, RoleAssignment, User
from sekisho.people.permissions import actor_of
from sekisho.people.services import notify
from sekisho.portfolio.models import WeeklyMail
from sekisho.portfolio.queries.week import Week, moved_words, week_of
from sekisho.portfolio.services.figures import bring_up_to_date
from sekisho.web.formats import date_long

log = logging.getLogger(__name__)

#: who gets it on Mondays until they choose otherwise
READERS = ("executive", "quality_office")
MONDAY = 0


class MailFailed(Exception):
    """Some mail could not be sent; the job is tried again, and nobody already reached is written to twice."""


def choose_day(user: User, weekday: int | None) -> WeeklyMail:
    """A person's own choice: the day on which the portfolio comes by mail, None for never.

    Raises:
        Invalid: a day that is none.
        NotPermitted: nobody is signed in.
    """
    if actor_of(user).user_id is None:
        raise NotPermitted(_("Sign in to change your own settings."))
    if weekday is not None and weekday not in range(7):
        raise Invalid(_("Choose one of the days that are offered."), field="weekday")
    chosen, _made = WeeklyMail.objects.update_or_create(
        user=user, defaults={"weekday": weekday, "chosen": True}
    )
    return chosen


def day_of(user: User) -> int | None:
    """The day on which this person gets it, 0 for Monday; None for never."""
    row = WeeklyMail.objects.filter(user=user).first()
    if row and row.chosen:
        return row.weekday
    return MONDAY if _readers().filter(pk=user.pk).exists() else None


def send(today: dt.date | None = None) -> int:
    """Tell everybody whose day is today; how many were told. A second run on the same day tells nobody twice.

    The mail goes to who chose a day, and on Mondays to executives and the quality office unless they want no mail at
    all; a notice on their page goes to both.

    Raises:
        MailFailed: at least one mail could not be sent.
    """
    bring_up_to_date()
    today = today or timezone.localdate()
    told, failed = 0, []
    for person in _due(today):
        try:
            _tell(person, today)
        except OSError:  # smtplib's errors are OSErrors: no route, refused recipient, ...
            log.warning("The portfolio could not be mailed to person %s.", person.pk, exc_info=True)
            failed.append(person.pk)
        else:
            told += 1
    if failed:
        raise MailFailed(f"{len(failed)} people could not be reached; {told} were.")
    return told


def _readers() -> QuerySet[User]:
    holders = RoleAssignment.objects.in_force(timezone.localdate()).filter(role__in=READERS)
    return User.objects.filter(pk__in=holders.order_by().values("user"), is_active=True)


def _due(today: dt.date) -> list[User]:
    chosen = WeeklyMail.objects.filter(chosen=True)
    due = Q(pk__in=chosen.filter(weekday=today.weekday()).values("user"))
    if today.weekday() == MONDAY:
        due |= Q(pk__in=_readers().values("pk")) & ~Q(pk__in=chosen.values("user"))
    told = WeeklyMail.objects.filter(sent_on=today)
    return list(User.objects.filter(due, is_active=True).exclude(pk__in=told.values("user")).order_by("pk"))


def _tell(person: User, today: dt.date) -> None:
    row, _made = WeeklyMail.objects.get_or_create(user=person, defaults={"weekday": MONDAY})
    with translation.override(person.language or settings.LANGUAGE_CODE):
        week = week_of(person)
        mailed = bool(person.email) and (row.chosen or person.digest != User.Digest.NEVER)
        if mailed:
            message_of(person, week, row.said).send()
    with transaction.atomic():
        row.sent_on, row.said = today, dict(week.numbers)
        row.save(update_fields=["sent_on", "said"])
        key = f"portfolio:{today:%G-%V}"
        notify(person, "portfolio_week", week.numbers, reverse("portfolio:overview"), key)
        if mailed:  # not again with the notices of the day
            Notice.objects.filter(user=person, key=key).update(emailed_at=timezone.now())


def message_of(person: User, week: Week, before: dict[str, int]) -> EmailMessage:
    """The mail of a week, in the active language. ``before``: the numbers of the mail before."""
    today = timezone.localdate()
    lines = moved_words(week.numbers, before)
    words = {
        "person": person,
        "day": date_long(today, translation.get_language()),
        "week": week,
        "moved": lines,
        "portfolio_url": settings.BASE_URL + reverse("portfolio:overview"),
        "choice_url": settings.BASE_URL + reverse("portfolio:week"),
    }
    domain = settings.SERVER_EMAIL.rpartition("@")[2] or "sekisho"
    headers = {
        "Message-ID": f"<portfolio-{person.pk}-{today:%G%V}@{domain}>",
        "Auto-Submitted": "auto-generated",
    }
    subject = _("Sekisho: the portfolio this week (%(day)s)") % {"day": words["day"]}
    body = render_to_string("portfolio/mail/week.txt", words)
    return EmailMessage(subject, body, to=[person.email], headers=headers)
