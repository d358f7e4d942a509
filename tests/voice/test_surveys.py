"""Surveys through their services: defined, asked in waves, answered once and without a trace, counted exactly."""

import datetime as dt
import json
import statistics
from contextlib import suppress

import pytest
import time_machine
import yaml
from django.core import serializers
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import stats

from sekisho.book.models import LedgerEntry, Project
from sekisho.errors import Conflict, Invalid, NotFound, NotPermitted, StaleWrite
from sekisho.voice import measures
from sekisho.voice.definition import Definition, DefinitionError, check
from sekisho.voice.models import Invitation, Participation, Response, Tally
from sekisho.voice.queries.surveys import wave_results
from sekisho.voice.services import answering, surveys, tally
from tests.book.factories import days, make_project
from tests.factories import UserFactory

DOCUMENT = {
    "intro": {"ja": "教えてください"},
    "sections": [
        {
            "title": {"ja": "全体"},
            "questions": [
                {"code": "overall", "kind": "satisfaction", "title": {"ja": "満足"}, "required": True},
                {
                    "code": "done",
                    "kind": "single",
                    "title": {"ja": "終えたか"},
                    "choices": [
                        {"code": "yes", "title": {"ja": "はい"}},
                        {"code": "no", "title": {"ja": "いいえ"}},
                    ],
                },
                {
                    "code": "why",
                    "kind": "text",
                    "title": {"ja": "なぜ"},
                    "longest": 50,
                    "show_if": {"question": "done", "among": ["no"]},
                },
                {
                    "code": "used",
                    "kind": "multiple",
                    "title": {"ja": "使ったもの"},
                    "choices": [
                        {"code": "pc", "title": {"ja": "PC"}},
                        {"code": "tel", "title": {"ja": "電話"}},
                    ],
                },
                {"code": "times", "kind": "number", "title": {"ja": "回数"}, "least": 0},
                {"code": "day", "kind": "date", "title": {"ja": "日"}},
                {
                    "code": "wish",
                    "kind": "kano",
                    "title": {"ja": "機能"},
                    "choices": [{"code": "save", "title": {"ja": "保存"}}],
                },
                {"code": "sus", "kind": "sus", "title": {"ja": "使いやすさ"}},
                {"code": "tell", "kind": "nps", "title": {"ja": "すすめるか"}},
            ],
        }
    ],
}


def definition():
    return Definition.from_document(DOCUMENT)


# The definition and the check of answers, without a database


def test_a_document_reads_back_the_same():
    found = definition()
    assert Definition.from_document(json.loads(json.dumps(found.to_document()))) == found


@pytest.mark.parametrize("file", sorted(surveys.LIBRARY.glob("*.yaml")), ids=lambda file: file.stem)
def test_every_ready_survey_can_be_asked_in_both_languages(file):
    assert set(yaml.safe_load(file.read_text())["title"]) == {"ja", "en"}
    found = Definition.from_document(surveys.ready_document(file.stem, Project()))
    assert found.questions
    for question in found.questions:
        assert question.title.ja
        assert question.title.en
        assert all(choice.title.ja and choice.title.en for choice in question.choices)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"code": "Overall"}, "code"),
        ({"kind": "essay"}, "kind"),
        ({"title": {}}, "title"),
        ({"kind": "single", "choices": []}, "choices"),
        ({"kind": "scale", "least": 5, "most": 2}, "most"),
        ({"kind": "scale", "least": 0, "most": 99}, "most"),
        ({"show_if": {"question": "later", "among": ["x"]}}, "show_if.question"),
        ({"surprise": 1}, "surprise"),
        ({"longest": 99_999_999}, "longest"),
        ({"choices": "no list", "kind": "single"}, "choices"),
    ],
)
def test_a_fault_is_named_by_its_place(change, place):
    question = {"code": "a", "kind": "text", "title": {"ja": "x"}, **change}
    with pytest.raises(DefinitionError) as refused:
        Definition.from_document({"sections": [{"questions": [question]}]})
    assert f"sections[0].questions[0].{place}" in [fault.place for fault in refused.value.faults]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda x: (
            st.lists(x)
            | st.dictionaries(
                st.sampled_from(["sections", "questions", "code", "kind", "title", "choices", "show_if"]), x
            )
        ),
        max_leaves=12,
    )
)
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_document_whatever_crashes_the_reader(document):
    with suppress(DefinitionError):
        Definition.from_document(document)


def answers(**given):
    return check(
        definition(),
        {f"q-{name.replace('__', '-')}": v if isinstance(v, list) else [v] for name, v in given.items()},
    )


