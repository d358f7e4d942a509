"""Saying what becomes of a feature that users were asked about."""

from typing import Any

from django.utils.translation import gettext as _

from sekisho.book.models import Release
from sekisho.book.services.acting import acting_on
from sekisho.book.services.common import changed, choice, expect, fitting
from sekisho.errors import Invalid
from sekisho.voice.definition import Choice, Definition, Kind
from sekisho.voice.models import FeaturePlan, Survey
from sekisho.voice.queries.features import criteria_of


def feature_of(survey: Survey, question: str, feature: str) -> Choice:
    """A feature that the survey, or a wave of it, asks about.

    Raises:
        Invalid: it asks about no such feature.
    """
    documents = [survey.document, *survey.waves.values_list("document", flat=True)]
    for document in documents:
        asked = Definition.from_document(document).question(question)
        found = next((one for one in asked.choices if one.code == feature), None) if asked else None
        if asked and asked.kind == Kind.KANO and found:
            return found
    raise Invalid(_("This survey asks about no such feature."), field="feature")


def plan_feature(
    user: Any,
    survey: Survey,
    question: str,
    feature: str,
    *,
    plan: str,
    release: Release | None = None,
    criterion: str = "",
    words: str = "",
    expected_version: int | None = None,
) -> FeaturePlan:
    """Say what becomes of a feature, with which release, and which criterion of a gate asks for it.

    Raises:
        NotPermitted. Invalid: no such feature, plan, criterion, or a release of another book (the field is named).
        StaleWrite: somebody else said something else since.
    """
    if survey.project is None:
        raise Invalid(_("Only the features of a service can be planned: this survey is of an organisation."))
    with acting_on(user, survey.project) as act:
        act.require("edit")
        named = feature_of(survey, question, feature)
        if release is not None and release.project_id != survey.project_id:
            raise Invalid(_("This release is of another book."), field="release")
        if criterion and criterion not in criteria_of(survey.project):
            raise Invalid(_("No gate of this book asks for this criterion."), field="criterion")
        key: dict[str, Any] = {"survey": survey, "question": question, "feature": feature}
        row, _made = FeaturePlan.objects.select_for_update().get_or_create(**key)
        said = {
            "plan": choice(plan, FeaturePlan.Plan, "plan"),
            "release": release,
            "criterion": criterion,
            "words": fitting(words, 500, "words"),
        }
        now = {name: getattr(row, name) for name in said}
        expect(row, expected_version, now, said, _("Someone else changed this feature in the meantime."))
        before, after = changed(now, said)
        for name, value in said.items():
            setattr(row, name, value)
        row.version += 1
        row.save()
        told = {"feature": named.title.ja or named.title.en, "title": survey.title, "survey_id": survey.pk}
        act.write("feature.planned", told, before=before, after=after)
    return row
