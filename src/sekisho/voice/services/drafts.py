"""Small changes to a survey's draft: a question added, changed, moved or removed; the words around them."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from sekisho.errors import Invalid
from sekisho.voice.definition import Definition
from sekisho.voice.models import Survey
from sekisho.voice.services.surveys import change_survey


def save_question(user: Any, survey: Survey, form: Any) -> Survey:
    """Put a question (a form with ``cleaned_data`` and ``to_document(code)``) in place of the one it was, or at the end.

    Raises:
        Invalid: what the definition refuses, named by its place. StaleWrite: saved by someone else since.
    """
    sections, was = survey.document["sections"], form.cleaned_data["was"]
    codes = [question["code"] for section in sections for question in section["questions"]]
    if was and was not in codes:
        raise Invalid(_("This question is no longer there."))
    code = was or next(f"q{n}" for n in range(1, 1000) if f"q{n}" not in codes)
    made = form.to_document(code)
    if was:
        changed = [
            {
                **section,
                "questions": [
                    _kept(old, made) if old["code"] == was else old for old in section["questions"]
                ],
            }
            for section in sections
        ]
    else:
        *before, last = sections or [{"questions": []}]
        changed = [*before, {**last, "questions": [*last["questions"], made]}]
    document = {**survey.document, "sections": changed}
    return change_survey(user, survey, document, expected_version=form.cleaned_data["version"])


def _kept(old: Mapping[str, Any], made: dict[str, Any]) -> dict[str, Any]:
    """What the form does not show stays as it was."""
    return {**{name: old[name] for name in ("help", "longest", "importance") if name in old}, **made}


def save_words(user: Any, survey: Survey, said: Mapping[str, Any]) -> Survey:
    """Change title, introduction and thanks, in both languages."""
    words = {name: {"ja": said[name], "en": said[f"{name}_en"]} for name in ("intro", "thanks")}
    return change_survey(
        user,
        survey,
        {**survey.document, **words},
        title=said["title"],
        title_en=said["title_en"],
        expected_version=said["version"],
    )


def move_question(user: Any, survey: Survey, code: str, where: str) -> Survey:
    """Move a question ``up`` or ``down`` within its section, or ``remove`` it.

    Raises:
        Invalid: a question that asks after it would stand before it, or lose it.
    """
    changed = [
        {**section, "questions": _moved(section["questions"], code, where)}
        for section in survey.document["sections"]
    ]
    document = {**survey.document, "sections": changed}
    asked_after = [
        q.show_if.question for q in Definition.from_document(survey.document).questions if q.show_if
    ]
    if where == "remove" and code in asked_after:
        raise Invalid(_("Another question is asked only after this one. Change that one first."))
    return change_survey(user, survey, document)


def _moved(questions: list[dict[str, Any]], code: str, where: str) -> list[dict[str, Any]]:
    at = next((n for n, question in enumerate(questions) if question["code"] == code), None)
    if at is None:
        return questions
    rest = [*questions[:at], *questions[at + 1 :]]
    if where == "remove":
        return rest
    to = max(at - 1, 0) if where == "up" else at + 1
    return [*rest[:to], questions[at], *rest[to:]]
