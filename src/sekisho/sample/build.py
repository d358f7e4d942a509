"""Builds the fictional municipality through the services, as if people had worked in it for two years."""

import datetime as dt
import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.models import F
from django.utils import timezone, translation

from sekisho.book.services import escalation
from sekisho.book.services.rollup import deferred
from sekisho.people.models import Notice, User
from sekisho.portfolio.public.services import snapshot
from sekisho.portfolio.services import figures
from sekisho.sample import crossings, daily, publishing, sharing, staff, turns, usertests
from sekisho.sample.cast import Cast, engage
from sekisho.sample.catalogue import PLOTS, Plot
from sekisho.sample.clock import Clock, travelling
from sekisho.sample.standards import choose_standards, register_city_standard
from sekisho.sample.story import Story
from sekisho.standards.services import register_shipped
from sekisho.voice.services import quality

_BACKGROUND_DAYS = 900
#: notices older than this are taken as read: nobody wants two years of them on the first day
_FRESH_DAYS = 14


@contextmanager
def _unswept() -> Iterator[None]:
    """Leave garbage for the end: the many short-lived objects of the build make the collector run for nothing."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@_unswept()
@transaction.atomic
def build_sample(progress: Callable[[str], None]) -> int:
    """Make the sample municipality in an empty installation; returns how many projects it has.

    Everything happens in one transaction: interrupted, it leaves nothing behind. ``progress`` is told, in
    English, what is being made.
    """
    today = timezone.localdate()
    with translation.override("ja"):
        with deferred():
            with travelling() as clock:
                _tell_everything(clock, today, progress)
            progress("bringing every book up to date")
        progress("listing common platforms and comparing all books")
        sharing.share(today)
        escalation.remind_overdue(today)
        quality.keep_all()
        figures.bring_up_to_date()
        progress("publishing what citizens may see")
        publishing.go_further(User.objects.get(username="yamamoto"))
        snapshot.bring_up_to_date()
        _take_old_notices_as_read(today)
    return len(PLOTS)


def _tell_everything(clock: Clock, today: dt.date, progress: Callable[[str], None]) -> None:
    beginning = today - dt.timedelta(days=_BACKGROUND_DAYS)
    clock.move_to(beginning)
    progress("founding the city: organisations and people")
    cast = engage(beginning)
    register_shipped()
    choose_standards(cast, clock, today, register_city_standard())
    publishing.open_the_house(cast, clock, today)
    for number, plot in enumerate(PLOTS, start=1):
        if number % 10 == 1:
            progress(
                f"telling the stories of projects {number} to {min(number + 9, len(PLOTS))} of {len(PLOTS)}"
            )
        tell(plot, cast, clock, today)
    progress("drawing the network and sending files across it")
    crossings.cross(cast, clock, beginning, today)
    progress("asking the city's own people about their digital environment")
    staff.ask(cast, clock, today)


def tell(plot: Plot, cast: Cast, clock: Clock, today: dt.date) -> Story:
    """Tell one project's story from its first day to yesterday."""
    story = Story(plot, cast, clock, today)
    clock.move_to(story.start)
    turns.open_book(story)
    turns.travel(story)
    turns.deliver(story)
    turns.list_what_holds_data(story)
    daily.fill(story)
    usertests.judge_each_year(story)
    story.tell()
    return story


def _take_old_notices_as_read(today: dt.date) -> None:
    old = Notice.objects.filter(created_at__date__lt=today - dt.timedelta(days=_FRESH_DAYS))
    old.update(read_at=F("created_at"), emailed_at=F("created_at"))
