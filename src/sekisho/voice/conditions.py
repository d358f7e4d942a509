"""Conditions of questions in the reader's words."""

from django.utils.translation import gettext as _

from sekisho.voice.definition import Bound, Condition, Definition, Joined


def condition_words(
    definition: Definition, condition: Condition, language: str, *, short: bool = False
) -> str:
    """“Age” is 18 or more and “Place” was answered with “Counter or Phone”; ``short``: of a single one the answers alone."""
    if isinstance(condition, Joined):
        parts = [condition_words(definition, one, language) for one in condition.of]
        if condition.sign == "not":
            return _("not (%(condition)s)") % {"condition": parts[0]}
        between = _(" or ") if condition.sign == "any" else _(" and ")
        return between.join(
            f"({part})" if isinstance(one, Joined) and one.sign != "not" else part
            for one, part in zip(condition.of, parts, strict=True)
        )
    asked = definition.question(condition.question)
    title = asked.title.get(language) if asked else condition.question
    if isinstance(condition, Bound):
        return _bound(condition) % {"question": title, "number": f"{condition.number:g}"}
    choices = asked.choices if asked else ()
    answers = [one.title.get(language) for one in choices if one.code in condition.among]
    if short:
        return _(" or ").join(answers)
    said = {"question": title, "answer": _(" or ").join(answers)}
    return _("“%(question)s” was answered with “%(answer)s”") % said


def _bound(condition: Bound) -> str:
    return {
        ">=": _("“%(question)s” is %(number)s or more"),
        "<=": _("“%(question)s” is %(number)s or less"),
        ">": _("“%(question)s” is more than %(number)s"),
        "<": _("“%(question)s” is less than %(number)s"),
    }[condition.sign]
