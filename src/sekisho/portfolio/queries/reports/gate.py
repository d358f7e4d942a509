"""A gate's dossier: what was asked, answered and shown, who looked, what was decided, and on what it rests."""

from collections import Counter

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from sekisho.book.models import AnswerValue, Gate, Waiver
from sekisho.book.queries.gate_page import CriterionRow, GatePage, gate_page
from sekisho.book.queries.gates import get_gate
from sekisho.errors import NotFound
from sekisho.people.notices import role_word
from sekisho.people.roles import Actor
from sekisho.portfolio.charts import Cell, Chart, Row
from sekisho.portfolio.documents import Column, Document, Picture, Section, Table, Value
from sekisho.portfolio.queries.reports.book import conditions
from sekisho.portfolio.queries.reports.common import as_of, column, day_of, facts, label, office
from sekisho.web.states import STATES

COLOURS = {"met": "c1", "partly": "c3", "not_met": "c5", "not_applicable": "none", "unanswered": "c6"}


def find(actor: Actor, about: str) -> Gate:
    """The gate with this number.

    Raises:
        NotFound: there is none, or this person may not see it.
    """
    number = int(about) if about.isascii() and about.isdigit() and len(about) < 16 else 0
    gate = get_gate(actor, number)
    if gate is None:
        raise NotFound(_("There is no such gate, or you may not see it."))
    return gate


def document(actor: Actor, about: str, asked: QueryDict) -> Document:
    """The gate with this number; NotFound where it may not be seen."""
    gate = find(actor, about)
    read = gate_page(gate, actor)
    decision = read.view.decision
    blockers = [message for _blocker, message in read.blockers]
    said = {"done": read.view.evaluation.answered, "all": read.view.evaluation.total}
    findings = [_("Criteria answered: %(done)s of %(all)s.") % said]
    if decision:
        findings.append(_("Decision: %(result)s.") % {"result": decision.get_result_display()})
    elif blockers:
        findings.append(_("What bars the way: %(n)s.") % {"n": len(blockers)})
    else:
        findings.append(_("Nothing bars the way."))
    return Document(
        title=_("Dossier: %(gate)s") % {"gate": gate.title},
        office=office(),
        about=[f"{gate.project.code} · {gate.project.local_name} · {gate.project.owner.local_name}", as_of()],
        findings=findings,
        sections=[
            _where(gate, blockers),
            _answers(read),
            _reviews(gate, read),
            _decisions(gate, read),
        ],
    )


def _where(gate: Gate, blockers: list[str]) -> Section:
    return Section(
        _("State"),
        [
            facts(
                (pgettext("criteria", "Standard"), gate.standard.title, "text"),
                (_("State"), str(STATES[gate.state].word), "text"),
                (_("Opened on"), day_of(gate.opened_at), "date"),
                (label(Gate, "due_on"), gate.due_on, "date"),
            ),
            Table(
                [Column(_("What bars the way"))],
                [[one] for one in blockers],
                _("Nothing bars the way."),
                _("What bars the way"),
            ),
        ],
    )


def _answers(read: GatePage) -> Section:
    rows = [row for group in read.groups for row in group.rows]
    counted = Counter(row.state for row in rows)
    names = {**dict(AnswerValue.choices), "unanswered": STATES["unanswered"].word}
    chart = Chart(
        name="answers",
        title=_("Answers"),
        finding=_("Criteria met: %(met)s of %(all)s.") % {"met": counted["met"], "all": len(rows)},
        definition=_("What the owner section says of each criterion that applies."),
        kind="stack",
        series=[str(name) for name in names.values()],
        colours=[COLOURS[code] for code in names],
        rows=[Row(_("Criteria"), [Cell(counted[code]) for code in names])],
    )
    tables = [
        Table(
            (
                Column(_("Code"), "code"),
                Column(_("Criterion")),
                Column(_("Answer"), "short"),
                Column(_("In words")),
                Column(_("Evidence and measurement")),
            ),
            [_criterion(row) for row in group.rows],
            _("No criterion applies here"),
            group.title,
        )
        for group in read.groups
    ]
    nothing = Table([], [], _("No criterion applies here"))
    return Section(_("Criteria and answers"), [Picture(chart), *tables] if rows else [nothing])


