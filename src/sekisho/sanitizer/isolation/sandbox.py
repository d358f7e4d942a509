"""Locks a process in before it touches an untrusted file.

Three walls, each used where the kernel has it: Landlock (no path may be opened but those listed, for reading),
a seccomp filter (only the system calls that computing needs: no socket, no program, no other process, nor another thread
unless the type needs some) and resource limits (memory, processor time, file size). ``abilities`` says which stand here.

Run as a program, it becomes another one behind walls that let that one work: see ``become``.

Sources: Linux Documentation/userspace-api/landlock.rst and seccomp_filter.rst; ``struct sock_filter`` of
<linux/filter.h>. The numbers of system calls are those of <asm/unistd.h> for x86-64 and of
<asm-generic/unistd.h> for arm64.
"""

import ctypes
import errno
import os
import platform
import resource
import struct
import sys
from dataclasses import dataclass
from functools import cache

_PR_SET_NO_NEW_PRIVS = 38
_PR_SET_SECCOMP = 22
_PR_SET_DUMPABLE = 4
_SECCOMP_MODE_FILTER = 2
_LANDLOCK_CREATE_RULESET = 444
_LANDLOCK_ADD_RULE = 445
_LANDLOCK_RESTRICT_SELF = 446
_LANDLOCK_CREATE_RULESET_VERSION = 1
_LANDLOCK_RULE_PATH_BENEATH = 1
_EXECUTE = 1
_WRITE_FILE = 1 << 1
_READ_FILE = 1 << 2
_READ_DIR = 1 << 3
_MAKE_SOCKET = 1 << 9
# Rights the kernel knows by ABI version: what is named here and not granted by a rule is denied.
_RIGHTS_BY_ABI = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}
_NETWORK_BY_ABI = {4: 0b11}
_SCOPES_BY_ABI = {6: 0b11}  # abstract sockets and signals outside


@dataclass(frozen=True)
class Abilities:
    """Which walls this machine has."""

    landlock: bool
    seccomp: bool
    rlimits: bool = True

    @property
    def complete(self) -> bool:
        return self.landlock and self.seccomp and self.rlimits


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


@cache
def _landlock_abi() -> int:
    if sys.platform != "linux":
        return 0
    return max(
        0,
        _libc().syscall(_LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), _LANDLOCK_CREATE_RULESET_VERSION),
    )


@cache
def abilities() -> Abilities:
    """Asked of the kernel, once."""
    return Abilities(landlock=_landlock_abi() >= 1, seccomp=_seccomp_available())


def _seccomp_available() -> bool:
    if sys.platform != "linux" or platform.machine() not in _ARCHITECTURES:
        return False
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            return any(line.startswith("Seccomp:") for line in status)
    except OSError:
        return False


def prepare(readable: tuple[str, ...]) -> None:
    """Work out, before children are forked, what every one of them will need to be locked in with ``readable``."""
    if abilities().landlock:
        _ruleset(readable)
    if abilities().seccomp:
        _program()
        _without_threads()


def lock_in(readable: tuple[str, ...]) -> None:
    """Put up every wall there is around this process; there is no way back.

    ``readable``: folders whose files may be read (code, fonts). What it may use is limited by ``limit_resources``.
    """
    if sys.platform != "linux":
        return
    _libc().prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    _checked(_libc().prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    if abilities().landlock:
        _landlock(_ruleset(readable))
    if abilities().seccomp:
        _seccomp(_program())


def forbid_threads() -> None:
    """Start no thread from here on; there is no way back."""
    if abilities().seccomp:
        _seccomp(_without_threads())


def limit_resources(*, memory: int, seconds: int, work: int, output: int) -> None:
    """The last wall, for one file: ``memory`` and ``output`` in bytes, ``work`` in seconds of the processor, which who is
    behind the wall may raise to ``seconds``.
    """
    limits = [
        (resource.RLIMIT_CPU, seconds + 1),
        (resource.RLIMIT_FSIZE, output),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_NPROC, _MOST_TASKS),
    ]
    if sys.platform == "linux":
        limits += [(resource.RLIMIT_AS, memory), (resource.RLIMIT_DATA, memory)]
    for which, amount in limits:
        hard = resource.getrlimit(which)[1]
        allowed = amount if hard == resource.RLIM_INFINITY else min(amount, hard)
        resource.setrlimit(which, (min(work, allowed) if which == resource.RLIMIT_CPU else allowed, allowed))


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def _by_abi(table: dict[int, int]) -> int:
    abi = _landlock_abi()
    return next((bits for version, bits in sorted(table.items(), reverse=True) if version <= abi), 0)


@cache
def _ruleset(readable: tuple[str, ...]) -> int:
    """The descriptor of a ruleset that allows reading these folders and nothing else. Children inherit it."""
    ruleset = _empty_ruleset()
    for folder in readable:
        _allow(ruleset, folder, _READ_FILE | _READ_DIR)
    return ruleset


