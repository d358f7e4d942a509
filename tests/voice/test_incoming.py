"""Answers gathered elsewhere: each tool's way of writing them, what is left out, and what becomes of them."""

import datetime as dt
import io

import pytest
import xlsxwriter
from click.testing import CliRunner
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from sekisho.errors import Conflict, Invalid, NotPermitted
from sekisho.jobs.models import Job
from sekisho.jobs.worker import process_all
from sekisho.tables.table import FileProblem, read_table
from sekisho.voice import jobs
from sekisho.voice.commands import voice
from sekisho.voice.definition import Definition
from sekisho.voice.definition.incoming import guess, read
from sekisho.voice.models import AnswerFile, Response, Tally, Wave
from sekisho.voice.queries.surveys import wave_results
from sekisho.voice.services import incoming, surveys
from sekisho.voice.services.tally import is_exact
from tests.book.factories import make_project


def words(ja, en=""):
    return {"ja": ja, "en": en}


DOCUMENT = {
    "sections": [
        {
            "questions": [
                {
                    "code": "satisfaction",
                    "kind": "satisfaction",
                    "title": words("満足していますか", "How satisfied are you?"),
                },
                {
                    "code": "device",
                    "kind": "single",
                    "title": words("使った端末", "Device used"),
                    "choices": [
                        {"code": "pc", "title": words("パソコン", "Computer")},
                        {"code": "phone", "title": words("スマートフォン", "Phone")},
                    ],
                },
                {
                    "code": "why",
                    "kind": "multiple",
                    "title": words("選んだ理由", "Reasons"),
                    "choices": [
                        {"code": "near", "title": words("近い", "Near")},
                        {"code": "fast", "title": words("早い、待たない", "Fast, no waiting")},
                        {"code": "kind", "title": words("親切", "Kind")},
                    ],
                },
                {"code": "age", "kind": "number", "title": words("年齢", "Age"), "least": 0, "most": 120},
                {"code": "voice", "kind": "text", "title": words("ご意見", "Your view"), "required": True},
            ]
        }
    ]
}
SURVEY = Definition.from_document(DOCUMENT)
TARGETS = ["q-satisfaction", "q-device", "q-why", "q-age", "q-voice"]


def table(text):
    return read_table(text.encode(), "answers.csv")


def taken(text, definition=SURVEY, **more):
    found = table(text)
    return read(definition, found, guess(definition, found.headings), **more)


def test_a_table_with_codes_is_read():
    found = taken("satisfaction,device,why,age,voice\n5,pc,near kind,41,早い\n1,phone,,,\n")
    assert [one.answers for one in found.answers] == [
        {"satisfaction": 5, "device": "pc", "why": ["near", "kind"], "age": 41, "voice": "早い"},
        {"satisfaction": 1, "device": "phone"},
    ]
    assert not found.faults


def test_a_forms_export_is_read_without_names_or_times():
    found = taken(
        "ID,開始時刻,完了時刻,メール,名前,満足していますか,使った端末,選んだ理由,年齢,ご意見\n"
        '1,2026/3/31 23:58:01,2026/4/1 9:03:12,a@example.jp,山田,とても満足,スマートフォン,"近い;早い、待たない;",４１,"よい, です"\n'
    )
    (one,) = found.answers
    assert one.answers == {
        "satisfaction": 5,
        "device": "phone",
        "why": ["near", "fast"],
        "age": 41,
        "voice": "よい, です",
    }
    assert one.day == dt.date(2026, 4, 1)


def test_a_google_forms_export_is_read():
    found = taken(
        "Timestamp,How satisfied are you?,Device used,Reasons,Age,Your view\n"
        '4/13/2026 10:11:12,4,Computer,"Near, Kind",30,ok\n'
    )
    (one,) = found.answers
    assert one.answers["why"] == ["near", "kind"]
    assert one.day == dt.date(2026, 4, 13)


