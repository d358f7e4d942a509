"""Screenshots of the main pages with the sample: ``python -m tests.browser.screens docs/screens`` (``make screens``).

Uses the sample in SEKISHO_DATA_DIR when there is one, else makes one in a temporary folder. Names after the folder photograph
only those pages.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path

#: the most frequent colours of a page are kept however alike, the others only this far apart
FLAT = 12
STEP = 12


def main(target: Path, only: Sequence[str] = ()) -> None:
    """Serve the sample on a free port and photograph every page in both languages and widths."""
    os.environ.setdefault("SEKISHO_DATA_DIR", tempfile.mkdtemp(prefix="sekisho-screens-"))
    os.environ["DJANGO_SETTINGS_MODULE"] = "sekisho.config.settings"
    import django

    django.setup()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen([sys.executable, "-m", "sekisho", "serve", "--port", str(port)])
    try:
        base = f"http://127.0.0.1:{port}"
        _wait_for(f"{base}/healthz")
        _photograph(base, target, only)
    finally:
        server.terminate()
        server.wait(timeout=20)


def _wait_for(url: str) -> None:
    for _try in range(600):
        try:
            with urllib.request.urlopen(url):
                return
        except OSError:
            time.sleep(0.5)
    sys.exit(f"{url} does not answer")


def _photograph(base: str, target: Path, only: Sequence[str]) -> None:
    from sekisho.people.models import User
    from tests.browser.driving import chromium, open_page

    target.mkdir(parents=True, exist_ok=True)
    chosen = {name: page for name, page in _pages().items() if not only or name in only}
    with chromium() as browser:
        for language in ("ja", "en"):
            for width in (1280, 390):
                for name, (username, path) in chosen.items():
                    person = User.objects.filter(username=username).first()
                    page = open_page(browser, base, person, language=language, width=width)
                    page.goto(path.format(language=language))
                    page.wait_for_load_state("networkidle")
                    picture = target / f"{name}-{language}-{width}.png"
                    page.screenshot(path=str(picture))
                    _shrink(picture)
                    page.context.close()


def _shrink(picture: Path) -> None:
    """Few colours without dithering: a third of the size, and text stays as sharp as it was.

    Every flat colour of the page keeps its exact value, the small marks whose colour says their state too;
    only steps of smooth type are drawn together.
    """
    from PIL import Image

    with Image.open(picture) as shown:
        full = shown.convert("RGB")
    found = sorted(full.getcolors(full.width * full.height) or [], reverse=True)
    kept: list[tuple[int, ...]] = []
    for _times, colour in found:
        if all(max(abs(a - b) for a, b in zip(colour, near, strict=True)) > STEP for near in kept[FLAT:]):
            kept.append(colour)
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for colour in kept[:256] for part in colour])
    full.quantize(palette=palette, dither=Image.Dither.NONE).save(picture, optimize=True)


def _pages() -> dict[str, tuple[str, str]]:
    """Name -> (who, address); ``{language}`` in an address is the language of the picture."""
    from sekisho.book.models import Gate
    from sekisho.gateway.models import System, Transfer
    from sekisho.people.models import User
    from sekisho.standards.models import StandardVersion
    from sekisho.voice.models import UserTest, UserTestSession, Wave

    submitted = Gate.objects.filter(state="submitted", project__owner__path__startswith="/").order_by("pk")
    to_decide = submitted.filter(project__tier="focus").first() or submitted.first()
    answering = Gate.objects.filter(state="open", answers__isnull=False).order_by("pk").first()
    assert to_decide is not None
    assert answering is not None
    releasing = Gate.objects.filter(release__isnull=False, state="open").order_by("pk").first()
    assert releasing is not None
    tried = UserTest.objects.filter(state="done").order_by("-starts_on", "pk").first()
    session = UserTestSession.objects.filter(test__state="running").order_by("pk").first()
    asking, asked = Wave.objects.filter(closed_at=None).first(), Wave.objects.exclude(closed_at=None).first()
    refused = Transfer.objects.filter(sender__username="tanaka", state="refused").first()
    placed = System.objects.filter(leaving__isnull=False).order_by("pk").first()
    for found in (tried, session, asking, asked, refused, placed):
        assert found, "the sample lacks what these pages show"
    older, newer = StandardVersion.objects.filter(pack="sekino-standard").order_by("version")
    first = answering.answers.order_by("criterion").values_list("criterion", flat=True)[0]
    return {
        "sign-in": ("", "/accounts/login/"),
        "work": ("tanaka", "/"),
        "registry": ("yamamoto", "/projects/"),
        "book": ("yamamoto", "/projects/SK-043/"),
        "gate": ("yamamoto", f"/gates/{answering.pk}/?open={first}"),
        "decide": ("yamamoto", f"/gates/{to_decide.pk}/decide/"),
        "gates": ("watanabe", "/gates/"),
        "release": ("yamamoto", f"/gates/{releasing.pk}/"),
        "ledger": ("kato", "/projects/SK-043/ledger/"),
        "new-book": ("tanaka", "/projects/new/"),
        "notices": ("tanaka", "/notices/"),
        "account": ("tanaka", "/account/"),
        "second-factor": ("tanaka", "/accounts/2fa/"),
        "tokens": ("tanaka", "/account/tokens/"),
        "portfolio": ("yamamoto", "/portfolio/"),
        "portfolio-truth": ("yamamoto", "/portfolio/truth/"),
        "public": ("", "/public/{language}/"),
        "public-service": ("", "/public/{language}/services/SK-042/"),
        "public-data": ("", "/public/{language}/data/"),
        "publishing": ("yamamoto", "/portfolio/publishing/"),
        "operation": ("yamamoto", "/portfolio/services/"),
        "report": ("yamamoto", "/portfolio/reports/book/SK-043/"),
        "years": ("yamamoto", "/sharing/years/"),
        "similar": ("yamamoto", "/projects/SK-026/similar/"),
        "platforms": ("yamamoto", "/sharing/"),
        "transfers": ("tanaka", "/gateway/"),
        "transfer": ("tanaka", f"/gateway/transfers/{refused.pk}/"),
        "network-map": ("yamamoto", "/gateway/map/"),
        "systems": ("yamamoto", f"/gateway/books/{placed.project.code}/"),
        "network-plan": ("yamamoto", "/gateway/plan/"),
        "user-tests": ("yamamoto", "/voice/"),
        "user-test": ("yamamoto", f"/voice/tests/{tried.pk}/"),
        "session": ("yamamoto", f"/voice/sessions/{session.pk}/"),
        "problem": ("yamamoto", f"/voice/problems/{tried.problems.order_by('pk')[0].pk}/"),
        "surveys": ("yamamoto", "/voice/surveys/"),
        "survey": ("yamamoto", f"/voice/surveys/{asked.survey_id}/"),
        "wave": ("yamamoto", f"/voice/waves/{asked.pk}/"),
        "answer": ("", f"/s/{asking.token}/"),
        "quality": ("yamamoto", "/voice/quality/"),
        "quality-service": ("yamamoto", f"/voice/quality/{asked.survey.project.code}/"),
        "standards": ("yamamoto", "/standards/"),
        "standard": ("yamamoto", "/standards/sekisho-reference/1.0/"),
        "compare": ("yamamoto", f"/standards/compare/?old={older.pk}&new={newer.pk}"),
        "in-force": ("yamamoto", "/standards/in-force/"),
        "import": ("yamamoto", "/import/"),
        "administration": ("yamada", "/administration/"),
        "people": ("yamada", "/administration/people/"),
        "person": ("yamada", f"/administration/people/{User.objects.get(username='tanaka').pk}/"),
        "organisations": ("yamada", "/administration/organisations/"),
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
