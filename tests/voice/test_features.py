"""Features: what users said of each, how that moved, and what is to become of it."""

import pytest
from django.urls import reverse

from sekisho.book.models import LedgerEntry
from sekisho.book.services import releases
from sekisho.errors import Invalid, NotPermitted, StaleWrite
from sekisho.people.roles import SYSTEM
from sekisho.voice.models import FeaturePlan
from sekisho.voice.queries.features import criteria_of, features_of
from sekisho.voice.services.features import plan_feature
from tests.book.factories import advance, days, make_project, plan_gate
from tests.voice.results import asked

pytestmark = pytest.mark.django_db


def by_code(project):
    return {row.code: row for row in features_of(project)}


def test_features_bear_their_newest_category_and_how_it_moved(people, asking):
    asked(
        people,
        asking,
        name="春",
        more={("wish.save", "1-5"): 2, ("wish.save", "1-3"): 38, ("wish.save", "2-5"): 0},
    )
    asked(people, asking, name="秋", more={("wish.save", "1-5"): 0, ("wish.save", "2-5"): 39})
    found = by_code(asking.project)
    save = found["save"]
    assert (save.figures.category, save.wave.name) == ("M", "秋")
    assert (save.change.before, save.change.after, save.change.verdict) == ("A", "M", "moved")
    assert list(found) == ["save", "chat"]  # what is taken for granted comes first
    assert found["chat"].change.verdict == "unchanged"


def test_features_not_asked_yet_and_too_small_waves_say_so(people, asking):
    assert [(row.figures, row.wave) for row in features_of(asking.project)] == [(None, None)] * 2
    asked(people, asking, threshold=50)
    assert all(row.figures is None for row in features_of(asking.project))


def test_a_plan_names_release_and_criterion_and_stands_in_the_ledger(people, asking):
    project = asking.project
    plan_gate(project)
    advance(people, project, "build")
    release = releases.plan_release(SYSTEM, project, version="1.1", kind="change", planned_on=days(9))
    criterion = next(iter(criteria_of(project)))
    said = {"plan": "build", "release": release, "criterion": criterion, "words": "次の改修で"}
    row = plan_feature(people.member, asking, "wish", "save", **said, expected_version=0)
    assert (row.plan, row.release, row.criterion, row.version) == ("build", release, criterion, 1)
    with pytest.raises(StaleWrite):
        plan_feature(people.member, asking, "wish", "save", plan="left", expected_version=0)
    entry = LedgerEntry.objects.get(act="feature.planned")
    assert entry.after["plan"] == "build"


@pytest.mark.parametrize(
    ("question", "feature", "said", "field"),
    [
        ("wish", "nope", {"plan": "build"}, "feature"),
        ("age", "young", {"plan": "build"}, "feature"),
        ("wish", "save", {"plan": "perhaps"}, "plan"),
        ("wish", "save", {"plan": "build", "criterion": "nope"}, "criterion"),
        ("wish", "save", {"plan": "build", "words": "x" * 501}, "words"),
    ],
)
def test_what_cannot_be_said_is_named(people, asking, question, feature, said, field):
    with pytest.raises(Invalid) as refused:
        plan_feature(people.member, asking, question, feature, **said)
    assert field in refused.value.fields
    assert not FeaturePlan.objects.filter(version__gt=0).exists()


def test_a_release_of_another_book_is_refused(people, asking, bureau):
    other = make_project(bureau)
    plan_gate(other)
    advance(people, other, "build")
    release = releases.plan_release(SYSTEM, other, version="1", kind="new", planned_on=days(9))
    with pytest.raises(Invalid):
        plan_feature(people.member, asking, "wish", "save", plan="build", release=release)


def test_others_plan_nothing(people, asking):
    with pytest.raises(NotPermitted):
        plan_feature(people.auditor, asking, "wish", "save", plan="build")


def test_the_page_shows_and_saves_plans(people, asking, reader):
    asked(people, asking)
    address = reverse("voice:features", args=[asking.project.code])
    assert address in reader.get(reverse("voice:survey", args=[asking.pk])).content.decode()
    key = f"{asking.pk}.wish.save"
    assert "What becomes of it" in reader.get(address, {"edit": key}).content.decode()
    done = reader.post(address, {"feature": key, "plan": "left", "words": "<b>高い</b>", "version": "0"})
    assert done.status_code == 302
    page = reader.get(address).content.decode()
    assert "Not to be built" in page
    assert "<b>高い" not in page
    stale = reader.post(address, {"feature": key, "plan": "build", "version": "0"})
    assert stale.status_code == 422
    assert FeaturePlan.objects.get().plan == "left"
    assert reader.get(address, {"edit": "junk"}).status_code == 200


def test_a_service_without_features_says_what_to_do(people, bureau, reader):
    page = reader.get(reverse("voice:features", args=[make_project(bureau).code]))
    assert "not asked about features yet" in page.content.decode()


def test_the_page_asks_the_same_however_many_waves_there_were(
    people, asking, reader, django_assert_max_num_queries
):
    for number in range(4):
        asked(people, asking, name=str(number))
    reader.get("/")
    with django_assert_max_num_queries(25):
        reader.get(reverse("voice:features", args=[asking.project.code]))
