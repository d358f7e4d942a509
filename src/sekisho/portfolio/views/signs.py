"""The signs of one book that its figures look arranged: asked by anybody who reads it, answered by the quality office."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from sekisho.errors import SekishoError
from sekisho.people.forms import apply
from sekisho.people.permissions import actor_of
from sekisho.portfolio.forms import SignForm
from sekisho.portfolio.queries.signs import answers_of, sign_lines
from sekisho.portfolio.services import signs
from sekisho.portfolio.views.operation import seen


@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, code: str) -> HttpResponse:
    """What the book shows, since when, and what was answered; POST answers one sign."""
    project = seen(request, code)
    form = SignForm(request.POST or None)
    if request.method == "POST" and apply(
        form, lambda said: signs.answer_sign(request.user, project, **said)
    ):
        messages.success(request, _("The answer is written down."))
        return redirect("portfolio:signs", project.code)
    may = actor_of(request.user).may("answer_signs", path=project.owner.path, project_id=project.pk)
    context = {
        "project": project,
        "lines": [(line, _form(line.code, form)) for line in sign_lines(project)],
        "answers": answers_of(project),
        "may_answer": may,
    }
    return render(request, "portfolio/signs.html", context, status=422 if form.errors else 200)


def _form(sign: str, sent: SignForm) -> SignForm:
    """The form of one sign: what was sent where it was about this one, else an empty one."""
    if sent.data.get("sign", "") == sign:
        return sent
    return SignForm(initial={"sign": sign}, auto_id=f"{sign}_%s")


@require_POST
def take_back(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Ask about a sign again."""
    project = seen(request, code)
    answer = get_object_or_404(project.sign_answers, pk=pk)
    try:
        signs.take_back(request.user, project, answer)
    except SekishoError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The question stands again."))
    return redirect("portfolio:signs", project.code)
