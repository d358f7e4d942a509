"""Small changes to a survey's draft: questions and sections added, changed, moved or removed; the words around them."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from sekisho.errors import Invalid
from sekisho.voice.definition import Definition, DefinitionError, terms_of
from sekisho.voice.models import Survey
from sekisho.voice.services.surveys import change_survey


def save_question(user: Any, survey: Survey, form: Any) -> Survey:
    """Put a question (a form with ``cleaned_data`` and ``to_document(code)``) in place of the one it was, or at the end
    of its section. A question that changes its section goes to the end of the new one, and keeps its code.

    Raises:
        Invalid: what the definition refuses, ``fields`` by the parts of the question. StaleWrite: saved by someone else since.
    """
    sections, was = _sections(survey), form.cleaned_data["was"]
    codes = [question["code"] for section in sections for question in section["questions"]]
    if was and was not in codes:
        raise Invalid(_("This question is no longer there."))
    code = was or next(f"q{n}" for n in range(1, 1000) if f"q{n}" not in codes)
    here = next((n for n, one in enumerate(sections) if was in _codes(one)), None)
    asked = form.cleaned_data["section"]
    last = len(sections) - 1
    to = next(n for n in (asked, here, last) if n is not None)
    to = min(to, last)
    made = form.to_document(code)
    if to == here:
        own = sections[to]["questions"]
        own[_codes(sections[to]).index(was)] = made
    else:
        for section in sections:
            section["questions"] = [one for one in section["questions"] if one["code"] != was]
        sections[to]["questions"].append(made)
    _require_order(sections)
    _require_readable(survey, sections, to, code)
    return _saved(user, survey, sections, form.cleaned_data["version"])


def _require_readable(survey: Survey, sections: list[dict[str, Any]], section: int, code: str) -> None:
    """Refuse what is wrong with this question by the part that it stands in, for the form; the rest is `_saved`'s."""
    at = _codes(sections[section]).index(code)
    place = f"sections[{section}].questions[{at}]."
    try:
        Definition.from_document({**survey.document, "sections": sections})
    except DefinitionError as error:
        own = [fault for fault in error.faults if fault.place.startswith(place)]
        parts = {re.split(r"[.\[]", fault.place.removeprefix(place))[0]: fault for fault in own}
        said = {part: _(fault.template) % fault.params for part, fault in parts.items()}
        if said:
            raise Invalid(next(iter(said.values())), fields=said) from None


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
    """Move a question ``up`` or ``down``, past the end of its section into the next, or ``remove`` it.

    Raises:
        Invalid: a question that asks after it would stand before it, or lose it.
    """
    sections = _sections(survey)
    here = next((n for n, one in enumerate(sections) if code in _codes(one)), None)
    if here is None:
        return survey
    own = sections[here]["questions"]
    at = _codes(sections[here]).index(code)
    question = own.pop(at)
    step = {"up": -1, "down": 1}.get(where, 0)
    if where == "remove":
        asked_after = [term.question for q in _read(survey).questions for term in terms_of(q.show_if)]
        if code in asked_after:
            raise Invalid(_("Another question is asked only after this one. Change that one first."))
    elif 0 <= at + step <= len(own):
        own.insert(at + step, question)
    elif 0 <= here + step < len(sections):
        near = sections[here + step]["questions"]
        near.insert(0 if step > 0 else len(near), question)
    else:
        return survey
    _require_order(sections)
    return _saved(user, survey, sections)


def save_section(user: Any, survey: Survey, said: Mapping[str, Any]) -> Survey:
    """Name a section (``at``), or add one at the end.

    Raises:
        Invalid: no words, or the section is no longer there. StaleWrite: saved by someone else since.
    """
    sections, at = _sections(survey), said["at"]
    title = {"ja": said["title"], "en": said["title_en"]}
    if at is None:
        if not any(title.values()):
            raise Invalid(_("Write the words."), field="title")
        sections.append({"title": title, "questions": []})
    elif at < len(sections):
        sections[at]["title"] = title
    else:
        raise Invalid(_("This section is no longer there."))
    return _saved(user, survey, sections, said["version"])


def move_section(user: Any, survey: Survey, at: int, where: str, version: int | None = None) -> Survey:
    """Move a section ``up`` or ``down`` with its questions, or ``remove`` its heading: its questions join the neighbour.

    Raises:
        Invalid: it is no longer there, is the only one, or holds what a question before it would ask after.
        StaleWrite: saved by someone else since, so that ``at`` may mean another section.
    """
    sections = _sections(survey)
    if not 0 <= at < len(sections):
        raise Invalid(_("This section is no longer there."))
    if where == "remove":
        if len(sections) == 1:
            raise Invalid(_("A survey keeps one section. Change its heading instead."))
        gone = sections.pop(at)
        near = sections[max(at - 1, 0)]
        near["questions"] = (
            near["questions"] + gone["questions"] if at else gone["questions"] + near["questions"]
        )
    else:
        to = max(at - 1, 0) if where == "up" else at + 1
        sections.insert(to, sections.pop(at))
    _require_order(sections)
    return _saved(user, survey, sections, version)


def _read(survey: Survey) -> Definition:
    return Definition.from_document(survey.document)


def _sections(survey: Survey) -> list[dict[str, Any]]:
    """The sections as values to change freely; one at least."""
    return _read(survey).to_document()["sections"] or [{"questions": []}]


def _codes(section: Mapping[str, Any]) -> list[str]:
    return [one["code"] for one in section["questions"]]


def _require_order(sections: list[dict[str, Any]]) -> None:
    """Refuse, in the questions' own words, an order in which one is asked after another that comes later."""
    seen: dict[str, Any] = {}
    titles = {one["code"]: _title(one) for section in sections for one in section["questions"]}
    for question in (one for section in sections for one in section["questions"]):
        late = [one for one in _asked_after(question.get("show_if")) if one in titles and one not in seen]
        if late:
            said = {"later": titles[question["code"]], "earlier": titles[late[0]]}
            raise Invalid(
                _("“%(later)s” is asked only after “%(earlier)s”, so it must stay below it.") % said
            )
        seen[question["code"]] = True


def _asked_after(condition: Any) -> Iterator[str]:
    """The questions that a condition of a document names."""
    if isinstance(condition, list):
        for one in condition:
            yield from _asked_after(one)
    elif isinstance(condition, Mapping):
        if "question" in condition:
            yield str(condition["question"])
        for sign in ("all", "any", "not"):
            yield from _asked_after(condition.get(sign))


def _title(question: Mapping[str, Any]) -> str:
    words = question["title"]
    own = words.get("en" if (get_language() or "").startswith("en") else "ja")
    return str(own or words.get("ja") or words.get("en") or "")


def _saved(user: Any, survey: Survey, sections: list[dict[str, Any]], version: int | None = None) -> Survey:
    return change_survey(user, survey, {**survey.document, "sections": sections}, expected_version=version)
