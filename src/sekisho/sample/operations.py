"""How services in use ran, month by month."""

import datetime as dt
import random
from decimal import Decimal
from functools import partial

from sekisho.portfolio.services.operations import report_month
from sekisho.sample.story import Story

_MONTHS = 6


def arrange(story: Story, released: dt.date) -> None:
    """Report the last months since the release, each in the first days of the month after."""
    month = story.today.replace(day=1)
    for _number in range(_MONTHS):
        reported, month = month + dt.timedelta(days=2), (month - dt.timedelta(days=1)).replace(day=1)
        if month >= released and reported < story.today:
            story.on(reported, partial(_report, story, month))


def _report(story: Story, month: dt.date) -> None:
    rng = random.Random(f"{story.plot.code} {month}")  # noqa: S311 - the same sample every time, no secret
    report_month(
        story.member,
        story.project,
        month=month,
        availability=Decimal(rng.choice(("100", "99.98", "99.95", "99.9", "99.7", "98.6"))),
        incidents=rng.choice((0, 0, 0, 1, 1, 2)),
        requests=rng.randint(0, 18),
    )
