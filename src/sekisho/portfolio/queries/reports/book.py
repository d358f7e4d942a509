"""The book of a project as a report: every chapter, in the order the book's page has them."""

from collections.abc import Iterable

from django.db.models import Max, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from sekisho.book.models import (
    BudgetYear,
    Condition,
    Contract,
    Gate,
    Goal,
    Interface,
    Link,
    Membership,
    Milestone,
    Module,
    Project,
    Release,
    RetirementItem,
    Risk,
    StatusReport,
)
from sekisho.book.queries import book_page as read
from sekisho.book.words_values import source_texts, source_word
from sekisho.errors import NotFound
from sekisho.people.roles import Actor
from sekisho.portfolio.charts import Cell, Chart, Row
from sekisho.portfolio.documents import Column, Document, Picture, Section, Table, Value, Words
from sekisho.portfolio.queries.operation import charts as operation_charts
from sekisho.portfolio.queries.operation import incident_rows, month_rows
from sekisho.portfolio.queries.reports.common import as_of, column, day_of, fact, facts, label, office
from sekisho.voice.quality import current_rule
from sekisho.voice.queries.quality import history, title
from sekisho.web.formats import fiscal_year, month, yen_short
from sekisho.web.states import STATES

#: months and rows a chapter shows; the book's own page has all
MONTHS = 36


def find(actor: Actor, about: str) -> Project:
    """The book with this code.

    Raises:
        NotFound: there is none, or this person may not see it.
    """
    seen = Project.objects.visible_to(actor).select_related("owner")
    project = seen.filter(code=about.replace("\x00", "")).first()
    if project is None:
        raise NotFound(_("There is no such book, or you may not see it."))
    return project


def document(actor: Actor, about: str, asked: QueryDict) -> Document:
    """The book with this code; NotFound where it may not be seen."""
    project = find(actor, about)
    gates, rows = read.phase_gates(project), read.rows_of(project)
    conditions = rows.conditions
    view = read.current_view(project, gates, rows)
    blockers = [message for _blocker, message in view.messages()] if view and not project.is_closed else []
    sections = [
        _what(project, blockers, conditions),
        _phases(project, gates),
        _money(project),
        _milestones(project),
        _status(project),
        _releases(project),
        _operation(project),
        _risks(project),
        _people(project),
        _parts(project),
        *_retirement(project),
        *_ledger(actor, project),
    ]
    return Document(
        title=_("The book of %(project)s") % {"project": project.local_name},
        office=office(),
        about=[f"{project.code} · {project.owner.local_name}", as_of()],
        findings=_findings(project, blockers),
        sections=sections,
    )


def _findings(project: Project, blockers: list[str]) -> list[str]:
    lang, found = get_language(), []
    if project.retired_at or project.stopped_at:
        found.append(str(STATES["retired" if project.retired_at else "stop"].word))
    else:
        found.append(_("The project is in the phase “%(phase)s”.") % {"phase": project.get_phase_display()})
    if blockers:
        found.append(_("What bars the way to the next phase: %(n)s.") % {"n": len(blockers)})
    if project.money_this_year:
        found.append(_("Money this year: %(amount)s.") % {"amount": yen_short(project.money_this_year, lang)})
    found.append(_("Confidence: %(words)s.") % {"words": read.confidence_word(project.confidence)})
    return found


