"""An upload larger than allowed does not reach the disk, and its true size is known."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.test import RequestFactory

_STEP = 1_048_576


@contextmanager
def _sent(*sizes: int) -> Iterator[Any]:
    files = {f"file{number}": SimpleUploadedFile("a.bin", bytes(size)) for number, size in enumerate(sizes)}
    request = RequestFactory().post("/", {"title": "題", **files})
    try:
        yield request
    finally:
        request.close()


def test_what_passes_the_limit_is_counted_but_not_kept(settings: Any) -> None:
    settings.UPLOAD_MAX_BYTES = 3 * _STEP
    with _sent(20 * _STEP) as request:
        file = request.FILES["file0"]
        assert isinstance(file, TemporaryUploadedFile)
        assert file.size == 20 * _STEP
        assert file.file.seek(0, 2) < 4 * _STEP
        assert request.POST["title"] == "題"


def test_the_limit_is_for_all_files_of_a_request(settings: Any) -> None:
    settings.UPLOAD_MAX_BYTES = 3 * _STEP
    with _sent(3 * _STEP, 9 * _STEP) as request:
        assert sum(file.file.seek(0, 2) for file in request.FILES.values()) < 4 * _STEP


def test_files_within_the_limit_are_whole(settings: Any) -> None:
    settings.UPLOAD_MAX_BYTES = 30 * _STEP
    with _sent(4 * _STEP, 10) as request:
        assert [request.FILES[name].size for name in ("file0", "file1")] == [4 * _STEP, 10]
        assert len(request.FILES["file0"].read()) == 4 * _STEP
