"""Books for benchmarks, written in bulk into a database of their own: money, monthly reports, gates, months in use.

Import this before anything of Django: it points the settings at a temporary folder.
"""

import datetime as dt
import os
import pathlib
import shutil
import tempfile

FOLDER = tempfile.mkdtemp(prefix="sekisho-benchmark-")
os.environ.update(
    SEKISHO_DATA_DIR=FOLDER, DJANGO_SETTINGS_MODULE="sekisho.config.settings", SEKISHO_LOG_LEVEL="ERROR"
)
os.environ.pop("DATABASE_URL", None)

import django  # noqa: E402

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

settings.ALLOWED_HOSTS = ["testserver"]
settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"

PHASES = ("plan", "requirements", "build", "operate", "retire")
TIERS = ("focus", "standard", "standard", "light")
BUREAUS, SECTIONS = 10, 5
STEP = 5_000


def use(path: str) -> None:
    """Point the default connection at a database file."""
    connection.close()
    connection.settings_dict["NAME"] = path


def build(path: str, count: int) -> None:
    """A database with ``count`` projects of 50 sections in 10 bureaus, and their figures taken."""
    from sekisho.people.models import Installation, Organisation, RoleAssignment, User
    from sekisho.portfolio.services.figures import rebuild
    from sekisho.standards.models import StandardVersion
    from sekisho.standards.services import register_shipped

    empty = pathlib.Path(FOLDER, "empty.sqlite3")
    if not empty.exists():  # migrating takes as long as writing thousands of books
        use(str(empty))
        call_command("migrate", verbosity=0)
        register_shipped()
        connection.close()
    shutil.copyfile(empty, path)
    use(path)
    Installation.objects.create(name="計測市")
    root = _organisation(Organisation, "root", "計測市", None)
    sections = []
    for b in range(BUREAUS):
        bureau = _organisation(Organisation, f"b{b}", f"第{b + 1}局", root)
        sections += [
            _organisation(Organisation, f"b{b}s{s}", f"第{b + 1}局 情報政策第{s + 1}課", bureau)
            for s in range(SECTIONS)
        ]
    user = User.objects.create_user("reader", password=None)
    RoleAssignment.objects.create(
        user=user, role="quality_office", organisation=root, valid_from="2020-01-01"
    )
    pack = StandardVersion.objects.filter(pack="sekisho-reference").first()
    for start in range(0, count, STEP):
        _write(range(start, min(start + STEP, count)), sections, pack)
    rebuild()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _organisation(model, code, name, parent):  # type: ignore[no-untyped-def]
    made = model.objects.create(code=code, name=name, parent=parent)
    made.path = f"{parent.path if parent else '/'}{made.pk}/"
    made.save()
    return made


def _write(numbers, sections, pack):  # type: ignore[no-untyped-def]
    from sekisho.book.models import BudgetYear, Gate, Project, StatusReport
    from sekisho.portfolio.models import OperationMonth

    now, today = timezone.now(), timezone.localdate()
    year = today.year if today.month >= 4 else today.year - 1
    months = [(today.replace(day=1) - dt.timedelta(days=31 * n)).replace(day=1) for n in range(3)]
    books = Project.objects.bulk_create(
        Project(
            code=f"P-{n:06d}",
            name=f"{'税務福祉防災教育'[n % 7 : n % 7 + 2]}に関する手続のオンライン申請システム{n}号の再構築と運用保守",
            purpose="窓口に行かなくても手続が終わるようにする。",
            owner=sections[n % len(sections)],
            phase=PHASES[n % 5],
            tier=TIERS[n % 4],
            money_this_year=n % 1000 * 100_000,
            confidence=n % 5 + 1,
        )
        for n in numbers
    )
    BudgetYear.objects.bulk_create(
        [
            BudgetYear(
                project=b, fiscal_year=y, requested=3_000_000, approved=2_000_000 + b.pk, executed=1_900_000
            )
            for b in books
            for y in range(year - 2, year + 1)
        ],
        batch_size=2_000,
    )
    StatusReport.objects.bulk_create(
        [
            StatusReport(
                project=b,
                month=m,
                schedule=b.pk % 5 + 1,
                cost=4,
                scope=4,
                quality=4,
                words=f"{m}",
                reported_at=now,
            )
            for b in books
            for m in months
        ],
        batch_size=2_000,
    )
    Gate.objects.bulk_create(
        [
            Gate(
                project=b,
                phase=b.phase,
                standard=pack,
                opened_at=now,
                due_on=today + dt.timedelta(days=b.pk % 200 - 60),
            )
            for b in books
        ],
        batch_size=2_000,
    )
    OperationMonth.objects.bulk_create(
        [
            OperationMonth(
                project=b,
                month=m,
                availability=9_990,
                incidents=b.pk % 3,
                minutes_down=9,
                requests=5,
                reported_at=now,
            )
            for b in books
            if b.phase == "operate"
            for m in months
        ],
        batch_size=2_000,
    )
