"""Matrix and ranking, and the sections of a survey: asked, checked, counted, laid out."""

import io

import openpyxl
import pytest
import time_machine
from django.core import signing
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from sekisho.errors import Invalid, StaleWrite
from sekisho.people.models import Installation
from sekisho.voice.definition import Definition, DefinitionError, check
from sekisho.voice.models import Response
from sekisho.voice.queries.surveys import wave_results
from sekisho.voice.services import answering, drafts, surveys, tally
from tests.book.factories import make_project


def choices(*codes):
    return [{"code": code, "title": {"ja": code.upper(), "en": code}} for code in codes]


MATRIX = {
    "code": "points",
    "kind": "matrix",
    "title": {"ja": "次の点", "en": "These points"},
    "choices": choices("bad", "fair", "good"),
    "rows": choices("speed", "words"),
}
RANKING = {
    "code": "wishes",
    "kind": "ranking",
    "title": {"ja": "大事な順", "en": "In order"},
    "choices": choices("a", "b", "c", "d"),
    "most": 3,
}
LIKED = {"code": "liked", "kind": "single", "title": {"ja": "好きですか"}, "choices": choices("yes", "no")}
WHY = {
    "code": "why",
    "kind": "text",
    "title": {"ja": "なぜ"},
    "show_if": {"question": "liked", "among": ["no"]},
}
DOCUMENT = {
    "sections": [
        {"title": {"ja": "評価", "en": "Judging"}, "questions": [MATRIX, RANKING]},
        {"title": {"ja": "好み"}, "questions": [LIKED, WHY]},
    ]
}


def checked(required=False, **sent):
    questions = [{**one, "required": required} for one in (MATRIX, RANKING)]
    found = Definition.from_document({"sections": [{"questions": questions}]})
    return check(found, {f"q-{name.replace('__', '-')}": [value] for name, value in sent.items()})


def test_the_new_kinds_read_back_the_same():
    found = Definition.from_document(DOCUMENT)
    assert Definition.from_document(found.to_document()) == found
    assert found.question("wishes").places == 3


@pytest.mark.parametrize(
    ("question", "place"),
    [
        ({**MATRIX, "rows": []}, "rows"),
        ({**MATRIX, "choices": []}, "choices"),
        ({**MATRIX, "rows": choices("a", "a")}, "rows[1].code"),
        ({**RANKING, "most": 0}, "most"),
        ({**RANKING, "most": 21}, "most"),
        ({**RANKING, "choices": []}, "choices"),
    ],
)
def test_a_fault_of_the_new_kinds_is_named_by_its_place(question, place):
    with pytest.raises(DefinitionError) as refused:
        Definition.from_document({"sections": [{"questions": [question]}]})
    assert f"sections[0].questions[0].{place}" in [fault.place for fault in refused.value.faults]


def test_rows_and_places_are_taken_as_values():
    found = checked(points__speed="good", wishes__1="c", wishes__2="a")
    assert found.is_whole
    assert found.answers == {"points": {"speed": "good"}, "wishes": ["c", "a"]}
    assert checked().answers == {}


@pytest.mark.parametrize(
    ("required", "sent", "field", "said"),
    [
        (False, {"points__speed": "best"}, "q-points-speed", "offered"),
        (True, {"points__speed": "good"}, "q-points-words", "answer"),
        (True, {"points__speed": "good", "points__words": "bad"}, "q-wishes-1", "answer"),
        (False, {"wishes__1": "a", "wishes__2": "b", "wishes__3": "a"}, "q-wishes-3", "place 1 already"),
        (False, {"wishes__1": "a", "wishes__3": "b"}, "q-wishes-2", "Place 2 is empty"),
        (False, {"wishes__1": "zzz"}, "q-wishes-1", "offered"),
    ],
)
def test_what_cannot_be_taken_is_named_by_row_and_place(required, sent, field, said):
    template, params = checked(required, **sent).problems[field]
    assert said in template % params


FIELDS = ["q-points-speed", "q-points-words", "q-points", "q-wishes-1", "q-wishes-2", "q-wishes-4"]


