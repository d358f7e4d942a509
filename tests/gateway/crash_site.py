"""Programs of the killing tests, run as processes of their own: ``python -m tests.gateway.crash_site WORD``.

WORD is ``prepare``, ``worker``, ``nudge``, ``tidy`` or ``read``.
"""

import json
import os
import sys
import threading

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sekisho.config.settings")

import django

django.setup()

from django.conf import settings  # noqa: E402 - after the set-up
from django.core.management import call_command  # noqa: E402 - as above

from sekisho.book.models import LedgerEntry  # noqa: E402 - as above
from sekisho.book.services import disarming, ledger  # noqa: E402 - as above
from sekisho.gateway.models import Transfer, TransferFile  # noqa: E402 - as above
from sekisho.gateway.services import housekeeping, queueing  # noqa: E402 - as above
from sekisho.jobs import services, worker  # noqa: E402 - as above
from sekisho.jobs.models import Job  # noqa: E402 - as above

FILES = 30


def hasten():
    """Notice dead workers soon, and hold no file guilty: the rule for files that kill is tested elsewhere."""
    services.LEASE = services.dt.timedelta(seconds=3)
    worker.HOUSEKEEPING_SECONDS = 0.3
    disarming.MOST_TRIES = 100


def prepare():
    from types import SimpleNamespace

    from tests.factories import OrganisationFactory, RoleAssignmentFactory, UserFactory
    from tests.gateway.factories import make_route, send

    call_command("migrate", verbosity=0)
    bureau = OrganisationFactory()
    officer, member, colleague = UserFactory(), UserFactory(), UserFactory()
    RoleAssignmentFactory(user=officer, role="security_officer", organisation=bureau)
    for person in (member, colleague):
        RoleAssignmentFactory(user=person, role="member", organisation=bureau)
    route = make_route(SimpleNamespace(security_officer=officer), bureau)
    for person in (member, colleague):
        send(person, route, *[(f"{n}.html", b"<!doctype html><h1>%d</h1>" % n) for n in range(FILES)])
    Job.objects.exclude(kind=queueing.KIND).delete()


def read():
    entries = LedgerEntry.objects.filter(act__in=["transfer.cleaned", "transfer.offered"])
    cleaned = [(e.params["number"], e.params["name"]) for e in entries if e.act == "transfer.cleaned"]
    folders = {path.name for path in settings.GATEWAY_FOLDER.glob("*/*")}
    known = TransferFile.objects.values_list("folder", "clean_folder")
    told = {
        "transfers": list(Transfer.objects.values_list("state", flat=True)),
        "clean": TransferFile.objects.filter(state="clean").count(),
        "cleaned": len(cleaned),
        "cleaned_once": len(set(cleaned)),
        "offered": entries.filter(act="transfer.offered").count(),
        "broken": [chain for chain, broken in ledger.verify_all() if broken is not None],
        "left_over": len(folders - {folder.hex for pair in known for folder in pair if folder}),
    }
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    hasten()  # here only: the tests themselves import this file for its number
    if sys.argv[1] == "prepare":
        prepare()
    elif sys.argv[1] == "worker":
        worker.Worker(poll=0.1, concurrency=2).run_forever(threading.Event())
    elif sys.argv[1] == "nudge":  # what the clock does every ten minutes
        Job.objects.filter(state="queued").update(run_after=services.timezone.now())
        queueing.order_missing()
    elif sys.argv[1] == "tidy":  # what the clock does two days later, though files are offered then still
        for day in (0, 1, 2):
            housekeeping.keep_house(services.timezone.now() + services.dt.timedelta(days=day))
    else:
        read()
