"""Programs of the crash test, run as processes of their own: ``python crash_site.py prepare|worker|read``."""

import json
import os
import sys
import threading
import time
from pathlib import Path

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.jobs.bare_settings"

import django

django.setup()

from django.core.management import call_command  # noqa: E402 - after the set-up

from sekisho.jobs import services, worker  # noqa: E402 - after the set-up
from sekisho.jobs.models import Job  # noqa: E402 - after the set-up
from sekisho.jobs.registry import job  # noqa: E402 - after the set-up

services.LEASE = services.dt.timedelta(seconds=2)
worker.HOUSEKEEPING_SECONDS = 0.2


@job("test.quick")
def quick(context, *, number):
    return {"number": number}


@job("test.slow")
def slow(context, *, flag):
    """The first try hangs until it is killed or told to stop; a later one succeeds."""
    if Path(flag).exists():
        return {"attempt": context.attempt}
    Path(flag).touch()
    for second in range(600):
        context.progress(second, 600, "Slow row")
        time.sleep(0.1)
    return None


def prepare(flag):
    call_command("migrate", verbosity=0)
    services.enqueue("test.slow", {"flag": flag}, priority=1)
    for number in range(20):
        services.enqueue("test.quick", {"number": number})


def read():
    rows = Job.objects.order_by("pk").values("kind", "state", "attempt", "result", "progress_text")
    sys.stdout.write(json.dumps(list(rows)))


if __name__ == "__main__":
    if sys.argv[1] == "prepare":
        prepare(sys.argv[2])
    elif sys.argv[1] == "worker":
        worker.Worker(poll=0.1, concurrency=2).run_forever(threading.Event())
    else:
        read()
