"""The pages of the portfolio with 100,000 projects over the same with 1,000: medians of alternating rounds, and their ratio.

Run with ``.venv/bin/python benchmarks/portfolio.py`` (``--large 100000`` is the default). Both sizes are measured in one run,
in one process, in turns.
"""

import argparse
import statistics
import sys
import time

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--large", type=int, default=100_000)
parser.add_argument("--small", type=int, default=1_000)
parser.add_argument("--rounds", type=int, default=20)
options = parser.parse_args()

from books import FOLDER, build, use  # noqa: E402
from django.test import Client  # noqa: E402

PAGES = (
    "",
    "bureaus/",
    "operation/",
    "quality/",
    "truth/",
    "services/",
    "behind/?figure=phase&key=plan",
    "behind/?figure=phase&key=plan&org=2",
    "behind/?figure=gate_due&high=2026-11-29",
    "charts/overview/phases.csv",
)


def measure(client: Client, url: str) -> float:
    """Seconds of processor time that one page takes: other work of the machine does not count."""
    started = time.process_time()
    response = client.get(url)
    elapsed = time.process_time() - started
    if response.status_code != 200:
        sys.exit(f"{url} answered {response.status_code}")
    return elapsed


def main() -> None:
    """Build both sizes, measure, print."""
    from sekisho.people.models import User

    clients, paths = {}, {}
    for count in (options.small, options.large):
        started = time.perf_counter()
        paths[count] = f"{FOLDER}/{count}.sqlite3"
        build(paths[count], count)
        clients[count] = Client()
        clients[count].force_login(User.objects.get(username="reader"))
        print(f"built {count:,} projects in {time.perf_counter() - started:.0f} s", flush=True)
    print(f"{'page':40}{'small':>12}{'large':>12}{'ratio':>8}")
    for page in PAGES:
        url, times = f"/portfolio/{page}", {count: [] for count in paths}
        for _round in range(options.rounds + 2):
            for count, path in paths.items():
                use(path)
                times[count].append(measure(clients[count], url))
        small, large = (
            statistics.median(times[count][2:]) * 1000 for count in (options.small, options.large)
        )
        print(f"{url:40}{small:9.1f} ms{large:9.1f} ms{large / small:8.2f}", flush=True)


if __name__ == "__main__":
    main()
