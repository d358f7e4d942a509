"""The package being written."""

import zipfile
from typing import IO, BinaryIO

# XML repeats itself so much that deflating it harder takes twice as long for a tenth less.
_LEVEL = 3


class Target:
    """Writes parts one after the other. Members get one fixed date, so equal content makes equal bytes."""

    def __init__(self, output: BinaryIO) -> None:
        self._archive = zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL)

    def write(self, name: str, data: bytes, *, packed: bool = False) -> None:
        """``packed``: the data is compressed already (pictures)."""
        info = self._info(name)
        if packed:
            info.compress_type = zipfile.ZIP_STORED
        self._archive.writestr(info, data)

    def open(self, name: str) -> IO[bytes]:
        """For parts too large to hold: write, then close."""
        return self._archive.open(self._info(name), "w", force_zip64=False)

    def close(self) -> None:
        self._archive.close()

    def _info(self, name: str) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
        info.compress_type = zipfile.ZIP_DEFLATED
        info._compresslevel = _LEVEL  # type: ignore[attr-defined]
        info.create_system = 0
        return info
