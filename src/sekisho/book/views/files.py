"""A file of a book: what the sanitizer made of it, and the clean copy to open. The original is never served."""

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from sekisho.book.models import Attachment, CleanCopy
from sekisho.book.queries import files as read
from sekisho.book.services import cleaning
from sekisho.people.permissions import actor_of
from sekisho.people.roles import Actor


def _seen(request: HttpRequest, pk: int) -> tuple[Actor, Attachment]:
    actor = actor_of(request.user)
    attachment = read.seen_file(actor, pk)
    if attachment is None:
        raise Http404(_("There is no such file, or you may not see it."))
    return actor, attachment


def _copy_of(attachment: Attachment) -> CleanCopy:
    """What is known of its copy; one that waits when nobody has looked at the file yet."""
    return getattr(attachment, "clean", None) or CleanCopy(attachment=attachment)


@never_cache
@require_GET
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """One file: how far it is, what was removed, how to open it. htmx asks again while it waits."""
    actor, attachment = _seen(request, pk)
    made = _copy_of(attachment)
    project = attachment.project
    context = {
        "file": attachment,
        "project": project,
        "made": made,
        "method": read.made_how(made.method, made.name),
        "lines": read.lines(made),
        "more": made.removed_total - len(made.removed),
        "refusal": read.refusal_of(made),
        "may_retry": not read.is_locked(made)
        and actor.may("add_evidence", path=project.owner.path, project_id=project.pk),
    }
    part = "book/parts/file_made.html" if request.headers.get("HX-Request") else "book/file.html"
    return render(request, part, context)


@never_cache
@require_GET
def copy(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The clean copy, as a download."""
    _actor, attachment = _seen(request, pk)
    made = _copy_of(attachment)
    if made.state != CleanCopy.State.CLEAN:
        raise Http404(_("There is no clean copy of this file to open."))
    response = FileResponse(made.stored.open("rb"), as_attachment=True, filename=made.name)
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_POST
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """Try once more what was refused."""
    _actor, attachment = _seen(request, pk)
    cleaning.try_again(request.user, attachment)
    messages.success(request, _("The file is being disarmed once more."))
    return redirect("book:file", pk)
