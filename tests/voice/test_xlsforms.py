"""XLSForm: what goes out comes back the same and is a form to others; forms from the wild come in, or are named."""

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from pyxform.xls2xform import convert

from sekisho.book.models import Project
from sekisho.errors import Invalid
from sekisho.people.models import Installation
from sekisho.voice.definition import Bound, Definition, xlsform
from sekisho.voice.models import Survey
from sekisho.voice.services import surveys, xlsforms
from tests.book.factories import make_project
from tests.voice.test_survey_kinds import LIKED, MATRIX, RANKING, WHY, choices

EVERY_KIND = {
    "intro": {"ja": "教えてください", "en": "Tell us"},
    "thanks": {"ja": "ありがとう"},
    "sections": [
        {
            "title": {"ja": "全体", "en": "Overall"},
            "questions": [
                {"code": "overall", "kind": "satisfaction", "title": {"ja": "満足"}, "required": True},
                {**LIKED, "random": True, "help": {"ja": "ひとつ", "en": "One"}},
                {**WHY, "longest": 50},
                {"code": "used", "kind": "multiple", "title": {"ja": "使ったもの"}, "choices": choices("pc", "tel")},
                {"code": "times", "kind": "number", "title": {"ja": "回数"}, "least": 0, "most": 9,
                 "show_if": {"question": "used", "among": ["pc", "tel"]}},
                {"code": "day", "kind": "date", "title": {"ja": "日"}},
                {"code": "five", "kind": "scale", "title": {"ja": "度合い"}},
                {"code": "seven", "kind": "scale", "title": {"ja": "度合い"}, "least": 0, "most": 7},
                {"code": "tell", "kind": "nps", "title": {"ja": "すすめるか"}},
            ],
        },
        {
            "title": {},
            "questions": [
                {"code": "wish", "kind": "kano", "title": {"ja": "機能"}, "importance": True, "required": True,
                 "choices": choices("save", "status")},
                {"code": "sus", "kind": "sus", "title": {"ja": "使いやすさ", "en": "Usability"}},
                {**MATRIX, "required": True, "random": True,
                 "show_if": {"question": "liked", "among": ["no"]}},
                RANKING,
                {**RANKING, "code": "all", "most": None},
            ],
        },
    ],
}  # fmt: skip


def workbook(**sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def documents():
    yield EVERY_KIND
    for file in sorted(surveys.LIBRARY.glob("*.yaml")):
        yield surveys.ready_document(file.stem, Project())


@pytest.mark.parametrize("document", list(documents()))
def test_what_goes_out_comes_back_the_same(document):
    survey = Survey(title="試し", document=Definition.from_document(document).to_document())
    back = xlsforms.read_form(xlsforms.write_workbook(survey))
    assert back.left_out == ()
    assert back.title == "試し"
    assert Definition.from_document(back.document) == Definition.from_document(document)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("document", list(documents()))
def test_what_goes_out_is_a_form_to_pyxform(document):
    survey = Survey(title="試し", document=Definition.from_document(document).to_document())
    made = convert(io.BytesIO(xlsforms.write_workbook(survey)), file_type=".xlsx")
    assert "<h:title>試し</h:title>" in made.xform
    assert 'lang="English (en)"' in made.xform
    first = Definition.from_document(document).questions[0].code
    assert f"/{first}" in made.xform


WILD = {
    "survey": [
        ["type", "name", "label", "hint", "required", "relevant", "constraint", "calculation"],
        ["start", "start"],
        ["note", "hello", "Welcome!"],
        ["begin group", "person", "About you"],
        ["text", "Your-Name", "What is your name?", "As you like", "yes"],
        ["integer", "age", "How old are you?", None, "TRUE", None, ". >= 18 and . <= 120"],
        ["begin group", "inner", "Inner"],
        ["select_one yn", "happy", "Happy?", None, None, "${age} > 20"],
        ["end group"],
        ["end group"],
        ["select_multiple fruit or_other", "likes", "Which fruit?", None, None, "${happy} = '1'"],
        ["select_one yn", "more", "More?", None, None, "selected(${likes}, 'apple') or selected(${likes}, 'pear')"],
        ["rank fruit", "best", "Put in order"],
        ["calculate", "twice", None, None, None, None, None, "${age} * 2"],
        ["begin repeat", "child", "Children"],
        ["text", "child_name", "Name"],
        ["end repeat"],
        ["geopoint", "where", "Where?"],
        ["select_one nowhere", "lost", "Lost?"],
        ["text", "sum", "=1+1"],
        ["range", "pain", "Pain"],
    ],
    "choices": [
        ["list_name", "name", "label"],
        ["yn", 1, "Yes"],
        ["yn", 0, "No"],
        ["fruit", "apple", "Apple"],
        ["fruit", "pear", "Pear"],
    ],
}  # fmt: skip


def test_a_form_from_the_wild_comes_in_and_what_cannot_is_named():
    found = xlsforms.read_form(workbook(**WILD))
    read = Definition.from_document(found.document)
    codes = [[one.code for one in section.questions] for section in read.sections]
    assert codes == [["your_name", "age"], ["happy"], ["likes", "likes_other", "more", "best", "pain"]]
    assert read.intro.en == "Welcome!"
    assert read.sections[0].title.en == "About you"
    age, likes, more = (read.question(code) for code in ("age", "likes", "more"))
    assert (age.least, age.most, age.required) == (18, 120, True)
    assert [one.code for one in likes.choices] == ["apple", "pear", "other"]
    assert read.question("happy").show_if == Bound("age", ">", 20)
    assert likes.show_if.among == ("c1",)
    assert more.show_if.among == ("apple", "pear")
    assert read.question("likes_other").show_if.among == ("other",)
    assert read.question("pain").bounds == (1, 10)
    left = {(one.row, one.column) for one in found.left_out}
    assert left == {
        (2, "type"), (14, "type"), (15, "type"), (18, "type"), (19, "type"), (20, "label"),
    }  # fmt: skip


def test_languages_are_told_from_headings_however_they_are_written():
    rows = [
        ["type", "name", "label::日本語", "label::English (en)", "label::French (fr)"],
        ["text", "a", "なまえ", "Name", "Nom"],
    ]
    found = xlsforms.read_form(workbook(survey=rows))
    question = Definition.from_document(found.document).questions[0]
    assert (question.title.ja, question.title.en) == ("なまえ", "Name")
    assert [one.column for one in found.left_out] == ["label::French (fr)"]


def test_headings_may_stand_lower_and_merged_headings_are_named():
    rows = [["調査票"], [], ["type", "name", "label", None], ["text", "a", "名前", "Name"]]
    found = xlsforms.read_form(workbook(survey=rows))
    assert Definition.from_document(found.document).questions[0].title.ja == "名前"
    assert [(one.row, one.column, one.value) for one in found.left_out] == [(4, "#4", "Name")]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"no workbook", "not an Excel workbook"),
        (b"PK\x03\x04broken", "not an Excel workbook"),
        (b"x" * 5_000_001, "at most 5 MB"),
        (workbook(Sheet1=[["a"]]), "no sheet named “survey”. This file has: Sheet1"),
        (workbook(survey=[["a", "b"]]), "no heading “type”"),
        (workbook(survey=[["type", "name", "label"]]), "No question"),
        (workbook(survey=[["type"], *[["text"]] * 5001]), "more than 5000 rows"),
        (workbook(survey=[["type", "name", "label"], *[["text", f"q{n}", "x"] for n in range(201)]]), "at most 200"),
    ],
)  # fmt: skip
def test_what_is_no_form_is_refused_in_words(data, said):
    with pytest.raises(Invalid, match=said):
        xlsforms.read_form(data)


