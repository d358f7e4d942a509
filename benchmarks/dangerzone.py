"""The conversion path of Dangerzone beside ours: pages to pixels and back to a PDF, without its container and OCR.

Its package is AGPL and no dependency of ours. Install it somewhere else and name that Python::

    python -m venv /tmp/dz && /tmp/dz/bin/pip install dangerzone-insecure-conversion
    .venv/bin/python benchmarks/dangerzone.py /tmp/dz/bin/python

Its first half runs as the package has it (``doc_to_pixels``, the file on standard input, pixels on standard output); the
second is what Dangerzone does on the host: each page a deflated picture of a new PDF.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.sanitizer import pages, passing

ROUNDS = 5
PAGES = 20
_ENVIRONMENT = {**os.environ, "PYTHONPATH": "", "PYTHONWARNINGS": "ignore"}
_HOST = """
import sys, pymupdf as fitz
read = sys.stdin.buffer.read
number = lambda: int.from_bytes(read(2), "big")
made = fitz.Document()
for _page in range(number()):
    width, height = number(), number()
    pixels = fitz.Pixmap(fitz.Colorspace(fitz.CS_RGB), width, height, read(width * height * 3), False)
    pixels.set_dpi(150, 150)
    page = fitz.Document()
    page.insert_file(pixels)
    made.insert_pdf(fitz.open("pdf", page.tobytes(deflate_images=True)))
sys.stdout.buffer.write(made.tobytes())
"""


def converted(python: str, data: bytes) -> Callable[[], None]:
    def act() -> None:
        with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as sink:
            source.write(data)
            source.seek(0)
            first = subprocess.Popen(
                [python, "-m", "dangerzone_insecure_conversion.doc_to_pixels"],
                stdin=source, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=_ENVIRONMENT,
            )  # fmt: skip
            subprocess.run(
                [python, "-c", _HOST], stdin=first.stdout, stdout=sink, check=True, env=_ENVIRONMENT
            )
            assert first.wait() == 0
            assert sink.seek(0, os.SEEK_END) > PAGES * 1_000

    return act


def seconds(act: Callable[[], None]) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def main() -> None:
    data = pages(PAGES)
    theirs, ours = converted(sys.argv[1], data), passing(data, "a.pdf", "inbound-strict")
    for act in (ours, theirs):
        act()
    pairs = [(seconds(ours), seconds(theirs)) for _round in range(ROUNDS)]
    own, other = (min(pair[side] for pair in pairs) for side in (0, 1))
    print(
        f"{PAGES} pages at 150 dpi: ours {PAGES / own:.1f} pages/s, theirs {PAGES / other:.1f}: {other / own:.1f} times as fast"
    )


if __name__ == "__main__":
    main()