def test_a_limesurvey_export_is_read():
    found = taken(
        '"id","submitdate","lastpage","startlanguage","seed","satisfaction","device","why[SQ001]","why[SQ002]","why[SQ003]","age"\n'
        '"7","2026-04-02 08:00:00","1","ja","123","4","A2","Y","","N","33"\n'
    )
    (one,) = found.answers
    assert one.answers == {"satisfaction": 4, "device": "phone", "why": ["near"], "age": 33}
    assert (one.day, one.language) == (dt.date(2026, 4, 2), "ja")


def test_odk_submissions_are_read_with_groups_and_split_choices():
    found = taken(
        "start,end,deviceid,main/satisfaction,main/device,main/why,main/why/near,main/why/fast,main/why/kind,main/age,_uuid\n"
        "2026-04-01T09:00:00+09:00,2026-04-01T09:05:00+09:00,abc,3,pc,near fast,1,1,0,20,u-1\n"
    )
    (one,) = found.answers
    assert one.answers["why"] == ["near", "fast"]
    assert one.day == dt.date(2026, 4, 1)


def test_kano_and_sus_are_read_as_spreadsheets_have_them():
    kano = Definition.from_document(surveys.library()["kano"] and _library("kano"))
    question = next(q for q in kano.questions if q.kind == "kano")
    features = question.choices
    heads = [f"{letter}{n}" for n in range(1, len(features) + 1) for letter in "FD"]
    row = ["気に入る" if head.startswith("F") else "2" for head in heads]
    found = taken(",".join(heads) + "\n" + ",".join(row) + "\n", kano)
    assert not found.faults, found.faults
    (one,) = found.answers
    pairs = one.answers[question.code]
    assert len(pairs) == len(features)
    sus = Definition.from_document(_library("sus"))
    code = next(q.code for q in sus.questions if q.kind == "sus")
    found = taken(",".join(f"Q{n}" for n in range(1, 11)) + "\n" + ",".join("5" * 10) + "\n", sus)
    assert found.answers[0].answers[code] == [5] * 10


def _library(name):
    return {key: value for key, value in surveys.library()[name].items() if key != "title"}


def test_matrices_and_rankings_are_read_from_a_column_each_or_one():
    two = [{"code": "good", "title": words("良い", "Good")}, {"code": "bad", "title": words("悪い", "Bad")}]
    rows = [
        {"code": "staff", "title": words("職員", "Staff")},
        {"code": "room", "title": words("部屋", "Room")},
    ]
    asked = [
        {"code": "view", "kind": "matrix", "title": words("評価"), "choices": two, "rows": rows},
        {"code": "order", "kind": "ranking", "title": words("順番"), "choices": two},
    ]
    definition = Definition.from_document({"sections": [{"questions": asked}]})
    whole = taken("評価 [職員],部屋,順番\n良い,Bad,悪い;良い;\n", definition)
    split = taken("view[staff],view[room],order[1],order[2]\n1,2,bad,good\n", definition)
    expected = {"view": {"staff": "good", "room": "bad"}, "order": ["bad", "good"]}
    assert [found.answers[0].answers for found in (whole, split)] == [expected, expected]


def test_what_cannot_be_taken_is_named_and_the_rest_comes_in():
    found = taken("satisfaction,device,age\n9,pc,1\n3,テレビ,1\n3,pc,-4\n3,pc,abc\n3,pc,5\n")
    assert [(f.row, f.heading, f.value) for f in found.faults] == [
        (2, "satisfaction", "9"),
        (3, "device", "テレビ"),
        (4, "age", "-4"),
        (5, "age", "abc"),
    ]
    assert [one.row for one in found.answers] == [6]
    assert found.unknown == {"q-device": ["テレビ"]}


def test_unknown_words_are_taken_as_somebody_says():
    found = taken("satisfaction,device\n3,携帯\n", words={"q-device": {"携帯": "phone"}})
    assert found.answers[0].answers["device"] == "phone"


def test_markup_and_long_text_are_only_text():
    found = taken(f"voice\n<script>alert(1)</script>\n{'あ' * 20_001}\n=1+1\n")
    assert [one.answers["voice"] for one in found.answers] == ["<script>alert(1)</script>", "=1+1"]
    assert [fault.row for fault in found.faults] == [3]


