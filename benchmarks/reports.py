"""How long reports over 1,000 projects take: the annual report and a bureau's quarter as PDF, as workbook and as page.

Run with ``.venv/bin/python benchmarks/reports.py`` (``--projects 1000`` is the default). Prints seconds of clock and of processor.
"""

import argparse
import time
from collections.abc import Callable

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--projects", type=int, default=1_000)
options = parser.parse_args()

from books import FOLDER, build  # noqa: E402
from django.test import Client  # noqa: E402


def told(what: str, act: Callable[[], bytes]) -> None:
    """Do it once and print what it took."""
    clock, processor = time.perf_counter(), time.process_time()
    made = act()
    print(
        f"{what:32}{time.perf_counter() - clock:9.1f} s{time.process_time() - processor:9.1f} s{len(made):12,} bytes",
        flush=True,
    )


def main() -> None:
    """Build, write each report, print."""
    from django.utils.translation import activate

    from sekisho.people.models import Organisation, User
    from sekisho.portfolio.services.reports import write_report

    build(f"{FOLDER}/{options.projects}.sqlite3", options.projects)
    activate("ja")
    user = User.objects.get(username="reader")
    bureau = str(Organisation.objects.get(code="b0").pk)
    client = Client()
    client.force_login(user)
    print(f"{options.projects:,} projects{'':20}{'clock':>7}{'processor':>12}")
    for kind, about in (("annual", ""), ("bureau", bureau)):
        for fmt in ("pdf", "xlsx"):
            told(f"{kind}, {fmt}", lambda k=kind, a=about, f=fmt: write_report(user, k, a, "", f))  # type: ignore[misc]
        address = f"/portfolio/reports/{kind}/{about + '/' if about else ''}"
        told(f"{kind}, page", lambda a=address: client.get(a).content)  # type: ignore[misc]


if __name__ == "__main__":
    main()
