"""The features that users were asked about, and what is to become of them."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from sekisho.book.forms.errors import show
from sekisho.book.models import Project, Release
from sekisho.errors import SekishoError
from sekisho.people.permissions import actor_of
from sekisho.voice.models import FeaturePlan
from sekisho.voice.queries.features import FeatureRow, criteria_of, features_of
from sekisho.voice.services.features import plan_feature
from sekisho.voice.views.usertests import may_edit


class PlanForm(forms.Form):
    """What becomes of one feature."""

    plan = forms.ChoiceField(label=_("what becomes of it"), choices=FeaturePlan.Plan)
    release = forms.ModelChoiceField(
        Release.objects.none(), label=_("with release"), required=False, empty_label=_("none")
    )
    criterion = forms.ChoiceField(label=_("criterion of a gate"), required=False)
    words = forms.CharField(label=_("in words"), required=False, max_length=500)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, project: Project, criteria: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["release"].queryset = project.releases.all()  # type: ignore[attr-defined]
        language = get_language() or "ja"
        options = [
            (code, f"{place.gate.title}: {place.title.get(language)}") for code, place in criteria.items()
        ]
        self.fields["criterion"].choices = [("", _("none")), *options]  # type: ignore[attr-defined]


@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, code: str) -> HttpResponse:
    """Every feature with its newest category and its plan; ``?edit=`` opens the form of one, ``POST`` saves it."""
    actor = actor_of(request.user)
    seen = Project.objects.visible_to(actor).select_related("owner")
    project = get_object_or_404(seen, code=code.replace("\x00", ""))
    rows, criteria = features_of(project), criteria_of(project)
    key = request.POST.get("feature", "") or request.GET.get("edit", "")
    row = next((one for one in rows if _key(one) == key), None)
    form = _form(project, criteria, row, request.POST or None) if row else None
    if request.method == "POST" and row and form and form.is_valid() and _planned(request, row, form):
        return redirect(reverse("voice:features", args=[project.code]))
    context = {
        "project": project,
        "rows": [(one, _key(one), criteria.get(one.plan.criterion) if one.plan else None) for one in rows],
        "may_edit": may_edit(actor, project),
        "edited": row,
        "edited_key": key,
        "form": form,
    }
    return render(request, "voice/features.html", context, status=422 if form and form.errors else 200)


def _planned(request: HttpRequest, row: FeatureRow, form: PlanForm) -> bool:
    """Save what the form says; where that may not be, the form says why."""
    said = dict(form.cleaned_data)
    version = said.pop("version")
    try:
        plan_feature(request.user, row.survey, row.question.code, row.code, **said, expected_version=version)
    except SekishoError as error:
        show(form, error)
        return False
    return True


def _key(row: FeatureRow) -> str:
    return f"{row.survey.pk}.{row.question.code}.{row.code}"


def _form(project: Project, criteria: Any, row: FeatureRow, data: Any) -> PlanForm:
    plan = row.plan or FeaturePlan()
    said = {name: getattr(plan, name) for name in ("plan", "release", "criterion", "words", "version")}
    return PlanForm(data, initial=said, project=project, criteria=criteria)