def test_a_heading_that_could_mean_two_questions_means_none():
    twice = {
        "sections": [
            {
                "questions": [
                    {"code": "a", "kind": "text", "title": words("ご意見")},
                    {"code": "b", "kind": "text", "title": words("ご意見")},
                ]
            }
        ]
    }
    assert guess(Definition.from_document(twice), ["ご意見", "b"]) == ["", "q-b"]


def test_no_target_is_given_twice():
    assert guess(SURVEY, ["age", "年齢", "Age"]) == ["q-age", "", ""]


def test_rows_that_answer_nothing_are_counted():
    found = taken("satisfaction,device\n,\n-,\n4,pc\n")
    assert (len(found.answers), found.empty) == (1, 1)


@given(
    st.text(alphabet=st.characters(blacklist_categories=("Cs",)), max_size=300),
    st.lists(st.sampled_from(["", *TARGETS, "@day", "q-why=near", "x"]), max_size=6),
)
def test_nothing_that_a_table_holds_breaks_the_reading(body, mapping):
    try:
        found = table("a,b,c,d,e\n" + body)
        read(SURVEY, found, mapping)
    except FileProblem:
        pass


# On the database


@pytest.fixture(autouse=True)
def _kept_here(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def survey(people, bureau):
    made = surveys.make_survey(people.member, make_project(bureau), title="窓口")
    return surveys.change_survey(people.member, made, DOCUMENT)


def upload(rows=6, name="answers.csv", head="satisfaction,device,氏名"):
    lines = [head, *(f"{n % 5 + 1},{'pc' if n % 2 else 'phone'},山田{n}" for n in range(rows))]
    return SimpleUploadedFile(name, "\n".join(lines).encode())


@pytest.mark.django_db
def test_answers_become_a_closed_wave_whose_figures_are_exact(people, survey):
    file = incoming.keep(people.member, survey, upload(20))
    assert file.mapping == ["q-satisfaction", "q-device", ""]
    wave = incoming.bring_in(people.member, file, name="紙の回答", invited=40)
    assert (wave.is_over, wave.anonymous, wave.responses.count()) == (True, True, 20)
    assert is_exact(wave)
    found = wave_results(wave)
    assert (found.counted, found.results[0].satisfaction.mean.value) == (20, 3.0)
    assert "山田" not in str(list(Response.objects.values_list("answers", "place")))
    assert not AnswerFile.objects.exists()
    assert not any((incoming.Path(incoming.settings.MEDIA_ROOT) / "answers").iterdir())


@pytest.mark.django_db
def test_the_same_file_is_not_brought_in_twice(people, survey):
    first, second = (incoming.keep(people.member, survey, upload()) for _n in range(2))
    incoming.bring_in(people.member, first, name="一")
    with pytest.raises(Invalid, match="一"):
        incoming.bring_in(people.member, second, name="二")
    with pytest.raises(Invalid, match="一"):
        incoming.keep(people.member, survey, upload())
    assert Wave.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "file",
    [
        SimpleUploadedFile("a.csv", b""),
        SimpleUploadedFile("a.csv", b"satisfaction\n"),
        SimpleUploadedFile("a.xlsx", b"PK\x03\x04broken"),
        SimpleUploadedFile("a.pdf", b"%PDF-1.4"),
        SimpleUploadedFile("a.csv", b"\x00\x01\x02\xff\xfe"),
    ],
    ids=["empty", "headings only", "broken", "other kind", "bytes"],
)
def test_a_file_that_is_no_table_is_refused_in_words(people, survey, file):
    with pytest.raises(Invalid) as refused:
        incoming.keep(people.member, survey, file)
    assert "file" in refused.value.fields
    assert not AnswerFile.objects.exists()