def test_answers_are_taken_as_values():
    found = answers(
        overall="4", done="no", why="長い", used=["tel", "pc"], times="1,200", day="2026-04-01",
        wish__save__f="1", wish__save__d="5", tell="10", **{f"sus__{n}": "3" for n in range(1, 11)},
    )  # fmt: skip
    assert found.is_whole
    assert found.answers == {
        "overall": 4,
        "done": "no",
        "why": "長い",
        "used": ["pc", "tel"],
        "times": 1200,
        "day": "2026-04-01",
        "wish": {"save": [1, 5, None]},
        "sus": [3] * 10,
        "tell": 10,
    }


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "q-overall"),
        ({"overall": "6"}, "q-overall"),
        ({"overall": "4.5"}, "q-overall"),
        ({"overall": "٤"}, "q-overall"),
        ({"overall": "3", "done": "maybe"}, "q-done"),
        ({"overall": "3", "used": ["pc", "fax"]}, "q-used"),
        ({"overall": "3", "done": "no", "why": "あ" * 50_000}, "q-why"),
        ({"overall": "3", "times": "many"}, "q-times"),
        ({"overall": "3", "times": "-1"}, "q-times"),
        ({"overall": "3", "times": "nan"}, "q-times"),
        ({"overall": "3", "day": "2026-13-01"}, "q-day"),
        ({"overall": "3", "wish__save__f": "9"}, "q-wish-save-f"),
        ({"overall": "3", "sus__4": "0"}, "q-sus-4"),
        ({"overall": "3", "tell": "11"}, "q-tell"),
    ],
)
def test_what_cannot_be_taken_is_named_by_its_field(given, field):
    assert field in answers(**given).problems


@pytest.mark.parametrize(
    ("sent", "taken"),
    [
        ("１，２００", 1200),
        ("1,234,567.5", 1234567.5),
        ("．５", 0.5),
        ("3.50", 3.5),
        ("+4", 4),
        ("1e3", 1000),
    ],
)
def test_numbers_are_read_as_people_type_them(sent, taken):
    assert answers(overall="3", times=sent).answers["times"] == taken


@pytest.mark.parametrize("sent", ["3,5", "1_000", "約3", "-", ".", "1,20", "9" * 40, "1e400", "−1"])
def test_numbers_that_could_mean_something_else_are_asked_for_again(sent):
    assert "q-times" in answers(overall="3", times=sent).problems


@pytest.mark.parametrize("sent", ["令和8年4月1日", "R8.4.1", "2026/4/1", "２０２６年４月１日", "2026-04-01"])
def test_days_are_read_in_both_calendars(sent):
    assert answers(overall="3", day=sent).answers["day"] == "2026-04-01"


def test_a_day_of_any_year_is_taken_as_browsers_send_it():
    assert answers(overall="3", day="1801-04-01").answers["day"] == "1801-04-01"


def test_a_hidden_question_is_not_taken_and_half_a_kano_pair_is_kept_as_half():
    found = answers(overall="3", done="yes", why="見えないはず", wish__save__d="2")
    assert found.answers == {"overall": 3, "done": "yes", "wish": {"save": [None, 2, None]}}


@given(
    st.dictionaries(
        st.sampled_from(
            [
                "q-overall",
                "q-done",
                "q-why",
                "q-used",
                "q-times",
                "q-day",
                "q-wish-save-f",
                "q-sus-3",
                "q-tell",
            ]
        ),
        st.lists(st.text(max_size=30), max_size=3),
    )
)
def test_nothing_sent_crashes_the_check(given):
    found = check(definition(), given)
    assert json.loads(json.dumps(found.answers)) == found.answers


# Waves on the database


@pytest.fixture
def survey(db, people, bureau):
    made = surveys.make_survey(people.member, make_project(bureau, for_citizens=True), title="満足度")
    return surveys.change_survey(people.member, made, DOCUMENT)


def wave_of(people, survey, **more):
    return surveys.open_wave(people.member, survey, **{"name": "春", **more})


def send(wave, *, user=None, code="", **given):
    sent = {
        f"q-{name}": [value] if isinstance(value, str) else value
        for name, value in {"overall": "4", **given}.items()
    }
    return answering.submit(wave, sent, user=user, code=code)


def test_only_those_who_edit_make_and_open(people, survey):
    with pytest.raises(NotPermitted):
        surveys.open_wave(people.auditor, survey, name="x")
    with pytest.raises(Invalid, match=r"sections\[0\].questions\[0\].code"):
        surveys.change_survey(people.member, survey, {"sections": [{"questions": [{}]}]})
    with pytest.raises(StaleWrite):
        surveys.change_survey(people.member, survey, DOCUMENT, expected_version=1)


