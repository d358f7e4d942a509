"""What a hostile file could do if it took a handler over: nothing."""

import ctypes
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import pytest
from PIL import Image

from sekisho.sanitizer import Policy, Result, engine, sanitize
from sekisho.sanitizer.formats import Route
from sekisho.sanitizer.isolation import sandbox
from sekisho.sanitizer.isolation.sandbox import abilities
from sekisho.sanitizer.isolation.warden import Warden

ESCAPES = "tests.sanitizer.escapes"


@pytest.fixture(scope="module")
def warden() -> Iterator[Warden]:
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [os.getcwd(), os.environ.get("PYTHONPATH", "")]))
    own = Warden(preload=(ESCAPES,))
    yield own
    own.close()


class Hostile(Route):
    @property
    def full_handler(self) -> str:
        return f"{ESCAPES}:{self.handler}"


def taken_over(
    warden: Warden, monkeypatch: pytest.MonkeyPatch, handler: str, data: bytes = b"words"
) -> Result:
    monkeypatch.setattr(engine, "route_for", lambda kind, method: Hostile(handler))
    policy = Policy.from_dict(
        {"name": "s", "methods": {"text": "text"}, "limits": {"seconds": 2, "output_bytes": 50_000_000}}
    )
    return sanitize(data, policy, name="a.txt", warden=warden)


_REACHES_OUT = [
    "import socket; socket.socket(socket.AF_INET)",
    "import socket; socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)",
    "open('/etc/passwd')",
    "import os; open(f'/proc/{os.getppid()}/environ')",
    "open('/tmp/sekisho-escape', 'w')",
    "import os; os.unlink('{another}')",
]
_WORKS = "import os, socket, subprocess; socket.socket(socket.AF_UNIX); open('a', 'w').write('x'); subprocess.run(['/bin/true'], check=True)"