def _what(project: Project, blockers: list[str], conditions: list[Condition]) -> Section:
    audience = {
        "for_citizens": project.for_citizens,
        "for_businesses": project.for_businesses,
        "for_staff": project.for_staff,
    }
    whom = _(", ").join(label(Project, name) for name, meant in audience.items() if meant)
    years = [fiscal_year(y, get_language()) if y else "" for y in (project.start_year, project.end_year)]
    known_as = list(project.external_ids.all())
    ids = _(", ").join(f"{source_word(known.scheme)} {known.value}" for known in known_as)
    texts = [line for known in known_as for line in source_texts(known.imported)]
    owed = [[one.what, one.who, one.due] for one in read.owed(project, conditions, timezone.localdate())]
    return Section(
        _("What it is"),
        [
            Words(project.purpose),
            Words(project.summary),
            *(Words(f"{heading}\n{text}") for heading, text in texts),
            facts(
                fact(project, "code", "code"),
                (label(Project, "owner"), project.owner.local_name, "text"),
                fact(project, "tier"),
                fact(project, "tier_reason"),
                fact(project, "phase"),
                (_("For whom"), whom, "text"),
                fact(project, "personal_data"),
                fact(project, "information_class"),
                fact(project, "network_zone"),
                fact(project, "development_form"),
                (label(Project, "start_year"), years[0], "text"),
                (label(Project, "end_year"), years[1], "text"),
                (_("Ids in other systems"), ids, "text"),
            ),
            Table(
                [Column(_("What bars the way"))],
                [[one] for one in blockers],
                _("Nothing bars the way."),
                _("What bars the way"),
            ),
            Table(
                [Column(_("What")), Column(_("Who"), "short"), Column(_("By when"), "date")],
                owed,
                _("Nobody owes anything."),
                _("Who owes what by when"),
            ),
        ],
    )


def _phases(project: Project, gates: dict[str, Gate]) -> Section:
    chapters = read.phase_chapters(project, gates, read.entries_of(project), (), None)
    rows: list[list[Value]] = []
    for chapter in chapters:
        entry, decision = chapter.entry, chapter.decision
        state = "skipped" if entry and entry.not_needed else chapter.gate.state if chapter.gate else ""
        rows.append(
            [
                str(chapter.phase.label),
                str(STATES[state].word) if state in STATES else _("lies ahead"),
                day_of(entry.entered_at) if entry else None,
                str(decision.get_result_display()) if decision else None,
                day_of(decision.decided_at) if decision else None,
                decision.reason if decision else entry.reason if entry else None,
            ]
        )
    columns = (
        column(Project, "phase", "short"),
        Column(_("State"), "short"),
        Column(_("entered"), "date"),
        Column(_("Decision"), "short"),
        Column(_("Decided on"), "date"),
        Column(_("Reason")),
    )
    return Section(
        _("Phases"), [Table(columns, rows, _("No phase has begun.")), conditions(project.conditions.all())]
    )


def conditions(found: QuerySet[Condition]) -> Table:
    """Conditions with whether each is met."""
    rows: list[list[Value]] = [
        [one.text, str(one.owner), one.due_on, day_of(one.resolved_at), one.resolution]
        for one in found.select_related("owner")
    ]
    columns = (
        column(Condition, "text"),
        column(Condition, "owner", "short"),
        column(Condition, "due_on", "date"),
        Column(_("Met on"), "date"),
        column(Condition, "resolution"),
    )
    return Table(columns, rows, _("No decision set a condition."), _("Conditions"))


def _money(project: Project) -> Section:
    years, lang = list(project.budget_years.all()), get_language()
    names = ("requested", "approved", "executed")
    chart = Chart(
        name="money",
        title=_("Money by fiscal year"),
        finding=_("Fiscal years entered: %(n)s.") % {"n": len(years)},
        definition=_("Yen of each fiscal year as entered in the book."),
        kind="bars",
        series=[label(BudgetYear, name) for name in names],
        colours=("c6", "c2", "c1"),
        rows=[
            Row(
                fiscal_year(year.fiscal_year, lang),
                [Cell(getattr(year, name) or 0, "", yen_short(getattr(year, name), lang)) for name in names],
            )
            for year in years[-8:]
        ],
    )
    rows: list[list[Value]] = [
        [
            fiscal_year(year.fiscal_year, lang),
            *(getattr(year, name) for name in BudgetYear.AMOUNTS),
            year.available,
        ]
        for year in years
    ]
    columns = (
        column(BudgetYear, "fiscal_year", "text"),
        *(column(BudgetYear, name, "yen") for name in BudgetYear.AMOUNTS),
        Column(_("may be spent"), "yen"),
    )
    table = Table(columns, rows, _("No money is entered yet."))
    return Section(_("Money"), [Picture(chart, beside_table=True), table] if years else [table])


