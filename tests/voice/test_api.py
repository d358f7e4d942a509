"""Surveys for programs: made, changed with an ETag, asked, and read."""

import pytest

from sekisho.voice.models import Response, Survey, Wave
from tests.api.callers import Caller, problem
from tests.book.factories import make_project

pytestmark = pytest.mark.django_db

ONE = {"sections": [{"questions": [{"code": "a", "kind": "satisfaction", "title": {"ja": "満足"}}]}]}


@pytest.fixture
def member(people, bureau):
    make_project(bureau, code="A-1")
    return Caller(people.member)


def test_a_survey_is_made_asked_answered_and_read(member):
    made = member.post("/projects/A-1/surveys", {"title": "満足度", "ready": "satisfaction"})
    assert made.status_code == 201
    survey = made.json()
    assert survey["document"]["sections"][0]["questions"][0]["code"] == "overall"
    wave = member.post(f"/surveys/{survey['id']}/waves", {"name": "春"}).json()
    assert wave["address"].endswith(f"/s/{Wave.objects.get().token}/")
    fewer = member.get(f"/waves/{wave['id']}/results").json()
    assert (fewer["counted"], fewer["questions"]) == (0, [])
    Response.objects.bulk_create(
        [Response(wave_id=wave["id"], day="2026-04-01", answers={"overall": n}) for n in (1, 2, 4, 5, 5, 5)]
    )
    assert member.post(f"/waves/{wave['id']}/close").json()["closed_at"]
    found = member.get(f"/waves/{wave['id']}/results").json()
    overall = found["questions"][0]
    assert (found["counted"], overall["n"]) == (6, 6)
    assert overall["satisfaction"]["satisfied"] == pytest.approx(4 / 6)
    assert [one["id"] for one in member.get("/surveys?project=A-1").json()["items"]] == [survey["id"]]
    assert member.get(f"/surveys/{survey['id']}/waves").json()["items"][0]["name"] == "春"


def test_a_change_never_goes_over_a_newer_one_and_names_its_faults(member):
    made = member.post("/projects/A-1/surveys", {"title": "満足度", "document": ONE})
    path, tag = f"/surveys/{made.json()['id']}", made["ETag"]
    changed = member.put(path, {"document": ONE, "title": "改めた題"}, if_match=tag)
    assert (changed.status_code, changed.json()["title"]) == (200, "改めた題")
    stale = problem(member.put(path, {"document": ONE}, if_match=tag), 412, "stale_write")
    assert stale["current"]["version"] == 2
    wrong = {"sections": [{"questions": [{"code": "A", "kind": "nothing"}]}]}
    refused = problem(member.put(path, {"document": wrong}), 422, "invalid")
    assert "sections[0].questions[0].kind" in refused["errors"]["document"]
    problem(member.post("/projects/A-1/surveys", {"title": "x", "document": wrong}), 422, "invalid")
    problem(member.post("/projects/A-1/surveys", {"title": "x", "ready": "none"}), 422, "invalid")
    assert Survey.objects.count() == 1


def test_figures_of_every_kind_have_their_terms(member, people, asking):
    from tests.voice.results import asked

    wave = asked(people, asking)
    found = {one["code"]: one for one in member.get(f"/waves/{wave.pk}/results").json()["questions"]}
    assert found["overall"]["satisfaction"]["counts"] == {"1": 4, "2": 6, "3": 10, "4": 12, "5": 8}
    assert found["age"]["counts"] == {"young": 15, "old": 25}
    assert found["wish"]["kano"]["features"][0]["category"] == "O"
    assert found["sus"]["sus"]["n"] == 39
    assert found["tell"]["nps"]["n"] == 40