# Pages


@pytest.fixture
def member(client, people, bureau):
    Installation.objects.create(name="関野市")
    make_project(bureau, code="V-1")
    people.member.language = "en"
    people.member.save()
    client.force_login(people.member)
    return client


def bring(client, data=None, **more):
    files = {"file": SimpleUploadedFile("form.xlsx", data)} if data else {}
    return client.post(reverse("voice:import_survey"), {"project": "V-1", "title": "", **more, **files})


@pytest.mark.django_db
def test_what_cannot_be_taken_is_asked_about_and_the_file_need_not_come_twice(member):
    asked = bring(member, workbook(**WILD), title="野生")
    page = asked.content.decode()
    assert (asked.status_code, Survey.objects.count()) == (422, 0)
    assert "Leave these out and make it" in page
    assert "geopoint" in page
    read = asked.context["form"].data["read"]
    assert bring(member, title="野生", read=read + "x").status_code == 422
    assert bring(member, title="野生", read=read).status_code == 302
    assert Survey.objects.get().title == "野生"


@pytest.mark.django_db
def test_a_survey_goes_out_and_comes_back_through_the_pages(member, people):
    first = surveys.make_survey(
        people.member, Project.objects.get(code="V-1"), title="試し", document=EVERY_KIND
    )
    file = member.get(reverse("voice:survey_xlsform", args=[first.pk]))
    assert file["Content-Disposition"] == f'attachment; filename="xlsform-{first.pk}.xlsx"'
    assert bring(member, file.content).status_code == 302
    second = Survey.objects.exclude(pk=first.pk).get()
    assert (second.title, second.document) == (first.title, first.document)


@pytest.mark.django_db
def test_a_refusal_keeps_what_was_entered(member):
    for data, more, said in (
        (None, {}, "Choose a file."),
        (b"nothing", {}, "not an Excel workbook"),
        (workbook(**WILD), {"project": "NONE"}, "no such book"),
    ):
        page = bring(member, data, **{"title_en": "Kept", **more})
        assert page.status_code == 422
        assert said in page.content.decode()
        assert 'value="Kept"' in page.content.decode()


@pytest.mark.parametrize(
    "rows", [[["type"]], [["type", "type"], ["begin group"], ["end group", "end group"]]]
)
def test_the_reader_takes_any_cells(rows):
    sheets = {"survey": rows, "choices": [["name"], ["a"]], "settings": [["form_title"], ["x"]]}
    assert Definition.from_document(xlsform.read(sheets).document).questions == ()
