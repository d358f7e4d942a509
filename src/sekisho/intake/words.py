"""What imports say to people: problems, fields, counts, in the active language."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from sekisho.book.models import BudgetYear, Phase, Project
from sekisho.errors import SekishoError
from sekisho.intake.mapping import MappingProblem
from sekisho.intake.preview import SECTIONS, Preview
from sekisho.intake.records import RowProblem
from sekisho.values import Problem, sentences

#: names of the sources people can import
SOURCES = {
    "rs": gettext_lazy("RS system (review of government programmes)"),
    "judgit": gettext_lazy("JUDGIT! tables"),
    "table": gettext_lazy("Excel or CSV table"),
}
#: headings of the sections of a preview
SECTION_TITLES = {
    "new": gettext_lazy("New books"),
    "changed": gettext_lazy("Changed values"),
    "years": gettext_lazy("Added budget years"),
    "renamed": gettext_lazy("Renamed"),
    "reorganised": gettext_lazy("Moved to another organisation"),
    "kept": gettext_lazy("Kept as people entered it here"),
    "vanished": gettext_lazy("No longer listed by the source"),
    "absent": gettext_lazy("Not listed in a year between two that list it"),
    "closed": gettext_lazy("Left alone: the book is closed"),
    "problems": gettext_lazy("Rows and values that could not be read"),
}
_ROWS = {
    "contracts": gettext_lazy("contract"),
    "goals": gettext_lazy("goal"),
    "links": gettext_lazy("link"),
    "situation": gettext_lazy("present state and issues"),
    "remarks": gettext_lazy("remarks"),
}


class Refused(SekishoError):
    """A file cannot be taken at all."""

    code = "file_refused"
    status = 422


def refusal(problem: Problem) -> Refused:
    """A reader's problem as a refusal in the active language; of a mapping every reason, one a line."""
    problems = problem.problems if isinstance(problem, MappingProblem) else (problem,)
    return Refused("\n".join(message(one) for one in problems))


def message(problem: Problem | RowProblem) -> str:
    """What is wrong and how to mend it."""
    return sentences(what_is_wrong(problem), mend_of(problem))


def what_is_wrong(problem: Problem | RowProblem) -> str:
    """What is wrong."""
    return _(problem.template) % problem.params if problem.template else ""


def mend_of(problem: Problem | RowProblem) -> str:
    """How to mend it; may be empty."""
    return _(problem.mend_template) % problem.mend_params if problem.mend_template else ""


def field_label(name: str) -> str:
    """A field of a preview line as people read it: ``approved:2024`` → Approved 2024."""
    field, _colon, year = name.partition(":")
    if field in BudgetYear.AMOUNTS:
        label = _amount_label(field)
        return _("%(amount)s of fiscal year %(year)s") % {"amount": label, "year": year}
    if field in _ROWS:
        return str(_ROWS[field])
    known = {column.name: column for column in Project._meta.fields}
    return str(known[field].verbose_name) if field in known else field


def _amount_label(name: str) -> str:
    return str({column.name: column for column in BudgetYear._meta.fields}[name].verbose_name)


def value_label(name: str, value: Any) -> str:
    """A value of a preview line as people read it; empty when nothing was there."""
    field = name.partition(":")[0]
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if field in BudgetYear.AMOUNTS:
        return _("%(yen)s yen") % {"yen": f"{value:,}"}
    if field == "phase":
        return str(dict(Phase.choices).get(str(value), value))
    known = {column.name: column for column in Project._meta.fields}
    choices = dict(known[field].flatchoices) if field in known else {}
    return str(choices.get(value, value))


def summary(preview: Preview) -> list[str]:
    """The counts of a preview, one line each, those that are not zero."""
    counts = preview.counts
    lines = [_("Rows read: %(count)s") % {"count": f"{counts['rows']:,}"}]
    for name in SECTIONS:
        if counts[name]:
            lines.append(f"{SECTION_TITLES[name]}: {counts[name]:,}")
    further = (
        ("unchanged", _("Unchanged books: %(count)s")),
        ("organisations", _("New organisations: %(count)s")),
        ("contracts", _("Contracts written: %(count)s")),
        ("goals", _("Goals written: %(count)s")),
    )
    lines += [words % {"count": f"{counts[name]:,}"} for name, words in further if counts[name]]
    if preview.only_some:
        lines.append(
            _("The list names some organisations of the source alone; only their projects can vanish.")
        )
    if not preview.judged_vanished:
        lines.append(_("Rows of the list of projects could not be read, so nothing was called vanished."))
    return lines


def interrupted(*, dry_run: bool, strict: bool) -> str:
    """What an import that was stopped half-way has left behind."""
    if dry_run or strict:
        return _("Stopped. Nothing was changed.")
    return _("Stopped. The books written so far are whole; import again to take in the rest.")


def problem_summary(errors: int, warnings: int) -> str:
    """How many rows or values were left out and how many were taken with doubt."""
    left_out = ngettext("%(count)d row or value left out", "%(count)d rows or values left out", errors)
    doubted = ngettext("%(count)d warning", "%(count)d warnings", warnings)
    return f"{left_out % {'count': errors}}, {doubted % {'count': warnings}}"


def mapping_label(name: str) -> str:
    """A field that a column may be, as people read it."""
    return str(_MAPPING_LABELS.get(name) or field_label(name).capitalize())


_MAPPING_LABELS = {
    "external_id": gettext_lazy("Number that stays the same every year"),
    "code": gettext_lazy("Code of the book"),
    "organisation": gettext_lazy("Owner organisation, from the top down"),
    "audience": gettext_lazy("Audience"),
    "phase": gettext_lazy("Phase"),
    "fiscal_year": gettext_lazy("Fiscal year of the row"),
    "requested": gettext_lazy("Requested amount"),
    "approved": gettext_lazy("Approved amount"),
    "supplementary": gettext_lazy("Supplementary amount"),
    "carried_in": gettext_lazy("Amount carried in"),
    "carried_out": gettext_lazy("Amount carried out"),
    "executed": gettext_lazy("Executed amount"),
    "contractor": gettext_lazy("Contractor"),
    "corporate_number": gettext_lazy("Corporate number of the contractor"),
    "contract_title": gettext_lazy("Title of the contract"),
    "contract_method": gettext_lazy("Method of award"),
    "contract_amount": gettext_lazy("Amount of the contract"),
    "link": gettext_lazy("Link"),
}
