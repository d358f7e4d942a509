"""The book's part of the REST API: thin operations over services and queries."""

from ninja import Router

from sekisho.book.api import gates, ledger, planning, projects, releases

router = Router()
for part in (projects, planning, gates, releases, ledger):
    router.add_router("", part.router)

__all__ = ["router"]
