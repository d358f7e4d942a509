"""The charts by bureau: whose projects stand where, what they cost, what is overdue, where expertise is short."""

from collections.abc import Callable, Mapping

from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from sekisho.book.models import Phase
from sekisho.people.models import Organisation
from sekisho.people.roles import Actor
from sekisho.portfolio import figures as f
from sekisho.portfolio.charts import Cell, Chart, Row
from sekisho.portfolio.queries.figures import Filters, Sums, behind, bureaus, money_of
from sekisho.values import sentences
from sekisho.web.formats import date_long, yen_short

FIGURES = (f.PHASE, *f.MONEY, f.GATE_DUE, f.CONDITION_DUE, f.NO_REVIEWER, f.REVIEWED)
#: bureaus a chart shows, the largest first
SHOWN = 15
#: bureaus that a sentence names
NAMED = 3
_MOST_EACH = gettext_lazy("%(bureau)s run most projects: %(n)s each.")


class Heads:
    """The figures of each bureau: the sums of every organisation below it."""

    def __init__(self, actor: Actor, filters: Filters) -> None:
        self.filters = filters
        self.sums = Sums(actor, filters, FIGURES, by="organisation_id")
        self.below = {head: set(keys) for head, keys in bureaus(actor)}

    def total(self, head: Organisation, wanted: Callable[[f.Name], bool], *, amount: bool = False) -> int:
        """How many (or how much) of the figures wanted a bureau has."""
        below = self.below[head]
        return sum(
            worth.amount if amount else worth.n
            for (name, organisation), worth in self.sums.split.items()
            if organisation in below and wanted(name)
        )

    def rows(self, cells: Callable[[Organisation], list[Cell]]) -> list[Row]:
        """A row for each bureau that has anything, the largest first."""
        made = [Row(name_of(head), cells(head)) for head in self.below]
        found = [row for row in made if any(cell.value for cell in row.cells)]
        return sorted(found, key=lambda row: -row.total)

    def behind(self, head: Organisation, figure: str, **asked: object) -> str:
        """The list behind a bureau's number."""
        return behind(self.filters, figure, org=head.pk, **asked)


def name_of(head: Organisation) -> str:
    """A bureau's name; of one that was closed, since when it is no more."""
    if head.closed_on is None:
        return head.local_name
    day = date_long(head.closed_on, get_language())
    return _("%(name)s (closed on %(day)s)") % {"name": head.local_name, "day": day}


def charts(actor: Actor, filters: Filters) -> list[Chart]:
    """The page's charts, at most six."""
    heads = Heads(actor, filters)
    return [_phases(heads), _money(heads), _overdue(heads), _expertise(heads)]


def _definition(counted: str, rows: list[Row]) -> str:
    """What a chart counts, and how many bureaus it has no room for."""
    left = max(len(rows) - SHOWN, 0)
    words = ngettext("%(n)s smaller bureau is not shown.", "%(n)s smaller bureaus are not shown.", left)
    return sentences(counted, words % {"n": left} if left else "")


def _named(figure: str, key: str = "", year: int = 0) -> Callable[[f.Name], bool]:
    return lambda name: name == f.Name(figure, year, key)


def _before(figure: str, day: str) -> Callable[[f.Name], bool]:
    """The figure on all days before this one."""
    return lambda name: name.figure == figure and name.key < day


def _phases(heads: Heads) -> Chart:
    rows = heads.rows(
        lambda head: [
            Cell(heads.total(head, _named(f.PHASE, phase)), heads.behind(head, f.PHASE, key=phase))
            for phase in Phase.values
        ]
    )
    return Chart(
        name="by_bureau",
        title=gettext_lazy("Projects by bureau"),
        finding=_most(rows) if rows else _("No project is counted here"),
        definition=_definition(
            _("Running projects of each bureau and all sections below it, by phase."), rows
        ),
        kind="stack",
        series=[str(label) for label in Phase.labels],
        colours=("c3", "c2", "c4", "c1", "c6"),
        rows=rows[:SHOWN],
        wide=True,
    )


def _most(rows: list[Row]) -> str:
    """Whose projects are most; bureaus with as many are named together."""
    first = [row.title for row in rows if row.total == rows[0].total]
    words = _("%(bureau)s runs most projects: %(n)s.") if len(first) == 1 else _MOST_EACH
    named = _(", ").join(first[:NAMED]) + (" …" if len(first) > NAMED else "")
    return str(words) % {"bureau": named, "n": f"{rows[0].total:,}"}


def _money(heads: Heads) -> Chart:
    year, lang = heads.filters.year, get_language()
    names = money_of(year, heads.filters.today)[1:]

    def cells(head: Organisation) -> list[Cell]:
        amounts = [heads.total(head, _named(name, "", year), amount=True) for name in names]
        return [
            Cell(amount, heads.behind(head, name, of=year), yen_short(amount, lang))
            for name, amount in zip(names, amounts, strict=True)
        ]

    # not by the sum of what was approved, spent and is expected: these are the same money
    rows = sorted(heads.rows(cells), key=lambda row: [-cell.value for cell in row.cells])
    return Chart(
        name="money_by_bureau",
        title=gettext_lazy("Money by bureau"),
        finding=_("%(bureau)s has the largest sum.") % {"bureau": rows[0].title}
        if rows
        else _("No money is entered for this fiscal year."),
        definition=_definition(_("Yen of the fiscal year, over the projects of each bureau."), rows),
        kind="bars",
        series=[_("approved"), _("executed"), _("forecast")],
        colours=("c2", "c1", "c4"),
        rows=rows[:SHOWN],
    )


def _overdue(heads: Heads) -> Chart:
    today = heads.filters.today.isoformat()
    figures: Mapping[str, str] = {f.GATE_DUE: _("Gates"), f.CONDITION_DUE: _("Conditions")}
    rows = heads.rows(
        lambda head: [
            Cell(
                heads.total(head, _before(figure, today)),
                heads.behind(head, figure, high=today),
            )
            for figure in figures
        ]
    )
    n = len(rows)
    return Chart(
        name="overdue_by_bureau",
        title=gettext_lazy("Overdue by bureau"),
        finding=ngettext("%(n)s bureau has something overdue.", "%(n)s bureaus have something overdue.", n)
        % {"n": n}
        if rows
        else _("Nothing is overdue."),
        definition=_definition(_("Gates whose due date has passed, and conditions not met in time."), rows),
        kind="stack",
        series=list(figures.values()),
        colours=("r1", "r2"),
        rows=rows[:SHOWN],
    )


def _expertise(heads: Heads) -> Chart:
    rows = heads.rows(
        lambda head: [
            Cell(
                heads.total(head, _named(f.NO_REVIEWER, "yes")), heads.behind(head, f.NO_REVIEWER, key="yes")
            ),
            Cell(heads.total(head, _named(f.REVIEWED, "no")), heads.behind(head, f.REVIEWED, key="no")),
        ]
    )
    waiting = sum(row.cells[0].value for row in rows)
    return Chart(
        name="expertise",
        title=gettext_lazy("Where expertise is short"),
        finding=_("Submitted gates that wait although nobody was asked to review them: %(n)s.")
        % {"n": f"{waiting:,}"}
        if waiting
        else _("Every submitted gate has somebody to review it."),
        definition=_definition(
            _(
                "Submitted gates for which nobody was asked, and gates that were decided although no CIO aide or expert had looked."
            ),
            rows,
        ),
        kind="stack",
        series=[_("Nobody asked"), _("Decided without a review")],
        colours=("r1", "r3"),
        rows=rows[:SHOWN],
    )
