"""The book's part of the REST API: thin operations over services and queries."""

from ninja import Router

from sekisho.book.api import files, gates, ledger, parts, projects, releases

router = Router()
for part in (projects, parts, gates, files, releases, ledger):
    router.add_router("", part.router)

__all__ = ["router"]
