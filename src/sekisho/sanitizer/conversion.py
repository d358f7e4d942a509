"""Conversion by another program, for types we do not read ourselves: LibreOffice, or an office's own converter.

The office suite reads the untrusted file, so it runs without network, with a profile of its own that is thrown away,
macros and link updates off, under bubblewrap where there is one, with a time limit that kills its whole process group.
What it writes is treated as untrusted again.
"""

import atexit
import os
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

from sekisho.sanitizer import converters
from sekisho.sanitizer.filetypes import FileType
from sekisho.sanitizer.results import Refused

_FILTERS = {
    "docx": "docx:MS Word 2007 XML",
    "xlsx": "xlsx:Calc MS Excel 2007 XML",
    "pptx": "pptx:Impress MS PowerPoint 2007 XML",
    "pdf": "pdf",
}
_SYSTEM = ("/usr", "/lib", "/lib64", "/bin", "/etc/fonts", "/etc/libreoffice", "/opt")


@cache
def office_program() -> str | None:
    """Where LibreOffice is, or None."""
    return shutil.which("soffice") or shutil.which("libreoffice")


@cache
def box_program() -> str | None:
    """Where bubblewrap is, when it works here; otherwise None."""
    program = shutil.which("bwrap")
    if program is None:
        return None
    probe = [program, "--unshare-all", "--ro-bind", "/usr", "/usr", "--symlink", "usr/bin", "/bin",
             "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64", "/bin/true"]  # fmt: skip
    worked = subprocess.run(probe, capture_output=True, check=False, timeout=20)  # noqa: S603
    return program if worked.returncode == 0 else None


@contextmanager
def converted(source: Any, kind: FileType, target: str, seconds: float) -> Iterator[BinaryIO]:
    """The file converted to ``target`` (docx, xlsx, pptx or pdf), open for reading.

    Raises ``Refused``: ``engine.unavailable`` without LibreOffice, ``limit.time``, ``input.broken``,
    ``converter.failed``.
    """
    own = kind.family == "refused"
    program = office_program()
    if program is None and not own:
        raise Refused("engine.unavailable", component="LibreOffice")
    with tempfile.TemporaryDirectory(prefix="sekisho-convert-") as folder:
        place = Path(folder)
        untrusted = place / f"source.{kind.extensions[0]}"
        source.seek(0)
        with untrusted.open("wb") as copy:
            shutil.copyfileobj(source, copy)
        (place / "out").mkdir()
        if own or program is None:
            converters.convert(kind, untrusted, place / "out" / f"source.{target}", seconds)
        else:
            _run(program, place, untrusted, target, seconds)
        made = place / "out" / f"source.{target}"
        if not made.is_file() or made.is_symlink():
            raise Refused("input.broken", type=kind.id)
        with made.open("rb") as stream:
            yield stream


# Macros never run, whatever a document asks for; links to other files are never followed.
_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Writer/Content/Update"><prop oor:name="Link" oor:op="fuse"><value>0</value></prop></item>
<item oor:path="/org.openoffice.Office.Calc/Content/Update"><prop oor:name="Link" oor:op="fuse"><value>2</value></prop></item>
</oor:items>
"""


class _Profiles:
    """Profiles for LibreOffice, each used once: new ones at first, then copies of one that it has set up itself.

    A profile that has met nothing but a word of ours saves it a third of its start. It is made before the second file,
    so that a single one need not wait for it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._given = 0
        self._model: Path | None = None

    def give(self, program: str, place: Path) -> None:
        """Put a profile into ``place``."""
        with self._lock:
            self._given += 1
            if self._given == 2:
                self._model = _set_up(program)
        if self._model is not None:
            shutil.copytree(self._model, place / "profile")
        _write_settings(place)


_PROFILES = _Profiles()
_SET_UP_SECONDS = 30


def _write_settings(place: Path) -> None:
    """Our settings and nothing else, also over those of a copy."""
    settings = place / "profile" / "user"
    settings.mkdir(parents=True, exist_ok=True)
    (settings / "registrymodifications.xcu").write_text(_SETTINGS, encoding="utf-8")


def _set_up(program: str) -> Path | None:
    """A profile that LibreOffice has filled while it converted a word of ours; None when it did not."""
    place = Path(tempfile.mkdtemp(prefix="sekisho-profile-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    word = place / "source.txt"
    word.write_text("words", encoding="ascii")
    (place / "out").mkdir()
    _write_settings(place)
    try:
        _start(program, place, word, "pdf", _SET_UP_SECONDS)
    except Refused:
        return None
    return place / "profile" if (place / "out" / "source.pdf").is_file() else None


def _run(program: str, place: Path, untrusted: Path, target: str, seconds: float) -> None:
    _PROFILES.give(program, place)
    _start(program, place, untrusted, target, seconds)


def _start(program: str, place: Path, untrusted: Path, target: str, seconds: float) -> None:
    command = [
        program, f"-env:UserInstallation=file://{place}/profile", "--headless", "--invisible", "--norestore",
        "--nolockcheck", "--nodefault", "--nofirststartwizard", "--convert-to", _FILTERS[target],
        "--outdir", f"{place}/out", str(untrusted),
    ]  # fmt: skip
    process = subprocess.Popen(  # noqa: S603
        [*_box(place), *command],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={"HOME": str(place), "PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LANG": "C.UTF-8"},
        start_new_session=True,
    )  # fmt: skip
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired as error:
        raise Refused("limit.time", seconds=round(seconds)) from error
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Leave nothing running: soffice is a script that starts the real program."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _box(place: Path) -> list[str]:
    box = box_program()
    if box is None:
        return []
    binds = [part for folder in _SYSTEM if os.path.exists(folder) for part in ("--ro-bind", folder, folder)]
    return [box, "--unshare-all", "--die-with-parent", "--new-session", *binds, "--proc", "/proc",
            "--dev", "/dev", "--tmpfs", "/tmp", "--bind", str(place), str(place)]  # fmt: skip  # noqa: S108
