"""Work of the gateway in the background and by the clock."""

import datetime as dt
from typing import Any

from django.utils.translation import gettext_lazy as _

from sekisho.gateway.queries.queue import KIND, LARGE_KIND
from sekisho.gateway.services import (
    cleaning,
    dispatching,
    fetching,
    housekeeping,
    mailing,
    outside,
    queueing,
    sides,
    watching,
)
from sekisho.jobs.registry import job, periodic


@job(
    LARGE_KIND,
    label=_("Sanitizing a file that crosses zones"),
    timeout=dt.timedelta(hours=3),
    is_long=True,
)
@job(KIND, label=_("Sanitizing a file that crosses zones"), timeout=dt.timedelta(hours=3))
def clean_file(context: Any, *, file_id: int) -> dict[str, str]:
    """Have the sanitizer write a clean copy by the route's policy."""
    return {"state": cleaning.clean(file_id)}


@periodic("gateway.missing", every=dt.timedelta(minutes=10), label=_("Sanitizing files that were left over"))
def clean_missing(context: Any) -> dict[str, int]:
    """Every ten minutes: order files whose work was lost."""
    return {"ordered": queueing.order_missing() + dispatching.order_missing() + mailing.order_missing()}


@job(dispatching.KIND, label=_("Handing files to the other server"), timeout=dt.timedelta(minutes=30))
def hand_over(context: Any, *, dispatch_id: int) -> dict[str, str]:
    """Write a package into the spool."""
    return {"name": dispatching.write(dispatch_id)}


@job(outside.KIND, label=_("Mailing a link to an outside party"), max_attempts=8)
def mail_link(context: Any, *, link_id: int) -> dict[str, bool]:
    """Mail the link of a transfer."""
    return {"mailed": outside.mail_link(link_id)}


@job(mailing.KIND, label=_("Passing a message on"), max_attempts=12)
def pass_mail_on(context: Any, *, mail_id: int) -> dict[str, str]:
    """Give a clean message to the next mail server, or tell its recipients that it is held."""
    return {"state": mailing.pass_on(mail_id)}


@periodic("gateway.fetch", every=dt.timedelta(minutes=1), label=_("Fetching files from the other server"))
def fetch(context: Any) -> dict[str, int]:
    """Every minute, where there are two servers: deliver what the other one laid into the spool."""
    return fetching.fetch() if sides.fetches() else {}


@periodic("gateway.watch", every=dt.timedelta(minutes=10), label=_("Watching for what is not as usual"))
def watch(context: Any) -> dict[str, int]:
    """Every ten minutes: raise alerts of surges and of senders with many refusals."""
    return watching.watch()


@periodic("gateway.house", every=dt.timedelta(hours=1), label=_("Ending offers and destroying held files"))
def keep_house(context: Any) -> dict[str, int]:
    """Every hour: give up idle uploads, end offers, destroy what was held long enough."""
    return housekeeping.keep_house()
