"""The ledger of a book as its own page: by subject, newest first, with the proof of its chain."""

from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from sekisho.book.lists import entries_file
from sekisho.book.models import Project
from sekisho.book.models.ledger import LedgerHead, chain_of
from sekisho.book.queries import ledger as read
from sekisho.book.services.ledger import verify_chain
from sekisho.book.views.book_page import seen_project
from sekisho.web.asked import whole_number
from sekisho.web.lists import asked_format

PAGE_SIZE = 30
#: chains up to this length are recomputed whenever they are shown; longer ones on asking, as it takes a while
PROVED_AT_ONCE = 2000


@require_GET
def page(request: HttpRequest, code: str) -> HttpResponseBase:
    """The whole ledger. ``?about=`` a subject, ``?before=`` a number, ``?prove=1`` recomputes a long chain."""
    actor, project = seen_project(request, code)
    if not actor.may("read_ledger", path=project.owner.path, project_id=project.pk):
        raise Http404(_("There is no such book, or you may not see its ledger."))
    subject = request.GET.get("about", "")
    subject = subject if subject in read.SUBJECTS else ""
    if fmt := asked_format(request):
        return entries_file(fmt, "ledger", _("Ledger"), read.entries_of(project, subject=subject))
    before = whole_number(request.GET.get("before", ""))
    rows = list(read.entries_of(project, subject=subject, before=before)[: PAGE_SIZE + 1])
    shown = rows[:PAGE_SIZE]
    context = {
        "project": project,
        "acts": read.read_acts(shown),
        "more": shown[-1].seq if len(rows) > PAGE_SIZE else None,
        "subject": subject,
        "subjects": [(key, words) for key, (words, _acts) in read.SUBJECTS.items()],
        **_proof(project, asked=bool(request.GET.get("prove"))),
    }
    return render(request, "book/book_ledger.html", context)


def _proof(project: Project, *, asked: bool) -> dict[str, Any]:
    """The end of the chain, whether it was recomputed now, and the first entry that does not hold, if any."""
    head = LedgerHead.objects.filter(chain=chain_of(project)).first()
    proved = asked or head is None or head.length <= PROVED_AT_ONCE
    return {"head": head, "proved": proved, "broken": verify_chain(chain_of(project)) if proved else None}
