"""Mail to people: the daily digest, mail for each notice, and the word that a token is about to expire."""

import datetime as dt
import logging
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from sekisho.jobs.context import JobContext
from sekisho.jobs.registry import periodic
from sekisho.people.models import ApiToken, Notice, User
from sekisho.people.notices import sentence_of
from sekisho.people.services import notify

log = logging.getLogger(__name__)

#: older notices are no news: somebody who turns mail on again is not flooded
NEWS = dt.timedelta(days=14)
MOST_LINES = 50
TOKEN_WARNING = dt.timedelta(days=7)


class MailFailed(Exception):
    """Some mail could not be sent; the job is tried again, and nobody already reached is written to twice."""


@periodic("people.digest", at=dt.time(7, 0), label=gettext_lazy("Daily e-mail of notices"))
def send_digests(context: JobContext) -> dict[str, Any]:
    """One e-mail a day at most to each person who wants that."""
    return send_mail_of(User.Digest.DAILY, context)


@periodic("people.mail_each", every=dt.timedelta(minutes=5), label=gettext_lazy("E-mail of new notices"))
def send_each(context: JobContext) -> dict[str, Any]:
    """Mail soon after each notice, for people who chose that."""
    return send_mail_of(User.Digest.EACH, context)


@periodic("people.tokens", at=dt.time(6, 30), label=gettext_lazy("Warning of expiring API tokens"))
def warn_of_tokens(context: JobContext) -> dict[str, Any]:
    """Tell people a week before one of their tokens stops working."""
    now = timezone.now()
    ending = ApiToken.objects.filter(
        revoked_at__isnull=True, expires_at__gt=now, expires_at__lte=now + TOKEN_WARNING
    ).select_related("user")
    for token in ending:
        day = timezone.localdate(token.expires_at).isoformat()
        params = {"name": token.name, "date": day}
        notify(token.user, "token_expires", params, reverse("people:account"), f"token_expires:{token.pk}")
    return {"tokens": len(ending)}


def send_mail_of(digest: str, context: JobContext | None = None) -> dict[str, Any]:
    """Send what waits to everybody with this choice. One failing address does not hold up the others.

    Raises:
        MailFailed: at least one mail could not be sent.
    """
    waiting = list(_people_waiting(digest))
    sent = failed = 0
    for number, person in enumerate(waiting, 1):
        try:
            sent += _mail(person)
        except OSError:  # smtplib's errors are OSErrors: no route, refused recipient, ...
            log.warning("Notices could not be mailed to person %s.", person.pk, exc_info=True)
            failed += 1
        if context:
            context.progress(number, len(waiting))
    if failed:
        raise MailFailed(f"{failed} of {len(waiting)} people could not be reached; {sent} were.")
    return {"sent": sent}


def _people_waiting(digest: str) -> Any:
    news = Notice.objects.filter(**_unsent())
    people = User.objects.filter(
        is_active=True, digest=digest, pk__in=news.order_by().values("user")
    ).exclude(email="")
    if digest == User.Digest.DAILY:
        people = people.exclude(digest_sent_at__gte=_midnight())
    return people.order_by("pk")


def _unsent() -> dict[str, Any]:
    return {
        "emailed_at__isnull": True,
        "read_at__isnull": True,
        "created_at__gte": timezone.now() - NEWS,
    }


def _midnight() -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(timezone.localdate(), dt.time()))


def _mail(person: User) -> int:
    """Send, then mark. After a crash between the two the same mail goes out with the same Message-ID."""
    notices = list(person.notices.filter(**_unsent()).order_by("-pk"))
    if not notices:
        return 0
    with translation.override(person.language or settings.LANGUAGE_CODE):
        batches = [notices] if person.digest == User.Digest.DAILY else [[notice] for notice in notices]
        for batch in batches:
            _message(person, batch).send()
            _mark_sent(person, batch)
    return len(batches)


def _mark_sent(person: User, notices: list[Notice]) -> None:
    now = timezone.now()
    with transaction.atomic():
        Notice.objects.filter(pk__in=[notice.pk for notice in notices]).update(emailed_at=now)
        User.objects.filter(pk=person.pk).update(digest_sent_at=now)


def _message(person: User, notices: list[Notice]) -> EmailMessage:
    lines = [(sentence_of(notice), settings.BASE_URL + notice.url) for notice in notices[:MOST_LINES]]
    words = {
        "person": person,
        "lines": lines,
        "further": len(notices) - len(lines),
        "notices_url": settings.BASE_URL + reverse("people:notices"),
        "account_url": settings.BASE_URL + reverse("people:account"),
    }
    body = render_to_string("people/mail/notices.txt", words)
    identity = (
        f"<notices-{person.pk}-{notices[0].pk}@{settings.SERVER_EMAIL.rpartition('@')[2] or 'sekisho'}>"
    )
    # "Auto-Submitted": an absence notice is not sent in answer (RFC 3834)
    headers = {"Message-ID": identity, "Auto-Submitted": "auto-generated"}
    return EmailMessage(_subject(lines), body, to=[person.email], headers=headers)


def _subject(lines: list[tuple[str, str]]) -> str:
    if len(lines) == 1:
        return _("Sekisho: %(what)s") % {"what": " ".join(lines[0][0].split())[:100]}
    count = len(lines)
    return ngettext("Sekisho: %(count)s notice", "Sekisho: %(count)s notices", count) % {"count": count}