@given(
    st.dictionaries(
        st.sampled_from(FIELDS), st.lists(st.sampled_from(["", "a", "b", "good", "\x00٤"]), max_size=2)
    )
)
def test_a_ranking_never_holds_a_choice_twice_or_a_gap(sent):
    found = check(Definition.from_document(DOCUMENT), sent).answers.get("wishes", [])
    assert len(found) == len(set(found)) <= 3
    assert set(found) <= {"a", "b", "c", "d"}


# On the database


@pytest.fixture
def survey(db, people, bureau):
    Installation.objects.create(name="関野市")
    made = surveys.make_survey(people.member, make_project(bureau, code="V-1"), title="評価")
    return surveys.change_survey(people.member, made, DOCUMENT)


@pytest.fixture
def member(client, people):
    people.member.language = "en"
    people.member.save()
    client.force_login(people.member)
    return client


@pytest.fixture
def wave(people, survey):
    """Six people: all rank C first, half of them A second; the speed is good for four."""
    made = surveys.open_wave(people.member, survey, name="春")
    for number in range(6):
        sent = {"q-wishes-1": ["c"], "q-points-speed": ["good" if number < 4 else "bad"]}
        answering.submit(made, {**sent, "q-wishes-2": ["a"] if number % 2 else []})
    surveys.close_wave(people.member, made)
    tally.count_new(made)
    return made


def test_rows_and_places_are_counted_exactly(wave):
    assert tally.is_exact(wave)
    points, wishes = wave_results(wave).results[:2]
    assert [(row.n, [line.count for line in row.lines]) for row in points.matrix] == [
        (6, [2, 0, 4]),
        (0, [0, 0, 0]),
    ]
    assert [(line.first, line.ranked, line.mean) for line in wishes.ranking] == [
        (0, 3, 2.0),
        (0, 0, None),
        (6, 6, 1.0),
        (0, 0, None),
    ]
    assert wishes.ranking[2].first_share.value == 1.0


def test_results_and_workbook_show_rows_and_places(member, wave):
    page = member.get(reverse("voice:wave", args=[wave.pk])).content.decode()
    assert "Mean place" in page
    assert "67%" in page
    file = member.get(reverse("voice:wave_workbook", args=[wave.pk]))
    rows = list(openpyxl.load_workbook(io.BytesIO(file.content)).active.values)
    assert rows[0] == ("points.speed", "points.words", "wishes", "liked", "why")
    assert {row[0] for row in rows[1:]} == {"good", "bad"}
    assert {row[2] for row in rows[1:]} == {"c", "c,a"}


def test_the_public_page_asks_each_row_and_place_and_names_what_is_wrong(client, people, survey):
    wave = surveys.open_wave(people.member, survey, name="春")
    address = reverse("voice:answer", args=[wave.token])
    page = client.get(address).content.decode()
    assert page.count('name="q-points-speed"') == 3
    assert page.count("<select") == 3
    assert "評価</h2>" in page
    with time_machine.travel("2026-01-01", tick=False):
        begun = signing.dumps(1767139200, salt="voice.answer")
        twice = {"begun": begun, "q-wishes-1": "b", "q-wishes-2": "b", "q-points-speed": "fair"}
        refused = client.post(address, twice)
        assert refused.status_code == 422
        body = refused.content.decode()
        assert 'id="q-wishes-2-error"' in body
        assert 'value="b" selected' in body
        client.post(address, {**twice, "q-wishes-2": "d"})
    assert Response.objects.get().answers == {"points": {"speed": "fair"}, "wishes": ["b", "d"]}


def codes(survey):
    survey.refresh_from_db()
    return [[one["code"] for one in section["questions"]] for section in survey.document["sections"]]


def test_questions_move_past_the_end_of_a_section(people, survey):
    drafts.move_question(people.member, survey, "wishes", "down")
    assert codes(survey) == [["points"], ["wishes", "liked", "why"]]
    drafts.move_question(people.member, survey, "wishes", "up")
    drafts.move_question(people.member, survey, "points", "up")
    assert codes(survey) == [["points", "wishes"], ["liked", "why"]]
    with pytest.raises(Invalid, match=r"“なぜ” is asked only after “好きですか”"):
        drafts.move_question(people.member, survey, "why", "up")


