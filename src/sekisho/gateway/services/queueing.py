"""Whose file is next: each sender has a few in the queue at a time, so that a thousand files hold up nobody's one.

The jobs' queue serves who came first. A sender's next file joins it when one of theirs is done, behind those that others
sent meanwhile: senders take turns however many files each has. ``Transfer.turn`` names whose turn a file takes: the
person's who sends it, or for mail, all of which one person sends here, that of the address it comes from.
"""

from sekisho.gateway.models import TransferFile
from sekisho.gateway.queries.queue import KIND, KINDS, LARGE_KIND, keys_of
from sekisho.jobs.models import LIVE, Job
from sekisho.jobs.services import enqueue

#: bytes from which a file is large
LARGE = 32 << 20
#: files of one turn in the queue at a time; as many workers can be busy for one sender
IN_HAND = 4
FileState = TransferFile.State


def order_next(turn: str, *, done: TransferFile | None = None) -> int:
    """Queue the next files of a turn, up to ``IN_HAND`` with those that are there. Returns how many.

    ``done``: a file whose job ends with the caller's transaction. Without a transaction of its own: what is not ordered
    now is by the next file that ends, and by ``order_missing``.
    """
    start = keys_of(turn)
    keys = Job.objects.filter(kind__in=KINDS, state__in=LIVE, dedupe_key__startswith=start)
    live = {int(key.rpartition(":")[2]) for key in keys.values_list("dedupe_key", flat=True)}
    free = IN_HAND - len(live - {done.pk} if done else live)
    if free <= 0:
        return 0
    left = TransferFile.objects.filter(transfer__turn=turn, state__in=[FileState.WAITING, FileState.WORKING])
    left = left.exclude(pk__in=live)
    chosen = list(left.order_by("id").values_list("pk", "size")[:free])
    for pk, size in chosen:
        kind = LARGE_KIND if size >= LARGE else KIND
        enqueue(kind, {"file_id": pk}, dedupe_key=f"{start}{pk}")
    return len(chosen)


def order_missing() -> int:
    """Queue files whose work was lost. Returns of how many turns."""
    waiting = TransferFile.objects.filter(state__in=[FileState.WAITING, FileState.WORKING])
    turns = sorted(set(waiting.order_by().values_list("transfer__turn", flat=True)))
    for turn in turns:
        order_next(turn)
    return len(turns)
