"""Surveys as XLSForm workbooks: brought in, with a question about what cannot be taken, and handed out."""

from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from sekisho.book.forms.errors import show
from sekisho.errors import Invalid, SekishoError
from sekisho.people.permissions import actor_of
from sekisho.voice.definition.xlsform import LeftOut
from sekisho.voice.forms.xlsforms import ImportForm
from sekisho.voice.models import Survey
from sekisho.voice.services import xlsforms as service
from sekisho.voice.services.surveys import make_survey
from sekisho.voice.views.surveys import find_survey

_SALT = "voice.xlsform"
_HOUR = 3600
#: what cannot be taken is listed as far as a reader follows
SHOWN = 100


@require_http_methods(["GET", "POST"])
def bring(request: HttpRequest) -> HttpResponse:
    """Make a survey of a workbook. What cannot be taken is listed, and left out only when asked."""
    if request.method == "GET":
        form = ImportForm(actor=actor_of(request.user), initial=request.GET.dict())
        return render(request, "voice/survey_import.html", {"form": form})
    form = ImportForm(request.POST, request.FILES, actor=actor_of(request.user))
    left_out: list[LeftOut] = []
    if form.is_valid():
        try:
            made = _brought(request, form, left_out)
            if made is not None:
                return redirect("voice:survey", made.pk)
        except SekishoError as error:
            show(form, error)
    listed = [(one, _(one.template) % one.params) for one in left_out[:SHOWN]]
    context = {"form": form, "left_out": listed, "more": max(len(left_out) - SHOWN, 0)}
    return render(request, "voice/survey_import.html", context, status=422)


def _brought(request: HttpRequest, form: ImportForm, left_out: list[LeftOut]) -> Survey | None:
    """The survey made; None when there is something to ask first, which then stands in ``left_out``."""
    said = dict(form.cleaned_data)
    holder = form.holder(said)
    if said["file"]:
        found = service.read_form(said["file"].read(service.MOST_BYTES + 1))
        read: dict[str, Any] = {"document": found.document, "title": found.title}
        if found.left_out:
            left_out.extend(found.left_out)
            kept = signing.dumps(read, salt=_salt(request), compress=True)
            form.data = {name: form.data.get(name) for name in form.data} | {"read": kept}
            return None
    else:
        read = _kept(request, said["read"])
    title = said["title"] or read["title"]
    if not title:
        raise Invalid(_("The form has no title. Enter one."), field="title")
    return make_survey(
        request.user, holder, title=title[:200], title_en=said["title_en"], document=read["document"]
    )


def _salt(request: HttpRequest) -> str:
    return f"{_SALT}:{request.user.pk}"


def _kept(request: HttpRequest, read: str) -> Any:
    try:
        return signing.loads(read, salt=_salt(request), max_age=24 * _HOUR)
    except signing.BadSignature:
        raise Invalid(_("This was read too long ago. Choose the file once more."), field="file") from None


@require_GET
def workbook(request: HttpRequest, pk: int) -> HttpResponse:
    """The draft as an XLSForm workbook."""
    _actor, survey = find_survey(request, pk)
    response = HttpResponse(
        service.write_workbook(survey),
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )
    response["Content-Disposition"] = f'attachment; filename="xlsform-{survey.pk}.xlsx"'
    return response
