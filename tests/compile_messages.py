"""Compile the Japanese catalogue: ``python -m tests.compile_messages`` writes django.mo beside django.po."""

import sys
from pathlib import Path

import polib

LOCALE = Path(__file__).resolve().parent.parent / "src" / "sekisho" / "locale"
PO = LOCALE / "ja" / "LC_MESSAGES" / "django.po"
MO = PO.with_suffix(".mo")


def compile_catalogue(source: Path = PO, target: Path = MO) -> int:
    """Write ``target`` from ``source`` and return how many messages it holds; untranslated ones are left out."""
    catalogue = polib.pofile(str(source))
    catalogue.save_as_mofile(str(target))
    return len(catalogue.translated_entries())


if __name__ == "__main__":
    sys.stdout.write(f"sekisho: {compile_catalogue()} messages compiled to {MO.name}\n")
