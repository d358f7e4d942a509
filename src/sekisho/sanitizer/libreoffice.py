"""LibreOffice, which reads untrusted files: without network, macros and link updates off, under bubblewrap where there is one.
Elsewhere Landlock and seccomp keep it from the network and from files that are not its own, where the kernel has them.

Each file has a LibreOffice and a profile of its own, and both go with it. Whoever has brought two files may bring a third: from
then on, where there is bubblewrap, one stands ready that has started and met nothing, so that a file need not wait for the start.
"""

import atexit
import hashlib
import math
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Literal, Self

from sekisho.sanitizer.isolation import sandbox
from sekisho.sanitizer.results import Refused

_FILTERS = {
    "docx": "docx:MS Word 2007 XML",
    "xlsx": "xlsx:Calc MS Excel 2007 XML",
    "pptx": "pptx:Impress MS PowerPoint 2007 XML",
    "pdf": "pdf",
}
_SYSTEM = (
    "/usr",
    "/lib",
    "/lib64",
    "/bin",
    "/etc/fonts",
    "/etc/libreoffice",
    "/var/spool/libreoffice",
    "/opt",
)

# Macros never run, whatever a document asks for; links to other files are never followed. What a document leaves to the
# place it is opened in, as the order of a short date or the size of paper, is as in Japan.
_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Writer/Content/Update"><prop oor:name="Link" oor:op="fuse"><value>0</value></prop></item>
<item oor:path="/org.openoffice.Office.Calc/Content/Update"><prop oor:name="Link" oor:op="fuse"><value>2</value></prop></item>
<item oor:path="/org.openoffice.Setup/L10N"><prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>ja-JP</value></prop></item>
</oor:items>
"""
_SET_UP_SECONDS = 30
# Usual files take half a GB of memory, a picture of 560 megapixels 1 GB, a workbook of 40 MB 1 GB, photographs of 72 MB on
# pages 2.3 GB: of 3 GB, 64 bytes more for each of the file, at most 6 GB in all. Elsewhere than on Linux that is no limit.
_MEMORY, _MOST_MEMORY, _MEMORY_A_BYTE = 3 << 30, 6 << 30, 64
_LIMITED = 'ulimit -v {}; ulimit -f 4194304; exec "$0" "$@"'  # and files of 2 GB

# Runs in the box of the one that stands ready: $0 is its folder, the rest starts LibreOffice. A second start finds the pipe
# of the first one and hands the file over. Nothing of it outlives a quarter of an hour without a file, or the file's time.
_STANDING_BY = """
"$@" &
until [ -e /tmp/OSL_PIPE_* ]; do kill -0 $! || exit; sleep 0.1; done
order=$(timeout 900 head -n 1)
seconds=${order%%|*}; order=${order#*|}
exec timeout "$seconds" "$@" --convert-to "${order%%|*}" --outdir "$0/out" "$0/${order#*|}"
"""


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


class _Place:
    """A folder with a profile, and the LibreOffice that stands ready there if it was told to. For one file of ``size`` bytes."""

    def __init__(self, program: str, model: Path | None, size: int = 0) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="sekisho-office-"))
        memory = min(_MEMORY + size * _MEMORY_A_BYTE, _MOST_MEMORY)
        self._start = [
            "/bin/sh", "-c", _LIMITED.format(memory >> 10), program, f"-env:UserInstallation=file://{self.folder}/profile", "--headless", "--invisible",
            "--norestore", "--nolockcheck", "--nodefault", "--nofirststartwizard",
        ]  # fmt: skip
        self._process: subprocess.Popen[bytes] | None = None
        self._is_bare = model is None
        with self._gone_without_room():
            (self.folder / "out").mkdir()
            if model is not None:
                shutil.copytree(model, self.profile)
            settings = self.profile / "user"
            settings.mkdir(parents=True, exist_ok=True)
            (settings / "registrymodifications.xcu").write_text(_SETTINGS, encoding="utf-8")

    @contextmanager
    def _gone_without_room(self) -> Iterator[None]:
        """Nothing stays of a place that cannot be made."""
        try:
            yield
        except OSError:
            self.close()
            raise

    @property
    def profile(self) -> Path:
        return self.folder / "profile"

    def standing_by(self) -> Self:
        """With LibreOffice started ahead of its file. Only in a box, which also ends what else would be left behind."""
        script = ["/bin/sh", "-c", _STANDING_BY, str(self.folder)]
        with self._gone_without_room():
            self._process = self._run([*_box(self.folder), *script, *self._start], stdin=subprocess.PIPE)
        return self

    @property
    def stands_by(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def convert(self, untrusted: Path, target: str, seconds: float) -> Path | None:
        """The new file, if LibreOffice made one. Raises ``Refused`` (``limit.time``)."""
        shutil.copyfile(untrusted, self.folder / untrusted.name)
        end = time.monotonic() + seconds
        try:
            if self._process is None:
                if self._is_bare and box_program() is None:
                    self._fill_profile(seconds)
                how = ["--convert-to", _FILTERS[target], "--outdir", f"{self.folder}/out"]
                command = [*self._start, *how, f"{self.folder}/{untrusted.name}"]
                self._process = self._run([*_box(self.folder), *command])
            elif self._process.stdin is not None:
                with suppress(OSError), self._process.stdin as line:  # it may have ended since it was asked
                    line.write(f"{math.ceil(seconds)}|{_FILTERS[target]}|{untrusted.name}\n".encode())
            self._process.wait(timeout=end - time.monotonic())
        except subprocess.TimeoutExpired as error:
            raise Refused("limit.time", seconds=round(seconds)) from error
        written = self.folder.resolve() / "out" / f"{untrusted.stem}.{target}"
        leads_out = written.resolve() != written  # by a link that the converted file had made
        return written if written.is_file() and not leads_out else None

    def _fill_profile(self, seconds: float) -> None:
        """LibreOffice starts anew when a profile is bare, and could not remove the pipe that it has made by then."""
        self._process = self._run([*_box(self.folder), *self._start, "--terminate_after_init"])
        self._process.wait(timeout=seconds)
        self._remove_pipe()

    def _remove_pipe(self) -> None:
        """A LibreOffice that was killed leaves it, and one that only Landlock keeps may remove nothing in /tmp.

        Its name is that of desktop/source/app/officeipcthread.cxx: the digits of the profile's MD5, none padded.
        """
        digest = hashlib.md5(f"file://{self.profile}".encode("utf-16-le"), usedforsecurity=False).digest()
        for pipe in Path("/tmp").glob(f"OSL_PIPE_*{''.join(f'{byte:x}' for byte in digest)}"):  # noqa: S108
            with suppress(OSError):
                pipe.unlink()

    def _run(self, command: list[str], stdin: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603
            command,
            stdin=stdin, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={"HOME": str(self.folder), "PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LANG": "C.UTF-8",
                 "TMPDIR": str(self.folder)},
            start_new_session=True,
        )  # fmt: skip

    def close(self) -> None:
        """Leave nothing: soffice is a script that starts the real program."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            if self._process.stdin is not None:
                with suppress(OSError):
                    self._process.stdin.close()
            self._remove_pipe()
        shutil.rmtree(self.folder, ignore_errors=True)


def _box(folder: Path) -> list[str]:
    """What goes before the command: bubblewrap, or without it the walls that the kernel has."""
    box = box_program()
    if box is None:
        return [sys.executable, "-I", sandbox.__file__, str(folder), *_SYSTEM, "--"]
    binds = [part for place in _SYSTEM if os.path.exists(place) for part in ("--ro-bind", place, place)]
    return [box, "--unshare-all", "--die-with-parent", "--new-session", *binds, "--proc", "/proc",
            "--dev", "/dev", "--tmpfs", "/tmp", "--bind", str(folder), str(folder)]  # fmt: skip  # noqa: S108


class _Places:
    """Gives out places, each once; keeps one ready, and the profile of one that has met nothing but a word of ours.

    Such a profile saves LibreOffice a third of its start. All that is made ready is made beside the files, in a thread that
    lives as long as the process: what runs in a box ends with the thread that started it.
    """

    def __init__(self) -> None:
        self._owner = os.getpid()
        self._lock = threading.Lock()
        self._wanted = threading.Event()
        self._served = 0
        self._closed = False
        self._model: _Place | None = None
        self._ready: _Place | None = None
        atexit.register(self.close)

    def take(self) -> _Place | None:
        """The one that stands ready, if it does."""
        with self._lock:
            place, self._ready = self._ready, None
        if place is None or place.stands_by:
            return place
        place.close()  # no file came for a quarter of an hour
        return None

    def new(self, program: str, size: int = 0) -> _Place:
        return _Place(program, self._model.profile if self._model else None, size)

    def prepare(self, program: str) -> None:
        """Make ready for another file, beside this one, unless it is the first: it may be the only one."""
        with self._lock:
            self._served += 1
            if self._served == 2:
                threading.Thread(target=self._keep_ready, args=(program,), daemon=True).start()
        self._wanted.set()

    def _keep_ready(self, program: str) -> None:
        with suppress(OSError):
            self._put("_model", _set_up(program))
        while box_program() is not None and self._wanted.wait() and not self._closed:
            self._wanted.clear()
            if self._ready is None or not self._ready.stands_by:
                with suppress(OSError):  # where there is no room for it, files wait for one of their own
                    self._put("_ready", self.new(program).standing_by())

    def _put(self, name: Literal["_model", "_ready"], place: _Place | None) -> None:
        """Keep ``place`` instead of the one before it; once all is over nothing is kept."""
        with self._lock:
            gone = place if self._closed else getattr(self, name)
            if not self._closed:
                setattr(self, name, place)
        if gone is not None:
            gone.close()

    def close(self) -> None:
        """At the end of the process; a child of it has places of its own."""
        if self._owner != os.getpid():
            return
        with self._lock:
            self._closed = True
        self._wanted.set()
        for place in (self._ready, self._model):
            if place is not None:
                place.close()


def _set_up(program: str) -> _Place | None:
    """Where LibreOffice has filled a profile while it converted a word of ours; None when it did not."""
    place = _Place(program, None)
    with suppress(Refused, OSError), tempfile.TemporaryDirectory(prefix="sekisho-word-") as folder:
        word = Path(folder) / "word.txt"
        word.write_text("words", encoding="ascii")
        if place.convert(word, "pdf", _SET_UP_SECONDS):
            return place
    place.close()
    return None


_places = _Places()


def _begin_anew() -> None:
    global _places  # noqa: PLW0603
    _places = _Places()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_anew)


def convert(untrusted: Path, made: Path, target: str, seconds: float) -> None:
    """Have LibreOffice convert ``untrusted`` to ``target`` (docx, xlsx, pptx or pdf), as ``made`` if it makes anything of it.

    Raises ``Refused``: ``engine.unavailable`` without LibreOffice, ``limit.time``.
    """
    program = office_program()
    if program is None:
        raise Refused("engine.unavailable", component="LibreOffice")
    end = time.monotonic() + seconds
    place = _places.take()
    _places.prepare(program)
    if place is not None:
        _convert(place, untrusted, made, target, seconds)
    # None stood ready, or it made nothing of the file: one that is started for it decides.
    if not made.exists():
        _convert(
            _places.new(program, untrusted.stat().st_size), untrusted, made, target, end - time.monotonic()
        )


def _convert(place: _Place, untrusted: Path, made: Path, target: str, seconds: float) -> None:
    try:
        written = place.convert(untrusted, target, seconds)
        if written is not None:
            written.replace(made)
    finally:
        place.close()
