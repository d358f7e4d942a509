"""The package being written."""

import zipfile
from typing import IO, BinaryIO

from isal import isal_zlib

# Deflates XML four times faster than zlib does, to about the same size. Only what is written: what comes in is expanded by zlib.
_LEVEL = 2
_RAW = -15  # deflated data without a frame of its own, as ZIP has it


class Target:
    """Writes parts one after the other. Members get one fixed date, so equal content makes equal bytes."""

    def __init__(self, output: BinaryIO) -> None:
        self._archive = zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED)

    def write(self, name: str, data: bytes, *, packed: bool = False) -> None:
        """``packed``: the data is compressed already (pictures)."""
        if packed:
            info = self._info(name)
            info.compress_type = zipfile.ZIP_STORED
            self._archive.writestr(info, data)
            return
        with self.open(name) as member:
            member.write(data)

    def open(self, name: str) -> IO[bytes]:
        """For parts too large to hold: write, then close."""
        member = self._archive.open(self._info(name), "w", force_zip64=False)
        member._compressor = isal_zlib.compressobj(_LEVEL, isal_zlib.DEFLATED, _RAW)  # type: ignore[attr-defined]
        return member

    def close(self) -> None:
        self._archive.close()

    def _info(self, name: str) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
        info.compress_type = zipfile.ZIP_DEFLATED
        info.create_system = 0
        return info
