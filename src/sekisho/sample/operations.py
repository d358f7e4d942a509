"""How services in use ran, month by month."""

import datetime as dt
import random
from decimal import Decimal
from functools import partial

from sekisho.portfolio.services.operations import report_incident, report_month
from sekisho.sample.story import Story

_MONTHS = 6
_SEVERITIES, _DOWN = ("minor", "major"), (0, 35)
_WHAT = (
    "証明書の更新漏れで一部の利用者がログインできなかった",
    "夜間処理が遅れ、朝の画面表示に時間がかかった",
    "通知メールが届かない利用者がいた",
)


def arrange(story: Story, released: dt.date) -> None:
    """Report the last months since the release, each in the first days of the month after."""
    month = story.today.replace(day=1)
    for _number in range(_MONTHS):
        reported, month = month + dt.timedelta(days=2), (month - dt.timedelta(days=1)).replace(day=1)
        if month >= released and reported < story.today:
            story.on(reported, partial(_report, story, month))


def _report(story: Story, month: dt.date) -> None:
    rng = random.Random(f"{story.plot.code} {month}")  # noqa: S311 - the same sample every time, no secret
    availability = Decimal(rng.choice(("100", "99.98", "99.95", "99.9", "99.7", "98.6")))
    incidents, requests = rng.choice((0, 0, 0, 1, 1, 2)), rng.randint(0, 18)
    report_month(
        story.member,
        story.project,
        month=month,
        availability=availability,
        incidents=incidents,
        requests=requests,
        minutes_down=sum(_DOWN) if incidents else 0,
    )
    for number, (severity, down) in enumerate(zip(_SEVERITIES, _DOWN, strict=True)):
        if number < incidents:
            _list(story, month, number, severity, down, rng)


def _list(story: Story, month: dt.date, number: int, severity: str, down: int, rng: random.Random) -> None:
    """One of the month's incidents, as the operator's own list has it."""
    day = month + dt.timedelta(days=rng.randint(0, 25))
    report_incident(
        story.member,
        story.project,
        key=f"INC-{month:%Y%m}-{number + 1}",
        began_on=day,
        severity=severity,
        minutes_down=down,
        text=rng.choice(_WHAT),
    )
