"""When a question is asked: conditions joined by and, or and not, from the builder's document, an XLSForm, and on the page."""

import re

import pytest
from django.urls import reverse

from sekisho.voice.definition import (
    Bound,
    Definition,
    DefinitionError,
    Joined,
    ShowIf,
    check,
    relevant,
)
from sekisho.voice.services import drafts, surveys, xlsforms
from tests.book.factories import make_project
from tests.voice.results import body, choice
from tests.voice.test_page_surveys import begun
from tests.voice.test_xlsforms import workbook

NAMES = relevant.Names(
    {"age": "age", "place": "place", "many": "many"}.get,
    lambda code: {"place": {"web": "web", "desk": "desk"}, "many": {"a": "a", "b": "b"}}.get(code, {}),
    lambda code: code == "age",
)
YOUNG_OR_DESK = {
    "all": [
        {"question": "age", "at_least": 18},
        {"any": [{"question": "place", "among": ["desk"]}, {"not": {"question": "age", "above": 30}}]},
    ]
}


def document(show_if, kind="text"):
    questions = [
        {"code": "age", "kind": "number", "title": {"ja": "年齢", "en": "Age"}},
        {
            "code": "place",
            "kind": "single",
            "title": {"ja": "場所", "en": "Place"},
            "choices": [choice("web"), choice("desk")],
        },
        {
            "code": "why",
            "kind": kind,
            "title": {"ja": "理由", "en": "Why"},
            "required": True,
            "show_if": show_if,
        },
    ]
    return {"sections": [{"questions": questions}]}


@pytest.mark.parametrize(
    ("expression", "written"),
    [
        ("${place} = 'web'", None),
        ("${place}='web' or ${place}=\"desk\"", "${place} = 'web' or ${place} = 'desk'"),
        ("${age} >= 18 and (${place} = 'web' or selected(${many}, 'a'))", None),
        ("not(${age} < 20) and ${place} != 'web'", "not(${age} < 20) and not(${place} = 'web')"),
        ("18 <= ${age}", "${age} >= 18"),
        ("${age} = 3", "${age} >= 3 and ${age} <= 3"),
        ("${age} > 3 or ${age} < 1 and ${place} = 'web'", None),
        ("((${age} >= 1.5))", "${age} >= 1.5"),
    ],
)
def test_an_expression_is_read_and_written_back_the_same(expression, written):
    found = relevant.read(expression, NAMES)
    again = relevant.write(found, lambda code: code == "many")
    assert again == (written or expression)
    assert relevant.read(again, NAMES) == found


@pytest.mark.parametrize(
    "expression",
    [
        *("${other} = 'a'", "${place} = 'zzz'", "${place} > 3", "count-selected(${many}) > 1", "${age} >="),
        *(
            "(" * 90 + "${age} > 1" + ")" * 90,
            "${age} > 1 and",
            "'a' = 'a'",
            "${age} > ${age}",
            "${age} > 1 )",
        ),
        *("@", "not ${age} > 1", "${age} > 'x'", " or ".join(["${age} > 1"] * 60), "${age} > " + "9" * 400),
    ],
)
def test_what_cannot_be_meant_is_refused(expression):
    with pytest.raises(relevant.NotUnderstood):
        relevant.read(expression, NAMES)


def test_and_binds_before_or():
    found = relevant.read("${age} > 3 or ${age} < 1 and ${place} = 'web'", NAMES)
    assert found == Joined(
        "any",
        (Bound("age", ">", 3), Joined("all", (Bound("age", "<", 1), ShowIf("place", ("web",))))),
    )


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ({"age": "17", "place": "desk"}, False),
        ({"age": "18"}, True),
        ({"age": "31"}, False),
        ({"age": "31", "place": "desk"}, True),
        ({}, False),
    ],
)
def test_a_question_is_asked_when_its_condition_holds(given, asked):
    definition = Definition.from_document(document(YOUNG_OR_DESK))
    found = check(definition, {f"q-{code}": [value] for code, value in given.items()})
    assert ("q-why" in found.problems) == asked
    assert Definition.from_document(definition.to_document()) == definition