def _milestones(project: Project) -> Section:
    lines, baselines = read.milestones(project)
    rows: list[list[Value]] = [
        [
            line.milestone.name,
            line.promised,
            line.latest,
            line.milestone.planned_on,
            line.milestone.done_on,
            line.slip,
        ]
        for line in lines
    ]
    columns = (
        column(Milestone, "name"),
        Column(_("First baseline"), "date"),
        Column(_("Latest baseline"), "date"),
        column(Milestone, "planned_on", "date"),
        column(Milestone, "done_on", "date"),
        Column(_("Days late"), "number"),
    )
    fixed: list[list[Value]] = [[one.number, day_of(one.fixed_at), one.reason] for one in baselines]
    return Section(
        _("Milestones"),
        [
            Table(columns, rows, _("No milestone is planned yet.")),
            Table(
                (Column(_("Number"), "number"), Column(_("Fixed on"), "date"), Column(_("Reason"))),
                fixed,
                _("No baseline is fixed yet."),
                _("Baselines"),
            ),
        ],
    )


def _status(project: Project) -> Section:
    reports, lang = list(read.statuses(project)[:MONTHS]), get_language()
    sides = ("schedule", "cost", "scope", "quality")
    chart = Chart(
        name="confidence",
        title=_("Confidence by month"),
        finding=read.confidence_word(project.confidence),
        definition=_(
            "The lowest of schedule, cost, scope and quality, from 1 (very worried) to 5 (very confident)."
        ),
        kind="bars",
        series=[_("Confidence")],
        colours=("c1",),
        rows=[Row(month(one.month, lang), [Cell(one.lowest)]) for one in reversed(reports[:12])],
    )
    rows: list[list[Value]] = [
        [one.month, *(getattr(one, side) for side in sides), one.words] for one in reports
    ]
    columns = (
        column(StatusReport, "month", "month"),
        *(column(StatusReport, side, "number") for side in sides),
        column(StatusReport, "words"),
    )
    table = Table(columns, rows, _("No month is reported yet."))
    return Section(_("Monthly status"), [Picture(chart, beside_table=True), table] if reports else [table])


def releases_table(found: Iterable[Release], *, with_project: bool = False) -> Table:
    """Releases, newest first; with their projects where they are of many."""
    heads = (
        *((Column(_("Code"), "code"),) if with_project else ()),
        column(Release, "version", "code"),
        column(Release, "name"),
        column(Release, "kind", "short"),
        column(Release, "planned_on", "date"),
        Column(_("Released on"), "date"),
        column(Release, "emergency_reason"),
    )
    rows: list[list[Value]] = [
        [
            *((one.project.code,) if with_project else ()),
            one.version,
            one.name,
            _("Emergency") if one.emergency else str(one.get_kind_display()),
            one.planned_on,
            day_of(one.released_at),
            one.emergency_reason,
        ]
        for one in found
    ]
    return Table(heads, rows, _("Nothing was released."))


def _releases(project: Project) -> Section:
    return Section(_("Releases"), [releases_table(project.releases.all())])


def _operation(project: Project) -> Section:
    rule = current_rule()
    levels: list[list[Value]] = [
        [fiscal_year(one.fiscal_year, get_language()), title(rule, one.level)] for one in history(project)
    ]
    return Section(
        _("Quality and operation"),
        [
            Table(
                (Column(_("Fiscal year"), "short"), Column(_("Quality level"))),
                levels,
                _("No service is judged yet."),
                _("Quality level"),
            ),
            *(Picture(chart, beside_table=True) for chart in operation_charts(project) if not chart.is_empty),
            month_rows(project, MONTHS),
            incident_rows(project, MONTHS),
        ],
    )


