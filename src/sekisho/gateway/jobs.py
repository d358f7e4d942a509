"""Work of the gateway in the background and by the clock."""

import datetime as dt
from typing import Any

from django.utils.translation import gettext_lazy as _

from sekisho.gateway.services import cleaning, housekeeping
from sekisho.jobs.registry import job, periodic


@job(cleaning.KIND, label=_("Sanitizing a file that crosses zones"), timeout=dt.timedelta(minutes=30))
def clean_file(context: Any, *, file_id: int) -> dict[str, str]:
    """Have the sanitizer write a clean copy by the route's policy."""
    return {"state": cleaning.clean(file_id)}


@periodic("gateway.missing", every=dt.timedelta(minutes=10), label=_("Sanitizing files that were left over"))
def clean_missing(context: Any) -> dict[str, int]:
    """Every ten minutes: order files whose work was lost."""
    return {"ordered": cleaning.order_missing()}


@periodic("gateway.house", every=dt.timedelta(hours=1), label=_("Ending offers and destroying held files"))
def keep_house(context: Any) -> dict[str, int]:
    """Every hour: give up idle uploads, end offers, destroy what was held long enough."""
    return housekeeping.keep_house()