@pytest.mark.parametrize(
    ("show_if", "place"),
    [
        ({"all": []}, "all"),
        ({"any": [{"question": "later", "at_least": 1}]}, "any[0].question"),
        ({"question": "age", "at_least": "many"}, "at_least"),
        ({"question": "place", "at_least": 1}, "question"),
        ({"question": "age", "at_least": True}, "at_least"),
        ({"not": None}, "not"),
        ({"all": {"question": "age"}}, "all"),
        ({"any": [{"question": "age", "above": 1}], "all": []}, "any"),
        ("age > 3", "question"),
    ],
)
def test_a_condition_that_cannot_be_is_named_by_its_place(show_if, place):
    with pytest.raises(DefinitionError) as refused:
        Definition.from_document(document(show_if))
    assert f"sections[0].questions[2].show_if.{place}" in str(refused.value)


def test_conditions_so_deep_that_nobody_means_them_are_refused():
    deep = {"question": "age", "above": 1}
    for _level in range(500):
        deep = {"not": deep}
    with pytest.raises(DefinitionError):
        Definition.from_document(document(deep))


FORM = {
    "survey": [
        ["type", "name", "label", "relevant"],
        ["integer", "age", "年齢"],
        ["select_one place", "place", "場所"],
        ["begin group", "g", "窓口の方へ", "${place} = 'desk'"],
        ["text", "why", "理由", "${age} >= 18 and ${age} < 65"],
        ["end group"],
    ],
    "choices": [["list_name", "name", "label"], ["place", "web", "ウェブ"], ["place", "desk", "窓口"]],
}


def test_conditions_of_a_form_come_in_with_those_of_its_groups():
    found = xlsforms.read_form(workbook(**FORM))
    assert not found.left_out
    why = Definition.from_document(found.document).question("why")
    assert why.show_if == Joined(
        "all",
        (ShowIf("place", ("desk",)), Joined("all", (Bound("age", ">=", 18), Bound("age", "<", 65)))),
    )


@pytest.fixture
def survey(people, bureau):
    made = surveys.make_survey(people.member, make_project(bureau), title="条件")
    return surveys.change_survey(people.member, made, document(YOUNG_OR_DESK))


@pytest.mark.django_db
def test_the_page_says_when_it_is_asked_and_takes_what_fits(client, people, survey):
    wave = surveys.open_wave(people.member, survey, name="春")
    address = reverse("voice:answer", args=[wave.token])
    page = body(client.get(address, headers={"accept-language": "en"}))
    assert (
        "Asked only when “Age” is 18 or more and (“Place” was answered with “desk” or not (“Age” is more than 30))."
        in page
    )
    assert re.search(r'data-when="[^"]*at_least', page)
    assert client.post(address, {"begun": begun(), "q-age": "20"}).status_code == 422
    assert client.post(address, {"begun": begun(), "q-age": "12", "q-why": "x"}).status_code == 302
    assert wave.responses.get().answers == {"age": 12}


@pytest.mark.django_db
def test_the_builder_keeps_a_condition_it_cannot_make(reader, people, survey):
    address = reverse("voice:survey", args=[survey.pk])
    page = body(reader.get(address, {"question": "why"}))
    assert "is 18 or more" in page
    with pytest.raises(Exception, match="asked only after"):
        drafts.move_question(people.member, survey, "age", "remove")


# ------------------------------------------------------------------------------------------------ the builder


@pytest.fixture
def built(people, bureau):
    """A survey whose last question, “why”, is always asked."""
    made = surveys.make_survey(people.member, make_project(bureau, code="C-2"), title="組合せ")
    return surveys.change_survey(people.member, made, document(None))


def lines_sent(*lines):
    """The form of “why” with these lines: join, question, sign, words."""
    sent = {
        "question-was": "why",
        "question-kind": "text",
        "question-title": "理由",
        "question-title_en": "Why",
    }
    for number, (join, asked, sign, words) in enumerate(lines, 1):
        prefix = "question" if number == 1 else f"question-{number}"
        sent |= {f"{prefix}-join": join, f"{prefix}-ask_after": asked, f"{prefix}-sign": sign}
        sent[f"{prefix}-among"] = words
    return sent