def _risks(project: Project) -> Section:
    rows: list[list[Value]] = [
        [
            str(one.get_kind_display()),
            one.title,
            str(one.get_weight_display()),
            str(one.owner or ""),
            one.due_on,
            day_of(one.closed_at),
            one.outcome,
        ]
        for one in project.risks.select_related("owner")
    ]
    columns = (
        column(Risk, "kind", "short"),
        column(Risk, "title"),
        column(Risk, "weight", "short"),
        column(Risk, "owner", "short"),
        column(Risk, "due_on", "date"),
        Column(_("Closed on"), "date"),
        column(Risk, "outcome"),
    )
    return Section(_("Risks and questions"), [Table(columns, rows, _("No risk or question is noted."))])


def _people(project: Project) -> Section:
    members: list[list[Value]] = [
        [str(one.user), str(one.get_part_display()), one.note]
        for one in project.memberships.select_related("user")
    ]
    contracts: list[list[Value]] = [
        [
            one.contractor.name,
            one.title,
            one.method,
            fiscal_year(one.fiscal_year, get_language()) if one.fiscal_year else None,
            one.amount,
        ]
        for one in project.contracts.select_related("contractor")
    ]
    return Section(
        _("People"),
        [
            Table(
                (column(Membership, "user"), column(Membership, "part", "short"), column(Membership, "note")),
                members,
                _("Nobody is named on this book yet."),
            ),
            Table(
                (
                    column(Contract, "contractor"),
                    column(Contract, "title"),
                    column(Contract, "method", "short"),
                    column(Contract, "fiscal_year", "short"),
                    column(Contract, "amount", "yen"),
                ),
                contracts,
                _("No contract is entered."),
                _("Contracts"),
            ),
        ],
    )


def _parts(project: Project) -> Section:
    goals: list[list[Value]] = [[one.text, one.baseline, one.target, one.unit] for one in project.goals.all()]
    modules: list[list[Value]] = [[one.name, one.purpose, one.supplier] for one in project.modules.all()]
    interfaces: list[list[Value]] = [
        [one.counterpart, str(one.get_direction_display()), one.method, one.data]
        for one in project.interfaces.all()
    ]
    links: list[list[Value]] = [[one.title, one.url] for one in project.links.all()]
    nothing = _("Nothing is entered here yet.")
    return Section(
        _("Goals, parts and links"),
        [
            Table(
                [column(Goal, name) for name in ("text", "baseline", "target", "unit")],
                goals,
                nothing,
                _("Goals"),
            ),
            Table(
                [column(Module, name) for name in ("name", "purpose", "supplier")],
                modules,
                nothing,
                _("Modules"),
            ),
            Table(
                [column(Interface, name) for name in ("counterpart", "direction", "method", "data")],
                interfaces,
                nothing,
                _("Interfaces"),
            ),
            Table([column(Link, name) for name in ("title", "url")], links, nothing, _("Links")),
        ],
    )


def _retirement(project: Project) -> list[Section]:
    """What holds data and whether its destruction is proved; only once there is such a list."""
    lines = read.retirement_lines(project)
    if not lines:
        return []
    rows: list[list[Value]] = [
        [
            item.name,
            item.location,
            str(item.get_method_display()),
            item.done_on,
            item.witness,
            _(", ").join(missing) or _("Proved"),
        ]
        for item, missing in lines
    ]
    columns = (
        column(RetirementItem, "name"),
        column(RetirementItem, "location"),
        column(RetirementItem, "method", "short"),
        column(RetirementItem, "done_on", "date"),
        column(RetirementItem, "witness", "short"),
        Column(_("Still missing")),
    )
    return [Section(_("Retirement"), [Table(columns, rows, "")])]


def _ledger(actor: Actor, project: Project) -> list[Section]:
    """What the report rests on: how long the ledger is and the hash it ends with, for who may read it."""
    if not actor.may("read_ledger", path=project.owner.path, project_id=project.pk):
        return []
    last = project.ledger.order_by("-seq").first()
    count = project.ledger.aggregate(last=Max("seq"))["last"] or 0
    lines = facts(
        (_("Entries"), count, "number"),
        (_("Last act"), day_of(last.at) if last else None, "date"),
        (_("Hash of the last entry"), last.hash if last else None, "code"),
    )
    return [Section(_("Ledger"), [lines])]
