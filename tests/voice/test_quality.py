"""The quality level: judged by a rule, explained need by need, kept per fiscal year."""

import datetime as dt

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from sekisho.book.evaluation import Measurement
from sekisho.book.measures import all_measures
from sekisho.book.models import Release
from sekisho.book.services import releases
from sekisho.people.models import Installation
from sekisho.people.roles import SYSTEM
from sekisho.voice.models import QualityLevel
from sekisho.voice.quality import BELOW, current_rule, judge
from sekisho.voice.services import problems, quality, usertests
from sekisho.voice.services.features import plan_feature
from tests.book.factories import advance, days, make_project, pass_gate
from tests.voice.factories import hold, plan
from tests.voice.results import asked

TODAY = dt.date(2026, 11, 23)
NOW = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)
BEST = {
    "releases_judged": 100,
    "usability_tests_done": 2,
    "open_critical_problems": 0,
    "overdue_conditions": 0,
    "satisfied_share": 81.0,
    "task_completion": 92.5,
    "sus_mean": 78.1,
    "open_serious_problems": 0,
    "must_be_features_missing": 0,
    "attractive_features_there": 1,
}


def measured(**changes):
    return {name: Measurement(value, NOW) for name, value in {**BEST, **changes}.items()}


def test_everything_that_holds_reaches_the_top():
    found = judge(current_rule(), measured(), TODAY)
    assert (found.level, found.next_level, found.missing) == ("attractive", None, ())


@pytest.mark.parametrize(
    ("changes", "level", "missing"),
    [
        ({"satisfied_share": 60}, "must_be", ["failing"]),
        ({"satisfied_share": None}, "must_be", ["missing"]),
        ({"sus_mean": 71.9, "open_serious_problems": 3}, "must_be", ["failing", "failing"]),
        ({"open_critical_problems": 1}, BELOW, ["failing"]),
        ({"usability_tests_done": 0, "releases_judged": 66.7}, BELOW, ["failing", "failing"]),
        ({"must_be_features_missing": 2}, BELOW, ["failing"]),
        ({"attractive_features_there": 0}, "must_be", ["failing"]),
        ({"satisfied_share": float("nan")}, "must_be", ["failing"]),
    ],
)
def test_what_is_missing_for_the_next_level_is_named(changes, level, missing):
    found = judge(current_rule(), measured(**changes), TODAY)
    assert (found.level, [finding.state for finding in found.missing]) == (level, missing)


def test_satisfaction_asked_too_long_ago_no_longer_counts():
    old = {**measured(), "satisfied_share": Measurement(90, NOW - dt.timedelta(days=600))}
    found = judge(current_rule(), old, TODAY)
    assert (found.level, [finding.state for finding in found.missing]) == ("must_be", ["stale"])


def test_attractive_without_must_be_is_below_must_be():
    assert judge(current_rule(), measured(overdue_conditions=1), TODAY).level == BELOW


@given(st.dictionaries(st.sampled_from(sorted(BEST)), st.none() | st.floats() | st.integers(), max_size=8))
def test_whatever_is_measured_gives_a_level_with_its_reasons(values):
    found = judge(current_rule(), {name: Measurement(value, NOW) for name, value in values.items()}, TODAY)
    assert (found.next_level is None) == (found.level == "attractive")
    assert (found.next_level is None) == (not found.missing)
    assert len(found.findings) == 10


def test_must_be_rests_on_measures_that_exist():
    assert {need.demand.name for need in current_rule().levels[0].needs} <= set(all_measures())


def released(people, bureau, code="Q-1"):
    project = advance(people, make_project(bureau, code=code), "build")
    release = releases.plan_release(SYSTEM, project, version="1.0", kind="new", planned_on=days(9))
    pass_gate(people, release.gate)
    releases.publish_release(SYSTEM, Release.objects.select_related("project", "gate").get(pk=release.pk))
    return project


