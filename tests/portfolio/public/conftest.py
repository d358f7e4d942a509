"""A city that publishes: nothing kept from another test, decisions that have taken effect."""

import datetime as dt

import pytest
from django.core.cache import caches

from sekisho.people.models import Installation
from sekisho.portfolio.public.dictionary import dictionary
from sekisho.portfolio.public.models import PublicationDecision
from sekisho.portfolio.public.services import deciding, snapshot


@pytest.fixture(autouse=True)
def _nothing_kept(settings):
    settings.BASE_URL = "https://city.example"
    caches["public"].clear()
    yield
    caches["public"].clear()


@pytest.fixture
def city(db):
    return Installation.objects.create(name="関野市")


def let_time_pass():
    """Everything decided has taken effect, and is seen."""
    PublicationDecision.objects.filter(applied_at=None).update(
        takes_effect_at=dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    )
    changed = snapshot.bring_up_to_date()
    caches["public"].clear()
    return changed


@pytest.fixture
def publish(people, city):
    """``publish(*projects, fields=…)``: publish these, with all fields unless told otherwise."""

    def now(*projects, fields=None):
        wanted = list(dictionary().fields) if fields is None else fields
        if wanted:
            deciding.decide_fields(people.quality_office, wanted)
        for project in projects:
            deciding.decide_service(people.quality_office, project, shown=True)
        let_time_pass()

    return now
