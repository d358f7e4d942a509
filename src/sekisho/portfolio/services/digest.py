"""The portfolio once a week, to those who answer for it."""

from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from sekisho.people.models import RoleAssignment, User
from sekisho.people.permissions import actor_of
from sekisho.people.services import notify
from sekisho.portfolio import figures as f
from sekisho.portfolio.queries.figures import Sums, read_filters
from sekisho.portfolio.services.figures import bring_up_to_date

READERS = ("executive", "quality_office")


def send() -> int:
    """Leave each executive and the quality office a notice with this week's figures; how many were told.

    Notices go out by mail as each person chose. A second run in the same week tells nobody twice.
    """
    bring_up_to_date()
    today = timezone.localdate()
    week = f"{today:%G-%V}"
    holders = RoleAssignment.objects.in_force(today).filter(role__in=READERS).order_by().values("user")
    told = 0
    for person in User.objects.filter(pk__in=holders, is_active=True):
        filters = read_filters(QueryDict())
        sums = Sums(actor_of(person), filters, (f.GATE_DUE, f.CONDITION_DUE, f.CONFIDENCE, f.ALARM))
        said = {
            "overdue": sums.between(f.GATE_DUE, "", today.isoformat()),
            "conditions": sums.between(f.CONDITION_DUE, "", today.isoformat()),
            "worried": sums.n(f.CONFIDENCE, "1", filters.year) + sums.n(f.CONFIDENCE, "2", filters.year),
            "alarms": sum(worth.n for worth in sums.keys(f.ALARM).values()),
        }
        notify(person, "portfolio_week", said, reverse("portfolio:overview"), f"portfolio:{week}")
        told += 1
    return told