@pytest.mark.django_db
def test_merged_headings_of_a_workbook_do_not_break_it(people, survey):
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.merge_range(0, 0, 0, 2, "窓口アンケート 2026")
        for row, cells in enumerate(
            [["満足していますか", "使った端末", "年齢"], [5, "パソコン", 30], [4, "スマートフォン", 41]], 1
        ):
            sheet.write_row(row, 0, cells)
    kept = incoming.keep(people.member, survey, SimpleUploadedFile("a.xlsx", file.getvalue()))
    found = incoming.preview(kept)
    assert [one.answers for one in found.answers] == [
        {"satisfaction": 5, "device": "pc", "age": 30},
        {"satisfaction": 4, "device": "phone", "age": 41},
    ]


@pytest.mark.django_db
def test_headings_over_two_rows_answer_the_questions_of_the_lower_one(people, survey):
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.merge_range("A1:D1", "窓口アンケート 集計表")
        sheet.merge_range("A3:A4", "番号")
        sheet.merge_range("B3:C3", "利用のようす")
        sheet.write_row("B4", ["満足していますか", "使った端末"])
        sheet.merge_range("D3:D4", "年齢")
        sheet.write_row("A5", [1, 5, "パソコン", 30])
        sheet.write_row("A6", [2, 4, "スマートフォン", 41])
    kept = incoming.keep(people.member, survey, SimpleUploadedFile("a.xlsx", file.getvalue()))
    assert kept.mapping == ["", "q-satisfaction", "q-device", "q-age"]
    found = incoming.preview(kept)
    assert [one.answers for one in found.answers] == [
        {"satisfaction": 5, "device": "pc", "age": 30},
        {"satisfaction": 4, "device": "phone", "age": 41},
    ]


@pytest.mark.django_db
def test_nothing_to_take_changes_nothing(people, survey):
    file = incoming.keep(people.member, survey, upload(head="x,y,z"))
    with pytest.raises(Conflict):
        incoming.bring_in(people.member, file, name="一")
    assert not Wave.objects.exists()


@pytest.mark.django_db
def test_a_column_answers_a_question_alone(people, survey):
    file = incoming.keep(people.member, survey, upload())
    with pytest.raises(Invalid) as refused:
        incoming.remap(people.member, file, ["q-age", "q-age", ""], {})
    assert "column-1" in refused.value.fields


@pytest.mark.django_db
def test_others_bring_nothing_in(people, survey):
    with pytest.raises(NotPermitted):
        incoming.keep(people.auditor, survey, upload())


@pytest.mark.django_db
def test_uploads_are_forgotten_after_a_day(people, survey):
    file = incoming.keep(people.member, survey, upload())
    assert incoming.forget_old() == 0
    AnswerFile.objects.update(uploaded_at=timezone.now() - incoming.KEPT - dt.timedelta(minutes=1))
    assert incoming.forget_old() == 1
    with pytest.raises(Conflict):
        incoming.table_of(file)


@pytest.mark.django_db
def test_the_pages_lead_from_the_file_to_the_figures(people, survey, client):
    client.force_login(people.member)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    start = reverse("voice:bring_answers", args=[survey.pk])
    assert start in client.get(reverse("voice:survey", args=[survey.pk])).content.decode()
    refused = client.post(start, {"file": SimpleUploadedFile("a.csv", b"")})
    assert refused.status_code == 422
    page = client.post(start, {"file": upload(8, head="満足していますか,何で,氏名")}, follow=True)
    text = page.content.decode()
    assert "8 answers can be taken" in text
    assert "may name a person" in text
    address = page.redirect_chain[-1][0]
    mapped = client.post(address, {"column-0": "q-satisfaction", "column-1": "q-device", "column-2": ""})
    assert mapped.status_code == 302
    twice = client.post(address, {"column-0": "q-age", "column-1": "q-age"})
    assert twice.status_code == 422
    assert "Another column answers this already" in twice.content.decode()
    pk = AnswerFile.objects.get().pk
    nameless = client.post(reverse("voice:answers_act", args=[pk, "bring"]), {"name": " "})
    assert nameless.status_code == 422
    done = client.post(reverse("voice:answers_act", args=[pk, "bring"]), {"name": "春"}, follow=True)
    assert done.redirect_chain[-1][0] == reverse("voice:wave", args=[Wave.objects.get().pk])
    assert Response.objects.filter(answers__device="pc").count() == 4


