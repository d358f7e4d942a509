"""The workbook of a wave that many answered is written in the background, and only its owner gets it."""

import io

import openpyxl
import pytest
from django.urls import reverse

from sekisho.jobs.models import Job
from sekisho.jobs.worker import process_all
from sekisho.voice.models import Response
from sekisho.voice.services import surveys, tally, workbooks
from tests.book.factories import days
from tests.voice.results import body

pytestmark = pytest.mark.django_db


@pytest.fixture
def wave(people, asking, monkeypatch, settings, tmp_path):
    """More answers than are written at once."""
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(workbooks, "AT_ONCE", 10)
    made = surveys.open_wave(people.member, asking, name="春")
    Response.objects.bulk_create(
        Response(wave=made, day=days(0), answers={"overall": 1 + n % 5}) for n in range(30)
    )
    surveys.close_wave(people.member, made)
    tally.count_new(made)
    return made


def test_a_long_workbook_is_made_by_a_job_for_whom_asked(reader, people, wave, client):
    file = reverse("voice:wave_workbook", args=[wave.pk])
    assert "Make the workbook" in body(reader.get(file, follow=True))
    started = reader.post(reverse("voice:wave_act", args=[wave.pk, "workbook"]))
    job = Job.objects.get(kind=workbooks.KIND)
    assert started.headers["Location"] == reverse("jobs:job", args=[job.pk])
    assert reader.get(file, {"job": job.pk}).status_code == 404, "not finished"
    process_all()
    job.refresh_from_db()
    assert job.result["message"].startswith("30")
    book = openpyxl.load_workbook(io.BytesIO(reader.get(job.result["url"]).content))
    assert sorted(row[0] for row in book.active.iter_rows(min_row=2, values_only=True)) == sorted(
        [1, 2, 3, 4, 5] * 6
    )
    client.force_login(people.auditor)
    assert client.get(job.result["url"]).status_code == 404
    assert client.get(file, {"job": "9" * 30}).status_code == 404


def test_no_workbook_below_the_threshold(reader, people, asking):
    few = surveys.open_wave(people.member, asking, name="夏")
    assert reader.post(reverse("voice:wave_act", args=[few.pk, "workbook"])).status_code == 302
    assert not Job.objects.filter(kind=workbooks.KIND).exists()
