"""docs/api.md is complete: every error code the API can raise, and every operation."""

import re
from pathlib import Path

import sekisho
from sekisho.config.api import openapi_document

SOURCE = Path(sekisho.__file__).parent
GUIDE = (SOURCE.parents[1] / "docs/api.md").read_text()
#: what an operation can reach: its own layer, and the services, queries and forms of refusal below it
REACHED = ("errors.py", "book", "gateway", "people", "config/api.py", "config/api_problems.py")
#: raised by acts that have pages or commands only
ELSEWHERE = {
    *("already_set_up", "last_administrator", "error"),
    *("link_locked", "code_over", "mail_failed", "no_picture", "nothing_new"),
}


def raised() -> set[str]:
    """Codes given where an error is raised, codes that are an error's own, and those of problem documents."""
    files = [
        f
        for place in REACHED
        for f in ([SOURCE / place] if place.endswith(".py") else (SOURCE / place).rglob("*.py"))
    ]
    text = "\n".join(file.read_text() for file in files)
    given = re.findall(r"""[(, ]code="([a-z_]+)\"""", text)
    own = re.findall(r"""^    code = "([a-z_]+)\"""", text, re.M)
    told = re.findall(r"""problem\(\s*request, [0-9]+, "([a-z_]+)\"""", text)
    return {*given, *own, *told}


def test_every_error_code_is_explained_and_none_is_made_up():
    explained = re.findall(r"^\| [45]\d\d \| `([a-z_]+)` \|", GUIDE, re.M)
    assert len(explained) == len(set(explained))
    assert set(explained) == raised() - ELSEWHERE


def test_every_address_is_in_the_guide():
    """By the last word of each, as the guide groups what belongs together."""
    words = {
        [part for part in path.split("/") if not part.startswith("{")][-1]
        for path in openapi_document()["paths"]
    }
    assert {word for word in words if f"/{word}" not in GUIDE} == set()