def _criterion(row: CriterionRow) -> list[Value]:
    shown = [" ".join(dict.fromkeys((one.title, one.url))).strip() for one in row.evidence]
    if (measured := row.measurement) is not None:
        value = _("not measured yet") if measured.value is None else f"{measured.value} {measured.unit}"
        shown.append(f"{measured.title}: {value} ({_('needed')}: {measured.demanded})")
    if row.waiver:
        shown.append(f"{_('Waived')}: {row.waiver.reason}")
    return [
        row.criterion.code,
        row.title,
        str(STATES[row.state].word),
        row.answer.comment if row.answer else "",
        "\n".join(shown),
    ]


def _reviews(gate: Gate, read: GatePage) -> Section:
    given: list[list[Value]] = [
        [
            str(one.reviewer),
            role_word(one.reviewer_role),
            str(one.get_recommendation_display()),
            one.comment,
            day_of(one.reviewed_at),
        ]
        for one in read.reviews
    ]
    found: list[list[Value]] = [
        [
            one.criterion,
            str(one.get_severity_display()),
            one.text,
            one.reply,
            str(one.get_state_display()),
        ]
        for one in gate.findings.order_by("id")
    ]
    return Section(
        _("Reviews"),
        [
            Table(
                (
                    Column(_("Who"), "short"),
                    Column(_("Role"), "short"),
                    Column(_("Recommendation"), "short"),
                    Column(_("In words")),
                    Column(_("Date"), "date"),
                ),
                given,
                _("Nobody has reviewed yet."),
            ),
            Table(
                (
                    Column(_("Criterion"), "code"),
                    Column(_("Weight"), "short"),
                    Column(_("Finding")),
                    Column(_("Reply")),
                    Column(_("State"), "short"),
                ),
                found,
                _("No finding was raised."),
                _("Findings"),
            ),
        ],
    )


def _decisions(gate: Gate, read: GatePage) -> Section:
    decided: list[list[Value]] = [
        [
            str(one.get_result_display()),
            one.reason,
            str(one.decided_by),
            day_of(one.decided_at),
            day_of(one.lapsed_at),
        ]
        for one in gate.decisions.select_related("decided_by")
    ]
    sent: list[list[Value]] = [
        [one.number, str(one.submitted_by or ""), day_of(one.submitted_at), one.sha256]
        for one in gate.submissions.select_related("submitted_by").defer("document")
    ]
    waived: list[list[Value]] = [
        [one.criterion, one.reason, str(one.granted_by), one.expires_on, day_of(one.revoked_at)]
        for one in gate.waivers.select_related("granted_by")
    ]
    return Section(
        _("Decisions"),
        [
            Table(
                (
                    Column(_("Decision"), "short"),
                    Column(_("Reason")),
                    Column(_("Who"), "short"),
                    Column(_("Date"), "date"),
                    Column(_("Lapsed on"), "date"),
                ),
                decided,
                _("Nothing is decided yet."),
            ),
            conditions(gate.conditions.all()),
            Table(
                (
                    Column(_("Criterion"), "code"),
                    column(Waiver, "reason"),
                    Column(_("Who"), "short"),
                    column(Waiver, "expires_on", "date"),
                    Column(_("Ended on"), "date"),
                ),
                waived,
                _("No criterion was waived."),
                _("Waivers"),
            ),
            Table(
                (
                    Column(_("Number"), "number"),
                    Column(_("Who"), "short"),
                    Column(_("Date"), "date"),
                    Column("SHA-256"),
                ),
                sent,
                _("Nothing was submitted yet."),
                _("Submissions"),
            ),
        ],
    )
