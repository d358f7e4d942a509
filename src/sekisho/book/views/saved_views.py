"""Registry queries that people keep."""

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from sekisho.book.forms.lists import SaveViewForm
from sekisho.book.models import SavedView

MAX_VIEWS = 50


@require_POST
def create(request: HttpRequest) -> HttpResponse:
    """Keep the query at hand under a name; the same name again replaces it."""
    form = SaveViewForm(request.POST)
    query = QueryDict(request.POST.get("query", "")[:2000]).urlencode()
    if not form.is_valid():
        messages.error(request, _("Give the view a name of up to 100 characters."))
    elif _others(request, form.cleaned_data["name"]) >= MAX_VIEWS:
        messages.error(request, _("You have 50 saved views. Remove one before you save another."))
    else:
        _keep(request, form.cleaned_data["name"].replace("\x00", ""), query)
        messages.success(request, _("The view is saved."))
    return redirect(f"{reverse('book:registry')}?{query}")


def _others(request: HttpRequest, name: str) -> int:
    return SavedView.objects.filter(user_id=request.user.pk or 0).exclude(name=name).count()


def _keep(request: HttpRequest, name: str, query: str) -> None:
    try:
        with transaction.atomic():
            SavedView.objects.update_or_create(
                user_id=request.user.pk or 0, name=name, defaults={"query": query}
            )
    except IntegrityError:  # saved twice at once: the other one stands
        return


@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove one of one's own views."""
    get_object_or_404(SavedView, pk=pk, user_id=request.user.pk or 0).delete()
    messages.success(request, _("The view is removed."))
    return redirect("book:registry")
