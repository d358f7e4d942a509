"""The Japanese catalogue is complete, agrees with the sources, and is compiled."""

import gettext
import re
import shutil
import subprocess
import sys
from pathlib import Path

import polib
import pytest

from tests.compile_messages import MO, PO

PACKAGE = PO.parents[3]
PLACEHOLDER = re.compile(r"%\((\w+)\)[a-z]|%[sd]|\{(\w*)\}")
MARKUP = re.compile(r"</?\w+[^>]*>")
#: proper names, forms and signs that read the same in both languages
SAME_IN_BOTH = {"Sekisho", "Excel", "%(error)s", "(%(condition)s)"}

Key = tuple[str, str]


@pytest.fixture(scope="module")
def catalogue() -> polib.POFile:
    return polib.pofile(str(PO))


def key_of(entry: polib.POEntry) -> Key:
    return (entry.msgctxt or "", entry.msgid)


def translations(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def placeholders(text: str) -> set[str]:
    return {found.group() for found in PLACEHOLDER.finditer(text)}


def test_every_message_is_translated(catalogue: polib.POFile) -> None:
    missing = [e.msgid for e in catalogue if not e.obsolete and not all(t.strip() for t in translations(e))]
    assert missing == []


def test_no_translation_is_a_guess(catalogue: polib.POFile) -> None:
    assert [entry.msgid for entry in catalogue.fuzzy_entries()] == []


def test_japanese_has_one_plural_form(catalogue: polib.POFile) -> None:
    assert catalogue.metadata["Plural-Forms"] == "nplurals=1; plural=0;"
    assert [e.msgid for e in catalogue if e.msgid_plural and set(e.msgstr_plural) != {0}] == []


def test_placeholders_agree(catalogue: polib.POFile) -> None:
    differing = [
        (entry.msgid, text)
        for entry in catalogue
        for text in translations(entry)
        if placeholders(text) != placeholders(entry.msgid_plural or entry.msgid)
    ]
    assert differing == []


def test_a_sentence_with_values_can_be_filled(catalogue: polib.POFile) -> None:
    """A bare percent sign in a translation with values would fail the page that says it."""
    failed = []
    for entry in catalogue:
        names = dict.fromkeys(re.findall(r"%\((\w+)\)", entry.msgid_plural or entry.msgid), 1)
        for text in translations(entry) if names else []:
            try:
                assert text % names
            except (TypeError, ValueError, KeyError) as error:
                failed.append((text, str(error)))
    assert failed == []


def test_markup_agrees(catalogue: polib.POFile) -> None:
    differing = [
        (entry.msgid, text)
        for entry in catalogue
        for text in translations(entry)
        if sorted(MARKUP.findall(text)) != sorted(MARKUP.findall(entry.msgid_plural or entry.msgid))
    ]
    assert differing == []


def test_only_listed_words_stay_as_they_are(catalogue: polib.POFile) -> None:
    same = {e.msgid for e in catalogue if e.msgid in translations(e)}
    assert same - SAME_IN_BOTH == set()


def test_the_compiled_catalogue_is_up_to_date(catalogue: polib.POFile) -> None:
    compiled = polib.mofile(str(MO))
    expected = {key_of(entry): translations(entry) for entry in catalogue if not entry.obsolete}
    assert {key_of(entry): translations(entry) for entry in compiled} == expected


def test_the_compiled_catalogue_is_read_by_gettext() -> None:
    with MO.open("rb") as file:
        read = gettext.GNUTranslations(file)
    assert read.gettext("Registry") == "台帳"


def test_every_message_in_the_sources_is_in_the_catalogue(catalogue: polib.POFile, tmp_path: Path) -> None:
    if shutil.which("xgettext") is None:
        pytest.skip("xgettext is not installed")
    extracted = polib.pofile(str(extract(tmp_path)))
    missing = {key_of(e) for e in extracted} - {key_of(e) for e in catalogue if not e.obsolete}
    assert missing == set()


def extract(folder: Path) -> Path:
    """Run makemessages over a copy of the sources; return the catalogue it writes."""
    copy = folder / "sekisho"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("locale", "static", "packs", "__pycache__"))
    (copy / "locale").mkdir()
    command = [sys.executable, "-m", "django", "makemessages", "--locale", "ja", "--no-location", "--no-wrap"]
    subprocess.run(command, cwd=copy, check=True, capture_output=True)
    return copy / "locale" / "ja" / "LC_MESSAGES" / "django.po"
