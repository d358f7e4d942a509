"""Uploads on their way in: what passes the limit is counted but never written to the disk."""

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler


class CappedUploadHandler(TemporaryFileUploadHandler):
    """Spools at most ``UPLOAD_MAX_BYTES`` of a request's files.

    The rest is read and forgotten, so that the form comes back with everything else that was entered and an error that
    names the true size: ``UploadedFile.size`` counts what was dropped too, and services refuse by it.
    """

    spooled = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        if self.spooled > settings.UPLOAD_MAX_BYTES:
            return None
        self.spooled += len(raw_data)
        return super().receive_data_chunk(raw_data, start)

    def file_complete(self, file_size: int) -> UploadedFile | None:
        file = super().file_complete(file_size)
        if file is not None:
            file.size = file_size
        return file