def condition_of(survey):
    survey.refresh_from_db()
    return survey.document["sections"][0]["questions"][-1].get("show_if")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("lines", "meant"),
    [
        ([("", "age", ">=", "１８")], {"question": "age", "at_least": 18}),
        ([("", "place", "is_not", "desk")], {"not": {"question": "place", "among": ["desk"]}}),
        (
            [("", "age", ">", "17.5"), ("and", "place", "is", "web, desk")],
            {"all": [{"question": "age", "above": 17.5}, {"question": "place", "among": ["web", "desk"]}]},
        ),
        (
            [
                ("", "age", "<", "18"),
                ("", "", "", ""),
                ("or", "age", ">", "64"),
                ("and", "place", "is", "desk"),
            ],
            {
                "any": [
                    {"question": "age", "below": 18},
                    {"all": [{"question": "age", "above": 64}, {"question": "place", "among": ["desk"]}]},
                ]
            },
        ),
    ],
)
def test_conditions_on_several_questions_are_composed_without_scripts(reader, built, lines, meant):
    at = reverse("voice:survey_act", args=[built.pk, "question"])
    assert reader.post(at, lines_sent(*lines)).status_code == 302
    assert condition_of(built) == meant
    page = body(reader.get(reverse("voice:survey", args=[built.pk]), {"edit": "why"}))
    shown = dict(re.findall(r'name="question-([\w-]+)"[^>]*?value="([^"]*)"', page))
    assert shown["among"] == {"１８": "18"}.get(lines[0][3], lines[0][3])
    kept = lines_sent(*[line for line in lines if line[1]])
    assert reader.post(at, kept).status_code == 302
    assert condition_of(built) == meant


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            "Asked only when “Age” is less than 18 or (“Age” is more than 64 and “Place” was answered with “desk”).",
        ),
        ("ja", "次のときだけ尋ねます:「年齢」が18未満 または (「年齢」が64より大きい かつ 「場所」"),
    ],
)
def test_what_was_composed_is_said_in_words(reader, people, built, language, words):
    at = reverse("voice:survey_act", args=[built.pk, "question"])
    reader.post(
        at, lines_sent(("", "age", "<", "18"), ("or", "age", ">", "64"), ("and", "place", "is", "desk"))
    )
    people.member.language = language
    people.member.save()
    page = body(reader.get(reverse("voice:survey", args=[built.pk])))
    assert words in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("line", "said"),
    [
        (("", "age", "is", "18"), "answered with a number"),
        (("", "place", ">=", "3"), "has choices"),
        (("", "place", "is", "elsewhere"), "Use one of: web, desk"),
        (("", "age", ">=", "many"), "Enter a number."),
        (("", "age", ">=", "nan"), "Enter a number."),
        (("", "why", ">=", "1"), "is not on offer"),
    ],
)
def test_a_line_that_cannot_hold_is_named_and_nothing_entered_is_lost(reader, built, line, said):
    at = reverse("voice:survey_act", args=[built.pk, "question"])
    refused = reader.post(at, lines_sent(("", "age", ">", "3"), ("or", *line[1:])))
    assert refused.status_code == 422
    page = body(refused)
    assert said in page
    assert f'value="{line[3]}"' in page
    assert condition_of(built) is None


@pytest.mark.django_db
def test_what_the_lines_cannot_say_is_kept_as_it_is(reader, people, built):
    surveys.change_survey(people.member, built, document(YOUNG_OR_DESK))
    page = body(reader.get(reverse("voice:survey", args=[built.pk]), {"edit": "why"}))
    assert '<option value="=" selected>' in page
    at = reverse("voice:survey_act", args=[built.pk, "question"])
    reader.post(at, lines_sent(("", "=", "is", "")))
    assert condition_of(built) == YOUNG_OR_DESK


@pytest.mark.django_db
def test_composed_conditions_go_out_as_xlsform_and_come_back(people, reader, built):
    at = reverse("voice:survey_act", args=[built.pk, "question"])
    lines = [("", "age", "<", "18"), ("or", "age", ">", "64"), ("and", "place", "is_not", "desk")]
    reader.post(at, lines_sent(*lines))
    meant = condition_of(built)
    read = xlsforms.read_form(xlsforms.write_workbook(built))
    again = surveys.make_survey(people.member, built.project, title="戻り", document=read.document)
    assert condition_of(again) == meant