def _empty_ruleset() -> int:
    """The descriptor of a ruleset that allows nothing."""
    attributes = struct.pack(
        "=QQQ", _by_abi(_RIGHTS_BY_ABI), _by_abi(_NETWORK_BY_ABI), _by_abi(_SCOPES_BY_ABI)
    )
    size = 24 if _landlock_abi() >= 6 else 16 if _landlock_abi() >= 4 else 8
    return _checked(_libc().syscall(_LANDLOCK_CREATE_RULESET, attributes, ctypes.c_size_t(size), 0))


def _landlock(ruleset: int) -> None:
    _checked(_libc().syscall(_LANDLOCK_RESTRICT_SELF, ruleset, 0))
    os.close(ruleset)


def _allow(ruleset: int, folder: str, rights: int) -> None:
    """Allow ``rights`` in a folder and below; to a file those of them that files have."""
    try:
        place = os.open(folder, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # not on this machine: nothing to allow
    if not os.path.isdir(folder):
        rights &= _EXECUTE | _WRITE_FILE | _READ_FILE
    rule = struct.pack("=Qi", rights, place)
    _checked(_libc().syscall(_LANDLOCK_ADD_RULE, ruleset, _LANDLOCK_RULE_PATH_BENEATH, rule, 0))
    os.close(place)


# -- seccomp ------------------------------------------------------------------------------------------------------

# What computing, memory and already open files need; everything else fails with EPERM. Names, then numbers
# for x86-64 and arm64 (-1: that architecture has no such call).
_ALLOWED = (
    ("read", 0, 63), ("write", 1, 64), ("close", 3, 57), ("stat", 4, -1), ("fstat", 5, 80), ("lstat", 6, -1),
    ("poll", 7, -1), ("lseek", 8, 62), ("mmap", 9, 222), ("mprotect", 10, 226), ("munmap", 11, 215),
    ("brk", 12, 214), ("rt_sigaction", 13, 134), ("rt_sigprocmask", 14, 135), ("rt_sigreturn", 15, 139),
    ("pread64", 17, 67), ("pwrite64", 18, 68), ("readv", 19, 65), ("writev", 20, 66), ("access", 21, -1),
    ("select", 23, -1), ("sched_yield", 24, 124), ("mremap", 25, 216), ("madvise", 28, 233), ("dup", 32, 23),
    ("dup2", 33, -1), ("nanosleep", 35, 101), ("getpid", 39, 172), ("sendfile", 40, 71), ("recvfrom", 45, 207),
    ("sendto", 44, 206), ("sendmsg", 46, 211), ("recvmsg", 47, 212), ("exit", 60, 93), ("uname", 63, 160),
    ("fsync", 74, 82), ("fdatasync", 75, 83), ("ftruncate", 77, 46), ("getcwd", 79, 17),
    ("readlink", 89, -1), ("gettimeofday", 96, 169), ("getrlimit", 97, 163), ("getrusage", 98, 165),
    ("sysinfo", 99, 179), ("times", 100, 153), ("getuid", 102, 174), ("getgid", 104, 176), ("geteuid", 107, 175),
    ("getegid", 108, 177), ("getppid", 110, 173), ("sigaltstack", 131, 132), ("gettid", 186, 178),
    ("time", 201, -1), ("futex", 202, 98), ("sched_getaffinity", 204, 123),
    ("getdents64", 217, 61), ("clock_gettime", 228, 113), ("clock_getres", 229, 114),
    ("clock_nanosleep", 230, 115), ("exit_group", 231, 94), ("openat", 257, 56), ("newfstatat", 262, 79),
    ("readlinkat", 267, 78), ("faccessat", 269, 48), ("set_robust_list", 273, 99), ("dup3", 292, 24),
    ("getrandom", 318, 278), ("membarrier", 324, 283), ("statx", 332, 291), ("rseq", 334, 293),
    ("faccessat2", 439, 439), ("open", 2, -1), ("pselect6", 270, 72), ("ppoll", 271, 73), ("epoll_create1", 291, 20),
)  # fmt: skip
# Allowed for some values of one argument. Behind the numbers: which argument, from 0, and the values.
_ALLOWED_FOR = (
    # F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC; others have signals sent to any process
    ("fcntl", 72, 25, 1, (0, 1, 2, 3, 4, 1030)),
    # of this process: another's limits could be lowered
    ("prlimit64", 302, 261, 0, (0,)),
    ("prctl", 157, 167, 0, (_PR_SET_SECCOMP,)),  # one more filter, which can only deny more
)
_CLONE = {"x86_64": 56, "aarch64": 220}
_CLONE3 = 435
_CLONE_THREAD = 0x00010000
_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_SOCKET = {"x86_64": 41, "aarch64": 198}
_IO_URING_SETUP = 425  # by which sockets are made past a filter
_OTHER_NUMBERING = 0x40000000  # x32, whose calls have numbers of their own
_LOCAL_SOCKET = 1
_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _JUMP_SET, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_MOST_TASKS = 8_192  # threads and processes of one user, all programs counted; root has no limit
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_OFFSET_NUMBER, _OFFSET_ARCHITECTURE, _OFFSET_FIRST_ARGUMENT = 0, 4, 16


def _instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


def _own_calls(machine: str) -> list[bytes]:
    """How a filter begins: calls of another architecture end the process, of ours the number is at hand."""
    return [
        _instruction(_LOAD, _OFFSET_ARCHITECTURE),
        _instruction(_JUMP_EQUAL, _ARCHITECTURES[machine], 1, 0),
        _instruction(_RETURN, _KILL),
        _instruction(_LOAD, _OFFSET_NUMBER),
    ]


@cache
def _program() -> bytes:
    """The filter as the kernel reads it: each allowed number is compared in turn."""
    machine = platform.machine()
    column = 1 if machine == "x86_64" else 2
    numbers = sorted({row[column] for row in _ALLOWED if int(row[column]) >= 0})
    lines = _own_calls(machine)
    for number in numbers:
        lines += [_instruction(_JUMP_EQUAL, int(number), 0, 1), _instruction(_RETURN, _ALLOW)]
    for _name, intel, arm, argument, values in _ALLOWED_FOR:
        lines += [
            _instruction(_JUMP_EQUAL, intel if column == 1 else arm, 0, 2 + 2 * len(values)),
            _instruction(_LOAD, _OFFSET_FIRST_ARGUMENT + 8 * argument),
        ]
        for value in values:
            lines += [_instruction(_JUMP_EQUAL, value, 0, 1), _instruction(_RETURN, _ALLOW)]
        lines.append(_instruction(_RETURN, _ERRNO | errno.EPERM))
    # glibc falls back to clone, whose flags a filter can see, when clone3 does not exist.
    lines += [
        _instruction(_JUMP_EQUAL, _CLONE3, 0, 1),
        _instruction(_RETURN, _ERRNO | errno.ENOSYS),
        _instruction(_JUMP_EQUAL, _CLONE[machine], 0, 3),
        _instruction(_LOAD, _OFFSET_FIRST_ARGUMENT),
        _instruction(_JUMP_SET, _CLONE_THREAD, 0, 1),
        _instruction(_RETURN, _ALLOW),
        _instruction(_RETURN, _ERRNO | errno.EPERM),
    ]
    return b"".join(lines)


@cache
def _without_threads() -> bytes:
    """A filter that stands before the other one and denies clone, which that allows for threads."""
    machine = platform.machine()
    return b"".join([
        *_own_calls(machine),
        _instruction(_JUMP_EQUAL, _CLONE[machine], 0, 1),
        _instruction(_RETURN, _ERRNO | errno.EPERM),
        _instruction(_RETURN, _ALLOW),
    ])  # fmt: skip


def _seccomp(program: bytes) -> None:
    buffer = ctypes.create_string_buffer(program, len(program))
    descriptor = struct.pack("=H6xQ", len(program) // 8, ctypes.addressof(buffer))
    _checked(_libc().prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, descriptor, 0, 0))


# -- another program ----------------------------------------------------------------------------------------------


def become(folder: str, readable: list[str], command: list[str]) -> None:
    """Become another program, which cannot do without files, threads and processes of its own.

    It reads and runs what lies in ``readable``, writes into ``folder`` alone and has no network, where the kernel has
    those walls.
    """
    if sys.platform == "linux":
        _checked(_libc().prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    if abilities().landlock:
        ruleset = _empty_ruleset()
        for place in readable:
            _allow(ruleset, place, _EXECUTE | _READ_FILE | _READ_DIR)
        for device in ("/dev/null", "/dev/urandom"):
            _allow(ruleset, device, _READ_FILE | _WRITE_FILE)
        _allow(ruleset, "/tmp", _MAKE_SOCKET)  # noqa: S108 - where LibreOffice has its pipe
        _allow(ruleset, folder, _by_abi(_RIGHTS_BY_ABI))
        _landlock(ruleset)
    if abilities().seccomp:
        _seccomp(_without_network())
    os.execv(command[0], command)  # noqa: S606


def _without_network() -> bytes:
    """A filter of system calls that allows everything but sockets that lead out of this machine."""
    machine = platform.machine()
    return b"".join([
        *_own_calls(machine),
        _instruction(_JUMP_AT_LEAST, _OTHER_NUMBERING, 5, 0),
        _instruction(_JUMP_EQUAL, _IO_URING_SETUP, 4, 0),
        _instruction(_JUMP_EQUAL, _SOCKET[machine], 0, 2),
        _instruction(_LOAD, _OFFSET_FIRST_ARGUMENT),
        _instruction(_JUMP_EQUAL, _LOCAL_SOCKET, 0, 1),
        _instruction(_RETURN, _ALLOW),
        _instruction(_RETURN, _ERRNO | errno.EACCES),
    ])  # fmt: skip


if __name__ == "__main__":
    walled = sys.argv.index("--")
    become(sys.argv[1], sys.argv[2:walled], sys.argv[walled + 1 :])