@pytest.mark.django_db
def test_a_service_rises_to_must_be_and_each_year_keeps_its_level(people, bureau):
    project = released(people, bureau)
    make_project(bureau, code="Q-2")
    quality.keep_all()
    assert [(row.project.code, row.level) for row in QualityLevel.objects.all()] == [("Q-1", BELOW)]
    test = plan(people.member, project)
    hold(people.member, test)
    usertests.finish_test(people.member, test, conclusions="使えた")
    assert quality.keep_all() == 1
    assert QualityLevel.objects.get().level == "must_be"
    with time_machine.travel(timezone.now() + dt.timedelta(days=366), tick=False):
        problems.found_problem(people.member, test, title="送れない", severity="critical")
        quality.keep_all()
        levels = [row.level for row in QualityLevel.objects.order_by("fiscal_year")]
    assert levels == ["must_be", BELOW]


@pytest.mark.django_db
def test_the_pages_say_the_level_and_what_is_missing(client, people, bureau, other_bureau):
    Installation.objects.create(name="関野市")
    people.member.language = "en"
    people.member.save()
    client.force_login(people.member)
    empty = client.get(reverse("voice:quality")).content.decode()
    assert "No service is judged yet" in empty
    project = released(people, bureau)
    quality.keep_all()
    road = client.get(reverse("voice:quality")).content.decode()
    assert "Below must-be quality 1" in road
    assert "Q-1" in client.get(reverse("voice:quality"), {"level": BELOW}).content.decode()
    assert (
        "No service stands" in client.get(reverse("voice:quality"), {"level": "attractive"}).content.decode()
    )
    page = client.get(reverse("voice:quality_service", args=[project.code])).content.decode()
    assert "1 thing is missing for “Must-be quality”" in page
    assert "Users have tried it" in page
    assert "Not measured yet" in page


def judged(bureau, count):
    for _ in range(count):
        project = make_project(bureau)
        QualityLevel.objects.create(
            project=project, fiscal_year=2026, level="must_be", judged_at=timezone.now()
        )


@pytest.mark.django_db
def test_the_roadmap_takes_the_same_queries_for_one_service_and_for_many(client, people, bureau):
    Installation.objects.create(name="関野市")
    client.force_login(people.quality_office)
    judged(bureau, 1)
    client.get(reverse("voice:quality"))  # the first page of a session reads more
    with CaptureQueriesContext(connection) as one:
        client.get(reverse("voice:quality"))
    judged(bureau, 30)
    with CaptureQueriesContext(connection) as many:
        client.get(reverse("voice:quality"))
    assert len(many) == len(one)


@pytest.mark.django_db
def test_what_services_lack_for_the_next_level_is_shown_over_all_of_them(client, people, bureau):
    Installation.objects.create(name="関野市")
    people.member.language = "en"
    people.member.save()
    client.force_login(people.member)
    released(people, bureau)
    quality.keep_all()
    kept = {
        "level": "must_be",
        "findings": [{"level": "attractive", "measure": "sus_mean", "value": 60, "state": "failing"}],
    }
    other = make_project(bureau, code="Q-9")
    year = QualityLevel.objects.get().fiscal_year
    QualityLevel.objects.create(project=other, fiscal_year=year, judged_at=timezone.now(), **kept)
    page = client.get(reverse("voice:quality")).content.decode()
    assert "?lacks=usability_tests_done" in page
    assert "?lacks=sus_mean" in page
    assert "?lacks=satisfied_share" not in page, "what the level after the next needs is not missing yet"
    one = client.get(reverse("voice:quality"), {"lacks": "sus_mean"}).content.decode()
    assert "Q-9" in one
    assert "Q-1" not in one
    assert client.get(reverse("voice:quality"), {"lacks": "nonsense"}).status_code == 200


@pytest.mark.django_db
def test_features_users_take_for_granted_count_until_they_are_there(people, asking):
    missing, there = (
        all_measures()[name].measure for name in ("must_be_features_missing", "attractive_features_there")
    )
    project = asking.project
    assert (missing(project, None).value, there(project, None).value) == (0, 0)
    asked(people, asking, more=[(("wish.save", "2-5"), 35)])
    assert (missing(project, None).value, there(project, None).value) == (1, 0)
    plan_feature(people.member, asking, "wish", "save", plan="done")
    assert missing(project, None).value == 0
    asked(people, asking, name="秋")
    assert (missing(project, None).value, there(project, None).value) == (0, 1)
    few = asked(people, asking, name="冬", threshold=41)
    assert few.threshold > 40
    assert there(project, None).value == 1, "the newest wave that may be shown"
