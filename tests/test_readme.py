"""The README is under test: its commands run, its tour works, its labels are the ones on the screen."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from django.utils import translation

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
SHELL = [
    line for block in re.findall(r"^```sh\n(.*?)^```", README, re.M | re.S) for line in block.splitlines()
]
#: 日本語 (*English*): a label as the README gives it
LABELS = re.findall(r"(\S+) \(\*([^*]+)\*\)", README)
#: what the tour says of the sample rather than of the screen
_SAMPLE = {"Travel expenses of staff"}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A folder with the sample in it, made as a newcomer makes it."""
    place = tmp_path_factory.mktemp("readme")
    run(place, "sample")
    return place


def run(place, *arguments):
    """Run ``sekisho``; returns what it printed."""
    environment = {
        **os.environ,
        "SEKISHO_DATA_DIR": str(place / "var"),
        "DATABASE_URL": "",
        "LANG": "C.UTF-8",
    }
    done = subprocess.run(
        [sys.executable, "-m", "sekisho", *arguments],
        cwd=place,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
    return done.stdout


def test_every_shell_example_runs(home):
    assert SHELL
    for line in SHELL:
        program, *arguments = shlex.split(line)
        assert program == ".venv/bin/sekisho"
        run(home, *arguments)


@pytest.mark.parametrize(("japanese", "english"), LABELS)
def test_labels_are_those_on_the_screen(japanese, english):
    if english in _SAMPLE:
        return
    with translation.override("ja"):
        shown = translation.gettext(english)
    # a person of the sample follows the name of the role: the label is then not the last word
    assert shown == japanese or f"{shown} " in README


@pytest.mark.django_db
def test_the_tour_walks_through_the_sample(client):
    """The tour's project alone is told; the whole sample has tests of its own."""
    from sekisho.book.models import Gate
    from sekisho.people.models import User
    from sekisho.people.services import create_token

    gate = _tell("SK-006")
    suzuki, ito = User.objects.get(username="suzuki"), User.objects.get(username="ito")
    assert (str(suzuki), str(ito)) == ("鈴木 健太", "伊藤 誠")
    client.force_login(suzuki)
    assert "職員の旅費精算" in client.get("/").content.decode()
    token = create_token(suzuki, name="tour", scope="write", days=1, by=suzuki)[1]
    api = _Api(client, token)
    assert api.get("projects/SK-006")["name"] == "職員の旅費精算"
    assert [row["id"] for row in api.get("projects/SK-006/gates")["items"]] == [gate.pk]
    assert len(api.get(f"gates/{gate.pk}")["criteria"]) == 15
    api.post(f"gates/{gate.pk}/submit", {})
    aide = _Api(client, create_token(ito, name="tour", scope="write", days=1, by=ito)[1])
    aide.post(f"gates/{gate.pk}/reviews", {"recommendation": "go"})
    aide.post(f"gates/{gate.pk}/decision", {"result": "go", "reason": "十分です"})
    assert Gate.objects.get(pk=gate.pk).state == "passed"


def _tell(code):
    """The sample's people and one of its projects; returns the gate it stands at."""
    from sekisho.book.models import Gate
    from sekisho.sample import build, catalogue

    plots = tuple(plot for plot in catalogue.PLOTS if plot.code == code)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "PLOTS", plots)
        build.build_sample(progress=lambda text: None)
    return Gate.objects.get(project__code=code)


class _Api:
    """The API as curl calls it."""

    def __init__(self, client, token):
        self.client, self.headers = client, {"Authorization": f"Bearer {token}"}

    def get(self, path):
        answer = self.client.get(f"/api/v1/{path}", headers=self.headers)
        assert answer.status_code == 200, answer.content
        return answer.json()

    def post(self, path, body):
        address = f"/api/v1/{path}"
        answer = self.client.post(address, body, content_type="application/json", headers=self.headers)
        assert answer.status_code in (200, 201), answer.content
