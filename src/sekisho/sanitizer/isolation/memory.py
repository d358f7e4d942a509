"""How the memory of the warm parent lies, so that its children, which live for one file, are given theirs at little cost.

What a child takes costs it a fault for each page of four kilobytes, one and a half to two microseconds: of a file of many
parts a quarter of its time. All of this is glibc's (<malloc.h>) and Linux's; on other systems nothing happens.
"""

import contextlib
import ctypes
import mmap

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_LARGE_PAGE = 2 << 20
# What the children of one file are given in large pages; what the parent itself takes lies before it.
_LARGE_PAGES, _OWN = 8 << 20, 128 << 10
# From pieces of many pages to the least that glibc keeps apart by size.
_SIZES = (*(1 << power for power in range(20, 12, -1)), *range(4096, 1024, -256), *range(1032, 8, -16))


class _Allocated(ctypes.Structure):
    """``struct mallinfo2``: of it, what is free in all, and what of that lies at the end of the heap."""

    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in ("arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost")
    )  # fmt: skip


def keep_freed() -> None:
    """Have glibc use the room of one picture for the next, which else goes back and is cleared anew: a third of the time."""
    with contextlib.suppress(AttributeError, OSError):
        libc = ctypes.CDLL(None)
        libc.mallopt(_M_MMAP_THRESHOLD, 32 << 20)  # the most it takes
        libc.mallopt(_M_TRIM_THRESHOLD, 256 << 20)


def prepare_for_children() -> None:
    """Leave children no room between what the parent holds, whose pages would be copied for them, and give it to them in large pages.

    To be called once, when the parent holds what it is going to hold.
    """
    with contextlib.suppress(AttributeError, OSError):
        libc = _library()
        _fill_gaps(libc)
        _give_large_pages(libc)


def _library() -> ctypes.CDLL:
    libc = ctypes.CDLL(None)
    libc.malloc.restype = libc.sbrk.restype = ctypes.c_void_p
    libc.malloc.argtypes, libc.sbrk.argtypes = [ctypes.c_size_t], [ctypes.c_ssize_t]
    libc.free.argtypes = [ctypes.c_void_p]
    libc.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    libc.mallinfo2.restype = _Allocated
    return libc


def _end_of_use(libc: ctypes.CDLL) -> int:
    """The address from which on the heap is free."""
    return int(libc.sbrk(0) - libc.mallinfo2().keepcost)


def _fill_gaps(libc: ctypes.CDLL) -> None:
    """Take every free piece of the heap, for good."""
    end = _end_of_use(libc)
    heap = range(end - libc.mallinfo2().arena, end)
    for size in _SIZES:
        while (piece := libc.malloc(size)) in heap:
            pass
        libc.free(piece)


def _give_large_pages(libc: ctypes.CDLL) -> None:
    """Have the end of the heap be new, and come in large pages to whoever writes there."""
    end = _end_of_use(libc)
    first = -(-(end + _OWN) // _LARGE_PAGE) * _LARGE_PAGE
    libc.malloc(first - _OWN - end)  # never written to, so it takes no memory
    block = libc.malloc(_LARGE_PAGES + 2 * _OWN)
    if block <= first < first + _LARGE_PAGES <= block + _LARGE_PAGES + 2 * _OWN:
        libc.madvise(first, _LARGE_PAGES, mmap.MADV_DONTNEED)
        libc.madvise(first, _LARGE_PAGES, mmap.MADV_HUGEPAGE)
    libc.free(block)