def test_a_survey_without_questions_is_not_asked(people, bureau):
    empty = surveys.make_survey(people.member, make_project(bureau), title="空")
    with pytest.raises(Invalid, match="Add a question"):
        wave_of(people, empty)


def test_a_wave_keeps_its_questions_when_the_draft_changes(people, survey):
    wave = wave_of(people, survey)
    surveys.change_survey(
        people.member, survey, {"sections": [{"questions": [DOCUMENT["sections"][0]["questions"][1]]}]}
    )
    assert send(wave).is_whole
    assert Response.objects.get().answers == {"overall": 4}


def test_the_order_in_which_staff_answered_cannot_be_read_from_the_files_of_the_database(people, survey):
    wave = wave_of(people, survey, access="staff")
    for _ in range(12):
        assert send(wave, user=UserFactory()).is_whole
    assert tally.count_new(wave) == 7
    surveys.close_wave(people.member, wave)
    tally.count_new(wave)
    place = {"sqlite": "rowid", "postgresql": "ctid"}[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(f"select id from voice_response order by {place}")
        keys = [str(key).replace("-", "") for (key,) in cursor.fetchall()]
    assert (keys[:7], keys[7:]) == (sorted(keys[:7]), sorted(keys[7:]))
    assert tally.is_exact(wave)


def test_figures_come_only_when_enough_have_answered_and_never_grow_by_a_few(people, survey):
    wave = wave_of(people, survey)
    seen = []
    for _ in range(17):
        send(wave)
        tally.count_new(wave)
        seen.append(wave_results(wave).counted)
    steps = [after - before for before, after in zip([0, *seen], seen, strict=False) if after != before]
    assert seen[8] == 0
    assert min(steps) >= 5
    assert seen[-1] <= 17 - 5
    surveys.close_wave(people.member, wave)
    tally.count_new(wave)
    assert wave_results(wave).counted == 17
    assert tally.is_exact(wave)


def test_below_the_threshold_nothing_is_shown_even_at_the_end(people, survey):
    wave = wave_of(people, survey)
    for _ in range(4):
        send(wave)
    surveys.close_wave(people.member, wave)
    tally.count_new(wave)
    found = wave_results(wave)
    assert (found.received, found.results) == (4, ())
    assert measures.satisfaction("mean")(survey.project, None).value is None


def test_nothing_beside_an_anonymous_answer_leads_to_who_gave_it(people, survey):
    wave = wave_of(people, survey, access="staff")
    send(wave, user=people.member, done="no", why="秘密")
    kept = serializers.serialize("json", [*Response.objects.all(), *Participation.objects.all()])
    rows = json.loads(kept)
    response = next(row for row in rows if row["model"] == "voice.response")
    assert (response["fields"]["person"], response["fields"]["day"]) == (None, days(0).isoformat())
    assert ":" not in "".join(str(value) for name, value in response["fields"].items() if name != "answers")
    participation = next(row for row in rows if row["model"] == "voice.participation")
    assert set(participation["fields"]) == {"wave", "digest"}
    for told in (people.member.username, people.member.email, str(response["pk"])):
        assert told not in json.dumps(participation)
    with pytest.raises(IntegrityError), transaction.atomic():
        Response.objects.update(person=people.member)


def test_staff_answer_once_and_strangers_not_at_all(people, survey):
    wave = wave_of(people, survey, access="staff")
    with pytest.raises(NotPermitted):
        send(wave)
    assert send(wave, user=people.member).is_whole
    with pytest.raises(answering.AnsweredAlready):
        send(wave, user=people.member)
    assert send(wave, user=people.auditor).is_whole


def test_a_one_time_link_answers_once_and_only_its_digest_is_kept(people, survey):
    wave = wave_of(people, survey, access="once")
    first, second = surveys.make_links(people.member, wave, 2)
    with pytest.raises(NotFound):
        send(wave, code="guessed")
    assert not send(wave, code=first, overall="9").is_whole
    assert send(wave, code=first).is_whole
    with pytest.raises(answering.AnsweredAlready):
        send(wave, code=first)
    assert sorted(Invitation.objects.values_list("used", flat=True)) == [False, True]
    assert second not in serializers.serialize("json", Invitation.objects.all())


def test_a_closed_wave_takes_nothing_and_forgets_its_secret(people, survey):
    wave = wave_of(people, survey, closes_on=days(1))
    with (
        time_machine.travel(timezone.now() + dt.timedelta(days=3), tick=False),
        pytest.raises(Conflict, match="closed"),
    ):
        send(wave)
    surveys.close_wave(people.member, wave)
    assert bytes(wave.secret) == b""
    with pytest.raises(Conflict):
        send(wave)
    said = LedgerEntry.objects.filter(act__startswith="survey.").order_by("seq").values_list("act", flat=True)
    assert list(said) == ["survey.made", "survey.opened", "survey.closed"]


def test_an_answer_with_a_name_can_be_taken_back_and_the_totals_follow(people, survey):
    wave = wave_of(people, survey, access="staff", anonymous=False, threshold=1)
    for person in (people.member, people.auditor):
        send(wave, user=person)
    tally.count_new(wave)
    assert wave_results(wave).counted == 2
    assert answering.withdraw_response(people.auditor, wave) == 1
    assert wave_results(wave).counted == 1
    assert tally.is_exact(wave)
    anonymous = wave_of(people, survey, access="staff", name="夏")
    with pytest.raises(Conflict, match="anonymous"):
        answering.withdraw_response(people.member, anonymous)


def test_taking_an_answer_back_costs_the_same_however_many_answered(
    people, survey, django_assert_max_num_queries
):
    wave = wave_of(people, survey, access="staff", anonymous=False, threshold=1)
    send(wave, user=people.auditor, done="no", why="消してほしい言葉")
    rows = [
        Response(wave=wave, anonymous=False, day=timezone.localdate(), answers={"overall": 1 + n % 5})
        for n in range(300)
    ]
    Response.objects.bulk_create(rows)
    tally.count_new(wave)
    with django_assert_max_num_queries(30):
        assert answering.withdraw_response(people.auditor, wave) == 1
    assert wave_results(wave).counted == 300
    assert tally.is_exact(wave)
    assert not wave.excerpts.exists()


def test_an_answer_taken_back_before_it_was_counted_leaves_the_counts_alone(people, survey):
    wave = wave_of(people, survey, access="staff", anonymous=False, threshold=1)
    send(wave, user=people.member)
    tally.count_new(wave)
    send(wave, user=people.auditor)
    assert answering.withdraw_response(people.auditor, wave) == 1
    assert wave_results(wave).counted == 1
    assert tally.is_exact(wave)


def test_published_counts_come_out_exactly(people, survey):
    """The shares of Tokyo's staff survey of November 2020 (18/36/36/8/2 %), at a hundredth of its size."""
    wave = wave_of(people, survey, invited=532)
    for answer, count in {"1": 36, "2": 72, "3": 73, "4": 16, "5": 4}.items():
        for _ in range(count):
            send(wave, overall=answer)
    surveys.close_wave(people.member, wave)
    tally.count_new(wave)
    found = wave_results(wave)
    figures = found.results[0].satisfaction
    assert figures.counts == (36, 72, 73, 16, 4)
    assert (figures.satisfied_count, figures.dissatisfied_count) == (20, 108)
    assert round(figures.mean.value, 1) == 2.4
    assert round(found.rate.value, 3) == 0.378
    assert measures.satisfaction("satisfied")(survey.project, None).value == round(100 * 20 / 201, 2)
    assert Tally.objects.get(question="overall", value="3").count == 73


def test_means_have_intervals_that_end_with_their_scale(people, survey):
    wave = wave_of(people, survey)
    sent = (1, 2, 2, 6, 9)
    for times in sent:
        send(wave, times=str(times), overall="1" if times == 9 else "5")
    surveys.close_wave(people.member, wave)
    tally.count_new(wave)
    found = {result.question.code: result.mean for result in wave_results(wave).results}
    half = stats.t.ppf(0.975, 4) * statistics.stdev(sent) / 5**0.5
    assert (found["times"].low, found["times"].high) == pytest.approx((4 - half, 4 + half))
    assert (found["overall"].value, found["overall"].high) == (4.2, 5)


def test_everyone_answering_the_same_and_every_kind_have_figures(people, survey):
    wave = wave_of(people, survey)
    for _ in range(6):
        send(
            wave,
            **{
                "done": "no",
                "why": "<b>長い</b>",
                "used": ["pc"],
                "times": "2",
                "wish-save-f": "1",
                "wish-save-d": "5",
                "tell": "9",
                **{f"sus-{n}": "4" if n % 2 else "2" for n in range(1, 11)},
            },
        )
    surveys.close_wave(people.member, wave)
    tally.count_new(wave)
    found = {result.question.code: result for result in wave_results(wave).results}
    assert found["wish"].kano.features[0].category == "O"
    assert found["sus"].sus.mean == 75.0
    assert found["tell"].nps.score.value == 100
    assert (found["times"].mean.value, found["times"].mean.low, found["times"].mean.high) == (2, 2, 2)
    assert found["why"].texts == ["<b>長い</b>"] * 6
    assert found["used"].lines[0].share.value == 1.0