@pytest.mark.skipif(not abilities().complete, reason="this kernel lacks Landlock or seccomp")
def test_another_program_works_in_its_folder_and_reaches_nothing_else(tmp_path: Path) -> None:
    readable = ["/usr", "/lib", "/lib64", "/bin", sys.base_prefix]
    python = os.path.realpath(sys.executable)
    walls = [sys.executable, "-I", sandbox.__file__, str(tmp_path), *readable, "--", python, "-I", "-c"]

    def ran(code: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run([*walls, code], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert (ran(_WORKS).stderr, (tmp_path / "a").read_text()) == ("", "x")
    with tempfile.NamedTemporaryFile(dir="/tmp") as another:
        assert all(
            "PermissionError" in ran(code.replace("{another}", another.name)).stderr for code in _REACHES_OUT
        )


@pytest.mark.skipif(not abilities().complete, reason="this kernel lacks Landlock or seccomp")
@pytest.mark.parametrize(
    ("handler", "code"),
    [
        ("open_file", "engine.denied"),
        ("write_file", "engine.denied"),
        ("open_socket", "engine.denied"),
        ("start_process", "engine.denied"),
        ("fork", "engine.denied"),
        ("start_thread", "engine.failed"),
        ("kill_parent", "engine.denied"),
        ("take_memory", "limit.memory"),
        ("take_memory_in_files", "engine.denied"),
        ("ask_for_files_without_end", "engine.crashed"),
        ("fill_the_disk", "limit.output"),
        ("sleep_on", "limit.time"),
        ("crash", "engine.crashed"),
        ("lower_the_limits_of_the_parent", "engine.denied"),
        ("have_signals_sent_to_the_parent", "engine.denied"),
        ("say_no_kind", "engine.crashed"),
        ("say_what_is_no_removal", "engine.crashed"),
        ("say_a_code_that_does_not_exist", "engine.crashed"),
        ("refuse_in_words_of_its_own", "engine.crashed"),
        ("say_that_it_died", "engine.crashed"),
        ("hand_over_no_file", "engine.crashed"),
        ("change_the_source", "engine.failed"),
    ],
)
def test_every_way_out_ends_in_a_refusal(
    warden: Warden, monkeypatch: pytest.MonkeyPatch, handler: str, code: str
) -> None:
    begun = time.monotonic()
    result = taken_over(warden, monkeypatch, handler)
    assert (result.status, result.output, result.report.refusal) == ("refused", None, code)
    assert time.monotonic() - begun < 10


def test_what_keeps_the_processor_busy_is_stopped_before_its_time_is_up(
    warden: Warden, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Warden.run
    monkeypatch.setattr(Warden, "run", lambda *given, **how: run(*given, **how | {"work": 1, "seconds": 600}))
    assert taken_over(warden, monkeypatch, "never_end").report.refusal == "limit.work"


def test_who_draws_many_pages_may_work_longer_than_another(
    warden: Warden, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Warden.run
    monkeypatch.setattr(Warden, "run", lambda *given, **how: run(*given, **how | {"work": 1, "seconds": 600}))
    result = taken_over(warden, monkeypatch, "take_time_for_pages")
    assert result.output == b"51 seconds"


def test_an_original_that_is_passed_on_stops_at_the_second_opinion(
    warden: Warden, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = taken_over(warden, monkeypatch, "pass_the_original", b"\x1b[31mwords")
    assert result.report.refusal == "verify.failed"


def test_a_report_can_be_written_and_stored_whatever_a_handler_says(
    warden: Warden, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = taken_over(warden, monkeypatch, "say_what_nothing_can_hold")
    written = json.dumps(result.report.as_dict(), ensure_ascii=False).encode()
    assert (result.status, b"\\u0000" in written) == ("clean", False)


def test_what_the_second_opinion_saw_is_what_is_given_out(
    warden: Warden, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = taken_over(warden, monkeypatch, "change_what_was_made")
    assert not result.is_clean or (result.output or b"").startswith(b"harmless")


def test_files_that_nobody_asked_for_are_closed(warden: Warden, monkeypatch: pytest.MonkeyPatch) -> None:
    taken_over(warden, monkeypatch, "crash")
    before = len(os.listdir("/dev/fd"))
    assert taken_over(warden, monkeypatch, "hand_out_files_without_end").is_clean
    assert len(os.listdir("/dev/fd")) == before


def test_the_next_file_is_served_after_a_crash(warden: Warden, monkeypatch: pytest.MonkeyPatch) -> None:
    assert taken_over(warden, monkeypatch, "crash").report.refusal == "engine.crashed"
    monkeypatch.undo()
    assert sanitize(b"words", name="a.txt", warden=warden).output == b"words"


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="memory is not a file here")
def test_no_name_and_password_stays_in_the_memory_that_later_children_get(warden: Warden) -> None:
    secrets = [f"{word}-{uuid4()}" for word in ("password", "name")]
    result = sanitize(b"words", name=f"{secrets[1]}.txt", password=secrets[0], warden=warden)
    assert result.is_clean
    assert warden._process is not None
    memory = _memory_of(warden._process.pid)
    assert b"sekisho.sanitizer" in memory
    assert not any(secret.encode() in memory for secret in secrets)


def _memory_of(pid: int) -> bytes:
    """All that a process may write to."""
    found = []
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            where, rights, *_rest = line.split()
            if rights.startswith("rw"):
                begin, end = (int(address, 16) for address in where.split("-"))
                memory.seek(begin)
                with suppress(OSError):  # what the kernel keeps to itself
                    found.append(memory.read(end - begin))
    return b"".join(found)


def test_many_threads_share_one_warm_parent(warden: Warden) -> None:
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda n: sanitize(f"{n}".encode(), name="a.txt", warden=warden), range(40)))
    assert [result.output for result in results] == [str(n).encode() for n in range(40)]


def test_a_warm_parent_that_was_killed_is_replaced() -> None:
    own = Warden()
    assert sanitize(b"words", name="a.txt", warden=own).is_clean
    assert own._process is not None
    own._process.kill()
    own._process.wait()
    assert sanitize(b"words", name="a.txt", warden=own).is_clean
    own.close()


LARGE_PAGES = Path("/sys/kernel/mm/transparent_hugepage/enabled")
_TAKES_FOUR_MEGABYTES = """
import os, resource
from sekisho.sanitizer.isolation import memory
gaps = [bytes(3000) for _piece in range(2000)][::2]
if {prepared}:
    memory.prepare_for_children()
if os.fork() == 0:
    kept = [b"x" * 3000 for _piece in range(1400)]
    os.write(1, str(resource.getrusage(resource.RUSAGE_SELF).ru_minflt).encode())
    os._exit(0)
os.wait()
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallinfo2"), reason="not glibc, or an old one")
@pytest.mark.skipif(
    not LARGE_PAGES.exists() or "[madvise]" not in LARGE_PAGES.read_text(),
    reason="this kernel gives large pages to nobody, or to everybody",
)
def test_children_are_given_their_memory_in_large_pages() -> None:
    faults = {
        prepared: int(
            subprocess.check_output([sys.executable, "-c", _TAKES_FOUR_MEGABYTES.format(prepared=prepared)])
        )
        for prepared in (False, True)
    }
    assert faults[False] - faults[True] > 500, faults


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_child_that_stands_ready_and_is_killed_is_replaced() -> None:
    own = Warden()
    assert sanitize(b"words", name="a.txt", warden=own).is_clean
    assert own._process is not None
    children = Path(f"/proc/{own._process.pid}/task/{own._process.pid}/children").read_text().split()
    for child in children:
        os.kill(int(child), signal.SIGKILL)
    time.sleep(0.1)
    assert sanitize(b"words", name="a.txt", warden=own).is_clean
    own.close()


def test_it_refuses_without_walls_when_walls_are_required(monkeypatch: pytest.MonkeyPatch) -> None:
    from sekisho.sanitizer.isolation.sandbox import Abilities

    monkeypatch.setattr(engine, "abilities", lambda: Abilities(landlock=False, seccomp=True))
    assert sanitize(b"words", name="a.txt", require_sandbox=True).report.refusal == "engine.sandbox_missing"


def test_the_second_opinion_comes_from_a_process_that_has_loaded_no_handler() -> None:
    code = (
        "import sys; from sekisho.sanitizer.isolation import reader; reader.preload([]); "
        "print(sorted(name for name in sys.modules if name.startswith(('sekisho.sanitizer.formats.', 'lxml', 'PIL', 'pikepdf'))))"
    )
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert made.stdout.strip() == "['sekisho.sanitizer.formats.ooxml']"  # a folder of lists


def test_parsers_have_no_client_of_a_network_in_their_memory() -> None:
    code = (
        "import sys; from sekisho.sanitizer.isolation import child; child.preload([]); "
        "print([name for name in ('ssl', 'http.client', 'urllib.request', 'ftplib', 'smtplib') if name in sys.modules])"
    )
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert made.stdout.strip() == "[]"


def test_what_decoders_say_of_a_file_stays_inside() -> None:
    out = io.BytesIO()
    Image.linear_gradient("L").save(out, "TIFF", compression="tiff_lzw")
    broken = out.getvalue()[:40] + b"\xff" * 400 + out.getvalue()[440:]
    code = (
        "import sys; from sekisho.sanitizer import sanitize; "
        "print(sanitize(sys.stdin.buffer.read(), name='a.tif').report.refusal)"
    )
    made = subprocess.run([sys.executable, "-c", code], input=broken, capture_output=True, check=True)
    assert made.stdout.split() == [b"input.broken"]
    assert made.stderr == b""