@pytest.mark.django_db
def test_unknown_words_are_asked_about_on_the_page(people, survey, client):
    client.force_login(people.member)
    file = incoming.keep(
        people.member, survey, SimpleUploadedFile("a.csv", "satisfaction,device\n3,携帯\n4,pc\n".encode())
    )
    address = reverse("voice:answers", args=[file.pk])
    assert "word-q-device-0" in client.get(address).content.decode()
    client.post(address, {"column-0": "q-satisfaction", "column-1": "q-device", "word-q-device-0": "phone"})
    file.refresh_from_db()
    assert [one.answers["device"] for one in incoming.preview(file).answers] == ["phone", "pc"]
    assert "word-q-device-0" in client.get(address).content.decode()


@pytest.mark.django_db
def test_counts_changed_behind_the_application_are_found_and_repaired(people, survey):
    wave = incoming.bring_in(people.member, incoming.keep(people.member, survey, upload(9)), name="一")
    run = CliRunner().invoke
    assert run(voice, ["verify"]).output == "0 waves differ\n"
    Tally.objects.filter(wave=wave, question="device", value="pc").update(count=99)
    found = run(voice, ["verify"])
    assert (found.exit_code, "窓口: 一" in found.output, "1 waves differ" in found.output) == (1, True, True)
    assert run(voice, ["verify", "--repair"]).exit_code == 0
    assert is_exact(wave)
    Tally.objects.filter(wave=wave, question="device").delete()
    assert jobs.verify(None) == {"differences": 1}
    assert is_exact(wave)


def long_table(rows):
    lines = [f"{1 + n % 5},{('pc', 'phone')[n % 2]}" for n in range(rows)]
    return SimpleUploadedFile("long.csv", "\n".join(["satisfaction,device", *lines, "9,pc"]).encode())


def test_a_long_table_comes_in_by_a_job_that_tells_how_far_it_is(people, survey, client, monkeypatch):
    monkeypatch.setattr(incoming, "LOOKED_AT", 50)
    client.force_login(people.member)
    file = incoming.keep(people.member, survey, long_table(120))
    page = client.get(
        reverse("voice:answers", args=[file.pk]), headers={"accept-language": "en"}
    ).content.decode()
    assert "This is a long table: the first 50 rows were looked at." in page
    began = client.post(reverse("voice:answers_act", args=[file.pk, "bring"]), {"name": "春"})
    job = Job.objects.get()
    assert began.headers["Location"] == reverse("jobs:job", args=[job.pk])
    assert not Response.objects.exists()
    process_all()
    job.refresh_from_db()
    wave = Wave.objects.get()
    assert (job.state, job.result["url"]) == ("done", reverse("voice:wave", args=[wave.pk]))
    assert job.progress_done == job.progress_total == 121
    assert (wave_results(wave).counted, is_exact(wave)) == (120, True)
    assert not AnswerFile.objects.exists()


def test_an_interrupted_job_begins_anew_and_doubles_nothing(people, survey, monkeypatch):
    file = incoming.keep(people.member, survey, long_table(30))
    monkeypatch.setattr("sekisho.voice.definition.incoming.PART", 10)

    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        incoming.bring_in(people.member, file, name="春", progress=stop)
    wave = incoming.bring_in(people.member, AnswerFile.objects.get(), name="春")
    assert (Wave.objects.get(), Response.objects.count()) == (wave, 30)


def test_a_long_table_is_refused_before_the_job_when_nothing_can_be_taken(people, survey):
    file = incoming.keep(people.member, survey, long_table(30))
    incoming.remap(people.member, file, ["", ""], {})
    with pytest.raises(Conflict):
        incoming.bring_in_later(people.member, file, name="春")
    with pytest.raises(Invalid):
        incoming.bring_in_later(people.member, file, name="春", asked_on=dt.date(2999, 1, 1))
    assert not Job.objects.exists()
