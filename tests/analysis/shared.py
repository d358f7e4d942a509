"""Real answers kept beside the repository, used where they are present."""

import csv
from pathlib import Path

import pytest

DATA = Path(__file__).parents[3] / "shared" / "data"


def real_rows(*parts: str) -> list[dict[str, str]]:
    """The rows of a shared CSV file; the test is skipped where it is absent."""
    return list(csv.DictReader(real_file(*parts).read_text(encoding="utf-8-sig").splitlines()))


def real_file(*parts: str) -> Path:
    path = DATA.joinpath(*parts)
    if not path.is_file():
        pytest.skip(f"{'/'.join(parts)} is not here")
    return path
