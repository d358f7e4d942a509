"""Files of old kinds, as LibreOffice makes them of sources of ours."""

import subprocess
import tempfile
from pathlib import Path

from sekisho.sanitizer.libreoffice import office_program


def resaved(kind: str, name: str, data: bytes) -> bytes:
    """The source ``data``, called ``name``, as a file of ``kind``."""
    with tempfile.TemporaryDirectory(prefix="sekisho-resaved-") as folder:
        source = Path(folder) / name
        source.write_bytes(data)
        profile = f"-env:UserInstallation=file://{folder}/profile"
        how = ["--headless", "--convert-to", kind, "--outdir", folder]
        command = [str(office_program()), profile, *how, name]
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=120)
        return source.with_suffix(f".{kind}").read_bytes()
