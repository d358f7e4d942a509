"""Docs are under test: what exists is documented, what is documented exists."""

import re
from itertools import chain
from pathlib import Path

import polib
import pytest

from sekisho.cli.main import COMMANDS, cli
from sekisho.config.env import Environment, variable_name
from tests.compile_messages import PO

ROOT = Path(__file__).parent.parent
OPERATIONS = (ROOT / "docs/operations.md").read_text()


def test_every_setting_is_documented():
    documented = set(re.findall(r"^\| `([A-Z_]+)`", OPERATIONS, re.M))
    assert documented == {variable_name(field) for field in Environment.model_fields}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name):
    command = cli.get_command(None, name)
    assert command is not None
    assert (command.help or "").strip()


def test_every_dependency_has_its_line_of_reason():
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    listed = [*project["dependencies"], *chain.from_iterable(project["optional-dependencies"].values())]
    names = {re.split(r"[\[~=<>]", entry)[0].lower() for entry in listed}
    reasons = (ROOT / "docs/dependencies.md").read_text().lower()
    assert {name for name in names if name not in reasons} == set()


def test_no_file_grows_past_600_lines():
    long = {p: n for p in (ROOT / "src").glob("**/*.py") if (n := len(p.read_text().splitlines())) > 600}
    assert long == {}


def test_links_between_documents_lead_somewhere():
    broken = []
    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
            if not (page.parent / target).exists():
                broken.append(f"{page.name}: {target}")
    assert broken == []


@pytest.mark.parametrize(
    "guide", sorted((ROOT / "docs" / "users").glob("*.??.md")), ids=lambda path: path.stem
)
def test_a_guide_names_buttons_and_headings_as_the_pages_do(guide):
    """「…」 and *…* in a guide are words of the interface, so they follow when those change."""
    text = guide.read_text(encoding="utf-8")
    entries = [entry for entry in polib.pofile(str(PO)) if not entry.obsolete]
    if guide.stem.endswith(".ja"):
        named = set(re.findall("「(.+?)」", text))
        said = {words for entry in entries for words in (entry.msgstr, *entry.msgstr_plural.values())}
    else:
        named = set(re.findall(r"\*([^*\n]+)\*", text))
        said = {words for entry in entries for words in (entry.msgid, entry.msgid_plural)}
    assert named - said == set()


def test_the_guide_to_standards_names_every_measure():
    from sekisho.book.measures import all_measures

    named = set(re.findall(r"^\| `([a-z_]+)` \|.*\|.*\|$", (ROOT / "docs/standards.md").read_text(), re.M))
    assert set(all_measures()) <= named
