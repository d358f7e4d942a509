"""The housekeeping of background work itself."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from sekisho.jobs import services
from sekisho.jobs.context import JobContext
from sekisho.jobs.registry import periodic


@periodic("jobs.purge", at=dt.time(3, 40), label=_("Forgetting old background work"))
def purge_finished(context: JobContext) -> dict[str, Any]:
    """Forget work that finished more than ``JOBS_RETENTION_DAYS`` ago."""
    return {"purged": services.purge(dt.timedelta(days=settings.JOBS_RETENTION_DAYS))}
