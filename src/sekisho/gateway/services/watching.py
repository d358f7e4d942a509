"""Counting what crosses, and raising an alert when it is not as usual."""

import datetime as dt
from collections import Counter
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, F, Max, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sekisho.book.services.common import filled, fitting
from sekisho.errors import Conflict
from sekisho.gateway.models import Alert, Route, Tally, Transfer, TransferFile
from sekisho.gateway.services.records import record
from sekisho.people.models import Organisation, RoleAssignment, User
from sekisho.people.permissions import require
from sekisho.people.roles import SYSTEM
from sekisho.people.services import notify_many
from sekisho.sanitizer import Result

#: files an hour that are a surge: so many, and so many times the usual hour of the last two weeks
SURGE_FILES, SURGE_TIMES, USUAL_DAYS = 100, 5, 14
#: refused files of one sender within a day that raise an alert, when they are at least half of what was sent; and whatever
#: else was sent, lest a thousand harmless files hide them
MANY_REFUSALS, ANYHOW_REFUSALS = 5, 20
#: codes that tell of an attempt to run or reach something, not of an ordinary file that loses something
ATTACKS = frozenset({
    "ooxml.macro", "ooxml.macro_sheet", "ooxml.control", "ooxml.embedded", "ooxml.action", "ooxml.external",
    "ooxml.external_link", "ooxml.connection", "ooxml.custom_ui", "ooxml.web_extension", "ooxml.field",
    "ooxml.package_tricks", "ooxml.dtd", "pdf.javascript", "pdf.open_action", "pdf.additional_actions", "pdf.launch",
    "pdf.submit", "pdf.go_elsewhere", "pdf.multimedia", "pdf.embedded_file", "pdf.xfa", "pdf.external", "html.active",
    "svg.active", "svg.dtd", "xml.dtd", "archive.unsafe_path", "image.trailing", "text.direction", "type.dangerous",
    "type.name_lies", "type.ambiguous", "limit.ratio", "zip.structure", "engine.crashed",
})  # fmt: skip


def count(transfer: Transfer, file: TransferFile, result: Result) -> None:
    """Count a checked file, inside the transaction that keeps it; a code of an attack that is new here raises an alert."""
    report = result.report
    removed: Counter[str] = Counter()
    for entry in report.removed:
        if entry.action in ("removed", "changed"):
            removed[entry.code] += entry.count
    found = [
        (Tally.Kind.TYPE, report.input.type, 1),
        *((Tally.Kind.REMOVED, c, n) for c, n in removed.items()),
    ]
    if report.refusal:
        found.append((Tally.Kind.REFUSED, report.refusal, 1))
    organisation = transfer.route.organisation
    codes = {key for kind, key, _n in found if kind != Tally.Kind.TYPE and key in ATTACKS}
    known = Tally.objects.filter(organisation=organisation, key__in=codes).exclude(kind=Tally.Kind.TYPE)
    fresh = codes - set(known.values_list("key", flat=True))
    month = timezone.localdate().replace(day=1)
    for kind, key, number in sorted(found):  # in one order, so that two workers never wait for each other
        _add(organisation, month, kind, key, number)
    for code in sorted(fresh):
        facts = {"code": code, "name": file.name, "sender": transfer.from_whom}
        raise_alert(organisation, Alert.Kind.ATTACK, code, facts, transfer)


def _add(organisation: Organisation, month: dt.date, kind: str, key: str, number: int) -> None:
    place = {"organisation": organisation, "month": month, "kind": kind, "key": key[:80]}
    if Tally.objects.filter(**place).update(count=F("count") + number):
        return
    try:
        with transaction.atomic():
            Tally.objects.create(**place, count=number)
    except IntegrityError:  # another worker was first
        Tally.objects.filter(**place).update(count=F("count") + number)


