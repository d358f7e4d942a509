import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from tests.intake.test_judgit import PROJECTS, sheet

from sekisho.book.models import Project
from sekisho.intake.models import ImportRun
from sekisho.intake.services import importing, runs
from sekisho.jobs.worker import process_all
from sekisho.people.roles import SYSTEM

pytestmark = pytest.mark.usefixtures("standard")
TABLE = "整理番号,事業名,局,予算額\n1,窓口予約,総務局,1200\n2,<b>税</b>,総務局,abc\n".encode()


@pytest.fixture(autouse=True)
def _kept_here(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def office(client, people):
    client.force_login(people.quality_office)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def judgit_zip(*names: str) -> SimpleUploadedFile:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names or ("a/projects.csv",):
            archive.writestr(name, "\n".join([PROJECTS, sheet(2018, "0001", "33", "住基ネット")]) + "\n")
    return SimpleUploadedFile("judgit.zip", file.getvalue())


def upload(client, source: str, *files: SimpleUploadedFile):
    return client.post(reverse("intake:upload", args=[source]), {"files": list(files)})


def files_left(tmp_path) -> list:
    return [path for path in (tmp_path / "imports").rglob("*") if path.is_file()]


def test_the_three_sources_are_explained(office):
    page = office.get(reverse("intake:imports")).content.decode()
    for source in ("table", "rs", "judgit"):
        assert reverse("intake:upload", args=[source]) in page
        assert office.get(reverse("intake:upload", args=[source])).status_code == 200


@pytest.fixture
def work(django_capture_on_commit_callbacks):
    """Do all background work, and what waits for the end of its transaction."""

    def run() -> None:
        with django_capture_on_commit_callbacks(execute=True):
            process_all()

    return run


def test_an_archive_is_previewed_confirmed_and_imported(office, work, tmp_path):
    assert upload(office, "judgit", judgit_zip()).status_code == 302
    run = ImportRun.objects.get()
    assert run.state == "reading"
    assert "Reading the files" in office.get(reverse("intake:run", args=[run.pk])).content.decode()
    work()
    run.refresh_from_db()
    assert (run.state, run.error) == ("ready", "")
    assert not Project.objects.exists()
    page = office.get(reverse("intake:run", args=[run.pk])).content.decode()
    assert "What will change" in page
    assert "JG-000033" in page
    office.post(reverse("intake:confirm", args=[run.pk]))
    work()
    run.refresh_from_db()
    assert (run.state, run.job.error_detail) == ("done", "")
    assert Project.objects.get().name == "住基ネット"
    assert "What was changed" in office.get(reverse("intake:run", args=[run.pk])).content.decode()
    assert files_left(tmp_path) == []


def test_a_table_is_mapped_previewed_and_imported(office, work):
    upload(office, "table", SimpleUploadedFile("list.csv", TABLE))
    run = ImportRun.objects.get()
    address = reverse("intake:mapping", args=[run.pk])
    page = office.get(address).content.decode()
    assert "整理番号" in page
    assert "&lt;b&gt;税" in page
    form = {
        "scheme": "city",
        "unit": "1000",
        "fiscal_year": "令和6年度",
        "column_external_id": "整理番号",
        "column_name": "事業名",
        "column_organisation": ["局"],
        "column_approved": ["予算額"],
    }
    refused = office.post(address, {**form, "fiscal_year": ""})
    assert refused.status_code == 422
    assert office.post(address, {**form, "scheme": "RS"}).status_code == 422
    assert office.post(address, form)["Location"] == reverse("intake:run", args=[run.pk])
    work()
    page = office.get(reverse("intake:run", args=[run.pk]) + "?section=problems").content.decode()
    assert "abc" in page
    office.post(reverse("intake:confirm", args=[run.pk]))
    work()
    book = Project.objects.get()
    assert (book.owner.name, book.budget_years.get().approved) == ("総務局", 1_200_000)


def test_a_mapping_may_be_written_as_text_and_says_every_mistake(office):
    upload(office, "table", SimpleUploadedFile("list.csv", TABLE))
    address = reverse("intake:mapping", args=[ImportRun.objects.get().pk])
    page = office.post(address, {"text": "columns: {nane: 事業名}"})
    assert page.status_code == 422
    assert "nane" in page.content.decode()
    assert office.post(address, {"text": "scheme: c\ncolumns: {name: 事業名}"}).status_code == 302


def test_a_heading_that_is_missing_brings_the_columns_back_with_the_reason(office, work):
    upload(office, "table", SimpleUploadedFile("list.csv", TABLE))
    run = ImportRun.objects.get()
    office.post(reverse("intake:mapping", args=[run.pk]), {"text": "scheme: c\ncolumns: {name: 件名}"})
    work()
    run.refresh_from_db()
    assert run.state == "mapping"
    assert "件名" in office.get(reverse("intake:mapping", args=[run.pk])).content.decode()


def test_strict_through_the_page_changes_nothing(office, work):
    upload(office, "table", SimpleUploadedFile("list.csv", TABLE))
    run = ImportRun.objects.get()
    text = "scheme: c\nfiscal_year: 2024\ncolumns: {name: 事業名, approved: 予算額}"
    office.post(reverse("intake:mapping", args=[run.pk]), {"text": text})
    work()
    office.post(reverse("intake:confirm", args=[run.pk]), {"strict": "on"})
    work()
    run.refresh_from_db()
    assert run.state == "ready"
    assert "could not be read" in run.error
    assert not Project.objects.exists()


def test_what_is_not_an_import_is_refused_beside_the_field(office, settings, tmp_path):
    for source, file in (
        ("rs", SimpleUploadedFile("a.exe", b"x")),
        ("rs", SimpleUploadedFile("a.zip", b"PK\x03\x04cut")),
        ("rs", SimpleUploadedFile("a.csv", b"")),
        ("table", SimpleUploadedFile("a.csv", b"%PDF-1.4")),
    ):
        answer = upload(office, source, file)
        assert answer.status_code == 422
        assert "a." in answer.content.decode()
    settings.UPLOAD_MAX_BYTES = 10
    answer = upload(office, "table", SimpleUploadedFile("big.csv", b"x" * 11))
    assert "MB can be taken" in answer.content.decode()
    assert not ImportRun.objects.exists()
    assert files_left(tmp_path) == []


def test_an_archive_cannot_write_outside_or_blow_up(office, tmp_path, monkeypatch):
    from sekisho.intake.services import uploads

    upload(office, "judgit", judgit_zip("../../evil.csv", "/etc/x.csv", "a/evil.csv"))
    names = [item["name"] for item in ImportRun.objects.get().files]
    assert names == ["evil-2.csv", "evil.csv", "x.csv"]
    assert {path.parent.parent for path in files_left(tmp_path)} == {tmp_path / "imports"}
    monkeypatch.setattr(uploads, "MAX_UNPACKED_BYTES", 100)
    assert upload(office, "judgit", judgit_zip()).status_code == 422


def test_a_folder_of_something_else_is_refused_and_its_files_deleted(office, work, tmp_path):
    upload(office, "rs", SimpleUploadedFile("other.csv", b"a,b\n1,2\n"))
    work()
    run = ImportRun.objects.get()
    assert run.state == "refused"
    assert files_left(tmp_path) == []
    assert "1-2" in office.get(reverse("intake:run", args=[run.pk])).content.decode()


def test_giving_up_deletes_the_files(office, tmp_path):
    upload(office, "table", SimpleUploadedFile("list.csv", TABLE))
    run = ImportRun.objects.get()
    office.post(reverse("intake:abandon", args=[run.pk]))
    run.refresh_from_db()
    assert run.state == "abandoned"
    assert office.post(reverse("intake:confirm", args=[run.pk])).status_code == 409


def test_uploads_nobody_confirms_are_tidied_up(office):
    upload(office, "table", SimpleUploadedFile("list.csv", TABLE))
    assert runs.tidy(timezone.now()) == 0
    assert runs.tidy(timezone.now() + runs.KEPT * 2) == 1


def test_a_cancelled_import_can_be_begun_again(office, work):
    upload(office, "judgit", judgit_zip())
    work()
    run = ImportRun.objects.get()
    office.post(reverse("intake:confirm", args=[run.pk]))
    run.refresh_from_db()
    office.post(reverse("jobs:cancel", args=[run.job_id]))
    assert "Import into the books" in office.get(reverse("intake:run", args=[run.pk])).content.decode()
    office.post(reverse("intake:confirm", args=[run.pk]))
    work()
    run.refresh_from_db()
    assert run.state == "done"


def test_an_import_that_was_cut_short_says_in_the_end_all_that_it_changed(office, work, monkeypatch):
    upload(office, "judgit", judgit_zip())
    work()
    run = ImportRun.objects.get()
    office.post(reverse("intake:confirm", args=[run.pk]))
    run.refresh_from_db()
    # the first try wrote this, then the power failed
    importing.apply(SYSTEM, runs._found(run, lambda *_said: None))
    work()
    run.refresh_from_db()
    assert (run.state, run.preview["counts"]["new"]) == ("done", 1)
    assert "JG-000033" in office.get(reverse("intake:run", args=[run.pk])).content.decode()


@pytest.mark.parametrize("role", ["member", "cio_aide", "expert", "executive", "auditor", "contractor"])
def test_only_those_who_may_import_see_imports(client, people, role):
    client.force_login(getattr(people, role))
    run = ImportRun.objects.create(source="table", state="ready", folder="x")
    for address in (
        reverse("intake:imports"),
        reverse("intake:upload", args=["rs"]),
        reverse("intake:run", args=[run.pk]),
        reverse("intake:mapping", args=[run.pk]),
    ):
        assert client.get(address).status_code == 403
    assert client.post(reverse("intake:confirm", args=[run.pk])).status_code == 403


def test_long_sections_are_paged_and_queries_do_not_grow(office, record, source):
    def page_of(books: int) -> tuple[str, int]:
        found = importing.plan(SYSTEM, source(*(record(str(n)) for n in range(books))))
        run = ImportRun.objects.create(source="rs", state="ready", folder="x", preview=found.document())
        with CaptureQueriesContext(connection) as seen:
            page = office.get(reverse("intake:run", args=[run.pk]) + "?section=new&page=2").content.decode()
        return page, len(seen)

    page_of(101)  # what the first request of a session asks besides
    page, few = page_of(120)
    assert "RS-000099" in page
    assert "RS-000001" not in page
    assert ">Year</th>" not in page  # of which no new book has one
    large, many = page_of(1_200)
    assert "<dd>1,200</dd>" in large
    assert many == few
