"""``sekisho survey``: surveys out to files and in again, and plain words about what cannot come in."""

import json

import pytest
from click.testing import CliRunner

from sekisho.errors import Invalid, NotFound
from sekisho.voice.commands import survey as command
from sekisho.voice.models import Survey
from sekisho.voice.services import surveys
from tests.book.factories import make_project
from tests.voice.test_xlsforms import EVERY_KIND, WILD, workbook

pytestmark = pytest.mark.django_db


def run(*arguments):
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


@pytest.fixture
def made(people, bureau):
    project = make_project(bureau, code="C-1")
    return surveys.make_survey(
        people.member, project, title="満足度", title_en="Satisfaction", document=EVERY_KIND
    )


@pytest.mark.parametrize("ending", ["xlsx", "json", "yaml"])
def test_a_survey_goes_out_and_comes_back_the_same(made, bureau, tmp_path, ending):
    make_project(bureau, code="C-2")
    file = tmp_path / f"form.{ending}"
    assert run("export", made.pk, file).exit_code == 0
    assert run("import", file, "--project", "C-2").exit_code == 0
    other = Survey.objects.get(project__code="C-2")
    assert (other.title, other.document) == (made.title, made.document)
    listed = run("list", "--project", "C-2").output
    assert listed == f"{other.pk}\tC-2\t満足度\n"
    assert json.loads(run("export", made.pk, "-").output)["title_en"] == "Satisfaction"


def test_an_organisation_asks_too(made, bureau, tmp_path):
    file = tmp_path / "form.yaml"
    run("export", made.pk, file)
    assert run("import", file, "--organisation", bureau.code, "--title", "職員").exit_code == 0
    assert Survey.objects.get(organisation=bureau).title == "職員"


def test_what_a_survey_cannot_hold_is_named_and_left_out_only_when_asked(made, tmp_path):
    file = tmp_path / "wild.xlsx"
    file.write_bytes(workbook(**WILD))
    refused = run("import", file, "--project", "C-1", "--title", "野生")
    assert isinstance(refused.exception, Invalid)
    assert "geopoint" in refused.stderr
    assert run("import", file, "--project", "C-1", "--title", "野生", "--leave-out").exit_code == 0


@pytest.mark.parametrize(
    ("name", "body"),
    [("a.json", "[1]"), ("a.json", "{"), ("a.yaml", "a: [" * 5000), ("a.yaml", b"\xff\xfe"), ("a.xlsx", "x")],
)
def test_a_file_that_is_no_survey_is_refused(made, tmp_path, name, body):
    file = tmp_path / name
    file.write_bytes(body if isinstance(body, bytes) else body.encode())
    assert isinstance(run("import", file, "--project", "C-1").exception, Invalid)
    assert Survey.objects.count() == 1


def test_what_is_not_there_is_said_so(made, tmp_path):
    assert isinstance(run("export", 10**6, "-").exception, NotFound)
    file = tmp_path / "form.json"
    run("export", made.pk, file)
    assert isinstance(run("import", file, "--project", "NONE").exception, NotFound)
    assert run("import", file).exit_code == 2
    assert run("export", made.pk, tmp_path / "form.doc").exit_code == 2
