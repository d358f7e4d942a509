"""Comparing books in the background."""

import datetime as dt
from typing import Any

from django.utils.translation import gettext_lazy as _

from sekisho.jobs.registry import periodic
from sekisho.sharing.services import comparing


@periodic("sharing.refresh", every=dt.timedelta(minutes=1), label=_("Comparing changed projects"))
def compare_changed(context: Any) -> dict[str, int]:
    """Every minute: embed books whose text changed, and find who is like them."""
    return comparing.refresh()


@periodic("sharing.nightly", at=dt.time(3, 40), label=_("Comparing the whole portfolio"))
def compare_all(context: Any) -> dict[str, int]:
    """Every night: neighbours, matching platforms and groups of likely duplicates of all books."""
    return comparing.refresh(everything=True)