def test_sections_are_added_named_moved_and_taken_away_without_losing_questions(member, survey):
    def act(name, **data):
        survey.refresh_from_db()
        at = reverse("voice:survey_act", args=[survey.pk, name])
        return member.post(at, {"version": survey.version, "section-version": survey.version, **data})

    act("section", **{"section-title": "最後", "section-title_en": "The end"})
    assert codes(survey) == [["points", "wishes"], ["liked", "why"], []]
    act("section", **{"section-at": 2, "section-title": "おわり"})
    assert survey.document["sections"][2]["title"]["ja"] == "最後"
    act("section-up", at=2)
    assert codes(survey) == [["points", "wishes"], [], ["liked", "why"]]
    act("section-remove", at=2)
    act("section-remove", at=1)
    assert codes(survey) == [["points", "wishes", "liked", "why"]]
    last = member.post(
        reverse("voice:survey_act", args=[survey.pk, "section-remove"]),
        {"at": 0, "version": survey.version},
        follow=True,
    )
    assert "keeps one section" in last.content.decode()
    empty = act("section")
    assert (empty.status_code, "Write the words." in empty.content.decode()) == (422, True)
    assert act("section-up", at="99").status_code == 302
    assert act("section-up", at="x").status_code == 302


def test_a_section_that_moved_in_the_meantime_is_not_moved_blindly(people, survey):
    with pytest.raises(StaleWrite):
        drafts.move_section(people.member, survey, 1, "up", survey.version - 1)


def test_a_question_of_the_new_kinds_is_made_and_changed_in_the_builder(member, survey):
    at = reverse("voice:survey_act", args=[survey.pk, "question"])
    form = {
        "question-kind": "matrix",
        "question-title_en": "Only in English",
        "question-section": 1,
        "question-choices": "悪い | Bad\n良い | Good",
        "question-rows": "速さ\nことば",
        "question-random": "on",
        "question-ask_after": "liked",
        "question-among": "NO、yes",
    }
    assert member.post(at, form).status_code == 302
    survey.refresh_from_db()
    made = survey.document["sections"][1]["questions"][-1]
    assert [one["code"] for one in made["rows"]] == ["r1", "r2"]
    assert made["show_if"] == {"question": "liked", "among": ["no", "yes"]}
    page = member.get(reverse("voice:survey", args=[survey.pk]), {"edit": made["code"]}).content.decode()
    assert "速さ\nことば" in page
    member.post(
        at, {**form, "question-was": made["code"], "question-section": 0, "question-rows": "ことば\n値段"}
    )
    assert codes(survey) == [
        ["points", "wishes"],
        ["liked", "why", made["code"]],
    ]  # it asks after a later one
    refused = member.post(at, {**form, "question-among": "maybe"})
    assert (refused.status_code, "Use one of: yes, no" in refused.content.decode()) == (422, True)
    member.post(
        at,
        {**form, "question-was": made["code"], "question-ask_after": "", "question-section": 0,
         "question-rows": "ことば\n値段"},
    )  # fmt: skip
    assert codes(survey) == [["points", "wishes", made["code"]], ["liked", "why"]]
    rows = survey.document["sections"][0]["questions"][-1]["rows"]
    assert [(one["code"], one["title"]["ja"]) for one in rows] == [("r2", "ことば"), ("r3", "値段")]


def test_a_row_that_few_answered_is_not_shown(people, survey, member):
    made = surveys.open_wave(people.member, survey, name="秋")
    for number in range(6):
        few = {"q-points-words": ["good"]} if number < 2 else {}
        answering.submit(made, {"q-wishes-1": ["c"], "q-points-speed": ["good"], **few})
    surveys.close_wave(people.member, made)
    tally.count_new(made)
    speed, words = wave_results(made).results[0].matrix
    assert (speed.n, words.n, list(words.lines)) == (6, 0, [])
    assert "too few answers to show" in member.get(reverse("voice:wave", args=[made.pk])).content.decode()