def raise_alert(
    organisation: Organisation, kind: str, key: str, facts: dict[str, Any], transfer: Transfer | None = None
) -> bool:
    """Raise an alert once, write it down, and tell the officers. False when it was raised before."""
    with transaction.atomic():
        alert, made = Alert.objects.get_or_create(
            organisation=organisation,
            kind=kind,
            key=key[:120],
            defaults={"facts": facts, "transfer": transfer, "raised_at": timezone.now()},
        )
        if not made:
            return False
        told = {"kind": kind, "alert_id": alert.pk, **facts}
        record(SYSTEM, organisation, f"alert.{kind}", told)
        officers = _officers(organisation)
        notify_many(officers, f"transfer_alert_{kind}", facts, reverse("gateway:alerts"), f"alert:{alert.pk}")
    return True


def _officers(organisation: Organisation) -> list[User]:
    above = [int(part) for part in organisation.path.split("/") if part]
    roles = RoleAssignment.objects.in_force(timezone.localdate())
    held = roles.filter(role="security_officer", organisation__in=above)
    return list(User.objects.filter(roles__in=held, is_active=True).distinct().order_by("pk"))


def watch(now: dt.datetime | None = None) -> dict[str, int]:
    """One round by the clock: surges, and senders with many refusals. Returns how many alerts were raised."""
    now = now or timezone.now()
    organisations = Organisation.objects.filter(routes__isnull=False).distinct().order_by("pk")
    raised = 0
    for organisation in organisations:
        raised += _watch_surge(organisation, now) + _watch_refusals(organisation, now)
    return {"raised": raised}


def _sent(organisation: Organisation) -> Any:
    routes = Route.objects.filter(organisation=organisation).order_by()
    return TransferFile.objects.filter(transfer__route__in=routes, transfer__sent_at__isnull=False).order_by()


def _watch_surge(organisation: Organisation, now: dt.datetime) -> int:
    hour = now - dt.timedelta(hours=1)
    files = _sent(organisation)
    lately = files.filter(transfer__sent_at__gt=hour, transfer__sent_at__lte=now).count()
    if lately < SURGE_FILES:
        return 0
    start = hour - dt.timedelta(days=USUAL_DAYS)
    before = files.filter(transfer__sent_at__gt=start, transfer__sent_at__lte=hour).count()
    usual = before / (USUAL_DAYS * 24)
    if lately < SURGE_TIMES * usual:
        return 0
    facts = {"files": lately, "usual": round(usual, 1)}
    return raise_alert(organisation, Alert.Kind.SURGE, f"{timezone.localtime(now):%Y-%m-%d}", facts)


def _watch_refusals(organisation: Organisation, now: dt.datetime) -> int:
    files = _sent(organisation).filter(checked_at__gt=now - dt.timedelta(days=1), checked_at__lte=now)
    senders = files.values("transfer__turn").annotate(
        all=Count("id"), bad=Count("id", filter=Q(state="refused") | ~Q(refusal={})), last=Max("transfer")
    )
    raised = 0
    many = Q(bad__gte=MANY_REFUSALS, all__lte=2 * F("bad")) | Q(bad__gte=ANYHOW_REFUSALS)
    for row in senders.filter(many).order_by("transfer__turn"):
        transfer = Transfer.objects.select_related("sender", "mail").get(pk=row["last"])
        facts = {"sender": transfer.from_whom, "refused": row["bad"], "files": row["all"]}
        key = f"{transfer.turn}:{timezone.localtime(now):%Y-%m-%d}"
        raised += raise_alert(organisation, Alert.Kind.REFUSALS, key, facts)
    return raised


def answer_alert(user: Any, alert: Alert, *, answer: str) -> None:
    """The officer says what was found. Raises ``Conflict`` when another one did before."""
    actor = require(user, "see_transfers", path=alert.organisation.path)
    with transaction.atomic():
        row = Alert.objects.select_for_update().get(pk=alert.pk)
        if row.seen_at:
            raise Conflict(_("Somebody did this already."))
        said = fitting(filled(answer, "answer", _("Say what you found, so that others know.")), 500, "answer")
        row.seen_at, row.seen_by_id, row.answer = timezone.now(), actor.user_id, said
        row.save(update_fields=["seen_at", "seen_by", "answer"])
        record(
            actor,
            row.organisation_id,
            "alert.answered",
            {"kind": row.kind, "reason": said, "alert_id": row.pk},
        )
