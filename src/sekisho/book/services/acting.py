"""Every act on a book: one transaction, and what follows from any of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction

from sekisho.book.models import Project
from sekisho.book.services.common import Act, locked_book
from sekisho.book.services.lapsing import lapse_changed
from sekisho.book.services.rollup import refresh
from sekisho.people.permissions import actor_of


@contextmanager
def acting_on(user: Any, project: Project, *, closed_ok: bool = False) -> Iterator[Act]:
    """One transaction on a locked book.

    An act that wrote to the ledger touches the book, refreshes its rollup and lets every unused decision lapse
    whose ground it moved: any act can, through a measure or the tier, so none has to remember it.
    """
    with transaction.atomic():
        locked = locked_book(project.pk)
        act = Act(actor_of(user), locked)
        if not closed_ok:
            act.require_open()
        yield act
        if act.wrote:
            Project.objects.filter(pk=locked.pk).update(updated_at=act.now)
            refresh(locked, money_moved=act.money_moved)
            if lapse_changed(act):
                refresh(locked, money_moved=False)
    project.refresh_from_db()
